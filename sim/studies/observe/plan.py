"""A study's result that is to go back into the posterior of a place: checked and carried out.

Each draw says how probable such answers are (`sim.studies.call_back`); draws are taken anew with these probabilities as
weights, within each reading, and the odds of the readings move by the ratio of their means. Both are Bayes' rule.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message, tr
from sim.runs.posterior import Posterior, ReadingDraws, fresh
from sim.scenario import terms
from sim.scenario.errors import UserError
from sim.scenario.metrics import READINGS, Column
from sim.scenario.place import Place
from sim.scenario.policy import Measure, practice
from sim.statistics.call_back import odds
from sim.statistics.preposterior import binomial
from sim.statistics.quantiles import effective_size
from sim.statistics.weights import resample
from sim.studies.audit import AuditPlan
from sim.studies.audit import plan as audit_plan
from sim.studies.audit.found import Audit
from sim.studies.audit.plan import answers_of
from sim.studies.calibration.place_calibration import pinned
from sim.studies.calibration.waves import case_at, simulated
from sim.studies.call_back import mean_by_draw
from sim.studies.county import County, Where, as_county
from sim.studies.inputs import Inputs
from sim.studies.observe.found import Observed
from sim.studies.study import Work, key_of

Floats = NDArray[np.float64]
REPLICATIONS = 2  # of each draw, for its chances
FEWEST = 10.0  # effective draws of the favoured reading below which nothing is written
TRUE = "true_success_rate"


@dataclass(frozen=True)
class ObservePlan:
    """A result that was checked: `yes` of `asked` parties said that the matter is settled."""

    county: County
    posterior: Posterior
    audit: AuditPlan
    yes: int
    asked: int
    seed: int
    inputs: Inputs = field(default_factory=dict, repr=False)

    @cached_property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        return key_of([self.audit.key, self.posterior.text(), self.yes, self.asked, self.seed])

    @property
    def folder(self) -> str:
        """Below `results`."""
        return f"calibrate-{self.place.name}-observed"

    @property
    def place(self) -> Place:
        """The place."""
        return self.county.place

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What is in force there."""
        return tuple(practice(self.place))

    def opening(self, workers: int) -> str:
        """What goes into what."""
        said = {"place": terms.title(self.place.title), "yes": self.yes, "n": self.asked}
        return tr("{place}: {yes} of {n} answers go into the posterior", **said)

    def carry_out(self, work: Work) -> Observed:
        """Look at each draw, weigh, draw anew. Raises UserError where hardly a draw allows the answers."""
        heard = self.audit.carry_out(work)
        logs, rows = self._logs(heard)
        before = odds_of(self.posterior)
        after = before * odds(self.yes, self.asked, heard.files.by_reading())
        rng = np.random.default_rng([self.seed, 83])
        true = mean_by_draw(heard.place, Column(TRUE))
        kept: dict[str, ReadingDraws] = {}
        table = []
        for number, reading in enumerate(READINGS):
            mine = heard.files.reading == number
            weights = _normalised(logs[mine])
            old, size = self.posterior.readings[reading], effective_size(weights)
            if size < FEWEST and (after >= 1) == (number == 0):
                raise UserError(
                    Message(
                        "--observed: these answers leave the weight of {n} draws under the more probable reading, too "
                        "few to stand for it. Calibrate with more draws first: run_sim.py calibrate {place} --draws "
                        "{more}",
                        n=f"{size:.1f}",
                        place=self.county.name,
                        more=4 * len(old),
                    )
                )
            chosen = rows[mine][resample(weights, len(old), rng)]
            kept[reading] = replace(old, scores=old.scores[chosen])
            table.append(
                {
                    "reading": reading,
                    "draws": len(old),
                    "ess": size,
                    "true_before": float(true[mine].mean()),
                    "true_after": float(weights @ true[mine]),
                }
            )
        frame = pd.DataFrame(table)
        posterior = self._written(kept, frame, before, after, work)
        return Observed(
            self.place, self.yes, self.asked, before, after, frame, posterior, self.key, self.inputs
        )

    def _logs(self, heard: Audit) -> tuple[Floats, NDArray[np.int64]]:
        """log P(answers) of each draw that counts, and its row in its reading."""
        logs = binomial(np.array([self.yes]), self.asked, heard.files.chance)[0]
        numbers = np.flatnonzero(np.asarray(heard.place.counted))
        return logs, numbers // len(READINGS)

    def _written(
        self, kept: dict[str, ReadingDraws], table: pd.DataFrame, before: float, after: float, work: Work
    ) -> Posterior:
        """The new posterior: means that `check` looks at are those of the new draws; the old one is named by digest."""
        line = f"run_sim.py calibrate {self.county.name} --observed call_back={self.yes}/{self.asked}"
        about: dict[str, Any] = dict(self.posterior.about)
        ess = {row["reading"]: round(float(row["ess"]), 1) for row in table.to_dict("records")}
        entry = {
            "what": "call_back",
            "yes": self.yes,
            "asked": self.asked,
            "seed": self.seed,
            "ess": ess,
            "odds_before": round(before, 6),
            "odds": round(after, 6),
            "of": hashlib.sha256(self.posterior.text().encode()).hexdigest(),
            "made_by": self.posterior.about.get("command", ""),
        }
        about |= {"command": line, "observed": [*about.get("observed", ()), entry]}
        readings = {}
        repeats = int(about.get("repeats", 1))
        for reading, draws in kept.items():
            case = case_at(
                self.place,
                self.measures,
                draws.names,
                draws.normal,
                self.seed + 9000,
                reading,
                self.posterior.parts,
            )
            found = simulated(case, executor=work.executor, repeats=repeats, folder=work.store).usable
            rate = found[TRUE][~np.isnan(found[TRUE])]
            # Weights over selectivity say nothing of these answers: records between the readings are left out.
            told = {
                **{name: x for name, x in draws.about.items() if name != "selectivity"},
                "ess": min(float(draws.about.get("ess", math.inf)), ess[reading]),
                "pinned": pinned(found, repeats),
                TRUE: {
                    "mean": round(float(rate.mean()), 4),
                    "se": round(float(rate.std(ddof=1)) / math.sqrt(max(1.0, ess[reading])), 4),
                },
            }
            told.pop(
                "selectivity", None
            )  # what was answered speaks of it, too: those weights are of other draws
            readings[reading] = replace(draws, about=told)
        return replace(self.posterior, readings=readings, about=about)


