"""Whatever a plan holds, the check answers in findings or in one sentence."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from endplate.catalogue import LANDMARKS, MIDLINE_LANDMARKS, catalogue
from endplate.catalogue.conditions import conditions
from endplate.catalogue.indications import indications
from endplate.catalogue.labels import PLACES
from endplate.catalogue.targets import targets
from endplate.check import SEVERITIES, check
from endplate.errors import EndplateError
from endplate.plan import plan_from_dict

WORDS = st.one_of(
    st.sampled_from(sorted({one.name for one in conditions().values()})),
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30),
    st.sampled_from(
        ["gentamicin 80 mg IV", "h/o (mild) dysphagia", "((((", "5 mg", "allergy to", "MG?", "- - -"]
    ),
)
SKIN = [one for one in catalogue().muscles.values() if one.group == "face"]


@st.composite
def needles(draw: Any) -> dict[str, Any]:
    units = draw(st.floats(0.1, 500).map(lambda value: round(value, 2)))
    one: dict[str, Any] = {"units": units, "volume_ml": round(units / 40, 5)}
    if draw(st.booleans()):
        target = draw(st.sampled_from(list(targets().values())))
        return {**one, "muscle": target.id, "side": "midline" if target.side_kind == "midline" else "left"}
    muscle = draw(st.sampled_from(SKIN))
    landmark = draw(st.sampled_from(sorted(LANDMARKS - MIDLINE_LANDMARKS)))
    offset = [draw(st.integers(-20, 20)), draw(st.integers(-30, 30))]
    return {**one, "muscle": muscle.id, "side": draw(st.sampled_from(["left", "right"])), "landmark": landmark,
            "offset_mm": offset}  # fmt: skip


@st.composite
def trees(draw: Any) -> dict[str, Any]:
    def session(day: str, given: bool) -> dict[str, Any]:
        return {
            "date": day,
            "given": given,
            "product": draw(st.sampled_from(["onabotulinumtoxin_a", "prabotulinumtoxin_a"])),
            "indication": [draw(st.sampled_from(sorted(indications())))],
            "injections": draw(st.lists(needles(), min_size=1, max_size=4)),
        }

    words = st.lists(WORDS, max_size=4, unique=True)
    return {
        "schema": "endplate/plan/1",
        "patient": {
            "age": draw(st.integers(0, 110)),
            "sex": draw(st.sampled_from(["female", "male"])),
            "conditions": draw(words),
            "medicines": draw(words),
            "allergies": draw(words),
        },
        "sessions": [
            session("2026-02-01", True),
            session(draw(st.sampled_from(["2026-02-01", "2026-03-02"])), False),
        ],
    }


@settings(max_examples=150, deadline=None)
@given(trees(), st.sampled_from([*PLACES, None]))
def test_a_plan_gets_findings_or_one_sentence(tree: dict[str, Any], place: str | None) -> None:
    try:
        plan = plan_from_dict(tree)
        findings = check(plan, jurisdiction=place)
    except EndplateError as error:
        told = str(error)
    else:
        told = ""
    assert "\n" not in told
    if told:
        return
    assert findings == check(plan, jurisdiction=place)
    for one in findings:
        assert one.severity in SEVERITIES and one.sources and one.text and "\n" not in one.text
        assert set(one.where.injections) <= {
            site.id for session in plan.sessions for site in session.injections
        }
    words = [*plan.patient.conditions, *plan.patient.medicines, *plan.patient.allergies]
    told = " ".join(one.found for one in findings)
    assert all(word in told for word in words if word not in indications())
