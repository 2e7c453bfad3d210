"""What a trial finds obeys what trials obey."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from endplate.errors import ModelError
from endplate.trial import parse_design, read_design
from endplate.trial.document import to_csv, trial_result_json_schema
from endplate.trial.prepare import ages_of, bank_of, jobs_of, retained, trial_of
from endplate.trial.records import Ages, Dropout
from endplate.trial.run import run_trial
from endplate.trial.unit import Faces, _faces, run_unit

PATTERN = "pattern ="


def test_every_example_runs_with_few_patients_and_fits_the_published_schema(example: Path) -> None:
    design = read_design(example)
    found = run_trial(design, patients=40, seed=3)
    document = json.loads(json.dumps(found.to_json_dict(), allow_nan=False))
    jsonschema.validate(document, trial_result_json_schema())
    for arm in document["arms"]:
        assert len(arm["endpoints"]) == sum(len(row.days) for row in design.asked)
        for row in arm["endpoints"]:
            low, high = row["interval90"]
            assert 0.0 <= low <= high <= 1.0 and 0.0 <= row["rate"] <= 1.0
    lines = to_csv(found).splitlines()
    assert len(lines) > 1 and all(line.count(",") >= 12 for line in lines)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(changed) -> None:
    first, again, other = (run_trial(changed(), patients=60, seed=seed) for seed in (5, 5, 6))
    assert json.dumps(first.to_json_dict()) == json.dumps(again.to_json_dict())
    assert json.dumps(first.to_json_dict()) != json.dumps(other.to_json_dict())


def test_sampled_grades_agree_with_the_chances_behind_the_rates(small) -> None:
    for arm in small.arms:
        for row in arm.rates:
            assert row.simulated == pytest.approx(row.rate, abs=4.0 * np.sqrt(0.25 / small.patients))


def test_an_arm_beats_its_placebo_and_wears_off(small) -> None:
    active, placebo = small.arm("active"), small.arm("placebo")
    early, late = (active.rate("investigator_none_mild", day).rate for day in (28, 140))
    assert early > late > placebo.rate("investigator_none_mild", 140).rate
    flat = [row.rate for row in placebo.rates if row.endpoint == "investigator_none_mild"]
    assert max(flat) - min(flat) < 0.02
    assert small.powers[0].power > 0.9
    assert small.powers[0].assurance <= small.powers[0].power


def test_a_predictive_interval_is_wider_than_the_models(small) -> None:
    row = small.arm("active").rate("investigator_none_mild", 28)
    inner, outer = (high - low for low, high in (row.interval90, row.predictive90))
    assert outer > inner > 0.0


@pytest.mark.slow
def test_the_models_interval_does_not_depend_on_how_many_patients_there_are(changed) -> None:
    few, many = (run_trial(changed(), patients=n, seed=2).arm("active") for n in (10_000, 60_000))
    for day in (28, 84):
        narrow, wide = (arm.rate("investigator_none_mild", day) for arm in (many, few))
        width = [row.interval90[1] - row.interval90[0] for row in (narrow, wide)]
        assert width[1] == pytest.approx(width[0], rel=0.25)


def test_more_units_do_more_and_hardly_any_toxin_does_nothing(changed) -> None:
    rates = [
        run_trial(changed((PATTERN, f"scale = {scale}\n{PATTERN}")), patients=600, seed=1).arm("active")
        for scale in (1e-6, 0.5, 2.0)
    ]
    at_28 = [arm.rate("investigator_none_mild", 28).rate for arm in rates]
    assert at_28[0] < at_28[1] < at_28[2]
    none = run_trial(changed(), patients=600, seed=1).arm("placebo")
    assert at_28[0] == pytest.approx(none.rate("investigator_none_mild", 28).rate, abs=0.05)


def test_everyone_let_in_has_the_entry_grade_by_both_raters_and_the_mix_that_was_asked_for(changed) -> None:
    for severe in (0.3, 0.7, 1.0):
        mix = (
            f"[population]\nbaseline = {{ glabella = {{ moderate = {1 - severe:g}, severe = {severe:g} }} }}"
        )
        kept = run_trial(changed(("[population]", mix)), patients=1500, seed=1).kept
        assert kept is not None
        base = kept["base"][:, 0]
        assert (base >= 2).all()
        assert (base[:, 0] == 3).mean() == pytest.approx(severe, abs=0.04)


def test_moderate_is_the_entry_grade_and_severe_what_lies_above_on_every_scale() -> None:
    for severe, grades in ((0.0, {3}), (1.0, {4, 5}), (0.6, {3, 4, 5})):
        mix = f"[population]\nbaseline = {{ platysma = {{ moderate = {1 - severe:g}, severe = {severe:g} }} }}\n"
        kept = run_trial(parse_design(PLATYSMA + mix), patients=1500, seed=1).kept
        assert kept is not None
        base = kept["base"][:, 0, 0]
        assert set(base.tolist()) == grades
        assert (base > 3).mean() == pytest.approx(severe, abs=0.04)


def test_a_later_seed_or_block_shares_no_patient(changed) -> None:
    kept = run_trial(changed(), patients=400, seed=1).kept
    change = kept["change"][:, 0, 0]
    assert len(np.unique(change)) == len(change)


def test_one_patient_that_fails_is_named_and_left_out(changed) -> None:
    design = changed()
    trial = trial_of(design, patients=400, seed=0)
    jobs, _ = jobs_of(trial, design, patients=400)
    arm = trial.arms[0]
    share = {name: rows.copy() for name, rows in arm.bank.share.items()}
    share["glabella"][0] = np.nan
    spoilt = replace(trial, arms=(replace(arm, bank=replace(arm.bank, share=share)), *trial.arms[1:]))
    tally = run_unit(spoilt, jobs[0])
    failed = tally.failures
    assert 0 < len(failed) < jobs[0].count
    assert tally.count.sum() == jobs[0].count - len(failed)
    assert np.isfinite(tally.chance).all() and np.isfinite(tally.lasting).all()
    assert (failed[0].arm, failed[0].draw, failed[0].reason) == (
        "active",
        0,
        "line force is not a finite number",
    )
    assert 0 <= failed[0].patient < jobs[0].count


def test_failures_reach_the_document(changed, monkeypatch) -> None:
    from endplate.trial import prepare

    def spoilt(*arguments):
        bank = bank_of(*arguments)
        share = {
            name: np.where(np.arange(len(rows))[:, None] == 0, np.nan, rows)
            for name, rows in bank.share.items()
        }
        return replace(bank, share=share)

    monkeypatch.setattr(prepare, "bank_of", spoilt)
    document = run_trial(changed(), patients=400, seed=0).to_json_dict()
    assert document["failed"] == len(document["failures"]) > 0
    assert any("failed and are left out" in text for text in document["limits"])
    assert all(row["rate"] is not None for arm in document["arms"] for row in arm["endpoints"])


def test_men_and_women_may_stand_in_arms_of_their_own(changed) -> None:
    text = '[[arms]]\nname = "men"\nn = 20\nsex = "male"\npattern = "glabellar_lines.onabotulinumtoxin_a"\n'
    found = run_trial(changed(("+", text)), patients=600, seed=1)
    women, men = (found.arm(name).rate("investigator_none_mild", 28).rate for name in ("active", "men"))
    assert men != women  # larger muscles, the same units


def test_people_treated_a_month_ago_start_lower_and_those_of_long_ago_do_not(changed) -> None:
    def mean_fall(days_ago: int) -> float:
        text = f"[population]\npreviously_treated = {{ share = 1.0, days_ago = {days_ago} }}"
        kept = run_trial(changed(("[population]", text)), patients=800, seed=1).kept
        return float(kept["change"][kept["arm"] == 1, 0, 3].mean())  # of placebo, by day 140

    plain = run_trial(changed(), patients=800, seed=1).kept
    never = float(plain["change"][plain["arm"] == 1, 0, 3].mean())
    assert mean_fall(30) < never - 0.1  # what is left wears off: they get worse
    assert mean_fall(700) == pytest.approx(never, abs=0.05)


def test_retreatment_is_counted_at_most_so_often_and_not_too_early(changed) -> None:
    text = "[retreatment]\nmin_days = 80\nat_most = 1\n\n[population]"
    found = run_trial(changed(("[population]", text)), patients=600, seed=1)
    active, placebo = found.arm("active"), found.arm("placebo")
    assert not placebo.retreated
    assert {day for day, _ in active.retreated} <= {84, 140}
    assert 0.0 < sum(share for _, share in active.retreated) <= 1.0
    once = run_trial(changed(), patients=600, seed=1).arm("active")
    assert active.rate("investigator_none_mild", 140).rate > once.rate("investigator_none_mild", 140).rate
    assert active.rate("investigator_none_mild", 84).rate == pytest.approx(
        once.rate("investigator_none_mild", 84).rate, abs=0.02
    )
    assert active.durations[0].median_weeks == pytest.approx(once.durations[0].median_weeks, abs=2.5)


def test_people_who_leave_count_as_failures_only_where_asked_for(changed) -> None:
    plain = run_trial(changed(), patients=600, seed=1).arm("active")
    observed, failure = (
        run_trial(
            changed(
                ("[population]", f'[dropout]\nshare_per_30_days = 0.2\nmissing = "{how}"\n\n[population]')
            ),
            patients=600,
            seed=1,
        ).arm("active")
        for how in ("observed", "failure")
    )
    day = 84
    whole, seen, all_ = (arm.rate("investigator_none_mild", day) for arm in (plain, observed, failure))
    assert seen.rate == whole.rate
    assert all_.rate == pytest.approx(whole.rate * 0.8 ** (day / 30))
    assert all_.simulated == pytest.approx(all_.rate, abs=0.06)
    assert np.ptp(seen.predictive90) >= np.ptp(whole.predictive90)
    assert observed.durations[0].median_weeks == plain.durations[0].median_weeks


def test_the_share_that_stays_follows_either_form_of_dropout() -> None:
    assert retained(Dropout(share_per_30_days=0.1), (30, 60), 60) == pytest.approx(0.81)
    assert retained(Dropout(by_visit=(0.1, 0.5)), (30, 60), 59) == pytest.approx(0.9)
    assert retained(Dropout(by_visit=(0.1, 0.5)), (30, 60), 60) == pytest.approx(0.45)
    assert retained(Dropout(), (30, 60), 60) == 1.0


def test_a_spread_of_ages_is_three_ages_within_its_ends() -> None:
    assert ages_of(Ages(mean=45)) == (45.0,)
    low, middle, high = ages_of(Ages(mean=45, sd=10, min=40, max=75))
    assert 40 <= low < middle < high <= 75


def test_a_product_without_data_is_predicted_from_its_prior_and_the_result_says_so(changed) -> None:
    design = changed(("glabellar_lines.onabotulinumtoxin_a", "glabellar_lines.abobotulinumtoxin_a_solution"))
    found = run_trial(design, patients=40, seed=1)
    assert "threshold.abobotulinumtoxin_a_solution" in found.arm("active").basis["prior"]
    assert any("its potency is drawn from its prior" in text for text in found.limits)


def test_curves_pass_through_the_rates(small) -> None:
    arm = small.arm("active")
    curve = next(c for c in arm.curves if c.endpoint == "investigator_none_mild")
    at = {int(day): rate for day, rate in zip(curve.days, curve.rate, strict=True)}
    for day in (7, 28, 84, 140):
        assert at[day] == pytest.approx(arm.rate("investigator_none_mild", day).rate, abs=0.03)
    assert (curve.low <= curve.rate + 0.05).all() and (curve.rate <= curve.high + 0.05).all()


@pytest.mark.parametrize(
    ("patients", "seed", "words"), [(0, 0, "0 patients"), (19, 0, "19"), (100, -1, "seed is -1")]
)
def test_a_run_that_is_none_is_refused(changed, patients: int, seed: int, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        run_trial(changed(), patients=patients, seed=seed)


def test_an_entry_rule_that_nobody_satisfies_ends_in_one_line(changed, monkeypatch) -> None:
    from endplate.trial import people

    monkeypatch.setattr(people, "MOST_ROUNDS", 2)
    monkeypatch.setattr(people, "_satisfies", lambda trial, base: np.zeros(len(base), dtype=bool))
    with pytest.raises(ModelError, match="candidates of arm active satisfy the rule of entry"):
        run_trial(changed(), patients=40)


def test_an_entry_rule_that_hardly_anybody_satisfies_ends_early(changed, monkeypatch) -> None:
    from endplate.trial import people

    looked_at = []

    def one_in_a_hundred_thousand(trial, base):
        looked_at.append(len(base))
        return np.arange(sum(looked_at) - len(base), sum(looked_at)) % 100_000 == 0

    monkeypatch.setattr(people, "_satisfies", one_in_a_hundred_thousand)
    with pytest.raises(
        ModelError, match=r"Only \d of 2\d\d\d\d\d candidates of arm active satisfy the rule of entry"
    ):
        run_trial(changed(), patients=4000)
    assert sum(looked_at) < 300_000


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak as Linux tells it")
def test_the_memory_of_a_million_patients_stays_below_a_gigabyte() -> None:
    import subprocess
    import sys

    code = (
        "import re\n"
        "from endplate.trial import read_design\n"
        "from endplate.trial.run import run_trial\n"
        "design = read_design('examples/trials/pooled-ona-20u.toml')\n"
        "run_trial(design, patients=20)\n"
        "run_trial(design, patients=500_000, workers=2)\n"
        # The peak of this program alone: what getrusage says is carried over from the process that started it.
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read()).group(1))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 1e6


def test_tables_of_many_histories_take_bounded_memory_and_change_nothing(changed, monkeypatch) -> None:
    text = "[retreatment]\nmin_days = 1\nat_most = 4\n\n[population]"
    design = changed(("[population]", text), ("[7, 28, 84, 140]", "[7, 14, 21, 28, 84, 140]"))
    first = json.dumps(run_trial(design, patients=40, seed=1).to_json_dict())
    held = []

    class Watched(dict):
        def __delitem__(self, key: object) -> None:
            held.append(len(self))
            super().__delitem__(key)

    monkeypatch.setattr("endplate.trial.unit.MOST_BYTES", 1)
    faces = replace(_faces_of(design), made=Watched())
    for history in ((0,), (0, 7), (0, 14)):
        faces.table(0, history, 140)
    assert len(faces.made) == 1 and held == [2, 2]
    assert json.dumps(run_trial(design, patients=40, seed=1).to_json_dict()) == first


def _faces_of(design) -> Faces:
    trial = trial_of(design, patients=40, seed=1)
    jobs, _ = jobs_of(trial, design, patients=40)
    return _faces(trial, jobs[0], trial.arms[0])


def test_visits_before_its_first_day_do_not_end_a_duration_among_all(changed) -> None:
    rule = ("loss_of_none_mild_both", "return_to_baseline_both")
    early, late = (
        run_trial(changed(rule, ("[7, 28", visits)), patients=200, seed=1)
        for visits in ("[1, 2, 3, 7, 28", "[28")
    )
    for name in ("active", "placebo"):
        # Grades on early days are those of entry: without the rule half of a placebo arm would end on day 1.
        first, second = (found.arm(name).durations[0].median_weeks for found in (early, late))
        assert first is None or first > 3.0
        assert (first is None) == (second is None)


def test_an_area_without_rows_in_the_fit_keeps_its_priors_and_the_result_says_so() -> None:
    design = parse_design(MASSETER)
    found = run_trial(design, patients=40, seed=1)
    arm = found.arm("active")
    assert "outcome.drop.masseter" in arm.basis["prior"]
    assert not any(name.endswith(".platysma") for names in arm.basis.values() for name in names)
    assert any("No row of the masseter is in the fit" in text for text in found.limits)


MASSETER = """\
schema = "endplate/trial/1"
visits = [90]

[[arms]]
name = "active"
n = 50
pattern = "masseter.onabotulinumtoxin_a"

[[endpoints]]
id = "masseter_grade_3"
area = "masseter"
"""

PLATYSMA = """\
schema = "endplate/trial/1"
visits = [30]
arms = [{ name = "placebo", n = 50, product = "placebo" }]
endpoints = [{ id = "platysma_investigator_grade_2", area = "platysma" }]

"""
