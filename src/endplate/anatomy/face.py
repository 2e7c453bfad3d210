"""One head with its muscles: the average of a sex and age, or one person drawn from the published spreads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from endplate.anatomy import curves
from endplate.anatomy.atlas import Atlas, AtlasMuscle, Figure, atlas
from endplate.anatomy.frames import Array, mirrored
from endplate.anatomy.shape import Build, MuscleShape, build_shapes, locate, points_of
from endplate.errors import CatalogueError, PlaceError, unknown_name

if TYPE_CHECKING:
    from endplate.anatomy.skin import Skin

RIM_POINTS = 48
OLDEST = 110
SEXES = ("female", "male")

_STREAM = 20_117
"""Keeps the draws of the muscles apart from those of the skin, which uses the same seed."""


@dataclass(frozen=True, eq=False, repr=False)
class Face:
    """A head: skin, muscles, bony orbital rims. Frame "head", mm.

    Attributes:
        points: left and midline landmarks under bare names and the helper points of the atlas, (3,) each.
        rim_mm: closed polyline of the bony orbital rim for "left" and "right", (48, 3).
    """

    id: str
    sex: str
    age: float
    skin: Skin
    muscles: tuple[MuscleShape, ...]
    rim_mm: dict[str, Array]
    points: dict[str, Array]

    def __repr__(self) -> str:
        return f"Face({self.id!r}, {len(self.muscles)} muscles)"

    @cached_property
    def _index(self) -> dict[tuple[str, str], MuscleShape]:
        return {(shape.muscle, shape.side): shape for shape in self.muscles}

    def muscle(self, muscle_id: str, side: str = "midline") -> MuscleShape:
        """The muscle of one side; a midline muscle answers to every side."""
        for key in ((muscle_id, side), (muscle_id, "midline")):
            if key in self._index:
                return self._index[key]
        names = sorted({shape.muscle for shape in self.muscles})
        if muscle_id in names:
            raise PlaceError(f"{muscle_id} has no side `{side}`.", "Allowed: left, right.", "Give the side.")
        raise unknown_name("muscle", muscle_id, names, "endplate list muscles")

    @cached_property
    def floor(self) -> tuple[Array, Array, Array]:
        """What lies deepest: of all left and midline skin muscles the skin over each grid point (N, 3), the depth of
        the lower face there (N,), and how far that point speaks for its surroundings (N,), mm."""
        shapes = [s for s in self.muscles if s.compartment == "skin" and s.side != "right"]
        at = np.concatenate([(s.grid_mm + s.normal * s.depth_mm[..., None]).reshape(-1, 3) for s in shapes])
        bottom = np.concatenate([(s.depth_mm + 0.5 * s.thickness_mm).ravel() for s in shapes])
        reach = np.concatenate([np.full(s.depth_mm.size, _half_cell(s)) for s in shapes])
        return at, bottom, reach


def _half_cell(shape: MuscleShape) -> float:
    """Half the diagonal of the largest cell of a grid, at least 4.5 mm."""
    along, across = (np.max(np.linalg.norm(np.diff(shape.grid_mm, axis=k), axis=-1)) for k in (0, 1))
    return max(0.5 * float(np.hypot(along, across)), 4.5)


def default_face(sex: str = "female", age: float = 45) -> Face:
    """The average adult of this sex and age; built once and kept."""
    _check_person(sex, age)
    return _average(sex, float(age))


@lru_cache(maxsize=8)
def _average(sex: str, age: float) -> Face:
    from endplate.anatomy.individual import average_skin

    return _assemble(f"default-{sex}-{age:g}", sex, age, average_skin(sex, age), {})


def sample_individual(sex: str, age: float, seed: int) -> Face:
    """One person: skin from the norms of sex and age, muscles from published spreads, else the declared ones.

    The same arguments give the same face to the last bit. Left and right of one person agree.
    """
    _check_person(sex, age)
    from endplate.anatomy.individual import sample_skin

    random = np.random.default_rng([seed, _STREAM])
    builds = {name: _draw(entry, sex, random) for name, entry in atlas().muscles.items()}
    skin = sample_skin(sex, age, seed)
    return _assemble(f"person-{sex}-{age:g}-{seed}", sex, float(age), skin, builds)


def _check_person(sex: str, age: float) -> None:
    if sex not in SEXES:
        raise CatalogueError(f"Unknown sex `{str(sex)[:60]}`.", "", "Give female or male.")
    if not 0 <= age <= OLDEST:
        raise PlaceError(f"Age {age:g} is not an age.", f"Allowed: 18 to {OLDEST} years.", "Correct the age.")
    if age < 18:
        raise PlaceError(
            f"Age {age:g}: children are outside the atlas.",
            "Its sizes come from adults (18 years and more).",
            "Use an adult face.",
        )


def _draw(entry: AtlasMuscle, sex: str, random: np.random.Generator) -> Build:
    """One person's factors; draws beyond 2.5 SD are cut, so that no muscle turns inside out."""
    spread = atlas().spread
    z = np.clip(random.standard_normal(5), -2.5, 2.5)
    shift = spread["levator_endplate_along"] if entry.muscle_class == "levator" else spread["endplate_along"]
    return Build(
        length=_factor(entry.length, sex, spread["length"], z[0]),
        width=1.0 if entry.bounded else _factor(entry.width, sex, spread["width"], z[1]),
        thickness=_factor(entry.thickness, sex, spread["thickness"], z[2]),
        cover=max(1.0 + spread["cover"] * z[3], 0.5),
        endplate_shift=shift * z[4],
    )


def _factor(figure: Figure | None, sex: str, declared: float, z: float) -> float:
    relative = declared if figure is None or figure.sd is None else figure.sd / figure.mean(sex)
    return max(1.0 + relative * z, 0.4)


def _assemble(face_id: str, sex: str, age: float, skin: Skin, builds: Mapping[str, Build]) -> Face:
    book = atlas()
    points = points_of(skin, book.anchors)
    left = _rim(book, points)
    shapes = build_shapes(skin, book, sex, builds)
    return Face(face_id, sex, age, skin, tuple(shapes), {"left": left, "right": mirrored(left)}, points)


def _rim(book: Atlas, points: Mapping[str, Array]) -> Array:
    """Closed polyline of the left bony rim (48, 3)."""
    controls = np.array([locate(control, points) for control in book.rim])
    return curves.spline(controls, RIM_POINTS + 1, closed=True)[:-1]
