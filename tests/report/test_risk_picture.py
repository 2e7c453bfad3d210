"""Pictures and pages of the risk verbs: drawn whole, inside their sheet, the same bytes on every run."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace
from html import unescape

import pytest
from small_runs import few_draws, plan_of, small_risk

from endplate.assess import compare, replay
from endplate.assess.causes import cause_of
from endplate.assess.course import prepared
from endplate.assess.histograms import reached_of
from endplate.assess.reasons import Why
from endplate.assess.risks import PlanRisk, reported_for
from endplate.plan import scale_units
from endplate.report import risk_page, risk_tables, risk_words
from endplate.report.canvas import Canvas
from endplate.report.compare_picture import common, compare_figure
from endplate.report.published import published_for, published_words
from endplate.report.replay_picture import replay_figure
from endplate.report.risk_document import comparison_document, replay_document, risk_document, why_document
from endplate.report.risk_picture import risk_figure
from endplate.report.why_picture import why_figure

GLABELLA = "glabellar-lines"


@pytest.fixture(scope="module")
def plan():
    return plan_of(GLABELLA)


@pytest.fixture(scope="module")
def risk(plan) -> PlanRisk:
    found = small_risk(GLABELLA)
    return PlanRisk(plan.title, found, reported_for(plan), {"seed": 3}, found.limits)


@pytest.fixture(scope="module")
def why(plan) -> Why:
    return Why(cause_of(plan, small_risk(GLABELLA), "eyelid_ptosis"), None)


@pytest.fixture(scope="module")
def replayed(plan):
    return replay(plan, 8, seed=2)


@pytest.fixture(scope="module")
def compared(plan):
    with few_draws():
        return compare([plan, scale_units(plan, 2.0)], faces=8, samples=0, days=90, seed=1)


def inside(canvas) -> None:
    """Every line of text lies on the sheet."""
    renderer = canvas.figure.canvas.get_renderer()
    scale = 72.0 / canvas.figure.dpi
    for text in canvas.axes.texts:
        box = text.get_window_extent(renderer)
        assert box.x0 * scale >= -1.0 and box.x1 * scale <= canvas.width_pt + 1.0, text.get_text()
        assert box.y0 * scale >= -1.0 and box.y1 * scale <= canvas.height_pt + 1.0, text.get_text()


def words_of(canvas) -> str:
    return " ".join(text.get_text() for text in canvas.axes.texts).replace("\u202f", " ")


def test_risks_and_curves_stand_in_one_picture(risk: PlanRisk) -> None:
    canvas = risk_figure(risk, reached_of(risk.mechanism))
    inside(canvas)
    words = words_of(canvas)
    for name in ("Droop of the upper lid", "Headache", "Corrugator supercilii", "To be spared", "placebo"):
        assert name in words, name
    assert canvas.svg() == risk_figure(risk, reached_of(risk.mechanism)).svg()


def test_every_injection_that_matters_has_an_arrow(plan, why: Why) -> None:
    from matplotlib.patches import FancyArrowPatch

    setup = prepared(plan, None, 1)
    canvas = why_figure(why.cause, setup)
    inside(canvas)
    arrows = [patch for patch in canvas.axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) >= sum(part.share >= 0.01 for part in why.cause.parts)
    widths = [arrow.get_linewidth() for arrow in arrows]
    assert max(widths) > min(widths)
    words = words_of(canvas)
    assert "s1.2" in words and "from the front" in words and "slipped behind the septum" in words
    assert canvas.svg() == why_figure(why.cause, setup).svg()


def test_an_effect_that_never_happens_is_said_so(plan) -> None:
    cause = cause_of(plan, small_risk(GLABELLA), "neck_weakness")
    canvas = why_figure(cause, prepared(plan, None, 1))
    inside(canvas)
    assert "Nothing happens in any draw" in words_of(canvas)


def test_counts_and_targets_stand_in_the_picture_of_a_replay(replayed) -> None:
    canvas = replay_figure(replayed)
    inside(canvas)
    assert "On 8 faces" in words_of(canvas) and "Corrugator supercilii, left" in words_of(canvas)


def test_plans_keep_letter_and_units_in_the_picture(compared) -> None:
    canvas = compare_figure(compared)
    inside(canvas)
    words = words_of(canvas)
    assert "20 U onabotulinumtoxinA" in words and "40 U onabotulinumtoxinA" in words and "points" in words


def test_a_folder_holds_page_picture_and_json(plan, risk, why, replayed, compared, tmp_path) -> None:
    setup = prepared(plan, None, 1)
    answers = [
        risk_page.risk_answer(risk, risk_document(risk)),
        risk_page.why_answer(why, setup, why_document(why, {})),
        risk_page.replay_answer(replayed, replay_document(replayed, {})),
        risk_page.compare_answer(compared, comparison_document(compared, {})),
    ]
    assert tuple(answer.kind for answer in answers) == risk_page.KINDS
    for answer in answers:
        page = risk_page.write_answer(answer, tmp_path)
        text = page.read_text("utf-8")
        assert "<svg" in text and answer.heading in unescape(text).replace("\u202f", " ")
        assert "http" not in re.sub(r"http://www\.w3\.org\S*", "", text)
        assert {path.name for path in tmp_path.glob(f"{answer.kind}.*")} == set(
            risk_page.file_names(answer.kind)
        )
        assert json.loads((tmp_path / f"{answer.kind}.json").read_text("utf-8")) == json.loads(
            json.dumps(answer.document)
        )
        assert (tmp_path / f"{answer.kind}.png").read_bytes().startswith(b"\x89PNG")


def test_published_rates_stand_beside_the_simulated_ones(plan, risk: PlanRisk) -> None:
    published = published_for(plan)
    rows, rare = risk_tables.risk_rows(risk, published)
    lid = next(row for row in rows if row["effect"] == "Droop of the upper lid")
    assert lid["published"] == risk_words.chance(published["eyelid_ptosis"].rate)
    assert "droop of the upper lid" in published_words(published)[0]
    assert all("up to" in words for words in rare)
    entries = [one for one in risk_document(risk, published)["unwanted"] if one["basis"] == "mechanism"]
    assert all(("published" in one) == (one["side"] == "either") for one in entries)
    told = {one["effect"]: one.get("published") for one in entries if one["side"] == "either"}
    assert told["eyelid_ptosis"]["area"] == "glabella" and told["neck_weakness"] is None
    assert published_words(None) == [] and "no counts" in published_words({})[0]
    inside(risk_figure(risk, reached_of(risk.mechanism), published))


def test_a_mean_lies_inside_its_interval_and_what_never_happened_has_a_bound(risk: PlanRisk) -> None:
    for one in risk.mechanism.unwanted:
        low, high = one.interval90
        assert low <= one.probability <= high and high > 0.0
        assert (one.evidence["prior_share"] is None) == (one.probability == 0.0)
    never = next(one for one in risk.seen() if one.effect == "neck_weakness")
    assert never.probability == 0.0 and risk_tables.told(never).startswith("<")


def test_what_simulation_hardly_knows_is_told_as_a_bound(risk: PlanRisk) -> None:
    one = replace(risk.seen()[0], probability=0.0123, interval90=(0.001, 0.031), mc_error=0.1)
    assert risk_tables.told(one) == "1.2 %"
    assert risk_tables.told(replace(one, mc_error=0.6)) == "<4 %"
    assert risk_tables.told(replace(one, probability=0.0, mc_error=None, interval90=(0.0, 0.002))) == "<0.2 %"
    assert risk_tables.upper(replace(one, interval90=(0.0, 1e-9))) == "up to 0.01 %"
    assert risk_tables.days_words(replace(one, onset_day=2.0, resolution_day=81.0)) == "2, 81"


def test_a_list_without_counts_is_a_sentence_and_no_empty_table(risk: PlanRisk) -> None:
    bare = replace(risk, reported=tuple((product, replace(one, rate=None)) for product, one in risk.reported))
    assert risk_tables.reported_words(bare)[0] == risk_tables.NONE_COUNTED
    answer = risk_page.risk_answer(bare, risk_document(bare))
    text = risk_page.answer_html(answer, answer.canvas.svg())
    assert text.count("<table>") == 2 and risk_tables.NONE_COUNTED in text


def test_force_is_compared_over_muscles_that_every_plan_aims_at(compared) -> None:
    assert len(common(compared)) == len(compared.targets)
    first, *rest = compared.targets
    other = replace(compared, targets=(replace(first, aimed=(True, False)), *rest))
    assert len(common(other)) == len(rest)
    words = words_of(compare_figure(other))
    assert "mean of those of every plan" in words and "day" in words and "times the threshold" in words
    none = replace(compared, targets=tuple(replace(one, aimed=(True, False)) for one in compared.targets))
    assert "no muscle is aimed at in all of them" in words_of(compare_figure(none))


def test_a_difference_within_its_error_and_outside_its_interval_is_said_so(compared) -> None:
    name = compared.effects[0]
    one = next(one for one in compared.differences if one.effect == name)
    odd = replace(one, difference=-0.0026, interval90=(-0.0016, -0.0001), error=0.01)
    assert risk_tables.difference_cell(odd).startswith("~ -0.26 points")
    assert risk_tables.difference_cell(replace(odd, error=0.0001)).startswith("-0.26 points")
    assert risk_tables.OUTSIDE in risk_tables.comparison_footing(replace(compared, differences=(odd,)))
    calm = replace(odd, interval90=(-0.1, 0.1))
    assert risk_tables.OUTSIDE not in risk_tables.comparison_footing(replace(compared, differences=(calm,)))


def test_characters_that_no_picture_can_show_are_told_once_in_a_sentence(capsys) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            canvas = Canvas(200.0, 40.0)
            canvas.text(5.0, 20.0, "plan \u6f22\u5b57")
            assert canvas.png(50).startswith(b"\x89PNG") and "\u6f22" in canvas.svg()
    told = capsys.readouterr().err
    assert told.count("\u6f22") == 1 and told.count("\n") == 1 and "Glyph" not in told


def test_chances_read_as_people_say_them() -> None:
    assert risk_words.chance(0.0123) == "1.2 %"
    assert risk_words.chance(0.00002) == "<0.01 %"
    assert risk_words.chances(0.002, 0.5) == "0.2 to 50 %"
    assert risk_words.difference_words(0.012, (0.003, 0.04), True) == "+1.2 points (+0.3 to +4)"
    assert risk_words.difference_words(-0.0001, (-0.003, 0.004), False).startswith("~")
    assert risk_words.dose_words({"onabotulinumtoxin_a": 20.0, "abobotulinumtoxin_a": 50.0}) == (
        "20 U onabotulinumtoxinA; 50 U abobotulinumtoxinA"
    )


def test_a_change_says_what_it_brings_and_what_it_costs() -> None:
    from endplate.assess.relief import Change, Most, Relief

    change = Change(
        "s1.2",
        "move",
        "3 mm up",
        3.0,
        "mm",
        "left",
        0.02,
        0.009,
        ("corrugator_supercilii", "left"),
        0.12,
        0.2,
    )
    most = Most("s1.2", "depth", "1 mm shallower", 1.0, "mm", "left", 0.02, 0.018)
    words = risk_words.relief_words(Relief("s1.2", "left", (change,), (most,)))
    assert "s1.2: 3 mm up. Risk on the left from 2 % to 0.9 %" in words[1]
    assert "corrugator supercilii, left 12 % before, 20 % after" in words[1]
    assert "only" in words[2]
    assert "No single change" in risk_words.relief_words(Relief("s1.2", "left", (), (most,)))[0]
    assert risk_words.relief_words(None) == []
