"""The shipped joint draws of unwanted effects: how they are written, and whether they are still those of today.

`population/data/effects.npz` holds what the risk engine draws from (names, draws), `effects.toml` how it was made,
`fit/effects/data/found.json` what the pages print. What a calibration depends on is hashed: rows and conditions,
reported rates, priors, the clinical posterior, and the code that it runs.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.effects import mechanisms
from endplate.fit.clinic.store import code_text
from endplate.fit.effects.joint import Joint
from endplate.fit.effects.rounds import Calibration
from endplate.fit.effects.rows import FILE, table
from endplate.population.posterior import DATA
from endplate.population.risk_draws import FREE, FREE_OF_CLASS

FOUND = FILE.with_name("found.json")
NAME = "effects"
CODE = (
    "model/face/balance.py",
    "model/face/lids.py",
    "model/face/opening.py",
    "model/face/palsy.py",
    "model/face/parts.py",
    "model/junction/response.py",
    "population/risk_chance.py",
    "population/risk_draws.py",
    "population/risk_faces.py",
    "population/risk_laws.py",
    "population/risk_losses.py",
    "population/risk_needles.py",
    "population/risk_run.py",
    "population/risk_tables.py",
    "fit/effects/emulator.py",
    "fit/effects/grids.py",
    "fit/effects/joint.py",
    "fit/effects/likelihood.py",
    "fit/effects/rates.py",
    "fit/effects/rounds.py",
    "fit/effects/rows.py",
    "fit/effects/space.py",
)
TABLES = ("patterns.toml", "face_balance.toml", "face_expressions.toml")
READ = (*FREE, *FREE_OF_CLASS, "junction.", "threshold.", "person.dose_cv")


def inputs_hash() -> str:
    """Fingerprint of all that a calibration depends on, the same whatever the line endings."""
    digest = sha256(_text(FILE))
    for name in TABLES:
        digest.update(_text(catalogue().folder / name))
    for one in mechanisms().values():
        digest.update(repr((one.id, one.law, sorted(one.levels.items()), one.muscles)).encode())
    for row in table().rows:
        digest.update(repr((row.id, row.events, row.n, row.rate, row.tag)).encode())
    for name, entry in catalogue().parameters.items():
        if name.startswith(READ):
            digest.update(
                f"{name} {entry.value} {entry.low} {entry.high} {entry.scale} {entry.drawn};".encode()
            )
    with np.load(DATA / "posterior.npz") as file:
        digest.update(repr([str(name) for name in file["names"]]).encode())
        digest.update(np.asarray(file["draws"], dtype=np.float32).tobytes())
    for name in CODE:
        digest.update(code_text(name).encode())
    return digest.hexdigest()[:16]


def _text(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")


def save(found: Calibration, drawn: Joint, moved: Sequence[str], folder: Path = DATA) -> None:
    """Write the joint draws and how they were made.

    Args:
        moved: what the rows moved; the rest hangs together with it and does not pass for known.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = drawn.values()
    np.savez_compressed(
        folder / f"{NAME}.npz",
        names=np.array(list(values)),
        draws=np.stack(list(values.values()), axis=1).astype(np.float32),
        moved=np.array([name in moved for name in values]),
    )
    settings = found.whole.settings
    errors = [one.error for one in found.emulators.values()]
    lines = [
        "# How the joint draws in effects.npz were made: `python3 dev.py refit-effects`.",
        f'inputs = "{inputs_hash()}"',
        'method = "NUTS on emulators of the risk engine"',
        f"rows = {len(found.whole.fitted)}",
        f"conditions = {len({row.condition for row in found.whole.fitted})}",
        f"faces = {settings['faces']}",
        f"seed = {settings['seed']}",
        f"rounds = {_sizes(found)}",
        f"seconds = {[round(one) for one in found.seconds]}",
        f"emulator_sd = {round(float(np.median(errors)), 3)}",
        f"kept = {len(drawn.z)}",
        f"rhat = {round(drawn.rhat, 4)}",
        f"diverging = {drawn.diverging}",
        f"moved = {json.dumps(list(moved))}",
    ]
    (folder / f"{NAME}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sizes(found: Calibration) -> list[int]:
    return [int((found.chosen == k).sum()) for k in range(int(found.chosen.max()) + 1)]


def save_found(content: Mapping[str, Any], path: Path = FOUND) -> None:
    """Write what pages and tests read."""
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def load_found(path: Path = FOUND) -> dict[str, Any]:
    """What the last calibration found."""
    return dict(json.loads(path.read_text("utf-8")))


def stored_recipe(folder: Path = DATA) -> dict[str, Any]:
    """How the stored draws were made."""
    return tomllib.loads((folder / f"{NAME}.toml").read_text("utf-8"))
