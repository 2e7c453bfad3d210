"""In which order the points are injected, and how a nurse finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from endplate.catalogue import catalogue
from endplate.catalogue.targets import targets
from endplate.errors import EndplateError
from endplate.plan.session import Injection

REGIONS: dict[str, tuple[str, ...]] = {
    "scalp": (),
    "temple": ("temporalis",),
    "forehead": ("frontalis",),
    "glabella": ("procerus", "corrugator_supercilii", "depressor_supercilii"),
    "eye": (
        "orbicularis_oculi_orbital",
        "orbicularis_oculi_palpebral",
        "levator_palpebrae_superioris",
        "superior_tarsal",
    ),
    "eye muscles": (),
    "nose": ("nasalis", "levator_labii_superioris_alaeque_nasi"),
    "cheek and mouth": (
        "levator_labii_superioris",
        "zygomaticus_minor",
        "zygomaticus_major",
        "levator_anguli_oris",
        "risorius",
        "orbicularis_oris",
        "depressor_anguli_oris",
        "depressor_labii_inferioris",
        "buccinator",
    ),
    "chin": ("mentalis",),
    "jaw": ("masseter",),
    "neck": ("platysma", "sternocleidomastoid"),
}
"""Regions of the head from above, with their muscles; others stand after them."""
GROUPS = {"eye": "eye muscles", "jaw": "jaw", "neck": "neck", "calibration": "foot"}
SIDES = {"midline": 0, "right": 1, "left": 2}
FACE = "by region from above, in each from the midline outwards, right before left"
PARTLY = "by region from above, from the midline outwards where the atlas holds the place, else as the plan lists them"
COLUMN_MM = 5.0  # points that lie so near to each other, away from the midline, stand in one column
PLAN = "as the plan lists them"
NOT_TOLD = "no place told"
BROW = "mid-brow"  # no name of an injection: its place stands beside theirs


def region_of(muscle: str) -> str:
    """The region in which a muscle or another target lies."""
    for name, muscles in REGIONS.items():
        if muscle in muscles:
            return name
    held = catalogue().muscles.get(muscle)
    if held is not None:
        return GROUPS.get(held.group, "face")
    outside = targets().get(muscle)
    return outside.region.replace("_", " ") if outside else "elsewhere"


def in_order(
    injections: Sequence[Injection], order: str, places: Mapping[str, Any]
) -> tuple[list[Injection], str]:
    """The injections in order, and the order in words.

    Args:
        order: "face" or "plan". places: skin points by id (x to the left), as far as they are known.
    """
    if order == "plan":
        return list(injections), PLAN
    known = list(REGIONS)
    rank = {name: known.index(name) for name in known}
    later = dict.fromkeys(region_of(one.muscle) for one in injections if region_of(one.muscle) not in rank)
    rank |= {name: len(known) + count for count, name in enumerate(later)}

    columns = _columns(injections, places)

    def key(one: Injection) -> tuple[int, int, int, float]:
        first = rank[region_of(one.muscle)]
        if one.id not in places:
            return first, 0, 0, 0.0
        return first, columns[one.id], SIDES[one.side], -float(places[one.id][1])

    return sorted(injections, key=key), FACE if all(one.id in places for one in injections) else PARTLY


def _columns(injections: Sequence[Injection], places: Mapping[str, Any]) -> dict[str, int]:
    """In which column from the midline outwards each point of a region stands, by id."""
    out: dict[str, int] = {}
    for region in {region_of(one.muscle) for one in injections}:
        mine = [one.id for one in injections if one.id in places and region_of(one.muscle) == region]
        across = sorted((abs(float(places[name][0])), name) for name in mine)
        column, begin = 0, across[0][0] if across else 0.0
        for distance, name in across:
            if distance - begin > COLUMN_MM:
                column, begin = column + 1, distance
            out[name] = column
    return out


def places_of(plan: Any, numbers: Sequence[int]) -> dict[str, Any]:
    """Where on the skin the sites of these sessions lie, by id; those that the atlas does not hold are missing.

    Millimetres: x to the left, y up. Sessions are counted from 1; needles of others are not looked for.
    """
    from endplate.anatomy import default_face, place
    from endplate.plan.atlas import in_atlas

    try:
        face = default_face(plan.patient.sex, plan.patient.age)
        mine = tuple(plan.sessions[number - 1] for number in numbers)
        alone = type(plan)(**{**dict(plan), "sessions": mine})
        found = {site.id: site.skin_mm for site in place(in_atlas(alone), face)}
        return {**found, BROW: face.skin.landmark("brow_mid", "left")}
    except EndplateError:
        return {}


def where(one: Injection, places: Mapping[str, Any]) -> str:
    """The place in words: from a landmark, along the muscle or by coordinates; the last two with millimetres."""
    if one.landmark is not None:
        return _from_landmark(one)
    found = _measured(one, places)
    if one.along is not None:
        return f"{one.along * 100:.4g} % along the muscle from its origin{found}"
    if one.at_mm is not None:
        return "at " + ", ".join(f"{value:g}" for value in one.at_mm) + f" mm{found}"
    return NOT_TOLD


def _measured(one: Injection, places: Mapping[str, Any]) -> str:
    """How far from the midline, on the forehead also how much higher than the brow, on the average face."""
    if one.id not in places:
        return ""
    across, up = abs(float(places[one.id][0])), float(places[one.id][1])
    words = "on the midline" if across < 1 else f"{across:.0f} mm from the midline"
    if BROW in places and region_of(one.muscle) == "forehead":
        higher = up - float(places[BROW][1])
        words += f", {abs(higher):.0f} mm {'higher' if higher >= 0 else 'lower'} than mid-brow"
    return f" (average face: {words})"


def _from_landmark(one: Injection) -> str:
    from endplate.plan.lookup import is_paired_landmark

    lateral, up = one.offset_mm or (0.0, 0.0)
    name = str(one.landmark).replace("_", " ")
    paired = is_paired_landmark(str(one.landmark))
    parts = []
    if up:
        parts.append(f"{abs(up):.4g} mm {'above' if up > 0 else 'below'}")
    if lateral:
        words = ("outwards", "inwards") if paired else ("to the left", "to the right")
        parts.append(f"{abs(lateral):.4g} mm {words[0] if lateral > 0 else words[1]}")
    return f"{name}: {', '.join(parts)}" if parts else f"on {name}"
