"""Partial pooling of places: how far it moves each, and whether the others predict one that is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.language import Message
from sim.runs.batch import Progress, quiet
from sim.runs.executors.local import Executor
from sim.scenario.fields import quantities
from sim.scenario.prior import probabilities
from sim.scenario.terms import Term
from sim.studies.calibration.joint import Chains, Joint, Member, Stage, member_of, sample, true_rate
from sim.studies.calibration.observe import Figures
from sim.studies.calibration.place_calibration import Calibration, rounded
from sim.studies.calibration.predictive import Predicted, predicted
from sim.studies.calibration.waves import case_at, simulated, simulator_of

Floats = NDArray[np.float64]
CHAINS, SWEEPS = 200, 8
LEFT_OUT_CHAINS, LEFT_OUT_SWEEPS = 100, 4
SETTLED = 4.0  # standard errors by which true success may still move in the second half of the sweeps


@dataclass(frozen=True)
class PooledPlaces:
    """`shrinkage`: true success of each place by itself and pooled. `left_out`: targets of a place left out.

    `draws` are the pooled scores by reading and place, with names, for a posterior file.
    """

    shrinkage: pd.DataFrame
    left_out: pd.DataFrame
    draws: dict[tuple[str, str], tuple[tuple[str, ...], Floats]]

    @property
    def complaints(self) -> list[Message]:
        """Places whose chains still move."""
        found = []
        for _, row in self.shrinkage.iterrows():
            late, se, reading = float(row["late"]), float(row["late_se"]), str(row["reading"])
            if not abs(late) <= SETTLED * se:
                found.append(
                    Message(
                        "{place}, {reading}: chains have not settled, true success still moves by {late:+.2f} ± "
                        "{half:.2f} points",
                        place=Term("word", str(row["place"])),
                        reading=Term("reading", reading),
                        late=late,
                        half=1.96 * se,
                    )
                )
        return found


def calibrate_jointly(
    calibrations: Sequence[Calibration],
    folder: Path | None,
    *,
    executor: Executor,
    seed: int = 1,
    chains: int = CHAINS,
    sweeps: int = SWEEPS,
    leave_out: bool = True,
    progress: Progress = quiet,
    stage: Stage = lambda _: None,
) -> PooledPlaces:
    """Pool places that have been calibrated by themselves, under each reading that all of them have.

    Raises ValueError for fewer than two places, and what `batch.run` raises.
    """
    if len(calibrations) < 2:
        raise ValueError("pooling needs at least two places")
    readings = [r for r in calibrations[0].readings if all(r in c.readings for c in calibrations)]
    moved: list[dict[str, object]] = []
    left_out: list[dict[str, object]] = []
    draws: dict[tuple[str, str], tuple[tuple[str, ...], Floats]] = {}
    for reading in readings:
        members = []
        for c in calibrations:
            simulate = simulator_of(
                c.place, c.measures, folder, executor=executor, parts=c.parts, progress=progress
            )
            members.append(member_of(c.readings[reading].fit, simulate, seed))

        def say(text: Message, reading: str = reading) -> None:
            stage(
                Message(
                    "{n} places pooled, {reading}: {text}",
                    n=len(calibrations),
                    reading=Term("reading", reading),
                    text=text,
                )
            )

        whole = sample(members, reading, seed=seed, chains=chains, sweeps=sweeps, stage=say)
        moved += list(_shrinkage(calibrations, members, whole, reading))
        for c in calibrations:
            state = whole.chains[c.place.name]
            draws[reading, c.place.name] = _with_recording(c, reading, state)
        for c in calibrations if leave_out else ():
            without = sample(
                members,
                reading,
                seed=seed,
                chains=min(chains, LEFT_OUT_CHAINS),
                sweeps=min(sweeps, LEFT_OUT_SWEEPS),
                left_out=c.place.name,
                stage=say,
            )
            for one in _left_out(c, reading, without, folder, executor, seed, progress):
                left_out.append(
                    {
                        "place": c.place.name,
                        "reading": reading,
                        "figure": one.target.metric,
                        "reported": one.shown,
                        **dict(zip(("prior_p05", "prior_p50", "prior_p95"), one.prior, strict=True)),
                        **dict(zip(("p05", "p50", "p95"), one.posterior, strict=True)),
                        "p_prior": one.p_prior,
                        "p": one.p_posterior,
                        "inside": not one.misfit,
                    }
                )
    return PooledPlaces(pd.DataFrame(moved), pd.DataFrame(left_out), draws)


def _shrinkage(
    calibrations: Sequence[Calibration], members: Sequence[Member], whole: Joint, reading: str
) -> Iterator[dict[str, object]]:
    for c, member in zip(calibrations, members, strict=True):
        own = member.fit.weighted.weights
        kept = own > 0
        alone = float(own[kept] @ true_rate({k: x[kept] for k, x in member.fit.found.items()}))
        state = whole.chains[c.place.name]
        half = len(state.rates) // 2
        by_chain = np.mean(state.rates[half:], axis=0)  # of the second half of the steps
        pooled = float(by_chain.mean())
        late = state.rates[-1] - state.rates[half]
        yield {
            "place": c.place.name,
            "reading": reading,
            "true_success_alone": alone,
            "true_success_pooled": pooled,
            "pooled_se": float(by_chain.std(ddof=1) / np.sqrt(len(by_chain))),
            "moved": pooled - alone,
            "accepted": float(np.mean(state.accepted)),
            "late": float(late.mean()),
            "late_se": float(late.std(ddof=1) / np.sqrt(len(late))),
        }


def _with_recording(c: Calibration, reading: str, state: Chains) -> tuple[tuple[str, ...], Floats]:
    """Scores of the chains with those of the recording parameters beside them."""
    ranges = {".".join(map(str, path)): q for path, q in quantities(c.place)}
    extra = sorted(state.parameters)
    columns = [ndtri(np.clip(probabilities(ranges[p], state.parameters[p]), 1e-6, 1 - 1e-6)) for p in extra]
    names = (*c.readings[reading].fit.names, *extra)
    every = np.column_stack([state.z, *columns]) if extra else state.z
    kept = (rounded(c.place, c.measures, names, row, c.parts) for row in every[np.isfinite(state.log)])
    return names, np.array([point for point in kept if point is not None])


def _left_out(
    c: Calibration,
    reading: str,
    without: Joint,
    folder: Path | None,
    executor: Executor,
    seed: int,
    progress: Progress,
) -> list[Predicted]:
    """The figures of a place that the chains did not see: what the other places say of it, and its prior."""
    rng = np.random.default_rng([seed, 51])
    names = c.readings[reading].draws.names
    shared = without.chains[c.place.name].z
    extra = len(names) - shared.shape[1]  # recording parameters come last and are local
    others = np.column_stack([shared, rng.standard_normal((len(shared), extra))])
    prior = rng.standard_normal((len(shared) * 2, len(names)))
    found: list[Figures] = []
    for number, points in ((6000, prior), (6001, others)):
        case = case_at(c.place, c.measures, names, points, seed + number, reading, c.parts)
        found.append(simulated(case, executor=executor, folder=folder, progress=progress).usable)
    return predicted(c.place, found[0], found[1], seed)
