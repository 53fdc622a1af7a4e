"""What a place reports, as its file says it: figures to compare with, facts, and other readings of both."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Strict(BaseModel):
    """Base of all sections: unknown keys are errors, values do not change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(Strict):
    """A name in both languages."""

    en: str
    zh: str


class Exactness(StrEnum):
    """How a reported figure is to be read."""

    EXACT = "exact"
    ROUNDED = "rounded"
    TRUNCATED = "truncated"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"  # two bounds together leave this range
    CENSORED = "censored"  # so many `of` those that were begun, up to the end of the window
    CHANGE = "change"  # in percent, against a base that is not stated


class Target(Strict):
    """A reported figure beside which the simulated one is shown. Every target is a record, not an outcome.

    `high` is the upper end of a range; `of` the number out of which a share was counted; `since` the first day that
    counts, where it is not that of the window; `mixed` the largest share of a count that may be something else.
    `mechanism` is what the place claims the figure for. `misfits` says, by reading of the record, why the calibrated
    place does not give the figure.
    """

    metric: Slug
    value: float
    exactness: Exactness
    high: float | None = None
    of: float | None = None
    since: date | None = None
    mixed: float = 0.0
    mechanism: Slug | None = None
    misfits: dict[Literal["proportional", "target_driven"], str] = {}
    decimals: int = 0
    role: Literal["calibrate", "hold_out", "context"]
    source: str
    note: str = ""


class Fact(Strict):
    """A reported stock or count that the model does not simulate but the reader should know."""

    name: Slug
    value: str
    source: str
    note: str = ""


class Alternative(Strict):
    """Another reading of what an article leaves open: a place of its own, named `place@alternative`.

    `replace` is merged into the file of the place, as `replace` of the file itself is into what it includes.
    """

    about: Title
    source: str
    replace: dict[str, Any]
