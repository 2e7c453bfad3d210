"""Names in a plan against the catalogue: the record, or an error with the nearest names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from endplate.catalogue import LANDMARKS, PAIRED_LANDMARKS, catalogue
from endplate.catalogue.indications import indications
from endplate.catalogue.labels import PLACES
from endplate.catalogue.targets import targets
from endplate.errors import CatalogueError, PlanError, unknown_name
from endplate.plan.place import clean

if TYPE_CHECKING:
    from endplate.catalogue import MuscleRecord, Pattern, PatternSite, Product


def product(name: str) -> Product:
    """The product of this id. Two ids in one name are an attempt to mix products."""
    known = catalogue().products
    if name not in known:
        if any(mark in name for mark in "+&,;/") and sum(id_ in name for id_ in known) > 1:
            raise products_mixed(f"product `{clean(name)}` names more than one product.")
        for record in known.values():
            if name.lower() in (brand.lower() for brand in record.brands):
                raise CatalogueError(
                    f"Unknown product `{clean(name)}`.",
                    f"{clean(name)} is a brand of `{record.id}`.",
                    "Write the id: units belong to it.",
                )
        raise unknown_name("product", clean(name), known, "endplate list products")
    return known[name]


def check_brand(of: Product, name: str) -> None:
    """Raise unless the product is sold under this brand."""
    if name.lower() not in (brand.lower() for brand in of.brands):
        raise unknown_name(f"brand of {of.id}", clean(name), of.brands, "endplate list products")


def products_mixed(found: str) -> PlanError:
    """The error for units of two products in one number or one session."""
    return PlanError(
        found,
        "Units of different products are not interchangeable (every label) and are never added.",
        "Give each product a session of its own.",
    )


def pattern(name: str) -> Pattern:
    """The injection pattern of this id."""
    known = catalogue().patterns
    if name not in known:
        raise unknown_name("pattern", clean(name), known, "endplate list patterns")
    return known[name]


def site(of: Pattern, name: str) -> PatternSite:
    """The site of this id in a pattern."""
    for candidate in of.sites:
        if candidate.id == name:
            return candidate
    names = [one.id for one in of.sites]
    raise unknown_name(f"site of pattern {of.id}", clean(name), names, "endplate list patterns")


def muscle(name: str) -> MuscleRecord:
    """The muscle of this id."""
    known = catalogue().muscles
    if name not in known:
        raise unknown_name("muscle", clean(name), known, "endplate list muscles")
    return known[name]


def outside_atlas(name: str) -> bool:
    """True for a target that labels name and the atlas does not hold: a limb muscle, a gland, the bladder."""
    return name not in catalogue().muscles and name in targets()


def check_target(name: str) -> None:
    """Raise unless this is a muscle of the atlas or a target outside it."""
    known = catalogue().muscles
    if name not in known and not outside_atlas(name):
        raise unknown_name("muscle", clean(name), [*known, *targets()], "endplate list muscles")


def is_midline(target: str) -> bool:
    """True for a muscle, or a target outside the atlas, that is one structure across the midline."""
    record = targets()[target] if outside_atlas(target) else muscle(target)
    return record.side_kind == "midline"


def check_landmark(name: str) -> None:
    """Raise unless the head has this landmark; a side in its name belongs under `side`."""
    if name in LANDMARKS:
        return
    stem, _, ending = name.partition(".")
    if stem in LANDMARKS and ending in ("left", "right"):
        remedy = f'Write landmark = "{stem}" and side = "{ending}".'
        raise PlanError(f"landmark `{clean(name)}` carries its side.", "", remedy)
    raise unknown_name("landmark", clean(name), sorted(LANDMARKS), "docs/plan-file.md")


def is_paired_landmark(name: str) -> bool:
    """True for a landmark that stands on both sides of the head."""
    return name in PAIRED_LANDMARKS


def check_indication(name: str) -> None:
    """Raise unless the catalogue knows this indication, be it a use or not."""
    if name not in indications():
        raise unknown_name("indication", clean(name), sorted(indications()), "endplate list indications")


def check_jurisdiction(name: str) -> None:
    """Raise unless some product, pattern or label of the catalogue is told for this jurisdiction."""
    held = catalogue()
    known = {one.jurisdiction for one in held.patterns.values()}
    known.update(PLACES, *(one.jurisdictions for one in held.products.values()))
    if name not in known:
        raise CatalogueError(f"Unknown jurisdiction `{clean(name)}`.", f"Known: {', '.join(sorted(known))}.")
