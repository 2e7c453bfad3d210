"""Drawn faces under drawn needles: how the muscles that unwanted effects read are exposed, site by site.

Each face carries some of the outer draws, a needle set each (crossed design): row r of a face belongs to outer draw
`rows.draw[r]`, and is worked out in the strata of `risk_needles`.

Fluid that lies in the orbit, after a slip or because an eye muscle was the aim, may run off through the fat, all or
none. It then reaches the levator as units over a volume, and each eye muscle, which its sheath keeps apart from the
fat, with a share of that (`effect.orbit.*`). What it brings otherwise stands in a table of the reference engine, which
knows no such run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from endplate.anatomy import place
from endplate.anatomy.endplates import COUNT
from endplate.model.parameters import ParameterSet
from endplate.model.setup import PreparedSite, Setup, prepare
from endplate.model.spread import influence
from endplate.model.spread.geometry import ORBIT_LEFT, ORBIT_RIGHT, SKIN, site_frame
from endplate.population.exposed import drawn_face, face_seed
from endplate.population.narrow import site_within
from endplate.population.risk_needles import Rows, Task, drawn_rows
from endplate.population.risk_parts import Group, part_of
from endplate.population.risk_tables import LOW, STEP, grid, log_ease
from endplate.population.risk_throat import LAYERS, POINTS, near, throat_geometry, throat_targets

THIN = 3  # endplates under the skin: a third of them changes no risk by more than its Monte Carlo error
CAPTURE = {
    "frontalis": "outcome.capture.forehead",
    "orbicularis_oculi_orbital": "outcome.capture.lateral_canthus",
    "platysma": "outcome.capture.platysma",
    "masseter": "outcome.capture.masseter",
}
"""Muscles whose exposure the clinical fit scales."""


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
    throat = _throat(task, setup, own, rows, spread)
    slipped = _slipped(task, setup, sites, rows, spread, len(index))
    ran_off = _ran_off(task, setup, sites, rows, index)
    if throat is not None:
        given = np.concatenate([given, throat], axis=2)
        none = np.zeros((len(draw), throat.shape[2]))
        slipped, ran_off = (np.concatenate([part, none], axis=1) for part in (slipped, ran_off))
        weight = np.concatenate([weight, _throat_weight(task.groups)])
    straight = given.sum(axis=0)
    behind = behind_of(task, rows)
    one_slipped = straight + slipped - behind * given[rows.slipped, np.arange(len(draw))]
    logs = [np.log(np.maximum(total, 1e-30)) for total in (straight, one_slipped, one_slipped + ran_off)]
    place_of = _positions(task, draw)
    reached = _reached(logs, weight, place_of, task.cut)
    weight, place_of, cut = weight[:, reached], place_of[:, reached], task.cut[reached]
    share = np.stack([_histogram(log, weight, place_of, cut) for log in logs])
    brought = _brought(rows, given @ weight, slipped @ weight, ran_off @ weight, behind)
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


def _brought(
    rows: Rows, given: np.ndarray, slipped: np.ndarray, ran_off: np.ndarray, behind: np.ndarray
) -> np.ndarray:
    """Mean exposure that each site brings in the strata, (stratum, r, site, group).

    Args:
        given (site, r, group), slipped (r, group), ran_off (r, group): means over the endplates of each group.
        behind (r, 1): share of the slipped needle's fluid that lies behind the septum.
    """
    straight = np.moveaxis(given, 0, 1)
    one = straight.copy()
    mine = np.flatnonzero(rows.slipped >= 0)
    one[mine, rows.slipped[mine]] += slipped[mine] - behind[mine] * one[mine, rows.slipped[mine]]
    both = one.copy()
    mine = np.flatnonzero(rows.leaking >= 0)
    both[mine, rows.leaking[mine]] += ran_off[mine]
    return np.stack([straight, one, both]).astype(np.float32)


def watched(setup: Setup, groups: Sequence[Group]) -> tuple[np.ndarray, np.ndarray]:
    """Endplates of the groups that are in reach, (q,), and the weight of each in each group, (q, group).

    Of muscles under the skin every third endplate stands for three; those of the orbit all count.
    """
    points, names = setup.endplates, setup.endplates.names
    row = {name: k for k, name in enumerate(names)}
    wanted = np.zeros(len(names), dtype=bool)
    wanted[[row[g.muscle, g.side] for g in groups if not g.declared]] = True
    # Counted anew in each half of a muscle, so that both sides, and the halves of a midline one, keep the same.
    first = np.searchsorted(points.muscle, np.arange(len(names)))
    place_in_half = (np.arange(len(points.muscle)) - first[points.muscle]) % (COUNT // 2)
    taken = wanted[points.muscle] & ((points.compartment != SKIN) | (place_in_half % THIN == 0))
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


def _slipped(
    task: Task, setup: Setup, sites: Sequence[PreparedSite], rows: Rows, spread: ParameterSet, count: int
) -> np.ndarray:
    """What the needle that slips in each row brings from behind the septum, (r, q)."""
    behind = behind_of(task, rows)
    out = np.zeros((len(rows.draw), count))
    for i, site in enumerate(sites):
        mine = np.flatnonzero(rows.slipped == i)
        if site.slipped is None or site.slipped_columns is None or not len(mine):
            continue
        placed = setup.placed[i]
        backwards = site_frame(placed.normal, placed.fibre) @ np.array([0.0, 0.0, -1.0])
        offset = rows.offset_mm[mine, i] + rows.deeper_mm[mine, None] * backwards
        some = ParameterSet({name: value[mine] for name, value in spread.values.items()})
        found = influence(np, site.slipped, site.volume_ml, some, offset)
        given = _over_threshold(task, site, rows, i)[mine, None] * behind[mine]
        out[np.ix_(mine, site.slipped_columns)] = given * found
    return out


def behind_of(task: Task, rows: Rows) -> np.ndarray:
    """Share of its fluid that the needle of each row leaves behind the septum if it slips, (r, 1).

    The rest stays where it was meant to go.
    """
    return np.where(rows.slipped >= 0, task.outer["effect.slip.fluid_share"][rows.draw], 0.0)[:, None]


def _ran_off(
    task: Task, setup: Setup, sites: Sequence[PreparedSite], rows: Rows, index: np.ndarray
) -> np.ndarray:
    """What the fluid of one needle adds that runs off through the fat of its orbit, (r, q)."""
    out, inside = np.zeros((len(rows.draw), len(index))), setup.endplates.compartment[index]
    kinds = np.array([shape.muscle_class == "eye" for shape in setup.face.muscles])
    eye = kinds[setup.endplates.muscle[index]]
    per_unit = 1.0 / task.outer["effect.orbit.leak_volume"][rows.draw]
    for i, site in enumerate(sites):
        mine = np.flatnonzero(rows.leaking == i)
        if len(mine):
            orbit = ORBIT_LEFT if setup.placed[i].skin_mm[0] > 0 else ORBIT_RIGHT
            given = (_over_threshold(task, site, rows, i) * per_unit)[mine, None]
            if setup.placed[i].compartment != "orbit":
                given = given * behind_of(task, rows)[mine]
            of_eye = task.outer["effect.orbit.leak_eye_share"][rows.draw][mine, None]
            for points, share in ((~eye, 1.0), (eye, of_eye)):
                out[np.ix_(mine, np.flatnonzero((inside == orbit) & points))] = given * share
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
