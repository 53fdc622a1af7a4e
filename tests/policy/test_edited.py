"""Edits of a place: one order whatever the order of naming, exact identity at dose zero, clashes named."""

from __future__ import annotations

import itertools
import math
from datetime import date

import pytest

from sim.scenario.edited import edited
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place
from sim.scenario.mechanisms.effects import Add, Ensure, Multiply, Put, Search
from sim.scenario.place import Round
from sim.scenario.policy import Coverage, Measure
from sim.scenario.quantity import Quantity, Status
from tests.places import build, rich_place
from tests.policy.changes import measure


def a_round(detects: float) -> Round:
    def q(value: float, unit: str) -> Quantity:
        return Quantity(
            value=value, unit=unit, low=value, high=value, source="made_up", status=Status.ASSUMED
        )

    return Round(
        channel="screening",
        every=q(7, "days"),
        irregularity=q(0.1, "share"),
        detects=q(detects, "probability"),
        coverage=q(1, "share"),
        enters="village",
    )


def test_each_edit_does_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    place = rich_place()
    made = measure(
        monkeypatch,
        "all_of_them",
        [
            Multiply("going.suit_rate", 0.5),
            Add("tiers.village.success", 0.7),
            Add("kinds.land.success", 0.3),
            Put("tiers.village.attempts", 3),
            Put("tiers.village.deadline.action", "climb"),
            Put("going.county_takes_all", True),
            Search("by_test", a_round(0.2)),
        ],
    )
    out = edited(place, [made])
    assert out.going.suit_rate.value == 0.5 * float(place.going.suit_rate.value)
    village, before = out.tiers.village, place.tiers.village
    assert village and before
    p, q = float(before.success.value), float(village.success.value)
    assert math.log(q / (1 - q)) == pytest.approx(math.log(p / (1 - p)) + 0.7, abs=1e-12)
    assert float(out.kinds["land"].success.value) == float(place.kinds["land"].success.value) + 0.3
    assert village.attempts.value == 3 and village.deadline and village.deadline.action == "climb"
    assert out.going.county_takes_all is True
    assert out.detection.rounds["by_test"].detects.value == 0.2


@pytest.mark.parametrize("scale", ["strength", "effect"])
def test_at_dose_zero_the_place_is_the_very_same(monkeypatch: pytest.MonkeyPatch, scale: str) -> None:
    edits = [
        Multiply("going.suit_rate", 0.3),
        Add("tiers.village.success", 0.7),
        Search("by_test", a_round(0.2)),
    ]
    rules = [Put("tiers.village.attempts", 4), Put("tiers.village.deadline.action", "climb")]
    made = measure(monkeypatch, "nothing", [*edits, *(rules if scale == "strength" else [])], **{scale: 0.0})
    assert edited(rich_place(), [made]) == rich_place()


def test_effect_leaves_rules_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made = measure(
        monkeypatch,
        "rule",
        [Put("tiers.village.attempts", 4), Multiply("going.suit_rate", 0.5)],
        effect=2.0,
    )
    place = rich_place()
    out = edited(place, [made])
    assert out.tiers.village and out.tiers.village.attempts.value == 4
    assert out.going.suit_rate.value == pytest.approx(0.25 * float(place.going.suit_rate.value))


def test_a_half_dose_goes_half_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    place = rich_place(tiers={"village": {"attempts": 1}})
    made = measure(
        monkeypatch,
        "half",
        [
            Put("tiers.village.attempts", 3),
            Put("petition.repeats", 1.0),
            Multiply("going.suit_rate", 0.25),
            Search("by_test", a_round(0.19)),
        ],
        strength=0.5,
    )
    out = edited(place, [made])
    assert out.tiers.village and out.tiers.village.attempts.value == 2
    assert float(out.petition.repeats.value) == pytest.approx((1 + float(place.petition.repeats.value)) / 2)
    assert out.going.suit_rate.value == pytest.approx(0.5 * float(place.going.suit_rate.value))
    assert out.detection.rounds["by_test"].detects.value == pytest.approx(
        0.1
    )  # two such find as much as one of 0.19


