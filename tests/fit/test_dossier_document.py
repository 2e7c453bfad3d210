"""The dossier as a whole, on made-up predictions of the real rows: what it lists, how it is written and printed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.fit.clinic.build import predicted_results
from endplate.fit.dossier import make_dossier
from endplate.fit.dossier.document import to_csv, to_json_dict
from endplate.fit.dossier.schema import dossier_json_schema

ROOT = Path(__file__).resolve().parents[2]
DRAWS = 60


def write_made_up(path: Path, miss: str = "", inputs: str = "made up") -> Path:
    """Predictions about the printed values with a spread of a quarter on the logit; one row can be far off."""
    results = predicted_results()
    rng = np.random.default_rng(0)
    weeks = {"1": 1.0, "weeks": 1.0, "d": 1.0 / 7.0}
    value = np.array([r.value * weeks[r.unit] for r in results])
    share = np.array([r.unit == "1" for r in results])
    logit = np.log(np.clip(value, 0.01, 0.99) / np.clip(1.0 - value, 0.01, 0.99))
    noise = rng.standard_normal((DRAWS, len(results)))
    logit = logit + np.array([(4.0 if r.value < 0.5 else -4.0) * (r.id == miss) for r in results])
    expected = np.where(share, 1.0 / (1.0 + np.exp(-(logit + 0.25 * noise))), value * np.exp(0.1 * noise))
    same = dict.fromkeys(("expected_out", "expected_in"), expected)
    spread = {
        f"{kind}_sd_{way}": np.full(expected.shape, 0.2) for kind in ("rate", "time") for way in ("out", "in")
    }
    np.savez(path, rows=np.array([r.id for r in results]), inputs=np.array(inputs), **same, **spread)
    return path


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dossier")
    return make_dossier(write_made_up(folder / "left_out.npz"), inputs="made up")


@pytest.fixture(scope="module")
def document(made_up):
    return json.loads(json.dumps(to_json_dict(made_up), allow_nan=False))


def test_the_document_follows_its_published_schema(document):
    jsonschema.Draft202012Validator.check_schema(dossier_json_schema())
    jsonschema.validate(document, dossier_json_schema())


def test_every_row_has_what_was_promised(document):
    promised = {"id", "study", "endpoint", "observed", "predicted", "interval90", "floor_points", "inside"}
    promised |= {"error_points", "fitted", "kind"}
    assert all(promised <= set(row) for row in document["rows"])


def test_every_result_of_the_catalogue_is_predicted_or_listed_with_a_reason(document):
    listed = [row["id"] for row in document["rows"]] + [row["id"] for row in document["not_predicted"]]
    assert sorted(listed) == sorted(catalogue().results)
    assert all(len(row["reason"]) > 10 for row in document["not_predicted"])


def test_a_row_that_could_not_be_fitted_says_so(document):
    reasons = {row["id"]: row["reason"] for row in document["not_predicted"]}
    assert "Not fitted" in reasons["c19.masseter_grade_3.d90.u48"]
    assert "counts as fitted" in reasons["c20.eyelid_force_loss.site_0_5u"]


def test_active_numbers_of_twelve_studies_and_more_are_predicted(document):
    assert len({row["study"] for row in document["rows"] if row["kind"] == "active"}) >= 12


def test_rows_quoted_from_memory_placebo_arms_and_lone_products_are_not_counted(document):
    counted = [
        r for r in document["rows"] if r["kind"] == "active" and r["group"] == "a" and r["tag"] == "seen"
    ]
    assert document["summary"]["a"]["rows"] == len(counted)
    assert not {r["id"] for r in counted} & {
        "c10.composite_2_grades.d30.active",
        "c4.gl1.composite_2_grades.d30.active",
    }
    assert all(r["group"] is None for r in document["rows"] if r["kind"] == "placebo")


def test_rows_kept_aside_are_not_called_fitted(document):
    fitted = {row["id"]: row["fitted"] for row in document["rows"]}
    assert not fitted["c2.relapse_investigator.d120.u10"]
    assert fitted["c5.composite_2_grades.d28.u50"]


def test_errors_of_shares_are_points_and_errors_of_medians_weeks(document):
    for row in document["rows"]:
        if row["unit"] == "1":
            assert row["error_weeks"] is None and row["floor_weeks"] is None
            assert row["error_points"] == pytest.approx(
                100 * abs(row["observed"] - row["predicted"]), abs=1e-3
            )
        else:
            assert row["error_points"] is None
            assert row["error_weeks"] == pytest.approx(abs(row["observed"] - row["predicted"]), abs=1e-3)


def test_a_miss_is_shown_and_lowers_the_coverage(made_up, tmp_path):
    name = "c5.composite_2_grades.d28.u50"
    missed = make_dossier(write_made_up(tmp_path / "left_out.npz", miss=name), inputs="made up")
    row = next(line for line in missed.lines if line.id == name)
    assert not row.inside and row.error > 30
    assert missed.summary["a"]["coverage"]["share"] < made_up.summary["a"]["coverage"]["share"]
    assert missed.summary["a"]["shares"]["interval_score"] > made_up.summary["a"]["shares"]["interval_score"]


def test_every_counted_row_has_all_three_baselines(made_up):
    for line in made_up.lines:
        if line.active and line.group == "a":
            assert set(line.baselines) == {"label_mean", "emax", "conversion"}, line.id
        if not line.active:
            assert not line.baselines


def test_predictions_of_other_inputs_are_called_stale(made_up, tmp_path):
    assert not made_up.stale
    path = write_made_up(tmp_path / "left_out.npz", inputs="older")
    assert make_dossier(path, inputs="made up").stale


def test_predictions_that_are_missing_or_broken_are_refused_in_one_line(tmp_path):
    with pytest.raises(ModelError, match="refit") as refused:
        make_dossier(tmp_path / "none.npz", inputs="")
    assert "\n" not in str(refused.value)
    (tmp_path / "text.npz").write_text("no archive")
    np.savez(tmp_path / "few.npz", rows=np.array(["a"]))
    for name in ("text.npz", "few.npz"):
        with pytest.raises(ModelError, match="cannot be read"):
            make_dossier(tmp_path / name, inputs="")


def test_a_row_that_is_no_result_any_more_is_refused(tmp_path):
    path = write_made_up(tmp_path / "left_out.npz")
    with np.load(path) as found:
        arrays = dict(found)
    arrays["rows"][0] = "c0.gone"
    np.savez(path, **arrays)
    with pytest.raises(ModelError, match=r"c0\.gone"):
        make_dossier(path, inputs="")


def test_the_table_for_spreadsheets_has_a_line_per_row(made_up):
    lines = to_csv(made_up).splitlines()
    assert len(lines) == len(made_up.lines) + 1
    assert all(line.count(",") == lines[0].count(",") for line in lines)


def test_the_text_names_every_study_and_every_target(made_up, capsys):
    from endplate.app.dossier import print_dossier

    print_dossier(made_up)
    text = capsys.readouterr().out
    assert all(line.study in text for line in made_up.lines if line.active)
    assert "median width over the floor's" in text
    assert "STALE" not in text


def test_a_folder_gets_the_document_and_the_table(made_up, tmp_path):
    from endplate.app.dossier import FILES, write

    write(made_up, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(FILES)
    assert (
        json.loads((tmp_path / "out" / "dossier.json").read_text("utf-8"))["schema"] == "endplate/dossier/1"
    )


def test_the_dossier_needs_no_jax(tmp_path):
    path = write_made_up(tmp_path / "left_out.npz")
    code = (
        "import sys; from pathlib import Path; from endplate.fit.dossier import make_dossier; "
        f"make_dossier(Path({str(path)!r})); print(sorted({{'jax', 'numpyro', 'matplotlib'}} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert run.stdout.strip() == "[]", run.stderr[-2000:]
