"""What `calibrate` prints and writes as tables."""

from __future__ import annotations

from sim.analysis.calibration.together import Together
from sim.analysis.calibration.whole import Calibration, Reading
from sim.cli.console import console, number, table

TOP = 8


def title_of(reading: str) -> str:
    """A reading in words."""
    return reading.replace("_", "-")


def print_calibration(found: Calibration) -> None:
    """Failed diagnoses and misfits first, then what was found under each reading."""
    out = console()
    out.print(f"\n{found.place.title.en} {found.place.title.zh}")
    complaints = [(title_of(n), c) for n, r in found.readings.items() for c in r.complaints]
    for reading, words in complaints:
        out.print(f"  ! {reading}: {words}")
    if not complaints:
        out.print(
            "  All diagnoses passed; every target lies inside the central 90 % of what the model gives."
        )
    for name, one in found.readings.items():
        _reading(name, one)
    factor, se = found.log_bayes_factor
    if factor == factor:
        if abs(factor) < 3:
            words = "the figures hardly tell the two readings apart"
        else:
            better = "proportional" if factor > 0 else "target-driven"
            words = f"under these priors the figures speak for {better} recording"
        out.print(
            f"\nLog evidence, proportional over target-driven: {factor:+.2f} ± {1.96 * se:.2f}: {words}."
        )
    grid = table(
        "reading",
        "counted per",
        "true success %",
        "±",
        "log evidence",
        right=(2, 3, 4),
        title="\nCounting cases",
    )
    for _, row in found.committee.iterrows():
        grid.add_row(
            title_of(row["reading"]),
            row["counted_per"],
            number(row["true_success_rate"]),
            number(1.96 * row["standard_error"]),
            number(row["log_evidence"]),
        )
    out.print(grid)


def _reading(name: str, r: Reading) -> None:
    out = console()
    rate = r.draws.about["true_success_rate"]
    w = r.fit.weighted
    out.print(
        f"\n{title_of(name)} recording: ESS {w.ess:,.0f} of {len(r.fit.scores):,}, k {w.k:.2f}, log evidence "
        f"{w.log_evidence:.2f}; true success {rate['mean']:.2f} ± {1.96 * (rate['se'] or 0):.2f} %"
    )
    grid = table(
        "target", "reported", "prior 5–50–95 %", "p", "posterior 5–50–95 %", "p", "", right=(1, 2, 3, 4, 5)
    )
    for t in r.targets:
        prior, posterior = (" – ".join(number(x) for x in band) for band in (t.prior, t.posterior))
        grid.add_row(
            t.target.metric, t.shown, prior, f"{t.p_prior:.3f}", posterior, f"{t.p_posterior:.3f}", t.why
        )
    out.print(grid)
    for figure, b in r.draws.about.get("bias", {}).items():
        out.print(
            f"{figure}: {number(b['part'])} where a part stands for the place, {number(b['whole'])} in the whole "
            f"(difference {number(b['part'] - b['whole'])} ± {number(1.96 * b['error'])})."
        )
    told = r.learnt[
        (r.learnt["mean"].abs() > 3 * r.learnt["mean_noise"])
        | (r.learnt["contraction"] > 3 * r.learnt["noise"])
    ]
    out.print(
        f"The figures moved or narrowed {len(told)} of {len(r.learnt)} parameters beyond noise; most of all:"
    )
    for _, row in told.head(TOP).iterrows():
        out.print(
            f"  {row['parameter']}: {row['mean']:+.2f} prior sd, its sd now {row['sd']:.2f} of the prior's "
            f"(contraction {row['contraction']:.0%})"
        )
    s = r.spectrum
    if len(s.variances):
        spread = ", ".join(f"{v:.2f}" for v in s.variances)
        out.print(
            f"Directions that figures speak of have variances {spread} (prior 1); {s.free} others stay free."
        )
    if len(r.extra):
        for goal, part in r.extra.groupby("goal", sort=False):
            best = part.iloc[0]
            out.print(
                f"To narrow {goal} most, publish {best['figure']}: it explains {best['explains']:.0%} of the doubt "
                f"({best['low']:.0%} to {best['high']:.0%})."
            )


def print_together(found: Together) -> None:
    """How far pooling moved each place, and whether the others foretold it."""
    out = console()
    grid = table(
        *("place", "reading", "true success % alone", "pooled", "±", "moved by", "accepted"),
        right=(2, 3, 4, 5, 6),
        title="\nPooling: what is human or statutory is alike in all places",
    )
    for _, r in found.shrinkage.iterrows():
        numbers = (r["true_success_alone"], r["true_success_pooled"], 1.96 * r["pooled_se"], r["moved"])
        grid.add_row(
            r["place"], title_of(r["reading"]), *(number(x) for x in numbers), f"{100 * r['accepted']:.0f} %"
        )
    out.print(grid)
    if not len(found.foretold):
        return
    grid = table(
        *("place left out", "reading", "figure", "reported", "prior 5–50–95 %", "from the others", "p", ""),
        right=(3, 4, 5, 6),
        title="\nLeave one place out: its figures from the other places",
    )
    for _, r in found.foretold.iterrows():
        prior = " – ".join(number(r[f"prior_{q}"]) for q in ("p05", "p50", "p95"))
        others = " – ".join(number(r[q]) for q in ("p05", "p50", "p95"))
        inside = "inside" if r["inside"] else "outside"
        cells = [r["place"], title_of(r["reading"]), r["figure"], r["reported"], prior, others]
        grid.add_row(*cells, f"{r['p']:.3f}", inside)
    out.print(grid)
