"""Everything about one plan on one face that does not depend on the draw: geometry, times, names.

Preparing it once is what makes a thousand draws cheap: distances, paths round the rim and the choice of muscles
in reach are settled here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.model.backend import normal_quantile
from endplate.model.face_tables import endplate_targets
from endplate.model.junction import response_days
from endplate.model.parameters import point_parameters
from endplate.model.spread import (
    Endplates,
    SiteGeometry,
    Targets,
    footprint_variances,
    site_geometry,
)
from endplate.model.spread.geometry import ORBIT_LEFT, ORBIT_RIGHT, SKIN, compartment_code
from endplate.model.spread.needle import septum_candidate

REACH_SD = 4.5  # endplates further than this many footprint SDs (and REACH_MM) get nothing that could matter
REACH_MM = 12.0
MAX_DAYS = 3650


@dataclass(frozen=True)
class PreparedSite:
    """One needle: its units, its geometry, and where it would lie if it slipped behind the septum."""

    session: int
    units: float
    volume_ml: float
    product: str
    geometry: SiteGeometry
    columns: np.ndarray
    slipped: SiteGeometry | None
    slipped_columns: np.ndarray | None


@dataclass(frozen=True)
class PreparedSession:
    """One product on one day, day 0 being the first session that is still planned."""

    day: int
    product: str
    serotype: str


@dataclass(frozen=True)
class Setup:
    """A plan on a face, ready for any number of draws.

    Attributes:
        endplates: all endplates of the face; active: indices of those in reach, (q,).
        muscle: row of `active_muscles` of each active endplate, (q,).
        active_muscles: rows of `endplates.names` that are in reach and can be blocked.
        classes: muscle class of each active muscle.
        quantile_z: normal score of each active endplate's own sensitivity, (q,).
        start: first simulated day (<= 0); days: last day; nodes: days at which a response is kept.
        joined (row, cell): where rows of endplates are cells of muscles and not muscles, what share of each read-out
            is blocked when a cell is; None where rows are read out themselves. row_classes: class of each read-out.
    """

    face: Any
    placed: tuple[Any, ...]
    endplates: Endplates
    sites: tuple[PreparedSite, ...]
    sessions: tuple[PreparedSession, ...]
    active: np.ndarray
    muscle: np.ndarray
    weight: np.ndarray
    quantile_z: np.ndarray
    active_muscles: np.ndarray
    classes: tuple[str, ...]
    start: int
    days: int
    nodes: np.ndarray
    neutralised_share: float
    joined: np.ndarray | None = None
    row_classes: tuple[str, ...] = ()

    @property
    def read_classes(self) -> tuple[str, ...]:
        """Muscle class of each read-out."""
        return self.classes if self.joined is None else self.row_classes

    @property
    def used_sessions(self) -> list[int]:
        """Sessions that bring any toxin, in order."""
        return sorted({site.session for site in self.sites if site.units > 0.0})


def prepare(plan: Any, face: Any, placed: Sequence[Any], days: int, neutralised_share: float = 0.0) -> Setup:
    """Geometry and times of a placed plan.

    Args:
        placed: the plan's sites on `face`.
        days: last day of the course, counted from the first planned session.
        neutralised_share: share of free toxin that antibodies remove, 0 to 1.

    Raises:
        ModelError: days outside 1..3650, or a share outside 0..1.
    """
    if not 1 <= days <= MAX_DAYS:
        raise ModelError(
            f"A course of {days} days was asked for.", f"1 to {MAX_DAYS} days are allowed.", "Give --days."
        )
    if not 0.0 <= neutralised_share <= 1.0:
        raise ModelError(f"neutralised_share is {neutralised_share}.", "It is a share, 0 to 1.")
    targets = endplate_targets(face)
    endplates = targets.points
    raw = [_geometry(site, targets) for site in placed]
    blockable = np.array([m.muscle_class != "smooth" for m in face.muscles])
    reached = np.unique(
        np.concatenate([g.index for pair in raw for g in pair if g is not None] or [np.zeros(0, int)])
    )
    active = reached[blockable[endplates.muscle[reached]]]
    rows, muscle = np.unique(endplates.muscle[active], return_inverse=True)
    sessions = _sessions(plan)
    start = min(0, min(s.day for s in sessions))
    if days - start > MAX_DAYS:
        raise ModelError(
            f"The sessions and the course span {days - start} days.",
            f"At most {MAX_DAYS} days are simulated.",
            "Leave out the oldest sessions, or give fewer --days.",
        )
    return Setup(
        face=face,
        placed=tuple(placed),
        endplates=endplates,
        sites=tuple(_site(s, pair, active) for s, pair in zip(placed, raw, strict=True)),
        sessions=sessions,
        active=active,
        muscle=muscle,
        weight=endplates.weight[active],
        quantile_z=normal_quantile(endplates.quantile[active]),
        active_muscles=rows,
        classes=tuple(face.muscles[i].muscle_class for i in rows),
        start=start,
        days=days,
        nodes=np.arange(start, days + 1),
        neutralised_share=neutralised_share,
    )


def _sessions(plan: Any) -> tuple[PreparedSession, ...]:
    planned = [s.date for s in plan.sessions if not s.given]
    zero = min(planned) if planned else min(s.date for s in plan.sessions)
    for session in plan.sessions:
        if f"threshold.{session.product}" not in catalogue().parameters:
            raise ModelError(
                f"No dose of {catalogue().product(session.product).name} is published, so it has no potency prior.",
                "It is in the catalogue for reference only.",
                "Choose a product with a threshold: `endplate list parameters`.",
            )
    return tuple(
        PreparedSession((s.date - zero).days, s.product, catalogue().product(s.product).serotype.lower())
        for s in plan.sessions
    )


def sparse(setup: Setup) -> Setup:
    """The same setup with fewer kept days, for many draws; the days between are interpolated."""
    return replace(setup, nodes=_nodes([s.day for s in setup.sessions], setup.start, setup.days))


def _nodes(session_days: list[int], start: int, days: int) -> np.ndarray:
    kept = [np.array([start, 0, days])]
    for day in session_days:
        if day <= days:
            kept.append(day + response_days(max(days - day, 1)))
    nodes = np.unique(np.concatenate(kept))
    nodes = nodes[(nodes >= start) & (nodes <= days)]
    if len(nodes) < 4:  # four-point interpolation needs four
        nodes = np.arange(start, days + 1)
    return nodes


def _geometry(site: Any, targets: Targets) -> tuple[SiteGeometry, SiteGeometry | None]:
    """Geometry of the planned tip and, near the rim, of a tip that slipped behind the septum."""
    reach_mm = reach_of(site)
    normal = tip_geometry(site, targets, reach_mm)
    values = point_parameters()
    near_mm, behind_mm = (float(values[f"needle.{n}"][0]) for n in ("near_rim", "behind_septum_depth"))
    slip = septum_candidate(site.skin_mm, site.compartment, targets.rim_mm, near_mm, behind_mm)
    if slip is None:
        return normal, None
    side, tip_mm = slip
    orbit = ORBIT_LEFT if side == "left" else ORBIT_RIGHT
    return normal, _geometry_at(site, targets, tip_mm, orbit, 0, reach_mm)


def tip_geometry(site: Any, targets: Targets, reach_mm: float = np.inf) -> SiteGeometry:
    """Geometry of a planned tip with respect to points (endplates, or points that fill muscles)."""
    compartment = compartment_code(site.compartment, site.side)
    geometry = _geometry_at(site, targets, site.tip_mm, compartment, site.layer, reach_mm)
    if targets.sheets is None or compartment != SKIN:
        return geometry
    return replace(geometry, gain=targets.sheets.gain(geometry, site, point_parameters()))


def _geometry_at(
    site: Any,
    targets: Targets,
    tip_mm: np.ndarray,
    compartment: int,
    layer: int,
    reach_mm: float,
) -> SiteGeometry:
    return site_geometry(
        targets,
        tip_mm,
        site.normal,
        site.fibre,
        site.depth_mm,
        layer,
        compartment,
        site.layer_thickness_mm,
        reach_mm,
        site.bone_mm,
    )


def reach_of(site: Any) -> float:
    """How far from a tip endplates are followed in the draws, mm."""
    values = point_parameters()
    along, _, _ = footprint_variances(
        np,
        site.volume_ml,
        site.layer_thickness_mm,
        values["spread.fluid_fraction"],
        values["spread.layer_slack"],
        values["spread.fibre_stretch"],
    )
    return REACH_MM + REACH_SD * float(np.sqrt(along[0]))


def _site(site: Any, pair: tuple[SiteGeometry, SiteGeometry | None], active: np.ndarray) -> PreparedSite:
    normal = _only(pair[0], active)
    slipped = _only(pair[1], active) if pair[1] is not None else None
    return PreparedSite(
        session=site.session,
        units=float(site.units),
        volume_ml=float(site.volume_ml),
        product=site.product,
        geometry=normal,
        columns=np.searchsorted(active, normal.index),
        slipped=slipped,
        slipped_columns=None if slipped is None else np.searchsorted(active, slipped.index),
    )


def _only(geometry: SiteGeometry, active: np.ndarray) -> SiteGeometry:
    """Drop endplates that cannot be blocked (smooth muscle)."""
    return geometry.only(np.isin(geometry.index, active))
