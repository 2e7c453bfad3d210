"""`endplate prepare` as a person would run it: the text, the JSON, the page on one sheet of A4."""

from __future__ import annotations

import base64
import datetime as dt
import html
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from browser import Browser, find_browser

from endplate.app import cli
from endplate.check.prepare import prepare
from endplate.plan import Plan, plan_from_dict, read_plan
from endplate.report.prepare_document import preparation_document, preparation_json_schema
from endplate.report.prepare_page import FILES, preparation_html
from endplate.report.prepare_tables import largest_words, points
from endplate.report.prepare_words import mark, number, signed

EXAMPLES = Path(__file__).parents[2] / "examples"
GLABELLA = str(EXAMPLES / "glabellar-lines.toml")
TODAY = dt.date(2026, 3, 2)
ONA, DAXI, RELA = "onabotulinumtoxin_a", "daxibotulinumtoxin_a", "relabotulinumtoxin_a"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run `endplate prepare WORDS`; returns (exit code, stdout, stderr)."""

    def call(*words: str):
        monkeypatch.setattr(sys, "argv", ["endplate", "prepare", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = capsys.readouterr()
        return stop.value.code or 0, found.out, found.err

    return call


def plan_of(*sessions: dict[str, Any]) -> Plan:
    made = [{"date": "2026-03-02", **one} for one in sessions]
    return plan_from_dict(
        {"schema": "endplate/plan/1", "patient": {"age": 40, "sex": "female"}, "sessions": made}
    )


def many(count: int, units: float = 5.0) -> Plan:
    """A crowded forehead."""
    injections = [
        {
            "landmark": "brow_mid",
            "side": ("left", "right")[n % 2],
            "offset_mm": [-10.0 + 3 * (n // 8), 20.0 + 2 * (n % 8)],
            "muscle": "frontalis",
            "units": units,
        }
        for n in range(count)
    ]
    made = {"vial_units": 100, "vials": 2, "diluent_ml": 2}
    return plan_of(
        {"product": ONA, "indication": "forehead_lines", "reconstitution": made, "injections": injections}
    )


TWO = (
    {"pattern": f"glabellar_lines.{DAXI}", "lot": "D12", "expiry": "2026-03-01"},
    {"pattern": f"lateral_canthal_lines.{RELA}"},
)


# --- The text


def test_the_text_says_what_a_nurse_needs(run) -> None:
    code, out, _ = run(GLABELLA, "--at", "2026-03-02T09:00")
    assert code == 0
    for part in (
        "1 vial of 100 U; 2.5 mL saline 9 mg/mL (0.9 %)",
        "4 U in 0.1 mL, as the plan says",
        "to mark 0.5 mL",
        "20 U planned, 20 U given",
        "2026-03-03 09:00: dissolved 2026-03-02 09:00, 24 h",
        "0.5 \u2192 0.4",
        "0.1 \u2192 0",
        "80 U of 100 U wasted",
        "not a medical device",
    ):
        assert part in out
    assert re.search(r"left in 1 vial +1\.998 +79\.92", out)


def test_what_the_marks_change_stands_beside_the_plan(run) -> None:
    code, out, _ = run(str(EXAMPLES / "platysma.toml"), "--syringe", "luer_1_30g")
    assert code == 0
    assert re.search(r"0\.025 mL, 1 U.*0\.02 mL, 0\.8 U +\u22120\.2 U \(\u221220 %\) !", out)
    assert re.search(r"0\.05 mL, 2 U +1 +0\.4 \u2192 0\.35 +0\.05 mL, 2 U$", out, flags=re.M)
    assert "Largest difference: Platysma" in out
    assert "  ! The marks change 10 of 18 points" in out


def test_no_simulation_is_left_out(run) -> None:
    code, out, _ = run(GLABELLA, "--no-simulation", "--order", "plan")
    assert code == 0 and "Not simulated: left out on request." in out and "as the plan lists them" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--syringe", "bucket"), "Unknown syringe"),
        (("--order", "random"), "Unknown order"),
        (("--at", "today"), "no time of dissolving"),
        (("--session", "7"), "no session 7"),
        (("--session", "two"), "valid integer"),
        (("--out", ""), "--out is empty"),
        (("--out", GLABELLA), "is a file"),
    ],
)
def test_a_bad_option_exits_2_with_one_sentence(run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(GLABELLA, *words)
    assert code == 2 and out == "" and said in err and "Traceback" not in err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not toml [",
        'schema = "endplate/plan/1"',
        '[patient]\nage = "old"',
        "\x00",
        "[[sessions]]\ndate = 2026-03-02",
    ],
)
def test_a_malformed_plan_exits_2_and_writes_nothing(run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    code, out, err = run(str(path), "--out", str(tmp_path / "result"))
    assert code == 2 and out == "" and "plan.toml" in err and "Traceback" not in err
    assert not (tmp_path / "result").exists()


def test_a_plan_that_cannot_be_drawn_up_writes_nothing(run, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        Path(GLABELLA)
        .read_text()
        .replace("diluent_ml = 2.5", "diluent_ml = 0.06")
        .replace("units_per_0_1_ml = 4", "")
        + '\n[[sessions.injections]]\nlandmark = "brow_mid"\noffset_mm = [0, 20]\nmuscle = "frontalis"\n'
        'side = "left"\nunits = 4\n'
    )
    code, _, err = run(str(path), "--out", str(tmp_path / "result"))
    assert code == 2 and err.count("\n") == 1
    assert not (tmp_path / "result").exists()


def test_it_loads_neither_jax_nor_matplotlib() -> None:
    script = (
        "import sys; sys.argv = ['endplate', 'prepare', sys.argv[1]]\n"
        "from endplate.app.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'jax', 'matplotlib', 'numpyro'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, GLABELLA], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


# --- The JSON


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_has_a_valid_document(run, path: Path) -> None:
    code, out, _ = run(str(path), "--json", "--no-simulation")
    document = json.loads(out)
    jsonschema.Draft202012Validator(preparation_json_schema()).validate(document)
    assert code == 0 and document["schema"] == "endplate/preparation/1"


def test_the_document_keeps_products_apart_and_adds_up() -> None:
    document = preparation_document(prepare(plan_of(*TWO)))
    jsonschema.Draft202012Validator(preparation_json_schema()).validate(document)
    assert [sheet["product"] for sheet in document["sheets"]] == [DAXI, RELA]
    first = document["sheets"][0]
    assert first["dilution"]["u_per_0_1_ml_exact"] == "25/3"
    v = first["vials"]
    assert v["prepared_u"] == pytest.approx(v["injected_u"] + v["wasted_u"], abs=1e-12)
    assert document["largest_difference"]["difference"] < 0
    assert first["points"][0]["pushed_ml"] == 0.1


def test_the_schema_refuses_what_is_no_preparation() -> None:
    document = preparation_document(prepare(read_plan(GLABELLA), simulate=False))
    del document["sheets"][0]["points"][0]["pushed_ml"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(preparation_json_schema()).validate(document)


# --- The page


def words_of(page: str) -> str:
    """What a reader sees, drawings left out."""
    body = re.sub(r"<(style|svg|title).*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u202f", " "))


def test_out_writes_page_and_json(run, tmp_path: Path) -> None:
    code, out, _ = run(GLABELLA, "--out", str(tmp_path / "result"))
    assert code == 0 and "Sheet to print" in out
    assert sorted(path.name for path in (tmp_path / "result").iterdir()) == sorted(FILES)
    assert json.loads((tmp_path / "result" / "preparation.json").read_text())["sheets"]


def test_every_point_of_the_page_has_its_box_and_its_marks() -> None:
    found = prepare(read_plan(EXAMPLES / "synkinesis.toml"))
    page = preparation_html(found)
    (sheet,) = found.sheets
    assert page.count('class="tick"><i>') == len(sheet.points) == 17
    for point in sheet.points:
        row = f"{mark(point.from_ml, sheet.syringe)}<em>\u2192</em>{mark(point.to_ml, sheet.syringe)}</td>"
        assert row in page
    assert page.count("<svg") == len(sheet.fills) == 3
    assert "0.1 mL = 2.5 U" in words_of(page)


def test_the_page_of_two_products_is_loud_where_it_must_be() -> None:
    page = preparation_html(prepare(plan_of(*TWO), simulate=False))
    assert page.count('<main class="sheet') == 2
    assert "expires on 2026-03-01" in words_of(page)
    assert page.count('class="loud"') == 1
    assert "add nothing" in words_of(page)


MILK = """schema = "endplate/plan/1"
title = "milk"
patient = { age = 40, sex = "female", weight_kg = 61, allergies = ["cow's milk"] }
[[sessions]]
date = 2026-03-02
pattern = "glabellar_lines.abobotulinumtoxin_a"
jurisdiction = "us"
brand = "Dysport"
"""


def test_a_stop_of_the_check_stands_first_everywhere(run, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(MILK)
    code, out, _ = run(str(path), "--out", str(tmp_path / "x\x1b[31my"))
    assert code == 0 and "\x1b" not in out
    said = out.splitlines()
    assert said[2].startswith("STOP") and "cow's milk" in said[2]
    assert out.index("Nothing should be drawn up") < out.index("DYSPORT: abobotulinumtoxinA")
    assert "female, 40 years, 61 kg. Allergies: cow's milk. Pregnant: not told." in out
    page = (tmp_path / "x\x1b[31my" / FILES[0]).read_text()
    body = words_of(page)
    assert page.count('class="stops"') == 1 and "Do not give this product." in body
    assert body.index("STOP. Draw up nothing") < body.index("1 Dissolve")
    assert "<h1>Dysport</h1>" in page and "Allergies: cow's milk" in body
    code, out, _ = run(str(path), "--json", "--no-simulation")
    document = json.loads(out)
    jsonschema.Draft202012Validator(preparation_json_schema()).validate(document)
    assert code == 0 and document["stopped"] and document["findings"][0]["severity"] == "stop"
    assert document["sheets"][0]["brand"] == "Dysport"


def test_a_plan_without_stop_counts_its_cautions_only(run) -> None:
    _, out, _ = run(GLABELLA, "--no-simulation")
    assert "STOP" not in out and "`endplate check`" in out
    assert 'class="stops"' not in preparation_html(prepare(read_plan(GLABELLA), simulate=False))


def test_syringes_of_two_products_bear_their_names() -> None:
    page = preparation_html(prepare(plan_of(*TWO), simulate=False, today=TODAY))
    assert page.count("2 products on one day") == 2
    assert '<span class="is">Daxxify:</span>' in page and "hue0" in page and "hue1" in page


def test_text_of_the_plan_is_escaped() -> None:
    tree = {
        "schema": "endplate/plan/1",
        "title": "<script>alert(1)</script>",
        "patient": {"age": 40, "sex": "male"},
    }
    session = {"date": "2026-03-02", "pattern": f"glabellar_lines.{ONA}", "lot": "<b>x</b>"}
    page = preparation_html(prepare(plan_from_dict({**tree, "sessions": [session]}), simulate=False))
    assert "<script>" not in page and "<b>x</b>" not in page.replace("<b>&lt;b&gt;x", "")


def test_it_asks_nothing_of_any_network() -> None:
    page = preparation_html(prepare(read_plan(GLABELLA), simulate=False))
    assert not re.search(r"https?://|src=|@import|url\(", page)


def fullest() -> dict[str, tuple[Plan, str | None]]:
    """Plans that must print on one page: every example, and fuller ones."""
    held: dict[str, tuple[Plan, str | None]] = {
        path.stem: (read_plan(path), None) for path in sorted(EXAMPLES.glob("*.toml"))
    }
    held["platysma by coarse marks"] = (read_plan(EXAMPLES / "platysma.toml"), "luer_1_30g")
    held["31 points"] = (many(31), None)
    return held


@pytest.mark.skipif(find_browser() is None, reason="no Chromium on PATH; set ENDPLATE_BROWSER")
def test_every_sheet_prints_on_one_page_of_a4(tmp_path: Path) -> None:
    """One browser for all: each example, coarse marks, 31 points; two products on two pages."""
    cases = {name: (plan, syringe, 1) for name, (plan, syringe) in fullest().items()}
    cases["two products"] = (plan_of(*TWO), None, 2)
    counts = {}
    with Browser(str(find_browser())) as browser:
        for name, (plan, syringe, _) in cases.items():
            path = tmp_path / "page.html"
            path.write_text(preparation_html(prepare(plan, syringe=syringe, today=TODAY)), encoding="utf-8")
            browser.open(path, width=900, height=1200)
            printed = browser.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
            counts[name] = len(re.findall(rb"/Type\s*/Page[^s]", base64.b64decode(printed)))
        assert browser.problems == []
        assert [one for one in browser.requests if not one.startswith(("data:", "file:"))] == []
    assert counts == {name: pages for name, (_, _, pages) in cases.items()}


# --- Words


def test_numbers_keep_their_digits() -> None:
    from fractions import Fraction

    assert (
        number(Fraction("0.005")) == "0.005" and number(Fraction(100)) == "100" and number(Fraction(0)) == "0"
    )
    assert signed(Fraction("0.001")) == "+<0.01" and signed(Fraction(0)) == "0"
    assert points(0.0) == "0" and points(-0.0001) == "\u2212<0.1 points"
    assert "no muscle" in largest_words([])
