"""What a face shows: which endplates stand behind the lines that raters grade."""

from endplate.model.face.lines import line_weights

__all__ = ["line_weights"]
