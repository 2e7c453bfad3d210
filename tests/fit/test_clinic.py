"""The clinical fit: its tables are the chain, its rates are those of a trial, its draws are repeatable and stored."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from endplate.app import cli
from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.fit.clinic import banks, run, store
from endplate.fit.clinic.build import LINEAR_AREAS, build, can_predict
from endplate.fit.clinic.emulator import (
    HALF_LIFE,
    SPREAD,
    lay_banks,
    nodes_of,
    response,
    shifted,
    signal_at,
    times_of,
)
from endplate.fit.clinic.layout import lay_out
from endplate.fit.clinic.persons import class_means, persons
from endplate.fit.clinic.predict import predictions
from endplate.fit.clinic.run import Fit, weights
from endplate.fit.clinic.sampler import Settings, concentration, median_sd, values_of
from endplate.fit.clinic.summary import entangled, shrinkage
from endplate.fit.clinic.summary import rows as summary_rows
from endplate.population import posterior as shipped
from endplate.population.bank import Bank
from endplate.population.posterior import Draws, Posterior, draws_of, stored_posterior
from endplate.population.tables import signal_table

ONA = "onabotulinumtoxin_a"
GLABELLA = f"glabellar_lines.{ONA}*1@glabella"
CANTHUS = f"lateral_canthal_lines.{ONA}*1+glabellar_lines.{ONA}*1@lateral_canthus"


@pytest.fixture(scope="module")
def problem():
    """All rows that are fitted."""
    return run.problem_of_catalogue()


@pytest.fixture(scope="module")
def layout(problem):
    return lay_out(problem)


def scores(problem, count: int, width: float = 0.5) -> list[np.ndarray]:
    """Normal scores of some draws: the centre of the priors first."""
    rng = np.random.default_rng(0)
    size = len(problem.names)
    return [np.zeros(size), *(width * rng.standard_normal((count - 1, size)))]


def no_effects(problem) -> dict[str, np.ndarray]:
    return {name: np.zeros(len(problem.studies)) for name in ("exposure", "severity", "baseline")}


def bank_of(name: str, area: str) -> Bank:
    share, grid = banks.load()[name]
    return Bank((area,), grid, {area: share}, {area: "mimic"}, ONA, len(share), 1, name)


def emulator_error(problem, name, area, half_life, spread, lag):
    """Largest difference from `signal_table`, over entries, shifts off the tables' grid and visits."""
    bank = bank_of(name, area)
    given = {n: np.array([float(v)]) for n, v in values_of(np, problem, scores(problem, 1)[0]).items()}
    given |= {HALF_LIFE: np.array([half_life]), SPREAD: np.array([spread])}
    centre = -np.log(float(catalogue().parameter(f"threshold.{ONA}").value))
    laid = lay_banks([(bank.share[area], bank.grid)], [centre], problem.table)
    shifts = 0.11 + 0.25 * np.arange(-12, 13)
    days = set(problem.table.days.tolist())
    visits = [v for v in (1.0, 3.0, 7.0, 30.0, 60.0, 90.0, 120.0, 168.0, 252.0) if days >= {*nodes_of(v)}]
    answer = response(np, problem.table, half_life, spread, float(given["outcome.lasting_share"][0]))
    found = signal_at(
        np,
        shifted(np, laid, answer),
        np.zeros(len(visits), int),
        np.tile(shifts, (len(visits), 1)),
        np.array([lag]),
        np.zeros((len(shifts), bank.entries), int),
        times_of(visits, problem.table.days),
    ).reshape(len(visits), len(shifts), bank.entries)
    exact = np.asarray(signal_table(bank, area, given, laid.base[0] + shifts, 253), dtype=float)
    time = np.maximum(np.array(visits) - lag, 0.0)
    day = time.astype(int)
    part = time - day
    read = exact[..., day] * (1.0 - part) + exact[..., day + 1] * part
    assert len(visits) >= 8
    return float(np.abs(np.moveaxis(found, 0, -1) - np.moveaxis(read, 0, 1)).max())


