"""What instruments read instead of raters: the closing force of the lids and the amplitude of a muscle's response.

closing force = sum over the parts of the orbicularis oculi of share x force, relative to before treatment
amplitude     = sum over muscles of share x P (1 - X), relative to the response of unblocked endplates

The palpebral part closes the lid (AU 43, 45) and tightens it (AU 7), the orbital part adds to forced closure (AU 6);
what each adds to the measured force was never printed, so a part counts by its cross-section, width times thickness.

Sources: clinical evidence C20 (force of the lids), mechanism evidence V1, V3 and P6.12 (CMAP of a blocked muscle);
action units and sizes of the parts in `muscles.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from endplate.errors import ModelError
from endplate.model.muscle import cmap

Array = Any
LID_CLOSERS = ("orbicularis_oculi_palpebral", "orbicularis_oculi_orbital")


def part_shares(xp: Any, width_mm: Sequence[Array], thickness_mm: Sequence[Array]) -> Array:
    """Share of each part in a muscle's force by its cross-section: sizes (part,) of arrays (...), mm -> (part, ...)."""
    area = xp.stack([w * t for w, t in zip(width_mm, thickness_mm, strict=True)])
    return area / area.sum(axis=0)


def closing_force(xp: Any, parts: Sequence[Array], shares: Array) -> Array:
    """Closing force of the lids as a share of that before treatment.

    Args:
        parts: force of each part of the orbicularis relative to rest, arrays (...) of one shape.
        shares: of each part in the force before treatment, (part,) or (part, ...); they add up to 1.

    Returns:
        (...).

    Raises:
        ModelError: another number of shares than of parts.
    """
    return _weighted(xp, parts, shares)


def amplitude(
    xp: Any, firing: Sequence[Array], structure: Sequence[Array], shares: Sequence[float] | Array
) -> Array:
    """Amplitude of the compound response under an electrode, as a share of what unblocked endplates give.

    Args:
        firing: share of fibres that fire, of each muscle under the electrode, arrays (...) of one shape.
        structure: structural state X of each, the same shapes (`model.muscle.structural_state`).
        shares: of each muscle in the response before treatment, (muscle,); they add up to 1.

    Returns:
        (...): 1 before treatment.
    """
    return _weighted(xp, [cmap(p, x) for p, x in zip(firing, structure, strict=True)], shares)


def _weighted(xp: Any, parts: Sequence[Array], shares: Sequence[float] | Array) -> Array:
    if len(parts) != len(shares):
        raise ModelError(
            f"{len(parts)} parts were given with {len(shares)} shares.", "", "Give a share for each part."
        )
    return sum((share * xp.asarray(part) for share, part in zip(shares, parts, strict=True)), 0.0)


def largest_loss(course: Array) -> Array:
    """Share that is lost at the lowest of a course, over its last axis: (..., day) -> (...)."""
    return 1.0 - course.min(axis=-1)
