"""`sensitivity`: which parameters move which outcome, and which the choice between policies."""

from __future__ import annotations

import argparse
import contextlib
import os
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sim.cli import OK
from sim.cli.machine import about_parameters, about_place, answer
from sim.cli.policies import CELLS, folder_for, metric, metrics
from sim.cli.run import chosen_executor
from sim.cli.running import STOPS, make_ready, told
from sim.language import Message, marked, said_by, tr
from sim.runs.batch import pairs
from sim.runs.batch import run as run_cases
from sim.runs.store import write_atomically
from sim.scenario import terms
from sim.scenario.comparison import Cell, Design, made
from sim.scenario.errors import UserError
from sim.scenario.fields import quantities
from sim.scenario.metrics import HEADLINES, KNOWN_METRICS, OBJECTIVE
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.prior import luck, quantile, unknowns
from sim.show.text.console import console, number, progress, table
from sim.statistics.sensitivity import split
from sim.studies.assemble import PlacePanel, case_of, place_panel
from sim.studies.possible import sentences
from sim.studies.posteriors import of_design, words
from sim.studies.results import begin, finish
from sim.studies.sensitivity import ExtraMissing, ValueOfKnowing, indices_of, value_of_knowing

Floats = NDArray[np.float64]
SHOWN = 6
LEAST = (
    60  # the interval of an index is from half of the draws, and not defined for 20: twice the ten harmonics
)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    chosen = (
        metrics(args.metrics, "--metrics") if args.metrics else list(dict.fromkeys((OBJECTIVE, *HEADLINES)))
    )
    objective = metric(args.objective, "--objective")
    if args.draws < LEAST:
        raise UserError(
            Message(
                "--draws: fewer than {least} parameter draws tell nothing apart; the default is 200",
                least=LEAST,
            )
        )
    options: dict[str, Any] = {"draws": args.draws, "replications": args.replications, "objective": objective}
    design = made(
        *([args.place], args.policies or ["none"]),
        name="sensitivity",
        sets=args.sets,
        seed=args.seed,
        metrics=[objective, *(m for m in chosen if m != objective)],
        groups=False,
        **options,
    )
    design = of_design(design, args.sets, args.posterior, args.reading)
    cell, comparison = design.cells[0], design.comparison
    err = console(error=True)
    make_ready("compiled", cell.place, err)
    cases = [case_of(c, comparison) for c in design.cells]
    with contextlib.closing(chosen_executor(args)) as executor:
        try:
            with progress(tr("replications")) as report:
                wanted = pairs(design.draws, comparison.replications)
                outcomes = run_cases(cases, wanted, folder=CELLS, executor=executor, progress=report)
        except STOPS as stop:
            return told(stop, CELLS)
    names = _names(design)
    scores = drawn(cell.posterior, names, args.seed, design.draws)
    panel = place_panel(design, outcomes, cell.place.name)
    remarks = sentences(
        panel.impossible, [p for p in panel.impossible if p not in panel.labels], design.draws
    )
    scores, panel = _counted(scores, panel)
    try:
        moved = _moved(panel, names, scores, chosen, args.seed)
        known = _known(panel, names, scores, objective, args.seed) if len(design.cells) > 1 else None
    except ExtraMissing as error:
        raise UserError(said_by(error)) from None
    beside = prior_beside_posterior(cell, moved, known, names, scores)
    content = [[case.key for case in cases], design.draws, comparison.replications, chosen, objective]
    out, key = folder_for(args, f"sensitivity-{cell.place.name}", content)
    frames = {"indices": moved, "prior_and_posterior": beside}
    if known is not None:
        frames["information"] = known.frame
    begin(out, key)
    for name, frame in frames.items():
        write_atomically(out / f"{name}.csv", frame.to_csv(index=False, float_format="%.6g").encode())
    if not args.no_figures:
        from sim.show.figures.sensitivity import save_sensitivity

        save_sensitivity(
            moved, known, objective, cell.place, design.draws, comparison.replications, out / "figures"
        )
    finish(out, {"command": "sensitivity", "key": key, "asked": content})
    _print(cell, moved, known, beside, objective, design)
    for said in remarks:
        console().print(said)
    chosen_by = {"metric": objective, "unit": KNOWN_METRICS[objective].unit}
    answer(
        args,
        {
            "place": about_place(cell.place),
            "policies": [c.policy for c in design.cells],
            "seed": args.seed,
            "draws": design.draws,
            "replications": comparison.replications,
            **about_parameters(cell.place, cell.posterior),
            "objective": chosen_by
            if known is None
            else {**chosen_by, "best": known.best, "perfect": known.perfect},
            **frames,
            "impossible_draws": panel.impossible,
        },
        warnings=remarks,
        written=[out],
    )
    err.print(tr("results in {folder}", folder=f"{out}{os.sep}"))
    return OK


def _counted(scores: Floats, panel: PlacePanel) -> tuple[Floats, PlacePanel]:
    """Both without the draws that count for no policy."""
    kept = panel.counted
    if kept.sum() < LEAST:
        raise UserError(
            Message(
                "only {kept} of {n} parameter draws count, for staff lack the hours in others; at least "
                "{least} are needed: ask for more with --draws",
                kept=kept.sum(),
                n=len(kept),
                least=LEAST,
            )
        )
    values = panel.panel.values[:, :, kept]
    return scores[kept], replace(panel, panel=replace(panel.panel, values=values))


