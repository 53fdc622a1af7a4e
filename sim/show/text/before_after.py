"""What `before-after` prints."""

from __future__ import annotations

from sim.language import joined, shown, tr
from sim.scenario import terms
from sim.show.text.console import console, number, table
from sim.studies.before_after import BeforeAfter
from sim.studies.posteriors import words


def print_changes(study: BeforeAfter) -> None:
    """Changes by metric, and how claimed ones compare."""
    asked = study.asked
    out = console()
    out.print()
    out.print(
        tr(
            "{place}: {before} days before {start}, {after} days from it on. "
            "Changes in percent: median (90 % of replications).",
            place=terms.title(asked.place.title),
            before=asked.before,
            start=asked.start,
            after=asked.after,
        )
    )
    if study.sentences():
        out.print(joined(*study.sentences()) + "\n")
    grid = table(
        *(tr("villages"), tr("metric"), tr("would change anyway"), tr("seen with the policy")),
        tr("effect of the policy"),
        right=(2, 3, 4),
    )
    for row in study.changes.to_dict("records"):
        cells = []
        for what in ("anyway", "seen", "effect"):
            low, middle, high = (number(row[f"{what}_{x}"]) for x in ("low", "median", "high"))
            cells.append(tr("{x} ({low} to {high})", x=middle, low=low, high=high))
        grid.add_row(terms.named(row["villages"]), terms.metric(str(row["metric"])), *cells)
    out.print(grid)
    _print_compared(study)
    for row in study.changes.to_dict("records"):
        if row["verdict"]:
            out.print(
                tr(
                    "{metric} (villages: {which}), claimed {x:+g} %: {verdict}.",
                    metric=terms.metric(str(row["metric"])),
                    which=terms.named(row["villages"]),
                    x=row["claimed"],
                    verdict=shown(row["verdict"]),
                )
            )
    said = tr("The effect is the policy's as it is assumed; the first column needs no such assumption.")
    out.print(joined(words(asked.drawn), said))
    for remark in study.messages():
        out.print(shown(remark))


def _print_compared(study: BeforeAfter) -> None:
    """Differences in differences, where there are some."""
    if not len(study.compared):
        return
    out = console()
    out.print()
    grid = table(
        *(tr("compared with"), tr("metric"), tr("though nothing is done"), tr("with the policy")),
        tr("effect where it begins"),
        right=(2, 3, 4),
        title=tr("Differences in differences, percent: median (90 % of replications)"),
    )
    for row in study.compared.to_dict("records"):
        cells = []
        for what in ("anyway", "seen", "effect"):
            low, middle, high = (number(row[f"{what}_{x}"]) for x in ("low", "median", "high"))
            cells.append(tr("{x} ({low} to {high})", x=middle, low=low, high=high))
        grid.add_row(tr(str(row["compared_with"])), terms.metric(str(row["metric"])), *cells)
    out.print(grid)
