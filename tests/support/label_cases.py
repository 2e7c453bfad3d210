"""Label cases: what a clinician writes in tests/check/cases/*.toml, made into plans and expected findings.

A case says in one sentence what is planned and what must be said, and lists every finding besides the routine ones. A
case with a number `{x}` stands for several plans: just inside a limit nothing is found, just outside it the expected
findings. tests/check/cases/README.md tells the keys.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.plan import Plan, plan_from_dict

if TYPE_CHECKING:
    from endplate.check import Finding

FOLDER = Path(__file__).parents[1] / "check" / "cases"
DAY = date(2026, 11, 22)
ROUTINE = frozenset(
    "on_label boxed reminder consent body_image pregnancy_unknown not_simulated no_rule_asks no_dose_held".split()
)
NUMBERS = ("exactly", "between", "at_most", "at_least", "below", "inside", "outside", "step", "each")
OWN = {
    "name",
    "says",
    "for",
    "expect",
    "expect_below",
    "always",
    "says_also",
    "found",
    "measured",
    "limit",
    "zones",
}
OWN |= {"tells", "silent", "zone", "inside_finds", "told", "untold", "force", "aimed", "risk", *NUMBERS}
SESSION = ("product", "indication", "pattern", "jurisdiction", "vial", "dissolved", "expiry")
PLAN = {
    "age",
    "sex",
    "weight_kg",
    "patient",
    "give",
    "change",
    "last",
    "before",
    "with",
    "day",
    "asked",
    "on",
    "place",
}
NEEDLE = re.compile(
    r"(?P<muscle>[a-z_ ]+?) ?(?P<side>left|right|both|midline)?: (?P<units>[\d.]+) U"
    r"(?: in (?P<count>\d+) needles)?(?:, (?P<ml>[\d.]+) mL(?: each)?)?"
    r"(?:, at (?P<landmark>[a-z_]+) (?P<out>-?[\d.]+) out (?P<up>-?[\d.]+) up)?"
    r"(?:, along (?P<along>[\d.]+))?(?:, (?P<deep>[\d.]+) mm deep)?"
)


@dataclass(frozen=True)
class Checked:
    """One plan of a case and what must be found in it.

    Attributes:
        id: name of the case, and which of its plans; file: where it stands.
        expect: "severity kind" of every finding besides the routine ones, sorted.
        says_also: words that the findings must hold; found: by kind, the sentence on what the plan does;
            measured: by kind, the number compared; limit: by kind, the limit told, and
            where there is one its upper end; tells: by kind, other fields of the finding; silent: words that no finding
            holds; zones: ids of the zones told, labels' and the project's own, or None where
        the case does not ask; told, untold: kinds of routine findings that must be there, or must not.
        course, risk: what a simulation would bring, or None.
    """

    id: str
    file: str
    says: str
    tree: dict[str, Any]
    asked: str | None
    on: date | None
    expect: tuple[str, ...]
    says_also: tuple[str, ...] = ()
    found: dict[str, str] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)
    limit: dict[str, list[float | None]] = field(default_factory=dict)
    tells: dict[str, dict[str, Any]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    zones: tuple[str, ...] | None = None
    told: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    course: Any = None
    risk: Any = None

    @property
    def plan(self) -> Plan:
        return plan_from_dict(self.tree)

    def check(self, plan: Plan | None = None) -> list[Finding]:
        """What the program finds in it."""
        from endplate import check

        return check.check(
            plan or self.plan, self.course, jurisdiction=self.asked, on=self.on, risk=self.risk
        )


def all_checked(folder: Path = FOLDER) -> tuple[Checked, ...]:
    """Every plan of every case, in the order of the files."""
    return tuple(one for path in sorted(folder.glob("*.toml")) for one in checked_of(path))


def cases_of(path: Path) -> list[dict[str, Any]]:
    """The cases of a file as written."""
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    return [{**tree.get("all", {}), **case} for case in tree["case"]]


@lru_cache(maxsize=64)
def checked_of(path: Path) -> tuple[Checked, ...]:
    """The plans of one file's cases."""
    return tuple(one for case in cases_of(path) for one in _variants(case, path.name))


