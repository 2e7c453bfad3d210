"""What a virtual trial does not say: printed with every result."""

from __future__ import annotations

from collections.abc import Mapping

from endplate.catalogue import catalogue
from endplate.population.posterior import Draws
from endplate.trial.design import Design
from endplate.trial.job import Trial

REPORTED_ONLY = "Unwanted effects are reported rates alone: risks by mechanism were not worked out."
STANDING = (
    "Rates are those of a model of faces and raters, as sure as the intervals say; no trial in people is replaced.",
    REPORTED_ONLY,
    "Reported rates of unwanted effects hold for the doses of their reports.",
    "People who leave do so for reasons that have nothing to do with the effect.",
)


def limits_of(design: Design, trial: Trial, draws: Mapping[str, Draws], failures: int) -> tuple[str, ...]:
    """The standing limits, and those that this design adds."""
    found: list[str] = list(STANDING)
    if not any("posterior" in one.basis.values() for one in draws.values()):
        found.append("No parameter has been fitted to trials yet: every interval comes from priors.")
    for arm in {arm.product: arm for arm in trial.arms if arm.product is not None}.values():
        found += _of_product(str(arm.product), draws[arm.name])
    first = next(iter(draws.values()))
    for name in design.areas:
        if first.basis[f"outcome.drop.{name}"] == "prior" and "posterior" in first.basis.values():
            found.append(
                f"No row of the {_words(name)} is in the fit: how its lines answer is drawn from priors."
            )
    people = design.entry.population
    for name in design.areas:
        if name not in people.baseline:
            found.append(
                f"The design gives no baseline mix of the {_words(name)}: it is that of the model's candidates,"
                " which differs between studies in the predictive interval."
            )
    if len(design.areas) > 1:
        found.append(
            "Baseline severity in several areas of one person is drawn independently; sensitivity is shared."
        )
    if people.age.sd > 0:
        found.append("A spread of ages is represented by three ages.")
    if design.entry.retreatment is not None:
        found.append(
            "Durations are counted to the first repeated treatment from sampled grades; rates hold repeated treatments."
        )
    failed = sorted({text for arm in trial.arms if arm.bank is not None for text in arm.bank.failed})
    if failed:
        found.append(
            f"On {len(failed)} drawn face(s) the sites have no room; they are left out ({failed[0]})."
        )
    if failures:
        found.append(
            f"{failures} simulated patient(s) failed and are left out; they are named under failures."
        )
    return tuple(found)


def _of_product(product: str, draws: Draws) -> list[str]:
    name = catalogue().product(product).name
    if draws.basis.get(f"threshold.{product}") == "posterior":
        return []
    seen = any(one.product == product for study in catalogue().studies.values() for one in study.arm)
    why = "is not in the fit" if seen else "has no trial data in the catalogue"
    return [
        f"{name} {why}: its potency is drawn from its prior, and its intervals are as wide as that makes them."
    ]


def _words(area: str) -> str:
    return area.replace("_", " ")
