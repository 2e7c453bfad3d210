"""The labels: every entry loads and names what exists, dates choose the text, numbers stand as the notes give them."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import make_labels
import pytest

from endplate.catalogue import catalogue
from endplate.catalogue.conditions import conditions, meant_by
from endplate.catalogue.house import zones
from endplate.catalogue.indications import indications
from endplate.catalogue.labels import LIMITS, PLACES, Label, Rule, all_labels, in_force, labels_of
from endplate.catalogue.targets import targets

EXAMPLES = Path(__file__).parents[2] / "examples"
NOT_READ = {"recall", "declared", "derived"}
PEOPLE = {"contraindication", "warning", "interaction"}
#: Products without a label, and why.
NONE = {
    "nivobotulinumtoxin_a": "approved nowhere as far as was found",
    "trenibotulinumtoxin_e": "approved nowhere as far as was found",
}
RULES = [(label, rule) for label in all_labels().values() for rule in label.rule]


def names(pair: tuple[Label, Rule]) -> str:
    return f"{pair[0].id}.{pair[1].id}"


def rule_of(label: str, name: str) -> Rule:
    return next(rule for rule in all_labels()[label].rule if rule.id == name)


def test_every_label_has_an_id_of_its_own_and_begins_with_its_brand():
    held = [label for product in catalogue().products for label in labels_of(product)]
    assert len({label.id for label in held}) == len(held)
    for label in held:
        brand = label.brand.lower().replace(" ", "_")
        assert label.id.startswith(f"{brand}.{label.jurisdiction}"), label.id
        assert label.jurisdiction in PLACES
        assert label.brand in catalogue().product(label.product).brands
        assert label.jurisdiction in catalogue().product(label.product).jurisdictions


def test_every_file_is_named_for_its_product():
    for label in all_labels().values():
        assert label in labels_of(label.product)


def test_rule_ids_are_unique_within_a_label():
    for label in all_labels().values():
        ids = [rule.id for rule in label.rule]
        assert len(set(ids)) == len(ids), label.id


def test_uses_and_rules_name_indications_that_exist():
    for label in all_labels().values():
        assert {use.indication for use in label.use} <= set(indications()), label.id
        held = {use.indication for use in label.use}
        for rule in label.rule:
            assert set(rule.indication) <= held, names((label, rule))


def test_targets_are_muscles_of_the_atlas_or_targets_outside_it():
    known = set(catalogue().muscles) | set(targets())
    for label in all_labels().values():
        for use in label.use:
            assert set(use.muscle) <= known, (label.id, use.indication)
        for rule in label.rule:
            assert {*rule.muscle, *rule.of} <= known, names((label, rule))
    assert not set(catalogue().muscles) & set(targets())


def test_sources_exist_and_nothing_from_memory_is_called_read():
    entries = [
        (where, entry.source, entry.checked)
        for label in all_labels().values()
        for where, entry in [
            (label.id, label),
            *((f"{label.id}, use {use.indication}", use) for use in label.use),
            *((names((label, rule)), rule) for rule in label.rule),
            *((f"{names((label, rule))}, beyond", says) for rule in label.rule for says in rule.beyond),
        ]
    ]
    entries += [(one.id, one.source, one.checked) for one in (*targets().values(), *conditions().values())]
    for where, source, checked in entries:
        assert checked == (catalogue().source(source).read not in NOT_READ), where


def test_every_source_of_the_labels_file_is_cited():
    path = Path(catalogue().folder) / "sources_labels.toml"
    own = {entry["id"] for entry in tomllib.loads(path.read_text("utf-8"))["source"]}
    cited = {one.source for one in (*targets().values(), *conditions().values(), *all_labels().values())}
    for label in all_labels().values():
        cited |= {use.source for use in label.use} | {rule.source for rule in label.rule}
        cited |= {says.source for rule in label.rule for says in rule.beyond}
    assert own <= cited, own - cited


@pytest.mark.parametrize("pair", RULES, ids=names)
def test_a_rule_carries_what_its_kind_needs(pair: tuple[Label, Rule]):
    _, rule = pair
    units = {
        "dose": "U", "side": "U", "muscle": "U", "site": "U", "period": "U", "sites": "sites",
        "per": "U/kg", "side_per_kg_max": "U/kg",
        "age": "years", "above": "mm", "beyond": "mm", "apart": "mm",
    }  # fmt: skip
    if rule.kind in LIMITS and rule.kind != "keep_off":
        assert rule.value is not None
        unit = (
            "mL"
            if rule.kind.startswith("site_volume")
            else units.get(rule.kind) or units.get(rule.kind.split("_")[0])
        )
        assert rule.unit == unit or (rule.kind == "interval_min" and rule.unit in {"days", "weeks", "months"})
    else:
        assert rule.value is None
    assert rule.high is None or (rule.value is not None and rule.high > rule.value)
    assert not (rule.kind.endswith("_max") and rule.high is not None), "a maximum has one number"
    assert (rule.kind == "period_max") <= (rule.period is not None)
    assert (rule.kind in {"together_with", "apart_from"}) == bool(rule.of)
    assert (rule.kind in PEOPLE or rule.kind == "keep_off") <= (rule.subject is not None)
    if rule.values:
        assert (min(rule.values), max(rule.values)) == (rule.value, rule.high)
    assert rule.says.endswith(".")


@pytest.mark.parametrize("pair", [pair for pair in RULES if pair[1].subject], ids=names)
def test_a_subject_is_a_condition_a_group_or_a_zone(pair: tuple[Label, Rule]):
    _, rule = pair
    groups = {group for one in conditions().values() for group in one.groups}
    if rule.kind in PEOPLE:
        assert rule.subject in set(conditions()) | groups
    elif rule.kind == "keep_off":
        assert rule.subject in zones()
    else:
        assert rule.subject in catalogue().muscles


def test_a_contraindication_by_allergy_names_an_allergy():
    for label, rule in RULES:
        if rule.id.endswith("_allergy"):
            assert rule.subject is not None
            assert conditions()[rule.subject].kind == "allergy", names((label, rule))


def test_every_word_stands_for_one_entry():
    for one in conditions().values():
        for word in (one.id, one.name, *one.words):
            found = meant_by(word, one.kind)
            assert found is not None
            assert found.id == one.id, word
        assert all(word == word.lower() for word in one.words), one.id


def test_every_group_has_a_member_and_is_asked_for_or_known():
    asked = {rule.subject for _, rule in RULES}
    silent = {group for one in conditions().values() for group in one.groups} - asked
    assert silent == {"bleeding_risk_medicine", "body_dysmorphic_disorder"}


def test_words_of_the_examples_are_known():
    kinds = {"conditions": "condition", "medicines": "medicine", "allergies": "allergy"}
    for path in sorted(EXAMPLES.glob("*.toml")):
        patient = tomllib.loads(path.read_text("utf-8")).get("patient", {})
        for field, kind in kinds.items():
            for word in patient.get(field, []):
                assert meant_by(word, kind), (path.name, word)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "kind", "id_", "group"),
    [
        ("Myasthenia gravis", "condition", "myasthenia_gravis", "generalised_muscle_disorder"),
        ("ALS", "condition", "amyotrophic_lateral_sclerosis", "neuromuscular_disease"),
        ("gentamicin", "medicine", "gentamicin", "aminoglycosides"),
        ("Succinylcholine", "medicine", "suxamethonium", "neuromuscular_blockers"),
        ("Aspirin", "medicine", "acetylsalicylic_acid", "antiplatelets"),
        ("Eliquis", "medicine", "apixaban", "anticoagulants"),
        ("oxybutynin", "medicine", "oxybutynin", "anticholinergics"),
        ("Dysport", "medicine", "toxin_abobotulinumtoxin_a", "other_botulinum_toxin"),
        ("cow’s milk", "allergy", "cows_milk_protein", None),
        ("high blood pressure", "condition", "hypertension", None),
    ],
)
def test_words_lead_to_entries_and_groups(word: str, kind: str, id_: str, group: str | None):
    found = meant_by(word, kind)  # type: ignore[arg-type]
    assert found is not None
    assert found.id == id_
    assert group is None or group in found.groups


def test_als_is_no_generalised_disorder_where_labels_name_it_apart():
    assert "generalised_muscle_disorder" not in conditions()["amyotrophic_lateral_sclerosis"].groups
    assert not conditions()["lactose_intolerance"].groups


def test_every_use_has_an_age():
    for label in all_labels().values():
        for use in label.use:
            ages = [
                rule
                for rule in label.rule
                if rule.kind == "age_from" and (not rule.indication or use.indication in rule.indication)
            ]
            assert len(ages) == 1, (label.id, use.indication)


def test_every_label_forbids_infection_or_says_that_it_was_not_read():
    for label in all_labels().values():
        held = {rule.subject for rule in label.rule if rule.kind == "contraindication"}
        assert "botulinum_toxin" in held, label.id
        assert "infection_at_site" in held or label.id == "dysport.sg", label.id


def test_a_text_that_is_not_whole_says_what_is_missing():
    for label in all_labels().values():
        assert label.whole == (label.missing is None), label.id
        assert not label.whole or all(rule.checked for rule in label.rule), label.id


def test_every_approved_product_has_a_label_in_each_of_its_places():
    for product in catalogue().products.values():
        places = {label.jurisdiction for label in labels_of(product.id)}
        assert set(product.jurisdictions) == places, product.id
        assert bool(places) == (product.id not in NONE)


@pytest.mark.parametrize(
    ("product", "place", "day", "labels"),
    [
        ("onabotulinumtoxin_a", "us", date(2019, 6, 1), {"botox_cosmetic.us.2019", "botox.us"}),
        ("onabotulinumtoxin_a", "us", date(2024, 9, 30), {"botox_cosmetic.us.2019", "botox.us"}),
        ("onabotulinumtoxin_a", "us", date(2024, 10, 1), {"botox_cosmetic.us.2024", "botox.us"}),
        ("onabotulinumtoxin_a", "us", date(2018, 12, 31), {"botox.us"}),
        ("onabotulinumtoxin_a", "uk", date(2026, 1, 1), {"botox.uk", "vistabel.uk"}),
        ("daxibotulinumtoxin_a", "us", date(2022, 9, 6), set()),
        ("daxibotulinumtoxin_a", "us", date(2022, 9, 7), {"daxxify.us.2022"}),
        ("daxibotulinumtoxin_a", "us", date(2026, 1, 1), {"daxxify.us.2023"}),
        ("letibotulinumtoxin_a", "us", date(2024, 2, 28), set()),
        ("letibotulinumtoxin_a", "us", date(2024, 2, 29), {"letybo.us"}),
        ("incobotulinumtoxin_a", "us", date(2015, 1, 1), {"xeomin.us.2011"}),
        ("incobotulinumtoxin_a", "us", date(2024, 6, 30), {"xeomin.us.2019"}),
        ("incobotulinumtoxin_a", "us", date(2024, 7, 1), {"xeomin.us.2024"}),
        ("incobotulinumtoxin_a", "uk", date(2015, 1, 1), {"bocouture.uk.2014", "xeomin.uk"}),
        ("abobotulinumtoxin_a", "us", date(2010, 1, 1), {"dysport.us.2009"}),
        ("abobotulinumtoxin_a", "uk", date(2026, 1, 1), {"dysport.uk", "azzalure.uk.2021"}),
        ("abobotulinumtoxin_a", "sg", date(2026, 1, 1), {"dysport.sg"}),
        ("prabotulinumtoxin_a", "us", date(2019, 1, 31), set()),
        ("relabotulinumtoxin_a", "us", date(2026, 1, 1), set()),
        ("nivobotulinumtoxin_a", "us", date(2026, 1, 1), set()),
    ],
)
def test_the_text_of_the_day_is_in_force(product: str, place: str, day: date, labels: set[str]):
    assert {label.id for label in in_force(product, place, day)} == labels


def test_uses_grow_with_the_texts():
    uses = {name: {use.indication for use in label.use} for name, label in all_labels().items()}
    assert uses["botox_cosmetic.us.2024"] - uses["botox_cosmetic.us.2019"] == {"platysma_bands"}
    assert uses["daxxify.us.2023"] - uses["daxxify.us.2022"] == {"cervical_dystonia"}
    assert uses["xeomin.us.2024"] - uses["xeomin.us.2019"] == {"forehead_lines", "lateral_canthal_lines"}
    assert uses["bocouture.uk.2016"] - uses["bocouture.uk.2014"] == {"forehead_lines"}
    assert uses["azzalure.uk.2021"] - uses["azzalure.uk.2012"] == {"lateral_canthal_lines"}


#: Typed here a second time from the reading notes: label, rule, kind, value, high, unit.
TWICE = [
    ("botox_cosmetic.us.2024", "glabella_dose", "dose", 20, None, "U"),
    ("botox_cosmetic.us.2024", "glabella_site_dose", "site_dose", 4, None, "U"),
    ("botox_cosmetic.us.2024", "canthal_dose", "dose", 24, None, "U"),
    ("botox_cosmetic.us.2024", "forehead_dose", "dose", 20, None, "U"),
    ("botox_cosmetic.us.2024", "three_areas_dose", "dose", 64, None, "U"),
    ("botox_cosmetic.us.2024", "platysma_dose", "dose", 26, 36, "U"),
    ("botox_cosmetic.us.2024", "corrugator_above_rim", "above_rim", 10, None, "mm"),
    ("botox_cosmetic.us.2024", "forehead_above_brow", "above_brow", 20, None, "mm"),
    ("botox_cosmetic.us.2024", "forehead_apart", "apart_from", 15, None, "mm"),
    ("botox_cosmetic.us.2024", "canthal_place", "beyond_canthus", 15, 20, "mm"),
    ("botox_cosmetic.us.2024", "interval", "interval_min", 3, None, "months"),
    ("botox_cosmetic.us.2024", "all_uses_max", "period_max", 400, None, "U"),
    ("botox_cosmetic.us.2019", "canthal_site_volume", "site_volume", 0.1, None, "mL"),
    ("botox.us", "age_blepharospasm", "age_from", 12, None, "years"),
    ("botox.us", "age_neck", "age_from", 16, None, "years"),
    ("botox.us", "blepharospasm_first_site", "site_dose", 1.25, 2.5, "U"),
    ("botox.us", "blepharospasm_30_days", "period_max", 200, None, "U"),
    ("botox.us", "strabismus_muscle_max", "muscle_max", 25, None, "U"),
    ("botox.us", "strabismus_volume", "site_volume", 0.05, 0.15, "mL"),
    ("botox.us", "migraine_dose", "dose", 155, None, "U"),
    ("botox.us", "axilla_side_dose", "side_dose", 50, None, "U"),
    ("botox.us", "spasticity_site_max", "site_max", 50, None, "U"),
    ("botox.uk", "lids_first_side_max", "side_max", 25, None, "U"),
    ("botox.eu", "lids_12_weeks", "period_max", 100, None, "U"),
    ("dysport.us.2020", "glabella_dose", "dose", 50, None, "U"),
    ("dysport.us.2020", "glabella_age_below", "age_below", 65, None, "years"),
    ("dysport.us.2020", "glabella_site_volume", "site_volume", 0.05, 0.08, "mL"),
    ("dysport.us.2020", "neck_sternocleidomastoid", "muscle_dose", 50, 350, "U"),
    ("dysport.us.2020", "lower_soleus", "muscle_dose", 330, 500, "U"),
    ("dysport.us.2020", "child_upper_side_max", "side_max", 640, None, "U"),
    ("dysport.us.2020", "child_upper_interval", "interval_min", 16, None, "weeks"),
    ("dysport.uk", "child_upper_per_kg_max", "per_kg_max", 21, None, "U/kg"),
    ("dysport.uk", "limb_site_volume_max", "site_volume_max", 1, None, "mL"),
    ("dysport.sg", "axilla_interval", "interval_min", 16, None, "weeks"),
    ("azzalure.uk.2021", "glabella_site_dose", "site_dose", 10, None, "U"),
    ("azzalure.eu", "interval", "interval_min", 12, None, "weeks"),
    ("alluzience.eu", "age_below", "age_below", 65, None, "years"),
    ("xeomin.us.2011", "lids_first_max", "dose_max", 70, None, "U"),
    ("xeomin.us.2011", "lids_first_side_max", "side_max", 35, None, "U"),
    ("xeomin.us.2019", "lids_first_dose", "dose", 50, None, "U"),
    ("xeomin.us.2024", "three_areas_max", "dose_max", 64, None, "U"),
    ("xeomin.us.2024", "session_max", "dose_max", 400, None, "U"),
    ("xeomin.us.2024", "saliva_interval", "interval_min", 16, None, "weeks"),
    ("xeomin.us.2024", "parotid_dose", "muscle_dose", 30, None, "U"),
    ("xeomin.eu", "neck_interval", "interval_min", 10, None, "weeks"),
    ("bocouture.uk.2016", "glabella_max", "dose_max", 30, None, "U"),
    ("bocouture.uk.2016", "forehead_dose", "dose", 10, 20, "U"),
    ("bocouture.uk.2016", "forehead_above_rim", "above_rim", 20, None, "mm"),
    ("bocouture.uk.2016", "forehead_site_volume", "site_volume", 0.05, 0.1, "mL"),
    ("bocouture.uk.2016", "canthal_side_dose", "side_dose", 12, None, "U"),
    ("jeuveau.us", "glabella_dose", "dose", 20, None, "U"),
    ("jeuveau.us", "interval", "interval_min", 3, None, "months"),
    ("daxxify.us.2022", "glabella_dose", "dose", 40, None, "U"),
    ("daxxify.us.2022", "glabella_site_dose", "site_dose", 8, None, "U"),
    ("daxxify.us.2023", "neck_dose", "dose", 125, 250, "U"),
    ("letybo.uk", "age_contraindicated", "age_contraindicated", 75, None, "years"),
    ("letybo.ca", "age_below", "age_below", 65, None, "years"),
    ("relfydess.eu", "session_max", "dose_max", 110, None, "U"),
    ("relfydess.eu", "canthal_dose", "dose", 60, None, "U"),
    ("myobloc.us", "saliva_dose", "dose", 1500, 3500, "U"),
    ("myobloc.us", "interval", "interval_min", 12, None, "weeks"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "name", "kind", "value", "high", "unit"), TWICE)
def test_numbers_are_those_of_the_notes(label, name, kind, value, high, unit):
    rule = rule_of(label, name)
    assert (rule.kind, rule.value, rule.high, rule.unit) == (kind, value, high, unit)


def test_glabella_is_a_dose_in_the_us_and_a_maximum_where_one_is_printed():
    kinds = {
        name: {rule.kind for rule in label.rule if "glabella" in rule.id and rule.unit == "U"}
        for name, label in all_labels().items()
    }
    assert "dose_max" not in kinds["botox_cosmetic.us.2024"]
    assert "dose_max" in kinds["bocouture.uk.2016"]


def test_platysma_counts_bands():
    assert rule_of("botox_cosmetic.us.2024", "platysma_dose").values == (26, 31, 36)
    assert rule_of("botox_cosmetic.us.2024", "platysma_side_dose").values == (13, 18)


def test_us_and_european_cosmetic_texts_differ_on_myasthenia():
    for name, label in all_labels().items():
        cosmetic = label.brand in {"Vistabel", "Azzalure", "Alluzience", "Bocouture", "Letybo", "Relfydess"}
        held = {(rule.kind, rule.subject) for rule in label.rule}
        if label.jurisdiction == "us":
            assert ("warning", "neuromuscular_disease") in held, name
            assert ("contraindication", "generalised_muscle_disorder") not in held, name
        elif cosmetic and label.jurisdiction in {"eu", "uk"}:
            assert ("contraindication", "generalised_muscle_disorder") in held, name


def test_milk_allergy_is_a_contraindication_of_the_us_text_only():
    named = {label.id for label, rule in RULES if rule.subject == "cows_milk_protein"}
    assert named == {"dysport.us.2009", "dysport.us.2020"}


def test_us_texts_carry_their_boxed_warning():
    for name, label in all_labels().items():
        assert ("boxed" in {rule.kind for rule in label.rule}) == (label.jurisdiction == "us"), name


def test_the_page_shows_what_the_files_hold():
    page = make_labels.PAGE.read_text("utf-8")
    assert make_labels.written(page) == page, "run `python docs/make_labels.py`"


LIMBS = {"upper_limb_spasticity": "upper_limb", "lower_limb_spasticity": "lower_limb"}
AMOUNTS = LIMITS - {"age_from", "age_below", "age_contraindicated", "interval_min", "period_max"}


def test_amounts_of_children_name_the_muscles_of_their_limb():
    for label, rule in RULES:
        if rule.kind in AMOUNTS and rule.to_age is not None and set(rule.indication) & set(LIMBS):
            regions = {targets()[muscle].region for muscle in rule.muscle}
            assert regions == {LIMBS[one] for one in rule.indication}, names((label, rule))


#: One limb, both limbs, arms and legs together: label, rule, kind, value.
CHILDREN = [
    ("dysport.us.2020", "child_upper_side_per_kg_max", "side_per_kg_max", 16),
    ("dysport.us.2020", "child_upper_side_max", "side_max", 640),
    ("dysport.us.2020", "child_lower_side_per_kg_max", "side_per_kg_max", 15),
    ("dysport.us.2020", "child_lower_per_kg_max", "per_kg_max", 30),
    ("dysport.us.2020", "child_lower_max", "dose_max", 1000),
    ("dysport.us.2020", "child_limbs_per_kg_max", "per_kg_max", 30),
    ("dysport.us.2020", "child_limbs_max", "dose_max", 1000),
    ("dysport.uk", "child_upper_side_per_kg_max", "side_per_kg_max", 16),
    ("dysport.uk", "child_upper_max", "dose_max", 840),
    ("dysport.uk", "child_lower_side_per_kg_max", "side_per_kg_max", 15),
    ("dysport.uk", "child_lower_per_kg_max", "per_kg_max", 30),
    ("dysport.uk", "child_lower_max", "dose_max", 1000),
    ("dysport.eu", "child_lower_side_per_kg_max", "side_per_kg_max", 15),
    ("dysport.eu", "child_limbs_max", "dose_max", 1000),
    ("botox.us", "child_upper_per_kg_max", "per_kg_max", 6),
    ("botox.us", "child_lower_side_per_kg_max", "side_per_kg_max", 8),
    ("botox.us", "child_limbs_per_kg_max", "per_kg_max", 10),
    ("xeomin.us.2024", "child_upper_side_per_kg_max", "side_per_kg_max", 8),
    ("xeomin.us.2024", "child_upper_side_max", "side_max", 200),
    ("xeomin.us.2024", "child_upper_per_kg_max", "per_kg_max", 16),
]


@pytest.mark.parametrize(("label", "name", "kind", "value"), CHILDREN)
def test_one_limb_has_a_maximum_of_its_own(label: str, name: str, kind: str, value: float):
    rule = rule_of(label, name)
    assert (rule.kind, rule.value, rule.from_age, rule.to_age) == (kind, value, 2, 18)


BANDS = {11.9: 0, 12: 20, 14.9: 20, 15: 30, 19: 40, 23: 50, 27: 60, 30: 75, 50: 75}


@pytest.mark.parametrize("label", ["xeomin.us.2024", "xeomin.uk", "xeomin.eu"])
@pytest.mark.parametrize(("kilograms", "units"), BANDS.items())
def test_drooling_of_children_goes_by_weight(label: str, kilograms: float, units: float):
    held = [
        rule
        for rule in all_labels()[label].rule
        if rule.kind == "dose_max"
        and rule.indication == ("sialorrhoea",)
        and rule.to_age == 18
        and (rule.from_kg or 0) <= kilograms < (rule.to_kg or 1000)
    ]
    assert [rule.value for rule in held] == [units]


def test_the_arm_of_children_excludes_cerebral_palsy_in_the_us_text():
    rule = rule_of("xeomin.us.2024", "child_arm_cerebral_palsy")
    assert (rule.kind, rule.subject, rule.from_age, rule.to_age) == ("warning", "cerebral_palsy", 2, 18)


def test_nothing_is_called_tolerated_without_the_dose_up_to_which():
    for label, rule in RULES:
        for says in rule.beyond:
            kind = (says.where, says.up_to is not None)
            assert "tolerated" not in says.says or kind == ("above", True), names((label, rule))
            assert not (says.where == "below" and says.up_to), names((label, rule))


def test_what_was_read_elsewhere_names_its_text_and_was_read():
    for label in all_labels().values():
        for entry in (*label.rule, *label.use):
            if entry.elsewhere is not None:
                assert entry.checked, (label.id, entry)
                assert not entry.elsewhere.endswith("."), (label.id, entry)
                assert len(entry.elsewhere.split()) > 1, (label.id, entry)


def test_texts_of_other_countries_are_named():
    foreign = {
        "uk": (
            "spain",
            "poland",
            "ireland",
            "_ie",
            "german",
            "french",
            "czech",
            "belgium",
            "swiss",
            "tga",
            "_hk",
        ),
        "eu": ("_uk_", "swiss", "tga", "_hk"),
    }
    for label, rule in RULES:
        if rule.checked and any(word in rule.source for word in foreign.get(label.jurisdiction, ())):
            assert rule.elsewhere, names((label, rule))


def test_bladder_is_forbidden_with_retention_stones_and_no_catheter():
    for name in ("botox.uk", "botox.eu"):
        held = {rule.subject for rule in all_labels()[name].rule if rule.kind == "contraindication"}
        assert {"urinary_retention", "unwilling_to_catheterise", "bladder_stones"} <= held


def test_other_junction_agents_are_asked_for_wherever_relaxants_are():
    for label in all_labels().values():
        held = {rule.subject for rule in label.rule if rule.kind == "interaction"}
        assert ("neuromuscular_blockers" in held) == ("junction_agents" in held), label.id
    for word in ("clindamycin", "colistin", "magnesium", "quinidine", "penicillamine", "spectinomycin"):
        found = meant_by(word, "medicine")
        assert found is not None
        assert "junction_agents" in found.groups, word


@pytest.mark.parametrize(
    ("word", "kind"),
    [("Mestinon", "medicine"), ("double vision", "condition"), ("third nerve palsy", "condition")],
)
def test_words_that_hint_at_another_illness_ask(word: str, kind: str):
    found = meant_by(word, kind)  # type: ignore[arg-type]
    assert found is not None
    assert found.asks.endswith(("?", "."))


@pytest.mark.parametrize(
    ("product", "place", "day"),
    [
        ("relabotulinumtoxin_a", "eu", date(2005, 1, 1)),
        ("letibotulinumtoxin_a", "uk", date(1999, 1, 1)),
        ("rimabotulinumtoxin_b", "us", date(1990, 1, 1)),
        ("onabotulinumtoxin_a", "us", date(1989, 12, 28)),
    ],
)
def test_a_text_without_a_date_does_not_hold_before_the_brand_was_approved(
    product: str, place: str, day: date
):
    assert in_force(product, place, day) == ()


def test_what_is_said_of_the_elderly_is_said_to_the_elderly():
    for label, rule in RULES:
        if rule.id == "elderly":
            assert rule.from_age == 65, names((label, rule))
        if rule.id == "psychological_impact":
            assert rule.indication, names((label, rule))