def _variants(case: dict[str, Any], file: str) -> Iterator[Checked]:
    """One for each entry of `for`, each row of `each`, and each number just inside and just outside."""
    for number, entry in enumerate(case.get("for", [{}])):
        one = {**case, **entry}
        told = "" if "for" not in case else "." + str(entry.get("as") or entry.get("asked") or number)
        for row, limits in one.get("each", {"": None}).items():
            filled = _filled(one, "{muscle}", row) if row else dict(one)
            if limits is not None:
                filled[_form(limits)] = limits if _form(limits) == "between" else limits[0]
            name = case["name"] + told + (f".{row}" if row else "")
            yield from _numbers(filled, name, file)


def _form(limits: list[float]) -> str:
    return "between" if len(limits) == 2 else "exactly"


def _numbers(case: dict[str, Any], name: str, file: str) -> Iterator[Checked]:
    inside, below, above = _limits(case)
    if not (inside or below or above):
        yield _checked(case, name, file, case.get("expect", ()))
        return
    always = tuple(case.get("always", ()))
    found = tuple(case.get("expect", ()))
    for values, expect in (
        (inside, (*always, *case.get("inside_finds", ()))),
        (below, (*always, *case.get("expect_below", found))),
        (above, (*always, *found)),
    ):
        zone = {"zones": [case["zone"]] if values is inside else []} if "zone" in case else {}
        for value in values:
            filled = _filled({**case, **zone}, "{x}", _plain(value))
            yield _checked(filled, f"{name}.{_plain(value)}", file, expect)


def _limits(case: dict[str, Any]) -> tuple[list[Decimal], list[Decimal], list[Decimal]]:
    """Numbers inside, below and above: the limit itself, and half of its last printed digit beyond it."""
    inside = [Decimal(str(one)) for one in case.get("inside", ())]
    outside = [Decimal(str(one)) for one in case.get("outside", ())]
    below: list[Decimal] = []
    for key, sides in (
        ("exactly", "ba"),
        ("between", "ba"),
        ("at_most", "a"),
        ("at_least", "b"),
        ("below", "a"),
    ):
        if key not in case:
            continue
        limits = [Decimal(str(one)) for one in (case[key] if isinstance(case[key], list) else [case[key]])]
        low, high = limits[0], limits[-1]
        inside += [high - _step(case, high)] if key == "below" else dict.fromkeys(limits)
        below += [low - _step(case, low)] if "b" in sides else []
        outside += [high + (0 if key == "below" else _step(case, high))] if "a" in sides else []
    signed = "zone" in case
    return inside, [one for one in below if signed or one >= 0], outside


def _step(case: dict[str, Any], limit: Decimal) -> Decimal:
    """Half of the last printed digit, or the step that the case gives."""
    exponent = limit.normalize().as_tuple().exponent
    digit = Decimal(1).scaleb(min(0, int(exponent)))
    return Decimal(str(case["step"])) if "step" in case else digit / 2


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _filled(tree: Any, mark: str, value: str) -> Any:
    """The tree with a mark replaced; a text that is nothing but the mark becomes a number."""
    if isinstance(tree, dict):
        return {key: _filled(one, mark, value) for key, one in tree.items()}
    if isinstance(tree, list):
        return [_filled(one, mark, value) for one in tree]
    if tree == mark == "{x}":
        return float(value)
    return tree.replace(mark, value) if isinstance(tree, str) else tree


def _checked(case: dict[str, Any], name: str, file: str, expect: Any) -> Checked:
    unknown = set(case) - OWN - PLAN - set(SESSION) - {"as"}
    if unknown:
        raise ValueError(f"{file}, {name}: unknown keys {sorted(unknown)}")
    return Checked(
        f"{file.removesuffix('.toml')}.{name}",
        file,
        case["says"],
        _plan(case),
        case.get("asked"),
        case.get("on"),
        tuple(sorted(expect)),
        tuple(case.get("says_also", ())) if expect or "told" in case else (),
        case.get("found", {}) if expect or "told" in case else {},
        case.get("measured", {}) if expect else {},
        case.get("limit", {}) if expect else {},
        case.get("tells", {}),
        tuple(case.get("silent", ())),
        None if "zones" not in case else tuple(sorted(case["zones"])),
        tuple(case.get("told", ())),
        tuple(case.get("untold", ())),
        _course(case),
        _risk(case),
    )


def _course(case: dict[str, Any]) -> Any:
    """A course of which only the weakest moments are told: `force = { muscle = [left, right] }`; `aimed` at."""
    if "force" not in case:
        return None
    sides = [
        (muscle, side, share)
        for muscle, both in case["force"].items()
        for side, share in zip(("left", "right"), both, strict=True)
    ]
    return SimpleNamespace(
        muscles=tuple((muscle, side) for muscle, side, _ in sides),
        force=np.array([[1.0, share, 0.99] for _, _, share in sides]),
        targets=tuple((muscle, side) for muscle in case.get("aimed", ()) for side in ("left", "right")),
    )


