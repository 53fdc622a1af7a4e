"""What an observation model needs of a replication: the outcomes of the place, and the cases as they closed."""

from __future__ import annotations

from sim.draws import Draws
from sim.model import Model
from sim.outcomes.reading import Reading, read
from sim.outcomes.realised import realised
from sim.outcomes.table import outcomes
from sim.outcomes.tally import tally_of
from sim.scenario.metrics import TRUE
from sim.scenario.place import Exactness
from sim.traces import Trace

SUCCESSES, FAILURES = "cases_succeeded", "cases_failed"
BY_COMMITTEE = "by committee"  # of a name: counted at each tier that a dispute leaves
RAISED, RESOLVED = "raised", "resolved"
FACTORS = ("recorded", "failures", "relabelled", "invented")


def factor_name(parameter: str) -> str:
    """The name under which the factor on a parameter of target-driven recording is found."""
    return f"factor {parameter}"


def figures(trace: Trace | Reading, model: Model, draws: Draws) -> dict[str, float]:
    """Outcomes of the place as a whole by metric, the true cases, and how measures bend the record.

    Nothing of the record itself is in it: what a place writes down of its cases is for an observation model.
    """
    reading = read(trace)
    tally = tally_of(reading, model)
    every = outcomes(reading, model, draws, whole_only=True)
    found = {o.metric: o.value for o in every if o.layer == TRUE and not o.by}
    for suffix, basis in (("", "dispute"), (f" {BY_COMMITTEE}", "committee")):
        cases = tally.closed(basis=basis, counts_returns=model.recording.counts_returns)
        found[SUCCESSES + suffix] = float(cases.success.sum())
        found[FAILURES + suffix] = float((~cases.success).sum())
    for target in model.place.targets:
        if target.exactness == Exactness.CENSORED:
            since = (target.since - model.first_day).days * 1440 if target.since else 0
            raised, resolved = tally.joint_matters(since)
            found[RAISED], found[RESOLVED] = float(raised), float(resolved)
    found |= dict(realised(reading, tally, model))
    for name in FACTORS:
        before = float(getattr(model.place.recording.target_driven, name).value)
        after = float(getattr(model.recording.target_driven, name).value)
        found[factor_name(name)] = after / before if before else 1.0
    return found
