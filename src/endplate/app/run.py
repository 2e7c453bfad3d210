"""What each command does: call the public function, then print or write what it gave."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from endplate.app.cli import emit
from endplate.app.places import check_file, file_names, folder_of, printable, shown
from endplate.errors import CatalogueError, EndplateError, ModelError, PlanError, ReportError

DEMO = "demo.toml"
NOT_SIMULATED = "Not simulated"
VIEWS = ("auto", "all", "front", "three_quarter", "side", "orbit")


def simulate_plan(
    path: Path,
    *,
    days: int,
    samples: int,
    seed: int,
    out: str | None,
    as_json: bool,
    engine: str,
    antibodies: float = 0.0,
    risk: bool = False,
) -> None:
    from endplate.plan import read_plan

    if not 0.0 <= antibodies <= 1.0:
        raise ModelError(
            f"--antibodies is {antibodies:g}.", "It is a share, 0 to 1.", "Give 0.3 for 30 %, for example."
        )
    plan = read_plan(path)
    folder = folder_of(out, (*file_names(), "leaflet.html", "risk.json"))
    with told_of(path):
        course = _course(
            plan, days=days, samples=samples, seed=seed, engine=engine, neutralised_share=antibodies
        )
        beside = _risk(plan, seed) if risk else None
        findings = _findings(plan, course, beside)
    report = _write(plan, course, folder, beside, findings)
    if beside is None:
        _print_course(course, report, as_json, findings)
    else:
        _print_assessed(plan, course, beside, report, as_json, findings)


def _risk(plan: Any, seed: int) -> Any:
    from endplate.app.risk import added
    from endplate.assess.risks import FACES

    with progress_bar(FACES, "Risk: faces") as tick:
        return added(plan, seed, tick)


def _findings(plan: Any, course: Any, risk: Any = None) -> Any:
    """What stands beside a course: whether the plan is allowed and sensible."""
    from endplate.check import check

    return check(plan, course, risk=getattr(risk, "mechanism", None))


def _print_assessed(
    plan: Any, course: Any, risk: Any, report: Path | None, as_json: bool, findings: Any
) -> None:
    from endplate.report.published import published_for

    published = published_for(plan)
    if as_json:
        from endplate.assess.risks import Assessment
        from endplate.report.risk_document import assessment_document

        emit(assessment_document(Assessment(course, risk, findings), published))
        return
    from endplate.report.risk_tables import print_risk

    _print_course(course, report, as_json, findings)
    print()
    print_risk(risk, published)


def _course(plan: Any, *, samples: int, **options: Any) -> Any:
    from endplate.assess import simulate

    with progress_bar(samples) as tick:
        return simulate(plan, samples=samples, progress=tick, **options)


def _print_course(course: Any, report: Path | None, as_json: bool, findings: Any) -> None:
    from endplate.report.findings import print_short, with_findings

    if as_json:
        emit(with_findings(course.to_json_dict(), findings))
        return
    from endplate.report import print_face, print_table

    print_table(course)
    print_face(course)
    print()
    print_short(findings)
    for words in course.limits:
        if words.startswith(NOT_SIMULATED):
            print(words)
    if report is not None:
        print(f"Report: {printable(report)}")


@contextmanager
def told_of(path: Path, but: tuple[type[EndplateError], ...] = ()) -> Iterator[None]:
    """Put the plan's file name in front of what is wrong with the plan, as `read_plan` does.

    Args:
        but: errors that are not about the plan.
    """
    from endplate.plan.place import clean

    try:
        yield
    except but:
        raise
    except EndplateError as error:
        found = f"{clean(str(path), 200)}: {error.found}"
        raise type(error)(found, error.allowed, error.remedy) from error


def _write(plan: Any, course: Any, out: Path | None, risk: Any = None, findings: Any = ()) -> Path | None:
    """The report and what lies beside it; with a risk also the patient's leaflet and the risk as JSON."""
    if out is None:
        return None
    from endplate.report import write_all

    try:
        if risk is None:
            return write_all(plan, course, out, findings=findings)
        from endplate.report.published import published_for
        from endplate.report.risk_page import write_risk_json

        write_risk_json(risk, out, published_for(plan))
        return write_all(plan, course, out, risk=risk, leaflet=True, findings=findings)
    except OSError as error:
        raise ReportError(
            f"Cannot write to {shown(out)}: {error.strerror}.", "", "Give another --out."
        ) from error


