"""Write the tables of docs/face.md: what the face model gives beside what was published, and what it takes.

usage: python docs/make_face.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "face.md"
NAMES = ("rows", "parameters")
DRAWS = 200
DAY = 14


def begin(name: str) -> str:
    return f"<!-- face-{name}:begin -->\n"


def end(name: str) -> str:
    return f"<!-- face-{name}:end -->"


def observed(row: Any) -> str:
    """The number of a row as printed: value, range or bound."""
    if row.value is not None:
        spread = f" ({row.low:g} to {row.high:g})" if row.low is not None and row.high is not None else ""
        return f"{row.value:g}{spread}"
    if row.low is not None and row.high is not None:
        return f"{row.low:g} to {row.high:g}"
    if row.low is not None:
        return f"> {row.low:g}"
    return f"< {row.high:g}" if row.high is not None else "not in mm"


def plan_of(**session: Any) -> Any:
    from datetime import date

    from endplate.plan import plan_from_dict

    first = {"date": date(2026, 1, 5), "indication": "brow_lift", "product": "onabotulinumtoxin_a", **session}
    patient = {"sex": "female", "age": 45}
    return plan_from_dict({"schema": "endplate/plan/1", "patient": patient, "sessions": [first]})


def lateral_sites() -> list[dict[str, Any]]:
    """8.5 U a side under the tail of the brow, in two sites: our reading of "7 to 10 U, lateral orbicularis"."""
    return [
        {
            "muscle": "orbicularis_oculi_orbital",
            "side": side,
            "landmark": "brow_lateral",
            "offset_mm": [offset, -4.0],
            "units": 4.25,
            "volume_ml": 0.1,
        }
        for side in ("left", "right")
        for offset in (-6.0, 2.0)
    ]


def untouched() -> dict[tuple[str, str], Any]:
    import numpy as np

    from endplate.model.face import face_measures, point_values

    return face_measures(np, (("frontalis", "left"),), np.ones((1, 1)), point_values())


def lids() -> tuple[float, float, float]:
    """Rise of a treated ptotic lid and of its fellow, and of a lid under phenylephrine, mm.

    Pretarsal toxin leaves 0.3 of the orbicularis's force (declared); levators are weak enough to begin at 2.00 and
    3.23 mm.
    """
    import numpy as np
    from scipy.optimize import fsolve

    from endplate.model.face import eyelid, point_values

    values = point_values()
    wanted = np.array([4.25 - 2.00, 4.25 - 3.23])

    def fall(levator: Any, lift: Any) -> Any:
        return eyelid(np, np.asarray(levator)[:, None], np.asarray(lift)[:, None], values)[:, 0]

    levator = fsolve(lambda f: fall(f, [0.0, 0.0]) - wanted, [0.8, 0.9])
    weaker = 0.7 * values["face.lid.orbicularis_hold"]
    rise = fall(levator, [0.0, 0.0]) - fall(levator, [weaker, 0.0])
    driven = -fall([1.0, 1.0], [values["face.lid.mueller_hold"], 0.0])[0]
    return float(rise[0]), float(rise[1]), float(driven)


def excision() -> float:
    """Gain of the smile when the depressor anguli oris is cut out of a face in which it takes part with 0.5, mm."""
    import numpy as np

    from endplate.model.face import NerveState, Palsy, face_measures, point_values

    nerve = NerveState(
        drive=dict.fromkeys(("zygomatic", "buccal"), 0.6), cross={("smile", "depressor_anguli_oris"): 0.5}
    )
    names = (("depressor_anguli_oris", "left"),)
    found = face_measures(np, names, np.array([[1.0, 0.0]]), point_values(), palsy=Palsy(left=nerve))
    path = found["mouth_corner_excursion", "left"]
    return float(path[1] - path[0])


def narrowing() -> float:
    """How much of an untreated fissure a smile closes, %."""
    from endplate.catalogue.face_balance import expression
    from endplate.model.face import average_rest, point_values
    from endplate.model.face.balance import Forces, Side, moved

    side, smile = Side("left", Forces({}, None), point_values()), expression("smile")
    way = -sum(moved(side, lid, smile) for lid in ("upper_lid", "lower_lid"))
    return 100.0 * float(way) / average_rest().fissure


def affected_needles() -> Any:
    """The example's plan with the needles of the affected left side alone, as the study gave them."""
    from endplate.plan import read_plan

    plan = read_plan(ROOT / "examples" / "synkinesis.toml")
    session = plan.sessions[0]
    left = tuple(one for one in session.injections if one.side == "left")
    return plan.model_copy(update={"sessions": (session.model_copy(update={"injections": left}),)})


