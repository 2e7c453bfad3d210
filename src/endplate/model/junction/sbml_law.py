"""The formulas of an SBML model as linear laws: constant + sum of weight x species.

The abstract syntax tree is walked once per formula with sums and products of linear laws; whatever leaves the
linear (a product of two changing species, a species in a denominator, time) is refused. No file-specific case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from endplate.errors import ExchangeError

DEEPEST = 150
MOST_NODES = 50_000


def refused(what: str) -> ExchangeError:
    """The refusal of a model outside the subset: one sentence on what was found."""
    shown = " ".join(what.split())[:240]
    return ExchangeError(
        f"{shown}.", "Only first-order mass-action models are read.", "Simulate it with an SBML simulator."
    )


@dataclass(frozen=True)
class Law:
    """constant + sum of weights[species] * species."""

    constant: float = 0.0
    weights: dict[str, float] = field(default_factory=dict)

    def __add__(self, other: Law) -> Law:
        names = {**self.weights, **other.weights}
        weights = {name: self.weights.get(name, 0.0) + other.weights.get(name, 0.0) for name in names}
        return Law(self.constant + other.constant, weights)

    def scaled(self, factor: float) -> Law:
        """The law times a number."""
        return Law(self.constant * factor, {name: weight * factor for name, weight in self.weights.items()})


class Laws:
    """Symbols and formulas of one model; `state_names` are the species without an assignment rule, in file order."""

    def __init__(self, libsbml: Any, model: Any) -> None:
        self._lib, self._model, self._nodes = libsbml, model, 0
        self._busy: set[str] = set()  # species whose start is being worked out
        self.ruled: dict[str, Any] = {}
        for rule in model.getListOfRules():
            if not rule.isAssignment():
                raise refused("It has a rate rule or an algebraic rule")
            self.ruled[rule.getVariable()] = rule.getMath()
        self._started = {a.getSymbol(): a.getMath() for a in model.getListOfInitialAssignments()}
        self._species = {s.getId(): s for s in model.getListOfSpecies()}
        records = (*model.getListOfSpecies(), *model.getListOfParameters(), *model.getListOfCompartments())
        ids = [record.getId() for record in records]
        if len(set(ids)) < len(ids) or len(self.ruled) < model.getNumRules():
            raise refused("A name is given twice")
        for compartment in model.getListOfCompartments():
            if compartment.getId() in self.ruled:
                raise refused(f"The size of compartment `{compartment.getId():.60}` changes")
        self.state_names = tuple(name for name in self._species if name not in self.ruled)

    def size_of(self, species: str) -> float:
        """Amount per unit of the species' symbol: the compartment's size, or 1 where the symbol is an amount."""
        record = self._species[species]
        compartment = self._model.getCompartment(record.getCompartment())
        if compartment is None:
            raise refused(f"Species `{species:.60}` lies in no compartment")
        if record.getHasOnlySubstanceUnits() or compartment.getSpatialDimensionsAsDouble() == 0:
            return 1.0
        size = self._constant(self.symbol(compartment.getId()), f"the size of `{compartment.getId():.60}`")
        if size <= 0:
            raise refused(f"Compartment `{compartment.getId():.60}` has no positive size")
        return size

    def initial_value(self, species: str) -> float:
        """Start of a species, in the unit of its symbol."""
        if species in self._busy:
            raise refused(f"The start of `{species:.60}` is defined by itself")
        self._busy.add(species)
        record, size = self._species[species], self.size_of(species)
        if species in self._started:
            value = self._constant(self.formula(self._started[species]), f"the start of `{species:.60}`")
        elif record.isSetInitialConcentration():
            # a symbol that is an amount still starts from a concentration times the compartment's size
            whole = self.symbol(record.getCompartment()) if record.getHasOnlySubstanceUnits() else Law(1.0)
            value = record.getInitialConcentration() * self._constant(whole, "a compartment's size")
        elif record.isSetInitialAmount():
            value = record.getInitialAmount() / size
        else:
            raise refused(f"Species `{species:.60}` has no initial value")
        if not (math.isfinite(value) and value >= 0):
            raise refused(f"Species `{species:.60}` starts at {value}")
        self._busy.remove(species)
        return value

    def kinetic(self, reaction: Any) -> Law:
        """The kinetic law of a reaction, which must be first order."""
        name, law = f"`{reaction.getId():.60}`", reaction.getKineticLaw()
        if law is None or law.getMath() is None:
            raise refused(f"Reaction {name} has no kinetic law")
        if reaction.isSetFast() and reaction.getFast():
            raise refused(f"Reaction {name} is fast (an equilibrium)")
        if law.isSetTimeUnits() or law.isSetSubstanceUnits():
            raise refused(f"Reaction {name} has units of its own")
        local = {p.getId(): p for p in (*law.getListOfParameters(), *law.getListOfLocalParameters())}
        bound = {
            key: Law(self._number(p.getValue() if p.isSetValue() else math.nan, key))
            for key, p in local.items()
        }
        try:
            result = self.formula(law.getMath(), bound)
        except ExchangeError as error:
            raise refused(f"Reaction {name}: {error.found.rstrip('.')}") from None
        if result.constant != 0:
            raise refused(f"Reaction {name} has a zero-order kinetic law")
        return result

    def stoichiometry(self, reaction: Any) -> dict[str, float]:
        """Net change of each species that the reaction may change (boundary and constant species stay)."""
        change: dict[str, float] = {}
        sides = ((-1.0, reaction.getListOfReactants()), (1.0, reaction.getListOfProducts()))
        for sign, reference in ((sign, reference) for sign, side in sides for reference in side):
            species = reference.getSpecies()
            record = self._species.get(species)
            if record is None:
                raise refused(f"A reaction names the unknown species `{species:.60}`")
            if reference.isSetStoichiometryMath() or (
                reference.getId() and reference.getId() in {*self.ruled, *self._started}
            ):
                raise refused("A stoichiometry is computed")
            if record.getBoundaryCondition() or record.getConstant():
                continue
            if species in self.ruled:
                raise refused(f"Species `{species:.60}` has a rule and takes part in a reaction")
            count = reference.getStoichiometry()
            change[species] = change.get(species, 0.0) + sign * self._number(
                count, f"stoichiometry of {species}"
            )
        return change

    def symbol(self, name: str, depth: int = 0) -> Law:
        """A species, parameter or compartment as a law."""
        if name in self.ruled:
            return self.formula(self.ruled[name], {}, depth + 1)
        if name in self._species:
            return Law(0.0, {name: 1.0})
        if name in self._started:
            return Law(
                self._constant(self.formula(self._started[name], {}, depth + 1), f"the start of `{name:.60}`")
            )
        parameter, compartment = self._model.getParameter(name), self._model.getCompartment(name)
        if parameter is not None and parameter.isSetValue():
            return Law(self._number(parameter.getValue(), name))
        if compartment is not None and compartment.isSetSize():
            return Law(self._number(compartment.getSize(), name))
        raise refused(f"`{name:.60}` has no value")

    def formula(self, node: Any, bound: dict[str, Law] | None = None, depth: int = 0) -> Law:
        """The law of a syntax tree; `bound` holds local parameters and function arguments."""
        self._nodes += 1
        if depth > DEEPEST or self._nodes > MOST_NODES:
            raise refused("A formula is nested too deeply, too long or defined by itself")
        if node is None:
            raise refused("A formula is empty")
        lib, bound, kind = self._lib, bound or {}, node.getType()
        parts = [node.getChild(i) for i in range(node.getNumChildren())]
        if kind == lib.AST_FUNCTION:
            return self._call(node, [self.formula(p, bound, depth + 1) for p in parts], depth)
        if kind == lib.AST_NAME:
            name = node.getName() or ""
            return bound[name] if name in bound else self.symbol(name, depth)
        if node.isNumber() or kind in (lib.AST_CONSTANT_E, lib.AST_CONSTANT_PI, lib.AST_NAME_AVOGADRO):
            fixed = {
                lib.AST_CONSTANT_E: math.e,
                lib.AST_CONSTANT_PI: math.pi,
                lib.AST_NAME_AVOGADRO: 6.02214179e23,
            }
            return Law(self._number(fixed.get(kind, float(node.getValue())), "a number"))
        values = [self.formula(p, bound, depth + 1) for p in parts]
        return self._combined(kind, values)

    def _combined(self, kind: int, values: list[Law]) -> Law:
        lib = self._lib
        if kind == lib.AST_PLUS:
            return self._finite(sum(values, Law()))
        if kind == lib.AST_MINUS and len(values) in (1, 2):
            return self._finite(
                values[0].scaled(-1.0) if len(values) == 1 else values[0] + values[1].scaled(-1.0)
            )
        if kind == lib.AST_TIMES:
            result = Law(1.0)
            for value in values:
                result = self._product(result, value)
            return result
        if kind == lib.AST_DIVIDE and len(values) == 2:
            below = self._constant(values[1], "a denominator")
            if below == 0:
                raise refused("A formula divides by zero")
            return self._finite(
                Law(values[0].constant / below, {n: w / below for n, w in values[0].weights.items()})
            )
        if kind in (lib.AST_POWER, lib.AST_FUNCTION_POWER) and len(values) == 2:
            exponent = self._constant(values[1], "an exponent")
            if exponent == 1:
                return values[0]
            base = self._constant(values[0], "a species under a power")
            try:
                return Law(self._number(math.pow(base, exponent), "a power"))
            except (ValueError, OverflowError):
                raise refused("A power has no value") from None
        raise refused("A formula uses something other than sums, products and powers of constants")

    def _product(self, left: Law, right: Law) -> Law:
        for one, other in ((left, right), (right, left)):
            if not one.weights:
                return self._finite(other.scaled(one.constant))
        for one, other in ((left, right), (right, left)):
            if all(self._is_fixed(name) for name in one.weights):
                held = one.constant + math.fsum(w * self.initial_value(n) for n, w in one.weights.items())
                return self._finite(other.scaled(held))
        raise refused("A formula multiplies two changing species")

    def _call(self, node: Any, arguments: list[Law], depth: int) -> Law:
        definition = self._model.getFunctionDefinition(node.getName() or "")
        if definition is None or definition.getBody() is None:
            raise refused(f"The function `{node.getName()!s:.60}` is not defined")
        if definition.getNumArguments() != len(arguments):
            raise refused(f"The function `{node.getName()!s:.60}` has {len(arguments)} arguments")
        names = [definition.getArgument(i).getName() for i in range(len(arguments))]
        return self.formula(definition.getBody(), dict(zip(names, arguments, strict=True)), depth + 1)

    def _is_fixed(self, name: str) -> bool:
        record = self._species[name]
        return bool(record.getConstant() or record.getBoundaryCondition())

    def _constant(self, law: Law, what: str) -> float:
        if any(law.weights.values()):
            raise refused(f"A species stands in {what}")
        return self._number(law.constant, what)

    def _number(self, value: float, what: str) -> float:
        if not math.isfinite(value):
            raise refused(f"`{what:.60}` has no finite value")
        return float(value)

    def _finite(self, law: Law) -> Law:
        if not all(math.isfinite(v) for v in (law.constant, *law.weights.values())):
            raise refused("A formula has no finite value")
        return law
