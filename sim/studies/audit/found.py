"""The answer of an audit: how many files to ring, and what was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message, Text
from sim.scenario.comparison import Design
from sim.scenario.metrics import KNOWN_METRICS, READINGS, Column
from sim.scenario.prices import Prices
from sim.statistics.call_back import Separation, odds, separated
from sim.statistics.quantiles import CENTRAL_90, effective_size, weighted_quantiles
from sim.studies.assemble import PlacePanel, case_of
from sim.studies.audit.files import Files
from sim.studies.audit.words import FEW, sentences_of
from sim.studies.call_back import mean_by_draw
from sim.studies.county import about_parameters, about_place
from sim.studies.effect_intervals import believed_of
from sim.studies.inputs import Inputs
from sim.studies.study import Sketch, Study, key_of

Floats = NDArray[np.float64]
MOST = 300  # files that a plan looks at: those of earlier years may be rung, too
TRUE = "true_success_rate"


def sizes_up_to(most: int) -> list[int]:
    """Numbers of files that are looked at: all up to 40, then in steps of five, above 100 of twenty."""
    return [n for n in range(1, most + 1) if n <= 40 or n % (5 if n <= 100 else 20) == 0]


@dataclass(frozen=True)
class Audit(Study):
    """How many closed files tell the readings apart; with `observed`, yes and asked, what they have told.

    `wanted` are pairs of odds and probability.
    """

    command: ClassVar[str] = "audit"
    design: Design
    place: PlacePanel = field(repr=False)
    files: Files = field(repr=False)
    prices: Prices = field(repr=False)
    wanted: tuple[tuple[float, float], ...]
    observed: tuple[int, int] | None
    key: str
    inputs: Inputs = field(default_factory=dict, repr=False)

    @property
    def most(self) -> int:
        """The largest number of files that a plan can name."""
        return MOST

    @cached_property
    def _separations(self) -> dict[float, Separation]:
        sizes, chances = sizes_up_to(self.most), self.files.by_reading()
        return separated(chances, sizes, tuple(dict.fromkeys(x for x, _ in self.wanted)))

    @cached_property
    def needed(self) -> pd.DataFrame:
        """A row per odds and probability: how many files, NaN where none of those looked at are enough."""
        rows = []
        for ratio, probability in self.wanted:
            found = self._separations[ratio]
            n, last = found.enough(probability), found.right[-1]
            price = self.prices.studies
            rows.append(
                {
                    "odds": ratio,
                    "probability": probability,
                    "files": np.nan if n is None else float(n),
                    "yuan": np.nan if n is None or price is None else self.prices.study(price.call_back, n),
                    "looked_up_to": int(found.sizes[-1]),
                    **{f"reached_{r}": float(last[i]) for i, r in enumerate(READINGS)},
                }
            )
        return pd.DataFrame(rows)

    @cached_property
    def heard(self) -> pd.DataFrame:
        """By reading: of 100 parties how many are expected to say that it is settled; median and 90 % over draws."""
        rows = []
        for number, reading in enumerate(READINGS):
            low, middle, high = (100.0 * float(x) for x in np.quantile(self.files.of(number), CENTRAL_90))
            rows.append({"record": reading, "low": low, "median": middle, "high": high})
        return pd.DataFrame(rows)

    @cached_property
    def separation(self) -> pd.DataFrame:
        """A row per odds and number of files: the probability that each reading is found, and is missed."""
        parts = []
        for ratio, found in self._separations.items():
            frame = pd.DataFrame({"odds": ratio, "files": found.sizes})
            for i, reading in enumerate(READINGS):
                frame[f"found_{reading}"] = found.right[:, i]
                frame[f"misled_{reading}"] = found.wrong[:, i]
            parts.append(frame)
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def odds(self) -> float:
        """The odds of the first reading against the second after what was heard; NaN where nothing was."""
        return float("nan") if self.observed is None else odds(*self.observed, self.files.by_reading())

    @cached_property
    def _weights(self) -> tuple[Floats, Floats]:
        assert self.observed is not None
        return self.files.weights(*self.observed)

    @property
    def effective(self) -> float:
        """How many draws of equal weight the answer after the call-back rests on."""
        return effective_size(self._weights[0])

    @cached_property
    def updated(self) -> pd.DataFrame:
        """What is believed before and after what was heard: the truth of the baseline, and the effects of policies."""
        if self.observed is None:
            return pd.DataFrame()
        objective = self.place.panel.columns[0]
        rows = [self._row("", TRUE, mean_by_draw(self.place, Column(TRUE))[:, None])]
        rows.append(self._row("", objective.metric, mean_by_draw(self.place, objective)[:, None]))
        if len(self.place.labels) > 1:
            samples = believed_of(self.place, objective).samples
            for policy, effect in zip(self.place.labels[1:], samples, strict=True):
                rows.append(self._row(policy, objective.metric, effect))
        return pd.DataFrame(rows)

    def _row(self, policy: str, metric: str, samples: Floats) -> dict[str, object]:
        """Samples of shape (draws, samples of each), by the weights of draws before and after."""
        after, before = (np.repeat(w / samples.shape[1], samples.shape[1]) for w in self._weights)
        flat, worse = samples.ravel(), KNOWN_METRICS[metric].worse
        row: dict[str, object] = {"policy": policy, "metric": metric, "unit": KNOWN_METRICS[metric].unit}
        for name, w in (("before", before), ("after", after)):
            low, middle, high = weighted_quantiles(flat, w, CENTRAL_90)
            row |= {f"{name}_low": low, f"{name}_median": middle, f"{name}_high": high}
            row[f"{name}_p_better"] = float(w[worse * flat < 0].sum()) if policy else float("nan")
        return row

    def tables(self) -> dict[str, pd.DataFrame]:
        """`needed`, `heard`, `separation`; with what was heard `updated`."""
        every = {"needed": self.needed, "heard": self.heard, "separation": self.separation}
        return every | ({"updated": self.updated} if self.observed else {})

    def figures(self) -> dict[str, Sketch]:
        """None."""
        return {}

    def sentences(self) -> list[Text]:
        """What to expect, how many to ring, and what was told."""
        return sentences_of(self)

    def messages(self) -> list[Text]:
        """That few draws are left."""
        if self.observed is None or self.effective >= FEW:
            return []
        return [
            Message(
                "After these answers the weight lies on {n} draws: what is said of them is rough; --draws takes more.",
                n=f"{self.effective:.0f}",
            )
        ]

    def manifest(self) -> dict[str, Any]:
        """What was asked."""
        posterior = self.design.cells[0].posterior
        about = {"inputs": self.inputs, "posterior": posterior.key if posterior else None}
        return {"command": self.command, "key": self.key, **about}

    def answer(self) -> dict[str, Any]:
        """Everything that was found, for programs."""
        cell, comparison = self.design.cells[0], self.design.comparison
        told = (
            {"yes": self.observed[0], "asked": self.observed[1], "odds": self.odds} if self.observed else None
        )
        return {
            "place": about_place(cell.place),
            "policies": [c.policy for c in self.design.cells],
            "seed": comparison.seed,
            "draws": self.design.draws,
            "replications": comparison.replications,
            **about_parameters(cell.place, cell.posterior),
            "files": self.files.called,
            "observed": told,
            **self.tables(),
            "words": [str(said) for said in self.sentences()],
        }


def audit_key(design: Design, wanted: Sequence[tuple[float, float]], observed: object, prices: Prices) -> str:
    """Names the answer by all that decides it."""
    comparison = design.comparison
    cases = [case_of(cell, comparison).key for cell in design.cells]
    priced = prices.model_dump(mode="json")
    return key_of(
        [cases, design.draws, comparison.replications, comparison.objective, wanted, observed, priced]
    )
