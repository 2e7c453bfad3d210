"""Judged statements in a folder: a page with the charts of their simulations, and the published JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from endplate.catalogue.statements import TOPICS, VERDICTS
from endplate.check.facts import Fact
from endplate.notice import BANNER
from endplate.report import numerals
from endplate.report.facts_picture import shown_figure
from endplate.report.facts_words import (
    MEANING,
    VERDICT_WORDS,
    backing_words,
    counts_words,
    memory_words,
    shown_heading,
    shown_words,
)
from endplate.report.files import write_whole
from endplate.report.risk_page import write_document

HEADING = "What people read about botulinum toxin"
NO_ADVICE = "No medical advice: ask the doctor who knows you."


def file_names() -> tuple[str, ...]:
    """The files that `write_facts` leaves in a folder."""
    return ("facts.html", "facts.json")


def write_facts(found: Sequence[Fact], document: Mapping[str, Any], folder: Path) -> Path:
    """Write `file_names` to a folder; the page comes last and stands only where the rest is complete.

    Raises:
        ReportError: the folder cannot be written.
    """
    page = facts_html(found)
    (folder / "facts.html").unlink(missing_ok=True)
    write_document(document, folder / "facts.json")
    return write_whole(folder / "facts.html", page.encode())


def facts_html(found: Sequence[Fact]) -> str:
    """The page as text: one file that carries its pictures and asks nothing of any network."""
    from jinja2 import Environment, StrictUndefined

    source = files("endplate.report").joinpath("templates/facts.html.j2").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = environment.from_string(source).render(
        heading=HEADING,
        counts=counts_words(found),
        key=[(name, VERDICT_WORDS[name], MEANING[name]) for name in VERDICTS],
        notice=f"{NO_ADVICE} {BANNER}",
        memory=memory_words(found).replace("`", ""),
        topics=[
            {"id": topic, "heading": heading, "facts": mine}
            for topic, heading in TOPICS.items()
            if (mine := [_entry(one) for one in found if one.statement.topic == topic])
        ],
    )
    return numerals.thin(text)


def _entry(fact: Fact) -> dict[str, Any]:
    from markupsafe import Markup

    from endplate.report.page import inline

    said, shown = fact.statement, fact.shown
    return {
        "id": said.id,
        "verdict": said.verdict,
        "words": VERDICT_WORDS[said.verdict],
        "statement": said.statement,
        "short": said.short,
        "why": said.why,
        "judged": said.judged.isoformat(),
        "evidence": [backing_words(one) for one in said.evidence],
        "see": said.see,
        "not_shown": (said.not_shown or "").replace("`", ""),
        "picture": Markup(inline(shown_figure(shown).svg(), said.id)) if shown else "",
        "heading": shown_heading(shown) if shown else "",
        "illustration": shown is not None and not shown.judges,
        "sentence": shown_words(fact) if shown else "",
        "note": shown.note if shown else "",
    }
