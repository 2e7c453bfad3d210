"""What botulinum toxin is used for, and what it is not: each use with the level of its evidence, dated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Flag, Id, Record, Text
from endplate.catalogue.table import DATA, catalogue
from endplate.errors import unknown_name

Kind = Literal["use", "investigational", "not_a_use"]
Year = Annotated[int, Field(strict=True, ge=1980, le=2100)]
Region = Literal[
    "eye", "upper_face", "lower_face", "face", "scalp", "neck", "limb", "gland", "skin", "bladder", "larynx",
    "systemic",
]  # fmt: skip
NOT_READ = frozenset({"recall", "declared"})


class Level(Record):
    """What one guideline or body of studies says of one use, in our words.

    Attributes:
        level: A established, B probable, C possible, U insufficient data (the American Academy of Neurology's letters);
            "against": advised against; "trials": randomised trials, no letter; "series": patients without comparison;
            "not settled": studies contradict each other; "none": looked for, nothing found.
        by: who says so. product: id, or None for botulinum toxin at large.
        as_of: date or year of the text, "unknown" where neither was read.
        reaffirmed: year in which its author said that it still held.
        retired: when its author withdrew it; "date unknown" where only that is known; None where it stands, or where
            nothing was found (then `note` says so).
        source, checked: where it stands, and whether it was read there.
    """

    statement: Text
    level: Literal["A", "B", "C", "U", "against", "trials", "series", "none", "not settled"]
    by: Text
    product: Id | None = None
    as_of: date | Year | Literal["unknown"]
    reaffirmed: Year | None = None
    retired: date | Literal["date unknown"] | None = None
    source: Id
    checked: Flag
    note: str = ""


class Indication(Record):
    """One use or non-use.

    Attributes:
        name: in plain words. words: what people also write.
        kind: "use" of toxin, "investigational" (studies only, or habit), "not_a_use" (toxin is not for it).
        appearance: it is asked for the looks.
        simulated: whether the atlas holds its muscles, so that `simulate` shows them.
        per: what a dose or grade is told for; None where it is the whole person.
        evidence: best or newest first.
    """

    id: Id
    name: Text
    words: tuple[Text, ...] = ()
    region: Region
    kind: Kind
    simulated: Flag
    appearance: Flag = False
    per: Literal["side", "eye", "limb"] | None = None
    evidence: tuple[Level, ...] = ()
    note: str = ""


@lru_cache(maxsize=1)
def indications() -> dict[str, Indication]:
    """All uses and non-uses by id, in the order of `indications.toml`.

    Every plan is read with it: what must hold beside the records themselves is asked by `violations` of the catalogue.

    Raises:
        CatalogueError: an entry that breaks its record.
    """
    return read_table(DATA / "indications.toml", "indication", Indication)


def faults_of_indications() -> Iterator[str]:
    """Uses that cite no source of the catalogue, claim what was not read, share a word, or say nothing."""
    yield from (f"indications.toml: {fault}" for fault in _faults(indications()))


def indication(name: str) -> Indication:
    """The use of this id, or of a word that people write; CatalogueError with the nearest names otherwise."""
    found = indications().get(_by_word().get(plain_word(name), name))
    if found is None:
        raise unknown_name("indication or complaint", name, sorted(indications()), "docs/triage.md")
    return found


def sources_of_indications() -> frozenset[str]:
    """Ids of all sources that the uses cite."""
    return frozenset(level.source for one in indications().values() for level in one.evidence)


@lru_cache(maxsize=1)
def _by_word() -> dict[str, str]:
    """From each plain word to its id."""
    return {
        plain_word(word): one.id for one in indications().values() for word in (one.id, one.name, *one.words)
    }


def plain_word(word: str) -> str:
    """A word as it is compared: small letters, no signs, single spaces."""
    return " ".join("".join(c if c.isalnum() else " " for c in word.casefold().replace("'", "")).split())


def _faults(found: dict[str, Indication]) -> Iterator[str]:
    owner: dict[str, str] = {}
    for one in found.values():
        for word in {plain_word(word) for word in (one.id, one.name, *one.words)}:
            if owner.setdefault(word, one.id) != one.id:
                yield f"`{word}` stands for {owner[word]} and for {one.id}."
        if not one.evidence:
            yield f"{one.id} says nothing of its evidence."
        for level in one.evidence:
            yield from _faults_of(one.id, level)


def _faults_of(name: str, level: Level) -> Iterator[str]:
    book = catalogue()
    if level.product is not None:
        book.product(level.product)
    read = book.source(level.source).read
    if level.checked and read in NOT_READ:
        yield f"{name} is marked checked, but source `{level.source}` was not read ({read})."
    if not level.checked and read not in NOT_READ:
        yield f"{name} is not marked checked, but source `{level.source}` was read ({read})."
