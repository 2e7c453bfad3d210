"""Laws of the face over many random faces, each with its own muscles, parameters and needles.

Ten faces by default; `slow` takes 2,000, in shares that run side by side. About a quarter of a second a face.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from endplate.trial import parse_design
from endplate.trial.run import run_trial
from tests.laws.faces import Key, Measures, Site, people, trial

QUICK = 10
MANY, SHARE = 2000, 100
OTHER = {"left": "right", "right": "left", "midline": "midline"}
BROWS = ("medial", "mid", "lateral")
NO_MM = 1e-9


def site(muscle: str, side: str, landmark: str, out_mm: float, up_mm: float) -> Site:
    return {"muscle": muscle, "side": side, "landmark": landmark, "offset_mm": [out_mm, up_mm], "layer": "muscle"}


def crows_foot(side: str, out_mm: float, up_mm: float) -> Site:
    return site("orbicularis_oculi_orbital", side, "lateral_canthus", out_mm, up_mm)


# The label's sites of the forehead, the glabella and one side's crow's feet; "stray" lies as far below the lowest of
# the label's crow's feet as that lies below the canthus.
FOREHEAD: dict[str, Site] = {"forehead_middle": site("frontalis", "midline", "glabella", 0, 20)}
GLABELLA: dict[str, Site] = {"procerus": site("procerus", "midline", "glabella", 0, -8)}
for _side in ("left", "right"):
    FOREHEAD[f"forehead_lower_{_side}"] = site("frontalis", _side, "brow_temporal_line", -10, 20)
    FOREHEAD[f"forehead_upper_{_side}"] = site("frontalis", _side, "brow_mid", -10, 30)
    GLABELLA[f"medial_{_side}"] = site("corrugator_supercilii", _side, "rim_superior_medial", 0, 10)
    GLABELLA[f"lateral_{_side}"] = site("corrugator_supercilii", _side, "rim_superior", 0, 10)
CANTHUS = {"canthal_middle_left": crows_foot("left", 17.5, 0), "canthal_upper_left": crows_foot("left", 14, 12.5)}
LABEL = {"canthal_lower_left": crows_foot("left", 14, -12.5)}
STRAY = {f"stray_{side}": crows_foot(side, 14, -25) for side in ("left", "right")}
SITES = FOREHEAD | GLABELLA | CANTHUS | LABEL | STRAY

PLANS: dict[str, tuple[str, ...]] = {
    "none": (),
    "forehead": tuple(FOREHEAD),
    "glabella": tuple(GLABELLA),
    "label": (*CANTHUS, *LABEL),
    "low": (*CANTHUS, "stray_left"),
    "stray_left": ("stray_left",),
    "stray_right": ("stray_right",),
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
    """All plans on `count` people; "depressors" is the glabella without what strays into the frontalis."""
    out = []
    for one in people(count, first):
        on = trial(one, SITES)
        forces = {name: on.forces({site: UNITS for site in sites}) for name, sites in PLANS.items()}
        forces["zero"] = on.forces(dict.fromkeys(SITES, 0.0))
        forces["depressors"] = {
            key: 1.0 if key[0].startswith("frontalis") else force for key, force in forces["glabella"].items()
        }
        out.append(Found(one.number, forces, {name: on.measures(force) for name, force in forces.items()}))
    return out


@pytest.fixture(scope="module")
def few() -> list[Found]:
    return found(QUICK)


def frontalis_alone_lowers_the_brow(faces: list[Found]) -> None:
    for one in faces:
        for side in ("left", "right"):
            for place in ("medial", "mid"):
                assert one.change("forehead", f"brow_height_{place}", side) < 0.0, (one.number, place)
            assert one.change("forehead", "brow_raise", side) < 0.0, one.number
    # The tail may be lifted by what reaches the orbicularis under it: rarely, and little.
    tails = sorted(one.change("forehead", "brow_height_lateral") for one in faces)
    assert tails[len(tails) // 2] < 0.0 and tails[-1] < 0.3


def depressors_alone_never_lower_the_brow(faces: list[Found]) -> None:
    for one in faces:
        for place in BROWS:
            for side in ("left", "right"):
                assert one.change("depressors", f"brow_height_{place}", side) >= -NO_MM, (one.number, place)
        assert one.change("depressors", "brow_height_medial") > 0.0
    # With what strays into the frontalis the label's glabella lowers some brows, and lifts the middle face's.
    heads = sorted(one.change("glabella", "brow_height_medial") for one in faces)
    assert heads[len(heads) // 2] > 0.0


def a_low_crows_foot_weakens_the_smile(faces: list[Found]) -> None:
    for one in faces:
        assert one.zygomaticus("low") <= one.zygomaticus("label") + 1e-9, one.number
        smile = "mouth_corner_excursion"
        assert one.change("low", smile) <= one.change("label", smile) + NO_MM, one.number
    lost = sorted(one.change("low", "mouth_corner_excursion") for one in faces)
    kept = sorted(one.change("label", "mouth_corner_excursion") for one in faces)
    assert lost[len(lost) // 2] < -0.2, "half of the smiles lose at least 0.2 mm"
    assert kept[len(kept) // 2] > -0.05, "at the label's site half lose next to nothing"


def a_mirrored_plan_gives_the_mirrored_face(faces: list[Found]) -> None:
    for one in faces:
        here, there = one.measures["stray_left"], one.measures["stray_right"]
        for (measure, side), value in here.items():
            other = there[measure, OTHER[side]]
            assert math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-9), (one.number, measure, side)


def no_units_change_nothing(faces: list[Found]) -> None:
    for one in faces:
        assert set(one.forces["zero"].values()) == {1.0}, one.number
        assert one.measures["zero"] == one.measures["none"], one.number
        assert one.measures["zero"]["lagophthalmos", "left"] == 0.0, one.number


LAWS = (
    frontalis_alone_lowers_the_brow,
    depressors_alone_never_lower_the_brow,
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
@pytest.mark.parametrize("first", range(0, MANY, SHARE))
def test_the_laws_hold_on_two_thousand_faces(first):
    faces = found(SHARE, first)
    for law in LAWS:
        law(faces)
