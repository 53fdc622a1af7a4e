"""The schema of an experiment on a nation: one typical county, national totals, and how far counties differ.

Where the numbers go is told in docs/nation.md. Every number is a `Quantity`, as in places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from sim.language import Message
from sim.scenario import checks
from sim.scenario.checks_window import Problem
from sim.scenario.errors import Fault, ScenarioError, listed, nearest, shown
from sim.scenario.fields import PathKeys, changed, expected_at, quantities, quantity_at
from sim.scenario.load import load_place, load_tree, located, validated
from sim.scenario.lookup import find, names
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Fact, Place, Slug, Source, Strict, Title
from sim.scenario.quantity import Persons, PositiveCount, Quantity, Ratio, _quantity
from sim.scenario.shipped import shipped_root
from sim.scenario.translate import Index
from sim.scenario.yaml_tree import display, missing_remedy, read

FOLDER = "experiments"
COUNTY = "county."  # `--set county.going.sues=0.3` changes the typical county
PER = {f"per {persons:,} persons per year": persons for persons in (1_000, 10_000, 100_000)}
MAX_COUNTIES = 65_535  # a replication of a county is numbered (replication << 16) | county


class Totals(Strict):
    """National totals that the counties share out. Mediators are those of all committees."""

    counties: _quantity("count", 1.0, MAX_COUNTIES, integer=True)  # type: ignore[valid-type]
    persons: Persons
    villages: PositiveCount
    townships: PositiveCount
    committees: PositiveCount
    mediators: PositiveCount


class Spread(Strict):
    """How far counties differ: coefficients of variation of lognormals."""

    persons: Ratio
    persons_per_village: Ratio
    villages_per_township: Ratio
    mediators_per_village: Ratio


class Varied(Strict):
    """A number of the typical county that differs between counties, within its low and high."""

    path: str
    cv: Ratio


class Outside(Strict):
    """A published figure beside which the national one is shown. `metric` is a count, `figure` a rate of `PER`."""

    name: str
    metric: Slug
    figure: Quantity
    note: str


class Experiment(Strict):
    """A nation, ready to be drawn and run. `base` names the file of the typical county."""

    schema_version: Literal[1]
    design: Literal["nation"]
    name: Slug
    title: Title
    about: str
    base: str
    sources: dict[str, Source]
    totals: Totals
    spread: Spread
    vary: list[Varied]
    outside: list[Outside]
    facts: list[Fact]


@dataclass(frozen=True)
class Nation:
    """An experiment and its typical county."""

    experiment: Experiment
    county: Place


# What the totals decide, so that `vary` cannot.
SHARED_OUT = {
    "population.persons": "totals.persons and spread.persons",
    "villages.count": "totals.villages and spread.persons_per_village",
    "townships.count": "totals.townships and spread.villages_per_township",
    "villages.mediators": "totals.mediators and spread.mediators_per_village",
    "townships.mediators": "totals.mediators",
    "county.departments": "totals.mediators",
}


def load_experiment(name_or_path: str | Path, sets: Sequence[str] = ()) -> Nation:
    """An experiment by name (`national_year`) or file; sets that begin with `county.` are for its county.

    Raises ScenarioError with every fault of the experiment, or else every fault of its county.
    """
    path = find(name_or_path, FOLDER)
    inner = [text.strip()[len(COUNTY) :] for text in sets if text.strip().startswith(COUNTY)]
    own = [text for text in sets if not text.strip().startswith(COUNTY)]
    tree, index = load_tree(path, own, Experiment)
    experiment = validated(Experiment, tree, index)
    base = _base(experiment, path)
    if base is None:
        beside = path.parent / experiment.base
        remedy = missing_remedy(beside) if not beside.is_dir() else Message("Name the file of a place.")
        problem = Message("the file {beside} does not exist", beside=display(beside))
        raise ScenarioError([located(("base",), problem, remedy, index)])
    county = load_place(base, inner)
    problems = [
        *_sources(experiment),
        *_totals(experiment),
        *_vary(experiment, county),
        *_outside(experiment),
    ]
    if problems:
        raise ScenarioError(_faults(problems, index))
    return Nation(experiment, county)


def _faults(problems: Sequence[Problem], index: Index) -> Iterator[Fault]:
    return (located(p.path, p.problem, p.remedy, index) for p in problems)


def is_experiment(name_or_path: str | Path) -> bool:
    """Whether a name or file is an experiment: by its folder, else by what the file says of itself."""
    text = str(name_or_path)
    if text in names(FOLDER):
        return text not in names("places")
    path = Path(text)
    try:
        if not path.is_file():
            return False
        if path.resolve().parent.name == FOLDER:
            return True
        top = read(path).value
    except (OSError, ValueError, ScenarioError):
        return False
    return isinstance(top, dict) and "design" in top


def _base(experiment: Experiment, path: Path) -> Path | None:
    """The file of the typical county: relative to the experiment's file, else to the shipped scenarios."""
    if "\0" in experiment.base or Path(experiment.base).is_absolute():
        return None
    for candidate in (path.parent / experiment.base, shipped_root() / experiment.base):
        try:
            if candidate.is_file():
                return candidate
        except OSError:
            return None
    return None


