"""From a trace to outcomes: what happened, and what the place would have recorded of it."""

from sim.outcomes.table import COLUMNS, Outcome, outcomes

__all__ = ["COLUMNS", "Outcome", "outcomes"]
