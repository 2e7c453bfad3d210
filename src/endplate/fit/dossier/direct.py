"""Rows read by force or cross-section in place of a line's severity, from the stored predictions to rows of a dossier.

They are listed beside the others and never counted: the numbers of C20 set a prior, and of a masseter no other study
is fitted, so its scale of grades is a prior as well. How they are made stands in `direct_made.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.fit.dossier.facts import Fact, dose_of, fact_of, remaining
from endplate.fit.dossier.floor import floor_of, spread_of
from endplate.fit.dossier.predictive import LEVEL, beta_binomial_counts, interval_score
from endplate.fit.dossier.record import Direct
from endplate.fit.dossier.stored import LEFT_OUT

NAME = "direct.npz"
STORED = LEFT_OUT.with_name(NAME)
REMEDY = "Make them again: python docs/make_dossier.py --direct"


@dataclass(frozen=True)
class DirectStored:
    """Predictions of every direct row.

    Attributes:
        rows: ids of results. expected, persons_sd (draw, row): mean of the reading over persons and its SD between
            them (NaN for shares of people). rate_sd (draw,): SD of one printed rate on the logit. inputs: hash.
    """

    rows: tuple[str, ...]
    expected: np.ndarray
    persons_sd: np.ndarray
    rate_sd: np.ndarray
    inputs: str


def load_direct(path: Path = STORED) -> DirectStored | None:
    """The stored predictions; None where none were made.

    Raises:
        ModelError: they are not what the dossier reads, or hold a row that is no result any more.
    """
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as found:
            rows = tuple(str(name) for name in found["rows"])
            arrays = [np.asarray(found[name], dtype=float) for name in ("expected", "persons_sd", "rate_sd")]
            stored = DirectStored(rows, *arrays, inputs=str(found["inputs"]))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The stored direct readings cannot be read ({error}).", "", REMEDY) from None
    draws = len(stored.rate_sd)
    if not stored.expected.shape == stored.persons_sd.shape == (draws, len(rows)):
        raise ModelError("The stored direct readings do not fit their rows.", "", REMEDY)
    gone = [name for name in rows if name not in catalogue().results]
    if gone:
        raise ModelError(
            f"The stored direct readings hold `{gone[0]}`, which is no result any more.", "", REMEDY
        )
    return stored


def direct_rows(stored: DirectStored, facts: Sequence[Fact]) -> list[Direct]:
    """A row for every stored prediction.

    Args:
        facts: of the clinical fit; they give the floor of a share.
    """
    results = catalogue().results
    return [
        _share_row(results[name], stored, k, facts)
        if results[name].n
        else _mean_row(results[name], stored.expected[:, k], stored.persons_sd[:, k])
        for k, name in enumerate(stored.rows)
    ]


def _mean_row(result: Any, expected: np.ndarray, persons_sd: np.ndarray) -> Direct:
    """The mean of a measurement over persons; sampling is left out where their number was not read."""
    tail = (1.0 - LEVEL) / 2.0
    low, high = (float(v) for v in np.quantile(expected, [tail, 1.0 - tail]))
    observed = float(result.value)
    return Direct(
        **_common(result),
        n=None,
        observed=observed,
        predicted=float(np.median(expected)),
        interval90=(low, high),
        inside=low <= observed <= high,
        interval_score=100.0 * interval_score((low, high), observed),
        log_score=None,
        below=float((expected < observed).mean()),
        floor=None,
        floor_sd=None,
        persons_sd=float(np.median(persons_sd)),
    )


def _share_row(result: Any, stored: DirectStored, k: int, facts: Sequence[Fact]) -> Direct:
    """A share of n people, with the spread of one printed rate and sampling as in the other rows."""
    fact = fact_of(result)
    expected = stored.expected[:, k]
    found = beta_binomial_counts(fact.n, fact.events, expected, stored.rate_sd)
    spread = spread_of(remaining(facts, fact.study))
    ends = found.interval()
    return Direct(
        **_common(result),
        n=fact.n,
        observed=fact.value,
        predicted=float(np.median(expected)),
        interval90=ends,
        inside=found.contains(),
        interval_score=100.0 * interval_score(ends, fact.events / fact.n),
        log_score=found.surprise(),
        below=found.below(),
        floor=floor_of(fact, spread),
        floor_sd=spread.rate,
        persons_sd=None,
    )


def _common(result: Any) -> dict[str, Any]:
    """What both kinds of rows say of their result."""
    from endplate.catalogue.lines import areas

    endpoint = catalogue().endpoints[result.endpoint]
    arm: Any = catalogue().studies[result.study].arm_of(result.arm)
    return {
        "id": result.id,
        "study": result.study,
        "arm": result.arm,
        "product": arm.product,
        "units": _units(result, arm),
        "area": result.area,
        "endpoint": endpoint.id,
        "family": endpoint.family,
        "day": result.day,
        "kind": result.kind,
        "use": result.use,
        "tag": result.tag,
        "fitted": result.use
        == "sets_prior",  # the masseter's rows are of the calibration, but no fit reads them
        "checked": result.tag == "seen",
        "reads": endpoint.reads or areas()[result.area].reads,
    }


def _units(result: Any, arm: Any) -> float:
    if result.kind == "placebo":
        return 0.0
    if arm.pattern is not None:
        return dose_of(arm, result.area)[0]
    from endplate.fit.dossier.direct_made import given

    each = {dose["arm"]: float(dose["units_per_site"]) for dose in given()["lid_dose"]}
    return 2.0 * len(given()["layout"][0]["sites"]) * each[result.arm]
