"""Direct readings: the functions on arrays, a person's course against the tables, and the rows as stored."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.fit.dossier import direct_made, make_dossier
from endplate.fit.dossier.direct import NAME, STORED, load_direct
from endplate.fit.dossier.document import to_csv, to_json_dict
from endplate.fit.dossier.schema import dossier_json_schema
from endplate.fit.dossier.stored import LEFT_OUT
from endplate.fit.dossier.summary import summarise
from endplate.model.outcome.direct import amplitude, closing_force, largest_loss, part_shares
from endplate.population.tables import STEP, signal_table

# --- Functions on arrays


def test_the_parts_of_the_orbicularis_count_by_their_cross_section():
    shares = part_shares(np, [np.array([9.0]), np.array([17.0])], [np.array([1.4]), np.array([1.0])])
    assert shares[:, 0] == pytest.approx([12.6 / 29.6, 17.0 / 29.6])
    whole = closing_force(np, [np.ones(4), np.ones(4)], shares[:, 0])
    assert whole == pytest.approx(np.ones(4))
    assert closing_force(np, [np.zeros(1), np.ones(1)], shares[:, 0]) == pytest.approx(17.0 / 29.6)


def test_an_amplitude_is_the_share_that_unblocked_endplates_leave():
    fires, state = [np.array([1.0, 0.4])], [np.array([0.0, 0.5])]
    assert amplitude(np, fires, state, [1.0]) == pytest.approx([1.0, 0.2])
    two = amplitude(np, [*fires, np.ones(2)], [*state, np.zeros(2)], [0.25, 0.75])
    assert two == pytest.approx([1.0, 0.8])


def test_the_largest_loss_is_at_the_lowest_of_each_course():
    assert largest_loss(np.array([[1.0, 0.3, 0.6], [1.0, 0.9, 0.8]])) == pytest.approx([0.7, 0.2])


def test_a_share_is_needed_for_every_part():
    with pytest.raises(ModelError, match="share for each part"):
        closing_force(np, [np.ones(1)], np.array([0.5, 0.5]))


# --- Persons, without faces


@pytest.fixture(scope="module")
def one():
    return direct_made.people_drawn(4).one(2)


@pytest.fixture(scope="module")
def parts():
    """Two entries under one unit: half the endplates at one exposure, the others at another or out of reach."""
    centre = np.log(float(catalogue().parameter(f"threshold.{direct_made.PRODUCT}").value))
    grid = STEP * np.arange(np.floor((centre - 9.0) / STEP), np.ceil((centre + 10.0) / STEP) + 1)
    share = np.zeros((2, len(grid)))
    share[:, 36] = 0.5
    share[0, 44] = 0.5
    return direct_made.Parts(grid, [share, share[::-1]])


def test_a_course_is_that_of_the_tables_of_a_trial(one, parts):
    from endplate.population.bank import Bank

    bank = Bank(
        ("lateral_canthus",),
        parts.grid,
        {"lateral_canthus": parts.share[0]},
        {"lateral_canthus": "mimic"},
        direct_made.PRODUCT,
        1,
        2,
        "",
    )
    same = {"outcome.lasting_share": np.zeros(1), "outcome.capture.lateral_canthus": np.ones(1)}
    shifts = -np.log(one.values[f"threshold.{direct_made.PRODUCT}"][0]) + STEP * np.array([-4, 0, 4])
    expected = signal_table(bank, "lateral_canthus", {**one.values, **same}, shifts, 60)
    found = direct_made.firing(parts, parts.share[0], one.values, shifts, 60, "mimic")
    # The tables lay their cells from the grid, and so do these: no interpolation between cells.
    assert found == pytest.approx(expected, abs=2e-4)


def test_five_times_the_dose_takes_more_force(one, parts):
    lost = direct_made.lid_losses(parts, one)
    assert set(lost) == {"site_0_5u", "site_2_5u"}
    assert np.all(lost["site_2_5u"] > lost["site_0_5u"])
    assert np.all((lost["site_0_5u"] > 0.0) & (lost["site_2_5u"] < 1.0))


def test_a_part_without_force_does_not_close_the_lids(one, parts):
    alone = [
        direct_made.lid_losses(parts, replace(one, lid_shares=np.array(shares)[:, None]))["site_2_5u"]
        for shares in ([1.0, 0.0], [0.0, 1.0])
    ]
    assert alone[0] == pytest.approx(alone[1][::-1])


def test_treated_masseters_are_graded_lower_than_under_placebo(one, parts):
    results = [r for r in direct_made.direct_results() if r.study == direct_made.MASSETER_STUDY]
    strong = direct_made.Parts(parts.grid, [np.roll(parts.share[0], 12, axis=1)])
    rates = direct_made.masseter_rates(strong, one, results)
    assert rates["c19.masseter_grade_3.d90.u48"] > rates["c19.masseter_grade_3.d90.placebo"]
    assert all(0.0 <= rate <= 1.0 for rate in rates.values())


# --- Rows as stored


@pytest.fixture(scope="module")
def stored():
    return make_dossier()


@pytest.fixture(scope="module")
def document(stored):
    return json.loads(json.dumps(to_json_dict(stored), allow_nan=False))


def test_the_stored_readings_are_of_this_posterior_and_this_model(stored):
    assert not stored.direct_stale, "run `python docs/make_dossier.py --direct`"


def test_every_direct_row_is_stored_and_not_listed_as_unpredicted(document):
    wanted = {r.id for r in direct_made.direct_results()}
    assert len(wanted) == 6
    assert {row["id"] for row in document["rows"] if row["reads"] != "severity"} == wanted
    assert not wanted & {row["id"] for row in document["not_predicted"]}


def test_the_platysma_stays_listed_as_its_number_of_persons_was_not_read(document):
    reasons = {row["id"]: row["reason"] for row in document["not_predicted"]}
    assert "number of persons" in reasons["c18.platysma_composite_2_grades.d14.active"]


def test_lid_force_counts_as_fitted_and_says_that_no_sampling_is_in_its_interval(document):
    rows = {row["id"]: row for row in document["rows"] if row["reads"] == "closing_force"}
    assert len(rows) == 2
    assert all(row["fitted"] and row["n"] is None and row["kind"] == "active" for row in rows.values())
    assert rows["c20.eyelid_force_loss.site_0_5u"]["units"] == 6.0
    assert rows["c20.eyelid_force_loss.site_2_5u"]["units"] == 30.0


def test_masseter_rows_are_not_called_fitted(document):
    rows = [row for row in document["rows"] if row["reads"] == "cross_section"]
    assert {row["n"] for row in rows} == {53, 46}
    assert not any(row["fitted"] for row in rows)
    assert all(row["floor_points"] is not None for row in rows)


def test_no_direct_row_is_counted_anywhere(stored, document):
    assert all(row["group"] is None for row in document["rows"] if row["reads"] != "severity")
    assert summarise(stored.lines) == stored.summary
    assert not {row.id for row in stored.direct} & {line.id for line in stored.lines}


def test_a_document_with_direct_rows_follows_its_schema_and_has_a_line_for_each(stored, document):
    jsonschema.validate(document, dossier_json_schema())
    assert len(to_csv(stored).splitlines()) == 1 + len(stored.lines) + len(stored.direct)


def test_an_error_is_the_distance_from_what_was_printed(document):
    for row in document["rows"]:
        if row["reads"] != "severity":
            assert row["error_points"] == pytest.approx(
                100 * abs(row["observed"] - row["predicted"]), abs=1e-3
            )
            low, high = row["interval90"]
            assert low <= row["predicted"] <= high


def test_without_direct_readings_their_rows_are_listed_again(tmp_path):
    alone = tmp_path / LEFT_OUT.name
    shutil.copy(LEFT_OUT, alone)
    found = make_dossier(alone, inputs="")
    assert not found.direct and not found.direct_stale
    assert "c20.eyelid_force_loss.site_0_5u" in {row.id for row in found.unpredicted}


def test_broken_direct_readings_are_refused_with_what_to_do(tmp_path):
    path = tmp_path / NAME
    path.write_text("no archive")
    with pytest.raises(ModelError, match="--direct"):
        load_direct(path)
    with np.load(STORED) as file:
        arrays = dict(file)
    np.savez(path, **{**arrays, "rate_sd": arrays["rate_sd"][1:]})
    with pytest.raises(ModelError, match="do not fit"):
        load_direct(path)
    np.savez(path, **{**arrays, "rows": np.array(["c0.gone", *arrays["rows"][1:]])})
    with pytest.raises(ModelError, match=r"c0\.gone"):
        load_direct(path)
