"""Metrics know themselves: nobody else lists them, and what they say of themselves is what outcomes give."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim
from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import build
from sim.outcomes import outcomes
from sim.outcomes.groups import GROUPINGS, group_outcomes
from sim.scenario import metrics
from sim.scenario.metrics import BORNE, KNOWN_METRICS, SERIES, TRUE
from tests.places import rich_place

SIM = Path(sim.__file__).parent
# What an engine counts for a dispute are fields of its state, whatever metrics are called.
ELSEWHERE = {SIM / "scenario" / "metrics.py", *(SIM / "engines").rglob("*.py")}
SOURCES = [path for path in sorted(SIM.rglob("*.py")) if path not in ELSEWHERE]


def listed(source: str) -> Iterator[tuple[int, set[str]]]:
    """Line and names of every tuple, list, set or dictionary that holds names of metrics, starred groups included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            inside = node.elts
        elif isinstance(node, ast.Dict):
            inside = [*(key for key in node.keys if key), *node.values]
        else:
            continue
        inside = [x for e in inside for x in (e.value.elts if _starred(e) else [e])]
        texts = {e.value for e in inside if isinstance(e, ast.Constant) and isinstance(e.value, str)}
        if names := texts & KNOWN_METRICS.keys():
            yield node.lineno, names


def _starred(node: ast.expr) -> bool:
    return isinstance(node, ast.Starred) and isinstance(node.value, ast.Tuple | ast.List | ast.Set)


def test_nobody_else_lists_metrics() -> None:
    found = [
        f"{path.relative_to(SIM)}:{line}: {', '.join(sorted(names))}"
        for path in SOURCES
        for line, names in listed(path.read_text("utf-8"))
        if len(names) >= 3
    ]
    assert not found, "say it in Metric, sim/scenario/metrics.py, instead"


@pytest.mark.parametrize(
    "source",
    [
        '("filings", "crimes", "trials")',
        'X = {*("filings", "crimes"), *["trials", "returns"]}',
        '{"filings": 1, "crimes": 2, "x": "trials"}',
    ],
)
def test_a_list_of_metrics_is_seen(source: str) -> None:
    assert max(len(names) for _, names in listed(source)) >= 3


def test_outcomes_are_broken_down_as_metrics_say() -> None:
    model, draws = build(rich_place()), Draws(3, 0)
    trace = simulator("reference")(model, draws)
    every = [o for o in outcomes(trace, model, draws) if o.layer != SERIES]
    assert {o.metric for o in every} == KNOWN_METRICS.keys()
    for outcome in every:
        metric = KNOWN_METRICS[outcome.metric]
        assert (outcome.layer, outcome.reading) == (metric.layer, "")
        assert outcome.by in ("", metric.by) and bool(outcome.group) == bool(outcome.by)
    given = {(o.metric, o.by) for o in every if o.by}
    assert given == {(m.name, m.by) for m in KNOWN_METRICS.values() if m.by}
    borne = list(group_outcomes(trace, model))
    assert {(o.metric, o.by) for o in borne} == {(m, by) for m in BORNE for by in GROUPINGS}
    assert {o.layer for o in borne} == {TRUE}


def test_selections_are_of_known_metrics_in_a_stated_order() -> None:
    for name in ("MAIN", "COMPARED", "HEADLINES", "PRECISE", "READ", "IN_RECORD"):
        chosen = getattr(metrics, name)
        assert len(chosen) == len(set(chosen)) > 1 and set(chosen) <= KNOWN_METRICS.keys(), name
    assert metrics.COMPARED[0] == metrics.OBJECTIVE
    for rank in ("compared", "followed"):
        ranks = sorted(getattr(m, rank) for m in KNOWN_METRICS.values() if getattr(m, rank))
        assert ranks == list(range(1, len(ranks) + 1)), rank
    assert all(KNOWN_METRICS[m].event is not None for m in metrics.FOLLOWED if m != metrics.BORNE_DAYS)
    assert KNOWN_METRICS["crimes"].aim == "lower" and KNOWN_METRICS["fights_stopped"].worse == -1.0
