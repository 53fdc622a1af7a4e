"""What `calibrate` prints."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.language import marked, shown, tr
from sim.outcomes.realised import realised_name
from sim.outcomes.register import total_name
from sim.scenario import terms
from sim.show.text.alternatives import print_alternatives
from sim.show.text.console import console, number, table
from sim.studies.calibrate import Calibrated, PlaceCalibrated, Pooled
from sim.studies.calibration.place_calibration import Calibration, Reading
from sim.studies.calibration.pooled_places import PooledPlaces
from sim.studies.calibration.register_figures import Joined
from sim.studies.calibration.selectivity import ON_FILE
from sim.studies.calibration.soft import Weighed
from sim.studies.calibration.watched import TRUE_RATE

TOP = 8
SHOWN = (TRUE_RATE, "unresolved_days_per_1000")  # over selectivity; the others are in the file


def print_calibration(found: Calibration) -> None:
    """Failed diagnoses and misfits first, then what was found under each reading."""
    out = console()
    out.print(f"\n{terms.title(found.place.title)}")
    print_alternatives(found.place)
    complaints = [(terms.reading(n), c) for n, r in found.readings.items() for c in r.complaints]
    for reading, complaint in complaints:
        out.print(tr("  ! {reading}: {words}", reading=reading, words=complaint))
    if not complaints:
        said = marked(
            "  All diagnoses passed; every target lies inside the central 90 % of what the model gives."
        )
        out.print(tr(said))
    for name, one in found.readings.items():
        _reading(name, one)
    factor, se = found.log_bayes_factor
    if factor == factor:
        if abs(factor) < 3:
            words = tr("the figures hardly tell the two readings apart")
        else:
            better = terms.reading("proportional" if factor > 0 else "target_driven")
            words = tr("under these priors the figures speak for {reading} recording", reading=better)
        said = marked("Log evidence, proportional over target-driven: {x:+.2f} ± {half:.2f}: {words}.")
        out.print("\n" + tr(said, x=factor, half=1.96 * se, words=words))
    grid = table(
        *(tr("reading"), tr("counted per"), tr("true success %"), "±", tr("log evidence")),
        right=(2, 3, 4),
        title="\n" + tr("Counting cases"),
    )
    for _, row in found.committee.iterrows():
        grid.add_row(
            terms.reading(row["reading"]),
            tr(row["counted_per"]),
            number(row["true_success_rate"]),
            number(1.96 * row["standard_error"]),
            number(row["log_evidence"]),
        )
    out.print(grid)
    print_over_selectivity(found.over_selectivity())


def print_over_selectivity(frame: pd.DataFrame) -> None:
    """True figures over how selective the record is: what the two readings are the ends of."""
    if frame.empty:
        return
    out = console()
    figures = [f for f in SHOWN if f in set(frame["figure"])]
    grid = table(
        *(tr("selectivity"), tr(ON_FILE), *(terms.metric(f) for f in figures), tr("log evidence"), "ESS"),
        right=tuple(range(1, len(figures) + 4)),
        title="\n"
        + tr("Over the selectivity of the record (0 proportional, 1 target-driven); medians, 5 to 95 %"),
    )
    for at, part in frame.groupby("selectivity", sort=True):
        by = {str(row["figure"]): row for _, row in part.iterrows()}
        first = part.iloc[0]
        grid.add_row(
            f"{at:g}",
            *(_band(by[f]) for f in (ON_FILE, *figures)),
            number(first["log_evidence"]),
            f"{first['ess']:,.0f}",
        )
    out.print(grid)


def _band(row: pd.Series) -> str:
    if row["p05"] == row["p95"]:
        return number(row["p50"])
    return tr("{x} ({low} to {high})", x=number(row["p50"]), low=number(row["p05"]), high=number(row["p95"]))


def print_calibrated(study: PlaceCalibrated | Pooled | Calibrated) -> None:
    """What a folder of a calibration holds: a place, what places pool, or both of several."""
    places = study.places if isinstance(study, Calibrated) else ()
    for one in (study,) if isinstance(study, PlaceCalibrated) else places:
        print_calibration(one.calibration)
    if not isinstance(study, PlaceCalibrated) and study.pooling is not None:
        print_pooled(study.pooling)


def _reading(name: str, r: Reading) -> None:
    out = console()
    rate = r.draws.about["true_success_rate"]
    w = r.fit.weighted
    out.print()
    out.print(
        tr(
            "{reading} recording: ESS {ess:,.0f} of {n:,}, k {k:.2f}, log evidence {evidence:.2f}; "
            "true success {rate:.2f} ± {half:.2f} %",
            reading=terms.reading(name),
            ess=w.ess,
            n=len(r.fit.scores),
            k=w.k,
            evidence=w.log_evidence,
            rate=rate["mean"],
            half=1.96 * (rate["se"] or 0),
        )
    )
    _targets(r)
    if r.evidence:
        print_evidence(r.evidence)
    if r.register is not None:
        print_register(r.register)
    _bias(r)
    _learnt(r)
    _to_publish(r)


def _targets(r: Reading) -> None:
    columns = (tr("target"), tr("reported"), tr("prior 5–50–95 %"), "p", tr("posterior 5–50–95 %"), "p", "")
    grid = table(*columns, right=(1, 2, 3, 4, 5))
    for t in r.targets:
        prior, posterior = (" – ".join(number(x) for x in band) for band in (t.prior, t.posterior))
        name, reported, why = terms.metric(t.target.metric), shown(t.shown), shown(t.why)
        grid.add_row(name, reported, prior, f"{t.p_prior:.3f}", posterior, f"{t.p_posterior:.3f}", why)
    console().print(grid)


def _bias(r: Reading) -> None:
    for figure, b in r.draws.about.get("bias", {}).items():
        console().print(
            tr(
                "{figure}: {part} where a part stands for the place, {whole} in the whole "
                "(difference {apart} ± {half}).",
                figure=terms.named(figure),
                part=number(b["part"]),
                whole=number(b["whole"]),
                apart=number(b["part"] - b["whole"]),
                half=number(1.96 * b["error"]),
            )
        )


def _learnt(r: Reading) -> None:
    """Which parameters the figures moved or narrowed, and along which directions."""
    out = console()
    beyond = r.learnt[
        (r.learnt["mean"].abs() > 3 * r.learnt["mean_noise"])
        | (r.learnt["contraction"] > 3 * r.learnt["noise"])
    ]
    said = marked("The figures moved or narrowed {n} of {m} parameters beyond noise; most of all:")
    out.print(tr(said, n=len(beyond), m=len(r.learnt)))
    for _, row in beyond.head(TOP).iterrows():
        out.print(
            tr(
                "  {name}: {mean:+.2f} prior sd, its sd now {sd:.2f} of the prior's (contraction {share:.0%})",
                name=row["parameter"],
                mean=row["mean"],
                sd=row["sd"],
                share=row["contraction"],
            )
        )
    s = r.spectrum
    if len(s.variances):
        spread = ", ".join(f"{v:.2f}" for v in s.variances)
        said = marked(
            "Directions that figures speak of have variances {list} (prior 1); {n} others stay free."
        )
        out.print(tr(said, list=spread, n=s.free))


def _to_publish(r: Reading) -> None:
    """The figure that would narrow each goal most."""
    if not len(r.extra):
        return
    for goal, part in r.extra.groupby("goal", sort=False):
        best = part.iloc[0]
        console().print(
            tr(
                "To narrow {goal} most, publish {figure}: it explains {share:.0%} of the doubt "
                "({low:.0%} to {high:.0%}).",
                goal=terms.metric(str(goal)),
                figure=terms.named(best["figure"]),
                share=best["explains"],
                low=best["low"],
                high=best["high"],
            )
        )


def print_evidence(figures: Sequence[Weighed]) -> None:
    """Soft evidence, figure by figure: what the source says, what the model gives before and after, and conflicts."""
    columns = (tr("evidence"), tr("source says"), tr("prior 5–50–95 %"), tr("inside"))
    grid = table(*columns, tr("posterior 5–50–95 %"), tr("inside"), "p", "", right=(1, 2, 3, 4, 5, 6))
    for one in figures:
        prior, posterior = (" – ".join(number(x) for x in band) for band in (one.prior, one.posterior))
        said = tr("conflict") if one.conflict else "" if one.used else tr("compared only")
        grid.add_row(
            terms.figure(realised_name(one.figure, one.part)),
            tr("{low} to {high}", low=number(one.low), high=number(one.high)),
            prior,
            f"{one.inside_prior:.0%}",
            posterior,
            f"{one.inside_posterior:.0%}",
            f"{one.p_posterior:.3f}",
            said,
        )
    console().print(grid)


def print_register(joined: Joined) -> None:
    """A register figure by figure: in the register, and what simulated ones give before and after."""
    form = joined.register.form
    said = marked(
        "The register {file}, {n:,} disputes received from {first} to {last}, in the same likelihood. Of the "
        "registers that the calibrated county would have, {p:.0%} lie farther from what is expected."
    )
    n = sum(joined.register.figures[total_name(outcome)] for outcome in form.totals)
    about = {
        "file": joined.register.about["file"],
        "n": int(n),
        "first": str(form.first),
        "last": str(form.last),
    }
    console().print(tr(said, **about, p=joined.p))
    columns = (
        tr("register"),
        tr("unit"),
        tr("in register"),
        tr("prior 5–50–95 %"),
        tr("posterior 5–50–95 %"),
    )
    grid = table(*columns, "p", "", right=(2, 3, 4, 5))
    for one in joined.figures:
        prior, posterior = (" – ".join(number(x) for x in band) for band in (one.prior, one.posterior))
        own = "" if one.value != one.value else number(one.value)
        p = "" if one.p != one.p else f"{one.p:.3f}"
        grid.add_row(
            *(shown(one.figure), terms.unit(one.unit), own, prior, posterior, p),
            "" if one.used else tr("shown only"),
        )
    console().print(grid)


def print_pooled(found: PooledPlaces) -> None:
    """Chains that have not converged, how far pooling moved each place, and whether the others predict it."""
    out = console()
    for complaint in found.complaints:
        out.print(f"  ! {shown(complaint)}")
    grid = table(
        *(tr("place"), tr("reading"), tr("true success % alone"), tr("pooled"), "±", tr("moved by")),
        tr("accepted"),
        right=(2, 3, 4, 5, 6),
        title="\n" + tr("Pooling: what is human or statutory is alike in all places"),
    )
    for _, r in found.shrinkage.iterrows():
        numbers = (r["true_success_alone"], r["true_success_pooled"], 1.96 * r["pooled_se"], r["moved"])
        accepted = tr("{x} %", x=f"{100 * r['accepted']:.0f}")
        grid.add_row(tr(r["place"]), terms.reading(r["reading"]), *(number(x) for x in numbers), accepted)
    out.print(grid)
    if not len(found.left_out):
        return
    grid = table(
        *(tr("place left out"), tr("reading"), tr("figure"), tr("reported"), tr("prior 5–50–95 %")),
        *(tr("from the others"), "p", ""),
        right=(3, 4, 5, 6),
        title="\n" + tr("Leave one place out: its figures from the other places"),
    )
    for _, r in found.left_out.iterrows():
        prior = " – ".join(number(r[f"prior_{q}"]) for q in ("p05", "p50", "p95"))
        others = " – ".join(number(r[q]) for q in ("p05", "p50", "p95"))
        inside = tr("inside") if r["inside"] else tr("outside")
        figure, reported = terms.metric(r["figure"]), shown(r["reported"])
        cells = [tr(r["place"]), terms.reading(r["reading"]), figure, reported, prior, others]
        grid.add_row(*cells, f"{r['p']:.3f}", inside)
    out.print(grid)
