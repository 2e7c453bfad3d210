"""The commands, run in process as a person would run them."""

from __future__ import annotations

import itertools
import json
import re
import sys
from pathlib import Path

import jsonschema
import pytest

from endplate.app import cli
from endplate.app.run import VIEWS

EXAMPLES = Path(__file__).parents[2] / "examples"
GLABELLA = str(EXAMPLES / "glabellar-lines.toml")


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


@pytest.fixture(scope="module")
def glabella():
    from endplate.assess import simulate
    from endplate.plan import read_plan

    return simulate(read_plan(Path(GLABELLA))).to_json_dict()


def by_name(document: dict) -> dict:
    return {(m["muscle"], m["side"]): m for m in document["muscles"]}


def test_simulate_json_has_the_published_form(run, glabella):
    code, out, _ = run("simulate", GLABELLA, "--json", "--samples", "10", "--days", "30")
    document = json.loads(out)
    assert code == 0
    _, schema, _ = run("schema", "course")
    jsonschema.validate(document, json.loads(schema))
    jsonschema.validate(glabella, json.loads(schema))
    wanted = {"schema", "days", "muscles", "versions", "limits", "prior_share"}
    assert wanted <= set(document)
    assert {"muscle", "side", "force", "force_low", "force_high", "exposure"} <= set(document["muscles"][0])


def test_the_glabella_weakens_what_it_aims_at_and_spares_the_levator(glabella):
    muscles = by_name(glabella)
    assert glabella["days"] == list(range(366))
    assert all(m["force"][0] == 1.0 for m in muscles.values())
    allowed = {"corrugator_supercilii", "procerus", "depressor_supercilii"}
    most = sorted(muscles, key=lambda key: min(muscles[key]["force"]))[:3]
    assert {name for name, _ in most} <= allowed
    for name in ("corrugator_supercilii", "levator_palpebrae_superioris", "frontalis"):
        assert muscles[name, "left"]["force"] == pytest.approx(muscles[name, "right"]["force"], abs=1e-6)
    targets = [m["exposure"]["median_over_threshold"] for m in muscles.values() if m["target"]]
    levators = [
        m["exposure"]["median_over_threshold"]
        for (n, _), m in muscles.items()
        if n.startswith("levator_palp")
    ]
    assert len(targets) == 3 and len(levators) == 2
    assert max(levators) <= 0.1 * min(targets)


def test_force_rises_steadily_after_the_nadir(glabella):
    for muscle in glabella["muscles"]:
        force = muscle["force"]
        late = force[force.index(min(force)) :]
        assert all(b >= a - 1e-6 for a, b in itertools.pairwise(late))


def test_bands_are_ordered_and_said_to_be_priors(glabella):
    assert "not yet calibrated" in glabella["band_note"]
    assert 0.0 < glabella["prior_share"] <= 1.0
    for m in glabella["muscles"]:
        assert all(
            a <= b <= c for a, b, c in zip(m["force_low"], m["force_median"], m["force_high"], strict=True)
        )


def test_simulate_writes_report_pictures_and_data(run, tmp_path):
    out = tmp_path / "result"
    code, text, _ = run("simulate", GLABELLA, "--out", str(out), "--samples", "20", "--days", "120")
    assert code == 0
    assert "corrugator_supercilii" in text or "Corrugator" in text
    html = (out / "report.html").read_text("utf-8")
    assert "not a medical device" in html and "not yet calibrated" in html
    assert not re.search(r"<(?:script|img|link|iframe)[^>]*(?:src|href)=[\"']?(?:https?:)?//", html)
    names = {p.name for p in out.iterdir()}
    assert {"report.html", "course.json", "course.csv"} <= names
    assert any(name.endswith(".svg") for name in names)


def test_why_names_the_needles(run):
    code, out, _ = run(
        "why", GLABELLA, "--muscle", "levator_palpebrae_superioris", "--side", "left", "--json"
    )
    shares = json.loads(out)["sides"]["left"]["contributions"]
    assert code == 0
    assert sum(c["share"] for c in shares) == pytest.approx(1.0)
    assert shares[0]["side"] == "left" and shares[0]["target"] == "corrugator_supercilii"
    code, out, _ = run("why", GLABELLA, "--muscle", "levator_palpebrae_superioris")
    assert code == 0 and "%" in out


