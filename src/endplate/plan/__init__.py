"""What is proposed: a person, sessions on dates, injections with a place, a depth, units and a volume.

`read_plan` and `parse_plan` give a checked `Plan` or one error with one line. File format: docs/plan-file.md.
"""

from __future__ import annotations

from endplate.plan.case import Case, parse_case, read_case
from endplate.plan.change import doses, mirror_plan, muscle_sides, scale_units, scale_volumes, session_dose
from endplate.plan.concern import Complaint, Earlier, Severity
from endplate.plan.patient import Baseline, Palsy, Patient, Spasm, Squint, Synkinesis
from endplate.plan.read import parse_plan, plan_from_dict, read_plan
from endplate.plan.records import SCHEMA, Plan
from endplate.plan.schema import case_json_schema, plan_json_schema
from endplate.plan.session import Injection, Operator, Reconstitution, Session
from endplate.plan.write import plan_to_dict, plan_to_json, plan_to_toml, write_plan

__all__ = [
    "SCHEMA",
    "Baseline",
    "Case",
    "Complaint",
    "Earlier",
    "Injection",
    "Operator",
    "Palsy",
    "Patient",
    "Plan",
    "Reconstitution",
    "Session",
    "Severity",
    "Spasm",
    "Squint",
    "Synkinesis",
    "case_json_schema",
    "doses",
    "mirror_plan",
    "muscle_sides",
    "parse_case",
    "parse_plan",
    "plan_from_dict",
    "plan_json_schema",
    "plan_to_dict",
    "plan_to_json",
    "plan_to_toml",
    "read_case",
    "read_plan",
    "scale_units",
    "scale_volumes",
    "session_dose",
    "write_plan",
]
