"""In what policies differ from their baseline: measures, what of them is assumed, and what is dropped unsaid."""

from __future__ import annotations

from collections.abc import Sequence

from sim.scenario.comparison import Cell
from sim.scenario.policies import head
from sim.scenario.policy import Measure
from sim.scenario.quantity import Status
from sim.studies.multiplier import effect_parameters


def varied(cell: Cell, baseline: Cell) -> tuple[Measure, ...]:
    """The measures in which two policies differ, of both."""
    there, here = set(map(_text, baseline.measures)), set(map(_text, cell.measures))
    return tuple(m for m in (*cell.measures, *baseline.measures) if (_text(m) in there) != (_text(m) in here))


def _text(measure: Measure) -> str:
    return measure.model_dump_json()


def is_null(cell: Cell, baseline: Cell) -> bool:
    """Whether a policy differs from its baseline in nothing that acts or costs: no strength, no people, nowhere."""
    return not any(_acts(measure, cell) for measure in varied(cell, baseline))


def _acts(measure: Measure, cell: Cell) -> bool:
    if measure.strength == 0.0 or measure.coverage.share == 0.0:
        return False
    made = measure.built()
    return any(True for _ in made.edits(cell.place)) or any(True for _ in made.uses(cell.place))


def assumed(cell: Cell, baseline: Cell) -> tuple[str, ...]:
    """Mechanisms in which a policy differs from the baseline and whose effect no source reports."""
    out = []
    for measure in varied(cell, baseline):
        found = effect_parameters(measure, cell.place).values()
        if any(q.status is Status.ASSUMED for q in found):
            out.append(measure.mechanism)
    return tuple(dict.fromkeys(out))


def taken_away_by(cell: Cell, baseline: Cell) -> tuple[str, ...]:
    """Mechanisms of the baseline that a policy file, named without a sign, drops without saying so."""
    return dropped(
        cell.expression, [m.mechanism for m in cell.measures], [m.mechanism for m in baseline.measures]
    )


def dropped(expression: str, mine: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    """What of the mechanisms that are there an expression leaves out, if it begins with the name of a policy file."""
    if not head(expression):
        return ()
    return tuple(name for name in dict.fromkeys(there) if name not in mine and f"-{name}" not in expression)
