"""The page about triage names every word that a case may use, and its example is a case."""

from __future__ import annotations

import re
from pathlib import Path

from endplate.catalogue.indications import indications
from endplate.catalogue.triage import URGENCIES, VERDICTS, alternatives, scales, signs, triage_rules
from endplate.check.triage import triage
from endplate.plan import Complaint, Earlier, Severity, parse_case

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "triage.md").read_text(encoding="utf-8")
FLAT = " ".join(PAGE.split())


def test_every_word_stands_on_the_page() -> None:
    for name in (*signs(), *indications()):
        assert f"`{name}`" in PAGE, name
    for one in scales().values():
        assert f"| {one.name}" in PAGE
        assert one.range in PAGE
    for record in (Complaint, Severity, Earlier):
        for name in record.model_fields:
            assert f"`{name}`" in PAGE, name
    for word in (*VERDICTS, *URGENCIES):
        assert word in FLAT.lower()


def test_the_example_of_the_page_is_a_case() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
    assert triage(parse_case(block)).verdict == "refer first"


def test_the_page_counts_rightly() -> None:
    rules, others = triage_rules().values(), alternatives().values()
    assert f"{len(rules)} rules and {len(others)} alternatives" in FLAT
    unread = sum(not one.checked for one in rules), sum(not one.checked for one in others)
    assert f"{unread[0]} rules and {unread[1]} alternatives are quoted from memory" in FLAT
