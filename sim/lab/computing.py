"""What the page asks for, worked out by the studies and told in plain rows, texts and pictures: runs in workers."""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from sim.lab.crew import still_wanted
from sim.lab.drawing import svg_of
from sim.lab.state import OWN, Added, State
from sim.language import shown, tr, use
from sim.runs.atomic_files import write_atomically
from sim.runs.batch import Progress
from sim.runs.executors.choose import executor_by_name
from sim.scenario import terms
from sim.scenario.explain import Row, explain
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.show.text.console import console
from sim.studies.compare import PoliciesCompared, plan
from sim.studies.study import Work, paint_with
from sim.studies.study_value import EVERYTHING, READING
from sim.studies.study_words import sized

MOST_ASSUMPTIONS = 8
SIGNS = ("lower", "higher")


@dataclass(frozen=True)
class Knob:
    """A number that can be moved: its path or parameter, name, value, range and unit, and what it rests on."""

    name: str
    label: str
    value: float
    low: float
    high: float
    unit: str
    note: str


@dataclass(frozen=True)
class Switch:
    """A mechanism: whether the place practises it, what it is, and its numbers."""

    mechanism: str
    label: str
    about: str
    pays: str
    practised: bool
    knobs: tuple[Knob, ...]


@dataclass(frozen=True)
class Board:
    """Everything that can be turned for a place."""

    title: str
    window: str
    places: tuple[tuple[str, str], ...]
    switches: tuple[Switch, ...]
    assumptions: tuple[Knob, ...]
    calibrated: bool


@dataclass(frozen=True)
class Effect:
    """One outcome: without and with the policy, in words and as numbers."""

    label: str
    unit: str
    baseline: float
    difference: float
    low: float
    high: float
    better: float  # probability
    verdict: str


@dataclass(frozen=True)
class Known:
    """What it would be worth to know something for sure before the choice; `told` whether that is more than chance."""

    label: str
    worth: float
    unit: str
    told: bool


@dataclass(frozen=True)
class Studied:
    """A study before the choice, in its best or usual size: what it would be worth, and what it costs."""

    label: str
    worth: float
    unit: str
    cost: float
    cost_unit: str
    told: bool


@dataclass(frozen=True)
class Seen:
    """What a comparison of so many draws shows."""

    decision: tuple[str, ...]
    warnings: tuple[str, ...]
    interval: str
    effects: tuple[Effect, ...]
    costs: tuple[tuple[str, str], ...]
    loaded: tuple[tuple[str, str, float, float], ...]  # staff, where, busy without, busy with
    mediator: Added  # one more township mediator, where the one that is there is busiest
    known: tuple[Known, ...]
    studies: tuple[Studied, ...]
    draws: int
    replications: int


def ready() -> None:
    """Load what a first answer needs, machine code included."""
    from sim.cli.running import make_ready
    from sim.show.figures.painter import Matplotlib

    paint_with(Matplotlib())
    make_ready("compiled", load_place(names("places")[0]), console(error=True))


def where(state: State, home: Path) -> str:
    """The name of the place, or the file that its own text was written to."""
    if not state.text:
        return state.place
    path = home / "places" / hashlib.sha256(state.text.encode()).hexdigest()[:16] / "place.yaml"
    if not path.exists():
        write_atomically(path, state.text.encode())
    return str(path)


def policy_of(state: State) -> str:
    """The policy that is put beside the practice; where no knob was turned, the place without its mechanisms."""
    return state.policy if state.policy != "practice" else "none"


def sets_of(state: State) -> list[str]:
    """Numbers that were moved, as `--set` takes them."""
    return [f"{path}={value}" for path, value in state.sets]


def board(state: State, language: str, home: Path) -> Board:
    """The knobs of a place. Raises UserError and ScenarioError."""
    with use(language):
        place = load_place(where(state, home))
        practised = {m.mechanism for m in practice(place)}
        window = place.window
        return Board(
            terms.title(place.title),
            tr("{start} to {end}", start=window.start, end=window.end),
            tuple((name, terms.short_title(load_place(name).title)) for name in names("places")),
            tuple(_switch(name, name in practised) for name in sorted(MECHANISMS)),
            tuple(_assumptions(place)),
            False,
        )


