"""The page on two published virtual studies is what its stored results say, and these are of today's inputs."""

from __future__ import annotations

import sys

import make_rival_studies as page
import numpy as np
import pytest
from make_rival_studies import saline, twins
from rival_studies import signed


@pytest.fixture(scope="module")
def stored():
    return page.load()


def test_the_tables_of_the_page_are_the_stored_results(stored):
    text = page.PAGE.read_text("utf-8")
    assert text == page.written(text, stored), "run `python docs/make_rival_studies.py`"


def test_the_stored_results_are_of_these_inputs(stored):
    assert stored["inputs"] == page.inputs(), "run `python docs/make_rival_studies.py --run`"


def test_other_people_recover_as_the_stored_ones_within_sampling_error(stored):
    count = 80
    found = saline.recovery(saline.draw_people(count, 11), saline.centre())
    for name in ("0.8", "regained 0.8", "regained 0.3"):
        kept, now = stored["saline"]["recovery"][name], saline.summary(found[name])
        # Eight faces are fewer than 80 independent people: eight standard errors of their mean.
        assert now["mean"] == pytest.approx(kept["mean"], abs=8.0 * kept["sd"] / np.sqrt(count)), name
        assert now["sd"] == pytest.approx(kept["sd"], rel=0.35), name


def test_other_twins_change_as_the_stored_ones_within_sampling_error(stored):
    count = 600
    at = twins.conditions(twins.scores(count, 11))
    rest = twins.radii(at)
    assert np.median(rest) == pytest.approx(stored["twins"]["rest"][1], rel=0.05)
    for row in stored["twins"]["factors"][1:4]:
        change = twins.radii(at, row["factor"]) - rest
        assert np.median(change) == pytest.approx(row["median"], rel=0.25), row["factor"]
        error = np.sqrt(row["over"] * (1.0 - row["over"]) / count)
        assert np.mean(change > 1.0) == pytest.approx(row["over"], abs=4.0 * error + 1.0 / count)


def test_saline_on_day_7_changes_no_muscle_on_any_day():
    assert saline.saline_difference(3, 5, faces=1) < 1e-12


def test_saline_is_a_second_session_without_units_at_the_frontalis_sites():
    first, second = saline.plan(True).sessions
    assert (second.date - first.date).days == saline.SALINE_DAY
    assert [s.units for s in second.injections] == [0.0] * 5
    places = [
        sorted((s.muscle, s.side, s.landmark, s.offset_mm, s.volume_ml) for s in sites)
        for sites in ([s for s in first.injections if s.muscle == "frontalis"], second.injections)
    ]
    assert places[0] == places[1]


def test_taking_away_free_toxin_does_less_the_later_it_comes(stored):
    gained = [-row["change"] for row in stored["saline"]["wash"]]
    assert gained == sorted(gained, reverse=True)
    assert gained[0] > 10.0
    assert gained[-1] == gained[-2] == 0.0


def test_the_day_back_is_the_last_rise_to_the_level():
    days = np.arange(7.0)
    dips_twice = np.array([1.0, 0.2, 0.9, 0.4, 0.4, 0.8, 1.0])
    never, stays = 1.0 - 0.01 * days, np.linspace(1.0, 0.1, 7)
    found = saline.day_back(np.stack([dips_twice, never, stays]), 0.6)
    assert found[0] == pytest.approx(4.5)
    assert np.isnan(found[1])
    assert np.isinf(found[2])


def test_people_who_never_fall_below_are_counted_apart():
    row = saline.summary(np.array([np.nan] * 60 + [10.0, 20.0] * 20))
    assert row["share"] == 0.4
    assert row["mean"] == 15.0
    assert np.isnan(saline.summary(np.array([np.nan] * 99 + [10.0]))["mean"])


def test_without_dispersion_the_radius_is_that_of_the_footprint():
    at = {name: value[:4].copy() for name, value in twins.conditions(twins.scores(40, 0)).items()}
    at["fibre_stretch"][:], at["dispersion"][:] = 1.0, 1e-15
    round_mm2 = twins.footprint(at)[0]
    assert twins.radius(at) == pytest.approx(np.sqrt(-2.0 * np.log(0.05) * round_mm2), rel=1e-6)


@pytest.mark.parametrize(("dispersion", "uptake"), [(1.0, 1.0), (3.3, 1.4), (30.0, 1.0)])
def test_the_radius_is_what_counting_molecules_gives(dispersion, uptake):
    at = {name: value[:6] for name, value in twins.conditions(twins.scores(60, 1)).items()}
    wide, narrow, _, along, across, _, rate = twins.footprint(at)
    random, counted = np.random.default_rng(0), []
    minutes = 60.0 * twins.HOURS
    for i in range(6):
        s, x = random.exponential(size=200_000), random.standard_normal((2, 200_000))
        until = rate[i] * uptake * minutes
        busy, after = s / (rate[i] * uptake) * dispersion, minutes * dispersion + (s - until) / rate[i]
        time = np.where(s < until, busy, after)
        square = (wide[i] + 2 * along[i] * time) * x[0] ** 2 + (narrow[i] + 2 * across[i] * time) * x[1] ** 2
        counted.append(np.sqrt(np.quantile(square, twins.SHARE)))
    assert twins.radius(at, dispersion, uptake) == pytest.approx(np.array(counted), rel=8e-3)


def test_a_twin_that_does_nothing_else_has_the_same_radius():
    at = twins.conditions(twins.scores(50, 2))
    idle = twins.Behaviour(((1.0, 1.0),))
    assert (twins.radii(at, *twins.factors(idle, 50, 3)) == twins.radii(at)).all()


def test_a_change_of_nothing_has_no_sign():
    assert [signed(v) for v in (-0.003, 0.001, 0.08, -0.03)] == ["0.00", "0.00", "+0.08", "-0.03"]


@pytest.mark.parametrize(("study", "least"), [(saline, 40), (twins, 20)])
def test_too_few_people_are_refused_in_one_line(study, least, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["study", "--people", str(least - 1)])
    with pytest.raises(SystemExit) as ended:
        study.main()
    assert ended.value.code == 2
    assert f"at least {least} people" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("study", [saline, twins])
def test_the_example_prints_its_table(study, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["study", "--people", "60", "--seed", "3"])
    study.main()
    out = capsys.readouterr().out
    assert "60 p" in out and "printed" in out
