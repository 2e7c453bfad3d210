"""Demonstrations about where the needle goes: depth, bone, fluid, reach, the rim above the eye, the muscles treated."""

from __future__ import annotations

import numpy as np

from endplate.catalogue.statements import Verdict
from endplate.check.facts_plans import GLABELLA, NOTE, ONA, Ran, needle, needle_plan, pattern_plan, ran
from endplate.check.facts_record import Chart, Demonstration, Line, Measured, Numbers, Value, percent
from endplate.errors import PlaceError
from endplate.model.course import LOSS

CORRUGATOR, RING, LIDS = "corrugator_supercilii", "orbicularis_oculi_orbital", "orbicularis_oculi_palpebral"
LEVATOR = "levator_palpebrae_superioris"
DAYS = 60
VOLUMES = (0.05, 0.2)
FACTOR = VOLUMES[1] / VOLUMES[0]
ABOVE_RIM_MM = (10, 8, 6, 4, 2)
INTO_BONE_MM = 2.0
TRACE = 1e-4  # of the threshold, at the middle endplate of a muscle
FACES = 16


def _lowest(needles: list, muscle: str, indication: str = "glabellar_lines") -> float:
    return ran(needle_plan(needles, indication), DAYS).lowest(muscle)


def _depth() -> Measured:
    brow = needle(CORRUGATOR, "rim_superior_medial", 0, 10)
    lid = needle(LIDS, "upper_lid_lateral", 0, 0, units=2.5)
    found = {
        f"{where}_{layer}": _lowest([{**one, "layer": layer}], muscle)
        for where, one, muscle in (("brow", brow, CORRUGATOR), ("lid", lid, LIDS))
        for layer in ("subcutis", "muscle")
    }
    words = {
        "brow_muscle": "frown muscle, needle in it",
        "brow_subcutis": "frown muscle, needle under the skin",
        "lid_muscle": "lid muscle, needle in it",
        "lid_subcutis": "lid muscle, needle under the skin",
    }
    return Measured(
        tuple(Value(key, f"force left, {word}", found[key], "") for key, word in words.items()),
        Chart("force lost, share", bars=tuple((word, 1.0 - found[key]) for key, word in words.items())),
    )


def _judge_depth(n: Numbers) -> Verdict:
    deep = 1.0 - n["brow_subcutis"] < 0.5 * (1.0 - n["brow_muscle"])
    thin = 1.0 - n["lid_subcutis"] > 0.75 * (1.0 - n["lid_muscle"])
    return "partly" if deep and thin else "false" if deep else "true"


def _tell_depth(n: Numbers) -> str:
    return (
        f"Frown muscle: the needle just under the skin takes {percent(1 - n['brow_subcutis'])} of its force, the same "
        f"units in the muscle {percent(1 - n['brow_muscle'])}. Thin lid muscle: {percent(1 - n['lid_subcutis'])} and "
        f"{percent(1 - n['lid_muscle'])}: there under the skin is deep enough."
    )


def _bone() -> Measured:
    """A needle over the brow: in the muscle, and one that would end in the bone below it."""
    at = needle(CORRUGATOR, "rim_superior_medial", 0, 10)
    found = ran(needle_plan([at]), DAYS)
    site = found.course.sites[0]
    deep = {**at, "depth_mm": site.bone_mm + INTO_BONE_MM}
    del deep["layer"]
    try:
        ran(needle_plan([deep]), DAYS)
    except PlaceError:
        refused = 1.0
    else:
        refused = 0.0
    return Measured(
        (
            Value("muscle", "depth of the muscle's middle under the skin", site.depth_mm, "mm"),
            Value("tissue", "depth at which bone begins", site.bone_mm, "mm"),
            Value("force", "force left after a needle in the muscle", found.lowest(CORRUGATOR), ""),
            Value("refused", "the program refuses a needle in the bone (1 yes)", refused, ""),
        ),
        Chart("depth, mm", bars=(("muscle", site.depth_mm), ("bone begins", site.bone_mm))),
    )