@pytest.mark.parametrize(("name", "area"), [(GLABELLA, "glabella"), (CANTHUS, "lateral_canthus")])
@pytest.mark.parametrize(
    ("half_life", "spread", "lag", "error"),
    [
        (18.0, 0.8, 0.7, 0.008),  # a fast recovery bends between the kept days, six apart
        (26.0, 1.07, 1.6, 0.005),
        (39.0, 1.3, 0.4, 0.005),
        (57.0, 0.63, 0.7, 0.005),
        (83.0, 2.3, 1.1, 0.005),
    ],
)
def test_the_tables_of_the_fit_are_the_chain_off_their_grid(
    problem, name, area, half_life, spread, lag, error
):
    assert emulator_error(problem, name, area, half_life, spread, lag) < error


def test_in_the_corners_of_the_priors_the_tables_err_by_less_than_a_hundredth(problem):
    for half_life, spread, lag in [(11.3, 0.4, 2.9), (83.0, 0.4, 0.4), (11.3, 2.5, 2.9)]:
        assert emulator_error(problem, GLABELLA, "glabella", half_life, spread, lag) < 0.01


def test_few_people_give_the_rates_of_many(problem, layout):
    many = lay_out(replace(problem, people=persons(problem.banks.share.shape[1], sensitivities=64)))
    timed = np.array([row.is_median for row in problem.rows])
    errors = []
    for z in scores(problem, 5):
        values = values_of(np, problem, z)
        errors.append([predictions(np, one, values, no_effects(problem)) for one in (layout, many)])
    few, more = np.array(errors).swapaxes(0, 1)
    points = 100.0 * np.abs(few[:, ~timed] - more[:, ~timed])
    assert points.max() < 3.0 and points.mean() < 0.5
    reached = np.isfinite(few) & np.isfinite(more) & timed
    assert np.abs(few[reached] - more[reached]).max() < 0.35


def test_classes_of_people_have_the_moments_of_a_normal():
    for classes in (5, 8, 64):
        found = class_means(classes)
        assert found.mean() == pytest.approx(0.0, abs=1e-12)
        assert (found**2).mean() == pytest.approx(1.0)
    who = persons(20)
    for score in (who.start, who.investigator, who.subject):
        assert len(score) == 160 and abs(score.mean()) < 1e-9 and score.std() == pytest.approx(1.0, abs=0.02)
    tie = np.corrcoef([np.repeat(who.sensitivity, 20), who.start, who.investigator, who.subject])
    assert np.abs(tie - np.eye(4)).max() < 0.15  # 160 people are not quite independent in all pairs


def test_jax_predicts_what_numpy_predicts(problem, layout):
    jax = pytest.importorskip("jax")
    values = values_of(np, problem, scores(problem, 2)[1])
    ours = predictions(np, layout, values, no_effects(problem))
    with jax.enable_x64(True):
        theirs = np.asarray(predictions(jax.numpy, layout, values, no_effects(problem)))
    assert np.allclose(ours, theirs, rtol=1e-7, atol=1e-9)


# One model: the same arm in the trial room, with the same values.

ASKED = {
    "investigator_none_mild": (7, 30, 90, 120),
    "subject_none_mild": (30,),
    "both_none_mild": (30,),
    "composite_2_grades": (30, 90),
    "investigator_1_grade": (168,),
    "subject_1_grade": (90,),
    "relapse_investigator": (120,),
    "subject_global_moderate": (7, 60),
    "subject_onset": (1, 3),
}
LASTING = ("loss_of_none_mild_both", "return_to_baseline_both", "return_to_baseline_investigator")
TRIAL = f"""\
schema = "endplate/trial/1"
title = "as the fit has it"
visits = {list(range(28, 337, 28))}

[population]
sex = {{ female = 1.0 }}
age = {{ mean = 45, sd = 0, min = 18, max = 75 }}
operator = {{ experience = "expert" }}

[[arms]]
name = "active"
n = 400
pattern = "glabellar_lines.{ONA}"

[[arms]]
name = "placebo"
n = 100
product = "placebo"
"""


def trial_text() -> str:
    rates = [
        f'[[endpoints]]\nid = "{name}"\narea = "glabella"\ndays = {list(days)}'
        for name, days in ASKED.items()
    ]
    return "\n".join([TRIAL, *rates, *(f'[[durations]]\nid = "{d}"\narea = "glabella"' for d in LASTING)])


