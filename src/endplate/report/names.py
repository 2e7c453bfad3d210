"""Names as people read them. The catalogue's where it has one, else the id made readable."""

from __future__ import annotations

from functools import lru_cache

from endplate.errors import CatalogueError


def readable(identifier: str) -> str:
    """`glabellar_lines` -> `Glabellar lines`."""
    text = identifier.replace("_", " ").replace(".", ", ").strip()
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
