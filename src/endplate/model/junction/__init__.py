"""What is blocked: entry, light chain, SNARE, release, sprouts."""

from endplate.model.junction.response import (
    cleavage_gain,
    firing_share,
    interpolation_matrix,
    light_chain,
    mean_light_chain,
    quantal_course,
    response_days,
)

__all__ = [
    "cleavage_gain",
    "firing_share",
    "interpolation_matrix",
    "light_chain",
    "mean_light_chain",
    "quantal_course",
    "response_days",
]