def _risk(case: dict[str, Any]) -> Any:
    """Simulated effects: `risk = [{ effect, level, side, share, range }]`."""
    if "risk" not in case:
        return None
    return SimpleNamespace(
        unwanted=tuple(
            SimpleNamespace(
                effect=one["effect"],
                level=one.get("level", "seen"),
                side=one.get("side", "either"),
                probability=one["share"],
                interval90=tuple(one.get("range", (0.0, 0.5))),
                source="declared",
            )
            for one in case["risk"]
        )
    )


def _plan(case: dict[str, Any]) -> dict[str, Any]:
    patient = {"age": case.get("age", 45), "sex": case.get("sex", "female"), **case.get("patient", {})}
    if "weight_kg" in case:
        patient["weight_kg"] = case["weight_kg"]
    day = case.get("day", DAY)
    earlier = [_earlier(case, entry, day) for entry in case.get("before", [])]
    if "last" in case:
        earlier.append(_earlier(case, {"ago": case["last"]}, day))
    now = [
        _session(case, day),
        *(_session({**case, "change": {}, **entry}, day) for entry in case.get("with", [])),
    ]
    return {"schema": "endplate/plan/1", "patient": patient, "sessions": [*earlier, *now]}


def _earlier(case: dict[str, Any], entry: dict[str, Any], day: date) -> dict[str, Any]:
    """A session already given: like the planned one, unless it says otherwise."""
    own = {key: case[key] for key in ("product", "indication", "jurisdiction") if key in case}
    if "pattern" in case and "product" not in case:
        own.update(_of_pattern(case["pattern"]))
    same = {} if {"give", "pattern"} & set(entry) else {k: case[k] for k in ("give", "pattern") if k in case}
    return {**_session({**own, **same, **entry}, day - _ago(entry["ago"])), "given": True}


def _of_pattern(names: str | list[str]) -> dict[str, Any]:
    """Product and indication of the (first) pattern."""
    from endplate.catalogue import catalogue

    record = catalogue().patterns[names if isinstance(names, str) else names[0]]
    return {"product": record.product, "indication": record.indication}


def _ago(words: str) -> timedelta:
    """ "6 weeks", "83 days"."""
    value, unit = words.split()
    return timedelta(days=float(value) * (7 if unit.startswith("week") else 1))


def _session(case: dict[str, Any], day: date) -> dict[str, Any]:
    session: dict[str, Any] = {"date": day}
    for key in ("product", "jurisdiction", "expiry"):
        if case.get(key) is not None:
            session[key] = case[key]
    for key in ("indication", "pattern"):
        if case.get(key) is not None:
            session[key] = [case[key]] if isinstance(case[key], str) else list(case[key])
    if "vial" in case:
        session["reconstitution"] = case["vial"]
    if "dissolved" in case:
        session["reconstituted_at"] = case["dissolved"]
    session["injections"] = [
        *(
            dict(pattern=_pattern_of(case, site), site=site, **own)
            for site, own in case.get("change", {}).items()
        ),
        *(needle for words in case.get("give", ()) for needle in needles(words, liquid=_liquid(case))),
    ]
    return session


def _pattern_of(case: dict[str, Any], site: str) -> str:
    from endplate.catalogue import catalogue

    names = [case["pattern"]] if isinstance(case["pattern"], str) else case["pattern"]
    return next(n for n in names if any(one.id == site for one in catalogue().patterns[n].sites))


def _liquid(case: dict[str, Any]) -> bool:
    from endplate.catalogue import catalogue

    record = catalogue().products.get(str(case.get("product")))
    return (record is not None and record.concentration_u_per_ml is not None) or "vial" in case


