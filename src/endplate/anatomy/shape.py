"""From atlas entries to muscles on one head: every control row is laid on the skin, sunk below it and made a grid.

All rows of all muscles go to the skin in one call, then all grids in another: two look-ups build a face.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.anatomy import curves, endplates, orbit
from endplate.anatomy.atlas import Atlas, AtlasMuscle, Control
from endplate.anatomy.frames import Array, mirrored, unit

if TYPE_CHECKING:
    from endplate.anatomy.skin import Skin

DENSE = 17
"""Samples of a control row before it is cut to length."""

FIBRE_STEPS, RING_STEPS = 13, 33
ACROSS_STEPS = {"path": 5, "sheet": 9, "ring": 7}

THINNEST_COVER_MM = 0.4
"""No muscle comes nearer to the surface than the thinnest lid skin (0.32 mm at the margin, spread_anatomy 2.1)."""


@dataclass(frozen=True)
class Build:
    """How one person's muscle differs from the mean: factors, and the endplate shift along the fibres."""

    length: float = 1.0
    width: float = 1.0
    thickness: float = 1.0
    cover: float = 1.0
    endplate_shift: float = 0.0


@dataclass(frozen=True, eq=False)
class MuscleShape:
    """One muscle of one side as a grid: u along the fibre from the origin, v across (mm, unit vectors).

    Shapes: grid_mm, fibre, normal (U, V, 3); thickness_mm, depth_mm (U, V); endplates_mm, endplate_fibre,
    endplate_normal (Q, 3); endplate_depth_mm, endplate_weight (sums to 1), endplate_quantile (Q,).
    Depths are below the skin, of the mid-surface. Normals point outward. Q = 128.
    """

    muscle: str
    side: str
    kind: str
    frame: str
    grid_mm: Array
    fibre: Array
    normal: Array
    thickness_mm: Array
    depth_mm: Array
    endplates_mm: Array
    endplate_fibre: Array
    endplate_normal: Array
    endplate_depth_mm: Array
    endplate_weight: Array
    endplate_quantile: Array
    volume_mm3: float
    layer: int
    compartment: str
    muscle_class: str
    grade: str

    def length_mm(self) -> Array:
        """Length of every fibre of the grid (V,)."""
        return np.sum(np.linalg.norm(np.diff(self.grid_mm, axis=0), axis=-1), axis=0)

    def width_mm(self) -> Array:
        """Width square to the fibres at every step along them (U,)."""
        return square_width(self.grid_mm, self.fibre)


def square_width(grid: Array, fibre: Array) -> Array:
    """Width of a grid (U, V, 3) measured square to its fibres (U,), mm."""
    steps = np.diff(grid, axis=1)
    return np.sum(np.linalg.norm(np.cross(steps, 0.5 * (fibre[:, 1:] + fibre[:, :-1])), axis=-1), axis=1)


@dataclass
class _Work:
    """What is known of one muscle between the two look-ups."""

    entry: AtlasMuscle
    build: Build
    rows: Array
    normals: Array = field(default_factory=lambda: np.empty(0))
    grid: Array = field(default_factory=lambda: np.empty(0))
    radial: Array = field(default_factory=lambda: np.empty(0))


def points_of(skin: Skin, anchors: Mapping[str, Control]) -> dict[str, Array]:
    """Left and midline landmarks under their bare names, with the helper points of the atlas (mm)."""
    points: dict[str, Any] = {
        name.removesuffix(".left"): np.asarray(at, dtype=float)
        for name, at in skin.landmarks.items()
        if not name.endswith(".right")
    }
    points["zero"] = np.zeros(3)
    for name, control in anchors.items():
        points[name] = locate(control, points)
    return points


def locate(control: Control, points: Mapping[str, Array]) -> Array:
    """Where a control point lies on this head (3,)."""
    return sum((share * points[name] for name, share in control.landmarks), np.asarray(control.offset_mm))