def rows_like_the_trial() -> list:
    """Rows of the catalogue, made to ask what the trial asks."""
    table = catalogue().results
    out = []
    for arm in ("active", "placebo"):
        like = table[f"c1.investigator_none_mild.d30.{arm}"]
        for name, days in ASKED.items():
            for day in days:
                change = {"id": f"{name}.{day}.{arm}", "endpoint": name, "day": float(day)}
                out.append(like.model_copy(update=change))
    like = table["c1.investigator_none_mild.d30.active"]
    for name in LASTING:
        change = {"id": f"{name}.active", "endpoint": name, "day": None, "value": 20.0, "unit": "weeks"}
        out.append(like.model_copy(update=change))
    return out


def run_same_trial(monkeypatch, values, bank=None, patients=10_000):
    """The trial's rates and medians by the ids of `rows_like_the_trial`, all draws at these values."""
    from endplate.trial import parse_design, prepare
    from endplate.trial.run import run_trial

    def the_same(product, draws, seed):
        found = draws_of(product, draws, seed)
        fixed = {n: np.full(draws, float(values.get(n, v[0]))) for n, v in found.values.items()}
        return Draws(fixed, found.basis)

    monkeypatch.setattr(prepare, "draws_of", the_same)
    if bank is not None:
        monkeypatch.setattr(prepare, "bank_of", lambda *_: bank)
    found = run_trial(parse_design(trial_text(), "toml"), patients=patients, seed=1)
    out = {f"{r.endpoint}.{r.day}.{arm.name}": r.rate for arm in found.arms for r in arm.rates}
    return out | {f"{d.definition}.active": d.median_weeks for d in found.arms[0].durations}


@pytest.fixture(scope="module")
def as_a_trial():
    """The rows of the trial as a problem with many people, so that few do not blur the comparison."""
    return build(rows_like_the_trial(), banks.load(), sensitivities=64)


@pytest.mark.parametrize("draw", [0, 1])
def test_fit_and_trial_are_one_model(as_a_trial, monkeypatch, draw):
    values = values_of(np, as_a_trial, scores(as_a_trial, 2)[draw])
    fitted = predictions(np, lay_out(as_a_trial), values, no_effects(as_a_trial))
    trial = run_same_trial(monkeypatch, values, bank_of(GLABELLA, "glabella"))
    for row, value in zip(as_a_trial.rows, fitted, strict=True):
        if row.is_median:
            assert trial[row.id] == pytest.approx(value, abs=0.4), row.id
        else:
            # Ten thousand people in strata: half a point, three times; and the fit's tables.
            assert 100.0 * trial[row.id] == pytest.approx(100.0 * value, abs=1.5), row.id


@pytest.mark.slow
def test_the_banks_of_the_fit_stand_for_those_that_a_trial_makes(as_a_trial, monkeypatch):
    values = values_of(np, as_a_trial, scores(as_a_trial, 1)[0])
    fitted = predictions(np, lay_out(as_a_trial), values, no_effects(as_a_trial))
    trial = run_same_trial(monkeypatch, values)
    shares = [(row, value) for row, value in zip(as_a_trial.rows, fitted, strict=True) if not row.is_median]
    errors = np.array([100.0 * (trial[row.id] - value) for row, value in shares])
    assert np.abs(errors).max() < 4.0 and np.abs(errors).mean() < 1.5


# The likelihood.


def terms_of(problem, rows, expected, values):
    """Log densities of rows, (row,), in double precision."""
    jax = pytest.importorskip("jax")
    from endplate.fit.clinic.sampler import likelihood

    with jax.enable_x64(True):
        return np.asarray(
            likelihood(jax.numpy, replace(problem, rows=tuple(rows)), values, jax.numpy.asarray(expected))
        )


@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_the_chances_of_all_counts_add_up_to_one(problem, share):
    row = next(r for r in problem.rows if not r.is_median and r.n < 60)
    counts = np.arange(row.n + 1)
    rows = [replace(row, value=float(k) / row.n) for k in counts]
    values = values_of(np, problem, scores(problem, 1)[0])
    chance = np.exp(terms_of(problem, rows, np.full(len(rows), share), values))
    assert chance.sum() == pytest.approx(1.0, abs=1e-9)
    assert (chance * counts).sum() / row.n == pytest.approx(share, abs=1e-9)


