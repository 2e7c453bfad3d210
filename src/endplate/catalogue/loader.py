"""Reads the tables of the catalogue, strictly: one TOML file each, one list of records in each file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from endplate.catalogue.records import Record
from endplate.errors import CatalogueError

R = TypeVar("R", bound=Record)


def read_table(path: Path, key: str, kind: type[R]) -> dict[str, R]:
    """All records of one file, by id, in the order of the file.

    Args:
        path: the TOML file; it holds `[[key]]` tables and nothing else.
        kind: the record class; its `id` must be unique in the file.

    Raises:
        CatalogueError: the file cannot be read, is not TOML, holds something else, or an entry breaks its record.
    """
    entries = _entries(path, key)
    records: dict[str, R] = {}
    for number, entry in enumerate(entries, start=1):
        name = entry.get("id") if isinstance(entry, dict) else None
        where = f"{path.name}, {key} `{name}`" if name else f"{path.name}, {key} number {number}"
        try:
            record = kind.model_validate(entry)
        except ValidationError as error:
            raise _shape_error(where, error) from None
        identifier = str(getattr(record, "id"))  # noqa: B009  (every table record has one)
        if identifier in records:
            raise CatalogueError(
                f"{where}: the id stands twice.", "An id names one entry.", "Rename or merge one."
            )
        records[identifier] = record
    return records


def _entries(path: Path, key: str) -> list[object]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name} cannot be read ({type(error).__name__}).") from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path.name} is not valid TOML: {error}.") from None
    strangers = [name for name in content if name != key]
    entries = content.get(key)
    if strangers or not isinstance(entries, list):
        shown = f"`{strangers[0]}`" if strangers else f"no `[[{key}]]`"
        raise CatalogueError(f"{path.name} holds {shown}.", f"It may hold `[[{key}]]` tables only.")
    return entries


def _shape_error(where: str, error: ValidationError) -> CatalogueError:
    """One line from pydantic's report: the first fault, and how many more there are."""
    faults = error.errors(include_url=False, include_context=False)
    first = faults[0]
    field = ".".join(str(part) for part in first["loc"]) or "entry"
    found = first.get("input")
    shown = "" if first["type"] == "missing" or isinstance(found, dict | list) else f" (found `{found}`)"
    more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
    return CatalogueError(f"{where}: `{field}`: {first['msg']}{shown}.{more}")
