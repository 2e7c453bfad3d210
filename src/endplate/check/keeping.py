"""How long a product keeps once dissolved, by the newest text in force: for the check and the preparation alike."""

from __future__ import annotations

from datetime import date

from endplate.catalogue import catalogue
from endplate.catalogue.records import UseWithin


def keeps(product: str, jurisdiction: str, on: date) -> UseWithin | None:
    """The hours within which a dissolved product is used, by the text that counts on a day; None where none was read.

    The latest dated text that has begun; else the one whose date is unknown.
    """
    known = [one for one in catalogue().product(product).use_within if one.jurisdiction == jurisdiction]
    begun = [one for one in known if isinstance(one.effective, date) and one.effective <= on]
    if begun:
        return max(begun, key=lambda one: str(one.effective))
    return next((one for one in known if one.effective == "unknown"), None)
