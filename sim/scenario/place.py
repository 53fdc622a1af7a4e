"""The schema of a place: what an analyst writes about a county or town.

Every number is a `Quantity`. Unknown keys are refused. What depends on several fields at once is checked in
`checks.py`; where the numbers go in the model is told in docs/model.md.
"""

# ruff: noqa: RUF012 - pydantic copies defaults for each instance; ruff sees it only where the base class stands

from __future__ import annotations

import math
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from sim.scenario.evidence import Evidence
from sim.scenario.quantity import (
    Days,
    HoursPerDay,
    LogOdds,
    LogRatio,
    MeanCount,
    Persons,
    PerTenThousandYear,
    PerThousandYear,
    PerYear,
    PositiveCount,
    PositiveDays,
    PositiveHours,
    PositiveRatio,
    Probability,
    Quantity,
    Ratio,
    Share,
    Status,
    Trend,
    _quantity,
)
from sim.scenario.reported import Alternative as Alternative
from sim.scenario.reported import Exactness as Exactness
from sim.scenario.reported import Fact as Fact
from sim.scenario.reported import Slug as Slug
from sim.scenario.reported import Strict as Strict
from sim.scenario.reported import Target as Target
from sim.scenario.reported import Title as Title

StaffPerVillage: Any = _quantity("persons per village", 0.0, 1e4)
StaffPerTownship: Any = _quantity("persons per township", 0.0, 1e5)
StaffPerCounty: Any = _quantity("persons", 0.0, 1e6)


class Source(Strict):
    """A publication that values refer to by its key."""

    title: str
    date: str
    publisher: str = ""
    confidence: Literal["high", "medium", "low"] = "medium"


class Window(Strict):
    """The days that the reported figures cover, both included."""

    start: date
    end: date
    end_earliest: date
    end_latest: date
    source: str
    note: str = ""
    warm_up: PositiveDays


class Population(Strict):
    """People of the place."""

    persons: Persons
    minority_language: Share


class Villages(Strict):
    """Village level: administrative villages and communities with their staff (means per village)."""

    count: PositiveCount
    size_cv: Ratio
    grid_heads: StaffPerVillage
    mediators: StaffPerVillage


class Townships(Strict):
    """Township level with its staff (means per township)."""

    count: PositiveCount
    mediators: StaffPerTownship
    police: StaffPerTownship


class County(Strict):
    """County level. `outside: true` says that it belongs to another place: delays, but no queues of its own."""

    outside: bool = False
    petition_officers: StaffPerCounty
    departments: StaffPerCounty
    decision_officers: StaffPerCounty
    court_mediators: StaffPerCounty
    judges: StaffPerCounty


class Calendar(Strict):
    """Days on which staff work. Holidays and make-up days follow the published Chinese calendar."""

    opens: _quantity("hour of day", 0.0, 24.0)  # type: ignore[valid-type]
    weekends: bool
    holidays: bool


class Working(Strict):
    """When a group of staff is there, and how much of that is left for disputes (net of other duties).

    Where `busy` is given, the hours that are left (`villagers` beside a `share`, else `share`) are solved for such that
    what is expected to come keeps staff busy for that share of them: who keeps up with the work has hours for it.
    """

    calendar: Slug
    hours: HoursPerDay
    share: Share | None = None
    villagers: Share | None = None  # of these, hours for disputes of villagers; all where it is not said
    busy: Share | None = None

    @property
    def part(self) -> float:
        """The share of working hours that is left for the disputes that are simulated; 1 where it is solved for."""
        given = (q for q in (self.share, self.villagers) if q is not None)
        return math.prod(float(q.value) for q in given)

    @property
    def daily_hours(self) -> float:
        """Hours per working day that one person has for the disputes that are simulated."""
        return float(self.hours.value) * self.part


class Incidence(Strict):
    """How many grievances arise."""

    latent_rate: PerThousandYear
    village_dispersion: PositiveRatio
    trend: Trend
    superset: PositiveRatio
    festival_peak: PositiveRatio
    festival_days: PositiveDays


class Forum(StrEnum):
    """Who decides first when mediation is exhausted."""

    COURT = "court"
    DECISION = "decision"


