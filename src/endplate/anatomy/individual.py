"""Faces by norms: distances (women, men, age, published spread) -> landmark targets -> a smooth warp of everything.

The warp is the thin-plate spline of space (kernel r with an affine part): it moves the chosen landmarks exactly and
anything else (skin, muscles, rim) smoothly. Distances that no source gives stay as the template has them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endplate.anatomy.skin import Skin, held_points, template_skin
from endplate.errors import PlaceError

Array = NDArray[np.float64]
MIRROR = np.array([-1.0, 1.0, 1.0])
ASYMMETRY_STREAM = 2
SKIN_STREAM = 1  # second half of the random key: keeps these draws apart from those of muscles and needles


@dataclass(frozen=True, eq=False)
class Warp:
    """A thin-plate spline of space: call it on points (N, 3) mm, get points (N, 3) mm.

    Args:
        centres_mm: (C, 3) control points.
        weights: (C, 3) of the kernel |p - centre|.
        affine: (4, 3), rows constant, x, y, z; the identity is left out.
        folded: answer points of x < 0 by mirroring, so that a two-sided warp is mirror-exact bit for bit.
    """

    centres_mm: Array
    weights: Array
    affine: Array
    folded: bool = True

    def __call__(self, points_mm: Array) -> Array:
        points = np.asarray(points_mm, dtype=float)
        flat = points.reshape(-1, 3)
        flip = np.where(flat[:, :1] < 0, MIRROR, 1.0) if self.folded else np.ones((len(flat), 1))
        shift = self._shift(flat * flip)
        if self.folded:
            shift[flat[:, 0] == 0, 0] = 0.0
        return (flat + shift * flip).reshape(points.shape)

    def _shift(self, p: Array) -> Array:
        # plain sums, no matrix product: a BLAS may round a row differently by its place in the block
        out = self.affine[0] + sum(p[:, k : k + 1] * self.affine[k + 1] for k in range(3))
        for centre, weight in zip(self.centres_mm, self.weights, strict=True):
            d = p - centre
            out += np.sqrt(d[:, :1] ** 2 + d[:, 1:2] ** 2 + d[:, 2:] ** 2) * weight
        return out


def fit_warp(source_mm: Array, target_mm: Array, folded: bool = True) -> Warp:
    """The spline that carries control points (C, 3) onto targets (C, 3), exact to 1e-9 mm.

    Needs four control points that do not lie in a plane. Sources: Bookstein 1989, the spatial case (kernel r).
    """
    source, target = np.asarray(source_mm, float), np.asarray(target_mm, float)
    count = len(source)
    kernel = np.sqrt(((source[:, None] - source[None]) ** 2).sum(-1))
    linear = np.concatenate([np.ones((count, 1)), source], 1)
    system = np.block([[kernel, linear], [linear.T, np.zeros((4, 4))]])
    right = np.concatenate([target - source, np.zeros((4, 3))])
    if not right.any():
        return Warp(source, np.zeros((count, 3)), np.zeros((4, 3)), folded)
    solved: Array = np.linalg.solve(system, right).astype(float)
    return Warp(source, solved[:count], solved[count:], folded)


@lru_cache(maxsize=1)
def norms() -> dict[str, Any]:
    """norms.toml as read: "norm", "correlation" and "source" rows, "age_anchor_years", "truncate_sd"."""
    return tomllib.loads((files("endplate.anatomy") / "data" / "norms.toml").read_text(encoding="utf-8"))


def norm_measures(sex: str, age: float) -> dict[str, float]:
    """Mean distances (mm) of adults of a sex and age, by norm id.

    Raises:
        PlaceError: a child (outside the atlas), or a sex or an age that is none.
    """
    group = _group(sex, age)
    return {row["id"]: row[f"{group}_mean"] + _age_shift(row, group, age) for row in norms()["norm"]}


def mean_measures() -> dict[str, float]:
    """Half-way between women and men at the anchor age: what the template was made to."""
    return {row["id"]: (row["women_mean"] + row["men_mean"]) / 2 for row in norms()["norm"]}


def _age_shift(row: Mapping[str, Any], group: str, age: float) -> float:
    if f"{group}_per_year" not in row:
        return 0.0
    held = min(max(float(age), row["age_low"]), row["age_high"])
    return row[f"{group}_per_year"] * (held - norms()["age_anchor_years"])


def _group(sex: str, age: float) -> str:
    if sex not in ("female", "male"):
        raise PlaceError(f"Sex `{sex}` has no norms.", "", "Give female or male.")
    if not 18 <= age <= 120:
        what = "children are outside the atlas" if age < 18 else "no such age"
        raise PlaceError(
            f"Age {age:g} years: {what}.", "Face norms hold from 18 years.", "Give an adult's age."
        )
    return "women" if sex == "female" else "men"


ANCHORS = ("glabella", "sellion", "suprasternal_notch", "clavicle_medial.left")  # stay, and hold the rest


def landmark_targets(start: Mapping[str, Array], measures: Mapping[str, float]) -> dict[str, Array]:
    """Where the left and midline landmarks must go so that the face has these distances.

    Nasion and pupil height stay; each distance moves its landmark along one direction, the other coordinates
    follow their neighbours. `start`: landmarks of the face to be warped.
    """
    at = {name: np.array(start[name], dtype=float) for name in start if not name.endswith(".right")}
    out = {name: at[name].copy() for name in ANCHORS}
    _eye_targets(at, measures, out)
    _profile_targets(at, measures, out)
    _width_targets(at, measures, out)
    return out


def _eye_targets(at: Mapping[str, Array], want: Mapping[str, float], out: dict[str, Array]) -> None:
    pupil = _moved(at["pupil.left"], x=want["interpupillary"] / 2, y=0.0)
    inner = _moved(at["medial_canthus.left"], x=want["intercanthal"] / 2)
    outer = _moved(at["lateral_canthus.left"], x=want["biocular"] / 2)
    flat = (outer[0] - inner[0]) ** 2 + (outer[1] - inner[1]) ** 2
    # the outer canthus always lies behind the inner one: at least 3 mm
    outer[2] = inner[2] - np.sqrt(max(want["fissure_length"] ** 2 - flat, 9.0))
    upper, lower = want["margin_reflex"], want["margin_reflex"] - want["fissure_height"]
    shift = pupil[0] - at["pupil.left"][0]
    lift = pupil[1] + want["brow_height"] - at["brow_mid.left"][1]
    out |= {"pupil.left": pupil, "medial_canthus.left": inner, "lateral_canthus.left": outer}
    out["upper_lid_margin.left"] = _moved(at["upper_lid_margin.left"], x=pupil[0], y=upper)
    out["lower_lid_margin.left"] = _moved(at["lower_lid_margin.left"], x=pupil[0], y=lower)
    for name, share in (("brow_medial.left", 0.0), ("brow_mid.left", 1.0), ("brow_lateral.left", 0.0)):
        out[name] = at[name] + [share * shift, lift, 0.0]


def _profile_targets(at: Mapping[str, Array], want: Mapping[str, float], out: dict[str, Array]) -> None:
    nasion, nose, chin, hair = (at[k] for k in ("nasion", "subnasale", "menton", "trichion"))
    low = nasion[1] - np.sqrt(want["face_height"] ** 2 - (nasion[2] - chin[2]) ** 2)
    base = low + np.sqrt(want["lower_face_height"] ** 2 - (nose[2] - chin[2]) ** 2)
    out |= {"nasion": nasion, "subnasale": _moved(nose, y=base), "menton": _moved(chin, y=low)}
    # the hairline slides along the line from the nasion, so that the forehead keeps its slope
    out["trichion"] = nasion + (hair - nasion) * (want["forehead_height"] / np.linalg.norm(hair - nasion))


def _width_targets(at: Mapping[str, Array], want: Mapping[str, float], out: dict[str, Array]) -> None:
    drop_nose = out["subnasale"][1] - at["subnasale"][1]
    drop_chin = out["menton"][1] - at["menton"][1]

    def drop(y: float) -> float:
        share = (at["subnasale"][1] - y) / (at["subnasale"][1] - at["menton"][1])
        return float(drop_nose + np.clip(share, 0, 1) * (drop_chin - drop_nose))

    rows = (("alare", "nose_width"), ("cheilion", "mouth_width"), ("gonion", "jaw_width"))
    for name, distance in rows:
        point = at[f"{name}.left"]
        out[f"{name}.left"] = _moved(point, x=want[distance] / 2, y=point[1] + drop(point[1]))
    spread = want["face_width"] / 2 - at["zygion.left"][0]
    # ears and mastoids have no norm of their own: they ride on the zygomatic arch
    for name in ("zygion", "tragion", "mastoid"):
        out[f"{name}.left"] = at[f"{name}.left"] + [spread, 0.0, 0.0]


def _moved(point: Array, x: float | None = None, y: float | None = None) -> Array:
    return np.array([point[0] if x is None else x, point[1] if y is None else y, point[2]])


def symmetric_warp(
    start: Mapping[str, Array], targets: Mapping[str, Array], held_mm: Array | None = None
) -> Warp:
    """The mirror-exact warp that carries left and midline landmarks (and their images) to their targets.

    `held_mm` (H, 3): further points that stay, left side or midline (crown, occiput, back of the neck).
    """
    source = np.array([start[name] for name in targets])
    target = np.array([targets[name] for name in targets])
    if held_mm is not None:
        source, target = np.concatenate([source, held_mm]), np.concatenate([target, held_mm])
    paired = source[:, 0] != 0
    return fit_warp(
        np.concatenate([source, source[paired] * MIRROR]),
        np.concatenate([target, target[paired] * MIRROR]),
    )


def warp_to(measures: Mapping[str, float]) -> Warp:
    """The warp from the template to a face with these distances (all of them, by norm id, mm)."""
    start = template_skin().landmarks
    return symmetric_warp(start, landmark_targets(start, measures), held_points())


def warped_skin(warp: Warp) -> Skin:
    """The template carried through a warp, landmarks with it."""
    skin = template_skin()
    names = list(skin.landmarks)
    points = warp(np.array([skin.landmarks[name] for name in names]))
    return Skin(
        warp(skin.vertices_mm),
        skin.triangles,
        skin.partner,
        dict(zip(names, points, strict=True)),
        not warp.folded,
    )


@lru_cache(maxsize=8)
def average_skin(sex: str, age: float) -> Skin:
    """The skin of the average woman or man of an age (sex "female" or "male"); cached.

    Raises:
        PlaceError: a child (outside the atlas), or a sex or an age that is none.
    """
    return warped_skin(warp_to(norm_measures(sex, age)))


def draw_measures(sex: str, age: float, seed: int) -> dict[str, float]:
    """Distances (mm) of one person, drawn from the published spreads; same arguments, same person.

    Normal, cut at 3 SD; independent but for the correlations of norms.toml (no source gives the others).
    """
    group = _group(sex, age)
    mean = norm_measures(sex, age)
    sd = {row["id"]: row[f"{group}_sd"] for row in norms()["norm"]}
    z = _scores(seed)
    tie = {tuple(row["of"]): row[group] for row in norms()["correlation"]}
    z["biocular"] = _tied(z["intercanthal"], z["biocular"], tie["intercanthal", "biocular"])
    z["face_height"] = _tied(
        z["lower_face_height"], z["face_height"], tie["face_height", "lower_face_height"]
    )
    centre = z["intercanthal"] * sd["intercanthal"] + z["biocular"] * sd["biocular"]
    rho = tie["intercanthal", "biocular"]
    both = sd["intercanthal"] ** 2 + sd["biocular"] ** 2 + 2 * rho * sd["intercanthal"] * sd["biocular"]
    z["interpupillary"] = _tied(
        centre / np.sqrt(both), z["interpupillary"], tie["interpupillary", "fissure_centre"]
    )
    limit = norms()["truncate_sd"]
    out = {name: mean[name] + sd[name] * float(np.clip(z[name], -limit, limit)) for name in mean}
    out["fissure_length"] = _fissure_length(mean, out)
    out["margin_reflex"] = mean["margin_reflex"] + (out["fissure_height"] - mean["fissure_height"]) / 2
    return out


def _fissure_length(mean: Mapping[str, float], drawn: Mapping[str, float]) -> float:
    """From the drawn canthi, with the outer canthus as far behind and above the inner one as on average."""
    depth = mean["fissure_length"] ** 2 - ((mean["biocular"] - mean["intercanthal"]) / 2) ** 2
    return float(np.sqrt(((drawn["biocular"] - drawn["intercanthal"]) / 2) ** 2 + depth))


def _scores(seed: int) -> dict[str, float]:
    generator = np.random.Generator(np.random.Philox(key=[int(seed), SKIN_STREAM]))
    names = [row["id"] for row in norms()["norm"]]
    return dict(zip(names, generator.standard_normal(len(names)).tolist(), strict=True))


def _tied(leader: float, own: float, rho: float) -> float:
    return rho * leader + float(np.sqrt(1 - rho * rho)) * own


def sample_skin(sex: str, age: float, seed: int, asymmetry_mm: float = 0.0) -> Skin:
    """The skin of one drawn person. Raises PlaceError as `average_skin` does.

    Args:
        asymmetry_mm: SD of the shift of each paired landmark along each axis, left and right apart. No source gives
            it at rest, so it is 0 unless asked for, and the face is exactly symmetric.
    """
    measures = draw_measures(sex, age, seed)
    if asymmetry_mm <= 0:
        return warped_skin(warp_to(measures))
    return warped_skin(_uneven_warp(measures, seed, asymmetry_mm))


def _uneven_warp(measures: Mapping[str, float], seed: int, asymmetry_mm: float) -> Warp:
    even = warp_to(measures)
    target = even(even.centres_mm)
    generator = np.random.Generator(np.random.Philox(key=[int(seed), ASYMMETRY_STREAM]))
    shift = generator.normal(0.0, asymmetry_mm, target.shape)
    shift[target[:, 0] == 0] = 0.0
    return fit_warp(even.centres_mm, target + shift, folded=False)
