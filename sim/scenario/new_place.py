"""A place file for another county, from the handful of figures that a news report gives.

What the report says is marked as reported; everything else is a national figure or an assumption, with a range, and the
file says which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sim.language import Message, current, tr
from sim.scenario.yaml_text import comment, quoted

VILLAGES_PER_TOWNSHIP = 606_000 / 38_600  # national, scenarios/experiments/national_year.yaml
FIRST_YEAR, LAST_YEAR = 1949, 2100  # as in ledgers
PER_COMMITTEE = 4.58  # mediators, national: 3.176 million in 693,000 committees
# Persons per 100,000 inhabitants: value, low, high, and why.
COUNTY_STAFF = {
    "petition_officers": (2.5, 1.25, 5.0, "2.5 per 100,000 persons, assumed in every place"),
    "departments": (24.0, 16.0, 48.0, "24 per 100,000 persons, as in Liucheng"),
    "decision_officers": (4.0, 2.0, 8.0, "4 per 100,000 persons, assumed in every place"),
    "court_mediators": (4.0, 2.0, 8.0, "4 per 100,000 persons, assumed in every place"),
    "judges": (9.0, 5.0, 12.0, "some 9 per 100,000 persons in the country"),
}


@dataclass(frozen=True)
class News:
    """What a report says; None where it is silent. Counts are of the whole county, `rate` is in percent as printed."""

    name: str
    villages: int
    persons: int
    townships: int | None = None
    mediators: int | None = None
    mediated: int | None = None
    succeeded: int | None = None
    rate: str | None = None
    start: date | None = None
    end: date | None = None
    title_en: str = ""
    title_zh: str = ""
    source: str = ""
    url: str = ""

    def problems(self) -> list[tuple[str, Message]]:
        """What cannot be, as pairs of figure and complaint."""
        out = []
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            out.append(
                (
                    "name",
                    Message("'{name}' must begin with a letter and hold a–z, 0–9 and _ only", name=self.name),
                )
            )
        for figure in ("villages", "persons", "townships", "mediators"):
            value = getattr(self, figure)
            if value is not None and value < 1:
                out.append((figure, Message("{n} must be at least 1", n=value)))
        if self.townships is not None and self.townships > self.villages:
            out.append(
                (
                    "townships",
                    Message("{n} are more than the {m} villages", n=self.townships, m=self.villages),
                )
            )
        if self.mediated is not None and self.succeeded is not None and self.succeeded > self.mediated:
            out.append(
                (
                    "succeeded",
                    Message("{n} are more than the {m} mediated", n=self.succeeded, m=self.mediated),
                )
            )
        if self.rate is not None and (
            not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", self.rate) or float(self.rate) > 100
        ):
            out.append(("rate", Message("'{text}' must be a percentage such as 98.2", text=self.rate)))
        elif None not in (self.rate, self.mediated, self.succeeded) and not self._rate_fits():
            told = {"rate": self.rate, "n": self.succeeded, "m": self.mediated}
            out.append(("rate", Message("{rate} % is not {n} of {m}; leave one of the three out", **told)))
        for figure in ("start", "end"):
            day = getattr(self, figure)
            if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
                years = {"day": day, "first": FIRST_YEAR, "last": LAST_YEAR}
                out.append((figure, Message("{day} is not in the years {first} to {last}", **years)))
        if self.start and self.end and self.start >= self.end:
            out.append(
                ("end", Message("{end} is not after the start, {start}", end=self.end, start=self.start))
            )
        return out

    def _rate_fits(self) -> bool:
        """Whether the rate is what the counts give, as far as it is printed (cut or rounded)."""
        assert self.rate and self.mediated is not None and self.succeeded is not None
        step = 10.0 ** -len(self.rate.partition(".")[2])
        return self.mediated > 0 and abs(float(self.rate) - 100 * self.succeeded / self.mediated) <= step


def last_year(today: date) -> tuple[date, date]:
    """The last full calendar year."""
    return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)


def place_text(news: News, today: date) -> str:
    """The YAML of the place. `today` gives the window where the report names none."""
    start, end = _window(news, today)
    townships = news.townships or max(1, round(news.villages / VILLAGES_PER_TOWNSHIP))
    committees = news.villages + townships
    about = tr(
        "Made from {source}; what it does not say is national or assumed.",
        source=news.source or Message("a news report"),
    )
    title = news.title_en or news.name
    lines = [
        comment(
            tr(
                "{place}: made from the figures of a report by `new`. Change what you know better.",
                place=news.title_zh if current() == "zh" and news.title_zh else title,
            )
        ),
        comment(
            tr(
                "reported: the report says so. external, derived: from national figures. assumed: nobody says so."
            )
        ),
        "include: [national/sources.yaml, national/priors.yaml, national/kinds.yaml, national/tiers.yaml, "
        "national/evidence.yaml]",
        "schema_version: 1",
        f"name: {quoted(news.name)}",
        f"title: {{en: {quoted(title)}, zh: {quoted(news.title_zh or title)}}}",
        f"about: {quoted(about)}",
        "sources:",
        f"  report: {{title: {quoted(_report(news))}, publisher: unknown, confidence: low, date: '{end.isoformat()}'}}",
        "window:" + ("" if news.start and news.end else f"  {comment(_guessed(news))}"),
        *(f"  {k}: {v.isoformat()}" for k, v in (("start", start), ("end", end))),
        *(f"  {k}: {end.isoformat()}" for k in ("end_earliest", "end_latest")),
        "  source: report",
        f"  warm_up: {_number(300, 180, 730, 'days', 'own_measurement', 'derived')}",
        "population:",
        f"  persons: {_number(news.persons, news.persons, news.persons, 'persons', 'report', 'reported')}",
        f"  minority_language: {_number(0, 0, 0.05, 'share', 'assumption', 'assumed')}",
        "villages:",
        f"  count: {_number(news.villages, news.villages, news.villages, 'count', 'report', 'reported')}",
        f"  size_cv: {_number(0.5, 0.3, 0.8, 'ratio', 'assumption', 'assumed')}",
        f"  grid_heads: {_number(6, 4, 8, 'persons per village', 'assumption', 'assumed')}",
        f"  mediators: {_mediators(news, committees)}",
        "townships:",
        f"  count: {_townships(news, townships)}",
        f"  mediators: {_number(5, 3, 9, 'persons per township', 'assumption', 'assumed')}",
        f"  police: {_number(6, 3, 10, 'persons per township', 'assumption', 'assumed')}",
        "county:",
        "  outside: false",
        *(f"  {staff}: {_staff(news.persons, *spec)}" for staff, spec in COUNTY_STAFF.items()),
        *_targets(news),
        "mechanisms: []  "
        + comment(tr("what the place does besides: see `list mechanisms` and the files of the five places")),
        "",
    ]
    return "\n".join(lines)


def _report(news: News) -> str:
    """The title of the report, and where it stands."""
    title = news.source or "News report"
    return f"{title}, {news.url}" if news.url else title


def _guessed(news: News) -> str:
    """What is said of a window that the report does not name, or of which it names one end."""
    if news.start or news.end:
        return tr("one end is not in the report: a year is taken, change it")
    return tr("not in the report: the last full year, change it")


def _window(news: News, today: date) -> tuple[date, date]:
    first, last = last_year(today)
    if news.start and not news.end:
        return news.start, _years_later(news.start, 1) - timedelta(days=1)
    if news.end and not news.start:
        return _years_later(news.end + timedelta(days=1), -1), news.end
    return news.start or first, news.end or last


def _years_later(day: date, years: int) -> date:
    """The same day of another year; 1 March for 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _number(
    value: float, low: float, high: float, unit: str, source: str, status: str, note: str = ""
) -> str:
    told = f", note: {quoted(note)}" if note else ""
    return (
        f"{{value: {value:g}, unit: {unit}, low: {low:g}, high: {high:g}, source: {source}, status: {status}{told}}}"
        if max(abs(value), abs(high)) < 1e6
        else f"{{value: {round(value)}, unit: {unit}, low: {round(low)}, high: {round(high)}, source: {source}, "
        f"status: {status}{told}}}"
    )


