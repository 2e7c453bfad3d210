"""Rows of the evidence that the dossier cannot predict, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from endplate.catalogue import catalogue
from endplate.fit.dossier.record import Unpredicted

CROSS_SECTION = (
    "Not fitted and not predicted: masseter prominence reads the cross-section, which the linear tables of the fit "
    "do not carry."
)


def unpredicted(predicted: set[str]) -> Iterable[Unpredicted]:
    """Every result that is not among those predicted, in the order of the catalogue."""
    for result in catalogue().results.values():
        if result.id in predicted:
            continue
        yield Unpredicted(
            id=result.id,
            study=result.study,
            row=result.row,
            kind=result.kind,
            use=result.use,
            tag=result.tag,
            area=result.area,
            what=result.endpoint or result.measure,
            value=result.value,
            unit=result.unit,
            reason=reason_of(result),
        )


def reason_of(result: Any) -> str:
    """Why a row is not predicted."""
    if result.use == "not_modelled":
        return result.reason
    why = _what_lacks(result)
    if result.use == "sets_prior":
        return f"Set a prior, hence counts as fitted. {why}"
    return why


def _what_lacks(result: Any) -> str:
    if result.value is None:
        return "No number was read."
    if result.bound is not None:
        return "Only a bound was printed."
    if result.endpoint is None:
        return "No endpoint of the model counts this."
    endpoint = catalogue().endpoints[result.endpoint]
    if endpoint.kind == "direct":
        return "A force measured directly; no arm of the clinical fit reads it."
    if result.area == "masseter":
        return CROSS_SECTION
    if endpoint.kind == "onset" and endpoint.statistic == "median":
        return "A median day of onset: the clinical fit reads the share by a day instead."
    if endpoint.kind == "duration" and result.kind == "placebo":
        return "A duration under placebo: hardly anybody has an effect that could end."
    if not result.n:
        return "The number of persons was not read, so the width of a prediction is not known."
    return result.note or "A part of another row, or on record only."
