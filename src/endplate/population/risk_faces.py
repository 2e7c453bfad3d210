"""Drawn faces under drawn needles: how the muscles that unwanted effects read are exposed, site by site.

Each face carries some of the outer draws, a needle set each (crossed design): row r of a face belongs to outer draw
`rows.draw[r]`. A needle near the orbital rim may slip behind the septum. That is rare and carries much of the risk, so
each row is worked out twice, without a slip and with one needle slipped, and the two are weighted by their chance:

    chance of one needle   p ratio^(1 - d / 10 mm), d from the needle's entry to the bony rim, 0 inside the opening

p being the chance 10 mm above the rim, mean over injectors (`needle.behind_septum_probability`), ratio how many times
more often at the rim (`effect.slip.at_rim_ratio`). Fluid that lies in the orbit, after a slip or because an eye muscle
was the aim, may run off through the fat, all or none: it then reaches the levator as units over a volume, and each eye
muscle, which its sheath keeps apart from the fat, with a share of that (`effect.orbit.*`). A table of the reference
engine, which knows no such run, gives what it brings otherwise.

Strata: 0 no slip, 1 one needle slipped, 2 the same (or one aimed into the orbit) and its fluid ran off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.anatomy import place
from endplate.catalogue import catalogue
from endplate.model.parameters import ParameterSet
from endplate.model.setup import PreparedSite, Setup, prepare
from endplate.model.spread import influence
from endplate.model.spread.geometry import ORBIT_LEFT, ORBIT_RIGHT, SKIN, site_frame
from endplate.population.draws import guided, stream
from endplate.population.exposed import DOSE_SDS, drawn_face, face_seed
from endplate.population.narrow import site_within
from endplate.population.risk_draws import Outer
from endplate.population.risk_parts import Group, part_of
from endplate.population.risk_tables import LOW, STEP, grid, log_ease
from endplate.population.risk_throat import LAYERS, POINTS, near, throat_geometry, throat_targets

MOST_SLIP = 0.5  # of the chance that one needle slips
REFERENCE_MM = 10.0  # above the rim: where the chance of a slip is that of its parameter
CAPTURE = {
    "frontalis": "outcome.capture.forehead",
    "orbicularis_oculi_orbital": "outcome.capture.lateral_canthus",
    "platysma": "outcome.capture.platysma",
    "masseter": "outcome.capture.masseter",
}
"""Muscles whose exposure the clinical fit scales."""


@dataclass(frozen=True)
class Rows:
    """What is drawn for the rows of one face.

    Attributes:
        draw (r,): outer draw of each. offset_mm (r, site, 3), dose (r, site): of the needles.
        weight (r, stratum): chance of each stratum, on average over the sites that take turns.
        slipped (r,): the site that slips, -1 where none can. leaking (r,): the site whose fluid runs off, -1 likewise.
        deeper_mm (r,): how much further back than the plan's slipped tip.
    """

    draw: np.ndarray
    offset_mm: np.ndarray
    dose: np.ndarray
    weight: np.ndarray
    slipped: np.ndarray
    leaking: np.ndarray
    deeper_mm: np.ndarray


@dataclass(frozen=True)
class FaceResult:
    """One face.

    Attributes:
        rows: what was drawn.
        reached: rows of the task's groups that lose anything here, (reached,).
        share (stratum, r, reached, x): share of the endplates by ln drive.
        brought (stratum, r, site, reached): mean exposure over threshold that each site brings.
        replaced: whether it stands for a face without room for the plan.
    """

    rows: Rows
    reached: np.ndarray
    share: np.ndarray
    brought: np.ndarray
    replaced: bool = False


@dataclass(frozen=True)
class Task:
    """What all faces of a run share.

    Attributes:
        plan: with the sessions of one day alone. operators: (experience, guidance) of each site.
        groups: what is watched, (group,). cut (group,): ln drive below which nothing is lost in anybody.
    """

    plan: Any
    sex: str
    age: float
    seed: int
    operators: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    cut: np.ndarray
    outer: Outer


def on_face(task: Task, number: int, draw: np.ndarray, turn: int = 0) -> FaceResult:
    """All rows of one face.

    Args:
        draw: outer draw of each row. turn: of which of its faces this is, so that sites slip in turn.

    Raises:
        PlaceError: a site that this face has no room for.
    """
    own = face_seed(task.seed, number)
    face = drawn_face(task.sex, task.age, own)
    setup = prepare(task.plan, face, place(task.plan, face), 1)
    index, weight = watched(setup, task.groups)
    sites = [site_within(site, index) for site in setup.sites]
    rows = drawn_rows(task, setup, sites, own, draw, turn)
    spread = task.outer.spread_of(draw)
    given = np.stack([_given(task, site, i, rows, spread, len(index)) for i, site in enumerate(sites)])
    slipped = _with_slip(task, setup, sites, rows, spread, given)
    strata = [given, slipped, _with_leak(task, setup, sites, rows, slipped, index)]
    throat = _throat(task, setup, own, rows, spread)
    if throat is not None:
        strata = [np.concatenate([part, throat], axis=2) for part in strata]
        weight = np.concatenate([weight, _throat_weight(task.groups)])
    logs = [np.log(np.maximum(part.sum(axis=0), 1e-30)) for part in strata]
    place_of = _positions(task, draw)
    reached = _reached(logs, weight, place_of, task.cut)
    weight, place_of, cut = weight[:, reached], place_of[:, reached], task.cut[reached]
    share = np.stack([_histogram(log, weight, place_of, cut) for log in logs])
    brought = np.stack([_means(part, weight) for part in strata])
    return FaceResult(rows, reached, share, brought)


def _reached(logs: list[np.ndarray], weight: np.ndarray, place_of: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Groups of which any endplate comes above the cut in any row."""
    most = np.max(logs, axis=0)
    found = [
        k
        for k in range(weight.shape[1])
        if (mine := weight[:, k] > 0.0).any() and (most[:, mine].max(axis=1) + place_of[:, k]).max() > cut[k]
    ]
    return np.array(found, dtype=int)


