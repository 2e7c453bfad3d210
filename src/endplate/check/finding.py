"""A judgement about a plan: what was found, what the label or the evidence says, where it stands, what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["stop", "caution", "note", "outside evidence"]
SEVERITIES: tuple[Severity, ...] = ("stop", "caution", "outside evidence", "note")
UNREAD = "From memory, verify: "


@dataclass(frozen=True)
class Where:
    """Sessions (counted from 1) and, where one is meant, the injections, target and side."""

    sessions: tuple[int, ...]
    injections: tuple[str, ...] = ()
    muscle: str = ""
    side: str = ""


@dataclass(frozen=True)
class Finding:
    """One judgement.

    Attributes:
        rule: what `endplate cite` finds: a label's rule (`botox_cosmetic.us.2024.interval`) or one of this project.
        kind: the kind of rule, such as interval_min or keep_off.
        found: what the plan does. says: what the label or the evidence says. do: what to do about it.
        measured, limit, unit: the numbers compared, where there are any; limit_high the upper end of a range.
        product, jurisdiction, label, label_date: whose text it is; label is empty where no label says it.
        evidence: what evidence says beyond the limit. sources: ids. checked: whether all of it was read there.
        elsewhere: the text in which it was read, where that is not the label's own.
    """

    rule: str
    kind: str
    severity: Severity
    found: str
    says: str
    where: Where
    product: str
    jurisdiction: str
    label: str
    label_date: str
    sources: tuple[str, ...]
    checked: bool
    elsewhere: str = ""
    do: str = ""
    evidence: str = ""
    measured: float | None = None
    limit: float | None = None
    limit_high: float | None = None
    unit: str = ""

    @property
    def text(self) -> str:
        """The finding in one line; it begins with a warning where its source was not read."""
        parts = (self.found, self.says, self.evidence, self.do)
        return self.warning + " ".join(part for part in parts if part)

    @property
    def warning(self) -> str:
        """What stands before a finding whose text was not read, or read in another text than the one it speaks of."""
        if not self.checked:
            return UNREAD
        return f"Read in another text ({self.elsewhere}), verify: " if self.elsewhere else ""

    def to_json_dict(self) -> dict[str, Any]:
        """As an entry of `findings`."""
        return {**asdict(self), "text": self.text}


ROUTINE = ("on_label", "boxed", "reminder", "consent", "body_image", "pregnancy_unknown", "no_rule_asks")
"""Notes that nearly every plan is told, last in the order of a list; the boxed warning comes first of all notes."""


def by_severity(findings: list[Finding]) -> list[Finding]:
    """Stops first; of the notes the boxed warning first and what every plan is told last; else the order of rules."""
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), _turn(one), one.where.sessions))


def _turn(one: Finding) -> int:
    return 0 if one.kind in ("boxed", "emergency") else 2 if one.kind in ROUTINE else 1
