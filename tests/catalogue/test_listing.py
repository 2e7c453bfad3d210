"""Do listings and citations tell what the tables hold?"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from endplate.catalogue import KINDS, Catalogue, catalogue, cite, rows
from endplate.catalogue.beside import KINDS as BESIDE
from endplate.catalogue.beside import table_beside
from endplate.catalogue.lines import areas
from endplate.errors import CatalogueError


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_plain_records_in_file_order(kind: str) -> None:
    found = rows(kind)
    names = [row["id"] for row in found]
    beside = kind in BESIDE
    table = table_beside(kind) if beside else areas() if kind == "areas" else getattr(catalogue(), kind)
    assert names[: len(table)] == list(table)
    assert json.loads(json.dumps(found)) == found


def test_parameters_of_grade_d_include_the_lengths_that_were_not_found() -> None:
    found = {row["id"]: row for row in rows("parameters", grade="D")}
    assert {row["grade"] for row in found.values()} == {"D"}
    assert "anatomy.mimic_thickness" in found
    assert found["muscle.frontalis.thickness_mm"]["where"] == "anatomy.mimic_thickness"
    assert "muscle.corrugator_supercilii.thickness_mm" not in found


def test_every_dimension_is_listed_once() -> None:
    names = [row["id"] for row in rows("parameters") if row["id"].startswith("muscle.")]
    assert len(names) == len(set(names)) == 4 * len(catalogue().muscles)


def test_patterns_can_be_listed_by_the_grade_of_their_places() -> None:
    assert {row["grade"] for row in rows("patterns", grade="B")} == {"B"}


@pytest.mark.parametrize(("kind", "grade"), [("products", "A"), ("muscels", None), ("parameters", "F")])
def test_a_listing_that_makes_no_sense_is_refused(kind: str, grade: str | None) -> None:
    with pytest.raises(CatalogueError):
        rows(kind, grade)


def test_citing_an_entry_gives_all_its_sources(small: Catalogue) -> None:
    assert [source.id for source in cite(["lines.toxin_a"], small)] == ["memory", "paper"]
    assert [source.id for source in cite(["procerus", "paper"], small)] == ["memory", "paper"]
    assert [source.id for source in cite(["anatomy.depth"], small)] == ["paper"]


def test_citing_nothing_in_particular_gives_every_source() -> None:
    assert [source.id for source in cite()] == sorted(catalogue().sources)


def test_citing_an_unknown_entry_gives_the_nearest_name() -> None:
    with pytest.raises(CatalogueError, match="Did you mean `procerus`"):
        cite(["procerous"])


def test_tables_load_on_first_use_only() -> None:
    """A start that asks for products and patterns must not read the other files."""
    script = (
        "from endplate.catalogue import catalogue\n"
        "book = catalogue()\n"
        "book.products, book.patterns\n"
        "print(sorted(set(vars(book)) - {'folder'}))\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "['patterns', 'products']"
