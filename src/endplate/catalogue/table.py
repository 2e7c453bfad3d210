"""The catalogue as one object: tables that load on first use, look-ups, listings and citations."""

from __future__ import annotations

from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import MuscleRecord, Observation, Parameter, Pattern, Product, Record, Source
from endplate.errors import CatalogueError, unknown_name

DATA = Path(__file__).parent / "data"
R = TypeVar("R", bound=Record)


class Catalogue:
    """What is known: products, injection patterns, muscles, parameters, sources.

    Each table is a dict from id to record, in the order of its file. It is read when first asked for and kept.

    Args:
        folder: where the TOML files lie; the package's own data unless given.
    """

    def __init__(self, folder: Path = DATA) -> None:
        self.folder = folder

    @cached_property
    def products(self) -> dict[str, Product]:
        return read_table(self.folder / "products.toml", "product", Product)

    @cached_property
    def patterns(self) -> dict[str, Pattern]:
        return read_table(self.folder / "patterns.toml", "pattern", Pattern)

    @cached_property
    def muscles(self) -> dict[str, MuscleRecord]:
        return read_table(self.folder / "muscles.toml", "muscle", MuscleRecord)

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        return read_table(self.folder / "parameters.toml", "parameter", Parameter)

    @cached_property
    def evidence(self) -> dict[str, Observation]:
        """Published numbers, one file per layer of the model (`evidence_*.toml`)."""
        found: dict[str, Observation] = {}
        for path in sorted(self.folder.glob("evidence_*.toml")):
            part = read_table(path, "observation", Observation)
            if twice := found.keys() & part.keys():
                raise CatalogueError(
                    f"{path.name}, observation `{min(twice)}`: the id stands in another file too.",
                    "An id names one entry.",
                    "Rename one.",
                )
            found |= part
        return found

    @cached_property
    def sources(self) -> dict[str, Source]:
        return read_table(self.folder / "sources.toml", "source", Source)

    def product(self, name: str) -> Product:
        """Raises CatalogueError with the nearest names when there is no such product; so do the five below."""
        return _one("product", self.products, name)

    def pattern(self, name: str) -> Pattern:
        return _one("pattern", self.patterns, name)

    def muscle(self, name: str) -> MuscleRecord:
        return _one("muscle", self.muscles, name)

    def parameter(self, name: str) -> Parameter:
        return _one("parameter", self.parameters, name)

    def observation(self, name: str) -> Observation:
        return _one("observation", self.evidence, name)

    def source(self, name: str) -> Source:
        return _one("source", self.sources, name)

    @cached_property
    def version(self) -> str:
        """Fingerprint of the data files: the same for the same text, whatever the line endings."""
        digest = sha256()
        for path in sorted(self.folder.glob("*.toml")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
        return digest.hexdigest()[:12]

    def validate(self) -> None:
        """Load everything and check what must hold within and between tables.

        Raises:
            CatalogueError: the first violation, with the number of further ones.
        """
        from endplate.catalogue.rules import validate

        validate(self)


def _one(kind: str, table: dict[str, R], name: str) -> R:
    try:
        return table[name]
    except (KeyError, TypeError):
        raise unknown_name(
            kind,
            str(name),
            table,
            "endplate list evidence" if kind == "observation" else f"endplate list {kind}s",
        ) from None


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The package's own catalogue; the same object on every call."""
    return Catalogue()
