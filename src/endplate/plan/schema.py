"""The published JSON Schema of plan files."""

from __future__ import annotations

from typing import Any

from endplate.catalogue.targets import targets
from endplate.plan.case import Case
from endplate.plan.concern import NO_SIGN, OTHERS
from endplate.plan.records import SCHEMA, PlanEntry

_SITE_FORMS = [["pattern", "site"], ["landmark"], ["at_mm"], ["along"]]


def plan_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what may stand in a plan file; TOML dates count as their text.

    The schema tells keys, types, ranges and site forms. Names, sides and vials are checked on reading.
    """
    schema = PlanEntry.model_json_schema(by_alias=True)
    _complaints(schema)
    _site_forms(schema)
    schema["required"] = sorted({*schema.get("required", []), "schema"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{SCHEMA}.schema.json",
        **schema,
        "title": "endplate plan",
    }


def case_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what may stand in a case file: a plan with complaints, sessions not needed."""
    schema = Case.model_json_schema(by_alias=True)
    _complaints(schema)
    _site_forms(schema)
    schema["required"] = sorted({*schema.get("required", []), "schema", "complaint"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{SCHEMA}.case.schema.json",
        **schema,
        "title": "endplate case",
    }


def _site_forms(schema: dict[str, Any]) -> None:
    """What an injection and a session must tell."""
    # not oneOf: a pattern site may repeat its own landmark or along
    placeless = {"required": ["muscle"], "properties": {"muscle": {"enum": list(targets())}}}
    schema["$defs"]["InjectionEntry"]["anyOf"] = [*({"required": form} for form in _SITE_FORMS), placeless]
    complete = ["product", "indication", "injections"]
    schema["$defs"]["SessionEntry"]["anyOf"] = [{"required": ["pattern"]}, {"required": complete}]


def _complaints(schema: dict[str, Any]) -> None:
    """One table may stand without a list; the closed list of signs, which the catalogue keeps, becomes part of it."""
    from endplate.catalogue.triage import signs

    word = {"enum": [*signs(), NO_SIGN]}
    fields = schema["$defs"]["Complaint"]["properties"]
    fields["signs"]["anyOf"] = [word, {"type": "array", "items": word, "maxItems": 50}]
    absent = {"enum": [*signs(), OTHERS]}
    fields["signs_absent"]["anyOf"] = [absent, {"type": "array", "items": absent, "maxItems": 50}]
    for place, name in ((schema["properties"], "complaint"), (fields, "severity")):
        found = place[name]  # pydantic calls the bound of a list behind a validator its length
        several = {"type": found.pop("type"), "items": found.pop("items"), "maxItems": found.pop("maxLength")}
        found["anyOf"] = [several["items"], several]
