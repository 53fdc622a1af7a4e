"""What the page works out beside the comparison: both worlds day by day, whose path changed, and which trial shows it.

Runs in workers, as `computing` does.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from sim.lab.computing import policy_of, sets_of, watching, where
from sim.lab.crew import still_wanted
from sim.lab.drawing import svg_of
from sim.lab.state import State
from sim.language import shown, tr, use
from sim.runs.executors.choose import executor_by_name
from sim.scenario import terms
from sim.scenario.load import load_place
from sim.scenario.policies import parse
from sim.studies.pilot import plan as plan_of_pilot
from sim.studies.study import Work
from sim.studies.two_worlds import OPEN, STATES, two_worlds

PILOT_DRAWS, PILOT_REPLICATIONS, PILOT_MONTHS = 24, 1, (6, 12, 24)
MOST_PATHS = 5


@dataclass(frozen=True)
class Day:
    """One day in both worlds: disputes by state without and with, open ones, and in words what differs."""

    date: str
    without: tuple[int, ...]
    with_it: tuple[int, ...]
    open: tuple[int, int]
    elsewhere: int
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Replay:
    """The same disputes in both worlds, day by day."""

    policy: str
    states: tuple[str, ...]
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Trial:
    """Which trial would show what a policy does, in words and as a picture, and the command that asks for more."""

    words: tuple[str, ...]
    beside: tuple[str, ...]
    figure: str
    command: str


def replayed(state: State, language: str, home: Path, seat: int, turn: int) -> Replay:
    """Both worlds of a state, in one replication at central values. Raises CalledOff, UserError, ScenarioError."""
    still_wanted(seat, turn)
    place = load_place(where(state, home), sets_of(state))
    policy = policy_of(state)
    found = two_worlds(place, parse("practice", place), parse(policy, place), policy, state.seed)
    with use(language):
        days = []
        for d, day in enumerate(found.days):
            apart = (
                tr("{n}: {a} → {b}", n=n, a=tr(STATES[a]), b=tr(STATES[b]))
                for a, b, n in found.paths(d)[:MOST_PATHS]
            )
            without, with_it = found.without[d], found.with_it[d]
            both = (int(without[list(OPEN)].sum()), int(with_it[list(OPEN)].sum()))
            days.append(
                Day(
                    str(day), tuple(map(int, without)), tuple(map(int, with_it)), both,
                    found.elsewhere(d), tuple(apart),
                )
            )  # fmt: skip
        return Replay(terms.spelled(policy), tuple(tr(state) for state in STATES), tuple(days))


def trial(state: State, language: str, home: Path, seat: int, turn: int) -> Trial:
    """Which trial would show the effect of a state's policy. Raises CalledOff, UserError, ScenarioError."""
    still_wanted(seat, turn)
    chosen = plan_of_pilot(
        where(state, home),
        policy_of(state),
        sets=sets_of(state),
        months=PILOT_MONTHS,
        draws=PILOT_DRAWS,
        replications=PILOT_REPLICATIONS,
        reading=state.reading,
        seed=state.seed,
    )
    with contextlib.closing(executor_by_name("serial")) as executor:
        study = chosen.carry_out(Work(executor, home / "replications", watching(seat, turn)))
    with use(language):
        return Trial(
            tuple(shown(said) for said in study.sentences()),
            tuple(shown(said) for said in study.messages()),
            svg_of(study.figures()["power"]),
            state.pilot_command("place.yaml" if state.text else ""),
        )
