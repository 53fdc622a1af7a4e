"""What `compare` prints of the record beside the truth, and of what knowledge would be worth."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.language import tr
from sim.scenario import terms
from sim.show.text.console import between, console, number, table
from sim.studies.compare.answer import Answer
from sim.studies.decision import chance
from sim.studies.record_and_truth import TARGET

MANY = 8  # policies that are shown


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table."""
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def print_target(answer: Answer) -> None:
    """What the record gains and what the truth gains, and what is left or given up; for a target alone, too."""
    if not len(answer.target):
        return
    grid = table(
        *(tr("policy"), tr("metric"), tr("baseline"), tr("difference"), tr("90 %")),
        right=(2, 3, 4),
        title=tr("What the record gains and what the truth gains"),
    )
    first = {*answer.place.labels[1 : MANY + 1], TARGET}
    for row in rows_of(answer.target):
        if row["policy"] not in first or row["by"]:
            continue
        name = tr(TARGET) if row["policy"] == TARGET else terms.policy(row["policy"])
        unit, metric = terms.unit(row["unit"], row["metric"]), terms.metric(row["metric"], row["reading"])
        grid.add_row(
            name,
            tr("{metric} ({unit})", metric=metric, unit=unit),
            number(row["baseline"]),
            number(row["difference"]),
            between(number(row["low"]), number(row["high"])),
        )
    console().print(grid)
    console().print()


def print_worth(answer: Answer) -> None:
    """What knowledge would be worth, in the objective; and which policy is best at which price of it."""
    out = console()
    for row in rows_of(answer.worth):
        out.print(
            tr(
                "To know {what} before choosing would be worth {x} {unit} of {metric}, costs left out.",
                what=tr(row["known"]),
                x=number(row["worth"]),
                unit=terms.unit(row["unit"], row["objective"]),
                metric=terms.words(row["objective"]),
            )
        )
    best = answer.over_values[answer.over_values["frontier"]]
    said = []
    last = ""
    for row in rows_of(best):
        if row["policy"] != last:
            last = row["policy"]
            said.append(
                tr(
                    "{policy} from {x} yuan (P(best) {p})",
                    policy=terms.policy(last),
                    x=number(row["yuan_per_unit"]),
                    p=chance(row["p_best"]),
                )
            )
    out.print(
        tr("By net benefit, for what one unit of the objective is worth: {list}.", list=tr("; ").join(said))
        + "\n"
    )
