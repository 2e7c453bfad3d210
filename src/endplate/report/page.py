"""The report: one HTML file that carries its style, pictures, viewer and data, and asks nothing of any network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.report import check_panel, face_panel, facts, numerals, risk_panel
from endplate.report.files import write_whole
from endplate.report.rows import ROLE_WORDS, WEAKENED, muscle_rows

if TYPE_CHECKING:
    from endplate.anatomy.face import Face
    from endplate.model.course import Course

SEX_WORDS = {"female": "woman", "male": "man"}


Pictures = Mapping[str, str | bytes]


def write_report(
    course: Course,
    face: Face,
    path: Path,
    plan: Any = None,
    pictures: Pictures | None = None,
    *,
    risk: Any = None,
    causes: Sequence[Any] | None = None,
    leaflet: str = "",
    findings: Sequence[Any] = (),
) -> Path:
    """Write the report to `path`, whole or not at all.

    Args:
        plan: gives dates, dilution, operator; without it those lines are left out.
        pictures: SVG text by name ("force", "exposure", "sites", "measures", "why-0", ...), "face" as PNG; drawn
            here when absent.
        risk: what may go wrong (`assess.risk`, or a list of its records); None leaves the section out.
        causes: which needle brings which effect (`assess.why`, or its causes); None works out those of the likeliest.
        leaflet: name of the patient's leaflet beside the report, if there is one.
        findings: whether the plan is allowed and sensible (`endplate.check`); without any the section is left out.

    Raises:
        ReportError: the file cannot be written.
    """
    text = report_html(
        course, face, plan, pictures, risk=risk, causes=causes, leaflet=leaflet, findings=findings
    )
    return write_whole(Path(path), text.encode())


def report_html(
    course: Course,
    face: Face,
    plan: Any = None,
    pictures: Pictures | None = None,
    *,
    risk: Any = None,
    causes: Sequence[Any] | None = None,
    leaflet: str = "",
    findings: Sequence[Any] = (),
) -> str:
    """The report as text; the same text for the same course."""
    if causes is None:
        causes = risk_panel.causes_of(plan, risk)
    causes = [getattr(one, "cause", one) for one in causes]
    if pictures is None:
        from endplate.report.pictures import as_files, draw_pictures

        pictures = as_files(draw_pictures(course, face, plan, causes))
    from markupsafe import Markup

    from endplate.report.payload import as_script, on_head, viewer_payload

    rows = muscle_rows(course)
    listed = {(row.muscle, row.side) for row in rows}
    head = on_head(course, face)
    alts = alternatives(course, causes)
    drawn = {name: _picture(name, one, alts.get(name, "")) for name, one in pictures.items()}
    shared = {
        "pictures": drawn,
        "face_section": face_panel.section(course),
        "risk": None,
        "leaflet": leaflet,
        "check": check_panel.section(findings) if findings else None,
    }
    if risk is not None:
        arrows = [one for name, one in drawn.items() if name.startswith("why-")]
        shared["risk"] = risk_panel.section(course, risk, causes, arrows)
    return _template("report").render(
        **shared,
        face_html=_section("face_section", shared),
        risk_html=_section("risk_section", shared),
        check_html=_section("check_section", shared),
        course=course,
        plan=plan,
        face=face,
        patient=_patient(face, plan),
        antibodies=facts.antibodies(course),
        aside=next((words for words in course.limits if words.startswith("Not simulated")), None),
        key_figures=_key_figures(course, rows, risk),
        rows=rows,
        spared=[row for row in muscle_rows(course, every=True) if (row.muscle, row.side) not in listed],
        keeps=numerals.percent(WEAKENED),
        sessions=facts.sessions(course, plan),
        shares=facts.shares(course, rows),
        parameters=facts.parameters(course),
        payload=Markup(as_script(viewer_payload(course, face))) if head else None,
        style=Markup(_static("templates/report.css")),
        viewer=Markup(_static("static/viewer.js")) if head else None,
        role_words=ROLE_WORDS,
        percent=numerals.percent,
        days=numerals.days,
        ratio=numerals.ratio,
    )


def _key_figures(course: Course, rows: list[Any], risk: Any) -> list[dict[str, str]]:
    """Of the muscles, then of the face and of what may go wrong."""
    face = face_panel.key_figure(course) if course.face else None
    wrong = risk_panel.key_figure(risk) if risk is not None else None
    return [*facts.key_figures(course, rows), *(figure for figure in (face, wrong) if figure)]


def _section(name: str, shared: Mapping[str, Any]) -> Any:
    """A section of its own template; empty where there is nothing to say."""
    from markupsafe import Markup

    if shared[name if name in shared else name.removesuffix("_section")] is None:
        return Markup("")
    return Markup(_template(name).render(**shared))


def alternatives(course: Course, causes: Sequence[Any]) -> dict[str, str]:
    """What a reader who does not see the images is told."""
    words = {f"why-{number}": risk_panel.cause_alt(course, cause) for number, cause in enumerate(causes)}
    return words | ({"face": face_panel.alt(course)} if course.face else {})


def _picture(name: str, made: str | bytes, alt: str) -> Any:
    """A picture inside the page: vectors as they are, an image made small."""
    from base64 import b64encode

    from markupsafe import Markup, escape

    if isinstance(made, str):
        return Markup(inline(made, name))
    kind, small = face_panel.small_image(made)
    return Markup(f'<img src="data:{kind};base64,{b64encode(small).decode()}" alt="{escape(alt)}">')


def _patient(face: Face, plan: Any) -> str:
    """`Woman, 45 years`; the face when there is no plan."""
    person = plan.patient if plan is not None else face
    return f"{SEX_WORDS.get(person.sex, person.sex).capitalize()}, {person.age:g} years"


@lru_cache(maxsize=4)
def _template(name: str) -> Any:
    """The compiled template (jinja2 is loaded here); everything is escaped unless it is marked as markup."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        return numerals.thin(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=finalize
    )
    return environment.from_string(numerals.thin(_static(f"templates/{name}.html.j2")))


@lru_cache(maxsize=8)
def _static(name: str) -> str:
    return files("endplate.report").joinpath(name).read_text("utf-8")


def inline(svg: str, name: str) -> str:
    """An SVG document made fit for a page: no prologue, ids its own, scaled by its width."""
    import re

    svg = svg[svg.index("<svg") :]
    kept = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in kept else "", svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", svg)
    head, rest = svg.split(">", 1)
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-labelledby="caption-{name}" focusable="false">{rest}'
