"""Does the check still tell of three hundred drawn plans what it told when somebody last looked?"""

from __future__ import annotations

import json

import golden_plans


def test_the_answers_are_the_stored_ones() -> None:
    changed = golden_plans.differing()
    assert not changed, "look at these, then run `python -m tools.golden_findings`: " + ", ".join(
        changed[:10]
    )


def test_the_drawn_plans_meet_most_rules_of_the_room() -> None:
    stored = json.loads(golden_plans.STORED.read_text(encoding="utf-8"))
    told = {line.split()[1] for one in stored.values() for line in one.get("findings", ())}
    assert len(stored) == golden_plans.PLACED + golden_plans.PEOPLE
    assert sum("refused" in one for one in stored.values()) < len(stored) / 20
    assert len(told) > 150
