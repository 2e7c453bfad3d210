"""Statements in words for a terminal: verdict first, then why, the evidence and the simulation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from shutil import get_terminal_size
from textwrap import wrap as wrap_words

from endplate.catalogue import catalogue
from endplate.catalogue.statements import TOPICS, Backing, Verdict
from endplate.check.facts import Fact, tally
from endplate.check.facts_record import Shown, Value
from endplate.notice import BANNER
from endplate.report import numerals

MARK = 13
BESIDE = 16  # columns for a value and its margins
NARROW, WIDE = 60, 110
FROM_MEMORY = "from memory, verify"
VERDICT_WORDS: dict[Verdict, str] = {
    "true": "TRUE",
    "partly": "PARTLY TRUE",
    "false": "FALSE",
    "unsupported": "UNSUPPORTED",
}
MEANING: dict[Verdict, str] = {
    "true": "the evidence supports it",
    "partly": "true in part, or only under conditions",
    "false": "the evidence speaks against it",
    "unsupported": "no sufficient evidence either way",
}


def number(value: float, unit: str) -> str:
    """A number of a demonstration with its unit; a share in per cent.

    >>> number(0.1153, ""), number(0.0053, ""), number(128.36, "d"), number(0.25, "mm"), number(1.4, "packets")
    ('12 %', '0.53 %', '128 days', '0.25 mm', '1.4 packets')
    """
    if unit == "":
        return f"{rounded(100.0 * value)} %"
    return f"{rounded(value)} {'days' if unit == 'd' else unit}"


def rounded(value: float) -> str:
    """Two digits, whole numbers from ten on.

    >>> rounded(128.36), rounded(0.0053)
    ('128', '0.0053')
    """
    return f"{value:.0f}" if abs(value) >= 10.0 else numerals.plain(float(f"{value:.2g}"))


def value_name(one: Value) -> str:
    """What a value is, first letter large."""
    return one.name[:1].upper() + one.name[1:]


def backing_words(one: Backing) -> str:
    """One piece of evidence with where it was read, or that it was not."""
    source = catalogue().source(one.source)
    dated = "" if one.dated == "unknown" else f", {one.dated}"
    where = f"; {source.address}" if source.address else ""
    read = "" if one.checked else f"{FROM_MEMORY}: "
    return f"{read}{one.says} [{source.citation}{dated}{where}]"


def counts_words(found: Sequence[Fact]) -> str:
    """`43 statements: 6 true, 5 partly true, 27 false, 5 unsupported`."""
    words = ", ".join(
        f"{count} {VERDICT_WORDS[name].lower()}" for name, count in tally(found).items() if count
    )
    many = f"{len(found)} statement{'s' if len(found) != 1 else ''}"
    return f"{many}: {words}" if words else many


def memory_words(found: Iterable[Fact]) -> str:
    """How much of the evidence was quoted from memory."""
    pieces = [backing for one in found for backing in one.statement.evidence]
    loose = sum(not backing.checked for backing in pieces)
    if not loose:
        return f"All {len(pieces)} pieces of evidence were read." if len(pieces) > 1 else ""
    return f"{loose} of {len(pieces)} pieces of evidence are marked `{FROM_MEMORY}`."


def shown_heading(shown: Shown) -> str:
    """Whether it was a test of the statement, or only a picture of it."""
    return "Simulated" if shown.judges else "Illustration, no verdict"


def shown_words(fact: Fact) -> str:
    """What the simulation says, and where it judges, whether that is the verdict of the evidence."""
    assert fact.shown is not None
    if fact.agrees is not False:
        return fact.shown.sentence
    verdict = VERDICT_WORDS[fact.statement.verdict].lower()
    says = VERDICT_WORDS[fact.shown.verdict].lower() if fact.shown.verdict else "neither true nor false"
    return f"The model alone says {says}, the evidence {verdict}: it does not show this verdict. {fact.shown.sentence}"


def list_lines(found: Sequence[Fact], width: int) -> Iterator[str]:
    """All statements, by topic, two or three lines each."""
    for topic, heading in TOPICS.items():
        mine = [one for one in found if one.statement.topic == topic]
        if not mine:
            continue
        yield from ("", heading, "-" * len(heading))
        for one in mine:
            yield from _short_lines(one, width)


def _short_lines(fact: Fact, width: int) -> Iterator[str]:
    said = fact.statement
    yield from _hung(VERDICT_WORDS[said.verdict], f"\u201c{said.statement}\u201d", width)
    yield from _hung("", said.short, width)
    if fact.shown is not None:
        yield from _hung("", f"{shown_heading(fact.shown)}: {shown_words(fact)}", width)
    yield from _hung("", f"-> endplate facts {said.id}", width)


def _hung(mark: str, words: str, width: int) -> list[str]:
    """Words that hang beside a mark."""
    lines = wrap(words, max(width - MARK, 20))
    return [f"{mark if n == 0 else '':<{MARK}}{line}".rstrip() for n, line in enumerate(lines)]


def full_lines(fact: Fact, width: int) -> Iterator[str]:
    """Everything about one statement."""
    said = fact.statement
    yield from _hung(VERDICT_WORDS[said.verdict], f"\u201c{said.statement}\u201d", width)
    yield ""
    yield from wrap(said.short, width)
    yield from wrap(said.why, width)
    yield from ("", f"Evidence (judged on {said.judged})")
    for one in said.evidence:
        yield from (
            f"{'- ' if n == 0 else '  '}{line}" for n, line in enumerate(wrap(backing_words(one), width - 2))
        )
    yield ""
    if fact.shown is not None:
        yield from _shown_lines(fact, fact.shown, width)
    elif said.not_shown is not None:
        yield from wrap(f"No simulation: {said.not_shown}", width)
    yield f"See also: {said.see}"


def _shown_lines(fact: Fact, shown: Shown, width: int) -> Iterator[str]:
    yield from wrap(f"{shown_heading(shown)}: {shown.title}", width)
    yield from wrap(shown_words(fact), width)
    longest = min(max(len(value_name(one)) for one in shown.values), width - BESIDE)
    for one in shown.values:
        *first, last = wrap(value_name(one), longest)
        yield from (f"  {part}" for part in first)
        yield f"  {last:<{longest}}  {number(one.value, one.unit)}"
    yield from wrap(shown.note, width)


def wrap(words: str, width: int) -> list[str]:
    """Lines of words; a number and its per-cent sign stay together."""
    return [line.replace("\0", " ") for line in wrap_words(words.replace(" %", "\0%"), width)]


def print_list(found: Sequence[Fact]) -> None:
    """Print all statements."""
    width = _width()
    print(counts_words(found))
    for line in list_lines(found, width):
        print(line)
    print()
    print(memory_words(found))
    for line in wrap(f"These verdicts are no medical advice. {BANNER}", width):
        print(line)


def print_full(found: Sequence[Fact]) -> None:
    """Print everything about a few statements."""
    width = _width()
    for n, one in enumerate(found):
        if n:
            print("\n" + "=" * min(width, 40) + "\n")
        for line in full_lines(one, width):
            print(line)
    print()
    for line in wrap(f"This verdict is no medical advice. {BANNER}", width):
        print(line)


def _width() -> int:
    return min(max(get_terminal_size().columns, NARROW), WIDE)
