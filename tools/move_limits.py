"""Does every number of the labels matter: each is moved by one in its last printed digit, and a label case must break.

`python -m tools.move_limits` moves every number of data/labels, of house_rules.toml and zones.toml, and the hours of
`use_within`, both ways; runs the label cases of that product (tests/check/cases) until one breaks; stores the outcome
with the hash of all it rests on in tests/check/data/moved_limits.json; and fails below 95 % broken.
"""

from __future__ import annotations

import json
import random
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support")]

from endplate.catalogue import catalogue  # noqa: E402
from endplate.catalogue import house as house_file  # noqa: E402
from endplate.catalogue import labels as label_file  # noqa: E402
from endplate.catalogue.table import DATA  # noqa: E402

STORED = ROOT / "tests" / "check" / "data" / "moved_limits.json"
CASES = ROOT / "tests" / "check" / "cases"
CHECK = ROOT / "src" / "endplate" / "check"
THRESHOLD = 0.95
NUMBERS = ("value", "high", "from_age", "to_age", "from_kg", "to_kg")
RULE_FILES = "amounts calendar keeping times people places laid record use sense simulated visit finding engine".split()


@dataclass(frozen=True)
class Move:
    """One number moved.

    Attributes:
        file: of data/; owner: id of the label, rule, zone or product; path: where the number stands inside it.
        old, new: as printed.
    """

    file: str
    owner: str
    path: tuple[str | int, ...]
    old: str
    new: str

    @property
    def name(self) -> str:
        return f"{self.file}: {self.owner}.{'.'.join(map(str, self.path))} {self.old} -> {self.new}"


class Printed(float):
    """A number with its text."""

    text: str

    def __new__(cls, text: str) -> Printed:
        made = super().__new__(cls, text)
        made.text = text
        return made


def printed(path: Path) -> dict[str, Any]:
    """A TOML file whose numbers keep their text (whole numbers are made to look like decimals by `_text`)."""
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Printed)


def _text(number: float) -> str:
    return number.text if isinstance(number, Printed) else str(number)


def neighbours(text: str) -> tuple[str, str]:
    """The number one lower and one higher in its last printed digit.

    >>> neighbours("3"), neighbours("1.25"), neighbours("0.05")
    (('2', '4'), ('1.24', '1.26'), ('0.04', '0.06'))
    """
    value = Decimal(text)
    step = Decimal(1).scaleb(int(value.as_tuple().exponent))
    return str(value - step), str(value + step)


