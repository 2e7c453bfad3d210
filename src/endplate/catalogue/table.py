"""The catalogue as one object: tables that load on first use, look-ups, listings and citations."""

from __future__ import annotations

from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from endplate.catalogue.clinical import Endpoint, Result, Study, UnwantedEffect
from endplate.catalogue.loader import read_table
from endplate.catalogue.records import MuscleRecord, Observation, Parameter, Pattern, Product, Record, Source
from endplate.errors import CatalogueError, unknown_name

DATA = Path(__file__).parent / "data"
R = TypeVar("R", bound=Record)
#: What a kind of entry is called on the command line, where that is not its plural.
_LISTED = {"observation": "evidence", "study": "studies", "unwanted effect": "adverse"}


class Catalogue:
    """What is known: products, injection patterns, muscles, parameters, clinical evidence, sources.

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
        return self._parts("evidence_*.toml", "observation", Observation)

    @cached_property
    def studies(self) -> dict[str, Study]:
        return read_table(self.folder / "studies.toml", "study", Study)

    @cached_property
    def endpoints(self) -> dict[str, Endpoint]:
        return read_table(self.folder / "endpoints.toml", "endpoint", Endpoint)

    @cached_property
    def results(self) -> dict[str, Result]:
        """Published numbers of studies, one record each."""
        return read_table(self.folder / "results.toml", "result", Result)

    @cached_property
    def adverse(self) -> dict[str, UnwantedEffect]:
        """Reported rates of unwanted effects."""
        return read_table(self.folder / "adverse.toml", "unwanted", UnwantedEffect)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Where numbers come from (`sources.toml`, and `sources_*.toml` of single rooms)."""
        return self._parts("sources*.toml", "source", Source)

    def _parts(self, names: str, key: str, kind: type[R]) -> dict[str, R]:
        """One table that stands in several files."""
        found: dict[str, R] = {}
        for path in sorted(self.folder.glob(names)):
            part = read_table(path, key, kind)
            if twice := found.keys() & part.keys():
                raise CatalogueError(
                    f"{path.name}, {key} `{min(twice)}`: the id stands in another file too.",
                    "An id names one entry.",
                    "Rename one.",
                )
            found |= part
        return found

    def product(self, name: str) -> Product:
        """Raises CatalogueError with the nearest names when there is no such product; so do the others."""
        return _one("product", self.products, name)

    def pattern(self, name: str) -> Pattern:
        return _one("pattern", self.patterns, name)

    def muscle(self, name: str) -> MuscleRecord:
        return _one("muscle", self.muscles, name)

    def parameter(self, name: str) -> Parameter:
        return _one("parameter", self.parameters, name)

    def observation(self, name: str) -> Observation:
        return _one("observation", self.evidence, name)

    def study(self, name: str) -> Study:
        return _one("study", self.studies, name)

    def endpoint(self, name: str) -> Endpoint:
        return _one("endpoint", self.endpoints, name)

    def result(self, name: str) -> Result:
        return _one("result", self.results, name)

    def unwanted(self, name: str) -> UnwantedEffect:
        return _one("unwanted effect", self.adverse, name)

    def source(self, name: str) -> Source:
        return _one("source", self.sources, name)

    @cached_property
    def version(self) -> str:
        """Fingerprint of the data files: the same for the same text, whatever the line endings."""
        digest = sha256()
        for path in sorted(self.folder.rglob("*.toml")):
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
            f"endplate list {_LISTED.get(kind, f'{kind}s')}",
        ) from None


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The package's own catalogue; the same object on every call."""
    return Catalogue()
