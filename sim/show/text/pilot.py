"""What `pilot` prints."""

from __future__ import annotations

import pandas as pd

from sim.language import joined, marked, shown, tr
from sim.scenario import terms
from sim.show.text.console import console, number, table
from sim.studies.decision import chance
from sim.studies.pilot import Piloted
from sim.studies.pilot.plan_file import NAME
from sim.studies.posteriors import words

DESIGNS = {
    "parallel": marked("villages in two groups"),
    "townships": marked("townships in two groups"),
    "pairs": marked("matched pairs"),
    "wedge": marked("stepped wedge, {steps} steps"),
}
CHOSEN = {
    "lot": marked("by lot"),
    "earlier": marked("for disorder in an earlier year"),
    "base": marked("for disorder in the base year"),
}
MOST = 14  # designs in the table; the file has all


def print_trials(study: Piloted) -> None:
    """The decision, the longest trials in the outcome that was asked for, all outcomes, what is left out."""
    out, asked = console(), study.asked
    out.print()
    out.print(joined(*study.sentences()))
    out.print()
    drawn = tr("{n} draws, each simulated {m} times with the same random numbers in every world.",
               n=len(set(study.found.draw.tolist())), m=asked.replications)  # fmt: skip
    source = words(asked.posterior) if asked.posterior else tr("Drawn from the ranges of the scenario.")
    out.print(joined(source, drawn))
    out.print()
    for reading in study.designs["reading"].unique():
        _designs(study, str(reading))
    _outcomes(study)
    if study.plan:
        out.print(
            tr(
                "The plan, with villages by lot, is in {file}; `before-after` takes it as a policy.",
                file=NAME,
            )
        )
    for remark in study.messages():
        out.print(shown(remark))


def design(row: pd.Series) -> str:
    """A design in a few words."""
    return tr(DESIGNS[str(row["design"])], steps=int(row["steps"]))


def _designs(study: Piloted, reading: str) -> None:
    """The longest trials with most villages, by design and by how villages are chosen."""
    out, asked, rows = console(), study.asked, study.designs
    mine = rows[(rows["reading"] == reading) & (rows["metric"] == asked.outcome)]
    longest = mine[mine["months"] == mine["months"].max()]
    most = longest.groupby(["design", "steps"], sort=False)["villages"].transform("max")
    kept = longest[longest["villages"] == most].head(MOST)
    out.print(
        tr(
            "{metric}, {reading} record, trials of {months} months with most villages (all: designs.csv):",
            metric=terms.words(asked.outcome),
            reading=terms.reading(reading),
            months=int(mine["months"].max()),
        )
    )
    grid = table(
        *(tr("trial"), tr("villages"), tr("chosen"), tr("power"), tr("false alarms"), tr("bias")),
        *(tr("exaggerates"), tr("wrong sign"), tr("detectable")),
        right=(1, 3, 4, 5, 6, 7, 8),
    )
    for _, row in kept.iterrows():
        grid.add_row(
            design(row),
            number(row["villages"]),
            tr(CHOSEN[str(row["chosen"])]),
            _chance(row["power"], row["power_se"]),
            _chance(row["false_alarms"], row["false_alarms_se"]),
            tr("{x} ± {se}", x=number(row["bias"]), se=number(row["bias_se"])),
            number(row["exaggerates"]),
            chance(float(row["reverses"])),
            number(row["detectable"]),
        )
    out.print(grid)
    out.print()


def _outcomes(study: Piloted) -> None:
    """Every outcome in the recommended trial: power by reading, and how alike months of a village are."""
    chosen = study.recommended
    if chosen is None:
        return
    out, rows = console(), study.designs
    same = pd.Series(True, index=rows.index)
    for name in ("design", "villages", "months", "steps", "chosen"):
        same &= rows[name] == chosen.one(name)
    cluster = "townships" if chosen.design == "townships" else "villages"
    alike = study.correlation[study.correlation["cluster"] == cluster].set_index(["metric", "reading"])
    out.print(tr("That trial in other outcomes; the record distorts the last two:"))
    grid = table(
        *(tr("outcome"), tr("reading"), tr("effect"), tr("unit"), tr("power"), tr("intraclass correlation")),
        right=(2, 4, 5),
    )
    for _, row in rows[same].sort_values("reading", kind="stable").iterrows():
        own = alike.loc[(row["metric"], row["reading"])]
        grid.add_row(
            terms.words(str(row["metric"])),
            terms.reading(str(row["reading"])),
            number(row["true_effect"]),
            tr(str(own["unit"])),
            _chance(row["power"], row["power_se"]),
            number(own["icc"]),
        )
    out.print(grid)
    out.print()


def _chance(p: float, se: float) -> str:
    """A probability with its Monte Carlo error, in percent."""
    return tr("{p} ± {se}", p=chance(float(p)), se=f"{100 * se:.0f}" if se == se else "–")
