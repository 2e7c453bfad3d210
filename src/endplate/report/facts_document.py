"""Judged statements as published JSON: `endplate/facts/1`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from endplate.catalogue import catalogue
from endplate.catalogue.statements import TOPICS, VERDICTS, Backing
from endplate.check.facts import Fact, tally
from endplate.check.facts_record import Shown
from endplate.model.export import _number as rounded
from endplate.model.schema import NUMBER, TEXT, _list, _object
from endplate.notice import BANNER

SCHEMA = "endplate/facts/1"
_WHOLE = {"type": "integer", "minimum": 0}
_VERDICT = {"enum": list(VERDICTS)}
_FLAG = {"type": "boolean"}
_JUDGES, _ILLUSTRATES = "demonstration", "illustration"


def facts_document(found: Sequence[Fact], versions: Mapping[str, Any]) -> dict[str, Any]:
    """`endplate/facts/1`; `simulation` is null where none was run."""
    return {
        "schema": SCHEMA,
        "notice": BANNER,
        "versions": dict(versions),
        "counts": dict(tally(found)),
        "statements": [_statement(one) for one in found],
    }


def _statement(fact: Fact) -> dict[str, Any]:
    said = fact.statement
    return {
        "id": said.id,
        "topic": said.topic,
        "statement": said.statement,
        "verdict": said.verdict,
        "short": said.short,
        "why": said.why,
        "judged": said.judged.isoformat(),
        "evidence": [_backing(one) for one in said.evidence],
        "shown_by": said.shown_by,
        "not_shown": said.not_shown,
        "see": said.see,
        "simulation": None if fact.shown is None else _simulation(fact.shown, fact.agrees),
    }


def _backing(one: Backing) -> dict[str, Any]:
    source = catalogue().source(one.source)
    return {
        "source": one.source,
        "citation": source.citation,
        "address": source.address,
        "dated": one.dated,
        "checked": one.checked,
        "says": one.says,
    }


def _simulation(shown: Shown, agrees: bool | None) -> dict[str, Any]:
    """kind: whether its numbers judge; an illustration has neither a verdict nor `agrees`."""
    return {
        "id": shown.id,
        "title": shown.title,
        "kind": _JUDGES if shown.judges else _ILLUSTRATES,
        "verdict": shown.verdict,
        "agrees": agrees,
        "sentence": shown.sentence,
        "values": [
            {"key": one.key, "name": one.name, "value": rounded(one.value), "unit": one.unit or "1"}
            for one in shown.values
        ],
        "note": shown.note,
    }


def facts_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `endplate facts --json` prints."""
    maybe = {"anyOf": [TEXT, {"type": "null"}]}
    backing = _object(
        {
            "source": TEXT,
            "citation": TEXT,
            "address": TEXT,
            "dated": TEXT,
            "checked": _FLAG,
            "says": TEXT,
        }
    )
    value = _object({"key": TEXT, "name": TEXT, "value": NUMBER, "unit": TEXT})
    simulation = _object(
        {
            "id": TEXT,
            "title": TEXT,
            "kind": {"enum": [_JUDGES, _ILLUSTRATES]},
            "verdict": {"enum": [*VERDICTS, None]},
            "agrees": {"enum": [True, False, None]},
            "sentence": TEXT,
            "values": _list(value),
            "note": TEXT,
        }
    )
    statement = _object(
        {
            "id": TEXT,
            "topic": {"enum": list(TOPICS)},
            "statement": TEXT,
            "verdict": _VERDICT,
            "short": TEXT,
            "why": TEXT,
            "judged": {"type": "string", "format": "date"},
            "evidence": {**_list(backing), "minItems": 1},
            "shown_by": maybe,
            "not_shown": maybe,
            "see": TEXT,
            "simulation": {"anyOf": [simulation, {"type": "null"}]},
        }
    )
    body = {
        "schema": {"const": SCHEMA},
        "notice": TEXT,
        "versions": {"type": "object"},
        "counts": _object(dict.fromkeys(VERDICTS, _WHOLE)),
        "statements": _list(statement),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "endplate facts",
        **_object(body),
    }
