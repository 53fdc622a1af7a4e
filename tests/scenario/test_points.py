"""Points of a parameter space: prepared places and shared tables give what a place written down from scratch gives."""

from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import sim.model
from sim.model import Model, build
from sim.model.plan import make_plan
from sim.model.villages import build_villages
from sim.scenario.edited import edited
from sim.scenario.errors import ScenarioError
from sim.scenario.fields import changed, quantities
from sim.scenario.load import load_place
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.part import part_of
from sim.scenario.place import Place
from sim.scenario.policy import Measure, practice
from sim.scenario.prior import correlated, measures_at, place_at, shared_names, unknowns, varies
from sim.scenario.quantity import Quantity
from tests.places import rich_place

PLACES = ("baojing", "daliu", "fengcheng", "jiang", "liucheng")

build_module = importlib.import_module("sim.model.build")  # `sim.model.build` is the function


def chances(place: Place, measures: Sequence[Measure], number: int) -> dict[str, float]:
    """Where numbers, and what those of one name share, lie: anywhere, or in one point of three at the very ends."""
    rng = np.random.default_rng([number, len(measures), len(place.name)])
    names = [*unknowns(place, measures)]
    names += shared_names(place, names)
    u = rng.random(len(names)) if number % 3 else rng.choice([0.0, 0.5, 1.0], len(names))
    return dict(zip(names, u.tolist(), strict=True))


def by_the_book(q: Quantity, u: float) -> float:
    """The value at a probability, as the docstring of the module says it."""
    a, b, share = (q.low, q.value, 2 * u) if u < 0.5 else (q.value, q.high, 2 * u - 1)
    return a * (b / a) ** share if q.low > 0 and q.high >= 4 * q.low else a + share * (b - a)


def written_down(place: Place, at: Mapping[str, float]) -> Place:
    """The place with the numbers of a point, as a file that is read and validated anew."""
    tree = place.model_dump(mode="json")
    found = dict(quantities(place))
    lies = correlated(place, at.__getitem__)
    values = {}
    for path, q in found.items():
        name = ".".join(map(str, path))
        if varies(name, q):
            values[path] = by_the_book(q, lies(name))
    for parts in (
        [("kinds", kind, "share") for kind in place.kinds],
        [p for p in found if p[:2] == ("detection", "party_choice")],
    ):
        shares = {p: values.get(p, float(found[p].value)) for p in parts}
        values |= {p: x / sum(shares.values()) for p, x in shares.items()}
    for path, x in values.items():
        node = tree
        for key in path:
            node = node[key]
        x = round(x) if path[-1] in ("attempts", "return_limit") else x
        node |= {"value": x, "low": min(node["low"], x), "high": max(node["high"], x)}
    return Place.model_validate_json(json.dumps(tree), strict=True)


def measures_written_down(measures: Sequence[Measure], at: Mapping[str, float]) -> tuple[Measure, ...]:
    """The measures with the numbers of a point, validated anew."""
    out = []
    for m in measures:
        tree = {**m.model_dump(mode="json"), "parameters": {}}
        for name, default in MECHANISMS[m.mechanism].parameters().items():
            q = m.parameters.get(name, default)
            x = by_the_book(q, at[f"{m.mechanism}.{name}"]) if q.low < q.high else q.value
            ends = {"low": min(q.low, x), "high": max(q.high, x)}
            tree["parameters"][name] = {**q.model_dump(mode="json"), "value": x, **ends}
        out.append(Measure.model_validate_json(json.dumps(tree)))
    return tuple(out)


def forget() -> None:
    """Empty all caches below a model, so that nothing comes from an earlier point."""
    names = [f"sim.model.{m.name}" for m in pkgutil.iter_modules(sim.model.__path__)]
    for name in (*names, "sim.scenario.mechanisms.searching", "sim.scenario.prior"):
        for thing in vars(importlib.import_module(name)).values():
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()