def test_why_carries_its_notice_versions_and_limits_like_the_course(run, glabella):
    answer = json.loads(run("why", GLABELLA, "--muscle", "frontalis", "--json")[1])
    assert answer["schema"] == "endplate/why/1"
    assert answer["notice"] == glabella["notice"] and answer["limits"] == glabella["limits"]
    assert answer["title"] == glabella["title"]
    shared = {"endplate", "catalogue", "face"}
    assert answer["versions"] == {key: glabella["versions"][key] for key in shared}
    course = by_name(glabella)
    for side, found in answer["sides"].items():
        exposure = course["frontalis", side]["exposure"]
        assert found["median_over_threshold"] == exposure["median_over_threshold"]
        shares = {c["site"]: c["share"] for c in found["contributions"] if c["share"] > 0}
        assert shares == exposure["share_by_site"]
        assert all(float(f"{c['distance_mm']:.6g}") == c["distance_mm"] for c in found["contributions"])


def test_demo_ends_with_three_numbers_a_report_and_its_time(run, tmp_path):
    code, out, _ = run("demo", "--out", str(tmp_path / "demo"), "--samples", "20")
    last = out.strip().splitlines()[-5:]
    assert code == 0
    assert last[0].startswith("Corrugator force") and last[1].startswith("Weakened by")
    assert last[2].startswith("Levator exposure") and last[3].startswith("Report: ")
    assert last[4].startswith("Took ") and Path(last[3].removeprefix("Report: ")).is_file()


def test_the_demo_is_the_glabellar_example(run):
    from importlib.resources import files

    from endplate.plan import parse_plan, read_plan

    bundled = (files("endplate.app") / "demo.toml").read_text("utf-8")
    assert parse_plan(bundled, "toml") == read_plan(Path(GLABELLA))


@pytest.mark.parametrize("kind", ["products", "patterns", "muscles", "parameters", "evidence", "sources"])
def test_list_prints_every_table_as_text_and_json(run, kind):
    code, out, _ = run("list", kind, "--json")
    assert code == 0 and len(json.loads(out)) > 5
    code, out, _ = run("list", kind)
    assert code == 0 and len(out.splitlines()) > 5


def test_list_keeps_a_grade(run):
    _, out, _ = run("list", "parameters", "--grade", "D", "--json")
    found = json.loads(out)
    assert found and {row["grade"] for row in found} == {"D"}


def test_cite_prints_the_sources_of_a_plan_and_of_an_entry(run):
    code, out, _ = run("cite", GLABELLA)
    assert code == 0 and len(out.splitlines()) > 5
    code, out, _ = run("cite", "corrugator_supercilii", "--json")
    assert code == 0 and json.loads(out)[0]["citation"]


def test_convert_there_and_back_changes_nothing(run, tmp_path):
    from endplate.plan import read_plan

    code, out, _ = run("convert", GLABELLA, str(tmp_path / "plan.json"), "--json")
    assert code == 0 and json.loads(out)["written"] == str(tmp_path / "plan.json")
    code, _, _ = run("convert", str(tmp_path / "plan.json"), str(tmp_path / "plan.toml"))
    assert code == 0
    assert read_plan(tmp_path / "plan.toml") == read_plan(Path(GLABELLA))


def test_atlas_draws_a_picture(run, tmp_path):
    path = tmp_path / "atlas.png"
    code, out, _ = run("atlas", "--out", str(path), "--plan", GLABELLA, "--json")
    assert code == 0 and path.stat().st_size > 20_000
    assert json.loads(out) == {"written": str(path), "face": "default-female-45", "view": "auto", "sites": 5}


@pytest.mark.parametrize("view", VIEWS)
def test_atlas_hands_the_view_on(run, monkeypatch, tmp_path, view):
    asked = {}
    monkeypatch.setattr("endplate.report.draw_atlas", lambda face, **options: asked.update(options))
    words = [] if view == "auto" else ["--view", view]
    assert run("atlas", "--out", str(tmp_path / "atlas.svg"), *words)[0] == 0
    assert asked["view"] == view and asked["path"] == tmp_path / "atlas.svg"


def test_version_answers_as_command_and_as_flag(run):
    assert run("--version")[:2] == run("version")[:2]
    assert run("--version")[0] == 0


def test_version_and_schema_answer(run):
    assert json.loads(run("version", "--json")[1])["endplate"]
    assert json.loads(run("schema", "plan")[1])["title"]
    assert run("schema", "course", "--json") == run("schema", "course")


def test_the_package_says_that_it_is_typed():
    from importlib.resources import files

    assert (files("endplate") / "py.typed").is_file()


def test_a_report_on_another_face_is_refused(tmp_path):
    from endplate.anatomy import default_face
    from endplate.assess import simulate
    from endplate.errors import ReportError
    from endplate.plan import read_plan
    from endplate.report import write_all

    plan = read_plan(Path(GLABELLA))
    course = simulate(plan, days=20, samples=0, face=default_face("male", 70))
    with pytest.raises(ReportError, match="is of the face"):
        write_all(plan, course, tmp_path)