def _number_paths(rule: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key in NUMBERS:
        if key in rule:
            yield (key,), _text(rule[key])
    for index, one in enumerate(rule.get("values", ())):
        yield ("values", index), _text(one)
    if "period" in rule:
        yield ("period", "value"), _text(rule["period"]["value"])


def all_moves() -> list[Move]:
    """Every number of every rule, both ways; a limit of zero is moved upwards only, since nothing lies below it."""
    found: list[Move] = []

    def add(file: str, owner: str, path: tuple[str | int, ...], text: str, *, signed: bool = False) -> None:
        for new in neighbours(text):
            if signed or Decimal(new) >= 0:
                found.append(Move(file, owner, path, text, new))

    for path in sorted(label_file.FOLDER.glob("*.toml")):
        for label in printed(path)["label"]:
            for rule in label["rule"]:
                for where, text in _number_paths(rule):
                    add(f"labels/{path.name}", f"{label['id']}.{rule['id']}", where, text)
    for rule in printed(DATA / "house_rules.toml")["rule"]:
        if "value" in rule:
            add("house_rules.toml", rule["id"], ("value",), _text(rule["value"]))
    for zone in printed(DATA / "zones.toml")["zone"]:
        for key in ("lateral_mm", "up_mm"):
            for index, one in enumerate(zone[key]):
                add("zones.toml", zone["id"], (key, index), _text(one), signed=True)
    for product in printed(DATA / "products.toml")["product"]:
        for index, one in enumerate(product.get("use_within", ())):
            add("products.toml", product["id"], ("use_within", index, "hours"), _text(one["hours"]))
    return found


def _replaced(record: Any, path: tuple[str | int, ...], text: str) -> Any:
    """The frozen record with one number replaced; a move that the record itself refuses raises ValueError."""
    head, *rest = path
    if isinstance(record, tuple):
        index = int(head)
        inner = _replaced(record[index], tuple(rest), text) if rest else float(text)
        return (*record[:index], inner, *record[index + 1 :])
    old = getattr(record, str(head))
    inner = _replaced(old, tuple(rest), text) if rest else float(text)
    return record.model_copy(update={str(head): inner})


class Moved:
    """The catalogue with one number moved, for the length of a `with`."""

    def __init__(self, move: Move) -> None:
        self.move = move

    def __enter__(self) -> None:
        move = self.move
        if move.file.startswith("labels/"):
            product = move.file.removeprefix("labels/").removesuffix(".toml")
            self._labels(product)
        elif move.file == "house_rules.toml":
            self._entry(house_file.house_rules(), move)
        elif move.file == "zones.toml":
            self._entry(house_file.zones(), move)
        else:
            self._entry(catalogue().products, move)

    def _labels(self, product: str) -> None:
        held = label_file.labels_of(product)
        moved = []
        for label in held:
            name = self.move.owner.removeprefix(label.id + ".")
            rules = tuple(
                _replaced(rule, self.move.path, self.move.new)
                if f"{label.id}.{rule.id}" == self.move.owner and rule.id == name
                else rule
                for rule in label.rule
            )
            moved.append(label.model_copy(update={"rule": rules}))
        self._swap = (product, tuple(moved))
        _MOVED[product] = tuple(moved)

    def _entry(self, table: Any, move: Move) -> None:
        self._table, self._old = table, table[move.owner]
        table[move.owner] = _replaced(self._old, move.path, move.new)

    def __exit__(self, *_: object) -> None:
        if self.move.file.startswith("labels/"):
            _MOVED.pop(self._swap[0])
        else:
            self._table[self.move.owner] = self._old


_MOVED: dict[str, tuple[label_file.Label, ...]] = {}


class Bench:
    """All cases with their plans read and their needles placed once."""

    def __init__(self) -> None:
        import label_cases

        from endplate.check import use, visit
        from endplate.check.visit import visits

        self._faults = label_cases.faults
        original = label_file.labels_of
        for module in (label_file, visit, use):
            if hasattr(module, "labels_of"):
                setattr(module, "labels_of", lambda product: _MOVED.get(product) or original(product))  # noqa: B010
        label_cases.place_once()
        self.cases = [(one, one.plan) for one in label_cases.all_checked()]
        self.touched: dict[str, list[int]] = {}
        self.broken_now: list[str] = []
        for number, (one, plan) in enumerate(self.cases):
            findings = one.check(plan)
            if self._faults(one, findings):
                self.broken_now.append(one.id)
            names = {name for each in visits(plan, one.asked, one.on) for name in _names(each)}
            told = {
                found.rule.split(".", 1)[1]
                for found in findings
                if found.rule.startswith(("house.", "zone."))
            }
            for name in names | told:
                self.touched.setdefault(name, []).append(number)

    def breaks(self, number: int) -> bool:
        """True when this case no longer finds what it expects."""
        one, plan = self.cases[number]
        try:
            return bool(self._faults(one, one.check(plan)))
        except Exception:  # a check that falls over has surely not found what is expected
            return True

    def breaker(self, move: Move) -> str | None:
        """The first case that the move breaks; None: it survives."""
        label = move.owner.rsplit(".", 1)[0] if move.file.startswith("labels/") else ""
        first = self.touched.get(move.owner, [])
        then = self.touched.get(label, []) if label else range(len(self.cases))
        with Moved(move):
            for number in dict.fromkeys((*first, *then)):
                if self.cases[number][0].id not in self.broken_now and self.breaks(number):
                    return self.cases[number][0].id
        return None


def _names(visit: Any) -> set[str]:
    """What of the catalogue a visit asks: its labels, the rules that hold for it, its product."""
    rules = {f"{label.id}.{rule.id}" for label, rule in visit.rules()}
    return rules | {label.id for label in visit.in_force} | {visit.product}


def input_hash() -> str:
    """Of all that the outcome rests on: labels, house rules, zones, products, cases, the code of the rules."""
    files = [
        *sorted(label_file.FOLDER.glob("*.toml")),
        *(DATA / name for name in ("house_rules.toml", "zones.toml", "products.toml", "conditions.toml")),
        *(DATA / name for name in ("indications.toml", "targets.toml", "patterns.toml")),
        *sorted(CASES.glob("*.toml")),
        *(CHECK / f"{name}.py" for name in RULE_FILES),
        ROOT / "tests" / "support" / "label_cases.py",
    ]
    total = sha256()
    for path in files:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def run(moves: list[Move] | None = None) -> dict[str, Any]:
    """Move each number and tell which moves nothing noticed."""
    bench = Bench()
    if bench.broken_now:
        raise SystemExit(
            f"The label cases must pass first; these do not: {', '.join(bench.broken_now[:20])}."
        )
    asked = all_moves() if moves is None else moves
    survivors = [move.name for move in asked if bench.breaker(move) is None]
    broken = len(asked) - len(survivors)
    return {
        "moves": len(asked),
        "broken": broken,
        "share": round(broken / len(asked), 4),
        "cases": len(bench.cases),
        "survivors": survivors,
    }


def sample(count: int, seed: int = 0) -> list[Move]:
    """Some of the moves, always the same ones."""
    return random.Random(seed).sample(all_moves(), count)


def main() -> int:
    found = {"input": input_hash(), **run()}
    STORED.parent.mkdir(parents=True, exist_ok=True)
    STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"{found['broken']} of {found['moves']} moved limits break a case ({found['share']:.1%}).")
    for name in found["survivors"]:
        print(f"  survives: {name}")
    return 0 if found["share"] >= THRESHOLD else 1


if __name__ == "__main__":
    sys.exit(main())


__all__ = ["STORED", "THRESHOLD", "Move", "all_moves", "input_hash", "neighbours", "run", "sample"]
