"""A case: who comes and what for, before anything is planned. A plan file with `[[complaint]]`, sessions not needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from endplate.errors import PlanError
from endplate.plan.checks import check_patient
from endplate.plan.complaints import complaint
from endplate.plan.concern import check_complaints
from endplate.plan.parse import Format, parse_tree
from endplate.plan.place import at, clean
from endplate.plan.read import _bytes, file_format
from endplate.plan.records import PlanHead
from endplate.plan.session import SessionEntry


class Case(PlanHead, frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True):
    """A person with one complaint or several.

    `sessions` of a plan that is asked about are kept as written and left aside.

    Raises:
        PlanError, CatalogueError: when the content does not fit together (see docs/triage.md).
    """

    sessions: Annotated[tuple[SessionEntry, ...], Field(max_length=500)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Case:
        if not self.complaint:
            remedy = (
                'Add a table [[complaint]] with `indication = "glabellar_lines"` or what the person says.'
            )
            raise PlanError("there is no complaint.", "A case has at least one.", remedy)
        check_patient(self.patient)
        check_complaints(self.complaint)
        return self


def read_case(path: str | Path) -> Case:
    """Read a case file, TOML or JSON by its ending; a plan file with complaints is a case too.

    Raises:
        PlanError: no such file, unreadable, not a case, or content that does not fit.
        CatalogueError: a name that the catalogue does not hold.
        Both begin with the file's name.
    """
    with at(clean(str(path), 200)):
        kind = file_format(path)
        return parse_case(_bytes(Path(path)), kind)


def parse_case(text: str | bytes, format: Format = "toml") -> Case:  # noqa: A002
    """The case in a text. Errors as in `read_case`."""
    try:
        return Case.model_validate(parse_tree(text, format))
    except ValidationError as error:
        raise complaint(error) from None
