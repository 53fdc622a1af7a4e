"""The table that `run` prints: what happened, what would be recorded, and what was reported."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sim.language import marked, shown, tr
from sim.scenario import terms
from sim.scenario.metrics import MAIN
from sim.show.text.alternatives import print_alternatives
from sim.show.text.console import between, console, duration, number, size, table
from sim.studies.dry_run import Cost
from sim.studies.possible import without_hours
from sim.studies.posteriors import told_since
from sim.studies.run.found import Ran
from sim.studies.summary import Full, Idle, idle_staff, readings_in, reported_text, targets_of

TIERS = ("hamlet", "village", "police", "township", "county", "decision", "court_mediation", "trial")


def print_run(study: Ran, *, show_all: bool = False) -> None:
    """Print the tables of a run and what a reader must know about them."""
    out = console()
    for remark in study.remarks:
        console(error=True).print(shown(remark))
    place, summary = study.place, study.summary
    n, window, left_out = study.replications, place.window, study.job.left_out
    out.print()
    about = {"place": terms.title(place.title), "start": window.start, "end": window.end}
    out.print(tr("{place}, {start} to {end}, {n} replication(s)", **about, n=n))
    print_alternatives(place)
    reading = terms.reading(place.recording.reading)
    if study.posterior is not None:
        readings = tr(" and ").join(terms.reading(r) for r, _, _ in study.posterior.parts)
        said = marked("Calibrated: parameters drawn from the posterior of the place ({readings} reading).")
        out.print(tr(said, readings=readings))
        said = marked(
            "Under each reading: the median of what is believed of the expected value, and its 90 % credible interval "
            "over parameters; ± is the Monte Carlo error of its mean. How one year differs from another comes on top: "
            "p05 to p95 in summary.csv."
        )
        out.print(tr(said))
        for told in told_since(place.name, study.posterior):
            out.print(shown(told))
        if left_out:
            out.print(shown(without_hours(len(left_out))))
        out.print()
    else:
        said = marked("Uncalibrated: parameters at their central values. Recording: {reading}.")
        out.print(tr(said, reading=reading))
        said = marked(
            "Intervals are 90 % confidence intervals of the mean: Monte Carlo error alone, nothing of what is unknown."
        )
        out.print(tr(said) + "\n")
    _main_table(study, show_all=show_all)
    names = readings_in(summary)
    for name in names:
        _tier_table(summary[summary["reading"] == name], name if len(names) > 1 else "")
    idle = idle_staff(summary)
    marks = {f.staff: " †" for f in study.full} | {i.staff: " *" for i in idle}
    for name in names:
        _staff_table(summary[summary["reading"] == name], name if len(names) > 1 else "", marks)
    _staff_notes(study.full, idle, summary)
    assumed = sum(1 for t in place.targets if t.metric not in set(summary["metric"]))
    if assumed:
        out.print(tr("{n} reported figure(s) have no simulated counterpart yet.", n=assumed))


def _main_table(study: Ran, *, show_all: bool) -> None:
    """A row per metric; of a calibrated run a pair of columns for each reading of the record, never one over both."""
    out, summary = console(), study.summary
    targets = targets_of(study.place)
    plain = summary[summary["by"] == ""]
    readings = readings_in(plain)
    parts = [plain[plain["reading"] == reading].set_index("metric") for reading in readings]
    every = list(parts[0].index)
    names = every if show_all else [m for m in MAIN if m in every]
    names += [m for m in targets if m in every and m not in names]
    shown_as = (tr("mean"), tr("90 % confidence interval")) if study.posterior is None else ()
    columns = [tr("metric"), tr("layer"), *(shown_as or _columns(readings)), tr("reported"), tr("unit")]
    grid = table(*columns, right=tuple(range(2, len(columns) - 1)))
    for name in names:
        row = parts[0].loc[name].to_dict()
        target = targets.get(name)
        grid.add_row(
            terms.metric(name),
            tr(str(row["layer"])),
            *(cell for part in parts for cell in _cells(part.loc[name].to_dict())),
            reported_text(target) if target else "",
            terms.unit(str(row["unit"]), name),
        )
    out.print(grid)
    out.print()


def _columns(readings: Sequence[str]) -> list[str]:
    """Heads of the columns of each reading."""
    return [head for reading in readings for head in (terms.reading(reading), "±")]


def _cells(row: Mapping[Any, Any]) -> tuple[str, str]:
    """Mean and interval at central values; median with interval, and Monte Carlo error, of a reading."""
    limits = interval_text(row["low"], row["high"])
    if "median" not in row:
        return number(row["mean"]), limits
    middle = number(row["median"])
    return (tr("{x} ({interval})", x=middle, interval=limits) if limits else middle), number(row["mc_se"])


def interval_text(low: float, high: float) -> str:
    """An interval; empty where one replication has none."""
    return "" if math.isnan(low) else between(number(low), number(high))


def _means(summary: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Mean by metric and group."""
    keys = zip(summary["metric"].astype(str), summary["group"].astype(str), strict=True)
    return dict(zip(keys, summary["mean"].astype(float), strict=True))


