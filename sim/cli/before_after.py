"""`before-after`: what a county sees when a policy starts on a date, and what it would have seen without it."""

from __future__ import annotations

import argparse
import contextlib

import pandas as pd

from sim.cli import OK
from sim.cli.machine import FOR_PROGRAMS, about_parameters, about_place, answer
from sim.cli.policies import CELLS, folder_for, metric, numbers
from sim.cli.running import STOPS, make_ready, told
from sim.language import Message, joined, shown, tr
from sim.runs.executors.choose import executor_by_name
from sim.runs.fingerprint import code_digest
from sim.scenario import terms
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.metrics import FOLLOWED
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.terms import Term
from sim.show.text.console import console, number, progress, table
from sim.studies.before_after import RUNS, Periods, change, periods, verdict
from sim.studies.possible import sentences
from sim.studies.posteriors import draws_for, words
from sim.studies.results import begin, finish
from sim.studies.tables import write_table


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    place = load_place(args.place, args.sets)
    without, measures = parse(args.baseline, place), parse(args.policy, place)
    by = metric(args.by, "--by", FOLLOWED)
    claims = numbers(args.claim, "--claim", FOLLOWED)
    err = console(error=True)
    make_ready("compiled", place, err)
    err.print(
        tr(
            "{place}: {policy} from {start} on, {n} replications",
            place=terms.title(place.title),
            policy=terms.policy(args.policy),
            start=args.start,
            n=args.replications,
        )
    )
    posterior = draws_for(args.place, place, args.sets, args.posterior, args.reading)
    draws = args.draws or (min(posterior.count, args.replications) if posterior else 1)
    if posterior is not None and draws > posterior.count:
        raise UserError(
            Message(
                "a posterior has {count} parameter draws, fewer than --draws {draws}",
                count=posterior.count,
                draws=draws,
            )
        )
    with contextlib.closing(executor_by_name("processes", args.workers)) as executor:
        try:
            with progress(tr("replications")) as report:
                found = periods(
                    place,
                    measures,
                    without,
                    args.start,
                    before=args.before,
                    after=args.after,
                    seed=args.seed,
                    replications=args.replications,
                    executor=executor,
                    folder=CELLS,
                    draws=draws,
                    posterior=posterior,
                    progress=report,
                )
        except STOPS as stop:
            return told(stop, CELLS)
    frame = changes(found, claims, args.villages, by)
    _print(place, frame, args, words(posterior if draws > 1 else None))
    named = dict(zip(RUNS, (args.baseline, args.policy), strict=True))
    impossible = {named[run]: n for run, n in found.impossible.items()}
    remarks = sentences(impossible, [], found.looked)
    for said in remarks:
        console().print(shown(said))
    given = {
        k: str(v)
        for k, v in vars(args).items()
        if k not in ("out", "overwrite", "workers", "no_figures", "module", *FOR_PROGRAMS)
    }
    asked = [given, place.model_dump(mode="json"), posterior.key if posterior else None, code_digest()]
    folder, key = folder_for(args, f"before-after-{place.name}", asked)
    begin(folder, key)
    write_table(folder / "changes.csv", frame)
    if not args.no_figures:
        from sim.show.figures.before_after import save_change
        from sim.show.figures.page import Compared

        said = tr("Calibrated.") if posterior is not None and draws > 1 else tr("Uncalibrated.")
        source = joined(tr("{n} replications, seed {seed}.", n=args.replications, seed=args.seed), said)
        save_change(
            found,
            claims,
            folder / "figures",
            shown=Compared(place, source),
            what=tr("{policy} from {start} on", policy=terms.policy(args.policy), start=args.start),
            villages=args.villages,
            by=by,
        )
    finish(folder, {"command": "before-after", "key": key, "asked": given})
    err.print(tr("results in {folder}", folder=f"{folder}/"))
    answer(
        args,
        {
            "place": about_place(place),
            "policy": args.policy,
            "baseline": args.baseline,
            "start": args.start,
            "days": {"before": args.before, "after": args.after},
            "seed": args.seed,
            "replications": args.replications,
            "draws": draws,
            **about_parameters(place, posterior if draws > 1 else None),
            "unit": "%",
            "interval": "central 90 % of replications",
            "changes": frame,
            "impossible_draws": impossible,
            "looked_at_draws": found.looked,
        },
        warnings=remarks,
        written=[folder],
    )
    return OK


def changes(found: Periods, claims: dict[str, float], villages: int | None, by: str) -> pd.DataFrame:
    """Changes in percent: 5 %, median and 95 % over replications; by metric, for all villages and the chosen ones.

    Words in it are English in every language: the table is kept.
    """
    rows = []
    for chosen in (None, villages) if villages else (None,):
        for name in FOLLOWED:
            one = change(found, name, villages=chosen, by=by)
            seen = verdict(one, claims.get(name, float("nan")))
            row: dict[str, object] = {
                "villages": "all"
                if chosen is None
                else Message("{n} with most {metric}", n=chosen, metric=Term("metric", by)),
                "metric": name,
            }
            for what in ("anyway", "seen", "effect"):
                low, middle, high = getattr(seen, what)
                row |= {f"{what}_low": low, f"{what}_median": middle, f"{what}_high": high}
            row |= {
                "claimed": claims.get(name, float("nan")),
                "verdict": seen.words if name in claims else "",
            }
            rows.append(row)
    return pd.DataFrame(rows)


def _print(place: Place, frame: pd.DataFrame, args: argparse.Namespace, told: str) -> None:
    out = console()
    out.print()
    out.print(
        tr(
            "{place}: {before} days before {start}, {after} days from it on. "
            "Changes in percent: median (90 % of replications).",
            place=terms.title(place.title),
            before=args.before,
            start=args.start,
            after=args.after,
        )
    )
    grid = table(
        *(tr("villages"), tr("metric"), tr("would change anyway"), tr("seen with the policy")),
        tr("effect of the policy"),
        right=(2, 3, 4),
    )
    for row in frame.to_dict("records"):
        cells = []
        for what in ("anyway", "seen", "effect"):
            low, middle, high = (number(row[f"{what}_{x}"]) for x in ("low", "median", "high"))
            cells.append(tr("{x} ({low} to {high})", x=middle, low=low, high=high))
        grid.add_row(terms.named(row["villages"]), terms.metric(str(row["metric"])), *cells)
    out.print(grid)
    for row in frame.to_dict("records"):
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
    out.print(joined(told, said))
