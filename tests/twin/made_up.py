"""Places by chance, for comparing the engines: small, and strange in every way that the schema admits."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim.scenario.place import Place
from tests.places import STAFF, TIER_STAFF, deadline, quantity, rich_place, working

Tree = dict[str, Any]
PROBABILITY = st.sampled_from([0.0, 0.05, 0.3, 0.5, 0.9, 1.0])
FEW_DAYS = st.sampled_from([0.0, 0.01, 0.5, 3.0, 20.0])
MEANS = st.sampled_from([0.01, 1.0, 15.0, 120.0])
SLOPE = st.sampled_from([-2.0, 0.0, 0.7])
ACTIONS = ("record", "raise", "climb")


@st.composite
def _tier(draw: st.DrawFn, name: str) -> Tree | None:
    if draw(st.integers(0, 7)) == 0:
        return None
    limit = draw(st.none() | st.builds(deadline, MEANS, st.sampled_from(ACTIONS)))
    patience = draw(st.none() | MEANS.map(lambda x: quantity(x, "days")))
    refuses = draw(st.sampled_from([0.0, 0.1, 0.6]))
    return {
        "attempts": draw(st.integers(1, 4)),
        "success": draw(PROBABILITY),
        "refuses": refuses,
        "bypasses": draw(st.sampled_from([0.0, 0.1, 0.4])),
        "dropout": draw(PROBABILITY),
        "session_hours": draw(st.sampled_from([0.1, 2.0, 30.0])),
        "session_cv": draw(st.sampled_from([0.0, 0.5, 3.0])),
        "lengths": draw(st.sampled_from(["exponential", "lognormal", "constant"])),
        "sessions": draw(st.sampled_from([1.0, 1.5, 6.0])),
        "gap_days": draw(FEW_DAYS),
        "rest_days": draw(FEW_DAYS),
        "delay_days": draw(FEW_DAYS),
        "departments_delay_days": draw(FEW_DAYS),
        "patience_days": patience,
        "patience_climbs": draw(PROBABILITY),
        "deadline": limit,
        "joint": draw(PROBABILITY),
        "speaks_minority_language": draw(PROBABILITY),
    }


@st.composite
def _rounds(draw: st.DrawFn) -> Tree:
    out = {}
    for i in range(draw(st.integers(0, 3))):
        out[f"round_{i}"] = {
            "channel": draw(st.sampled_from(["screening", "household_visit", "police_visit"])),
            "every": quantity(draw(st.sampled_from([0.5, 7.0, 90.0])), "days"),
            "irregularity": quantity(draw(PROBABILITY), "share"),
            "detects": quantity(draw(PROBABILITY), "probability"),
            "coverage": quantity(draw(PROBABILITY), "share"),
            "enters": draw(st.sampled_from(["hamlet", "village", "township"])),
        }
    return out


@st.composite
def places(draw: st.DrawFn) -> Place:
    """A place of a few hundred disputes."""
    tiers = {name: draw(_tier(name)) for name in TIER_STAFF}
    if not any(tiers.values()):
        tiers["village"] = {"attempts": 2}
    count = draw(st.integers(1, 9))
    staff = st.sampled_from([0.5, 1.0, 2.0, 5.0])
    hours = {
        s: working(draw(st.sampled_from(["office", "always"])), draw(st.sampled_from([1.0, 8.0])), draw(
            st.sampled_from([0.1, 1.0])
        ))
        for s in STAFF
    }  # fmt: skip
    return rich_place(
        window={
            **{"end": "2023-03-15", "end_earliest": "2023-03-15", "end_latest": "2023-03-15"},
            "warm_up": draw(st.sampled_from([1, 40])),
        },
        population={
            "persons": draw(st.sampled_from([8000, 20_000])),
            "minority_language": draw(PROBABILITY),
        },
        villages={"count": count, "grid_heads": draw(staff), "mediators": draw(staff)},
        townships={
            "count": draw(st.integers(1, min(3, count))),
            "mediators": draw(staff),
            "police": draw(staff),
        },
        county={
            **{x: draw(st.integers(1, 3)) for x in ("petition_officers", "departments", "decision_officers")},
            **{x: draw(st.integers(1, 3)) for x in ("court_mediators", "judges")},
            "outside": draw(st.booleans()),
        },
        working=hours,
        incidence={
            "latent_rate": draw(st.sampled_from([20.0, 60.0])),
            "village_dispersion": draw(st.sampled_from([0.5, 3.0])),
            "superset": draw(st.sampled_from([1.0, 1.6])),
        },
        kinds={
            "land": {"forum": draw(st.sampled_from(["court", "decision"])), "departments": draw(PROBABILITY)},
            "family": {"comes_forward": draw(MEANS), "court_delay": draw(MEANS), "success": draw(SLOPE)},
            "labour": {"eruption": draw(FEW_DAYS), "suit": draw(FEW_DAYS), "petition": draw(FEW_DAYS)},
        },
        character={
            **{x: draw(SLOPE) for x in ("severity_on_success", "delay_on_success", "severity_on_eruption")},
            **{x: draw(SLOPE) for x in ("severity_on_length", "severity_on_coming_forward")},
            "frailty_sd": draw(st.sampled_from([0.0, 1.5])),
        },
        detection={
            "party_days": draw(MEANS),
            "grid_days": draw(st.none() | MEANS.map(lambda x: quantity(x, "days"))),
            "rounds": draw(_rounds()),
            "self_settlement_days": draw(MEANS),
            "lumping_days": draw(MEANS),
        },
        eruption={
            "rate": draw(st.sampled_from([0.0, 0.5, 20.0])),
            **{x: draw(PROBABILITY) for x in ("care", "crime", "interception")},
            "response_hours": draw(st.sampled_from([0.1, 9.0])),
        },
        tiers=tiers,
        petition={
            "rate": draw(st.sampled_from([0.0, 0.5, 20.0])),
            "repeats": draw(PROBABILITY),
            "repeat_days": draw(MEANS),
            "desk": draw(st.sampled_from(["petition_officers", "township_mediators"])),
        },
        going={
            "suit_rate": draw(st.sampled_from([0.0, 0.5, 20.0])),
            "withdrawal_days": draw(MEANS),
            **{x: draw(PROBABILITY) for x in ("withdrawal_settles", "dropout_lumps", "sues")},
            "applies_for_decision": draw(PROBABILITY),
            "county_takes_all": draw(st.booleans()),
        },
        judgment={
            **{
                x: draw(PROBABILITY)
                for x in ("appealed", "enforced", "against_will", "decision_against_will")
            },
            "appeal_days": draw(MEANS),
        },
        unresolved={
            "revival": draw(st.sampled_from([0.0, 0.5, 20.0])),
            **{x: draw(st.sampled_from([0.0, 0.7, 5.0])) for x in ("eruption", "petition")},
            **{x: draw(MEANS) for x in ("fades_days", "resolves_days")},
        },
        agreement={
            **{x: draw(PROBABILITY) for x in ("confirmed", "breach", "returns", "follow_up")},
            "breach_days": draw(MEANS),
            "return_limit": draw(st.integers(0, 4)),
            "follow_up_days": draw(MEANS),
            "follow_up_repairs": draw(PROBABILITY),
        },
    )
