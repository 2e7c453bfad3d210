"""Places to write to, looked at before any work is done."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from endplate.errors import ReportError
from endplate.plan.place import clean

OTHER = "Give another --out."
ROOM_FOR_NAMES = 40  # bytes that the longest name in the folder takes, and its name while it is written


def shown(path: Path | str) -> str:
    """A path in back ticks, fit to print."""
    return f"`{clean(str(path), 200)}`"


def printable(path: Path | str) -> str:
    """A whole path without what a terminal would obey."""
    return clean(str(path), 4000)


def folder_of(out: str | None, names: Sequence[str] | None = None) -> Path | None:
    """The output folder that these letters name, once it is sure that it can be one; None for None.

    Args:
        names: files that will be written to it; None stands for those of a course.

    Raises:
        ReportError: empty, a file or below one, not writable, too long, or a folder stands where a file will.
    """
    if out is None:
        return None
    if not out.strip():
        raise ReportError("--out is empty.", "It names a folder.", "Give a name, such as --out result.")
    folder = Path(out)
    _check_parents(folder, folder)
    for name in file_names() if names is None else names:
        if (folder / name).is_dir():
            raise ReportError(
                f"{shown(folder / name)} is a folder.", "A file of this name is to be written.", OTHER
            )
    return folder


def file_names() -> tuple[str, ...]:
    """The files that `write_all` leaves in a folder."""
    from endplate.report.pictures import NAMES

    pictures = (f"{name}.{ending}" for name in NAMES for ending in ("svg", "png"))
    return ("report.html", "course.json", "course.csv", *pictures)


def check_file(path: Path, remedy: str = OTHER) -> None:
    """Raise ReportError unless a file can be written under this name."""
    if _mode(path, path) is not None and path.is_dir():
        raise ReportError(f"{shown(path)} is a folder.", "The output must be a file.", remedy)
    if _mode(path.parent, path) is None:
        raise ReportError(f"There is no folder {shown(path.parent)}.", "", "Make it first.")
    _check_parents(path.parent, path)


def _check_parents(folder: Path, asked: Path) -> None:
    """The nearest thing that exists on the way to a folder must be a folder in which one can write."""
    missing: list[str] = []
    for place in (folder, *folder.parents):
        mode = _mode(place, asked)
        if mode is None:
            missing.append(place.name)
            continue
        if not stat.S_ISDIR(mode):
            raise ReportError(f"{shown(place)} is a file.", "The output must be a folder.", OTHER)
        if not os.access(place, os.W_OK | os.X_OK):
            raise ReportError(f"The folder {shown(place)} cannot be written to.", "", OTHER)
        _check_lengths(place, missing, asked)
        return
    raise ReportError(f"There is no folder on the way to {shown(asked)}.", "", OTHER)


def _mode(place: Path, asked: Path) -> int | None:
    """Kind and permissions; None where nothing is (yet)."""
    try:
        return os.stat(place).st_mode
    except NotADirectoryError:
        return None  # something above it is a file: found on the way up
    except FileNotFoundError:
        if os.path.islink(place):
            raise ReportError(f"{shown(place)} is a link to nothing.", "", OTHER) from None
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "bad path"
        raise ReportError(f"{shown(asked)} cannot be written ({reason}).", "", OTHER) from None


def _check_lengths(existing: Path, missing: list[str], asked: Path) -> None:
    """Names that are still to be made are not yet measured by the file system."""
    if not hasattr(os, "pathconf"):
        return
    longest_name = os.pathconf(existing, "PC_NAME_MAX")
    longest_path = os.pathconf(existing, "PC_PATH_MAX")
    too_long = any(len(os.fsencode(name)) > longest_name for name in missing)
    if too_long or len(os.fsencode(os.path.abspath(asked))) + ROOM_FOR_NAMES > longest_path:
        raise ReportError(f"{shown(asked)} cannot be written (the path is too long).", "", OTHER)
