"""One plan on many faces: counted events with their exact interval, the same numbers for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from small_runs import plan_of

from endplate.assess import replay
from endplate.errors import ModelError
from endplate.plan import scale_units
from endplate.population.replayed import clopper_pearson

GLABELLA = "glabellar-lines"
FACES = 12


@pytest.fixture(scope="module")
def found():
    return replay(plan_of(GLABELLA), FACES, seed=2)


def test_every_effect_is_counted_once_on_every_face(found) -> None:
    from endplate.catalogue.effects import mechanisms

    assert [one.effect for one in found.counted] == list(mechanisms())
    for one in found.counted:
        assert one.count == int(found.happened[one.effect].sum())
        assert one.faces == FACES == len(found.happened[one.effect])
        low, high = one.interval90
        assert low <= one.share <= high


def test_the_targets_lose_force_on_most_faces(found) -> None:
    assert [(one.muscle, one.side) for one in found.targets] == [
        ("corrugator_supercilii", "left"),
        ("corrugator_supercilii", "right"),
        ("procerus", "midline"),
    ]
    for one in found.targets:
        assert one.loss.shape == (FACES,)
        assert np.all((one.loss >= 0.0) & (one.loss <= 1.0))
        low, middle, high = one.points
        assert low < middle < high and middle > 0.3


def test_the_same_seed_gives_the_same_faces_and_another_one_others(found) -> None:
    again = replay(plan_of(GLABELLA), FACES, seed=2)
    assert all(np.array_equal(a.loss, b.loss) for a, b in zip(found.targets, again.targets, strict=True))
    other = replay(plan_of(GLABELLA), FACES, seed=5)
    assert not np.array_equal(found.targets[0].loss, other.targets[0].loss)


def test_more_units_weaken_every_face_at_least_as_much(found) -> None:
    """Faces, hands and people are the same for every plan."""
    more = replay(scale_units(plan_of(GLABELLA), 2.0), FACES, seed=2)
    for a, b in zip(found.targets, more.targets, strict=True):
        assert np.all(b.loss >= a.loss - 1e-6)
    assert np.array_equal(found.slipped, more.slipped)


def test_without_toxin_nobody_gets_anything() -> None:
    none = replay(scale_units(plan_of(GLABELLA), 0.0), 8, seed=2)
    assert all(one.count == 0 for one in none.counted)
    assert all(np.all(one.loss == 0.0) for one in none.targets)


@pytest.mark.parametrize("count", [0, 1, 7, 199, 200])
def test_the_interval_is_the_exact_one_of_a_binomial_share(count: int) -> None:
    low, high = clopper_pearson(count, 200)
    if count:
        assert binom.sf(count - 1, 200, low) == pytest.approx(0.05)
    if count < 200:
        assert binom.cdf(count, 200, high) == pytest.approx(0.05)
    assert 0.0 <= low <= count / 200 <= high <= 1.0


@pytest.mark.parametrize("faces", [0, 7, 1001, 20.0, True])
def test_a_number_of_faces_out_of_range_is_refused(faces) -> None:
    with pytest.raises(ModelError, match="8 to 1000"):
        replay(plan_of(GLABELLA), faces)


@pytest.mark.slow
def test_counts_agree_with_the_integrated_risk() -> None:
    from endplate.population.risk import risk_of

    plan = scale_units(plan_of(GLABELLA), 2.0)
    counted = {one.effect: one for one in replay(plan, 200, seed=1).counted}
    integrated = risk_of(plan, faces=24, draws=128, per_draw=4, seed=1)
    for effect in ("eyelid_ptosis", "brow_ptosis", "lateral_brow_peaking"):
        low, high = clopper_pearson(counted[effect].count, 200)
        p = integrated.of(effect)
        slack = 3.0 * p.probability * (p.mc_error or 0.0)
        assert low - slack <= p.probability <= high + slack
