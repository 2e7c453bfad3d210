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


def test_what_the_folded_table_holds_is_what_its_sentence_says(text: str, course: Any) -> None:
    found = re.search(r"(\d+) other muscles and sides: .* keep 99\u202f% or more", text)
    assert found is not None
    kept = [pair for pair, force in zip(course.muscles, course.force, strict=True) if force.min() >= 0.99]
    assert int(found[1]) == len([pair for pair in kept if pair not in course.at_risk])


def test_the_median_of_the_draws_stands_in_cards_and_table(text: str) -> None:
    words = " ".join(outline(text).text.split())
    assert "Draws: median 24 %, 90 % band 0 to 41 %" in words
    assert "Weakest, median (90\u202f%\u00a0band)" in outline(text).text
    assert "24 % (0 to 41 %)" in words


def test_the_exposure_caption_knows_no_sharp_edge(text: str) -> None:
    assert "There is no sharp edge" in text
    assert "an endplate is blocked" not in text


def test_a_plan_for_the_foot_draws_no_head(plan: Any) -> None:
    import copy

    from fakes import fake_face

    face, course = fake_face(), fake_course()
    for shape in face.muscles:
        shape.frame = "foot"
    sites = tuple(copy.copy(site) for site in course.sites)
    for site in sites:
        site.frame = "foot"
    object.__setattr__(course, "sites", sites)
    text = report_html(course, face, plan)
    assert "it is a plan for the foot" in text
    assert "viewer-data" not in text
    assert "from the front" not in text


def test_only_parameters_of_the_plans_products_are_listed(text: str) -> None:
    from endplate.report.facts import used

    assert "threshold.onabotulinumtoxin_a<" in text
    assert "threshold.rimabotulinumtoxin_b<" not in text
    names = [
        "threshold.onabotulinumtoxin_a",
        "threshold.rimabotulinumtoxin_b",
        "junction.light_chain_half_life.a",
    ]
    names += ["junction.light_chain_half_life.b", "junction.lag"]
    assert used(names, {"rimabotulinumtoxin_b"}) == [names[1], names[3], names[4]]


def test_words_are_counted_and_acronyms_written_large() -> None:
    from endplate.report.names import counted, readable

    assert (counted(1, "site"), counted(2, "site")) == ("1 site", "2 sites")
    assert readable("edb_calibration") == "EDB calibration"
