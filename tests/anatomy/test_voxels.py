"""The head in voxels: tissue where anatomy has it, muscles of their size, an orbit that leaks nowhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from endplate.anatomy import default_face
from endplate.anatomy.voxels import BONE, FAT, GLOBE, MUSCLE, ORBIT, VoxelGrid, head_grid, label_head

H_MM = 1.2


@pytest.fixture(scope="module")
def face() -> Any:
    return default_face("female", 45)


@pytest.fixture(scope="module")
def labels(face: Any) -> Any:
    """The left orbit with brow, lids and cheek."""
    return label_head(face, VoxelGrid((-12.0, -34.0, 16.0), H_MM, (64, 72, 78)))


def kind_at(labels: Any, point: Any) -> int:
    return int(labels.kind.ravel()[labels.grid.cells_of(np.asarray(point, dtype=float)[None])[0]])


def test_globe_orbit_brow_and_skull_are_where_they_should_be(face: Any, labels: Any) -> None:
    globe, apex = face.points["globe"], face.points["apex"]
    assert kind_at(labels, globe) == GLOBE
    assert kind_at(labels, 0.6 * apex + 0.4 * globe) in (ORBIT, MUSCLE)
    brow, normal = (a[0] for a in face.skin.nearest(face.points["brow_mid"][None]))
    assert kind_at(labels, brow - 2.0 * normal) in (FAT, MUSCLE)
    assert kind_at(labels, brow - 12.0 * normal) == BONE
    assert kind_at(labels, brow + 3.0 * normal) not in (FAT, MUSCLE)


def test_skin_muscles_keep_their_volume_and_eye_muscles_theirs(face: Any, labels: Any) -> None:
    for name in ("corrugator_supercilii", "orbicularis_oculi_palpebral", "medial_rectus", "lateral_rectus"):
        index = [(s.muscle, s.side) for s in face.muscles].index((name, "left"))
        volume = (labels.muscle == index).sum() * H_MM**3
        assert volume == pytest.approx(face.muscles[index].volume_mm3, rel=0.12)


def test_every_endplate_of_the_left_orbit_and_brow_lies_in_or_beside_tissue(face: Any, labels: Any) -> None:
    from scipy.spatial import KDTree

    tree = KDTree(labels.grid.centres(labels.cell))
    for name in (
        "levator_palpebrae_superioris",
        "inferior_oblique",
        "superior_oblique",
        "corrugator_supercilii",
    ):
        away, _ = tree.query(face.muscle(name, "left").endplates_mm)
        assert away.max() < 1.2 * H_MM


def test_the_orbit_opens_only_towards_the_lids(face: Any, labels: Any) -> None:
    """Where orbit and face touch lies near the ring of the rim, none at the back; the fornix of a lid is deep."""
    from scipy.ndimage import binary_dilation

    inside = np.zeros(labels.grid.size, dtype=bool)
    inside[labels.cell[labels.in_orbit]] = True
    outside = np.zeros_like(inside)
    outside[labels.cell[~labels.in_orbit]] = True
    shape = labels.grid.shape
    touching = binary_dilation(inside.reshape(shape)) & outside.reshape(shape)
    points = labels.grid.centres(np.flatnonzero(touching.ravel()))
    rim = face.rim_mm["left"]
    nearest = np.linalg.norm(points[:, None] - rim[None], axis=2).argmin(axis=1)
    assert (points[:, 2] > rim[nearest, 2] - 10.0).all()


def test_the_lids_have_no_hole_over_orbit_fat(face: Any, labels: Any) -> None:
    """No voxel of the orbit touches air but in the fissure between the lids."""
    from scipy.ndimage import binary_dilation

    air = labels.kind == 0
    orbit = np.zeros(labels.grid.size, dtype=bool)
    orbit[labels.cell[labels.in_orbit]] = True
    bare = orbit.reshape(labels.grid.shape) & binary_dilation(air)
    points = labels.grid.centres(np.flatnonzero(bare.ravel()))
    front = points[points[:, 2] > face.points["globe"][2]]
    lids = [face.points[f"{lid}_lid_margin"][1] for lid in ("upper", "lower")]
    assert ((front[:, 1] < max(lids) + 3.0) & (front[:, 1] > min(lids) - 3.0)).all()


def test_fibres_are_unit_vectors_in_muscle_and_zero_in_fat(labels: Any) -> None:
    length = np.linalg.norm(labels.fibre, axis=1)
    assert np.allclose(length[labels.muscle >= 0], 1.0, atol=1e-5)
    assert (length[labels.muscle < 0] == 0.0).all()
    assert (labels.thickness_mm > 0.0).all()


def test_a_part_of_a_head_is_the_same_head(labels: Any) -> None:
    part = labels.part(np.array([10.0, 0.0, 50.0]), np.array([40.0, 30.0, 90.0]))
    back = {tuple(p): k for p, k in zip(labels.grid.centres(labels.cell).round(6), labels.layer, strict=True)}
    for point, layer in zip(part.grid.centres(part.cell).round(6)[::97], part.layer[::97], strict=True):
        assert back[tuple(point)] == layer


def test_the_grid_of_the_head_holds_every_left_muscle(face: Any) -> None:
    grid = head_grid(face, 5.0)
    points = np.concatenate(
        [s.grid_mm.reshape(-1, 3) for s in face.muscles if s.frame == "head" and s.side == "left"]
    )
    assert (grid.cells_of(points) >= 0).all()
