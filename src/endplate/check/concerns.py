"""A plan that tells what the person comes for is asked the question before it: is toxin the answer at all?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from endplate.check.finding import Finding
from endplate.check.visit import Visit

URGENT = ("emergency now", "same day")


def concerns(visit: Visit, today: dt.date | None = None) -> Iterator[Finding]:
    """What triage says against treating a complaint now, with whom to ask first.

    An emergency, and whoever must be seen the same day, is a stop; another referral, or a complaint that toxin does not
    suit, a caution.

    Args:
        today: the day of the question, for complaints that tell since when and not when they were asked about; the
            calendar's day unless given. Never the day of the session: what is urgent now is not for then.
    """
    if not visit.plan.complaint:
        return
    from endplate.check.triage import POSSIBLE, triage

    for one in triage(visit.plan, today).complaints:
        urgent = [advice for advice in one.referrals if advice.urgency in URGENT]
        if one.verdict in POSSIBLE and not urgent:
            continue
        yield _told(visit, one, urgent)


def _told(visit: Visit, one: Any, urgent: list[Any]) -> Finding:
    rules = [rule for rule in one.reasons if rule.verdict == one.verdict] or list(one.reasons)
    to = "; ".join(f"{advice.to} ({advice.urgency})" for advice in one.referrals)
    emergency = any(advice.urgency == URGENT[0] for advice in urgent)
    steps = [*one.first, *(f"Do not: {word.rstrip('.')}." for word in one.avoid)] if urgent else []
    do = " ".join(part for part in (f"First: {to}." if to else "See `endplate triage`.", *steps) if part)
    sources = tuple(dict.fromkeys(rule.source for rule in rules))
    more = {"sources": sources, "checked": all(rule.checked for rule in rules)} if rules else {}
    head = "EMERGENCY NOW. " if emergency else ""
    return visit.of_house(
        "emergency" if emergency else "triage",
        f"{head}Triage of {one.use.name}: {one.verdict}.",
        severity="stop" if urgent else "caution",
        evidence=" ".join(rule.reason for rule in rules),
        do=do,
        **more,
    )
