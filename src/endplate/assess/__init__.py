"""One question about one plan: the public verbs that command line, page and report call."""

from __future__ import annotations

from endplate.assess.course import (
    Contribution,
    Explanation,
    operators_of,
    prepared,
    sensitivity,
    simulate,
    why,
    with_bands,
    with_face,
)

__all__ = [
    "Contribution",
    "Explanation",
    "operators_of",
    "prepared",
    "sensitivity",
    "simulate",
    "why",
    "with_bands",
    "with_face",
]
