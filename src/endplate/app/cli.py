"""The command line: each command is one public function, printed.

Exit codes: 0 done, 2 refused input (one line says what was found and what to do), 3 a stop under `check --strict`; see
`ending.py`.
Nothing heavy is imported here, so that `endplate --help` answers at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="endplate",
    help="Treatment planning for botulinum toxin, from the needle to the force of every muscle. "
    "For research, teaching and trial design; not a medical device.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)

PlanFile = Annotated[Path, typer.Argument(help="Plan file, .toml or .json.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Days = Annotated[int, typer.Option(help="Last day of the course, counted from the first planned session.")]
Samples = Annotated[int, typer.Option(help="Draws behind the bands; 0 for the point estimate alone.")]
Seed = Annotated[int, typer.Option(help="Same plan and seed, same bytes.")]
# Text, not a path: an empty path reads as the current folder, and is to be refused.
Out = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="Folder for report.html, pictures, course.json and course.csv."),
]
Faces = Annotated[int, typer.Option(help="Drawn faces behind a risk, a multiple of 4.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def _version(wanted: bool) -> None:
    if wanted:
        from endplate.app import run

        run.version(as_json=False)
        raise typer.Exit


@app.callback()
def _options(
    debug: Debug = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the versions of program and catalogue.",
            is_eager=True,
            callback=_version,
        ),
    ] = False,
) -> None:
    _STATE["debug"] = debug


_STATE = {"debug": False}


@app.command()
def demo(
    out: Annotated[str, typer.Option(metavar="FOLDER", help="Folder for the report.")] = "endplate-demo",
    samples: Samples = 200,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Run the bundled case: glabellar lines, onabotulinumtoxinA, 5 x 4 U."""
    from endplate.app import run

    run.demo(out, samples, seed, as_json)


@app.command()
def simulate(
    plan: PlanFile,
    days: Days = 365,
    samples: Samples = 200,
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
    engine: Annotated[str, typer.Option(help="numpy or jax (same equations).")] = "numpy",
    antibodies: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Share of free toxin that antibodies remove, 0 to 1, at every session alike.",
        ),
    ] = 0.0,
    risk: Annotated[
        bool, typer.Option("--risk", help="Add the risk of every unwanted effect (see `endplate risk`).")
    ] = False,
) -> None:
    """Simulate the course of every muscle after a plan."""
    from endplate.app import run

    run.simulate_plan(
        plan,
        days=days,
        samples=samples,
        seed=seed,
        out=out,
        as_json=as_json,
        engine=engine,
        antibodies=antibodies,
        risk=risk,
    )


