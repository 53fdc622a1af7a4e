"""Every form of register of one county goes in by one command, and its estimates cover what happened there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines.compiled import simulate
from sim.export.formats import WRITERS, format_of
from sim.export.log import EventLog, event_log
from sim.export.register import lines
from sim.model import build
from sim.studies.fit import fit
from tests.places import rich_place


@pytest.fixture(scope="module")
def county() -> EventLog:
    model = build(rich_place(population={"persons": 20_000}, villages={"count": 12}))
    return event_log(simulate(model, Draws(11, 0)), model, known_only=True)


@pytest.mark.parametrize(("form", "suffix"), [("zongzhi", ".xlsx"), ("zongzhi", ".csv"), ("sifa", ".xlsx")])
def test_estimates_of_every_form_cover_what_happened(
    tmp_path: Path, county: EventLog, form: str, suffix: str
) -> None:
    path = tmp_path / f"register{suffix}"
    with path.open("wb") as file:
        WRITERS[format_of(path, form)](county, file)
    found = fit(path, name="nanping", persons=20_000, villages=12)
    written = lines(county)
    assert found.fitted.arrivals.total == len(written)
    estimates = {str(e.name): e for e in found.fitted.estimates}
    true: dict[str, float] = {}
    for kind, n in Counter(line.case.kind for line in written).items():
        true[f"known: {kind}"] = n / len(written)
    closed = [line for line in written if line.closed is not None]
    true["end: settled"] = sum(line.how == "settled" for line in closed) / len(closed)
    for stage, n in Counter(line.stage for line in closed).items():
        true[f"in charge at the end: {stage}"] = n / len(closed)
    # Half of all are over, open ones among them, by the median of a lognormal: it fits as well as that is the form.
    days = sorted((line.closed - line.received).days if line.closed else 10_000 for line in written)
    checked = [name for name in true if name in estimates]
    assert len(checked) > 10
    for name in checked:
        assert estimates[name].low <= true[name] <= estimates[name].high, name
    median = estimates["receipt to end: median"]
    assert 0.8 * median.low <= float(np.median(days)) <= 1.25 * median.high
    # None is so wide that it says nothing.
    assert max(estimates[name].high - estimates[name].low for name in checked) < 0.25
