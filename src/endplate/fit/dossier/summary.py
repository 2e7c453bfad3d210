"""Figures over groups of lines: coverage, widths and errors against the floor, scores beside the baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from endplate.fit.dossier.baselines import NAMES
from endplate.fit.dossier.record import Line

NOMINAL = 0.9
LEVELS = (0.5, 0.8, 0.9, 0.95)
RESAMPLES = 4000
SEED = 0
MOST_WIDTH, MOST_ERROR, MOST_WEEKS = 1.4, 1.5, 3.0
"""Targets: median width and mean error in multiples of the floor, error of a median in weeks."""

GROUPS: Mapping[str, tuple[str, Callable[[Line], bool]]] = {
    "a": (
        "product seen in another study at the same family of endpoints; source read (counted)",
        lambda r: r.active and r.group == "a" and r.checked,
    ),
    "a_same_area": (
        "of these: in another study of the same area",
        lambda r: r.active and r.group == "a" and r.checked and r.same_area,
    ),
    "a_fitted": (
        "of these: calibration rows alone, without rows kept aside",
        lambda r: r.active and r.group == "a" and r.checked and r.fitted,
    ),
    "a_with_recall": (
        "as a, with rows quoted from memory",
        lambda r: r.active and r.group == "a",
    ),
    "recall": (
        "rows of a quoted from memory alone (listed, not counted)",
        lambda r: r.active and r.group == "a" and not r.checked,
    ),
    "b": (
        "the only study of its product at that family; source read (width shown, not counted)",
        lambda r: r.active and r.group == "b" and r.checked,
    ),
    "placebo": ("placebo arms (listed, not counted)", lambda r: not r.active),
}


def summarise(lines: Sequence[Line]) -> dict[str, dict[str, Any]]:
    """All groups by name."""
    return {
        name: {"what": what, **figures([r for r in lines if belongs(r)])}
        for name, (what, belongs) in GROUPS.items()
    }


def figures(lines: Sequence[Line]) -> dict[str, Any]:
    """Coverage over all lines; widths, errors and scores over shares (points) and over medians (weeks)."""
    shares, medians = [r for r in lines if not r.median], [r for r in lines if r.median]
    return {
        "rows": len(lines),
        "studies": len({r.study for r in lines}),
        "coverage": coverage(lines),
        "coverage_by_level": {
            f"{100 * level:g}": _mean([r.covered[f"{100 * level:g}"] for r in lines]) for level in LEVELS
        },
        "shares": part(shares),
        "medians": part(medians) | {"largest_error": max((r.error for r in medians), default=None)},
        "in_sample": {
            "coverage": _mean([r.inside_in_sample for r in lines]),
            "mean_error": _mean([100 * abs(r.observed - r.predicted_in_sample) for r in shares]),
            "mean_error_weeks": _mean([abs(r.observed - r.predicted_in_sample) for r in medians]),
        },
    }


def coverage(lines: Sequence[Line]) -> dict[str, Any]:
    """Share of lines inside their 90 % interval, with a 90 % interval over studies."""
    if not lines:
        return {"share": None, "low": None, "high": None, "holds_nominal": None, "one_sided": None}
    inside = [r.inside for r in lines]
    studies = [r.study for r in lines]
    low, high = by_study(studies, inside)
    return {
        "share": _mean(inside),
        "low": low,
        "high": high,
        "holds_nominal": bool(low <= NOMINAL <= high),
        "one_sided": len(set(inside)) == 1,
    }


def by_study(studies: Sequence[str], values: Sequence[float]) -> tuple[float, float]:
    """5 % and 95 % points of the mean when whole studies are drawn again with replacement.

    Where all values are 1, or all 0, drawing again cannot move them: the interval is then that of as many successes
    as there are studies (Clopper and Pearson, 90 %), each study a single trial.
    """
    names = list(dict.fromkeys(studies))
    flat = np.asarray(values, dtype=float)
    total = np.array([sum(v for s, v in zip(studies, flat, strict=True) if s == name) for name in names])
    count = np.array([sum(s == name for s in studies) for name in names], dtype=float)
    if set(flat.tolist()) in ({1.0}, {0.0}):
        bound = 0.05 ** (1.0 / len(names))
        return (bound, 1.0) if flat[0] == 1.0 else (0.0, 1.0 - bound)
    drawn = np.random.default_rng(SEED).integers(0, len(names), (RESAMPLES, len(names)))
    means = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.05, 0.95])
    return float(low), float(high)


def part(lines: Sequence[Line]) -> dict[str, Any]:
    """Widths, errors and scores of lines of one unit, ours and each baseline's over the lines that it predicts."""
    width, floor_width = _median([r.width for r in lines]), _median([r.floor_width for r in lines])
    error, floor_error = _mean([r.error for r in lines]), _mean([r.floor_error for r in lines])
    return {
        "rows": len(lines),
        "median_width": width,
        "floor_width": floor_width,
        "width_ratio": _ratio(width, floor_width),
        "width_ratio_strict": _ratio(width, _median([r.floor_width_strict for r in lines])),
        "mean_error": error,
        "floor_error": floor_error,
        "error_ratio": _ratio(error, floor_error),
        "error_ratio_strict": _ratio(error, _mean([r.floor_error_strict for r in lines])),
        "mean_signed_error": _mean([_scale(r) * (r.predicted - r.observed) for r in lines]),
        "interval_score": _mean([r.interval_score for r in lines]),
        "log_score": _mean([r.log_score for r in lines]),
        "baselines": {name: versus(lines, name) for name in NAMES},
    }


