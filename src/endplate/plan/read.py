"""Doors into the plan room: a file, a text or a tree becomes a checked `Plan`, or one error with one line."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from endplate.errors import PlanError
from endplate.plan.complaints import complaint
from endplate.plan.concern import check_complaints
from endplate.plan.parse import LARGEST_BYTES, Format, check_schema, parse_tree
from endplate.plan.place import at, clean
from endplate.plan.records import Plan, PlanEntry
from endplate.plan.resolve import resolve


def read_plan(path: str | Path) -> Plan:
    """Read a plan file, TOML or JSON by its ending.

    Raises:
        PlanError: no such file, unreadable, not a plan, or content that does not fit.
        CatalogueError: a name that the catalogue does not hold.
        Both begin with the file's name.
    """
    with at(clean(str(path), 200)):
        kind = file_format(path)
        return parse_plan(_bytes(Path(path)), kind)


def parse_plan(text: str | bytes, format: Format = "toml") -> Plan:  # noqa: A002
    """The plan in a text. Errors as in `read_plan`."""
    return _from_tree(parse_tree(text, format))


def plan_from_dict(tree: Mapping[str, Any]) -> Plan:
    """The plan in a tree of plain values: what a plan file holds, or `plan_to_dict` makes."""
    if not isinstance(tree, Mapping):
        raise PlanError("a plan is a table.", "", "Give a dict as plan_to_dict makes it.")
    check_schema(dict(tree))
    return _from_tree(dict(tree))


def _from_tree(tree: dict[str, Any]) -> Plan:
    try:
        entry = PlanEntry.model_validate(tree)
        return with_complaints(resolve(entry), entry)
    except ValidationError as error:
        raise complaint(error) from None


def with_complaints(plan: Plan, entry: PlanEntry) -> Plan:
    """The plan with the complaints of its entry, checked; they need nothing filled in."""
    check_complaints(entry.complaint)
    return plan.model_copy(update={"complaint": entry.complaint}) if entry.complaint else plan


def file_format(path: str | Path) -> Format:
    """TOML or JSON, by the ending of the file's name."""
    ending = Path(path).suffix.lower()
    if ending == ".toml":
        return "toml"
    if ending == ".json":
        return "json"
    if Path(path).is_dir():
        raise PlanError("this is a folder.", "", "Give the path of a plan file (.toml or .json).")
    found = (
        f"the ending `{clean(ending)}` is not that of a plan file." if ending else "the name has no ending."
    )
    raise PlanError(found, "A plan file ends in .toml or .json.", "Rename it.")


def _bytes(path: Path) -> bytes:
    """Content of a regular file, of a too large one only so much that its size can be told."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PlanError("this is not a file.", "", "Give the path of a .toml or .json file.")
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise PlanError("there is no such file.", "", "Check the path.") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a zero character
        reason = getattr(error, "strerror", None) or "bad path"
        raise PlanError(f"the file cannot be read ({reason}).", "", "Check path and permissions.") from None