def _judge_bone(n: Numbers) -> Verdict:
    return "false" if n["refused"] == 1.0 and n["muscle"] < n["tissue"] and n["force"] < 1.0 - LOSS else "true"


def _tell_bone(n: Numbers) -> str:
    return (
        f"Above the brow the muscle lies {n['muscle']:.0f} mm deep and bone begins at {n['tissue']:.1f} mm; bone has no "
        f"nerve endings to block, and a plan with a needle in it is refused."
    )


def _volume() -> Measured:
    """The same units in four times the fluid, against four times the units in the same fluid."""
    at = needle(CORRUGATOR, "rim_superior", 0, 10)
    base = {**at, "volume_ml": VOLUMES[0]}
    found = {
        "base": ran(needle_plan([base]), DAYS),
        "fluid": ran(needle_plan([{**base, "volume_ml": VOLUMES[1]}]), DAYS),
        "units": ran(needle_plan([{**base, "units": 4 * FACTOR}]), DAYS),
    }
    words = {"base": "0.05 mL", "fluid": "four times the fluid", "units": "four times the units"}
    values = []
    for name, word in words.items():
        values += [
            Value(name, f"force lost by the ring muscle beside it, {word}", 1.0 - found[name].lowest(RING), ""),
            Value(f"trace_{name}", f"muscles that a trace reaches, {word}", _traced(found[name]), "muscles"),
        ]
    bars = tuple((word, 1.0 - found[name].lowest(RING)) for name, word in words.items())
    return Measured(tuple(values), Chart("force lost by the ring muscle of the eye", bars=bars))


def _traced(found: Ran) -> float:
    """Muscles whose middle endplate takes up a ten-thousandth of its threshold or more."""
    return float((found.course.median_over_threshold > TRACE).sum())


def _judge_volume(n: Numbers) -> Verdict:
    further = n["trace_fluid"] > n["trace_base"]
    weaker = abs(n["fluid"] - n["base"]) < 0.5 * abs(n["units"] - n["base"])
    return "partly" if further and weaker else "true" if further else "false"


def _tell_volume(n: Numbers) -> str:
    return (
        f"Four times the fluid brings a trace to {n['trace_fluid']:.0f} muscles in place of {n['trace_base']:.0f}, but "
        f"the ring muscle beside the needle loses {100 * n['fluid']:.1f} % in place of {100 * n['base']:.1f} %; four "
        f"times the units take {100 * n['units']:.1f} %: units count for more."
    )


def _spread() -> Measured:
    found = ran(pattern_plan(GLABELLA), 200)
    course = found.course
    lost = 1.0 - course.force.min(axis=1)
    aimed = np.array([pair in course.targets for pair in course.muscles])
    order = np.argsort(-lost)[:8]
    return Measured(
        (
            Value("muscles", "muscles of the face, each side", float(len(lost)), "muscles"),
            Value("aimed", "aimed at", float(aimed.sum()), "muscles"),
            Value("tenth", "lose a tenth of their force or more", float((lost > LOSS).sum()), "muscles"),
            Value("beside", "of these not aimed at", float(((lost > LOSS) & ~aimed).sum()), "muscles"),
            Value("hundredth", "lose a hundredth or more", float((lost > 0.01).sum()), "muscles"),
        ),
        Chart(
            "force lost, share",
            bars=tuple((" ".join(course.muscles[k]).replace("_", " "), float(lost[k])) for k in order),
        ),
    )


def _judge_spread(n: Numbers) -> Verdict:
    """Both "the whole face" and "only where it is put" are false where some neighbours weaken and most muscles do not."""
    return "false" if n["aimed"] < n["hundredth"] < 0.25 * n["muscles"] and n["beside"] > 0.0 else "true"


