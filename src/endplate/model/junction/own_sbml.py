"""Our models as SBML Level 3 Version 2 documents (extra `exchange`: python-libsbml).

`junction_sbml` writes the equations of `response` for one endplate and one injection: depot and light chain in units of
the level at which cleavage is as fast as turnover, intact SNARE, release, silence, sprouts, quantal content. The lag is
an event that fills the depot. `chain_sbml` writes an unbranched first-order chain such as entry.

Every quantity has a unit, amounts being relative; parameters carry the values given and can be changed in any
simulator. The same input gives the same bytes: no date, no program version.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from endplate.errors import ExchangeError
from endplate.model.junction.sbml import _libsbml
from endplate.model.parameters import ParameterSet

SECONDS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}
NONE = "dimensionless"

# id in the document, id in the catalogue, unit, meaning
PARAMETERS = (
    ("supply_half_life", "junction.supply_half_life", "day", "half-life of the depot that feeds the light chain"),
    ("light_chain_half_life", "junction.light_chain_half_life.{serotype}", "day", "half-life of the light chain"),
    ("lag", "junction.lag", "day", "time from the injection to the first light chain"),
    ("turnover_half_life", "junction.snare_turnover_half_life", "day", "half-life of SNARE proteins at rest"),
    ("power", "junction.release_power", NONE, "release is intact SNARE to this power"),
    ("safety_factor", "junction.safety_factor.{muscle_class}", NONE, "safety factor of a median fibre"),
    ("sprout_delay", "junction.sprout_delay", "day", "time over which the nerve answers to silence"),
    ("retraction_half_life", "junction.sprout_retraction_half_life", "day", "half-life of sprouts"),
    ("sprout_share", "junction.sprout_share", NONE, "quantal content that full sprouting restores"),
)  # fmt: skip
POOLS = (
    ("depot", 0.0, "toxin on its way, as light chain"),
    ("light_chain", 0.0, "light chain over the level at which cleavage is as fast as turnover"),
    ("intact", 1.0, "intact SNARE, share of rest"),
)
# id, what it takes, what it makes, what it reads besides, rate
REACTIONS = (
    ("supply", "depot", "light_chain", None, "ln(2 dimensionless) / supply_half_life * depot"),
    ("decay", "light_chain", None, None, "ln(2 dimensionless) / light_chain_half_life * light_chain"),
    ("renewal", None, "intact", None, "ln(2 dimensionless) / turnover_half_life"),
    ("turnover", "intact", None, None, "ln(2 dimensionless) / turnover_half_life * intact"),
    ("cleavage", "intact", None, "light_chain", "ln(2 dimensionless) / turnover_half_life * light_chain * intact"),
)  # fmt: skip
ASSIGNED = (
    ("gain", "safety_factor^(1 dimensionless / power) - 1 dimensionless", "makes exposure 1 half a block"),
    ("release", "intact^power", "release over its value at rest"),
    ("quantal_content", "min(1 dimensionless, release + sprout_share * sprouts)", "over its value at rest"),
)
RATES = (
    (
        "silence",
        "(1 dimensionless - release - silence) / sprout_delay",
        "missing release, as the nerve sees it",
    ),
    ("sprouts", "ln(2 dimensionless) / retraction_half_life * (silence - sprouts)", "share of the most"),
)


def junction_sbml(
    parameters: ParameterSet, exposure: float, *, serotype: str = "a", muscle_class: str = "mimic"
) -> str:
    """The junction after one injection at time 0; time in days.

    Args:
        parameters: `junction.*`; the first draw is written.
        exposure: exposure over threshold.
    Raises:
        ExchangeError: python-libsbml is missing, or a value is not finite.
    """
    lib = _libsbml()
    chosen = {"serotype": serotype, "muscle_class": muscle_class}
    values = [float(parameters[catalogued.format(**chosen)][0]) for _, catalogued, _, _ in PARAMETERS]
    document, model = _document(lib, "endplate_junction", "day")
    for (own, _, unit, meaning), value in zip(PARAMETERS, values, strict=True):
        _parameter(model, own, unit, value, meaning)
    _parameter(model, "exposure", NONE, float(exposure), "exposure over threshold")
    for own, start, meaning in POOLS:
        _pool(model, own, start, meaning)
    for own, formula, meaning in ASSIGNED:
        _set(model.createParameter(), id=own, units=NONE, constant=False, name=meaning)
        _set(model.createAssignmentRule(), variable=own, math=_formula(lib, formula))
    for own, formula, meaning in RATES:
        _set(model.createParameter(), id=own, value=0.0, units=NONE, constant=False, name=meaning)
        _set(model.createRateRule(), variable=own, math=_formula(lib, formula))
    for reaction in REACTIONS:
        _reaction(lib, model, *reaction)
    event = model.createEvent()
    _set(event, id="arrival", use_values_from_trigger_time=True)
    _set(event.createTrigger(), initial_value=False, persistent=True, math=_formula(lib, "time >= lag"))
    _set(event.createEventAssignment(), variable="depot", math=_formula(lib, "depot + gain * exposure"))
    return lib.writeSBMLToString(document)


def chain_sbml(pools: Sequence[str], rates: Sequence[float], *, time_unit: str = "minute") -> str:
    """A chain that starts with 1 in its first pool: pool i drains at rates[i], the last one out of the model.

    Args:
        pools: names, letters and underscores.
        rates: per `time_unit`; one fewer than pools where the last pool keeps what it has.
    Raises:
        ExchangeError: python-libsbml is missing, a rate is not finite, or a name or unit that cannot be written.
    """
    lib = _libsbml()
    if time_unit not in SECONDS or not 0 <= len(pools) - len(rates) <= 1:
        raise ExchangeError(
            f"{len(rates)} rates of {len(pools)} pools per {time_unit}.",
            "",
            f"Time units: {', '.join(SECONDS)}.",
        )
    document, model = _document(lib, "endplate_chain", time_unit)
    for place, pool in enumerate(pools):
        _pool(model, pool, float(place == 0), pool)
    for place, (pool, rate) in enumerate(zip(pools, rates, strict=False)):
        _parameter(model, f"rate_{pool}", f"per_{time_unit}", float(rate), f"rate at which {pool} drains")
        made = pools[place + 1] if place + 1 < len(pools) else None
        _reaction(lib, model, f"leaving_{pool}", pool, made, None, f"rate_{pool} * {pool}")
    return lib.writeSBMLToString(document)


def _document(lib: Any, name: str, time_unit: str) -> tuple[Any, Any]:
    document = lib.SBMLDocument(3, 2)
    model = document.createModel()
    _set(model, id=name, time_units=time_unit, substance_units=NONE, extent_units=NONE, volume_units=NONE)
    for unit, exponent in ((time_unit, 1), (f"per_{time_unit}", -1)):
        definition = model.createUnitDefinition()
        _set(definition, id=unit)
        _set(
            definition.createUnit(),
            kind=lib.UNIT_KIND_SECOND,
            exponent=exponent,
            scale=0,
            multiplier=SECONDS[time_unit],
        )
    _set(model.createCompartment(), id="terminal", constant=True, size=1.0, spatial_dimensions=3, units=NONE)
    return document, model


def _parameter(model: Any, own: str, unit: str, value: float, meaning: str) -> None:
    if not math.isfinite(value):
        raise ExchangeError(f"`{own}` is {value}.", "Values are finite.", "Correct the parameters.")
    _set(model.createParameter(), id=own, value=value, units=unit, constant=True, name=meaning)


def _pool(model: Any, own: str, start: float, meaning: str) -> None:
    _set(
        model.createSpecies(),
        id=own,
        compartment="terminal",
        initial_amount=start,
        substance_units=NONE,
        has_only_substance_units=True,
        boundary_condition=False,
        constant=False,
        name=meaning,
    )


def _reaction(
    lib: Any, model: Any, own: str, taken: str | None, made: str | None, read: str | None, rate: str
) -> None:
    reaction = model.createReaction()
    _set(reaction, id=own, reversible=False)
    if taken:
        _set(reaction.createReactant(), species=taken, stoichiometry=1.0, constant=True)
    if made:
        _set(reaction.createProduct(), species=made, stoichiometry=1.0, constant=True)
    if read:
        _set(reaction.createModifier(), species=read)
    _set(reaction.createKineticLaw(), math=_formula(lib, rate))


def _formula(lib: Any, text: str) -> Any:
    settings = lib.L3ParserSettings()
    settings.setParseUnits(True)
    return lib.parseL3FormulaWithSettings(text, settings)


def _set(record: Any, **values: Any) -> None:
    """record.setThatName(value) for each that_name=value; libsbml returns a number where it did not take it."""
    for name, value in values.items():
        setter = "set" + "".join(part.capitalize() for part in name.split("_"))
        if getattr(record, setter)(value):
            raise ExchangeError(f"SBML does not take {value!s:.60} as {name}.", "", "Choose another.")
