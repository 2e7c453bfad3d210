"""What the tests of the preparation share: plans in few words, and the one sheet of a plan."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from endplate.check.prepare import prepare
from endplate.check.prepare_records import Sheet
from endplate.plan import Plan, plan_from_dict

EXAMPLES = Path(__file__).parents[2] / "examples"
ONA, ABO, DAXI = "onabotulinumtoxin_a", "abobotulinumtoxin_a", "daxibotulinumtoxin_a"
RELA, RIMA = "relabotulinumtoxin_a", "rimabotulinumtoxin_b"


def ml(text: str) -> Fraction:
    return Fraction(text)


def plan_of(*sessions: dict[str, Any], age: int = 40) -> Plan:
    made = [{"date": "2026-03-02", **one} for one in sessions]
    return plan_from_dict(
        {"schema": "endplate/plan/1", "patient": {"age": age, "sex": "female"}, "sessions": made}
    )


def needles(
    product: str, *amounts: tuple[float, float], muscle: str = "frontalis", **more: Any
) -> dict[str, Any]:
    """A session of needles in a row: units and mL each."""
    injections = [
        {
            "landmark": "brow_mid",
            "side": "left",
            "offset_mm": [0, 20 + count],
            "muscle": muscle,
            "units": u,
            "volume_ml": v,
        }
        for count, (u, v) in enumerate(amounts)
    ]
    return {"product": product, "indication": "forehead_lines", "injections": injections, **more}


def sheet_of(plan: Plan, **options: Any) -> Sheet:
    (sheet,) = prepare(plan, simulate=False, **options).sheets
    return sheet