def _switch(name: str, practised: bool) -> Switch:
    mechanism = MECHANISMS[name]
    knobs = tuple(
        _knob(Row(key, q.value, q.unit, q.low, q.high, q.status.value, q.source, q.note))
        for key, q in mechanism.parameters().items()
    )
    return Switch(
        name, spaced(terms.mechanism(name)), tr(mechanism.about), tr(mechanism.pays), practised, knobs
    )


def _knob(row: Row) -> Knob:
    low, high = float(row.low), float(row.high)
    return Knob(
        row.path,
        spaced(terms.named(row.path)),
        float(row.value),
        low,
        high,
        terms.named(row.unit),
        tr(row.note),
    )


def _assumptions(place: Place) -> Iterator[Knob]:
    """Assumed numbers of the place, those with the widest range beside their value first."""
    rows = [row for row in explain(place) if row.status == "assumed" and row.high > row.low]
    for row in sorted(rows, key=_width, reverse=True)[:MOST_ASSUMPTIONS]:
        yield _knob(row)


def spaced(name: str) -> str:
    """A name as people write it."""
    return name.replace("_", " ")


def _width(row: Row) -> float:
    if row.unit.startswith("log") or row.low <= 0:
        return float(row.high - row.low) / max(1.0, abs(float(row.value)))
    return math.log(float(row.high) / float(row.low))


def compared(
    state: State, draws: int, replications: int, home: Path, seat: int, turn: int, *, paths: bool = False
) -> PoliciesCompared:
    """The comparison of a state; `paths`: with whose path it changes. Raises CalledOff, UserError, ScenarioError."""
    still_wanted(seat, turn)
    chosen = plan(
        where(state, home),
        [policy_of(state)],
        sets=sets_of(state),
        seed=state.seed,
        draws=draws,
        replications=replications,
        objective=state.objective,
        margin=[f"{state.objective}={state.margin}"] if state.margin else (),
        reading=state.reading,
    )
    chosen = replace(chosen, paths=paths)
    with contextlib.closing(executor_by_name("serial")) as executor:
        return chosen.carry_out(Work(executor, home / "replications", watching(seat, turn)))


def watching(seat: int, turn: int) -> Callable[[str], contextlib.AbstractContextManager[Progress]]:
    """Progress that nobody sees, but that ends the work when the page asks for something else."""

    @contextlib.contextmanager
    def progress(title: str) -> Iterator[Progress]:
        def report(done: int, total: int) -> None:
            still_wanted(seat, turn)

        yield report

    return progress


def seen(
    state: State, draws: int, replications: int, language: str, home: Path, seat: int, turn: int
) -> Seen:
    """What a comparison of so many draws and replications shows, for people."""
    study = compared(state, draws, replications, home, seat, turn)
    with use(language):
        (answer,) = study.answers
        frame = answer.effects
        return Seen(
            tuple(shown(line) for line in answer.decided.words),
            tuple(shown(message) for message in study.messages()),
            tr(str(frame["interval"].iloc[0])) if len(frame) else "",
            tuple(_effect(row) for row in _rows(frame)),
            tuple(_costs(answer.costs)),
            tuple(_loaded(answer.loaded)),
            _mediator(answer.loaded),
            tuple(_known(answer.worth)),
            tuple(_studied(answer.studies, study.comparison.objective)),
            study.design.draws,
            study.comparison.replications,
        )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _effect(row: dict[str, Any]) -> Effect:
    from sim.scenario.metrics import KNOWN_METRICS

    metric = KNOWN_METRICS[row["metric"]]
    chances = {"higher": row["p_higher"], "lower": row["p_lower"]}
    better = chances.get(metric.better, math.nan)
    label = spaced(terms.metric(metric.name, row["reading"] if isinstance(row["reading"], str) else ""))
    base, difference, low, high = (float(row[name]) for name in ("baseline", "difference", "low", "high"))
    unit, verdict = terms.unit_of(metric.name), tr(str(row["verdict"]))
    return Effect(label, unit, base, difference, low, high, float(better), verdict)


