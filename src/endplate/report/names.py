"""Names as people read them. The catalogue's where it has one, else the id made readable."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from endplate.errors import CatalogueError

ACRONYMS = {"edb": "EDB", "emg": "EMG"}


def readable(identifier: str) -> str:
    """`glabellar_lines` -> `Glabellar lines`, `edb_calibration` -> `EDB calibration`."""
    words = identifier.replace("_", " ").replace(".", ", ").split()
    text = " ".join(ACRONYMS.get(word, word) for word in words)
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=256)
def muscle_name(muscle: str) -> str:
    """Name of a muscle, first letter large."""
    from endplate.catalogue import catalogue

    try:
        name = catalogue().muscle(muscle).name
    except CatalogueError:
        return readable(muscle)
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=64)
def product_name(product: str) -> str:
    """Name of a product, first letter small as generic names are written."""
    from endplate.catalogue import catalogue

    try:
        return catalogue().product(product).name
    except CatalogueError:
        return product.replace("_", " ")


def with_side(muscle: str, side: str) -> str:
    """`Corrugator supercilii, left`; midline muscles go without."""
    return muscle_name(muscle) if side == "midline" else f"{muscle_name(muscle)}, {side}"


def with_sides(muscle: str, sides: Sequence[str]) -> str:
    """`Frontalis, both sides` where left and right are meant, else as `with_side`."""
    if {"left", "right"} <= set(sides):
        return f"{muscle_name(muscle)}, both sides"
    return with_side(muscle, sides[0])


def counted(number: int, noun: str) -> str:
    """`1 site`, `5 sites`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
