"""Answers about risk in a folder: a page, its picture and the published JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.model.course import BANNER
from endplate.report import numerals, risk_tables
from endplate.report.canvas import Canvas
from endplate.report.files import write_whole
from endplate.report.findings import counted_words, listed
from endplate.report.listing import Column, Row
from endplate.report.published import Published, published_words
from endplate.report.risk_words import dose_words, sided

if TYPE_CHECKING:
    from endplate.assess.differences import Comparison
    from endplate.assess.reasons import Why
    from endplate.assess.risks import PlanRisk
    from endplate.population.replayed import Replay

KINDS = ("risk", "why", "replay", "compare")
PNG_DOTS_PER_INCH = 200


@dataclass(frozen=True)
class Table:
    """One table of a page, with what stands below it."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Answer:
    """What a page says: heading, title of the plan, sentences, picture, tables, and how to read it."""

    kind: str
    heading: str
    title: str
    lines: Sequence[str]
    canvas: Canvas
    caption: str
    tables: Sequence[Table]
    notes: Sequence[str]
    document: Mapping[str, Any]


def file_names(kind: str) -> tuple[str, ...]:
    """The files that `write_answer` leaves in a folder."""
    return tuple(f"{kind}.{ending}" for ending in ("html", "json", "svg", "png"))


def write_answer(answer: Answer, folder: Path) -> Path:
    """Write `file_names` to a folder; the page comes last and stands only where the rest is complete.

    Raises:
        ReportError: the folder cannot be written.
    """
    folder, kind = Path(folder), answer.kind
    svg = answer.canvas.svg()
    (folder / f"{kind}.html").unlink(missing_ok=True)
    write_document(answer.document, folder / f"{kind}.json")
    write_whole(folder / f"{kind}.svg", svg.encode())
    write_whole(folder / f"{kind}.png", answer.canvas.png(PNG_DOTS_PER_INCH))
    return write_whole(folder / f"{kind}.html", answer_html(answer, svg).encode())


def write_document(document: Mapping[str, Any], path: Path) -> Path:
    """An answer as a JSON file."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return write_whole(path, text.encode() + b"\n")


def write_risk_json(found: PlanRisk, folder: Path, published: Published | None = None) -> Path:
    """`risk.json`: the published form of a risk."""
    from endplate.report.risk_document import risk_document

    return write_document(risk_document(found, published), Path(folder) / "risk.json")


def answer_html(answer: Answer, svg: str) -> str:
    """The page as text: one file that carries its picture and asks nothing of any network."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    from endplate.report.page import inline

    source = files("endplate.report").joinpath("templates/answer.html.j2").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = environment.from_string(source).render(
        kind=answer.kind,
        heading=answer.heading,
        title=answer.title,
        lines=answer.lines,
        picture=Markup(inline(svg, answer.kind)),
        caption=answer.caption,
        tables=answer.tables,
        notes=answer.notes,
        notice=BANNER,
    )
    return numerals.thin(text)


def risk_answer(found: PlanRisk, document: Mapping[str, Any], published: Published | None = None) -> Answer:
    """The page of `endplate risk`."""
    from endplate.assess.histograms import reached_of
    from endplate.report.risk_picture import risk_figure

    rows, rare = risk_tables.risk_rows(found, published)
    tables = [
        Table(
            "By mechanism: simulated, either side, per patient",
            risk_tables.RISK_COLUMNS,
            rows,
            [*risk_tables.rare_words(rare), *published_words(published)],
        )
    ]
    if found.reported:
        rows = risk_tables.reported_rows(found)
        notes = risk_tables.reported_words(found)
        columns = risk_tables.REPORT_COLUMNS if rows else ()
        tables.append(Table("By report: published rates beside placebo", columns, rows, notes))
    tables.append(_definitions(found))
    return Answer(
        kind="risk",
        heading="Risk of unwanted effects",
        title=found.plan_title,
        lines=(),
        canvas=risk_figure(found, reached_of(found.mechanism), published),
        caption="Dots: share of people; bars: 90 % intervals; upright: published rates, placebo for those by report. "
        "Below: targets against muscles to be spared.",
        tables=tables,
        notes=risk_tables.footing(found)[:-1],
        document=document,
    )


def _definitions(found: PlanRisk) -> Table:
    """What counts as each effect, and how long it was seen to last."""
    rows = [
        {
            "effect": sided(one.effect, "either"),
            "definition": one.definition,
            "lasts": one.lasts,
            "source": one.source,
        }
        for one in found.seen()
    ]
    names = {"effect": "effect", "definition": "what counts", "lasts": "was seen to last", "source": "source"}
    columns = [risk_tables._column(heading, key) for key, heading in names.items()]
    return Table("What counts as an effect", columns, rows)


def why_answer(found: Why, setup: Any, document: Mapping[str, Any]) -> Answer:
    """The page of `endplate why --effect`."""
    from endplate.report.why_picture import why_figure

    cause = found.cause
    return Answer(
        kind="why",
        heading=risk_tables.why_title(cause).split(". ")[0],
        title=cause.plan_title,
        lines=risk_tables.why_sentences(found)[:-1],
        canvas=why_figure(cause, setup),
        caption="Arrows from needle to muscle, as wide as the share of the exposure behind the effect.",
        tables=[Table("Share by injection", risk_tables.WHY_COLUMNS, risk_tables.why_rows(cause))],
        notes=cause.limits,
        document=document,
    )


def replay_answer(found: Replay, document: Mapping[str, Any]) -> Answer:
    """The page of `endplate replay`."""
    from endplate.report.replay_picture import replay_figure

    return Answer(
        kind="replay",
        heading=f"One plan on {found.faces} faces",
        title=found.plan_title,
        lines=(),
        canvas=replay_figure(found),
        caption="How many faces get an effect, with the interval of the share; lowest force of the targets over faces.",
        tables=[
            Table("Unwanted effects", risk_tables.REPLAY_COLUMNS, risk_tables.replay_rows(found)),
            Table("Muscles aimed at", risk_tables.TARGET_COLUMNS, risk_tables.target_rows(found)),
        ],
        notes=risk_tables.replay_footing(found)[:-1],
        document=document,
    )


def compare_answer(found: Comparison, document: Mapping[str, Any]) -> Answer:
    """The page of `endplate compare`."""
    from endplate.report.compare_picture import compare_figure

    return Answer(
        kind="compare",
        heading="Plans side by side",
        title=f"{len(found.plans)} plans",
        lines=[
            f"{plan.letter}: {plan.title}: {dose_words(plan.units)}. Check: {counted_words(plan.findings)}"
            for plan in found.plans
        ],
        canvas=compare_figure(found),
        caption="Force of the targets, how far muscles are reached, and risks, by plan.",
        tables=[
            Table(
                "Lowest force of the muscles aimed at and days of weakness",
                risk_tables.target_columns(found),
                risk_tables.comparison_targets(found),
            ),
            Table(
                f"Risk by mechanism and its difference from {found.plans[0].letter}",
                risk_tables.difference_columns(found),
                risk_tables.comparison_rows(found),
            ),
            *listed([(plan.letter, plan.findings) for plan in found.plans], Table),
        ],
        notes=risk_tables.comparison_footing(found)[:-1],
        document=document,
    )
