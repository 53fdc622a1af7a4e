"""The tables that `compare` prints."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from sim.language import joined, marked, shown, tr
from sim.scenario import terms
from sim.scenario.comparison import Design
from sim.scenario.metrics import CONFLICT
from sim.show.text.compared_worth import print_target, print_worth
from sim.show.text.console import between, console, number, table
from sim.statistics.margins import Finding
from sim.studies.compare import PoliciesCompared
from sim.studies.compare.answer import Answer
from sim.studies.decision import chance
from sim.studies.effect_intervals import BY_CONSTRUCTION, CONFIDENCE, VERDICTS
from sim.studies.mixture import words as over_readings
from sim.studies.panel import about, columns_in
from sim.studies.possible import sentences
from sim.studies.posteriors import lost
from sim.studies.selective import words as over_selectivity

NOTHING = (VERDICTS[Finding.NOTHING], BY_CONSTRUCTION)
MANY = 8  # policies from which on only the objective is printed


def print_comparison(study: PoliciesCompared) -> None:
    """Print what a comparison says, place by place."""
    for file in study.lost:
        console().print(shown(lost(file)))
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
    out.print(joined(*answer.decided.words) + "\n")
    n, draws = comparison.replications, comparison.draws or 1
    drawn = (
        tr("{draws} parameter draws of {n} replications each.", draws=draws, n=n)
        if draws > 1
        else tr("{n} replications at central values: the doubt shown is about Monte Carlo error only.", n=n)
    )
    posterior = answer.place.cells[0].posterior
    calibrated = tr("Calibrated.") if posterior and draws > 1 else tr("Uncalibrated.")
    same = tr("The same disputes with the same random numbers under every policy.")
    out.print(f"{joined(calibrated, drawn, same)}\n")
    _effects(answer)
    _pairing(answer)
    first = answer.place.panel.columns[0]
    said = over_selectivity(answer.selective, first) or over_readings(answer.mixture, first)
    if said:
        out.print(f"{shown(said)}\n")
    _loaded(answer)
    _costs(answer)
    _per(answer)
    _choice(answer)
    print_target(answer)
    print_worth(answer)
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
    kind = str(frame["interval"].iloc[0])
    grid = table(
        *(tr("policy"), "" if many else tr("metric"), tr("baseline"), tr("difference"), tr("90 %")),
        *(tr("P(lower)"), tr("P(higher)"), tr("parameters ±"), tr("Monte Carlo ±"), ""),
        right=(2, 3, 4, 5, 6, 7, 8),
    )
    draws = answer.place.panel.draws
    for row in _rows(frame):
        unit, metric = terms.unit(row["unit"], row["metric"]), terms.metric(row["metric"], row["reading"])
        grid.add_row(
            terms.policy(row["policy"]),
            "" if many else tr("{metric} ({unit})", metric=metric, unit=unit),
            number(row["baseline"]),
            number(row["difference"]),
            between(number(row["low"]), number(row["high"])),
            chance(row["p_lower"]),
            chance(row["p_higher"]),
            _spread(row, draws),
            number(row["mc_se"]),
            _verdict(row, draws),
        )
    out.print(grid)
    if kind == CONFIDENCE:
        n = len(answer.effects)
        said = marked(
            "Confidence intervals about Monte Carlo error alone, which hold together for all {n} differences with 90 %."
        )
        out.print(tr(said, n=n) + "\n")
        return
    said = marked(
        "90 %: {interval} of each effect, Monte Carlo noise taken off; parameters ±: how much the effect varies with "
        "what is not known; Monte Carlo ±: Monte Carlo error of the mean."
    )
    out.print(tr(said, interval=tr(kind)) + "\n")
    _by_reading(answer)


def _spread(row: dict[str, Any], draws: int) -> str:
    """The spread over parameters; said where replications cannot tell it from Monte Carlo error."""
    if row["verdict"] in NOTHING:
        return ""
    if math.isnan(row["spread"]):
        return tr("not estimable") if draws > 1 else ""
    return number(row["spread"])


def _verdict(row: dict[str, Any], draws: int) -> str:
    """The verdict, with the chances beyond the margin that matters."""
    if math.isnan(row["margin"]) or draws < 2 or row["verdict"] in NOTHING:
        return tr(row["verdict"])
    return tr(
        "{verdict} (P below −{x}: {below}, above: {above})",
        verdict=tr(row["verdict"]),
        x=number(row["margin"]),
        below=chance(row["p_lower_by_margin"]),
        above=chance(row["p_higher_by_margin"]),
    )


def _by_reading(answer: Answer) -> None:
    """The objective under each reading of the record."""
    if not len(answer.by_reading):
        return
    first = answer.place.panel.columns[0]
    grid = table(
        *(
            tr("policy"),
            tr("reading of the record"),
            tr("difference"),
            tr("90 %"),
            tr("P(lower)"),
            tr("P(higher)"),
        ),
        "",
        right=(2, 3, 4, 5),
        title=tr("{metric} under each reading", metric=terms.metric(first.metric, first.reading)),
    )
    for row in _rows(about(answer.by_reading, first))[: 2 * MANY]:
        grid.add_row(
            terms.policy(row["policy"]),
            terms.reading(row["record"]),
            number(row["difference"]),
            between(number(row["low"]), number(row["high"])),
            chance(row["p_lower"]),
            chance(row["p_higher"]),
            _verdict(row, row["draws"]),
        )
    console().print(grid)
    console().print()


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
    worth = marked(
        "For researchers: the same random numbers under all policies, against independent runs, for differences in "
        "{objective}: {list}."
    )
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


def _costs(answer: Answer) -> None:
    grid = table(
        *(tr("policy"), tr("people in all"), tr("hours, with people"), tr("hours on disputes")),
        *(tr("yuan at stated prices"), tr("range"), ""),
        right=(1, 2, 3, 4, 5),
        title=tr("Cost in the window, beside the baseline; no article gives a price, --prices takes yours"),
    )
    for row in _rows(answer.costs):
        grid.add_row(
            terms.policy(row["policy"]),
            shown(row["who"]) or "0",
            number(row["hours"]),
            number(row["hours_on_disputes"]),
            number(row["yuan"]),
            between(number(row["yuan_low"]), number(row["yuan_high"])),
            tr(row["quadrant"]),
        )
    console().print(grid)
    console().print()


def _per(answer: Answer) -> None:
    """The first metric that is a count, per head; per cost only where something is better and dearer."""
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
            "Effect on {metric} per head, and per cost where it is better and dearer (90 %)", metric=name
        ),
    )
    for row in _rows(about(answer.per, first))[:MANY]:
        cells = [number(row["per_10000_people_and_year"])]
        for unit in ("per_100000_yuan", "per_1000_hours"):
            low, high = row[f"{unit}_low"], row[f"{unit}_high"]
            known = tr("{x} ({low} to {high})", x=number(row[unit]), low=number(low), high=number(high))
            cells.append(tr(row["quadrant"]) if math.isnan(low) else known)
        grid.add_row(terms.policy(row["policy"]), *cells)
    console().print(grid)
    console().print()


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
            chance(row["p_best"]),
            number(row["regret"]),
        )
    out.print(grid)
    if decision.draws > 1:
        out.print(
            tr(
                "In {share:.0%} of {draws} plausible worlds (parameter draws) the same policy is best; the rank "
                "correlation of their order with the overall one is {tau:.2f}. {worth}",
                draws=decision.draws,
                share=decision.same_best,
                tau=decision.tau,
                worth=tr("Nothing shows that better data would change the choice.")
                if decision.perfect <= 0
                else tr("To know all parameters before choosing would gain {x}.", x=number(decision.perfect)),
            )
        )
    else:
        out.print(
            tr(
                "P(best) is about Monte Carlo error only; --draws 40 lets the assumptions vary within their ranges."
            )
        )
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
    columns = (tr("policy"), tr("who loses"), tr("by"), tr("before"), tr("more"), tr("90 %"))
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