def _names(design: Design) -> list[str]:
    """All numbers that vary under any of the policies."""
    return list(dict.fromkeys(n for c in design.cells for n in unknowns(c.place, c.measures)))


def drawn(posterior: ParameterDraws | None, names: list[str], seed: int, draws: int) -> Floats:
    """Normal scores of the draws that were simulated, shape (draws, names)."""
    out = np.empty((draws, len(names)))
    for d in range(1, draws + 1):
        for k, name in enumerate(names):
            u = luck(seed, d, name) if posterior is None else posterior.chance(seed, d, name)
            out[d - 1, k] = ndtri(u)
    return out


def _moved(panel: PlacePanel, names: list[str], scores: Floats, chosen: list[str], seed: int) -> pd.DataFrame:
    """Indices of every outcome under the baseline; only what is beyond chance, but at least the first three."""
    parts = []
    for name in panel.panel.metrics:
        if name.split(" (")[0] not in chosen:
            continue
        values = panel.panel.of(panel.panel.policies[0], name)
        if np.isnan(values).any():
            continue
        means, share = split(values)
        if means.std() == 0:
            continue
        frame = indices_of(names, scores, means, seed)
        parts.append(frame.assign(outcome=name, luck=share))
    if not parts:
        raise UserError(Message("none of the outcomes is defined in every replication"))
    return pd.concat(parts, ignore_index=True)


def _known(panel: PlacePanel, names: list[str], scores: Floats, objective: str, seed: int) -> ValueOfKnowing:
    name = next(m for m in panel.panel.metrics if m.split(" (")[0] == objective)
    values = panel.panel.values[:, panel.panel.metrics.index(name)]
    if np.isnan(values).any():
        raise UserError(
            Message("--objective: {objective} is not defined in every replication", objective=objective)
        )
    better = KNOWN_METRICS[objective].aim
    return value_of_knowing(names, scores, panel.panel.policies, values, better, seed)


def prior_beside_posterior(
    cell: Cell, moved: pd.DataFrame, known: ValueOfKnowing | None, names: list[str], scores: Floats
) -> pd.DataFrame:
    """Range and draws, in natural units, of every parameter that an outcome or the choice hangs on."""
    wanted = set(moved[moved["above"]]["parameter"])
    if known is not None:
        wanted |= set(known.frame[known.frame["above"]]["parameter"])
    ranges = {".".join(map(str, path)): q for path, q in quantities(cell.place)}
    rows = []
    for name in names:
        if name not in wanted or name not in ranges:
            continue
        q, z = ranges[name], scores[:, names.index(name)]
        x = [quantile(q, float(ndtr(v))) for v in np.quantile(z, [0.05, 0.5, 0.95])]
        prior = [quantile(q, u) for u in (0.05, 0.5, 0.95)]
        rows.append((name, q.unit, q.status, *prior, *x))
    columns = ["parameter", "unit", "status", "prior_p05", "prior_p50", "prior_p95", "p05", "p50", "p95"]
    return pd.DataFrame(rows, columns=columns)


def _print(
    cell: Cell,
    moved: pd.DataFrame,
    known: ValueOfKnowing | None,
    beside: pd.DataFrame,
    objective: str,
    design: Design,
) -> None:
    out = console()
    out.print()
    about = {"place": terms.title(cell.place.title), "draws": design.draws}
    out.print(tr("{place}: {draws} draws × {n}", **about, n=design.comparison.replications))
    drawn_from = words(cell.posterior) if cell.posterior else tr("Parameters drawn from their prior ranges.")
    out.print(drawn_from)
    for outcome, part in moved.groupby("outcome", sort=False):
        above = part[part["above"]]
        out.print()
        out.print(
            tr(
                "{outcome}: luck is {luck:.0%} of the variance of one replication; "
                "{n} of {m} parameters are beyond chance (index above {limit:.2f})",
                outcome=terms.metric(str(outcome)),
                luck=part["luck"].iloc[0],
                n=len(above),
                m=len(part),
                limit=part["limit"].iloc[0],
            )
        )
        for _, row in above.head(SHOWN).iterrows():
            said = marked("  {name}: {x:.2f} ± {half:.2f} of the variance between draws")
            out.print(tr(said, name=row["parameter"], x=row["index"], half=row["half"]))
    if known is not None:
        above = known.frame[known.frame["above"]]
        out.print()
        out.print(
            tr(
                "Choosing by {metric} ({unit}): {best} is best on average. Knowing every parameter beforehand would be "
                "worth {x}; {n} parameters alone are worth more than chance would give ({floor}).",
                metric=terms.metric(objective),
                unit=terms.unit_of(objective),
                best=terms.policy(known.best),
                x=number(known.perfect),
                n=len(above),
                floor=number(known.frame["floor"].iloc[0]),
            )
        )
        for _, row in above.head(SHOWN).iterrows():
            out.print(f"  {row['parameter']}: {number(row['value'])}")
    if len(beside):
        grid = table(
            *(tr("what it hangs on"), tr("unit"), tr("status"), tr("prior 5–50–95 %"), tr("drawn 5–50–95 %")),
            right=(3, 4),
            title="\n",
        )
        for _, r in beside.iterrows():
            bands = [" – ".join(number(r[f"{p}{q}"]) for q in ("p05", "p50", "p95")) for p in ("prior_", "")]
            grid.add_row(r["parameter"], terms.unit(str(r["unit"])), tr(str(r["status"])), *bands)
        out.print(grid)