def _mediators(news: News, committees: int) -> str:
    unit = "persons per village"
    if news.mediators is None:
        return _number(
            4.6, 3, 9, unit, "people_daily_2023", "external", f"national mean of {PER_COMMITTEE} a committee"
        )
    each = news.mediators / committees
    note = f"{news.mediators} over {committees} committees, one in each village and township"
    return _number(
        round(each, 4), round(0.8 * each, 4), round(1.2 * each, 4), unit, "report", "derived", note
    )


def _townships(news: News, townships: int) -> str:
    if news.townships is not None:
        return _number(townships, townships, townships, "count", "report", "reported")
    note = "not in the report: the national mean of 15.7 villages to a township"
    return _number(townships, townships, townships, "count", "assumption", "assumed", note)


def _staff(persons: int, value: float, low: float, high: float, note: str) -> str:
    scaled = [max(1, round(x * persons / 100_000)) for x in (value, low, high)]
    return _number(scaled[0], scaled[1], max(scaled[2], scaled[0]), "persons", "assumption", "assumed", note)


def _targets(news: News) -> list[str]:
    told = []
    end = "role: calibrate, source: report}"
    for metric, value in (("mediated", news.mediated), ("succeeded", news.succeeded)):
        if value is not None:
            told.append(f"{{metric: {metric}, value: {value}, exactness: exact, {end}")
    if news.rate is not None and None in (news.succeeded, news.mediated):  # else the counts say it exactly
        decimals = len(news.rate.partition(".")[2])
        told.append(
            f"{{metric: success_rate, value: {news.rate}, exactness: rounded, decimals: {decimals}, {end}"
        )
    return ["targets:", *(f"  - {t}" for t in told)] if told else ["targets: []"]
