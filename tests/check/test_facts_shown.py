"""Every demonstration runs the model and points the way of the verdict; another model would give another verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from endplate.catalogue.statements import statements
from endplate.check import (
    facts_again,
    facts_face,
    facts_nerve,
    facts_place,
    facts_plans,
    facts_reach,
    facts_record,
    facts_time,
)
from endplate.check.facts_record import Chart, Demonstration, Measured, Value, run
from endplate.check.facts_shown import demonstrations, show
from endplate.errors import CatalogueError, ModelError
from endplate.model.parameters import ParameterSet
from endplate.plan import scale_units

NAMES = list(demonstrations())
JUDGES = [name for name in NAMES if demonstrations()[name].judge]
OTHERWISE = {
    "volume": "false"
}  # the model says less of fluid than the studies do; text, page and document say so
BEARS = {name: {one.verdict for one in statements().values() if one.shown_by == name} for name in NAMES}


def judged(name: str, numbers) -> str | None:
    judge = demonstrations()[name].judge
    assert judge is not None
    return judge(numbers)


@pytest.mark.parametrize("name", NAMES)
def test_a_demonstration_points_the_way_of_the_verdict_and_an_illustration_nowhere(name: str) -> None:
    shown = show(name)
    assert shown.judges == (name in JUDGES)
    if name in OTHERWISE:
        assert shown.verdict == OTHERWISE[name] and BEARS[name] != {shown.verdict}
    elif shown.judges:
        assert BEARS[name] == {shown.verdict}, shown.sentence
    else:
        assert shown.verdict is None
    assert shown.values and shown.sentence.endswith(".") and len(shown.sentence) < 340
    assert bool(shown.chart.lines) != bool(shown.chart.bars)


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_has_room_for_its_words(name: str) -> None:
    from endplate.report.facts_picture import LETTER_PT, TITLE_LETTERS, WIDTH, title_of

    shown = show(name)
    assert len(title_of(shown)) <= TITLE_LETTERS
    names = [one.name for one in shown.chart.lines]
    letters = len(shown.chart.y_name) + sum(map(len, names))
    assert len(names) < 2 or 12.0 + LETTER_PT * letters + 24.0 * len(names) <= WIDTH


def test_no_demonstration_asks_the_program_what_it_refuses() -> None:
    for name in NAMES:
        assert not any("refuse" in one.name or "(1 yes)" in one.name for one in show(name).values)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_demonstration_gives_the_same_numbers_again(name: str) -> None:
    assert demonstrations()[name].measure().values == show(name).values


def measured_without_toxin(monkeypatch: pytest.MonkeyPatch, module, name: str) -> Measured:
    """The same demonstration with plans that inject no toxin."""
    plain = facts_plans.ran
    facts_reach._spread.cache_clear()
    monkeypatch.setattr(
        module, "ran", lambda plan, *rest, **named: plain(scale_units(plan, 0.0), *rest, **named)
    )
    try:
        return demonstrations()[name].measure()
    finally:
        facts_reach._spread.cache_clear()


WITHOUT = {
    facts_time: ("onset",),
    facts_again: ("doubling",),
    facts_place: ("depth",),
    facts_reach: ("volume", "spread", "beside"),
    facts_face: ("palsy", "cheek"),
}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in WITHOUT.items() for name in names]
)
def test_without_toxin_nothing_is_said_either_way(monkeypatch, module, name: str) -> None:
    found = measured_without_toxin(monkeypatch, module, name)
    assert judged(name, found.numbers) is None


AGAINST: list[str] = []


def against(*names: str):
    """Marks a test of a world in which these demonstrations do not give their verdict."""
    AGAINST.extend(names)
    return lambda test: test


def in_world(monkeypatch: pytest.MonkeyPatch, module, name: str, **times: float) -> str | None:
    """What a demonstration says in a world whose parameters are so many times ours; `__` stands for a point."""
    ours = facts_plans.point_parameters()
    other = {key.replace("__", "."): factor for key, factor in times.items()}
    assert set(other) <= set(ours.values)
    theirs = ParameterSet({key: value * other.get(key, 1.0) for key, value in ours.values.items()})
    plain = facts_plans.ran
    monkeypatch.setattr(
        module, "ran", lambda plan, *rest, **named: plain(plan, *rest, **{**named, "parameters": theirs})
    )
    facts_reach._spread.cache_clear()
    try:
        return judged(name, demonstrations()[name].measure().numbers)
    finally:
        facts_reach._spread.cache_clear()


def test_in_our_own_world_they_say_what_they_say(monkeypatch) -> None:
    assert in_world(monkeypatch, facts_reach, "spread") == "false"
    assert in_world(monkeypatch, facts_time, "onset") == "false"


@against("onset")
def test_were_toxin_to_cut_at_once_it_would_work_at_once(monkeypatch) -> None:
    quick = {
        "junction__lag": 0.01,
        "junction__supply_half_life": 0.01,
        "junction__snare_turnover_half_life": 0.01,
    }
    assert in_world(monkeypatch, facts_time, "onset", **quick) == "true"


@against("doubling")
def test_were_the_dose_just_above_what_works_twice_would_last_twice_as_long(monkeypatch) -> None:
    weak = {f"threshold__{facts_plans.ONA}": 16.0}
    assert in_world(monkeypatch, facts_again, "doubling", **weak) == "true"


@against("beside")
def test_were_muscles_sealed_and_fluid_thick_it_would_stay_where_it_is_injected(monkeypatch) -> None:
    still = {
        "spread__fascia_transmission": 0.01,
        "spread__fluid_fraction": 10.0,
        f"threshold__{facts_plans.ONA}": 4.0,
    }
    assert in_world(monkeypatch, facts_reach, "beside", **still) == "true"


def test_were_it_stronger_and_to_spread_further_the_face_would_not_be_spared(monkeypatch) -> None:
    far = {
        "spread__dispersion": 1000.0,
        "spread__uptake_half_time": 10.0,
        f"threshold__{facts_plans.ONA}": 1e-4,
    }
    assert in_world(monkeypatch, facts_reach, "spread", **far) is None
    monkeypatch.undo()
    assert in_world(monkeypatch, facts_reach, "beside", **far) == "false"


@against("spread")
def test_were_blood_to_carry_it_to_every_muscle_the_whole_face_would_weaken(monkeypatch) -> None:
    plain = facts_plans.ran

    def carried(*rest, **named):
        found = plain(*rest, **named)
        return replace(found, course=replace(found.course, force=0.7 * found.course.force))

    monkeypatch.setattr(facts_reach, "ran", carried)
    facts_reach._spread.cache_clear()
    numbers = demonstrations()["spread"].measure().numbers
    facts_reach._spread.cache_clear()
    assert judged("spread", numbers) == "true" and judged("beside", numbers) == "false"


@against("volume")
def test_were_fluid_to_act_as_units_do_it_would_count(monkeypatch) -> None:
    plain = facts_reach.needle_plan
    monkeypatch.setattr(
        facts_reach,
        "needle_plan",
        lambda needles: plain(
            [{**one, "units": one.get("units", 4) * one["volume_ml"] / 0.05} for one in needles]
        ),
    )
    assert judged("volume", demonstrations()["volume"].measure().numbers) == "true"


@against("depth")
def test_were_the_layer_of_no_account_under_the_skin_would_do(monkeypatch) -> None:
    plain = facts_place.needle_plan
    monkeypatch.setattr(
        facts_place,
        "needle_plan",
        lambda needles, *rest: plain([{**one, "layer": "muscle"} for one in needles], *rest),
    )
    assert judged("depth", demonstrations()["depth"].measure().numbers) == "true"


def test_were_the_lid_as_thick_as_the_brow_under_the_skin_would_be_false() -> None:
    brow = show("depth").values
    numbers = {one.key: one.value for one in brow}
    numbers |= {f"lid_{layer}": numbers[f"brow_{layer}"] for layer in ("muscle", "subcutis")}
    assert judged("depth", numbers) == "false"


@against("droop")
def test_were_every_needle_at_one_height_the_place_would_make_no_difference(monkeypatch) -> None:
    plain = facts_reach.needle
    monkeypatch.setattr(
        facts_reach, "needle", lambda muscle, landmark, lateral, up: plain(muscle, landmark, lateral, 6)
    )
    assert judged("droop", demonstrations()["droop"].measure().numbers) == "true"


def test_were_an_inhibitor_to_do_nothing_the_two_would_not_be_opposed(monkeypatch) -> None:
    monkeypatch.setattr(facts_nerve, "INHIBITED", 0.0)
    assert judged("esterase", demonstrations()["esterase"].measure().numbers) is None
    assert judged("antidote", demonstrations()["antidote"].measure().numbers) == "false"


@against("esterase")
def test_were_stopping_the_enzyme_to_silence_the_fibre_it_could_be_how_toxin_works(monkeypatch) -> None:
    plain = facts_nerve.inhibitor_effect
    monkeypatch.setattr(facts_nerve, "inhibitor_effect", lambda share: replace(plain(share), gain=0.1))
    assert judged("esterase", demonstrations()["esterase"].measure().numbers) == "true"


def test_were_toxin_to_leave_release_alone_neither_would_be_told(monkeypatch) -> None:
    course = facts_nerve.quanta()
    monkeypatch.setattr(facts_nerve, "quanta", lambda: np.full_like(course, course[0]))
    assert judged("esterase", demonstrations()["esterase"].measure().numbers) is None
    assert judged("antidote", demonstrations()["antidote"].measure().numbers) is None


@against("antidote")
def test_were_the_block_shallow_an_inhibitor_would_undo_it(monkeypatch) -> None:
    course = facts_nerve.quanta()
    monkeypatch.setattr(facts_nerve, "quanta", lambda: np.maximum(course, 6.0))
    assert judged("antidote", demonstrations()["antidote"].measure().numbers) == "true"


@against("palsy")
def test_treating_the_wrong_side_would_not_refute_the_belief_about_palsy(monkeypatch) -> None:
    plain = facts_face._lip_gap
    monkeypatch.setattr(facts_face, "_lip_gap", lambda side: plain("left" if side == "right" else "right"))
    assert judged("palsy", demonstrations()["palsy"].measure().numbers) == "true"


@against("cheek")
def test_were_the_lifter_of_the_mouth_immune_no_uneven_smile_would_be_shown(monkeypatch) -> None:
    plain = facts_face.ran

    def without_cheek(plan, *rest):
        if plan.sessions[0].injections[0].muscle == "zygomaticus_major":
            return plain(scale_units(plan, 0.0), *rest)
        return plain(plan, *rest)

    monkeypatch.setattr(facts_face, "ran", without_cheek)
    assert judged("cheek", demonstrations()["cheek"].measure().numbers) is None


def test_were_lines_beside_the_eye_to_stay_only_the_risk_would_be_left() -> None:
    numbers = {one.key: one.value for one in show("cheek").values}
    assert judged("cheek", {**numbers, "line_least": numbers["line"]}) == "false"


def test_every_judge_has_a_world_against_it() -> None:
    """Those that the tests above name with `against`: a judge that is added needs one too."""
    assert set(AGAINST) == set(JUDGES)


def test_were_type_a_as_short_as_type_e_its_days_would_say_so(monkeypatch) -> None:
    short = facts_time._with_clock("e")
    monkeypatch.setattr(facts_time, "_with_clock", lambda _serotype: short)
    assert demonstrations()["month"].measure().numbers["a"] < 30.0


def test_were_one_product_as_strong_by_the_unit_as_the_other_they_would_act_alike(monkeypatch) -> None:
    monkeypatch.setattr(facts_again, "ABO", facts_plans.ONA)
    numbers = demonstrations()["units"].measure().numbers
    assert numbers["taken"] == numbers["own"]


def test_a_number_that_is_none_is_an_error_in_a_sentence() -> None:
    bad = Demonstration(
        "bad",
        "Bad",
        lambda: Measured((Value("x", "x", float("nan"), ""),), Chart("x", bars=(("x", 1.0),))),
        lambda _n: "true",
        lambda _n: "x.",
        "",
    )
    with pytest.raises(ModelError, match="not finite"):
        run(bad)


def test_an_unknown_demonstration_gets_the_nearest() -> None:
    with pytest.raises(CatalogueError, match="`release`"):
        show("relase")


def test_shares_read_as_people_say_them() -> None:
    assert facts_record.percent(0.005) == "0.5 %"
    assert facts_record.percent(0.5) == "50 %"
    line = facts_record.line("x", np.arange(5), np.arange(5.0) ** 2, 2)
    assert line.x == (0.0, 2.0, 4.0) and line.y == (0.0, 4.0, 16.0)
