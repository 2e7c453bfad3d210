"""Writing: whole or not at all. A file appears under its name only once it is complete."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.errors import ReportError

if TYPE_CHECKING:
    from endplate.model.course import Course


def write_whole(path: Path, content: bytes) -> Path:
    """Write beside the target, then rename over it; folders are made.

    Raises:
        ReportError: the folder cannot be made or written, or the path is a folder. Nothing is left behind.
    """
    path = Path(path)
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        reason = error.strerror or type(error).__name__
        raise ReportError(
            f"`{path}` cannot be written ({reason}).", "", "Choose another place with --out."
        ) from None
    return path


def _umask() -> int:
    """The mask of this process; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_json(course: Course, folder: Path, findings: Sequence[Any] = ()) -> Path:
    """`course.json`: the published form of the course, with the findings about its plan."""
    document = {**course.to_json_dict(), "findings": [one.to_json_dict() for one in findings]}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return write_whole(Path(folder) / "course.json", text.encode() + b"\n")


def write_csv(course: Course, folder: Path) -> Path:
    """`course.csv`: one line per muscle, side and day; read-outs with six decimals, empty where there is no band."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    names = ("force", "force_low", "force_median", "force_high", "cmap", "cross_section")
    writer.writerow(["muscle", "side", "day", *names])
    tables = [getattr(course, name) for name in names]
    none = [""] * len(course.days)
    for index, (muscle, side) in enumerate(course.muscles):
        columns = [none if table is None else [f"{v:.6f}" for v in table[index]] for table in tables]
        writer.writerows(
            (muscle, side, int(day), *rest)
            for day, rest in zip(course.days, zip(*columns, strict=True), strict=True)
        )
    return write_whole(Path(folder) / "course.csv", out.getvalue().encode())
