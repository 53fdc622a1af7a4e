"""A place calibrated under both readings of its record: fits, diagnoses, what was learnt, the posterior to keep."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.language import Message, Phrase, kept
from sim.model import build
from sim.outcomes.figures import FAILURES, SUCCESSES
from sim.outcomes.register import PREFIX
from sim.runs.batch import Progress, quiet
from sim.runs.executors.local import Executor
from sim.runs.fingerprint import model_digest
from sim.runs.points import at_scores
from sim.runs.posterior import Posterior, ReadingDraws, scenario_digest
from sim.scenario.errors import ScenarioError
from sim.scenario.fields import quantities
from sim.scenario.metrics import READINGS
from sim.scenario.parameter_draws import SCALE
from sim.scenario.part import part_of
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import probabilities
from sim.scenario.terms import Term
from sim.statistics.weights import resample
from sim.studies.calibration.by_committee import by_committee
from sim.studies.calibration.diagnosis import Diagnosis, diagnose, mean_of
from sim.studies.calibration.fit import (
    Effort,
    Fit,
    calibrate,
    expected,
    pooled,
)
from sim.studies.calibration.learnt import Spectrum, contraction, extra_figures, spectrum
from sim.studies.calibration.observe import Figures
from sim.studies.calibration.part_bias import Bias, biases_of, judged
from sim.studies.calibration.predictive import Predicted, misfits, predicted
from sim.studies.calibration.register import Heard, Register, listened_to
from sim.studies.calibration.register_figures import Compared, Joined, joined
from sim.studies.calibration.selectivity import Over, kept_weights, over, table
from sim.studies.calibration.soft import Expectation, Weighed, conflicts, weighed
from sim.studies.calibration.watched import TRUE_RATE
from sim.studies.calibration.waves import Wave, case_at, simulated, simulator_of

Floats = NDArray[np.float64]
DRAWS, REPEATS = 200, 10
Stage = Callable[[Message], None]


@dataclass(frozen=True)
class Reading:
    """All that is known of a place under one reading."""

    name: str
    fit: Fit
    halves: tuple[Fit, ...]
    draws: ReadingDraws
    predictive: Figures  # of the kept draws, `repeats` replications of each in a row
    targets: list[Predicted]
    evidence: list[Weighed]
    learnt: pd.DataFrame
    spectrum: Spectrum
    extra: pd.DataFrame
    diagnoses: list[Diagnosis]
    record: Over
    register: Joined | None = None

    @property
    def complaints(self) -> list[Message]:
        """Failed diagnoses, then misfits."""
        failed = [
            Message("{name}: {value:.3g}, should be {bar}", name=d.name, value=d.value, bar=d.bar)
            for d in self.diagnoses
            if not d.passed
        ]
        of_register = self.register.complaints() if self.register else ()
        return [*failed, *misfits(self.targets), *conflicts(self.evidence), *of_register]


@dataclass(frozen=True)
class Calibration:
    """A calibrated place."""

    place: Place
    measures: tuple[Measure, ...]
    seed: int
    readings: dict[str, Reading]
    replications: int
    committee: pd.DataFrame
    parts: int = 1  # of the place, of which one was simulated
    register: Register | None = None  # by which it was calibrated beside what it reported

    @property
    def log_bayes_factor(self) -> tuple[float, float]:
        """Log evidence of proportional over target-driven recording, and its standard error; NaN with one reading."""
        if len(self.readings) < 2:
            return math.nan, math.nan
        a, b = (self.readings[r].fit.weighted for r in READINGS)
        return a.log_evidence - b.log_evidence, math.hypot(a.log_evidence_se, b.log_evidence_se)

    def posterior(self, about: dict[str, Any]) -> Posterior:
        """The file to keep."""
        factor, se = self.log_bayes_factor
        about = {**about, "seed": self.seed, "replications": self.replications}
        if self.parts > 1:
            about["parts"] = self.parts
        if self.register is not None:
            about["ledger"] = self.register.about
        about |= {"log_bayes_factor": number(factor), "log_bayes_factor_se": number(se)}
        draws = {name: r.draws for name, r in self.readings.items()}
        digest = scenario_digest(self.place, self.measures)
        return Posterior(self.place.name, digest, model_digest(), draws, about)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, one block of rows for each reading: targets, parameters, directions, extra, …"""
        parts: dict[str, list[pd.DataFrame]] = {
            "targets": [],
            "evidence": [],
            "parameters": [],
            "directions": [],
            "extra": [],
            "diagnoses": [],
        }
        for name, r in self.readings.items():
            targets = r.draws.about["targets"]
            rows = pd.DataFrame(
                [{k: v for k, v in t.items() if k not in ("prior", "posterior")} for t in targets]
            )
            for part in ("prior", "posterior"):
                for i, q in enumerate(("p05", "p50", "p95")):
                    rows[f"{part}_{q}"] = [t[part][i] for t in targets]
            parts["targets"].append(rows.assign(reading=name))
            parts["evidence"].append(pd.DataFrame(r.draws.about.get("evidence", [])).assign(reading=name))
            parts["parameters"].append(r.learnt.assign(reading=name))
            directions = {
                "variance": r.spectrum.variances,
                "shift": r.spectrum.shifts,
                "along": r.spectrum.words,
            }
            parts["directions"].append(pd.DataFrame(directions).assign(reading=name))
            parts["extra"].append(r.extra.assign(reading=name))
            parts["diagnoses"].append(pd.DataFrame([d.__dict__ for d in r.diagnoses]).assign(reading=name))
            if r.register is not None:
                rows = pd.DataFrame([f.numbers() for f in r.register.figures])
                parts.setdefault("register", []).append(rows.assign(reading=name))
        out = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
        return {**out, "per_committee": self.committee, "selectivity": self.over_selectivity()}

    def over_selectivity(self) -> pd.DataFrame:
        """What the place is like over the selectivity of its record; empty where it reports no record."""
        return table([r.record for r in self.readings.values()])