def _means(part: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean exposure of each group by site: (site, r, q) -> (r, site, group)."""
    from scipy.sparse import csr_array

    sites, rows, points = part.shape
    found = (csr_array(weight.T) @ part.reshape(-1, points).T).reshape(-1, sites, rows)
    return np.moveaxis(found, (0, 1, 2), (2, 1, 0)).astype(np.float32)


def watched(setup: Setup, groups: Sequence[Group]) -> tuple[np.ndarray, np.ndarray]:
    """Endplates of the groups that are in reach, (q,), and the weight of each in each group, (q, group).

    Of muscles under the skin every second endplate stands for both; those of the orbit, where risk arises, all count.
    """
    points, names = setup.endplates, setup.endplates.names
    row = {name: k for k, name in enumerate(names)}
    wanted = np.zeros(len(names), dtype=bool)
    wanted[[row[g.muscle, g.side] for g in groups if not g.declared]] = True
    taken = wanted[points.muscle] & ((points.compartment != SKIN) | (np.arange(len(points.muscle)) % 2 == 0))
    index = setup.active[taken[setup.active]]
    weight = np.zeros((len(index), len(groups)))
    for k, group in enumerate(groups):
        if not group.declared:
            mine = taken & (points.muscle == row[group.muscle, group.side])
            whole = np.where(mine, points.weight * part_of(setup.face, points, group), 0.0)
            weight[:, k] = whole[index] / max(whole.sum(), 1e-300)
    return index, weight


def _throat(task: Task, setup: Setup, own: int, rows: Rows, spread: ParameterSet) -> np.ndarray | None:
    """Exposure over threshold of the points of the throat, (site, r, q); None where no needle comes near."""
    close = [i for i, placed in enumerate(setup.placed) if near(setup.face, placed)]
    if not close or not any(group.declared for group in task.groups):
        return None
    targets = throat_targets(setup.face, own)
    out = np.zeros((len(setup.sites), len(rows.draw), len(targets.points.weight)))
    for i in close:
        site, geometry = setup.sites[i], throat_geometry(targets, setup.placed[i])
        if site.units > 0.0 and len(geometry.index):
            found = influence(np, geometry, site.volume_ml, spread, rows.offset_mm[:, i])
            out[i][:, geometry.index] = _over_threshold(task, site, rows, i)[:, None] * found
    return out


def _throat_weight(groups: Sequence[Group]) -> np.ndarray:
    """Weight of the points of the throat in each group, in the order of `throat_targets`, (q, group)."""
    names = [(name, side) for side in ("left", "right") for name in LAYERS]
    weight = np.zeros((len(names) * POINTS, len(groups)))
    for k, group in enumerate(groups):
        if group.declared:
            first = names.index((group.muscle, group.side)) * POINTS
            weight[first : first + POINTS, k] = 1.0 / POINTS
    return weight


# --- What is drawn


def drawn_rows(
    task: Task, setup: Setup, sites: Sequence[PreparedSite], own: int, draw: np.ndarray, turn: int
) -> Rows:
    """Needles, doses and slips; streams are named by site, so that a site keeps its draws in every plan."""
    outer, count = task.outer, len(draw)
    outer_rows = ParameterSet({n: v[draw] for n, v in outer.values.items() if n.startswith("operator.")})
    skill = stream(own, "injector").standard_normal(count)
    wide = np.exp(outer["effect.injector.needle_log_sd"][draw] * skill)
    offset, dose = np.zeros((count, len(sites), 3)), np.ones((count, len(sites)))
    cv = float(catalogue().parameter("person.dose_cv").value)
    for i in range(len(sites)):
        who, guidance = task.operators[i]
        narrower = guided(guidance, outer_rows)
        in_plane = narrower * wide * outer[f"needle.sd.{_hands(who)}"][draw]
        deep = narrower * outer["needle.depth_sd"][draw]
        placed = setup.placed[i]
        z = stream(own, f"needle {placed.id}").standard_normal((count, 3))
        # The axes of a right-hand site are the mirror image but for the second: a mirrored plan gets mirrored needles.
        turned = np.array([1.0, -1.0 if placed.skin_mm[0] < 0.0 else 1.0, 1.0])
        offset[:, i] = z * turned * np.stack([in_plane, in_plane, deep], axis=1)
        z = stream(own, f"dose {placed.id}").standard_normal(count)
        dose[:, i] = np.maximum(1.0 + cv * np.clip(z, -DOSE_SDS, DOSE_SDS), 0.0)
    entry = catalogue().parameter("needle.behind_septum_depth")
    deeper = outer["needle.behind_septum_depth"][draw] - float(entry.value)
    return Rows(draw, offset, dose, *_strata(task, setup, sites, offset, draw, turn), deeper)


def _strata(
    task: Task, setup: Setup, sites: Sequence[PreparedSite], offset: np.ndarray, draw: np.ndarray, turn: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weight of the strata (r, 3), the site that slips and the site whose fluid runs off, (r,) each."""
    slip, slipped = _slips(task, setup, sites, offset, draw, turn)
    runs = task.outer["effect.orbit.leak_probability"][draw]
    inside = np.array(
        [i for i, placed in enumerate(setup.placed) if placed.compartment == "orbit"], dtype=int
    )
    if not len(inside):
        return np.stack([1.0 - slip, slip * (1.0 - runs), slip * runs], axis=1), slipped, slipped
    any_ = 1.0 - (1.0 - runs) ** len(inside)
    leaking = inside[(np.arange(len(draw)) + turn) % len(inside)]
    # A slip beside a needle in an eye muscle is left out of the third stratum, and the other way round.
    weight = np.stack([(1.0 - any_) * (1.0 - slip), (1.0 - any_) * slip, any_], axis=1)
    return weight, slipped, leaking


def _slips(
    task: Task, setup: Setup, sites: Sequence[PreparedSite], offset: np.ndarray, draw: np.ndarray, turn: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weight of the slipped stratum and the site that slips in it, (r,) each; sites take turns."""
    near = np.array([i for i, site in enumerate(sites) if site.slipped is not None], dtype=int)
    if not len(near):
        return np.zeros(len(draw)), np.full(len(draw), -1)
    chance = np.stack([_slip_chance(task, setup, i, offset[:, i], draw) for i in near], axis=1)
    any_ = 1.0 - np.prod(1.0 - chance, axis=1)
    own = (np.arange(len(draw)) // len(near) + turn + np.arange(len(draw))) % len(near)
    mine = chance[np.arange(len(draw)), own]
    return any_ * len(near) * mine / np.maximum(chance.sum(axis=1), 1e-300), near[own]


def _slip_chance(task: Task, setup: Setup, i: int, offset: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Chance that one needle slips, by how far from the rim it really enters, (r,)."""
    placed = setup.placed[i]
    in_plane = offset * np.array([1.0, 1.0, 0.0])
    entry = placed.skin_mm + in_plane @ site_frame(placed.normal, placed.fibre)
    away = np.min([rim_distance(entry, rim) for rim in setup.face.rim_mm.values()], axis=0)
    ratio = task.outer["effect.slip.at_rim_ratio"][draw]
    chance = task.outer["needle.behind_septum_probability"][draw] * ratio ** (1.0 - away / REFERENCE_MM)
    if _hands(task.operators[i][0]) == "novice":
        chance = chance * task.outer["operator.novice.slip"][draw]
    return np.minimum(chance, MOST_SLIP)


def _hands(experience: str) -> str:
    """Who holds the needle; an unknown operator counts as an expert."""
    return "novice" if experience == "novice" else "expert"


def rim_distance(points: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """mm from points (r, 3) to the bony rim (n, 3), seen from in front; 0 inside the opening."""
    at, start = points[:, None, :2], rim[None, :, :2]
    way = np.roll(rim, -1, axis=0)[None, :, :2] - start
    along = np.clip(((at - start) * way).sum(axis=2) / np.maximum((way**2).sum(axis=2), 1e-12), 0.0, 1.0)
    away = np.sqrt(((at - start - along[..., None] * way) ** 2).sum(axis=2)).min(axis=1)
    rises = (start[..., 1] > at[..., 1]) != (start[..., 1] + way[..., 1] > at[..., 1])
    slope = way[..., 0] / np.where(way[..., 1] == 0.0, 1.0, way[..., 1])
    crossed = at[..., 0] < start[..., 0] + slope * (at[..., 1] - start[..., 1])
    inside = (rises & crossed).sum(axis=1) % 2 == 1
    return np.where(inside, 0.0, away)


# --- Exposure


def _given(
    task: Task, site: PreparedSite, i: int, rows: Rows, spread: ParameterSet, count: int
) -> np.ndarray:
    """Exposure over threshold that one site brings to every watched endplate, (r, q)."""
    out = np.zeros((len(rows.draw), count))
    if site.units > 0.0 and len(site.columns):
        found = influence(np, site.geometry, site.volume_ml, spread, rows.offset_mm[:, i])
        out[:, site.columns] = _over_threshold(task, site, rows, i)[:, None] * found
    return out


def _over_threshold(task: Task, site: PreparedSite, rows: Rows, i: int) -> np.ndarray:
    """Units over threshold that each row's needle brings, (r,)."""
    return site.units * rows.dose[:, i] / task.outer[f"threshold.{site.product}"][rows.draw]


def _with_slip(
    task: Task,
    setup: Setup,
    sites: Sequence[PreparedSite],
    rows: Rows,
    spread: ParameterSet,
    given: np.ndarray,
) -> np.ndarray:
    """The same with one needle slipped in every row, (site, r, q)."""
    out = given.copy()
    for i, site in enumerate(sites):
        mine = np.flatnonzero(rows.slipped == i)
        if site.slipped is None or not len(mine):
            continue
        placed = setup.placed[i]
        backwards = site_frame(placed.normal, placed.fibre) @ np.array([0.0, 0.0, -1.0])
        offset = rows.offset_mm[mine, i] + rows.deeper_mm[mine, None] * backwards
        some = ParameterSet({name: value[mine] for name, value in spread.values.items()})
        found = influence(np, site.slipped, site.volume_ml, some, offset)
        out[i, mine] = 0.0
        full = np.ix_(mine, site.slipped_columns)
        out[i][full] = _over_threshold(task, site, rows, i)[mine, None] * found
    return out


def _with_leak(
    task: Task,
    setup: Setup,
    sites: Sequence[PreparedSite],
    rows: Rows,
    slipped: np.ndarray,
    index: np.ndarray,
) -> np.ndarray:
    """The same with the fluid of one needle run off through the fat of its orbit, (site, r, q)."""
    out, inside = slipped.copy(), setup.endplates.compartment[index]
    kinds = np.array([shape.muscle_class == "eye" for shape in setup.face.muscles])
    eye = kinds[setup.endplates.muscle[index]]
    per_unit = 1.0 / task.outer["effect.orbit.leak_volume"][rows.draw]
    for i, site in enumerate(sites):
        mine = np.flatnonzero(rows.leaking == i)
        if len(mine):
            orbit = ORBIT_LEFT if setup.placed[i].skin_mm[0] > 0 else ORBIT_RIGHT
            given = (_over_threshold(task, site, rows, i) * per_unit)[mine, None]
            of_eye = task.outer["effect.orbit.leak_eye_share"][rows.draw][mine, None]
            for points, share in ((~eye, 1.0), (eye, of_eye)):
                out[i][np.ix_(mine, np.flatnonzero((inside == orbit) & points))] += given * share
    return out


# --- Histograms


def _positions(task: Task, draw: np.ndarray) -> np.ndarray:
    """What is added to ln exposure over threshold to give ln drive, (r, group)."""
    outer = task.outer
    ease = {c: log_ease(outer.values, c)[draw] for c in {g.muscle_class for g in task.groups}}
    columns = []
    for group in task.groups:
        own = outer.shift[draw] + ease[group.muscle_class]
        if group.muscle in CAPTURE:
            own = own + np.log(outer[CAPTURE[group.muscle]][draw])
        columns.append(own)
    return np.stack(columns, axis=1)


def _histogram(log: np.ndarray, weight: np.ndarray, place_of: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Share of each group's endplates by ln drive, split between neighbouring cells: (r, q) -> (r, group, x).

    Endplates below the cut are left out, so shares may sum to less than 1.
    """
    point, group = np.nonzero(weight)
    cells, groups, count = len(grid()), weight.shape[1], len(log)
    drive = log[:, point] + place_of[:, group]
    row, entry = np.nonzero(drive > cut[group])
    at = np.clip((drive[row, entry] - LOW) / STEP, 0.0, cells - 1.0 - 1e-9)
    low = at.astype(np.int64)
    share = weight[point, group][entry]
    upper = share * (at - low)
    index = (row * groups + group[entry]) * cells + low
    size = count * groups * cells
    found = np.bincount(index, share - upper, minlength=size) + np.bincount(index + 1, upper, minlength=size)
    return found.reshape(count, groups, cells).astype(np.float32)