class KindSpec(Strict):
    """One kind of dispute. Ratios multiply the common rate; log-odds add to the common odds.

    Where `suit` is null, it is solved for such that as many suits are filed as are observed (`filed`).
    """

    share: Share
    severity: Share
    departments: Probability
    forum: Forum
    success: LogOdds
    comes_forward: PositiveRatio
    eruption: Ratio
    suit: Ratio | None = None
    petition: Ratio
    court_delay: PositiveRatio
    filed: PerTenThousandYear | None = None
    arises: Ratio = Quantity(
        value=1,
        unit="ratio",
        low=1,
        high=1,
        source="assumption",
        status=Status.ASSUMED,
        note="grievances of this kind, of those that the latent rate and the share say; prevention lowers it",
    )


class Character(Strict):
    """What a dispute is like beyond its kind, and how that tells."""

    severity_concentration: PositiveRatio
    frailty_sd: _quantity("log-odds", 0.0, 10.0)  # type: ignore[valid-type]
    severity_on_success: LogOdds
    delay_on_success: LogOdds
    departments_on_success: LogOdds
    language_on_success: LogOdds
    severity_on_length: LogRatio
    language_on_length: LogRatio
    severity_on_eruption: LogRatio
    severity_on_coming_forward: LogRatio


class PartyChoice(Strict):
    """Where a party turns first: shares that add up to one."""

    village: Share
    township: Share
    police: Share
    court: Share
    petition: Share


class RoundChannel(StrEnum):
    """Channels that a periodic round can have."""

    SCREENING = "screening"
    HOUSEHOLD_VISIT = "household_visit"
    POLICE_VISIT = "police_visit"


class Round(Strict):
    """A periodic search for disputes: screening meeting, household visit, police visit."""

    channel: RoundChannel
    every: PositiveDays
    irregularity: Share
    detects: Probability
    coverage: Share
    enters: Literal["hamlet", "village", "township"]


class Detection(Strict):
    """How latent disputes become known, or end unseen. Days are means of competing clocks."""

    party_days: PositiveDays
    party_choice: PartyChoice
    grid_days: PositiveDays | None
    rounds: dict[Slug, Round]
    self_settlement_days: PositiveDays
    lumping_days: PositiveDays


class Eruption(Strict):
    """Fights and crimes out of an open or latent dispute, and the response to them."""

    rate: PerYear
    care: Ratio
    crime: Probability
    interception: Probability
    response_hours: PositiveHours


class Lengths(StrEnum):
    """Distribution of session lengths."""

    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"
    CONSTANT = "constant"


class DeadlineAction(StrEnum):
    """What passing the time limit of a tier does."""

    RECORD = "record"
    RAISE = "raise"
    CLIMB = "climb"


class Deadline(Strict):
    """Time limit of a stay at a tier, in calendar days."""

    days: PositiveDays
    action: DeadlineAction


class TierSpec(Strict):
    """One tier: who works there, how long it takes, how often it succeeds.

    `success` is that of one attempt on the average dispute on its first day. Where it is null, it is solved for such
    that the tier settles that share of the disputes it takes up that is observed (`resolves`).
    """

    staff: Literal[
        "grid_heads",
        "village_mediators",
        "police",
        "township_mediators",
        "petition_officers",
        "departments",
        "decision_officers",
        "court_mediators",
        "judges",
    ]
    attempts: _quantity("count", 1.0, 15.0, integer=True)  # type: ignore[valid-type]
    success: Probability | None = None
    resolves: Share | None = None
    refuses: Probability
    bypasses: Probability
    dropout: Probability
    session_hours: PositiveHours
    session_cv: Ratio
    lengths: Lengths
    sessions: MeanCount
    gap_days: Days
    rest_days: Days
    delay_days: Days
    departments_delay_days: Days
    patience_days: PositiveDays | None
    patience_climbs: Probability
    deadline: Deadline | None
    joint: Share
    speaks_minority_language: Probability


class Tiers(Strict):
    """The tiers of the place; a tier that is null does not exist there."""

    hamlet: TierSpec | None
    village: TierSpec | None
    police: TierSpec | None
    township: TierSpec | None
    county: TierSpec | None
    decision: TierSpec | None
    court_mediation: TierSpec | None
    trial: TierSpec | None


class Petition(Strict):
    """Petitions lodged while nobody has settled a dispute.

    Where `repeats` is null, it is solved for such that the share `repeat_share` of petitions repeat an earlier one.
    Where `per_1000` is given, the share `registered` is solved for such that so many petitions are registered.
    """

    rate: PerYear
    repeats: Probability | None = None
    repeat_share: Share | None = None
    repeat_days: PositiveDays
    registered: Share | None = None  # of petitions, those that are counted; all where nothing is said
    per_1000: PerThousandYear | None = None
    hours: PositiveHours
    desk: Literal["petition_officers", "township_mediators"]


