"""Where in a plan a complaint belongs, in words: `session 1, injection 3`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from endplate.errors import EndplateError


def clean(text: str, longest: int = 60) -> str:
    """Text from a file made fit to print: one line, no control characters, no half characters, short."""
    text = text if len(text) <= longest else text[: longest - 3] + "..."
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


@contextmanager
def at(place: str) -> Iterator[None]:
    """Put `place` in front of every error of the package raised inside."""
    try:
        yield
    except EndplateError as error:
        raise type(error)(f"{place}: {error.found}", error.allowed, error.remedy) from None


def injection_place(session: int, injection: int, pattern: str | None = None, site: str | None = None) -> str:
    """Place of an injection (both counted from 1); a pattern site is named as well."""
    where = f"injection {injection}"
    if pattern and site:
        where += f" ({clean(site)} of {clean(pattern)})"
    return f"session {session}, {where}"