def _costs(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    for row in _rows(frame):
        if shown(row["who"]):
            yield tr("people"), shown(row["who"])
        yield tr("hours of staff in the window"), f"{row['hours']:+,.0f}"
        yuan = tr(
            "{yuan:+,.0f} ({low:+,.0f} to {high:+,.0f})",
            yuan=row["yuan"],
            low=row["yuan_low"],
            high=row["yuan_high"],
        )
        yield tr("yuan at stated prices"), yuan
        yield tr("beside what it brings"), tr(str(row["quadrant"]))


def _loaded(frame: pd.DataFrame) -> Iterator[tuple[str, str, float, float]]:
    if frame.empty:
        return
    base, *others = dict.fromkeys(frame["policy"])
    other = others[-1] if others else base
    busy = {(r["policy"], r["staff"], r["unit"]): float(r["utilisation"]) / 100 for r in _rows(frame)}
    for staff, unit in dict.fromkeys(zip(frame["staff"], frame["unit"], strict=True)):
        without, with_it = (busy.get((policy, staff, unit), math.nan) for policy in (base, other))
        yield spaced(terms.staff(str(staff))), terms.place_unit(str(unit)), without, with_it


def _mediator(frame: pd.DataFrame) -> Added:
    """One more township mediator where the practice has them busiest; in every township where nobody is counted."""
    one = ("township_mediators", "1")
    base = frame[frame["policy"] == frame["policy"].iloc[0]] if len(frame) else frame
    mine = base[base["staff"] == "township_mediators"] if len(base) else base
    if not len(mine):
        return Added("more_staff", (one,))
    number = str(mine["unit"].iloc[0]).removeprefix(terms.TOWNSHIP)
    return Added("more_staff", (("township", number), one) if number.isdecimal() else (one,))


def _known(frame: pd.DataFrame) -> Iterator[Known]:
    """Without what chance alone would make; the reading and everything stay, to be told that they are nothing."""
    for row in _rows(frame):
        if row["told"] or row["known"] in (READING, EVERYTHING):
            label = tr("to know {what}", what=tr(row["known"]))
            unit = terms.unit(row["unit"], row["objective"])
            yield Known(label, float(row["worth"]), unit, bool(row["told"]))


def _studied(frame: pd.DataFrame, objective: str) -> Iterator[Studied]:
    for row in _rows(frame):
        if row["best"]:
            label = shown(sized(row["study"], int(row["size"])))
            units = terms.unit(row["unit"], objective), tr(row["cost_unit"])
            worth, cost = float(row["worth"]), float(row["cost"])
            yield Studied(label, worth, units[0], cost, units[1], bool(row["told"]))


def drawn(
    state: State, draws: int, replications: int, language: str, home: Path, seat: int, turn: int
) -> str:
    """The figure of effects as SVG. Everything it shows was simulated before."""
    study = compared(state, draws, replications, home, seat, turn)
    with use(language):
        return svg_of(study.figures()["forest"])


def flowed(
    state: State, draws: int, replications: int, language: str, home: Path, seat: int, turn: int
) -> str:
    """The figure of whose path the policy changes, as SVG; empty where it changes nobody's."""
    study = compared(state, draws, replications, home, seat, turn, paths=True)
    with use(language):
        return svg_of(study.figures()["paths"])


def taken_away(kind: str, state: State, draws: int, replications: int, language: str, home: Path) -> bytes:
    """What is saved: `scenario` and `policy` as YAML, `workbook`, `report`."""
    from sim.scenario.lookup import find
    from sim.scenario.policy_file import policy_text
    from sim.show.report.study import report
    from sim.show.workbook import Asked, workbook

    with use(language):
        file = where(state, home)
        if kind == "scenario":
            return state.text.encode() if state.text else find(file, "places").read_bytes()
        if kind == "policy":
            return policy_text(state.policy, load_place(file)).encode()
        study = compared(state, draws, replications, home, 0, 0)
        if kind == "workbook":
            return workbook(
                study, Asked(state.command("place.yaml" if state.text else ""), (load_place(file),))
            )
        folder = home / "folders" / f"{study.manifest()['key']}-{language}"
        study.save(folder, overwrite=True)
        return report(folder).html.encode()


__all__ = ["OWN", "Board", "Seen", "board", "drawn", "ready", "seen", "taken_away"]
