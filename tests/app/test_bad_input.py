"""Bad input: one line with the remedy, exit code 2, no traceback, nothing written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from endplate.app import cli
from endplate.errors import EndplateError

GOOD = (Path(__file__).parents[2] / "examples" / "glabellar-lines.toml").read_text("utf-8")
HEAD = (
    'schema = "endplate/plan/1"\n[patient]\nage = 45\nsex = "female"\n'
    '[[sessions]]\ndate = 2026-03-02\nindication = "glabellar_lines"\n'
)
PRODUCT = 'product = "onabotulinumtoxin_a"\n'
SITE = '[[sessions.injections]]\nlandmark = "glabella"\nside = "midline"\nmuscle = "procerus"\n'


def site(extra: str, base: str = SITE, product: str = PRODUCT) -> str:
    return HEAD + product + base + extra


def program(*words: str, **more) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own, with real pipes."""
    settings = {"capture_output": True, "text": True, "timeout": 60, **more}
    return subprocess.run([sys.executable, "-m", "endplate", *words], **settings)


@pytest.fixture
def line(monkeypatch, capsys):
    """Run `endplate WORDS`, which must be refused with exit code 2; the one line it says."""

    def call(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["endplate", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = capsys.readouterr()
        assert stop.value.code == 2 and found.out == "", found
        assert found.err.endswith("\n") and found.err.count("\n") == 1, found.err
        return found.err.strip()

    return call


@pytest.fixture
def plan(tmp_path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(GOOD, "utf-8")
    return path


@pytest.fixture
def never_simulated(monkeypatch):
    """Nothing may be computed."""

    def fail(*_, **__):
        raise AssertionError("the simulation was started")

    monkeypatch.setattr("endplate.assess.simulate", fail)


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


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["simulat"], "Did you mean 'simulate'? Try: endplate --help"),
        (["--nonsense"], "No such option: --nonsense. Try: endplate --help"),
        (["--debug"], "Missing command. Try: endplate --help"),
        (["simulate"], "Missing argument 'plan'. Try: endplate simulate --help"),
        (["simulate", "x.toml", "--dayz", "3"], "(Possible options: --days) Try: endplate simulate --help"),
        (["simulate", "x.toml", "--days", "ten"], "Invalid value for '--days'"),
        (
            ["simulate", "x.toml", "--days"],
            "Option '--days' requires an argument. Try: endplate simulate --help",
        ),
        (["simulate", "x.toml", "y.toml"], "Try: endplate simulate --help"),
        (["why", "x.toml"], "Give one thing to explain. Either an unwanted effect"),
        (["simulate", "--\x1b[31m"], "Try: endplate simulate --help"),
    ],
)
def test_a_command_that_is_written_wrong_is_refused_in_one_line(line, words, told):
    found = line(*words)
    assert told in found and found.isprintable()


