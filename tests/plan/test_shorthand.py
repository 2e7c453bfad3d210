"""A pattern named by a session, or a site of it named by an injection, becomes complete injections."""

from __future__ import annotations

import pytest

from endplate.catalogue import catalogue
from endplate.errors import EndplateError
from endplate.plan import Injection, parse_plan, plan_to_toml

NAME = "glabellar_lines.onabotulinumtoxin_a"
HEAD = f"""\
schema = "endplate/plan/1"
[patient]
age = 45
sex = "female"
[[sessions]]
date = 2026-03-02
pattern = "{NAME}"
"""
VIAL = "reconstitution = {{ vial_units = 100, diluent_ml = {} }}\n"


def injections(text: str) -> tuple[Injection, ...]:
    return parse_plan(text).sessions[0].injections


def test_a_pattern_becomes_all_its_sites_at_label_units_and_volumes() -> None:
    session = parse_plan(HEAD).sessions[0]
    sites = catalogue().pattern(NAME).sites
    for injection, site in zip(session.injections, sites, strict=True):
        for name in ("muscle", "side", "landmark", "offset_mm", "along", "depth_mm", "units", "volume_ml"):
            assert getattr(injection, name) == getattr(site, name)
        assert (injection.pattern, injection.site) == (NAME, site.id)
    assert [injection.id for injection in session.injections] == ["s1.1", "s1.2", "s1.3", "s1.4", "s1.5"]
    assert (session.product, session.indication) == ("onabotulinumtoxin_a", ("glabellar_lines",))
    assert session.pattern == (NAME,)


@pytest.mark.parametrize("name", sorted(catalogue().patterns))
def test_every_pattern_of_the_catalogue_can_be_planned(name: str) -> None:
    plan = parse_plan(HEAD.replace(NAME, name))
    assert len(plan.sessions[0].injections) == len(catalogue().pattern(name).sites)
    assert all(one.layer or one.depth_mm for one in plan.sessions[0].injections)
    assert parse_plan(plan_to_toml(plan)) == plan


def test_an_injection_takes_the_place_of_the_site_it_names() -> None:
    own = f'[[sessions.injections]]\npattern = "{NAME}"\nsite = "procerus"\nunits = 6\ndepth_mm = 3\n'
    first, *others = injections(HEAD + VIAL.format(2.5) + own)
    assert (first.site, first.units, first.volume_ml, first.depth_mm, first.layer) == (
        "procerus",
        6,
        0.15,
        3,
        None,
    )
    assert len(others) == 4
    assert all(other.site != "procerus" for other in others)


def test_changed_units_without_a_vial_keep_the_label_concentration() -> None:
    own = f'[[sessions.injections]]\npattern = "{NAME}"\nsite = "procerus"\nunits = 6\n'
    assert injections(HEAD + own)[0].volume_ml == pytest.approx(0.15)


def test_further_injections_are_added() -> None:
    own = '[[sessions.injections]]\nlandmark = "brow_mid"\noffset_mm = [0, 25]\nmuscle = "frontalis"\n'
    found = injections(HEAD + own + 'side = "right"\nunits = 2\nvolume_ml = 0.05\n')
    assert len(found) == 6
    assert (found[0].muscle, found[0].layer, found[0].side) == ("frontalis", "muscle", "right")


def test_a_written_id_is_kept_and_not_given_twice() -> None:
    own = f'[[sessions.injections]]\nid = "s1.2"\npattern = "{NAME}"\nsite = "procerus"\n'
    assert [one.id for one in injections(HEAD + own)] == ["s1.2", "s1.3", "s1.4", "s1.5", "s1.6"]


def test_a_dilution_that_is_not_the_label_s_asks_for_volumes() -> None:
    with pytest.raises(EndplateError) as caught:
        parse_plan(HEAD + VIAL.format(1.0))
    line = str(caught.value)
    assert "session 1, injection 1 (procerus of glabellar" in line
    assert "vial arithmetic does not fit" in line
    assert "Dissolve to 40 U/mL" in line
    assert "volume_ml = 0.04" in line


def test_where_a_label_rounds_the_vial_decides() -> None:
    text = HEAD.replace(NAME, "glabellar_lines.daxibotulinumtoxin_a") + VIAL.format(1.2)
    assert {one.volume_ml for one in injections(text)} == {8 / (100 / 1.2)}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('site = "procerus"\nside = "left"', "side = left contradicts the pattern, which has midline"),
        ('site = "procerus"\nmuscle = "frontalis"', "muscle = frontalis contradicts the pattern"),
        ('site = "procerus"\nat_mm = [0, 0, 0]', "exactly one site form, found: pattern, at_mm"),
        ('site = "procerus"\nlandmark = "nasion"', "landmark = nasion contradicts the pattern"),
        ('site = "proceru"', "Unknown site of pattern"),
        ("", "`pattern` is given without `site`"),
    ],
)
def test_a_pattern_site_cannot_be_bent(line: str, words: str) -> None:
    with pytest.raises(EndplateError) as caught:
        parse_plan(HEAD + f'[[sessions.injections]]\npattern = "{NAME}"\n{line}\n')
    assert words in str(caught.value)


def test_a_site_is_injected_once() -> None:
    own = f'[[sessions.injections]]\npattern = "{NAME}"\nsite = "procerus"\n'
    with pytest.raises(EndplateError, match="injected twice in one session"):
        parse_plan(HEAD + own + own)
    with pytest.raises(EndplateError, match="must not name the same thing twice"):
        parse_plan(HEAD.replace(f'"{NAME}"', f'["{NAME}", "{NAME}"]'))
