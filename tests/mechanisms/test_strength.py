"""All mechanisms at the ends of their scales: no strength is no mechanism, no effect leaves rules and prices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

import pytest

from sim.draws import Draws
from sim.engines import compiled
from sim.model import Model, build
from sim.model.plan import Plan
from sim.scenario.load import load_place
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.mechanisms.effects import Edit, Hasten, Multiply
from sim.scenario.place import Place
from sim.scenario.policy import Coverage, Measure, practice, without
from sim.scenario.quantity import Quantity, Status
from tests.places import rich_place
from tests.policy.changes import measure
from tests.twin.compare import same

NAMES = sorted(MECHANISMS)
DRAWS = Draws(7, 1)
# A place where every mechanism finds something to change: no grid yet, agreements are seldom confirmed.
SMALL = rich_place(
    population={"persons": 6000},
    villages={"count": 6},
    townships={"count": 2},
    tiers={"hamlet": None},
    agreement={"confirmed": 0.02},
    detection={"grid_days": None},
)


def written(number: float, unit: str) -> Quantity:
    """A number of an analyst."""
    return Quantity(
        value=number, unit=unit, low=number, high=number, source="assumption", status=Status.ASSUMED
    )


def in_force(name: str, **fields: object) -> Measure:
    """The mechanism; one that does nothing by itself, with a number of the analyst's."""
    parameters = {"village_mediators": written(1, "persons")} if name == "more_staff" else {}
    return Measure(mechanism=name, parameters=parameters, **fields)


def digest(model: Model, draws: Draws = DRAWS) -> str:
    """What a replication is known by."""
    return compiled.simulate(model, draws).digest()


def differ(one: Model, other: Model) -> bool:
    """Whether they do in one of some replications: few disputes of so small a place come before a court."""
    return any(digest(one, Draws(7, r)) != digest(other, Draws(7, r)) for r in range(1, 6))


@pytest.fixture(scope="module")
def daliu() -> Place:
    return load_place("daliu")


@pytest.mark.parametrize("name", NAMES)
def test_no_strength_is_no_mechanism(name: str) -> None:
    assert digest(build(SMALL, [in_force(name, strength=0.0)])) == digest(build(SMALL, []))
    assert differ(build(SMALL, [in_force(name)]), build(SMALL, []))


@pytest.mark.parametrize("name", NAMES)
def test_no_strength_is_no_mechanism_in_a_real_place(daliu: Place, name: str) -> None:
    rest = without(practice(daliu), name)
    assert digest(build(daliu, [*rest, in_force(name, strength=0.0)])) == digest(build(daliu, rest))


@pytest.mark.parametrize("name", NAMES)
def test_no_effect_leaves_rules_and_prices(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Hours, persons and what is a rule stay as they are at full effect, and nothing else does."""
    idle = in_force(name, effect=0.0)
    made = idle.built()
    rules: list[Edit] = [e for e in made.edits(SMALL) if not e.effect]
    # What is hastened by nothing takes for ever.
    rules += [Multiply(e.path, math.inf, effect=False) for e in made.edits(SMALL) if isinstance(e, Hasten)]
    uses = list(made.uses(SMALL))
    bare = measure(monkeypatch, "bare", rules, uses)
    assert digest(build(SMALL, [idle])) == digest(build(SMALL, [bare]))
    if not rules and not uses:
        assert digest(build(SMALL, [idle])) == digest(build(SMALL, []))
    full, none = build(SMALL, [in_force(name)]).plan, build(SMALL, [idle]).plan
    assert staff(full) == staff(none) and full.spending == none.spending


def staff(plan: Plan) -> Sequence[tuple[str, str, float]]:
    """What a plan takes from whom."""
    return [(u.staff, u.what, float(u.by_village.sum())) for u in (*plan.hours, *plan.persons)]


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_agree_with_it_in_half_the_villages_from_a_date(name: str) -> None:
    start = SMALL.window.start + timedelta(days=30)
    half = in_force(name, coverage=Coverage(share=0.5), start=start)
    model = build(SMALL, [half])
    same(model, DRAWS)
    assert differ(model, build(SMALL, [])) and differ(model, build(SMALL, [in_force(name, start=start)]))
