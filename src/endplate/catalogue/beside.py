"""The tables of rules beside the catalogue proper: labels, uses, targets, conditions, rules of this project, zones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from endplate.catalogue.conditions import conditions
from endplate.catalogue.house import house_rules, zones
from endplate.catalogue.indications import indications
from endplate.catalogue.labels import all_labels, rule_id, use_id
from endplate.catalogue.records import Record
from endplate.catalogue.statements import statements
from endplate.catalogue.syringes import syringes
from endplate.catalogue.targets import targets
from endplate.catalogue.triage import alternatives, triage_rules

KINDS = ("labels", "indications", "targets", "conditions", "checks", "zones")


def table_beside(kind: str) -> Mapping[str, Record]:
    """One of `KINDS`, by id."""
    tables = {
        "labels": all_labels,
        "indications": indications,
        "targets": targets,
        "conditions": conditions,
        "checks": house_rules,
        "zones": zones,
    }
    return tables[kind]()


def row_beside(kind: str, record: Record) -> dict[str, Any]:
    """A record as a plain row; a label also tells its date in words and how many of its rules were not read."""
    row = record.model_dump(mode="json")
    if kind == "labels":
        rules = [*row["rule"], *row["use"]]
        row |= {
            "dated": getattr(record, "dated"),  # noqa: B009
            "rules": len(row["rule"]),
            "unread": sum(not one["checked"] for one in rules),
        }
    return row


@lru_cache(maxsize=1)
def entries_beside() -> Mapping[str, Record]:
    """What `endplate cite` finds here: labels, their rules and uses, house rules and zones, as findings name them."""
    found: dict[str, Record] = {**statements(), **triage_rules(), **alternatives(), **syringes()}
    found |= {**indications(), **targets(), **conditions()}
    for label in all_labels().values():
        found[label.id] = label
        found |= {rule_id(label, rule): rule for rule in label.rule}
        found |= {use_id(label, use): use for use in label.use}
    found |= {f"house.{name}": rule for name, rule in house_rules().items()}
    found |= {f"zone.{name}": zone for name, zone in zones().items()}
    return found
