"""The table of docs/sources.md: whether the prior gives what other sources observe.

    python -m sim.cli.evidence_table [PLACE] [DRAWS]

For every figure of the evidence: the share of prior draws of the place that give it inside its source's range, of those
draws in which there was a case to count. Each draw is one replication of its place under its practice.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from sim.draws import Draws
from sim.engines import compiled
from sim.model import build
from sim.outcomes.reading import read
from sim.outcomes.realised import realised
from sim.outcomes.tally import tally_of
from sim.scenario.errors import ScenarioError
from sim.scenario.evidence import REALISED_PREFIX
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.scenario.prior import drawn_measures, drawn_place
from sim.statistics.quantiles import central

PLACE, DRAWS, SEED = "liucheng", 200, 1
WANTED = 80.0  # % of draws inside


def found(place: Place, draws: int) -> dict[str, list[float]]:
    """What each of the draws gives, by figure; draws whose numbers do not fit together are left out."""
    out: dict[str, list[float]] = {}
    measures = practice(place)
    for draw in range(1, draws + 1):
        try:
            model = build(drawn_place(place, SEED, draw), drawn_measures(measures, SEED, draw))
        except ScenarioError:
            continue
        reading = read(compiled.simulate(model, Draws(SEED, draw)))
        for name, value in realised(reading, tally_of(reading, model), model):
            out.setdefault(name, []).append(value)
    return out


def rows(place: Place, draws: int) -> Iterator[tuple[str, str, str, float, str]]:
    """Figure, its source's range, the draws' median and central 90 %, percent inside, source."""
    values = found(place, draws)
    for name, evidence in place.evidence.items():
        if evidence.low is None or evidence.high is None:
            continue
        x = np.array(values[f"{REALISED_PREFIX}{name}"])
        x = x[~np.isnan(x)]
        inside = (
            100.0 * float(np.mean((x >= evidence.low) & (x <= evidence.high))) if len(x) else float("nan")
        )
        low, middle, high = central(x)
        spread = f"{middle:.3g} ({low:.3g} to {high:.3g})"
        yield name, f"{evidence.low:g} to {evidence.high:g}", spread, inside, evidence.source


def table(place: Place, draws: int) -> str:
    """The table, in Markdown."""
    lines = ["| figure | source's range | prior: median (90 %) | inside | source |", "|---|---|---|---|---|"]
    for name, span, spread, inside, source in rows(place, draws):
        mark = "" if inside >= WANTED else " (conflict)"
        lines.append(f"| `{name}` | {span} | {spread} | {inside:.0f} %{mark} | {source} |")
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Print the table."""
    name = arguments[0] if arguments else PLACE
    draws = int(arguments[1]) if len(arguments) > 1 else DRAWS
    print(table(load_place(name), draws))


if __name__ == "__main__":
    main(sys.argv[1:])
