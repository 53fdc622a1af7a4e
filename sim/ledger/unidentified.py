"""What a ledger does not identify, and why: these parameters keep their priors."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from sim.language import Message, Phrase
from sim.scenario.fields import dotted, quantities
from sim.scenario.place import Place

# What, why, and paths; the first pattern that fits a path has it.
REASONS: tuple[tuple[Phrase, Phrase, tuple[str, ...]], ...] = (
    (
        Message("disputes nobody recorded, and how long disputes are latent"),
        Message(
            "the ledger begins when a dispute becomes known; who never came forward leaves no row in it, and the known "
            "ones show only how many grievances times the share that becomes known there are"
        ),
        (
            *("detection.party_days", "detection.grid_days", "detection.rounds.*", "detection.self_*"),
            *("detection.lumping_days", "kinds.*.comes_forward", "kinds.*.arises", "eruption.rate"),
            *("kinds.*.eruption", "character.severity_on_coming_forward", "incidence.superset"),
        ),
    ),
    (
        Message("the hidden reading of the record"),
        Message("whether what is written is all, and true, cannot be read off what is written"),
        ("recording.*",),
    ),
    (
        Message("when grievances arise"),
        Message(
            "arrivals lag behind grievances by a latency that nobody sees; the monthly factors are those of arrivals"
        ),
        ("incidence.festival_*", "incidence.trend"),
    ),
    (
        Message("working time"),
        Message(
            "the dates of a session's beginning and end do not tell hours of work from the share of the day that "
            "is left"
        ),
        (
            *("working.*", "calendars.*", "tiers.*.session_hours", "tiers.*.session_cv", "agreement.*_hours"),
            *("petition.hours", "eruption.response_hours"),
        ),
    ),
    (
        Message("people and staff"),
        Message("a ledger counts disputes, not people"),
        ("population.*", "villages.*", "townships.*", "county.*"),
    ),
    (
        Message("what disputes are like"),
        Message("severity and frailty are written down by nobody"),
        (
            *("character.*", "kinds.*.severity", "kinds.*.success", "kinds.*.departments", "tiers.*.joint"),
            *("tiers.*.speaks_minority_language", "tiers.*.*delay_days", "kinds.*.court_delay"),
        ),
    ),
    (
        Message("rules"),
        Message(
            "how many attempts a stage has and within which time limit are rules to be looked up, not estimated"
        ),
        ("tiers.*.attempts", "tiers.*.deadline.*"),
    ),
    (
        Message("ratios between kinds"),
        Message("suits and petitions of one kind are too few to compare it with others"),
        ("kinds.*.suit", "kinds.*.filed", "kinds.*.petition"),
    ),
    (
        Message("what comes long after, or seldom"),
        Message(
            "breaches come months after a settlement, and who has not returned by the ledger's end may yet"
        ),
        (
            *("agreement.*", "petition.rep*", "eruption.*", "going.sues", "going.applies_for_decision"),
            *("judgment.*", "unresolved.*"),
        ),
    ),
    (
        Message("failure at the later stages"),
        Message(
            "who comes there has failed before and is harder than others, and an end may mean that there was "
            "nowhere to go"
        ),
        (
            *(
                f"tiers.{t}.{x}"
                for t in ("county", "decision", "court_mediation")
                for x in ("success", "rest_days")
            ),
            *("tiers.township.dropout", "tiers.township.patience_climbs", "tiers.county.dropout"),
            *("tiers.county.patience_climbs", "tiers.decision.dropout", "tiers.decision.patience_climbs"),
            *("tiers.court_mediation.dropout", "tiers.court_mediation.patience_climbs"),
            *("tiers.trial.success", "tiers.trial.refuses", "tiers.trial.bypasses", "tiers.trial.rest_days"),
            *("tiers.trial.dropout", "tiers.trial.patience_climbs"),
        ),
    ),
    (
        Message("too few events, or activities that the ledger does not name"),
        Message("a ledger with more of them would identify these"),
        ("tiers.*", "going.*", "petition.*", "kinds.*.share", "detection.party_choice.*", "incidence.*"),
    ),
    (Message("the simulation's own"), Message("no property of the place"), ("window.*", "alike.*")),
)


def unidentified(place: Place, fitted: Collection[str]) -> Iterator[tuple[Phrase, Phrase, list[str]]]:
    """(what, why, paths) of all numbers of a place that are not among the fitted ones."""
    groups: dict[Phrase, list[str]] = {what: [] for what, _, _ in REASONS}
    for path, q in quantities(place):
        name = dotted(path)
        if name not in fitted and q.source != "ledger":
            groups[reason_of(name)].append(name)
    for what, why, _ in REASONS:
        if groups[what]:
            yield what, why, groups[what]


def reason_of(path: str) -> Phrase:
    """Under which heading a path is told. Raises KeyError for one that has none."""
    for what, _, patterns in REASONS:
        if any(fnmatchcase(path, pattern) for pattern in patterns):
            return what
    raise KeyError(path)