def test_the_density_of_medians_integrates_to_one(problem):
    row = next(r for r in problem.rows if r.is_median)
    weeks = np.linspace(5.0, 80.0, 3001)
    rows = [replace(row, value=float(w)) for w in weeks]
    values = values_of(np, problem, scores(problem, 1)[0])
    density = np.exp(terms_of(problem, rows, np.full(len(rows), 22.0), values)) / np.sqrt(2.0 * np.pi)
    assert np.trapezoid(density, weeks) == pytest.approx(1.0, abs=1e-3)


def test_the_width_of_a_rate_is_that_on_the_logit():
    share, sd = np.array([0.1, 0.5, 0.9]), 0.3
    together = concentration(np, share, np.array(sd))
    assert np.sqrt(share * (1.0 - share) / (together + 1.0)) == pytest.approx(share * (1.0 - share) * sd)
    assert median_sd(np, 100.0, 0.0) == pytest.approx(0.09)


def test_a_study_that_is_left_out_weighs_nothing_and_the_others_all(problem):
    found = weights(problem, "gl_abo_dose")
    mine = np.array([row.id.startswith("c5.") for row in problem.rows])
    assert mine.any() and (found[mine] == 0.0).all() and (found[~mine] == 1.0).all()
    assert (weights(problem, "") == 1.0).all()
    with pytest.raises(ModelError, match="No study"):
        weights(problem, "no_such_study")


def test_every_row_for_calibration_is_fitted_or_says_why_not(problem):
    fitted = {row.id for row in problem.rows}
    for result in catalogue().results.values():
        if result.use == "calibrate" and result.area in LINEAR_AREAS:
            assert result.id in fitted or result.reason, result.id
    assert all(catalogue().results[name].use == "calibrate" for name in fitted)


def test_rows_that_are_not_for_prediction_are_not_predicted():
    for result in catalogue().results.values():
        if can_predict(result):
            assert result.area in LINEAR_AREAS and result.value is not None and result.n


def test_no_row_of_a_prior_is_fitted_twice(problem):
    """The half-life of the catalogue rests on two of the fitted rows: another interval stands in."""
    assert HALF_LIFE in problem.names
    ends = values_of(np, problem, np.full(len(problem.names), 1.6448536))
    assert ends[HALF_LIFE] == pytest.approx(catalogue().parameter("clinic.light_chain_half_life.a").high)
    assert ends[SPREAD] == pytest.approx(catalogue().parameter(SPREAD).high, rel=1e-4)


# Chains.

SHORT = Settings(warmup=20, draws=20, chains=2, seed=3)


@pytest.fixture
def small(monkeypatch):
    """A problem of a few rows, in every process."""
    monkeypatch.syspath_prepend(str(store.Path(__file__).parent))
    import small_clinic

    monkeypatch.setattr(run, "_one", small_clinic.one)
    monkeypatch.setattr(run, "problem_of_catalogue", lambda *_: small_clinic.problem())
    yield small_clinic
    run._KEPT.clear()


@pytest.mark.slow
def test_chains_depend_on_the_seed_and_not_on_who_runs_them(small):
    from endplate.fit.clinic.sampler import run_again

    names = ("", "gl_ona_pivotal")
    alone = run.fit(SHORT, left_out=names, workers=1)
    ((problem, sampler),) = run._KEPT.values()
    one = alone[""]
    assert one.values.shape == (2, SHORT.draws, len(one.names))
    assert np.isfinite(one.values).all() and np.isfinite(one.effects).all()
    again = run_again(sampler, weights(problem, ""), SHORT.seed, 0)
    assert np.array_equal(again["z"], one.scores[0])
    other = run_again(sampler, weights(problem, ""), SHORT.seed + 1, 0)
    assert not np.allclose(other["z"], one.scores[0]) and not np.allclose(one.scores[0], one.scores[1])
    # A study that is left out is predicted from the priors here, as no other is there.
    without = alone["gl_ona_pivotal"]
    assert one.used.all() and not without.used.any()
    assert without.expected[..., 2].std() > one.expected[..., 2].std()
    two = run.fit(SHORT, workers=2)[""]
    for part in ("values", "effects", "expected"):
        assert np.array_equal(getattr(one, part), getattr(two, part)), part


