"""From what a person wrote to what the program works with: pattern sites written out, blanks filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from endplate.errors import PlanError
from endplate.plan import lookup, vial
from endplate.plan.checks import check_pattern_product, check_same, site_form
from endplate.plan.place import at, injection_place
from endplate.plan.records import Plan, PlanEntry
from endplate.plan.session import Injection, InjectionEntry, Session, SessionEntry

if TYPE_CHECKING:
    from endplate.catalogue import PatternSite


def resolve(entry: PlanEntry) -> Plan:
    """The plan with every injection complete.

    Raises:
        PlanError, CatalogueError: names, sides or amounts that do not fit.
        pydantic.ValidationError: a filled-in value out of range.
    """
    taken = {one.id for session in entry.sessions for one in session.injections if one.id is not None}
    sessions = tuple(_session(number, one, taken) for number, one in enumerate(entry.sessions, start=1))
    return Plan(
        schema=entry.schema_, title=entry.title, note=entry.note, patient=entry.patient, sessions=sessions
    )


def _session(number: int, entry: SessionEntry, taken: set[str]) -> Session:
    """One session with product, indication and jurisdiction filled from its patterns, and all injections."""
    with at(f"session {number}"):
        values = _from_patterns(entry)
        product = lookup.product(values["product"])
        written = (*entry.injections, *_shorthand_sites(entry))
        if not written:
            raise PlanError("there is no injection.", "", "Add [[sessions.injections]] or `pattern`.")
    with at(f"session {number}, reconstitution"):
        vial.check_reconstitution(product, entry.reconstitution)
    u_per_ml = vial.concentration_u_per_ml(product, entry.reconstitution)
    injections = []
    for count, one in enumerate(written, start=1):
        with at(injection_place(number, count, one.pattern, one.site)):
            injections.append(_injection(one, product.id, u_per_ml, _free_id(one, number, count, taken)))
    return Session(**{**dict(entry), **values, "injections": tuple(injections)})


def _from_patterns(entry: SessionEntry) -> dict[str, Any]:
    """Product, indication and jurisdiction: as written, else as the patterns of the session have them."""
    patterns = [lookup.pattern(name) for name in entry.pattern]
    product = entry.product or next((one.product for one in patterns), None)
    if product is None:
        raise PlanError("product is missing.", "Names: `endplate list products`.", "Add `product`.")
    lookup.product(product)
    for one in patterns:
        check_pattern_product(one.id, product)
    indication = entry.indication or tuple(dict.fromkeys(one.indication for one in patterns))
    if not indication:
        raise PlanError("indication is missing.", "Names: docs/plan-file.md.", "Add `indication`.")
    places = {one.jurisdiction for one in patterns}
    jurisdiction = entry.jurisdiction or (places.pop() if len(places) == 1 else None)
    return {"product": product, "indication": indication, "jurisdiction": jurisdiction}


def _shorthand_sites(entry: SessionEntry) -> list[InjectionEntry]:
    """The sites of the session's patterns that no injection names. They follow the written injections."""
    named = {(one.pattern, one.site) for one in entry.injections}
    return [
        InjectionEntry.model_validate({"pattern": name, "site": site.id})
        for name in entry.pattern
        for site in lookup.pattern(name).sites
        if (name, site.id) not in named
    ]


def _free_id(entry: InjectionEntry, session: int, count: int, taken: set[str]) -> str:
    """The written id, else s1.3 for the third injection of session 1, or the next number that is free."""
    if entry.id is not None:
        return entry.id
    while f"s{session}.{count}" in taken:
        count += 1
    taken.add(f"s{session}.{count}")
    return f"s{session}.{count}"


def _injection(entry: InjectionEntry, product: str, u_per_ml: float | None, id_: str) -> Injection:
    """One injection with site, side, layer, units and volume known."""
    values = {**dict(entry), "id": id_}
    site = None
    if site_form(entry) == "pattern":
        check_pattern_product(str(entry.pattern), product)
        site = lookup.site(lookup.pattern(str(entry.pattern)), str(entry.site))
        values.update(_pattern_values(entry, site))
    elif entry.landmark is not None:
        lookup.check_landmark(entry.landmark)
        values["offset_mm"] = entry.offset_mm or (0.0, 0.0)
    if values["muscle"] is None:
        raise PlanError("the muscle aimed at is missing.", "Names: `endplate list muscles`.", "Add `muscle`.")
    values["side"] = values["side"] or _only_side(values["muscle"], values["landmark"])
    outside = lookup.outside_atlas(values["muscle"])
    if values["depth_mm"] is None and values["layer"] is None and not outside:
        values["layer"] = "muscle"
    if values["units"] is None:
        raise PlanError("units are missing.", "", f"Add `units` (of {product}).")
    values["volume_ml"] = _volume_ml(entry, site, values["units"], u_per_ml)
    return Injection(**values)


def _pattern_values(entry: InjectionEntry, site: PatternSite) -> dict[str, Any]:
    """What a pattern site brings; muscle, side and geometry may be repeated in the file, not changed."""
    fixed = {name: getattr(site, name) for name in ("muscle", "side", "landmark", "offset_mm", "along")}
    for name, catalogued in fixed.items():
        if getattr(entry, name) is not None:
            check_same(name, getattr(entry, name), catalogued)
    fixed["units"] = site.units if entry.units is None else entry.units
    if entry.depth_mm is None and entry.layer is None:
        fixed["depth_mm"], fixed["layer"] = site.depth_mm, site.layer
    return fixed


def _only_side(muscle: str, landmark: str | None) -> str:
    """The side of an injection that names none: possible only where there is one."""
    if lookup.is_midline(muscle) and (landmark is None or not lookup.is_paired_landmark(landmark)):
        return "midline"
    paired = muscle if not lookup.is_midline(muscle) else f"landmark {landmark}"
    raise PlanError(f"side is missing: {paired} is on both sides.", "", 'Add side = "left" or "right".')


def _volume_ml(
    entry: InjectionEntry, site: PatternSite | None, units: float, u_per_ml: float | None
) -> float:
    """The written volume, else the label's, else what holds the units at the session's concentration."""
    if entry.volume_ml is not None:
        return entry.volume_ml
    if site is not None and site.volume_ml is not None and (entry.units is None or units == 0):
        return _label_volume_ml(site.volume_ml, units, u_per_ml)
    if u_per_ml is not None and units > 0:
        return units / u_per_ml
    if site is not None and site.volume_ml is not None and site.units and units > 0:
        return site.volume_ml * units / site.units
    raise PlanError(
        "volume_ml is missing, and cannot be told from the vial.",
        "",
        "Add `volume_ml`, or `reconstitution` to the session.",
    )


def _label_volume_ml(volume_ml: float, units: float, u_per_ml: float | None) -> float:
    """The label's volume; where the label only rounds, the volume that the vial makes of it."""
    if u_per_ml is None or vial.fits(units, volume_ml, u_per_ml):
        return volume_ml
    right_ml = units / u_per_ml
    if vial.fits(units, volume_ml, u_per_ml, vial.LABEL_ROUNDING):
        return right_ml
    raise PlanError(
        f"vial arithmetic does not fit: the pattern's {vial.figure(volume_ml)} mL hold "
        f"{vial.figure(volume_ml * u_per_ml)} U at {vial.figure(u_per_ml)} U/mL, not {vial.figure(units)} U.",
        "",
        f"Dissolve to {vial.figure(units / volume_ml)} U/mL, or name this site in an injection with "
        f"volume_ml = {vial.figure(right_ml)}.",
    )
