"""Our models written as SBML: valid, the same every time, and the same course when an independent reader solves them.

The reader here knows nothing of ours: it takes libsbml's trees from the text and integrates what they say.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from endplate.errors import ExchangeError
from endplate.model.junction.entry import FOUR_STEP_HUMAN, entry_course
from endplate.model.junction.own_sbml import chain_sbml, junction_sbml
from endplate.model.junction.sbml import read_linear_model
from endplate.model.junction.solved_population import solve_population
from endplate.model.parameters import ParameterSet, point_parameters

libsbml = pytest.importorskip("libsbml")


def value_of(node: Any, names: dict[str, float]) -> float:
    """A formula's value."""
    kind, parts = node.getType(), [node.getChild(i) for i in range(node.getNumChildren())]
    if kind == libsbml.AST_NAME_TIME:
        return names["time"]
    if kind == libsbml.AST_NAME:
        return names[node.getName()]
    if node.isNumber():
        return float(node.getValue())
    values = [value_of(part, names) for part in parts]
    known = {
        libsbml.AST_PLUS: lambda: sum(values),
        libsbml.AST_MINUS: lambda: -values[0] if len(values) == 1 else values[0] - sum(values[1:]),
        libsbml.AST_TIMES: lambda: math.prod(values),
        libsbml.AST_DIVIDE: lambda: values[0] / values[1],
        libsbml.AST_POWER: lambda: values[0] ** values[1],
        libsbml.AST_FUNCTION_POWER: lambda: values[0] ** values[1],
        libsbml.AST_FUNCTION_LN: lambda: math.log(values[0]),
        libsbml.AST_FUNCTION_MIN: lambda: min(values),
        libsbml.AST_RELATIONAL_GEQ: lambda: float(values[0] >= values[1]),
    }
    return known[kind]()


def solved(text: str, times: np.ndarray, wanted: str) -> np.ndarray:
    """The course of one symbol; events whose trigger is `time >= a constant`, in one go each."""
    document = libsbml.readSBMLFromString(text)
    model = document.getModel()
    fixed = {p.getId(): p.getValue() for p in model.getListOfParameters() if p.getConstant()}
    rules = list(model.getListOfRules())
    assigned = [(r.getVariable(), r.getMath()) for r in rules if r.isAssignment()]
    rated = [(r.getVariable(), r.getMath()) for r in rules if r.isRate()]
    pools = [s.getId() for s in model.getListOfSpecies()]
    states = [*pools, *(name for name, _ in rated)]
    start = [s.getInitialAmount() for s in model.getListOfSpecies()]
    start += [model.getParameter(name).getValue() for name, _ in rated]

    def names(time: float, y: np.ndarray) -> dict[str, float]:
        found = {**fixed, **dict(zip(states, y, strict=True)), "time": time}
        for name, math_of in assigned:
            found[name] = value_of(math_of, found)
        return found

    def slope(time: float, y: np.ndarray) -> list[float]:
        found, change = names(time, y), dict.fromkeys(states, 0.0)
        for reaction in model.getListOfReactions():
            rate = value_of(reaction.getKineticLaw().getMath(), found)
            for side, sign in ((reaction.getListOfReactants(), -1), (reaction.getListOfProducts(), 1)):
                for reference in side:
                    change[reference.getSpecies()] += sign * rate * reference.getStoichiometry()
        change |= {name: value_of(math_of, found) for name, math_of in rated}
        return [change[name] for name in states]

    y, now, rows = np.array(start), 0.0, {}
    jumps = [(value_of(e.getTrigger().getMath().getChild(1), fixed), e) for e in model.getListOfEvents()]
    for until, event in [*sorted(jumps, key=lambda jump: jump[0]), (times[-1], None)]:
        inside = times[(times >= now) & ((times < until) | (event is None))]
        run = solve_ivp(slope, (now, until), y, "LSODA", dense_output=True, rtol=1e-9, atol=1e-12)
        rows |= {t: names(t, run.sol(t))[wanted] for t in inside}
        y, now = run.y[:, -1].copy(), until
        for assignment in event.getListOfEventAssignments() if event else ():
            y[states.index(assignment.getVariable())] = value_of(assignment.getMath(), names(now, y))
    return np.array([rows[t] for t in times])


def junction(**changes: float) -> tuple[ParameterSet, str]:
    parameters = point_parameters().replaced(**changes)
    return parameters, junction_sbml(parameters, 8.0)


def chain() -> str:
    return chain_sbml(("bulk", "free", "bound", "internalised", "lytic"), FOUR_STEP_HUMAN.chain)


@pytest.mark.parametrize("write", [lambda: junction()[1], chain], ids=["junction", "chain"])
def test_a_document_is_consistent_with_its_units_and_written_the_same_twice(write):
    text = write()
    document = libsbml.readSBMLFromString(text)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, True)
    document.checkConsistency()
    found = [document.getError(i).getMessage() for i in range(document.getNumErrors())]
    assert not found
    assert (document.getLevel(), document.getVersion()) == (3, 2)
    assert text == write()


@pytest.mark.parametrize("changes", [{}, {"junction__lag": 1.3, "junction__release_power": 3.0}])
def test_the_junction_in_sbml_has_the_course_of_ours(changes):
    parameters, text = junction(**changes)
    ours = solve_population(parameters, np.array([8.0]), 60, fineness=2)[:, 0]
    assert ours.min() < 0.1
    np.testing.assert_allclose(solved(text, np.arange(61.0), "quantal_content"), ours, atol=2e-7)


def test_the_chain_in_sbml_has_the_course_of_ours():
    minutes = np.arange(0.0, 30_001.0, 3000.0)
    found = solved(chain(), minutes, "lytic")
    np.testing.assert_allclose(found, entry_course(FOUR_STEP_HUMAN, minutes)[:, -1], atol=1e-7)


def test_a_value_that_is_not_finite_and_a_name_that_sbml_does_not_take_are_refused_in_a_line():
    with pytest.raises(ExchangeError, match="lag"):
        junction(junction__lag=math.nan)
    with pytest.raises(ExchangeError, match="two words"):
        chain_sbml(("two words",), (1.0,))
    with pytest.raises(ExchangeError, match="3 rates of 2 pools"):
        chain_sbml(("a", "b"), (1.0, 1.0, 1.0))
    with pytest.raises(ExchangeError, match="per fortnight"):
        chain_sbml(("a",), (1.0,), time_unit="fortnight")


def test_our_own_reader_takes_the_chain_back():
    rates = [0.2, 0.05, 0.01]
    found = read_linear_model(chain_sbml(["bulk", "free", "bound", "in"], rates).encode())
    assert found.species == ("bulk", "free", "bound", "in")
    assert np.allclose(np.diag(found.matrix), [-0.2, -0.05, -0.01, 0.0])
