"""The answer in a few sentences, with numbers from the tables; that of a comparison is its decision in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pandas as pd

from sim.language import joined, tr
from sim.language import shown as in_words
from sim.scenario import terms
from sim.scenario.metrics import OBJECTIVE
from sim.scenario.place import Title
from sim.show.report.folder import ResultFolder
from sim.studies.calibration.watched import TRUE_RATE
from sim.studies.decision import figure

SENTENCES = 3


def named(metric: str) -> str:
    """A metric in words."""
    return terms.words(metric)


def unit(metric: str) -> str:
    """Its unit; empty where it is not known."""
    return terms.unit_of(metric)


def question(folder: ResultFolder) -> str:
    """What the folder was made to answer."""
    titles = []
    for name in folder.places:
        place = folder.place(name)
        titles.append(terms.title(place.title) if place else name)
    where = tr(", ").join(titles) or folder.path.name
    comparison = folder.manifest.get("comparison", {})
    if folder.command == "compare":
        policies = tr(", ").join(terms.policy(p) for p in sorted(set(_policies(folder))))
        objective = named(str(comparison.get("objective") or OBJECTIVE))
        if comparison.get("exchange"):
            return tr(
                "What would each mechanism change in {objective}, taken out of or put into {where}?",
                objective=objective,
                where=where,
            )
        return tr(
            "In {where}, what would {policies} change in {objective}?",
            where=where,
            policies=policies,
            objective=objective,
        )
    if folder.command == "select":
        return tr("Which policy is best for {where}, and how sure is that?", where=where)
    if folder.command == "optimise":
        return tr("What should {where} take up under a budget, and what would that bring?", where=where)
    if folder.command == "run":
        return tr("What becomes of the disputes of {where}, and what is recorded of them?", where=where)
    if folder.command == "before-after":
        return tr(
            "What does {where} see when a policy begins, and what would it have seen anyway?", where=where
        )
    if folder.command == "pilot":
        policy = terms.policy(str(folder.manifest["asked"]["policy"]))
        return tr("Which trial of {policy} in {where} could show its effect?", policy=policy, where=where)
    if "experiment" in folder.manifest:
        title = terms.title(Title.model_validate(folder.manifest["experiment"]["title"]))
        return tr("{title}: what becomes of the disputes of all its counties?", title=title)
    if folder.command == "calibrate":
        return tr("Which parameters of {where} agree with what was reported?", where=where)
    if folder.command == "audit":
        return tr(
            "How many closed files of {where} must be rung to know how to read its record?", where=where
        )
    if folder.command == "sensitivity":
        return tr("Which parameters do outcomes and choices in {where} hang on?", where=where)
    if folder.command == "predict":
        return tr("Does the calibrated model of {where} predict figures that it has not seen?", where=where)
    return tr("{command}: {where}", command=folder.command, where=where)


def _policies(folder: ResultFolder) -> Iterator[str]:
    for part in folder.parts:
        effects = folder.table("effects", part)
        if effects is not None:
            yield from effects["policy"].astype(str)


class Answered(Protocol):
    """What sentences are made of: those that a study has said, and its tables by name and part."""

    @property
    def command(self) -> str:
        """The command that has found it."""
        ...

    @property
    def sentences(self) -> Sequence[Any]:
        """What the study has said."""
        ...

    @property
    def parts(self) -> Sequence[str]:
        """Where tables are by place: the places, else one that is empty."""
        ...

    def table(self, name: str, part: str = "") -> pd.DataFrame | None:
        """A table; None where there is none of that name."""
        ...


def answer(folder: ResultFolder) -> list[str]:
    """What the study of the folder has said, or three sentences of its tables, or as many as these allow."""
    return said_of(folder) or [s.replace(" %", "\u00a0%") for s in _of_any(folder)]


def said_of(study: Answered) -> list[str]:
    """The same, and nothing where tables allow no sentence."""
    if study.sentences:
        return [in_words(said).strip().replace(" %", "\u00a0%") for said in study.sentences]
    maker = {
        "run": _of_run,
        "compare": _of_comparison,
        "before-after": _of_change,
        "calibrate": _of_calibration,
    }
    sentences = list(maker[study.command](study)) if study.command in maker else []
    said = sentences if study.command == "compare" else sentences[:SENTENCES]
    return [s.replace(" %", "\u00a0%") for s in said]


def _of_run(folder: Answered) -> Iterator[str]:
    frame = folder.table("summary")
    if frame is None:
        return
    whole = frame[frame["by"].isna()]
    readings = whole["reading"].astype(object).fillna("")
    for under in dict.fromkeys(readings.astype(str)):
        yield joined(*_of_reading(whole[readings == under], under))


def _of_reading(whole: pd.DataFrame, under: str) -> Iterator[str]:
    """What a run says under one reading of the record, or at central values."""

    def row(metric: str, layer: str) -> pd.Series | None:
        found = whole[(whole["metric"] == metric) & (whole["layer"] == layer)]
        return found.iloc[0] if len(found) else None

    def told(one: pd.Series) -> str:
        middle = figure(one["median"] if under else one["mean"])
        if pd.isna(one["low"]):
            return middle
        low, high = figure(one["low"]), figure(one["high"])
        return tr("{x} ({low} to {high})", x=middle, low=low, high=high)

    known, days = row("known_disputes", "true"), row("time_to_settlement_median", "true")
    if known is not None:
        numbers = {"n": told(known), "r": f"{int(known['n']):,}"}
        if under:
            yield tr(
                "{reading} recording: {n} disputes become known in the window (median and 90 % credible interval over "
                "parameters, from {r} replications).",
                reading=terms.reading(under).capitalize(),
                **numbers,
            )
        else:
            yield tr(
                "{n} disputes become known in the window (mean and 90 % confidence interval over {r} replications: "
                "Monte Carlo error alone).",
                **numbers,
            )
        if days is not None:
            yield tr("Half of them end within {days} days.", days=told(days))
    recorded, true = row("success_rate", "recorded"), row("true_success_rate", "true")
    if true is not None and recorded is not None:
        reported = recorded["reported"]
        beside = tr(", beside a reported {x} %", x=reported) if pd.notna(reported) else ""
        yield tr(
            "The record shows {recorded} % mediated with success{beside}; what happens is {true} %.",
            recorded=told(recorded),
            beside=beside,
            true=told(true),
        )
    filings, fights = row("filings_per_10000", "true"), row("eruptions", "true")
    if filings is not None and fights is not None:
        yield tr(
            "Suits filed: {filings} per 10,000 persons a year; disputes that erupt: {fights} in the window.",
            filings=told(filings),
            fights=told(fights),
        )


def _of_comparison(folder: Answered) -> Iterator[str]:
    """The decision in words, as the command wrote it, place by place."""
    for part in folder.parts:
        frame = folder.table("in_words", part)
        if frame is not None:
            yield from (in_words(sentence) for sentence in frame["sentence"])


def _of_change(folder: Answered) -> Iterator[str]:
    frame = folder.table("changes")
    if frame is None:
        return
    claimed = frame[frame["claimed"].notna()] if "claimed" in frame else frame.head(0)
    for _, row in (claimed if len(claimed) else frame).head(SENTENCES).iterrows():
        zero = not (row["effect_low"] > 0 or row["effect_high"] < 0)
        effect = tr("no difference shown") if zero else tr("{x} %", x=figure(row["effect_median"]))
        claim = tr(", claimed {x} %", x=figure(row["claimed"])) if pd.notna(row.get("claimed")) else ""
        yield tr(
            "{metric}, villages {which}: without the policy the county would see {low} to {high} % anyway{claim}; "
            "what the policy adds: {effect}.",
            metric=named(str(row["metric"])),
            which=terms.named(row["villages"]),
            low=figure(row["anyway_low"]),
            high=figure(row["anyway_high"]),
            claim=claim,
            effect=effect,
        )


def _of_calibration(folder: Answered) -> Iterator[str]:
    diagnoses, targets = folder.table("diagnoses"), folder.table("targets")
    committee = folder.table("per_committee")
    if diagnoses is not None:
        failed = diagnoses[~diagnoses["passed"].astype(bool)]
        if len(failed):
            first = failed.iloc[0]
            yield tr(
                "{n} of {m} diagnoses failed, first {name} ({reading} recording): {value}, should be {bar}.",
                n=len(failed),
                m=len(diagnoses),
                name=terms.named(first["name"]),
                reading=_reading(first["reading"]),
                value=figure(float(first["value"])),
                bar=terms.named(first["bar"]),
            )
        else:
            yield tr("All {m} diagnoses of the fits passed.", m=len(diagnoses))
    if committee is not None:
        rows = committee[committee["counted_per"] == "dispute"]
        yield tr(
            "True success of closed cases: {list}.",
            list=tr("; ").join(
                tr(
                    "{x} % ({reading} recording)",
                    x=figure(r["true_success_rate"]),
                    reading=_reading(r["reading"]),
                )
                for _, r in rows.iterrows()
            ),
        )
    yield from _over_selectivity(folder.table("selectivity"))
    if targets is not None:
        wrong = targets[targets["misfit"].astype(bool)]
        yield tr("{n} of {m} figures are misfits.", n=len(wrong), m=len(targets))


def _over_selectivity(frame: pd.DataFrame | None) -> Iterator[str]:
    if frame is None or not len(frame):
        return
    rows = frame[frame["figure"] == TRUE_RATE].sort_values("selectivity")
    if len(rows) < 2:
        return
    first, last = rows.iloc[0], rows.iloc[-1]
    yield tr(
        "Over the selectivity of the record the true success rate goes from {first} % (90 % interval {low} to {high}) "
        "where all cases are recorded alike to {last} % ({low2} to {high2}) where successes are favoured as far as "
        "the ranges go.",
        first=figure(float(first["p50"])),
        low=figure(float(first["p05"])),
        high=figure(float(first["p95"])),
        last=figure(float(last["p50"])),
        low2=figure(float(last["p05"])),
        high2=figure(float(last["p95"])),
    )


def _reading(name: str) -> str:
    return terms.reading(name).replace("-", " ")


def _of_any(folder: ResultFolder) -> Iterator[str]:
    yield tr(
        "The folder holds {t} tables and {f} figures; they are below.",
        t=len(folder.readable),
        f=len(folder.figures),
    )
