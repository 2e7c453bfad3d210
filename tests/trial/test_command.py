"""What `endplate trial` prints and writes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest

from endplate.app.trial import trial
from endplate.errors import EndplateError
from endplate.trial.document import trial_result_json_schema


@pytest.fixture
def design(tmp_path: Path, spoil) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(spoil(), encoding="utf-8")
    return path


def test_the_table_names_arms_rates_medians_power_and_limits(design: Path, capsys) -> None:
    trial(design, patients=60, workers=1, risk=False)
    out = capsys.readouterr().out
    for words in ("active: 20 U onabotulinumtoxin_a", "placebo: no toxin", "investigator_none_mild", "n = 100, 90 %",
                  "loss_of_none_mild_both", "eyelid_ptosis", "reported, not simulated",
                  "risks by mechanism were not", "Power", "superiority",
                  "not a medical device"):  # fmt: skip
        assert words in out, words
    assert max(map(len, out.splitlines())) < 400


def test_json_is_one_line_of_the_published_form(design: Path, capsys) -> None:
    trial(design, patients=60, risk=False, as_json=True)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    jsonschema.validate(json.loads(out), trial_result_json_schema())


@pytest.mark.usefixtures("few_risk_faces")
def test_the_command_adds_risks_by_mechanism_unless_told_not_to(design: Path, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "out"
    trial(design, patients=60, out=str(folder))
    out = capsys.readouterr().out
    for words in ("active: risk of unwanted effects by mechanism", "active: reported rates of unwanted effects",
                  "placebo: It brings no toxin", "of n = 100, 90 %", "Risks by mechanism: one treatment"):  # fmt: skip
        assert words in out, words
    document = json.loads((folder / "trial.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, trial_result_json_schema())
    active, placebo = document["arms"]
    assert active["unwanted"][0]["basis"] == "mechanism"
    assert {one["basis"] for one in placebo["unwanted"]} == {"reported"}
    assert active["unsimulated"] is None and "no toxin" in placebo["unsimulated"]
    rows = list(csv.DictReader((folder / "trial.csv").read_text(encoding="utf-8").splitlines()))
    bases = {row["basis"].partition(":")[0] for row in rows if row["kind"] == "unwanted"}
    assert bases == {"mechanism", "reported"}


def test_no_risk_leaves_the_engine_alone(design: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from endplate.app.cli import app

    monkeypatch.setattr("endplate.trial.risks.risk_of", None)
    done = CliRunner().invoke(app, ["trial", str(design), "--patients", "20", "--no-risk", "--json"])
    assert done.exit_code == 0
    arms = json.loads(done.stdout)["arms"]
    assert {one["basis"] for arm in arms for one in arm["unwanted"]} == {"reported"}


def test_a_folder_holds_json_csv_and_patients_that_can_be_read_again(
    design: Path, tmp_path: Path, capsys
) -> None:
    folder = tmp_path / "out"
    trial(design, patients=60, risk=False, out=str(folder))
    assert {path.name for path in folder.iterdir()} >= {"trial.json", "trial.csv", "patients.npz"}
    document = json.loads((folder / "trial.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader((folder / "trial.csv").read_text(encoding="utf-8").splitlines()))
    kinds = {row["kind"] for row in rows}
    assert kinds == {"endpoint", "duration", "unwanted"}
    first = document["arms"][0]["endpoints"][0]
    assert float(rows[0]["value"]) == pytest.approx(first["rate"], abs=1e-5)
    capsys.readouterr()
    trial(design, kept=str(folder), as_json=True)
    again = json.loads(capsys.readouterr().out)
    assert again["endpoints"][0]["rate"] == pytest.approx(first["simulated"], abs=1e-5)
    trial(design, kept=str(folder))
    assert "Median durations, weeks" in capsys.readouterr().out


def test_names_of_files_are_told_without_control_characters(design: Path, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "out\x1b[31m\nred"
    trial(design, patients=20, risk=False, out=str(folder))
    told = capsys.readouterr().out
    assert "Written to `" in told.splitlines()[-1] and "out?[31m?red" in told.splitlines()[-1]
    trial(design, kept=str(folder))
    told += capsys.readouterr().out
    assert "patients of `" in told
    assert "\x1b" not in told and "\nred" not in told


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patients": 0}, "0 patients were asked for"),
        ({"seed": -1}, "The seed is -1"),
        ({"workers": 0}, "0 workers"),
        ({"out": ""}, "--out is empty"),
        ({"kept": "nowhere"}, "There is no patients.npz in `nowhere`"),
        ({"kept": "a", "out": "b"}, "--from and --out"),
    ],
)
def test_bad_options_are_refused_in_one_line(design: Path, options: dict, words: str) -> None:
    with pytest.raises(EndplateError) as caught:
        trial(design, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
