"""The posterior of a place after a call-back: draws by what was heard, and the odds of the readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message, Text
from sim.runs.posterior import Posterior
from sim.scenario.metrics import READINGS
from sim.scenario.place import Place
from sim.scenario.terms import Term
from sim.studies.county import about_place
from sim.studies.decision import chance, figure
from sim.studies.inputs import Inputs
from sim.studies.kept_posterior import keep
from sim.studies.study import Study

APART = 10.0  # odds from which the readings are told apart, as in `audit`


@dataclass(frozen=True)
class Observed(Study):
    """What was heard, and the posterior that it leaves. `before` and `after` are the odds of proportional recording.

    `table` has a row per reading: effective draws of the weights, draws kept, and the true success rate before and
    after (mean over draws, percent).
    """

    command: ClassVar[str] = "calibrate"
    digits: ClassVar[str] = "%.6g"
    place: Place
    yes: int
    asked: int
    before: float
    after: float
    table: pd.DataFrame
    posterior: Posterior = field(repr=False)
    key: str
    inputs: Inputs = field(default_factory=dict, repr=False)

    @cached_property
    def favoured(self) -> tuple[str, float]:
        """The more probable reading, and the odds for it."""
        return (READINGS[0], self.after) if self.after >= 1 else (READINGS[1], 1.0 / self.after)

    def save_posterior(self) -> Path:
        """Keep it where other commands look; the one that was there is kept beside it, `.json.previous`."""
        return keep(self.posterior)

    def write(self, folder: Path) -> None:
        """The table, and the posterior."""
        super().write(folder)
        self.posterior.save(folder / "posterior.json")

    def tables(self) -> dict[str, pd.DataFrame]:
        """`observed`."""
        return {"observed": self.table}

    def sentences(self) -> list[Text]:
        """What the answers did to the odds and to what is believed."""
        name, ratio = self.favoured
        said: dict[str, object] = {
            "yes": self.yes,
            "n": self.asked,
            "reading": Term("reading", name),
            "odds": figure(min(ratio, 1e6)),
            "p": chance(ratio / (1.0 + ratio)),
        }
        out: list[Text] = [
            Message(
                "{yes} of {n} parties said that the matter is settled. The odds are now {odds} to 1 that the record is "
                "{reading} ({p}).",
                **said,
            )
        ]
        for row in self.table.to_dict("records"):
            out.append(
                Message(
                    "If it is {reading}, {before} % of mediations truly succeed before these answers and {after} % "
                    "after them.",
                    reading=Term("reading", row["reading"]),
                    before=figure(float(row["true_before"])),
                    after=figure(float(row["true_after"])),
                )
            )
        if ratio >= APART:
            out.append(
                Message("Compare policies under that reading from now on: --reading {name}.", name=name)
            )
        else:
            out.append(Message("That does not tell the readings apart: answers are still given under both."))
        return out

    def messages(self) -> list[Text]:
        """Readings of which few draws are left."""
        thin = self.table[self.table["ess"] < 0.2 * self.table["draws"]]
        return [
            Message(
                "{reading} recording: these answers leave the weight of {n} of {m} draws; more of them: calibrate "
                "--draws, then --observed again.",
                reading=Term("reading", row["reading"]),
                n=f"{row['ess']:.0f}",
                m=int(row["draws"]),
            )
            for row in thin.to_dict("records")
        ]

    def manifest(self) -> dict[str, Any]:
        """What was observed."""
        return {
            "command": self.command,
            "key": self.key,
            "of": "observed",
            "place": self.place.name,
            "made_by": self.posterior.about["command"],
            "inputs": self.inputs,
        }

    def answer(self) -> dict[str, Any]:
        """The table and the odds, for programs."""
        return {
            "place": about_place(self.place),
            "observed": {"what": "call_back", "yes": self.yes, "asked": self.asked},
            "odds_before": self.before,
            "odds": self.after,
            "by_reading": self.table,
            "words": [str(said) for said in self.sentences()],
        }
