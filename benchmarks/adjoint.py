"""One adjoint solve with barriers: (k - div D grad) phi = w on 1.05 million cells, three tissues, two fasciae.

What every needle would give one muscle is one such solve. Ours eliminates one colour of the chessboard and runs
conjugate gradients on the other; the peer is SciPy's conjugate gradients with a Jacobi preconditioner on the same
matrix, from the same start (zero), to the same residual (1e-6). Both have their matrix ready; what preparing ours costs
is printed.

Floor, before anything was made fast. The peer's iteration reads 7.3 million entries of 12 bytes and makes some 14
passes over vectors of 8.4 MB: 210 MB, and there are about 144. Half the unknowns mean 2 x 3.1 million entries and 14
passes over 4.2 MB, 130 MB, and half the iterations, for the spectrum of C'C is the square of that of C. One core that
moves 15 GB/s then needs 2.0 s and 0.6 s: a ratio of 3 at equal care. Two threads would lower both.

Prints one JSON object a line. The exit code is 1 when the ratio is below 2 or a residual is missed.

usage: python benchmarks/adjoint.py [rounds]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from endplate.model.spread.voxel import Grid, Medium, Operator, laplacian, uptake_solver

SHAPE, H_MM = (128, 128, 64), 0.25
D_MM2_PER_MIN, K_PER_MIN = 3e-3, 2e-3  # the size of the task of the survey of peers; no claim about tissue
FASCIA = 0.01  # a sheet one cell thick in which D is a hundredth
TOLERANCE, WANTED = 1e-6, 2.0


def case() -> tuple[Operator, np.ndarray]:
    """Subcutis, a muscle and the tissue round it, fasciae below the subcutis and down the middle; and the weight."""
    grid = Grid((0.0, 0.0, 0.0), H_MM, SHAPE)
    x, y, z = np.indices(SHAPE)
    muscle = (x >= 40) & (x < 90) & (y >= 30) & (y < 100) & (z >= 20) & (z < 44)
    d = np.where(z < 20, 0.5, np.where(muscle, 2.0, 1.0)) * D_MM2_PER_MIN
    medium = Medium(grid, np.ones(SHAPE, dtype=bool), (z >= 20) + 2 * (y >= 64))
    weight = muscle / (muscle.sum() * grid.cell_mm3)
    return laplacian(medium, d.reshape(-1, 1, 1) * np.eye(3), FASCIA), weight.ravel()


def peer_solver(operator: Operator) -> Callable[[np.ndarray], np.ndarray]:
    """SciPy's conjugate gradients with Jacobi on k - L."""
    import scipy.sparse as sp
    from scipy.sparse.linalg import LinearOperator, cg

    matrix = (K_PER_MIN * sp.identity(operator.size) - operator.matrix).tocsr()
    inverse = 1.0 / matrix.diagonal()
    jacobi = LinearOperator(matrix.shape, lambda v: inverse * v)
    return lambda weight: cg(matrix, K_PER_MIN * weight, rtol=TOLERANCE, atol=0.0, M=jacobi)[0]


def residual(operator: Operator, weight: np.ndarray, found: np.ndarray) -> float:
    left = K_PER_MIN * (weight - found) + operator.matrix @ found
    return float(np.linalg.norm(left) / np.linalg.norm(K_PER_MIN * weight))


def timed(call: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    begun = time.perf_counter()
    out = call()
    return time.perf_counter() - begun, out


def main(rounds: int) -> int:
    operator, weight = case()
    begun = time.perf_counter()
    ours = uptake_solver(operator, K_PER_MIN)
    ready_s = time.perf_counter() - begun
    peer = peer_solver(operator)
    ours(weight, 0.1)  # warm: imports and memory
    ratios, best_s, peer_s = [], np.inf, np.inf
    found = theirs = weight
    for _ in range(rounds):
        one_s, found = timed(lambda: ours(weight, TOLERANCE))
        other_s, theirs = timed(lambda: peer(weight))
        ratios.append(other_s / one_s)
        best_s, peer_s = min(best_s, one_s), min(peer_s, other_s)
    ratio = statistics.median(ratios)
    residuals = [residual(operator, weight, field) for field in (found, theirs)]
    line = {
        "benchmark": "adjoint",
        "case": "one adjoint solve, 1.05 M cells, two fasciae, against SciPy CG + Jacobi",
        "best_s": round(best_s, 3),
        "peer_s": round(peer_s, 3),
        "ready_s": round(ready_s, 3),
        "ratio": round(ratio, 2),
        "limit_ratio": WANTED,
        "ratios": [round(r, 2) for r in ratios],
        "residual": float(f"{residuals[0]:.3g}"),
        "peer_residual": float(f"{residuals[1]:.3g}"),
        "difference_of_peak": float(f"{np.abs(found - theirs).max() / theirs.max():.2g}"),
    }
    print(json.dumps(line), flush=True)
    return int(ratio < WANTED or max(residuals) > 1.001 * TOLERANCE)


if __name__ == "__main__":
    sys.exit(main(max(3, int(sys.argv[1]) if len(sys.argv) > 1 else 5)))
