"""What may go wrong: one row an effect, bars in their place, two lists kept apart, the needle behind an effect."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from browser import Browser, find_browser
from fakes import blank_pictures
from test_page import outline

from endplate.report import risk_panel
from endplate.report.page import report_html
from endplate.report.risk_bars import across, bar, people, x_of
from endplate.report.risk_panel import entries, records_of


def simulated(effect: str, probability: float, side: str = "either", **more: Any) -> dict[str, Any]:
    return {
        "effect": effect,
        "level": "seen",
        "side": side,
        "probability": probability,
        "interval90": [probability / 4, 3 * probability],
        "mc_error": 0.08,
        "onset_day": 3.0,
        "resolution_day": 54.0,
        "basis": "mechanism",
        "evidence": {"weakest_grade": "D", "prior_share": 0.97},
        "source": "declared",
        "definition": "Counts from 2 mm on.",
        "lasts": "not found",
    } | more


def reported(effect: str, probability: float | None, placebo: float | None, **more: Any) -> dict[str, Any]:
    return {
        "effect": effect,
        "side": None,
        "probability": probability,
        "interval90": None if probability is None else [0.8 * probability, 1.2 * probability],
        "onset_day": None,
        "resolution_day": None,
        "basis": "reported",
        "evidence": {"weakest_grade": "A", "prior_share": 0.0},
        "source": "ona_safety_pool",
        "placebo": placebo,
        "lasts": "a week or two",
        "note": "2 of 665 people",
    } | more


RECORDS = [
    simulated("eyelid_ptosis", 0.029),
    simulated("eyelid_ptosis", 0.010, "left"),
    simulated("eyelid_ptosis", 0.020, "right"),
    simulated("eyelid_ptosis", 0.044, level="any"),
    simulated("brow_ptosis", 0.0006, resolution_day=None),
    simulated("lagophthalmos", 0.00001, onset_day=None, resolution_day=None),
    reported("headache", 0.08, 0.07),
    reported("injection_site_bruise", 0.05, 0.02),
    reported("flushing", None, None),
    reported("any", 0.48, 0.44),
]


def part(site: str, share: float, target: str = "corrugator_supercilii", side: str = "left") -> Any:
    return SimpleNamespace(
        site=site, target=target, side=side, units=4.0, product="x", share=share, distance_mm=28.0
    )


CAUSE: Any = SimpleNamespace(
    effect="eyelid_ptosis",
    side="either",
    level="seen",
    unwanted=SimpleNamespace(probability=0.029, evidence={"prior_share": 0.97}),
    carried={("levator_palpebrae_superioris", "left"): 1.0},
    parts=(
        part("corrugator.medial.1", 0.7),
        part("corrugator.medial.3", 0.299),
        part("corrugator.medial.0", 0.001),
    ),
    slipped=0.9,
    ran_off=0.2,
    drivers=(),
)
CAUSE.main = CAUSE.parts[0]


@pytest.fixture(scope="module")
def text(course: Any, face: Any, plan: Any) -> str:
    return report_html(
        course, face, plan, blank_pictures(), risk=RECORDS, causes=[CAUSE], leaflet="leaflet.html"
    )


@pytest.fixture(scope="module")
def section(text: str) -> str:
    return text[text.index('<section id="risk"') :].split("</section>")[0]


def test_an_effect_has_one_row_as_it_is_usually_counted_with_sides_and_other_definitions() -> None:
    found = {one.effect: one for one in entries(RECORDS)}
    lid = found["eyelid_ptosis"]
    assert lid.probability == 0.029
    assert lid.sides == {"left": 0.010, "right": 0.020}
    assert lid.levels == {"any": 0.044}
    assert risk_panel.sides_words(lid) == "left 1 in 100, right 2 in 100"


def test_published_entries_with_their_levels_inside_read_the_same() -> None:
    folded = [simulated("eyelid_ptosis", 0.029, levels={"any": {"probability": 0.044}})]
    assert entries(folded)[0].levels == {"any": 0.044}


def test_records_of_the_engine_and_mappings_are_taken_alike() -> None:
    record = SimpleNamespace(to_json_dict=lambda: RECORDS[0])
    whole = SimpleNamespace(
        mechanism=SimpleNamespace(unwanted=(record,)),
        reported=(("onabotulinumtoxin_a", SimpleNamespace(to_json_dict=lambda: RECORDS[6])),),
    )
    assert records_of(whole) == records_of([RECORDS[0], RECORDS[6]])


def test_simulated_and_reported_effects_stand_in_two_tables(section: str) -> None:
    by_mechanism, by_report = section.split("<h3>By report</h3>")
    assert "Droop of the upper lid" in by_mechanism
    assert "Headache" not in by_mechanism
    assert "Headache" in by_report.split("Which needle")[0]
    assert "Fewer than 1 in 10,000: eye that does not close." in by_mechanism
    assert "without a rate for this product here:</b> flushing" in by_report
    assert "Anything at all was written down in 48 in 100, under placebo in 44 in 100." in by_report


def test_grade_prior_share_and_simulation_error_stand_beside_each_chance(section: str) -> None:
    row = section[section.index("Droop of the upper lid") :].split("</tr>")[0]
    assert "<b>3 in 100</b>" in row
    assert "0.7 to 9 in 100" in row
    cells = dict(re.findall(r'data-label="([^"]+)">([^<]*)<', row))
    assert cells == {
        "From day": "3",
        "Gone by day": "54",
        "Grade": "D",
        "Prior share": "97\u202f%",
        "Simulation error": "±8\u202f%",
    }


def test_an_effect_that_outlasts_the_days_is_not_called_gone(section: str) -> None:
    row = section[section.index("Droop of the brow") :].split("</tr>")[0]
    assert 'data-label="Gone by day">beyond<' in row


def test_dots_and_intervals_lie_where_the_scale_of_powers_of_ten_puts_them() -> None:
    step = x_of(1e-2) - x_of(1e-3)
    assert x_of(1e-1) - x_of(1e-2) == pytest.approx(step)
    svg = bar(0.08, (0.064, 0.096), 0.07, "reported")
    assert f'cx="{x_of(0.08):.1f}"' in svg
    assert f'x="{x_of(0.064):.1f}" y="6" width="{x_of(0.096) - x_of(0.064):.1f}"' in svg
    assert f'class="placebo" d="M{x_of(0.07):.1f} ' in svg
    assert "placebo" not in bar(0.029, None, None)


@pytest.mark.parametrize("share", [0.94, 0.029, 0.0096, 0.0094, 0.00096, 0.0005, 0.00012])
def test_a_share_in_words_is_the_share_within_the_rounding(share: float) -> None:
    count, size = people(share).replace(",", "").split(" in ")
    assert int(count) / int(size) == pytest.approx(share, rel=0.5, abs=0.5 / int(size) + 1e-12)
    assert across((share, share), share).endswith(people(share).split(" in ")[1])


def test_the_bars_of_the_needles_carry_the_numbers_of_the_plan(section: str) -> None:
    rows = re.findall(r"<li>.*?</li>", section[section.index('<ol class="bars">') :])
    assert [re.search(r"<b>(\d+)</b>", row)[1] for row in rows] == ["2", "4"]  # type: ignore[index]
    assert "width:70.0%" in rows[0]
    assert "One other brings" in section
    assert "slipped behind the septum" in section


def test_without_a_risk_the_page_has_no_such_section(course: Any, face: Any) -> None:
    text = report_html(course, face, pictures=blank_pictures())
    assert 'id="risk"' not in text
    assert 'href="#risk"' not in text
    assert "leaflet" not in text


def test_the_page_with_every_section_is_well_nested_and_links_to_the_leaflet(text: str) -> None:
    found = outline(text)
    assert len(found.ids) == len(set(found.ids))
    assert all(b - a <= 1 for a, b in zip(found.headings, found.headings[1:], strict=False))
    assert set(found.asked) == {"leaflet.html"}
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(found.ids)


def test_words_of_a_record_are_never_markup(course: Any, face: Any) -> None:
    bad = reported("headache", 0.08, 0.07, note="<script>alert(1)</script>")
    text = report_html(course, face, pictures=blank_pictures(), risk=[bad])
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_leaflet_needs_a_risk(course: Any, face: Any, plan: Any, tmp_path: Path) -> None:
    from endplate.errors import ReportError
    from endplate.report import write_all

    with pytest.raises(ReportError, match="without a risk"):
        write_all(plan, course, tmp_path, face, leaflet=True, findings=())
    assert list(tmp_path.iterdir()) == []


def test_risk_and_leaflet_go_into_the_folder(course: Any, face: Any, plan: Any, tmp_path: Path) -> None:
    from endplate.report import write_all

    write_all(plan, course, tmp_path, face, risk=RECORDS, leaflet=True, findings=())
    assert "Drooping eyelid" in (tmp_path / "leaflet.html").read_text("utf-8")
    assert 'href="leaflet.html"' in (tmp_path / "report.html").read_text("utf-8")
    write_all(plan, course, tmp_path, face, findings=())
    assert not (tmp_path / "leaflet.html").exists()


@pytest.mark.skipif(
    find_browser() is None and os.environ.get("ENDPLATE_REQUIRE_BROWSER") != "1",
    reason="no Chromium on PATH; set ENDPLATE_BROWSER",
)
def test_a_narrow_window_stacks_the_rows_and_has_no_sideways_scroll(text: str, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(text, "utf-8")
    with Browser(str(find_browser())) as browser:
        browser.open(tmp_path / "report.html", 400, 800)
        assert browser.run("document.documentElement.scrollWidth") <= 400
        widest = "Math.max(...[...document.querySelectorAll('#risk *')].filter(e => !e.closest('.hidden'))"
        assert browser.run(f"{widest}.map(e => e.getBoundingClientRect().right))") <= 400
        label = "getComputedStyle(document.querySelector('#risk td[data-label]'), '::before').content"
        assert browser.run(label) == '"From day"'
        browser.open(tmp_path / "report.html", 1280, 800)
        assert browser.run(label) == "none"
        assert browser.problems == []
