"""Rows looked at after the fit: does the model give the sign, and is its effect one that the study could have seen?

Nothing here is fitted. Two studies found more effect at a larger volume and two found none; the model gives both when
the effect it predicts is large beside the smallest that the first two could see, and small beside that of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endplate.fit.spread.limb_rows import CROSS_WEIGHT, PROFILE_MM, box_exposure, paralysed
from endplate.fit.spread.readouts import share_over
from endplate.fit.spread.skin_rows import AFTER_D, CELL_CM2, LATE_D, abolished_dose, field, visible_dose
from endplate.fit.spread.walls import WEIGHTS, Values, between_walls, free, variances_at_nodes

SMALL_ML, FIVE_FOLD = 0.05, 5.0
SWEAT_DOSE_U = 80.0
POWER = 2.8  # 1.96 + 0.84: two-sided 5 %, power 80 %


@dataclass(frozen=True)
class Sign:
    """What the model gives for one row.

    Attributes:
        id: the observation. case: what was varied, where the row leaves it open.
        effect: (draw,), a log ratio or a difference of shares, positive in the expected direction; unit: of the effect.
        seen: whether the study saw an effect.
        noise: SD between persons or animals, declared. n: number (in each group), read or, where the row has none, a
            declared guess. paired: each person on both sides.
    """

    id: str
    effect: np.ndarray
    unit: str
    seen: bool
    case: str = ""
    noise: float = 0.0
    n: int = 0
    paired: bool = True

    @property
    def detectable(self) -> float | None:
        """The smallest effect that a study of this size sees in four of five repetitions."""
        if not self.n:
            return None
        return POWER * self.noise * float(np.sqrt((1.0 if self.paired else 2.0) / self.n))

    @property
    def summary(self) -> dict[str, float | int | str | bool | None]:
        """Quantiles of the effect, how often its sign is right, and how it stands to what the study could see."""
        low, middle, high = (float(x) for x in np.quantile(self.effect, [0.05, 0.5, 0.95]))
        least = self.detectable
        needed = None
        if least is not None:
            needed = float((1.0 if self.paired else 2.0) * (POWER * self.noise / max(abs(middle), 1e-9)) ** 2)
        return {
            "id": self.id,
            "case": self.case,
            "unit": self.unit,
            "seen": self.seen,
            "low": low,
            "median": middle,
            "high": high,
            "share_positive": float((self.effect > 0.0).mean()),
            "noise": self.noise,
            "n": self.n,
            "paired": self.paired,
            "detectable": least,
            "share_below_detectable": None if least is None else float((np.abs(self.effect) < least).mean()),
            "needed": needed,
        }


def signs(values: Values) -> list[Sign]:
    """All sign rows at draws of the fit's numbers."""
    edge = edge_shrinks(values)
    ratio = np.log(abolished_dose(values) / visible_dose(values))
    at_band, off_band = (rat_gain(values, off_mm) for off_mm in (0.0, 5.0))
    calf, eyes = calf_gain(values), crows_feet_gain(values)
    band, off = "injected at the band", "injected 5 mm off the band"
    return [
        Sign("hsu2004.volume", forehead_area_ratio(values), "ln area ratio", True, "", 0.3, 10),
        Sign("kim2003.volume", calf, "share of CMAP", True, "", 0.1, 8, paired=False),
        Sign("hulst2014.volume", at_band, "share of torque", False, band, 0.15, 8, paired=False),
        Sign("hulst2014.volume", off_band, "share of torque", False, off, 0.15, 8, paired=False),
        Sign("carruthers2007.volume", eyes, "share of end plates", False, "split face", 0.25, 10),
        Sign(
            "carruthers2007.volume", eyes, "share of end plates", False, "two groups", 0.25, 10, paired=False
        ),
        Sign("shaari1993.volume", at_band, "share of fibres", True, band),
        Sign("shaari1993.volume", off_band, "share of fibres", True, off),
        Sign("braune2001.edge", edge, "ln area ratio", True),
        Sign("birklein2002.edge", edge, "ln area ratio", True),
        Sign("birklein2002.dose_ratio", ratio, "ln dose ratio", True),
    ]