@contextmanager
def progress_bar(total: int, what: str = "Simulating draws") -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on a terminal; nothing where the output is read by a program."""
    if not sys.stderr.isatty() or total == 0:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def demo(out: str, samples: int, seed: int, as_json: bool) -> None:
    from endplate.plan import parse_plan

    begun = time.perf_counter()
    plan = parse_plan((files("endplate.app") / DEMO).read_text("utf-8"), "toml")
    folder = folder_of(out)
    course = _course(plan, days=365, samples=samples, seed=seed)
    findings = _findings(plan, course)
    report = _write(plan, course, folder, findings=findings)
    _print_course(course, None, as_json, findings)
    if as_json:
        return
    target = course.row("corrugator_supercilii", "left")
    levator = course.row("levator_palpebrae_superioris", "left")
    values = {name: column[target] for name, column in course.metrics.items()}
    print()
    print(
        f"Corrugator force at its lowest: {values['nadir']:.0%} of that before treatment, "
        f"on day {values['nadir_day']:.0f}, the plan carried out exactly{_draws(course, 'nadir', target, '.0%')}."
    )
    print(
        f"Weakened by a tenth or more for {values['duration_days']:.0f} days"
        f"{_draws(course, 'duration_days', target, '.0f')}."
    )
    print(
        f"Levator exposure: {course.median_over_threshold[levator]:.1g} of its own threshold (median endplate)."
    )
    print(f"Report: {printable(str(report))}")
    print(f"Took {time.perf_counter() - begun:.1f} s.")


def _draws(course: Any, name: str, row: int, how: str) -> str:
    """Median and band of a metric over the draws, each draw by its own course."""
    found = [course.metrics.get(f"{name}_{end}") for end in ("median", "low", "high")]
    if any(column is None for column in found):
        return ""
    median, low, high = (
        f"{column[row]:{how}}" if column[row] == column[row] else "longer" for column in found
    )
    return f"; over the draws {median} (90 % band {low} to {high}, prior, not yet calibrated)"


def why(path: Path, muscle: str, side: str | None, as_json: bool) -> None:
    from endplate.assess import brought_to as ask
    from endplate.plan import read_plan

    plan = read_plan(path)
    with told_of(path, but=(CatalogueError,)):  # an unknown muscle stands in the command, not in the plan
        answer = ask(plan, muscle, side)
    if as_json:
        emit(_why_document(plan, muscle, answer))
        return
    from endplate.report import print_rows

    for found in answer:
        brought = [c for c in found.contributions if c.share > 0.0]
        title = (
            f"{muscle}, {found.side}: median exposure {found.median_over_threshold:.1g} of its own threshold. "
            "Share of it by injection; distance from the needle tip to the middle of the muscle's endplates"
        )
        if not brought:
            print(f"{muscle}, {found.side}: no toxin reaches it.")
            continue
        print_rows(
            title,
            [
                {
                    "site": c.site,
                    "aimed at": f"{c.target}, {c.side}",
                    "units": f"{c.units:g} U {c.product}",
                    "share": f"{100 * c.share:.1f} %" if c.share >= 0.0005 else "<0.1 %",
                    "distance": f"{c.distance_mm:.0f} mm",
                }
                for c in brought
            ],
        )


def _why_document(plan: Any, muscle: str, answer: Any) -> dict[str, Any]:
    """`endplate/why/1`: like the course it carries its notice, versions and limits, and rounds its numbers."""
    from endplate.assess import prepared
    from endplate.model.course import BANNER
    from endplate.model.export import _number as rounded
    from endplate.model.limits import limits_of

    setup = prepared(plan, None, 1)
    sides = {
        found.side: {
            "median_over_threshold": rounded(found.median_over_threshold),
            "contributions": [
                {key: rounded(value) if isinstance(value, float) else value for key, value in vars(c).items()}
                for c in found.contributions
            ],
        }
        for found in answer
    }
    return {
        "schema": "endplate/why/1",
        "notice": BANNER,
        "title": plan.title,
        "muscle": muscle,
        "sides": sides,
        "versions": {**_versions(), "face": setup.face.id},
        "limits": list(limits_of(plan, setup)),
    }


def list_table(kind: str, grade: str | None, as_json: bool) -> None:
    from endplate.catalogue import rows

    found = rows(kind, grade=grade)
    if as_json:
        emit(found)
        return
    from endplate.report import print_rows

    print_rows(f"{kind}{f' of grade {grade}' if grade else ''}: {len(found)}", found, kind=kind)


def cite(ids: list[str], as_json: bool) -> None:
    from endplate.catalogue import cite as sources_of

    found = sources_of(_ids_behind(ids) or None)
    if as_json:
        emit([source.model_dump(mode="json") for source in found])
        return
    for source in found:
        print(f"{source.id}: {source.citation} ({source.read}) {source.address}".rstrip())


def _ids_behind(ids: list[str]) -> list[str]:
    """Ids as given; a plan file stands for its products, patterns and muscles, and the model's parameters."""
    out: list[str] = []
    for name in ids:
        if not name.endswith((".toml", ".json")):
            out.append(name)
            continue
        from endplate.model.parameters import model_parameter_ids
        from endplate.plan import read_plan

        plan = read_plan(Path(name))
        out += sorted({s.product for s in plan.sessions})
        out += sorted({i.pattern for s in plan.sessions for i in s.injections if i.pattern})
        out += sorted({i.muscle for s in plan.sessions for i in s.injections if i.muscle})
        out += list(model_parameter_ids())
        out += _behind_check(plan)
    return out


