"""A place file from estimates: what the ledger identifies under `replace`, all else as the national files say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.language import Message, Text, shown
from sim.ledger.estimate import Estimate
from sim.scenario.fields import expected_at
from sim.scenario.place import Place
from sim.scenario.yaml_text import comment, one_line, quoted

NATIONAL = (
    "national/sources.yaml",
    "national/priors.yaml",
    "national/kinds.yaml",
    "national/tiers.yaml",
    "national/evidence.yaml",
)
SOURCE = "ledger"
PER_VILLAGE = 2328  # persons: 495,781 in 213 villages of the typical county (scenarios/national/county.yaml)
VILLAGES_PER_TOWNSHIP = 15.2  # 213 in 14, as above
MOST_PATHS = 60  # in one comment
MEDIATORS_NOTE = "3.176 million mediators in 693,000 committees; by law 3 to 9"


@dataclass(frozen=True)
class About:
    """What a place file says beside estimates. `persons` and `townships` are None where nobody told them."""

    name: str
    file: str
    sha256: str
    cases: int
    start: date
    end: date
    guessed: bool
    villages: int
    villages_told: bool
    persons: int | None
    townships: int | None
    size_cv: float | None = None  # known only with the sizes of villages
    sizes_file: str = ""
    townships_told: bool = True
    written_down: float = 1.0
    written_range: tuple[float, float] | None = None
    mediated: int | None = None
    succeeded: int | None = None

    @property
    def window(self) -> Message:
        """The days that the ledger covers, in words."""
        return Message("{low} to {high}", low=str(self.start), high=str(self.end))


def place_text(about: About, fitted: Sequence[Estimate], comments: Iterable[Text] = ()) -> str:
    """The file. `fitted` are estimates with a path; each becomes a quantity with its interval as range."""
    lines = [
        *(comment(line) for c in (*_head(about), *comments) for line in shown(c).split("\n")),
        f"include: [{', '.join(NATIONAL)}]",
        "schema_version: 1",
        f"name: {quoted(about.name)}",
        f"title: {{en: {_text(_title(about.name))}, zh: {_text(_title(about.name))}}}",
        f"about: {_text(shown(_shows(about)))}",
        "sources:",
        f"  {SOURCE}: {_flow(_source(about))}",
        *([f"  sizes: {_flow(_sizes_source(about))}"] if about.sizes_file else []),
        *([f"  report: {_flow(_report_source(about))}"] if about.mediated is not None else []),
        *_window(about),
        *_people(about),
        *_replaced(fitted),
        "targets:",
        *_targets(about, fitted),
        "mechanisms: []",
    ]
    return "\n".join(lines) + "\n"


def _head(about: About) -> Iterator[Message]:
    yield Message(
        "Written by `fit` from the ledger {file}: {n:,} cases, {window}.",
        file=about.file,
        n=about.cases,
        window=about.window,
    )
    yield Message(
        "Numbers with the source `ledger` have the ledger's 95 % interval as their range; all others are the\n"
        "project's priors. No mechanism is listed: what is in force is in the ledger's numbers already."
    )


def _shows(about: About) -> Message:
    return Message("A place as its ledger {file} shows it, {window}.", file=about.file, window=about.window)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _text(text: str) -> str:
    """A double-quoted YAML string on one line."""
    return quoted(one_line(text))


def _source(about: About) -> dict[str, Any]:
    window = "its first to its last event" if about.guessed else "as stated"
    title = f"Ledger {about.file}: {about.cases} cases, {about.window} ({window}), SHA-256 {about.sha256}"
    return {"title": title, "date": str(about.end), "publisher": "not published", "confidence": "medium"}


def _sizes_source(about: About) -> dict[str, Any]:
    title = f"Persons by village, {about.sizes_file}"
    return {"title": title, "date": str(about.end), "publisher": "not published", "confidence": "medium"}


def _report_source(about: About) -> dict[str, Any]:
    title = f"Figures reported for {about.start} to {about.end}, as told to `fit`"
    return {"title": title, "date": str(about.end), "publisher": "as told to `fit`", "confidence": "medium"}


def _flow(values: Mapping[str, Any]) -> str:
    """A mapping on one line; texts are quoted, words that the schema lists are not."""
    plain = {"unit", "source", "status"}
    parts = []
    for key, value in values.items():
        if isinstance(value, str):
            parts.append(f"{key}: {value if key in plain and ',' not in value else _text(value)}")
        else:
            parts.append(f"{key}: {_number(value)}")
    return "{" + ", ".join(parts) + "}"


def _number(x: float) -> str:
    if float(x) == int(x):
        return str(int(x))
    text = f"{x:.6g}"
    return text if "e" not in text else f"{x:.12f}".rstrip("0")


def _quantity(
    value: float, unit: str, low: float, high: float, source: str, status: str, note: str = ""
) -> str:
    parts: dict[str, Any] = {"value": value, "unit": unit, "low": low, "high": high}
    parts |= {"source": source, "status": status}
    return _flow(parts | ({"note": note} if note else {}))


def _window(about: About) -> list[str]:
    note = "first and last event: the ledger may cover more days" if about.guessed else "as stated"
    warm_up = _quantity(
        300, "days", 180, 730, "own_measurement", "derived", "as in the places that come along"
    )
    return [
        "window:",
        f"  start: {about.start}",
        f"  end: {about.end}",
        f"  end_earliest: {about.end}",
        f"  end_latest: {about.end}",
        f"  source: {SOURCE}",
        f"  note: {_text(note)}",
        f"  warm_up: {warm_up}",
    ]


def _people(about: About) -> list[str]:
    told = about.persons is not None
    persons = about.persons if about.persons is not None else about.villages * PER_VILLAGE
    source = "sizes" if about.sizes_file else "assumption"
    townships = about.townships or min(about.villages, max(1, round(about.villages / VILLAGES_PER_TOWNSHIP)))
    count = (
        "as told to `fit`"
        if about.villages_told
        else "sites in the ledger; a village without a case is not in it"
    )
    cv = about.size_cv

    def assumed(value: float, unit: str, low: float, high: float, note: str) -> str:
        return _quantity(value, unit, low, high, "assumption", "assumed", note)

    def per_head(rate: float, note: str) -> str:
        value = max(1, round(persons * rate))
        return assumed(value, "persons", max(1, value // 2), 2 * value, note)

    if told:
        people = _quantity(persons, "persons", persons, persons, source, "assumed", "as told to `fit`")
    else:
        guess = "nobody told: as many per village as in the typical county"
        people = assumed(persons, "persons", persons // 2, persons * 2, guess)
    sizes = (
        assumed(0.5, "ratio", 0.3, 0.8, "villages differ; a ledger does not say by how much")
        if cv is None
        else _quantity(cv, "ratio", cv, cv, "sizes", "derived", "of the persons by village")
    )
    mediators = ("people_daily_2023", "derived", MEDIATORS_NOTE)
    return [
        "population:",
        f"  persons: {people}",
        f"  minority_language: {assumed(0, 'share', 0, 0.3, 'not in the ledger')}",
        "villages:",
        f"  count: {_quantity(about.villages, 'count', about.villages, about.villages, SOURCE, 'derived', count)}",
        f"  size_cv: {sizes}",
        f"  grid_heads: {assumed(7, 'persons per village', 1, 10, 'as in the typical county')}",
        f"  mediators: {_quantity(4.583, 'persons per village', 3, 9, *mediators)}",
        "townships:",
        "  count: "
        + assumed(
            *(townships, "count", townships, townships),
            "as many villages each as in the typical county"
            if not about.townships
            else "as told to `fit`"
            if about.townships_told
            else "townships that the ledger names",
        ),
        f"  mediators: {_quantity(4.583, 'persons per township', 3, 9, *mediators)}",
        f"  police: {assumed(6.4, 'persons per township', 4, 16, 'as in the typical county')}",
        "county:",
        "  outside: false",
        f"  petition_officers: {per_head(2.5e-5, '2.5 per 100,000 persons, as in every place')}",
        f"  departments: {per_head(15.7e-5, '78 in the typical county of 495,781 persons')}",
        f"  decision_officers: {per_head(4e-5, '4 per 100,000 persons, as in every place')}",
        f"  court_mediators: {per_head(4e-5, '4 per 100,000 persons, as in every place')}",
        f"  judges: {per_head(7.5e-5, '7.5 per 100,000 persons, as in the typical county')}",
    ]


def _replaced(fitted: Sequence[Estimate]) -> list[str]:
    tree: dict[str, Any] = {}
    for estimate in fitted:
        node = tree
        *above, last = estimate.path.split(".")
        for key in above:
            node = node.setdefault(key, {})
        node[last] = quantity_of(estimate)
    return ["replace:", *_block(tree, 1)] if tree else []


def _block(tree: Mapping[str, Any], depth: int) -> list[str]:
    out = []
    for key, value in tree.items():
        if isinstance(value, str):
            out.append(f"{'  ' * depth}{key}: {value}")
        else:
            out += [f"{'  ' * depth}{key}:", *_block(value, depth + 1)]
    return out


def quantity_of(estimate: Estimate) -> str:
    """An estimate as a quantity on one line, within the bounds that the schema has for it."""
    expected = expected_at(Place, estimate.path.split("."))
    if expected is None or expected.expects is None:
        raise ValueError(f"{estimate.path} is no number of a place")
    bounds = expected.expects

    def inside(x: float) -> float:
        return min(max(x, bounds.minimum), bounds.maximum)

    value, low, high = (inside(x) for x in (estimate.value, estimate.low, estimate.high))
    rounded = [float(_number(x)) for x in (min(low, value), value, max(high, value))]
    held = f"given {estimate.given}" if estimate.given else ""
    said = (f"{estimate.method}, n = {estimate.n}", held, str(estimate.note))
    note = "; ".join(x for x in said if x)
    return _quantity(rounded[1], bounds.unit, rounded[0], rounded[2], SOURCE, "derived", note)


def _targets(about: About, fitted: Sequence[Estimate]) -> list[str]:
    out = [*_known_disputes(about, fitted), *_reported(about)]
    return out or ["  []"]


def _known_disputes(about: About, fitted: Sequence[Estimate]) -> Iterator[str]:
    """The number of rows as that of known disputes, where the rate of grievances was set by it."""
    rate = next((e for e in fitted if e.path == "incidence.latent_rate"), None)
    if rate is None:
        return
    note = "What latent_rate was set by, together with the priors of detection."
    said = f"value: {round(rate.n / about.written_down)}, exactness: exact, role: calibrate"
    if about.written_range:
        low, high = about.written_range
        said = f"value: {_number(rate.n / high)}, high: {_number(rate.n / low)}, exactness: between, role: context"
        note = f"{rate.n} in the ledger, which holds {low:g} to {high:g} of them."
    yield f"  - {{metric: known_disputes, {said}, source: {SOURCE}, note: {_text(note)}}}"


def _reported(about: About) -> list[str]:
    """What the place reported of the same window, beside its ledger."""
    end = "exactness: exact, role: calibrate, source: report"
    told = (("mediated", about.mediated), ("succeeded", about.succeeded))
    return [f"  - {{metric: {metric}, value: {n}, {end}}}" for metric, n in told if n is not None]


def listed_paths(paths: Sequence[str]) -> Message:
    """Paths for a comment, those of all kinds or tiers in one."""
    short: dict[str, None] = {}
    for path in paths:
        keys = path.split(".")
        if keys[0] in ("kinds", "tiers", "working") and len(keys) > 2:
            same = [p for p in paths if p.split(".")[0] == keys[0] and p.split(".")[2:] == keys[2:]]
            keys[1] = "*" if len(same) > 4 else keys[1]
        short[".".join(keys)] = None
    names = list(short)
    if len(names) > MOST_PATHS:
        return Message("{list} and {n} more", list=names[:MOST_PATHS], n=len(names) - MOST_PATHS)
    return Message("{list}", list=names)