def sheet_exposure(
    values: Values, volume_ml: float, points_mm: np.ndarray, x_mm: np.ndarray, y_mm: np.ndarray
) -> np.ndarray:
    """Exposure per unit at each point, summed over points, in a face sheet between skin and bone, (draw, x, y)."""
    layer = values["face.sheet"] + values["spread.layer_slack"]
    volume = np.full(len(layer), volume_ml)
    along, across, normal = variances_at_nodes(values, volume, layer, values["spread.fibre_stretch"])
    wall = values["face.depth"][:, None]
    deep = between_walls(0.5 * wall, 0.5 * wall, normal, wall)
    total = np.zeros((len(layer), len(x_mm), len(y_mm)))
    for px, py in points_mm:
        fx = free(x_mm[None, None], px, along[..., None])  # type: ignore[arg-type]
        fy = free(y_mm[None, None], py, across[..., None])  # type: ignore[arg-type]
        total += np.einsum("k,dk,dkx,dky->dxy", WEIGHTS, deep, fx, fy)
    return total


def forehead_area_ratio(values: Values, dose_u: float = 5.0) -> np.ndarray:
    """ln of the area with half of its end plates blocked at 0.25 mL over that at 0.05 mL, one point of 5 U."""
    x = np.linspace(0.5, 59.5, 60)
    areas = []
    for volume in (SMALL_ML, FIVE_FOLD * SMALL_ML):
        exposure = dose_u * sheet_exposure(values, volume, np.zeros((1, 2)), x, x)
        # A soft count of cells: the edge moves within a cell, not by whole cells.
        areas.append(share_over(exposure, values["face.threshold"][:, None, None], np.array(0.1)).sum((1, 2)))
    return np.log(np.maximum(areas[1], 1e-3) / np.maximum(areas[0], 1e-3))


def crows_feet_gain(values: Values, dose_u: float = 4.0) -> np.ndarray:
    """Rise in the share of blocked end plates, three points of 4 U 10 mm apart, 0.1 against 0.02 mL each.

    Mean over a patch of 20 mm along the fibres by 30 mm across them; doses and volumes are declared.
    """
    x, y = np.linspace(-9.5, 9.5, 20), np.linspace(-14.5, 14.5, 30)
    points = np.array([[0.0, -10.0], [0.0, 0.0], [0.0, 10.0]])
    share = []
    for volume in (0.02, 0.1):
        exposure = dose_u * sheet_exposure(values, volume, points, x, y)
        blocked = share_over(
            exposure,
            values["face.threshold"][:, None, None],
            values["endplate.sensitivity_sd"][:, None, None],
        )
        share.append(blocked.mean(axis=(1, 2)))
    return share[1] - share[0]


def calf_gain(values: Values, dose_u: float = 10.0) -> np.ndarray:
    """Fall of the CMAP (share of end plates) of a rabbit's calf muscle, 10 U in 0.5 against 0.1 mL."""
    inside = PROFILE_MM[None] <= 0.5 * values["calf.band"][:, None]
    share = []
    for volume in (0.1, 0.5):
        profile = box_exposure(
            values,
            np.full(len(inside), volume),
            values["calf.width"],
            values["calf.thickness"],
            PROFILE_MM,
        )
        blocked = share_over(
            dose_u * profile,
            values["rabbit.threshold"][:, None, None],
            values["endplate.sensitivity_sd"][:, None, None],
        )
        section = blocked @ CROSS_WEIGHT
        share.append((section * inside).sum(axis=1) / inside.sum(axis=1))
    return share[1] - share[0]


def rat_gain(values: Values, off_mm: float) -> np.ndarray:
    """Rise in the share of paralysed fibres of the rat's leg muscle at five times the volume."""
    small = values["rat.volume_in"]
    less, more = (paralysed(values, v, values["rat.dose_in"], off_mm) for v in (small, FIVE_FOLD * small))
    return more - less


def edge_shrinks(values: Values) -> np.ndarray:
    """ln of the dry area at three weeks over that at six months (80 U in all): positive when the edge moves inwards."""
    exposure = SWEAT_DOSE_U * field(values)
    later = 2.0 ** (-(LATE_D - AFTER_D) / values["skin.days_per_doubling"])
    areas = [
        CELL_CM2 * share_over(level, values["skin.gland_threshold"][:, None, None], np.array(0.1)).sum((1, 2))
        for level in (exposure, exposure * later[:, None, None])
    ]
    return np.log(np.maximum(areas[0], 1e-2) / np.maximum(areas[1], 1e-2))
