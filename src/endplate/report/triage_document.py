"""What triage found as published JSON, `endplate/triage/1`. Whether something is urgent stands first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from endplate.catalogue import catalogue
from endplate.catalogue.triage import URGENCIES
from endplate.model.schema import TEXT, _list, _object
from endplate.notice import BANNER

if TYPE_CHECKING:
    from endplate.catalogue.indications import Level
    from endplate.catalogue.records import Source
    from endplate.catalogue.triage import Alternative, Rule
    from endplate.check.triage import Advice, Judged, Triage

SCHEMA = "endplate/triage/1"
BOOLEAN = {"type": "boolean"}
_AMOUNT = r"\d[\d.,]*"
_DOSE = re.compile(
    rf"{_AMOUNT}(?:\s*(?:-|\u2013|/|,|to|and|or)\s*{_AMOUNT})*\s*(?:U|units?|mg|mL)\b", re.IGNORECASE
)
MAYBE_TEXT = {"type": ["string", "null"]}


def triage_document(found: Triage) -> dict[str, Any]:
    """`endplate/triage/1`."""
    from endplate import __version__
    from endplate.check.triage import LIMITS

    return {
        "schema": SCHEMA,
        "emergency": found.emergency,
        "urgency": found.referrals[0].urgency if found.referrals else None,
        "notice": BANNER,
        "title": found.title,
        "verdict": found.verdict,
        "first": list(found.first),
        "avoid": list(found.avoid),
        "referrals": [_advice(one) for one in found.referrals],
        "complaints": [_judged(one) for one in found.complaints],
        "sources": [_source(one) for one in found.sources],
        "unchecked": list(found.unchecked),
        "asked": found.asked.isoformat(),
        "sessions_left_aside": found.sessions_left_aside,
        "versions": {"endplate": __version__, "catalogue": catalogue().version},
        "limits": list(LIMITS),
    }


def _advice(one: Advice) -> dict[str, Any]:
    return {"to": one.to, "urgency": one.urgency, "why": one.why, "rule": one.rule}


def _judged(one: Judged) -> dict[str, Any]:
    return {
        "indication": one.use.id,
        "name": one.use.name,
        "written": one.written,
        "side": one.side,
        "simulated": one.use.simulated,
        "verdict": one.verdict,
        "urgency": one.urgency,
        "red_flags": list(one.red_flags),
        "told": list(one.told),
        "reasons": [{**_rule(rule), "because": list(one.because[rule.id])} for rule in one.reasons],
        "questions": list(one.questions),
        "first": list(one.first),
        "avoid": list(one.avoid),
        "referrals": [_advice(each) for each in one.referrals],
        "alternatives": [_other(each) for each in one.others],
        "comfort": [_other(each) for each in one.comfort],
        "evidence": [_level(each) for each in one.use.evidence],
        "outside_evidence": list(one.gaps),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "verdict": rule.verdict,
        "reason": rule.reason,
        "sources": [rule.source, *rule.more_sources],
        "checked": rule.checked,
        "note": rule.note,
    }


def _other(one: Alternative) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "why": one.why,
        "sources": [one.source, *one.more_sources],
        "checked": one.checked,
        "note": one.note,
    }


def _level(one: Level) -> dict[str, Any]:
    return {
        "statement": one.statement,
        "level": one.level,
        "by": one.by,
        "product": one.product,
        "as_of": str(one.as_of),
        "reaffirmed": one.reaffirmed,
        "retired": None if one.retired is None else str(one.retired),
        "source": one.source,
        "checked": one.checked,
        "note": one.note,
    }


def _source(one: Source) -> dict[str, Any]:
    return {"id": one.id, "citation": without_dose(one.citation), "address": one.address, "read": one.read}


def without_dose(citation: str) -> str:
    """A title without the amounts it may hold: nothing that triage prints is a dose.

    >>> without_dose("Masseter, 48 and 72 U against placebo")
    'Masseter, (dose) against placebo'
    """
    return _DOSE.sub("(dose)", citation)


def triage_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `endplate triage --json` prints."""
    urgency = {"enum": list(URGENCIES)}
    advice = _list(_object({"to": TEXT, "urgency": urgency, "why": TEXT, "rule": TEXT}))
    texts = _list(TEXT)
    head = {
        "schema": {"const": SCHEMA},
        "emergency": BOOLEAN,
        "urgency": {"enum": [*URGENCIES, None]},
        "notice": TEXT,
        "title": TEXT,
        "verdict": TEXT,
        "first": texts,
        "avoid": texts,
        "referrals": advice,
        "complaints": _list(_complaint_schema(advice, texts)),
        "sources": _list(_object(dict.fromkeys(("id", "citation", "address", "read"), TEXT))),
        "unchecked": texts,
        "asked": {"type": "string", "format": "date"},
        "sessions_left_aside": {"type": "integer", "minimum": 0},
        "versions": {"type": "object"},
        "limits": texts,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{SCHEMA}.schema.json",
        "title": "endplate triage",
        **_object(head),
    }


def _complaint_schema(advice: dict[str, Any], texts: dict[str, Any]) -> dict[str, Any]:
    cited = {"sources": {**texts, "minItems": 1}, "checked": BOOLEAN, "note": TEXT}
    other = _list(_object({**dict.fromkeys(("id", "name", "kind", "why"), TEXT), **cited}))
    level = {
        **dict.fromkeys(("statement", "level", "by", "as_of", "source", "note"), TEXT),
        "product": MAYBE_TEXT,
        "reaffirmed": {"type": ["integer", "null"]},
        "retired": MAYBE_TEXT,
        "checked": BOOLEAN,
    }
    return _object(
        {
            **dict.fromkeys(("indication", "name", "written", "verdict"), TEXT),
            "side": {"enum": ["left", "right", "midline", None]},
            "simulated": BOOLEAN,
            "urgency": {"enum": [*URGENCIES, None]},
            "red_flags": texts,
            "told": texts,
            "reasons": _list(
                _object({"rule": TEXT, "verdict": MAYBE_TEXT, "reason": TEXT, "because": texts, **cited})
            ),
            "questions": texts,
            "first": texts,
            "avoid": texts,
            "referrals": advice,
            "alternatives": other,
            "comfort": other,
            "evidence": _list(_object(level)),
            "outside_evidence": texts,
        }
    )
