"""The exposures behind the fit: one thinned bank for each set of sites and line, made once and stored.

Women and men in the shares of the trials (nearly nine in ten are women), an expert's needles. Stored with a hash of
what they were made from, since a fit and its dossier read them many times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.clinic.keys import BankKey
from endplate.model.parameters import point_parameters

STORED = Path(__file__).parent / "data" / "banks.npz"
WOMEN, MEN = 18, 2
FACES = {"female": 24, "male": 8}
AGE = 45
NEEDLES = 16
SEED = 4
Banks = dict[str, tuple[np.ndarray, np.ndarray]]


def plan_of(key: BankKey) -> Any:
    """The plan that injects the sites of a key, with their doses scaled."""
    import json

    from endplate.plan import parse_plan

    patterns = [catalogue().pattern(name) for name, _ in key.patterns]
    sites = [
        {"pattern": name, "site": site.id, "units": site.units * scale, "volume_ml": site.volume_ml}
        for name, scale in key.patterns
        for site in catalogue().pattern(name).sites
    ]
    session = {
        "date": "2026-01-01",
        "product": patterns[0].product,
        "indication": list(dict.fromkeys(p.indication for p in patterns)),
        "jurisdiction": patterns[0].jurisdiction,
        "injections": sites,
    }
    plan = {"schema": "endplate/plan/1", "title": key.name[:100], "patient": {"age": AGE, "sex": "female"}}
    return parse_plan(json.dumps(plan | {"sessions": [session]}), "json")


def make(key: BankKey, progress: Callable[[int, int], None] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Share (entry, bin) and grid (bin,) of one key."""
    from endplate.population.bank import make_bank

    parts = []
    for sex, count in (("female", WOMEN), ("male", MEN)):
        bank = make_bank(
            plan_of(key),
            sex=sex,
            age=AGE,
            areas=(key.area,),
            faces=FACES[sex],
            needles=NEEDLES,
            experience="expert",
            seed=SEED,
            progress=progress,
        )
        parts.append((bank.grid, bank.thinned(count).share[key.area]))
    return _together(parts)


def _together(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Banks on one grid: their grids share a step and an origin."""
    step = float(parts[0][0][1] - parts[0][0][0])
    low = min(grid[0] for grid, _ in parts)
    high = max(grid[-1] for grid, _ in parts)
    grid = low + step * np.arange(round((high - low) / step) + 1)
    rows = []
    for own, share in parts:
        wide = np.zeros((len(share), len(grid)))
        first = round((own[0] - low) / step)
        wide[:, first : first + len(own)] = share
        rows.append(wide)
    return np.concatenate(rows), grid


def save(banks: Banks, path: Path = STORED) -> None:
    """Store banks with the hash of their inputs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {"inputs": np.array(inputs_hash()), "names": np.array(list(banks))}
    for i, (share, grid) in enumerate(banks.values()):
        arrays[f"share{i}"], arrays[f"grid{i}"] = share.astype(np.float32), grid
    np.savez_compressed(path, **arrays)


def load(path: Path = STORED) -> Banks:
    """The stored banks by `BankKey.name`."""
    with np.load(path) as file:
        return {
            str(name): (np.asarray(file[f"share{i}"], dtype=float), np.asarray(file[f"grid{i}"]))
            for i, name in enumerate(file["names"])
        }


def stored_hash(path: Path = STORED) -> str:
    """Hash of the inputs that the stored banks were made from."""
    with np.load(path) as file:
        return str(file["inputs"])


def inputs_hash() -> str:
    """Fingerprint of what a bank depends on: spread and needle parameters, patterns, lines, and how many are drawn."""
    digest = sha256()
    for name, value in point_parameters().values.items():
        if name.startswith(("spread.", "needle.")):
            digest.update(f"{name}={float(value[0])!r};".encode())
    for name in ("patterns.toml", "lines.toml"):
        digest.update((catalogue().folder / name).read_bytes().replace(b"\r\n", b"\n"))
    digest.update(repr((WOMEN, MEN, sorted(FACES.items()), AGE, NEEDLES, SEED)).encode())
    return digest.hexdigest()[:16]
