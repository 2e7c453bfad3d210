"""One question about one plan: the public verbs that command line, page and report call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from endplate.assess.course import (
    Contribution,
    Explanation,
    brought_to,
    operators_of,
    prepared,
    sensitivity,
    simulate,
    with_bands,
    with_face,
)

if TYPE_CHECKING:
    from endplate.assess.differences import compare
    from endplate.assess.reasons import replay, why
    from endplate.assess.risks import assess, risk

_HOME = {
    "assess": "endplate.assess.risks",
    "compare": "endplate.assess.differences",
    "replay": "endplate.assess.reasons",
    "risk": "endplate.assess.risks",
    "why": "endplate.assess.reasons",
}

__all__ = [
    "Contribution",
    "Explanation",
    "assess",
    "brought_to",
    "compare",
    "operators_of",
    "prepared",
    "replay",
    "risk",
    "sensitivity",
    "simulate",
    "why",
    "with_bands",
    "with_face",
]


def __getattr__(name: str) -> object:
    """The verbs about risk load on first use: a course alone does not need them."""
    if name not in _HOME:
        raise AttributeError(f"module 'endplate.assess' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
