"""Which part of a plan the atlas holds: what lies outside it is checked for dose and rules, and not simulated."""

from __future__ import annotations

from endplate.errors import PlanError
from endplate.plan.lookup import outside_atlas
from endplate.plan.records import Plan


def outside_targets(plan: Plan) -> tuple[str, ...]:
    """Targets of the plan that the atlas does not hold, each once, in order; () for a plan of face and neck."""
    found = (one.muscle for session in plan.sessions for one in session.injections)
    return tuple(dict.fromkeys(name for name in found if outside_atlas(name)))


def in_atlas(plan: Plan) -> Plan:
    """The plan without the targets outside the atlas; the plan itself where there are none.

    Raises:
        PlanError: nothing that is still planned lies in the atlas.
    """
    outside = outside_targets(plan)
    if not outside:
        return plan
    sessions = []
    for session in plan.sessions:
        inside = tuple(one for one in session.injections if one.muscle not in outside)
        if inside:
            sessions.append(session.model_copy(update={"injections": inside}))
    if all(session.given for session in sessions):
        raise PlanError(
            f"nothing of this plan can be simulated: {', '.join(outside)} lie outside the atlas.",
            "It holds the muscles of face, lids, eyes, jaw and the front of the neck.",
            "Its dose and rules: `endplate check`.",
        )
    return plan.model_copy(update={"sessions": tuple(sessions)})


def left_aside(plan: Plan) -> str | None:
    """One sentence on what of a plan is not simulated, or None."""
    outside = outside_targets(plan)
    if not outside:
        return None
    names = ", ".join(outside)
    return f"Not simulated, since the atlas does not hold them: {names}. `endplate check` judges their dose."
