"""Which parameters decide: Sobol indices against functions whose indices are known, and of the model itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from endplate.assess import operators_of, sensitivity
from endplate.catalogue import catalogue
from endplate.errors import CatalogueError, ModelError
from endplate.model import chain
from endplate.model.parameters import point_parameters
from endplate.model.setup import sparse
from endplate.model.simulate import prepared
from endplate.plan import read_plan
from endplate.population import draw_needles, draw_parameters
from endplate.population.bands import draw_forces
from endplate.population.draws import stream
from endplate.population.narrow import only_muscle
from endplate.population.sensitivity import (
    NEEDLE,
    QUANTITIES,
    Decomposition,
    inputs_of,
    median_over_threshold,
    normal_scores,
    quantities,
)
from endplate.population.sensitivity_record import shares_of
from endplate.population.sobol import Indices, by_scipy, resampled, sobol_indices

EXAMPLES = Path(__file__).parents[2] / "examples"
MUSCLE = "corrugator_supercilii"


@pytest.fixture(scope="module")
def plan():
    return read_plan(EXAMPLES / "glabellar-lines.toml")


@pytest.fixture(scope="module")
def setup(plan):
    return prepared(plan)


@pytest.fixture(scope="module")
def found(plan):
    return sensitivity(plan, MUSCLE, samples=64)


def row_of(setup, muscle: str = MUSCLE, side: str = "left") -> int:
    return setup.endplates.names.index((muscle, side))


def of_function(function, names: str, samples: int, seed: int = 0, groups=None):
    """Indices of a function of independent inputs, uniform on -pi..pi, by the code that decomposes the model."""
    from scipy.special import ndtr

    scores = normal_scores(list(names), samples, seed)
    columns = {n: [np.pi * (2 * ndtr(z) - 1) for z in pair] for n, pair in scores.items()}

    def evaluate(from_b: frozenset[str]) -> np.ndarray:
        return np.atleast_2d(function(**{n: columns[n][n in from_b] for n in names}))

    groups = [frozenset(n) for n in names] if groups is None else groups
    return sobol_indices(evaluate, groups, samples, stream(seed, "bootstrap"))


def ishigami(x, y, z):
    return np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_the_indices_of_the_ishigami_function_are_the_exact_ones():
    got = of_function(ishigami, "xyz", 4096)
    assert got.first[:, 0] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert got.total[:, 0] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)
    assert (got.total_low[:, 0] <= got.total[:, 0]).all() and (got.total[:, 0] <= got.total_high[:, 0]).all()


def test_a_group_holds_the_interactions_inside_it():
    groups = [frozenset("xz"), frozenset("y")]
    got = of_function(ishigami, "xyz", 4096, groups=groups)
    assert got.first[0, 0] == pytest.approx(0.5576, abs=0.03)  # x and z act together and with nothing else
    assert got.total[0, 0] == pytest.approx(0.5576, abs=0.03)


def test_in_a_sum_an_input_does_the_same_alone_as_with_others():
    got = of_function(lambda a, b, c: 3.0 * a + 2.0 * b + c, "abc", 4096)
    exact = np.array([9.0, 4.0, 1.0]) / 14.0
    assert got.total[:, 0] == pytest.approx(exact, abs=0.02)
    assert got.first[:, 0] == pytest.approx(exact, abs=0.05)


def test_the_bootstrap_takes_the_indices_of_scipy_on_the_chosen_rows():
    rng = np.random.default_rng(0)
    f_a, f_b, f_ab = rng.random((2, 64)) + 50.0, rng.random((2, 64)) + 50.0, rng.random((3, 2, 64)) + 50.0
    rows = rng.integers(0, 64, (5, 64))
    first, total = resampled(f_a, f_b, f_ab, rows)
    for k, chosen in enumerate(rows):
        one, both = by_scipy(f_a[:, chosen], f_b[:, chosen], f_ab[..., chosen])
        assert first[k] == pytest.approx(one, abs=1e-9)
        assert total[k] == pytest.approx(both, abs=1e-9)


def test_an_input_without_effect_has_no_share():
    got = of_function(lambda a, b: a + 0.0 * b, "ab", 256)
    assert got.total[1, 0] == 0.0
    assert got.first[1, 0] == 0.0


def test_an_output_that_never_varies_has_shares_of_zero():
    got = of_function(lambda a, b: 0.0 * a + 0.0 * b + 1.0, "ab", 64)
    assert not got.total.any() and not got.first.any()


@pytest.mark.parametrize("samples", [0, 8, 100, 1000, 8192, 2**17, 64.0, True])
def test_samples_that_are_no_power_of_two_are_refused(plan, samples):
    with pytest.raises(ModelError, match=r"power of two from 16 to 4096\. Give --samples \d+"):
        sensitivity(plan, MUSCLE, samples=samples)


def test_one_muscle_alone_gives_the_numbers_of_the_whole_face(plan, setup):
    parameters = draw_parameters(20, 3)
    whole = sparse(setup)
    needle = draw_needles(whole, operators_of(plan, whole), parameters, 3)
    every = draw_forces(whole, parameters, needle)
    for row in setup.active_muscles[::5]:
        alone = draw_forces(sparse(only_muscle(setup, row)), parameters, needle)
        place = list(setup.active_muscles).index(row)
        assert alone[:, 0] == pytest.approx(every[:, place], abs=2e-3), setup.endplates.names[row]


def test_what_is_not_among_the_inputs_changes_nothing(plan, setup):
    alone = sparse(only_muscle(setup, row_of(setup)))
    inputs = inputs_of(alone, operators_of(plan, alone))
    assert len(set(inputs)) == len(inputs) and inputs[-1] == NEEDLE
    table = catalogue().parameters
    assert all(table[n].drawn and table[n].low < table[n].high for n in inputs[:-1])
    others = {n: float(v[0]) for n, v in point_parameters().values.items() if n not in inputs}
    moved = {n.replace(".", "__"): table[n].high for n in others if table[n].drawn}
    exact = chain.Needle.exact(1, len(alone.sites))
    same = chain.forces(np, alone, point_parameters(), exact)
    assert moved and (chain.forces(np, alone, point_parameters().replaced(**moved), exact) == same).all()


def test_the_potency_and_the_needle_decide_how_weak_a_frown_becomes(found):
    total = {row.id: row.total[0] for row in found.asked.inputs}
    assert found.side == "left"
    assert {row.id for row in found.asked.inputs[:3]} >= {NEEDLE, "threshold.onabotulinumtoxin_a"}
    assert total["junction.lag"] < 0.05
    onset = {row.id: row.total[0] for row in found.quantities["onset"].inputs}
    assert onset["junction.lag"] > 0.1


def test_inputs_carry_grade_source_and_interval_and_come_in_order(found):
    for shares in found.quantities.values():
        totals = [row.total[0] for row in shares.inputs]
        assert totals == sorted(totals, reverse=True)
    for row in found.asked.inputs:
        if row.id == NEEDLE:
            assert (row.grade, row.source, row.low) == ("D", "declared", None)
            continue
        entry = catalogue().parameter(row.id)
        assert (row.grade, row.source, row.low, row.high) == (
            entry.grade,
            entry.source,
            entry.low,
            entry.high,
        )


def test_what_rests_on_d_alone_is_no_more_than_what_rests_on_c_and_d(found):
    for shares in found.quantities.values():
        declared, both = shares.by_grade["D"], shares.by_grade["CD"]
        assert 0.0 <= declared[0] <= min(both[2], 1.0)


def test_the_exposure_of_a_mixture_is_computed_from_its_own_inputs(plan, setup):
    alone = sparse(only_muscle(setup, row_of(setup)))
    operators = operators_of(plan, alone)
    spreading = inputs_of(alone, operators, median_over_threshold)
    parameters, table = draw_parameters(8, 1), catalogue().parameters
    needle = draw_needles(alone, operators, parameters, 1)
    moved = {
        n.replace(".", "__"): table[n].high
        for n in inputs_of(alone, operators)
        if n not in spreading and n != NEEDLE
    }
    assert "junction__lag" in moved
    other = median_over_threshold(alone, parameters.replaced(**moved), needle)
    assert (other == median_over_threshold(alone, parameters, needle)).all()


def test_nothing_decides_the_exposure_but_spread_needle_potency_and_sensitivity(found):
    for row in found.quantities["exposure"].inputs:
        if not row.id.startswith(("spread.", "needle", "threshold.", "junction.sensitivity.")):
            assert row.total[0] == 0.0, row.id


def test_draws_without_an_effect_and_without_an_end_have_a_finite_duration(setup):
    alone = sparse(only_muscle(setup, row_of(setup)))
    force = np.ones((3, len(alone.nodes)))
    force[1, alone.nodes >= 10] = 0.5  # never comes back
    force[2, :] = 0.5  # weak from day 0
    found = dict(zip(QUANTITIES, quantities(alone, force, np.array([0.0, 1.0, 1.0])), strict=True))
    assert found["duration"] == pytest.approx([0.0, 365 - 9.2, 365 - 0.25], abs=0.3)
    assert found["onset"] == pytest.approx([0.0, 1 / 9.2, 4.0], rel=0.05)
    assert all(np.isfinite(values).all() for values in found.values())


def test_an_early_duration_is_decided_by_the_light_chain(found):
    top = [row.id for row in found.quantities["duration"].inputs[:3]]
    assert "junction.light_chain_half_life.a" in top


def made_up(weak: float = 32, half_width: float = 0.1, total: float = 0.6) -> Decomposition:
    """A decomposition of 64 draws, so many of which weaken, with a leading total share of this width and size."""
    shape = (4, len(QUANTITIES))  # two inputs and the two groups
    share = np.full(shape, 0.1)
    share[0] = total
    share[2:] = 0.9
    force = np.ones(64)
    force[:weak] = np.linspace(0.3, 0.9, weak)
    lasts = np.where(force < 0.9, 100.0 * (1.0 - force), 0.0)
    base = np.stack([force, lasts, lasts / 100.0, np.linspace(-3.0, 1.0, 64)])
    low, high = share - half_width, share + half_width
    return Decomposition(
        (NEEDLE, "junction.lag"), Indices(share, low, high, share, low, high, base), 0.0, 0.0, 64
    )


def test_an_answer_is_settled_only_with_enough_weak_draws_narrow_intervals_and_possible_shares():
    def settled(**changes: float) -> dict[str, bool]:
        return {name: shares.settled for name, shares in shares_of(made_up(**changes)).items()}

    assert all(settled().values())
    few = settled(weak=19)
    assert few == {"nadir": False, "duration": False, "onset": False, "exposure": True}
    # Twenty draws weaken, one of them by exactly a tenth, which is no duration yet.
    assert settled(weak=20) == {"nadir": True, "duration": False, "onset": False, "exposure": True}
    assert not any(settled(half_width=0.26).values())
    assert not any(settled(total=1.21).values())


def test_a_muscle_that_hardly_weakens_is_said_to_and_nothing_is_said_to_decide(plan):
    from endplate.report.sensitivity import sentences
    from endplate.report.sensitivity_picture import sensitivity_figure

    found = sensitivity(plan, "levator_palpebrae_superioris", samples=64)
    assert not found.asked.settled
    said = sentences(found)
    assert said[0].startswith("The muscle hardly weakens (") and said[0].endswith("100 %).")
    words = "Too few draws in which the muscle weakens: nothing is decided here; give more --samples."
    assert words in said
    assert not any("decides" in line or "decide the" in line or "rests on" in line for line in said)
    picture = sensitivity_figure(found).svg()
    assert "nothing is decided here" in picture and "rests on" not in picture


def test_the_band_of_the_onset_goes_from_the_early_day_to_the_late_one(found):
    from dataclasses import replace

    from endplate.report.sensitivity import sentences

    onset = replace(found.quantities["onset"], drawn=(0.5, 0.1, 1.0))  # one over days 2, 10 and 1
    asked = replace(found, quantity="onset", quantities={**found.quantities, "onset": onset})
    assert any("it is day 2 (90 % band day 1 to day 10)" in line for line in sentences(asked))


def test_several_sessions_are_decomposed_too():
    several = read_plan(EXAMPLES / "mixed-past-product.toml")
    found = sensitivity(several, "procerus", samples=16, days=120)
    ids = {row.id for row in found.asked.inputs}
    assert {"threshold.abobotulinumtoxin_a", "threshold.onabotulinumtoxin_a"} <= ids


def test_progress_is_told_up_to_the_last_draw(plan):
    told: list[tuple[int, int]] = []
    found = sensitivity(plan, "procerus", samples=16, days=30, progress=lambda a, b: told.append((a, b)))
    assert told[-1] == (found.evaluations, found.evaluations)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_question_that_has_no_answer_is_refused_in_one_sentence(plan):
    with pytest.raises(CatalogueError, match="Did you mean `corrugator_supercilii`"):
        sensitivity(plan, "corrugator")
    with pytest.raises(CatalogueError, match="It has: midline"):
        sensitivity(plan, "procerus", "left")
    with pytest.raises(
        ModelError, match=r"No toxin of this plan can reach masseter.*weakest first: corrugator"
    ):
        sensitivity(plan, "masseter")
    with pytest.raises(ModelError, match="smooth muscle"):
        sensitivity(plan, "superior_tarsal")
    with pytest.raises(CatalogueError, match="Unknown quantity"):
        sensitivity(plan, MUSCLE, quantity="force")
