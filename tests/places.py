"""Places for tests, built through the same schema as the ones an analyst writes.

`rich_place` has every tier, channel and clock; `plain_place` has all of them switched off but what a test asks for.
Both take changes by section, and a bare number stands for a quantity: `rich_place(agreement={"breach": 0.9})`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.model import Model, Tables
from sim.model import build as build  # for those who build these places
from sim.scenario.place import Place
from sim.traces import Trace
from sim.vocabulary import EventKind, Kind

Tree = dict[str, Any]
LONGEST = 36_500.0  # days; the longest mean the schema admits, used for what should not happen
ONE_MINUTE = 1 / 1440  # in days
MANY = 10_000  # servers, where nobody should ever queue
HOURS_PER_YEAR = 8760.0
STAFF = (
    *("grid_heads", "village_mediators", "police", "township_mediators", "petition_officers"),
    *("departments", "decision_officers", "court_mediators", "judges"),
)
TIER_STAFF = {
    "hamlet": "grid_heads",
    "village": "village_mediators",
    "police": "police",
    "township": "township_mediators",
    "county": "departments",
    "decision": "decision_officers",
    "court_mediation": "court_mediators",
    "trial": "judges",
}


def quantity(value: float, unit: str) -> Tree:
    """A number of a made-up place: known exactly, assumed."""
    return {
        "value": value,
        "unit": unit,
        "low": value,
        "high": value,
        "source": "made_up",
        "status": "assumed",
    }


def tier(staff: str) -> Tree:
    """A tier with all that can go on in one."""
    return {
        "staff": staff,
        "attempts": quantity(2, "count"),
        "success": quantity(0.6, "probability"),
        "refuses": quantity(0.05, "probability"),
        "bypasses": quantity(0.03, "probability"),
        "dropout": quantity(0.05, "probability"),
        "session_hours": quantity(2, "hours"),
        "session_cv": quantity(0.8, "ratio"),
        "lengths": "lognormal",
        "sessions": quantity(1.6, "count"),
        "gap_days": quantity(2, "days"),
        "rest_days": quantity(1, "days"),
        "delay_days": quantity(0, "days"),
        "departments_delay_days": quantity(0, "days"),
        "patience_days": quantity(40, "days"),
        "patience_climbs": quantity(0.5, "probability"),
        "deadline": deadline(10, "raise"),
        "joint": quantity(0, "share"),
        "speaks_minority_language": quantity(0.5, "probability"),
    }


def deadline(days: float, action: str) -> Tree:
    """The time limit of a tier."""
    return {"days": quantity(days, "days"), "action": action}


def working(calendar: str, hours: float, share: float) -> Tree:
    """When a group of staff is there."""
    return {
        "calendar": calendar,
        "hours": quantity(hours, "hours per day"),
        "share": quantity(share, "share"),
    }


def _kind(name: str) -> Tree:
    return {
        "share": quantity(0.125, "share"),
        "severity": quantity(0.3, "share"),
        "departments": quantity(0.1, "probability"),
        "forum": "decision" if name in ("land", "labour") else "court",
        "success": quantity(0, "log-odds"),
        **{x: quantity(1, "ratio") for x in ("comes_forward", "eruption", "suit", "petition", "court_delay")},
    }


def _rich() -> Tree:
    tiers = {name: tier(staff) for name, staff in TIER_STAFF.items()}
    tiers["township"] |= {"deadline": deadline(20, "climb")}
    tiers["county"] |= {"departments_delay_days": quantity(5, "days")}
    tiers["decision"] |= {"delay_days": quantity(20, "days")}
    tiers["court_mediation"] |= {"delay_days": quantity(5, "days"), "deadline": deadline(30, "climb")}
    tiers["trial"] |= {
        "delay_days": quantity(30, "days"),
        "patience_days": None,
        "deadline": deadline(180, "record"),
        "refuses": quantity(0, "probability"),
    }
    return {
        "schema_version": 1,
        "name": "made_up",
        "title": {"en": "A made-up place", "zh": "虚构之地"},
        "about": "",
        "sources": {"made_up": {"title": "made up for a test", "date": "2023"}},
        "window": {
            **{"start": "2023-01-01", "end": "2023-12-31"},
            **{"end_earliest": "2023-12-31", "end_latest": "2023-12-31", "source": "made_up"},
            "warm_up": quantity(180, "days"),
        },
        "population": {
            "persons": quantity(100_000, "persons"),
            "minority_language": quantity(0.2, "share"),
        },
        "villages": {
            "count": quantity(40, "count"),
            "size_cv": quantity(0.5, "ratio"),
            "grid_heads": quantity(2, "persons per village"),
            "mediators": quantity(1.5, "persons per village"),
        },
        "townships": {
            "count": quantity(4, "count"),
            "mediators": quantity(2, "persons per township"),
            "police": quantity(3, "persons per township"),
        },
        "county": {
            "petition_officers": quantity(2, "persons"),
            "departments": quantity(3, "persons"),
            "decision_officers": quantity(2, "persons"),
            "court_mediators": quantity(2, "persons"),
            "judges": quantity(3, "persons"),
        },
        "calendars": {
            "office": {"opens": quantity(9, "hour of day"), "weekends": False, "holidays": False},
            "always": {"opens": quantity(0, "hour of day"), "weekends": True, "holidays": True},
        },
        "working": {
            s: working("always", 24, 0.2) if s == "police" else working("office", 8, 0.2) for s in STAFF
        },
        "incidence": {
            "latent_rate": quantity(20, "per 1,000 persons per year"),
            "village_dispersion": quantity(2, "ratio"),
            "trend": quantity(0, "relative change per year"),
            "superset": quantity(1.25, "ratio"),
            "festival_peak": quantity(2, "ratio"),
            "festival_days": quantity(10, "days"),
        },
        "kinds": {k.name.lower(): _kind(k.name.lower()) for k in Kind},
        "character": {
            "severity_concentration": quantity(5, "ratio"),
            "frailty_sd": quantity(1, "log-odds"),
            "severity_on_success": quantity(-2, "log-odds"),
            "delay_on_success": quantity(-0.2, "log-odds"),
            "departments_on_success": quantity(-1, "log-odds"),
            "language_on_success": quantity(-0.5, "log-odds"),
            "severity_on_length": quantity(1, "log-ratio"),
            "language_on_length": quantity(0.3, "log-ratio"),
            "severity_on_eruption": quantity(2, "log-ratio"),
            "severity_on_coming_forward": quantity(1, "log-ratio"),
        },
        "detection": {
            "party_days": quantity(40, "days"),
            "party_choice": {
                "village": quantity(0.5, "share"),
                "township": quantity(0.2, "share"),
                "police": quantity(0.15, "share"),
                "court": quantity(0.1, "share"),
                "petition": quantity(0.05, "share"),
            },
            "grid_days": quantity(60, "days"),
            "rounds": {
                "weekly": {
                    "channel": "screening",
                    "every": quantity(7, "days"),
                    "irregularity": quantity(0.8, "share"),
                    "detects": quantity(0.05, "probability"),
                    "coverage": quantity(0.7, "share"),
                    "enters": "village",
                }
            },
            "self_settlement_days": quantity(100, "days"),
            "lumping_days": quantity(150, "days"),
        },
        "eruption": {
            "rate": quantity(0.5, "per year"),
            "care": quantity(0.5, "ratio"),
            "crime": quantity(0.1, "probability"),
            "interception": quantity(0.3, "probability"),
            "response_hours": quantity(1, "hours"),
        },
        "tiers": tiers,
        "petition": {
            "rate": quantity(0.3, "per year"),
            "repeats": quantity(0.5, "probability"),
            "repeat_days": quantity(30, "days"),
            "hours": quantity(2, "hours"),
            "desk": "petition_officers",
        },
        "going": {
            "suit_rate": quantity(0.3, "per year"),
            "withdrawal_days": quantity(200, "days"),
            "withdrawal_settles": quantity(0.6, "probability"),
            "dropout_lumps": quantity(0.6, "probability"),
            "sues": quantity(0.5, "probability"),
            "applies_for_decision": quantity(0.5, "probability"),
            "county_takes_all": False,
            "trial_settles": quantity(0.2, "probability"),
            "trial_withdraws": quantity(0.2, "probability"),
        },
        "judgment": {
            "appealed": quantity(0.3, "probability"),
            "appeal_days": quantity(40, "days"),
            "enforced": quantity(0.4, "probability"),
            "against_will": quantity(0.5, "probability"),
            "decision_against_will": quantity(0.5, "probability"),
        },
        "unresolved": {
            "revival": quantity(1, "per year"),
            "eruption": quantity(0.8, "ratio"),
            "petition": quantity(1.5, "ratio"),
            "fades_days": quantity(200, "days"),
            "resolves_days": quantity(150, "days"),
        },
        "agreement": {
            "confirmed": quantity(0.1, "probability"),
            "confirmation_hours": quantity(1, "hours"),
            "breach": quantity(0.2, "probability"),
            "breach_days": quantity(60, "days"),
            "confirmed_breach": quantity(0.5, "ratio"),
            "returns": quantity(0.7, "probability"),
            "return_limit": quantity(3, "count"),
            "enforcement_hours": quantity(3, "hours"),
            "follow_up": quantity(0.3, "probability"),
            "follow_up_days": quantity(20, "days"),
            "follow_up_hours": quantity(1, "hours"),
            "follow_up_repairs": quantity(0.5, "probability"),
        },
        "recording": {
            "reading": "proportional",
            "proportional": {"recorded": quantity(0.2, "share")},
            "target_driven": {
                "recorded": quantity(0.3, "share"),
                "failures": quantity(0.1, "share"),
                "relabelled": quantity(0.5, "share"),
                "invented": quantity(0.2, "ratio"),
            },
            "counts_returns": False,
            "basis": "dispute",
        },
        "targets": [],
        "mechanisms": [],
    }


def changed(tree: Any, change: Any) -> Any:
    """`tree` with `change` put over it: mappings go deeper, a number keeps its unit, anything else replaces."""
    if isinstance(tree, dict) and isinstance(change, dict) and change:
        unknown = change.keys() - tree.keys() if "schema_version" in tree else set()
        if unknown:
            raise KeyError(f"a place has no section {sorted(unknown)}")
        return tree | {key: changed(tree.get(key), value) for key, value in change.items()}
    if isinstance(tree, dict) and "unit" in tree and isinstance(change, int | float):
        return quantity(change, tree["unit"])
    return change


def _place(tree: Tree, sections: Tree) -> Place:
    return Place.model_validate(changed(tree, sections) if sections else tree)


def rich_place(**sections: Any) -> Place:
    """A county where everything that the model knows happens within a year."""
    return _place(_rich(), sections)


AMPLE: Tree = {
    "villages": {"grid_heads": MANY, "mediators": MANY},
    "townships": {"mediators": MANY, "police": MANY},
    "county": dict.fromkeys(STAFF[4:], MANY),
    "working": {staff: {"share": 1.0} for staff in STAFF},
}


def ample_place(**sections: Any) -> Place:
    """The rich place with so many servers that nobody ever queues."""
    return _place(changed(_rich(), AMPLE), sections)


_ONE_SESSION: Tree = {
    **{"attempts": 1, "success": 1.0, "refuses": 0.0, "bypasses": 0.0, "dropout": 0.0},
    **{"session_hours": 10, "lengths": "exponential", "sessions": 1.0, "gap_days": 0, "rest_days": 0},
    **{"delay_days": 0, "departments_delay_days": 0, "patience_days": None, "deadline": None},
}
_NOTHING_ELSE: Tree = {
    "window": {"warm_up": 90},
    "working": {s: working("always", 24, 1.0) for s in STAFF},
    "villages": {"size_cv": 0.0},
    "incidence": {"village_dispersion": 1e4, "superset": 1.0, "festival_peak": 1.0},
    "character": {
        "frailty_sd": 0.0,
        **{f"{x}_on_success": 0 for x in ("severity", "delay", "departments", "language")},
        **{f"severity_on_{x}": 0 for x in ("length", "eruption", "coming_forward")},
        "language_on_length": 0,
    },
    "kinds": {k.name.lower(): {"departments": 0.0, "forum": "court"} for k in Kind},
    "detection": {
        "party_days": ONE_MINUTE,
        "grid_days": None,
        "rounds": {},
        "self_settlement_days": LONGEST,
        "lumping_days": LONGEST,
    },
    "eruption": {"rate": 0},
    "petition": {"rate": 0, "repeats": 0.0},
    "going": {"suit_rate": 0, "withdrawal_days": LONGEST, "sues": 0.0, "applies_for_decision": 0.0},
    "judgment": dict.fromkeys(("appealed", "enforced", "against_will", "decision_against_will"), 0.0),
    "unresolved": {
        **{"revival": 0, "eruption": 0, "petition": 0},
        **{"fades_days": LONGEST, "resolves_days": LONGEST},
    },
    "agreement": {"confirmed": 0.0, "breach": 0.0, "follow_up": 0.0},
}


def plain_place(tiers: dict[str, Tree], turn_to: dict[str, float], **sections: Any) -> Place:
    """A place where a dispute becomes known at once and has one session at one of the given tiers; nothing else.

    Staff work day and night. `turn_to` gives the shares of the party's choice. What cannot be switched off, such as
    withdrawal, has a mean of a hundred years: within days it happens to fewer than 1 in 1,000.
    """
    tree = changed(changed(_rich(), AMPLE), _NOTHING_ELSE)
    one = {
        name: changed(tier(staff), _ONE_SESSION | tiers[name]) if name in tiers else None
        for name, staff in TIER_STAFF.items()
    }
    shares = dict.fromkeys(tree["detection"]["party_choice"], 0.0) | turn_to
    tree = changed(tree, {"tiers": one, "detection": {"party_choice": shares}})
    return _place(tree, sections)


def queue_place(*, villages: int, arrivals: float, servers: int, **tier_changes: Any) -> Place:
    """Villages that are so many independent queues: `arrivals` per hour at `servers` servers each."""
    return plain_place(
        {"village": tier_changes},
        {"village": 1.0},
        population=_persons(villages),
        villages={"count": villages, "mediators": servers},
        townships={"count": 1},
        incidence={"latent_rate": arrivals * HOURS_PER_YEAR},
    )


def _persons(villages: int) -> Tree:
    """A thousand persons per village, so that the latent rate is that of a village."""
    return {"persons": 1000 * villages}


def township_place(*, townships: int, villages_each: int, arrivals: float, **sections: Any) -> Place:
    """Townships with `villages_each` villages; in each village `arrivals` grievances arise per hour.

    Sections must have `tiers` and `turn_to` of `plain_place`; `villages` and `townships_staff` say who works there.
    """
    villages = townships * villages_each
    return plain_place(
        sections.pop("tiers"),
        sections.pop("turn_to"),
        population=_persons(villages),
        villages={"count": villages, **sections.pop("villages", {})},
        townships={"count": townships, **sections.pop("townships_staff", {})},
        incidence={"latent_rate": arrivals * HOURS_PER_YEAR},
        **sections,
    )


def with_tables(model: Model, **tables: Any) -> Model:
    """The model with some of its tables replaced: for what no place can say, such as staff that come and go."""
    from dataclasses import replace

    later = tuple(version._replace(**tables) for version in model.later)
    return replace(model, tables=model.tables._replace(**tables), later=later)


def with_capacity(model: Model, changes: dict[tuple[int, int], int]) -> Model:
    """The model with `changes` of servers, by (minute, pool)."""
    order = sorted(changes)
    return with_tables(
        model,
        capacity_minute=np.array([minute for minute, _ in order], dtype=np.int64),
        capacity_pool=np.array([pool for _, pool in order], dtype=np.int64),
        capacity_servers=np.array([changes[key] for key in order], dtype=np.int64),
    )


def arising_early(model: Model, days: int) -> Model:
    """The model with all grievances in the first `days` days, so that the rest of the run can empty the place."""
    tables: Tables = model.tables
    share = np.minimum(np.arange(tables.days + 1) / days, 1.0)
    return with_tables(model, arise_cum=share)


def rows_of(trace: Trace, *events: EventKind) -> np.ndarray:
    """Rows with one of the given events."""
    return trace.rows[np.isin(trace.column("event"), events)]