def versus(lines: Sequence[Line], name: str) -> dict[str, Any]:
    """A baseline over the lines that it predicts; differences are ours less its own, below 0 where ours is better."""
    both = [(r, r.baselines[name]) for r in lines if name in r.baselines]
    studies = [r.study for r, _ in both]
    found: dict[str, Any] = {
        "rows": len(both),
        "coverage": _mean([g.inside for _, g in both]),
        "median_width": _median([_scale(r) * (g.interval90[1] - g.interval90[0]) for r, g in both]),
        "mean_error": _mean([g.error for _, g in both]),
        "interval_score": _mean([g.interval_score for _, g in both]),
        "log_score": _mean([g.log_score for _, g in both]),
    }
    for key in ("error", "interval_score", "log_score"):
        less = [getattr(r, key) - getattr(g, key) for r, g in both]
        ends = by_study(studies, less) if less else (None, None)
        found[f"{key}_difference"] = {"mean": _mean(less), "low": ends[0], "high": ends[1]}
    return found


def targets_of(summary: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each target with its figure in group a."""
    a = summary["a"]
    shares, medians, cover = a["shares"], a["medians"], a["coverage"]
    out = [
        _target(
            "coverage of the 90 % interval, by study",
            cover["share"],
            "interval holds 0.90",
            cover["holds_nominal"],
        ),
        _most("median width over the floor's", shares["width_ratio"], MOST_WIDTH),
        _most("mean error over the floor's", shares["error_ratio"], MOST_ERROR),
        _most("largest error of a median, weeks", medians["largest_error"], MOST_WEEKS),
    ]
    for key, words in (("interval_score", "interval score"), ("log_score", "log score")):
        for name in NAMES:
            less = shares["baselines"][name][f"{key}_difference"]["mean"]
            met = None if less is None else less < 0
            out.append(_target(f"{words}, ours less that of {name}", less, "below 0", met))
    return out


def _most(what: str, value: float | None, most: float) -> dict[str, Any]:
    return _target(what, value, f"at most {most:g}", None if value is None else value <= most)


def _target(what: str, value: float | None, target: str, met: bool | None) -> dict[str, Any]:
    return {"what": what, "value": value, "target": target, "met": met}


def _scale(line: Line) -> float:
    return 1.0 if line.median else 100.0


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if len(values) else None


def _ratio(over: float | None, under: float | None) -> float | None:
    return None if over is None or not under else over / under
