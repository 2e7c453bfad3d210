"""The synaptic cleft: one quantum of acetylcholine, its miniature endplate current, and the endplate potential.

Per unit area of a disc cleft (molecules/um2; A free acetylcholine, E bound esterase, R1, R2, O receptors with one,
two, and two-and-open; R0, E0 what is empty):

    dA/dt  = D (1/r) d/dr(r dA/dr) - b1 - b2 - be          be = ke A E0 / width,      hydrolysed at kcat E
    dR1/dt = b1 - b2                                       b1 = 2 kon A R0 / width - koff R1
    dR2/dt = b2 - beta R2 + alpha O                        b2 = kon A R1 / width - 2 koff R2
    dO/dt  = beta R2 - alpha O

Method of lines on rings, banded LSODA. The edge is open (acetylcholine leaves), sealed, or a unit cell: quanta released
together on a square lattice have no net flux between neighbours, so each keeps a sealed disc of its own area and
loses acetylcholine only at the rate at which the whole cleft empties (applied at once and everywhere, so that a
lattice of wide spacing peaks about 5 % below the single quantum in an open cleft).
Order: 2 in ring width; time to rtol 1e-7.   Keeps: acetylcholine (free + bound + hydrolysed + left) to 1e-6.
Valid: one flat cleft without folds, instantaneous release, no desensitisation, tens of milliseconds.
Sources: rows P7.10-P7.19; Wathey 1979, Land 1984, Bartol 1991 (rows B5-B8, M6). Nothing here is fitted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from endplate.errors import ModelError

MOLECULES_PER_UM3_PER_MOLAR = 6.02214076e8
FIRST_ZERO_OF_J0 = 2.404825557695773


@dataclass(frozen=True)
class Cleft:
    """Geometry and rates; every default names its evidence row. Species differ: rat, lizard, mouse, eel, Torpedo."""

    molecules: float = 6200.0  # P7.10, rat
    width_um: float = 0.050  # P7.11, 50-70 nm
    radius_um: float = 1.6  # P7.14, release site to cleft exit, lizard
    release_radius_um: float = 0.03  # declared, grade D: about one vesicle; the result hardly depends on it
    diffusion_um2_per_ms: float = 0.4  # P7.12, 4e-6 cm2/s
    receptors_per_um2: float = 20_817.0 / 2  # P7.15, two binding sites each
    binding_per_molar_ms: float = 3.3e4  # P7.13, per site
    unbinding_per_ms: float = 8.0  # P7.19, per site (Torpedo)
    opening_per_ms: float = 30.0  # P7.19
    closing_per_ms: float = 0.7  # P7.19
    esterase_per_um2: float = 2990.0  # P7.16, mouse
    esterase_binding_per_molar_ms: float = 1.6e5  # P7.17, kcat/Km (recall, eel)
    esterase_turnover_per_ms: float = 16.0  # P7.17, kcat (recall, eel)
    inhibited: float = 0.0  # share of esterase sites out of action, 0..1
    spacing_um: float | None = None  # distance between quanta released together; None: a single quantum
    edge: Literal["open", "sealed"] = "open"  # ignored with a spacing
    rings: int = 48

    def __post_init__(self) -> None:
        numbers = {
            k: v for k, v in vars(self).items() if isinstance(v, int | float) and not isinstance(v, bool)
        }
        bad = [k for k, v in numbers.items() if not math.isfinite(v) or v < 0]
        needed = (
            "molecules",
            "width_um",
            "radius_um",
            "release_radius_um",
            "diffusion_um2_per_ms",
            "closing_per_ms",
        )
        bad += [name for name in needed if numbers[name] == 0]
        if bad or self.inhibited > 1 or self.edge not in ("open", "sealed") or not 8 <= self.rings <= 400:
            named = ", ".join(bad) or "inhibited, edge or rings"
            raise ModelError(
                f"The cleft's {named} is outside its range.", "", "Give positive numbers, shares up to 1."
            )
        if self.disc_radius_um <= self.release_radius_um:
            raise ModelError(
                "The cleft is smaller than the site of release.", "", "Give a wider radius or spacing."
            )

    @property
    def disc_radius_um(self) -> float:
        """Radius of the disc that is solved: the cleft, or the area of one quantum on the lattice."""
        return self.radius_um if self.spacing_um is None else self.spacing_um / math.sqrt(math.pi)


@dataclass(frozen=True)
class MiniatureCurrent:
    """Open channels over time, and where the acetylcholine went (molecules, all (t,))."""

    time_ms: np.ndarray
    open_channels: np.ndarray
    free: np.ndarray
    bound: np.ndarray  # on receptors and esterase
    hydrolysed: np.ndarray
    left: np.ndarray  # out of the cleft
    two_thirds_um2: float  # area round the release that holds two thirds of the channels open at the peak

    @property
    def peak_channels(self) -> float:
        """Most channels open at once."""
        return float(self.open_channels.max())

    @property
    def rise_ms(self) -> float:
        """20-80 % rise time."""
        return self._crossing(0.8) - self._crossing(0.2)

    @property
    def decay_ms(self) -> float:
        """Time from the peak down to 1/e of it (inf where the run ends first)."""
        top = int(self.open_channels.argmax())
        tail = self.open_channels[top:] / self.peak_channels
        if tail[-1] > math.exp(-1):
            return math.inf
        return float(np.interp(-math.exp(-1), -tail, self.time_ms[top:]) - self.time_ms[top])

    def _crossing(self, share: float) -> float:
        top = int(self.open_channels.argmax())
        return float(
            np.interp(share * self.peak_channels, self.open_channels[: top + 1], self.time_ms[: top + 1])
        )


def miniature_current(cleft: Cleft | None = None, until_ms: float = 20.0) -> MiniatureCurrent:
    """Release one quantum at the centre at time 0 and follow it. About 0.1 s a run.

    Raises:
        ModelError: the time is not positive, or the solver did not reach it.
    """
    from scipy.integrate import solve_ivp

    cleft = cleft or Cleft()
    if not 0 < until_ms <= 1000:
        raise ModelError(
            f"A run of {until_ms} ms.", "The cleft empties within tens of milliseconds.", "Up to 1000 ms."
        )
    rings, areas = _rings(cleft)
    start = np.zeros(6 * cleft.rings + 1)
    start[: 6 * cleft.rings : 6] = cleft.molecules * _share_in_disc(rings, cleft.release_radius_um) / areas
    times = np.concatenate([[0.0], np.geomspace(1e-4, until_ms, 400)])
    solved: Any = solve_ivp(
        _slope(cleft, rings, areas),
        (0.0, until_ms),
        start,
        "LSODA",
        times,
        rtol=1e-7,
        atol=1e-6,
        lband=6,
        uband=6,
    )
    if not solved.success:
        raise ModelError(f"The cleft was not solved: {solved.message}.", "", "Check its rates and widths.")
    free, esterase, one, two, opened, gone = (
        areas @ solved.y[index : 6 * cleft.rings : 6] for index in range(6)
    )
    inside = np.cumsum(areas * solved.y[4 : 6 * cleft.rings : 6, int(opened.argmax())])
    area = float(np.interp(2 / 3 * inside[-1], inside, np.cumsum(areas)))
    return MiniatureCurrent(
        times, opened, free, esterase + one + 2 * (two + opened), gone, solved.y[-1], area
    )


def _slope(cleft: Cleft, rings: np.ndarray, areas: np.ndarray) -> Any:
    """Right-hand side; six values a ring (A, E, R1, R2, O, hydrolysed) next to each other keep the Jacobian banded."""
    middles = 0.5 * (rings[1:] + rings[:-1])
    through = cleft.diffusion_um2_per_ms * 2 * math.pi * rings[1:-1] / np.diff(middles)
    outward = lattice_loss = 0.0
    if cleft.spacing_um is not None:
        lattice_loss = cleft.diffusion_um2_per_ms * (FIRST_ZERO_OF_J0 / cleft.radius_um) ** 2
    elif cleft.edge == "open":
        outward = cleft.diffusion_um2_per_ms * 2 * math.pi * rings[-1] / (rings[-1] - middles[-1])
    per_area = 1.0 / (MOLECULES_PER_UM3_PER_MOLAR * cleft.width_um)
    on, catch = cleft.binding_per_molar_ms * per_area, cleft.esterase_binding_per_molar_ms * per_area
    off, sites = cleft.unbinding_per_ms, cleft.esterase_per_um2 * (1.0 - cleft.inhibited)

    def slope(_time: float, state: np.ndarray) -> np.ndarray:
        free, esterase, one, two, opened, _gone = state[:-1].reshape(-1, 6).T
        first = 2 * on * free * (cleft.receptors_per_um2 - one - two - opened) - off * one
        second = on * free * one - 2 * off * two
        gate = cleft.opening_per_ms * two - cleft.closing_per_ms * opened
        caught = catch * free * (sites - esterase)
        hydrolysed = cleft.esterase_turnover_per_ms * esterase
        flow = np.concatenate([[0.0], through * (free[:-1] - free[1:]), [outward * free[-1]]])
        change = np.empty((free.size, 6))
        change[:, 0] = (flow[:-1] - flow[1:]) / areas - first - second - caught - lattice_loss * free
        change[:, 1], change[:, 2], change[:, 3] = caught - hydrolysed, first - second, second - gate
        change[:, 4], change[:, 5] = gate, hydrolysed
        return np.append(change.ravel(), flow[-1] + lattice_loss * float(areas @ free))

    return slope


def _rings(cleft: Cleft) -> tuple[np.ndarray, np.ndarray]:
    """Ring borders (um), finer towards the centre, and ring areas (um2)."""
    borders = cleft.disc_radius_um * (np.arange(cleft.rings + 1) / cleft.rings) ** 1.5
    return borders, math.pi * np.diff(borders**2)


def _share_in_disc(rings: np.ndarray, radius_um: float) -> np.ndarray:
    """Share of a uniform disc of the given radius that lies in each ring; sums to one."""
    return np.diff(np.minimum(rings, radius_um) ** 2) / radius_um**2
