"""Durations by stage: lognormal fits to times of which some were not over when the ledger ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.language import Message, Phrase
from sim.ledger.estimate import Estimate
from sim.ledger.ledger import MINUTES_PER_DAY, Ledger
from sim.ledger.spans import OPEN, Span, Stay, spans, steps
from sim.statistics.lognormal import LognormalFit
from sim.statistics.rates import share_interval
from sim.statistics.survival import SHORTEST, kaplan_meier

Floats = NDArray[np.float64]
ENOUGH = 10  # durations seen to end, below which nothing is fitted


def durations(ledger: Ledger, stays: Sequence[Stay]) -> list[Estimate]:
    """Estimates of all durations that the ledger shows often enough."""
    if not ledger.words:
        groups = _grouped((Message("after {stage}", stage=a), m, to != OPEN) for a, to, m in steps(ledger))
    else:
        all_spans: Iterable[Span] = spans(ledger)
        whole = (Span("stay", s.stage, s.minutes, s.to != OPEN) for s in stays)
        groups = _grouped(
            (Message("{what} at {stage}", what=Message(s.what), stage=Message(s.stage)), s.minutes, s.seen)
            for s in [*whole, *all_spans]
        )
    out: list[Estimate] = []
    for name, (minutes, seen) in sorted(groups.items()):
        out += of_group(name, minutes / MINUTES_PER_DAY, seen, daily=ledger.daily)
    return out


def _grouped(rows: Iterable[tuple[Phrase, float, bool]]) -> dict[Phrase, tuple[Floats, NDArray[np.bool_]]]:
    found: dict[Phrase, list[tuple[float, bool]]] = {}
    for name, minutes, seen in rows:
        found.setdefault(name, []).append((minutes, seen))
    return {
        name: (np.array([m for m, _ in pairs]), np.array([s for _, s in pairs], dtype=bool))
        for name, pairs in found.items()
    }


def of_group(name: Phrase, days: Floats, seen: NDArray[np.bool_], *, daily: bool) -> list[Estimate]:
    """The share that is over at once, and a lognormal for the rest.

    Where less than half are over in all the time that was watched the median is not reached, and where the times do
    not differ no curve fits: then the share that is over within the longest time seen is all there is.
    """
    out: list[Estimate] = []
    at_once = int((seen & (days <= 0)).sum())
    if at_once and not daily:
        low, high = share_interval(at_once, len(days))
        value = at_once / len(days)
        out.append(
            Estimate(
                "durations",
                Message("{name}: at once", name=name),
                value,
                low,
                high,
                "share",
                len(days),
                Message("Jeffreys"),
            )
        )
    rest = (days > 0) | daily
    days, seen = days[rest], seen[rest]
    ends, open_ = int(seen.sum()), int((~seen).sum())
    if ends < ENOUGH:
        return out
    fit = LognormalFit.of(days, seen, resolution=1.0 if daily else 0.0)
    if fit.median[0] > float(days.max()) or not _has_width(fit.median) or not _has_width(fit.sigma):
        return [*out, _over_within(name, days, seen)]
    about = {"open": open_, "n": len(days), "distance": fit.distance}
    note = (
        Message(
            "{open} of {n} not over; distance of the curves {distance:.2f}: a poor fit, read the median only as such",
            **about,
        )
        if fit.poor
        else Message("{open} of {n} not over; distance of the curves {distance:.2f}", **about)
    )
    method = Message("lognormal, censored likelihood")
    out.append(
        Estimate(
            "durations",
            Message("{name}: median", name=name),
            *fit.median,
            "days",
            ends,
            method,
            note=note,
        )
    )
    out.append(
        Estimate(
            "durations",
            Message("{name}: sigma of the logarithm", name=name),
            *fit.sigma,
            "ratio",
            ends,
            method,
            note=note,
        )
    )
    return out


def _has_width(triple: tuple[float, float, float]) -> bool:
    """Whether an estimate lies between two finite limits. A likelihood that is flat, or a spike, gives none."""
    value, low, high = triple
    return bool(np.isfinite([value, low, high]).all()) and low < value < high


def _over_within(name: Phrase, days: Floats, seen: NDArray[np.bool_]) -> Estimate:
    """The share that is over within the longest time to an end, by Kaplan and Meier, with limits as of a share."""
    longest = float(days[seen].max())
    curve = kaplan_meier(days, seen).cdf
    over = float(curve.probabilities[curve.quantiles <= max(longest, SHORTEST)][-1])
    at_risk = max(1, int((days >= longest).sum()) + int((seen & (days < longest)).sum()))
    low, high = share_interval(round(over * at_risk), at_risk)
    return Estimate(
        "durations",
        Message("{name}: over within {days:.0f} days", name=name, days=longest),
        *(over, min(low, over), max(high, over), "share", int(seen.sum())),
        Message("Kaplan-Meier"),
        note=Message(
            "{open} of {n} not over: the median is not reached, or the times do not differ",
            open=int((~seen).sum()),
            n=len(days),
        ),
    )