def build_shapes(skin: Skin, atlas: Atlas, sex: str, builds: Mapping[str, Build]) -> list[MuscleShape]:
    """Every muscle on this skin: left, right (its exact mirror) and midline ones."""
    points = points_of(skin, atlas.anchors)
    works = [
        _Work(entry, builds.get(name, Build()), _control_rows(entry, points))
        for name, entry in atlas.muscles.items()
    ]
    on_skin = [work for work in works if work.entry.compartment == "skin"]
    _spread_back(on_skin, "rows", "normals", skin)
    for work in on_skin:
        # lengths and widths are those of the muscle, not of the skin over it: rows are sunk, and carry the way back
        lift = work.normals * _middle(work, sex, *work.rows.shape[:2])[..., None]
        work.rows = np.concatenate([work.rows - lift, lift], axis=2)
    for work in works:
        work.grid = _grid(work, sex, points)
    _spread_back(on_skin, "grid", "normals", skin)
    in_orbit = [work for work in works if work.entry.compartment == "orbit"]
    below = orbit.distances_to_skin([work.grid for work in in_orbit], skin)
    depths = {work.entry.id: depth for work, depth in zip(in_orbit, below, strict=True)}
    shapes = []
    for work in works:
        shapes.extend(_finish(work, sex, depths.get(work.entry.id)))
    return shapes


def _control_rows(entry: AtlasMuscle, points: Mapping[str, Array]) -> Array:
    """Control rows sampled finely: (R, N, 3). A midline ring is closed through its mirror image first."""
    rows = []
    for row in entry.rows:
        at = np.array([locate(control, points) for control in row])
        if entry.kind == "ring" and entry.midline:
            at = np.concatenate([at, mirrored(at[-2:0:-1])])
        closed = entry.kind == "ring"
        rows.append(curves.spline(at, RING_STEPS if closed else DENSE, closed))
    return np.array(rows)


