"""A small trial, a way to spoil it, and banks of a few faces so that a run takes a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from endplate.errors import EndplateError
from endplate.trial import Design, parse_design
from endplate.trial.result import TrialResult

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples" / "trials").glob("*.toml"))
SMALL = """\
schema = "endplate/trial/1"
title = "small"
visits = [7, 28, 84, 140]

[population]
sex = { female = 1.0 }

[[arms]]
name = "active"
n = 100
pattern = "glabellar_lines.onabotulinumtoxin_a"

[[arms]]
name = "placebo"
n = 50
product = "placebo"

[[endpoints]]
id = "investigator_none_mild"
area = "glabella"

[[endpoints]]
id = "subject_global_moderate"
area = "glabella"
days = [28]

[[durations]]
id = "loss_of_none_mild_both"
area = "glabella"

[[comparisons]]
arm = "active"
against = "placebo"
endpoint = "investigator_none_mild"
day = 28
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "example" in metafunc.fixturenames:
        metafunc.parametrize("example", EXAMPLES, ids=[path.stem for path in EXAMPLES])


@pytest.fixture
def spoil() -> Callable[..., str]:
    """Text of the small design with some of its text replaced, in pairs (old, new); "+" appends."""

    def replaced(*pairs: tuple[str, str]) -> str:
        text = SMALL
        for old, new in pairs:
            assert old == "+" or old in text, old
            text = text + new if old == "+" else text.replace(old, new)
        return text

    return replaced


@pytest.fixture
def changed(spoil: Callable[..., str]) -> Callable[..., Design]:
    """The small design, changed."""
    return lambda *pairs: parse_design(spoil(*pairs))


@pytest.fixture
def refusal(spoil: Callable[..., str]) -> Callable[..., str]:
    """The one line with which the spoilt design is refused."""

    def told(*pairs: tuple[str, str]) -> str:
        with pytest.raises(EndplateError) as caught:
            parse_design(spoil(*pairs))
        line = str(caught.value)
        assert line == " ".join(line.split()) and line.isprintable()
        return line

    return told


@pytest.fixture(scope="session", autouse=True)
def _few_faces() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("endplate.trial.prepare.FACES", 3)
        patch.setattr("endplate.trial.prepare.LEAST_FACES", 1)
        patch.setattr("endplate.trial.prepare.NEEDLES", 4)
        yield


@pytest.fixture(scope="module")
def few_risk_faces() -> Iterator[None]:
    """Risks by mechanism from a few faces and draws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("endplate.trial.risks.FACES", 4)
        patch.setattr("endplate.trial.risks.DRAWS", 16)
        yield


@pytest.fixture(scope="session")
def small_design() -> Design:
    return parse_design(SMALL)


@pytest.fixture(scope="session")
def small(_few_faces: None, small_design: Design) -> TrialResult:
    """Result of the small design."""
    from endplate.trial.run import run_trial

    return run_trial(small_design, patients=2000, seed=1)