def _behind_check(plan: Any) -> list[str]:
    """The uses of a plan, and the rules by which it was judged."""
    from endplate.check import check

    uses = sorted({name for session in plan.sessions for name in session.indication})
    if all(session.given for session in plan.sessions):
        return uses
    return uses + sorted({one.rule for one in check(plan)})


def schema(kind: str) -> None:
    from endplate.app.schemas import schema_of

    emit(schema_of(kind))


def convert(path: Path, to: Path, as_json: bool) -> None:
    from endplate.plan import read_plan, write_plan

    plan = read_plan(path)
    if to.suffix.lower() not in (".toml", ".json"):
        raise PlanError(
            f"{shown(to)} is neither .toml nor .json.", "", "Give a name that ends in one of them."
        )
    check_file(to, "Give another name.")
    write_plan(plan, to)
    _print_written(to, as_json, title=plan.title)


def atlas(out: Path, plan_path: Path | None, sex: str, age: int, view: str, as_json: bool) -> None:
    from endplate.anatomy import default_face

    if out.suffix not in (".png", ".svg"):
        raise ReportError(
            f"{shown(out)} is neither .png nor .svg.", "", "Give a name that ends in one of them."
        )
    if view not in VIEWS:
        raise ReportError(
            f"Unknown view {shown(view)}.", f"There are {', '.join(VIEWS)}.", "Give one with --view."
        )
    check_file(out)
    face, sites = (default_face(sex, age), ()) if plan_path is None else _placed(plan_path)
    from endplate.report import draw_atlas

    try:
        draw_atlas(face, sites=sites, path=out, view=view)
    except OSError as error:
        raise ReportError(
            f"Cannot write {shown(out)}: {error.strerror}.", "", "Give another --out."
        ) from error
    _print_written(out, as_json, face=face.id, view=view, sites=len(sites))


def _placed(path: Path) -> tuple[Any, Any]:
    """The average face of a plan's patient, and the plan's sites on it."""
    from endplate.anatomy import default_face, place
    from endplate.plan import read_plan
    from endplate.plan.atlas import in_atlas

    plan = read_plan(path)
    with told_of(path):
        face = default_face(plan.patient.sex, plan.patient.age)
        return face, place(in_atlas(plan), face)


def _print_written(path: Path, as_json: bool, **facts: Any) -> None:
    if as_json:
        emit({"written": str(path), **facts})
    else:
        print(f"Wrote {path}.")


def version(as_json: bool) -> None:
    found = _versions()
    if as_json:
        emit(found)
    else:
        print(f"endplate {found['endplate']}, catalogue {found['catalogue']}")


def _versions() -> dict[str, str]:
    from endplate import __version__
    from endplate.catalogue import catalogue

    return {"endplate": __version__, "catalogue": catalogue().version}
