"""What `endplate trial` does: read a design, run it (or read kept patients), then print or write what was found."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from endplate.app.cli import emit
from endplate.app.places import folder_of, shown
from endplate.app.run import told_of
from endplate.app.trial_unwanted import print_unwanted
from endplate.errors import CatalogueError, ModelError

FILES = ("trial.json", "trial.csv", "patients.npz", "trial.html")


def trial(
    path: Path,
    *,
    patients: int = 10_000,
    seed: int = 0,
    workers: int | None = None,
    cluster: str | None = None,
    out: str | None = None,
    kept: str | None = None,
    risk: bool = True,
    as_json: bool = False,
) -> None:
    """Run the design of a file.

    Args:
        workers: threads; None takes the processors there are, four at most.
        cluster: address of a Dask scheduler, used instead of threads.
        kept: folder of an earlier run whose patients are read again instead.
        risk: work out the unwanted effects by mechanism too.
    """
    from endplate.trial import read_design

    design = read_design(path)
    folder = folder_of(out, FILES)
    if kept is not None:
        if folder is not None:
            raise ModelError(
                "--from and --out are both given.", "--from writes no patients.", "Keep one of them."
            )
        _read_again(design, kept, as_json)
        return
    from endplate.trial.run import run_trial

    threads = workers if workers is not None else max(1, min(4, os.cpu_count() or 1))
    bar = _bar("Preparing faces and needles", "Simulating patients")
    with bar as tick, told_of(path, but=(CatalogueError, ModelError)):
        found = run_trial(
            design, patients=patients, seed=seed, workers=threads, cluster=cluster, progress=tick
        )
    if risk:
        found = _with_risks(found, design)
    page = None if folder is None else write(found, folder)
    if as_json:
        emit(found.to_json_dict())
        return
    print_trial(found)
    if page is not None:
        print(f"Written to {shown(page)}.")


def _with_risks(found: Any, design: Any) -> Any:
    from endplate.trial.risks import with_risks

    with _bar("Preparing the risks", "Risk: faces") as tick:
        return with_risks(found, design, progress=tick)


@contextmanager
def _bar(before: str, during: str) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on a terminal; nothing where the output is read by a program.

    Args:
        before, during: what is going on until the first count comes in, and from then on.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(before, total=None)

        def tick(done: int, of: int) -> None:
            bar.update(task, description=during, completed=done, total=of)

        yield tick


def write(found: Any, folder: Path) -> Path:
    """trial.json, trial.csv, patients.npz (unless there are too many patients) and the page."""
    from endplate import report
    from endplate.report.files import write_whole
    from endplate.trial.document import to_csv
    from endplate.trial.reanalyse import FILE, pack

    text = json.dumps(found.to_json_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    write_whole(folder / "trial.json", text.encode() + b"\n")
    write_whole(folder / "trial.csv", to_csv(found).encode())
    if found.kept is not None:
        write_whole(folder / FILE, pack(found))
    page = getattr(report, "write_trial", None)
    if page is not None:
        return Path(page(found, folder))
    return folder


def _read_again(design: Any, kept: str, as_json: bool) -> None:
    """Endpoints of a design from the patients of an earlier run."""
    from endplate.trial.reanalyse import reanalyse

    rates, lasting = reanalyse(kept, endpoints=design.asked, durations=design.lasting)
    rows = [
        {
            "arm": one.arm,
            "endpoint": one.endpoint,
            "area": one.area,
            "day": one.day,
            "rate": _rounded(one.rate),
            "interval90": None if one.interval90 is None else [_rounded(v) for v in one.interval90],
            "people": one.people,
        }
        for one in rates
    ]
    medians = [
        {
            "arm": one.arm,
            "definition": one.duration.definition,
            "area": one.duration.area,
            "median_weeks": _rounded(one.duration.median_weeks),
            "interval90": [_rounded(v) for v in one.duration.interval90],
            "reached": _rounded(one.duration.reached),
        }
        for one in lasting
    ]
    if as_json:
        emit({"schema": "endplate/trial-reanalysis/1", "endpoints": rows, "durations": medians})
        return
    from endplate.report import print_rows

    if rows:
        print_rows(
            f"{design.title}: endpoints of the patients of {shown(kept)}", [_texts(row) for row in rows]
        )
    if medians:
        print_rows("Median durations, weeks", [_texts(row) for row in medians])


def _rounded(value: float | None) -> float | None:
    from endplate.model.export import _number

    return None if value is None else _number(value)


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    out = {}
    for name, value in row.items():
        share = name in ("rate", "reached") or (name == "interval90" and "rate" in row)
        if isinstance(value, list):
            out["90 %"] = _span(value, share)
        elif share:
            out[name] = "none seen" if value is None else f"{value:.1%}"
        elif name == "median_weeks":
            out["weeks"] = "beyond" if value is None else f"{value:.1f}"
        else:
            out[name] = value
    return out


def _span(pair: Sequence[float | None], share: bool) -> str:
    ends = ("beyond" if v is None else (f"{100 * v:.0f}" if share else f"{v:.1f}") for v in pair)
    return " to ".join(ends)


def print_trial(found: Any) -> None:
    """Arm by arm: rates with both intervals, medians, unwanted effects; then comparisons and limits."""
    from endplate.report import print_rows

    print(f"{found.title}: {found.patients} patients an arm, {found.draws} draws, seed {found.seed}")
    for arm in found.arms:
        given = "no toxin" if arm.product is None else f"{arm.units:g} U {arm.product}"
        rates = [
            {
                "endpoint": one.endpoint,
                "area": one.area,
                "day": one.day,
                "rate, %": f"{100 * one.rate:.1f}",
                "model 90 %": _span(one.interval90, True),
                f"n = {arm.n}, 90 %": _span(one.predictive90, True),
            }
            for one in arm.rates
        ]
        print()
        if rates:
            print_rows(f"{arm.name}: {given}, n = {arm.n}", rates)
        medians = [
            {
                "median duration": one.definition,
                "area": one.area,
                "weeks": "beyond the visits" if one.median_weeks is None else f"{one.median_weeks:.1f}",
                "model 90 %": _span(one.interval90, False),
                "reached": f"{one.reached:.0%} of draws",
            }
            for one in arm.durations
        ]
        if medians:
            print_rows(f"{arm.name}: weeks until it ends", medians)
        print_unwanted(arm)
    _print_powers(found)
    _print_end(found)


def _print_powers(found: Any) -> None:
    from endplate.report import print_rows

    rows = [
        {
            "comparison": f"{one.comparison.arm} - {one.comparison.against}",
            "endpoint": f"{one.comparison.endpoint}, {one.area}, day {one.comparison.day}",
            "test": one.comparison.kind.replace("_", "-"),
            "difference, %": f"{100 * one.difference:.1f} ({_span(one.difference90, True)})",
            "power": f"{one.power:.1%}",
            "with uncertainty": f"{one.assurance:.1%}",
            f"n for {one.comparison.power:.0%}": "none" if one.n is None else f"{one.n[0]} + {one.n[1]}",
        }
        for one in found.powers
    ]
    for row in rows:
        print()
        print_rows("Power", [row])


def _print_end(found: Any) -> None:
    print()
    if found.failures:
        first = found.failures[0]
        print(f"{found.failed} patients failed; the first: arm {first.arm}, draw {first.draw}, "
              f"patient {first.patient}: {first.reason}.")  # fmt: skip
    for text in found.limits:
        print(f"- {text}")
    print(found.banner)
