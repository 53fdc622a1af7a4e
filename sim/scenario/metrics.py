"""The outcomes that the program can compute: what targets, tables, figures and searches may name.

A metric knows what a table, a figure or a sum needs to know of it; no other module lists metrics by name. The order is
that of a dispute's life, and of the tables that show them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sim.vocabulary import Eruption, EventKind

READINGS = ("proportional", "target_driven")  # of the record: whether it was made to look well
TRUE, RECORDED = "true", "recorded"  # layers: what happened, and what the place writes down of it
SERIES = "series"  # the layer of curves, which only figures read
Total = Literal["sum", "ratio of sums", "weighted mean", "largest"]


class Column(NamedTuple):
    """What a number is: the labels that every table of outcomes has as columns, in this order.

    `layer` is `true`, `recorded`, or `series` (a curve: `x` is its day). `reading` is the reading of the record, where
    a recorded value was computed under each; empty for what happened, and for the record as the place keeps it. `by`
    says what the metric is broken down by (tier, step, staff, kind, township, language, village_size, or a staff group
    whose townships are the groups) and `group` which of these; both are empty for the place as a whole.
    """

    metric: str
    layer: str = TRUE
    reading: str = ""
    by: str = ""
    group: str = ""
    x: float | None = None

    @property
    def whole(self) -> bool:
        """Whether it is about the place as a whole."""
        return not self.by and self.x is None

    @property
    def labels(self) -> dict[str, str]:
        """The labels by name, as a row of a table has them."""
        return dict(zip(LABELS, self[:5], strict=True))


LABELS = Column._fields[:5]


@dataclass(frozen=True)
class Metric:
    """One outcome.

    `by` says what it is also given for, besides the place as a whole. `better` is the direction in which it is good,
    empty where neither is. `total` says how the number of several counties, or of the parts of one, comes from theirs;
    `per` is what a ratio or mean is weighted by then: a metric, or a denominator of sim/studies/nation. `event`
    is what one of it is in a trace, for those that can be counted village by village (with one of `details`).
    """

    name: str
    unit: str
    about: str
    by: Literal["", "tier", "step", "kind", "staff"] = ""
    layer: Literal["true", "recorded"] = "true"
    better: Literal["", "lower", "higher"] = ""
    total: Total = "sum"
    per: str = ""
    event: EventKind | None = None
    details: tuple[Eruption, ...] = ()
    main: bool = False  # in the table that `run` prints
    compared: int = 0  # its place among those that `compare` shows unless told otherwise; 0: not shown
    headline: bool = False  # of the few by which parameters are judged: `sensitivity`, further figures
    precise: bool = False  # `--precision` looks at it unless told otherwise
    followed: int = 0  # its place among those that `before-after` counts
    borne: bool = False  # `compare` says who bears it: by kind, township, language and size of the village
    read: bool = False  # found under each reading of the record

    @property
    def summed(self) -> bool:
        """Whether the number of a whole is the sum of those of its parts."""
        return self.total == "sum"

    @property
    def aim(self) -> Literal["lower", "higher"]:
        """What a choice by this metric looks for: the better direction; the lower, where neither is."""
        return self.better or "lower"

    @property
    def worse(self) -> float:
        """The sign that turns the metric into something to be made small: 1, or -1 where more is better."""
        return -1.0 if self.aim == "higher" else 1.0

    def columns(self) -> tuple[Column, ...]:
        """Of the place as a whole: one key, or one for each reading of the record."""
        readings = READINGS if self.read else ("",)
        return tuple(Column(self.name, self.layer, reading) for reading in readings)


_PER_YEAR = "per 10,000 persons per year"
_RATIO: Total = "ratio of sums"
_MEAN: Total = "weighted mean"

# fmt: off
_METRICS = (
    Metric("latent_disputes", "count", "grievances that arise, known or not", main=True),
    Metric("known_disputes", "count", "disputes that become known to anybody in charge",
           by="kind", event=EventKind.KNOWN, main=True, followed=5),
    Metric("known_share", "%", "disputes that become known, out of those known or ended unseen",
           better="higher", total=_RATIO, per="known_or_unseen", main=True),
    Metric("found_by_rounds", "count", "disputes found by screening and household visits"),
    Metric("found_by_police", "count", "disputes found by police visits"),
    Metric("screened", "count", "disputes that the place's record counts as found",
           layer="recorded", main=True),
    Metric("mediated", "count", "closed cases in the place's record", layer="recorded", main=True, read=True),
    Metric("succeeded", "count", "recorded cases that the record calls successful",
           layer="recorded", main=True, read=True),
    Metric("success_rate", "%", "succeeded out of mediated, as recorded",
           layer="recorded", total=_RATIO, per="mediated", main=True, compared=7, precise=True, read=True),
    Metric("true_success_rate", "%", "success of closed cases as it is, not as it is recorded",
           better="higher", total=_RATIO, per="cases", main=True, compared=6, headline=True),
    Metric("entered", "count", "disputes that enter at a tier from outside", by="tier"),
    Metric("passed_up", "count", "disputes passed from one tier to a higher one, by step", by="step"),
    Metric("settled_share", "%", "known disputes that are settled at a tier, out of those ended",
           by="tier", total=_RATIO, per="closings"),
    Metric("village_settled_share", "%", "known disputes settled in hamlet or village, of those ended",
           better="higher", total=_RATIO, per="closings", main=True),
    Metric("nothing_passed_up_share", "%", "ended disputes that no county office or court ever saw",
           better="higher", total=_RATIO, per="closings", main=True),
    Metric("handled_on_the_spot", "count", "disputes settled in hamlet or village at the first visit",
           better="higher", main=True),
    Metric("handled_share", "%", "handled on the spot, of those that hamlet or village took in",
           better="higher", total=_MEAN, per="known_disputes"),
    Metric("joint_matters", "count", "matters passed up to the county departments"),
    Metric("joint_resolved", "count", "matters of several departments settled at the county"),
    Metric("joint_resolved_share", "%", "matters passed up to the departments in the window that are settled there",
           better="higher", total=_MEAN, per="joint_matters"),
    Metric("ended_settled", "count", "disputes settled by mediation", by="tier"),
    Metric("ended_adjudicated", "count", "disputes ended by a judgment", by="tier"),
    Metric("ended_decided", "count", "disputes ended by a government decision or arbitration", by="tier"),
    Metric("ended_self_settled", "count", "known disputes that the parties settle themselves", by="tier"),
    Metric("ended_withdrawn", "count", "known disputes withdrawn by a party", by="tier"),
    Metric("ended_lumped", "count", "known disputes that a party gives up unsettled", by="tier"),
    Metric("time_to_settlement_mean", "days", "mean time from known to resolved: Kaplan–Meier, up to the longest seen",
           by="kind", better="lower", total=_MEAN, per="known_disputes", main=True, precise=True),
    Metric("time_to_settlement_median", "days", "time from known by which half are resolved: Kaplan–Meier",
           by="kind", better="lower", total=_MEAN, per="known_disputes", main=True),
    Metric("time_to_settlement_p90", "days", "time from known by which 90 % are resolved: Kaplan–Meier",
           by="kind", better="lower", total=_MEAN, per="known_disputes", main=True),
    Metric("days_in_conflict_per_1000", "days", "days in conflict per 1,000 persons per year",
           better="lower", total=_RATIO, per="persons", main=True, compared=1, headline=True, precise=True),
    Metric("backlog", "count", "disputes still open at the end of the window",
           by="tier", better="lower", main=True),
    Metric("backlog_age", "days", "mean age of the open disputes at the end of the window",
           better="lower", total=_RATIO, per="backlog", main=True),
    Metric("deadline_breaches", "count", "time limits of a tier that passed",
           by="tier", better="lower", main=True),
    Metric("filings", "count", "suits filed",
           better="lower", event=EventKind.FILED, main=True, precise=True, followed=1, borne=True),
    Metric("filings_per_10000", _PER_YEAR, "suits filed per head",
           better="lower", total=_RATIO, per="persons", main=True, compared=2, headline=True),
    Metric("trials", "count", "suits that end with a judgment", better="lower"),
    Metric("trials_per_10000", _PER_YEAR, "judgments per head",
           better="lower", total=_RATIO, per="persons", main=True),
    Metric("petitions", "count", "petitions lodged, repeats included",
           better="lower", event=EventKind.PETITION, main=True, followed=4, borne=True),
    Metric("petition_repeats", "count", "petitions that repeat an earlier one", better="lower", main=True),
    Metric("petitions_per_1000", "per 1,000 persons per year", "petitions per head",
           better="lower", total=_RATIO, per="persons", compared=5),
    Metric("villages_without_petition", "count", "villages from which nobody petitioned",
           better="higher", main=True),
    Metric("eruptions", "count", "fights and crimes out of a dispute",
           better="lower", event=EventKind.ERUPTION, main=True, compared=3, headline=True, followed=2, borne=True),
    Metric("fights_stopped", "count", "fights intercepted before harm is done", better="higher", main=True),
    Metric("crimes", "count", "crimes out of a dispute",
           better="lower", event=EventKind.ERUPTION, details=(Eruption.CRIME, Eruption.CRIME_STOPPED),
           main=True, compared=4, followed=3),
    Metric("villages_without_crime", "count", "villages without a crime out of a dispute",
           better="higher", main=True),
    Metric("confirmations", "count", "agreements that the court confirms, so that they can be enforced", main=True),
    Metric("breaches", "count", "agreements that are not kept", better="lower", main=True),
    Metric("returns", "count", "disputes that return after a breach", better="lower", main=True),
    Metric("breach_share", "%", "agreements not kept, out of all agreements",
           better="lower", total=_RATIO, per="agreements", main=True),
    Metric("self_settled", "count", "disputes that the parties settle themselves, known or not", main=True),
    Metric("lumped", "count", "disputes given up unsettled, known or not", better="lower", main=True),
    Metric("withdrawn", "count", "disputes withdrawn by a party", main=True),
    Metric("utilisation", "%", "share of the hours available for disputes that is used",
           by="staff", total=_RATIO, per="available_hours"),
    Metric("utilisation_busiest", "%", "the same for the busiest unit of a staff group",
           by="staff", total="largest"),
    Metric("queue_length", "disputes", "mean number of disputes that wait", by="staff", better="lower"),
    Metric("wait_days", "days", "mean wait for a session, of waits that ended",
           by="staff", better="lower", total=_MEAN, per="staff_hours"),
    Metric("staff_hours", "hours", "working hours spent on disputes", by="staff"),
    Metric("staff_hours_total", "hours", "working hours spent on disputes by all staff",
           better="lower", main=True, compared=8),
)
# fmt: on
KNOWN_METRICS: dict[str, Metric] = {m.name: m for m in _METRICS}
CONFLICT = "days_in_conflict_per_1000"
OBJECTIVE = CONFLICT  # what policies are judged by unless told otherwise
BORNE_DAYS = "days_in_conflict"  # its days, where each dispute or village has its own


def named(chosen: Iterable[Metric]) -> tuple[str, ...]:
    """The names of metrics."""
    return tuple(m.name for m in chosen)


MAIN = named(m for m in _METRICS if m.main)
COMPARED = named(sorted((m for m in _METRICS if m.compared), key=lambda m: m.compared))
FOLLOWED = (*named(sorted((m for m in _METRICS if m.followed), key=lambda m: m.followed)), BORNE_DAYS)
HEADLINES = named(m for m in _METRICS if m.headline)
PRECISE = named(m for m in _METRICS if m.precise)
IN_RECORD = named(m for m in _METRICS if m.layer == RECORDED)
READ = named(m for m in _METRICS if m.read)
BORNE = (BORNE_DAYS, *named(m for m in _METRICS if m.borne))
