"""The patient's leaflet: plain words, the numbers of its records, one A4 page that asks for nothing."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from browser import Browser, find_browser

from endplate.errors import ModelError
from endplate.population.reported import reported_of
from endplate.report.leaflet import joined, leaflet, sorted_out
from endplate.report.leaflet_drawing import days_of, dots, stages
from endplate.report.leaflet_words import frequency, span_words

ONA = "onabotulinumtoxin_a"


def _mechanism(effect: str, probability: float, side: str = "either", **more: Any) -> dict[str, Any]:
    interval = (probability / 2, 2 * probability)
    return {
        "effect": effect,
        "side": side,
        "probability": probability,
        "interval90": interval,
        "onset_day": 4.0,
        "resolution_day": 33.0,
        "basis": "mechanism",
    } | more


RECORDS = [
    _mechanism("eyelid_ptosis", 0.021),
    _mechanism("eyelid_ptosis", 0.05, level="any"),
    _mechanism("eyelid_ptosis", 0.013, side="left"),
    _mechanism("diplopia", 0.0004),
    _mechanism("brow_ptosis", 0.03),
    _mechanism("dry_eye", 0.002),
    *(one.to_json_dict() for one in reported_of(ONA, ("glabella",))),
]


@pytest.fixture(scope="module")
def text(course: Any, plan: Any) -> str:
    return leaflet(course, RECORDS, plan)


def words_of(page: str) -> str:
    """What a reader sees."""
    body = re.sub(r"<(style|svg|title).*?</\1>", " ", page, flags=re.S)
    body = re.sub(r"</(p|li|h1|h2|em|b|span|td)>", ". ", body)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def test_the_page_says_what_to_expect_what_may_go_wrong_and_when_to_call(text: str) -> None:
    seen = words_of(text)
    for part in ("What to expect, and when it wears off", "What may go wrong", "Call a doctor at once"):
        assert part in seen
    red = text[text.index('class="box red"') : text.index('class="box amber"')]
    for sign in (
        "Drooping eyelid",
        "Double vision",
        "Trouble swallowing",
        "Trouble breathing",
        "Trouble speaking",
    ):
        assert sign in red
    assert "not a medical device" in seen
    assert "between the brows" in seen


def test_frequencies_are_those_of_the_records_in_people_of_a_hundred(text: str) -> None:
    row = text[text.index("<b>Drooping eyelid</b>") :]
    row = row[: row.index("</tr>")]
    assert "about 2 in 100" in row and "1 to 4 in 100" in row
    assert "from day 4 on, gone by week" in row.lower()
    assert "Just as often with salt water:</b> headache (11 in 100)" in text


def test_effects_without_a_rate_are_named_without_a_number(text: str) -> None:
    line = re.search(r"How often is not known:</b>([^<]*)", text)
    assert line is not None and "flushing" in line[1] and "tiredness" in line[1]
    assert not re.search(r"\d", line[1])


def test_an_effect_is_told_once_as_seen_on_either_side() -> None:
    found = [one for one in joined(RECORDS) if one.effect == "eyelid_ptosis"]
    assert [one.probability for one in found] == [0.021]
    record = SimpleNamespace(effect="headache", rate=0.1, interval90=None, placebo_rate=0.0)
    assert joined([record])[0].probability == 0.1


def test_what_needs_help_at_once_has_its_row_however_rare() -> None:
    many = [_mechanism(f"effect_{number}", 0.1 + 0.01 * number) for number in range(12)]
    shown, rest, _, _ = sorted_out(joined([*many, _mechanism("diplopia", 0.0001)]))
    assert "diplopia" in {one.effect for one in shown}
    assert len(shown) + len(rest) == 13


def test_a_child_of_twelve_can_read_it(text: str) -> None:
    """Flesch-Kincaid grade: about the school year that a text asks for; seven is a child of twelve."""
    seen = words_of(text)
    seen = seen[: seen.index("It does not replace")]
    sentences = [part for part in re.split(r"[.!?:]\s", seen) if re.search(r"[a-z]", part)]
    words = re.findall(r"[A-Za-z]+", seen)
    syllables = sum(max(len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower()))), 1) for word in words)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    assert grade < 7.0


def test_days_follow_the_course_and_open_ends_are_said() -> None:
    days = np.arange(0.0, 101.0)
    level = np.clip(np.minimum(days / 10.0, (90.0 - days) / 80.0), 0.0, None)
    begun, best, fades, gone = days_of(days, level)
    assert (begun, best) == (3.0, 10.0)
    assert 50.0 <= fades <= 51.0 and 74.0 <= gone <= 76.0
    assert days_of(days, np.minimum(days / 10.0, 1.0))[2:] == (np.inf, np.inf)
    assert span_words(100.0, np.inf, 100.0) == "month 3 or later"


def test_a_plan_without_effect_has_no_leaflet(course: Any) -> None:
    untouched = SimpleNamespace(
        muscles=course.muscles, targets=course.targets, force=np.ones_like(course.force), days=course.days
    )
    with pytest.raises(ModelError, match="weakens none"):
        stages(untouched)  # type: ignore[arg-type]


@pytest.mark.parametrize(("share", "filled"), [(0.021, 2), (0.3, 30), (0.0, 0), (1.0, 100)])
def test_dots_are_a_hundred_people(share: float, filled: int) -> None:
    drawn = dots(share)
    assert drawn.count('class="met"') == filled
    assert drawn.count("<circle") == 100


def test_a_trace_is_never_nobody() -> None:
    assert dots(0.002).count('class="met"') == 1
    assert frequency(0.0001) == "fewer than 1 in 1,000"


def test_it_asks_nothing_of_any_network(text: str) -> None:
    assert not re.search(r"https?://|src=|@import|url\(", text)


@pytest.mark.skipif(find_browser() is None, reason="no Chromium on PATH; set ENDPLATE_BROWSER")
def test_it_prints_on_one_sheet_of_a4(text: str, tmp_path: Path) -> None:
    path = tmp_path / "leaflet.html"
    path.write_text(text, encoding="utf-8")
    with Browser(str(find_browser())) as browser:
        browser.open(path, width=900, height=1200)
        printed = browser.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
        assert browser.problems == []
        assert [one for one in browser.requests if not one.startswith(("data:", "file:"))] == []
    pages = re.findall(rb"/Type\s*/Page[^s]", base64.b64decode(printed))
    assert len(pages) == 1
