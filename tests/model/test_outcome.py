"""Outcome: every probability is what sampled people show, NumPy and JAX agree, and the laws of the endpoints hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endplate.catalogue import catalogue
from endplate.catalogue.lines import areas
from endplate.errors import ModelError
from endplate.model import outcome
from endplate.model.outcome import durations

PEOPLE = 200_000
ERROR = 5.0 * 0.5 / np.sqrt(PEOPLE)  # five standard errors of a share, at most
NOISE, OFFSET_SD, BASELINE_SD = np.array([0.3, 0.55]), 0.3, 0.45  # of investigator and subject
MEAN = {"glabella": 2.4, "platysma": 3.4}
BIAS = {"glabella": 0.0, "platysma": 0.2}
FALL = {"glabella": 1.6, "platysma": 1.5}
GRADES = [e for e in catalogue().endpoints.values() if e.kind == "grade"]
LASTING = [e for e in catalogue().endpoints.values() if e.kind == "duration"]


def area_of(endpoint) -> str:
    """An area in which the endpoint is graded; the masseter's scale is the platysma's but for entry."""
    return next(name for name in endpoint.areas if name in (*MEAN, "masseter"))


def people(area: str, seed: int = 0, n: int = PEOPLE):
    """Start, severity at a visit, offsets (n, 2) and sampled grades of screening and visit, (n, 2) each."""
    rng, scale = np.random.default_rng(seed), areas()[area]
    like = area if area in MEAN else "platysma"
    start = MEAN[like] + BASELINE_SD * rng.standard_normal(n)
    offset = OFFSET_SD * rng.standard_normal((n, 2)) + np.array([0.0, BIAS[like]])
    now = start - FALL[like] * rng.random(n)
    seen = [s[:, None] + offset + NOISE * rng.standard_normal((n, 2)) for s in (start, now)]
    return start, now, offset, *(outcome.grades_of(s, scale) for s in seen)


@pytest.fixture(scope="module")
def sampled():
    found = {}
    return lambda area: found.setdefault(area, people(area))


@pytest.mark.parametrize("endpoint", GRADES, ids=lambda e: e.id)
def test_a_rate_of_grades_is_what_sampled_people_show(endpoint, sampled):
    area = area_of(endpoint)
    scale = areas()[area]
    start, now, offset, base, grade = sampled(area)
    let_in = (base >= scale.entry).all(axis=1)
    seen = outcome.holds(endpoint, base[let_in], grade[let_in], scale).mean()
    cuts, lean = outcome.cuts_of(endpoint, scale), [offset[:, 0], offset[:, 1]]
    graded = outcome.entry_grades(np, cuts.base, start, lean, NOISE)
    entry = graded[0].sum(axis=0) * graded[1].sum(axis=0)
    both = outcome.grade_probability(np, graded, cuts.limit, now, lean, NOISE)
    rate = both.sum() / entry.sum()
    assert entry.mean() == pytest.approx(let_in.mean(), abs=ERROR)
    error = 5.0 * 0.5 / np.sqrt(let_in.sum())
    assert (1.0 - rate if endpoint.negated else rate) == pytest.approx(seen, abs=error)


@pytest.mark.parametrize("endpoint", GRADES, ids=lambda e: e.id)
def test_the_probability_of_people_with_known_grades_at_entry_is_what_they_show(endpoint, sampled):
    area = area_of(endpoint)
    scale = areas()[area]
    _, now, offset, base, grade = sampled(area)
    rows = (base >= scale.entry).all(axis=1)
    chance = outcome.holds_probability(np, endpoint, base, now[:, None], offset, scale, NOISE)[rows, 0]
    seen = outcome.holds(endpoint, base, grade, scale)[rows]
    for low in (0.0, 0.25, 0.5, 0.75):  # as chances: right in every quarter, not only on the whole
        part = (chance >= low) & (chance < low + 0.25)
        error = 5.0 * 0.5 / np.sqrt(max(part.sum(), 1)) + 1e-9
        if part.any():
            assert chance[part].mean() == pytest.approx(seen[part].mean(), abs=error)


@pytest.mark.parametrize("area", sorted(areas()))
def test_the_chances_of_all_grades_of_a_rater_add_up(area):
    scale, seen = areas()[area], np.linspace(-2.0, 7.0, 50)
    noise = NOISE[1]
    below = [outcome.at_most(np, g, scale, seen, noise) for g in range(scale.lowest, scale.highest + 1)]
    each = np.diff([np.zeros_like(seen), *below], axis=0)
    assert (each >= 0.0).all()
    assert np.abs(np.sum(each, axis=0) - 1.0).max() < 1e-12
    rng = np.random.default_rng(1)
    found = outcome.grades_of(seen[::10, None] + noise * rng.standard_normal((5, PEOPLE)), scale)
    shown = np.stack([(found == g).mean(axis=1) for g in range(scale.lowest, scale.highest + 1)])
    assert np.abs(shown - np.array(each)[:, ::10]).max() < ERROR


def test_grades_stay_within_the_scale():
    scale = areas()["glabella"]
    assert outcome.grades_of(np.array([-3.0, 0.49, 0.51, 1.51, 2.6, 9.0]), scale).tolist() == [
        0,
        0,
        1,
        2,
        3,
        3,
    ]


def test_a_felt_change_is_what_people_say():
    rng = np.random.default_rng(2)
    fall = np.array([0.0, 0.8, 1.0, 2.0])
    said = (fall[:, None] + NOISE[1] * rng.standard_normal((4, PEOPLE)) > 1.0).mean(axis=1)
    assert np.abs(outcome.change_probability(np, fall, 1.0, NOISE[1]) - said).max() < ERROR


def test_a_diary_that_has_noted_the_beginning_keeps_it():
    rng = np.random.default_rng(3)
    fall = np.array([0.0, 0.5, 0.3, 0.9, 0.2])
    noted = outcome.onset_reached(
        np.broadcast_to(fall, (PEOPLE, 5)), NOISE[1] * rng.standard_normal(PEOPLE), 0.6
    )
    assert (np.diff(noted.astype(int), axis=1) >= 0).all()
    expected = outcome.change_probability(np, np.maximum.accumulate(fall), 0.6, NOISE[1])
    assert np.abs(noted.mean(axis=0) - expected).max() < ERROR


VISITS = np.arange(28.0, 169.0, 28.0)


def course(start: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Severity at the visits, (n, visit): a fall that wears off at a speed of one's own."""
    left = np.exp(-VISITS[None] / (60.0 + 60.0 * rng.random((len(start), 1))))
    return start[:, None] - 2.2 * left


