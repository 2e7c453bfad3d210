"""Would the label cases notice a wrong rule: every rule file is changed in many small ways, one at a time.

`python -m tools.mutate_rules` makes each change of tools/mutants.py in a child process, runs the label cases there
until one fails, then (where none did) asks the drawn plans of tests/support/golden_plans.py, and stores how many were
noticed with the hash of all that this rests on in tests/check/data/mutants.json. It fails below 90 %. Why this is no
library:
docs/decisions/0022-mutation-of-the-rules.md.
"""

from __future__ import annotations

import argparse
import gc
import importlib.abc
import importlib.util
import json
import mmap
import os
import signal
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.move_limits import CHECK, ROOT, RULE_FILES, input_hash
from tools.mutants import Mutant, mutants, mutated

STORED = ROOT / "tests" / "check" / "data" / "mutants.json"
THRESHOLD = 0.90
UNIT_TESTS = ("test_rules_words.py",)
SECONDS = 60
PROCESSES = 2
SURVIVED, NOTICED, BY_GOLDEN, BY_UNIT_TESTS = 0, 1, 2, 3
GOLDEN = (ROOT / "tests" / "support" / "golden_plans.py", ROOT / "tests" / "check" / "data" / "golden.json")


def unit_tests() -> list[Path]:
    """Tests of the rules beside the label cases and the drawn plans."""
    folder = ROOT / "tests" / "check"
    return sorted(path for pattern in UNIT_TESTS for path in folder.glob(pattern))


def whole_hash() -> str:
    """Of everything that the outcome rests on."""
    total = sha256(input_hash().encode())
    for path in (*GOLDEN, *unit_tests(), Path(__file__), Path(__file__).with_name("mutants.py")):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from its changed tree, and leaves all others alone."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = "endplate.check." + mutant.file.removesuffix(".py")
        self.path = CHECK / mutant.file
        self.code = compile(mutated(self.path, mutant.number), str(self.path), "exec")

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> Any:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self.path))

    def create_module(self, spec: object) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


class Cases:
    """The label cases with their plans read, in an order in which the first ones notice most."""

    def __init__(self) -> None:
        import golden_plans
        import label_cases

        self.golden = golden_plans
        golden_plans.asked()
        label_cases.place_once()
        self._faults = label_cases.faults
        held = [(one, one.plan) for one in label_cases.all_checked()]
        first: dict[str, int] = {}
        for number, (one, _) in enumerate(held):
            first.setdefault(".".join(one.id.split(".")[:2]), number)
        order = dict.fromkeys((*first.values(), *range(len(held))))
        self.held = [held[number] for number in order]

    def notice(self) -> int | None:
        """The place of the first one that does not find what it expects; None where all do."""
        for number, (one, plan) in enumerate(self.held):
            try:
                if self._faults(one, one.check(plan)):
                    return number
            except Exception:  # falling over is noticed too
                return number
        return None

    def first(self, number: int) -> None:
        """Put a case in front: what noticed one change of a function often notices the next."""
        self.held.insert(0, self.held.pop(number))


def try_one(mutant: Mutant | None, cases: Cases, tests: Sequence[Path], told: mmap.mmap) -> int:
    """In a child process: make the change (None: none) and run what could notice it; the outcome is its exit status."""
    signal.alarm(SECONDS)
    for name in [name for name in sys.modules if name.removeprefix("endplate.check.") in RULE_FILES]:
        del sys.modules[name]
    try:
        if mutant is not None:
            sys.meta_path.insert(0, _Changed(mutant))
        number = cases.notice()
        if number is not None:
            told[:4] = (number + 1).to_bytes(4, "little")
            return NOTICED
        if cases.golden.differing(first=True):
            return BY_GOLDEN
    except BaseException:  # a module that no longer loads is noticed
        return NOTICED
    return BY_UNIT_TESTS if tests and _fails(tests) else SURVIVED


def _fails(tests: Sequence[Path]) -> bool:
    """Run the functions of the unit tests; pytest in every child would take longer than all the rest."""
    for path in tests:
        names: dict[str, Any] = {"__name__": path.stem}
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
        for name, test in names.items():
            if name.startswith("test_"):
                try:
                    test()
                except Exception:  # an assertion, or falling over
                    return True
    return False


