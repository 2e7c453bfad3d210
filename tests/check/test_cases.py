"""Every label case: a plan, and all that must be found in it (tests/check/cases, written for clinicians)."""

from __future__ import annotations

import label_cases
import pytest
from label_cases import Checked

ALL = label_cases.all_checked()


@pytest.mark.parametrize("one", ALL, ids=[one.id for one in ALL])
def test_the_plan_gets_exactly_the_findings_of_its_case(one: Checked) -> None:
    findings = one.check()
    faults = label_cases.faults(one, findings)
    assert not faults, one.says + "\n" + "\n".join(faults)


def test_names_of_cases_are_unique() -> None:
    names = [one.id for one in ALL]
    assert not {one for one in names if names.count(one) > 1}
