"""Bad input: one line with the remedy, exit code 2, no traceback, nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from endplate.app import cli

GOOD = (Path(__file__).parents[2] / "examples" / "glabellar-lines.toml").read_text("utf-8")
HEAD = (
    'schema = "endplate/plan/1"\n[patient]\nage = 45\nsex = "female"\n'
    '[[sessions]]\ndate = 2026-03-02\nindication = "glabellar_lines"\n'
)
PRODUCT = 'product = "onabotulinumtoxin_a"\n'
SITE = '[[sessions.injections]]\nlandmark = "glabella"\nside = "midline"\nmuscle = "procerus"\n'


def site(extra: str, base: str = SITE, product: str = PRODUCT) -> str:
    return HEAD + product + base + extra


BAD = {
    "unknown muscle": (
        site("units = 4\nvolume_ml = 0.1\n", SITE.replace("procerus", "procerous")),
        "`procerus`",
    ),
    "unknown product": (
        site("units = 4\nvolume_ml = 0.1\n", product='product = "onabotulinumtoxin"\n'),
        "onabotulinumtoxin_a",
    ),
    "unknown site": (
        HEAD
        + PRODUCT
        + '[[sessions.injections]]\npattern = "glabellar_lines.onabotulinumtoxin_a"\nsite = "procerous"\n',
        "procerus",
    ),
    "wrong type": (site('units = "four"\nvolume_ml = 0.1\n'), "units"),
    "negative units": (site("units = -4\nvolume_ml = 0.1\n"), "units"),
    "NaN units": (site("units = nan\nvolume_ml = 0.1\n"), "units"),
    "absurd units": (site("units = 2500\nvolume_ml = 0.1\n"), "ten"),
    "zero volume": (site("units = 4\nvolume_ml = 0\n"), "volume_ml"),
    "off the head": (
        site(
            "units = 4\nvolume_ml = 0.1\n",
            '[[sessions.injections]]\nat_mm = [0.0, 300.0, 300.0]\nside = "midline"\nmuscle = "procerus"\n',
        ),
        "head",
    ),
    "beyond bone": (site("units = 4\nvolume_ml = 0.1\ndepth_mm = 60\n"), "bone"),
    "vial arithmetic": (
        HEAD
        + PRODUCT
        + "[sessions.reconstitution]\nvial_units = 100\ndiluent_ml = 2.5\n"
        + SITE
        + "units = 4\nvolume_ml = 0.3\n",
        "0.1",
    ),
    "stated concentration": (GOOD.replace("units_per_0_1_ml = 4", "units_per_0_1_ml = 8"), "4"),
    "products added": (site('units = 4\nvolume_ml = 0.1\nproduct = "abobotulinumtoxin_a"\n'), "product"),
    "the same place twice": (
        site("units = 4\nvolume_ml = 0.1\n") + SITE + "units = 4\nvolume_ml = 0.1\n",
        "same place",
    ),
    "patterns that share sites": (
        HEAD
        + PRODUCT
        + 'pattern = ["forehead_lines.onabotulinumtoxin_a", "glabellar_lines.onabotulinumtoxin_a"]\n',
        "same place",
    ),
    "a brand": (site("units = 4\nvolume_ml = 0.1\n", product='product = "botox"\n'), "`onabotulinumtoxin_a`"),
    "no published dose": (
        site("units = 4\nvolume_ml = 0.1\n", product='product = "nivobotulinumtoxin_a"\n'),
        "no potency prior",
    ),
    "empty": ("", "empty"),
    "future schema": (GOOD.replace("endplate/plan/1", "endplate/plan/2"), "endplate/plan/2"),
    "a child": (GOOD.replace("age = 45", "age = 9"), "children"),
}


@pytest.fixture
def refuse(monkeypatch, capsys, tmp_path):
    """Run `simulate` on this content; check the manner of refusal and return the line."""

    def call(content: bytes | str, name: str = "plan.toml") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        before = sorted(tmp_path.iterdir())
        words = [
            "endplate",
            "simulate",
            str(path),
            "--samples",
            "5",
            "--days",
            "20",
            "--out",
            str(tmp_path / "out"),
        ]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = capsys.readouterr()
        assert stop.value.code == 2, found
        assert found.out == ""
        assert found.err.endswith("\n") and found.err.count("\n") == 1, found.err
        assert "Traceback" not in found.err
        assert sorted(tmp_path.iterdir()) == before
        return found.err

    return call


@pytest.mark.parametrize("case", BAD)
def test_bad_plans_are_refused_in_one_line_with_the_remedy(refuse, case):
    content, hint = BAD[case]
    assert hint in refuse(content)


def test_a_binary_file_is_refused(refuse):
    assert refuse(bytes(range(256)) * 20)


def test_a_good_plan_with_another_ending_is_refused(refuse):
    assert ".toml" in refuse(GOOD, "plan.yaml")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.toml", tmp_path):
        done = subprocess.run(
            [sys.executable, "-m", "endplate", "simulate", str(path)], capture_output=True, text=True
        )
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--days", "0"],
        ["--days", "100000"],
        ["--samples", "1"],
        ["--samples", "-3"],
        ["--seed", "-1"],
        ["--engine", "abacus"],
    ],
)
def test_options_out_of_range_are_refused(monkeypatch, capsys, tmp_path, words):
    path = tmp_path / "plan.toml"
    path.write_text(GOOD, "utf-8")
    monkeypatch.setattr(sys, "argv", ["endplate", "simulate", str(path), *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    found = capsys.readouterr()
    assert stop.value.code == 2 and found.out == "" and found.err.count("\n") == 1


def test_an_output_folder_that_is_a_file_is_refused(monkeypatch, capsys, tmp_path):
    plan, out = tmp_path / "plan.toml", tmp_path / "out"
    plan.write_text(GOOD, "utf-8")
    out.write_text("mine", "utf-8")
    monkeypatch.setattr(sys, "argv", ["endplate", "simulate", str(plan), "--out", str(out)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2 and capsys.readouterr().err.count("\n") == 1
    assert out.read_text("utf-8") == "mine"


def test_unknown_muscle_of_why_offers_the_nearest(monkeypatch, capsys, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(GOOD, "utf-8")
    monkeypatch.setattr(sys, "argv", ["endplate", "why", str(plan), "--muscle", "fronatlis"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2 and "`frontalis`" in capsys.readouterr().err