def parts(x: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """All numbers, arrays and texts of a model, by where they stand; arrays with their bytes and types."""
    if isinstance(x, np.ndarray):
        yield name, (x.dtype.str, x.shape, x.tobytes())
    elif dataclasses.is_dataclass(x) and not isinstance(x, type):
        for field in dataclasses.fields(x):
            yield from parts(getattr(x, field.name), f"{name}.{field.name}")
    elif hasattr(x, "_asdict"):
        for key, value in x._asdict().items():
            yield from parts(value, f"{name}.{key}")
    elif isinstance(x, (list, tuple)):
        yield name, len(x)
        for n, value in enumerate(x):
            yield from parts(value, f"{name}[{n}]")
    elif hasattr(x, "model_dump_json"):
        yield name, x.model_dump_json()
    else:
        yield name, x


def same(a: Model, b: Model) -> None:
    """Both models are equal to the last byte."""
    one, other = dict(parts(a)), dict(parts(b))
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def built(place: Place, measures: Sequence[Measure]) -> Model | str:
    """The model, or why there is none."""
    try:
        return build(place, measures)
    except ScenarioError as error:
        return str(error)


def cases() -> Iterator[tuple[str, str]]:
    """Each place with its practice and with nothing, and each mechanism in some place."""
    for n, name in enumerate(MECHANISMS):
        yield PLACES[n % len(PLACES)], name
    for place in PLACES:
        yield place, "practice"
        yield place, "none"


@pytest.fixture(scope="module")
def places() -> dict[str, Place]:
    return {name: load_place(name) for name in PLACES}


@pytest.mark.parametrize(("name", "policy"), list(cases()))
def test_a_point_is_what_its_numbers_written_down_give(
    places: dict[str, Place], name: str, policy: str
) -> None:
    place = places[name]
    measures = {"practice": practice(place), "none": ()}.get(policy)
    if measures is None:
        measures = (*(m for m in practice(place) if m.mechanism != policy), Measure(mechanism=policy))
    for number in range(3):
        at = chances(place, measures, number)
        drawn, taken = place_at(place, at.__getitem__), measures_at(measures, at.__getitem__)
        model = built(drawn, taken)  # with the tables of all points before
        anew, again = written_down(place, at), measures_written_down(measures, at)
        assert drawn == anew and drawn.model_dump_json() == anew.model_dump_json()
        assert taken == again
        forget()
        other = built(anew, again)
        if isinstance(model, str) or isinstance(other, str):
            assert model == other
        else:
            same(model, other)


def test_some_points_are_impossible_and_say_so_as_before(places: dict[str, Place]) -> None:
    place = places["liucheng"]
    measures = practice(place)
    said = []
    for number in range(3, 60, 3):
        at = chances(place, measures, number)
        found = built(place_at(place, at.__getitem__), measures_at(measures, at.__getitem__))
        if isinstance(found, str):
            assert found == built(written_down(place, at), measures_written_down(measures, at))
            said.append(found)
    assert any("more hours of" in text for text in said)


def test_a_point_whose_numbers_do_not_fit_names_the_number() -> None:
    place = rich_place(working={"judges": {"hours": 8, "share": 1}})
    tree = place.model_dump(mode="json")
    tree["working"]["judges"]["hours"] |= {"low": 1, "high": 24}
    place = Place.model_validate_json(json.dumps(tree), strict=True)
    assert place_at(place, lambda _: 0.5).working["judges"].hours.value == 8
    with pytest.raises(ScenarioError) as error:
        place_at(place, lambda _: 1.0, "point 7")
    (fault,) = error.value.faults
    assert "point 7" in fault.file and fault.path == "working.judges.hours"
    assert fault.remedy == "Narrow its range."


def test_neither_a_place_nor_a_model_changes_when_other_points_are_built(places: dict[str, Place]) -> None:
    place = places["daliu"]
    measures = practice(place)
    before = place.model_dump_json()

    def point(number: int) -> Model:
        at = chances(place, measures, number)
        return build(place_at(place, at.__getitem__), measures_at(measures, at.__getitem__))

    model = point(1)
    kept = dict(parts(model))
    for number in (2, 4, 5):
        point(number)
    assert dict(parts(model)) == kept
    assert place.model_dump_json() == before


def test_tables_are_arrays_that_the_machine_code_knows(places: dict[str, Place]) -> None:
    """Shared arrays are closed to changes, and so another type to the compiled engine: none may be in the tables."""
    for model in (build(places["daliu"]), build(places["liucheng"]), build(places["liucheng"], ())):
        for tables in model.variants:
            arrays = [x for x in tables if isinstance(x, np.ndarray)]
            assert len(arrays) > 40 and all(x.flags.writeable and x.flags.c_contiguous for x in arrays)


@pytest.mark.parametrize("name", PLACES)
def test_the_record_alone_is_edited_as_with_all_the_rest(places: dict[str, Place], name: str) -> None:
    place = places[name]
    bends = "one_village_one_police"  # the only mechanism that does anything to a record
    measures = (*(m for m in practice(place) if m.mechanism != bends), Measure(mechanism=bends))
    weights = [0.3 + 0.1 * n for n in range(len(measures))]
    alone, whole = (edited(place, measures, weights, section=s) for s in ("recording", ""))
    assert alone.recording == whole.recording != place.recording


def test_a_model_keeps_the_record_that_its_measures_bend(places: dict[str, Place]) -> None:
    place = places["daliu"]
    half = Measure.model_validate({"mechanism": "one_village_one_police", "coverage": {"share": 0.5}})
    model = build(place, (half,))
    share = float(model.plan.measures[0].villages.mean())
    assert 0.3 < share < 0.7
    assert model.recording == edited(place, (half,), [share]).recording != place.recording


def test_each_pool_loses_the_hours_of_the_measures_that_cover_it(places: dict[str, Place]) -> None:
    """Two measures take hours from the same staff, each in other villages: four sorts of pools."""
    place = places["liucheng"]
    held = [
        Measure.model_validate({"mechanism": m, "coverage": {"villages": villages}})
        for m, villages in (("screening", [1, 2, 3, 4]), ("deliberation_councils", [3, 4, 5, 6]))
    ]
    free, model = build(place, ()), build(place, held)
    staff = model.pools.of_villages("village_mediators", model.villages)
    assert len(set(model.pools.calendar[staff].tolist())) >= 4

    def worked(m: Model, pool: int) -> int:
        """Minutes in the whole run of one person."""
        return int(m.pools.worked.reshape(-1, m.tables.days + 1)[m.pools.calendar[pool], -1])

    for pool in staff[:8].tolist():
        taken = sum(float(use.by_village[pool - staff[0]]) for use in model.plan.hours)
        persons = int(model.pools.persons[pool])
        expected = worked(free, pool) - taken * 60 / persons * model.tables.days / 365
        assert worked(model, pool) == pytest.approx(expected, abs=2)


def test_the_record_alone_finds_two_measures_that_clash_elsewhere(places: dict[str, Place]) -> None:
    measures = (Measure(mechanism="township_joint_mediation"), Measure(mechanism="township_joint_mediation"))
    with pytest.raises(ScenarioError) as whole:
        edited(places["daliu"], measures)
    with pytest.raises(ScenarioError) as alone:
        edited(places["daliu"], measures, section="recording")
    assert str(alone.value) == str(whole.value)


def test_the_season_day_by_day(places: dict[str, Place]) -> None:
    """From the definition, with a year of festivals on either side of each day."""
    import math
    from datetime import timedelta

    from sim import clock

    place = changed(places["liucheng"], {"incidence.trend": 0.07, "incidence.festival_peak": 2.3})
    model = build(place)
    first, days = model.first_day, model.tables.days
    peak, width = 2.3, float(place.incidence.festival_days.value)
    expected = []
    for i in range(days):
        day = first + timedelta(days=i)
        away = min(abs((day - clock.spring_festival(y)).days) for y in (day.year - 1, day.year, day.year + 1))
        bump = (peak - 1.0) * math.exp(-0.5 * (away / width) ** 2)
        expected.append((1.0 + bump) * 1.07 ** ((day - place.window.start).days / 365.0))
    assert build_module.season(place, first, days).tolist() == expected


def test_villages_that_a_round_does_not_cover_are_not_searched(places: dict[str, Place]) -> None:
    place = places["liucheng"]
    (name,) = place.detection.rounds
    for measures in ((), (Measure(mechanism="whistle"),)):
        model = build(changed(place, {f"detection.rounds.{name}.coverage": 0.5}), measures)
        covered = model.villages.covered(0.5)
        found = [float(model.variants[n].round_detects[0]) for n in model.tables.area.tolist()]
        assert 0.4 < covered.mean() < 0.6
        assert found == np.where(covered, float(place.detection.rounds[name].detects.value), 0.0).tolist()


def test_areas_of_villages_are_those_that_no_coverage_divides(places: dict[str, Place]) -> None:
    place = part_of(places["liucheng"], 1)
    measures = tuple(
        Measure.model_validate({"mechanism": m, "coverage": {"share": s}})
        for m, s in (("whistle", 0.3), ("grid", 0.7), ("circuit_court", 0.7))
    )
    villages = build_villages(place, 365)
    plan = make_plan(place, measures, villages, place.window.start, 365)
    covers = [tuple(bool(h.villages[v]) for h in plan.measures) for v in range(villages.count)]
    pairs = set(zip(covers, plan.area.tolist(), strict=True))
    assert len(pairs) == len(set(covers)) == len(plan.epochs) == 3
