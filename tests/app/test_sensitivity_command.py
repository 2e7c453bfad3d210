"""`endplate sensitivity` and `--antibodies`, run in process as a person would run them."""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from endplate.app import cli

EXAMPLES = Path(__file__).parents[2] / "examples"
GLABELLA = str(EXAMPLES / "glabellar-lines.toml")
ASKED = ("sensitivity", GLABELLA, "--of", "corrugator_supercilii", "--samples", "16")


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


def test_the_json_has_the_published_form_and_the_same_bytes_for_the_same_seed(run):
    begun = time.perf_counter()
    code, out, _ = run(*ASKED, "--json", "--seed", "7")
    assert code == 0 and time.perf_counter() - begun < 20.0
    _, schema, _ = run("schema", "sensitivity")
    jsonschema.validate(json.loads(out), json.loads(schema))
    assert run(*ASKED, "--json", "--seed", "7")[1] == out
    assert run(*ASKED, "--json", "--seed", "8")[1] != out


def test_the_answer_names_what_decides_with_grades_and_says_what_it_rests_on(run):
    code, out, _ = run(*ASKED[:-1], "64", "--quantity", "duration")
    assert code == 0
    first = out.splitlines()[0]
    assert first == "Corrugator supercilii, left: what decides the duration"
    for words in (
        "decide the duration",
        "rests on declared priors (grade D), needle placement among them",
        "Anatomy is not drawn",
        "not yet calibrated",
        "junction.light_chain_half_life.a",
    ):
        assert words in out, words


def test_a_folder_holds_page_picture_json_and_csv(run, tmp_path):
    folder = tmp_path / "out"
    code, out, _ = run(*ASKED, "--out", str(folder))
    assert code == 0 and out.splitlines()[-1] == f"Report: {folder / 'sensitivity.html'}"
    names = {path.name for path in folder.iterdir()}
    assert names == {f"sensitivity.{ending}" for ending in ("html", "json", "csv", "svg", "png")}
    document = json.loads((folder / "sensitivity.json").read_text("utf-8"))
    with (folder / "sensitivity.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == sum(len(q["inputs"]) for q in document["quantities"])
    assert {line["quantity"] for line in lines} == {"nadir", "duration", "onset", "exposure"}
    page = (folder / "sensitivity.html").read_text("utf-8")
    assert "<svg" in page and "http://" not in page.replace("http://www.w3.org", "")
    assert (folder / "sensitivity.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--of", "corrugatr_supercilii"), "Did you mean `corrugator_supercilii`"),
        (("--of", "masseter"), "No toxin of this plan can reach masseter"),
        (("--of", "procerus", "--side", "left"), "procerus has no side `left`."),
        (("--of", "procerus", "--samples", "1000"), "Give --samples 512"),
        (("--of", "procerus", "--quantity", "nadr"), "Did you mean `nadir`?"),
        (("--of", "procerus", "--days", "0"), "Give --days"),
        (("--of", "procerus", "--seed", "-1"), "Give --seed"),
        (("--of", "procerus", "--samples", "4096", "--days", "3650"), "Give fewer --samples"),
        (("--of", "procerus", "--samples", "8192"), "Give --samples 4096"),
        (("--of", "procerus", "--out", ""), "--out is empty."),
        ((), "--of"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_line(run, words, said):
    code, out, err = run("sensitivity", GLABELLA, *words)
    assert code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1 and said in err


def test_the_json_says_which_answers_are_settled_and_in_which_unit_they_are(run):
    found = json.loads(
        run("sensitivity", GLABELLA, "--of", "levator_palpebrae_superioris", *ASKED[4:], "--json")[1]
    )
    by = {q["quantity"]: q for q in found["quantities"]}
    assert by["nadir"]["settled"] is False
    assert {name: q["unit"] for name, q in by.items()} == {
        "nadir": "1",
        "duration": "d",
        "onset": "1/d",
        "exposure": "log10",
    }


def test_table_and_page_say_under_the_title_what_antibodies_take(run, tmp_path):
    plan = ("simulate", GLABELLA, "--samples", "0", "--days", "60")
    words = "Antibodies: 50 % of free toxin removed before binding"
    code, out, _ = run(*plan, "--antibodies", "0.5", "--out", str(tmp_path / "some"))
    assert code == 0 and out.splitlines()[1] == words
    page = (tmp_path / "some" / "report.html").read_text("utf-8").replace("\u202f", " ")
    assert words in page[: page.index("</header>")]
    _, out, _ = run(*plan, "--out", str(tmp_path / "none"))
    assert "Antibodies" not in out
    assert "Antibodies:" not in (tmp_path / "none" / "report.html").read_text("utf-8")


def test_antibodies_take_their_share_of_every_session_and_the_json_says_so(run):
    plan = ("simulate", GLABELLA, "--samples", "0", "--days", "60", "--json")
    free, some, all_of_it = (json.loads(run(*plan, "--antibodies", share)[1]) for share in ("0", "0.7", "1"))

    def lowest(document: dict) -> float:
        return min(min(m["force"]) for m in document["muscles"])

    assert lowest(free) < lowest(some) < lowest(all_of_it) == 1.0
    assert "neutralised_share" not in free["versions"]
    assert some["versions"]["neutralised_share"] == 0.7
    assert any(limit.startswith("Antibodies are assumed to remove 70%") for limit in some["limits"])


def test_a_share_that_antibodies_remove_is_a_dose_that_much_smaller():
    from dataclasses import replace

    from endplate.model.parameters import point_parameters
    from endplate.model.simulate import course_of, prepared
    from endplate.plan import read_plan

    plan = read_plan(Path(GLABELLA))
    setup = prepared(plan, None, 90)
    bound = course_of(plan, replace(setup, neutralised_share=0.3), point_parameters())
    sites = tuple(replace(site, units=0.7 * site.units) for site in setup.sites)
    smaller = course_of(plan, replace(setup, sites=sites), point_parameters())
    assert bound.force == pytest.approx(smaller.force, abs=1e-12)


@pytest.mark.parametrize("share", ["1.5", "-0.1", "nan"])
def test_a_share_beyond_0_to_1_is_refused(run, share):
    code, _, err = run("simulate", GLABELLA, "--antibodies", share)
    assert code == 2 and "It is a share, 0 to 1." in err