def outcomes_of(asked: Sequence[Mutant | None], cases: Cases, tests: Sequence[Path]) -> list[int]:
    """The outcome of each change, from its own process; one that hangs is noticed. Threads would leave locks behind."""
    found: list[int] = [NOTICED] * len(asked)
    running: dict[int, tuple[int, mmap.mmap]] = {}
    gc.freeze()
    for number, mutant in enumerate(asked):
        while len(running) >= PROCESSES:
            _collect(running, found, cases)
        told = mmap.mmap(-1, 4)
        child = os.fork()
        if child == 0:
            code = NOTICED
            try:
                code = try_one(mutant, cases, tests, told)
            finally:
                os._exit(code)
        running[child] = (number, told)
    while running:
        _collect(running, found, cases)
    return found


def _collect(running: dict[int, tuple[int, mmap.mmap]], found: list[int], cases: Cases) -> None:
    child, status = os.wait()
    number, told = running.pop(child)
    found[number] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else NOTICED
    first = int.from_bytes(told[:4], "little")
    if first:
        cases.first(first - 1)
    told.close()


def run(files: Sequence[str] = RULE_FILES, *, every: int = 1) -> dict[str, Any]:
    """Make every change (or every so-manieth) of some rule files and tell which nothing noticed."""
    before, cases, tests = whole_hash(), Cases(), unit_tests()
    if outcomes_of([None], cases, tests) != [SURVIVED]:
        raise SystemExit("The label cases, the drawn plans and the unit tests of the rules must pass first.")
    asked = [one for file in files for one in mutants(CHECK / f"{file}.py")][::every]
    outcomes = outcomes_of(asked, cases, tests)
    if whole_hash() != before:
        raise SystemExit("Rules, labels or cases were edited meanwhile: run it again.")
    survivors = [one.name for one, code in zip(asked, outcomes, strict=True) if code == SURVIVED]
    noticed = len(asked) - len(survivors)
    return {
        "mutants": len(asked),
        "noticed": noticed,
        "by_drawn_plans_only": outcomes.count(BY_GOLDEN),
        "by_unit_tests_only": outcomes.count(BY_UNIT_TESTS),
        "share": round(noticed / len(asked), 4),
        "cases": len(cases.held),
        "survivors": survivors,
    }


def again() -> dict[str, Any]:
    """After unit tests were added and nothing taken away: ask them about what survived last; the rest stays noticed."""
    last = json.loads(STORED.read_text(encoding="utf-8"))
    tests = unit_tests()
    if _fails(tests):
        raise SystemExit("The unit tests of the rules must pass first.")
    left = set(last["survivors"])
    asked = [one for file in RULE_FILES for one in mutants(CHECK / f"{file}.py") if one.name in left]
    survivors = []
    for mutant in asked:
        child = os.fork()
        if child == 0:
            code = NOTICED
            try:
                signal.alarm(SECONDS)
                for name in [n for n in sys.modules if n.removeprefix("endplate.check.") in RULE_FILES]:
                    del sys.modules[name]
                sys.meta_path.insert(0, _Changed(mutant))
                code = NOTICED if _fails(tests) else SURVIVED
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == SURVIVED:
            survivors.append(mutant.name)
    noticed = last["mutants"] - len(survivors)
    more = last["by_unit_tests_only"] + len(left) - len(survivors)
    share = round(noticed / last["mutants"], 4)
    return {**last, "noticed": noticed, "by_unit_tests_only": more, "share": share, "survivors": survivors}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.mutate_rules", description=str(__doc__).splitlines()[0]
    )
    parser.add_argument(
        "files", nargs="*", help="rule files without ending; absent: all, and the outcome is stored"
    )
    parser.add_argument(
        "--again", action="store_true", help="only ask the unit tests about what survived last"
    )
    asked = parser.parse_args(arguments)
    chosen = asked.files
    found = {**(again() if asked.again else run(chosen or RULE_FILES)), "input": whole_hash()}
    if not chosen:
        STORED.parent.mkdir(parents=True, exist_ok=True)
        STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(
        f"{found['noticed']} of {found['mutants']} changes of the rule code were noticed ({found['share']:.1%})."
    )
    for name in found["survivors"]:
        print(f"  survives: {name}")
    return 0 if found["share"] >= THRESHOLD else 1


if __name__ == "__main__":
    sys.exit(main())
