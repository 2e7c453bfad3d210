"""Drawn plans and what the check told of each when somebody last looked: a change of the rules shows what it changes.

The plans are drawn once and for all by a seed of their own; `python -m tools.golden_findings` stores the answers anew,
and the difference in version control is what is to be read. Label cases say what must be found; these say that nothing
else moves.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from endplate.catalogue import catalogue
from endplate.catalogue.conditions import conditions
from endplate.catalogue.house import landmark_map
from endplate.catalogue.indications import indications
from endplate.catalogue.labels import PLACES, labels_of
from endplate.catalogue.targets import targets
from endplate.errors import EndplateError
from endplate.plan import plan_from_dict

STORED = Path(__file__).parents[1] / "check" / "data" / "golden.json"
DAY = dt.date(2026, 3, 2)
DAYS = (None, None, None, "1995-05-05", "2009-06-01", "2018-03-03", "2021-10-10", "2024-03-01", "2026-11-22")
PLACED, PEOPLE = 90, 210
SKIN = (
    "corrugator_supercilii",
    "frontalis",
    "procerus",
    "orbicularis_oculi_orbital",
    "orbicularis_oculi_palpebral",
)
NEAR = (
    "rim_superior", "rim_superior_medial", "brow_medial", "brow_mid", "brow_lateral", "brow_temporal_line",
    "upper_lid_margin", "lower_lid_margin", "lateral_canthus", "medial_canthus", "rim_lateral", "jaw_mid", "tragion",
)  # fmt: skip
FACIAL = ("glabellar_lines", "forehead_lines", "lateral_canthal_lines", "upper_facial_lines", "brow_lift")


def drawn() -> dict[str, tuple[dict[str, Any], str | None, str | None]]:
    """Every plan as a tree, with the jurisdiction and the day asked for."""
    found = {}
    for number in range(PLACED):
        chance = Random(f"placed {number}")
        found[f"placed {number}"] = (_placed(chance), chance.choice((None, "us", "uk", "eu")), None)
    for number in range(PEOPLE):
        chance = Random(f"people {number}")
        found[f"people {number}"] = (_people(chance), chance.choice((None, *PLACES)), chance.choice(DAYS))
    return found


def _placed(chance: Random) -> dict[str, Any]:
    """Needles all over the face, given in every way that a plan knows."""
    product = chance.choice(("onabotulinumtoxin_a", "incobotulinumtoxin_a", "prabotulinumtoxin_a"))
    session = {
        "date": DAY.isoformat(),
        "product": product,
        "indication": chance.sample(FACIAL, chance.choice((1, 1, 2))),
        "injections": [_needle(chance, number) for number in range(chance.randint(1, 6))],
    }
    patient = {"age": chance.choice((19, 45, 45, 70)), "sex": chance.choice(("female", "male"))}
    return {"schema": "endplate/plan/1", "title": "drawn", "patient": patient, "sessions": [session]}


def _needle(chance: Random, number: int) -> dict[str, Any]:
    side = chance.choice(("left", "right"))
    one: dict[str, Any] = {
        "id": f"n{number}",
        "units": chance.choice((2, 4, 4, 6.5)),
        "volume_ml": 0.1,
        "side": side,
    }
    form = chance.randrange(8)
    if form == 0:
        return {**one, "muscle": "medial_rectus", "along": 0.4}
    if form == 1:
        rise = chance.choice((-9, -8, 6, 14, 20, 26))
        return {
            **one,
            "muscle": "procerus",
            "side": "midline",
            "landmark": "glabella",
            "offset_mm": [0, rise],
        }
    one["muscle"] = chance.choice([name for name in SKIN if name != "procerus"])
    landmark = chance.choice(NEAR)
    if form == 2:
        x, y, z = landmark_map()[landmark].at_mm
        place = [
            (x + chance.uniform(-3, 3)) * (1 if side == "left" else -1),
            y + chance.uniform(-3, 9),
            z + 1.0,
        ]
        return {**one, "at_mm": [round(value, 2) for value in place]}
    if form == 3:
        lateral = chance.choice((8, 17, 25)) * (1 if side == "left" else -1)
        return {**one, "landmark": "glabella", "offset_mm": [lateral, chance.choice((-4, 4, 12, 22))]}
    offset = [
        chance.choice((-14, -5, -4, 0, 2, 8, 18)),
        chance.choice((-20, -6, 0, 5.5, 9.5, 10, 12, 20, 31)),
    ]
    if form == 4:
        return {**one, "landmark": landmark}
    if form == 5:
        return {**one, "landmark": landmark, "offset_mm": offset, "depth_mm": chance.choice((1, 4, 6, 9, 30))}
    if form == 6:
        return {
            **one,
            "landmark": landmark,
            "offset_mm": offset,
            "layer": chance.choice(("dermis", "submuscular")),
        }
    return {**one, "landmark": landmark, "offset_mm": offset}


def _people(chance: Random) -> dict[str, Any]:
    """Products, uses, histories, vials and people of every kind."""
    pattern = chance.choice(list(catalogue().patterns.values()))
    planned = _session(chance, pattern, DAY)
    if chance.random() < 0.3:
        planned["indication"] = [chance.choice(sorted(indications()))]
    before = []
    for _ in range(chance.choice((0, 0, 1, 2))):
        other = pattern if chance.random() < 0.6 else chance.choice(list(catalogue().patterns.values()))
        days = chance.choice((0, 12, 60, 83, 84, 89, 91, 100, 130, 400))
        before.append({**_session(chance, other, DAY - dt.timedelta(days=days)), "given": True})
    before.sort(key=lambda one: one["date"])
    beside = (
        [_session(chance, chance.choice(list(catalogue().patterns.values())), DAY)]
        if chance.random() < 0.15
        else []
    )
    return {
        "schema": "endplate/plan/1",
        "title": "drawn",
        "patient": _patient(chance),
        "sessions": [*before, planned, *beside],
    }


def _session(chance: Random, pattern: Any, day: dt.date) -> dict[str, Any]:
    product = catalogue().product(pattern.product)
    factor = chance.choice((1, 1, 1, 0.5, 1.25, 3))
    sites = [
        {"pattern": pattern.id, "site": site.id, "units": round(site.units * factor, 4),
         "volume_ml": round(site.volume_ml * factor, 5)}
        for site in pattern.sites
    ]  # fmt: skip
    if chance.random() < 0.25:
        target = chance.choice(list(targets().values()))
        side = "midline" if target.side_kind == "midline" else chance.choice(("left", "right"))
        strength = pattern.sites[0].units / pattern.sites[0].volume_ml
        units = chance.choice((5, 30, 150, 700))
        sites.append(
            {"muscle": target.id, "side": side, "units": units, "volume_ml": round(units / strength, 6)}
        )
    session: dict[str, Any] = {
        "date": day.isoformat(),
        "product": product.id,
        "indication": [pattern.indication],
        "injections": sites,
    }
    if chance.random() < 0.2:
        session["brand"] = chance.choice(product.brands)
    if chance.random() < 0.2 and product.form == "powder":
        moment = dt.datetime.combine(day, dt.time(9)) - dt.timedelta(hours=chance.choice((0, 15, 24, 33, 60)))
        session["reconstituted_at"] = moment.isoformat()
    if chance.random() < 0.1:
        session["expiry"] = (day + dt.timedelta(days=chance.choice((-1, 0, 90)))).isoformat()
    if chance.random() < 0.5:
        place = chance.choice(PLACES)
        session["jurisdiction"] = (
            place if any(one.jurisdiction == place for one in labels_of(product.id)) else "us"
        )
    return session


def _patient(chance: Random) -> dict[str, Any]:
    def words(kind: str) -> list[str]:
        known = sorted({one.name for one in conditions().values() if one.kind == kind})
        return sorted(chance.sample(known, chance.choice((0, 0, 1, 2))))

    patient: dict[str, Any] = {
        "age": chance.choice((4, 11.5, 17.9, 18, 30, 45, 64.9, 65, 76)),
        "sex": chance.choice(("female", "male")),
        "conditions": words("condition"),
        "medicines": [
            *words("medicine"),
            *chance.sample(("gentamicin 80 mg IV", "moon dust"), chance.choice((0, 0, 1))),
        ],
        "allergies": words("allergy"),
    }
    if chance.random() < 0.4:
        patient["weight_kg"] = chance.choice((11, 14, 25, 33, 62.5))
    if chance.random() < 0.2:
        patient["pregnancy"] = chance.random() < 0.5
    if chance.random() < 0.15:
        patient["spasm"] = [{"muscle": "frontalis", "side": chance.choice(("left", "right")), "drive": 0.4}]
    if chance.random() < 0.15:
        eye = chance.choice(({}, {"eye": "left"}, {"eye": "right"}))
        patient["squint"] = [{"horizontal_pd": chance.choice((-60, -15, 0, 15, 45, 60)), **eye}]
    if chance.random() < 0.1:
        patient["palsy"] = [{"branch": "all", "side": chance.choice(("left", "right")), "severity": 0.5}]
    return patient


@lru_cache(maxsize=1)
def asked() -> dict[str, tuple[Any, str | None, dt.date | None]]:
    """Every drawn plan as read (or the sentence that refuses it), with the jurisdiction and the day asked for."""
    found = {}
    for name, (tree, place, on) in drawn().items():
        try:
            plan: Any = plan_from_dict(tree)
        except EndplateError as error:
            plan = str(error)
        found[name] = (plan, place, None if on is None else dt.date.fromisoformat(on))
    return found


def told(plan: Any, place: str | None, on: dt.date | None) -> dict[str, Any]:
    """What the check answers: a line for each finding, and a hash of all that it holds."""
    from endplate.check.engine import check  # here: the rules may have been loaded anew

    if isinstance(plan, str):
        return {"refused": plan}
    try:
        findings = check(plan, jurisdiction=place, on=on)
    except EndplateError as error:
        return {"refused": str(error)}
    documents = [one.to_json_dict() for one in findings]
    lines = [f"{one['severity']} {one['rule']} {one['measured']}" for one in documents]
    text = json.dumps(documents, sort_keys=True, ensure_ascii=False)
    return {"findings": lines, "hash": sha256(text.encode()).hexdigest()[:16]}


def differing(first: bool = False) -> list[str]:
    """The plans whose answer is no longer the stored one; the first alone when that is enough to know."""
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    found = []
    for name, question in asked().items():
        if stored.get(name) != told(*question):
            found.append(name)
            if first:
                break
    return found
