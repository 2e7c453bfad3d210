"""The page of a trial: everything that was found stands on it, it carries what it shows, and it fits a phone."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import Browser, find_browser

from endplate.errors import ReportError
from endplate.report import write_trial
from endplate.report.risk_words import effect_name
from endplate.report.trial_page import trial_html
from endplate.report.trial_picture import (
    ARM_COLOURS,
    duration_axis,
    duration_bar,
    looks,
    panels_of,
    responder_canvas,
    sheet,
)
from endplate.trial.power import Power
from endplate.trial.records import Comparison
from endplate.trial.result import ArmResult, Curve, Duration, Expected, Rate, TrialResult, Unwanted

VISITS = (7, 30, 90, 150)
AREAS = ("glabella", "lateral_canthus")
ENDPOINT = "investigator_none_mild"


def _rate(area: str, day: int, rate: float, endpoint: str = ENDPOINT) -> Rate:
    low, high = max(rate - 0.1, 0.0), min(rate + 0.1, 1.0)
    draws = np.array([low, high])
    return Rate(
        endpoint,
        area,
        day,
        rate,
        (low, high),
        (max(low - 0.05, 0.0), min(high + 0.05, 1.0)),
        rate,
        draws,
        draws[:, None],
    )


def _arm(name: str, product: str | None, best: float) -> ArmResult:
    days = np.array([1, 7, 30, 60, 90, 120, 150])
    curve = best * np.exp(-days / 90.0)
    return ArmResult(
        name=name,
        n=100,
        patients=2000,
        product=product,
        units=0.0 if product is None else 20.0,
        rates=(
            *(_rate(area, day, best * float(np.exp(-day / 90.0))) for area in AREAS for day in VISITS),
            *(_rate("glabella", day, 0.3 * best, "subject_onset") for day in (1, 3)),
        ),
        durations=(Duration("return_to_baseline_both", "glabella", None, (13.25, None), 0.4),)
        if product
        else (Duration("return_to_baseline_both", "glabella", 2.0, (1.0, 3.5), 1.0),),
        curves=tuple(Curve(ENDPOINT, area, days, curve, 0.8 * curve, curve) for area in AREAS),
        unwanted=(
            Unwanted(
                "eyelid_ptosis",
                "glabella",
                0.023,
                (0.015, 0.032),
                "reported in 2 source(s), 772 people: a",
                True,
            ),
        )
        if product
        else (),
        basis={"posterior": (), "prior": ("person.sensitivity_sd",), "held": ("outcome.remodelling",)},
        retreated=((90, 0.25),) if product else (),
    )


@pytest.fixture(scope="module")
def found() -> TrialResult:
    arms = (
        _arm("20 U <new> & old", "onabotulinumtoxin_a", 0.95),
        _arm("50 U", "abobotulinumtoxin_a", 0.9),
        _arm("placebo", None, 0.05),
    )
    asked = Comparison(
        arm=arms[0].name, against="50 U", endpoint=ENDPOINT, day=30, kind="non_inferiority", margin=0.1
    )
    return TrialResult(
        title="A <small> trial",
        design={
            "visits": list(VISITS),
            "arms": [{"name": arm.name, "n": arm.n} for arm in arms],
            "population": {"sex": {"female": 0.8, "male": 0.2}},
        },
        arms=arms,
        powers=(Power(asked, "glabella", -0.001, (-0.03, 0.04), 0.61, 0.55, (207, 207), None),),
        patients=2000,
        draws=10,
        seed=0,
        failed=0,
        failures=(),
        kept=None,
        versions={"endplate": "0.1.0", "catalogue": "abc"},
        limits=("No parameter has been fitted to trials yet.", "It is a model of raters."),
    )


@pytest.fixture(scope="module")
def page(found: TrialResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_trial(found, tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="module")
def text(page: Path) -> str:
    return page.read_text("utf-8")


def test_the_page_shows_every_part_of_the_result(text: str, found: TrialResult) -> None:
    for words in (*found.limits, found.banner, "None or mild, investigator", "Lateral canthal lines"):
        assert words in text
    for words in ("13.2 to beyond", "207 + 207", "non-inferiority", "day 90 25", "eyelid ptosis", "abc"):
        assert words in text.replace("\u202f", " "), words
    assert "From priors only" in text


def test_a_name_with_markup_is_text(text: str) -> None:
    assert "<small>" not in text and "A &lt;small&gt; trial" in text
    assert "20 U &lt;new&gt; &amp; old" in text


def test_the_page_asks_nothing_of_any_network(text: str) -> None:
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", text)
    assert "<script" not in text and "@import" not in text
    assert "http" not in text.replace("http://www.w3.org/", "")


def test_there_is_one_picture_for_each_endpoint_and_area(text: str, found: TrialResult) -> None:
    asked = panels_of(found)
    assert asked == {"glabella": [ENDPOINT, "subject_onset"], "lateral_canthus": [ENDPOINT]}
    captions = re.findall(r'id="(caption-[^"]+)"', text)
    assert len(captions) == len(set(captions)) == 3
    assert [name for name in captions if f'aria-labelledby="{name}"' not in text] == []


def test_unwanted_effects_are_called_reported_and_their_sources_named(text: str) -> None:
    part = text[text.index('<section id="unwanted">') : text.index('<section id="limits">')]
    assert "reported, not simulated" in part and "2.3" in part and "772 people: a" in part
    assert "2 reports" in part and "source(s)" not in part


def _with_risk(arm: ArmResult) -> ArmResult:
    rare, common = (
        Unwanted(
            effect,
            None,
            rate,
            (0.5 * rate, 2.0 * rate),
            "what counts",
            True,
            basis="mechanism",
            counts_as=effect,
            expected=Expected(100 * rate, (1, 7)),
        )
        for effect, rate in (("dysphagia", 1e-6), ("eyelid_ptosis", 0.0312))
    )
    reported = [replace(one, counts_as="eyelid_ptosis") for one in arm.unwanted]
    return replace(arm, unwanted=(rare, common, *reported))


def test_risks_by_mechanism_stand_beside_the_reported_rates(found: TrialResult) -> None:
    active, other, placebo = found.arms
    arms = (_with_risk(active), other, replace(placebo, unsimulated="It brings no toxin."))
    text = trial_html(replace(found, arms=arms)).replace("\u202f", " ")
    part = text[text.index('<section id="unwanted">') : text.index('<section id="limits">')]
    named = (effect_name("eyelid_ptosis"), effect_name("dysphagia")[1:])
    said = (
        "By mechanism",
        "Reported, not simulated",
        "Below 0.01 % in every arm: ",
        "placebo: It brings no toxin.",
    )
    for words in (*named, *said, "3.1 <", "(1.6 to 6.2)", "(1 to 7)"):
        assert words in part, words
    assert part.count("2.3 <") == 3  # beside the risk, and of both arms among the reports


def test_the_same_result_is_the_same_page(found: TrialResult, text: str) -> None:
    assert trial_html(found) == text


def test_arms_differ_by_colour_or_dash_and_the_placebo_is_grey(found: TrialResult) -> None:
    many = [replace(found.arms[0], name=f"arm {k}") for k in range(3 * len(ARM_COLOURS))]
    drawn = looks([*many, found.arms[-1]])
    assert len({(look.colour, str(look.dash)) for look in drawn.values()}) == len(drawn)
    assert drawn["placebo"].colour not in ARM_COLOURS


def test_a_colour_is_dark_enough_on_white() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert all(1.05 / (light(colour) + 0.05) >= 3.0 for colour in ARM_COLOURS)


def test_a_panel_has_a_band_for_each_arm_and_an_endpoint_without_a_curve_has_dots_only(
    found: TrialResult,
) -> None:
    from matplotlib.collections import PathCollection, PolyCollection

    def count(endpoint: str) -> tuple[int, int]:
        drawn = responder_canvas(found, endpoint, "glabella").axes.collections
        dots = sum(len(c.get_offsets()) for c in drawn if isinstance(c, PathCollection))  # type: ignore[arg-type]
        return sum(isinstance(c, PolyCollection) for c in drawn), dots

    assert count(ENDPOINT) == (3, 12)
    assert count("subject_onset") == (0, 6)


def test_a_duration_beyond_the_visits_ends_in_an_arrow_and_has_no_dot(found: TrialResult) -> None:
    look = looks(found.arms)["50 U"]
    open_end = duration_bar(found.arms[0].durations[0], look, 20.0)
    assert "<circle" not in open_end and "l6 4l-6 4" in open_end
    closed = duration_bar(found.arms[-1].durations[0], look, 20.0)
    assert "<circle" in closed and "l6 4l-6 4" not in closed
    assert ">20<" in duration_axis(20.0) and ">104<" in duration_axis(104.3)


def test_several_panels_fit_one_sheet_with_a_key(found: TrialResult) -> None:
    svg = sheet(found, [(ENDPOINT, area, area) for area in AREAS]).svg()
    assert all(words in svg for words in (*AREAS, "placebo", "50 U"))


def test_a_trial_of_placebo_alone_has_a_page(found: TrialResult) -> None:
    alone = replace(found, arms=(replace(found.arms[-1], durations=(), curves=()),), powers=())
    text = trial_html(alone)
    assert "holds no reported rate" in text
    assert 'href="#power"' not in text and 'href="#durations"' not in text


def test_a_folder_that_is_a_file_is_refused_in_one_line(found: TrialResult, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ReportError, match="cannot be written"):
        write_trial(found, tmp_path / "taken")


@pytest.mark.skipif(find_browser() is None, reason="no Chromium on PATH; set ENDPLATE_BROWSER")
@pytest.mark.parametrize("width", [400, 1200])
def test_the_page_fits_the_window_and_its_tables_scroll(page: Path, width: int) -> None:
    with Browser(str(find_browser())) as browser:
        browser.open(page, width, 800)
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run("document.querySelector('.panels svg').getBoundingClientRect().width") > 250
        assert (browser.run("document.querySelector('#power .wide').scrollWidth") > width) == (width == 400)
        assert browser.problems == []
