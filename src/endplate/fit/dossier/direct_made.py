"""Predictions of what no clinical fit reads: closing force of the lids (C20), prominence of the masseter (C19).

Draws of the posterior meet drawn faces and needles, person by person: chain of the model, then the force of the two
parts of the orbicularis, or the masseter's cross-section and from it the grades. Made once and stored with a hash of
what it rests on (`python docs/make_dossier.py --direct`, a minute or two); tests read what is stored.

The lag, and for the force its days, are the same for all people: neither moves the lowest force, and the masseter is
read months later.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.lines import area as area_of
from endplate.model.parameters import point_parameters
from endplate.population.draws import prior_values, stratified, stream
from endplate.population.posterior import DATA as POSTERIOR
from endplate.population.posterior import draws_of, outcome_parameter_ids

DATA = Path(__file__).parent / "data"
INPUTS, STORED = DATA / "direct_inputs.toml", DATA / "direct.npz"
PRODUCT = "onabotulinumtoxin_a"
LID_STUDY, MASSETER_STUDY = "lid_force_ona", "masseter_ona"
MASSETER_PATTERN = "masseter.onabotulinumtoxin_a"
CODE = (
    "model/outcome/direct.py",
    "model/outcome/severity.py",
    "model/outcome/endpoints.py",
    "model/junction/response.py",
    "population/tables.py",
    "fit/clinic/persons.py",
    "fit/dossier/direct_made.py",
)
TABLES = ("lines.toml", "patterns.toml", "studies.toml", "endpoints.toml")
READ = ("spread.", "needle.", "junction.", "structural.", "section.", f"threshold.{PRODUCT}")
Progress = Callable[[str, int, int], None]


@cache
def given() -> Mapping[str, Any]:
    """What is assumed beyond the catalogue (`direct_inputs.toml`)."""
    return tomllib.loads(INPUTS.read_text("utf-8"))


def inputs_hash() -> str:
    """Fingerprint of all that these predictions rest on, the same whatever the line endings."""
    from endplate.fit.clinic.store import code_text
    from endplate.model.outcome.direct import LID_CLOSERS

    digest = sha256(INPUTS.read_bytes().replace(b"\r\n", b"\n"))
    with np.load(POSTERIOR / "posterior.npz") as file:
        digest.update(repr([str(name) for name in file["names"]]).encode())
        digest.update(np.asarray(file["draws"], dtype=np.float32).tobytes())
    for name in TABLES:
        digest.update((catalogue().folder / name).read_bytes().replace(b"\r\n", b"\n"))
    read = [name for name in point_parameters().values if name.startswith(READ)]
    for name in (*read, *outcome_parameter_ids()):
        entry = catalogue().parameter(name)
        digest.update(f"{name} {entry.value} {entry.low} {entry.high} {entry.scale};".encode())
    for muscle in LID_CLOSERS:
        sizes = catalogue().muscle(muscle).dimensions
        digest.update(repr([(one.value, one.low, one.high) for one in sizes.values()]).encode())
    for name in CODE:
        digest.update(code_text(name).encode())
    return digest.hexdigest()[:16]


def direct_results() -> list[Any]:
    """Results that are predicted here: a number of one of the two studies whose reading the model has."""
    return [
        result
        for result in catalogue().results.values()
        if result.study in (LID_STUDY, MASSETER_STUDY)
        and result.endpoint is not None
        and result.value is not None
    ]


def make(path: Path = STORED, progress: Progress | None = None) -> None:
    """Predict every direct row and store it with the hash of its inputs."""
    tell = progress or (lambda *_: None)
    results = direct_results()
    lids = [lid_banks(layout, tell) for layout in given()["layout"]]
    masseter = masseter_bank(tell)
    count = int(given()["draws"]["count"])
    expected, persons_sd = (np.full((count, len(results)), np.nan) for _ in range(2))
    who = people_drawn(count)
    for k in range(count):
        one = who.one(k)
        doses = lid_losses(lids[k % len(lids)], one)
        grades = masseter_rates(masseter, one, [r for r in results if r.study == MASSETER_STUDY])
        for column, result in enumerate(results):
            if result.study == LID_STUDY:
                lost = doses[result.arm]
                expected[k, column], persons_sd[k, column] = lost.mean(), lost.std()
            else:
                expected[k, column] = grades[result.id]
        tell("draws", k + 1, count)
    np.savez_compressed(
        path,
        rows=np.array([r.id for r in results]),
        inputs=np.array(inputs_hash()),
        expected=expected.astype(np.float32),
        persons_sd=persons_sd.astype(np.float32),
        rate_sd=np.asarray(who.values["outcome.study_sd.endpoint"], dtype=np.float32),
    )


# --- Who is drawn


@dataclass(frozen=True)
class Drawn:
    """Draws of parameters, (draw,) each.

    Attributes:
        lid_capture: factor on the toxin that counts in the lids, (draw,). lid_shares: of both parts of the orbicularis
            in its force, (part, draw). effect: of a study not seen before, by kind, (draw,) each.
    """

    values: Mapping[str, np.ndarray]
    lid_capture: np.ndarray
    lid_shares: np.ndarray
    effect: Mapping[str, np.ndarray]

    def one(self, k: int) -> Drawn:
        values = {name: value[k : k + 1] for name, value in self.values.items()}
        effect = {name: value[k : k + 1] for name, value in self.effect.items()}
        return Drawn(values, self.lid_capture[k : k + 1], self.lid_shares[:, k : k + 1], effect)


def people_drawn(count: int) -> Drawn:
    """Draws of the posterior; from priors what it does not hold, and a study not seen before."""
    from endplate.model.outcome.direct import LID_CLOSERS, part_shares

    setting = given()["draws"]
    seed = int(setting["seed"])

    def score(name: str) -> np.ndarray:
        return stratified(stream(seed, f"direct {name}"), count)

    values = dict(draws_of(PRODUCT, count, seed).values)
    for name in setting["jaw"]:
        values[name] = prior_values(catalogue().parameter(name), score(name))
    sizes = {
        what: [_size(catalogue().muscle(m).dimensions[what], score(f"{what} {m}")) for m in LID_CLOSERS]
        for what in ("width_mm", "thickness_mm")
    }
    effect = {
        kind: score(f"study {kind}") * values[f"outcome.study_sd.{kind}"]
        for kind in ("exposure", "severity", "baseline")
    }
    capture = prior_values(catalogue().parameter(setting["lid_capture"]), score("lid capture"))
    return Drawn(values, capture, part_shares(np, sizes["width_mm"], sizes["thickness_mm"]), effect)


def _size(dimension: Any, z: np.ndarray) -> np.ndarray:
    """A muscle's size at normal scores, its interval read as that of a parameter on the log scale, mm."""
    entry = SimpleNamespace(
        value=dimension.value, low=dimension.low, high=dimension.high, scale="log", least=0.0, most=np.inf
    )
    return prior_values(entry, z)


