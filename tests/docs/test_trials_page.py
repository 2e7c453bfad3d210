"""The pages on trials: their designs are designs, and the worked example is what its stored results say."""

from __future__ import annotations

import make_trials
import pytest
from documents import ROOT, blocks

from endplate.catalogue import catalogue
from endplate.trial import parse_design

FILE = ROOT / "docs" / "trial-file.md"
DESIGNS = [block for block in blocks(FILE, "toml") if block.text.startswith("schema")]


def test_the_parts_of_the_page_are_the_stored_results() -> None:
    page = make_trials.PAGE.read_text("utf-8")
    assert page == make_trials.written(page, make_trials.load()), "run `python docs/make_trials.py`"


def test_the_stored_results_are_of_this_design_and_these_parameters() -> None:
    assert make_trials.load()["inputs"] == make_trials.inputs(), "run `python docs/make_trials.py --run`"


@pytest.mark.parametrize("block", DESIGNS, ids=lambda block: f"line {block.line}")
def test_a_design_of_the_page_is_read(block: object) -> None:
    text = block.text  # type: ignore[attr-defined]
    design = parse_design(text)
    assert design.arms and design.asked
    assert parse_design(text).to_dict() == design.to_dict()


def test_every_key_of_a_design_stands_on_its_page() -> None:
    from pydantic import BaseModel

    from endplate.trial import records

    page = FILE.read_text("utf-8")
    kinds = [k for k in vars(records).values() if isinstance(k, type) and issubclass(k, BaseModel)]
    own = [kind for kind in kinds if kind.__module__ == records.__name__]
    keys = {info.alias or name for kind in own for name, info in kind.model_fields.items()}
    assert len(keys) > 30
    assert sorted(key for key in keys if key not in page) == []


def test_the_parameters_that_the_page_names_are_in_the_catalogue() -> None:
    import re

    named = set(
        re.findall(r"`((?:outcome|person|needle)\.[\w.]+(?:\*)?)`", make_trials.PAGE.read_text("utf-8"))
    )
    assert len(named) > 10
    known = catalogue().parameters
    missing = [n for n in named if n not in known and not any(k.startswith(n.rstrip("*")) for k in known)]
    assert missing == []


def test_the_picture_needs_no_more_than_what_is_stored() -> None:
    from endplate.report.trial_picture import sheet

    found = make_trials.as_result(make_trials.load())
    assert "placebo" in sheet(found, make_trials.SHOWN).svg()
