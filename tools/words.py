"""The words of dev.py. Each makes the environment it needs, then runs one thing in it."""

from __future__ import annotations

import functools
import http.server
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools import installer
from tools.environment import CORE, DOCS, INSTALLER, LINT, PEERS, ROOT, TEST, ensure, say
from tools.errors import DevError
from tools.hygiene import complaints

DOCS_BUILT = ROOT / "docs" / "_build" / "html"
CALL_OUTSIDE = re.compile(r"""<(?:script|img|iframe|link rel="stylesheet")[^>]*(?:src|href)=["']https?:""")
AGAINST_PEERS = ("field", "population")  # benchmarks that need the libraries of other people
DEMO_REPORT = ROOT / "endplate-demo"


def demo(arguments: list[str]) -> None:
    """set up (core dependencies only), then run `endplate demo` on a bundled case"""
    _run(ensure(CORE), "-m", "endplate", "demo", *arguments, what="the demo")


def test(arguments: list[str]) -> None:
    """the tests, two at a time (`--slow` adds the long ones; the variable CI does too)"""
    _run(ensure(TEST), "-m", "pytest", "-n", "2", *arguments, what="pytest")


def lint(arguments: list[str]) -> None:
    """ruff, basedpyright, import-linter and a look for machine paths (`--fix`: let ruff repair first)"""
    python = ensure(LINT)
    if "--fix" in arguments:
        _run(python, "-m", "ruff", "check", "--fix-only", "--quiet", ".", what="ruff check")
        _run(python, "-m", "ruff", "format", ".", what="ruff format")
    checks: list[tuple[str, tuple[str, ...]]] = [
        ("ruff check", ("-m", "ruff", "check", "--quiet", ".")),
        ("ruff format", ("-m", "ruff", "format", "--check", "--quiet", ".")),
        ("basedpyright", ("-m", "basedpyright", "--level", "error", "--pythonpath", str(python))),
        ("import-linter", ("-c", "from importlinter.cli import lint_imports_command as run; run()")),
    ]
    failed = [name for name, command in checks if not _passes(python, name, *command)]
    found = complaints(ROOT)
    print("\n".join(found) if found else "no machine paths and no registry addresses in the tree")
    failed += ["hygiene"] if found else []
    if failed:
        raise DevError(f"lint found something to repair: {', '.join(failed)}.")


def docs(arguments: list[str]) -> None:
    """build the documentation with Sphinx, a warning being an error"""
    options = ["-W", "--keep-going", "-q", "-b", "html", *arguments]
    _run(ensure(DOCS), "-m", "sphinx", *options, "docs", str(DOCS_BUILT), what="the documentation")
    pages = sorted(DOCS_BUILT.rglob("*.html"))
    if outside := [page.name for page in pages if CALL_OUTSIDE.search(page.read_text(encoding="utf-8"))]:
        raise DevError(f"built pages would ask another machine for something: {', '.join(outside)}.")
    say(f"the documentation is in {DOCS_BUILT.relative_to(ROOT)}/index.html")


def bench(arguments: list[str]) -> None:
    """run every script of benchmarks/ (or those named); each prints one JSON object a line"""
    scripts = sorted((ROOT / "benchmarks").glob("[!_]*.py"))
    if unknown := [name for name in arguments if name not in {script.stem for script in scripts}]:
        raise DevError(f"no benchmark {unknown[0]!r}; there are: {', '.join(s.stem for s in scripts)}.")
    chosen = [script for script in scripts if not arguments or script.stem in arguments]
    python = {script.stem: ensure(PEERS if script.stem in AGAINST_PEERS else CORE) for script in chosen}
    failed = [script.stem for script in chosen if not _passes(python[script.stem], script.stem, str(script))]
    if failed:
        raise DevError(f"over the limit, or failed: {', '.join(failed)}.")


def serve(arguments: list[str]) -> None:
    """show built pages on this machine alone: the documentation, the demo's report, or a folder you name"""
    folders = [Path(arguments[0])] if arguments else [DOCS_BUILT, DEMO_REPORT]
    folder = next((folder for folder in folders if folder.is_dir()), None)
    if folder is None:
        raise DevError(
            "nothing to show yet: make pages first with `python3 dev.py docs` or `python3 dev.py demo`."
        )
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        say(f"plain files of {folder} at {address} (no application behind them; Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("stopped")


def refit(arguments: list[str]) -> None:
    """fit the clinical results again, and without each study in turn (`--help`; an hour or less on two cores)"""
    _run(ensure(TEST), "-m", "tools.refit", *arguments, what="the fit")


def refit_effects(arguments: list[str]) -> None:
    """calibrate the unwanted effects again (`--help`; half an hour on two cores)"""
    _run(ensure(TEST), "-m", "tools.refit_effects", *arguments, what="the calibration")


def mutate(arguments: list[str]) -> None:
    """move every limit of the labels and change the rule code in small ways: the label cases must notice"""
    python = ensure(TEST)
    _run(python, "-m", "tools.move_limits", *arguments, what="the moved limits")
    _run(python, "-m", "tools.mutate_rules", *arguments, what="the changed rule code")


def lock(arguments: list[str]) -> None:
    """make requirements.lock again from pyproject.toml (`--upgrade`: newest versions; needs the network)"""
    chosen = "--all-extras --group test --group lint --group docs --group installer --group peers".split()
    options = "--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header".split()
    style = "--annotation-style line --quiet -o requirements.lock".split()
    command = ["-m", "uv", "pip", "compile", "pyproject.toml", *chosen, *options, *style, *arguments]
    python = ensure(INSTALLER)
    settings = installer.uv_settings(python)
    if subprocess.run([str(python), *command], cwd=ROOT, env=settings).returncode:
        raise DevError("the lock could not be made; the former one stands.")


WORDS: dict[str, Callable[[list[str]], None]] = {
    word.__name__.replace("_", "-"): word
    for word in (demo, test, lint, docs, bench, serve, refit, refit_effects, mutate, lock)
}


def main(arguments: list[str]) -> int:
    """Run one word; the exit code: 0 done, 2 with one sentence on stderr when it could not be done."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_usage())
        return 0 if arguments else 2
    word = WORDS.get(arguments[0])
    if word is None:
        print(f"dev.py: no word {arguments[0]!r}; there are: {', '.join(WORDS)}.", file=sys.stderr)
        return 2
    try:
        word(arguments[1:])
    except DevError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"dev.py: {arguments[0]} could not be done: {error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("dev.py: stopped.", file=sys.stderr)
        return 2
    return 0


def _usage() -> str:
    lines = [f"  {name:<13} {(word.__doc__ or '').strip()}" for name, word in WORDS.items()]
    return "usage: python3 dev.py WORD [options of the tool behind it]\n\n" + "\n".join(lines)


def _run(python: Path, *command: str, what: str) -> None:
    code = subprocess.run([str(python), *command], cwd=ROOT, env=_clean_settings()).returncode
    if code:
        raise DevError(f"{what} ended with exit code {code}.")


def _passes(python: Path, name: str, *command: str) -> bool:
    print(f"== {name}", flush=True)
    return subprocess.run([str(python), *command], cwd=ROOT, env=_clean_settings()).returncode == 0


def _clean_settings() -> dict[str, str]:
    """The caller's variables without those that would make another Python's packages visible."""
    unwanted = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in unwanted}
