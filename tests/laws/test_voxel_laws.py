"""What the reference engine must keep in every medium: toxin, positive densities, symmetry."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from endplate.model.spread.voxel import Grid, Medium, Operator, flow, laplacian, tensor_of_axes, uptake
from endplate.model.spread.voxel.tensor import selling

seeds = st.integers(0, 2**32 - 1)


def random_medium(rng: np.random.Generator) -> Medium:
    """A box full of holes and layers, cells of any shape."""
    shape = tuple(rng.integers(3, 8, 3))
    tissue = rng.random(shape) < rng.uniform(0.4, 1.0)
    tissue.reshape(-1)[0] = True
    return Medium(
        Grid(rng.normal(size=3), rng.uniform(0.5, 2.0, 3), shape), tissue, rng.integers(0, 3, shape)
    )


def random_tensors(rng: np.random.Generator, count: int) -> np.ndarray:
    """Any directions, axes a hundredfold apart, (count, 3, 3)."""
    frames = np.linalg.qr(rng.normal(size=(count, 3, 3)))[0]
    return tensor_of_axes(frames, 10.0 ** rng.uniform(-1.0, 1.0, (count, 3)))


def random_operator(rng: np.random.Generator) -> tuple[Medium, Operator]:
    medium = random_medium(rng)
    tensors = random_tensors(rng, medium.size if rng.random() < 0.7 else 1)
    return medium, laplacian(medium, tensors, float(rng.choice([0.0, 0.01, 0.5, 1.0])))


@given(seeds)
def test_toxin_is_conserved_when_nothing_binds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    medium, operator = random_operator(rng)
    start = rng.random((medium.size, 2)) ** 8
    left = flow(operator, start, tol=10.0 ** rng.uniform(-10, -4))
    np.testing.assert_allclose(left.sum(axis=0), start.sum(axis=0), rtol=1e-6)


@given(seeds)
def test_uptake_takes_all_that_was_given(seed: int) -> None:
    rng = np.random.default_rng(seed)
    medium, operator = random_operator(rng)
    start = rng.random((medium.size, 2)) ** 8
    taken = uptake(operator, 10.0 ** rng.uniform(-2, 1), start, 1e-10)
    np.testing.assert_allclose(taken.sum(axis=0), start.sum(axis=0), rtol=1e-6)


@given(seeds)
def test_no_density_is_negative(seed: int) -> None:
    rng = np.random.default_rng(seed)
    medium, operator = random_operator(rng)
    start = np.zeros(medium.size)
    start[rng.integers(medium.size)] = 1.0
    assert flow(operator, start).min() >= -1e-10
    assert uptake(operator, 1.0, start, 1e-10).min() >= -1e-9


@given(seeds)
def test_the_operator_is_a_symmetric_graph_of_positive_conductances(seed: int) -> None:
    _, operator = random_operator(np.random.default_rng(seed))
    matrix = operator.matrix
    assert abs(matrix - matrix.T).max() == 0.0
    assert matrix.toarray()[~np.eye(operator.size, dtype=bool)].min(initial=0.0) >= 0.0
    largest = np.abs(np.linalg.eigvalsh(matrix.toarray())).max()
    assert np.abs(matrix.sum(axis=1)).max() <= 1e-12 * max(operator.bound, 1.0)
    assert largest <= operator.bound * (1 + 1e-12)


@given(seeds)
def test_a_layer_behind_closed_fasciae_stays_empty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    medium = random_medium(rng)
    operator = laplacian(medium, random_tensors(rng, medium.size), fascia_factor=0.0)
    assert medium.layer is not None
    label = medium.layer.reshape(-1)[medium.cells]
    start = np.where(label == label[0], 1.0, 0.0)
    assert np.abs(flow(operator, start)[label != label[0]]).max(initial=0.0) == 0.0


@given(seeds)
def test_the_decomposition_gives_the_tensor_back(seed: int) -> None:
    tensors = random_tensors(np.random.default_rng(seed), 20)
    offsets, weights = selling(tensors)
    assert weights.min() >= 0.0
    back = np.einsum("ne,nei,nej->nij", weights, offsets, offsets)
    np.testing.assert_allclose(back, tensors, atol=1e-12 * np.abs(tensors).max())
