"""Where the named points of the average head lie, as a table that is read without building a face.

Run it after a change of the head: `python -m tools.landmark_map`.
"""

from __future__ import annotations

from pathlib import Path

from endplate.anatomy import default_face
from endplate.anatomy.landmarks import MIDLINE, PAIRED

OUT = Path(__file__).parent.parent / "src" / "endplate" / "catalogue" / "data" / "landmark_map.toml"
AGE = 45.0


def table() -> dict[str, tuple[float, float, float]]:
    """Left landmarks and those of the midline, mean of the average woman and man, mm in the head frame."""
    faces = [default_face(sex, AGE) for sex in ("female", "male")]
    keys = {name: name if name in MIDLINE else f"{name}.left" for name in (*MIDLINE, *PAIRED)}
    mean = {name: sum(face.skin.landmarks[key] for face in faces) / 2 for name, key in keys.items()}
    return {name: tuple(round(float(value), 1) for value in point) for name, point in mean.items()}  # type: ignore[misc]


def main() -> None:
    lines = [
        "# Landmarks of the average head, mm: left ones and those of the midline; made by tools/landmark_map.py from",
        "# the atlas. Read where building a face takes too long; what lies near a border is measured on the face.",
    ]
    for name, point in table().items():
        lines += [
            "",
            "[[landmark]]",
            f'id = "{name}"',
            f"at_mm = [{', '.join(f'{value:g}' for value in point)}]",
        ]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
