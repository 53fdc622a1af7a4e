"""What `fit` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from sim.language import marked, shown, tr
from sim.ledger.notices import Apart
from sim.ledger.place_file import listed_paths
from sim.scenario import terms
from sim.show.text.console import between, console, number, say, table
from sim.studies.fit import Fit

GROUPS = (
    *(
        "arrivals",
        "townships",
        "villages",
        "season",
        "kinds",
        "closings",
        "durations",
        "routing",
        "parameters",
    ),
)
SHOWN_VILLAGES = 12
SHOWN_APART = 10


def print_fit(study: Fit) -> None:
    """Estimates by group, what holds what, what is not identified, and what was noticed."""
    fitted = study.fitted
    out, about = console(), fitted.about
    head = {"file": about.file, "n": about.cases, "known": fitted.arrivals.total}
    say(
        tr(
            "{file}: {n:,} cases, {known:,} of them known in {window}",
            **head,
            window=about.window,
        )
    )
    for group in GROUPS:
        rows = [e for e in fitted.estimates if e.group == group]
        if not rows:
            continue
        columns = (tr(group), tr("value"), tr("95 % interval"), tr("unit"), "n", tr("method"))
        grid = table(*columns, right=(1, 2, 4))
        for e in rows[:SHOWN_VILLAGES] if group == "villages" else rows:
            interval = between(number(e.low), number(e.high)) if e.low < e.high else ""
            poor = tr(" (poor fit)") if "poor fit" in e.note else ""
            name, unit, method = shown(e.name), terms.unit(e.unit), shown(e.method)
            grid.add_row(name, number(e.value), interval, unit, str(e.n), method + poor)
        say()
        out.print(grid)
        resting = sorted({shown(e.rests_on) for e in rows if e.rests_on})
        if resting:
            say(tr("from the columns: {columns}", columns="; ".join(resting)))
        if group == "villages" and len(rows) > SHOWN_VILLAGES:
            say(tr("and {n} more villages, all in the file", n=len(rows) - SHOWN_VILLAGES))
    held = sorted({e.given for e in fitted.estimates if e.given})
    if held:
        say("\n" + tr("Some parameters hold others at the middle of their priors:"))
        for given in held:
            whose = ", ".join(e.path for e in fitted.estimates if e.given == given and e.path)
            say(_wrapped(tr("- {paths}: given {given}", paths=whose, given=given)))
        said = marked(
            "The file has a wider range for incidence.latent_rate: over all that the priors of detection allow."
        )
        say(tr(said))
    say("\n" + tr("Not identified by a ledger: keeps its prior."))
    for what, why, paths in fitted.missing:
        said = tr("- {what}: {why} ({paths})", what=what, why=why, paths=listed_paths(paths))
        say(_wrapped(said))
    say()
    for remark in fitted.remarks:
        say(_wrapped(shown(remark)))
    print_apart(study.ledger.apart)


def print_apart(apart: Sequence[Apart]) -> None:
    """Rows that could not be used: line and reason of the first ones."""
    for row in apart[:SHOWN_APART]:
        line = f"{row.sheet}:{row.line}" if row.sheet else str(row.line)
        say(_wrapped(tr("- line {line}: {why}", line=line, why=row.why)))
    if len(apart) > SHOWN_APART:
        say(tr("and {n} more rows", n=len(apart) - SHOWN_APART))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
