"""Short cuts of the laws."""

from __future__ import annotations

from typing import Any

from endplate.anatomy import default_face, place
from endplate.model.setup import Setup, prepare


def prepared(plan: Any, days: int = 365) -> Setup:
    """A plan placed on the average face of its patient."""
    face = default_face(plan.patient.sex, plan.patient.age)
    return prepare(plan, face, place(plan, face), days)
