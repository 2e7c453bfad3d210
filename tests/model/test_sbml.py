"""SBML files of first-order reactions: the two published ones are reproduced, everything else is refused politely."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endplate.errors import ExchangeError
from endplate.model.junction import entry, sbml

pytest.importorskip("libsbml")
DATA = Path(__file__).parent / "data"
MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">'
SBML = '<sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4">'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>' + SBML
PIECES = [
    b"<exp/>",
    b'"-1"',
    b'"1e400"',
    b"<ci>B</ci>",
    b"<apply>",
    b"</apply>",
    b"<cn/>",
    b'"A"',
    b"&amp;",
    b"<",
]
LAW = "<apply><times/><ci>k</ci><ci>A</ci></apply>"


def tiny(law: str = LAW, more: str = "", species: str = "", size: float = 1.0, k: str = "0.5") -> bytes:
    """A model A -> B with a kinetic law to try."""
    return f"""{HEAD}<model id="tiny">{more.split("@")[0]}
    <listOfCompartments><compartment id="c" size="{size}"/></listOfCompartments>
    <listOfSpecies><species id="A" compartment="c" initialConcentration="2"/>
    <species id="B" compartment="c" initialConcentration="0"/>{species}</listOfSpecies>
    <listOfParameters><parameter id="k" value="{k}"/></listOfParameters>{more.partition("@")[2]}
    <listOfReactions><reaction id="r" reversible="false">
    <listOfReactants><speciesReference species="A"/></listOfReactants>
    <listOfProducts><speciesReference species="B"/></listOfProducts>
    <kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML">{law}</math></kineticLaw>
    </reaction></listOfReactions></model></sbml>""".encode()


def refusal(data: bytes) -> str:
    with pytest.raises(ExchangeError) as caught:
        sbml.read_linear_model(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "rates"), [("BIOMD0000000267", entry.THREE_STEP), ("BIOMD0000000178", entry.FOUR_STEP_HUMAN)]
)
def test_a_published_file_is_our_chain(name: str, rates: entry.EntryRates) -> None:
    model = sbml.read_linear_model(DATA / f"{name}.xml")
    times = np.linspace(0, 30_000, 121)
    course = model.course(times)
    assert np.max(np.abs(course - entry.entry_course(rates, times))) < 1e-12
    assert np.max(np.abs(model.output("tension", course) - entry.tension(rates, times))) < 1e-12
    assert model.time_unit_s == 60.0


def test_a_published_file_gives_the_benchmarks_b1_b2_b4() -> None:
    three, four = (sbml.read_linear_model(DATA / f"BIOMD0000000{n}.xml") for n in (267, 178))
    tension = three.output("tension", three.course([0.0, 39.699742982655906, 204.08151841555798]))
    assert tension == pytest.approx([1, 0.799, 0.1], abs=5e-4)
    assert tension[2] == pytest.approx(0.1, rel=1e-10)
    course = four.course([15367.830999336606, 15452.29728050937])
    assert four.output("tension", course)[1] == pytest.approx(0.1, rel=1e-8)
    assert four.output("BoNT", course)[0] == pytest.approx(0.1, rel=1e-8)


def test_files_outside_the_subset_are_refused_with_their_reason() -> None:
    assert "event" in refusal((DATA / "BIOMD0000000001.xml").read_bytes())
    assert "multiplies two changing species" in refusal((DATA / "BIOMD0000000002.xml").read_bytes())


@pytest.mark.parametrize(
    ("law", "rate"),
    [
        (LAW, 0.5),
        ("<apply><times/><ci>A</ci><cn>2</cn><ci>k</ci><ci>c</ci></apply>", 1.0),
        ("<apply><divide/><apply><times/><ci>k</ci><ci>A</ci></apply><cn>4</cn></apply>", 0.125),
        ("<apply><times/><apply><power/><ci>k</ci><cn>2</cn></apply><ci>A</ci></apply>", 0.25),
        ('<apply><times/><cn type="rational">1<sep/>8</cn><ci>A</ci></apply>', 0.125),
        ('<apply><times/><cn type="e-notation">2<sep/>-1</cn><ci>A</ci></apply>', 0.2),
        (f"<apply><minus/>{LAW}<apply><times/><cn>0.1</cn><ci>A</ci></apply></apply>", 0.4),
    ],
)
def test_any_way_to_write_a_first_order_law_is_read(law: str, rate: float) -> None:
    model = sbml.read_linear_model(tiny(law))
    assert model.matrix == pytest.approx(np.array([[-rate, 0], [rate, 0]]), rel=1e-14)
    assert model.course([3.0])[0] == pytest.approx(
        [2 * np.exp(-3 * rate), -2 * np.expm1(-3 * rate)], rel=1e-12
    )


def test_a_compartment_of_another_size_divides_the_amount() -> None:
    model = sbml.read_linear_model(tiny(size=4.0))
    assert model.matrix == pytest.approx(np.array([[-0.125, 0], [0.125, 0]]))


def test_a_function_and_an_assigned_parameter_are_expanded() -> None:
    function = """<listOfFunctionDefinitions><functionDefinition id="f"><math xmlns="http://www.w3.org/1998/Math/MathML">
    <lambda><bvar><ci>x</ci></bvar><bvar><ci>y</ci></bvar><apply><times/><ci>x</ci><ci>y</ci></apply></lambda></math>
    </functionDefinition></listOfFunctionDefinitions>@"""
    model = sbml.read_linear_model(tiny("<apply><ci>f</ci><ci>k</ci><ci>A</ci></apply>", function))
    assert model.matrix[0, 0] == -0.5


def test_a_reversible_law_and_a_boundary_species_keep_their_roles() -> None:
    back = "<apply><minus/>" + LAW + "<apply><times/><cn>0.1</cn><ci>B</ci></apply></apply>"
    assert sbml.read_linear_model(tiny(back)).matrix == pytest.approx(np.array([[-0.5, 0.1], [0.5, -0.1]]))
    fixed = (
        '<species id="L" compartment="c" initialConcentration="3" boundaryCondition="true" constant="true"/>'
    )
    model = sbml.read_linear_model(
        tiny("<apply><times/><ci>k</ci><ci>L</ci><ci>A</ci></apply>", species=fixed)
    )
    assert model.matrix[:2, 0] == pytest.approx([-1.5, 1.5])
    assert model.course([1.0])[0, 2] == 3.0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (tiny("<apply><times/><ci>A</ci><ci>B</ci></apply>"), "two changing species"),
        (tiny("<apply><divide/><ci>A</ci><apply><plus/><ci>k</ci><ci>A</ci></apply></apply>"), "denominator"),
        (tiny("<apply><power/><ci>A</ci><cn>2</cn></apply>"), "power"),
        (tiny("<ci>k</ci>"), "zero-order"),
        (tiny("<apply><exp/><ci>A</ci></apply>"), "other than sums"),
        (tiny("<apply><times/><ci>k</ci><ci>B</ci></apply>"), "not first order in the species"),
        (tiny(k="-0.5"), "not first order in the species"),
        (tiny(k="INF"), "no finite value"),
        (tiny("<apply><times/><ci>nothing</ci><ci>A</ci></apply>"), "no value"),
        (tiny("<apply><divide/><ci>A</ci><cn>0</cn></apply>"), "divides by zero"),
        (tiny(species='<species id="A" compartment="c" initialConcentration="1"/>'), "given twice"),
        (tiny(size=-1.0), "no positive size"),
        (b"", "not XML"),
        (b"\x00\xff\xfe", "not UTF-8"),
        (b"<html/>", "not valid SBML"),
        (tiny().replace(b"</model>", b""), "not XML"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + tiny()[38:], "document type"),
        (HEAD.encode() + b"<a>" * 200 + b"</a>" * 200 + b"</sbml>", "nested"),
        (tiny("<apply><times/>" + "<ci>k</ci>" * 500 + "</apply>"), "more than 100 terms"),
        (b"<a>" + b" " * 2_100_000 + b"</a>", "2 MB"),
    ],
)
def test_a_file_outside_the_subset_is_one_sentence(data: bytes, reason: str) -> None:
    assert reason in refusal(data)


def test_rules_that_go_round_in_a_circle_are_refused() -> None:
    rule = '@<listOfRules><assignmentRule variable="k">' + MATH + "{}</math></assignmentRule></listOfRules>"
    assert "defined by itself" in refusal(
        tiny(more=rule.format("<apply><times/><cn>2</cn><ci>k</ci></apply>"))
    )
    start = rule.replace("assignmentRule variable", "initialAssignment symbol")
    start = start.replace("assignmentRule", "initialAssignment").replace(
        "listOfRules", "listOfInitialAssignments"
    )
    assert "the start of `k`" in refusal(tiny(more=start.format("<ci>A</ci>")))
    start = start.replace('symbol="k"', 'symbol="L"').format("<apply><times/><ci>L</ci><ci>L</ci></apply>")
    fixed = '<species id="L" compartment="c" boundaryCondition="true"/>'
    assert "defined by itself" in refusal(tiny(more=start, species=fixed))


def test_a_missing_file_and_a_missing_library_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for path in (tmp_path / "none.xml", tmp_path, "a\0b"):
        with pytest.raises(ExchangeError, match="cannot be read"):
            sbml.read_linear_model(path)
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(
        ExchangeError, match=r"python-libsbml is not installed.*pip install 'endplate\[exchange\]'"
    ):
        sbml.read_linear_model(tiny())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_mutated_files_raise_nothing_but_our_own_error(data: st.DataObject) -> None:
    content = bytearray(tiny())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 12))
        content[place : place + length] = data.draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)))
    with contextlib.suppress(ExchangeError):
        sbml.read_linear_model(bytes(content)).course([1.0])


NAMES = [f"<ci>{name}</ci>" for name in "ABckx"]
TOKENS = [*NAMES, "<cn>0</cn>", "<cn>1e308</cn>", "<pi/>", "<true/>"]


@settings(max_examples=150, deadline=None)
@given(
    law=st.recursive(
        st.sampled_from(TOKENS),
        lambda inner: st.builds(
            lambda name, parts: f"<apply><{name}/>{''.join(parts)}</apply>",
            st.sampled_from(["times", "plus", "minus", "divide", "power", "ln", "root", "and"]),
            st.lists(inner, max_size=3),
        ),
        max_leaves=8,
    )
)
def test_any_formula_is_read_or_refused(law: str) -> None:
    try:
        model = sbml.read_linear_model(tiny(law))
    except ExchangeError:
        return
    assert np.all(np.isfinite(model.matrix))
