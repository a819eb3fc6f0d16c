"""The steps that a rule may put between a source value and its board column, as the file writes them.

A step without settings is a word, the others are small tables, in the order in which they are applied:
`transforms = ["trim", {split = "-", part = 2}, {replace = "BLK", with = "BLACK"}, {lookup = "seasons"}]`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, field_validator

_Words = Annotated[str, StringConstraints(min_length=1)]

TextChange = Literal["trim", "upper", "lower", "title"]


class _Step(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Split(_Step):
    """Keep one part of a text."""

    split: _Words
    """What stands between the parts."""
    part: Annotated[int, Field(strict=True)] = 1
    """The part that is kept, from 1; negative numbers count from the end."""

    @field_validator("part")
    @classmethod
    def _is_counted(cls, part: int) -> int:
        if part == 0:
            raise ValueError("expected 1 for the first part, or -1 for the last one")
        return part


class Replace(_Step):
    """Put one text in the place of another, wherever it stands."""

    replace: _Words
    by: str = Field(alias="with")


class Lookup(_Step):
    """Translate a whole value by a table `[mappings.<set>.lookups.<name>]`."""

    lookup: _Words
    """The table's name."""
    otherwise: Literal["refuse", "keep"] = "refuse"
    """What happens to a value that the table does not have."""


class Round(_Step):
    """Round a number, halves away from zero."""

    decimals: Annotated[int, Field(strict=True, ge=0, le=10)]


STEPS: Mapping[str, type[_Step]] = {"split": Split, "replace": Replace, "lookup": Lookup, "decimals": Round}
"""The steps that are tables, by the key that tells which one it is."""
TAG = "step:"
"""Begins the names by which pydantic's faults tell the kind of a step; no key of a file begins so."""


def _kind(step: Any) -> str | None:
    if isinstance(step, str):
        return f"{TAG}word"
    if isinstance(step, _Step):
        return next(f"{TAG}{key}" for key, kind in STEPS.items() if isinstance(step, kind))
    if isinstance(step, Mapping):
        return next((f"{TAG}{key}" for key in STEPS if key in step), None)
    return None


Transform = Annotated[
    Annotated[TextChange, Tag(f"{TAG}word")]
    | Annotated[Split, Tag(f"{TAG}split")]
    | Annotated[Replace, Tag(f"{TAG}replace")]
    | Annotated[Lookup, Tag(f"{TAG}lookup")]
    | Annotated[Round, Tag(f"{TAG}decimals")],
    Discriminator(_kind),
]
