"""Write docs/cli.md from the program's own help.

Run it in an environment that has the project, for example: .venv-test/bin/python docs/make_cli.py
A test compares the page with what this script would write.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("cli.md")
HEAD = """# Commands

Made from the program's own help by `docs/make_cli.py`; do not edit it by hand.

Exit codes: 0 done; 2 the input was refused, with one line on standard error that says what was found, what is
allowed and what to do; 3 a stop stands, for `check --strict` alone.
"""


def commands() -> dict[str, Any]:
    """Full name (`endplate list`) to command, the program itself first, in the order of the help."""
    from typer.main import get_command

    from endplate.app.cli import app

    found: dict[str, Any] = {}
    _collect("endplate", get_command(app), found)
    return found


def _collect(name: str, command: Any, found: dict[str, Any]) -> None:
    if command.hidden:
        return
    found[name] = command
    for child, inner in getattr(command, "commands", {}).items():
        _collect(f"{name} {child}", inner, found)


def reference() -> str:
    """The whole page as text."""
    return HEAD + "".join(_section(name, command) for name, command in commands().items())


def _section(name: str, command: Any) -> str:
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [p for p in shown if p.param_type_name == "argument"]
    options = [p for p in shown if p.param_type_name == "option"]
    inner = ["COMMAND [...]"] if getattr(command, "commands", None) else []
    usage = " ".join([name, *(["[OPTIONS]"] if options else []), *map(_word, arguments), *inner])
    text = f"\n## `{name}`\n\n{inspect.cleandoc(command.help or '')}\n\n```text\n{usage}\n```\n"
    rows = [(_word(p), p) for p in arguments] + [
        (", ".join([*p.opts, *p.secondary_opts]), p) for p in options
    ]
    if rows:
        text += "\n| | what | default |\n|---|---|---|\n"
        text += "".join(f"| `{label}` | {_cell(p.help or '')} | {_default(p)} |\n" for label, p in rows)
    return text


def _word(argument: Any) -> str:
    word = (argument.metavar or argument.name or "").upper()
    word = word if argument.required or word.startswith("[") else f"[{word}]"
    return word if argument.nargs == 1 else f"{word}..."


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required:
        return "required"
    if value is None or value is False or value == () or callable(value) or "UNSET" in repr(value):
        return ""
    return f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
    print(f"wrote {PAGE.name}: {len(commands())} commands")
