"""A sensitivity analysis that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sim.language import Message, said_by, tr
from sim.runs.batch import pairs
from sim.runs.batch import run as run_cases
from sim.scenario import terms
from sim.scenario.comparison import Cell, Design, made
from sim.scenario.errors import UserError
from sim.scenario.fields import quantities
from sim.scenario.metrics import HEADLINES, KNOWN_METRICS, OBJECTIVE
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.prior import correlated, luck, quantile, unknowns
from sim.statistics.sensitivity import split
from sim.studies.asked import each, metric
from sim.studies.asked import metrics as metrics_of
from sim.studies.assemble import PlacePanel, place_panel
from sim.studies.county import Where, named
from sim.studies.inputs import Inputs, inputs
from sim.studies.panel import labels_of
from sim.studies.possible import sentences
from sim.studies.posteriors import of_design
from sim.studies.question import question
from sim.studies.sensitivity.found import Sensitivity, cases_of, content_of
from sim.studies.sensitivity.indices import ExtraMissing, ValueOfKnowing, indices_of, value_of_knowing
from sim.studies.study import Work, key_of

Floats = NDArray[np.float64]
LEAST = (
    60  # the interval of an index is from half of the draws, and not defined for 20: twice the ten harmonics
)


@dataclass(frozen=True)
class SensitivityPlan:
    """A question that was checked. `chosen` are outcomes, the first policy of the design is the baseline."""

    design: Design
    chosen: tuple[str, ...]
    inputs: Inputs = field(default_factory=dict, repr=False)

    @cached_property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        return key_of(content_of(self.design, self.chosen))

    @property
    def folder(self) -> str:
        """By the name of the place."""
        return f"sensitivity-{self.place.name}"

    @property
    def place(self) -> Place:
        """The place."""
        return self.design.cells[0].place

    def opening(self, workers: int) -> str:
        """How much will be run."""
        n = self.design.comparison.replications
        return tr(
            "{place}: {draws} draws × {n}", place=terms.title(self.place.title), draws=self.design.draws, n=n
        )

    def carry_out(self, work: Work) -> Sensitivity:
        """Run what is missing, find indices and the value of knowing. UserError where too few draws count."""
        design, comparison = self.design, self.design.comparison
        cell, seed = design.cells[0], comparison.seed
        with work.progress(tr("replications")) as report:
            wanted = pairs(design.draws, comparison.replications)
            outcomes = run_cases(
                cases_of(design), wanted, folder=work.store, executor=work.executor, progress=report
            )
        names = _names(design)
        scores = drawn(cell.place, cell.posterior, names, seed, design.draws)
        panel = place_panel(design, outcomes, self.place.name)
        left_out = [p for p in panel.impossible if p not in panel.labels]
        remarks = sentences(panel.impossible, left_out, design.draws)
        scores, panel = _counted(scores, panel)
        try:
            moved = _moved(panel, names, scores, list(self.chosen), seed)
            known = None
            if len(design.cells) > 1:
                known = _known(panel, names, scores, comparison.objective, seed)
        except ExtraMissing as error:
            raise UserError(said_by(error)) from None
        beside = prior_beside_posterior(cell, moved, known, names, scores)
        return Sensitivity(
            design, self.chosen, moved, known, beside, panel.impossible, tuple(remarks), self.inputs
        )


@question(Sensitivity)
def sensitivity(
    place: Where,
    policies: str | Sequence[str] = (),
    *,
    baseline: str = "practice",
    sets: Mapping[str, object] | Sequence[str] = (),
    seed: int = 1,
    objective: str = OBJECTIVE,
    metrics: str | Sequence[str] | None = None,
    draws: int = 200,
    replications: int = 4,
    posterior: str = "auto",
    reading: str = "both",
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> SensitivityPlan:
    """Which parameters move outcomes under the baseline, and which the choice between it and the policies.

    `replications` are of each of the `draws` parameter draws. Raises UserError and ScenarioError for what cannot be.
    """
    policies = each(policies)
    told = inputs(locals())
    chosen = metrics_of(metrics, "--metrics") if metrics else list(dict.fromkeys((OBJECTIVE, *HEADLINES)))
    objective = metric(objective, "--objective")
    if draws < LEAST:
        raise UserError(
            Message(
                "--draws: fewer than {least} parameter draws tell nothing apart; the default is 200",
                least=LEAST,
            )
        )
    name, changes = named(place, sets)
    design = made(
        [name],
        list(policies) or ["none"],
        name="sensitivity",
        sets=changes,
        baseline=baseline,
        seed=seed,
        metrics=[objective, *(m for m in chosen if m != objective)],
        groups=False,
        draws=draws,
        replications=replications,
        objective=objective,
    )
    return SensitivityPlan(of_design(design, changes, posterior, reading), tuple(chosen), told)


def _counted(scores: Floats, panel: PlacePanel) -> tuple[Floats, PlacePanel]:
    """Both without the draws that count for no policy."""
    kept = panel.counted
    if kept.sum() < LEAST:
        raise UserError(
            Message(
                "only {kept} of {n} parameter draws count, for staff lack the hours in others; at least "
                "{least} are needed: ask for more with --draws",
                kept=kept.sum(),
                n=len(kept),
                least=LEAST,
            )
        )
    values = panel.panel.values[:, :, kept]
    return scores[kept], replace(panel, panel=replace(panel.panel, values=values))


def _names(design: Design) -> list[str]:
    """All numbers that vary under any of the policies."""
    return list(dict.fromkeys(n for c in design.cells for n in unknowns(c.place, c.measures)))


def drawn(place: Place, posterior: ParameterDraws | None, names: list[str], seed: int, draws: int) -> Floats:
    """Normal scores of the numbers of the draws that were simulated, shape (draws, names)."""
    out = np.empty((draws, len(names)))
    for d in range(1, draws + 1):

        def raw(name: str, d: int = d) -> float:
            return luck(seed, d, name) if posterior is None else posterior.chance(seed, d, name)

        out[d - 1] = [correlated(place, raw)(name) for name in names]
    return np.asarray(ndtri(out))


def _moved(panel: PlacePanel, names: list[str], scores: Floats, chosen: list[str], seed: int) -> pd.DataFrame:
    """Indices of every outcome under the baseline; only what is beyond chance, but at least the first three."""
    parts = []
    for column in panel.panel.columns:
        if column.metric not in chosen:
            continue
        values = panel.panel.of(panel.panel.policies[0], column)
        if np.isnan(values).any():
            continue
        means, share = split(values)
        if means.std() == 0:
            continue
        frame = indices_of(names, scores, means, seed)
        parts.append(frame.assign(**labels_of(column), monte_carlo=share))
    if not parts:
        raise UserError(
            Message(
                "none of the outcomes is defined in every replication and differs between parameter draws"
            )
        )
    return pd.concat(parts, ignore_index=True)


def _known(panel: PlacePanel, names: list[str], scores: Floats, objective: str, seed: int) -> ValueOfKnowing:
    values = panel.panel.values[:, panel.panel.columns.index(panel.panel.column(objective))]
    if np.isnan(values).any():
        raise UserError(
            Message("--objective: {objective} is not defined in every replication", objective=objective)
        )
    better = KNOWN_METRICS[objective].aim
    return value_of_knowing(names, scores, panel.panel.policies, values, better, seed)


def prior_beside_posterior(
    cell: Cell, moved: pd.DataFrame, known: ValueOfKnowing | None, names: list[str], scores: Floats
) -> pd.DataFrame:
    """Range and draws, in natural units, of every parameter that an outcome or the choice hangs on."""
    wanted = set(moved[moved["above"]]["parameter"])
    if known is not None:
        wanted |= set(known.frame[known.frame["above"]]["parameter"])
    ranges = {".".join(map(str, path)): q for path, q in quantities(cell.place)}
    rows = []
    for name in names:
        if name not in wanted or name not in ranges:
            continue
        q, z = ranges[name], scores[:, names.index(name)]
        x = [quantile(q, float(ndtr(v))) for v in np.quantile(z, [0.05, 0.5, 0.95])]
        prior = [quantile(q, u) for u in (0.05, 0.5, 0.95)]
        rows.append((name, q.unit, q.status, *prior, *x))
    columns = ["parameter", "unit", "status", "prior_p05", "prior_p50", "prior_p95", "p05", "p50", "p95"]
    return pd.DataFrame(rows, columns=columns)


plan = sensitivity.plan
