"""Where: the head frame, the skin, the muscles with their endplates, individuals, and sites placed on them."""

from __future__ import annotations

from endplate.anatomy.face import Face, default_face, sample_individual
from endplate.anatomy.place import PlacedSite, over_muscle, place
from endplate.anatomy.shape import MuscleShape
from endplate.anatomy.skin import Skin

__all__ = [
    "Face",
    "MuscleShape",
    "PlacedSite",
    "Skin",
    "default_face",
    "over_muscle",
    "place",
    "sample_individual",
]
