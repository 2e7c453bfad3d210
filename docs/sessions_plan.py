"""Which muscles are treated how often on docs/repeated-sessions.md, and what is varied."""

from __future__ import annotations

from dataclasses import dataclass

INTERVALS_W = (12, 16)
SESSIONS = (1, 2, 3, 4)
FOLLOWED_D = 1092
"""Days after the last session: three years."""
PICTURE_D, PICTURE_STEP_D = 448, 2
DRAWS, SEED = 200, 0
SHARES = (0.0, 0.3, 0.7, 0.9)
LOSS = 0.10
THETA = "junction.light_chain_half_life.a"


@dataclass(frozen=True)
class Case:
    """One muscle treated again and again with the same pattern."""

    name: str
    pattern: str
    muscle: str
    side: str
    muscle_class: str


CASES = (
    Case("corrugator", "glabellar_lines.onabotulinumtoxin_a", "corrugator_supercilii", "left", "mimic"),
    Case(
        "orbicularis",
        "blepharospasm.onabotulinumtoxin_a.site_2_5u",
        "orbicularis_oculi_palpebral",
        "left",
        "mimic",
    ),
    Case("masseter", "masseter.onabotulinumtoxin_a", "masseter", "left", "jaw"),
    Case("EDB", "edb_calibration.onabotulinumtoxin_a", "extensor_digitorum_brevis", "", "limb"),
)
