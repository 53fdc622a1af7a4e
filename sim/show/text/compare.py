"""The tables that `compare` prints."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from sim.language import joined, marked, shown, tr
from sim.scenario import terms
from sim.scenario.comparison import Design
from sim.scenario.metrics import CONFLICT
from sim.scenario.place import Place
from sim.show.text.console import between, console, number, table
from sim.statistics.margins import Finding
from sim.studies.answer import Answer
from sim.studies.compare import PoliciesCompared
from sim.studies.comparison import VERDICTS
from sim.studies.mixture import words
from sim.studies.panel import about, columns_in
from sim.studies.possible import sentences

MANY = 8  # policies from which on only the objective is printed


def print_comparison(study: PoliciesCompared) -> None:
    """Print what a comparison says, place by place."""
    for answer in study.answers:
        print_answer(answer, study.design)


def print_answer(answer: Answer, design: Design) -> None:
    """Print what a comparison says of a place."""
    out, place = console(), answer.place.cells[0].place
    comparison = answer.comparison
    base = answer.place.panel.policies[0]
    out.print()
    window = place.window
    about = {"place": terms.title(place.title), "start": window.start, "end": window.end}
    out.print(tr("{place}, {start} to {end}; baseline: {policy}", **about, policy=terms.policy(base)))
    n, draws = comparison.replications, comparison.draws or 1
    drawn = (
        tr("{draws} parameter draws of {n} replications each.", draws=draws, n=n)
        if draws > 1
        else tr("{n} replications at central values: the doubt shown is about luck only.", n=n)
    )
    posterior = answer.place.cells[0].posterior
    calibrated = tr("Calibrated.") if posterior and draws > 1 else tr("Uncalibrated.")
    same = tr("The same disputes with the same luck under every policy.")
    out.print(f"{joined(calibrated, drawn, same)}\n")
    _effects(answer)
    _pairing(answer)
    said = words(answer.mixture, answer.place.panel.columns[0])
    if said:
        out.print(f"{shown(said)}\n")
    _loaded(answer)
    _costs(answer, place)
    _per(answer)
    _choice(answer)
    _groups(answer)
    if len(answer.break_even):
        out.print(tr("Break-even of the assumed effects:"))
        for row in _rows(answer.break_even):
            out.print(
                tr("  {policy}: {words}", policy=terms.policy(row["policy"]), words=shown(row["words"]))
            )
        out.print()
    for (name, policy), why in design.left_out.items():
        if name == place.name:
            out.print(tr("Left out: {policy} {why}.", policy=terms.policy(policy), why=shown(why)))
    _impossible(answer, design)


def _impossible(answer: Answer, design: Design) -> None:
    """Parameter draws under which a policy takes more hours than staff have."""
    counts = answer.place.impossible
    for said in sentences(counts, [p for p in counts if p not in answer.place.labels], design.draws):
        console().print(shown(said))


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _effects(answer: Answer) -> None:
    out = console()
    frame = answer.effects
    many = len(answer.place.labels) - 1 > MANY
    if many:
        first = answer.place.panel.columns[0]
        frame = about(frame, first).sort_values("difference")
        unit = terms.unit_of(first.metric)
        said = marked("Only {metric} ({unit}) is shown; effects.csv has all metrics.")
        out.print(tr(said, metric=terms.metric(first.metric, first.reading), unit=unit))
    grid = table(
        *(tr("policy"), "" if many else tr("metric"), tr("baseline"), tr("difference"), tr("95 % for all")),
        *(tr("parameters ±"), ""),
        right=(2, 3, 4, 5),
    )
    for row in _rows(frame):
        spread = row["parameter_sd"]
        sure = ""
        if not math.isnan(row["margin"]):
            sure = tr(
                " (P below −{x}: {below:.0%}, above: {above:.0%})",
                x=number(row["margin"]),
                below=row["p_below"],
                above=row["p_above"],
            )
        elif row["difference"] == row["low"] == row["high"] == 0:
            sure = tr(" at all")
        elif row["verdict"] == VERDICTS[Finding.UNRESOLVED]:
            sure = tr(" larger than {x}", x=number(row["no_larger_than"]))
        unit, metric = terms.unit(row["unit"], row["metric"]), terms.metric(row["metric"], row["reading"])
        grid.add_row(
            terms.policy(row["policy"]),
            "" if many else tr("{metric} ({unit})", metric=metric, unit=unit),
            number(row["baseline"]),
            number(row["difference"]),
            between(number(row["low"]), number(row["high"])),
            "" if math.isnan(spread) else number(spread),
            f"{tr(row['verdict'])}{sure}",
        )
    out.print(grid)
    n = len(answer.effects)
    out.print(tr("Intervals hold together for all {n} differences with 95 % probability.", n=n) + "\n")


def _pairing(answer: Answer) -> None:
    objective = answer.place.panel.columns[0]
    rows = _rows(about(answer.effects, objective))
    said = [
        tr(
            "{policy}: correlation {r:.4f}, variance ÷ {x}",
            policy=terms.policy(row["policy"]),
            r=row["correlation"],
            x=number(row["variance_ratio"]),
        )
        for row in rows
        if not math.isnan(row["correlation"])
    ]
    worth = marked("What pairing was worth in {objective}, against independent runs: {list}.")
    name = terms.metric(objective.metric, objective.reading)
    console().print(tr(worth, objective=name, list=tr("; ").join(said[:6])))


def _loaded(answer: Answer) -> None:
    base = (
        answer.loaded[answer.loaded["policy"] == answer.place.labels[0]]
        if len(answer.loaded)
        else answer.loaded
    )
    said = [
        tr(
            "{staff} in {unit} ({x:.0f} %)",
            staff=terms.staff(row["staff"]),
            unit=terms.named(row["unit"]),
            x=row["utilisation"],
        )
        for row in _rows(base)
    ]
    if said:
        console().print(tr("Most loaded under the baseline: {list}.", list=tr(", ").join(said)) + "\n")


def _costs(answer: Answer, place: Place) -> None:
    grid = table(
        *(tr("policy"), tr("hours of mechanisms"), tr("hours on disputes"), tr("person-years"), tr("yuan")),
        tr("yuan, hours priced"),
        right=(1, 2, 3, 4, 5),
        title=tr(
            "Cost in the window, beside the baseline (yuan: where a source gives money; priced: at assumed wages)"
        ),
    )
    columns = (
        "hours_of_mechanisms",
        "hours_on_disputes",
        "person_years",
        "yuan_with_a_source",
        "yuan_at_assumed_prices",
    )
    for row in _rows(answer.costs):
        grid.add_row(terms.policy(row["policy"]), *(number(row[c]) for c in columns))
    console().print(grid)
    console().print()


def _per(answer: Answer) -> None:
    """The first metric that is a count, per head and per cost."""
    if not len(answer.per):
        return
    first = columns_in(answer.per)[0]
    count = terms.metric(first.metric, first.reading)
    name = tr("days in conflict") if first.metric == CONFLICT else count
    grid = table(
        *(tr("policy"), tr("per 10,000 people and year"), tr("per 100,000 yuan, priced")),
        tr("per 1,000 staff hours"),
        right=(1, 2, 3),
        title=tr(
            "Effect on {metric} per head and per cost (95 %; not defined where the cost may be zero)",
            metric=name,
        ),
    )
    for row in _rows(about(answer.per, first))[:MANY]:
        cells = [number(row["per_10000_people_and_year"])]
        for unit in ("per_100000_yuan", "per_1000_hours"):
            low, high = row[f"{unit}_low"], row[f"{unit}_high"]
            known = tr("{x} ({low} to {high})", x=number(row[unit]), low=number(low), high=number(high))
            cells.append(tr("not defined") if math.isnan(low) else known)
        grid.add_row(terms.policy(row["policy"]), *cells)
    console().print(grid)
    console().print()


def at_least_zero(estimate: float, error: float) -> str:
    """What cannot be below zero, from an estimate that luck can take there, with its 95 % half-width."""
    told = f"{number(estimate)} ± {number(1.96 * error)}"
    return told if estimate >= 0 else f"0 ({told})"


def _choice(answer: Answer) -> None:
    out, decision = console(), answer.decision
    first = answer.choice.iloc[0]
    objective = terms.metric(str(first["objective"]), str(first["reading"]))
    grid = table(
        *(
            tr("rank"),
            tr("policy"),
            tr("mean {metric}", metric=objective),
            tr("P(best)"),
            tr("expected regret"),
        ),
        right=(0, 2, 3, 4),
    )
    for row in _rows(answer.choice)[: MANY + 1]:
        grid.add_row(
            str(row["rank"]),
            terms.policy(row["policy"]),
            number(row["mean"]),
            f"{row['p_best']:.0%}",
            at_least_zero(row["regret_estimate"], row["regret_se"]),
        )
    out.print(grid)
    if decision.draws > 1:
        out.print(
            tr(
                "Over {draws} parameter draws the same policy is best in {share:.0%}, and the rank correlation with "
                "the overall order is {tau:.2f}; to know the parameters would be worth {x}.",
                draws=decision.draws,
                share=decision.same_best,
                tau=decision.tau,
                x=at_least_zero(decision.perfect, float(decision.error[decision.regret.argmin()])),
            )
        )
    else:
        out.print(tr("P(best) is about luck only; --draws 40 lets the assumptions vary within their ranges."))
    for row in _rows(answer.readings):
        tau = row["agreement"]
        out.print(
            tr(
                "By the recorded success rate under {reading} recording, {best} would look best ({rate:.1f} %, "
                "baseline {base:.1f} %); by the objective it is {truly}{agreement}.",
                reading=terms.reading(row["reading"]),
                best=terms.policy(row["best_by_record"]),
                rate=row["recorded_rate"],
                base=row["baseline_rate"],
                truly=terms.policy(row["best_by_objective"]),
                agreement="" if math.isnan(tau) else tr(", rank correlation {tau:.2f}", tau=tau),
            )
        )
    out.print()


def _groups(answer: Answer) -> None:
    if not len(answer.groups):
        return
    out = console()
    losers = answer.groups[(answer.groups["verdict"] == "loses")]
    if not len(losers):
        out.print(tr("No group is shown to lose (by kind, township, language or village size).") + "\n")
        return
    columns = (tr("policy"), tr("who loses"), tr("by"), tr("before"), tr("more"), tr("95 %"))
    grid = table(*columns, right=(3, 4, 5))
    for row in _rows(losers.sort_values("difference", ascending=False))[:12]:
        grid.add_row(
            terms.policy(row["policy"]),
            tr(
                "{grouping}: {group}",
                grouping=terms.words(row["by"]),
                group=terms.named(row["group"]),
            ),
            terms.metric(row["metric"]),
            number(row["baseline"]),
            number(row["difference"]),
            between(number(row["low"]), number(row["high"])),
        )
    out.print(grid)
    out.print()
