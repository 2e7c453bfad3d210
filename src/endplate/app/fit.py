"""`endplate fit`: run the clinical fit again, print what it found, write the posterior to a folder."""

from __future__ import annotations

import sys
from typing import Any

from endplate.app.cli import emit
from endplate.app.places import folder_of
from endplate.app.run import progress_bar
from endplate.errors import ModelError

LIMITS = {"chains": (1, 16), "warmup": (1, 20_000), "draws": (4, 20_000), "workers": (1, 64)}


def fit(
    *, chains: int, warmup: int, draws: int, seed: int, workers: int, out: str | None, as_json: bool
) -> None:
    """Run it; see `endplate fit --help`."""
    given = {"chains": chains, "warmup": warmup, "draws": draws, "workers": workers}
    for name, (least, most) in LIMITS.items():
        if not least <= given[name] <= most:
            raise ModelError(f"--{name} is {given[name]}.", f"Allowed: {least} to {most}.", f"Give --{name}.")
    if not 0 <= seed < 2**31:
        raise ModelError(f"The seed is {seed}.", "It is a whole number from 0 to 2^31 - 1.", "Give --seed.")
    _check_installed()
    folder = folder_of(out, ("posterior.npz", "posterior.toml"))
    from endplate.fit.clinic.run import fit as run
    from endplate.fit.clinic.sampler import Settings

    settings = Settings(warmup=warmup, draws=draws, chains=chains, seed=seed)
    if sys.stderr.isatty():
        print(f"{chains} chains of {warmup} + {draws} steps on {workers} processes ...", file=sys.stderr)
    with progress_bar(chains, "Chains done") as tick:
        found = run(settings, workers=workers, progress=tick)[""]
    if folder is not None:
        from endplate.fit.clinic.store import save_posterior

        save_posterior(found, folder)
    _print(_document(found), folder, as_json)


def _check_installed() -> None:
    from importlib.util import find_spec

    if find_spec("numpyro") is None:
        raise ModelError(
            "NumPyro is not installed here.", "", "Install the extra `fit`: pip install 'endplate[fit]'."
        )


def _document(found: Any) -> dict[str, Any]:
    from endplate import __version__
    from endplate.catalogue import catalogue
    from endplate.fit.clinic.summary import rows
    from endplate.model.course import BANNER

    return {
        "schema": "endplate/fit/1",
        "notice": BANNER,
        "parameters": rows(found.names, found.values),
        "rows": len(found.rows),
        "studies": len(found.studies),
        "divergences": int(found.diverging.sum()),
        "seconds": round(float(found.seconds), 1),
        "settings": vars(found.settings),
        "versions": {"endplate": __version__, "catalogue": catalogue().version},
    }


def _print(document: dict[str, Any], folder: Any, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    from endplate.report import print_rows

    shown = [
        {
            "parameter": row["id"],
            "unit": row["unit"],
            "before (5 to 95 %)": "{:.3g} ({:.3g} to {:.3g})".format(*row["prior"]),
            "after (5 to 95 %)": "{:.3g} ({:.3g} to {:.3g})".format(*row["posterior"]),
            "R-hat": f"{row['rhat']:.3f}",
            "effective draws": f"{row['effective_draws']:.0f}",
        }
        for row in document["parameters"]
    ]
    title = (
        f"Fit of {document['rows']} published numbers from {document['studies']} studies; "
        f"{document['divergences']} divergent steps, {document['seconds']:.0f} s of sampling"
    )
    print_rows(title, shown)
    if folder is not None:
        print(f"Posterior: {folder / 'posterior.npz'}")
