"""How a command ends: its exit code, and one line on stderr instead of a traceback.

Exit codes: 0 done, or the reader of a pipe had enough; 1 aborted at a question; 2 refused; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from endplate.errors import EndplateError

if TYPE_CHECKING:
    import typer

DONE, ABORTED, REFUSED, STOPPED = 0, 1, 2, 130
NO_MEMORY = "Not enough memory: give fewer --samples or --days."


def run_app(app: typer.Typer, words: Sequence[str], wants_traceback: Callable[[], bool]) -> int:
    """Run a command line and return its exit code; without words the help is printed.

    Args:
        app: the commands.
        words: what stands after the program's name.
        wants_traceback: asked when something fails; true lets the error through.
    """
    _print_what_the_terminal_can()
    try:
        code = _invoke(app, list(words) or ["--help"])
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a full disk or a closed pipe can still be answered
    except BrokenPipeError:
        _forget_output()
        return DONE
    except KeyboardInterrupt:
        return _say("Stopped.", STOPPED)
    except Exception as error:
        line = line_of(error)
        if line is None or wants_traceback():
            raise
        if isinstance(error, OSError):
            _forget_output()
        return _say(line, REFUSED)
    return code


def _invoke(app: typer.Typer, words: list[str]) -> int:
    """Typer's own `main` would swallow a broken pipe and print usage errors over four lines."""
    import typer
    from typer.main import get_command

    try:
        command = get_command(app)
        with command.make_context("endplate", words) as context, _usage_told_of(context):
            command.invoke(context)
    except typer.Exit as ending:
        return ending.exit_code
    except typer.Abort:
        return _say("Aborted.", ABORTED)
    return DONE


@contextmanager
def _usage_told_of(context: Any) -> Iterator[None]:
    """Give a usage error that knows no command the one that was being read."""
    try:
        yield
    except Exception as error:
        if hasattr(error, "format_message") and getattr(error, "ctx", None) is None:
            error.add_note(f"{context.command_path} {context.invoked_subcommand or ''}".strip())
        raise


def line_of(error: Exception) -> str | None:
    """What to tell of an error; None for one that nobody foresaw (a defect: its traceback is wanted)."""
    if isinstance(error, EndplateError):
        return str(error)
    if isinstance(error, MemoryError):
        return NO_MEMORY
    if isinstance(error, OSError):
        return _line_of_system(error)
    # An error of click, told by its method: typer carries a click of its own, older ones use the package.
    if hasattr(error, "format_message"):
        return _line_of_usage(error)
    return None


def _line_of_usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    noted = getattr(error, "__notes__", ["endplate"])
    command = context.command_path if context is not None else noted[0]
    message = str(error.format_message()).rstrip()
    message += "" if message.endswith((".", "?", ")")) else "."
    return f"{message} Try: {command} --help"


def _line_of_system(error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    if error.filename is not None:
        return f"`{error.filename}` cannot be read or written ({reason}). Check path and permissions."
    remedy = "Free some space, or" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "Check the disk, or"
    return f"The output cannot be written ({reason}). {remedy} send it elsewhere."


def _say(line: str, code: int) -> int:
    """One line on stderr, with control characters escaped: the line may quote what a stranger wrote."""
    shown = "".join(
        letter if letter.isprintable() or letter.isspace() else letter.encode("unicode_escape").decode()
        for letter in line
    )
    try:
        sys.stderr.write(" ".join(shown.split()) + "\n")
        sys.stderr.flush()
    except (OSError, AttributeError):
        pass  # nobody listens: the exit code still says it
    return code


def _print_what_the_terminal_can() -> None:
    """A letter that the terminal's encoding lacks becomes a question mark, not a traceback."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    # Python sets stderr to escape such letters already.


def _forget_output() -> None:
    """Send what is still buffered nowhere, or Python would complain about it once more on its way out."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):
        pass