@pytest.mark.parametrize("words", [[], ["--help"], ["simulate", "--help"]])
def test_help_is_printed_and_no_error(monkeypatch, capsys, words):
    monkeypatch.setattr(sys, "argv", ["endplate", *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    found = capsys.readouterr()
    assert not stop.value.code and found.out.startswith("Usage: endplate") and found.err == ""


def test_a_reader_that_has_enough_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    done = program("list", "parameters", stdout=writing, stderr=subprocess.PIPE, capture_output=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("words", [["version"], ["list", "parameters"], ["schema", "plan"]])
def test_a_full_disk_is_told_in_one_line(words):
    with open("/dev/full", "w") as full:
        done = program(*words, stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("The output cannot be written (")


def test_a_terminal_without_the_letters_gets_others():
    import json

    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = program("list", "parameters", env=ascii_only)
    assert done.returncode == 0 and done.stderr == "" and "5?95 %" in done.stdout
    done = program("list", "sources", "--json", env=ascii_only)
    plain = program("list", "sources", "--json", encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"})
    assert done.stdout.isascii() and json.loads(done.stdout) == json.loads(plain.stdout)


def test_too_little_memory_is_told_with_the_options_that_ask_for_less(monkeypatch, line, plan):
    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr("endplate.assess.simulate", full)
    assert line("simulate", str(plan)) == "Not enough memory: give fewer --samples or --days."


def test_a_defect_and_debug_show_their_traceback(monkeypatch, plan):
    monkeypatch.setattr("endplate.assess.simulate", lambda *_, **__: {}["defect"])
    monkeypatch.setattr(sys, "argv", ["endplate", "simulate", str(plan)])
    with pytest.raises(KeyError, match="defect"):
        cli.main()
    monkeypatch.setattr(sys, "argv", ["endplate", "--debug", "simulate", "none.toml"])
    with pytest.raises(EndplateError, match="no such file"):
        cli.main()


@pytest.mark.parametrize(
    "words", [["simulate"], ["why", "--muscle", "frontalis"], ["atlas", "--out", "a.png"]]
)
@pytest.mark.parametrize("case", ["beyond bone", "off the head", "a child", "unknown muscle"])
def test_what_is_wrong_with_a_plan_is_told_with_its_file_once(line, tmp_path, monkeypatch, words, case):
    monkeypatch.chdir(tmp_path)
    Path("plan.toml").write_text(BAD[case][0], "utf-8")
    command, *options = words
    options = ["--plan", "plan.toml", *options] if command == "atlas" else ["plan.toml", *options]
    found = line(command, *options)
    assert found.startswith("plan.toml: ") and found.count("plan.toml") == 1


def test_a_muscle_that_the_command_names_is_not_blamed_on_the_plan(line, plan):
    assert line("why", str(plan), "--muscle", "fronatlis").startswith("Unknown muscle `fronatlis`")


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("", "--out is empty"),
        ("plan.toml", "`plan.toml` is a file"),
        ("plan.toml/sub", "`plan.toml` is a file"),
        ("plan.toml/sub/deep", "`plan.toml` is a file"),
        ("n" * 300, "cannot be written"),
        ("new/" + "n" * 300, "cannot be written"),
        ("deep/" * 1200, "cannot be written"),
        ("result", "report.html` is a folder"),
        ("lost", "is a link to nothing"),
        ("zero\0", "cannot be written (bad path)"),
    ],
    ids=lambda text: text[:16].replace("\0", "0"),
)
@pytest.mark.usefixtures("never_simulated")
def test_an_output_folder_is_checked_before_the_simulation(line, plan, monkeypatch, out, told):
    monkeypatch.chdir(plan.parent)
    Path("result/report.html").mkdir(parents=True)
    Path("lost").symlink_to("nowhere")
    before = sorted(Path().rglob("*"))
    for words in (["simulate", "plan.toml"], ["demo"]):
        assert told in line(*words, "--out", out)
    assert sorted(Path().rglob("*")) == before


@pytest.mark.usefixtures("never_simulated")
def test_a_folder_that_cannot_be_written_to_is_told_before_the_simulation(line, plan, monkeypatch, tmp_path):
    monkeypatch.setattr("endplate.app.places.os.access", lambda _, mode: not mode & os.W_OK)
    found = line("simulate", str(plan), "--out", str(tmp_path / "new" / "deep"))
    assert found.startswith(f"The folder `{tmp_path}` cannot be written to.")


def test_every_file_of_a_result_is_known_to_the_check(monkeypatch, capsys, plan, tmp_path):
    from endplate.app.places import file_names

    words = [
        "endplate",
        "simulate",
        str(plan),
        "--samples",
        "0",
        "--days",
        "5",
        "--out",
        str(tmp_path / "out"),
    ]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert not stop.value.code, capsys.readouterr().err
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(file_names())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--out", "a.bmp"], "neither .png nor .svg"),
        (["--out", "a.png", "--view", "behind"], "Unknown view `behind`. There are auto, all, front"),
        (["--out", "none/a.png"], "There is no folder `none`"),
        (["--out", "folder.png"], "`folder.png` is a folder"),
        (["--out", "a.png", "--age", "9"], "children"),
    ],
)
def test_an_atlas_that_cannot_be_drawn_is_refused(line, tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    Path("folder.png").mkdir()
    assert told in line("atlas", *words)


@pytest.mark.parametrize("to", ["none/plan.json", "folder.json", "plan.yaml", "", "n" * 300 + ".json"])
def test_a_conversion_that_cannot_be_written_is_refused(line, plan, monkeypatch, to):
    monkeypatch.chdir(plan.parent)
    Path("folder.json").mkdir()
    assert line("convert", "plan.toml", to)
    assert sorted(path.name for path in Path().iterdir()) == ["folder.json", "plan.toml"]