def synkinesis(day: int) -> dict[str, float]:
    """The example's patient, treated on the affected side alone.

    Returns:
        narrow: mm by which the eye is narrow at rest before treatment; smile: share of that opening, %, that a smile
        takes. On the day: left, share of the points of synkinesis; rest and composite, gain of each, points.
    """
    import numpy as np

    from endplate.assess import simulate
    from endplate.model.face import palsy_of, point_values
    from endplate.model.face.grading import sunnybrook
    from endplate.report.face_frames import by_expression

    plan = affected_needles()
    course = simulate(plan, samples=0, days=day)
    force = np.concatenate([course.force, *(part[None] for part in course.parts.values())])
    names = (*course.muscles, *course.parts)
    palsy, values = palsy_of(plan.patient), point_values()
    score = sunnybrook(np, names, force, values, palsy)
    left, right = (course.measure("fissure_height", side).value[0] for side in ("left", "right"))
    smile = by_expression(names, force, values, palsy=palsy, expressions=("smile",))["smile"]
    return {
        "narrow": float(right - left),
        "smile": 100.0 * float(1.0 - smile["fissure_height", "left"][0] / left),
        "left": float(score.synkinesis[-1] / score.synkinesis[0]),
        "rest": 5.0 * float(score.rest[0] - score.rest[-1]),
        "composite": float(score.composite[-1] - score.composite[0]),
    }


def predictions() -> dict[str, tuple[str, str, str]]:
    """For each row: (model, inside, why): what the model gives, whether that holds, and how it was got."""
    from endplate.assess import simulate
    from endplate.catalogue import catalogue
    from endplate.model.face import point_values
    from endplate.plan import read_plan

    examples = ROOT / "examples"
    plain, values = untouched(), point_values()
    glabella = simulate(read_plan(examples / "glabellar-lines.toml"), samples=DRAWS, days=30)
    upper = simulate(read_plan(examples / "upper-face.toml"), samples=0, days=30)
    forehead = simulate(read_plan(examples / "forehead-lines.toml"), samples=0, days=30)
    lateral = simulate(plan_of(injections=lateral_sites()), samples=DRAWS, days=30)

    def rise(course: Any, place: str) -> tuple[float, float, float]:
        one = course.measure(f"brow_height_{place}", "left")
        return tuple(float(x[DAY] - one.value[0]) for x in (one.value, one.low, one.high))

    def banded(row: str, value: float, low: float, high: float, why: str) -> tuple[str, str, str]:
        printed = catalogue().observation(row).value
        inside = "yes" if printed is not None and low <= printed <= high else "no"
        return f"{value:.2f} ({low:.2f} to {high:.2f})", inside, why

    out: dict[str, tuple[str, str, str]] = {}
    set_ = "sets a parameter"
    out["face.smile"] = (f"{plain['mouth_corner_excursion', 'left'][0]:.2f}", "yes", set_)
    out["face.smile_path"] = (
        f"{plain['mouth_corner_angle', 'left'][0]:.1f}",
        "yes",
        "sets the shares of the muscles",
    )
    out["face.brow_raise"] = (f"{plain['brow_raise', 'left'][0]:.2f}", "yes", set_)
    out["face.brow_raise_central"] = (
        f"{plain['brow_raise', 'left'][0]:.2f}",
        "no",
        "not fitted: the two series differ by 2 mm",
    )
    out["face.lid_movement"] = (f"{values['face.lid.levator_travel']:.2f}", "yes", set_)
    out["face.forehead_marker"] = ("—", "—", "not modelled: the forehead's own skin is no landmark")
    out["face.frown_shift"] = (f"{plain['frown_shift', 'left'][0]:.2f}", "yes", set_)
    out["face.asymmetry"] = ("0", "no", "the average face is even; differences come from the plan alone")
    for region in ("glabella", "forehead"):
        for direction in ("horizontal", "vertical"):
            row = f"face.strain.{region}_{direction}"
            before = abs(plain[f"strain.{region}.{direction}", "midline"][0])
            out[f"{row}_before"] = (f"{before:.2f}", "yes", set_)
            one = glabella.measure(f"strain.{region}.{direction}", "midline")
            edges = sorted(abs(float(x[DAY])) for x in (one.low, one.high))
            out[f"{row}_after"] = banded(
                f"{row}_after",
                abs(float(one.value[DAY])),
                *edges,
                "not fitted: label pattern, 20 U, force alone",
            )
    out["face.strain.whole_face_after"] = ("—", "—", "not modelled")
    treated, fellow, driven = lids()
    out["face.pretarsal_treated"] = (f"{treated:.2f}", "yes", "sets two parameters, with the next row")
    out["face.pretarsal_fellow"] = (f"{fellow:.2f}", "yes", "with 0.3 of the orbicularis left (declared)")
    out["face.mueller"] = (f"{driven:.2f}", "yes", set_)
    out["face.lid_weight_brow"] = (
        f"{values['face.brow.compensation']:.2f} a mm of fall",
        "yes",
        "a declared slope; its sign is the row's",
    )
    for place, row in (("mid", "face.lateral_brow_mid"), ("lateral", "face.lateral_brow_lateral")):
        out[row] = banded(row, *rise(lateral, place), "not fitted; sites are our reading")
    out["face.medial_brow"] = (
        f"{rise(glabella, 'medial')[0]:+.2f} mm",
        "—",
        "the share of people is not comparable with a mean; the sign agrees",
    )
    out["face.glabella_lift"] = (
        f"{rise(glabella, 'medial')[0]:+.2f} medial, {rise(glabella, 'lateral')[0]:+.2f} lateral",
        "in part",
        "the sign agrees; the model's lift is highest at week 1 to 2 and not at week 12",
    )
    out["face.glabella_trend"] = (
        f"{rise(glabella, 'mid')[0]:+.2f} ({rise(glabella, 'mid')[1]:+.2f} to {rise(glabella, 'mid')[2]:+.2f})",
        "—",
        "small beside what nine people show",
    )
    out["face.forehead_fall"] = (
        f"{rise(forehead, 'medial')[0]:+.2f} / {rise(forehead, 'mid')[0]:+.2f} / {rise(forehead, 'lateral')[0]:+.2f}",
        "yes",
        "medial / middle / lateral, label pattern of 20 + 20 U",
    )
    out["face.forehead_patterns"] = (
        f"{rise(upper, 'medial')[0]:+.2f} / {rise(upper, 'mid')[0]:+.2f} / {rise(upper, 'lateral')[0]:+.2f}",
        "yes",
        "glabella, forehead and crow's feet: lower but for the lateral edge",
    )
    out["face.dao_excision"] = (
        f"{excision():.2f}",
        "—",
        "with a depressor that joins each smile with 0.5 of its force (declared)",
    )
    out["face.smile_narrowing"] = (f"{narrowing():.1f}", "yes", "sets the share of the orbital orbicularis")
    treated_eye = synkinesis(35)
    milder = "not fitted; the example's patient, needles of the affected side alone, day 35"
    out["face.synkinetic_rest"] = (
        f"{treated_eye['narrow']:.2f}",
        "—",
        "the example's patient; a declared tautness was chosen to give about this",
    )
    out["face.synkinesis_relief"] = (f"{treated_eye['left']:.2f}", "no", milder)
    for part in ("rest", "composite"):
        gain = treated_eye[part]
        sign = "the sign agrees" if gain > 0.0 else "the sign disagrees"
        out[f"face.synkinesis_{part}"] = (f"{gain:+.1f}", "no", f"{sign}; {milder}")
    out["face.palsy_gap"] = (f"{values['face.lid.palsy_gap']:.1f}", "yes", set_)
    return out