def number(x: float, digits: int = 6) -> float | None:
    """A number for JSON: so many significant digits; None where it is not one."""
    return float(f"{x:.{digits}g}") if math.isfinite(x) else None


def _numbers_of(one: Weighed | Compared) -> dict[str, Any]:
    """A figure of the evidence for the posterior file."""
    values = {k: number(x, 4) if type(x) is float else x for k, x in one.numbers().items()}
    return {k: str(x) if isinstance(x, Phrase) else x for k, x in values.items()}


def calibrate_place(
    place: Place,
    measures: tuple[Measure, ...],
    folder: Path | None,
    *,
    executor: Executor,
    seed: int = 1,
    effort: Effort | None = None,
    readings: Sequence[str] = READINGS,
    draws: int = DRAWS,
    repeats: int = REPEATS,
    parts: int = 1,
    progress: Progress = quiet,
    stage: Stage = lambda _: None,
    register: Register | None = None,
) -> Calibration:
    """Two independent runs of each reading, pooled; what is simulated is kept below `folder` and never run again.

    With `parts` above 1, one of so many equal parts of the place is simulated in its stead, and its bias is measured.
    With a `register` its figures enter the same likelihood. Raises what `batch.run` raises.
    """
    effort, asked = effort or Effort(), place
    form = None
    if register is not None:
        place, form = register.without_own_target(place), register.form
    name_of = Term("word", place.name)
    if parts > 1:
        stage(Message("{place}: one of {n} parts of it is simulated in its stead", place=name_of, n=parts))
    plain = simulator_of(
        place, measures, folder, executor=executor, parts=parts, progress=progress, register=form
    )
    found: dict[str, Reading] = {}
    count = 0
    counted: set[tuple[int, bytes]] = set()

    def simulate(scores: Floats, number: int) -> Wave:
        nonlocal count
        new = number, scores[0].tobytes()
        count += 0 if new in counted else len(scores)  # the prior's wave serves both readings
        counted.add(new)
        return plain(scores, number)

    soft: Expectation | None = expected(place, measures, simulate, 2 * seed, effort)
    listened: Heard | None = None
    if register is not None:
        stage(Message("{place}: where the register points to", place=name_of))
        soft = listened = listened_to(place, measures, register, simulate, soft, 2 * seed, effort)
    for reading in readings:
        spoken = Term("reading", reading)
        halves = []
        for run in (0, 1):
            stage(Message("{place}, {reading}: run {n} of 2", place=name_of, reading=spoken, n=run + 1))
            halves.append(calibrate(place, measures, reading, simulate, 2 * seed + run, effort, soft=soft))
        fit = pooled(halves, seed)
        stage(
            Message(
                "{place}, {reading}: {draws} draws × {n} replications of the calibrated place",
                place=name_of,
                reading=spoken,
                draws=draws,
                n=repeats,
            )
        )
        rng = np.random.default_rng([seed, 21])
        names, scores, chosen = kept_draws(fit, measures, rng, draws, parts)
        prior = rng.standard_normal((2 * draws, len(names)))

        def look(
            points: Floats,
            number: int,
            times: int,
            parts: int = parts,
            names: tuple[str, ...] = names,
            reading: str = reading,
        ) -> Wave:
            case = case_at(place, measures, names, points, seed + number, reading, parts, form)
            return simulated(case, executor=executor, repeats=times, folder=folder, progress=progress)

        before, after = look(prior, 1000, 1), look(scores, 2000, repeats)
        count += len(before.scores) + len(after.scores)
        targets = predicted(place, before.usable, after.found, seed)
        sources = weighed(place, before.usable, after.found, seed)
        diagnoses = list(diagnose(fit, halves))
        biases: list[Bias] = []
        if parts > 1:
            whole = look(scores, 3000, 1, 1)
            count += len(whole.scores)
            biases = list(biases_of(place, after.found, whole, repeats))
            diagnoses += list(judged(biases))
        about = about_reading(fit, halves, targets, diagnoses, after.found, repeats)
        if parts > 1:
            about["bias"] = {b.figure: b.numbers() for b in biases}
        about["evidence"] = [_numbers_of(one) for one in sources]
        of_register = None
        if register is not None and listened is not None:
            at = np.repeat(scores, repeats, axis=0)[after.feasible][:, : len(fit.names)]
            weighted = fit.scores, fit.weighted.weights
            of_register = joined(register, listened, weighted, before.usable, (at, after.usable))
            about["register"] = [_numbers_of(one) for one in of_register.figures]
        record = over(fit, seed)
        about["selectivity"] = kept_weights(record, chosen)
        extra = extra_figures(fit, after.found, repeats) if repeats >= 3 else pd.DataFrame()
        drawn = ReadingDraws.of(names, scores, about)
        learnt, directions = contraction(fit), spectrum(fit)
        found[reading] = Reading(
            reading,
            fit,
            tuple(halves),
            drawn,
            after.found,
            targets,
            sources,
            learnt,
            directions,
            extra,
            diagnoses,
            record,
            of_register,
        )
    committee = pd.DataFrame(
        [row for r in found.values() for row in by_committee(r.name, r.fit, r.halves, seed)]
    )
    return Calibration(asked, measures, seed, found, count, committee, parts, register)


