"""The figures of a place that are watched: those that were fitted, and the true rate beside them."""

from __future__ import annotations

from sim.language import Message, Text
from sim.outcomes.figures import RAISED, RESOLVED
from sim.scenario.metrics import IN_RECORD
from sim.scenario.place import Exactness, Place
from sim.studies.calibration.observe import calibrated
from sim.studies.calibration.record import MEDIATED, SCREENED, SUCCEEDED
from sim.studies.calibration.waves import recorded_name

TRUE_RATE = "true_success_rate"


def watched(place: Place) -> dict[str, Text]:
    """Figures that are checked, as they are named among those of a replication, with what is reported of each."""
    out: dict[str, Text] = {}
    for target in calibrated(place):
        shown = (
            f"{target.value:g}"
            if target.exactness != Exactness.BETWEEN
            else f"{target.value:g}–{target.high:g}"
        )
        sign = {Exactness.AT_LEAST: "≥ ", Exactness.AT_MOST: "≤ "}.get(target.exactness, "")
        if target.metric in IN_RECORD:
            out[recorded_name(MEDIATED if target.metric == SCREENED else target.metric)] = sign + shown
        elif target.exactness == Exactness.CENSORED:
            out[RAISED] = f"≥ {target.of}"
            out[RESOLVED] = Message("{x:g} % of {n}, others open", x=target.value, n=target.of)
        else:
            out[target.metric] = sign + shown
    if any(name.startswith("recorded ") for name in out):
        out.setdefault(recorded_name(SUCCEEDED), "")
        out.setdefault(recorded_name("success_rate"), "")
    return {**out, TRUE_RATE: Message("not reported")}
