"""A design file is read whole, or refused in one line that names the place and the remedy."""

from __future__ import annotations

import json
import tomllib
from itertools import combinations, pairwise
from pathlib import Path

import jsonschema
import pytest

from endplate.errors import EndplateError
from endplate.trial import design_from_dict, design_json_schema, parse_design, read_design
from endplate.trial.checks import _courses

ARM = '[[arms]]\nname = "free"\nn = 10\nproduct = "onabotulinumtoxin_a"\n'
SITE = """\
[[arms.injections]]
muscle = "procerus"
landmark = "glabella"
offset_mm = [0, -8]
units = 7
volume_ml = 0.1
"""


def validator() -> jsonschema.Draft202012Validator:
    schema = design_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_every_example_is_read_fits_the_schema_and_comes_back(example: Path) -> None:
    design = read_design(example)
    tree = tomllib.loads(example.read_text(encoding="utf-8"))
    validator().validate(json.loads(json.dumps(tree)))
    again = design.to_dict()
    validator().validate(again)
    assert design_from_dict(again) == design
    assert parse_design(json.dumps(again), "json") == design
    assert set(design.areas) <= {site for row in design.asked for site in [row.area]} | {
        row.area for row in design.lasting
    }


def test_the_examples_give_the_units_their_names_promise() -> None:
    totals = {}
    for path in Path("examples/trials").glob("*.toml"):
        design = read_design(path)
        totals |= {
            arm.name: sum(site.units for site in arm.session.injections) for arm in design.arms if arm.session
        }
    assert totals == {
        "ona 20 U": 20.0,
        "abo 50 U": 50.0,
        "abo 100 U": 100.0,
        "ona 30 U": 30.0,
        "ona 24 U": 24.0,
        "ona 64 U": 64.0,
    }


def test_units_of_every_site_can_be_replaced_or_scaled_in_the_same_volume(changed) -> None:
    line = "pattern ="
    label = changed().arms[0].session
    for text, units in (("units_per_site = 2.5", 2.5), ("scale = 0.625", 2.5)):
        arm = changed((line, f"{text}\n{line}")).arms[0]
        assert [site.units for site in arm.session.injections] == [units] * 5
        assert [site.volume_ml for site in arm.session.injections] == [s.volume_ml for s in label.injections]
    liquid = changed(
        (line, f"scale = 2\n{line}"),
        ("glabellar_lines.onabotulinumtoxin_a", "glabellar_lines.relabotulinumtoxin_a"),
    )
    sites = liquid.arms[0].session.injections
    assert {round(site.units / site.volume_ml, 6) for site in sites} == {100.0}


def test_an_arm_may_have_sites_of_its_own(changed) -> None:
    arm = changed(("+", ARM + SITE)).arms[2]
    assert arm.product == "onabotulinumtoxin_a"
    assert [(site.muscle, site.units) for site in arm.session.injections] == [("procerus", 7.0)]


def test_a_product_that_no_trial_tested_is_let_in(changed) -> None:
    name = "abobotulinumtoxin_a_solution"
    design = changed(("glabellar_lines.onabotulinumtoxin_a", f"glabellar_lines.{name}"))
    assert design.arms[0].product == name


