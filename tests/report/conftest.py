"""Fakes for the report room; the made-up course is built once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import fake_course, fake_face, fake_plan


@pytest.fixture(scope="session")
def course() -> Any:
    return fake_course()


@pytest.fixture(scope="session")
def face() -> Any:
    return fake_face()


@pytest.fixture(scope="session")
def plan() -> Any:
    return fake_plan()


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory, course: Any, face: Any, plan: Any) -> Path:
    """A report on disk, with its pictures."""
    from endplate.report import write_all

    return write_all(plan, course, tmp_path_factory.mktemp("report"), face, findings=())
