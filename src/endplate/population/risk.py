"""The risk of each unwanted effect by mechanism: over faces, needles, people, and what is not known of the model.

    rate of an outer draw   mean over its faces, each with its own needles; slips behind the septum are a stratum of
                            their own, and a person's sensitivity is integrated, not drawn
    probability             mean of the rates of all outer draws
    interval90              their 5 % and 95 % points, the chance in them taken out, the error of their mean put in
    mc_error                relative standard error of the probability: draws, faces and needles together
    injectors90             mean risk in hands whose needles slip rarely and often

Sessions of the first planned day count; what earlier ones left does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from endplate.errors import ModelError
from endplate.population.risk_course import Material, courses_of
from endplate.population.risk_faces import FaceResult
from endplate.population.risk_record import WHOSE, Risk, Run, Unwanted
from endplate.population.risk_run import Job, Size, all_sites, by_draw, chances_of, job_of, on_faces
from endplate.population.risk_summary import Columns, unwanted_of

FACES, DRAWS, PER_DRAW = 24, 384, 4
Progress = Callable[[int, int], None]


def risk_of(
    plan: Any,
    *,
    faces: int = FACES,
    draws: int = DRAWS,
    per_draw: int = PER_DRAW,
    seed: int = 0,
    only: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Risk:
    """The risk of every effect by mechanism.

    Args:
        faces: drawn faces of the patient's sex and age; draws: outer draws; per_draw: faces that each of them visits.
        seed: same arguments, same numbers. Faces, needles and outer draws are the same for every plan, so that two
            plans differ by the plan.
        only: ids of effects; None takes all.
        progress: called with (faces done, faces).

    Raises:
        ModelError: numbers that do not fit, several serotypes on one day, nothing planned.
        CatalogueError: an unknown effect.
        PlaceError: the plan cannot be placed on the faces.
    """
    return risks_of(
        [plan], faces=faces, draws=draws, per_draw=per_draw, seed=seed, only=only, progress=progress
    )[0]


def risks_of(
    plans: Sequence[Any],
    *,
    faces: int = FACES,
    draws: int = DRAWS,
    per_draw: int = PER_DRAW,
    seed: int = 0,
    only: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Risk, ...]:
    """The same for several plans, each face being drawn once for all of them."""
    size = Size(faces, draws, per_draw, seed)
    jobs = [job_of(plan, size, only) for plan in plans]
    found = on_faces(jobs, size, progress)
    return tuple(_finished(job, size, parts) for job, parts in zip(jobs, found, strict=True))


def _finished(job: Job, size: Size, found: Sequence[FaceResult]) -> Risk:
    groups, share, weight, brought = by_draw(found, job.task.groups, size)
    material = Material(share, groups, job.tables, job.outer.values, job.aimed, job.palsy)
    run = Run(
        chance=chances_of(job, material, size),
        weight=weight,
        face=size.visited(),
        of_hand=(False, True, not job.in_orbit),
        brought=brought,
        groups=groups,
        sites=tuple(site.id for site in all_sites(job.today)),
        outer=job.outer,
        material=material,
    )
    unwanted: list[Unwanted] = []
    columns = Columns.of(job.outer)
    for one in job.chosen:
        for level in one.levels:
            either = run.chance[one.id, level][..., 2] * weight
            ends = courses_of(one, level, either, material, size.seed)
            sides = WHOSE if one.sides else WHOSE[2:]
            unwanted += [unwanted_of(run, one, level, side, ends, columns) for side in sides]
    return Risk(tuple(unwanted), run, size.faces, size.draws, size.seed, limits_of(job, found))


def _rests_on(basis: Mapping[str, str]) -> str:
    """What slips, runs and thresholds rest on."""
    if "calibrated" in basis.values():
        return (
            "Slips behind the septum, runs in the orbit and the loss from which on an effect counts were calibrated on "
            "reported rates of the eyelid, the eye and the brow; other thresholds are declared priors."
        )
    return "From which loss on an effect counts, slips behind the septum and runs in the orbit are declared priors."


def limits_of(job: Job, found: Sequence[FaceResult]) -> tuple[str, ...]:
    """What the numbers leave out."""
    words = [
        "Risks hold for drawn people of the patient's sex and age, not for this patient's own face.",
        _rests_on(job.outer.basis),
        "Double vision is told by reach: gaze is not modelled. Muscles of the throat have a declared place.",
    ]
    if len(job.today.sessions) < sum(not one.given for one in job.plan.sessions):
        words.append("Only sessions of the first planned day count.")
    if any(one.given for one in job.plan.sessions):
        words.append("What past treatments left is not counted.")
    replaced = sum(one.replaced for one in found)
    if replaced:
        words.append(f"{replaced} drawn faces had no room for the plan and were replaced.")
    return tuple(words)


__all__ = ["DRAWS", "FACES", "PER_DRAW", "ModelError", "Progress", "Risk", "Unwanted", "risk_of", "risks_of"]