def test_days_and_areas_that_are_left_out_are_those_of_the_trial(changed) -> None:
    design = changed(('area = "glabella"\n\n[[endpoints]]', "[[endpoints]]"))
    assert design.asked[0].days == (7, 28, 84, 140)
    assert design.asked[0].area == "glabella"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "investigator_none_mild",
            "investigator_none_mid",
            ["endpoint 1", "Unknown endpoint", "investigator_none_mild"],
        ),
        ("n = 100", "n = 0", ["arm 1", "n must be at least 1", "found 0"]),
        ("n = 100\n", "", ["arm 1", "n is missing"]),
        ("n = 100", 'n = "100"', ["arm 1", "n must be a whole number"]),
        (
            'pattern = "glabellar_lines.onabotulinumtoxin_a"',
            'product = "onabotulinumtoxin_a"',
            ["arm 1 (active)", "there is no injection"],
        ),
        ("visits = [7, 28", "visits = [-7, 28", ["visits", "day -7", "not after"]),
        ("visits = [7, 28", "visits = [0, 28", ["visits", "day 0", "not after"]),
        ("visits = [7, 28", "visits = [28, 7", ["visits", "day 7 follows day 28"]),
        ("visits = [7, 28", "visits = [28, 28", ["visits", "day 28 follows day 28"]),
        ("visits = [7, 28, 84, 140]", "visits = []", ["there is no visit"]),
        ("visits = [7, 28, 84, 140]\n", "", ["visits is missing"]),
        ("female = 1.0", "female = 0.7", ["population, sex", "add to 0.7", "must add to 1"]),
        ("female = 1.0", "female = 0.7, male = 0.4", ["population, sex", "add to 1.1"]),
        (
            "[population]",
            "[population]\nbaseline = { glabella = { moderate = 0.5, severe = 0.4 } }",
            ["population, baseline, glabella", "add to 0.9"],
        ),
        (
            "[population]",
            "[population]\nbaseline = { glabela = { moderate = 0.5, severe = 0.5 } }",
            ["Unknown area `glabela`", "`glabella`"],
        ),
        (
            "[population]",
            "[population]\nbaseline = { glabella = { mild = 0.5, severe = 0.5 } }",
            ["moderate is missing"],
        ),
        ("[population]", "[population]\nage = { mean = 40, min = 45 }", ["population, age", "mean 40"]),
        ("[population]", "[population]\nages = 3", ["population", "unknown key `ages`", "`age`"]),
        ('"placebo"\nn', '"active"\nn', ["two arms are called `active`"]),
        ('product = "placebo"', 'product = "botox"', ["arm 2", "brand of `onabotulinumtoxin_a`"]),
        ('product = "placebo"', 'product = "onabotulinumtoxin"', ["arm 2 (placebo)", "Unknown product"]),
        ('product = "placebo"', 'product = "placebo"\nscale = 2', ["arm 2", "a placebo has sites or units"]),
        (
            'pattern = "glabellar_lines.onabotulinumtoxin_a"',
            'pattern = ["glabellar_lines.onabotulinumtoxin_a", "glabellar_lines.abobotulinumtoxin_a"]',
            ["arm 1", "abobotulinumtoxin_a", "not interchangeable"],
        ),
        (
            'pattern = "glabellar_lines.onabotulinumtoxin_a"',
            'product = ["onabotulinumtoxin_a", "abobotulinumtoxin_a"]',
            ["arm 1", "product must be one name", "not interchangeable"],
        ),
        (
            'pattern = "glabellar_lines.onabotulinumtoxin_a"',
            'product = "nivobotulinumtoxin_a"\n' + SITE,
            ["arm 1", "no potency prior"],
        ),
        ("glabellar_lines.ona", "glabelar_lines.ona", ["arm 1", "Unknown pattern"]),
        (
            "pattern =",
            "scale = 2\nunits_per_site = 3\npattern =",
            ["arm 1", "both `units_per_site` and `scale`"],
        ),
        ("pattern =", "scale = 1000\npattern =", ["arm 1", "over ten of its largest vials"]),
        (
            'area = "glabella"\n\n[[endpoints]]',
            'area = "forehead"\n\n[[endpoints]]',
            ["no site in the area forehead", "frontalis"],
        ),
        (
            'area = "glabella"\n\n[[endpoints]]',
            'area = "nose"\n\n[[endpoints]]',
            ["endpoint 1", "Unknown area `nose`"],
        ),
        (
            'area = "glabella"\n\n[[endpoints]]',
            'area = "masseter"\n\n[[endpoints]]',
            ["endpoint 1", "not defined for the area masseter"],
        ),
        ("investigator_none_mild", "loss_of_none_mild_both", ["endpoint 1", "put it under [[durations]]"]),
        ("investigator_none_mild", "eyelid_force_loss", ["endpoint 1", "not by raters"]),
        ("loss_of_none_mild_both", "composite_2_grades", ["duration 1", "is no duration"]),
        ("7, 28, 84", "7, 84", ["duration 1", "day 28", "no visit lies within"]),
        ("days = [28]", "days = [0]", ["endpoint 2", "day 0 is not after"]),
        ("days = [28]", "days = [28, 28]", ["endpoint 2", "stands twice"]),
        ("days = [28]", "days = [731]", ["endpoint 2", "at most 730"]),
        ("day = 28\n", "day = 30\n", ["comparison 1", "not among the endpoints"]),
        ('against = "placebo"', 'against = "placbo"', ["comparison 1", "Unknown arm `placbo`", "`placebo`"]),
        ('against = "placebo"', 'against = "active"', ["comparison 1", "compared with itself"]),
        ("day = 28\n", 'day = 28\nkind = "non_inferiority"\n', ["comparison 1", "margin above 0"]),
        ("day = 28\n", "day = 28\nmargin = 0.1\n", ["comparison 1", "Leave out `margin`"]),
        ("[population]", "[dropout]\nby_visit = [0.1]\n[population]", ["dropout", "1 shares", "4 visits"]),
        ("[population]", "[dropout]\nshare_per_30_days = 1\n[population]", ["dropout", "below 1"]),
        (
            "[population]",
            '[population]\npreviously_treated = { share = 0.5, days_ago = 90, arm = "placebo" }',
            ["previously_treated", "is a placebo"],
        ),
        ("[population]", "[retreatment]\nmin_days = 0\n[population]", ["retreatment", "at least 1"]),
        ('schema = "endplate/trial/1"', 'schema = "endplate/plan/1"', ["schema is", "endplate/trial/1"]),
        ('schema = "endplate/trial/1"', 'schema = "endplate/trial/2"', ["newer than this program"]),
        ('schema = "endplate/trial/1"\n', "", ["schema is missing"]),
        ("title =", "tittle =", ["unknown key `tittle`", "`title`"]),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(refusal, old: str, new: str, words: list[str]) -> None:
    line = refusal((old, new))
    assert all(word.lower() in line.lower() for word in words), line


