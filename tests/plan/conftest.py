"""A small plan with one session and one injection, and a way to spoil it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from endplate.errors import EndplateError
from endplate.plan import parse_plan

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.toml"))
SMALL = """\
schema = "endplate/plan/1"
title = "one injection"

[patient]
age = 45
sex = "female"

[[sessions]]
date = 2026-03-02
indication = "glabellar_lines"
product = "onabotulinumtoxin_a"
reconstitution = { vial_units = 100, diluent_ml = 2.5 }

[[sessions.injections]]
landmark = "brow_mid"
offset_mm = [2.0, 20.0]
muscle = "frontalis"
side = "left"
units = 4
volume_ml = 0.1
"""


@pytest.fixture
def small() -> str:
    """TOML text of a valid plan."""
    return SMALL


@pytest.fixture
def spoil() -> Callable[..., str]:
    """Text of the small plan with some of its text replaced, in pairs (old, new); "+" appends."""

    def replaced(*pairs: tuple[str, str]) -> str:
        text = SMALL
        for old, new in pairs:
            assert old == "+" or old in text
            text = text + new if old == "+" else text.replace(old, new)
        return text

    return replaced


@pytest.fixture
def refusal(spoil: Callable[..., str]) -> Callable[..., str]:
    """The one line with which the spoilt plan is refused."""

    def told(*pairs: tuple[str, str]) -> str:
        with pytest.raises(EndplateError) as caught:
            parse_plan(spoil(*pairs))
        line = str(caught.value)
        assert line == " ".join(line.split())
        assert line.isprintable()
        return line

    return told


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.stem)
def example(request: pytest.FixtureRequest) -> Path:
    """Every plan file of examples/, one after the other."""
    return request.param