# --- How endplates are exposed


@dataclass(frozen=True)
class Parts:
    """Share of the endplates of some muscles by ln exposure: grid (bin,), share of each muscle (entry, bin)."""

    grid: np.ndarray
    share: Sequence[np.ndarray]


def lid_banks(layout: Mapping[str, Any], tell: Progress) -> Parts:
    """Exposure of both parts of the orbicularis after one unit at each site of a layout, over faces and needles."""
    from endplate.model.outcome.direct import LID_CLOSERS

    sites = [
        site | {"id": f"site_{k}_{side}", "side": side, "layer": "muscle", "units": 1.0}
        for side in ("left", "right")
        for k, site in enumerate(layout["sites"])
    ]
    sites = [site | {"volume_ml": given()["lid"]["volume_ml"]} for site in sites]
    return _over_people(_plan("blepharospasm", sites), LID_CLOSERS, layout["id"], tell)


def masseter_bank(tell: Progress) -> Parts:
    """Exposure of the masseters after the pattern of the trial."""
    sites = [
        {"pattern": MASSETER_PATTERN, "site": site.id, "units": site.units, "volume_ml": site.volume_ml}
        for site in catalogue().pattern(MASSETER_PATTERN).sites
    ]
    return _over_people(_plan("masseter", sites), ("masseter",), "masseter", tell)


def _plan(indication: str, sites: Sequence[Mapping[str, Any]]) -> Any:
    from endplate.plan import parse_plan

    session = {"date": "2026-01-01", "product": PRODUCT, "indication": [indication]}
    session |= {"jurisdiction": "off_label", "injections": sites}
    patient = {"age": given()["people"]["age"], "sex": "female"}
    plan = {"schema": "endplate/plan/1", "title": indication, "patient": patient, "sessions": [session]}
    return parse_plan(json.dumps(plan), "json")


