"""Read an SBML file of first-order reactions into a linear model (extra `exchange`: python-libsbml).

    ds/dt = A s,   outputs = constant + weights . s

What is read: Level 2 and 3; compartments of constant size; species as concentration or amount; global and local
parameters; initial assignments that are constants; assignment rules that are sums of species; boundary and constant
species (they drive, and stay); function definitions; reactions whose kinetic law is constant x one species, or a
difference of two such terms (reversible). What is not read is refused in one sentence, never dropped: a second-order
or saturable law, a zero-order source, events, rate and algebraic rules, delays, required packages.
A file from outside is not trusted: its size, depth and document type are checked before libsbml sees it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np

from endplate.errors import ExchangeError
from endplate.model.junction.linear import states
from endplate.model.junction.sbml_law import Law, Laws, refused

LARGEST_BYTES = 2_000_000
DEEPEST = 100
MOST_ELEMENTS = 50_000
MOST_CHILDREN = 100  # of one MathML <apply>: libsbml nests them, one level each
MOST_SPECIES = 200
SUBSET = "Only first-order mass-action models are read."


@dataclass(frozen=True)
class LinearModel:
    """A linear model. Time is in the file's own unit (`time_unit_s` seconds, None where the file does not say)."""

    id: str
    species: tuple[str, ...]
    matrix: np.ndarray  # (n, n) per time unit
    initial: np.ndarray  # (n,) concentration, or amount where the file says so
    outputs: dict[str, tuple[float, np.ndarray]]  # assignment rules: name -> (constant, weights (n,))
    time_unit_s: float | None

    def course(self, times: Any) -> np.ndarray:
        """(t,) in the file's time unit -> (t, n), in the order of `species`."""
        return states(self.matrix, self.initial, times)

    def output(self, name: str, course: np.ndarray) -> np.ndarray:
        """A species or an assignment rule read off a course: (t, n) -> (t,)."""
        if name in self.species:
            return course[:, self.species.index(name)]
        if name not in self.outputs:
            raise ExchangeError(
                f"The model has no `{name}`.", f"It has {', '.join((*self.species, *self.outputs))}.", ""
            )
        constant, weights = self.outputs[name]
        return constant + course @ weights


def read_linear_model(source: str | Path | bytes) -> LinearModel:
    """Read a path, or the bytes of a file.

    Raises:
        ExchangeError: python-libsbml is missing, the file cannot be read, or it lies outside the subset.
    Sources: BIOMD0000000267 and BIOMD0000000178 (rows M2, M3) are its reference files.
    """
    libsbml = _libsbml()
    document = libsbml.readSBMLFromString(_checked_text(_bytes(source)))
    worst = [document.getError(i) for i in range(document.getNumErrors())]
    worst = [e for e in worst if e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR]
    if worst:
        message = " ".join(worst[0].getMessage().split())[:200]
        raise ExchangeError(f"The file is not valid SBML: {message}", "", "Check it with an SBML validator.")
    model = document.getModel()
    if model is None:
        raise ExchangeError("The file holds no SBML model.", "", "Give an SBML Level 2 or 3 file.")
    _refuse_what_is_outside(document, model)
    laws = Laws(libsbml, model)
    names = laws.state_names
    if not names or len(names) > MOST_SPECIES:
        raise refused(f"It has {len(names)} species; 1 to {MOST_SPECIES} can be read")
    initial = np.array([laws.initial_value(name) for name in names])
    matrix = _matrix(model, laws)
    outputs = {v: _weights(laws.symbol(v), names) for v in laws.ruled}
    return LinearModel(model.getId()[:200], names, matrix, initial, outputs, _time_unit_s(libsbml, model))


def _libsbml() -> Any:
    try:
        import libsbml
    except ImportError:
        raise ExchangeError(
            "python-libsbml is not installed.",
            "Reading SBML needs it.",
            "Install it: pip install 'endplate[exchange]'",
        ) from None
    return libsbml