class Going(Strict):
    """What parties do beside mediation, and when mediation is exhausted."""

    suit_rate: PerYear
    withdrawal_days: PositiveDays
    withdrawal_settles: Probability
    dropout_lumps: Probability
    sues: Probability
    applies_for_decision: Probability
    county_takes_all: bool
    trial_settles: Probability
    trial_withdraws: Probability


class Judgment(Strict):
    """What follows a judgment, or a decision of government or arbitration that the parties take."""

    appealed: Probability
    appeal_days: PositiveDays
    enforced: Probability
    against_will: Probability
    decision_against_will: Probability


class Unresolved(Strict):
    """What becomes of a dispute that ended and that nobody settled. Its hazards fade with time."""

    revival: PerYear
    eruption: Ratio
    petition: Ratio
    fades_days: PositiveDays
    resolves_days: PositiveDays


class Agreement(Strict):
    """What becomes of an agreement."""

    confirmed: Probability
    confirmation_hours: PositiveHours
    breach: Probability
    breach_days: PositiveDays
    confirmed_breach: Ratio
    returns: Probability
    return_limit: _quantity("count", 0.0, 7.0, integer=True)  # type: ignore[valid-type]
    enforcement_hours: PositiveHours
    follow_up: Probability
    follow_up_days: PositiveDays
    follow_up_hours: PositiveHours
    follow_up_repairs: Probability


class Proportional(Strict):
    """Successes and failures are recorded at one rate; nothing is relabelled or invented."""

    recorded: Share


class TargetDriven(Strict):
    """Successes are recorded more often than failures; some failures are relabelled, some files invented.

    `selectivity` is how far that goes, from not at all (0) to all of it (1, where nothing is said).
    """

    recorded: Share
    failures: Share
    relabelled: Share
    invented: Ratio
    selectivity: Share | None = None

    @property
    def extent(self) -> float:
        """The selectivity as a number."""
        return 1.0 if self.selectivity is None else float(self.selectivity.value)

    @property
    def in_effect(self) -> tuple[float, float, float, float]:
        """Shares of successes and of failures recorded, of these relabelled, and files invented, at its selectivity."""
        x, successes = self.extent, float(self.recorded.value)
        failures = successes ** (1.0 - x) * float(self.failures.value) ** x
        return successes, failures, x * float(self.relabelled.value), x * float(self.invented.value)


class Recording(Strict):
    """From what happens to what is recorded: two readings of the same figures (docs/model.md, Recording)."""

    reading: Literal["proportional", "target_driven"]
    proportional: Proportional
    target_driven: TargetDriven
    counts_returns: bool
    basis: Literal["dispute", "committee", "village"]


class MechanismInForce(Strict):
    """A mechanism that the place reports: its figures, and where they set a parameter of the mechanism.

    Without `coverage` it acts everywhere, without dates always. `replace` lists paths on which it overrules others.
    """

    name: Slug
    figures: dict[Slug, Quantity] = {}
    parameters: dict[Slug, Quantity] = {}
    coverage: Share | None = None
    start: date | None = None
    stop: date | None = None
    replace: list[str] = []
    note: str = ""


class Alike(Strict):
    """How far numbers of one name hang together across tiers and kinds: a correlation on the scores of their priors."""

    across: _quantity("correlation", 0.0, 0.999)  # type: ignore[valid-type]


class Place(Strict):
    """A county or town, ready to be built into a model."""

    schema_version: Literal[1]
    name: Slug
    title: Title
    about: str
    sources: dict[str, Source]
    window: Window
    population: Population
    villages: Villages
    townships: Townships
    county: County
    calendars: dict[Slug, Calendar]
    working: dict[str, Working]
    incidence: Incidence
    kinds: dict[str, KindSpec]
    character: Character
    detection: Detection
    eruption: Eruption
    tiers: Tiers
    petition: Petition
    going: Going
    agreement: Agreement
    judgment: Judgment
    unresolved: Unresolved
    recording: Recording
    targets: list[Target]
    mechanisms: list[MechanismInForce]
    facts: list[Fact] = []
    alternatives: dict[Slug, Alternative] = {}
    evidence: dict[Slug, Evidence] = {}
    alike: Alike | None = None