def _titled(title: str, reading: str) -> str:
    """A title with the reading that the numbers under it are of."""
    return (
        tr("{title}, {reading} recording", title=title, reading=terms.reading(reading)) if reading else title
    )


def _tier_table(summary: pd.DataFrame, reading: str) -> None:
    """Where disputes end, under one reading."""
    grid = table(
        *(tr("tier"), tr("enter new"), tr("settled"), tr("share of closings"), tr("other ends")),
        *(tr("open at end"), tr("past deadline")),
        right=(1, 2, 3, 4, 5, 6),
        title=_titled(tr("Per tier (means)"), reading),
    )
    mean = _means(summary)
    reached = {t.split(">")[1] for metric, t in mean if metric == "passed_up"}
    for tier in TIERS:
        at = {metric: x for (metric, group), x in mean.items() if group == tier}
        entered, backlog = at.get("entered", math.nan), at.get("backlog", math.nan)
        settled = at.get("ended_settled", math.nan)
        if not any(x > 0 for x in (entered, settled, backlog)) and tier not in reached:
            continue
        others = sum(x for m, x in at.items() if m.startswith("ended_") and m != "ended_settled")
        share = tr("{x} %", x=number(at.get("settled_share", math.nan)))
        late = at.get("deadline_breaches", math.nan)
        rest = (number(x) for x in (others, backlog, late))
        grid.add_row(tr(tier), number(entered), number(settled), share, *rest)
    console().print(grid)
    console().print()


def _staff_table(summary: pd.DataFrame, reading: str, marks: Mapping[str, str]) -> None:
    """How busy the staff are, under one reading."""
    grid = table(
        *(tr("staff"), tr("utilisation"), tr("busiest pool"), tr("mean wait (days)"), tr("mean queue")),
        tr("hours on disputes"),
        right=(1, 2, 3, 4, 5),
        title=_titled(tr("Staff (means; utilisation of the hours left for disputes)"), reading),
    )
    mean = _means(summary)
    for staff in [t for metric, t in mean if metric == "staff_hours"]:
        of = {metric: x for (metric, group), x in mean.items() if group == staff}
        if not of["staff_hours"] > 0:
            continue
        use = [
            tr("{x} %", x=number(of[m])) if m in of else terms.staff("outside")
            for m in ("utilisation", "utilisation_busiest")
        ]
        wait, queue = of.get("wait_days", math.nan), of.get("queue_length", math.nan)
        waits = (number(x) for x in (wait, queue, of["staff_hours"]))
        grid.add_row(terms.staff(staff) + marks.get(staff, ""), *use, *waits)
    console().print(grid)
    console().print()


def _staff_notes(full: Sequence[Full], idle: Sequence[Idle], summary: pd.DataFrame) -> None:
    """Where capacity cannot matter, and where there is none left: what the marks of the table mean."""
    out = console()
    for one in full:
        said = marked(
            "† {staff}: the busiest pool is over 95 % busy in {share:.0%} of replications: waits and backlog there "
            "grow as long as one looks."
        )
        out.print(tr(said, staff=terms.staff(one.staff), share=one.share))
    used = summary[(summary["metric"] == "staff_hours") & (summary["mean"] > 0)]["group"]
    if set(used) - set(summary[summary["metric"] == "utilisation"]["group"]):
        out.print(tr("outside: these staff belong to another district; waiting for them is not modelled."))
    if idle:
        said = marked(
            "* under 20 % of hours used even in the busiest pool: more of these staff would hardly shorten a wait, so "
            "that no effect of more of them shows nothing. Fewer may matter."
        )
        out.print(tr(said))
    out.print()


def print_cost(study: Cost) -> None:
    """What a run would cost."""
    out, title, n, workers = console(), terms.short_title(study.title), study.replications, study.workers
    disputes, time, memory = number(round(study.disputes)), duration(study.seconds), size(study.memory)
    if study.counties is not None:
        head = marked("{title}: {n:,} counties, {replications} replication(s), nothing is run")
        out.print(tr(head, title=title, n=study.counties, replications=n))
        out.print(tr("  disputes      about {n}, with warm-up", n=disputes))
        said = marked("  time          about {time} on {n} worker(s), if as fast as a small server")
    else:
        head = marked("{place}: {n} replications on the {engine} engine, nothing is run")
        most = marked("{place}: at most {n} replications on the {engine} engine, nothing is run")
        out.print(tr(most if study.at_most else head, place=title, n=number(n), engine=tr(study.engine)))
        out.print(tr("  disputes      {n} expected per replication, with warm-up", n=disputes))
        rows = number(round(study.rows or 0.0))
        out.print(tr("  trace rows    about {n} per replication", n=rows))
        said = marked("  time          about {time} on {n} worker(s), start-up apart")
        if study.analysed:
            said = marked(
                "  time          about {time} of simulation on {n} worker(s), analysis and start-up apart"
            )
    out.print(tr(said, time=time, n=workers))
    out.print(tr("  memory        about {size} in all processes", size=memory))
    if study.analysed:
        out.print(tr("  kept          what ran before is not run again"))
