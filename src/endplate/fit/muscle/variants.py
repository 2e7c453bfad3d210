"""Four laws of the long tail, each fitted to the same rows of the foot, each tried in the face.

    one rate       one light-chain half-life everywhere, no structural state
    two rates      a share of the light chain decays slowly, everywhere, no structural state
    structure      one light-chain rate, a structural state of limb muscle follows the block (the model's law)
    persistence    the light chain lasts longer in limb muscle than in the face, no structural state: both serotypes
                   by one factor, or type A alone

The clinical rows are not fitted: `clinic.measures` says what each law means for a corrugator, a lid and a levator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from endplate.fit.muscle.clinic import Steps, measures, one_rate, two_rates
from endplate.fit.muscle.free import (
    EASE,
    PERSISTENCE,
    SIGMA,
    SLOW,
    SLOW_SHARE,
    THETA_A,
    THETA_A_WIDE,
    THETA_B,
    THRESHOLD_B,
    UNBLOCKABLE,
    VOLUME,
    Free,
    with_values,
)
from endplate.fit.muscle.posterior import Fit, Target, fit, target
from endplate.model.parameters import ParameterSet, point_parameters

COMMON = (VOLUME, EASE, THRESHOLD_B, THETA_B, SIGMA)
SMALL_SHARE = 0.05  # of the light chain; a second reading of the law of two rates


@dataclass(frozen=True)
class Variant:
    """A law with its fit and its measures in the face.

    Attributes:
        added: quantities that the law has beyond one light-chain half-life known from the face.
        face: half-life or half-lives of type A that the face gets.
    """

    name: str
    added: tuple[str, ...]
    fit: Fit
    face: str
    clinic: dict[str, float]


def without_structure(base: ParameterSet) -> ParameterSet:
    return with_values(base, {"structural.on_rate.limb": 0.0})


def _law(free: Sequence[Free], base: ParameterSet, fixed: dict[str, float] | None = None) -> Target:
    return target((*COMMON, *free), fixed, base)


def variants(found: Fit | None = None, base: ParameterSet | None = None) -> list[Variant]:
    """The laws, two of them in two readings, in the order of the table.

    Args:
        found: the fit with the structural state, if it exists already.
        base: one draw; None: the centres of the catalogue.
    """
    base = base or point_parameters()
    bare = without_structure(base)
    grid = (0.2, 0.3, 0.4, 0.55)
    prior = float(base["junction.light_chain_half_life.a"][0])
    one = fit(_law((THETA_A_WIDE,), bare), study_sd=grid)
    two = fit(_law((THETA_A, SLOW, SLOW_SHARE), bare), study_sd=grid)
    small = fit(_law((THETA_A, SLOW), bare, {"tail.slow_share": SMALL_SHARE}), study_sd=grid)
    lasting = fit(_law((THETA_A, PERSISTENCE), bare), study_sd=grid)
    state = found or fit(target(base=base), study_sd=grid)
    theta = THETA_A.name
    slow = lambda f: (f.values[theta], f.values[SLOW.name], f.values[SLOW_SHARE.name])  # noqa: E731

    def law(name: str, added: tuple[str, ...], of: Fit, face: str, steps: Steps) -> Variant:
        return Variant(name, added, of, face, measures(steps, base))

    return [
        law("one rate", ("θ free",), one, f"{one.values[theta]:.0f} d", one_rate(one.values[theta])),
        law("two rates", ("slow half-life", "slow share"), two, _pair(*slow(two)), two_rates(*slow(two))),
        law(
            "two rates, small slow share",
            ("slow half-life", "slow share held"),
            small,
            _pair(*slow(small)),
            two_rates(*slow(small)),
        ),
        law(
            "structure",
            ("on-rate", "recovery"),
            state,
            f"{state.values[theta]:.0f} d",
            one_rate(state.values[theta]),
        ),
        law(
            "persistence, both serotypes",
            ("one factor",),
            lasting,
            f"{lasting.values[theta]:.0f} d",
            one_rate(lasting.values[theta]),
        ),
        law("persistence, type A alone", ("θ of limb muscle",), one, f"{prior:.0f} d", one_rate(prior)),
    ]


def _pair(fast: float, slow: float, share: float) -> str:
    return f"{fast:.0f} d, and {100 * share:.0f} % with {slow:.0f} d"


def with_ceiling(base: ParameterSet | None = None) -> Fit:
    """The law with the structural state and a share of fibres that no dose blocks."""
    to = target(base=base)
    return fit(replace(to, free=(*to.free, UNBLOCKABLE)), study_sd=(0.3, 0.4))


def without_tail(base: ParameterSet | None = None) -> Fit:
    """The half-life of the face and nothing else: what the tail is needed for."""
    return fit(_law((), without_structure(base or point_parameters())), study_sd=(0.3, 0.4))
