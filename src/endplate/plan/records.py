"""The plan itself: who, and which sessions. A `Plan` that exists is consistent: its making checks it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from endplate.plan.checks import check_plan
from endplate.plan.concern import Complaints, check_complaints
from endplate.plan.patient import Patient
from endplate.plan.session import Session, SessionEntry
from endplate.plan.values import Name, Text

SCHEMA = "endplate/plan/1"


class PlanHead(BaseModel, frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True):
    """What a plan says apart from its sessions."""

    schema_: Literal["endplate/plan/1"] = Field(
        default=SCHEMA, alias="schema", description="format and its version"
    )
    title: Name = "untitled"
    note: Text | None = None
    patient: Patient
    complaint: Complaints = Field(default=(), description="what the person comes for; needed by triage only")


class PlanEntry(PlanHead, frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True):
    """A plan as a person writes it in a file."""

    sessions: Annotated[tuple[SessionEntry, ...], Field(min_length=1, max_length=500)]


class Plan(PlanHead, frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True):
    """A plan in which everything is known: patterns written out, volumes and sides filled, names looked up.

    Raises:
        PlanError, CatalogueError: when the content does not fit together (see docs/plan-file.md).
    """

    sessions: Annotated[tuple[Session, ...], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _consistent(self) -> Plan:
        check_plan(self.patient, self.sessions)
        check_complaints(self.complaint)
        return self
