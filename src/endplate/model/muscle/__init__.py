"""How strong: from fibres that fire to electrical response, force and cross-section."""

from endplate.model.muscle.force import cmap, force, structural_state

__all__ = ["cmap", "force", "structural_state"]
