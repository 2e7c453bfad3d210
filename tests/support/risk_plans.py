"""Plans for tests of the risk engine."""

from __future__ import annotations

from typing import Any

from endplate.plan import plan_from_dict

SMALL: dict[str, Any] = {"faces": 8, "draws": 48, "per_draw": 4}


def plan_of(sites: list[dict[str, Any]], **session: Any) -> Any:
    """A plan of some sites for a woman of 45, 100 U in 2.5 mL."""
    given = {
        "date": "2026-01-05",
        "product": "onabotulinumtoxin_a",
        "indication": "glabellar_lines",
        "reconstitution": {"vial_units": 100, "diluent_ml": 2.5},
        "injections": sites,
    }
    tree = {"schema": "endplate/plan/1", "title": "test", "patient": {"age": 45, "sex": "female"}}
    return plan_from_dict({**tree, "sessions": [{**given, **session}]})


def of_pattern(name: str, vial: int = 100, diluent_ml: float = 4.0) -> Any:
    """All sites of a pattern."""
    session = {"date": "2026-01-05", "pattern": name}
    session["reconstitution"] = {"vial_units": vial, "diluent_ml": diluent_ml}
    tree = {"schema": "endplate/plan/1", "title": name, "patient": {"age": 45, "sex": "female"}}
    return plan_from_dict({**tree, "sessions": [session]})


def site(name: str, side: str, muscle: str, landmark: str, up_mm: float, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "side": side,
        "muscle": muscle,
        "landmark": landmark,
        "offset_mm": [0, up_mm],
        "layer": "muscle",
        "units": 4.0,
        "volume_ml": 0.1,
    } | more


def glabella(lateral_up_mm: float = 10.0, **units: float) -> Any:
    """The label's glabellar plan with the lateral sites at a height above the rim; units by name of the site."""
    sites = [site("procerus", "midline", "procerus", "glabella", -8)]
    for side in ("left", "right"):
        sites.append(site(f"medial_{side}", side, "corrugator_supercilii", "rim_superior_medial", 10))
        sites.append(site(f"lateral_{side}", side, "corrugator_supercilii", "rim_superior", lateral_up_mm))
    return plan_of([one | {"units": units.get(one["id"], one["units"])} for one in sites])