def _over_people(plan: Any, muscles: Sequence[str], what: str, tell: Progress) -> Parts:
    from endplate.population.bank import ABOVE, BELOW
    from endplate.population.exposed import Person
    from endplate.population.tables import STEP

    people, seed = given()["people"], int(given()["draws"]["seed"])
    centre = math.log(float(catalogue().parameter(f"threshold.{PRODUCT}").value))
    grid = STEP * np.arange(math.floor((centre - BELOW) / STEP), math.ceil((centre + ABOVE) / STEP) + 1)
    found = []
    for sex, faces in (("female", people["women"]), ("male", people["men"])):
        person = Person(sex, float(people["age"]), people["experience"], None, int(people["needles"]), seed)
        for number in range(faces):
            found.append(_one_face(plan, person, number, muscles, grid))
            tell(f"{what}, {sex}", number + 1, faces)
    return Parts(grid, [np.concatenate(rows) for rows in zip(*found, strict=True)])


def _one_face(
    plan: Any, person: Any, number: int, muscles: Sequence[str], grid: np.ndarray
) -> list[np.ndarray]:
    """As `population.exposed.exposed`, of whole muscles (both sides together) in place of lines: (needle, bin) each."""
    from endplate.anatomy import place
    from endplate.model import chain
    from endplate.model.setup import prepare
    from endplate.population.exposed import drawn_face, exposures, face_seed
    from endplate.population.narrow import site_within

    own = face_seed(person.seed, number)
    face = drawn_face(person.sex, person.age, own)
    setup = prepare(plan, face, place(plan, face), 1)
    weight = [_weight(face, muscle)[setup.active] for muscle in muscles]
    keep = np.any([one > 0.0 for one in weight], axis=0)
    active = setup.active[keep]
    narrow = replace(
        setup,
        sites=tuple(site_within(site, active) for site in setup.sites),
        active=active,
        muscle=np.zeros(len(active), dtype=int),
        quantile_z=setup.quantile_z[keep],
        active_muscles=np.zeros(1, dtype=int),
        classes=(catalogue().muscle(muscles[0]).muscle_class,),
    )
    reached = exposures(narrow, person, own)
    log = np.where(reached > 0.0, np.log(np.maximum(reached, 1e-300)), -np.inf)
    return [chain.histograms(np, replace(narrow, weight=one[keep]), log, grid)[:, 0] for one in weight]


def _weight(face: Any, muscle: str) -> np.ndarray:
    """Weight of every endplate of a face in one muscle of both sides, (q,), sum 1."""
    sides = sum(shape.muscle == muscle for shape in face.muscles)
    parts = [shape.endplate_weight * (shape.muscle == muscle) / sides for shape in face.muscles]
    return np.concatenate(parts)


# --- What is read


def firing(
    parts: Parts, share: np.ndarray, values: Any, shifts: np.ndarray, days: int, muscle_class: str
) -> Any:
    """Share of fibres that fire in every entry at every shift of ln exposure, (entry, shift, day + 1).

    Days are counted from the end of the lag. Endplates of each bin hold the whole spread of sensitivities, as in
    `population.tables`.

    Args:
        share: (entry, bin) of one muscle. shifts (s,): minus ln threshold, a person's, a study's and a dose's part.
    """
    from endplate.population.tables import MARGIN, STEP, blur, force_table

    low, high = parts.grid[0] + shifts.min(), parts.grid[-1] + shifts.max()
    x = low - MARGIN * STEP + STEP * np.arange(math.ceil((high - low) / STEP) + 2 * MARGIN + 1)
    sharp = force_table(np, values, x, days, muscle_class)
    # Splitting endplates between neighbouring bins has already spread them by a sixth of a squared step.
    spread = math.sqrt(max(float(values["junction.sensitivity_sd"][0]) ** 2 - STEP**2 / 6.0, 0.0))
    lost = 1.0 - blur(np, sharp, STEP, np.asarray(spread))
    place = (parts.grid[None] + shifts[:, None] - x[0]) / STEP
    first = np.floor(place).astype(int)
    part = (place - first)[..., None]
    at = lost[first] * (1.0 - part) + lost[first + 1] * part
    return 1.0 - np.einsum("eb,sbd->esd", share, at, optimize=True)


