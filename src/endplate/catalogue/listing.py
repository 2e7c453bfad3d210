"""Listings and citations: plain rows for a table or JSON, and the sources behind an entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from endplate.catalogue.lines import areas
from endplate.catalogue.records import Dimension, Fact, Record, Source
from endplate.catalogue.table import Catalogue, catalogue
from endplate.errors import CatalogueError, unknown_name

KINDS = (
    "products",
    "labels",
    "indications",
    "patterns",
    "muscles",
    "targets",
    "conditions",
    "parameters",
    "evidence",
    "studies",
    "endpoints",
    "results",
    "adverse",
    "areas",
    "checks",
    "zones",
    "sources",
)
_BESIDE = ("labels", "indications", "targets", "conditions", "checks", "zones")
_GRADED = ("patterns", "muscles", "parameters", "areas")


def rows(kind: str, grade: str | None = None, book: Catalogue | None = None) -> list[dict[str, Any]]:
    """One plain record (JSON types only) per entry of a table, in file order.

    A result also tells what its arm received (`product`, `units_total`). `parameters` also lists every dimension of
    every muscle, as `muscle.<muscle>.<dimension>`: a length of the atlas is a number of the model like any other, and
    `grade="D"` then shows all that was declared.

    Args:
        kind: one of `KINDS`.
        grade: keep entries of this grade only (for a muscle: any dimension of this grade). Only patterns, muscles,
            parameters and areas carry one.

    Raises:
        CatalogueError: unknown kind or grade, or a grade asked of a table that has none.
    """
    book = book or catalogue()
    if kind not in KINDS:
        raise unknown_name("table", kind, KINDS, "endplate list --help")
    if grade is not None and grade not in {"A", "B", "C", "D"}:
        raise CatalogueError(f"Unknown grade `{grade}`.", "Grades are A, B, C and D.")
    if grade is not None and kind not in _GRADED:
        raise CatalogueError(f"The table {kind} has no grades.", f"Graded: {', '.join(_GRADED)}.")
    found = _plain(kind, book)
    if kind == "parameters":
        found += list(_dimension_rows(book))
    if kind == "results":
        found = [_with_treatment(row, book) for row in found]
    if grade is None:
        return found
    return [row for row in found if grade in _grades(row)]


def _plain(kind: str, book: Catalogue) -> list[dict[str, Any]]:
    """The records of a table as plain rows."""
    if kind in _BESIDE:
        from endplate.catalogue.beside import (  # its tables are read only where asked for
            row_beside,
            table_beside,
        )

        return [row_beside(kind, record) for record in table_beside(kind).values()]
    records = areas() if kind == "areas" else getattr(book, kind)
    return [record.model_dump(mode="json") for record in records.values()]


def _grades(row: dict[str, Any]) -> set[str]:
    if "grade" in row:
        return {row["grade"]}
    return {dimension["grade"] for dimension in row["dimensions"].values()}


def _with_treatment(row: dict[str, Any], book: Catalogue) -> dict[str, Any]:
    study = book.studies.get(row["study"])
    arm = None if study is None else study.arm_of(row["arm"])
    given = {} if arm is None else {"product": arm.product, "units_total": arm.units_total}
    return {**row, "product": given.get("product"), "units_total": given.get("units_total")}


def _dimension_rows(book: Catalogue) -> Iterator[dict[str, Any]]:
    for muscle in book.muscles.values():
        for name, dimension in muscle.dimensions.items():
            yield {
                "id": f"muscle.{muscle.id}.{name}",
                "name": f"{muscle.name}: {name.removesuffix('_mm')}",
                "unit": "mm",
                **dimension.model_dump(mode="json", include={"value", "low", "high"}),
                "scale": "linear",
                "grade": dimension.grade,
                "source": dimension.source,
                "where": dimension.prior or "",
                "checked": dimension.checked,
                "species": "human",
                "drawn": True,
                "note": dimension.note,
            }


def cite(ids: Iterable[str] | None = None, book: Catalogue | None = None) -> list[Source]:
    """The sources behind entries of any table, sorted by id.

    All sources when `ids` is None.

    Raises:
        CatalogueError: an id that no table holds, with the nearest ids.
    """
    book = book or catalogue()
    if ids is None:
        return sorted(book.sources.values(), key=lambda source: source.id)
    tables: list[dict[str, Any]] = [
        book.products,
        book.patterns,
        book.muscles,
        book.parameters,
        book.evidence,
        book.studies,
        book.endpoints,
        book.results,
        book.adverse,
        book.sources,
    ]
    wanted: set[str] = set()
    for name in ids:
        record = next((table[name] for table in tables if name in table), None) or _beside(name)
        if record is None:
            raise unknown_name(
                "entry", name, [n for table in tables for n in table], "endplate list products"
            )
        wanted |= {record.id} if isinstance(record, Source) else set(cited(record))
    return [book.source(name) for name in sorted(wanted)]


def _beside(name: str) -> Record | None:
    """An entry of the rules: a label, one of its rules, a use, a rule of this project, a zone."""
    from endplate.catalogue.beside import entries_beside

    return entries_beside().get(name)


def cited(record: Record) -> Iterator[str]:
    """Every source id that a record names, nested ones included."""
    for name in type(record).model_fields:
        value = getattr(record, name)
        if name in {"source", "geometry_source", "amount_source"} and value is not None:
            yield str(value)
        if name == "sources":
            yield from (str(item) for item in value or ())
        for inner in _inner(value):
            yield from cited(inner)


def _inner(value: object) -> Iterator[Record]:
    if isinstance(value, Record):
        yield value
    elif isinstance(value, tuple):
        yield from (item for item in value if isinstance(item, Record))
    elif isinstance(value, dict):
        yield from (item for item in value.values() if isinstance(item, Record))


__all__ = ["KINDS", "Dimension", "Fact", "cite", "cited", "rows"]