def kept_draws(
    fit: Fit, measures: tuple[Measure, ...], rng: np.random.Generator, n: int = DRAWS, parts: int = 1
) -> tuple[tuple[str, ...], Floats, NDArray[np.int64]]:
    """n draws from the posterior with the recording parameters among them, rounded as the file rounds them; and which
    replications of the fit they are.

    What does not fit together after rounding is left out, for the place and for one of `parts` parts of it.
    """
    ranges = {".".join(map(str, path)): q for path, q in quantities(fit.place)}
    extra = sorted(fit.likelihood.parameters)
    columns = [
        ndtri(np.clip(probabilities(ranges[p], fit.likelihood.parameters[p]), 1e-6, 1 - 1e-6)) for p in extra
    ]
    names = (*fit.names, *extra)
    every = np.column_stack([fit.scores, *columns]) if extra else fit.scores
    kept: list[Floats] = []
    rows: list[int] = []
    if not fit.weighted.ess > 0:
        return names, np.zeros((0, len(names))), np.zeros(0, np.int64)
    while len(kept) < n:
        for row in resample(fit.weighted.weights, n, rng):
            point = rounded(fit.place, measures, names, every[row], parts)
            if point is not None:
                kept.append(point)
                rows.append(row)
            if len(kept) == n:
                break
    return names, np.array(kept), np.array(rows, np.int64)


