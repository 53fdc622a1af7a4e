"""The schema of a comparison: places × policies × parameter draws × replications, and what is to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from sim.language import Message, Text
from sim.scenario.errors import Fault, ScenarioError, UserError, listed, nearest, shown
from sim.scenario.load import load_place, load_tree, located, validated
from sim.scenario.lookup import beside, find, names
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.mechanisms.base import Mechanism
from sim.scenario.metrics import COMPARED, KNOWN_METRICS, OBJECTIVE
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place, Slug, Strict, Title
from sim.scenario.policies import PRACTICE, parse
from sim.scenario.policy import Measure
from sim.scenario.policy import names as mechanisms_of
from sim.scenario.terms import Term

FOLDER = "experiments"
DESIGN = "comparison"
MAX_DRAWS = 4000
_LIMITS = {"le": "at most", "ge": "at least", "lt": "below", "gt": "above"}
MAX_REPLICATIONS = 1 << 20


class Comparison(Strict):
    """What is compared with what, and how often. Policies are expressions (sim/scenario/policies.py) by name.

    `exchange` adds, for each place, every mechanism that it lacks and takes out every one that it has. `draws` is the
    number of parameter draws, from the posterior of a place, or the ranges of the scenario where it has none; 1 means
    the central values. Without it, replications are dealt out to draws of a posterior, two to each. `margins` says, by
    metric and in its unit, which effect would matter to the analyst.
    """

    schema_version: Literal[1]
    design: Literal["comparison"]
    name: Slug
    title: Title
    about: str
    places: list[str] = Field(min_length=1)
    baseline: str = PRACTICE
    policies: dict[Slug, str] = {}
    exchange: bool = False
    draws: int | None = Field(default=None, ge=1, le=MAX_DRAWS)
    replications: int = Field(default=100, ge=2, le=MAX_REPLICATIONS)
    seed: int = Field(default=1, ge=0)
    metrics: list[Slug] = list(COMPARED)
    objective: Slug = OBJECTIVE
    margins: dict[Slug, float] = {}
    groups: bool = True


@dataclass(frozen=True)
class Cell:
    """One policy in one place. `expression` is what the analyst wrote."""

    place: Place
    policy: str
    expression: str
    measures: tuple[Measure, ...]
    posterior: ParameterDraws | None = None


@dataclass(frozen=True)
class Design:
    """A comparison with its places loaded and its policies resolved; the first cell of a place is the baseline.

    `left_out` says why a policy of an exchange cannot be in force in a place, by place and policy.
    """

    comparison: Comparison
    cells: tuple[Cell, ...]
    left_out: dict[tuple[str, str], Text] = field(default_factory=dict)

    def feasible(self, fits: Callable[[Cell], object]) -> Design:
        """Without the policies of an exchange that do not fit; others raise what `fits` raises."""
        kept, out = [], dict(self.left_out)
        for cell in self.cells:
            own = cell.policy in self.comparison.policies or cell.policy == self.comparison.baseline
            try:
                fits(cell)
            except ScenarioError as error:
                if own or not self.comparison.exchange:
                    raise
                out[cell.place.name, cell.policy] = error.faults[0].problem
                continue
            kept.append(cell)
        return replace(self, cells=tuple(kept), left_out=out)

    def of(self, place: str) -> list[Cell]:
        """The cells of a place, the baseline first."""
        return [cell for cell in self.cells if cell.place.name == place]

    @property
    def draws(self) -> int:
        """Number of parameter draws; 1 are the central values."""
        return self.comparison.draws or 1

    @property
    def places(self) -> list[str]:
        """The names of the places, in their order."""
        return list(dict.fromkeys(cell.place.name for cell in self.cells))


def load_comparison(name_or_path: str | Path, sets: Sequence[str] = ()) -> Design:
    """A comparison by name or file. Raises ScenarioError with every fault of the file, or else of its policies."""
    file = find(name_or_path, FOLDER)
    tree, index = load_tree(file, sets, Comparison)
    comparison = validated(Comparison, tree, index)
    faults = [located(path, problem, remedy, index) for path, problem, remedy in _problems(comparison)]
    if faults:
        raise ScenarioError(faults)

    def blame(path: tuple[str | int, ...], error: ScenarioError) -> ScenarioError:
        return ScenarioError([located(path, f.problem, f.remedy, index) for f in error.faults])

    with beside(file):
        return resolved(comparison, blame=blame)


def resolved(comparison: Comparison, sets: Sequence[str] = (), blame: Any = None) -> Design:
    """Load the places and read the policies of a comparison. `sets` change values of every place."""
    cells: list[Cell] = []
    for name in comparison.places:
        place = load_place(name, sets)
        policies = {"baseline": comparison.baseline, **comparison.policies, **_exchanged(comparison, place)}
        for policy, expression in policies.items():
            try:
                measures = parse(expression, place)
            except ScenarioError as error:
                path = ("baseline",) if policy == "baseline" else ("policies", policy)
                raise (blame(path, error) if blame else error) from None
            shown_as = comparison.baseline if policy == "baseline" else policy
            if policy not in comparison.policies and policy != "baseline":  # of an exchange: say which way
                shown_as = f"{'-' if f'-{policy}' in expression else '+'}{policy}"
            cells.append(Cell(place, shown_as, expression, measures))
    return Design(comparison, tuple(cells))


def _exchanged(comparison: Comparison, place: Place) -> dict[str, str]:
    """Every mechanism into a place that lacks it and out of one that has it."""
    if not comparison.exchange:
        return {}
    there = mechanisms_of(parse(comparison.baseline, place))
    base = "" if comparison.baseline == PRACTICE else comparison.baseline
    out = {}
    for name, mechanism in MECHANISMS.items():
        if mechanism.exchanged:
            dates = "" if name in there else _dates(mechanism, place)
            out[name] = f"{base}{'-' if name in there else '+'}{name}{dates}"
    return out


def _dates(mechanism: type[Mechanism], place: Place) -> str:
    """What is meant for a short time begins after a third of the window."""
    if mechanism.lasts_days is None:
        return ""
    window = place.window
    start = window.start + (window.end - window.start) // 3
    return f":start={start}:stop={start + timedelta(days=mechanism.lasts_days)}"


def _problems(
    comparison: Comparison, alone: bool = False
) -> Iterator[tuple[tuple[str | int, ...], Text, Text]]:
    if not alone and not comparison.policies and not comparison.exchange:
        yield (
            ("policies",),
            Message("there is nothing to compare"),
            Message("Name a policy, such as whistle: +whistle, or exchange: true."),
        )
    for i, name in enumerate(comparison.places):
        if comparison.places.index(name) != i:
            yield ("places", i), Message("{name} is named twice", name=name), Message("Keep one.")
    if "baseline" in comparison.policies:
        yield (
            ("policies", "baseline"),
            Message("baseline is no name for a policy"),
            Message("Write it as baseline: at the top level."),
        )
    for where, metrics in (
        ("metrics", list(enumerate(comparison.metrics))),
        ("margins", [(m, m) for m in comparison.margins]),
        ("objective", [(None, comparison.objective)]),
    ):
        for key, metric in metrics:
            if metric not in KNOWN_METRICS:
                near = nearest(metric, KNOWN_METRICS)
                remedy = (
                    Message("Did you mean {near}?", near=near)
                    if near
                    else Message("Metrics are {known_metrics}.", known_metrics=listed(KNOWN_METRICS, 8))
                )
                path: tuple[str | int, ...] = (where,) if key is None else (where, key)
                yield path, Message("there is no metric {metric}", metric=shown(metric)), remedy
    for metric, margin in comparison.margins.items():
        if margin < 0:
            yield (
                ("margins", metric),
                Message("the margin {margin:g} is negative", margin=margin),
                Message("Write how large an effect would matter."),
            )


def is_comparison(name_or_path: str | Path) -> bool:
    """Whether a name or file is a comparison, by what it says of itself."""
    from sim.scenario.yaml_tree import read

    text = str(name_or_path)
    try:
        path = find(text, FOLDER) if text in names(FOLDER) else Path(text)
        if not path.is_file():
            return False
        top = read(path).value
    except (OSError, ValueError, ScenarioError):
        return False
    return isinstance(top, dict) and "design" in top and top["design"].value == DESIGN


def _of_options(error: ValidationError) -> Iterator[Fault]:
    """What is wrong with options that became a comparison."""
    for one in error.errors():
        option = f"--{str(one['loc'][0] if one['loc'] else '').replace('_', '-')}"
        limits = [f"{word} {one['ctx'][key]}" for key, word in _LIMITS.items() if key in one.get("ctx", {})]
        remedy = (
            Message("Write one that is {limits}.", limits=limits[0]) if limits else Message("Give another.")
        )
        yield Fault(option, 0, "", Message("{value} cannot be", value=shown(one["input"])), remedy)


def made(
    places: Sequence[str],
    policies: Sequence[str],
    *,
    name: str,
    sets: Sequence[str] = (),
    alone: bool = False,
    **options: Any,
) -> Design:
    """A comparison from the command line; policies are called by their expressions. `alone`: there need be none."""
    named = {f"policy_{i + 1}": expression for i, expression in enumerate(policies)}
    try:
        comparison = Comparison(
            schema_version=1,
            design="comparison",
            name=name,
            title=Title(en=f"Policies for {', '.join(places)}", zh="政策比较"),
            about="",
            places=list(places),
            policies=named,
            **options,
        )
    except ValidationError as error:
        raise ScenarioError(_of_options(error)) from None
    faults = [
        Fault("compare", 0, ".".join(map(str, path)), problem, remedy)
        for path, problem, remedy in _problems(comparison, alone)
    ]
    if faults:
        raise ScenarioError(faults)
    design = resolved(comparison, sets)
    cells = tuple(replace(c, policy=c.expression) for c in design.cells)
    _once(cells)
    return Design(comparison, cells)


def _once(cells: Sequence[Cell]) -> None:
    """Raise UserError for a policy that is named twice, or that is the baseline under the same or another name."""
    for i, cell in enumerate(cells):
        for before in cells[:i]:
            same = cell.expression == before.expression
            if not same and not (cell.measures and cell.measures == before.measures):
                continue
            names = {
                "policy": Term("policy", cell.expression),
                "other": Term("policy", before.expression),
            }
            if before is cells[0]:
                said = (
                    Message(
                        "{policy} is the baseline, with which others are compared. Leave it out.", **names
                    )
                    if same
                    else Message("{policy} is the same as the baseline, {other}. Leave it out.", **names)
                )
            elif same:
                said = Message("{policy} is named twice. Keep one.", **names)
            else:
                said = Message("{policy} is the same policy as {other}. Keep one.", **names)
            raise UserError(said)
