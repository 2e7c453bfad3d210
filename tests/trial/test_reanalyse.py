"""Other endpoints from kept patients, without simulating anybody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from endplate.trial.design import Asked, Lasting
from endplate.trial.errors import TrialError
from endplate.trial.reanalyse import FILE, pack, reanalyse
from endplate.trial.run import run_trial

NONE_MILD = Asked("investigator_none_mild", "glabella", (28, 84))


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("kept")
    (path / FILE).write_bytes(pack(small))
    return path


def test_the_rates_are_those_that_the_run_counted(small, folder: Path) -> None:
    felt = Asked("subject_global_moderate", "glabella", (28,))
    rates, _ = reanalyse(folder, endpoints=[NONE_MILD, felt])
    for one in rates:
        row = small.arm(one.arm).rate(one.endpoint, one.day)
        assert one.rate == pytest.approx(row.simulated)
        assert one.people == small.patients
        assert one.interval90[0] <= one.rate <= one.interval90[1] + 1e-9


def test_an_endpoint_that_the_run_did_not_ask_for_follows_from_the_grades(small, folder: Path) -> None:
    rates, _ = reanalyse(folder, endpoints=[Asked("composite_2_grades", "glabella", (28,))])
    active = next(one for one in rates if one.arm == "active")
    kept = small.kept
    mine = kept["arm"] == 0
    day = 1
    base, grade = kept["base"][mine, 0], kept["grade"][mine, 0, :, day]
    assert active.rate == ((grade <= 1) & (base - grade >= 2)).all(axis=1).mean()


def test_a_median_from_grades_is_near_that_from_chances(changed) -> None:
    # Visits go on well beyond the median: in a half of few people half may never be reached.
    found = run_trial(changed(("84, 140]", "84, 112, 140, 168, 224, 280]")), patients=2000, seed=1)
    _, lasting = reanalyse(found, durations=[Lasting("loss_of_none_mild_both", "glabella")])
    sampled = next(one.duration for one in lasting if one.arm == "active").median_weeks
    assert sampled is not None
    assert sampled == pytest.approx(found.arm("active").durations[0].median_weeks, abs=1.5)


def test_a_file_gives_what_the_result_gives(small, folder: Path) -> None:
    asked = [Lasting("loss_of_none_mild_both", "glabella")]
    assert reanalyse(folder, durations=asked) == reanalyse(small, durations=asked)
    _, other = reanalyse(folder, durations=[Lasting("return_to_baseline_both", "glabella")])
    assert other[0].duration.definition == "return_to_baseline_both"


def test_the_same_result_packs_to_the_same_bytes(small) -> None:
    assert pack(small) == pack(small)


def test_what_was_not_kept_is_refused(small, folder: Path, tmp_path: Path, changed) -> None:
    def refused(source: object, words: str, **asked: object) -> None:
        with pytest.raises(TrialError, match=words):
            reanalyse(source, **asked)

    refused(
        folder, "Nobody was graded on day 30", endpoints=[Asked("investigator_none_mild", "glabella", (30,))]
    )
    refused(
        folder, "The area forehead was not graded", endpoints=[Asked("subject_none_mild", "forehead", (28,))]
    )
    refused(folder, "days between visits", endpoints=[Asked("subject_onset", "glabella", (7,))])
    refused(folder, "days between visits", durations=[Lasting("subject_onset_median", "glabella")])
    refused(tmp_path, f"There is no {FILE}", endpoints=[NONE_MILD])
    for number, content in enumerate((b"", b"no archive", pack(small)[:500])):
        (tmp_path / f"{number}.npz").write_bytes(content)
        refused(tmp_path / f"{number}.npz", "holds no patients", endpoints=[NONE_MILD])
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    refused(tmp_path / "other.npz", "holds no patients", endpoints=[NONE_MILD])


def test_a_large_trial_keeps_no_patients(changed, monkeypatch) -> None:
    monkeypatch.setattr("endplate.trial.prepare.KEPT", 100)
    found = run_trial(changed(), patients=60, seed=1)
    assert found.kept is None
    with pytest.raises(TrialError, match="were not kept"):
        reanalyse(found, endpoints=[NONE_MILD])


def test_patients_treated_again_are_watched_to_that_visit(changed) -> None:
    text = "[retreatment]\nmin_days = 80\n\n[population]"
    found = run_trial(changed(("[population]", text)), patients=400, seed=1)
    asked = [Lasting("loss_of_none_mild_both", "glabella")]
    kept = found.kept
    assert kept is not None
    visits = np.array(found.design["visits"])
    assert ((kept["again"] > 0) & (kept["again"] < visits[-1])).any()

    def with_grades(later: np.ndarray) -> object:
        grade = np.where(later[:, None, None, :], 3, kept["grade"]).astype(np.int8)
        return reanalyse(replace(found, kept={**kept, "grade": grade}), durations=asked)

    plain = reanalyse(found, durations=asked)
    assert with_grades(visits > kept["again"][:, None]) == plain
    assert with_grades(visits >= kept["again"][:, None]) != plain


@pytest.mark.parametrize(
    ("name", "spoilt"),
    [
        ("grade", lambda values: values[:5]),
        ("base", lambda values: np.zeros(3, np.int8)),
        ("draw", lambda values: values + 2**30),
        ("draw", lambda values: values - 5),
        ("draw", lambda values: values.astype(str)),
        ("half", lambda values: values + 50),
        ("half", lambda values: values + 0.5),
        ("sound", lambda values: values.astype(object)),
        ("cut.outcome.global_cut", lambda values: values[:1]),
    ],
)
def test_arrays_that_no_trial_wrote_are_refused_in_one_line(small, tmp_path: Path, name: str, spoilt) -> None:
    (tmp_path / FILE).write_bytes(pack(small))
    with np.load(tmp_path / FILE) as file:
        arrays = dict(file)
    np.savez(tmp_path / FILE, **(arrays | {name: spoilt(arrays[name])}))
    with pytest.raises(TrialError, match="holds no patients"):
        reanalyse(tmp_path, endpoints=[NONE_MILD])
