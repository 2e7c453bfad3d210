"""Doors out of the plan room: a plan as tree, TOML or JSON. Reading it back gives an equal plan.

TOML is written here, because the standard library only reads it and a plan needs few of its forms. A number
is its shortest exact decimal (`repr`), so that it survives the way TOML -> JSON -> TOML unchanged.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from endplate.errors import PlanError
from endplate.plan.place import at, clean
from endplate.plan.read import file_format
from endplate.plan.records import Plan

_FIRST = ("id", "date", "given", "indication", "product")  # told first in their table
_FROM_PATTERN = ("landmark", "offset_mm", "along")  # a pattern site has these from the catalogue
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """The plan as a plan file holds it, in JSON's types (dates as text). Blanks are left out."""
    return _plain(_tree(plan))


def plan_to_json(plan: Plan) -> str:
    """The plan as JSON text."""
    return json.dumps(plan_to_dict(plan), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def plan_to_toml(plan: Plan) -> str:
    """The plan as TOML text."""
    return "\n".join(_table(_tree(plan), "")) + "\n"


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan file, TOML or JSON by its ending; an existing file is replaced whole or not at all.

    Raises:
        PlanError: another ending, or a place that cannot be written.
    """
    with at(clean(str(path), 200)):
        text = plan_to_toml(plan) if file_format(path) == "toml" else plan_to_json(plan)
        _replace(Path(path), text.encode("utf-8"))


def _replace(path: Path, content: bytes) -> None:
    aside = path.parent / f".endplate-{secrets.token_hex(8)}"
    try:
        # Made with the permissions that the process gives to new files: only asking for them spares changing its mask.
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(aside, path)
    except (OSError, ValueError) as error:
        with suppress(OSError, ValueError):
            aside.unlink()
        reason = getattr(error, "strerror", None) or "bad path"
        found = f"the file cannot be written ({reason})."
        raise PlanError(found, "", "Check folder and permissions.") from None


def _tree(plan: Plan) -> dict[str, Any]:
    """The plan as plain values without blanks; a pattern site without what its pattern says."""
    tree = _without_blanks(plan.model_dump(by_alias=True))
    for session in tree["sessions"]:
        for key in ("pattern", "indication"):
            if len(session.get(key, ())) == 1:
                session[key] = session[key][0]
        for injection in session["injections"]:
            if "pattern" in injection:
                for key in _FROM_PATTERN:
                    injection.pop(key, None)
        session["injections"] = [_first(injection) for injection in session["injections"]]
    tree["sessions"] = [_first(session) for session in tree["sessions"]]
    return tree


def _first(table: dict[str, Any]) -> dict[str, Any]:
    return {key: table[key] for key in (*_FIRST, *table) if key in table}


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        cleaned = {key: _without_blanks(inner) for key, inner in value.items()}
        return {key: inner for key, inner in cleaned.items() if inner is not None and inner != []}
    if isinstance(value, tuple):
        return [_without_blanks(inner) for inner in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _table(table: dict[str, Any], path: str) -> list[str]:
    """Lines of one TOML table: its own values first, then the tables inside it."""
    inner = {key: value for key, value in table.items() if _is_table(value)}
    lines = [f"{key} = {_value(value)}" for key, value in table.items() if key not in inner]
    for key, value in inner.items():
        name = f"{path}.{key}" if path else key
        opening = f"[{name}]" if isinstance(value, dict) else f"[[{name}]]"
        for one in [value] if isinstance(value, dict) else value:
            lines += ["", opening, *_table(one, name)]
    return lines


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{_escaped(value)}"'
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    return repr(value)


def _escaped(text: str) -> str:
    return "".join(
        _ESCAPES.get(letter) or (letter if letter >= " " and letter != "\x7f" else f"\\u{ord(letter):04x}")
        for letter in text
    )
