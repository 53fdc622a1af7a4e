"""What `trace` prints."""

from __future__ import annotations

from pathlib import Path

from sim.language import tr
from sim.scenario import terms
from sim.show.text.console import say
from sim.studies.trace import Replication


def print_head(study: Replication) -> None:
    """Which replication it is."""
    about = {"place": terms.title(study.place.title), "seed": study.seed, "n": study.replication}
    say(tr("{place}, seed {seed}, replication {n}", **about))
    if study.draw:
        say(
            tr(
                "parameters of draw {n} ({reading} reading)",
                n=study.draw,
                reading=terms.reading(study.reading),
            )
        )
    rows, digest = len(study.trace.rows), study.trace.digest()[:16]
    say(tr("trace of {n:,} rows, digest {digest}", n=rows, digest=digest))


def print_story(study: Replication) -> None:
    """The life of the dispute."""
    say("\n".join(study.story))


def print_export(study: Replication, file: Path, format: str) -> None:
    """What an event log holds that was written."""
    log = study.log
    first, last = log.window
    say(
        tr(
            "{n:,} events of {cases:,} cases, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, "
            "written to {file} as {format}",
            n=len(log),
            cases=len(log.cases),
            first=first,
            last=last,
            file=file,
            format=format,
        )
    )
