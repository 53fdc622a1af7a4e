"""The tables that a run of a nation prints: totals, the spread between counties, and figures from outside."""

from __future__ import annotations

import pandas as pd

from sim.language import marked, tr
from sim.scenario import terms
from sim.scenario.metrics import MAIN
from sim.show.text.console import between, console, number, table
from sim.studies.nation import NationRan


def print_nation(study: NationRan, *, show_all: bool = False) -> None:
    """Print totals, spread and the outside figures."""
    nation, counties, drawn = study.job.nation, study.number, study.job.counties
    out, window, title = console(), nation.county.window, nation.experiment.title
    whole = len(drawn)
    people = drawn.persons[:counties].sum()
    part = (
        tr("all {n:,} counties", n=whole)
        if counties == whole
        else tr("the first {n:,} of {whole:,} counties", n=counties, whole=whole)
    )
    about = {"title": terms.title(title), "start": window.start, "end": window.end, "part": part}
    out.print("\n" + tr("{title}, {start} to {end}: {part}, {people:,} people", **about, people=people))
    reading = terms.reading(nation.county.recording.reading)
    said = marked("Uncalibrated: parameters at central values, spread assumed. Recording: {reading}.")
    out.print(f"{tr(said, reading=reading)}\n")
    _main_table(study.summary, show_all=show_all)
    _staff_table(study.summary)
    if len(study.outside):
        _outside_table(study.outside)
    said = marked("{n:,} counties, {disputes:,} disputes with warm-up")
    console(error=True).print(tr(said, n=counties, disputes=study.facts["disputes"]))


def _main_table(summary: pd.DataFrame, *, show_all: bool) -> None:
    plain = summary[summary["by"] == ""].set_index("metric")
    names = list(plain.index) if show_all else [name for name in MAIN if name in plain.index]
    grid = table(
        *(tr("metric"), tr("layer"), tr("nation"), tr("how"), tr("county p05"), tr("median"), tr("p95")),
        tr("unit"),
        right=(2, 4, 5, 6),
    )
    for name in names:
        row = plain.loc[name].to_dict()
        numbers = [number(row[column]) for column in ("nation", "p05", "p50", "p95")]
        unit = terms.unit(str(row["unit"]), name)
        cells = (terms.metric(name), tr(str(row["layer"])), numbers[0], tr(str(row["how"])))
        grid.add_row(*cells, *numbers[1:], unit)
    console().print(grid)
    console().print()


def _staff_table(summary: pd.DataFrame) -> None:
    rows = summary[summary["metric"] == "utilisation"]
    grid = table(
        *(tr("staff"), tr("nation"), tr("county p05"), tr("median"), tr("p95")),
        right=(1, 2, 3, 4),
        title=tr("Utilisation (% of the hours left for disputes)"),
    )
    for _, row in rows.iterrows():
        grid.add_row(
            terms.staff(str(row["group"])), *(number(row[c]) for c in ("nation", "p05", "p50", "p95"))
        )
    console().print(grid)
    console().print()


def _outside_table(outside: pd.DataFrame) -> None:
    out = console()
    grid = table(
        *(tr("outside figure"), tr("published"), tr("simulated"), tr("county p05"), tr("p95"), tr("unit")),
        right=(1, 2, 3, 4),
        title=tr("Beside figures from outside (none was used to fit anything but where noted)"),
    )
    for _, row in outside.iterrows():
        low, high = number(row["outside_low"]), number(row["outside_high"])
        published = low if low == high else between(low, high)
        cells = [number(row[c]) for c in ("nation", "p05", "p95")]
        grid.add_row(tr(str(row["name"])), published, *cells, tr(str(row["unit"])))
    out.print(grid)
    for _, row in outside.iterrows():
        out.print(tr("* {name}: {note}", name=tr(str(row["name"])), note=tr(str(row["note"]))))