def odds_of(posterior: Posterior) -> float:
    """The odds of proportional recording that a posterior carries: 1 where no study has spoken."""
    told = posterior.about.get("observed") or [{"odds": 1.0}]
    return float(told[-1]["odds"])


def _normalised(logs: Floats) -> Floats:
    """Weights that add up to 1; even ones where no draw allows what was seen: such a reading is known by its odds."""
    if not np.isfinite(logs).any():
        return np.full(len(logs), 1.0 / len(logs))
    raw = np.exp(logs - logs.max())
    out: Floats = raw / raw.sum()
    return out


def plan(
    place: Where, observed: str | Sequence[str], *, seed: int = 1, inputs: Inputs | None = None
) -> ObservePlan:
    """Check a result. Raises UserError for one that cannot be, and for a place without a posterior of both readings."""
    yes, asked = call_back_in(observed)
    county = as_county(place)
    found = fresh(county.place, tuple(practice(county.place)))
    if found is None:
        raise UserError(
            Message(
                "{place} has no posterior that answers could go into; make one: run_sim.py calibrate {place}",
                place=county.name,
            )
        )
    if any(one["what"] == "call_back" and (one["yes"], one["asked"]) == (yes, asked)
           for one in found.about.get("observed", ())):  # fmt: skip
        raise UserError(
            Message(
                "--observed: {yes} of {n} answers are in this posterior already; of further ones give those alone",
                yes=yes,
                n=asked,
            )
        )
    count = found.draws("both").count
    audit = audit_plan(place, observed=(yes, asked), seed=seed, draws=count, replications=REPLICATIONS)
    return ObservePlan(county, found, audit, yes, asked, seed, inputs or {})


def call_back_in(observed: str | Sequence[str]) -> tuple[int, int]:
    """Yes and asked of `call_back=83/100`. Raises UserError for anything else."""
    given = [observed] if isinstance(observed, str) else list(observed)
    if len(given) != 1:
        raise UserError(Message("--observed: give one result at a time"))
    what, equals, told = given[0].partition("=")
    if what.strip() != "call_back" or not equals:
        raise UserError(
            Message(
                "--observed: '{x}' is no result of a call-back; write call_back=YES/ASKED, such as call_back=83/100",
                x=given[0],
            )
        )
    found = answers_of(told)
    if found is None:
        raise UserError(Message("--observed: '{x}' is not YES/ASKED; write for example 83/100", x=told))
    return found