def _spread_back(works: list[_Work], name: str, normal_name: str, skin: Skin) -> None:
    """Lay the named arrays of all muscles on the skin in one call; keep the outward normals."""
    arrays = [getattr(work, name) for work in works]
    on_skin, normals = skin.nearest(np.concatenate([array.reshape(-1, 3) for array in arrays]))
    start = 0
    for work, array in zip(works, arrays, strict=True):
        part = slice(start, start + array.size // 3)
        setattr(work, name, on_skin[part].reshape(array.shape))
        setattr(work, normal_name, normals[part].reshape(array.shape))
        start = part.stop


def _middle(work: _Work, sex: str, across: int, steps: int) -> Array:
    """Depth of the mid-surface below the skin (across, steps), mm."""
    entry, build = work.entry, work.build
    cover = np.maximum(_cover(entry, steps, across) * build.cover, THINNEST_COVER_MM)
    return (cover + 0.5 * entry.thickness.mean(sex) * build.thickness).T


def _grid(work: _Work, sex: str, points: Mapping[str, Array]) -> Array:
    """Grid (U, V, 3), near the skin for what will be laid on it; of midline sheets the left half only."""
    entry, build = work.entry, work.build
    across = ACROSS_STEPS[entry.kind]
    if entry.kind == "ring":
        grid = curves.across_rows(work.rows, np.asarray(entry.across_at), across)
        grid = grid[:, :1] + build.width * (grid - grid[:, :1])
        return grid[..., :3] + grid[..., 3:]
    rows = _to_length(work, sex)
    if entry.kind == "path":
        return _strap(work, rows[0], sex, across, points)
    half = (across + 1) // 2 if entry.midline else across
    grid = curves.across_rows(rows, np.asarray(entry.across_at), half)
    return _scaled_across(grid[..., :3], entry, build, sex) + grid[..., 3:]


def _to_length(work: _Work, sex: str) -> Array:
    """Control rows cut or lengthened to the published length, if the shape is brought to one: (R, U, columns)."""
    entry = work.entry
    length = None if entry.length is None else entry.length.mean(sex) * work.build.length
    shares = entry.row_length or (1.0,) * len(work.rows)
    from_end = entry.anchor == "insertion"
    return np.array(
        [
            curves.resample(row, FIBRE_STEPS, None if length is None else length * share, from_end)
            for row, share in zip(work.rows, shares, strict=True)
        ]
    )


def _scaled_across(grid: Array, entry: AtlasMuscle, build: Build, sex: str) -> Array:
    """Bring the mean width of a sheet to its published figure; sheets without one follow their landmarks."""
    if entry.width is None:
        return grid
    now = np.mean(square_width(grid, unit(np.gradient(grid, axis=0)))) * (2 if entry.midline else 1)
    middle = grid[:, :1] if entry.midline else grid.mean(axis=1, keepdims=True)
    return middle + entry.width.mean(sex) * build.width / now * (grid - middle)


def _strap(work: _Work, row: Array, sex: str, across: int, points: Mapping[str, Array]) -> Array:
    """A centreline (U, 3 or 6) widened to a strap (U, V, 3), across its fibres and along the surface it lies on."""
    entry = work.entry
    centre, lift = row[:, :3], row[:, 3:]
    fibre = unit(np.gradient(centre, axis=0))
    if entry.compartment == "skin":
        normal = unit(lift)
        centre = centre + lift
    elif entry.compartment == "orbit":
        normal = work.radial = orbit.radial(centre, points)
    else:
        normal = work.radial = np.broadcast_to(np.array([0.0, 0.0, 1.0]), centre.shape)
    sideways = unit(np.cross(normal, fibre))
    figure = entry.width or entry.thickness  # a path always has a width: atlas.py sees to it
    width = figure.mean(sex) * work.build.width * curves.profile(entry.width_profile, len(centre))
    offset = np.linspace(-0.5, 0.5, across)[None, :, None] * width[:, None, None]
    if entry.compartment == "orbit":
        return orbit.round_globe(centre, sideways, offset, points["globe"])
    return centre[:, None] + offset * sideways[:, None]


def _finish(work: _Work, sex: str, depth: Array | None) -> list[MuscleShape]:
    """Sink the grid, then complete it: mirror, thickness, fibre field, endplates."""
    entry, build = work.entry, work.build
    grid, normal = work.grid, work.normals
    if entry.midline and entry.kind == "sheet":
        grid, normal = _whole(grid, entry.kind), _whole(normal, entry.kind)
    steps, across = grid.shape[:2]
    thickness = entry.thickness.mean(sex) * build.thickness * _section(entry, steps, across)
    if entry.compartment == "skin":
        depth = _middle(work, sex, across, steps).T
        normal = _smooth(normal, entry)
        grid = grid - normal * depth[..., None]
    else:
        normal = np.broadcast_to(work.radial[:, None], grid.shape).copy()
        depth = -grid[..., 2] if depth is None else depth
    if entry.midline:
        grid, normal = (
            _whole(_half(grid, entry.kind), entry.kind),
            _whole(_half(normal, entry.kind), entry.kind),
        )
    normal = unit(normal)
    fibre = _fibres(grid, entry)
    return _sides(entry, build, grid, fibre, normal, thickness, depth)


def _half(whole: Array, kind: str) -> Array:
    """The left half of a midline muscle's grid (a ring keeps its whole grid)."""
    return whole if kind == "ring" else whole[:, whole.shape[1] // 2 :]


def _whole(half: Array, kind: str) -> Array:
    """A midline muscle from its left half, exactly symmetric (points at the midline are put on it)."""
    half = half.copy()
    if kind == "ring":
        middle = half.shape[0] // 2
        half[0, :, 0] = half[middle, :, 0] = 0.0
        left = half[: middle + 1]
        return np.concatenate([left, mirrored(left[-2::-1])])
    half[:, 0, 0] = 0.0
    return np.concatenate([mirrored(half[:, :0:-1]), half], axis=1)


def _section(entry: AtlasMuscle, steps: int, across: int) -> Array:
    """Relative thickness (U, V): the profile along the fibres times a section, flat with thin edges or round."""
    v = np.linspace(-1.0, 1.0, across)
    section = np.sqrt(np.maximum(1.0 - (0.96 * v) ** 2, 0.0)) if entry.round_section else 1.0 - 0.5 * v**6
    return curves.profile(entry.thickness_profile, steps)[:, None] * section


def _cover(entry: AtlasMuscle, steps: int, across: int) -> Array:
    """Tissue over the muscle (U, V), mm, from a table of rows (across) by columns (along)."""
    along = np.array([curves.profile(row, steps) for row in entry.cover_mm])
    if entry.kind == "ring" and entry.midline:
        half = np.array([curves.profile(row, steps // 2 + 1) for row in entry.cover_mm])
        along = np.concatenate([half, half[:, -2::-1]], axis=1)
    wanted = np.linspace(0.0, len(along) - 1.0, across)
    index = np.minimum(wanted.astype(int), max(len(along) - 2, 0))
    t = (wanted - index)[:, None]
    return ((1 - t) * along[index] + t * along[np.minimum(index + 1, len(along) - 1)]).T


def _smooth(normal: Array, entry: AtlasMuscle) -> Array:
    """Skin normals averaged over the neighbours: a muscle under the skin is smoother than the skin."""
    padded = np.pad(normal, ((1, 1), (1, 1), (0, 0)), mode="edge")
    if entry.kind == "ring":
        padded[0, 1:-1], padded[-1, 1:-1] = normal[-2], normal[1]
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return unit(rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:])


def _fibres(grid: Array, entry: AtlasMuscle) -> Array:
    """Unit fibre direction (U, V, 3), from origin to insertion; round a ring the seam is closed."""
    if entry.kind != "ring":
        return unit(np.gradient(grid, axis=0))
    steps = np.roll(grid[:-1], -1, axis=0) - np.roll(grid[:-1], 1, axis=0)
    return unit(np.concatenate([steps, steps[:1]]))


def _volume(grid: Array, thickness: Array) -> float:
    """Sum over the cells of area times thickness (mm3)."""
    along = 0.5 * (grid[1:, :-1] - grid[:-1, :-1] + grid[1:, 1:] - grid[:-1, 1:])
    aside = 0.5 * (grid[:-1, 1:] - grid[:-1, :-1] + grid[1:, 1:] - grid[1:, :-1])
    area = np.linalg.norm(np.cross(along, aside), axis=-1)
    mean = 0.25 * (thickness[1:, :-1] + thickness[:-1, :-1] + thickness[1:, 1:] + thickness[:-1, 1:])
    return float(np.sum(area * mean))


def _sides(
    entry: AtlasMuscle, build: Build, grid: Array, fibre: Array, normal: Array, thickness: Array, depth: Array
) -> list[MuscleShape]:
    """The finished muscle of each side; one structure for a midline muscle, half its endplates mirrored."""
    count = endplates.COUNT // 2 if entry.midline else endplates.COUNT
    at, weight = endplates.draw(entry.patches, count, build.endplate_shift)
    u, v, through = at[:, 0], at[:, 1], at[:, 2]
    if entry.midline and entry.kind == "ring":
        u = 0.5 * u
    elif entry.midline:
        v = 0.5 + 0.5 * v
    thick = curves.on_grid(thickness, u, v)
    plate_normal = unit(curves.on_grid(normal, u, v))
    points: dict[str, Any] = {
        "endplates_mm": curves.on_grid(grid, u, v) + ((0.5 - through) * thick)[:, None] * plate_normal,
        "endplate_fibre": unit(curves.on_grid(fibre, u, v)),
        "endplate_normal": plate_normal,
        "endplate_depth_mm": np.maximum(curves.on_grid(depth, u, v) + (through - 0.5) * thick, 0.05),
        "endplate_weight": weight,
        "endplate_quantile": at[:, 3],
    }
    vectors: dict[str, Any] = {"grid_mm": grid, "fibre": fibre, "normal": normal}
    common: dict[str, Any] = {
        "muscle": entry.id,
        "kind": entry.kind,
        "frame": "foot" if entry.compartment == "foot" else "head",
        "thickness_mm": thickness,
        "depth_mm": depth,
        "volume_mm3": _volume(grid, thickness),
        "layer": entry.layer,
        "compartment": entry.compartment,
        "muscle_class": entry.muscle_class,
        "grade": entry.grade,
    }
    if entry.midline:
        both: dict[str, Any] = {
            name: _both(value, name == "endplate_weight") for name, value in points.items()
        }
        return [MuscleShape(side="midline", **common, **vectors, **both)]
    other: dict[str, Any] = {
        name: mirrored(value) if value.ndim == 2 else value for name, value in points.items()
    }
    turned: dict[str, Any] = {name: mirrored(value) for name, value in vectors.items()}
    return [
        MuscleShape(side="left", **common, **vectors, **points),
        MuscleShape(side="right", **common, **turned, **other),
    ]


def _both(values: Array, is_weight: bool) -> Array:
    """Endplates of the left half and their mirror images, one after the other."""
    if is_weight:
        return np.concatenate([values, values]) / 2.0
    return np.concatenate([values, mirrored(values) if values.ndim == 2 else values])
