"""The template skin: is it mirror-exact, whole, and can one walk on it?"""

from __future__ import annotations

import numpy as np
import pytest

from endplate.anatomy.landmarks import OFF_SKIN, landmark_key, landmark_names, mirrored_key, side_of
from endplate.anatomy.skin import MIRROR, Skin, tangents, template_skin
from endplate.errors import CatalogueError, PlaceError

WALKS = [
    "glabella",
    "brow_mid.left",
    "cheilion.right",
    "malar.left",
    "jaw_mid.right",
    "trichion",
    "temporal_line.left",
]


@pytest.fixture(scope="module")
def skin() -> Skin:
    return template_skin()


@pytest.fixture(scope="module")
def near(skin: Skin) -> np.ndarray:
    """Points up to 5 mm outside head and neck, away from the ears and the lips, where two sheets face each other."""
    generator = np.random.default_rng(1)
    x, y, z = skin.vertices_mm.T
    ears, lips = (np.abs(x) > 60) & (np.abs(y + 25) < 35), (np.abs(x) < 32) & (np.abs(y + 66) < 12) & (z > 70)
    nose = (np.abs(x) < 22) & (np.abs(y + 40) < 8) & (z > 75)
    pick = generator.choice(np.flatnonzero(~(ears | lips | nose)), 1500)
    return skin.vertices_mm[pick] + skin.vertex_normals[pick] * generator.uniform(0, 5, (1500, 1))


def test_the_right_half_is_the_left_half_mirrored_bit_for_bit(skin: Skin) -> None:
    assert np.array_equal(skin.vertices_mm[skin.partner] * MIRROR, skin.vertices_mm)
    assert np.array_equal(skin.vertex_normals[skin.partner] * MIRROR, skin.vertex_normals)
    for key, point in skin.landmarks.items():
        assert np.array_equal(skin.landmarks[mirrored_key(key)] * MIRROR, point), key


def test_every_triangle_has_its_mirror_image(skin: Skin) -> None:
    own = {tuple(sorted(t)) for t in skin.triangles.tolist()}
    assert own == {tuple(sorted(t)) for t in skin.partner[skin.triangles].tolist()}


def test_all_landmarks_exist_and_lie_on_the_skin(skin: Skin) -> None:
    assert set(skin.landmarks) == set(landmark_names())
    on = [k for k in landmark_names() if k.split(".")[0] not in OFF_SKIN]
    assert skin.distance(np.array([skin.landmarks[k] for k in on])).max() < 0.01
    assert 2 < skin.distance(skin.landmarks["pupil.left"])[0] < 8


def test_landmarks_stand_to_each_other_as_in_a_face(skin: Skin) -> None:
    at = skin.landmarks
    heights = ["trichion", "glabella", "nasion", "sellion", "pronasale", "subnasale", "labrale_superius", "stomion",
               "labrale_inferius", "pogonion", "menton", "hyoid", "suprasternal_notch"]  # fmt: skip
    assert np.all(np.diff([at[k][1] for k in heights]) < 0)
    across = ["medial_canthus", "pupil", "lateral_canthus", "rim_lateral", "zygion", "tragion"]
    assert np.all(np.diff([at[f"{k}.left"][0] for k in across]) > 0)
    assert at["tragion.left"][2] == pytest.approx(0, abs=0.05)
    assert at["tragion.left"][1] == pytest.approx(at["rim_inferior.left"][1], abs=1.5)
    assert at["mastoid.left"][2] < at["tragion.left"][2] < at["gonion.left"][2] < at["jaw_mid.left"][2]
    assert abs(at["pupil.left"][1]) < 1e-6
    for key, point in at.items():
        assert {"left": point[0] > 0, "right": point[0] < 0, "midline": point[0] == 0}[side_of(key)], key


def test_normals_point_outward(skin: Skin) -> None:
    at = [skin.landmarks[k] for k in ("pronasale", "trichion", "malar.left", "malar.right", "gonion.left")]
    normal = skin.nearest(np.array(at))[1]
    assert (
        normal[0, 2] > 0.8
        and normal[1, 1] > 0.3
        and normal[2, 0] > 0.2 > -0.2 > normal[3, 0]
        and normal[4, 0] > 0.3
    )
    assert np.allclose(np.linalg.norm(normal, axis=1), 1)


def test_nearest_is_idempotent(skin: Skin, near: np.ndarray) -> None:
    once, normal = skin.nearest(near)
    twice, again = skin.nearest(once)
    assert np.abs(twice - once).max() < 1e-9
    assert np.allclose(again, normal, atol=1e-6)


def test_nearest_finds_the_closest_point_but_in_clefts(skin: Skin, near: np.ndarray) -> None:
    found = skin.nearest(near[:300])[0]
    cloud = skin.vertices_mm[skin.triangles]
    weights = np.array([[1, 1, 1], [4, 1, 1], [1, 4, 1], [1, 1, 4], [3, 3, 0], [0, 3, 3], [3, 0, 3]]) / 6
    weights[0] = 1 / 3
    samples = np.concatenate([skin.vertices_mm, np.einsum("wk,tkd->twd", weights, cloud).reshape(-1, 3)])
    best = np.array([np.sqrt(((samples - query) ** 2).sum(1).min()) for query in near[:300]])
    excess = np.linalg.norm(found - near[:300], axis=1) - best
    assert (excess < 0.05).mean() >= 0.99
    assert excess.max() < 1.0