def _sources(experiment: Experiment) -> Iterator[Problem]:
    used: list[tuple[Any, str]] = [((*path, "source"), q.source) for path, q in quantities(experiment)]
    used += [(("facts", i, "source"), fact.source) for i, fact in enumerate(experiment.facts)]
    for path, key in used:
        if key not in experiment.sources and key != checks.COMMAND_LINE:
            near = nearest(key, experiment.sources)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("Add it below sources: {title: …, date: …}.")
            )
            yield Problem(path, Message("the source {key} is not a key of sources", key=shown(key)), remedy)


def _totals(experiment: Experiment) -> Iterator[Problem]:
    """Every county needs a township, every township a village, every village people and a committee."""
    t = experiment.totals
    chain = [("counties", t.counties), ("townships", t.townships), ("villages", t.villages)]
    levels = [*pairwise(chain), (chain[2], ("persons", t.persons))]
    for (less, few), (more, many) in levels:
        if int(many) < int(few):
            problem = Message(
                "{many:,} {more} are too few for {few:,} {less}",
                many=int(many),
                more=more,
                few=int(few),
                less=less,
            )
            yield Problem(
                ("totals", more),
                problem,
                Message("Write at least {few}, or lower totals.{less}.", few=int(few), less=less),
            )
            return
    local = int(t.villages) + int(t.townships)
    if int(t.committees) < local + int(t.counties):
        problem = Message(
            "{committees:,} committees are too few for {local:,} villages and townships",
            committees=int(t.committees),
            local=local,
        )
        remedy = Message(
            "Write at least {local}: one each, and one more in each county.", local=local + int(t.counties)
        )
        yield Problem(("totals", "committees"), problem, remedy)
    elif int(t.mediators) < 2 * int(t.committees):
        problem = Message(
            "{mediators:,} mediators are too few for {committees:,} committees",
            mediators=int(t.mediators),
            committees=int(t.committees),
        )
        yield Problem(
            ("totals", "mediators"), problem, Message("Write at least {x}.", x=2 * int(t.committees))
        )


def _vary(experiment: Experiment, county: Place) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, varied in enumerate(experiment.vary):
        path = ("vary", i, "path")
        found = quantity_at(county, varied.path)
        expected = expected_at(Place, varied.path.split("."))
        if varied.path in SHARED_OUT:
            problem = Message("{path} is shared out from the totals", path=varied.path)
            yield Problem(
                path, problem, Message("Remove it; see {shared_out}.", shared_out=SHARED_OUT[varied.path])
            )
        elif found is None or expected is None or expected.expects is None:
            known = [".".join(map(str, p)) for p, _ in quantities(county)]
            near = nearest(varied.path, known)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("`explain` of a place lists all of them.")
            )
            yield Problem(path, Message("the county has no number {path}", path=shown(varied.path)), remedy)
        elif expected.expects.integer:
            problem = Message("{path} is a whole number, which a factor would break", path=varied.path)
            yield Problem(path, problem, Message("Remove it."))
        elif varied.path in seen:
            yield Problem(
                path, Message("{path} is varied twice", path=varied.path), Message("Keep one entry.")
            )
        else:
            yield from _at_its_ends(county, varied.path, found, path)
        seen.add(varied.path)


def _at_its_ends(county: Place, varied: str, number: Quantity, path: PathKeys) -> Iterator[Problem]:
    """What breaks in a county whose number is as low, or as high, as it may be."""
    for end in (number.low, number.high):
        for problem in checks.check_numbers(changed(county, {varied: end}))[:1]:
            remedy = Message("Remove it, or narrow low and high of the number in the county's file.")
            yield Problem(
                path,
                Message(
                    "in a county where {varied} is {end:g}, {problem}",
                    varied=varied,
                    end=end,
                    problem=problem.problem,
                ),
                remedy,
            )
            return


def _outside(experiment: Experiment) -> Iterator[Problem]:
    counts = [m.name for m in KNOWN_METRICS.values() if m.unit == "count"]
    for i, outside in enumerate(experiment.outside):
        if outside.metric not in counts:
            near = nearest(outside.metric, counts)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("Write a count, such as {counts}.", counts=listed(counts, 6))
            )
            name = shown(outside.metric)
            problem = (
                Message("{name} is not a count", name=name)
                if outside.metric in KNOWN_METRICS
                else Message("{name} is no outcome", name=name)
            )
            yield Problem(("outside", i, "metric"), problem, remedy)
        if outside.figure.unit not in PER:
            problem = Message(
                "{unit} is not a rate that counts can be turned into", unit=shown(outside.figure.unit)
            )
            remedy = Message(
                "Write one of: {x} (and convert the numbers).", x="; ".join(repr(unit) for unit in PER)
            )
            yield Problem(("outside", i, "figure", "unit"), problem, remedy)
