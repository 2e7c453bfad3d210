"""The one error of this room."""

from __future__ import annotations

from endplate.errors import EndplateError


class TrialError(EndplateError):
    """A trial design that cannot be read, or whose content does not fit together."""
