"""The nerves of each side of the face: what a palsy, a synkinesis or a spasm makes of a command.

activation of muscle m   A = min(1, drive x command + sum of cross x command of its source + spasm)
tone of muscle m         how much of its hold at rest the nerve gives:  drive + contracture x strongest cross

A muscle takes the mean drive over the branches that its record names. A flaccid branch has drive 0: no treatment moves
it. A muscle into which fibres have grown from elsewhere is taut at rest: synkinetic eyes are narrow and not wide (8.99
against 10.17 mm, `ocular_synkinesis`), and toxin makes faces more even at rest (`dallatoffola2010`). That tautness goes
with the strength of the cross-drive is a judgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from endplate.catalogue import catalogue
from endplate.catalogue.face_balance import BRANCHES, FACIAL, Expression, branches_of, expressions
from endplate.errors import ModelError, unknown_name

MOST_TONE = 3.0
#: What a plan calls a movement, as expressions here; a chin raise is none of them.
MOVEMENTS = {
    "brow_raise": ("brow_raise",),
    "frown": ("frown",),
    "blink": ("gentle_closure",),
    "eye_closure": ("gentle_closure", "tight_closure"),
    "sneer": ("snarl",),
    "smile": ("smile",),
    "pucker": ("pucker",),
    "lip_depression": ("lower_lip_show",),
    "neck_tension": ("platysma_grimace",),
}


@dataclass(frozen=True)
class NerveState:
    """The nerves of one side; what is left out is healthy.

    Attributes:
        drive: share of a command that a branch passes on, 0 (flaccid) to 1.
        tone: share of its tone at rest that a branch gives, 0 to 3 (above 1: contracture); unless given, it follows
            drive and cross-drive.
        cross: (source, target) -> activation of the target when the source is fully commanded, 0 to 1. A source is a
            branch or an expression, a target a branch or a muscle.
        spasm: activation that a branch's muscles, or a muscle, have without any command, 0 to 1.
    """

    drive: Mapping[str, float] = field(default_factory=dict)
    tone: Mapping[str, float] = field(default_factory=dict)
    cross: Mapping[tuple[str, str], float] = field(default_factory=dict)
    spasm: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, table, most in (("drive", self.drive, 1.0), ("tone", self.tone, MOST_TONE)):
            for branch, value in table.items():
                _known("nerve branch", branch, BRANCHES)
                _within(f"{name} of {branch}", value, most)
        targets = (*BRANCHES, *catalogue().muscles)
        for target, value in self.spasm.items():
            _known("nerve branch or muscle", target, targets)
            _within(f"spasm of {target}", value, 1.0)
        for (source, target), value in self.cross.items():
            _known("nerve branch or expression", source, (*BRANCHES, *expressions()))
            _known("nerve branch or muscle", target, targets)
            _within(f"cross of {source} to {target}", value, 1.0)

    @classmethod
    def whole(cls, drive: float) -> NerveState:
        """All branches of the facial nerve alike: 0 is a complete flaccid palsy."""
        return cls(drive=dict.fromkeys(FACIAL, drive))

    @property
    def uncrossed(self) -> NerveState:
        """The same nerves without cross-drive."""
        return replace(self, cross={}) if self.cross else self

    @property
    def healthy(self) -> bool:
        """Whether the nerves change nothing."""
        return (
            all(value == 1.0 for table in (self.drive, self.tone) for value in table.values())
            and not any(self.cross.values())
            and not any(self.spasm.values())
        )


def _known(kind: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise unknown_name(kind, name, names)


def _within(what: str, value: float, most: float) -> None:
    if not 0.0 <= value <= most:
        raise ModelError(f"{what} is {value:g}.", f"It is 0 to {most:g}.", "Correct the palsy.")


HEALTHY = NerveState()


@dataclass(frozen=True)
class Palsy:
    """The nerves of a face before any toxin."""

    left: NerveState = HEALTHY
    right: NerveState = HEALTHY

    def side(self, side: str) -> NerveState:
        return self.left if side == "left" else self.right

    @property
    def mirrored(self) -> Palsy:
        """The same nerves on the other sides."""
        return Palsy(self.right, self.left)


def palsy_of(patient: Any) -> Palsy:
    """The nerves that a plan's patient has: its palsy, synkinesis and spasm entries."""
    return Palsy(_state_of(patient, "left"), _state_of(patient, "right"))


def _state_of(patient: Any, side: str) -> NerveState:
    drive: dict[str, float] = {}
    for entry in patient.palsy:
        named = FACIAL if entry.branch == "all" else (entry.branch,)
        if entry.side == side:
            # Trochlear and abducens nerve move the eye, not the face.
            drive |= {b: min(1.0 - entry.severity, drive.get(b, 1.0)) for b in named if b in BRANCHES}
    cross: dict[tuple[str, str], float] = {}
    for entry in patient.synkinesis:
        if entry.side == side:
            for source in _sources(entry):
                cross[source, entry.muscle] = entry.strength
    spasm = {entry.muscle: entry.drive for entry in patient.spasm if entry.side in (side, "midline")}
    return NerveState(drive=drive, cross=cross, spasm=spasm)


def _sources(entry: Any) -> tuple[str, ...]:
    """Where a synkinesis starts, as branches or expressions."""
    if entry.branch is None:
        return MOVEMENTS.get(entry.movement, ())
    return FACIAL if entry.branch == "all" else tuple(b for b in (entry.branch,) if b in BRANCHES)


def activation(nerve: NerveState, muscle: str, expression: Expression) -> float:
    """Activation of a muscle above its tone when an expression is asked for, 0 to 1."""
    command = expression.drive.get(muscle, 0.0)
    if nerve is HEALTHY:
        return command
    command *= passed_on(nerve, muscle)
    branches = branches_of(muscle)
    crossed = sum(
        value * _share(target, muscle, branches) * source_command(source, expression)
        for (source, target), value in nerve.cross.items()
    )
    held = sum(value * _share(target, muscle, branches) for target, value in nerve.spasm.items())
    return min(1.0, command + crossed + held)


def passed_on(nerve: NerveState, muscle: str) -> float:
    """Share of a command that the nerve passes on to a muscle, the mean over its branches."""
    branches = () if nerve is HEALTHY else branches_of(muscle)
    return sum(nerve.drive.get(branch, 1.0) for branch in branches) / len(branches) if branches else 1.0


def _share(target: str, muscle: str, branches: tuple[str, ...]) -> float:
    """How much of what reaches a target reaches a muscle: all for itself, a share for one of its branches."""
    if target == muscle:
        return 1.0
    return 1.0 / len(branches) if target in branches else 0.0


def source_command(source: str, expression: Expression) -> float:
    """How strongly an expression commands a source: itself, or the most driven muscle of a branch."""
    if source == expression.id:
        return 1.0
    drives = [drive for name, drive in expression.drive.items() if source in branches_of(name)]
    return max(drives, default=0.0)


def tone(nerve: NerveState, muscle: str, contracture: Any) -> Any:
    """Share of its tone at rest that the nerve gives a muscle; 1 where it is healthy.

    Args:
        contracture: `face.palsy.contracture`, a number or an array, whose shape the answer then has.
    """
    branches = branches_of(muscle)
    if not branches or nerve is HEALTHY:
        return 1.0
    grown = max((v * _share(target, muscle, branches) for (_, target), v in nerve.cross.items()), default=0.0)
    own = sum(nerve.tone.get(b, nerve.drive.get(b, 1.0)) for b in branches) / len(branches)
    free = sum(b not in nerve.tone for b in branches) / len(branches)
    return own + contracture * (grown * free) if grown * free > 0.0 else own
