"""Other endpoints from patients who were simulated before: their grades at every visit were kept.

What was kept is sampled, so these rates carry the noise of the patients' number, which the intervals take off again
(`rates.settled`). Study effects are not kept: there is no predictive interval. A diary of onset reads daily paths,
which are not kept either.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from endplate.model.outcome import holds
from endplate.plan.place import clean
from endplate.trial.areas import area
from endplate.trial.design import Asked, Design, Lasting, endpoint_record, near_visit, visits_after
from endplate.trial.errors import TrialError
from endplate.trial.prepare import MOST_DRAWS
from endplate.trial.rates import interval, kaplan_meier, median_interval, medians, settled
from endplate.trial.read import design_from_dict
from endplate.trial.readings import at_risk
from endplate.trial.result import Duration, Interval, TrialResult

FILE = "patients.npz"
ARRAYS = ("arm", "draw", "half", "patient", "base", "grade", "change", "present", "again", "sound")


@dataclass(frozen=True)
class Observed:
    """Share of an arm's kept patients in whom an endpoint held; `people` were seen that day."""

    arm: str
    endpoint: str
    area: str
    day: int
    rate: float | None
    interval90: Interval | None
    people: int


@dataclass(frozen=True)
class ArmDuration:
    """A median duration of one arm."""

    arm: str
    duration: Duration


@dataclass(frozen=True)
class Patients:
    """Patients of a trial: the design they were simulated for, and arrays over them (see `tally._kept`)."""

    design: Design
    arrays: Mapping[str, np.ndarray]


