"""Are units read strictly, and do doses stay with their product?"""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endplate.errors import CatalogueError, EndplateError, PlanError
from endplate.units import Dose, parse_unit

IN_USE = (
    "mm mm^2 mm^3 mL d 1/d 1/min U U/mm^3 mm^2/s 1 % pM nM pg/U deg years 1/(nM*min) min h pS nm um um^2/s 1/um^2 "
    "mV nA kPa Hz kg U/kg U/mL 1/(M*s) cm^2/s mm/years weeks months"
).split()
REFUSED = (
    "", " ", "mm ", " mm", "mm2", "mm^", "mm^0", "mm^12", "mm*", "/d", "1/", "(mm", "mm)", "()", "mm mm", "mm//s",
    "furlong", "MM", "u", "1/(nM*min", "2", "mm^2^2", "µm",
)  # fmt: skip


@pytest.mark.parametrize("text", IN_USE)
def test_a_unit_in_use_is_read(text: str) -> None:
    unit = parse_unit(text)
    assert unit.text == text and unit.factor > 0


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        parse_unit(text)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=12))
def test_no_text_makes_the_parser_fail_otherwise(text: str) -> None:
    with contextlib.suppress(CatalogueError):
        parse_unit(text)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("mL", "mm^3", 1000),
        ("d", "h", 24),
        ("1/min", "1/d", 1440),
        ("cm^2/s", "mm^2/s", 100),
        ("pM", "nM", 1e-3),
        ("1/(nM*min)", "1/(M*s)", 1e9 / 60),
        ("%", "1", 0.01),
        ("U/mL", "U/mm^3", 1e-3),
        ("mV", "nA/pS", 1e-6),
    ],
)
def test_ratios_between_units_are_right(one: str, other: str, ratio: float) -> None:
    assert parse_unit(one).ratio_to(parse_unit(other)) == pytest.approx(ratio, rel=1e-12)


def test_units_of_toxin_are_no_mass() -> None:
    with pytest.raises(CatalogueError, match="different things"):
        parse_unit("U").ratio_to(parse_unit("pg"))


def test_doses_of_one_product_add_and_compare() -> None:
    four, ten = Dose("toxin_a", 4.0), Dose("toxin_a", 10.0)
    assert four + ten == Dose("toxin_a", 14.0)
    assert sum([four, four, four]) == Dose("toxin_a", 12.0)
    assert four < ten and four <= ten and ten > four and ten >= four
    assert Dose("toxin_a", Decimal("0.1")) + Dose("toxin_a", 0.2) == Dose("toxin_a", Decimal("0.3"))


@pytest.mark.parametrize("act", ["+", "<", "<=", ">", ">="])
def test_doses_of_two_products_never_meet(act: str) -> None:
    one, other = Dose("toxin_a", 4.0), Dose("toxin_b", 4.0)
    acts = {
        "+": lambda: one + other,
        "<": lambda: one < other,
        "<=": lambda: one <= other,
        ">": lambda: one > other,
        ">=": lambda: one >= other,
    }
    with pytest.raises(EndplateError, match="different products never"):
        acts[act]()
    assert one != other


@pytest.mark.parametrize("units", [-1.0, float("nan"), float("inf"), True, "4"])
def test_an_impossible_dose_is_refused(units: object) -> None:
    with pytest.raises(PlanError):
        Dose("toxin_a", units)  # type: ignore[arg-type]


def test_a_dose_never_meets_a_bare_number() -> None:
    with pytest.raises(PlanError, match="names no product"):
        Dose("toxin_a", 4.0) + 4.0  # type: ignore[operator]
