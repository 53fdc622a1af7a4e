"""The answer of a selection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from sim.language import Joined, Message, Text
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.statistics.selection import Allocation, Selection
from sim.studies.county import about_parameters, about_place
from sim.studies.inputs import Inputs
from sim.studies.possible import sentences
from sim.studies.posteriors import words
from sim.studies.select.decided import decided
from sim.studies.select.words import what_is_promised
from sim.studies.study import Study


@dataclass(frozen=True)
class Selected(Study):
    """Which policy is best by `objective`, and how sure that is.

    `counts` are the impossible draws of each policy among the first `looked`; `left_out` the policies for which they
    are most. `simulated` replications were run for it; the others were kept from before.
    """

    command: ClassVar[str] = "select"
    place: Place
    objective: str
    seed: int
    draws: ParameterDraws | None = field(repr=False)
    found: Selection | Allocation = field(repr=False)
    counts: dict[str, int]
    left_out: tuple[str, ...]
    looked: int
    simulated: int
    key: str
    asked: dict[str, Any] = field(repr=False)
    inputs: Inputs = field(default_factory=dict, repr=False)

    @property
    def selected(self) -> str:
        """The policy that was selected."""
        return self.found.name

    @property
    def policies(self) -> pd.DataFrame:
        """A row per policy: mean, replications, whether it was selected, and which one put it out of the race."""
        found = self.found
        dropped = {d.system: found.systems[d.by] for d in getattr(found, "dropped", ())}
        rows = [
            {
                "policy": name,
                "mean": found.means[i],
                "replications": found.replications[i],
                "selected": i == found.selected,
                "worse_than": dropped.get(i),
            }
            for i, name in enumerate(found.systems)
        ]
        return pd.DataFrame(rows).astype({"worse_than": object})

    def tables(self) -> dict[str, pd.DataFrame]:
        """`policies`."""
        return {"policies": self.policies}

    def sentences(self) -> list[Text]:
        """What to do; which policy was selected, what is promised of it, and about what."""
        about = (
            Message("The probability is about Monte Carlo error, not about them.")
            if self.draws is None
            else Message("The probability is about the mean over them, with Monte Carlo error.")
        )
        head = decided(self.found, self.objective, drawn=self.draws is not None)
        return [*head, what_is_promised(self.found), Joined(words(self.draws), about)]

    def messages(self) -> list[Text]:
        """Parameter draws that count for none, and policies that are left out."""
        return list(sentences(self.counts, self.left_out, self.looked))

    def manifest(self) -> dict[str, Any]:
        """What was asked."""
        posterior = self.draws.key if self.draws else None
        about = {"asked": self.asked, "inputs": self.inputs, "posterior": posterior}
        return {"command": self.command, "key": self.key, **about}

    def answer(self) -> dict[str, Any]:
        """The choice for programs. A probability that is not guaranteed is an approximation; null: not known."""
        found = self.found
        if isinstance(found, Selection):
            probability = None if found.stopped else 1 - found.alpha
            promised = {"guaranteed": not found.stopped, "probability": probability, "delta": found.delta}
        else:
            promised = {"guaranteed": False, "probability": found.probability, "delta": None}
        unit = KNOWN_METRICS[self.objective].unit
        return {
            "place": about_place(self.place),
            "seed": self.seed,
            **about_parameters(self.place, self.draws),
            "objective": {"metric": self.objective, "unit": unit, "better": found.better},
            "selected": found.name,
            **promised,
            "replications": found.total,
            "policies": self.policies,
            "words": str(what_is_promised(found)),
            "impossible_draws": self.counts,
            "looked_at_draws": self.looked,
        }
