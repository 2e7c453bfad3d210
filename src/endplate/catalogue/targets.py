"""Targets outside the atlas: limbs, scalp, neck, glands, skin, bladder. Rules know them; nothing simulates them."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Flag, Id, Record, Text
from endplate.catalogue.table import DATA


class Target(Record):
    """A muscle, gland, patch of skin or organ that labels name and the atlas does not hold."""

    id: Id
    name: Text
    region: Literal["upper_limb", "lower_limb", "scalp", "neck", "gland", "skin", "bladder", "larynx"]
    side_kind: Literal["paired", "midline"]
    source: Id
    checked: Flag
    note: str = ""


@lru_cache(maxsize=1)
def targets() -> dict[str, Target]:
    """The targets outside the atlas, by id."""
    return read_table(DATA / "targets.toml", "target", Target)
