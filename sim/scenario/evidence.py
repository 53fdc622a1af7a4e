"""What is known beyond the articles of one place: soft targets on what the model gives, with their sources.

A figure of another county or of the nation says what is usual, not what holds here. So each has two widths: how well
the usual value is known (`sd`), and how far counties lie apart (`between`). Both are on the scale of its likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim.language import Message, Text
from sim.scenario.errors import listed, nearest, shown
from sim.scenario.fields import PathKeys

REALISED_PREFIX = "realised "  # in front of a figure: what a replication gives of it


class Likelihood(StrEnum):
    """The shape of a figure's likelihood."""

    LOGIT_NORMAL = "logit_normal"  # of a share in percent
    LOGNORMAL = "lognormal"  # of a rate or a number of days
    DIRICHLET = "dirichlet"  # of shares in percent that add up to 100


@dataclass(frozen=True)
class Realised:
    """An output of a replication that evidence can speak of; `parts` are what shares are split into."""

    unit: str
    likelihood: Likelihood
    about: str
    parts: tuple[str, ...] = ()


_SHARE, _LOG, _SPLIT = Likelihood.LOGIT_NORMAL, Likelihood.LOGNORMAL, Likelihood.DIRICHLET
_SUITS = "per 10,000 persons per year"
REALISED: dict[str, Realised] = {
    "police_resolved": Realised("%", _SHARE, "settled by the police, of all that leave the police"),
    "court_mediation_settled": Realised(
        "%", _SHARE, "settled by mediation at court, of those in which it was tried"
    ),
    "court_mediation_days": Realised(
        "days", _LOG, "mean days from arrival to settlement by mediation at court"
    ),
    "family_suits_per_10000": Realised(_SUITS, _LOG, "suits filed in family disputes"),
    "petitions_per_1000": Realised(
        "per 1,000 persons per year", _LOG, "registered petitions, repeats included"
    ),
    "petition_repeat_share": Realised("%", _SHARE, "petitions that repeat an earlier one, of all petitions"),
    "family_suit_ends": Realised(
        "%", _SPLIT, "how suits in family disputes end", ("judged", "settled", "withdrawn")
    ),
    "trial_days_family": Realised("days", _LOG, "mean days from filing to the end of a suit, family"),
    "trial_days_contract": Realised("days", _LOG, "mean days from filing to the end of a suit, contract"),
    "trial_days_damages": Realised("days", _LOG, "mean days from filing to the end of a suit, damages"),
}


class Evidence(BaseModel):
    """A figure with the likelihood that it gives a realised output. `low` to `high` is the range of the source.

    `constrain` figures enter every calibration; `compare` ones are shown beside them only. A Dirichlet has `shares`
    and `size`, all others `value`, `sd` and `between`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    likelihood: Likelihood
    value: float | None = None
    sd: float = 0.0
    between: float = 0.0
    shares: dict[str, float] = {}
    size: float = 0.0
    low: float | None = None
    high: float | None = None
    role: Literal["constrain", "compare"] = "constrain"
    source: str
    page: str
    confidence: Annotated[str, Field(pattern="^(high|medium|low)$")]
    note: str = ""

    @property
    def variance(self) -> float:
        """Of what is usual and of a county around it."""
        return self.sd**2 + self.between**2

    def centre(self) -> float:
        """The figure on the scale of its likelihood: log-odds of a share, or a log."""
        assert self.value is not None
        share = self.value / 100.0
        odds = self.likelihood == Likelihood.LOGIT_NORMAL
        return math.log(share / (1.0 - share)) if odds else math.log(self.value)


Problems = Iterator[tuple[PathKeys, Text, Text]]


def evidence_problems(figures: Mapping[str, Evidence]) -> Problems:
    """Path, problem and remedy of each figure that cannot be."""
    for name, figure in figures.items():
        path: PathKeys = ("evidence", name)
        known = REALISED.get(name)
        if known is None:
            near = nearest(name, REALISED)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("There is evidence on {list}.", list=listed(REALISED))
            )
            yield path, Message("the model has no realised output {name}", name=shown(name)), remedy
            continue
        if figure.likelihood != known.likelihood:
            problem = Message(
                "the likelihood of {name} cannot be {wrong}", name=name, wrong=figure.likelihood
            )
            yield (*path, "likelihood"), problem, Message("Write {right}.", right=known.likelihood)
        elif known.likelihood == Likelihood.DIRICHLET:
            yield from _split(path, figure, known)
        else:
            yield from _single(path, figure, known)


def _split(path: PathKeys, figure: Evidence, known: Realised) -> Problems:
    if set(figure.shares) != set(known.parts) or abs(sum(figure.shares.values()) - 100.0) > 0.5:
        problem = Message(
            "these shares are not those of {list}, which add up to 100", list=listed(known.parts)
        )
        yield (*path, "shares"), problem, Message("Write a share in percent for each of them.")
    elif min(figure.shares.values()) <= 0.0 or figure.size <= 0.0:
        problem = Message("shares and size must be above 0")
        yield (*path, "size"), problem, Message("Write how many cases the shares are worth.")


def _single(path: PathKeys, figure: Evidence, known: Realised) -> Problems:
    top = 100.0 if known.likelihood == Likelihood.LOGIT_NORMAL else math.inf
    if figure.value is None or not 0.0 < figure.value < top:
        problem = Message("the value must be above 0 and below {top:g}", top=top)
        yield (*path, "value"), problem, Message("Write it in {unit}.", unit=known.unit)
    elif not figure.variance > 0.0:
        problem = Message("sd and between are both 0: soft evidence has a width")
        yield (*path, "sd"), problem, Message("Write how well the figure is known.")
    elif figure.low is not None and figure.high is not None and figure.low >= figure.high:
        yield (*path, "low"), Message("low is not below high"), Message("Write the range of the source.")
