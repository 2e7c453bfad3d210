"""Small changes of a Python file that tests should notice: one for each place and kind of change."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
TWINS = {"max": "min", "min": "max", "any": "all", "all": "any"}
Change = Callable[[ast.AST], ast.AST | None]


@dataclass(frozen=True)
class Mutant:
    """One change: which, where, and what the place read before and after."""

    file: str
    number: int
    line: int
    kind: str
    before: str
    after: str

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line} {self.kind}: `{self.before}` -> `{self.after}`"


def mutants(path: Path) -> list[Mutant]:
    """Every change of a file, in the order of its lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for number, (node, kind, change) in enumerate(_changes(tree)):
        after = change(copy.deepcopy(node))
        text = "(nothing)" if after is None else ast.unparse(ast.fix_missing_locations(after))
        line = getattr(node, "lineno", 0)
        found.append(Mutant(path.name, number, line, kind, _short(ast.unparse(node)), _short(text)))
    return found


def mutated(path: Path, number: int) -> ast.Module:
    """The file with one change made."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for count, (node, _, change) in enumerate(_changes(tree)):
        if count == number:
            new = change(copy.deepcopy(node))
            changed = _Replace(node, new if new is not None else ast.Pass()).visit(tree)
            assert isinstance(changed, ast.Module)
            return ast.fix_missing_locations(changed)
    raise IndexError(f"{path.name} has no change {number}.")


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.copy_location(self.new, node) if node is self.old else self.generic_visit(node)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else line[:97] + "..."


def _changes(tree: ast.Module) -> Iterator[tuple[ast.AST, str, Change]]:
    for node in _judged(tree):
        if _is_default(node):
            continue
        yield from ((node, kind, change) for kind, change in _of(node))


def _judged(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but annotations, docstrings, texts of sentences, imports, and what only type checkers read."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Import | ast.ImportFrom | ast.JoinedStr) or _is_for_types(child):
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        yield child
        if isinstance(child, ast.BoolOp) and _is_default(child):
            yield from _judged(child.values[0])
        else:
            yield from _judged(_without_annotations(child))


def _is_default(node: ast.AST) -> bool:
    """`value or 0.0`: what stands for a number that may be missing by its type, and never is where it is asked for."""
    if not isinstance(node, ast.BoolOp) or not isinstance(node.op, ast.Or):
        return False
    last = node.values[-1]
    return isinstance(last, ast.Constant) and isinstance(last.value, float)


def _is_for_types(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.Assign):
        names = [one.id for one in node.targets if isinstance(one, ast.Name)] or [""]
        return names == ["__all__"] or (isinstance(node.value, ast.Subscript) and names[0][:1].isupper())
    return False


def _without_annotations(node: ast.AST) -> ast.AST:
    """The same children, so that identity holds, in a node without its annotations and decorators."""
    bare = copy.copy(node)
    if isinstance(bare, ast.FunctionDef):
        bare.returns, bare.decorator_list = None, []
        bare.args = copy.copy(bare.args)
        for kind in ("args", "kwonlyargs", "posonlyargs"):
            setattr(bare.args, kind, [])
    if isinstance(bare, ast.ClassDef):
        bare.decorator_list = []
    if isinstance(bare, ast.AnnAssign):
        bare.annotation = ast.Constant(value=None)
    return bare


def _of(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            for new in COMPARE.get(type(op), ()):
                yield "comparison", _op_at(place, new)
    elif isinstance(node, ast.BoolOp):
        yield "and/or", _other_bool
        for place in range(len(node.values)):
            yield "operand dropped", _operand_dropped(place)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", lambda n: n.operand  # type: ignore[attr-defined]
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield "arithmetic", _other_operator
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.IfExp):
        yield "first branch", lambda n: n.body  # type: ignore[attr-defined]
        yield "second branch", lambda n: n.orelse  # type: ignore[attr-defined]
    elif isinstance(node, ast.comprehension):
        for place in range(len(node.ifs)):
            yield "condition dropped", _if_dropped(place)
    elif isinstance(node, ast.stmt):
        yield from _of_statement(node)


def _of_statement(node: ast.stmt) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.If):
        yield "condition true", _test_is(True)
        yield "condition false", _test_is(False)
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "returns None", lambda n: ast.Return(value=ast.Constant(value=None))
    elif isinstance(node, ast.Expr | ast.AugAssign):
        yield "statement dropped", lambda n: None
    elif isinstance(node, ast.Continue):
        yield "continue dropped", lambda n: None
        yield "continue breaks", lambda n: ast.Break()


def _of_constant(node: ast.Constant) -> Iterator[tuple[str, Change]]:
    value = node.value
    if isinstance(value, bool):
        yield "truth", lambda n: ast.Constant(value=not value)
    elif isinstance(value, int | float):
        yield "number", lambda n: ast.Constant(value=value + 1)
    elif isinstance(value, str) and value and " " not in value:
        yield "word", lambda n: ast.Constant(value=value + "x")


def _of_call(node: ast.Call) -> Iterator[tuple[str, Change]]:
    if isinstance(node.func, ast.Name) and node.func.id in TWINS:
        yield "twin", _twin
    starred = any(isinstance(one, ast.Starred) for one in node.args[:2])
    if len(node.args) > 1 and not starred and ast.dump(node.args[0]) != ast.dump(node.args[1]):
        yield "arguments swapped", _swapped


def _op_at(place: int, new: type[ast.cmpop]) -> Change:
    def change(node: ast.AST) -> ast.AST:
        node.ops[place] = new()  # type: ignore[attr-defined]
        return node

    return change


def _other_bool(node: ast.AST) -> ast.AST:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()  # type: ignore[attr-defined]
    return node


def _operand_dropped(place: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        node.values.pop(place)  # type: ignore[attr-defined]
        return node if len(node.values) > 1 else node.values[0]  # type: ignore[attr-defined]

    return change


def _other_operator(node: ast.AST) -> ast.AST:
    node.op = ARITHMETIC[type(node.op)]()  # type: ignore[attr-defined]
    return node


def _if_dropped(place: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        node.ifs.pop(place)  # type: ignore[attr-defined]
        return node

    return change


def _test_is(truth: bool) -> Change:
    def change(node: ast.AST) -> ast.AST:
        node.test = ast.Constant(value=truth)  # type: ignore[attr-defined]
        return node

    return change


def _twin(node: ast.AST) -> ast.AST:
    node.func = ast.Name(id=TWINS[node.func.id], ctx=ast.Load())  # type: ignore[attr-defined]
    return node


def _swapped(node: ast.AST) -> ast.AST:
    node.args[0], node.args[1] = node.args[1], node.args[0]  # type: ignore[attr-defined]
    return node
