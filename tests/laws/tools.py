"""Short cuts of the laws."""

from __future__ import annotations

from typing import Any

from endplate.model import simulate
from endplate.model.setup import Setup


def prepared(plan: Any, days: int = 365) -> Setup:
    """A plan placed on the average face of its patient."""
    return simulate.prepared(plan, None, days)
