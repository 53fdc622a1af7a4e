"""What `compare` prints of the record beside the truth, and of what knowledge would be worth."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.language import marked, shown, tr
from sim.scenario import terms
from sim.show.text.console import between, console, number, table
from sim.studies.compare.answer import Answer
from sim.studies.decision import chance
from sim.studies.record_and_truth import TARGET
from sim.studies.study_value import EVERYTHING, READING
from sim.studies.study_words import sized

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
    """Net benefits at stated values, what a study would tell, and which policy is best at which worth of a unit."""
    _net(answer)
    _studies(answer)
    out = console()
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


def _net(answer: Answer) -> None:
    """Net benefit beside the baseline, where outcomes have values."""
    if not len(answer.net):
        return
    unit = tr(str(answer.net["unit"].iloc[0]))
    grid = table(
        *(tr("policy"), tr("cost"), tr("net benefit"), tr("90 %"), tr("P(above nothing)"), tr("P(highest)")),
        tr("expected loss"),
        right=(1, 2, 3, 4, 5, 6),
        title=tr("Net benefit in the window beside the baseline, at the stated values ({unit})", unit=unit),
    )
    for row in rows_of(answer.net.sort_values("net_benefit", ascending=False))[: MANY + 1]:
        base = row["policy"] == answer.place.labels[0]
        grid.add_row(
            terms.policy(row["policy"]),
            number(row["cost"]),
            number(row["net_benefit"]),
            "" if base else between(number(row["low"]), number(row["high"])),
            "" if base else chance(row["p_above_nothing"]),
            chance(row["p_highest"]),
            number(row["expected_loss"]),
        )
    console().print(grid)
    console().print()


def _studies(answer: Answer) -> None:
    """What a study would tell: of what is known wholly, and of studies at their best size, or a usual one."""
    if not len(answer.worth):
        return
    first = rows_of(answer.worth)[0]
    priced = bool(len(answer.net))
    unit = tr(first["unit"]) if priced else terms.unit(first["unit"], first["objective"])
    grid = table(
        *(
            tr("to know or do before the choice"),
            tr("worth ({unit})", unit=unit),
            tr("cost (yuan)"),
            tr("net"),
        ),
        right=(1, 2, 3),
        title=tr("What a study would tell"),
    )
    if priced and len(answer.studies):
        grid.columns[2].header = tr("cost ({unit})", unit=unit)

    hidden = 0
    for row in rows_of(answer.worth):
        if not row["told"] and row["known"] not in (READING, EVERYTHING):
            hidden += 1
            continue
        grid.add_row(tr("to know {what}", what=tr(row["known"])), number(row["worth"]), "", "")
    for row in rows_of(answer.studies[answer.studies["best"]]) if len(answer.studies) else []:
        if not row["told"] and row["worth"] > 0:
            hidden += 1
            continue
        net = number(row["net_benefit"]) if priced else ""
        what = shown(sized(row["study"], int(row["size"])))
        grid.add_row(what, number(row["worth"]), number(row["cost"]), net)
    out = console()
    out.print(grid)
    said = marked(
        "Worth: how much better the choice would be on average, in {metric}, costs of policies left out; "
        "--value puts it into yuan."
    )
    if hidden:
        less = marked(
            "{n} further rows are left out: what they seem to be worth is no more than chance would make."
        )
        out.print(tr(less, n=hidden))
    if not priced:
        out.print(tr(said, metric=terms.words(first["objective"])))
    out.print()
