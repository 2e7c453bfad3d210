"""Is the data sound? Every entry is loaded; what the model and the other rooms count on is there."""

from __future__ import annotations

import itertools
import math

import pytest

from endplate.catalogue import LANDMARKS, MIDLINE_LANDMARKS, PAIRED_LANDMARKS, Pattern, catalogue
from endplate.errors import CatalogueError
from endplate.units import parse_unit

WITHOUT_DOSE = ("nivobotulinumtoxin_a", "trenibotulinumtoxin_e")
PRODUCTS = (
    "onabotulinumtoxin_a abobotulinumtoxin_a abobotulinumtoxin_a_solution incobotulinumtoxin_a prabotulinumtoxin_a "
    "daxibotulinumtoxin_a letibotulinumtoxin_a relabotulinumtoxin_a rimabotulinumtoxin_b nivobotulinumtoxin_a "
    "trenibotulinumtoxin_e"
).split()
MUSCLES = (
    "frontalis procerus corrugator_supercilii depressor_supercilii orbicularis_oculi_orbital "
    "orbicularis_oculi_palpebral levator_palpebrae_superioris superior_tarsal nasalis "
    "levator_labii_superioris_alaeque_nasi levator_labii_superioris zygomaticus_minor zygomaticus_major "
    "levator_anguli_oris risorius orbicularis_oris depressor_anguli_oris depressor_labii_inferioris mentalis "
    "buccinator platysma masseter temporalis sternocleidomastoid medial_rectus lateral_rectus superior_rectus "
    "inferior_rectus superior_oblique inferior_oblique extensor_digitorum_brevis"
).split()
MODEL_UNITS = {
    "spread.fluid_fraction": "1",
    "spread.layer_slack": "mm",
    "spread.fibre_stretch": "1",
    "spread.dispersion": "mm^2/s",
    "spread.uptake_half_time": "min",
    "spread.fascia_transmission": "1",
    "needle.sd.expert": "mm",
    "needle.sd.novice": "mm",
    "needle.depth_sd": "mm",
    "needle.behind_septum_probability": "1",
    **{f"junction.light_chain_half_life.{serotype}": "d" for serotype in ("a", "b", "c1", "e", "f")},
    "junction.supply_half_life": "d",
    "junction.lag": "d",
    "junction.snare_turnover_half_life": "d",
    "junction.release_power": "1",
    **{f"junction.safety_factor.{c}": "1" for c in ("mimic", "eye", "levator", "jaw", "limb", "neck")},
    "junction.safety_factor_log_sd": "1",
    "junction.sensitivity_sd": "1",
    **{f"junction.sensitivity.{c}": "1" for c in ("mimic", "eye", "levator", "jaw", "limb", "neck")},
    "junction.sprout_share": "1",
    "junction.sprout_delay": "d",
    "junction.sprout_retraction_half_life": "d",
    # Two products have no published dose, hence no potency prior: they cannot be simulated.
    **{f"threshold.{product}": "U/mm^3" for product in PRODUCTS if product not in WITHOUT_DOSE},
    **{f"structural.on_rate.{c}": "1/d" for c in ("mimic", "eye", "levator", "jaw", "limb", "neck")},
    "structural.recovery_half_life": "d",
    "structural.force_exponent": "1",
    "entry.k_binding": "1/min",
    "entry.k_internalisation": "1/min",
    "entry.k_lytic": "1/min",
    "entry.k_bulk": "1/min",
    "entry.q10_binding": "1",
    "entry.kon": "1/(nM*min)",
    "entry.koff": "1/min",
    "entry.kd": "nM",
}


def test_the_whole_catalogue_is_sound() -> None:
    catalogue().validate()


def test_products_and_muscles_are_the_ones_agreed_in_their_order() -> None:
    assert list(catalogue().products) == PRODUCTS
    assert list(catalogue().muscles) == MUSCLES


@pytest.mark.parametrize("name", MODEL_UNITS)
def test_a_parameter_of_the_model_has_the_unit_the_model_reads(name: str) -> None:
    assert catalogue().parameter(name).unit == MODEL_UNITS[name]


