"""Uses and non-uses: dated evidence with a source each, words that lead to one entry."""

from __future__ import annotations

import datetime as dt

import pytest

from endplate.catalogue import catalogue
from endplate.catalogue.indications import (
    Indication,
    Level,
    _faults,
    indication,
    indications,
    sources_of_indications,
)
from endplate.catalogue.triage import sources_of_triage
from endplate.errors import CatalogueError

LEVELS = [(one.id, level) for one in indications().values() for level in one.evidence]


def test_every_pattern_is_for_a_known_use() -> None:
    assert {one.indication for one in catalogue().patterns.values()} <= set(indications())


def test_what_the_atlas_has_a_pattern_for_is_simulated() -> None:
    for name in {one.indication for one in catalogue().patterns.values()}:
        assert indications()[name].simulated, name


@pytest.mark.parametrize(("name", "level"), LEVELS)
def test_a_level_of_the_retired_guideline_is_dated(name: str, level: Level) -> None:
    if level.source == "aan_2016":
        assert (level.as_of, level.reaffirmed, level.retired) == (2016, 2022, dt.date(2025, 4, 7)), name


@pytest.mark.parametrize(("name", "level"), LEVELS)
def test_a_level_is_checked_only_where_its_source_was_read(name: str, level: Level) -> None:
    assert level.checked == (catalogue().source(level.source).read not in {"recall", "declared"}), name


def test_levels_of_the_guideline_by_product() -> None:
    told = {
        (one.id, level.product): level.level
        for one in indications().values()
        for level in one.evidence
        if level.source == "aan_2016"
    }
    assert told["blepharospasm", "abobotulinumtoxin_a"] == "C"
    assert told["blepharospasm", "onabotulinumtoxin_a"] == "B"
    assert told["cervical_dystonia", "rimabotulinumtoxin_b"] == "A"
    assert told["upper_limb_spasticity", "rimabotulinumtoxin_b"] == "B"
    assert told["episodic_migraine", "onabotulinumtoxin_a"] == "against"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Bell's palsy", "facial_palsy"),
        ("crow's feet", "lateral_canthal_lines"),
        ("Crows feet lines", "lateral_canthal_lines"),
        ("FROWN LINES", "glabellar_lines"),
        ("torticollis", "cervical_dystonia"),
        ("droopy-eyelid", "ptosis"),
        ("low mood", "depression"),
        ("striae", "stretch_marks"),
    ],
)
def test_a_word_that_people_write_is_understood(word: str, name: str) -> None:
    assert indication(word).id == name


def test_an_unknown_word_names_its_neighbours() -> None:
    with pytest.raises(CatalogueError, match="glabellar_lines"):
        indication("glabellar_line")


def test_no_word_stands_for_two() -> None:
    one = indications()["ptosis"]
    twin = Indication.model_validate({**one.model_dump(), "id": "ptosis_too", "name": "another"})
    assert any("stands for" in fault for fault in _faults({one.id: one, twin.id: twin}))


def test_an_entry_without_evidence_is_a_fault() -> None:
    bare = indications()["ptosis"].model_copy(update={"evidence": ()})
    assert list(_faults({"ptosis": bare})) == ["ptosis says nothing of its evidence."]


def test_every_source_of_triage_is_cited() -> None:
    ours = {name for name, one in catalogue().sources.items() if name in _in_file()}
    assert ours <= sources_of_indications() | sources_of_triage()


def _in_file() -> set[str]:
    import tomllib

    from endplate.catalogue.table import DATA

    text = (DATA / "sources_triage.toml").read_text(encoding="utf-8")
    return {one["id"] for one in tomllib.loads(text)["source"]}