def _bytes(source: str | Path | bytes) -> bytes:
    if isinstance(source, bytes):
        data = source[: LARGEST_BYTES + 1]
    else:
        try:
            with Path(source).open("rb") as file:
                data = file.read(LARGEST_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a usable path"
            raise ExchangeError(
                f"`{source!s:.200}` cannot be read: {reason}.", "", "Give an SBML file."
            ) from None
    if len(data) > LARGEST_BYTES:
        raise ExchangeError(
            "The file is larger than 2 MB.", "SBML up to 2 MB is read.", "Remove annotations or split it."
        )
    return data


def _checked_text(data: bytes) -> str:
    """The file as text, once it is known to be plain, shallow, well-formed UTF-8 XML without a document type."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ExchangeError(
            "The file is not UTF-8 text.", "SBML is read as UTF-8 XML.", "Save it as UTF-8."
        ) from None
    children: list[tuple[str, int]] = []
    seen = 0

    def opened(name: str, _attributes: dict[str, str]) -> None:
        nonlocal seen
        seen += 1
        if children:
            tag, count = children[-1]
            children[-1] = (tag, count + 1)
            if count >= MOST_CHILDREN and tag.split(":")[-1] in {"apply", "lambda", "piecewise", "piece"}:
                raise ExchangeError(
                    f"A formula has more than {MOST_CHILDREN} terms.", SUBSET, "Simplify the model."
                )
        children.append((name, 0))
        if len(children) > DEEPEST or seen > MOST_ELEMENTS:
            raise ExchangeError("The XML is nested too deeply or too long.", SUBSET, "Simplify the model.")

    def doctype(*_: object) -> None:
        raise ExchangeError(
            "The file declares a document type.", "SBML has none.", "Remove the DOCTYPE line."
        )

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = opened, lambda _name: children.pop()
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        raise ExchangeError(f"The file is not XML: {error}.", "", "Give an SBML file.") from None
    return text


def _refuse_what_is_outside(document: Any, model: Any) -> None:
    if document.getLevel() not in (2, 3):
        raise refused(f"It is SBML Level {document.getLevel()}; Levels 2 and 3 are read")
    packages = [document.getPlugin(i).getPackageName() for i in range(document.getNumPlugins())]
    for package in packages if document.getLevel() == 3 else ():  # Level 2 knows annotations, not packages
        # Core of Level 3 Version 2, which libsbml shows as a package of its own.
        if package != "l3v2extendedmath" and document.getPackageRequired(package):
            raise refused(f"It requires the SBML package `{package}`")
    counted = {"an event": model.getNumEvents(), "a constraint": model.getNumConstraints()}
    for what, count in counted.items():
        if count:
            raise refused(f"It has {what}")
    if model.isSetConversionFactor() or any(s.isSetConversionFactor() for s in model.getListOfSpecies()):
        raise refused("It uses a conversion factor")


def _matrix(model: Any, laws: Laws) -> np.ndarray:
    names = laws.state_names
    place = {name: index for index, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)))
    for reaction in model.getListOfReactions():
        law = laws.kinetic(reaction)
        for name, change in laws.stoichiometry(reaction).items():
            for driver, rate in law.weights.items():
                matrix[place[name], place[driver]] += change * rate / laws.size_of(name)
    off_diagonal = matrix - np.diag(np.diag(matrix))
    if not np.all(np.isfinite(matrix)) or np.any(off_diagonal < 0):
        raise refused("A kinetic law is not first order in the species that it consumes")
    return matrix


def _weights(law: Law, names: tuple[str, ...]) -> tuple[float, np.ndarray]:
    return law.constant, np.array([law.weights.get(name, 0.0) for name in names])


def _time_unit_s(libsbml: Any, model: Any) -> float | None:
    """Seconds in the file's unit of time; None where it says nothing that is a time."""
    unit_id = model.getTimeUnits() if model.getLevel() == 3 else "time"
    definition = model.getUnitDefinition(unit_id) if unit_id else None
    if definition is None:
        return 1.0 if unit_id == "second" or model.getLevel() == 2 else None
    if definition.getNumUnits() != 1 or definition.getUnit(0).getKind() != libsbml.UNIT_KIND_SECOND:
        return None
    unit = definition.getUnit(0)
    seconds = unit.getMultiplier() * 10.0 ** min(max(unit.getScale(), -300), 300)
    return seconds if unit.getExponent() == 1 and math.isfinite(seconds) and seconds > 0 else None
