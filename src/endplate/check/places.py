"""Where the needles go: heights over rim and brow, distances, zones, bone. Lengths in mm along the skin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from endplate.catalogue.house import Zone, house_rules, zones
from endplate.catalogue.labels import Label, Rule
from endplate.check.amounts import selected
from endplate.check.finding import Finding
from endplate.check.laid import BROW, RIM, Laid, Length
from endplate.check.visit import NO_LABEL, Visit, joined, said
from endplate.plan import Injection

Broken = list[tuple[Injection, float]]


def places(visit: Visit) -> Iterator[Finding]:
    """Landmarks of the labels, zones, bone."""
    here = Laid(visit)
    yield from _without_place(here)
    named, ruled = set(), set()
    for label, rule in visit.rules():
        if rule.kind in ("above_rim", "above_brow"):
            ruled |= set(rule.muscle) or {"corrugator_supercilii", "frontalis"}
        if rule.kind == "keep_off":
            named.add(rule.subject)
            yield from _keep_off(here, label, rule)
        elif rule.kind in RULES:
            yield from _length(here, label, rule)
    for zone in zones().values():
        if zone.alone and zone.id not in named:
            yield from _in_zone(here, zone)
    yield from _low_by_us(here, ruled)
    yield from _at_bone(here)


def _without_place(here: Laid) -> Iterator[Finding]:
    """Needles beyond bone, and those that have no place for another reason; the others are judged all the same."""
    for one in here.inside:
        if one.id in here.faults:
            name = "beyond_bone" if here.too_deep(one) else "not_placed"
            where = here.visit.where((one,), one.muscle, one.side)
            yield here.visit.of_house(name, here.faults[one.id], where=where)


LOW = {
    "low_corrugator": ("corrugator_supercilii", RIM, "above the bony rim"),
    "low_frontalis": ("frontalis", BROW, "above the brow"),
}


def _low_by_us(here: Laid, ruled: set[str]) -> Iterator[Finding]:
    """Heights that a label of another product asks for, where those in force are silent or were not read so far."""
    for name, (muscle, line, words) in LOW.items():
        rule = house_rules()[name]
        limit = float(rule.value or 0.0)
        if muscle in ruled:
            continue
        found = [(one, here.above(one, line)) for one in here.inside if one.muscle == muscle]
        low = [(one, got.mm) for one, got in found if got is not None and got.mm < limit - got.tolerance_mm]
        if low:
            one, length = min(low, key=lambda pair: pair[1])
            yield here.visit.of_house(
                name,
                f"{_site(one)} lies {_height(length, words)}; at least {said(limit)} mm are asked for elsewhere.",
                where=here.visit.where(tuple(site for site, _ in low), one.muscle, one.side),
                measured=round(length, 3),
                limit=limit,
                unit="mm",
            )


def _height(length: float, words: str) -> str:
    """`6 mm above the bony rim`, or below it."""
    below = words.replace("above", "below") if length < 0 else words
    return f"{said(round(abs(length), 1))} mm {below}"


def _above_rim(here: Laid, one: Injection, rule: Rule) -> Length | None:
    return here.above(one, RIM)


def _above_brow(here: Laid, one: Injection, rule: Rule) -> Length | None:
    return here.above(one, BROW)


def _from_canthus(here: Laid, one: Injection, rule: Rule) -> Length | None:
    return here.from_canthus(one)


def _apart(here: Laid, one: Injection, rule: Rule) -> Length | None:
    return here.apart(one, [other for other in here.inside if other.muscle in rule.of])


RULES: dict[str, tuple[Callable[[Laid, Injection, Rule], Length | None], str]] = {
    "above_rim": (_above_rim, "above the bony rim"),
    "above_brow": (_above_brow, "above the brow"),
    "beyond_canthus": (_from_canthus, "from the outer canthus"),
    "apart_from": (_apart, "from the nearest needle"),
}


def _length(here: Laid, label: Label, rule: Rule) -> Iterator[Finding]:
    """All needles whose length is outside what the rule gives, as one finding told by the shortest."""
    measure, words = RULES[rule.kind]
    low, high = float(rule.value or 0.0), float("inf") if rule.high is None else float(rule.high)
    wrong: Broken = []
    for one in _asked(here, rule):
        got = measure(here, one, rule)
        if got is not None and not low - got.tolerance_mm <= got.mm <= high + got.tolerance_mm:
            wrong.append((one, got.mm))
    if not wrong:
        return
    one, length = min(wrong, key=lambda pair: pair[1])
    asked = f"at least {said(low)}" if rule.high is None else f"{said(low)} to {said(high)}"
    away = "" if rule.subject is None else f", away from {_named(rule.subject)}"
    of = f" in {joined(rule.of)}" if rule.of else ""
    more = f" ({len(wrong)} such needles)" if len(wrong) > 1 else ""
    yield here.visit.of_rule(
        label,
        rule,
        "caution",
        f"{_site(one)} lies {_height(length, words)}{of}{more}; {asked} mm are asked for{away}.",
        where=here.visit.where(tuple(site for site, _ in wrong), one.muscle, one.side),
        measured=round(length, 3),
        limit=low,
        limit_high=rule.high,
        unit="mm",
    )


def _asked(here: Laid, rule: Rule) -> tuple[Injection, ...]:
    """The needles of a rule. The distance from the canthus is that of the first site: of each side the one most level
    with it; the others lie above and below, turned towards the eye."""
    mine = selected(here.visit, rule)
    if rule.kind != "beyond_canthus":
        return mine
    first = {}
    for one in mine:
        rise = here.from_level(one)
        if rise is not None and (one.side not in first or rise < first[one.side][0]):
            first[one.side] = (rise, one)
    return tuple(one for _, one in first.values())


def _named(subject: str) -> str:
    """A zone by what lies there, a muscle by its name."""
    zone = zones().get(subject)
    if zone is not None:
        return zone.names
    return f"the {joined([subject.removesuffix('_palpebrae_superioris')])}"


def _site(one: Injection) -> str:
    side = "" if one.side == "midline" else f"{one.side} "
    return f"Needle {one.id} ({side}{joined([one.muscle])})"


def _sites(inside: tuple[Injection, ...]) -> str:
    more = len(inside) - 1
    return _site(inside[0]) + (f" and {more} more lie" if more else " lies")


def _inside(here: Laid, zone: Zone) -> tuple[Injection, ...]:
    return tuple(one for one in here.inside if here.in_zone(one, zone))


def _keep_off(here: Laid, label: Label, rule: Rule) -> Iterator[Finding]:
    """A label's zone; the box of it is this project's."""
    zone = zones().get(str(rule.subject))
    found = () if zone is None else _inside(here, zone)
    if zone is not None and found:
        yield here.visit.of_rule(
            label,
            rule,
            "caution",
            f"{_sites(found)} in the {zone.name}, near {zone.names}.",
            where=here.visit.where(found, found[0].muscle, found[0].side),
            do=rule.do or zone.do,
        )


def _in_zone(here: Laid, zone: Zone) -> Iterator[Finding]:
    """A zone that no label in force names."""
    found = _inside(here, zone)
    if found:
        yield Finding(
            rule=f"zone.{zone.id}",
            kind="zone",
            severity=zone.severity,
            found=f"{_sites(found)} in the {zone.name}, near {zone.names}.",
            says=zone.says,
            where=here.visit.where(found, found[0].muscle, found[0].side),
            product=here.visit.product,
            jurisdiction=here.visit.jurisdiction or "none named",
            label="",
            label_date=NO_LABEL,
            sources=(zone.source,),
            checked=zone.checked,
            do=zone.do,
        )


def _at_bone(here: Laid) -> Iterator[Finding]:
    """Tips at the bone, by a depth that the plan states or below the muscle: the periosteum is no place for toxin."""
    margin = float(house_rules()["periosteum"].value or 0.0)
    above: Broken = []
    for one in here.inside:
        if one.depth_mm is None and one.layer != "submuscular":
            continue
        site = here.site(one)
        if site is not None and site.bone_mm - site.depth_mm < margin:
            above.append((one, site.bone_mm - site.depth_mm))
    if above:
        found = tuple(one for one, _ in above)
        least = min(height for _, height in above)
        yield here.visit.of_house(
            "periosteum",
            f"{_sites(found)} {said(round(least, 2))} mm above bone.",
            where=here.visit.where(found, found[0].muscle, found[0].side),
            measured=round(least, 3),
            limit=margin,
            unit="mm",
        )
