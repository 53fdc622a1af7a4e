"""The tables that `compare` prints."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from sim.analysis.answer import Answer
from sim.analysis.margins import NOTHING
from sim.analysis.mixture import words
from sim.analysis.possible import sentences
from sim.cli.console import console, number, table
from sim.scenario.comparison import Design
from sim.scenario.place import Place

MANY = 8  # policies from which on only the objective is printed


def print_answer(answer: Answer, design: Design) -> None:
    """Print what a comparison says of a place."""
    out, place = console(), answer.place.cells[0].place
    comparison = answer.comparison
    base = answer.place.panel.policies[0]
    out.print()
    out.print(
        f"{place.title.en} {place.title.zh}, {place.window.start} to {place.window.end}; baseline: {base}"
    )
    drawn = (
        f"{(comparison.draws or 1)} parameter draws of {comparison.replications} replications each"
        if (comparison.draws or 1) > 1
        else f"{comparison.replications} replications at central values: the doubt shown is about luck only"
    )
    posterior = answer.place.cells[0].posterior
    told = "Calibrated" if posterior and comparison.draws and comparison.draws > 1 else "Uncalibrated"
    out.print(f"{told}. {drawn}. The same disputes with the same luck under every policy.\n")
    _effects(answer)
    _pairing(answer)
    metric = answer.place.panel.metrics[0]
    told = words(answer.mixture, metric, answer.place.panel.units[metric])
    if told:
        out.print(f"{told}\n")
    _loaded(answer)
    _costs(answer, place)
    _per(answer)
    _choice(answer)
    _groups(answer)
    if len(answer.break_even):
        out.print("Break-even of the assumed effects:")
        for row in _rows(answer.break_even):
            out.print(f"  {row['policy']}: {row['words']}")
        out.print()
    for (name, policy), why in design.left_out.items():
        if name == place.name:
            out.print(f"Left out: {policy} {why}.")
    _impossible(answer, design)


def _impossible(answer: Answer, design: Design) -> None:
    """Parameter draws under which a policy takes more hours than staff have."""
    counts = answer.place.impossible
    for said in sentences(counts, [p for p in counts if p not in answer.place.labels], design.draws):
        console().print(said)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _effects(answer: Answer) -> None:
    out = console()
    frame = answer.effects
    many = len(answer.place.labels) - 1 > MANY
    if many:
        first = answer.place.panel.metrics[0]
        frame = frame[frame["metric"] == first].sort_values("difference")
        unit = answer.place.panel.units[first]
        out.print(f"Only {first} ({unit}) is shown; effects.csv has all metrics.")
    grid = table(
        *("policy", "" if many else "metric", "baseline", "difference", "95 % for all", "parameters ±", ""),
        right=(2, 3, 4, 5),
    )
    for row in _rows(frame):
        spread = row["parameter_sd"]
        sure = ""
        if not math.isnan(row["margin"]):
            sure = f" (P below −{number(row['margin'])}: {row['p_below']:.0%}, above: {row['p_above']:.0%})"
        elif row["difference"] == row["low"] == row["high"] == 0:
            sure = " at all"
        elif row["verdict"] == NOTHING:
            sure = f" larger than {number(row['no_larger_than'])}"
        grid.add_row(
            row["policy"],
            "" if many else f"{row['metric']} ({row['unit']})",
            number(row["baseline"]),
            number(row["difference"]),
            f"{number(row['low'])} to {number(row['high'])}",
            "" if math.isnan(spread) else number(spread),
            f"{row['verdict']}{sure}",
        )
    out.print(grid)
    n = len(answer.effects)
    out.print(f"Intervals hold together for all {n} differences with 95 % probability.\n")


def _pairing(answer: Answer) -> None:
    objective = answer.place.panel.metrics[0]
    rows = _rows(answer.effects[answer.effects["metric"] == objective])
    told = [
        f"{row['policy']}: correlation {row['correlation']:.4f}, variance ÷ {number(row['variance_ratio'])}"
        for row in rows
        if not math.isnan(row["correlation"])
    ]
    console().print(
        f"What pairing was worth in {objective}, against independent runs: {'; '.join(told[:6])}."
    )


def _loaded(answer: Answer) -> None:
    base = (
        answer.loaded[answer.loaded["policy"] == answer.place.labels[0]]
        if len(answer.loaded)
        else answer.loaded
    )
    told = [f"{row['staff']} in {row['unit']} ({row['utilisation']:.0f} %)" for row in _rows(base)]
    if told:
        console().print(f"Most loaded under the baseline: {', '.join(told)}.\n")


def _costs(answer: Answer, place: Place) -> None:
    grid = table(
        *("policy", "hours of mechanisms", "hours on disputes", "person-years", "yuan", "yuan, hours priced"),
        right=(1, 2, 3, 4, 5),
        title="Cost in the window, beside the baseline (yuan: where a source gives money; priced: at assumed wages)",
    )
    columns = (
        "hours_of_mechanisms",
        "hours_on_disputes",
        "person_years",
        "yuan_with_a_source",
        "yuan_at_assumed_prices",
    )
    for row in _rows(answer.costs):
        grid.add_row(row["policy"], *(number(row[c]) for c in columns))
    console().print(grid)
    console().print()


def _per(answer: Answer) -> None:
    """The first metric that is a count, per head and per cost."""
    if not len(answer.per):
        return
    metric = str(answer.per["metric"].iloc[0])
    name = "days in conflict" if metric.startswith("days_in_conflict") else metric
    grid = table(
        *("policy", "per 10,000 people and year", "per 100,000 yuan, priced", "per 1,000 staff hours"),
        right=(1, 2, 3),
        title=f"Effect on {name} per head and per cost (95 %; not defined where the cost may be zero)",
    )
    for row in _rows(answer.per[answer.per["metric"] == metric])[:MANY]:
        cells = [number(row["per_10000_people_and_year"])]
        for unit in ("per_100000_yuan", "per_1000_hours"):
            low, high = row[f"{unit}_low"], row[f"{unit}_high"]
            known = f"{number(row[unit])} ({number(low)} to {number(high)})"
            cells.append("not defined" if math.isnan(low) else known)
        grid.add_row(row["policy"], *cells)
    console().print(grid)
    console().print()


def at_least_zero(estimate: float, error: float) -> str:
    """What cannot be below zero, from an estimate that luck can take there, with its 95 % half-width."""
    told = f"{number(estimate)} ± {number(1.96 * error)}"
    return told if estimate >= 0 else f"0 ({told})"


def _choice(answer: Answer) -> None:
    out, decision = console(), answer.decision
    grid = table(
        "rank",
        "policy",
        f"mean {answer.choice['objective'].iloc[0]}",
        "P(best)",
        "expected regret",
        right=(0, 2, 3, 4),
    )
    for row in _rows(answer.choice)[: MANY + 1]:
        grid.add_row(
            str(row["rank"]),
            row["policy"],
            number(row["mean"]),
            f"{row['p_best']:.0%}",
            at_least_zero(row["regret_estimate"], row["regret_se"]),
        )
    out.print(grid)
    if decision.draws > 1:
        out.print(
            f"Over {decision.draws} parameter draws the same policy is best in {decision.same_best:.0%}, and the rank "
            f"correlation with the overall order is {decision.tau:.2f}; to know the parameters would be worth "
            f"{at_least_zero(decision.perfect, float(decision.error[decision.regret.argmin()]))}."
        )
    else:
        out.print("P(best) is about luck only; --draws 40 lets the assumptions vary within their ranges.")
    for row in _rows(answer.readings):
        agreement = "" if math.isnan(row["agreement"]) else f", rank correlation {row['agreement']:.2f}"
        out.print(
            f"By the recorded success rate under {row['reading']} recording, {row['best_by_record']} would look best "
            f"({row['recorded_rate']:.1f} %, baseline {row['baseline_rate']:.1f} %); by the objective it is "
            f"{row['best_by_objective']}{agreement}."
        )
    out.print()


def _groups(answer: Answer) -> None:
    if not len(answer.groups):
        return
    out = console()
    losers = answer.groups[(answer.groups["verdict"] == "loses")]
    if not len(losers):
        out.print("No group is shown to lose (by kind, township, language or village size).\n")
        return
    grid = table("policy", "who loses", "by", "before", "more", "95 %", right=(3, 4, 5))
    for row in _rows(losers.sort_values("difference", ascending=False))[:12]:
        grid.add_row(
            row["policy"],
            f"{row['grouping'].replace('_', ' ')}: {row['group']}",
            row["metric"],
            number(row["baseline"]),
            number(row["difference"]),
            f"{number(row['low'])} to {number(row['high'])}",
        )
    out.print(grid)
    out.print()
