"""Before and after a date: what a county sees when a policy starts, and what it would have seen without it."""

from sim.studies.before_after.found import BeforeAfter, changes
from sim.studies.before_after.periods import (
    RUNS,
    Change,
    Compared,
    Periods,
    Verdict,
    against_others,
    against_trend,
    change,
    periods,
    stretched,
    verdict,
)
from sim.studies.before_after.plan import BeforeAfterPlan, before_after, plan

__all__ = [
    "RUNS",
    "BeforeAfter",
    "BeforeAfterPlan",
    "Change",
    "Compared",
    "Periods",
    "Verdict",
    "against_others",
    "against_trend",
    "before_after",
    "change",
    "changes",
    "periods",
    "plan",
    "stretched",
    "verdict",
]