def needles(words: str, *, liquid: bool = False) -> list[dict[str, Any]]:
    """ "soleus left: 75 U in 3 needles, 0.5 mL each" as injections of a plan: the units are of all needles together."""
    got = NEEDLE.fullmatch(words)
    if got is None:
        raise ValueError(f"not understood: {words}")
    from endplate.plan.lookup import is_midline, outside_atlas

    muscle = got["muscle"].strip().replace(" ", "_")
    outside = outside_atlas(muscle)
    count = int(got["count"] or 1)
    found = []
    for side in ("left", "right") if got["side"] == "both" else (got["side"],):
        for number in range(count):
            one: dict[str, Any] = {"muscle": muscle, "units": float(Decimal(got["units"]) / count)}
            if got["ml"]:
                one["volume_ml"] = float(got["ml"])
            elif not liquid:
                one["volume_ml"] = 0.1
            if side is not None:
                one["side"] = side
            elif not is_midline(muscle):
                raise ValueError(f"which side? {words}")
            if got["landmark"]:
                one["landmark"] = got["landmark"]
                one["offset_mm"] = [float(got["out"]) + 2 * number, float(got["up"])]
            elif not outside:
                one["along"] = float(got["along"]) if got["along"] else round(0.3 + 0.4 * number / count, 3)
            if got["deep"]:
                one["depth_mm"] = float(got["deep"])
            found.append(one)
    return found


def outcome(findings: list[Finding]) -> tuple[str, ...]:
    """ "severity kind" of every finding besides the routine ones, sorted."""
    return tuple(sorted(f"{one.severity} {one.kind}" for one in findings if not routine(one)))


def routine(one: Finding) -> bool:
    """Told with every such plan, and in no case a surprise."""
    return one.kind in ROUTINE or (one.severity, one.kind) == ("note", "zone")


def faults(checked: Checked, findings: list[Finding]) -> list[str]:
    """In what the findings differ from the expectation; [] where they do not."""
    found = outcome(findings)
    told = []
    if found != checked.expect:
        lines = [
            f"  {one.severity} {one.kind} {one.rule}: {one.text}" for one in findings if not routine(one)
        ]
        told.append("\n".join([f"expected {list(checked.expect)}, found {list(found)}", *lines]))
    text = "\n".join(one.text for one in findings)
    told += [f"no finding says `{words}` in:\n{text}" for words in checked.says_also if words not in text]
    for kind, sentence in checked.found.items():
        own = [one.found for one in findings if one.kind == kind]
        if sentence not in own:
            told.append(f"{kind} does not say `{sentence}` but {own}")
    for kind, value in checked.measured.items():
        own = [one.measured for one in findings if one.kind == kind]
        if value not in own:
            told.append(f"{kind} measures {own}, not {value}")
    for kind, (low, *high) in checked.limit.items():
        own = [(one.limit, one.limit_high) for one in findings if one.kind == kind]
        if (low, high[0] if high else None) not in own:
            told.append(f"{kind} tells the limits {own}, not {low} {high}")
    told += [f"a finding says `{words}`" for words in checked.silent if words in text]
    for kind, fields in checked.tells.items():
        own = [{name: _field(one, name) for name in fields} for one in findings if one.kind == kind]
        if fields not in own:
            told.append(f"{kind} tells {own}, not {fields}")
    return told + _routine_faults(checked, findings)


def _field(one: Finding, name: str) -> Any:
    """A field of a finding, or of where it is."""
    value = getattr(one.where, name) if hasattr(one.where, name) else getattr(one, name)
    return list(value) if isinstance(value, tuple) else value


def _routine_faults(checked: Checked, findings: list[Finding]) -> list[str]:
    """Zones and routine findings, where the case asks for them."""
    kinds = {one.kind for one in findings}
    told = [f"{kind} is not told" for kind in checked.told if kind not in kinds]
    told += [f"{kind} is told" for kind in checked.untold if kind in kinds]
    if checked.zones is not None:
        zones = tuple(sorted(one.rule.removeprefix("zone.") for one in findings if one.kind == "zone"))
        told += [] if zones == checked.zones else [f"zones {list(zones)}, not {list(checked.zones)}"]
    return told


def place_once() -> None:
    """Needles that lie at the same places are placed on the face once: for tools that run the cases many times."""
    from endplate import anatomy

    if getattr(anatomy.place, "once", False):
        return
    original = anatomy.place
    placed: dict[tuple[object, ...], Any] = {}

    def place(plan: Plan, face: Any) -> Any:
        needles = [one for session in plan.sessions for one in session.injections]
        key = (id(face), *(one.model_dump_json(exclude={"units", "volume_ml"}) for one in needles))
        if key not in placed:
            try:
                placed[key] = (face, original(plan, face), None)
            except Exception as error:
                placed[key] = (face, None, error)
        _, sites, error = placed[key]
        if error is not None:
            raise error
        return sites

    place.once = True  # type: ignore[attr-defined]
    anatomy.place = place
