"""Predictive distributions of one printed number: a count of n people, or a median time; and how they are scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from endplate.fit.clinic.sampler import concentration, median_sd

LEVEL = 0.9
NODES = 41  # of a Gauss-Hermite rule: a normal logit in 41 points
LEAST = 1e-4  # shares are kept this far off 0 and 1, as in the likelihood of the fit


class Predictive(Protocol):
    """What a printed number may be. Values are shares, or weeks."""

    def interval(self, level: float = LEVEL) -> tuple[float, float]: ...

    def contains(self, level: float = LEVEL) -> bool: ...

    def below(self) -> float:
        """Share of the distribution below what was observed, half of what equals it."""
        ...

    def surprise(self) -> float:
        """Minus the logarithm of the probability (of a count) or density (of a median, per week) observed."""
        ...


@dataclass(frozen=True)
class Counted:
    """A count of `n` people, (n + 1,) probabilities; `events` were observed."""

    probability: np.ndarray
    events: int

    @property
    def n(self) -> int:
        return len(self.probability) - 1

    def ends(self, level: float) -> tuple[int, int]:
        """Smallest counts that the two tails do not exceed; both belong to the interval."""
        total = np.cumsum(self.probability)
        tail = (1.0 - level) / 2.0
        found = np.searchsorted(total, [tail - 1e-12, 1.0 - tail - 1e-12])
        return int(found[0]), int(min(found[1], self.n))

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        low, high = self.ends(level)
        return low / self.n, high / self.n

    def contains(self, level: float = LEVEL) -> bool:
        low, high = self.ends(level)
        return low <= self.events <= high

    def below(self) -> float:
        return float(self.probability[: self.events].sum() + 0.5 * self.probability[self.events])

    def surprise(self) -> float:
        return float(-np.log(max(self.probability[self.events], 1e-300)))

    def mean_error(self, rate: float) -> float:
        """Mean distance of the share from a rate."""
        return float((self.probability * np.abs(np.arange(self.n + 1) / self.n - rate)).sum())


@dataclass(frozen=True)
class Timed:
    """A median time: log-normals about `centre` (draw,), weeks, of log SD `sd` (draw,); `observed` in weeks."""

    centre: np.ndarray
    sd: np.ndarray
    observed: float

    def _share_below(self, weeks: float) -> float:
        from scipy.special import ndtr

        return float(ndtr((np.log(weeks) - np.log(self.centre)) / self.sd).mean())

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        tail = (1.0 - level) / 2.0
        far = 8.0 * float(self.sd.max())
        ends = np.log(self.centre.min()) - far, np.log(self.centre.max()) + far
        low, high = (self._quantile(at, float(ends[0]), float(ends[1])) for at in (tail, 1.0 - tail))
        return low, high

    def _quantile(self, share: float, low: float, high: float) -> float:
        """Weeks below which a share lies, halving between two logarithms."""
        for _ in range(50):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self._share_below(np.exp(middle)) < share else (low, middle)
        return float(np.exp(0.5 * (low + high)))

    def contains(self, level: float = LEVEL) -> bool:
        low, high = self.interval(level)
        return low <= self.observed <= high

    def below(self) -> float:
        return self._share_below(self.observed)

    def surprise(self) -> float:
        z = (np.log(self.observed) - np.log(self.centre)) / self.sd
        density = np.exp(-0.5 * z**2) / (np.sqrt(2.0 * np.pi) * self.sd * self.observed)
        return float(-np.log(max(density.mean(), 1e-300)))


def beta_binomial_counts(n: int, events: int, share: np.ndarray, logit_sd: np.ndarray) -> Counted:
    """Mixture over draws: share (draw,) with the spread of a logit SD (draw,), then a binomial of n."""
    from scipy.special import betaln

    share = np.clip(share, LEAST, 1.0 - LEAST)
    together = concentration(np, share, logit_sd)
    a, b = (share * together)[:, None], ((1.0 - share) * together)[:, None]
    k = np.arange(n)[None, :]
    # From one count to the next: P(k + 1) / P(k).
    step = np.log((n - k) * (a + k)) - np.log((k + 1.0) * (b + n - k - 1.0))
    first = betaln(a, b + n) - betaln(a, b)
    logs = np.concatenate([first, first + np.cumsum(step, axis=1)], axis=1)
    return Counted(np.exp(logs).mean(axis=0), events)


def logit_normal_counts(n: int, events: int, logit: float, sd: float) -> Counted:
    """A binomial of n whose logit is normal."""
    from scipy.special import gammaln

    nodes, weight = np.polynomial.hermite_e.hermegauss(NODES)
    k = np.arange(n + 1)[None, :]
    at = (logit + sd * nodes)[:, None]
    ways = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    # ln of rate is -ln(1 + exp(-logit)), of its complement -ln(1 + exp(logit)).
    logs = ways - k * np.logaddexp(0.0, -at) - (n - k) * np.logaddexp(0.0, at)
    return Counted((weight / weight.sum()) @ np.exp(logs), events)


def median_times(n: int, observed: float, weeks: np.ndarray, spread: np.ndarray) -> Timed:
    """Mixture over draws of log-normals: sampling of the median of n people, and a spread between studies (draw,)."""
    weeks, spread = np.atleast_1d(np.asarray(weeks, dtype=float)), np.atleast_1d(spread)
    return Timed(np.maximum(weeks, 1e-3), median_sd(np, float(n), spread), observed)


def interval_score(ends: tuple[float, float], observed: float, level: float = LEVEL) -> float:
    """Width plus 2 / alpha times the distance to what lies outside (Gneiting and Raftery 2007); smaller is better."""
    low, high = ends
    missed = max(low - observed, 0.0) + max(observed - high, 0.0)
    return (high - low) + 2.0 / (1.0 - level) * missed
