"""Laws of the face over many random faces, each with its own muscles, parameters and needles.

Ten faces by default; `slow` takes 2,000, in shares that run side by side. About a quarter of a second a face.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from endplate.trial import parse_design
from endplate.trial.run import run_trial
from tests.laws.faces import Key, Measures, Site, people, trial

QUICK = 10
MANY, SHARE = 2000, 100
OTHER = {"left": "right", "right": "left", "midline": "midline"}
NO_MM = 1e-9


def site(muscle: str, side: str, landmark: str, out_mm: float, up_mm: float) -> Site:
    return {
        "muscle": muscle,
        "side": side,
        "landmark": landmark,
        "offset_mm": [out_mm, up_mm],
        "layer": "muscle",
    }


def crows_foot(side: str, out_mm: float, up_mm: float) -> Site:
    return site("orbicularis_oculi_orbital", side, "lateral_canthus", out_mm, up_mm)


# The label's sites of the forehead, the glabella and one side's crow's feet; the needle of the lowest crow's foot also
# "low": as far below the label's site as that lies below the canthus.
FOREHEAD: dict[str, Site] = {"forehead_middle": site("frontalis", "midline", "glabella", 0, 20)}
GLABELLA: dict[str, Site] = {"procerus": site("procerus", "midline", "glabella", 0, -8)}
for _side in ("left", "right"):
    FOREHEAD[f"forehead_lower_{_side}"] = site("frontalis", _side, "brow_temporal_line", -10, 20)
    FOREHEAD[f"forehead_upper_{_side}"] = site("frontalis", _side, "brow_mid", -10, 30)
    GLABELLA[f"medial_{_side}"] = site("corrugator_supercilii", _side, "rim_superior_medial", 0, 10)
    GLABELLA[f"lateral_{_side}"] = site("corrugator_supercilii", _side, "rim_superior", 0, 10)
CANTHUS = {
    "canthal_middle_left": crows_foot("left", 17.5, 0),
    "canthal_upper_left": crows_foot("left", 14, 12.5),
}
LABEL = {"canthal_lower_left": crows_foot("left", 14, -12.5)}
LOW = {f"canthal_lower__low_{side}": crows_foot(side, 14, -25) for side in ("left", "right")}
SITES = FOREHEAD | GLABELLA | CANTHUS | LABEL | LOW

PLANS: dict[str, tuple[str, ...]] = {
    "none": (),
    "forehead": tuple(FOREHEAD),
    "forehead_left": tuple(name for name in FOREHEAD if name.endswith("_left")),
    "glabella": tuple(GLABELLA),
    "label": (*CANTHUS, *LABEL),
    "low": (*CANTHUS, "canthal_lower__low_left"),
    "low_left": ("canthal_lower__low_left",),
    "low_right": ("canthal_lower__low_right",),
}
UNITS = 4.0


@dataclass(frozen=True)
class Found:
    """What the plans do to one person on day 14."""

    number: int
    forces: dict[str, dict[Key, float]]
    measures: dict[str, Measures]

    def change(self, plan: str, measure: str, side: str = "left") -> float:
        """mm (or what the measure has) against no plan at all."""
        return self.measures[plan][measure, side] - self.measures["none"][measure, side]

    def zygomaticus(self, plan: str) -> float:
        return self.forces[plan].get(("zygomaticus_major", "left"), 1.0)


def found(count: int, first: int = 0) -> list[Found]:
    """All plans on `count` people."""
    out = []
    for one in people(count, first):
        on = trial(one, SITES)
        forces = {name: on.forces(dict.fromkeys(sites, UNITS)) for name, sites in PLANS.items()}
        for name in ("label", "low"):
            units = dict.fromkeys(PLANS[name], UNITS)
            forces[f"{name}, exact"] = on.forces(units, exact=True)
        forces["forehead, twice"] = on.forces(dict.fromkeys(FOREHEAD, 2.0 * UNITS))
        forces["zero"] = on.forces(dict.fromkeys(SITES, 0.0))
        out.append(Found(one.number, forces, {name: on.measures(force) for name, force in forces.items()}))
    return out


@pytest.fixture(scope="module")
def few() -> list[Found]:
    return found(QUICK)


def middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def few_of(faces: list[Found]) -> int:
    """How many faces may go the other way, where needles stray into the antagonist."""
    return max(1, len(faces) // 20)


def a_treated_forehead_lowers_the_brow_the_more_the_more_units(faces: list[Found]) -> None:
    for place in ("medial", "mid"):
        height = f"brow_height_{place}"
        once = [one.change("forehead", height) for one in faces]
        more = [one.change("forehead, twice", height) for one in faces]
        assert middle(once) < -0.3
        assert sum(mm >= 0.0 for mm in once) <= few_of(faces)
        assert sum(b > a + NO_MM for a, b in zip(once, more, strict=True)) <= few_of(faces)
        assert middle(b - a for a, b in zip(once, more, strict=True)) < -0.1
    for one in faces:
        raised = [one.change(plan, "brow_raise") for plan in ("forehead", "forehead, twice")]
        assert raised[1] < raised[0] < 0.0, one.number


def a_forehead_treated_on_one_side_lowers_that_brow_more(faces: list[Found]) -> None:
    uneven = [
        one.change("forehead_left", "brow_height_mid")
        - one.change("forehead_left", "brow_height_mid", "right")
        for one in faces
    ]
    assert middle(uneven) < -0.3
    assert sum(mm >= 0.0 for mm in uneven) <= few_of(faces)


def a_treated_glabella_lifts_the_brow_that_a_treated_forehead_lowers(faces: list[Found]) -> None:
    glabella, forehead = (
        [one.change(plan, "brow_height_medial") for one in faces] for plan in ("glabella", "forehead")
    )
    # What strays into the frontalis lowers some brows after the label's glabella; the middle one is lifted.
    assert middle(glabella) > 0.0
    assert sum(g <= f for g, f in zip(glabella, forehead, strict=True)) <= few_of(faces)


def a_crows_foot_lifts_the_tail_of_its_own_brow(faces: list[Found]) -> None:
    tails = [
        [one.change("label", "brow_height_lateral", side) for side in ("left", "right")] for one in faces
    ]
    assert sum(left <= max(right, 0.0) for left, right in tails) <= few_of(faces)
    assert middle(left for left, _ in tails) > 0.5


def a_low_crows_foot_weakens_the_smile(faces: list[Found]) -> None:
    smile = "mouth_corner_excursion"
    for one in faces:
        label, low = (one.zygomaticus(f"{plan}, exact") for plan in ("label", "low"))
        assert low <= label + 1e-9, one.number
        assert one.change("low, exact", smile) <= one.change("label, exact", smile) + NO_MM, one.number
    # A needle that goes too deep or not deep enough may do next to nothing at either place.
    gains = [one.zygomaticus("low") - one.zygomaticus("label") for one in faces]
    assert max(gains) < 0.05
    assert sum(gain > 1e-9 for gain in gains) <= few_of(faces)
    assert middle(one.change("low", smile) for one in faces) < -0.1, (
        "half of the smiles lose a tenth of a mm or more"
    )
    assert middle(one.change("label", smile) for one in faces) > -0.05, (
        "at the label's sites half lose next to nothing"
    )


def a_mirrored_plan_gives_the_mirrored_face(faces: list[Found]) -> None:
    for one in faces:
        here, there = one.measures["low_left"], one.measures["low_right"]
        for (measure, side), value in here.items():
            other = there[measure, OTHER[side]]
            assert math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-9), (one.number, measure, side)


def no_units_change_nothing(faces: list[Found]) -> None:
    for one in faces:
        assert set(one.forces["zero"].values()) == {1.0}, one.number
        assert one.measures["zero"] == one.measures["none"], one.number
        assert one.measures["zero"]["lagophthalmos", "left"] == 0.0, one.number


LAWS = (
    a_treated_forehead_lowers_the_brow_the_more_the_more_units,
    a_forehead_treated_on_one_side_lowers_that_brow_more,
    a_treated_glabella_lifts_the_brow_that_a_treated_forehead_lowers,
    a_crows_foot_lifts_the_tail_of_its_own_brow,
    a_low_crows_foot_weakens_the_smile,
    a_mirrored_plan_gives_the_mirrored_face,
    no_units_change_nothing,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_law_holds_on_ten_faces(few, law):
    law(few)


NO_TOXIN = """\
schema = "endplate/trial/1"
title = "no toxin"
visits = [28, 140]

[population]
sex = { female = 1.0 }

[[arms]]
name = "none"
n = 100
product = "placebo"

[[endpoints]]
id = "investigator_none_mild"
area = "glabella"

[[endpoints]]
id = "subject_global_moderate"
area = "glabella"
"""


def test_ratings_answer_to_a_needle_without_toxin_though_no_position_does(monkeypatch):
    for name, value in (("FACES", 2), ("LEAST_FACES", 1), ("NEEDLES", 2)):
        monkeypatch.setattr(f"endplate.trial.prepare.{name}", value)
    arm = run_trial(parse_design(NO_TOXIN), patients=400, seed=1).arm("none")
    for endpoint in ("investigator_none_mild", "subject_global_moderate"):
        early, late = (arm.rate(endpoint, day).rate for day in (28, 140))
        assert early > late > 0.0, endpoint


@pytest.mark.slow
@pytest.mark.parametrize(
    "first", [0, *(pytest.param(first, marks=pytest.mark.long) for first in range(SHARE, MANY, SHARE))]
)
def test_the_laws_hold_on_two_thousand_faces(first):
    faces = found(SHARE, first)
    for law in LAWS:
        law(faces)
