"""`endplate check` as a person would run it, and the findings beside a course."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest
from small_runs import few_draws

from endplate.app import cli
from endplate.app.schemas import schema_of

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


@pytest.fixture
def child(tmp_path) -> str:
    """The glabellar plan for a person of 17."""
    path = tmp_path / "seventeen.toml"
    path.write_text(Path(GLABELLA).read_text("utf-8").replace("age = 45", "age = 17"), "utf-8")
    return str(path)


def test_a_stop_ends_with_3_only_when_asked_to(run, child) -> None:
    assert run("check", child, "--rules-only")[0] == 0
    code, out, _ = run("check", child, "--rules-only", "--strict")
    assert code == 3 and "STOP" in out and "17 years" in out
    assert run("check", GLABELLA, "--rules-only", "--strict")[0] == 0


def test_a_child_is_judged_although_the_atlas_holds_none(run, child) -> None:
    code, out, _ = run("check", child, "--json")
    found = json.loads(out)
    assert code == 0 and found["simulated"] is False and found["counts"]["stop"] == 1


def test_the_json_has_the_published_form(run) -> None:
    with few_draws():
        code, out, _ = run("check", GLABELLA, "--faces", "8", "--json")
    found = json.loads(out)
    jsonschema.validate(found, schema_of("check"))
    assert code == 0 and found["simulated"]
    assert {"simulated_risk", "spill"} <= {one["kind"] for one in found["findings"]}
    assert found["unread"] == sum(not one["checked"] for one in found["findings"])
    assert (
        run("check", GLABELLA, "--rules-only", "--json")[1]
        == run("check", GLABELLA, "--rules-only", "--json")[1]
    )


def test_the_page_stands_by_itself_and_shows_every_finding(run, tmp_path, child) -> None:
    code, _, _ = run("check", child, "--rules-only", "--out", str(tmp_path / "out"))
    page = (tmp_path / "out" / "check.html").read_text("utf-8")
    found = json.loads((tmp_path / "out" / "check.json").read_text("utf-8"))
    assert code == 0 and "http://" not in page and "https://" not in page
    for one in found["findings"]:
        assert one["rule"] in page


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--date", "tomorrow"), "--date is"),
        (("--date", "2026-02-30"), "--date is"),
        (("--jurisdiction", "mars"), "Unknown jurisdiction"),
        (("--faces", "3"), "3 faces"),
    ],
)
def test_a_bad_option_is_one_sentence(run, words, told) -> None:
    code, out, err = run("check", GLABELLA, *words)
    assert code == 2 and told in err and not out and err.count("\n") == 1


def test_a_bad_file_is_one_sentence(run, tmp_path) -> None:
    (tmp_path / "bad.toml").write_text("schema = ", "utf-8")
    code, out, err = run("check", str(tmp_path / "bad.toml"), "--out", str(tmp_path / "new"))
    assert code == 2 and not out and err.count("\n") == 1
    assert not (tmp_path / "new" / "check.html").exists()


def test_simulate_shows_stops_beside_its_course(run, tmp_path) -> None:
    soon = tmp_path / "soon.toml"
    text = Path(GLABELLA).read_text("utf-8")
    past = (
        '\n[[sessions]]\ndate = 2026-01-19\ngiven = true\npattern = "glabellar_lines.onabotulinumtoxin_a"\n'
    )
    head, _, rest = text.partition("[[sessions]]")
    soon.write_text(head + past.lstrip() + "\n[[sessions]]" + rest, "utf-8")
    _, out, _ = run("simulate", str(soon), "--samples", "0", "--days", "30")
    assert "1 stop" in out and "6 weeks since the last session" in out
    _, out, _ = run("simulate", str(soon), "--samples", "0", "--days", "30", "--json")
    found = json.loads(out)
    jsonschema.validate(found, schema_of("course"))
    assert "interval_min" in {one["kind"] for one in found["findings"]}


def test_simulate_says_what_it_leaves_out(run, tmp_path) -> None:
    plan = tmp_path / "migraine.toml"
    text = (
        Path(GLABELLA)
        .read_text("utf-8")
        .replace('indication = "glabellar_lines"', 'indication = "chronic_migraine"')
    )
    gland = '\n[[sessions.injections]]\nmuscle = "occipitalis"\nside = "left"\nunits = 15\n'
    plan.write_text(text + gland, "utf-8")
    code, out, _ = run("simulate", str(plan), "--samples", "0", "--days", "30")
    assert code == 0 and "Not simulated" in out and "occipitalis" in out


def test_rules_and_labels_can_be_cited_and_listed(run) -> None:
    _, out, _ = run("cite", "botox_cosmetic.us.2024.interval", "house.spill", "zone.levator_zone")
    assert len(out.splitlines()) == 3
    for kind in ("labels", "indications", "targets", "conditions", "checks", "zones"):
        code, out, _ = run("list", kind, "--json")
        assert code == 0 and len(json.loads(out)) > 5
