"""Names of the skin landmarks that sites may refer to; their places belong to the anatomy room."""

from __future__ import annotations

#: On the midline: the key is the bare name.
MIDLINE_LANDMARKS = frozenset(
    "trichion glabella nasion sellion pronasale subnasale stomion labrale_superius labrale_inferius pogonion menton "
    "hyoid suprasternal_notch".split()
)

#: On both sides: the key is the name with ".left" or ".right".
PAIRED_LANDMARKS = frozenset(
    "pupil medial_canthus lateral_canthus upper_lid_margin lower_lid_margin brow_medial brow_mid brow_lateral "
    "rim_superior rim_superior_medial rim_lateral rim_inferior rim_medial temporal_line brow_temporal_line alare "
    "cheilion modiolus zygion malar tragion gonion mastoid jaw_mid clavicle_medial upper_lid_medial upper_lid_lateral "
    "lower_lid_lateral lower_lid_medial".split()
)

LANDMARKS = MIDLINE_LANDMARKS | PAIRED_LANDMARKS
