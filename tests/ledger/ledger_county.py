"""A known county, its ledgers as files, and the truth of what `fit` states of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from scipy import special

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.export.activities import STAGES
from sim.export.log import event_log, site_name
from sim.export.tabular import write_csv
from sim.ledger.fit import Fitted, Sizes, Told, fit
from sim.ledger.known import known
from sim.ledger.ledger import KINDS, Meanings
from sim.ledger.place_file import About, place_text
from sim.ledger.read import read_ledger
from sim.model import Model, build
from sim.model.build import season
from sim.scenario.load import load_place
from sim.traces import Trace
from sim.vocabulary import DecisionPoint, End, EventKind, Job, Tier

VILLAGES, PERSONS = 40, 120_000
FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)
# Staff work day and night, so that a session lasts as long on the calendar as in hours; and what the ledger identifies
# is made different from the priors, which a fit falls back on.
CHANGES = (
    *(
        f"working.{staff}.{key}={x}"
        for staff in (
            *("grid_heads", "village_mediators", "police", "township_mediators", "petition_officers"),
            *("departments", "decision_officers", "court_mediators", "judges"),
        )
        for key, x in (("hours", 24), ("share", 1))
    ),
    *(
        f"calendars.{c}.{key}"
        for c in ("office", "village", "police")
        for key in ("opens=0", "weekends=true")
    ),
    *(f"calendars.{c}.holidays=true" for c in ("office", "village", "police")),
    *("character.severity_on_length=0", "character.language_on_length=0"),
    *("incidence.latent_rate=24", "incidence.village_dispersion=5"),
    *("tiers.village.refuses=0.28", "tiers.village.bypasses=0.06", "tiers.village.dropout=0.2"),
    *("tiers.village.success=0.5", "tiers.village.sessions=1.6", "tiers.village.gap_days=2.4"),
    *("tiers.village.rest_days=5", "tiers.village.patience_days=30", "tiers.village.patience_climbs=0.5"),
    *("tiers.hamlet.refuses=0.2", "tiers.hamlet.success=0.3", "tiers.hamlet.sessions=1.4"),
    *("tiers.township.refuses=0.1", "tiers.township.sessions=1.5", "tiers.township.gap_days=5"),
    *("going.withdrawal_days=120", "going.withdrawal_settles=0.7", "going.dropout_lumps=0.5"),
    *("going.suit_rate=0.5", "petition.rate=0.6", "going.trial_settles=0.4", "going.trial_withdraws=0.1"),
    *("kinds.family.share=0.3", "kinds.neighbour.share=0.126"),
    *("detection.party_choice.village=0.46", "detection.party_choice.township=0.27"),
)


@cache
def county(folder: Path) -> Model:
    """The county, built; its file lies in `folder`."""
    about = About("known_county", "none", "0" * 64, 1, FIRST, LAST, False, VILLAGES, True, PERSONS, 4)
    path = folder / "known_county.yaml"
    path.write_text(place_text(about, ()), encoding="utf-8")
    return build(load_place(path, CHANGES))


def simulated(model: Model, seed: int, replication: int) -> Trace:
    """One replication."""
    return simulator("compiled")(model, Draws(seed, replication))


def fitted(model: Model, trace: Trace, folder: Path) -> Fitted:
    """The ledger of a replication, written to a file, read back and fitted."""
    path = folder / "ledger.csv"
    with path.open("wb") as file:
        write_csv(event_log(trace, model, known_only=True), file)
    ledger = read_ledger(path, Meanings(first=FIRST, last=LAST))
    persons = {site_name(v): float(p) for v, p in enumerate(model.villages.persons)}
    return fit(ledger, Told("fitted", townships=4, sizes=Sizes("sizes.csv", persons)))


class Truth:
    """What is true of each estimate, by name: from the county's numbers, or from many other replications."""

    def __init__(self, model: Model, others: list[Trace]) -> None:
        self.model = model
        place = model.place
        self.share = known(place)
        days = model.tables.days
        warm_up = model.tables.warm_up // 1440
        intensity = season(place, model.first_day, days)
        self.in_window = float(intensity[warm_up:].mean() / intensity.mean())
        rate = float(place.incidence.latent_rate.value) / 1000.0
        self.per_head = rate * self.share.share * self.in_window  # known per person and year
        self.months = _months(model, others)
        self.routes = _routes(others)

    def of_replication(self, seed: int, replication: int) -> Mapping[str, float]:
        """Rates that hold in one replication only: villages have luck of their own."""
        shape = self.model.villages.dispersion
        slots = np.arange(self.model.villages.count, dtype=np.int64)
        u = Draws(seed, replication).column(DecisionPoint.VILLAGE_RATE, 0, slots)
        rates = self.model.villages.persons * self.per_head * special.gammaincinv(shape, u) / shape
        out = {f"villages: {site_name(v)}": float(x) for v, x in enumerate(rates)}
        return {**out, "arrivals: known per year": float(rates.sum())}

    def lasting(self) -> Mapping[str, float]:
        """What holds in every replication."""
        place = self.model.place
        out = {
            "arrivals: mean rate of villages like these": 1000.0 * self.per_head,
            "arrivals: spread of villages' rates per head (squared CV)": 1.0 / self.model.villages.dispersion,
        }
        mix = self.share.shares * self.share.by_kind
        out |= {f"kinds: known: {k}": float(x) for k, x in zip(KINDS, mix / mix.sum(), strict=True)}
        out |= {f"season: {m}": x for m, x in self.months.items()}
        out |= {f"routing: {route}": x for route, x in self.routes.items()}
        for tier, stage in STAGES.items():
            spec = getattr(place.tiers, tier.name.lower())
            sigma2 = float(np.log1p(float(spec.session_cv.value) ** 2))
            median = float(spec.session_hours.value) / 24.0 * np.exp(-sigma2 / 2.0)
            out[f"durations: session at {stage}: median"] = float(median)
            out[f"durations: session at {stage}: sigma of the logarithm"] = float(np.sqrt(sigma2))
        return out

    def of_path(self, path: str) -> float:
        """The county's own value of a parameter."""
        node: object = self.model.place
        for key in path.split("."):
            node = node[key] if isinstance(node, dict) else getattr(node, key)
        return float(node.value)  # type: ignore[attr-defined]


