"""A run of one place: its case, and how replications are dealt out to the draws of a posterior."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sim.runs.batch import through
from sim.runs.case import Case
from sim.runs.impossible import dealt
from sim.runs.outcomes import Pair
from sim.runs.points import CENTRAL, points_of
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import Measure

PRACTICE = "practice"


@dataclass(frozen=True)
class PlaceRun:
    """Replications of a place, numbered through.

    `measures` are in force in place of those that the place reports (None: its practice). With a `posterior` each of
    its draws has `per_draw` replications in a row, and again when the draws are used up. Draws that are `left_out`
    (rising numbers) are nobody's.
    """

    place: Place
    seed: int
    engine: str = "compiled"
    measures: tuple[Measure, ...] | None = None
    posterior: ParameterDraws | None = None
    per_draw: int = 2
    left_out: tuple[int, ...] = ()

    @cached_property
    def case(self) -> Case:
        """What is simulated."""
        return Case(
            self.place,
            self.measures,
            self.seed,
            "place",
            points_of(self.posterior),
            numbering="through",
            engine=self.engine,
        )

    @cached_property
    def key(self) -> str:
        """Names the results by all that decides them; engine and workers are no part of it."""
        drawn = f" per_draw={self.per_draw} left_out={self.left_out}" if self.posterior else ""
        return hashlib.sha256(f"{self.case.key}{drawn}".encode()).hexdigest()[:16]

    def pairs(self, replications: int) -> list[Pair]:
        """The draw of each of the first replications, in their order."""
        if self.posterior is None:
            return through([CENTRAL] * replications)
        kept = [d for d in range(1, self.posterior.count + 1) if d not in self.left_out]
        return through(kept[r // self.per_draw % len(kept)] for r in range(replications))

    def possible(self, policy: str | None, sets: Sequence[str], replications: int) -> PlaceRun:
        """The run without the draws under which staff lack hours, where a `policy` or `sets` change what they must do.

        Otherwise the draws were looked at when the place was calibrated. Only as many are looked at as replications
        need. Raises ScenarioError where more than a quarter of them are impossible.
        """
        if self.posterior is None or (policy is None and not sets):
            return self
        case = replace(self.case, policy=policy or PRACTICE)
        found = dealt([case], range(1, self.posterior.count + 1), -(-replications // self.per_draw))
        return replace(self, left_out=found.left_out)
