"""The published JSON Schemas by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from endplate.errors import CatalogueError

#: name -> module and function that make it
_HOMES = {
    "plan": ("endplate.plan", "plan_json_schema"),
    "case": ("endplate.plan", "case_json_schema"),
    "course": ("endplate.report.findings", "course_schema"),
    "check": ("endplate.report.findings", "check_schema"),
    "triage": ("endplate.report.triage_document", "triage_json_schema"),
    "preparation": ("endplate.report.prepare_document", "preparation_json_schema"),
    "facts": ("endplate.report.facts_document", "facts_json_schema"),
    "sensitivity": ("endplate.report.sensitivity_document", "sensitivity_json_schema"),
    "trial": ("endplate.trial", "design_json_schema"),
    "trial-result": ("endplate.trial.document", "trial_result_json_schema"),
    "dossier": ("endplate.fit.dossier.schema", "dossier_json_schema"),
}
_ANSWERS = ("risk", "why", "replay", "compare")


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of a file format; CatalogueError for an unknown name."""
    if kind in _ANSWERS:
        from endplate.report.risk_schema import answer_schema

        return answer_schema(kind)
    if kind not in _HOMES:
        names = [*_HOMES, *_ANSWERS]
        raise CatalogueError(
            f"Unknown schema `{kind[:60]}`.",
            f"There are {', '.join(names[:-1])} and {names[-1]}.",
            "Try: endplate schema plan",
        )
    module, function = _HOMES[kind]
    return getattr(import_module(module), function)()
