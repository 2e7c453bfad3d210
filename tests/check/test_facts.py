"""Statements: every one is judged with evidence, found by its name, and contradicts neither labels nor sources."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from documents import ROOT
from hypothesis import given
from hypothesis import strategies as st

from endplate.app.facts import facts as command
from endplate.catalogue import catalogue
from endplate.catalogue.labels import all_labels
from endplate.catalogue.statements import FILE, TOPICS, VERDICTS, read_statements, statements
from endplate.check.facts import Fact, chosen, facts, shown_facts, tally
from endplate.check.facts_shown import demonstrations
from endplate.errors import CatalogueError, EndplateError
from endplate.report.facts_document import facts_document, facts_json_schema
from endplate.report.facts_words import FROM_MEMORY, backing_words, full_lines, list_lines, memory_words

ALL = list(statements().values())
LINES = ("glabellar_lines", "lateral_canthal_lines", "forehead_lines", "platysma_bands")
BY_NAME = [pytest.param(one, id=one.id) for one in ALL]


@pytest.mark.parametrize("one", BY_NAME)
def test_a_statement_is_short_plain_and_backed(one) -> None:
    assert one.verdict in VERDICTS and one.topic in TOPICS
    assert one.evidence
    assert len(one.short) <= 160, len(one.short)
    sentences = [part for part in one.why.replace("?", ".").split(". ") if part]
    assert 2 <= len(sentences) <= 4, sentences
    for text in (one.statement, one.short, one.why, *(backing.says for backing in one.evidence)):
        assert text == text.strip() and text.endswith((".", "!", "?")), text


@pytest.mark.parametrize("one", BY_NAME)
def test_what_is_said_to_be_read_was_read(one) -> None:
    for backing in one.evidence:
        source = catalogue().source(backing.source)
        assert not backing.checked or source.read not in ("recall", "declared"), backing.source
        assert backing.checked or backing_words(backing).startswith(FROM_MEMORY)


@pytest.mark.parametrize("one", BY_NAME)
def test_a_statement_names_its_simulation_or_says_why_there_is_none(one) -> None:
    assert (one.shown_by in demonstrations()) if one.shown_by else one.not_shown


@pytest.mark.parametrize("one", BY_NAME)
def test_a_statement_leads_to_a_page_or_a_command_that_is_there(one) -> None:
    from make_cli import commands

    if one.see.startswith("docs/"):
        assert (ROOT / one.see).is_file(), one.see
        return
    first, name, *rest = one.see.split()
    assert first == "endplate" and f"endplate {name}" in commands(), one.see
    for word in rest:
        if word.endswith(".toml"):
            assert (ROOT / word).is_file(), one.see
    if name == "facts":
        assert rest[0] in statements(), one.see


def test_every_demonstration_is_used_and_ten_statements_have_one_that_judges() -> None:
    used = [one.shown_by for one in ALL if one.shown_by]
    assert sorted(used) == sorted(demonstrations())
    assert sum(demonstrations()[name].judge is not None for name in used) >= 10


def test_low_mood_is_told_alike_by_the_triage() -> None:
    from endplate.catalogue.triage import triage_rules

    said = triage_rules()["low_mood"].reason
    for words in (said, statements()["low_mood"].short):
        assert "Investigational" in words and "the largest (255 women) missed its main goal" in words


def test_nothing_tells_how_long_one_may_wait_for_antitoxin() -> None:
    one = statements()["botulism_surgery"]
    assert one.shown_by is None
    told = " ".join((one.short, one.why, one.not_shown or "", *(backing.says for backing in one.evidence)))
    assert not any(word in told for word in ("hours", "day", "week", "%"))
    assert "at once" in one.why and "ambulance" in one.why


def test_no_source_of_its_own_file_is_left_over() -> None:
    import tomllib

    own = tomllib.loads((FILE.parent / "sources_statements.toml").read_text("utf-8"))["source"]
    assert {one["id"] for one in own} <= {backing.source for one in ALL for backing in one.evidence}


def test_the_statements_that_must_be_there_are_judged_as_they_must() -> None:
    asked = {
        "true": "made_by_bacterium blocks_release new_sprouts lids_and_eyes alternatives_exist no_substitute",
        "partly": "just_under_skin cheek_and_jowl more_fluid",
        "unsupported": "stretch_marks low_mood",
        "false": "stops_cholinesterase becomes_serotonin lasts_a_month repeat_at_will only_adults harmless_and_short "
        "a_cure botulism_surgery epilepsy approved_for_palsy palsy_contracts never_in_muscle safe_in_bone firms_tone "
        "psp_is_dystrophy interchangeable whole_face headache_from_toxin antibodies_always",
    }
    for verdict, ids in asked.items():
        for name in ids.split():
            assert statements()[name].verdict == verdict, name


def test_labels_that_were_read_say_what_the_statements_say_of_them() -> None:
    for label in all_labels().values():
        assert not {use.indication for use in label.use} & {
            "facial_palsy",
            "synkinesis",
            "depression",
            "epilepsy",
        }
        for rule in label.rule:
            if rule.kind == "age_from" and set(LINES) & set(rule.indication):
                assert rule.value is not None and rule.value >= 18, (label.id, rule.id)


def test_no_verdict_proposes_a_dose() -> None:
    for one in ALL:
        for words in (one.statement, one.short, one.why):
            assert not any(part in words for part in (" U ", " U.", " mL", "units per")), (one.id, words)


def test_choosing_keeps_the_order_asked_for_and_each_once() -> None:
    found = chosen(["a_cure", "lasts_a_month", "a_cure"])
    assert [one.id for one in found] == ["a_cure", "lasts_a_month"]
    assert [one.id for one in chosen(["a_cure", "new_sprouts"], "true")] == ["new_sprouts"]
    assert sum(tally(facts()).values()) == len(ALL)
    assert all(one.statement.verdict == "partly" for one in facts(verdict="partly"))


@given(st.text(max_size=80))
def test_any_other_name_is_refused_in_one_line(name: str) -> None:
    if name in statements():
        return
    with pytest.raises(CatalogueError) as error:
        chosen([name])
    assert "\n" not in str(error.value) and "endplate facts" in str(error.value)


def test_a_mistyped_name_gets_the_nearest() -> None:
    with pytest.raises(CatalogueError, match="lasts_a_month"):
        chosen(["lasts_a_moth"])
    with pytest.raises(CatalogueError, match="`false`"):
        chosen([], "flase")


EVIDENCE = 'evidence = [{ source = "fact_pharos", dated = "unknown", checked = true, says = "S." }]'
GOOD = f"""
[[statement]]
id = "one"
topic = "works"
statement = "S."
verdict = "true"
short = "S."
why = "A. B."
judged = 2026-11-23
{EVIDENCE}
not_shown = "Why."
see = "docs/model.md"
"""


def read(folder: Path, text: str) -> dict:
    path = folder / "statements.toml"
    path.write_text(text, "utf-8")
    return read_statements(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert list(read(tmp_path, GOOD)) == ["one"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('verdict = "true"', 'verdict = "maybe"', "verdict"),
        ('topic = "works"', 'topic = "other"', "topic"),
        ('not_shown = "Why."', "", "neither a simulation"),
        ('not_shown = "Why."', 'not_shown = "Why."\nshown_by = "release"', "both"),
        ('"fact_pharos"', '"declared"', "not read"),
        ('"fact_pharos"', '"nowhere"', "nowhere"),
        ("2026-11-23", '"today"', "judged"),
        ('see = "docs/model.md"', "", "see"),
        ('see = "docs/model.md"', 'see = "docs/model.md"\nmore = 1', "more"),
        ("checked = true", 'checked = "yes"', "checked"),
        (EVIDENCE, "evidence = []", "no evidence"),
        ("[[statement]]", "[[other]]", "statement"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_one_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogueError) as error:
        read(tmp_path, GOOD.replace(old, new))
    assert says in str(error.value) and "\n" not in str(error.value)


@given(st.binary(max_size=200), st.integers(0, len(GOOD)))
def test_no_bytes_make_anything_but_statements_or_an_error(junk: bytes, at: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statements.toml"
        text = GOOD.encode()
        path.write_bytes(text[:at] + junk + text[at:])
        words = ""
        try:
            read_statements(path)
        except EndplateError as error:
            words = str(error)
        assert "\n" not in words


def test_the_document_without_and_with_a_simulation_follows_its_schema() -> None:
    schema = facts_json_schema()
    plain = facts_document(facts(), {"endplate": "0"})
    ids = ["stops_cholinesterase", "more_fluid", "blocks_release"]
    one = facts_document(shown_facts(facts(ids)), {"endplate": "0"})
    for document in (plain, one):
        jsonschema.validate(json.loads(json.dumps(document)), schema)
    told = [
        (found["kind"], found["verdict"], found["agrees"])
        for found in (said["simulation"] for said in one["statements"])
    ]
    assert told == [
        ("demonstration", "false", True),
        ("demonstration", "false", False),
        ("illustration", None, None),
    ]
    assert sum(plain["counts"].values()) == len(plain["statements"]) == len(ALL)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**plain, "extra": 1}, schema)


@pytest.mark.parametrize("width", [60, 80, 110])
def test_lists_keep_to_their_width_and_hold_every_statement(width: int) -> None:
    lines = list(list_lines(facts(), width))
    assert max(map(len, lines)) <= width
    assert all(any(one.id in line for line in lines) for one in ALL)
    full = [line for fact in facts() for line in full_lines(fact, width)]
    assert max(len(line) for line in full if not line.startswith("See also")) <= width


def test_what_is_from_memory_is_counted() -> None:
    loose = sum(one.unchecked for one in ALL)
    assert loose > 0 and memory_words(facts()).startswith(f"{loose} of ")
    assert "were read" in memory_words([Fact(statements()["blocks_release"])])


def test_the_command_prints_verdicts_first(capsys: pytest.CaptureFixture[str]) -> None:
    command([], verdict="unsupported", show=False, out=None, as_json=False)
    text = capsys.readouterr().out
    assert text.startswith("5 statements: 5 unsupported")
    assert "UNSUPPORTED  \u201cIt treats stretch marks.\u201d" in text and "no medical advice" in text


def test_a_named_statement_runs_its_simulation(capsys: pytest.CaptureFixture[str]) -> None:
    command(["blocks_release"], verdict=None, show=False, out=None, as_json=False)
    text = capsys.readouterr().out
    assert "Illustration, no verdict: " in text and "packets" in text and "SNAP-25" in text


def test_a_simulation_that_gives_another_verdict_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    command(["more_fluid", "double_dose"], verdict=None, show=False, out=None, as_json=False)
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("Simulated: ") == 2
    assert (
        text.count("The model alone says false, the evidence partly true: it does not show this verdict.")
        == 1
    )


def test_a_folder_gets_a_page_that_needs_nothing_else(tmp_path: Path, capsys) -> None:
    command(["blocks_release", "epilepsy"], verdict=None, show=False, out=str(tmp_path / "f"), as_json=True)
    document = json.loads(capsys.readouterr().out)
    page = (tmp_path / "f" / "facts.html").read_text("utf-8")
    assert [one["id"] for one in document["statements"]] == ["blocks_release", "epilepsy"]
    assert json.loads((tmp_path / "f" / "facts.json").read_text("utf-8")) == document
    assert page.count("<svg") == 1 and page.count("<article") == 2
    assert '<figure class="illustration">' in page and "<b>Illustration, no verdict.</b>" in page
    assert "http" not in page.replace("http://www.w3.org", "") and "src=" not in page


def test_the_list_loads_neither_the_model_nor_a_plotter() -> None:
    code = (
        "import sys; from endplate.app.facts import facts;"
        "facts([], verdict=None, show=False, out=None, as_json=False);"
        "bad = {'jax', 'matplotlib', 'scipy', 'endplate.model.chain', 'endplate.anatomy'} & set(sys.modules);"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_ends_with_code_two() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "endplate", "facts", "lasts_a_moth"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2 and "lasts_a_month" in done.stderr and not done.stdout