# What is stored.


@pytest.fixture(scope="module")
def made_up(problem) -> Fit:
    """A fit that nobody ran: draws of the priors, two parameters tied."""
    rng = np.random.default_rng(1)
    z = 0.6 * rng.standard_normal((2, 50, len(problem.names)))
    one, other = (problem.names.index(f"threshold.{p}botulinumtoxin_a") for p in ("ona", "abo"))
    z[..., other] = 0.98 * z[..., one] + 0.02 * z[..., other]
    drawn = values_of(np, problem, np.moveaxis(z, -1, 0))
    return Fit(
        problem.names,
        problem.studies,
        tuple(row.id for row in problem.rows),
        np.ones(len(problem.rows), dtype=bool),
        np.stack([drawn[name] for name in problem.names], axis=-1),
        z,
        rng.standard_normal((2, 50, 3, len(problem.studies))),
        np.full((2, 50, len(problem.rows)), 0.5),
        np.array([1, 0]),
        np.full(2, 15.0),
        12.0,
        Settings(10, 50, 2),
    )


@pytest.fixture
def saved(made_up, problem, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "problem_of_catalogue", lambda: problem)
    store.save_posterior(made_up, tmp_path)
    return tmp_path


def test_a_posterior_comes_back_as_it_was_stored(saved, made_up):
    found = stored_posterior(saved)
    assert found is not None and found.names == made_up.names
    assert np.allclose(found.draws, made_up.values, rtol=1e-6)
    assert found.flat.shape == (100, len(made_up.names))
    assert found.recipe["divergences"] == 1 and found.recipe["rows"] == len(made_up.rows)
    assert found.recipe["chains"] == 2 and found.recipe["inputs"] == store.inputs_hash()
    assert set(found.recipe["rhat"]) == set(found.recipe["effective_draws"]) == set(made_up.names)


def test_study_effects_are_stored_in_their_units(saved, made_up):
    with np.load(saved / "posterior.npz") as file:
        effects = file["effects"]
    sd = made_up.values[..., made_up.names.index("outcome.study_sd.exposure")]
    assert np.allclose(effects[:, :, 0], sd[..., None] * made_up.effects[:, :, 0], rtol=1e-5)
    held = float(catalogue().parameter("outcome.study_sd.baseline").value)
    assert np.allclose(effects[:, :, 2], held * made_up.effects[:, :, 2], rtol=1e-5)


def test_no_posterior_is_found_where_none_is(tmp_path):
    assert stored_posterior(tmp_path) is None


def test_draws_take_whole_rows_and_say_where_each_value_comes_from(saved):
    found = stored_posterior(saved)
    drawn = draws_of(ONA, 60, 5, found)
    flat = np.stack([drawn[name] for name in found.names], axis=-1)
    rows = {row.tobytes() for row in found.flat}
    assert all(row.tobytes() in rows for row in flat)
    one, other = (np.log(drawn[f"threshold.{p}botulinumtoxin_a"]) for p in ("ona", "abo"))
    assert np.corrcoef(one, other)[0, 1] > 0.95
    assert drawn.basis["outcome.visit_noise.subject"] == "posterior"
    assert drawn.basis["outcome.rater_offset_sd"] == "held"
    assert drawn.basis["junction.release_power"] == "held" and np.ptp(drawn["junction.release_power"]) == 0.0
    again = draws_of(ONA, 60, 5, found)
    assert all((again[name] == drawn[name]).all() for name in drawn.values)


def test_a_product_that_was_not_fitted_keeps_its_prior_and_says_so(saved):
    found = stored_posterior(saved)
    kept = [k for k, name in enumerate(found.names) if name != f"threshold.{ONA}"]
    without = Posterior(tuple(found.names[k] for k in kept), found.draws[..., kept], found.recipe)
    drawn = draws_of(ONA, 400, 5, without)
    assert drawn.basis[f"threshold.{ONA}"] == "prior" and drawn.basis["outcome.drop.glabella"] == "posterior"
    entry = catalogue().parameter(f"threshold.{ONA}")
    inside = (drawn[f"threshold.{ONA}"] > entry.low) & (drawn[f"threshold.{ONA}"] < entry.high)
    assert inside.mean() == pytest.approx(0.9, abs=0.02)


