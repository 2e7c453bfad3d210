"""The stored predictions of every row without its own study, as the fit left them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from endplate.errors import ModelError

DATA = Path(__file__).parent / "data"
LEFT_OUT = DATA / "left_out.npz"
ARRAYS = ("expected_out", "expected_in", "rate_sd_out", "rate_sd_in", "time_sd_out", "time_sd_in")
MOST_DRAWS = 800
"""Draws that are read, evenly spaced among those stored: enough for a 90 % interval, and quick."""
LONGEST_WEEKS = 200.0
"""Stands in for a median that a draw never reaches, as in the likelihood of the fit."""
REMEDY = "Make it again: python3 dev.py refit"


@dataclass(frozen=True)
class LeftOut:
    """Predictions of every row.

    Attributes:
        rows: ids of results. expected (draw, row): share, or median in weeks, without the row's study; rate_sd
            (draw, row): SD of one printed rate on the logit; time_sd (draw, row): SD of the logarithm of one printed
            median. *_in: the same with its study fitted. inputs: hash of what they rest on.
    """

    rows: tuple[str, ...]
    expected_out: np.ndarray
    expected_in: np.ndarray
    rate_sd_out: np.ndarray
    rate_sd_in: np.ndarray
    time_sd_out: np.ndarray
    time_sd_in: np.ndarray
    inputs: str
    recipe: Mapping[str, Any]

    @property
    def draws(self) -> int:
        return len(self.expected_out)


def load(path: Path = LEFT_OUT) -> LeftOut:
    """The stored predictions.

    Raises:
        ModelError: there are none, or they are not what the dossier reads.
    """
    if not path.is_file():
        raise ModelError("No stored predictions without their own study were found.", "", REMEDY)
    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: _thinned(np.asarray(found[name], dtype=float)) for name in ARRAYS}
            rows = tuple(str(name) for name in found["rows"])
            inputs = str(found["inputs"])
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The stored predictions cannot be read ({error}).", "", REMEDY) from None
    shape = {values.shape for values in arrays.values()}
    if len(shape) != 1 or next(iter(shape))[1:] != (len(rows),):
        raise ModelError("The stored predictions do not fit their rows.", "", REMEDY)
    return LeftOut(rows, inputs=inputs, recipe=_recipe(path), **arrays)


def _thinned(values: np.ndarray) -> np.ndarray:
    """At most `MOST_DRAWS` rows; what is no number or never ends is put at the longest time."""
    if len(values) > MOST_DRAWS:
        values = values[np.linspace(0, len(values) - 1, MOST_DRAWS).round().astype(int)]
    return np.nan_to_num(values, nan=LONGEST_WEEKS, posinf=LONGEST_WEEKS)


def _recipe(path: Path) -> dict[str, Any]:
    import tomllib

    beside = path.with_suffix(".toml")
    return tomllib.loads(beside.read_text("utf-8")) if beside.is_file() else {}