def test_a_design_without_endpoints_or_arms_is_refused() -> None:
    head = 'schema = "endplate/trial/1"\nvisits = [30]\n'
    arm = '[[arms]]\nname = "a"\nn = 1\nproduct = "placebo"\n'
    for text, words in (
        (head, "arms is missing"),
        ("arms = []\n" + head, "there is no arm"),
        (head + arm, "no endpoint"),
    ):
        with pytest.raises(EndplateError, match=words):
            parse_design(text)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.toml", None, "there is no such file"),
        ("a.yaml", b"x", "A design file ends in .toml or .json"),
        ("a.toml", b"", "the file is empty"),
        ("a.toml", b"\x00\x01", "the file is binary. A design is text"),
        ("a.toml", b"\xff\xfe", "not UTF-8"),
        ("a.toml", b"= =", "the file is not TOML"),
        ("a.json", b"{", "the file is not JSON"),
        ("a.json", b"[1]", "not a JSON table"),
        ("a.json", b'{"arms": 1, "arms": 2}', "stands twice"),
        ("a.json", b'{"schema": "endplate/trial/1", "visits": [NaN]}', "finite numbers only"),
    ],
)
def test_a_file_that_is_no_design_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EndplateError, match=words) as caught:
        read_design(path)
    assert str(caught.value).startswith(str(path))
    assert "plan" not in str(caught.value).replace(str(path), "")


def test_the_schema_refuses_what_the_reader_refuses(spoil, refusal) -> None:
    for pair in (
        ("n = 100", "n = 0"),
        ("n = 100", 'n = "1"'),
        ("title =", "tittle ="),
        ("= [28]", '= ["x"]'),
    ):
        with pytest.raises(jsonschema.ValidationError):
            validator().validate(tomllib.loads(spoil(pair)))
        assert refusal(pair)


MONTHLY = f"visits = {[28 * k for k in range(1, 27)]}"
VISITS = "visits = [7, 28, 84, 140]"
OTHERS = ("subject_none_mild", "composite_2_grades", "subject_onset", "investigator_1_grade")
MORE_ROWS = "".join(f'[[endpoints]]\nid = "{name}"\narea = "glabella"\n' for name in OTHERS)


def sites(name: str, count: int) -> str:
    """An arm of so many sites, a hair apart."""
    places = (
        SITE.replace("-8", f"{-8 + 0.01 * k:g}").replace("units = 7", "units = 0.1") for k in range(count)
    )
    return ARM.replace("free", name) + "".join(places)


def placebos(count: int) -> str:
    return "".join(f'[[arms]]\nname = "p{k}"\nn = 9\nproduct = "placebo"\n' for k in range(count))


def test_a_design_as_large_as_any_real_trial_is_let_in(changed) -> None:
    again = "[retreatment]\nmin_days = 84\nat_most = 2\n\n[population]"
    diary = f'[[endpoints]]\nid = "subject_onset"\narea = "glabella"\ndays = {list(range(1, 31))}\n'
    design = changed(
        (VISITS, MONTHLY),
        ("[population]", again),
        ("+", sites("a", 60) + sites("b", 60) + placebos(2) + diary),
    )
    assert len(design.visits) == 26 and len(design.arms) == 6


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (
            [("days = [28]", f"days = {list(range(1, 122))}")],
            ["people are graded on 122 days", "Allowed: 120", "Name fewer days"],
        ),
        (
            [
                (VISITS, f"visits = {list(range(1, 61))}"),
                ("[[comparisons]]", f"{MORE_ROWS}[[comparisons]]"),
                ("+", placebos(18)),
            ],
            ["6,020 rates", "Allowed: 5,000"],
        ),
        ([("+", sites("a", 500) + sites("b", 496))], ["1,001 sites", "Allowed: 1,000"]),
        (
            [
                (VISITS, MONTHLY),
                ("[population]", "[retreatment]\nmin_days = 28\nat_most = 4\n\n[population]"),
            ],
            ["retreatment", "17,902 ways", "Allowed: 2,000", "`at_most`"],
        ),
        ([(VISITS, f"visits = {list(range(1, 62))}")], ["visits", "60"]),
        ([("+", placebos(19))], ["arms", "20"]),
    ],
)
def test_what_would_take_days_is_refused_in_one_line(refusal, pairs: list, words: list[str]) -> None:
    line = refusal(*pairs)
    assert all(part in line for part in words), line


@pytest.mark.parametrize(("least", "most"), [(1, 1), (30, 2), (60, 3), (84, 4), (700, 2)])
def test_courses_are_counted_as_by_hand(least: int, most: int) -> None:
    visits = (7, 30, 60, 84, 120, 168, 200)
    sets = [chosen for many in range(most + 1) for chosen in combinations(visits, many)]
    allowed = [one for one in sets if all(b - a >= least for a, b in pairwise((0, *one)))]
    assert _courses(visits, least, most) == len(allowed)
