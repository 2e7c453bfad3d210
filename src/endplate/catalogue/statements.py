"""Statements that people read about botulinum toxin: the verdict on each, why, and the evidence."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Flag, Id, Record, Text
from endplate.catalogue.table import DATA, catalogue
from endplate.errors import CatalogueError, unknown_name

Verdict = Literal["true", "partly", "false", "unsupported"]
VERDICTS: tuple[Verdict, ...] = ("true", "partly", "false", "unsupported")
FILE = DATA / "statements.toml"

TOPICS = {
    "works": "How it works",
    "lasts": "How long it lasts",
    "safety": "Is it safe?",
    "uses": "What it is for",
    "place": "Where it goes",
    "face": "What the face does",
    "products": "Products",
}
Topic = Literal["works", "lasts", "safety", "uses", "place", "face", "products"]


class Backing(Record):
    """One piece of evidence. dated: year or date of what was read, or "unknown"; checked: whether it was read."""

    source: Id
    says: Text
    dated: Text
    checked: Flag


class Statement(Record):
    """One statement, judged.

    Attributes:
        statement: as people say it, in our words. short: the verdict in one sentence; why: the reasons.
        judged: day of the verdict; evidence that comes later may change it.
        shown_by: id of the simulation that shows or illustrates it; or else not_shown: why none does.
        see: a command or a page of the docs that says more.
    """

    id: Id
    topic: Topic
    statement: Text
    verdict: Verdict
    short: Text
    why: Text
    judged: date
    evidence: tuple[Backing, ...]
    shown_by: Id | None = None
    not_shown: Text | None = None
    see: Text

    @property
    def unchecked(self) -> int:
        """How many pieces of evidence were quoted from memory."""
        return sum(not one.checked for one in self.evidence)


def read_statements(path: Path) -> dict[str, Statement]:
    """All statements of a file, by id.

    Raises:
        CatalogueError: an entry that breaks its record, contradicts itself or names a source that does not exist.
    """
    found = read_table(path, "statement", Statement)
    for one in found.values():
        check_statement(one, path.name)
    return found


@lru_cache(maxsize=1)
def statements() -> dict[str, Statement]:
    """All statements, in the order of `statements.toml`."""
    return read_statements(FILE)


def statement(name: str) -> Statement:
    """One statement; CatalogueError with the nearest names when none is called so."""
    if name not in statements():
        raise unknown_name("statement", name, statements(), "endplate facts")
    return statements()[name]


def check_statement(one: Statement, file: str = FILE.name) -> None:
    """Raises CatalogueError where a statement contradicts itself or the sources."""
    faults = {
        "it has no evidence": not one.evidence,
        "it names both a simulation and a reason for none": bool(one.shown_by) and bool(one.not_shown),
        "it names neither a simulation nor a reason for none": not one.shown_by and not one.not_shown,
    }
    for backing in one.evidence:
        source = catalogue().source(backing.source)
        faults[f"what it takes from `{source.id}` is marked checked, but that source was not read"] = (
            backing.checked and source.read in ("recall", "declared")
        )
    for fault, found in faults.items():
        if found:
            raise CatalogueError(f"{file}, statement `{one.id}`: {fault}.")
