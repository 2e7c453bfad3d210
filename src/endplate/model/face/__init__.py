"""What a face shows: landmarks in balance and in expressions, and the endplates behind the lines that raters grade."""

from endplate.model.face.lids import LAW, eyelid, margin_drop
from endplate.model.face.lines import line_weights
from endplate.model.face.measures import (
    Rest,
    average_rest,
    face_measures,
    measure_parameter_ids,
    point_values,
    unit_of,
)
from endplate.model.face.palsy import NerveState, Palsy, palsy_of

__all__ = [
    "LAW",
    "NerveState",
    "Palsy",
    "Rest",
    "average_rest",
    "eyelid",
    "face_measures",
    "line_weights",
    "margin_drop",
    "measure_parameter_ids",
    "palsy_of",
    "point_values",
    "unit_of",
]