def pack(result: TrialResult) -> bytes:
    """The kept patients of a result as an .npz file; the same bytes for the same result.

    Raises:
        TrialError: the trial was too large to keep them.
    """
    if result.kept is None:
        raise TrialError(
            "The patients of this trial were not kept.",
            "They are up to 100,000 patients in all.",
            "Give fewer --patients.",
        )
    meta = json.dumps({"design": dict(result.design), "seed": result.seed, "versions": dict(result.versions)})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, values in {**result.kept, "meta": np.array(meta)}.items():
            part = io.BytesIO()
            np.lib.format.write_array(
                part, np.ascontiguousarray(values) if values.ndim else values, allow_pickle=False
            )
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), part.getvalue(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def patients_of(source: TrialResult | str | Path) -> Patients:
    """Patients of a result, of a file, or of the folder that `endplate trial --out` wrote.

    Raises:
        TrialError: no patients there.
    """
    if isinstance(source, TrialResult):
        if source.kept is None:
            pack(source)
        assert source.kept is not None
        return Patients(design_from_dict(source.design), source.kept)
    path = Path(source)
    path = path / FILE if path.is_dir() else path
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
            meta = json.loads(str(arrays.pop("meta")[()]))
        missing = set(ARRAYS) - arrays.keys()
        if missing:
            raise KeyError(min(missing))
        design = design_from_dict(meta["design"])
        _check(design, arrays)
        return Patients(design, arrays)
    except FileNotFoundError:
        raise TrialError(
            f"There is no {FILE} in `{clean(str(source), 200)}`.", "", "Run the trial with --out first."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError) as error:
        told = clean(str(error) or type(error).__name__, 80)
        raise TrialError(
            f"`{clean(str(path), 200)}` holds no patients ({told}).", "", "Run the trial again."
        ) from None


def _check(design: Design, arrays: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError unless every array has the type, the size and the range that a trial of this design writes."""
    people, areas, days = len(arrays["arm"].ravel()), len(design.areas), len(design.days)
    wanted = {
        **dict.fromkeys(("arm", "draw", "half", "patient", "again"), ("i", (people,))),
        "base": ("i", (people, areas, 2)),
        "grade": ("i", (people, areas, 2, days)),
        "change": ("f", (people, areas, days)),
        "present": ("b", (people, days)),
        "sound": ("b", (people,)),
    }
    for name, (kind, shape) in wanted.items():
        if arrays[name].dtype.kind != kind or arrays[name].shape != shape:
            raise ValueError(f"array {name} does not fit the design")
    cuts = [values for name, values in arrays.items() if name.startswith("cut.")]
    if any(values.dtype.kind != "f" or values.ndim != 1 for values in cuts):
        raise ValueError("a cut is no list of numbers")
    most = {"arm": len(design.arms), "draw": min([MOST_DRAWS, *map(len, cuts)]), "half": 2}
    for name, end in most.items():
        if people and not 0 <= arrays[name].min() <= arrays[name].max() < end:
            raise ValueError(f"{name} is out of range")
    if not people:
        raise ValueError("nobody is in it")


def reanalyse(
    source: TrialResult | str | Path,
    *,
    endpoints: tuple[Asked, ...] | list[Asked] = (),
    durations: tuple[Lasting, ...] | list[Lasting] = (),
) -> tuple[tuple[Observed, ...], tuple[ArmDuration, ...]]:
    """Rates and medians of other endpoints, without simulating anybody.

    Args:
        endpoints, durations: as a design asks for them (`Design.asked`, `Design.lasting` of any design).

    Raises:
        TrialError: no patients, an area or a day that was not graded, or a diary of onset.
    """
    people = patients_of(source)
    rates = tuple(
        _observed(people, number, one, day)
        for number in range(len(people.design.arms))
        for one in endpoints
        for day in one.days
    )
    lasting = tuple(
        ArmDuration(arm.name, _lasting(people, number, one))
        for number, arm in enumerate(people.design.arms)
        for one in durations
    )
    return rates, lasting


def _observed(people: Patients, arm: int, one: Asked, day: int) -> Observed:
    record, k = endpoint_record(one.endpoint), _area(people, one.area)
    days = list(people.design.days)
    if day not in days:
        raise TrialError(
            f"Nobody was graded on day {day}.", f"Days: {', '.join(map(str, days))}.", "Ask for one of these."
        )
    t, a = days.index(day), people.arrays
    if record.kind == "grade":
        held = holds(record, a["base"][:, k], a["grade"][:, k, :, t], area(one.area))
    elif record.kind == "change":
        name = f"cut.{record.cut}"
        if name not in a:
            raise TrialError(f"The cut of {record.id} was not kept.", "", "Run the trial again.")
        held = a["change"][:, k, t] > a[name][a["draw"]]
    else:
        raise TrialError(
            f"{record.id} reads days between visits, which are not kept.", "", "Run the trial with it."
        )
    seen = a["present"][:, t] & a["sound"] & (a["arm"] == arm)
    name = people.design.arms[arm].name
    total = int(seen.sum())
    if not total:
        return Observed(name, one.endpoint, one.area, day, None, None, 0)
    by_draw, counted = _by_draw(a, held & seen), _by_draw(a, seen)
    full = (counted > 0).all(axis=1)
    rates = by_draw[full] / counted[full]
    within = interval(np.clip(settled(rates), 0.0, 1.0)) if full.any() else None
    return Observed(name, one.endpoint, one.area, day, float(held[seen].mean()), within, total)


def _by_draw(arrays: Mapping[str, np.ndarray], flags: np.ndarray) -> np.ndarray:
    """How many, by draw and half, (draw, 2)."""
    draws = int(arrays["draw"].max()) + 1
    where = arrays["draw"][flags].astype(np.int64) * 2 + arrays["half"][flags]
    return np.bincount(where, minlength=2 * draws).reshape(draws, 2).astype(float)


def _lasting(people: Patients, arm: int, one: Lasting) -> Duration:
    record, k = endpoint_record(one.duration), _area(people, one.area)
    if record.kind != "duration":
        raise TrialError(
            f"{record.id} reads days between visits, which are not kept.", "", "Run the trial with it."
        )
    visits = people.design.visits
    start, among = None, None
    if record.among not in (None, "all"):
        start, among = near_visit(visits, record.among_day), endpoint_record(record.among)
        if start is None:
            raise TrialError(f"No visit lies near day {record.among_day:g}.", "", "Run the trial with one.")
    after = visits_after(visits, start, record)
    days = list(people.design.days)
    columns = [days.index(visit) for visit in visits]
    a = people.arrays
    draws = int(a["draw"].max()) + 1
    weeks = np.full((draws, 2), np.inf)
    mine = (a["arm"] == arm) & a["sound"]
    for draw in range(draws):
        for half in (0, 1):
            rows = np.flatnonzero(mine & (a["draw"] == draw) & (a["half"] == half))
            risk, ends = at_risk(
                record,
                among,
                (start, after),
                area(one.area),
                a["base"][rows, k],
                a["grade"][rows, k][..., columns],
                a["present"][rows][:, columns],
                a["again"][rows],
                np.array(visits),
            )
            weeks[draw, half] = medians(kaplan_meier(risk, ends), np.array(visits))
    median, within, reached = median_interval(weeks)
    return Duration(one.duration, one.area, median, within, reached)


def _area(people: Patients, name: str) -> int:
    if name not in people.design.areas:
        raise TrialError(
            f"The area {clean(name)} was not graded.",
            f"Areas: {', '.join(people.design.areas)}.",
            "Ask for one of these.",
        )
    return people.design.areas.index(name)
