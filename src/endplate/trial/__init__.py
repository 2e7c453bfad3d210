"""In whom: trials on paper. A design becomes arms of simulated people, their endpoints by arm, power.

`read_design` and `parse_design` give a checked `Design` or one error with one line; `run_trial` runs it.
"""

from __future__ import annotations

from endplate.trial.design import Design
from endplate.trial.read import design_from_dict, design_json_schema, parse_design, read_design
from endplate.trial.records import SCHEMA

__all__ = [
    "SCHEMA",
    "Design",
    "design_from_dict",
    "design_json_schema",
    "parse_design",
    "read_design",
]
