"""The report: self-contained, honest, escaped, structured."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fakes import fake_course, fake_sites

from endplate.report.page import inline, report_html

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Outline(HTMLParser):
    """Tags must nest; keeps headings, ids, scripts and what asks for another file."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.asked: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        found = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        for name in ("src", "href", "xlink:href", "action"):
            value = found.get(name)
            if value and not value.startswith(("#", "data:")):
                self.asked.append(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data


def outline(text: str) -> Outline:
    parser = Outline()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture(scope="module")
def text(page: Path) -> str:
    return page.read_text("utf-8")


def test_the_page_is_well_nested_with_one_title_and_no_skipped_heading(text: str) -> None:
    found = outline(text)
    assert found.headings[0] == 1
    assert found.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(found.headings, found.headings[1:], strict=False))
    assert len(found.ids) == len(set(found.ids))
    assert '<html lang="en">' in text


def test_nothing_asks_for_another_file(text: str) -> None:
    assert outline(text).asked == []
    assert "default-src 'none'" in text
    assert not re.search(r"@import|url\((?!#|data:)", text.split("<script", 1)[0])


def test_links_inside_the_page_lead_somewhere(text: str) -> None:
    ids = set(outline(text).ids)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= ids


def test_the_standing_notices_and_every_section_are_there(text: str, course: Any) -> None:
    words = " ".join(outline(text).text.split())
    assert course.banner in words
    assert course.band_note in words
    for part in (
        "Course of force",
        "Exposure of the endplates",
        "The plan",
        "Which injection brings which share",
        "What the model assumes",
        "What this does not say",
        "Made with",
        "4 U per 0.1 mL",
        "20 U at 5 sites",
    ):
        assert part in words, part
    for limit in course.limits:
        assert limit in words


def test_the_report_stays_small(page: Path) -> None:
    assert page.stat().st_size < 2_500_000


def test_what_the_plan_says_is_never_markup(face: Any) -> None:
    course = fake_course(title='</script><script>alert("x")</script>&amp;<img src=x>')
    object.__setattr__(course, "sites", fake_sites(label="</script><b>"))
    text = report_html(course, face)
    assert "<script>alert" not in text
    assert "</script><b>" not in text
    assert outline(text).headings[0] == 1
    data = re.search(r'<script type="application/json" id="viewer-data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["title"] == course.plan_title


def test_the_same_course_gives_the_same_bytes(course: Any, face: Any, plan: Any, page: Path) -> None:
    assert report_html(course, face, plan) == page.read_text("utf-8")


def test_an_inlined_picture_gets_ids_of_its_own() -> None:
    body = '<g id="a"><path clip-path="url(#b)"/><clipPath id="b"/></g>'
    svg = f'<?xml version="1.0"?>\n<svg width="4pt" height="4pt" viewBox="0 0 4 4">{body}</svg>'
    out = inline(svg, "force")
    assert out.startswith("<svg viewBox")
    assert 'id="force-b"' in out
    assert "url(#force-b)" in out
    assert 'id="a"' not in out


def test_a_course_in_which_nothing_weakens_still_makes_a_page(face: Any) -> None:
    course = fake_course()
    course.force[:] = 1.0
    course.metrics["nadir"][:] = 1.0
    for name in ("onset_day", "duration_days"):
        course.metrics[name][:] = float("nan")
    object.__setattr__(course, "targets", frozenset())
    object.__setattr__(course, "at_risk", ())
    object.__setattr__(course, "sites", ())
    object.__setattr__(course, "shares", course.shares[:, :0])
    assert "No muscle loses force" in report_html(course, face)
