"""Is the loader strict? Every rule is broken once in a small sound catalogue, and the error must name the fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from endplate.catalogue import Catalogue
from endplate.catalogue.rules import violations
from endplate.errors import CatalogueError

Break = Callable[[str, str, str], Catalogue]

SHAPE = {
    "an entry without a source": ("parameters.toml", 'source = "memory"\n', "", "`source`"),
    "an entry without a grade": ("parameters.toml", 'grade = "D"\n', "", "`grade`"),
    "an entry without a unit": ("parameters.toml", 'unit = "mm^2/s"\n', "", "`unit`"),
    "an entry without low": ("parameters.toml", "low = 1.0\n", "", "`low`"),
    "a grade that does not exist": ("parameters.toml", 'grade = "D"', 'grade = "E"', "`grade`"),
    "a number in quotes": ("parameters.toml", "value = 2.0", 'value = "2.0"', "`value`"),
    "a truth value for a number": ("parameters.toml", "value = 2.0", "value = true", "`value`"),
    "a number that is not finite": ("parameters.toml", "value = 2.0", "value = nan", "`value`"),
    "a checked that is not true or false": (
        "parameters.toml",
        "checked = false",
        'checked = "no"',
        "`checked`",
    ),
    "an unknown field": ("parameters.toml", "drawn = true", "drawn = true\ncolour = 3", "`colour`"),
    "an id with capitals": ("parameters.toml", '"spread.width"', '"Spread.Width"', "`id`"),
    "a negative dose": ("patterns.toml", "units = 4", "units = -4", "`sites.0.units`"),
    "a volume of zero": ("patterns.toml", "volume_ml = 0.1", "volume_ml = 0", "`sites.0.volume_ml`"),
    "a place beyond the muscle": ("patterns.toml", "along = 0.45", "along = 1.45", "`sites.2.along`"),
    "a pattern without a reading date": ("patterns.toml", "read_on = 2026-11-22\n", "", "`read_on`"),
    "a side that does not exist": ("patterns.toml", 'side = "midline"', 'side = "top"', "`sites.0.side`"),
    "an unknown serotype": ("products.toml", 'serotype = "A"', 'serotype = "Z"', "`serotype`"),
    "a vial of no units": ("products.toml", "vials_u = [100]", "vials_u = [0]", "`vials_u.0`"),
    "a doubled id": ("parameters.toml", '"anatomy.depth"', '"spread.width"', "stands twice"),
    "a doubled key": ("parameters.toml", "value = 2.0", "value = 2.0\nvalue = 3.0", "not valid TOML"),
    "a table of another kind": ("parameters.toml", "[[parameter]]", "[[number]]\n[[parameter]]", "`number`"),
    "no table at all": ("sources.toml", "[[source]]", "[other]\n[[source]]", "`other`"),
}

MEANING = {
    "an unknown source": ("parameters.toml", 'source = "memory"', 'source = "rumour"', "cites `rumour`"),
    "an unknown source of a dimension": ("muscles.toml", 'source = "paper"', 'source = "rumour"', "`rumour`"),
    "an unknown source of an amount": ("products.toml", 'amount_source = "paper"', 'amount_source = "x"', "`x`"),
    "an orphan source": (
        "sources.toml",
        '[[source]]\nid = "paper"',
        '[[source]]\nid = "alone"\ncitation = "A"\nkind = "study"\nread = "table"\n[[source]]\nid = "paper"',
        "`alone` is cited by no entry",
    ),
    "a recalled number called checked": (
        "parameters.toml", "checked = false", "checked = true", "was not read (recall)"
    ),
    "a recalled geometry called checked": (
        "patterns.toml", "geometry_checked = false", "geometry_checked = true", "was not read"
    ),
    "an id in two tables": ("parameters.toml", '"spread.width"', '"procerus"', "stands in 2 tables"),
    "a unit that cannot be read": ("parameters.toml", '"mm^2/s"', '"furlong"', "`furlong`"),
    "a fact in an unreadable unit": ("muscles.toml", 'unit = "mm"', 'unit = "mm2"', "`mm2`"),
    "low above its value": ("parameters.toml", "low = 1.0", "low = 2.5", "low 2.5 is above"),
    "high below its value": ("parameters.toml", "high = 3.0", "high = 1.5", "high 1.5 is below"),
    "a dimension with low above its value": ("muscles.toml", "low = 10", "low = 21", "low 21 is above"),
    "a log scale down to zero": ("parameters.toml", "low = 1.0", "low = 0.0", "log scale"),
    "a declared value without a reason": ("parameters.toml", 'note = "declared"\n', "", "needs a note"),
    "an animal's number with a grade for man": ("parameters.toml", 'grade = "D"', 'grade = "B"', "is for man"),
    "the best grade without a primary text": (
        "muscles.toml", 'source = "paper", checked = true', 'source = "memory", checked = false', "best grade"
    ),
    "a pattern under another name": ("patterns.toml", '"lines.toxin_a"', '"marks.toxin_a"', "begin with"),
    "a pattern of an unknown product": (
        "patterns.toml", 'product = "toxin_a"', 'product = "toxin_b"', "unknown product `toxin_b`"
    ),
    "a site in an unknown muscle": ("patterns.toml", '"procerus"', '"procerous"', "unknown muscle `procerous`"),
    "a site at an unknown landmark": ("patterns.toml", '"nasion"', '"forelock"', "unknown landmark"),
    "a landmark without an offset": ("patterns.toml", "offset_mm = [0, 3], ", "", "go together"),
    "a site with two kinds of place": (
        "patterns.toml", "along = 0.45", 'along = 0.45, landmark = "pupil", offset_mm = [0, 0]', "either"
    ),
    "an eye muscle reached by a landmark": (
        "patterns.toml", "along = 0.45", 'landmark = "pupil", offset_mm = [0, 0]', "uses `along`"
    ),
    "a face muscle reached along": (
        "patterns.toml", 'landmark = "nasion", offset_mm = [0, 3]', "along = 0.5", "uses a landmark"
    ),
    "a midline site off the midline": ("patterns.toml", "[0, 3]", "[1, 3]", "not on its side"),
    "a left site on the right": ("patterns.toml", "[3, 3]", "[-3, 3]", "not on its side"),
    "a midline site at a paired landmark": ("patterns.toml", '"nasion"', '"brow_mid"', "midline landmark"),
    "two sites of one name": ("patterns.toml", 'id = "b"', 'id = "a"', "stands 2 times"),
    "sites that miss the printed total": ("patterns.toml", "label_total_u = 12", "label_total_u = 20", "add up to"),
    "a site outside the printed range": ("patterns.toml", "[2, 5]", "[2, 3]", "outside the 2-3 U"),
    "a dilution that the product does not list": (
        "patterns.toml", "volume_ml = 0.1", "volume_ml = 0.2", "no dilution"
    ),
    "assumed geometry without a word": ("patterns.toml", 'note = "places declared"\n', "", "needs a note"),
    "a product fact without evidence": (
        "products.toml", 'vials_u = { source = "paper", checked = true }\n', "", "`vials_u` has no evidence"
    ),
    "an empty product fact without a word": ("products.toml", "vials_u = [100]\n", "", "`vials_u` is empty"),
    "a fact both given and missing": (
        "products.toml", "[product.evidence]", '[product.missing]\nform = "x"\n[product.evidence]', "called missing"
    ),
    "evidence for no field": ("products.toml", "form = { source", "shape = { source", "`shape` is no field"),
    "a powder with a concentration": (
        "products.toml", "vials_u = [100]", "vials_u = [100]\nconcentration_u_per_ml = 40", "powder"
    ),
    "a liquid without a concentration": ("products.toml", 'form = "powder"', 'form = "liquid"', "concentration"),
    "a powder without a time of use": ("products.toml", "use_within", "# use_within", "`use_within`"),
    "a dilution of no vial": ("products.toml", "vial_u = 100", "vial_u = 150", "none of its vials"),
    "an amount without a source": ("products.toml", ', amount_source = "paper"', "", "go together"),
    "a toxin mass in an unreadable unit": ("products.toml", '"pg/U"', '"pg per U"', "`pg per U`"),
    "a toxin mass outside its interval": ("products.toml", "low = 4", "low = 5.5", "above its value"),
    "an unknown antagonist": ("muscles.toml", '["medial_rectus"]', '["nobody"]', "unknown antagonist"),
    "a muscle without its thickness": (
        "muscles.toml",
        'thickness_mm = { value = 1.5, low = 1, high = 2, grade = "A", source = "paper", checked = true }\n',
        "",
        "`thickness_mm` is missing",
    ),
    "an unknown class prior": ("muscles.toml", '"anatomy.depth"', '"anatomy.height"', "unknown class prior"),
    "other numbers than the class prior": ("muscles.toml", "high = 8, grade", "high = 9, grade", "not those of"),
    "a class prior called measured": ("muscles.toml", '8, grade = "D"', '8, grade = "B"', "has grade D"),
    "a declared length without a word": ("muscles.toml", ', note = "declared here"', "", "class prior or a note"),
    "a smooth muscle of another class": (
        "muscles.toml", 'source = "memory"', 'smooth = true\nsource = "memory"', "disagree"
    ),
    "an observation of an unknown product": ("evidence_muscle.toml", '"toxin_a"', '"toxin_c"', "unknown product"),
    "an observation out of order": ("evidence_muscle.toml", "low = 0.5", "low = 0.65", "not in order"),
    "an error without its basis": ("evidence_muscle.toml", 'error_basis = "declared"\n', "", "go together"),
    "a fitted row without an error": (
        "evidence_muscle.toml", 'error = 0.05\nerror_basis = "declared"\n', "", "a value (or a bound) and an error"
    ),
    "an observation in an unreadable unit": ("evidence_muscle.toml", 'unit = "1"', 'unit = "stone"', "`stone`"),
}  # fmt: skip


def test_the_small_catalogue_is_sound(small: Catalogue) -> None:
    small.validate()


@pytest.mark.parametrize("name", SHAPE)
def test_a_record_of_the_wrong_shape_is_refused(name: str, broken: Break) -> None:
    file, old, new, told = SHAPE[name]
    book = broken(file, old, new)
    with pytest.raises(CatalogueError) as caught:
        book.validate()
    assert told in str(caught.value) and file in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", MEANING)
def test_a_broken_rule_is_named(name: str, broken: Break) -> None:
    file, old, new, told = MEANING[name]
    book = broken(file, old, new)
    assert [line for line in violations(book) if told in line]
    with pytest.raises(CatalogueError) as caught:
        book.validate()
    assert "\n" not in str(caught.value)


def test_a_site_in_smooth_muscle_is_refused(broken: Break) -> None:
    book = broken("muscles.toml", 'muscle_class = "mimic"', 'muscle_class = "smooth"\nsmooth = true')
    with pytest.raises(CatalogueError, match="smooth muscle and no target"):
        book.validate()


def test_a_pattern_with_an_empty_list_of_sites_is_refused(small: Catalogue) -> None:
    path = small.folder / "patterns.toml"
    head = path.read_text(encoding="utf-8").split("sites = [")[0].replace("label_total_u = 12\n", "")
    path.write_text(head + "sites = []\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="has no sites"):
        Catalogue(small.folder).validate()


def test_a_violation_tells_how_many_more_there_are(broken: Break) -> None:
    book = broken("patterns.toml", 'product = "toxin_a"', 'product = "toxin_b"')
    with pytest.raises(CatalogueError, match=r"And \d+ more\."):
        book.validate()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00binary", b"[[parameter]", b"parameter = 3"])
def test_a_file_that_is_no_table_is_refused(content: bytes, small: Catalogue) -> None:
    (small.folder / "parameters.toml").write_bytes(content)
    with pytest.raises(CatalogueError, match=r"parameters\.toml"):
        Catalogue(small.folder).validate()


def test_a_missing_file_is_refused(small: Catalogue) -> None:
    Path(small.folder / "muscles.toml").unlink()
    with pytest.raises(CatalogueError, match=r"muscles\.toml cannot be read"):
        Catalogue(small.folder).validate()


def test_an_observation_in_two_files_is_refused(small: Catalogue) -> None:
    first = small.folder / "evidence_muscle.toml"
    (small.folder / "evidence_spread.toml").write_text(first.read_text("utf-8"), "utf-8")
    with pytest.raises(CatalogueError, match="stands in another file too"):
        Catalogue(small.folder).validate()
