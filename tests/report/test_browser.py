"""The page in a real browser: it draws, it obeys the slider, it asks for nothing, and it survives without WebGL."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, find_browser

PANEL = "document.querySelector('[data-endplate-viewer]').endplatePanel"
COLOURS = f"""(() => {{
  const found = new Set(), data = {PANEL}.viewer.pixels().data;
  for (let i = 0; i < data.length; i += 4) found.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  return found.size;
}})()"""

if find_browser() is None:
    if os.environ.get("ENDPLATE_REQUIRE_BROWSER") == "1":
        pytest.fail(
            "ENDPLATE_REQUIRE_BROWSER=1, and no Chromium was found (ENDPLATE_BROWSER or PATH).", pytrace=False
        )
    pytest.skip("no Chromium on PATH; set ENDPLATE_BROWSER", allow_module_level=True)


@pytest.fixture(scope="module")
def browser(page: Path) -> Iterator[Browser]:
    with Browser(str(find_browser())) as found:
        found.open(page, 1000, 800)
        yield found


def test_the_head_is_drawn_and_not_a_blank_canvas(browser: Browser) -> None:
    assert browser.run(COLOURS) > 200


def test_no_error_and_no_request_but_the_page_itself(browser: Browser, page: Path) -> None:
    assert browser.problems == []
    outside = [address for address in browser.requests if not address.startswith("data:")]
    assert outside == [page.resolve().as_uri()]


def test_the_viewer_opens_on_the_weakest_day_with_a_median_column(browser: Browser) -> None:
    assert 20 < browser.run(f"{PANEL}.viewer.state().day") < 60
    heads = browser.run("[...document.querySelectorAll('.ev-data thead')][0].innerText")
    assert all(word in heads for word in ("As planned", "Median", "band"))


def test_printing_opens_the_folded_tables_and_folds_them_again(browser: Browser) -> None:
    count = "document.querySelectorAll('details[open]').length"
    assert browser.run(count) == 0
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run(count) >= 1
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run(count) == 0


def test_without_a_target_on_the_head_the_viewer_says_so_and_draws_no_curves(
    page: Path, tmp_path: Path
) -> None:
    text = page.read_text("utf-8").replace('"role":"target"', '"role":"at_risk"')
    text = text.replace(
        '"schema":"endplate/viewer/1"', '"schema":"endplate/viewer/1","note":"Not on the head."', 1
    )
    (tmp_path / "other.html").write_text(text, "utf-8")
    with Browser(str(find_browser())) as other:
        other.open(tmp_path / "other.html", 1000, 800)
        assert other.run("document.querySelector('.ev-note').textContent") == "Not on the head."
        assert other.run("document.querySelector('.ev-track svg')") is None
        assert "no target on the head" in other.run("document.querySelector('.ev-scale').textContent")
        assert other.problems == []


def test_the_slider_changes_the_colours_and_the_table_by_keyboard(browser: Browser) -> None:
    browser.run(f"{PANEL}.setDay(0)")
    before = browser.run(f"{PANEL}.viewer.state()")
    browser.run("document.querySelector('.ev-track input').focus()")
    for _ in range(20):
        browser.press("ArrowRight", 39)
    after = browser.run(f"{PANEL}.viewer.state()")
    assert (before["day"], after["day"]) == (0, 20)
    assert before["colours"] != after["colours"]
    assert len(set(before["colours"])) == 1
    assert browser.run("document.querySelector('.ev-track input').getAttribute('aria-valuetext')") == "Day 20"
    assert browser.run("document.querySelector('.ev-scroll tbody td.ev-number').textContent") != "100\u202f%"


def test_the_button_leads_to_the_weakest_day(browser: Browser) -> None:
    browser.run(
        "[...document.querySelectorAll('.ev button')].find(b => b.textContent === 'Weakest day').click()"
    )
    state = browser.run(f"{PANEL}.viewer.state()")
    assert 20 < state["day"] < 60


def test_playing_moves_on_and_stops(browser: Browser) -> None:
    browser.run(f"{PANEL}.setDay(0), {PANEL}.togglePlay()")
    end = time.monotonic() + 20  # software drawing on a busy machine may take its time
    while browser.run(f"{PANEL}.viewer.state().day") == 0 and time.monotonic() < end:
        time.sleep(0.1)
    browser.run(f"{PANEL}.stop()")
    stopped = browser.run(f"{PANEL}.viewer.state().day")
    assert stopped > 0
    time.sleep(0.3)
    assert browser.run(f"{PANEL}.viewer.state().day") == stopped


def test_the_right_side_of_the_subject_is_on_the_left_in_the_front_view(browser: Browser) -> None:
    browser.run(f"{PANEL}.viewer.view('front'), {PANEL}.viewer.draw()")
    right, left = (browser.run(f"{PANEL}.viewer.project([{x}, 0, 80]).x") for x in (-40, 40))
    assert right < left
    assert browser.run("document.querySelector('.ev-at-left').textContent").startswith("R")
    assert browser.run("document.querySelector('.ev-at-right').textContent").endswith("L")


def test_pointing_at_a_muscle_names_it_with_side_and_force(browser: Browser) -> None:
    browser.run(f"{PANEL}.setDay(30), {PANEL}.viewer.view('front'), {PANEL}.viewer.draw()")
    browser.run("document.querySelector('.ev-stage').scrollIntoView({block: 'center', behavior: 'instant'})")
    time.sleep(0.3)  # the scroll and what it shifts must have come to rest before places are read
    x, y = browser.run(
        f"(() => {{ const r = document.querySelector('.ev-stage canvas').getBoundingClientRect();"
        f" const p = {PANEL}.viewer.project([30, 62, 74]); return [r.x + p.x, r.y + p.y]; }})()"
    )
    text = ""
    for _ in range(12):  # a busy machine draws late
        browser.move(x, y)
        time.sleep(0.3)
        text = browser.run("document.querySelector('.ev-tip').textContent")
        if text:
            break
    assert "Frontalis" in text
    assert "subject's left" in text
    assert "Day 30: 70\u202f% of full force as planned" in text
    assert "median 73\u202f%, 90\u202f% band 58 to 79\u202f%" in text


def test_arrow_keys_turn_the_head(browser: Browser) -> None:
    browser.run(f"{PANEL}.viewer.view('front'), document.querySelector('.ev-stage canvas').focus()")
    browser.press("ArrowRight", 39)
    assert abs(browser.run(f"{PANEL}.viewer.state().camera[0]")) > 20


def test_a_narrow_window_has_no_sideways_scroll(browser: Browser, page: Path) -> None:
    browser.open(page, 400, 800)
    assert browser.run("document.documentElement.scrollWidth") <= 400
    assert browser.problems == []


def test_without_webgl_the_page_says_so_and_keeps_its_tables(page: Path) -> None:
    with Browser(str(find_browser()), ("--disable-3d-apis",)) as blind:
        blind.open(page, 1000, 800)
        assert "no WebGL" in blind.run("document.querySelector('.ev-message').textContent")
        assert blind.run(f"{PANEL}.setDay(30), document.querySelector('.ev-day').value") == "Day 30"
        assert blind.run("document.querySelectorAll('.ev-scroll tbody tr').length") > 5
        assert blind.run("document.querySelectorAll('figure svg').length") == 3
