"""endplate: treatment planning for botulinum toxin, from the needle to the force of every muscle.

For research, teaching and trial design; not a medical device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from endplate.anatomy import default_face, place, sample_individual
    from endplate.assess import assess, brought_to, compare, replay, risk, sensitivity, simulate, why
    from endplate.check import Finding
    from endplate.check.prepare import prepare
    from endplate.check.triage import triage
    from endplate.errors import EndplateError
    from endplate.model.course import Course
    from endplate.plan import Plan, parse_plan, read_case, read_plan, write_plan
    from endplate.report import write_report

_HOME = {
    "assess": "endplate.assess",
    "brought_to": "endplate.assess",
    "compare": "endplate.assess",
    "replay": "endplate.assess",
    "risk": "endplate.assess",
    "Course": "endplate.model.course",
    "EndplateError": "endplate.errors",
    "Finding": "endplate.check",
    "Plan": "endplate.plan",
    "default_face": "endplate.anatomy",
    "parse_plan": "endplate.plan",
    "place": "endplate.anatomy",
    "prepare": "endplate.check.prepare",
    "read_case": "endplate.plan",
    "read_plan": "endplate.plan",
    "sample_individual": "endplate.anatomy",
    "sensitivity": "endplate.assess",
    "simulate": "endplate.assess",
    "triage": "endplate.check.triage",
    "why": "endplate.assess",
    "write_plan": "endplate.plan",
    "write_report": "endplate.report",
}

__all__ = [  # noqa: RUF022  (told in the order of a treatment)
    "read_case",
    "triage",
    "Plan",
    "read_plan",
    "parse_plan",
    "write_plan",
    "default_face",
    "sample_individual",
    "place",
    "Finding",
    "prepare",
    "simulate",
    "assess",
    "brought_to",
    "risk",
    "why",
    "replay",
    "compare",
    "sensitivity",
    "Course",
    "write_report",
    "EndplateError",
]


def __getattr__(name: str) -> object:
    """Public names load on first use, so that `import endplate` and `--help` stay quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'endplate' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
