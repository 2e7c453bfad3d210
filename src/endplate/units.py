"""Physical units as the catalogue writes them, and doses that belong to a product.

`parse_unit` reads strings such as "mm^2/s" or "1/(nM*min)". Units of toxin ("U") are a dimension of their own: nothing
turns them into mass. `Dose` keeps units with their product; units of different products are never added or compared.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from endplate.errors import CatalogueError, PlanError

_NAMES = ("length", "time", "mass", "amount", "current", "temperature", "angle", "toxin")
_ONE = (0,) * len(_NAMES)


def _dimensions(**powers: int) -> tuple[int, ...]:
    return tuple(powers.get(name, 0) for name in _NAMES)


_LENGTH, _TIME, _MASS = _dimensions(length=1), _dimensions(time=1), _dimensions(mass=1)
_AMOUNT, _VOLUME = _dimensions(amount=1), _dimensions(length=3)
_MOLAR = _dimensions(amount=1, length=-3)
_VOLT = _dimensions(mass=1, length=2, time=-3, current=-1)
_SIEMENS = _dimensions(mass=-1, length=-2, time=3, current=2)
_PASCAL = _dimensions(mass=1, length=-1, time=-2)

#: unit -> (powers of the dimensions, size in SI units: m, s, kg, mol, A, K, rad; U stays U)
_UNITS: dict[str, tuple[tuple[int, ...], float]] = {
    "1": (_ONE, 1.0),
    "%": (_ONE, 0.01),
    "m": (_LENGTH, 1.0),
    "cm": (_LENGTH, 1e-2),
    "mm": (_LENGTH, 1e-3),
    "um": (_LENGTH, 1e-6),
    "nm": (_LENGTH, 1e-9),
    "L": (_VOLUME, 1e-3),
    "mL": (_VOLUME, 1e-6),
    "us": (_TIME, 1e-6),
    "ms": (_TIME, 1e-3),
    "s": (_TIME, 1.0),
    "min": (_TIME, 60.0),
    "h": (_TIME, 3600.0),
    "d": (_TIME, 86400.0),
    "weeks": (_TIME, 7 * 86400.0),
    "months": (_TIME, 365.25 / 12 * 86400.0),
    "years": (_TIME, 365.25 * 86400.0),
    "Hz": (_dimensions(time=-1), 1.0),
    "pg": (_MASS, 1e-15),
    "ng": (_MASS, 1e-12),
    "mg": (_MASS, 1e-6),
    "g": (_MASS, 1e-3),
    "kg": (_MASS, 1.0),
    "mol": (_AMOUNT, 1.0),
    "M": (_MOLAR, 1e3),
    "uM": (_MOLAR, 1e-3),
    "nM": (_MOLAR, 1e-6),
    "pM": (_MOLAR, 1e-9),
    "nA": (_dimensions(current=1), 1e-9),
    "mV": (_VOLT, 1e-3),
    "pS": (_SIEMENS, 1e-12),
    "kPa": (_PASCAL, 1e3),
    "K": (_dimensions(temperature=1), 1.0),
    "rad": (_dimensions(angle=1), 1.0),
    "deg": (_dimensions(angle=1), math.pi / 180),
    "U": (_dimensions(toxin=1), 1.0),
}
_TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z%]+)|(?P<one>1)|(?P<mark>[*/()])|\^(?P<power>-?[1-9]))")


@dataclass(frozen=True)
class Unit:
    """A parsed unit.

    Attributes:
        text: the unit as written.
        dimensions: (name, power) pairs, in a fixed order, without zero powers; empty for a pure number.
        factor: size in SI units (m, s, kg, mol, A, K, rad); the toxin unit U keeps its own dimension with factor 1.
    """

    text: str
    dimensions: tuple[tuple[str, int], ...]
    factor: float

    def ratio_to(self, other: Unit) -> float:
        """How many of `other` one of this unit is.

        Raises:
            CatalogueError: when the two measure different things.
        """
        if self.dimensions != other.dimensions:
            raise CatalogueError(
                f"Unit `{self.text}` cannot be expressed in `{other.text}`.", "They measure different things."
            )
        return self.factor / other.factor


@lru_cache(maxsize=256)
def parse_unit(text: str) -> Unit:
    """Read a unit string: names joined by `*` and `/`, powers with `^`, parentheses; "1" is a pure number.

    >>> parse_unit("U/mm^3").dimensions
    (('length', -3), ('toxin', 1))
    >>> round(parse_unit("mL").ratio_to(parse_unit("mm^3")))
    1000

    Raises:
        CatalogueError: when the string is not a unit this function knows.
    """
    tokens = _tokens(text)
    powers, factor, rest = _product(tokens, text)
    if rest:
        _refuse(text)
    return Unit(text, tuple((n, p) for n, p in zip(_NAMES, powers, strict=True) if p), factor)


def _refuse(text: object) -> NoReturn:
    raise CatalogueError(
        f"Unit `{text}` cannot be read.",
        "Allowed: " + " ".join(_UNITS) + ", joined by `*` and `/`, with powers such as `mm^2`.",
        "Write it as in `1/(nM*min)`.",
    )


def _tokens(text: str) -> list[tuple[str, str]]:
    if not isinstance(text, str) or not text or text != text.strip():
        _refuse(text)
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            _refuse(text)
        kind = match.lastgroup or ""
        found.append((kind, match.group(kind)))
        at = match.end()
    return found


_Parsed = tuple[tuple[int, ...], float, list[tuple[str, str]]]


def _product(tokens: list[tuple[str, str]], text: str) -> _Parsed:
    powers, factor, tokens = _term(tokens, text)
    while tokens and tokens[0] in {("mark", "*"), ("mark", "/")}:
        sign = 1 if tokens[0][1] == "*" else -1
        more, size, tokens = _term(tokens[1:], text)
        powers = tuple(a + sign * b for a, b in zip(powers, more, strict=True))
        factor *= size**sign
    return powers, factor, tokens


def _term(tokens: list[tuple[str, str]], text: str) -> _Parsed:
    if not tokens:
        _refuse(text)
    kind, value = tokens[0]
    if (kind, value) == ("mark", "("):
        powers, factor, tokens = _product(tokens[1:], text)
        if not tokens or tokens[0] != ("mark", ")"):
            _refuse(text)
    elif kind in {"name", "one"} and value in _UNITS:
        powers, factor = _UNITS[value]
    else:
        _refuse(text)
    tokens = tokens[1:]
    if tokens and tokens[0][0] == "power":
        exponent = int(tokens[0][1])
        return tuple(p * exponent for p in powers), factor**exponent, tokens[1:]
    return powers, factor, tokens


Units = Decimal | float


@dataclass(frozen=True)
class Dose:
    """Units of one product. Adding or comparing across products is refused; there is no conversion.

    Args:
        product: catalogue id of the product.
        units: labelled units, finite and not negative (float or Decimal).

    >>> Dose("onabotulinumtoxin_a", 4.0) + Dose("onabotulinumtoxin_a", 16.0)
    Dose(product='onabotulinumtoxin_a', units=20.0)
    """

    product: str
    units: Units

    def __post_init__(self) -> None:
        if isinstance(self.units, bool) or not isinstance(self.units, int | float | Decimal):
            raise PlanError(
                f"A dose of `{self.units}` is not a number of units.", "", "Give a number such as 4.0."
            )
        if not math.isfinite(self.units) or self.units < 0:
            raise PlanError(
                f"A dose of {self.units} U is not possible.", "A dose is finite and not negative."
            )

    def __add__(self, other: Dose) -> Dose:
        mine, its = self._pair(other)
        return Dose(self.product, mine + its)  # type: ignore[operator]

    def __radd__(self, other: object) -> Dose:
        if other == 0 and not isinstance(other, Dose):  # the start value of `sum`
            return self
        return NotImplemented

    def __lt__(self, other: Dose) -> bool:
        mine, its = self._pair(other)
        return mine < its

    def __le__(self, other: Dose) -> bool:
        mine, its = self._pair(other)
        return mine <= its

    def __gt__(self, other: Dose) -> bool:
        mine, its = self._pair(other)
        return mine > its

    def __ge__(self, other: Dose) -> bool:
        mine, its = self._pair(other)
        return mine >= its

    def _pair(self, other: Dose) -> tuple[Units, Units]:
        """Both numbers in one number type; exact when either is a Decimal."""
        if not isinstance(other, Dose):
            raise PlanError(
                f"A dose of {self.product} meets `{other}`, which names no product.", "", "Use two doses."
            )
        if self.product != other.product:
            raise PlanError(
                f"Units of {self.product} meet units of {other.product}.",
                "Units of different products never add up or compare; every label says so.",
                "Keep one sum for each product.",
            )
        if isinstance(self.units, Decimal) or isinstance(other.units, Decimal):
            return Decimal(str(self.units)), Decimal(str(other.units))
        return self.units, other.units