def _tell_spread(n: Numbers) -> str:
    return (
        f"Of {n['muscles']:.0f} muscles the label pattern for frown lines aims at {n['aimed']:.0f}; {n['tenth']:.0f} "
        f"lose a tenth of their force or more ({n['beside']:.0f} of them beside the target), {n['hundredth']:.0f} a "
        f"hundredth or more, all others less."
    )


def _droop() -> Measured:
    from endplate.population.risk import risks_of

    plans = [needle_plan([needle(CORRUGATOR, "rim_superior", 0, up)]) for up in ABOVE_RIM_MM]
    chances = [
        one.probability
        for found in risks_of(plans, faces=FACES, only=["eyelid_ptosis"])
        for one in found.unwanted
        if (one.side, one.level) == ("either", "seen")
    ]
    values = tuple(
        Value(f"at_{up}", f"chance of a drooping lid, needle {up} mm above the rim", chance, "")
        for up, chance in zip(ABOVE_RIM_MM, chances, strict=True)
    )
    steps = Line("one needle of 4 U", tuple(map(float, ABOVE_RIM_MM)), tuple(100.0 * c for c in chances))
    return Measured(values, Chart("chance of a drooping lid, %", "mm above the bony rim", (steps,)))


def _judge_droop(n: Numbers) -> Verdict:
    chances = [n[f"at_{up}"] for up in ABOVE_RIM_MM]
    return "false" if all(np.diff(chances) > 0.0) and chances[-1] > 2.0 * chances[0] else "true"


def _tell_droop(n: Numbers) -> str:
    return (
        f"One needle above the pupil: {percent(n['at_10'])} of people get a drooping lid when it is 10 mm above the "
        f"bony rim, {percent(n['at_6'])} at 6 mm and {percent(n['at_2'])} at 2 mm."
    )


TREATED = (
    (GLABELLA, CORRUGATOR, "frown muscle (face)"),
    (f"platysma_bands.{ONA}.two_bands_each", "platysma", "platysma (neck)"),
    (f"masseter.{ONA}", "masseter", "masseter (jaw)"),
)


def _sites() -> Measured:
    found = [(name, ran(pattern_plan(pattern), DAYS).lowest(muscle)) for pattern, muscle, name in TREATED]
    return Measured(
        tuple(
            Value(muscle, f"force left, {name}", lowest, "")
            for (_, muscle, _), (name, lowest) in zip(TREATED, found, strict=True)
        ),
        Chart("force lost, share", bars=tuple((name, 1.0 - lowest) for name, lowest in found)),
    )


def _judge_sites(n: Numbers) -> Verdict:
    return "false" if max(n.values()) < 1.0 - LOSS else "true"


def _tell_sites(n: Numbers) -> str:
    return (
        f"In published patterns the needle lies in muscle of the face, the neck and the jaw, and these are what "
        f"weakens: to {percent(n[CORRUGATOR])}, {percent(n['platysma'])} and {percent(n['masseter'])} of their force."
    )


ALL = (
    Demonstration(
        "depth", "The same units under the skin and in the muscle", _depth, _judge_depth, _tell_depth, NOTE
    ),
    Demonstration("bone", "How deep muscle and bone lie", _bone, _judge_bone, _tell_bone, NOTE),
    Demonstration(
        "volume", "More fluid, or more units", _volume, _judge_volume, _tell_volume, NOTE + " Studies disagree."
    ),
    Demonstration(
        "spread", "What one treatment weakens", _spread, _judge_spread, _tell_spread, NOTE + " Needles that miss add to it."
    ),
    Demonstration(
        "droop",
        "The needle nearer to the rim above the eye",
        _droop,
        _judge_droop,
        _tell_droop,
        "Drawn women of 45, needles that miss as hands do, slips through the septum calibrated on reported rates.",
    ),
    Demonstration(
        "sites",
        "Muscles of face, neck and jaw",
        _sites,
        _judge_sites,
        _tell_sites,
        NOTE + " The jaw pattern comes from a trial, not from a label.",
    ),
)  # fmt: skip
