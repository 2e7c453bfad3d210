"""How strong: from fibres that fire to electrical response, force and cross-section."""

from endplate.model.muscle.force import cmap, force, structural_state
from endplate.model.muscle.responses import Responses, force_of, responses_of
from endplate.model.muscle.section import cross_section

__all__ = [
    "Responses",
    "cmap",
    "cross_section",
    "force",
    "force_of",
    "responses_of",
    "structural_state",
]