def test_the_model_draws_its_parameters_and_not_the_documentation() -> None:
    drawn = {
        "spread",
        "needle",
        "junction",
        "threshold",
        "structural",
        "section",
        "anatomy",
        "person",
        "outcome",
        "operator",
        "face",
        "effect",
    }
    for parameter in catalogue().parameters.values():
        fixed = parameter.low == parameter.value == parameter.high
        assert parameter.drawn == (parameter.id.split(".")[0] in drawn and not fixed), parameter.id


def test_fixed_parameters_are_only_those_fixed_by_definition_or_held_by_declaration() -> None:
    fixed = [p for p in catalogue().parameters.values() if p.low == p.high]
    held = [
        p for p in fixed if p.id.split(".")[0] in {"person", "outcome"}
    ]  # the clinic cannot tell them apart
    assert [p.id for p in fixed if p not in held] == ["needle.near_rim", "junction.sensitivity.mimic"]
    assert held and all(p.grade == "D" and p.note for p in held)


def test_every_face_and_eye_indication_has_patterns() -> None:
    wanted = {
        "glabellar_lines": {"ona", "pra", "leti", "inco", "abo", "daxi", "rela"},
        "lateral_canthal_lines": {"ona", "inco", "abo", "rela"},
        "forehead_lines": {"ona", "inco"},
        "platysma_bands": {"ona"},
        "blepharospasm": {"ona", "inco", "abo"},
        "hemifacial_spasm": {"ona"},
        "strabismus": {"ona"},
        "synkinesis": {"ona"},
        "smile_asymmetry": {"ona"},
        "masseter": {"ona"},
        "edb_calibration": {"ona"},
    }
    found: dict[str, set[str]] = {}
    for pattern in catalogue().patterns.values():
        found.setdefault(pattern.indication, set()).add(pattern.product.split("botulinumtoxin")[0])
    assert found == wanted


@pytest.mark.parametrize(
    ("name", "sites", "total"),
    [
        ("glabellar_lines.onabotulinumtoxin_a", 5, 20),
        ("glabellar_lines.abobotulinumtoxin_a", 5, 50),
        ("glabellar_lines.daxibotulinumtoxin_a", 5, 40),
        ("lateral_canthal_lines.onabotulinumtoxin_a", 6, 24),
        ("forehead_lines.onabotulinumtoxin_a", 10, 40),
        ("platysma_bands.onabotulinumtoxin_a.one_band_each", 18, 26),
        ("platysma_bands.onabotulinumtoxin_a.two_bands_left", 23, 31),
        ("platysma_bands.onabotulinumtoxin_a.two_bands_each", 28, 36),
        ("blepharospasm.onabotulinumtoxin_a", 6, 7.5),
        ("blepharospasm.incobotulinumtoxin_a", 12, 50),
        ("edb_calibration.onabotulinumtoxin_a", 1, 10),
    ],
)
def test_a_pattern_gives_its_printed_total(name: str, sites: int, total: float) -> None:
    pattern = catalogue().pattern(name)
    assert len(pattern.sites) == sites
    assert pattern.total_u == pytest.approx(total, abs=0.01)


def _places(pattern: Pattern, side: str) -> list[tuple[object, ...]]:
    """Sites of one side, seen from that side."""
    found = []
    for site in pattern.sites:
        if site.side != side:
            continue
        offset = site.offset_mm
        if offset is not None and site.landmark in MIDLINE_LANDMARKS:
            offset = (abs(offset[0]), offset[1])
        found.append((site.muscle, site.landmark, offset, site.along, site.layer, site.units, site.volume_ml))
    return sorted(found, key=repr)


def test_patterns_for_both_sides_are_mirror_images() -> None:
    one_sided = {
        "platysma_bands.onabotulinumtoxin_a.two_bands_left",
        "platysma_bands.onabotulinumtoxin_a.two_bands_right",
    }
    for pattern in catalogue().patterns.values():
        sides = {site.side for site in pattern.sites}
        if {"left", "right"} <= sides and pattern.id not in one_sided:
            assert _places(pattern, "left") == _places(pattern, "right"), pattern.id


