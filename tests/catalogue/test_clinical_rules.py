"""Are broken tables of clinical evidence refused? Every rule is broken once in a small sound catalogue."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from endplate.catalogue import Catalogue
from endplate.catalogue.rules import violations
from endplate.errors import CatalogueError

Break = Callable[[str, str, str], Catalogue]
R, S, E, A = "results.toml", "studies.toml", "endpoints.toml", "adverse.toml"

BROKEN = {
    "a result of an unknown study": (
        R,
        'study = "trial_one"',
        'study = "trial_two"',
        "unknown study `trial_two`",
    ),
    "a result of an unknown arm": (R, 'arm = "active"', 'arm = "third"', "no arm `third`"),
    "an active number of a placebo arm": (R, 'kind = "active"', 'kind = "placebo"', "its kind is placebo"),
    "an area that the study has not": (R, 'area = "glabella"', 'area = "forehead"', "no area forehead"),
    "a row that the study has not": (R, 'row = "C1"', 'row = "C2"', "no row C2"),
    "an unknown endpoint": (R, '"clear"\nday', '"cleared"\nday', "unknown endpoint `cleared`"),
    "an endpoint of another area": (
        E,
        'areas = ["glabella"]',
        'areas = ["forehead"]',
        "not for the area glabella",
    ),
    "neither endpoint nor measure": (R, 'measure = "turning of the head"\n', "", "either an endpoint"),
    "a share above 1": (R, "value = 0.675", "value = 67.5", "outside 0 to 1"),
    "more events than persons": (R, "events = 27", "events = 41", "41 events among 40"),
    "events that are not the printed share": (R, "events = 27", "events = 28", "28 of 40 is 0.700"),
    "a time where a share belongs": (R, 'unit = "1"', 'unit = "weeks"', "its unit is weeks"),
    "a fitted row without n": (R, "n = 40\nevents = 27\n", "", "a fitted row needs n"),
    "a fitted row without a value": (R, "value = 0.675\n", "", "needs a value"),
    "a fitted bound": (R, "value = 0.675", 'value = 0.675\nbound = "at_least"', "no bound"),
    "a fitted row without a day": (R, "day = 30\n", "", "needs a day"),
    "a fitted row of an area that is not modelled": (
        R,
        'source = "memory"\nuse = "not_modelled"',
        'source = "memory"\nn = 20\nuse = "calibrate"',
        "the model has",
    ),
    "a row not modelled without a reason": (R, 'reason = "no neck"\n', "", "needs its reason"),
    "a seen number that is not checked": (
        R,
        'tag = "seen"\nchecked = true',
        'tag = "seen"\nchecked = false',
        "seen",
    ),
    "a recalled number called checked": (
        R,
        'tag = "recall"\nchecked = false',
        'tag = "recall"\nchecked = true',
        "was not read (recall)",
    ),
    "an arm of an unknown product": (
        S,
        'product = "toxin_a"',
        'product = "toxin_b"',
        "unknown product `toxin_b`",
    ),
    "an arm of an unknown pattern": (
        S,
        '"lines.toxin_a"',
        '"marks.toxin_a"',
        "unknown pattern `marks.toxin_a`",
    ),
    "a scale that misses the printed total": (S, "scale = 2.0", "scale = 3.0", "pattern and scale give 36 U"),
    "placebo with a pattern": (
        S,
        'product = "placebo"',
        'product = "placebo"\npattern = "lines.toxin_a"',
        "placebo has no pattern",
    ),
    "a fitted arm without sites": (S, 'pattern = "lines.toxin_a"\n', "", "an arm with a pattern"),
    "two arms of one name": (S, 'id = "placebo"', 'id = "active"', "stands 2 times"),
    "an arm without result or note": (
        S,
        "n = 20",
        'n = 20\n[[study.arm]]\nid = "third"\nproduct = "placebo"',
        "neither a result nor a note",
    ),
    "visits out of order": (S, "[7, 30]", "[30, 7]", "not in order"),
    "a study without sources": (S, '["paper", "memory"]', "[]", "has no sources"),
    "a study of an unknown source": (S, '["paper", "memory"]', '["paper", "rumour"]', "cites `rumour`"),
    "a grade without a threshold": (E, "at_most = 1\nstatistic", "statistic", "`at_most` or `improved_by`"),
    "a duration without persons": (E, 'among = "clear"\n', "", "a duration needs `among`"),
    "a duration among unknown persons": (E, 'among = "clear"', 'among = "cured"', "unknown endpoint `cured`"),
    "chosen persons without a day": (E, "among_day = 28\n", "", "need the day of choice"),
    "a duration among all from the first day": (
        E,
        'among = "clear"\namong_day = 28',
        'among = "all"',
        "needs `from_day`",
    ),
    "a threshold without its rule": (E, 'rule = "above"', 'rule = "back"', "go together"),
    "a median without a unit of time": (E, 'unit = "weeks"', 'unit = "1"', "a median is a time"),
    "an unwanted effect of an unknown product": (A, '"toxin_a"', '"toxin_b"', "unknown product `toxin_b`"),
    "an unwanted effect of an unknown study": (A, '"trial_one"', '"trial_two"', "unknown study `trial_two`"),
    "an unwanted effect without a rate": (A, "events = 2\n", "", "give events and n"),
    "an unwanted effect with too many events": (A, "events = 2", "events = 42", "42 events among 40"),
    "unwanted events without n": (A, "n = 40\n", "", "events without n"),
    "a placebo count that is not its share": (
        A,
        "placebo_share = 0.05",
        "placebo_share = 0.05\nplacebo_events = 3",
        "3 of 20 is 0.150",
    ),
    "an id in two clinical tables": (A, '"unwanted.droop"', '"trial_one"', "stands in 2 tables"),
}

SHAPE = {
    "a visit before treatment": (S, "[7, 30]", "[-7, 30]", "`visits_days.0`"),
    "a day before treatment": (R, "day = 30", "day = -1", "`day`"),
    "no persons": (R, "n = 40", "n = 0", "`n`"),
    "persons in parts": (R, "n = 40", "n = 40.5", "`n`"),
    "a use that does not exist": (R, 'use = "calibrate"', 'use = "fit"', "`use`"),
    "a rater that does not exist": (E, '["investigator"]', '["nurse"]', "`raters.0`"),
    "a share of women above 1": (S, "visits_days", "women_share = 88.0\nvisits_days", "`women_share`"),
    "an unknown field of an arm": (S, "scale = 2.0", "factor = 2.0", "`arm.0.factor`"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_of_clinical_evidence_is_named(name: str, broken: Break) -> None:
    file, old, new, told = BROKEN[name]
    book = broken(file, old, new)
    assert [line for line in violations(book) if told in line]
    with pytest.raises(CatalogueError) as caught:
        book.validate()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", SHAPE)
def test_a_misshapen_entry_of_clinical_evidence_is_named(name: str, broken: Break) -> None:
    file, old, new, told = SHAPE[name]
    with pytest.raises(CatalogueError) as caught:
        broken(file, old, new).validate()
    assert told in str(caught.value) and file in str(caught.value)


def test_a_share_printed_in_whole_points_may_be_rounded(broken: Break) -> None:
    broken("results.toml", "value = 0.675", "value = 0.68").validate()


def test_the_small_clinical_tables_are_sound(small: Catalogue) -> None:
    small.validate()
    arm = small.study("trial_one").arm_of("active")
    assert arm is not None and arm.scale == 2.0 and small.study("trial_one").arm_of("third") is None