def rows_table() -> str:
    from endplate.catalogue import catalogue

    found = predictions()
    lines = ["| row | what | printed | model | inside | how |", "|---|---|---|---|---|---|"]
    for name, row in catalogue().evidence.items():
        if not name.startswith("face.") or "house_brackmann" in name:
            continue
        model, inside, why = found[name]
        numbers = (row.value, row.low, row.high) != (None, None, None)
        unit = f" {row.unit}" if numbers and row.unit != "1" else ""
        lines.append(
            f"| {row.row} | {row.preparation}: {row.endpoint} (`{row.source}`) | {observed(row)}{unit} | {model} | "
            f"{inside} | {why} |"
        )
    return "\n".join(lines) + "\n"


def parameters_table() -> str:
    from endplate.catalogue import catalogue
    from endplate.catalogue.face_balance import face_parameter_ids

    lines = ["| parameter | what | value (5 to 95 %) | grade | source |", "|---|---|---|---|---|"]
    for name in face_parameter_ids():
        one = catalogue().parameter(name)
        unit = "" if one.unit == "1" else f" {one.unit}"
        number = f"{one.value:g} ({one.low:g} to {one.high:g}){unit}"
        lines.append(f"| `{name}` | {one.name} | {number} | {one.grade} | {one.source} |")
    return "\n".join(lines) + "\n"


def written(page: str) -> str:
    """The page with the tables of this moment."""
    for name, text in zip(NAMES, (rows_table(), parameters_table()), strict=True):
        before, rest = page.split(begin(name))
        page = before + begin(name) + text + rest[rest.index(end(name)) :]
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