def test_left_and_right_variants_of_a_pattern_are_mirror_images() -> None:
    patterns = catalogue().patterns
    lefts = [name for name in patterns if name.endswith("left") and "two_bands" not in name]
    assert len(lefts) == 10
    for name in lefts:
        twin = patterns[name.removesuffix("left") + "right"]
        assert _places(patterns[name], "left") == _places(twin, "right"), name


def test_a_map_that_no_source_gives_has_grade_d() -> None:
    for pattern in catalogue().patterns.values():
        assert (pattern.geometry_source == "declared") <= (pattern.grade == "D"), pattern.id


def test_corrugator_sites_keep_ten_millimetres_above_the_rim() -> None:
    for pattern in catalogue().patterns.values():
        for site in pattern.sites:
            if site.muscle == "corrugator_supercilii":
                assert site.landmark in {"rim_superior", "rim_superior_medial"}
                assert site.offset_mm is not None and site.offset_mm[1] >= 10


def test_recalled_facts_are_not_called_checked() -> None:
    book = catalogue()
    recalled = {name for name, source in book.sources.items() if source.read in {"recall", "declared"}}
    for parameter in book.parameters.values():
        assert not (parameter.checked and parameter.source in recalled)
    assert not book.product("abobotulinumtoxin_a").stabilisers[0].amount_checked


def test_powders_fit_their_vials_and_liquids_their_concentration() -> None:
    assert catalogue().product("abobotulinumtoxin_a_solution").concentration_u_per_ml == 200
    assert catalogue().product("relabotulinumtoxin_a").vials_u == (150,)
    assert catalogue().product("rimabotulinumtoxin_b").vials_u == (2500, 5000, 10000)
    assert catalogue().product("trenibotulinumtoxin_e").vials_u == ()


def test_the_half_life_prior_is_the_mean_of_its_two_readings() -> None:
    """The note's arithmetic: interpolated week 30 against week 36, and 30 d over log2(75/20) doublings."""
    week_of_35_percent = 24 + 12 * (52.5 - 35) / (52.5 - 17.5)
    first_d = 7 * (36 - week_of_35_percent)
    second_d = 30 / math.log2(75 / 20)
    value = catalogue().parameter("junction.light_chain_half_life.a").value
    assert value == pytest.approx(math.sqrt(first_d * second_d), abs=0.5)


def test_the_dispersion_interval_is_the_declared_one_in_other_units() -> None:
    parameter = catalogue().parameter("spread.dispersion")
    ratio = parse_unit("cm^2/s").ratio_to(parse_unit(parameter.unit))
    assert (parameter.low, parameter.high) == pytest.approx((1e-7 * ratio, 1e-6 * ratio))


def test_landmarks_are_midline_or_paired() -> None:
    assert not MIDLINE_LANDMARKS & PAIRED_LANDMARKS
    assert LANDMARKS == MIDLINE_LANDMARKS | PAIRED_LANDMARKS


def test_records_cannot_be_changed() -> None:
    from pydantic import ValidationError

    with pytest.raises(ValidationError):
        catalogue().product("onabotulinumtoxin_a").name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("kind", "listed"),
    [
        ("product", "products"),
        ("pattern", "patterns"),
        ("muscle", "muscles"),
        ("parameter", "parameters"),
        ("study", "studies"),
        ("endpoint", "endpoints"),
        ("result", "results"),
        ("unwanted", "adverse"),
        ("source", "sources"),
    ],
)
def test_an_unknown_name_gets_the_nearest_ones(kind: str, listed: str) -> None:
    table = getattr(catalogue(), listed)
    name = next(iter(table))
    with pytest.raises(CatalogueError, match=f"Did you mean .*`{name}`") as caught:
        getattr(catalogue(), kind)(name[:-1] + "x")
    assert f"endplate list {listed}" in str(caught.value)


def test_the_version_follows_the_text_of_the_files(tmp_path: object) -> None:
    assert catalogue().version == type(catalogue())().version
    assert len(catalogue().version) == 12


def test_no_text_of_the_data_names_a_machine() -> None:
    texts = [path.read_text(encoding="utf-8") for path in catalogue().folder.rglob("*") if path.is_file()]
    marks = ("http" + "://", "https" + "://", "/home/", "/tmp/")
    assert not [mark for text, mark in itertools.product(texts, marks) if mark in text]