def test_no_order_of_naming_changes_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    place = rich_place()
    made = [
        measure(
            monkeypatch,
            f"m{i}",
            [
                Multiply("going.suit_rate", f),
                Add("tiers.village.success", a),
                Add("character.frailty_sd", a / 7),
            ],
        )
        for i, (f, a) in enumerate([(0.1, 0.3), (0.7, -0.1), (3.3, 0.123), (0.9, 1e-3)])
    ]
    found = {edited(place, order).model_dump_json() for order in itertools.permutations(made)}
    assert len(found) == 1


def test_two_setters_clash_and_both_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    put = [Put("tiers.village.attempts", 3)]
    one, two = measure(monkeypatch, "first_one", put), measure(monkeypatch, "second_one", put)
    with pytest.raises(ScenarioError) as error:
        edited(rich_place(), [one, two])
    assert all(
        x in str(error.value) for x in ("first_one", "second_one", "tiers.village.attempts", "replace")
    )


def test_an_explicit_replace_is_no_clash(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "tiers.village.attempts"
    one = measure(monkeypatch, "one", [Put(path, 3)])
    loud = measure(monkeypatch, "loud", [Put(path, 4)], replace=[path])
    for order in ([one, loud], [loud, one]):
        out = edited(rich_place(), order)
        assert out.tiers.village and out.tiers.village.attempts.value == 4
    louder = measure(monkeypatch, "louder", [Put(path, 5)], replace=[path])
    with pytest.raises(ScenarioError, match="loud"):
        edited(rich_place(), [one, loud, louder])


def test_a_probability_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made = measure(
        monkeypatch, "much", [Add("tiers.village.success", 50.0), Multiply("tiers.village.refuses", 1e6)]
    )
    out = edited(rich_place(), [made])
    assert out.tiers.village and 0.6 < float(out.tiers.village.success.value) <= 1.0
    assert out.tiers.village.refuses.value == 1.0


def test_what_a_place_lacks_is_given_or_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    full = rich_place()
    bare = rich_place(tiers={"hamlet": None})
    made = measure(
        monkeypatch, "hamlets", [Ensure("tiers.hamlet", full.tiers.hamlet), Add("tiers.hamlet.success", 1.0)]
    )
    given, more = edited(bare, [made]), edited(full, [made])
    assert given.tiers.hamlet == more.tiers.hamlet and given.tiers.hamlet != full.tiers.hamlet
    only = measure(monkeypatch, "absent", [Add("tiers.hamlet.success", 1.0)])
    assert edited(bare, [only]) == bare
    off = measure(monkeypatch, "off", [Ensure("tiers.hamlet", full.tiers.hamlet)], strength=0.0)
    assert edited(bare, [off]) == bare


def test_a_path_that_no_place_has_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    made = measure(monkeypatch, "typo", [Multiply("going.suit_rates", 0.5)])
    with pytest.raises(ScenarioError, match=r"going\.suit_rate\?"):
        edited(rich_place(), [made])


def test_steps_of_a_rollout_in_different_villages_do_not_clash() -> None:
    place = load_place("jiang")
    first, later = (
        Measure(mechanism="screening", coverage=Coverage(villages=villages), start=start)
        for villages, start in (([1, 2, 3], None), ([4, 5], date(2018, 6, 1)))
    )
    model = build(place, (first, later))
    assert max(len(v.round_detects) for v in model.variants) == len(place.detection.rounds) + 1
    assert len(set(model.tables.area[[0, 1, 2]])) == 1 and model.tables.area[0] != model.tables.area[3]
    overlapping = later.model_copy(update={"coverage": Coverage(villages=[3, 4])})
    with pytest.raises(ScenarioError, match="weekly_screening"):
        build(place, (first, overlapping))
