"""What must hold within and between the tables. Each rule yields one line per violation."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from endplate.catalogue.clinical_rules import clinical_violations
from endplate.catalogue.indications import faults_of_indications
from endplate.catalogue.landmarks import LANDMARKS, MIDLINE_LANDMARKS
from endplate.catalogue.listing import cited
from endplate.catalogue.records import (
    Dimension,
    Fact,
    MuscleRecord,
    Observation,
    Parameter,
    Pattern,
    PatternSite,
    Product,
    Record,
)
from endplate.catalogue.table import DATA, Catalogue
from endplate.errors import CatalogueError
from endplate.units import parse_unit

#: Facts of a product that need either evidence or a word on why they are missing.
PRODUCT_FACTS = (
    "serotype",
    "form",
    "vials_u",
    "stabilisers",
    "complexing_proteins",
    "toxin_pg_per_u",
    "storage",
    "jurisdictions",
)
_FACTS_IF_GIVEN = ("concentration_u_per_ml", "approved", "allergens")
#: Files with loaders of their own, not tables of the catalogue; they may cite sources too.
FILES_BESIDE = frozenset(
    f"{name}.toml"
    for name in (
        "conditions",
        "effects",
        "face_balance",
        "face_expressions",
        "house_rules",
        "indications",
        "label_effects",
        "landmark_map",
        "lines",
        "preparation",
        "reported_effects",
        "statements",
        "syringes",
        "targets",
        "triage",
        "triage_alternatives",
        "triage_scales",
        "triage_signs",
        "zones",
    )
)
_OWN_SOURCES = {"storage", "toxin_pg_per_u"}  # their entries carry a source each
_PRIMARY = {"table", "abstract", "label page"}
_TOTAL_TOLERANCE_U = 0.01
_CONCENTRATION_TOLERANCE = 0.05  # labels round: 100 U in 1.2 mL is printed as 8 U per 0.1 mL
_MUSCLE_DIMENSIONS = ("length_mm", "width_mm", "thickness_mm", "depth_mm")


def validate(book: Catalogue) -> None:
    """Load every table and apply every rule.

    Raises:
        CatalogueError: the first violation, with the number of further ones.
    """
    found = list(violations(book))
    if found:
        more = f" And {len(found) - 1} more." if len(found) > 1 else ""
        raise CatalogueError(found[0] + more)


def violations(book: Catalogue) -> Iterator[str]:
    """Every broken rule as one line; nothing for a sound catalogue."""
    yield from _names(book)
    yield from _sources(book)
    for product in book.products.values():
        yield from _product(product)
    for pattern in book.patterns.values():
        yield from _pattern(pattern, book)
    for parameter in book.parameters.values():
        yield from _parameter(parameter)
        yield from _best_grade(f"parameter `{parameter.id}`", parameter, book)
    for muscle in book.muscles.values():
        yield from _muscle(muscle, book)
    for observation in book.evidence.values():
        yield from _observation(observation, book)
    yield from clinical_violations(book)
    if book.folder == DATA:
        yield from faults_of_indications()


def _tables(book: Catalogue) -> dict[str, dict[str, Any]]:
    return {
        "product": book.products,
        "pattern": book.patterns,
        "muscle": book.muscles,
        "parameter": book.parameters,
        "observation": book.evidence,
        "study": book.studies,
        "endpoint": book.endpoints,
        "result": book.results,
        "unwanted effect": book.adverse,
        "source": book.sources,
    }


def _names(book: Catalogue) -> Iterator[str]:
    counts = Counter(name for table in _tables(book).values() for name in table)
    for name, count in counts.items():
        if count > 1:
            yield f"Id `{name}` stands in {count} tables; an id names one entry."


def _sources(book: Catalogue) -> Iterator[str]:
    used: set[str] = set()
    for kind, table in _tables(book).items():
        if kind == "source":
            continue
        for record in table.values():
            used |= set(cited(record))
            yield from _citations(f"{kind} `{record.id}`", record, book)
    used |= set(_cited_elsewhere(book))
    for name in book.sources:
        if name not in used:
            yield f"source `{name}` is cited by no entry; remove it or cite it."


def _cited_elsewhere(book: Catalogue) -> Iterator[str]:
    """Sources that files beside the tables name (areas, unwanted effects); their own loaders check them."""
    for path in (path for path in book.folder.rglob("*.toml") if _has_own_loader(path)):
        for entries in tomllib.loads(path.read_text(encoding="utf-8")).values():
            yield from _named_sources(entries)


def _has_own_loader(path: Path) -> bool:
    return path.name in FILES_BESIDE or path.parent.name == "labels"


def _named_sources(value: Any) -> Iterator[str]:
    """Every source that a tree of plain values names, however deep."""
    if isinstance(value, list):
        for one in value:
            yield from _named_sources(one)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key.endswith("source") and isinstance(inner, str):
                yield inner
            elif key.endswith("sources") and isinstance(inner, list):
                yield from (one for one in inner if isinstance(one, str))
            yield from _named_sources(inner)


def _citations(where: str, record: Record, book: Catalogue) -> Iterator[str]:
    for name in cited(record):
        if name not in book.sources:
            yield f"{where} cites `{name}`, which is no source of sources.toml."
    for name in _claimed(record):
        source = book.sources.get(name)
        if source is not None and source.read in {"recall", "declared"}:
            yield f"{where} is marked checked, but source `{name}` was not read ({source.read})."


def _claimed(record: Record) -> Iterator[str]:
    """Sources at which a record claims that something was read."""
    pairs = (
        ("source", "checked"),
        ("geometry_source", "geometry_checked"),
        ("amount_source", "amount_checked"),
    )
    for source, checked in pairs:
        if getattr(record, checked, False):
            yield str(getattr(record, source))
    for name in type(record).model_fields:
        value = getattr(record, name)
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
        for item in inner:
            if isinstance(item, Record):
                yield from _claimed(item)


def _product(product: Product) -> Iterator[str]:
    where = f"product `{product.id}`"
    for name in (*product.evidence, *product.missing):
        if name not in Product.model_fields:
            yield f"{where}: `{name}` is no field of a product."
    for name in (*PRODUCT_FACTS, *_FACTS_IF_GIVEN):
        known = getattr(product, name) not in (None, (), {})
        if not known and name in PRODUCT_FACTS and name not in product.missing:
            yield f"{where}: `{name}` is empty without a word in `missing`."
        if known and name in product.missing:
            yield f"{where}: `{name}` is given and called missing."
        if known and name not in product.evidence and name not in _OWN_SOURCES:
            yield f"{where}: `{name}` has no evidence (source and checked)."
    yield from _preparation(where, product)
    if product.toxin_pg_per_u is not None:
        yield from _unit(f"{where}, toxin_pg_per_u", product.toxin_pg_per_u.unit)
        yield from _interval(f"{where}, toxin_pg_per_u", product.toxin_pg_per_u)


def _preparation(where: str, product: Product) -> Iterator[str]:
    needs = {"powder": ("use_within", "dilutions"), "liquid": ("concentration_u_per_ml",)}.get(
        product.form or "", ()
    )
    for name in needs:
        if getattr(product, name) in (None, ()) and name not in product.missing:
            yield f"{where}: a {product.form} needs `{name}`, or a word in `missing`."
    if product.form == "powder" and product.concentration_u_per_ml is not None:
        yield f"{where}: a powder has no concentration before it is dissolved."
    for dilution in product.dilutions:
        if dilution.vial_u not in product.vials_u:
            yield f"{where}: a dilution of {dilution.vial_u:g} U, which is none of its vials."
    for ingredient in product.stabilisers:
        if (ingredient.mg is None) != (ingredient.amount_source is None):
            yield f"{where}: the amount of {ingredient.name} and its source go together."


def _pattern(pattern: Pattern, book: Catalogue) -> Iterator[str]:
    where = f"pattern `{pattern.id}`"
    stem = f"{pattern.indication}.{pattern.product}"
    if pattern.id != stem and not pattern.id.startswith(stem + "."):
        yield f"{where}: its id must begin with `{stem}`."
    if pattern.product not in book.products:
        yield f"{where}: unknown product `{pattern.product}`."
    if not pattern.sites:
        yield f"{where} has no sites."
    for name, count in Counter(site.id for site in pattern.sites).items():
        if count > 1:
            yield f"{where}: site id `{name}` stands {count} times."
    if pattern.grade == "D" and not pattern.note:
        yield f"{where}: geometry of grade D needs a note that says what is assumed."
    total = pattern.total_u
    if pattern.label_total_u is not None and abs(total - pattern.label_total_u) > _TOTAL_TOLERANCE_U:
        yield f"{where}: its sites add up to {total:g} U, its source gives {pattern.label_total_u:g} U."
    for site in pattern.sites:
        yield from _site(f"{where}, site `{site.id}`", site, pattern, book)


def _site(where: str, site: PatternSite, pattern: Pattern, book: Catalogue) -> Iterator[str]:
    yield from _site_form(where, site, book)
    yield from _site_side(where, site)
    if pattern.site_range_u and not pattern.site_range_u[0] <= site.units <= pattern.site_range_u[1]:
        low, high = pattern.site_range_u
        yield f"{where}: {site.units:g} U is outside the {low:g}-{high:g} U of its source."
    product = book.products.get(pattern.product)
    if product is not None and not _concentration_is_known(site, product):
        yield f"{where}: {site.units:g} U in {site.volume_ml:g} mL is no dilution that the product lists."


def _site_form(where: str, site: PatternSite, book: Catalogue) -> Iterator[str]:
    muscle = book.muscles.get(site.muscle)
    if muscle is None:
        yield f"{where}: unknown muscle `{site.muscle}`."
        return
    if (site.landmark is None) == (site.along is None):
        yield f"{where}: give either a landmark with offset_mm, or along."
    if (site.landmark is None) != (site.offset_mm is None):
        yield f"{where}: a landmark and its offset_mm go together."
    if site.landmark is not None and site.landmark not in LANDMARKS:
        yield f"{where}: unknown landmark `{site.landmark}`."
    reached_along = muscle.muscle_class in {"eye", "limb"}
    if reached_along and site.along is None:
        yield f"{where}: a site in {site.muscle} uses `along`; no skin landmark lies over it."
    if not reached_along and site.along is not None:
        yield f"{where}: a site in {site.muscle} uses a landmark; `along` is for eye muscles and the foot."
    if muscle.smooth:
        yield f"{where}: {site.muscle} is smooth muscle and no target."


def _site_side(where: str, site: PatternSite) -> Iterator[str]:
    if site.landmark not in MIDLINE_LANDMARKS or site.offset_mm is None:
        if site.side == "midline":
            yield f"{where}: a midline site needs a midline landmark."
        return
    lateral = site.offset_mm[0]
    expected = {"midline": lateral == 0, "left": lateral > 0, "right": lateral < 0}
    if not expected[site.side]:
        yield f"{where}: a lateral offset of {lateral:g} mm from the midline is not on its side ({site.side})."


def _concentration_is_known(site: PatternSite, product: Product) -> bool:
    given = site.units / site.volume_ml
    known = [dilution.vial_u / dilution.diluent_ml for dilution in product.dilutions]
    if product.concentration_u_per_ml is not None:
        known.append(product.concentration_u_per_ml)
    return any(abs(given / value - 1) <= _CONCENTRATION_TOLERANCE for value in known)


def _parameter(parameter: Parameter) -> Iterator[str]:
    where = f"parameter `{parameter.id}`"
    yield from _unit(where, parameter.unit)
    yield from _interval(where, parameter)
    if parameter.scale == "log" and parameter.low <= 0:
        yield f"{where}: a log scale needs low > 0."
    if parameter.least is not None and parameter.least > parameter.low:
        yield f"{where}: low {parameter.low:g} is below what makes sense ({parameter.least:g})."
    if parameter.most is not None and parameter.most < parameter.high:
        yield f"{where}: high {parameter.high:g} is above what makes sense ({parameter.most:g})."
    if parameter.grade in {"A", "B"} and "human" not in parameter.species:
        yield f"{where}: grade {parameter.grade} is for man, not for {parameter.species}."
    if parameter.grade == "D" and not parameter.note:
        yield f"{where}: a declared value (grade D) needs a note with its reason."


def _observation(observation: Observation, book: Catalogue) -> Iterator[str]:
    where = f"observation `{observation.id}`"
    yield from _unit(where, observation.unit)
    if observation.product is not None and observation.product not in book.products:
        yield f"{where}: unknown product `{observation.product}`."
    ends = [x for x in (observation.low, observation.value, observation.high) if x is not None]
    if ends != sorted(ends):
        yield f"{where}: low, value and high are not in order."
    if (observation.error is None) != (observation.error_basis is None):
        yield f"{where}: an error and its basis go together."
    if observation.use == "calibrate" and (observation.error is None or not ends):
        yield f"{where}: a fitted row needs a value (or a bound) and an error."


def _muscle(muscle: MuscleRecord, book: Catalogue) -> Iterator[str]:
    where = f"muscle `{muscle.id}`"
    for name in muscle.antagonists:
        if name not in book.muscles:
            yield f"{where}: unknown antagonist `{name}`."
    if muscle.smooth != (muscle.muscle_class == "smooth"):
        yield f"{where}: smooth and its class disagree."
    for name in _MUSCLE_DIMENSIONS:
        if name not in muscle.dimensions:
            yield f"{where}: `{name}` is missing; give a class prior of grade D if it was not found."
    for name, dimension in muscle.dimensions.items():
        yield from _interval(f"{where}, {name}", dimension)
        yield from _best_grade(f"{where}, {name}", dimension, book)
        yield from _prior(f"{where}, {name}", dimension, book)
    for name, fact in muscle.facts.items():
        yield from _unit(f"{where}, {name}", fact.unit)
        yield from _interval(f"{where}, {name}", fact)
        yield from _best_grade(f"{where}, {name}", fact, book)


def _prior(where: str, dimension: Dimension, book: Catalogue) -> Iterator[str]:
    if dimension.prior is None:
        if dimension.grade == "D" and not dimension.note:
            yield f"{where}: a declared length (grade D) needs its class prior or a note."
        return
    prior = book.parameters.get(dimension.prior)
    if prior is None:
        yield f"{where}: unknown class prior `{dimension.prior}`."
    elif (prior.low, prior.value, prior.high) != (dimension.low, dimension.value, dimension.high):
        yield f"{where}: its numbers are not those of its class prior `{dimension.prior}`."
    elif dimension.grade != "D":
        yield f"{where}: a length taken from a class prior has grade D."


def _best_grade(where: str, entry: Parameter | Dimension | Fact, book: Catalogue) -> Iterator[str]:
    """Grade A is for what was read in a primary text; a copy, memory or arithmetic reaches B."""
    source = book.sources.get(entry.source)
    if entry.grade == "A" and source is not None and source.read not in _PRIMARY:
        yield f"{where}: grade A with a source that is {source.read}; the best grade is B."


def _unit(where: str, text: str) -> Iterator[str]:
    try:
        parse_unit(text)
    except CatalogueError as error:
        yield f"{where}: {error.found}"


def _interval(where: str, entry: Parameter | Dimension | Fact) -> Iterator[str]:
    low = entry.value if entry.low is None else entry.low
    high = entry.value if entry.high is None else entry.high
    if low > entry.value:
        yield f"{where}: low {low:g} is above its value {entry.value:g}."
    if entry.value > high:
        yield f"{where}: high {high:g} is below its value {entry.value:g}."
