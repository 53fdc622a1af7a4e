"""What a report says of a place's calibration and of figures that were held out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sim.language import found, shown, tr
from sim.runs.posterior import Posterior, load, path_of
from sim.scenario import terms
from sim.show.report.folder import ResultFolder, table_of
from sim.show.report.held_out import in_words
from sim.studies.decision import figure


@dataclass(frozen=True)
class Calibrated:
    """Sentences, failed diagnoses first, and a table of reported figures; held-out predictions where they were made."""

    place: str
    title: str
    used: bool
    words: tuple[str, ...]
    targets: pd.DataFrame
    held_out: pd.DataFrame | None


def used_posterior(folder: ResultFolder) -> bool:
    """Whether the numbers of a folder were drawn from a posterior."""
    if folder.manifest.get("posterior"):
        return True
    return any(cell.get("posterior") for cell in folder.manifest.get("cells", ()))


def calibrated(folder: ResultFolder, place: str) -> Calibrated:
    """Of one place of the folder."""
    used = used_posterior(folder)
    posterior = _posterior(folder, place)
    frame = _held_out(folder, place)
    if posterior is None:
        words = [tr("No posterior is kept for {place}: `calibrate {place}` makes one.", place=place)]
        return Calibrated(place, folder.title(place), used, tuple(words), pd.DataFrame(), frame)
    failures: list[str] = []
    words = []
    rows = []
    for name, reading in posterior.readings.items():
        about = reading.about
        beside = about.get("messages", {})
        spoken = terms.reading(name)
        for failed in (d for d in about["diagnoses"] if not d["passed"]):
            failures.append(
                tr(
                    "Failed, {reading} recording: {name} {value}, should be {bar}.",
                    reading=spoken,
                    name=found(failed["name"], beside),
                    value="–" if failed["value"] is None else figure(float(failed["value"])),
                    bar=found(failed["bar"], beside),
                )
            )
        rate = about["true_success_rate"]
        words.append(
            tr(
                "{reading} recording: true success {rate} %, effective sample size {ess}.",
                reading=spoken.capitalize(),
                rate=figure(float(rate["mean"])),
                ess=f"{about['ess']:,.0f}",
            )
        )
        for t in about["targets"]:
            low, middle, high = (figure(float(x)) for x in t["posterior"])
            rows.append(
                {
                    tr("reading"): spoken,
                    tr("figure"): terms.words(t["metric"]),
                    tr("reported"): shown(found(t["reported"], beside)),
                    tr("simulated median"): middle,
                    tr("5 %"): low,
                    tr("95 %"): high,
                    tr("p"): t["p_posterior"],
                    tr("verdict"): tr("misfit") if t["misfit"] else tr("reproduced"),
                }
            )
    factor = posterior.about.get("log_bayes_factor")
    if factor is not None:
        words.append(
            tr(
                "Log evidence of proportional over target-driven recording: {x}, under the ranges assumed.",
                x=figure(float(factor)),
            )
        )
    words = [*failures, *words]
    return Calibrated(place, folder.title(place), used, tuple(words), pd.DataFrame(rows), frame)


def _held_out(folder: ResultFolder, place: str) -> pd.DataFrame | None:
    """What `predict` has predicted of the place last, beside the folder."""
    files = folder.path.parent.glob("predict*/held_out.csv")
    for path in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True):
        every = table_of(path.parent, path.name)
        if every is not None and len(mine := every[every["place"] == place]):
            return in_words(mine)
    return None


def _posterior(folder: ResultFolder, place: str) -> Posterior | None:
    """The posterior that the folder's own command made, else the one that is kept for the place."""
    own = folder.path / "posterior.json" if folder.command == "calibrate" else None
    path = own if own is not None and own.is_file() else path_of(place)
    found = load(path) if path.is_file() else None
    if found is not None and found.place == place and all(r.about for r in found.readings.values()):
        return found
    return None