def _months(model: Model, traces: list[Trace]) -> dict[str, float]:
    """Arrivals per day of each month over those of the window, in many replications."""
    counts, days = Counter[str](), Counter[str]()
    first = np.datetime64(model.first_day)
    for day in range(model.tables.warm_up // 1440, model.tables.days):
        days[str((first + day).astype("datetime64[M]"))] += 1
    for trace in traces:
        rows = trace.rows[(trace.rows[:, 1] == EventKind.KNOWN) & (trace.rows[:, 0] >= trace.warm_up)]
        months = (first + rows[:, 0] // 1440).astype("datetime64[M]").astype(str)
        counts.update(months.tolist())
    mean = counts.total() / days.total()
    return {month: counts[month] / n / mean for month, n in days.items()}


def _routes(traces: list[Trace]) -> dict[str, float]:
    """Where stays go that begin in the window's first third, so that hardly any is open at its end."""
    moves = np.zeros(len(EventKind), dtype=bool)
    moves[[EventKind.KNOWN, EventKind.CLIMB, EventKind.REOPEN, EventKind.END]] = True
    counts = np.zeros((len(Tier), len(Tier) + len(End)), dtype=np.int64)  # by stage: to a stage, or to an end
    for trace in traces:
        own = trace.rows[(trace.rows[:, 3] == Job.CASE) & (trace.rows[:, 2] >= 0)]
        own = own[np.argsort(own[:, 2], kind="stable")]
        at = np.flatnonzero(moves[own[:, 1]])
        here, after = own[at[:-1]], own[at[1:]]
        begins = (here[:, 1] != EventKind.END) & (here[:, 2] == after[:, 2])
        begins &= (here[:, 0] >= trace.warm_up) & (
            here[:, 0] < trace.warm_up + (trace.horizon - trace.warm_up) // 3
        )
        # Who comes back and is given up at once has not been at any stage.
        begins &= ~((here[:, 1] == EventKind.REOPEN) & (after[:, 1] == EventKind.END) & (np.diff(at) == 1))
        stage = np.where(here[:, 1] == EventKind.CLIMB, here[:, 8], here[:, 4])[begins]
        to = np.where(after[:, 1] == EventKind.END, len(Tier) + after[:, 8], after[:, 8])[begins]
        np.add.at(counts, (stage, to), 1)
    names = [STAGES.get(t, "") for t in Tier] + ["", *_END_WORDS]
    return {
        f"{names[stage]} > {names[to]}": counts[stage, to] / counts[stage].sum()
        for stage, to in np.argwhere(counts).tolist()
    }


_END_WORDS = ("settled", "adjudicated", "decided", "self-settled", "withdrawn", "given up")