def test_nearest_of_mirrored_points_is_mirrored_bit_for_bit(skin: Skin, near: np.ndarray) -> None:
    found, normal = skin.nearest(near)
    other, other_normal = skin.nearest(near[::-1] * MIRROR)
    assert np.array_equal(other[::-1] * MIRROR, found)
    assert np.array_equal(other_normal[::-1] * MIRROR, normal)


@pytest.mark.parametrize("key", WALKS)
@pytest.mark.parametrize("way", [(10.0, 0.0), (0.0, 10.0), (-6.0, 8.0)])
def test_a_walk_of_ten_millimetres_goes_ten_millimetres(
    skin: Skin, key: str, way: tuple[float, float]
) -> None:
    start, side = skin.landmarks[key], side_of(key)
    path = [start] + [skin.walk(start, way[0] * k / 20, way[1] * k / 20, side) for k in range(1, 21)]
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    assert length == pytest.approx(10, abs=0.5)
    assert skin.distance(path[-1])[0] < 1e-6


def test_lateral_leads_away_from_the_midline_and_up_leads_up(skin: Skin) -> None:
    at = skin.landmarks
    assert skin.walk(at["brow_mid.left"], 5, 0, "left")[0] > at["brow_mid.left"][0] + 4
    assert skin.walk(at["brow_mid.right"], 5, 0, "right")[0] < at["brow_mid.right"][0] - 4
    assert skin.walk(at["glabella"], 5, 0)[0] == pytest.approx(5, abs=0.3)
    assert skin.walk(at["glabella"], 0, 5)[1] == pytest.approx(at["glabella"][1] + 5, abs=0.3)
    assert skin.walk(at["zygion.left"], 5, 0, "left")[2] < at["zygion.left"][2] - 4
    assert np.array_equal(
        skin.walk(at["malar.right"], 7, 3, "right") * MIRROR, skin.walk(at["malar.left"], 7, 3, "left")
    )
    assert skin.walk(at["glabella"], 0, 12)[0] == 0


def test_many_walks_at_once_equal_single_walks(skin: Skin) -> None:
    start = np.array([skin.landmarks["malar.left"], skin.landmarks["brow_mid.left"]])
    both = skin.walk(start, np.array([3.0, 4.0]), np.array([4.0, -3.0]), "left")
    one = skin.walk(start[0], 3.0, 4.0, "left")
    assert np.allclose(both[0], one, atol=1e-9)


def test_tangents_are_a_right_handed_frame_everywhere(skin: Skin) -> None:
    normal = skin.vertex_normals
    up, left = tangents(normal)
    assert np.allclose(np.cross(left, up), normal, atol=1e-9)


def test_expressions_are_two_sided_and_move_the_right_place(skin: Skin) -> None:
    for name in ("brow_down", "blink", "smile", "frown", "sneer", "squint"):
        left, right = skin.targets[f"{name}.left"], skin.targets[f"{name}.right"]
        assert np.array_equal((left * MIRROR)[skin.partner], right), name
        assert (
            np.abs(left[skin.vertices_mm[:, 0] > 5]).max() > np.abs(left[skin.vertices_mm[:, 0] < -30]).max()
        ), name
    moved = skin.targets["brow_down.left"]
    highest = np.abs(moved).max(1).argmax()
    assert np.linalg.norm(skin.vertices_mm[highest] - skin.landmarks["brow_mid.left"]) < 15
    for name in ("brow_inner_up", "pucker", "jaw_open"):
        assert np.array_equal((skin.targets[name] * MIRROR)[skin.partner], skin.targets[name]), name


def test_tracked_points_lie_on_the_face(skin: Skin) -> None:
    points = skin.mediapipe_mm
    assert points.shape == (468, 3)
    assert skin.distance(points).max() < 0.05
    assert np.linalg.norm(points[263] - skin.landmarks["lateral_canthus.left"]) < 1.0
    assert np.linalg.norm(points[61] - skin.landmarks["cheilion.right"]) < 1.0


def test_a_point_off_the_head_is_refused_in_one_line(skin: Skin) -> None:
    assert skin.on_head(skin.landmarks["malar.left"])
    assert not skin.on_head(np.array([0.0, 0.0, 200.0]))
    with pytest.raises(PlaceError, match="off the head") as caught:
        skin.snap(np.array([0.0, 0.0, 200.0]))
    assert "\n" not in str(caught.value)
    with pytest.raises(PlaceError, match="finite"):
        skin.snap(np.array([0.0, np.nan, 0.0]))


def test_unknown_landmarks_are_answered_with_the_nearest_names() -> None:
    with pytest.raises(CatalogueError, match=r"cheilion\.left"):
        landmark_key("chelion", "left")
    with pytest.raises(CatalogueError):
        landmark_key("cheilion")
