"""The public dossier: every published number beside its prediction without its own study."""

from __future__ import annotations

from endplate.fit.dossier.build import make_dossier
from endplate.fit.dossier.record import Dossier, Line

__all__ = ["Dossier", "Line", "make_dossier"]
