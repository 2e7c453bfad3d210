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

from endplate.catalogue.effects import mechanisms
from endplate.catalogue.persistence import effects
from endplate.errors import ModelError
from endplate.population.reported import anchored, reported_of, seen_of
from endplate.report.leaflet import lasts, leaflet
from endplate.report.leaflet_drawing import at_best, days_of, dots, stages
from endplate.report.leaflet_risks import NEEDLE, NOT_KNOWN, joined, sorted_out
from endplate.report.leaflet_words import SIGNS, frequency, span_words

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
    _mechanism("lateral_brow_peaking", 0.21, interval90=(0.001, 0.93)),
    _mechanism("blurred_vision", 0.0, interval90=(0.0, 0.0)),
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
    assert "not a medical device" in seen
    assert "between the brows" in seen


def test_what_can_cost_sight_or_breath_is_called_at_once_and_a_drooping_lid_in_a_day_or_two(
    text: str,
) -> None:
    red = text[text.index('class="box red"') : text.index('class="box amber"')]
    amber = text[text.index('class="box amber"') : text.index("</aside>")]
    for sign in (
        "breathing, swallowing or speaking",
        "suddenly see badly",
        "eye hurts, is red",
        "Double vision",
    ):
        assert sign in red
    assert "Drooping eyelid" in amber and "Drooping eyelid" not in red
    held = {name for _, ids in SIGNS for name in ids}
    assert held == {one.id for one in effects().values() if one.urgency == "at_once"}


def test_the_clinic_writes_in_whom_to_call(text: str) -> None:
    assert re.search(r'class="clinic".*Name.*Telephone', text, flags=re.S)


def row_of(text: str, name: str) -> str:
    row = text[text.index(f"<b>{name}</b>") :]
    return row[: row.index("</tr>")]


def test_what_studies_counted_stands_in_place_of_the_simulated_number(text: str) -> None:
    row = row_of(text, "Drooping eyelid")
    counted = seen_of((ONA,), ("glabella",))["eyelid_ptosis"]
    assert (counted.events, counted.people, counted.own) == (17, 772, True)
    assert "about 2 in 100" in row and "in studies: 1 to 5 in 100" in row
    assert "Lasts 2 to 6 weeks, rarely up to 3 months." in row
    assert re.search(r"Half better by week\W5 \(model\)", row)
    assert "gone by" not in text
    assert "Just as often with salt water:</b> cold or sore throat (6 in 100)" in text


def test_a_wide_interval_or_a_bare_prior_is_told_in_words(text: str, course: Any) -> None:
    words = text[text.index(f"<h3>{NOT_KNOWN}</h3>") :]
    words = words[: words.index("</ul>")]
    assert "Peaked outer brow" in words and not re.search(r"\d in 1", words)
    assert "93" not in words_of(text)
    bare = leaflet(course, [_mechanism("diplopia", 0.001)], None, anchored=())
    assert "Rarely" in words_of(bare) and "Each dot" not in bare


def test_a_narrow_interval_of_an_anchored_effect_may_be_told_as_a_number(course: Any) -> None:
    text = leaflet(course, [_mechanism("diplopia", 0.02)], None, anchored={"diplopia"})
    row = row_of(text, "Double vision")
    assert "about 2 in 100" in row and "our model: 1 to 4 in 100" in row
    wide = [_mechanism("diplopia", 0.02, interval90=(0.004, 0.09))]
    assert "in 100" not in words_of(leaflet(course, wide, None, anchored={"diplopia"}))


def test_an_effect_of_a_muscle_that_a_needle_enters_is_never_left_out() -> None:
    nothing = [_mechanism("lip_asymmetry", 0.0, interval90=(0.0, 0.004))]
    assert sorted_out(joined(nothing)).worded == ()
    ((words, group),) = sorted_out(joined(nothing, aimed={"lip_asymmetry"})).worded
    assert words == NOT_KNOWN and group[0].effect == "lip_asymmetry"


def test_bruise_pain_redness_and_headache_are_always_told(text: str, course: Any) -> None:
    for page in (text, leaflet(course, [_mechanism("diplopia", 0.01)])):
        line = page[page.index("From the needle itself") :]
        line = line[: line.index("</p>")]
        for name in NEEDLE:
            assert effects()[name].plain in line
    assert "Headache: about 11 in 100 (salt water: 11 in 100). Mostly gone in 3 days." in text


def test_a_duration_seen_in_another_area_is_not_promised() -> None:
    (risk,) = joined([_mechanism("smile_asymmetry", 0.02, resolution_day=None)])
    assert "3\u00a0months" in lasts(risk, ("masseter",)).replace("3 months", "3\u00a0months")
    assert lasts(risk, ("platysma",)) == "How long is not known."


def test_only_a_calibration_anchors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("endplate.population.posterior.DATA", tmp_path)
    assert anchored() == frozenset()
    np.savez(
        tmp_path / "effects.npz",
        names=np.array(["effect.dry_eye.loss", "needle.depth_sd"]),
        draws=np.ones((1, 2)),
    )
    assert anchored() == {"dry_eye"}


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
    records = [*many, _mechanism("diplopia", 0.0001)]
    told = sorted_out(joined(records, anchored=[one["effect"] for one in records]))
    assert "diplopia" in {one.effect for one in told.rows}
    assert len(told.rows) + len(told.rare) == 13


def test_a_child_of_twelve_can_read_it(text: str) -> None:
    """Flesch-Kincaid grade: about the school year that a text asks for; seven is a child of twelve."""
    seen = words_of(text)
    seen = seen[: seen.index("Talk with your doctor")]
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
    assert at_best(days, level) == (10.0, 14.0)
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


def _crowded(text: str, course: Any, plan: Any, which: str) -> str:
    """The usual page, and the fullest ones: every effect in words, and every effect with a number."""
    if which == "usual":
        return text
    reported = [one for one in RECORDS if one["basis"] == "reported"]
    interval = (0.001, 0.9) if which == "in words" else (0.02, 0.1)
    whole = [_mechanism(name, 0.05, interval90=interval) for name in mechanisms()]
    if which == "in words":
        whole[4] |= {"interval90": (0.001, 0.009)}
    return leaflet(course, [*whole, *reported], plan, anchored=() if which == "in words" else mechanisms())


@pytest.mark.parametrize("which", ["usual", "in words", "in numbers"])
@pytest.mark.skipif(find_browser() is None, reason="no Chromium on PATH; set ENDPLATE_BROWSER")
def test_it_prints_on_one_sheet_of_a4(text: str, course: Any, plan: Any, which: str, tmp_path: Path) -> None:
    path = tmp_path / "leaflet.html"
    path.write_text(_crowded(text, course, plan, which), encoding="utf-8")
    with Browser(str(find_browser())) as browser:
        browser.open(path, width=900, height=1200)
        printed = browser.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
        assert browser.problems == []
        assert [one for one in browser.requests if not one.startswith(("data:", "file:"))] == []
    pages = re.findall(rb"/Type\s*/Page[^s]", base64.b64decode(printed))
    assert len(pages) == 1
