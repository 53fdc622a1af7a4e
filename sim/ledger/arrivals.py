"""How many disputes become known, where, when and of which kinds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.language import Message, Text, marked
from sim.ledger.estimate import Estimate
from sim.ledger.ledger import EPOCH, KINDS, Case, Ledger
from sim.statistics.negative_binomial import rate_and_dispersion
from sim.statistics.rates import dispersion_test, poisson_interval, share_interval

Floats = NDArray[np.float64]
EXACT = Message("exact Poisson (Garwood)")


@dataclass(frozen=True)
class Arrivals:
    """Known disputes of the window. `sites` are named ones, `unseen` villages have none; `persons` is 1 where unknown.

    `elsewhere` are disputes of no village: matters of a township or the county. `inequality` is the squared coefficient
    of variation of the villages' rates (per head if sizes are known), `rate` their mean per year: per head, else per
    village, with a share of `elsewhere` for each.
    """

    sites: tuple[str, ...]
    counts: NDArray[np.int64]
    persons: Floats
    sized: bool
    unseen: int
    years: float
    elsewhere: int
    rate: tuple[float, float, float]
    inequality: tuple[float, float, float]
    by_kind: Mapping[str, int]
    estimates: tuple[Estimate, ...]

    @property
    def total(self) -> int:
        """All known disputes of the window."""
        return int(self.counts.sum()) + self.elsewhere


def arrivals(
    ledger: Ledger, villages: int | None = None, sizes: Mapping[str, float] | None = None
) -> Arrivals:
    """Counts and rates of a ledger. `villages` is their number where some may have no case, `sizes` persons by site."""
    found = ledger.arrivals()
    tally = Counter(case.site for case, _ in found)
    elsewhere = tally.pop("", 0)
    sites = sorted({case.site for case in ledger.cases if case.site} | set(sizes or {})) or ["county"]
    unseen = max(0, (villages or 0) - len(sites)) if sizes is None else 0
    counts = np.array([tally[s] for s in sites] + [0] * unseen, dtype=np.int64)
    persons = np.array([(sizes or {}).get(s, 1.0) for s in sites] + [1.0] * unseen)
    rate, inequality = rate_and_dispersion(counts, persons * ledger.years)
    if elsewhere:
        of_all = float(counts.sum() + elsewhere) / max(1.0, float(counts.sum()))
        rate = tuple(x * of_all for x in rate)  # type: ignore[assignment]
    out = _totals(counts, elsewhere, persons, ledger.years, sizes is not None, rate, inequality)
    out += _by_township(ledger, [case for case, _ in found])
    out += _by_site(sites, counts, ledger.years)
    minutes = np.array([m for _, m in found])
    out += _weeks(ledger, minutes)
    out += season(ledger, minutes)
    by_kind = Counter(case.kind for case, _ in found if case.kind) if ledger.has_kinds else Counter[str]()
    total = sum(by_kind.values())
    for kind in KINDS if total else ():
        low, high = share_interval(by_kind[kind], total)
        out.append(
            Estimate(
                "kinds",
                Message("known: {kind}", kind=Message(kind)),
                by_kind[kind] / total,
                low,
                high,
                "share",
                total,
                Message("Jeffreys"),
            )
        )
    return Arrivals(
        *(tuple(sites), counts, persons, sizes is not None, unseen, ledger.years, elsewhere),
        *(rate, inequality, {k: by_kind[k] for k in KINDS} if total else {}, tuple(out)),
    )


def _totals(
    counts: NDArray[np.int64],
    elsewhere: int,
    persons: Floats,
    years: float,
    sized: bool,
    rate: tuple[float, float, float],
    inequality: tuple[float, float, float],
) -> list[Estimate]:
    total, n = int(counts.sum()) + elsewhere, len(counts)
    low, high = poisson_interval(total)
    index, p = dispersion_test(counts.tolist(), persons.tolist())
    per = (marked("per 1,000 persons per year"), 1000.0) if sized else (marked("per village per year"), 1.0)
    differ = (
        Message("1 is Poisson; villages differ")
        if p < 0.05
        else Message("1 is Poisson; no sign that villages differ")
    )
    wider = Message("wider than the line above: villages differ, and these are some of many such")
    spread = (
        Message("spread of villages' rates per head (squared CV)")
        if sized
        else Message("spread of villages' rates, sizes included (squared CV)")
    )
    method = Message("negative binomial, profile likelihood")
    way = Message("negative binomial, t") if n >= 3 else EXACT
    out = [
        Estimate(
            "arrivals",
            Message("known per year"),
            total / years,
            low / years,
            high / years,
            "per year",
            total,
            EXACT,
        ),
        _estimate(Message("mean rate of villages like these"), rate, per, n, way, wider if n >= 3 else ""),
        _estimate(spread, inequality, ("ratio", 1.0), n, method),
    ]
    if math.isfinite(index):
        method = Message("Pearson; p = {p:.2g}", p=p)
        name = Message("dispersion between villages")
        out.append(Estimate("arrivals", name, index, index, index, "index", n, method, note=differ))
    return out


def _estimate(
    name: Text, x: tuple[float, float, float], per: tuple[str, float], n: int, method: Text, note: Text = ""
) -> Estimate:
    unit, scale = per
    return Estimate("arrivals", name, x[0] * scale, x[1] * scale, x[2] * scale, unit, n, method, note=note)


def _by_site(sites: list[str], counts: NDArray[np.int64], years: float) -> list[Estimate]:
    out = []
    for site, count in zip(sites, counts.tolist(), strict=False):  # villages without a name come last
        low, high = poisson_interval(count)
        out.append(
            Estimate("villages", site, count / years, low / years, high / years, "per year", count, EXACT)
        )
    return out


def _by_township(ledger: Ledger, known: list[Case]) -> list[Estimate]:
    """Known disputes of each township, those of its villages and its own, where the ledger names townships."""
    towns = Counter(case.town for case in known if case.town)
    out = []
    for town, count in sorted(towns.items()):
        low, high = poisson_interval(count)
        years = ledger.years
        out.append(
            Estimate("townships", town, count / years, low / years, high / years, "per year", count, EXACT)
        )
    return out


def _weeks(ledger: Ledger, minutes: Floats) -> list[Estimate]:
    weeks = int(ledger.days // 7)
    if weeks < 3 or not len(minutes):
        return []
    edges = ledger.begin + np.arange(weeks + 1) * 7 * 1440.0
    counts = np.histogram(minutes, edges)[0]
    index, p = dispersion_test(counts.tolist(), [1.0] * weeks)
    return [
        Estimate(
            *("arrivals", Message("dispersion between weeks"), index, index, index, "index", weeks),
            Message("Pearson; p = {p:.2g}", p=p),
            note=Message("1 is Poisson; arrivals cluster or change with the season")
            if p < 0.05
            else Message("1 is Poisson; no sign of clusters or a season"),
        )
    ]


def season(ledger: Ledger, minutes: Floats) -> list[Estimate]:
    """Arrivals per day of each calendar month over those of the whole window; needs at least two months."""
    days: Counter[str] = Counter()
    day = ledger.start
    while day < ledger.end:
        days[f"{day:%Y-%m}"] += 1
        day += timedelta(days=1)
    if len(days) < 2 or not len(minutes):
        return []
    months = Counter(_month(EPOCH + timedelta(minutes=float(m))) for m in minutes)
    total, all_days = len(minutes), sum(days.values())
    out = []
    for month, n in days.items():
        low, high = share_interval(months[month], total)
        scale = all_days / n
        value = months[month] / total * scale
        out.append(
            Estimate(
                "season", month, value, low * scale, high * scale, "ratio", months[month], Message("Jeffreys")
            )
        )
    return out


def _month(when: datetime) -> str:
    return f"{when:%Y-%m}"
