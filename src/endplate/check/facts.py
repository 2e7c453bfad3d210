"""Statements that people read, with the simulations that show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from endplate.catalogue.statements import VERDICTS, Statement, Verdict, statement, statements
from endplate.check.facts_record import Shown
from endplate.errors import unknown_name

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fact:
    """A statement, with its simulation where it was run.

    agrees: whether that gives the verdict of the evidence; None where none was run and for an illustration.
    """

    statement: Statement
    shown: Shown | None = None

    @property
    def agrees(self) -> bool | None:
        if self.shown is None or not self.shown.judges:
            return None
        return self.shown.verdict == self.statement.verdict


def chosen(ids: Iterable[str] = (), verdict: str | None = None) -> tuple[Statement, ...]:
    """The statements asked for, all without ids; each once, in the order asked for.

    Raises:
        CatalogueError: an unknown id or verdict, with the nearest names.
    """
    if verdict is not None and verdict not in VERDICTS:
        raise unknown_name("verdict", verdict, VERDICTS, " ".join(VERDICTS))
    asked = tuple(dict.fromkeys(ids))
    found = tuple(map(statement, asked)) if asked else tuple(statements().values())
    return tuple(one for one in found if verdict is None or one.verdict == verdict)


def facts(ids: Iterable[str] = (), verdict: str | None = None) -> tuple[Fact, ...]:
    """Statements without their simulations: what the evidence says. Loads no model."""
    return tuple(Fact(one) for one in chosen(ids, verdict))


def shown_facts(found: Sequence[Fact], progress: Progress | None = None) -> tuple[Fact, ...]:
    """The same with every simulation run.

    Args:
        progress: called with (simulations done, simulations).
    """
    from endplate.check.facts_shown import show

    many = sum(one.statement.shown_by is not None for one in found)
    out: list[Fact] = []
    done = 0
    for one in found:
        name = one.statement.shown_by
        out.append(one if name is None else Fact(one.statement, show(name)))
        done += name is not None
        if progress is not None and name is not None:
            progress(done, many)
    return tuple(out)


def tally(found: Iterable[Fact]) -> dict[Verdict, int]:
    """How many statements got which verdict."""
    counts = dict.fromkeys(VERDICTS, 0)
    for one in found:
        counts[one.statement.verdict] += 1
    return counts
