"""The risk verbs of the command line and `simulate --risk`, run as a person would run them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest
from small_runs import few_draws

from endplate.app import cli

EXAMPLES = Path(__file__).parents[2] / "examples"
GLABELLA = str(EXAMPLES / "glabellar-lines.toml")
FEW = ("--faces", "8", "--seed", "4")


@pytest.fixture(autouse=True)
def quick():
    with few_draws():
        yield


@pytest.fixture
def run(monkeypatch, capsys):
    """Run `endplate WORDS`; returns (exit code, stdout, stderr)."""

    def call(*words: str):
        monkeypatch.setattr(sys, "argv", ["endplate", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = capsys.readouterr()
        return stop.value.code or 0, found.out, found.err

    return call


@pytest.fixture
def double(tmp_path) -> str:
    """The glabellar plan with twice the units."""
    from endplate.plan import read_plan, scale_units, write_plan

    path = tmp_path / "double.toml"
    write_plan(scale_units(read_plan(Path(GLABELLA)), 2.0), path)
    return str(path)


def answers(double: str) -> dict[str, tuple[str, ...]]:
    return {
        "risk": ("risk", GLABELLA, *FEW),
        "why": ("why", GLABELLA, "--effect", "eyelid_ptosis", "--no-change", *FEW),
        "replay": ("replay", GLABELLA, *FEW),
        "compare": ("compare", GLABELLA, double, *FEW, "--samples", "0", "--days", "60"),
    }


@pytest.mark.parametrize("kind", ["risk", "why", "replay", "compare"])
def test_the_json_has_the_published_form_and_the_same_bytes_for_the_same_seed(run, double, kind):
    words = answers(double)[kind]
    code, out, err = run(*words, "--json")
    assert code == 0, err
    document = json.loads(out)
    jsonschema.validate(document, json.loads(run("schema", kind)[1]))
    assert "not a medical device" in document["notice"] and document["limits"]
    assert run(*words, "--json")[1] == out


@pytest.mark.parametrize("kind", ["risk", "why", "replay", "compare"])
def test_a_folder_holds_page_picture_and_json(run, double, kind, tmp_path):
    folder = tmp_path / "out"
    code, out, _ = run(*answers(double)[kind], "--out", str(folder))
    assert code == 0 and out.splitlines()[-1] == f"Report: {folder / kind}.html"
    assert {path.name for path in folder.iterdir()} == {
        f"{kind}.{end}" for end in ("html", "json", "svg", "png")
    }


def test_risk_prints_both_lists_and_what_they_rest_on(run):
    code, out, _ = run("risk", GLABELLA, *FEW)
    assert code == 0
    for words in ("Droop of the upper lid", "Headache", "placebo", "MC error", "8 faces", "Below 0.01 %"):
        assert words in out, words


def test_why_names_the_needle_the_muscle_and_what_the_number_rests_on(run):
    code, out, _ = run(*answers("")["why"])
    assert code == 0
    for words in (
        "s1.2",
        "Carried by Levator palpebrae superioris",
        "slipped behind the septum",
        "rests on priors",
        "declared",
        "Law:",
    ):
        assert words in out, words
    assert "Smallest" not in out and "No single change" not in out


def test_why_still_answers_for_a_muscle(run):
    code, out, _ = run("why", GLABELLA, "--muscle", "procerus", "--json")
    assert code == 0 and json.loads(out)["schema"] == "endplate/why/1"


def test_replay_prints_k_of_n_with_its_interval(run):
    code, out, _ = run("replay", GLABELLA, *FEW)
    assert code == 0 and "0/8" in out and "Clopper and Pearson" in out and "lowest force" in out


def test_compare_prints_differences_and_never_adds_units_of_products(run, double):
    code, out, _ = run(*answers(double)["compare"])
    assert code == 0
    assert "20 U onabotulinumtoxinA" in out and "40 U onabotulinumtoxinA" in out and "B - A" in out


def test_simulate_with_risk_adds_unwanted_to_the_course(run):
    plan = ("simulate", GLABELLA, "--samples", "0", "--days", "30", "--json")
    code, out, _ = run(*plan, "--risk")
    assert code == 0
    document = json.loads(out)
    jsonschema.validate(document, json.loads(run("schema", "course")[1]))
    entry = document["unwanted"][0]
    assert {"effect", "side", "probability", "interval90", "onset_day", "resolution_day", "basis"} <= set(
        entry
    )
    assert set(entry["evidence"]) == {"weakest_grade", "prior_share"}
    without = json.loads(run(*plan)[1])
    assert "unwanted" not in without
    same = {key: value for key, value in document.items() if key not in ("unwanted", "limits", "findings")}
    assert same == {key: value for key, value in without.items() if key not in ("limits", "findings")}
    more, less = ({one["kind"] for one in run_["findings"]} for run_ in (document, without))
    assert more - less == {"simulated_risk"}


def test_the_leaflet_is_one_page_in_plain_words(run, tmp_path):
    page = tmp_path / "leaflet.html"
    words = ("leaflet", GLABELLA, "--out", str(page), "--samples", "0", *FEW)
    code, out, _ = run(*words)
    assert code == 0 and out.strip() == f"Wrote {page}."
    text = page.read_text("utf-8")
    assert "<html" in text and "droop" in text.lower()
    code, out, _ = run(*words, "--json")
    assert json.loads(out)["written"] == str(page)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("risk", GLABELLA, "--faces", "7"), "a multiple of"),
        (("risk", GLABELLA, "--faces", "0"), "a multiple of"),
        (("risk", GLABELLA, "--seed", "-1"), "Give --seed"),
        (("risk", GLABELLA, "--out", ""), "--out is empty."),
        (("risk", "nothing.toml"), "nothing.toml"),
        (("why", GLABELLA), "Give one thing to explain."),
        (("why", GLABELLA, "--effect", "diplopia", "--muscle", "procerus"), "Give one thing to explain."),
        (("why", GLABELLA, "--effect", "eyelid_ptosys"), "Did you mean `eyelid_ptosis`"),
        (("why", GLABELLA, "--effect", "headache"), "known by report only"),
        (("why", GLABELLA, "--effect", "dysphagia", "--side", "left"), "is no side of dysphagia"),
        (("why", GLABELLA, "--effect", "diplopia", "--level", "any"), "is no definition of diplopia"),
        (("replay", GLABELLA, "--faces", "4"), "8 to 1000"),
        (("replay", GLABELLA, "--faces", "2000"), "8 to 1000"),
        (("compare", GLABELLA), "It takes 2 to 5."),
        (("compare", *[GLABELLA] * 6), "It takes 2 to 5."),
        (("compare", GLABELLA, "nothing.toml"), "nothing.toml"),
        (("leaflet", GLABELLA, "--out", "page.txt"), "does not end in .html"),
        (("leaflet", GLABELLA), "--out"),
        (("schema", "risks"), "There are plan, case, course"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_line(run, words, said):
    code, out, err = run(*words)
    assert code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1 and said in err


def test_a_plan_of_past_treatments_alone_has_no_risk(run, tmp_path):
    path = tmp_path / "past.toml"
    text = Path(GLABELLA).read_text("utf-8").replace("[[sessions]]", "[[sessions]]\ngiven = true", 1)
    path.write_text(text, "utf-8")
    for words in (
        ("risk", str(path)),
        ("replay", str(path), "--faces", "8"),
        ("compare", GLABELLA, str(path)),
    ):
        code, _, err = run(*words)
        assert code == 2 and "past treatments only" in err and str(path) in err


@pytest.mark.slow
def test_why_looks_for_the_smallest_change_that_halves_the_risk(run):
    code, out, err = run("why", GLABELLA, "--effect", "eyelid_ptosis", *FEW, "--json")
    assert code == 0, err
    document = json.loads(out)
    jsonschema.validate(document, json.loads(run("schema", "why")[1]))
    change = document["change"]
    assert change["site"] == document["contributions"][0]["site"]
    assert {one["kind"] for one in [*change["halving"], *change["not_halving"]]} <= {
        "move",
        "depth",
        "volume",
        "units",
    }
    for one in change["halving"]:
        assert one["risk_after"] <= 0.5 * one["risk_before"]


def test_one_plan_is_compared_with_itself_in_other_volumes(run):
    code, out, _ = run(
        "compare", GLABELLA, "--volumes", "0.5,4", *FEW, "--samples", "0", "--days", "60", "--json"
    )
    found = json.loads(out)
    assert code == 0 and [one["plan"] for one in found["plans"]] == ["A", "B", "C"]
    assert all(one["units"] == found["plans"][0]["units"] for one in found["plans"])
    assert "0.5 x the volume" in found["plans"][1]["title"]


@pytest.mark.parametrize("factors", ["0", "-1", "x", "nan", "0.5,", "1e9", "1,1,1,1,1"])
def test_volumes_that_cannot_be_are_refused_in_a_sentence(run, factors):
    code, out, err = run("compare", GLABELLA, "--volumes", factors, *FEW)
    assert code == 2 and out == "" and err.strip() and "Traceback" not in err


def test_volumes_change_one_plan_alone(run, double):
    code, _, err = run("compare", GLABELLA, double, "--volumes", "2", *FEW)
    assert code == 2 and "one plan" in err