def rounded(
    place: Place, measures: tuple[Measure, ...], names: tuple[str, ...], scores: Floats, parts: int
) -> Floats | None:
    """Scores as the file rounds them; None if they then do not fit together in the place or one of `parts` parts."""
    point: Floats = np.clip(np.round(scores * SCALE), -127, 127) / SCALE
    try:
        whole, in_force = at_scores(place, measures, dict(zip(names, point.tolist(), strict=True)))
        for number in {1, parts}:
            build(part_of(whole, number), in_force)
    except ScenarioError:
        return None
    return point


def about_reading(
    fit: Fit,
    halves: Sequence[Fit],
    targets: Sequence[Predicted],
    diagnoses: Sequence[Diagnosis],
    found: Figures,
    repeats: int,
) -> dict[str, Any]:
    """What the file says of a reading: evidence, diagnoses, p of every target, and pinned means."""
    whole = fit.weighted
    cases = np.maximum(fit.found[SUCCESSES] + fit.found[FAILURES], 1.0)
    rate, se = mean_of(fit, 100.0 * fit.found[SUCCESSES] / cases)
    return {
        "ess": number(whole.ess, 4),
        "k": number(whole.k, 3),
        "log_evidence": number(whole.log_evidence),
        "log_evidence_se": number(whole.log_evidence_se, 3),
        "log_evidence_of_runs": [number(h.weighted.log_evidence) for h in halves],
        TRUE_RATE: {"mean": number(rate), "se": number(se, 3)},
        "diagnoses": [
            {"name": str(d.name), "value": number(d.value, 4), "bar": str(d.bar), "passed": bool(d.passed)}
            for d in diagnoses
        ],
        "targets": [
            {
                "metric": t.target.metric,
                "reported": str(t.shown),
                "prior": [number(x, 5) for x in t.prior],
                "posterior": [number(x, 5) for x in t.posterior],
                "p_prior": number(t.p_prior, 4),
                "p_posterior": number(t.p_posterior, 4),
                "misfit": bool(t.misfit),
                "why": str(t.why),
            }
            for t in targets
        ],
        "messages": kept(
            [x for d in diagnoses for x in (d.name, d.bar)] + [x for t in targets for x in (t.shown, t.why)]
        ),
        "pinned": pinned(found, repeats),
    }


def pinned(found: Figures, repeats: int) -> dict[str, dict[str, Any]]:
    """Mean, standard deviation between replications of one draw, and number of replications, of every figure."""
    out = {}
    for name, x in sorted(found.items()):
        if name.startswith(("factor ", PREFIX)) or np.isnan(x).any():
            continue
        by_draw = x.reshape(-1, repeats)
        within = float(np.sqrt(by_draw.var(axis=1, ddof=1).mean())) if repeats > 1 else math.nan
        out[name] = {"mean": number(float(x.mean()), 8), "sd": number(within), "n": len(x)}
    return out
