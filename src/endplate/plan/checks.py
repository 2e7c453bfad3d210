"""Checks by shape of a whole plan: names, sides, site forms, order, amounts.

Whether a site lies on the face is asked by the anatomy room, whether a plan is allowed or sensible later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from endplate.errors import PlanError
from endplate.plan import lookup, vial
from endplate.plan.patient import Patient
from endplate.plan.place import at, clean, injection_place
from endplate.plan.session import Injection, Session, SiteForm

OUTSIDE = "outside"
SITE_FORMS = "pattern + site · landmark + offset_mm · at_mm · muscle + along"


def check_plan(patient: Patient, sessions: Sequence[Session]) -> None:
    """Raise PlanError or CatalogueError on the first thing that does not fit."""
    check_patient(patient)
    check_order(sessions)
    check_ids(sessions)
    for number, session in enumerate(sessions, start=1):
        check_session(number, session)


def check_patient(patient: Patient) -> None:
    """Muscles of spasm and synkinesis exist and have the side named; a synkinesis has one origin."""
    for number, spasm in enumerate(patient.spasm, start=1):
        with at(f"patient, spasm {number}"):
            check_muscle_side(spasm.muscle, spasm.side)
    for number, synkinesis in enumerate(patient.synkinesis, start=1):
        with at(f"patient, synkinesis {number}"):
            lookup.muscle(synkinesis.muscle)
            if (synkinesis.movement is None) == (synkinesis.branch is None):
                raise PlanError(
                    "a synkinesis starts from one thing.", "", "Give either `movement` or `branch`."
                )


def check_muscle_side(muscle: str, side: str) -> None:
    """A paired muscle is left or right; a midline muscle is midline."""
    if lookup.is_midline(muscle) == (side == "midline"):
        return
    if side == "midline":
        raise PlanError(
            f"{muscle} is a paired muscle, it has no midline side.",
            "",
            'Write side = "left" or "right".',
        )
    raise PlanError(
        f"{muscle} is one muscle across the midline, it has no {side} side.",
        "",
        'Leave `side` out or write side = "midline".',
    )


def check_order(sessions: Sequence[Session]) -> None:
    """Sessions stand in order of date (one date may hold several), the given ones before the planned ones."""
    for number, (one, following) in enumerate(pairwise(sessions), start=2):
        if following.date < one.date:
            raise PlanError(
                f"session {number} ({following.date}) is dated before session {number - 1} ({one.date}).",
                "",
                "Put the sessions in order of date.",
            )
        if following.given and not one.given:
            raise PlanError(
                f"session {number} ({following.date}) is given, but session {number - 1} is only planned.",
                "",
                "Mark the earlier one `given = true` or move its date.",
            )


def _injections(sessions: Sequence[Session]) -> Iterator[tuple[str, Injection]]:
    for number, session in enumerate(sessions, start=1):
        for count, injection in enumerate(session.injections, start=1):
            yield injection_place(number, count, injection.pattern, injection.site), injection


def check_ids(sessions: Sequence[Session]) -> None:
    """Every injection has an id of its own."""
    seen: dict[str, str] = {}
    for place, injection in _injections(sessions):
        if injection.id in seen:
            raise PlanError(
                f"{place}: id `{clean(injection.id)}` is taken by {seen[injection.id]}.",
                "",
                "Give another id or leave it out.",
            )
        seen[injection.id] = place


def check_session(number: int, session: Session) -> None:
    """Product, patterns, amounts and every injection of one session (counted from 1)."""
    place = f"session {number}"
    with at(place):
        product = lookup.product(session.product)
        for name in session.indication:
            lookup.check_indication(name)
        if session.jurisdiction is not None:
            lookup.check_jurisdiction(session.jurisdiction)
        if session.brand is not None:
            lookup.check_brand(product, session.brand)
        for name in session.pattern:
            check_pattern_product(name, session.product)
    with at(f"{place}, reconstitution"):
        vial.check_reconstitution(product, session.reconstitution)
    u_per_ml = vial.concentration_u_per_ml(product, session.reconstitution)
    taken: set[tuple[str, str]] = set()
    places: dict[tuple[object, ...], str] = {}
    for count, injection in enumerate(session.injections, start=1):
        with at(injection_place(number, count, injection.pattern, injection.site)):
            check_injection(injection, session.product)
            vial.check_amount(product, injection.units)
            vial.check_volume(injection, u_per_ml)
            if injection.pattern and injection.site:
                check_site_once(injection.pattern, injection.site, taken)
            check_place_once(injection, places)
    with at(place):
        vial.check_amount(product, sum(injection.units for injection in session.injections))
        vial.check_stock(session.injections, session.reconstitution)


def check_pattern_product(pattern: str, product: str) -> None:
    """A pattern is written in units of its own product."""
    own = lookup.pattern(pattern).product
    if own != product:
        raise lookup.products_mixed(f"pattern {pattern} is in units of {own}, the session has {product}.")


def check_site_once(pattern: str, site: str, taken: set[tuple[str, str]]) -> None:
    """One session injects a pattern site once; a second stick there is given by landmark."""
    if (pattern, site) in taken:
        raise PlanError(
            "this site is injected twice in one session.",
            "",
            "Give its units together, or the second one by landmark.",
        )
    taken.add((pattern, site))


def check_place_once(injection: Injection, places: dict[tuple[object, ...], str]) -> None:
    """Two needles at the very same place are a slip of the pen: two patterns that share sites, most often."""
    if injection.units == 0 or lookup.outside_atlas(injection.muscle):
        return  # a gland or a limb muscle takes several needles, and the plan has no map of it
    where = (
        injection.muscle,
        injection.side,
        injection.landmark,
        injection.offset_mm,
        injection.at_mm,
        injection.along,
    )
    key = (*where, injection.depth_mm, injection.layer)
    if key in places:
        raise PlanError(
            f"{injection.muscle} is injected at the very same place as injection {places[key]}.",
            "Patterns that share sites double the dose.",
            "Leave one out, or give the units together.",
        )
    places[key] = injection.id


def site_form(entry: SiteForm) -> str:
    """Which of the four site forms an injection uses: "pattern", "landmark", "at_mm" or "along"; "outside" for none.

    A pattern site may repeat landmark, offset_mm and along (whether they agree is asked elsewhere).
    """
    if (entry.pattern is None) != (entry.site is None):
        have, lack = ("pattern", "site") if entry.site is None else ("site", "pattern")
        listing = "See `endplate list patterns`."
        raise PlanError(f"`{have}` is given without `{lack}`.", listing, f"Add `{lack}`.")
    named = entry.pattern is not None
    muscle = getattr(entry, "muscle", None)
    if not named and muscle is not None and lookup.outside_atlas(muscle):
        return _outside_form(entry, muscle)
    given = [form for form in ("landmark", "at_mm", "along") if getattr(entry, form) is not None]
    if named and "at_mm" not in given:
        return "pattern"
    if named or len(given) != 1:
        told = ", ".join((["pattern"] if named else []) + given) or "none"
        raise PlanError(
            f"an injection has exactly one site form, found: {told}.",
            f"Forms: {SITE_FORMS}.",
            "Keep one of them.",
        )
    if entry.offset_mm is not None and given != ["landmark"]:
        raise PlanError(
            "`offset_mm` is given without `landmark`.", "", "Add `landmark` or leave out `offset_mm`."
        )
    return given[0]


def _outside_form(entry: SiteForm, muscle: str) -> str:
    """A target outside the atlas has no map: muscle, side and units are all there is to say."""
    given = [form for form in ("landmark", "offset_mm", "at_mm", "along") if getattr(entry, form) is not None]
    if given:
        raise PlanError(
            f"`{given[0]}` is given for {muscle}, which is outside the atlas.",
            "Such a target has no map; its dose and rules are checked, it is not simulated.",
            f"Leave out `{given[0]}`.",
        )
    return OUTSIDE


def check_injection(injection: Injection, product: str) -> None:
    """Site form, names and side of one injection."""
    form = site_form(injection)
    lookup.check_target(injection.muscle)
    if injection.landmark is not None:
        lookup.check_landmark(injection.landmark)
    if form == "pattern":
        check_pattern_site(injection, product)
    else:
        check_side(injection)


def check_pattern_site(injection: Injection, product: str) -> None:
    """A pattern site is what the catalogue says: it carries its muscle, side and geometry unchanged."""
    check_pattern_product(str(injection.pattern), product)
    site = lookup.site(lookup.pattern(str(injection.pattern)), str(injection.site))
    for name in ("muscle", "side", "landmark", "offset_mm", "along"):
        check_same(name, getattr(injection, name), getattr(site, name))


def check_same(name: str, own: object, catalogued: object) -> None:
    """Raise when an injection contradicts the pattern site it names."""
    if own != catalogued:
        raise PlanError(
            f"{name} = {_told(own)} contradicts the pattern, which has {_told(catalogued)}.",
            "",
            f"Leave out `{name}`, or leave out `pattern` and `site`.",
        )


def _told(value: object) -> str:
    return "none" if value is None else clean(str(value))


def check_side(injection: Injection) -> None:
    """The side fits muscle, landmark and coordinates (x is positive on the subject's left)."""
    muscle, side, landmark = injection.muscle, injection.side, injection.landmark
    if landmark is not None and lookup.is_paired_landmark(landmark):
        if side == "midline":
            raise PlanError(
                f"landmark {landmark} stands on both sides, side is midline.",
                "",
                'Write side = "left" or "right".',
            )
        return  # a midline muscle may be reached from a paired landmark: side then tells which one
    lateral_mm = _lateral_mm(injection)
    if side == "midline" and lateral_mm == 0:
        return  # a paired muscle is then reached on both sides
    check_muscle_side(muscle, side)
    if lateral_mm is None:
        return
    if (side == "left" and lateral_mm < 0) or (side == "right" and lateral_mm > 0):
        raise PlanError(
            f'side = "{side}" contradicts {lateral_mm:g} mm: positive is the subject\'s left.',
            "",
            f'Turn the sign, or write side = "{"right" if side == "left" else "left"}".',
        )


def _lateral_mm(injection: Injection) -> float | None:
    """How far to the subject's left of the midline; None where the site form does not tell, or in the foot."""
    if injection.landmark is not None:
        return injection.offset_mm[0] if injection.offset_mm else 0.0
    if injection.at_mm is not None and in_head_frame(injection.muscle):
        return injection.at_mm[0]
    return None


def in_head_frame(muscle: str) -> bool:
    """True for muscles of the head and neck; the calibration muscle has a frame of its own (the foot)."""
    return not lookup.outside_atlas(muscle) and lookup.muscle(muscle).group != "calibration"
