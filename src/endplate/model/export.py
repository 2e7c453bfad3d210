"""A course as JSON and as an xarray Dataset."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from endplate.model.course import Course, FaceMeasure

DIGITS = 6  # enough for every reader, and the same bytes on every run


def to_json_dict(course: Course) -> dict[str, Any]:
    """The published form; numbers are rounded to six significant digits, NaN becomes null."""
    from endplate.model.course import SCHEMA

    return {
        "schema": SCHEMA,
        "notice": course.banner,
        "band_note": course.band_note,
        "title": course.plan_title,
        "days": [int(d) for d in course.days],
        "muscles": [_muscle(course, i) for i in range(len(course.muscles))],
        "sites": [_site(site) for site in course.sites],
        "targets": sorted([m, s] for m, s in course.targets),
        "at_risk": [list(pair) for pair in course.at_risk],
        "versions": dict(course.versions),
        "limits": list(course.limits),
        "prior_share": _number(max(course.prior_share, default=0.0)),
        "face": [_measure(one) for one in course.face],
    }


def _muscle(course: Course, i: int) -> dict[str, Any]:
    name, side = course.muscles[i]
    low = course.force if course.force_low is None else course.force_low
    high = course.force if course.force_high is None else course.force_high
    median = course.force if course.force_median is None else course.force_median
    return {
        "muscle": name,
        "side": side,
        "target": (name, side) in course.targets,
        "grade": course.grades[i],
        "prior_share": _number(course.prior_share[i]),
        "force": _numbers(course.force[i]),
        "force_low": _numbers(low[i]),
        "force_median": _numbers(median[i]),
        "force_high": _numbers(high[i]),
        "cmap": _numbers(course.cmap[i]),
        "cross_section": _numbers(course.cross_section[i]),
        "exposure": {
            "median_over_threshold": _number(course.median_over_threshold[i]),
            "log10_edges": _numbers(course.histogram_edges),
            "share": _numbers(course.histogram[i]),
            "captured_units": {p: _number(u[i]) for p, u in course.captured_by_product.items()},
            "share_by_site": {
                s.id: _number(v) for s, v in zip(course.sites, course.shares[i], strict=True) if v > 0
            },
        },
        "metrics": {key: _number(value[i]) for key, value in course.metrics.items()},
    }


def _measure(one: FaceMeasure) -> dict[str, Any]:
    return {
        "measure": one.measure,
        "side": one.side,
        "unit": one.unit,
        "day": [int(d) for d in one.day],
        "value": _numbers(one.value),
        "low": _numbers(one.low),
        "high": _numbers(one.high),
    }


def _site(site: Any) -> dict[str, Any]:
    return {
        "id": site.id,
        "session": site.session,
        "muscle": site.muscle,
        "side": site.side,
        "product": site.product,
        "units": _number(site.units),
        "volume_ml": _number(site.volume_ml),
        "depth_mm": _number(site.depth_mm),
        "skin_mm": _numbers(site.skin_mm),
        "tip_mm": _numbers(site.tip_mm),
        "grade": site.grade,
    }


def _number(value: float) -> float | None:
    value = float(value)
    if not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")


def _numbers(values: np.ndarray) -> list[float | None]:
    return [_number(v) for v in np.asarray(values, dtype=float)]


def to_dataset(course: Course) -> Any:
    """xarray.Dataset over muscle (as `name:side`) and day."""
    import xarray as xr

    labels = [f"{name}:{side}" for name, side in course.muscles]
    one = {"units": "1"}
    data: dict[str, Any] = {
        "force": (("muscle", "day"), course.force, {**one, "long_name": "force relative to rest"}),
        "cmap": (
            ("muscle", "day"),
            course.cmap,
            {**one, "long_name": "compound muscle action potential relative to rest"},
        ),
        "cross_section": (
            ("muscle", "day"),
            course.cross_section,
            {**one, "long_name": "cross-section relative to rest"},
        ),
        "median_over_threshold": (("muscle",), course.median_over_threshold, one),
        "exposure_histogram": (("muscle", "log10_exposure"), course.histogram, one),
        "prior_share": (("muscle",), course.prior_share, one),
        "share_by_site": (("muscle", "site"), course.shares, one),
    }
    if course.force_low is not None and course.force_median is not None and course.force_high is not None:
        data["force_low"] = (("muscle", "day"), course.force_low, {**one, "quantile": 0.05})
        data["force_median"] = (("muscle", "day"), course.force_median, {**one, "quantile": 0.5})
        data["force_high"] = (("muscle", "day"), course.force_high, {**one, "quantile": 0.95})
    for key, values in course.metrics.items():
        data[key] = (
            ("muscle",),
            values,
            {"units": "1" if key.startswith("nadir") and "day" not in key else "d"},
        )
    coords = {
        "muscle": labels,
        "name": ("muscle", [name for name, _ in course.muscles]),
        "side": ("muscle", [side for _, side in course.muscles]),
        "day": ("day", course.days, {"units": "d"}),
        "log10_exposure": 0.5 * (course.histogram_edges[1:] + course.histogram_edges[:-1]),
        "site": [site.id for site in course.sites],
    }
    if course.face:
        coords["measure"] = [f"{one.measure}:{one.side}" for one in course.face]
        coords["unit"] = ("measure", [one.unit for one in course.face])
        for key in ("value", "low", "high"):
            stacked = np.stack([getattr(one, key) for one in course.face])
            data[f"face_{key}"] = (("measure", "day"), stacked, {"long_name": f"measure of the face, {key}"})
    attributes = {
        "title": course.plan_title,
        "notice": course.banner,
        "band_note": course.band_note,
        "limits": list(course.limits),
        **{f"version_{key}": str(value) for key, value in course.versions.items()},
    }
    return xr.Dataset(data, coords, attributes)
