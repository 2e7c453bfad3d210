"""Errors that a user meets: one line with the finding, the rule (and its origin) and the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EndplateError(Exception):
    """Base of every error the package raises on purpose; its text is one line.

    Args:
        found: what was found, with the offending value.
        allowed: what is allowed and who says so (may be empty).
        remedy: what to do (may be empty).
    """

    def __init__(self, found: str, allowed: str = "", remedy: str = "") -> None:
        self.found, self.allowed, self.remedy = found, allowed, remedy
        parts = (part.strip() for part in (found, allowed, remedy))
        super().__init__(" ".join(" ".join(part.split()) for part in parts if part))


class CatalogueError(EndplateError):
    """A name that the catalogue does not hold, or catalogue data that break its rules."""


class PlanError(EndplateError):
    """A plan file that cannot be read, or whose content is not a plan."""


class PlaceError(EndplateError):
    """A site that is not on the face, or lies beyond bone."""


class ModelError(EndplateError):
    """A simulation that was asked for outside what the model covers."""


class ReportError(EndplateError):
    """An output that could not be written."""


class ExchangeError(EndplateError):
    """A model file (SBML) that cannot be read, or a missing optional library."""


def unknown_name(kind: str, name: str, names: Iterable[str], listing: str = "") -> CatalogueError:
    """The error for a name that is not in the catalogue, with the nearest names that are.

    >>> print(unknown_name("muscle", "fronatlis", ["frontalis", "masseter"], "endplate list muscles"))
    Unknown muscle `fronatlis`. Did you mean `frontalis`? All names: `endplate list muscles`.
    """
    shown = name if len(name) <= 60 else name[:57] + "..."
    known = list(names)
    part = name[:60].lower().replace(" ", "_")
    near = [n for n in known if len(part) >= 3 and part in n][:6]
    near = near or difflib.get_close_matches(part, known, n=3, cutoff=0.5)
    hint = "Did you mean " + " or ".join(f"`{n}`" for n in near) + "?" if near else ""
    return CatalogueError(f"Unknown {kind} `{shown}`.", hint, f"All names: `{listing}`." if listing else "")
