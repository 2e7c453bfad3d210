"""The closed lists of words a plan file may use.

The words are part of the published format `endplate/plan/1`: adding one is compatible, renaming one is not.
"""

from __future__ import annotations

from typing import Literal

Side = Literal["left", "right", "midline"]
PairedSide = Literal["left", "right"]
Sex = Literal["female", "male"]
Layer = Literal["dermis", "subcutis", "muscle", "submuscular"]
Experience = Literal["novice", "expert", "unknown"]
Guidance = Literal["none", "ultrasound", "emg"]
Diluent = Literal["saline", "preserved_saline", "saline_with_lidocaine", "water"]
GradeState = Literal["rest", "contraction"]
GazeDistance = Literal["far", "near"]
Area = Literal[
    "forehead", "glabella", "lateral_canthus", "lower_lid", "nose", "upper_lip", "mouth_corner", "chin",
    "masseter", "platysma", "upper_lid", "whole_face",
]  # fmt: skip
Branch = Literal[
    "temporal", "zygomatic", "buccal", "marginal_mandibular", "cervical", "all",
    "oculomotor", "trochlear", "abducens",
]  # fmt: skip
Movement = Literal[
    "brow_raise", "frown", "blink", "eye_closure", "sneer", "smile", "pucker", "lip_depression", "chin_raise",
    "neck_tension",
]  # fmt: skip