@pytest.fixture(scope="module")
def followed():
    """People over five visits: start, severity, offsets, grades at screening and at the visits (n, 2, visit)."""
    rng, scale = np.random.default_rng(4), areas()["glabella"]
    start, _, offset, base, _ = people("glabella", 5)
    path = course(start, rng)
    seen = path[:, None] + offset[..., None] + NOISE[:, None] * rng.standard_normal((PEOPLE, 2, len(VISITS)))
    return start, path, offset, base, outcome.grades_of(seen, scale)


def among_cuts(duration, scale) -> outcome.Cuts:
    if duration.among == "all":
        base = outcome.entry_cuts(scale)
        return outcome.Cuts(base, np.full((2, len(base)), durations.FAR), False)
    return outcome.cuts_of(catalogue().endpoints[duration.among], scale)


def pair_arrays(duration, scale):
    """Cuts of all pairs of baseline grades: base (pair, 2, 2), limit (pair, 2), ends (pair, 2)."""
    cuts, pairs = among_cuts(duration, scale), outcome.baseline_pairs(scale)
    rows = [[p[k] - scale.entry for k in (0, 1)] for p in pairs]
    base = np.array([[cuts.base[i] for i in row] for row in rows])
    limit = np.array([[cuts.limit[k, i] for k, i in enumerate(row)] for row in rows])
    return base, limit, outcome.end_cuts(duration, scale)


@pytest.mark.parametrize("duration", LASTING, ids=lambda e: e.id)
def test_a_duration_ends_as_in_sampled_people(duration, followed):
    scale = areas()["glabella"]
    start, path, offset, base, grade = followed
    let_in = (base >= scale.entry).all(axis=1)
    first = 0 if duration.among == "all" else 1
    counted = let_in.copy()
    if first:
        counted &= outcome.holds(catalogue().endpoints[duration.among], base, grade[..., 0], scale)
    over = outcome.ended(duration, base[:, None], np.moveaxis(grade, 1, 2), scale)[counted, first:]
    shown = np.cumprod(~over, axis=1).mean(axis=0)
    cut, limit, ends = pair_arrays(duration, scale)
    lean = (offset[:, 0], offset[:, 1])
    weight = outcome.pair_probability(np, cut, limit, start[None], path[None, :, 0], lean, NOISE)
    fires = outcome.end_probability(np, ends, path[None, :, first:], lean, NOISE, duration.require == "both")
    lasting = (weight[..., None] * outcome.kept(np, fires)).sum(axis=(0, 1)) / weight.sum()
    assert weight.sum() == pytest.approx(counted.sum(), abs=ERROR * PEOPLE)
    assert np.abs(lasting - shown).max() < 5.0 * 0.5 / np.sqrt(counted.sum())
    days = VISITS[first:]
    assert outcome.median_weeks(np, lasting, days) == pytest.approx(
        float(outcome.median_weeks(np, shown, days)), rel=0.02
    )


