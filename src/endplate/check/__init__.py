"""Is it allowed, is it sensible: findings about a plan, triage before one, preparation of the vial, statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from endplate.check.finding import SEVERITIES, Finding, Severity, Where

if TYPE_CHECKING:
    from endplate.check.engine import check

_HOME = {"check": "endplate.check.engine"}

__all__ = ["SEVERITIES", "Finding", "Severity", "Where", "check"]


def __getattr__(name: str) -> object:
    """The verbs load on first use: each is a part of its own."""
    if name not in _HOME:
        raise AttributeError(f"module 'endplate.check' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