@app.command()
def risk(
    plan: PlanFile,
    faces: Faces = 24,
    seed: Seed = 0,
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Folder for risk.html, its picture and JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how often each unwanted effect happens, by mechanism and by report."""
    from endplate.app.risk import risk as ask

    ask(plan, faces=faces, seed=seed, out=out, as_json=as_json)


@app.command()
def why(
    plan: PlanFile,
    effect: Annotated[
        str | None, typer.Option(help="Unwanted effect by mechanism, such as eyelid_ptosis.")
    ] = None,
    muscle: Annotated[
        str | None,
        typer.Option(help="In place of an effect: muscle id, such as levator_palpebrae_superioris."),
    ] = None,
    side: Annotated[
        str | None, typer.Option(help="left, right or midline; either side, or all sides, unless given.")
    ] = None,
    level: Annotated[str, typer.Option(help="By which definition of the effect; see docs/risk.md.")] = "seen",
    no_change: Annotated[
        bool, typer.Option("--no-change", help="Do not look for the smallest change that halves the risk.")
    ] = False,
    faces: Faces = 24,
    seed: Seed = 0,
    out: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="With --effect: folder for why.html, its picture and JSON."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say which injection brings an unwanted effect, or which share of a muscle's exposure."""
    from endplate.app.why import check_one

    check_one(effect, muscle)
    if muscle is not None:
        from endplate.app import run

        run.why(plan, muscle, side, as_json)
        return
    from endplate.app.why import why as ask

    ask(
        plan,
        str(effect),
        side,
        level=level,
        change=not no_change,
        faces=faces,
        seed=seed,
        out=out,
        as_json=as_json,
    )


@app.command()
def replay(
    plan: PlanFile,
    faces: Annotated[int, typer.Option(help="Faces, 8 to 1000; each is treated once.")] = 200,
    seed: Seed = 0,
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Folder for replay.html, its picture and JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try one plan on many individual faces and count what happens."""
    from endplate.app.replay import replay as ask

    ask(plan, faces=faces, seed=seed, out=out, as_json=as_json)


@app.command()
def compare(
    plans: Annotated[
        list[Path],
        typer.Argument(
            help="Two to five plan files, .toml or .json; one with --volumes.", show_default=False
        ),
    ],
    volumes: Annotated[
        str | None,
        typer.Option(
            metavar="FACTORS",
            help="Beside one plan: the same units in so many times its volumes, such as 0.5,2.",
        ),
    ] = None,
    faces: Faces = 24,
    samples: Samples = 200,
    days: Days = 365,
    seed: Seed = 0,
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Folder for compare.html, its picture and JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Set two to five plans side by side: what they do, and by how much their risks differ."""
    from endplate.app.compare import compare as ask

    ask(plans, volumes=volumes, faces=faces, samples=samples, days=days, seed=seed, out=out, as_json=as_json)


@app.command()
def leaflet(
    plan: PlanFile,
    out: Annotated[Path, typer.Option(help="Page to write, .html.")],
    samples: Samples = 200,
    faces: Faces = 24,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Write the patient's leaflet: what to expect, what may go wrong, when to call."""
    from endplate.app.leaflet import leaflet as write

    write(plan, out, samples=samples, faces=faces, seed=seed, as_json=as_json)


@app.command()
def check(
    plan: PlanFile,
    jurisdiction: Annotated[
        str | None,
        typer.Option(help="Whose labels count: us, eu, uk, ca, sg or au; that of the plan unless given."),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="Day whose label texts count; that of each session unless given."
        ),
    ] = None,
    rules_only: Annotated[
        bool, typer.Option("--rules-only", help="Leave out what a simulation shows (fast).")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when a stop stands.")] = False,
    faces: Annotated[int, typer.Option(help="Drawn faces behind the risk, a multiple of 4.")] = 8,
    seed: Seed = 0,
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Folder for check.html, its picture and JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a plan is allowed and sensible: label, patient, interval, places, course; each with its source."""
    from endplate.app.check import check as ask

    stands = ask(
        plan,
        jurisdiction=jurisdiction,
        date=date,
        rules_only=rules_only,
        faces=faces,
        seed=seed,
        out=out,
        as_json=as_json,
    )
    if strict and stands:
        raise typer.Exit(3)


@app.command()
def triage(
    case: Annotated[
        Path, typer.Argument(help="Case file, .toml or .json: a plan without sessions.", show_default=False)
    ],
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Folder for triage.html and JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether toxin is the right treatment at all, what else there is, and who should see the patient how soon."""
    from endplate.app.triage import triage as ask

    ask(case, out=out, as_json=as_json)


@app.command()
def prepare(
    plan: PlanFile,
    session: Annotated[
        int | None,
        typer.Option(help="Session to prepare, counted from 1; the first planned day unless given."),
    ] = None,
    syringe: Annotated[str | None, typer.Option(metavar="ID", help="Syringe; chosen unless given.")] = None,
    order: Annotated[str, typer.Option(help="Order of the points: face or plan.")] = "face",
    at: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DDTHH:MM", help="When the powder is dissolved.")
    ] = None,
    no_simulation: Annotated[
        bool, typer.Option("--no-simulation", help="Do not simulate what the rounding changes.")
    ] = False,
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Folder for preparation.html and JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Work out how the vial is prepared: diluent, syringe marks, waste, use-by time, a sheet for every point."""
    from endplate.app.prepare import prepare as ask

    ask(
        plan,
        session=session,
        syringe=syringe,
        order=order,
        at=at,
        simulate=not no_simulation,
        out=out,
        as_json=as_json,
    )


@app.command()
def facts(
    ids: Annotated[list[str] | None, typer.Argument(help="Statements by id; all if none.")] = None,
    verdict: Annotated[str | None, typer.Option(help="Only true, partly, false or unsupported ones.")] = None,
    show: Annotated[bool, typer.Option("--show", help="Run the simulations that show them.")] = False,
    out: Annotated[str | None, typer.Option(metavar="FOLDER", help="Folder for facts.html and JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge what people read about botulinum toxin, with the evidence and a simulation where there is one."""
    from endplate.app.facts import facts as ask

    ask(ids or [], verdict=verdict, show=show, out=out, as_json=as_json)


@app.command()
def sensitivity(
    plan: PlanFile,
    of: Annotated[str, typer.Option(metavar="MUSCLE", help="Muscle id, such as corrugator_supercilii.")],
    side: Annotated[
        str | None,
        typer.Option(help="left, right or midline; the side that weakens more unless given (left if equal)."),
    ] = None,
    quantity: Annotated[
        str,
        typer.Option(
            help="nadir (lowest force), duration, onset or exposure; JSON and report hold all of them."
        ),
    ] = "nadir",
    samples: Annotated[
        int,
        typer.Option(
            help="Rows of the two samples, a power of two up to 4096; the model runs some thirty times as often."
        ),
    ] = 512,
    days: Days = 365,
    seed: Seed = 0,
    out: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Folder for sensitivity.html, its picture, JSON and CSV."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say which parameters decide the course of a muscle, with the grade of each."""
    from endplate.app.sensitivity import sensitivity as ask

    ask(
        plan,
        of,
        side,
        quantity=quantity,
        samples=samples,
        days=days,
        seed=seed,
        out=out,
        as_json=as_json,
    )


@app.command()
def trial(
    design: Annotated[Path, typer.Argument(help="Trial design, .toml or .json.", show_default=False)],
    patients: Annotated[
        int, typer.Option(help="Simulated in each arm, whatever its size in the design.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(help="Same design, patients and seed, same bytes.")] = 0,
    workers: Annotated[
        int | None, typer.Option(help="Threads; as many as there are processors, four at most, unless given.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Dask scheduler that does the work, such as tcp://host:8786."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Folder for trial.html, trial.json, trial.csv and patients.npz."),
    ] = None,
    kept: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FOLDER",
            help="Folder of an earlier run: its patients are read again, none simulated.",
        ),
    ] = None,
    no_risk: Annotated[
        bool,
        typer.Option("--no-risk", help="Leave out the risks of unwanted effects by mechanism (faster)."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a virtual trial: endpoints by arm and visit with intervals, durations, power, unwanted effects."""
    from endplate.app.trial import trial as run_design

    run_design(
        design,
        patients=patients,
        seed=seed,
        workers=workers,
        cluster=cluster,
        out=out,
        kept=kept,
        risk=not no_risk,
        as_json=as_json,
    )


@app.command()
def dossier(
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Folder for dossier.json and dossier.csv.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Set every published number beside its prediction without its own study."""
    from endplate.app.dossier import dossier as show

    show(out=out, as_json=as_json)


@app.command()
def fit(
    chains: Annotated[int, typer.Option(help="Chains of the sampler.")] = 4,
    warmup: Annotated[int, typer.Option(help="Steps of each chain before its draws are kept.")] = 250,
    draws: Annotated[int, typer.Option(help="Draws kept of each chain.")] = 500,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(help="Processes; a chain runs in one.")] = 2,
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Folder for posterior.npz and posterior.toml.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit the published clinical results again (some minutes; needs the extra `fit`)."""
    from endplate.app.fit import fit as run_fit

    run_fit(chains=chains, warmup=warmup, draws=draws, seed=seed, workers=workers, out=out, as_json=as_json)


@app.command(name="list")
def list_(
    kind: Annotated[
        str,
        typer.Argument(
            help="products, labels, indications, patterns, muscles, targets, conditions, parameters, evidence, "
            "studies, results, endpoints, adverse, areas, checks, zones or sources."
        ),
    ],
    grade: Annotated[str | None, typer.Option(help="Only entries of this grade: A, B, C or D.")] = None,
    as_json: AsJson = False,
) -> None:
    """List a table of the catalogue."""
    from endplate.app import run

    run.list_table(kind, grade, as_json)


@app.command()
def cite(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Ids of entries or sources, or a plan file; all if none.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the sources behind catalogue entries, or behind a plan."""
    from endplate.app import run

    run.cite(ids or [], as_json)


@app.command()
def schema(
    kind: Annotated[
        str,
        typer.Argument(
            help="plan, case, course, check, triage, preparation, facts, sensitivity, trial, trial-result, dossier, "
            "risk, why, replay or compare."
        ),
    ] = "plan",
    as_json: Annotated[bool, typer.Option("--json", help="Changes nothing: a schema is JSON.")] = False,
) -> None:
    """Print the JSON Schema of a file format."""
    from endplate.app import run

    run.schema(kind)


@app.command()
def convert(
    plan: PlanFile,
    to: Annotated[Path, typer.Argument(help="New file, .toml or .json.")],
    as_json: AsJson = False,
) -> None:
    """Rewrite a plan file as TOML or JSON without changing a number."""
    from endplate.app import run

    run.convert(plan, to, as_json)


@app.command()
def atlas(
    out: Annotated[Path, typer.Option(help="Picture to write: .png or .svg.")],
    plan: Annotated[Path | None, typer.Option(help="Plan file whose sites are drawn.")] = None,
    sex: Annotated[str, typer.Option(help="female or male (without a plan).")] = "female",
    age: Annotated[int, typer.Option(help="Age in years (without a plan).")] = 45,
    view: Annotated[
        str,
        typer.Option(
            help="auto, all, front, three_quarter, side or orbit; "
            "auto: the orbit where a site lies in one, else all three of the head."
        ),
    ] = "auto",
    as_json: AsJson = False,
) -> None:
    """Draw the atlas of the muscles, with the sites of a plan."""
    from endplate.app import run

    run.atlas(out, plan, sex, age, view, as_json)


@app.command()
def version(as_json: AsJson = False) -> None:
    """Print the versions of program and catalogue."""
    from endplate.app import run

    run.version(as_json)


def emit(value: Any) -> None:
    """Print JSON on one line, the same bytes on every run; plain ASCII where the terminal knows no more."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, separators=(",", ":"))
    print(text)


def main() -> None:
    """Run the command line; whatever a user can meet is one line on stderr and exit code 2."""
    from endplate.app.ending import run_app

    _STATE["debug"] = False
    raise SystemExit(run_app(app, sys.argv[1:], lambda: _STATE["debug"]))
