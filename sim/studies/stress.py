"""The STRESS-DES sheet of a place: what is true of every place from a template, the rest from its scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Template

from sim import __version__
from sim.runs.posterior import path_of
from sim.scenario.explain import Row, explain, explain_measures
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.studies.summary import reported_text
from sim.vocabulary import Tier

SHEET = Path(__file__).with_name("stress_des.md")
DAYS_OF_A_YEAR = 365.0


def stress_sheet(place: Place) -> str:
    """The filled checklist as Markdown."""
    measures = practice(place)
    rows = [*explain(place), *explain_measures(measures)]
    window = place.window
    unsure = window.end_earliest < window.end_latest
    return Template(SHEET.read_text("utf-8")).substitute(
        name=place.name,
        title=f"{place.title.en} {place.title.zh}",
        place_en=place.title.en,
        persons=f"{place.population.persons.value:,.0f}",
        villages=f"{place.villages.count.value:,.0f}",
        townships=f"{place.townships.count.value:,.0f}",
        window=f"{window.start} to {window.end}",
        days=(window.end - window.start).days + 1,
        unsure=f" The end is not known: {window.end_earliest} to {window.end_latest}." if unsure else "",
        warm_up=f"{window.warm_up.value:g}",
        targets="\n".join(_targets(place)),
        calibrated=_calibrated(place),
        practice=", ".join(f"`{m.mechanism}`" for m in measures) or "no mechanism",
        latent=f"{place.population.persons.value * place.incidence.latent_rate.value / 1000:,.0f}",
        kinds=", ".join(f"{name} {100 * spec.share.value:.0f} %" for name, spec in place.kinds.items()),
        staff="\n".join(_staff(place)),
        tiers=", ".join(t.name.lower() for t in Tier if getattr(place.tiers, t.name.lower(), None)),
        sources="\n".join(_sources(place, rows)),
        counted=_counted(rows),
        assumed=", ".join(f"`{row.path}`" for row in rows if row.status == "assumed"),
        version=__version__,
    )


def _targets(place: Place) -> Iterator[str]:
    yield "| figure | reported | use | source |"
    yield "|---|---|---|---|"
    for target in place.targets:
        yield (
            f"| `{target.metric}` | {reported_text(target)} | {target.role.replace('_', ' ')} | {target.source} |"
        )


def _calibrated(place: Place) -> str:
    if path_of(place.name).is_file():
        return f"{place.title.en} is calibrated; every table says so, or that it is not."
    return f"{place.title.en} is not calibrated; every table says so."


def _staff(place: Place) -> Iterator[str]:
    """Persons and hours of each group."""
    units = {"village": float(place.villages.count.value), "township": float(place.townships.count.value)}
    yield "| staff | persons in all | hours a day | share for disputes | calendar |"
    yield "|---|---|---|---|---|"
    parts = (("village", place.villages), ("township", place.townships), ("county", place.county))
    for where, part in parts:
        for name in type(part).model_fields:
            group = f"{where}_mediators" if name == "mediators" else name
            if group not in place.working:
                continue
            working = place.working[group]
            number = float(getattr(part, name).value) * units.get(where, 1.0)
            share = f"{100 * working.daily_hours / working.hours.value:.0f} %"
            if working.busy is not None:
                share = f"follows from the cases: {100 * float(working.busy.value):.0f} % of it in use"
            cells = (group.replace("_", " "), f"{number:,.0f}", f"{working.hours.value:g}", share)
            yield f"| {' | '.join(cells)} | {working.calendar} |"


def _sources(place: Place, rows: list[Row]) -> Iterator[str]:
    used = Counter(row.source for row in rows)
    for key, number in used.most_common():
        if key in place.sources:
            source = place.sources[key]
            said = ", ".join(part for part in (source.title, source.publisher, source.date) if part)
            yield f"- `{key}` ({number} number{'s' * (number > 1)}): {said}. Confidence {source.confidence}."


def _counted(rows: list[Row]) -> str:
    counts = Counter(row.status for row in rows)
    return f"{len(rows)} numbers: " + ", ".join(f"{n} {status}" for status, n in counts.most_common()) + "."
