"""What triage found, in lines for the terminal: urgent things first."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from endplate.catalogue import catalogue
from endplate.catalogue.triage import URGENCIES
from endplate.notice import BANNER
from endplate.report.triage_document import without_dose

if TYPE_CHECKING:
    from endplate.catalogue.indications import Level
    from endplate.catalogue.triage import Alternative, Rule
    from endplate.check.triage import Advice, Judged, Triage

WIDEST = 100
FROM_MEMORY = "from memory, verify"


def print_triage(found: Triage) -> None:
    """Print everything, as wide as the terminal."""
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    for line in triage_lines(found):
        hang = " " * (len(line) - len(line.lstrip()) + (2 if line.lstrip().startswith("- ") else 0))
        print(textwrap.fill(line, width, subsequent_indent=hang) if line else "")


def triage_lines(found: Triage) -> Iterator[str]:
    """Every line of the answer; sub-lines are indented."""
    if found.emergency:
        yield from emergency_lines(found)
    yield f"{found.title}: {verdict_words(found)}"
    yield BANNER
    if found.sessions_left_aside:
        yield f"The file holds {sessions(found.sessions_left_aside)}: left aside here."
    yield from _titled("Who is asked, the most urgent first", [advice_words(one) for one in found.referrals])
    if not found.emergency:
        yield from _titled("At once", found.first)
    yield from _titled("What must not be done", found.avoid)
    for one in found.complaints:
        yield from _complaint(one)
    yield from _titled("Sources", [f"{one.id}: {without_dose(one.citation)}" for one in found.sources])
    yield ""
    yield from closing(found)


def verdict_words(found: Triage) -> str:
    """The verdict; of several complaints the strictest, and that it is."""
    count = len(found.complaints)
    return found.verdict if count == 1 else f"{found.verdict} (the strictest of {count} complaints)"


def emergency_lines(found: Triage) -> Iterator[str]:
    """What cannot wait, framed."""
    bar = "!" * 60
    yield bar
    yield f"{URGENCIES[0].upper()}"
    for line in found.first:
        yield f"  - {line}"
    for to, why in emergency_referrals(found).items():
        yield f"  {to}: {why}"
    yield bar
    yield ""


def emergency_referrals(found: Triage) -> dict[str, str]:
    """Where to go now, and why, each place once."""
    now = [one for one in found.referrals if one.urgency == URGENCIES[0]]
    return {one.to: "; ".join(dict.fromkeys(each.why for each in now if each.to == one.to)) for one in now}


def closing(found: Triage) -> Iterator[str]:
    """What the answer leaves out, and how much of it was not read."""
    from endplate.check.triage import LIMITS

    if found.unchecked:
        yield f"From memory, verify ({len(found.unchecked)}): {', '.join(found.unchecked)}."
    yield f"Day of the question: {found.asked}."
    yield from LIMITS


def advice_words(one: Advice) -> str:
    """`same day: neurologist (myasthenia)`"""
    return f"{one.urgency}: {one.to} ({one.why})"


def sessions(count: int) -> str:
    """How many sessions."""
    return "one session" if count == 1 else f"{count} sessions"


def heading(one: Judged) -> str:
    """The complaint in its own words, what it is taken for, and the verdict."""
    side = f", {one.side}" if one.side else ""
    meant = "" if one.written in (one.use.id, one.use.name) else f" ({one.use.name})"
    return f"{one.written.replace('_', ' ')}{meant}{side}: {one.verdict}"


def said_words(rule: Rule, verdict: str) -> str:
    """The verdict of one rule, beside the one that won: `Otherwise suits. `"""
    if rule.verdict is None:
        return ""
    return f"{'' if rule.verdict == verdict else 'otherwise '}{rule.verdict}. "


def reason_words(rule: Rule, verdict: str, because: Sequence[str] = ()) -> str:
    """One rule with what it says, on which facts, and where it stands."""
    said = said_words(rule, verdict)
    memory = "" if rule.checked else f"{FROM_MEMORY[0].upper()}{FROM_MEMORY[1:]}: "
    note = f" ({rule.note})" if rule.note else ""
    cited = ", ".join((rule.source, *rule.more_sources))
    facts = f" Told: {', '.join(because)}." if because else ""
    return f"{memory}{said[:1].upper()}{said[1:]}{rule.reason}{note}{facts} [{rule.id}; {cited}]"


def other_words(one: Alternative) -> str:
    """One alternative with why and where it stands."""
    memory = "" if one.checked else f" ({FROM_MEMORY})"
    note = f" ({one.note})" if one.note else ""
    return f"{one.name}{memory}: {one.why}{note} [{', '.join((one.source, *one.more_sources))}]"


def level_words(one: Level) -> str:
    """`B: Probably effective (onabotulinumtoxin_a; AAN 2016, reaffirmed 2022, RETIRED 2025-04-07). [aan_2016]`"""
    dated = (
        "" if str(one.as_of) in one.by else ", date not seen" if one.as_of == "unknown" else f", {one.as_of}"
    )
    kept = f", reaffirmed {one.reaffirmed}" if one.reaffirmed else ""
    gone = f", RETIRED {one.retired}" if one.retired else ""
    about = "; ".join(part for part in (one.product, f"{one.by}{dated}{kept}{gone}") if part)
    memory = f"; {FROM_MEMORY}" if _recalled(one) else ""
    note = f" ({one.note})" if one.note else ""
    return f"{one.level}: {one.statement.removesuffix('.')} ({about}{memory}).{note} [{one.source}]"


def _recalled(one: Level) -> bool:
    """Whether the level was quoted from memory (a judgement of the project was not)."""
    return not one.checked and catalogue().source(one.source).read == "recall"


def _complaint(one: Judged) -> Iterator[str]:
    yield ""
    yield heading(one)
    if not one.use.simulated and one.use.kind != "not_a_use":
        yield "  Outside the atlas: `simulate` does not show it."
    yield from _titled("What was told", one.told, "  ")
    yield from _titled("Ask first", one.questions, "  ")
    why = [reason_words(rule, one.verdict, one.because[rule.id]) for rule in one.reasons]
    yield from _titled("Why", why, "  ")
    yield from _titled("What else there is", [other_words(each) for each in one.others], "  ")
    yield from _titled("For the injection itself", [other_words(each) for each in one.comfort], "  ")
    yield from _titled("Evidence", [level_words(each) for each in one.use.evidence], "  ")
    yield from _titled("Not judged", one.gaps, "  ")


def _titled(title: str, lines: Sequence[str], indent: str = "") -> Iterator[str]:
    if not lines:
        return
    if not indent:
        yield ""
    yield f"{indent}{title}:"
    for line in lines:
        yield f"{indent}- {line}"
