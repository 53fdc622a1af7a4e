"""What build() makes of a place: staff, villages, seasons, routes."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaincinv

from sim import clock
from sim.model import build
from sim.model.build import season
from sim.model.numbers import _GRID, severity_quantiles
from sim.model.pools import STAFF_LEVEL, UNLIMITED, spread
from sim.model.pools import _open_before as open_before
from sim.model.villages import Villages
from sim.scenario.place import Place
from sim.vocabulary import Channel, Job, Tier
from tests.places import TIER_STAFF, rich_place


@settings(max_examples=300, deadline=None, derandomize=True)
@given(mean=st.floats(0, 60), units=st.integers(1, 400))
def test_staff_are_spread_evenly_and_nobody_is_lost(mean: float, units: int) -> None:
    found = spread(mean, units)
    assert found.shape == (units,)
    assert found.min() >= math.floor(mean) and found.max() <= math.ceil(mean)
    assert abs(found.sum() - mean * units) <= 0.5 + 1e-6


def test_a_total_that_was_reported_comes_back() -> None:
    for total in (1, 125, 1046, 2999):
        for units in (7, 125, 140, 500):
            assert spread(total / units, units).sum() == total


def villages(count: int) -> Villages:
    return build(rich_place(villages={"count": count}, townships={"count": min(4, count)})).villages


@pytest.mark.parametrize("count", [1, 4, 40, 137])
def test_a_larger_coverage_contains_the_smaller_one(count: int) -> None:
    place = villages(count)
    before = np.zeros(count, dtype=bool)
    for share in np.linspace(0, 1, 23).tolist():
        covered = place.covered(share)
        assert covered.sum() == round(share * count)
        assert (covered | ~before).all()
        before = covered
    assert before.all()


def test_coverage_has_nothing_to_do_with_size_or_township() -> None:
    place = villages(200)
    half = place.covered(0.5)
    assert place.persons[half].sum() / place.persons.sum() == pytest.approx(0.5, abs=0.05)
    by_township = np.bincount(place.township, weights=half)
    assert by_township.min() > 0 and by_township.max() - by_township.min() <= 10


def test_village_sizes_have_the_stated_total_and_spread() -> None:
    place = villages(400)
    assert place.persons.sum() == pytest.approx(100_000)
    assert place.persons.std() / place.persons.mean() == pytest.approx(0.5, rel=0.05)
    assert np.bincount(place.township).tolist() == [100] * 4
    even = build(rich_place(villages={"size_cv": 0.0})).villages
    assert even.persons == pytest.approx(2500)


def festival(**incidence: float) -> tuple[Place, np.ndarray, date]:
    place = rich_place(incidence=incidence)
    first = date(2022, 7, 1)
    return place, season(place, first, 900), first


def test_the_season_peaks_at_the_spring_festival() -> None:
    _, found, first = festival(festival_peak=3.0, festival_days=10, trend=0)
    peaks = [(clock.spring_festival(year) - first).days for year in (2023, 2024)]
    for peak in peaks:
        assert found[peak] == pytest.approx(3.0)
        assert found[peak - 10] == found[peak + 10] == pytest.approx(1 + 2 * math.exp(-0.5))
    assert found.argmax() in peaks
    assert found[(date(2023, 8, 1) - first).days] == pytest.approx(1.0, abs=1e-6)


def test_without_peak_and_trend_every_day_is_alike() -> None:
    _, found, _ = festival(festival_peak=1.0, trend=0)
    assert found.tolist() == [1.0] * 900


def test_the_trend_is_per_year_and_1_at_the_start_of_the_window() -> None:
    place, found, first = festival(festival_peak=1.0, trend=-0.2)
    start = (place.window.start - first).days
    assert found[start] == 1.0
    assert found[start + 365] == pytest.approx(0.8)


def test_the_share_of_grievances_before_each_day_follows_the_season() -> None:
    place = rich_place(incidence={"festival_peak": 3.0, "trend": 0.1})
    model = build(place)
    intensity = season(place, model.first_day, model.tables.days)
    assert np.diff(model.tables.arise_cum) == pytest.approx(intensity / intensity.sum(), abs=1e-12)
    assert model.tables.arise_cum[0] == 0 and model.tables.arise_cum[-1] == 1


def test_warm_up_and_window_in_days() -> None:
    model = build(rich_place(about=""))
    assert model.first_day == date(2022, 7, 5) and model.window_days == 365
    assert model.tables.warm_up == 180 * 1440
    assert model.first_day + timedelta(days=model.tables.days) == date(2024, 1, 1)


def test_every_village_has_the_pools_of_its_own_units() -> None:
    model = build(rich_place(about=""))
    m, pools = model.tables, model.pools
    station = m.station.reshape(-1, 8)
    for village in range(m.villages):
        for tier, staff in TIER_STAFF.items():
            pool = station[village, Tier[tier.upper()]]
            assert pools.groups[pools.group[pool]] == staff
            unit = (village, model.villages.township[village], 0)[STAFF_LEVEL[staff]]
            assert pools.unit[pool] == unit
    desk = m.desk.reshape(-1, 6)
    assert (desk[:, Job.CASE] == -1).all() and (desk[:, 1:] >= 0).all()


def test_staff_outside_the_place_are_unlimited() -> None:
    model = build(rich_place(county={"outside": True}))
    for p in range(len(model.pools)):
        assert model.pools.unlimited(p) == (STAFF_LEVEL[model.pools.groups[model.pools.group[p]]] == 2)
    assert UNLIMITED > clock.MAX_DISPUTES // 4


# Whom a dispute turns to that would enter an absent tier: the next one in the model's order, which has the
# police between village and township.
@pytest.mark.parametrize(
    ("absent", "instead"),
    [
        ("hamlet", "village"),
        ("village", "police"),
        ("police", "township"),
        ("township", "county"),
        ("court_mediation", "trial"),
    ],
)
def test_a_dispute_that_would_enter_an_absent_tier_enters_the_next(absent: str, instead: str) -> None:
    m, full = build(rich_place(tiers={absent: None})).tables, build(rich_place(about="")).tables
    missing, other = Tier[absent.upper()], Tier[instead.upper()]
    assert missing in full.entry_tier
    for channel in Channel:
        before = full.entry_tier[channel]
        assert m.entry_tier[channel] == (other if before == missing else before)
    assert missing not in m.climbs_to and missing not in m.suit_tier
    assert (m.station.reshape(-1, 8)[:, missing] == -1).all()


def test_a_place_with_one_tier_sends_everybody_there() -> None:
    m = build(rich_place(tiers={name: None for name in TIER_STAFF if name != "village"})).tables
    assert (m.entry_tier == Tier.VILLAGE).all()
    assert m.climbs_to[Tier.VILLAGE] == -1 and (m.suit_tier == -1).all()


def test_similar_places_share_what_does_not_differ_and_cannot_change_it() -> None:
    """A nation builds thousands of counties with one calendar: it is looked up once, and closed to changes."""
    place = rich_place()
    first, second = build(place), build(place.model_copy(update={"name": "other"}))
    for name, value in first.tables._asdict().items():
        assert np.array_equal(value, getattr(second.tables, name)), name
    with pytest.raises(ValueError, match="read-only"):
        open_before(first.first_day, 30, True, True)[0] = 1


def test_quantiles_of_severity_are_those_of_the_beta() -> None:
    rng = np.random.default_rng(3)
    for mean, concentration in zip(rng.uniform(0.02, 0.98, 200), rng.uniform(0.5, 20, 200), strict=True):
        a, b = mean * concentration, (1 - mean) * concentration
        assert severity_quantiles(mean, concentration) == pytest.approx(betaincinv(a, b, _GRID), abs=2e-5)