def test_many_durations_at_once_are_each_alone(followed):
    scale = areas()["glabella"]
    start, path, offset = (part[:300] for part in followed[:3])
    lean = (offset[:, 0], offset[:, 1])
    found = []
    for duration in LASTING:
        base, limit, ends = pair_arrays(duration, scale)
        weight = outcome.pair_probability(np, base, limit, start[None], path[None, :, 0], lean, NOISE)
        fires = outcome.end_probability(np, ends, path[None], lean, NOISE, duration.require == "both")
        found.append((base, limit, ends, duration.require == "both", weight, fires))
    base, limit, ends, both, weight, fires = (np.stack(part) for part in zip(*found, strict=True))
    many = [one[None] for one in lean]
    assert np.allclose(outcome.pair_probability(np, base, limit, start, path[:, 0], many, NOISE), weight)
    which = both[:, None, None, None]
    assert np.allclose(outcome.end_probability(np, ends, path, many, NOISE, which), fires)
    lasting = outcome.kept(np, fires).mean(axis=(1, 2))
    once = [float(outcome.median_weeks(np, row, VISITS)) for row in lasting]
    assert np.allclose(outcome.median_weeks(np, lasting, VISITS), once)


def test_one_pair_of_ends_agrees_with_sampled_ends_whoever_is_asked():
    scale, rng = areas()["platysma"], np.random.default_rng(6)
    severity = np.linspace(1.0, 5.0, 9)
    offset = (np.full(9, 0.1), np.full(9, -0.2))
    for duration in LASTING:
        if duration.rule != "back":
            continue
        for pair, cuts in zip(outcome.baseline_pairs(scale), outcome.end_cuts(duration, scale), strict=True):
            grade = outcome.grades_of(
                severity[:, None, None]
                + np.array([0.1, -0.2])
                + NOISE * rng.standard_normal((9, PEOPLE // 20, 2)),
                scale,
            )
            shown = outcome.ended(duration, np.broadcast_to(pair, grade.shape), grade, scale).mean(axis=1)
            found = outcome.end_probability(
                np, cuts, severity[:, None], offset, NOISE, duration.require == "both"
            )[:, 0]
            assert np.abs(found - shown).max() < 5.0 * 0.5 / np.sqrt(PEOPLE // 20)


def test_a_median_lies_on_the_line_between_visits_and_may_never_come():
    days = np.array([28.0, 56.0, 84.0])
    lasting = np.array([[0.9, 0.6, 0.2], [0.4, 0.3, 0.1], [0.9, 0.8, 0.6]])
    weeks = outcome.median_weeks(np, lasting, days)
    assert weeks[0] * 7 == pytest.approx(56 + 28 * 0.1 / 0.4)
    assert weeks[1] * 7 == pytest.approx(28 * 0.5 / 0.6)
    assert np.isinf(weeks[2])


@pytest.mark.parametrize(("area", "share"), [("glabella", 0.2), ("glabella", 0.6), ("platysma", 0.1)])
def test_the_mean_of_candidates_gives_back_the_share_of_severe(area, share):
    scale, rng = areas()[area], np.random.default_rng(7)
    mean = outcome.baseline_mean_for(
        share, scale, baseline_sd=BASELINE_SD, noise=NOISE, offset_sd=OFFSET_SD, subject_bias=BIAS[area]
    )
    start = mean + BASELINE_SD * rng.standard_normal(PEOPLE)
    lean = OFFSET_SD * rng.standard_normal((PEOPLE, 2)) + np.array([0.0, BIAS[area]])
    base = outcome.grades_of(start[:, None] + lean + NOISE * rng.standard_normal((PEOPLE, 2)), scale)
    let_in = (base >= scale.entry).all(axis=1)
    shown = (base[let_in, 0] == scale.highest).mean()
    assert shown == pytest.approx(share, abs=5.0 * 0.5 / np.sqrt(let_in.sum()))


def test_a_share_of_severe_that_no_mean_gives_is_refused():
    with pytest.raises(ModelError):
        outcome.baseline_mean_for(
            1.0, areas()["glabella"], baseline_sd=BASELINE_SD, noise=NOISE, offset_sd=OFFSET_SD
        )


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_remodelling_follows_its_equation(share):
    from scipy.integrate import solve_ivp

    days, tau = np.arange(121.0), 14.0

    def force(t):
        return 1.0 - 0.9 * np.minimum(t / 4.0, 1.0) * np.exp(-np.maximum(t - 10.0, 0.0) / 50.0)

    solved = solve_ivp(
        lambda t, w: (force(t) - w) / tau,
        (0.0, 120.0),
        [1.0],
        t_eval=days,
        rtol=1e-9,
        atol=1e-11,
        max_step=0.1,
    )
    exact = (1.0 - share) * force(days) + share * solved.y[0]
    assert np.abs(outcome.remodelled(np, force(days), share, tau) - exact).max() < 1e-3


def test_remodelling_of_a_force_that_stays_is_that_force_and_axes_keep_apart():
    still = np.full((2, 30), 0.3)
    assert np.allclose(outcome.remodelled(np, still, 0.7, 14.0), still)
    both = np.stack([np.linspace(1.0, 0.2, 30), np.linspace(1.0, 0.6, 30)])
    found = outcome.remodelled(np, both, np.array([0.4, 0.4]), 14.0)
    assert np.allclose(found[1], outcome.remodelled(np, both[1], 0.4, 14.0))


def test_severity_falls_by_the_drop_when_all_force_is_gone():
    found = outcome.severity(np.array([2.5]), np.array([[1.0, 0.5, 0.0]]), np.array(4.0), np.array(0.1))
    assert np.allclose(found, [[2.4, 0.4, -1.6]])


def chances(endpoint_id: str, base: tuple[int, int], severity: np.ndarray, lean: tuple[float, float]):
    """Probability at each severity of people with these grades at entry, on the scale of the face."""
    one = catalogue().endpoints[endpoint_id]
    n = len(severity)
    return outcome.holds_probability(
        np, one, np.tile(base, (n, 1)), severity[:, None], np.tile(lean, (n, 1)), areas()["glabella"], NOISE
    )[:, 0]


bases = st.tuples(st.integers(2, 3), st.integers(2, 3))
leans = st.tuples(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
severities = st.lists(st.floats(-3.0, 5.0), min_size=2, max_size=8).map(lambda x: np.sort(np.array(x)))


@given(bases, severities, leans)
def test_more_severe_lines_are_never_more_often_none_or_mild(base, severity, lean):
    for one in GRADES:
        if "glabella" in one.areas:
            sign = -1.0 if one.negated else 1.0
            assert (sign * np.diff(chances(one.id, base, severity, lean)) <= 1e-12).all(), one.id


@given(bases, severities, leans)
def test_what_asks_for_more_holds_less_often(base, severity, lean):
    both = chances("both_none_mild", base, severity, lean)
    composite = chances("composite_2_grades", base, severity, lean)
    for rater in ("investigator", "subject"):
        one = chances(f"{rater}_none_mild", base, severity, lean)
        two = chances(f"{rater}_2_grades", base, severity, lean)
        assert (both <= one + 1e-12).all() and (composite <= one + 1e-12).all()
        assert (composite <= two + 1e-12).all() and (composite <= both + 1e-12).all()
        assert (two <= chances(f"{rater}_1_grade", base, severity, lean) + 1e-12).all()


@given(bases, severities, leans)
def test_a_relapse_is_all_but_an_improvement_by_a_grade(base, severity, lean):
    improved = chances("investigator_1_grade", base, severity, lean)
    assert np.allclose(chances("relapse_investigator", base, severity, lean), 1.0 - improved, atol=1e-12)


def test_jax_gives_the_same_probabilities(followed):
    jax = pytest.importorskip("jax")
    scale = areas()["glabella"]
    start, path, offset = (part[:200] for part in followed[:3])

    def all_of(xp):
        lean = [xp.asarray(offset[:, 0]), xp.asarray(offset[:, 1])]
        now, before, out = xp.asarray(path), xp.asarray(start), []
        for one in GRADES:
            if "glabella" in one.areas:
                cuts = outcome.cuts_of(one, scale)
                graded = outcome.entry_grades(xp, cuts.base, before, lean, NOISE)
                out.append(outcome.grade_probability(xp, graded, cuts.limit, now[:, 0], lean, NOISE))
        for one in LASTING:
            base, limit, ends = pair_arrays(one, scale)
            weight = outcome.pair_probability(xp, base, limit, before[None], now[None, :, 0], lean, NOISE)
            fires = outcome.end_probability(xp, ends, now[None], lean, NOISE, one.require == "both")
            stays = (weight[..., None] * outcome.kept(xp, fires)).sum(axis=(0, 1)) / weight.sum()
            out += [stays, outcome.median_weeks(xp, stays[None], VISITS)]
        out.append(outcome.remodelled(xp, 1.0 / (1.0 + now), 0.4, 14.0))
        out.append(outcome.change_probability(xp, before, 1.0, NOISE[1]))
        return out

    with jax.enable_x64(True):
        for ours, theirs in zip(all_of(np), all_of(jax.numpy), strict=True):
            assert np.allclose(ours, np.asarray(theirs), rtol=1e-9, atol=1e-12)