def test_the_shipped_posterior_is_of_these_inputs():
    found = stored_posterior(shipped.DATA)
    assert found is not None, "run `python3 dev.py refit`"
    assert found.recipe["inputs"] == store.inputs_hash(), "run `python3 dev.py refit` again"


def test_the_stored_exposures_are_of_these_inputs():
    assert banks.stored_hash() == banks.inputs_hash(), "run `python3 dev.py refit --banks`"


def test_the_hash_reads_what_code_does_and_not_how_it_is_laid_out(monkeypatch, tmp_path):
    monkeypatch.setattr(store, "files", lambda _: tmp_path)
    for name, text in (
        ("plain.py", 'def f(x):\n    """One."""\n    return x + 1\n'),
        ("told.py", 'def f(x):  # why\n\n    """Two."""\n    return (x + 1)\n'),
        ("other.py", 'def f(x):\n    """One."""\n    return x + 2\n'),
    ):
        (tmp_path / name).write_text(text, "utf-8")
    assert store.code_text("plain.py") == store.code_text("told.py") != store.code_text("other.py")


def test_the_summary_says_what_was_learnt_and_what_hangs_together(made_up):
    entry = catalogue().parameter("outcome.placebo_shift")
    assert shrinkage(entry, entry.low, entry.high) == 0.0
    log = catalogue().parameter("outcome.visit_noise.subject")
    assert shrinkage(log, log.value, log.value * (log.high / log.low) ** 0.25) == pytest.approx(0.75)
    pairs = entangled(made_up.names, made_up.values)
    assert pairs[0][:2] == (f"threshold.{ONA}", "threshold.abobotulinumtoxin_a") and pairs[0][2] > 0.95
    rows = summary_rows(made_up.names, made_up.values)
    assert [row["id"] for row in rows] == list(made_up.names)
    assert all(low <= middle <= high for middle, low, high in (row["posterior"] for row in rows))


# The command.


@pytest.fixture
def command(monkeypatch, capsys):
    """Run `endplate fit WORDS`; exit code, stdout, stderr."""

    def call(*words: str):
        monkeypatch.setattr(sys, "argv", ["endplate", "fit", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = capsys.readouterr()
        return stop.value.code or 0, found.out, found.err

    return call


@pytest.fixture
def never_fitted(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("bad input must be refused before anything is fitted")

    monkeypatch.setattr(run, "fit", refuse)


@pytest.mark.parametrize(
    "words",
    [
        ("--chains", "0"),
        ("--chains", "17"),
        ("--draws", "3"),
        ("--warmup", "0"),
        ("--workers", "0"),
        ("--seed", "-1"),
        ("--seed", str(2**31)),
        ("--out", ""),
        ("--out", __file__),
    ],
)
def test_bad_input_is_refused_in_one_line(command, never_fitted, words):
    code, out, err = command(*words)
    assert code == 2 and out == ""
    assert err.count("\n") == 1 and (words[0] in err or "folder" in err), err


def test_without_the_sampler_the_command_says_what_to_install(command, never_fitted, monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    code, _, err = command()
    assert code == 2 and err.count("\n") == 1 and "endplate[fit]" in err


def test_the_command_prints_the_fit_and_leaves_it_in_a_folder(
    command, made_up, problem, monkeypatch, tmp_path
):
    monkeypatch.setattr(run, "fit", lambda *_, **__: {"": made_up})
    monkeypatch.setattr(store, "problem_of_catalogue", lambda: problem)
    code, out, err = command("--json", "--out", str(tmp_path / "new"))
    assert code == 0, err
    told = json.loads(out)
    assert told["schema"] == "endplate/fit/1" and told["divergences"] == 1
    assert [row["id"] for row in told["parameters"]] == list(made_up.names)
    assert stored_posterior(tmp_path / "new") is not None
    code, out, _ = command()
    assert code == 0 and "R-hat" in out and "17 studies" in out
