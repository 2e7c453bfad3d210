"""The homogeneous field on a million cells: closed form against py-pde and FiPy, and against an exact DCT solution.

A Gaussian of 1 mm in a box of 32 x 32 x 16 mm without flux, spreading and taken up for six hours. Everybody writes
the whole field at the centres of 128 x 128 x 64 cells of 0.25 mm.

- closed form: `gaussian_field`, a product of three lines with their mirror images.
- DCT: the cosine transform of the start, each mode multiplied by its exact decay, and back. It shares no formula with
  the closed form and referees it.
- py-pde: its explicit Euler stepper compiled by Numba, `DiffusionPDE` (its ready-made operator, never slower than an
  expression), the largest stable step with a margin of a tenth. Uptake, being first order, is a factor at the end: that
  spares it work. Its documented `solve` compiles the stepper anew in every call; here the steps are timed apart
  (`steps_alone`: what is left when a caller builds the stepper by hand and keeps it) and the ratio is of both.
- FiPy: implicit Euler with twelve steps, conjugate gradients of its SciPy suite, uptake as a factor too; its mesh, made
  during a first step, apart.

Floor of the closed form: 8.4 MB written once, 0.27 ms at 31 GB/s.

Prints one JSON object a line. The exit code is 1 when a ratio is below 1000 (the steps of py-pde alone may be) or
closed form and DCT differ by more than 1e-10 of the peak.

usage: python benchmarks/field.py [repeats]
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from endplate.model.spread.voxel import Grid, gaussian_field

SHAPE, H_MM, TIP_MM, SD_MM = (128, 128, 64), 0.25, (14.0, 17.0, 7.0), 1.0
D_MM2_PER_MIN, K_PER_MIN, TIME_MIN = 3e-3, 2e-3, 360.0  # the size of the task; no claim about tissue
WANTED, AGREE = 1000.0, 1e-10
FIPY_STEPS = 12
GRID = Grid((0.0, 0.0, 0.0), H_MM, SHAPE)
LEFT = float(np.exp(-K_PER_MIN * TIME_MIN))
START = gaussian_field(GRID, TIP_MM, (SD_MM**2,) * 3)
FINAL = (SD_MM**2 + 2.0 * D_MM2_PER_MIN * TIME_MIN,) * 3

Run = Callable[[], np.ndarray]


def timed(call: Run, repeats: int = 1) -> tuple[float, np.ndarray]:
    """Best wall time of the repeats (s), and what came out."""
    best_s, out = np.inf, np.zeros(0)
    for _ in range(repeats):
        begun = time.perf_counter()
        out = call()
        best_s = min(best_s, time.perf_counter() - begun)
    return best_s, out


def closed_form() -> Run:
    out = np.empty(SHAPE)
    return lambda: gaussian_field(GRID, TIP_MM, FINAL, scale=LEFT, out=out)


def cosine_transform() -> Run:
    """Exact in time; in space to the aliasing of the start, which a Gaussian four cells wide does not have."""
    from scipy.fft import dctn, idctn

    decay = [
        np.exp(-D_MM2_PER_MIN * TIME_MIN * (np.pi * np.arange(n) / (n * H_MM)) ** 2).reshape(
            [-1 if a == axis else 1 for a in range(3)]
        )
        for axis, n in enumerate(SHAPE)
    ]

    def run() -> np.ndarray:
        modes = dctn(START, workers=2)
        modes *= LEFT * decay[0] * decay[1]
        modes *= decay[2]
        return idctn(modes, workers=2, overwrite_x=True)

    return run


def with_py_pde() -> tuple[Run, float]:
    """The run, and the time to compile it (s)."""
    from pde import CartesianGrid, DiffusionPDE, EulerSolver, ScalarField

    grid = CartesianGrid([(0.0, n * H_MM) for n in SHAPE], list(SHAPE), periodic=False)
    steps = int(np.ceil(TIME_MIN * 6.0 * D_MM2_PER_MIN / (0.9 * H_MM**2)))
    solver = EulerSolver(DiffusionPDE(D_MM2_PER_MIN, bc="auto_periodic_neumann"), backend="numba")

    def run() -> np.ndarray:
        state: Any = ScalarField(grid, START.copy())
        step(state, 0.0, TIME_MIN)
        return LEFT * state.data

    begun = time.perf_counter()
    step: Any = solver.make_stepper(ScalarField(grid, START.copy()), dt=TIME_MIN / steps)
    step(ScalarField(grid, START.copy()), 0.0, 2 * TIME_MIN / steps)
    return run, time.perf_counter() - begun


def with_fipy() -> tuple[Run, float]:
    """The run, and the time to make its mesh and take one step (s)."""
    os.environ["FIPY_SOLVERS"] = "scipy"
    import fipy

    begun = time.perf_counter()
    nx, ny, nz = SHAPE
    mesh = fipy.Grid3D(dx=H_MM, dy=H_MM, dz=H_MM, nx=nx, ny=ny, nz=nz)
    equation = fipy.TransientTerm() == fipy.DiffusionTerm(coeff=D_MM2_PER_MIN)

    def run(steps: int = FIPY_STEPS) -> np.ndarray:
        value = fipy.CellVariable(mesh=mesh, value=START.transpose(2, 1, 0).ravel())
        solver = fipy.LinearCGSolver(tolerance=1e-7, iterations=200)
        for _ in range(steps):
            equation.solve(var=value, dt=TIME_MIN / FIPY_STEPS, solver=solver)
        return LEFT * np.asarray(value.value).reshape(nz, ny, nx).transpose(2, 1, 0)

    run(1)
    return run, time.perf_counter() - begun


def main(repeats: int) -> int:
    exact = cosine_transform()()
    ours, dct = closed_form(), cosine_transform()
    py_pde, compile_s = with_py_pde()
    fipy, mesh_s = with_fipy()
    ours()
    best: dict[str, float] = {}
    error: dict[
        str, float
    ] = {}  # relative to the DCT, in the Euclidean norm; its own is that of the closed form
    turns: list[tuple[str, Run, int]] = [("DCT", dct, repeats), ("py-pde", py_pde, 2), ("FiPy", fipy, 1)]
    for name, run, times in [*turns, turns[1]]:  # ours before and after each of the others, in one run
        for label, call, count in [
            ("closed form", ours, repeats),
            (name, run, times),
            ("closed form", ours, repeats),
        ]:
            took_s, field = timed(call, count)
            best[label] = min(best.get(label, np.inf), took_s)
            referee = ours() if label == "DCT" else exact
            error[label] = float(np.linalg.norm(field - referee) / np.linalg.norm(referee))
    apart = int(np.abs(ours() - exact).max() > AGREE * exact.max())
    steps_alone = round(best["py-pde"] / best["closed form"])
    best["py-pde"] += compile_s
    for label in best:
        say(label, best, error[label], {"py-pde": compile_s, "FiPy": mesh_s}.get(label), steps_alone)
    return int(apart or min(best[name] for name in ("py-pde", "FiPy")) < WANTED * best["closed form"])


def say(label: str, best: dict[str, float], error: float, ready_s: float | None, steps_alone: int) -> None:
    line: dict[str, Any] = {
        "benchmark": "field",
        "case": f"1.05 M cells, homogeneous, 6 h: {label}",
        "best_s": float(f"{best[label]:.3g}"),
        "error": float(f"{error:.2g}"),
    }
    if label != "closed form":
        line["ratio"] = round(best[label] / best["closed form"])
    if ready_s is not None:
        line |= {"ready_s": round(ready_s, 1), "limit_ratio": WANTED}
    if label == "py-pde":
        line["ratio_steps_alone"] = steps_alone
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main(max(5, int(sys.argv[1]) if len(sys.argv) > 1 else 5)))
