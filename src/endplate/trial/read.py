"""Doors into the trial room: a file, a text or a tree becomes a checked `Design`, or one error with one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from endplate.plan.complaints import shown
from endplate.plan.parse import Format, _json, _toml, decode
from endplate.plan.place import at as in_file
from endplate.plan.place import clean
from endplate.plan.read import _bytes, file_format
from endplate.trial.complaints import PAGE, as_design, complaint
from endplate.trial.design import Design
from endplate.trial.errors import TrialError
from endplate.trial.records import SCHEMA, DesignEntry
from endplate.trial.resolve import resolve

_NAME, _, _VERSION = SCHEMA.rpartition("/")


def read_design(path: str | Path) -> Design:
    """Read a design file, TOML or JSON by its ending.

    Raises:
        TrialError: no such file, unreadable, not a design, or content that does not fit.
        CatalogueError: a name that the catalogue does not hold.
        Both begin with the file's name.
    """
    with in_file(clean(str(path), 200)):
        with as_design():
            kind = file_format(path)
            content = _bytes(Path(path))
        return parse_design(content, kind)


def parse_design(text: str | bytes, format: Format = "toml") -> Design:  # noqa: A002
    """The design in a text. Errors as in `read_design`."""
    if format not in ("toml", "json"):
        raise TrialError(f"Unknown format `{clean(str(format))}`.", "A design is TOML or JSON.", "")
    with as_design():
        decoded = decode(text)
        if format == "json" and decoded.lstrip()[:1] not in ("{", ""):
            raise TrialError("the file is not a JSON table.", "", f'Begin with {{"schema": "{SCHEMA}", …')
        tree = _toml(decoded) if format == "toml" else _json(decoded)
    return _from_tree(tree)


def design_from_dict(tree: Mapping[str, Any]) -> Design:
    """The design in a tree of plain values: what a design file holds, or `Design.to_dict` makes."""
    if not isinstance(tree, Mapping):
        raise TrialError("a design is a table.", "", f"Give a dict with the keys of {PAGE}.")
    return _from_tree(dict(tree))


def _from_tree(tree: dict[str, Any]) -> Design:
    check_schema(tree)
    try:
        entry = DesignEntry.model_validate(tree)
    except ValidationError as error:
        raise complaint(error) from None
    return resolve(entry)


def check_schema(tree: dict[str, Any]) -> None:
    """Raise unless the tree says that it is a design of the version that this program reads."""
    line = f'schema = "{SCHEMA}"'
    reads = f"This version reads {SCHEMA}."
    if "schema" not in tree:
        raise TrialError("schema is missing.", reads, f"Begin the file with {line}.")
    schema = tree["schema"]
    match = re.fullmatch(re.escape(_NAME) + r"/([0-9]{1,9})", schema) if isinstance(schema, str) else None
    if match is None:
        raise TrialError(f"schema is {shown(schema)}.", reads, f"Write {line}.")
    if int(match.group(1)) > int(_VERSION):
        raise TrialError(f"schema {schema} is newer than this program.", reads, "Upgrade endplate.")
    if schema != SCHEMA:
        raise TrialError(f"there is no schema {clean(schema)}.", reads, f"Write {line}.")


def design_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what may stand in a design file.

    The schema tells keys, types and ranges. Names, shares and days are checked on reading.
    """
    schema = DesignEntry.model_json_schema(by_alias=True)
    schema["required"] = sorted({*schema.get("required", []), "schema"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{SCHEMA}.schema.json",
        **schema,
        "title": "endplate trial design",
    }
