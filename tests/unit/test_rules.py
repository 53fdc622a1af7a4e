"""Every rule against the distribution or the equation that it stands for."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit

from sim import clock, rules
from sim.model import Tables, build
from sim.vocabulary import Channel, End, Kind, Tier
from tests.places import rich_place

LOW, HIGH = 0.5 * 2.0**-32, 1.0 - 0.5 * 2.0**-32  # the least and the greatest draw
EVEN = (np.arange(20_000) + 0.5) / 20_000
LUCK = st.floats(LOW, HIGH)


@pytest.fixture(scope="module")
def m() -> Tables:
    place = rich_place(
        kinds={
            "family": {"share": 0.3, "severity": 0.1, "comes_forward": 2},
            "land": {"share": 0.05, "severity": 0.7},
            "labour": {"eruption": 0},
        },
        tiers={
            "village": {"lengths": "exponential", "session_hours": 3, "refuses": 0.2, "bypasses": 0.1},
            "township": {"lengths": "lognormal", "session_hours": 2, "session_cv": 0.7},
            "county": {"lengths": "constant", "session_hours": 4},
        },
    )
    return build(place).tables


def test_never_is_the_never_of_the_clock() -> None:
    assert rules.NEVER == clock.NEVER == rules.whole_minutes(math.inf) == rules.rate_wait(0.0, 0.5)


def test_whole_minutes() -> None:
    found = [rules.whole_minutes(x) for x in (0.0, 0.4, 0.6, 1.49, 1.5, 2.5, 59.9, 999_999_999.0)]
    assert found == [1, 1, 1, 1, 2, 3, 60, 999_999_999]
    assert rules.whole_minutes(1e9) == rules.whole_minutes(math.nan) == clock.NEVER


def test_exponential() -> None:
    u = np.concatenate([[LOW, HIGH], EVEN])
    found = [rules.exponential(x, 7.0) for x in u.tolist()]
    np.testing.assert_allclose(found, stats.expon.ppf(u, scale=7.0), rtol=1e-7)
    np.testing.assert_allclose(found[2:], stats.expon.ppf(EVEN, scale=7.0), rtol=1e-11)


def test_normal() -> None:
    edges = [
        LOW,
        HIGH,
        0.5,
        0.075,
        0.925,
        math.nextafter(0.075, 0),
        math.nextafter(0.925, 1),
        math.exp(-25.0),
    ]
    tails = np.geomspace(LOW, 0.01, 2000)
    u = np.concatenate([edges, EVEN, tails, 1 - tails])
    found = [rules.normal(x) for x in u.tolist()]
    np.testing.assert_allclose(found, stats.norm.ppf(u), rtol=2e-14, atol=1e-16)


def test_the_far_tail_of_normal_that_no_draw_reaches() -> None:
    u = np.geomspace(1e-300, 1e-12, 500)
    np.testing.assert_allclose([rules.normal(x) for x in u.tolist()], stats.norm.ppf(u), rtol=2e-14)


def test_count_geometric() -> None:
    for more in (0.0, 0.2, 0.5, 0.9):
        counts = np.array([rules.count_geometric(u, more) for u in EVEN.tolist()])
        for k in range(1, 15):
            assert (counts > k).mean() == pytest.approx(more**k, abs=2 / len(EVEN))
        assert counts.max() <= 15
    assert rules.count_geometric(HIGH, 0.99) == 15


def shares(values: list[int]) -> dict[int, float]:
    return {value: number / len(values) for value, number in Counter(values).items()}


def close_to(expected: dict[int, float]) -> object:
    return pytest.approx(expected, abs=2 / len(EVEN))


def test_kinds_come_in_their_shares(m: Tables) -> None:
    weights = dict.fromkeys(Kind, 0.125) | {Kind.FAMILY: 0.3, Kind.LAND: 0.05}
    total = sum(weights.values())
    found = shares([rules.kind_of(m, u) for u in EVEN.tolist()])
    assert found == close_to({int(k): w / total for k, w in weights.items()})
    assert rules.kind_of(m, LOW) == 0 and rules.kind_of(m, HIGH) == 7


@pytest.mark.parametrize(("kind", "mean"), [(Kind.FAMILY, 0.1), (Kind.HOUSING, 0.3), (Kind.LAND, 0.7)])
def test_severity_is_beta(m: Tables, kind: Kind, mean: float) -> None:
    beta = stats.beta(5 * mean, 5 * (1 - mean))
    grid = np.arange(1, 256) / 256
    nodes = [rules.severity_of(m, kind, u) for u in grid.tolist()]
    np.testing.assert_allclose(nodes, beta.ppf(grid), rtol=0, atol=1e-5)  # as sim/model/numbers.py says
    u = np.concatenate([[LOW], EVEN, [HIGH]])
    found = np.array([rules.severity_of(m, kind, x) for x in u.tolist()])
    assert (np.diff(found) >= 0).all() and found[0] >= 0 and found[-1] <= 1
    # Between the points of the table the probability is off by less than a cell, and by far less inside.
    off = np.abs(beta.cdf(found) - u)
    assert off.max() < 1 / 256
    assert off[(u > 0.02) & (u < 0.98)].max() < 5e-4
    assert found.mean() == pytest.approx(mean, abs=1e-3)


def test_severity_mean_is_that_of_all_kinds(m: Tables) -> None:
    u = EVEN[::20]
    kinds = [rules.kind_of(m, x) for x in u.tolist()]
    means = [np.mean([rules.severity_of(m, k, x) for x in u.tolist()]) for k in range(8)]
    assert np.mean([means[k] for k in kinds]) == pytest.approx(m.severity_mean, abs=1e-3)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(weights=st.lists(st.integers(0, 5), min_size=1, max_size=12).filter(any), u=LUCK)
def test_the_arising_minute_inverts_the_cumulative_intensity(weights: list[int], u: float) -> None:
    cum = np.concatenate([[0.0], np.cumsum(weights)]) / sum(weights)
    cum[-1] = 1.0
    minute = rules.arise_minute(cum.tolist(), len(weights), u)
    day, within = divmod(minute, 1440)
    assert cum[day] <= u < cum[day + 1]  # so never on a day of intensity zero
    share = cum[day] + (cum[day + 1] - cum[day]) * within / 1440
    assert share <= u + 1e-12
    assert u < share + (cum[day + 1] - cum[day]) / 1440 + 1e-12


def test_a_party_comes_sooner_when_it_is_serious_and_the_kind_comes_forward(m: Tables) -> None:
    for kind, factor in ((Kind.FAMILY, 2.0), (Kind.HOUSING, 1.0)):
        for severity in (0.0, 0.3, 0.9):
            mean = 40 * 1440 / factor / math.exp(severity - m.severity_mean)
            found = [rules.party_wait(m, kind, severity, u) for u in EVEN[::50].tolist()]
            np.testing.assert_allclose(
                found, np.maximum(1, stats.expon.ppf(EVEN[::50], scale=mean)), rtol=1e-9, atol=0.51
            )


def test_a_party_turns_to_each_channel_in_its_share(m: Tables) -> None:
    found = shares([rules.party_channel(m, Kind.OTHER, u) for u in EVEN.tolist()])
    assert found == close_to(
        {
            Channel.PARTY_VILLAGE: 0.5,
            Channel.PARTY_TOWNSHIP: 0.2,
            Channel.PARTY_POLICE: 0.15,
            Channel.PARTY_COURT: 0.1,
            Channel.PARTY_PETITION: 0.05,
        }
    )
    assert rules.party_channel(m, Kind.OTHER, HIGH) == Channel.PARTY_PETITION


def test_eruption_is_likelier_when_serious_and_never_at_rate_zero(m: Tables) -> None:
    for severity in (0.1, 0.8):
        mean = clock.MINUTES_PER_YEAR / 0.5 / math.exp(2 * (severity - m.severity_mean))
        found = [rules.eruption_wait(m, Kind.FAMILY, severity, u) for u in EVEN[::50].tolist()]
        np.testing.assert_allclose(found, stats.expon.ppf(EVEN[::50], scale=mean), rtol=1e-9, atol=0.51)
    assert rules.eruption_wait(m, Kind.LABOUR, 0.8, 0.5) == clock.NEVER


def test_rounds_needed_are_geometric() -> None:
    for p in (0.01, 0.3, 0.999):
        found = [rules.rounds_needed(p, u) for u in EVEN.tolist()]
        assert found == stats.geom.ppf(EVEN, p).astype(int).tolist()
    assert rules.rounds_needed(1.0, HIGH) == 1
    assert rules.rounds_needed(1e-12, HIGH) == 1_000_000  # a number that never comes


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    period=st.integers(2, 5000),
    phase=LUCK,
    arise=st.integers(0, 30_000),
    needed=st.integers(1, 20),
    jitter=st.floats(0, 1),
    u=LUCK,
)
def test_the_needed_round_is_found_by_counting_rounds(
    period: int, phase: float, arise: int, needed: int, jitter: float, u: float
) -> None:
    planned = int(phase * period)
    number, seen = -1, 0
    while seen < needed:  # walk from round to round
        number += 1
        seen += planned + number * period > arise
    assert rules.round_number(period, phase, arise, needed) == number
    minute = rules.round_minute(period, phase, number, jitter, u, arise)
    assert minute > arise
    shift = minute - planned - number * period
    if (
        abs(shift) > jitter * period / 2 + 1
    ):  # this round was early, before the grievance: the next one counts
        assert abs(shift - period) <= jitter * period / 2 + 1


def test_care_stretches_what_is_left_until_eruption() -> None:
    assert rules.remaining_eruption(1000, 0.5) == 2000
    assert rules.remaining_eruption(1, 1.0) == 1
    assert rules.remaining_eruption(1000, 0.0) == rules.remaining_eruption(clock.NEVER, 0.5) == clock.NEVER


def test_consent(m: Tables) -> None:
    found = shares([rules.consent(m, Tier.VILLAGE, u) for u in EVEN.tolist()])
    assert found == close_to({0: 0.7, 1: 0.2, 2: 0.1})
    # The refusal comes first in u: a change of `bypasses` makes nobody refuse who did not.
    assert [rules.consent(m, Tier.VILLAGE, u) for u in (0.1999, 0.2001, 0.2999, 0.3001)] == [1, 2, 2, 0]


def test_delay(m: Tables) -> None:
    assert rules.delay(m, Tier.VILLAGE, 0, 1, 0.5) == 0
    assert rules.delay(m, Tier.COUNTY, 0, 0, 0.5) == 0
    median = math.log(2) * 1440
    assert rules.delay(m, Tier.COUNTY, 0, 1, 0.5) == round(5 * median)  # several departments have to meet
    assert rules.delay(m, Tier.TRIAL, 0, 0, 0.5) == round(30 * median)
    assert rules.delay(m, Tier.TRIAL, 0, 0, LOW) == 1


def test_pauses() -> None:
    assert rules.pause_length(0.0, 0.9) == 0
    assert rules.pause_length(2000.0, 0.5) == round(2000 * math.log(2))
    assert rules.pause_length(2000.0, LOW) == 1


@pytest.mark.parametrize(("severity", "language"), [(None, 0), (0.9, 0), (None, 1), (0.1, 1)])
def test_session_lengths(m: Tables, severity: float | None, language: int) -> None:
    x = m.severity_mean if severity is None else severity
    stretch = math.exp(1.0 * (x - m.severity_mean) + 0.3 * language)
    u = EVEN[::10]
    sigma = math.sqrt(math.log1p(0.7**2))
    expected = {
        Tier.VILLAGE: stats.expon.ppf(u, scale=180),
        Tier.TOWNSHIP: stats.lognorm.ppf(u, sigma, scale=120 / math.sqrt(1 + 0.7**2)),
        Tier.COUNTY: np.full(len(u), 240.0),
    }
    for tier, minutes in expected.items():
        found = [rules.session_length(m, tier, x, language, v) for v in u.tolist()]
        np.testing.assert_allclose(found, np.maximum(1, minutes * stretch), atol=0.5 + 1e-6)


def test_the_mean_session_is_the_one_that_was_written(m: Tables) -> None:
    for tier, mean in ((Tier.VILLAGE, 180), (Tier.TOWNSHIP, 120), (Tier.COUNTY, 240)):
        found = np.mean([rules.session_length(m, tier, m.severity_mean, 0, u) for u in EVEN.tolist()])
        assert found == pytest.approx(mean, rel=2e-3)


def test_success_probability(m: Tables) -> None:
    logit = math.log(0.6 / 0.4)
    for severity, frailty, departments, language, days in itertools.product(
        (0.0, 0.5, 1.0), (-1.0, 0.7), (0, 1), (0, 1), (0, 30, 400)
    ):
        x = logit + frailty - 2 * (severity - m.severity_mean) - 0.2 * math.log1p(days / 30)
        x += -1.0 * departments - 0.5 * 0.5 * language  # every second mediator speaks the language
        found = rules.success_probability(
            m, Tier.VILLAGE, Kind.FAMILY, severity, frailty, departments, language, days * 1440
        )
        assert found == pytest.approx(expit(x), rel=1e-12)
    average = rules.success_probability(m, Tier.VILLAGE, Kind.FAMILY, m.severity_mean, 0.0, 0, 0, 0)
    assert average == pytest.approx(0.6, rel=1e-12)


def test_the_county_takes_what_concerns_several_departments(m: Tables) -> None:
    assert rules.above(m, Tier.HAMLET, 0) == Tier.VILLAGE
    assert rules.above(m, Tier.VILLAGE, 0) == rules.above(m, Tier.POLICE, 1) == Tier.TOWNSHIP
    assert rules.above(m, Tier.TOWNSHIP, 1) == Tier.COUNTY
    assert rules.above(m, Tier.TOWNSHIP, 0) == rules.above(m, Tier.COUNTY, 1) == -1
    assert rules.above(m._replace(county_takes_all=1), Tier.TOWNSHIP, 0) == Tier.COUNTY
    assert rules.above(m, Tier.DECISION, 0) == Tier.COURT_MEDIATION
    assert rules.above(m, Tier.COURT_MEDIATION, 0) == Tier.TRIAL


def test_after_exhaustion(m: Tables) -> None:
    found = shares([rules.after_exhaustion(m, Kind.FAMILY, u) for u in EVEN.tolist()])
    assert found == close_to({Tier.COURT_MEDIATION: 0.5, -1: 0.5})
    assert rules.after_exhaustion(m, Kind.LAND, 0.1) == Tier.DECISION


def test_ends(m: Tables) -> None:
    u = EVEN.tolist()
    assert shares([rules.trial_end(m, x) for x in u]) == close_to(
        {End.SETTLED: 0.2, End.WITHDRAWN: 0.2, End.ADJUDICATED: 0.6}
    )
    assert shares([rules.drops(m, x) for x in u]) == close_to({End.LUMPED: 0.6, End.WITHDRAWN: 0.4})
    assert shares([rules.leaves(m, x) for x in u]) == close_to({End.SELF_SETTLED: 0.6, End.WITHDRAWN: 0.4})


def test_a_confirmed_agreement_is_breached_less_often(m: Tables) -> None:
    assert rules.breach_probability(m, False) == 0.2
    assert rules.breach_probability(m, True) == 0.1
