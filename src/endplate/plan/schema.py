"""The published JSON Schema of plan files."""

from __future__ import annotations

from typing import Any

from endplate.plan.records import SCHEMA, PlanEntry

_SITE_FORMS = [["pattern", "site"], ["landmark"], ["at_mm"], ["along"]]


def plan_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what may stand in a plan file; TOML dates count as their text.

    The schema tells keys, types, ranges and site forms. Names, sides and vials are checked on reading.
    """
    schema = PlanEntry.model_json_schema(by_alias=True)
    # not oneOf: a pattern site may repeat its own landmark or along
    schema["$defs"]["InjectionEntry"]["anyOf"] = [{"required": form} for form in _SITE_FORMS]
    complete = ["product", "indication", "injections"]
    schema["$defs"]["SessionEntry"]["anyOf"] = [{"required": ["pattern"]}, {"required": complete}]
    schema["required"] = sorted({*schema.get("required", []), "schema"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{SCHEMA}.schema.json",
        **schema,
        "title": "endplate plan",
    }
