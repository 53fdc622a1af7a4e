"""The outcomes that the program can compute, with unit and meaning: what targets and reports may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """One outcome. `by` says what it is also given for, besides the place as a whole."""

    name: str
    unit: str
    layer: Literal["true", "recorded"]
    by: Literal["", "tier", "kind", "staff"]
    about: str


_PER_YEAR = "per 10,000 persons per year"

_METRICS = (
    Metric("screened", "count", "recorded", "", "disputes that the place's record counts as found"),
    Metric("mediated", "count", "recorded", "", "closed cases in the place's record"),
    Metric("succeeded", "count", "recorded", "", "recorded cases that the record calls successful"),
    Metric("success_rate", "%", "recorded", "", "succeeded out of mediated, as recorded"),
    Metric("latent_disputes", "count", "true", "", "grievances that arise, known or not"),
    Metric("known_disputes", "count", "true", "kind", "disputes that become known to anybody in charge"),
    Metric("known_share", "%", "true", "", "disputes that become known, out of those known or ended unseen"),
    Metric("entered", "count", "true", "tier", "disputes that enter at a tier from outside"),
    Metric("passed_up", "count", "true", "tier", "disputes passed from one tier to a higher one, by step"),
    Metric(
        "settled_share", "%", "true", "tier", "known disputes that are settled at a tier, out of those ended"
    ),
    Metric(
        "village_settled_share",
        "%",
        "true",
        "",
        "known disputes settled in hamlet or village, of those ended",
    ),
    Metric(
        "nothing_passed_up_share", "%", "true", "", "ended disputes that no county office or court ever saw"
    ),
    Metric("true_success_rate", "%", "true", "", "success of closed cases as it is, not as it is recorded"),
    Metric("ended_settled", "count", "true", "tier", "disputes settled by mediation"),
    Metric("ended_adjudicated", "count", "true", "tier", "disputes ended by a judgment"),
    Metric(
        "ended_decided", "count", "true", "tier", "disputes ended by a government decision or arbitration"
    ),
    Metric(
        "ended_self_settled", "count", "true", "tier", "known disputes that the parties settle themselves"
    ),
    Metric("ended_withdrawn", "count", "true", "tier", "known disputes withdrawn by a party"),
    Metric("ended_lumped", "count", "true", "tier", "known disputes that a party gives up unsettled"),
    Metric("time_to_settlement_mean", "days", "true", "kind", "mean time from becoming known to the end"),
    Metric("time_to_settlement_median", "days", "true", "kind", "median time from becoming known to the end"),
    Metric("time_to_settlement_p90", "days", "true", "kind", "time within which 90 % of disputes end"),
    Metric("days_in_conflict_per_1000", "days", "true", "", "days in conflict per 1,000 persons per year"),
    Metric("backlog", "count", "true", "tier", "disputes still open at the end of the window"),
    Metric("backlog_age", "days", "true", "", "mean age of the open disputes at the end of the window"),
    Metric("deadline_breaches", "count", "true", "tier", "time limits of a tier that passed"),
    Metric("filings", "count", "true", "", "suits filed"),
    Metric("filings_per_10000", _PER_YEAR, "true", "", "suits filed per head"),
    Metric("trials", "count", "true", "", "suits that end with a judgment"),
    Metric("trials_per_10000", _PER_YEAR, "true", "", "judgments per head"),
    Metric("petitions", "count", "true", "", "petitions lodged, repeats included"),
    Metric("petition_repeats", "count", "true", "", "petitions that repeat an earlier one"),
    Metric("petitions_per_1000", "per 1,000 persons per year", "true", "", "petitions per head"),
    Metric("eruptions", "count", "true", "", "fights and crimes out of a dispute"),
    Metric("fights_stopped", "count", "true", "", "fights intercepted before harm is done"),
    Metric("crimes", "count", "true", "", "crimes out of a dispute"),
    Metric("villages_without_petition", "count", "true", "", "villages from which nobody petitioned"),
    Metric("villages_without_crime", "count", "true", "", "villages without a crime out of a dispute"),
    Metric("breaches", "count", "true", "", "agreements that are not kept"),
    Metric("breach_share", "%", "true", "", "agreements not kept, out of all agreements"),
    Metric("returns", "count", "true", "", "disputes that return after a breach"),
    Metric("utilisation", "%", "true", "staff", "share of the hours available for disputes that is used"),
    Metric("utilisation_busiest", "%", "true", "staff", "the same for the busiest unit of a staff group"),
    Metric("queue_length", "disputes", "true", "staff", "mean number of disputes that wait"),
    Metric("wait_days", "days", "true", "staff", "mean wait for a session, of waits that ended"),
    Metric("staff_hours", "hours", "true", "staff", "working hours spent on disputes"),
    Metric("staff_hours_total", "hours", "true", "", "working hours spent on disputes by all staff"),
    Metric("found_by_rounds", "count", "true", "", "disputes found by screening and household visits"),
    Metric("found_by_police", "count", "true", "", "disputes found by police visits"),
    Metric(
        "handled_on_the_spot", "count", "true", "", "disputes settled in hamlet or village at the first visit"
    ),
    Metric("joint_matters", "count", "true", "", "matters passed up to the county departments"),
    Metric("joint_resolved", "count", "true", "", "matters of several departments settled at the county"),
    Metric("handled_share", "%", "true", "", "handled on the spot, of those that hamlet or village took in"),
    Metric(
        "joint_resolved_share",
        "%",
        "true",
        "",
        "matters passed up to the departments in the window that are settled there",
    ),
    Metric("self_settled", "count", "true", "", "disputes that the parties settle themselves, known or not"),
    Metric("lumped", "count", "true", "", "disputes given up unsettled, known or not"),
    Metric("withdrawn", "count", "true", "", "disputes withdrawn by a party"),
)
KNOWN_METRICS: dict[str, Metric] = {m.name: m for m in _METRICS}
