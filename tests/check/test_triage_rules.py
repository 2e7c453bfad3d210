"""Every rule of triage fires where its conditions hold, and not where one of them fails."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from triage_cases import case_for, misses, read

from endplate.catalogue import catalogue
from endplate.catalogue.indications import indications
from endplate.catalogue.triage import URGENCIES, VERDICTS, Rule, alternatives, scales, signs, triage_rules
from endplate.check.triage import FALLS, triage
from endplate.report.triage_document import triage_document
from endplate.report.triage_words import triage_lines

TODAY = dt.date(2026, 11, 23)
RULES = list(triage_rules().values())
UNIT = r"(U|IU|units?|mg|mcg|µg|mL|ml|vials?|Speywood|%? ?of the (adult )?dose)"
DOSE = re.compile(rf"\d[\d.,]*\s*(-|to)?\s*\d*\s*{UNIT}\b|\bhalf a (vial|dose)\b", re.IGNORECASE)


def fired(tree) -> set[str]:
    found = triage(read(tree), TODAY)
    return {rule.id for one in found.complaints for rule in one.reasons}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_fires_where_its_conditions_hold(rule: Rule) -> None:
    assert rule.id in fired(case_for(rule))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_silent_where_one_condition_fails(rule: Rule) -> None:
    tried = list(misses(rule))
    assert tried
    for name, tree in tried:
        assert rule.id not in fired(tree), f"{rule.id} fires although: {name}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_answer_of_every_rule_cites_its_sources_and_holds_no_dose(rule: Rule) -> None:
    found = triage(read(case_for(rule)), TODAY)
    document = triage_document(found)
    cited = {source["id"] for source in document["sources"]}
    for one in document["complaints"]:
        assert one["evidence"]
        for told in (*one["reasons"], *one["alternatives"], *one["comfort"]):
            assert told["sources"]
            assert set(told["sources"]) <= cited
        assert {level["source"] for level in one["evidence"]} <= cited
    for line in triage_lines(found):
        assert not DOSE.search(line), line


def test_no_row_of_triage_holds_a_dose() -> None:
    tables = (triage_rules(), alternatives(), scales(), signs(), indications())
    for table in tables:
        for row in table.values():
            assert not DOSE.search(row.model_dump_json()), row.id


def test_a_dose_would_be_found() -> None:
    for text in (
        "give 20 U",
        "2.5 units a side",
        "50 mg by mouth",
        "0.1 mL",
        "10-20 U",
        "4 to 6 units",
        "5 IU/kg",
        "2 vials",
        "half a vial",
        "60 % of the adult dose",
    ):
        assert DOSE.search(text)
    assert not DOSE.search("83 % of 29 people")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_strictest_verdict_wins(rule: Rule) -> None:
    for one in triage(read(case_for(rule)), TODAY).complaints:
        said = [reason.verdict for reason in one.reasons if reason.verdict]
        assert one.verdict == (min(said, key=VERDICTS.index) if said else "cannot be judged")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_whoever_is_referred_urgently_is_referred_first(rule: Rule) -> None:
    """A rule that cannot wait says `refer first`, unless it only adds to one that does."""
    urgent = [one for one in rule.refer if one.urgency in URGENCIES[:2]]
    if urgent:
        assert rule.verdict == "refer first"
    if rule.verdict == "refer first":
        assert rule.refer
    if any(one.urgency == URGENCIES[0] for one in rule.refer):
        assert rule.first, "an emergency tells what to do at once"


def test_what_toxin_is_no_use_for_never_suits() -> None:
    for one in indications().values():
        if one.kind == "not_a_use":
            tree = case_for(triage_rules()["needle_comfort"])
            tree["complaint"][0]["indication"] = one.id
            verdict = triage(read(tree), TODAY).verdict
            assert FALLS.index(verdict) <= FALLS.index("not supported by evidence"), one.id


def test_every_use_has_a_rule_of_its_own() -> None:
    named = {name for rule in RULES for name in rule.when.indications if rule.verdict}
    assert set(indications()) <= named


def test_rows_that_were_not_read_say_so() -> None:
    for rule in RULES:
        read_how = catalogue().source(rule.source).read
        assert rule.checked == (read_how not in {"recall", "declared"}), rule.id
