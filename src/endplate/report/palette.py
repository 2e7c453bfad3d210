"""Colours and type sizes of the pictures. Dark on white, safe for colour blindness, legible when printed grey."""

from __future__ import annotations

INK = "#1d2129"
SOFT = "#5c6470"
GRID = "#dfe2e7"
FRAME = "#a9afb8"

ROLE_COLOURS = {"target": "#2c3e86", "at_risk": "#b4530f", "other": "#5c6470"}
"""Targets indigo, muscles at risk burnt orange: apart in lightness as well as in hue."""

TITLE_PT, HEAD_PT, TEXT_PT, SMALL_PT = 10.5, 8.5, 7.5, 6.5

GRADE_COLOURS = {"A": "#1b6e53", "B": "#3f7fae", "C": "#c07a1f", "D": "#a33b2a"}
"""Measured green and blue, indirect ochre, declared brick red; each carries its letter wherever it is used."""
