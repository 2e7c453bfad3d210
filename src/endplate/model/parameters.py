"""Values of the model's parameters for one or many draws.

A `ParameterSet` maps a catalogue id to a vector over draws; the point estimate is a set of one draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from endplate.catalogue import catalogue
from endplate.errors import ModelError

PREFIXES = ("spread.", "needle.", "junction.", "threshold.", "structural.", "section.", "operator.")


@dataclass(frozen=True)
class ParameterSet:
    """Parameter values, each a vector of shape (draw,), in the unit of the catalogue entry."""

    values: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        try:
            return self.values[name]
        except KeyError:
            raise ModelError(
                f"The model has no parameter `{name}`.", "", "All parameters: `endplate list parameters`."
            ) from None

    @property
    def draws(self) -> int:
        return len(next(iter(self.values.values())))

    def replaced(self, **changes: float) -> ParameterSet:
        """A copy with some values replaced; dots in ids are written as two underscores."""
        new = dict(self.values)
        for key, value in changes.items():
            name = key.replace("__", ".")
            new[name] = np.full_like(self[name], value)
        return ParameterSet(new)

    def chunk(self, start: int, stop: int) -> ParameterSet:
        return ParameterSet({name: value[start:stop] for name, value in self.values.items()})


@lru_cache(maxsize=1)
def model_parameter_ids() -> tuple[str, ...]:
    """Ids of the catalogue parameters that the chain reads, in catalogue order."""
    return tuple(name for name in catalogue().parameters if name.startswith(PREFIXES))


@lru_cache(maxsize=1)
def point_parameters() -> ParameterSet:
    """The centre of every prior: a set of one draw."""
    table = catalogue().parameters
    values = {name: np.array([float(table[name].value)]) for name in model_parameter_ids()}
    for value in values.values():
        value.setflags(write=False)  # the set is shared by all who ask
    return ParameterSet(values)