def _shifts(one: Drawn, capture: float) -> np.ndarray:
    """Shift of ln exposure of every class of persons, (s,)."""
    from endplate.fit.clinic.persons import SENSITIVITIES, class_means

    own = float(one.values["person.sensitivity_sd"][0]) * class_means(SENSITIVITIES)
    threshold = math.log(float(one.values[f"threshold.{PRODUCT}"][0]))
    return own + float(one.effect["exposure"][0]) + math.log(capture) - threshold


def lid_losses(parts: Parts, one: Drawn) -> dict[str, np.ndarray]:
    """Largest loss of closing force of every person, (entry, s), by arm."""
    from endplate.model.muscle import force, structural_state
    from endplate.model.outcome.direct import closing_force, largest_loss

    doses, own = given()["lid_dose"], _shifts(one, float(one.lid_capture[0]))
    shifts = np.concatenate([own + math.log(dose["units_per_site"]) for dose in doses])
    days = int(given()["lid"]["days"])
    on_rate = float(one.values["structural.on_rate.mimic"][0])
    recovery = float(one.values["structural.recovery_half_life"][0])
    exponent = float(one.values["structural.force_exponent"][0])
    # One table serves both parts and every dose.
    fires = firing(parts, np.concatenate(parts.share), one.values, shifts, days, "mimic")
    fires = np.moveaxis(fires, -1, 0)
    state = structural_state(np, fires, np.ones(days), on_rate, recovery)
    pulls = np.split(np.moveaxis(force(fires, state, exponent), 0, -1), len(parts.share))
    lost = largest_loss(closing_force(np, pulls, one.lid_shares[:, 0]))
    return {dose["arm"]: part for dose, part in zip(doses, np.split(lost, len(doses), axis=1), strict=True)}


def masseter_rates(parts: Parts, one: Drawn, results: Sequence[Any]) -> dict[str, float]:
    """Share of people let in whose masseter is graded as each row asks."""
    from endplate.fit.clinic.persons import SENSITIVITIES, persons
    from endplate.model.muscle import cross_section
    from endplate.model.outcome import cuts_of, entry_grades, grade_probability, noise_of, placebo_left
    from endplate.model.outcome.severity import severity

    values = {name: value[0] for name, value in one.values.items()}
    last = math.ceil(max(r.day for r in results))
    shifts = _shifts(one, float(values["outcome.capture.masseter"]))
    fires = np.moveaxis(firing(parts, parts.share[0], one.values, shifts, last, "jaw"), -1, 0)
    names = ("section.on_rate.jaw", "section.recovery_half_life", "section.maximal_loss")
    section = cross_section(np, fires, np.ones(last), *(values[name] for name in names))
    section = np.swapaxes(section, 1, 2).reshape(last + 1, -1)  # persons stand by sensitivity, then entry
    who = _persons(len(parts.share[0]), SENSITIVITIES, persons)
    scale, noise = area_of("masseter"), noise_of(values)
    mean = values["outcome.baseline_mean.masseter"] + one.effect["baseline"][0]
    start = mean + values["outcome.baseline_sd"] * who.start
    sd = values["outcome.rater_offset_sd"]
    offset = [sd * who.investigator, values["outcome.subject_bias.masseter"] + sd * who.subject]
    out = {}
    for result in results:
        cuts = cuts_of(catalogue().endpoints[result.endpoint], scale)
        graded = entry_grades(np, cuts.base, start, offset, noise)
        signal = np.ones(start.shape)
        if result.kind == "active":
            signal = _at(section, result.day - float(values["junction.lag"]))
        shift = placebo_left(
            np, values["outcome.placebo_shift"], result.day, values["outcome.placebo_half_life"]
        )
        shift = shift + one.effect["severity"][0]
        now = severity(start, signal[:, None], values["outcome.drop.masseter"], shift)[:, 0]
        both = grade_probability(np, graded, cuts.limit, now, offset, noise)
        entry = graded[0].sum(axis=-2) * graded[1].sum(axis=-2)
        out[result.id] = float(both.sum() / entry.sum())
    return out


@cache
def _persons(entries: int, sensitivities: int, draw: Callable[..., Any]) -> Any:
    return draw(entries, sensitivities=sensitivities)


def _at(course: np.ndarray, day: float) -> np.ndarray:
    """A course (day, n) between two days, (n,)."""
    first = min(math.floor(day), len(course) - 2)
    return course[first] + (day - first) * (course[first + 1] - course[first])
