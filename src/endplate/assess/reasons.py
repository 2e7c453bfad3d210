"""Why an unwanted effect happens, and to how many of a number of faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from endplate.assess.causes import Cause, cause_of, checked
from endplate.assess.relief import Relief, relief_of
from endplate.assess.risks import SEEN, Progress, check_size
from endplate.plan.atlas import in_atlas
from endplate.population.replayed import Replay, check_faces, replay_of
from endplate.population.risk import DRAWS, FACES, PER_DRAW, risk_of


@dataclass(frozen=True)
class Why:
    """Where an effect comes from, and the smallest changes that halve its risk (None where none were looked for)."""

    cause: Cause
    relief: Relief | None


def why(
    plan: Any,
    effect: str,
    side: str = "either",
    *,
    level: str = SEEN,
    change: bool = True,
    faces: int = FACES,
    seed: int = 0,
    progress: Progress | None = None,
) -> Why:
    """Which injection brings an unwanted effect, what the number rests on, and what would halve it.

    Args:
        plan: a Plan, as `read_plan` gives it.
        effect: id of an effect by mechanism, such as eyelid_ptosis.
        side: left, right or either. level: by which of its definitions.
        change: look for the smallest changes of the injections that bring most; the plan is run some thirty times.
        faces: drawn faces behind the risk, a multiple of 4. seed: same plan, faces and seed, same numbers.
        progress: called with (faces done, faces), then with (runs done, runs).

    Raises:
        CatalogueError: an unknown effect, side or definition.
        EndplateError: as `risk`.
    """
    check_size(faces, seed)
    checked(effect, side, level)
    plan = in_atlas(plan)
    found = risk_of(
        plan, faces=faces, draws=DRAWS, per_draw=PER_DRAW, seed=seed, only=[effect], progress=progress
    )
    cause = cause_of(plan, found, effect, side, level)
    return Why(cause, relief_of(plan, found, cause, progress) if change else None)


def replay(plan: Any, faces: int = 200, *, seed: int = 0, progress: Progress | None = None) -> Replay:
    """One plan on many individual faces, each treated once: k of n get an effect, and what the targets lose.

    Args:
        plan: a Plan, as `read_plan` gives it. faces: 8 to 1000, of the patient's sex and age.
        seed: same plan, faces and seed, same numbers.
        progress: called with (faces done, faces).

    Raises:
        EndplateError: a number of faces out of range, nothing planned, a plan outside the atlas.
    """
    check_replay(faces, seed)
    return replay_of(in_atlas(plan), faces=faces, seed=seed, progress=progress)


def check_replay(faces: int, seed: int) -> None:
    """Refuse what no run can use before any work is done."""
    check_size(PER_DRAW, seed)
    check_faces(faces)
