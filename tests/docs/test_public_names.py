"""What `import endplate` offers is a promise: a change of it is made here first, and in the changelog."""

from __future__ import annotations

import subprocess
import sys

from documents import ROOT

import endplate

PUBLIC = {
    "Course",
    "EndplateError",
    "Finding",
    "Plan",
    "assess",
    "brought_to",
    "compare",
    "default_face",
    "parse_plan",
    "place",
    "prepare",
    "read_case",
    "read_plan",
    "replay",
    "risk",
    "sample_individual",
    "sensitivity",
    "simulate",
    "triage",
    "why",
    "write_plan",
    "write_report",
}


def test_the_public_names_are_the_promised_ones() -> None:
    assert set(endplate.__all__) == PUBLIC
    assert len(PUBLIC) <= 25


def test_the_version_is_the_one_of_the_changelog() -> None:
    headings = [
        line
        for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("## ")
    ]
    assert endplate.__version__ in headings[0]


def test_every_public_name_is_there_and_explains_itself() -> None:
    for name in PUBLIC:
        assert (getattr(endplate, name).__doc__ or "").strip(), f"endplate.{name} has no docstring"


def test_the_names_are_listed_to_a_person_who_asks() -> None:
    code = "import endplate; print(*sorted(set(dir(endplate)) & set(endplate.__all__)))"
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(listed.split()) == PUBLIC
