"""Values drawn from ranges: medians at the values, inside the ranges, each number with luck of its own."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario.fields import quantities
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import drawn_measures, drawn_place, luck, quantile, varies
from sim.scenario.quantity import Quantity, Status
from tests.places import rich_place


def number(value: float, low: float, high: float) -> Quantity:
    return Quantity(value=value, unit="ratio", low=low, high=high, source="x", status=Status.ASSUMED)


@pytest.fixture(scope="module")
def wide() -> Place:
    """A place in which everything that is not counted is known within a third either way."""
    place = rich_place(population={"persons": 8000}, villages={"count": 5}, townships={"count": 1})
    tree = place.model_dump(mode="json")

    def widen(node: object) -> None:
        if isinstance(node, dict):
            if {"value", "low", "high"} <= node.keys():
                x = float(node["value"])
                node["low"], node["high"] = (x * 0.7, x * 1.3) if x > 0 else (x * 1.3, x * 0.7)
                if node["unit"] in ("probability", "share"):
                    node["high"] = min(1.0, node["high"])
                return
            for child in node.values():
                widen(child)

    widen({k: tree[k] for k in ("detection", "tiers", "going", "eruption", "kinds", "incidence")})
    return Place.model_validate_json(__import__("json").dumps(tree), strict=True)


@pytest.mark.parametrize(
    ("value", "low", "high"), [(2, 1, 3), (0.1, 0.02, 0.4), (0, -1, 5), (1, 1, 9), (9, 1, 9)]
)
def test_half_below_the_value_half_above_and_all_inside(value: float, low: float, high: float) -> None:
    q = number(value, low, high)
    u = (np.arange(1000) + 0.5) / 1000
    x = np.array([quantile(q, float(v)) for v in u])
    assert x.min() >= low and x.max() <= high and (np.diff(x) >= 0).all()
    assert quantile(q, 0.5) == pytest.approx(value)
    assert quantile(q, 0.0) == pytest.approx(low) and quantile(q, 1.0) == pytest.approx(high)
    if low > 0 and high >= 4 * low:
        assert quantile(q, 0.25) == pytest.approx((low * value) ** 0.5)


def test_draw_zero_is_the_place_itself(wide: Place) -> None:
    assert drawn_place(wide, 7, 0) is wide
    measures = (Measure(mechanism="whistle"),)
    assert drawn_measures(measures, 7, 0) == measures


def test_what_is_counted_stays_and_the_rest_varies(wide: Place) -> None:
    other = drawn_place(wide, 7, 3)
    before = {".".join(map(str, p)): q for p, q in quantities(wide)}
    after = {".".join(map(str, p)): q for p, q in quantities(other)}
    assert before.keys() == after.keys()
    for path, q in before.items():
        if not varies(path, q) and not path.startswith(("kinds.", "detection.party_choice")):
            assert after[path].value == q.value, path
    moved = [p for p, q in before.items() if after[p].value != q.value]
    assert len(moved) > 80
    assert sum(float(k.share.value) for k in other.kinds.values()) == pytest.approx(1)
    choice = other.detection.party_choice
    assert sum(float(getattr(choice, n).value) for n in type(choice).model_fields) == pytest.approx(1)


def test_a_further_number_changes_no_other(wide: Place) -> None:
    """Luck is keyed by path: two places that share numbers share their draws."""
    grid = wide.detection.grid_days
    assert grid is not None
    narrow = wide.model_copy(update={"detection": wide.detection.model_copy(update={"grid_days": None})})
    a, b = drawn_place(wide, 7, 5), drawn_place(narrow, 7, 5)
    assert a.going == b.going and a.tiers == b.tiers and a.detection.party_days == b.detection.party_days


def test_a_mechanism_has_the_same_values_wherever_it_is_in_force() -> None:
    one = drawn_measures([Measure(mechanism="whistle")], 7, 2)[0]
    other = drawn_measures([Measure(mechanism="whistle", strength=0.3)], 7, 2)[0]
    assert one.parameters == other.parameters
    assert one.parameters != drawn_measures([Measure(mechanism="whistle")], 7, 3)[0].parameters


def test_luck_is_uniform_and_differs_by_path_and_draw() -> None:
    u = np.array([luck(1, d, f"path.{p}") for d in range(50) for p in range(40)])
    assert len(np.unique(u)) == 2000
    counts = np.bincount((u * 10).astype(int), minlength=10)
    assert ((counts - 200) ** 2 / 200).sum() < 33.7  # chi square with 9 degrees of freedom, 1 in 10,000
