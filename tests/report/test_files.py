"""Writing: whole or not at all, and the same bytes each time."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from endplate.errors import ReportError
from endplate.report import write_csv, write_json, write_pictures, write_report
from endplate.report.files import write_whole
from endplate.report.pictures import NAMES, draw_pictures


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.txt", b"old")
    write_whole(tmp_path / "a.txt", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"new"


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "a.txt", b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ReportError, match="No space left"):
        write_whole(tmp_path / "a.txt", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"old"


def test_a_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(ReportError) as caught:
        write_whole(tmp_path / "out" / "a.txt", b"")
    assert "\n" not in str(caught.value)


def test_the_csv_has_a_line_for_every_muscle_and_day(course: Any, tmp_path: Path) -> None:
    with write_csv(course, tmp_path).open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(course.muscles) * len(course.days)
    assert float(lines[0]["force"]) == 1.0
    assert {line["day"] for line in lines} == {str(d) for d in course.days}


def test_the_json_is_the_published_form(course: Any, tmp_path: Path) -> None:
    assert json.loads(write_json(course, tmp_path).read_text())["schema"] == "endplate/course/1"


def test_pictures_come_as_svg_and_png_and_are_the_same_bytes_twice(
    course: Any, face: Any, tmp_path: Path
) -> None:
    first = write_pictures(course, face, tmp_path / "one")
    second = write_pictures(course, face, tmp_path / "two")
    # A course without measures of the face leaves out the last two.
    assert {p.name for p in first} == {f"{n}.{kind}" for n in NAMES[:3] for kind in ("svg", "png")}
    for a, b in zip(first, second, strict=True):
        assert a.read_bytes() == b.read_bytes(), a.name


def test_svg_text_stays_text_and_carries_no_date(course: Any, face: Any) -> None:
    svg = draw_pictures(course, face)["force"].svg()
    assert "Corrugator supercilii</text>" in svg
    assert "<metadata>" not in svg
    assert "not yet calibrated" in svg


def test_a_report_without_plan_or_pictures_is_written_too(course: Any, face: Any, tmp_path: Path) -> None:
    path = write_report(course, face, tmp_path / "deep" / "report.html")
    assert path.read_text().startswith("<!doctype html>")
