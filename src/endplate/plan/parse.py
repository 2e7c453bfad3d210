"""From the bytes of a plan file to a tree of plain values, whatever the bytes are."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, Literal

from endplate.errors import PlanError
from endplate.plan.complaints import shown
from endplate.plan.place import clean
from endplate.plan.records import SCHEMA

Format = Literal["toml", "json"]
LARGEST_BYTES = 5_000_000
# tomllib's time grows with the square of a dotted key: one of thousands of parts would hold it up for hours
_LONG_KEY = re.compile(r"""(?<![\w.-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){40}""")
_NAME, _, _VERSION = SCHEMA.rpartition("/")


def parse_tree(text: str | bytes, kind: Format) -> dict[str, Any]:
    """The tables of a plan of this schema version, values not yet checked.

    Raises:
        PlanError: empty, too large, binary, not UTF-8, not TOML or JSON, nested too deeply, another schema.
    """
    decoded = decode(text)
    if kind == "toml":
        tree = _toml(decoded)
    elif kind == "json":
        tree = _json(decoded)
    else:
        raise PlanError(f"Unknown format `{clean(str(kind))}`.", "A plan is TOML or JSON.", "")
    check_schema(tree)
    return tree


def decode(text: str | bytes) -> str:
    """Text without byte order mark; refuses what cannot be a plan."""
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogatepass")
    if len(text) > LARGEST_BYTES:
        raise PlanError(
            f"the file is too large: {len(text) / 1e6:.1f} MB.",
            f"A plan has at most {LARGEST_BYTES / 1e6:.0f} MB.",
            "Is it a plan file?",
        )
    if b"\x00" in text:
        raise PlanError("the file is binary.", "A plan is text, TOML or JSON in UTF-8.", "Is it a plan file?")
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"the file is not UTF-8 text (byte {error.start})."
        raise PlanError(found, "", "Save it as UTF-8.") from None
    if not decoded.strip():
        raise PlanError("the file is empty.", "", "docs/plan-file.md has an example.")
    return decoded


def _toml(text: str) -> dict[str, Any]:
    if _LONG_KEY.search(text):
        raise _too_deep()
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        ending = f"at line {text.count(chr(10)) + 1}, the end of the file"
        raise _not("TOML", str(error).replace("at end of document", ending)) from None
    except RecursionError:
        raise _too_deep() from None
    except (ValueError, ArithmeticError, LookupError) as error:  # numbers and dates beyond what Python reads
        raise _not("TOML", str(error)) from None


def _json(text: str) -> dict[str, Any]:
    try:
        tree = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _not("JSON", f"{error.msg} (at line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # numbers beyond what Python reads
        raise _not("JSON", str(error)) from None
    if not isinstance(tree, dict):
        remedy = f'Begin with {{"schema": "{SCHEMA}", …'
        raise PlanError(f"a plan is a table, found {shown(tree)}.", "", remedy)
    return tree


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different; Python would keep the last of two in silence."""
    tree = dict(pairs)
    if len(tree) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise PlanError(f"the key `{clean(twice)}` stands twice in one JSON object.", "", "Keep one of them.")
    return tree


def _no_constant(name: str) -> Any:
    raise PlanError(f"the file holds the number `{name}`.", "Plans have finite numbers only.", "")


def _not(language: str, reason: str) -> PlanError:
    return PlanError(f"the file is not {language}: {clean(reason, 160)}.", "", "Correct it there.")


def _too_deep() -> PlanError:
    return PlanError("the file is nested too deeply.", "A plan has four levels.", "See docs/plan-file.md.")


def check_schema(tree: dict[str, Any]) -> None:
    """Raise unless the tree says that it is a plan of the version that this program reads."""
    line = f'schema = "{SCHEMA}"'
    if "schema" not in tree:
        raise PlanError("schema is missing.", f"This version reads {SCHEMA}.", f"Begin the file with {line}.")
    schema = tree["schema"]
    match = re.fullmatch(re.escape(_NAME) + r"/([0-9]{1,9})", schema) if isinstance(schema, str) else None
    if match is None:
        raise PlanError(f"schema is {shown(schema)}.", f"This version reads {SCHEMA}.", f"Write {line}.")
    version = int(match.group(1))
    if version > int(_VERSION):
        raise PlanError(
            f"schema {_NAME}/{version} is newer than this program.",
            f"This version reads {SCHEMA}.",
            "Upgrade endplate.",
        )
    if version != int(_VERSION) or schema != SCHEMA:
        raise PlanError(
            f"there is no schema {clean(schema)}.", f"This version reads {SCHEMA}.", f"Write {line}."
        )
