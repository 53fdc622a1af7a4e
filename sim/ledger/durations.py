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
        out += _of_group(name, minutes / MINUTES_PER_DAY, seen, daily=ledger.daily)
    return out


def _grouped(rows: Iterable[tuple[Phrase, float, bool]]) -> dict[Phrase, tuple[Floats, NDArray[np.bool_]]]:
    found: dict[Phrase, list[tuple[float, bool]]] = {}
    for name, minutes, seen in rows:
        found.setdefault(name, []).append((minutes, seen))
    return {
        name: (np.array([m for m, _ in pairs]), np.array([s for _, s in pairs], dtype=bool))
        for name, pairs in found.items()
    }


def _of_group(name: Phrase, days: Floats, seen: NDArray[np.bool_], *, daily: bool) -> list[Estimate]:
    """The share that is over at once, and a lognormal for the rest."""
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
