"""A plan that tells what the person comes for is asked the question before it: is toxin the answer at all?"""

from __future__ import annotations

from collections.abc import Iterator

from endplate.check.finding import Finding
from endplate.check.visit import Visit


def concerns(visit: Visit) -> Iterator[Finding]:
    """One caution for each complaint that triage does not find suited, with whom to ask first."""
    if not visit.plan.complaint:
        return
    from endplate.check.triage import POSSIBLE, triage

    for one in triage(visit.plan, visit.day).complaints:
        if one.verdict in POSSIBLE:
            continue
        told = [rule for rule in one.reasons if rule.verdict == one.verdict] or list(one.reasons)
        to = "; ".join(f"{advice.to} ({advice.urgency})" for advice in one.referrals)
        sources = tuple(dict.fromkeys(rule.source for rule in told))
        more = {"sources": sources, "checked": all(rule.checked for rule in told)} if told else {}
        yield visit.of_house(
            "triage",
            f"Triage of {one.use.name}: {one.verdict}.",
            evidence=" ".join(rule.reason for rule in told),
            do=f"First: {to}." if to else "See `endplate triage`.",
            **more,
        )
