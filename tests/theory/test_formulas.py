"""The formulas themselves, against Markov chains solved numerically."""

from __future__ import annotations

import numpy as np
import pytest

from tests.theory import chains, formulas


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (1, 0.8), (3, 2.1), (4, 0.5), (7, 5.6)])
def test_queue_mmc_by_birth_death_chain(servers: int, load: float) -> None:
    most = 400
    deaths = np.minimum(np.arange(1, most + 1), servers) / 10.0
    p = chains.birth_death(load / 10.0, deaths)
    waiting = np.maximum(np.arange(most + 1) - servers, 0)
    assert formulas.queue_mmc(load / 10.0, 10.0, servers) == pytest.approx((p * waiting).sum(), rel=1e-9)
    assert formulas.erlang_c(servers, load) == pytest.approx(p[servers:].sum(), rel=1e-9)


@pytest.mark.parametrize("cv", [0.0, 0.5, 1.5])
def test_queue_mg1_by_embedded_chain(cv: float) -> None:
    points, weights = np.polynomial.hermite_e.hermegauss(80)
    sigma = np.sqrt(np.log1p(cv**2))
    lengths = 10.0 * np.exp(sigma * points - sigma**2 / 2)
    p = chains.number_after_service(0.06, lengths, weights / weights.sum(), 1500)
    there = (p * np.arange(len(p))).sum()  # what leavers leave behind is what there is on average
    assert formulas.queue_mg1(0.06, 10.0, cv) == pytest.approx(there - 0.6, rel=1e-4)
    assert formulas.queue_mg1(0.06, 10.0, 1.0) == pytest.approx(formulas.queue_mmc(0.06, 10.0, 1), rel=1e-12)


def test_waits_cobham_by_chain_of_two_classes() -> None:
    arrivals, hours = [0.05, 0.02], [6.0, 15.0]
    queues = chains.two_classes(arrivals, hours, 70)
    waits = formulas.waits_cobham(arrivals, hours)
    assert waits == pytest.approx([q / a for q, a in zip(queues, arrivals, strict=True)], rel=1e-6)
    assert waits[0] < waits[1]


@pytest.mark.parametrize(
    ("servers", "arrivals", "patience"), [(1, 0.04, 50.0), (2, 0.08, 25.0), (3, 0.3, 15.0)]
)
def test_erlang_a_by_birth_death_chain(servers: int, arrivals: float, patience: float) -> None:
    most, hours = 300, 20.0
    n = np.arange(1, most + 1)
    deaths = np.minimum(n, servers) / hours + np.maximum(n - servers, 0) / patience
    p = chains.birth_death(arrivals, deaths)
    there = np.arange(most + 1)
    exact = formulas.erlang_a(arrivals, hours, servers, patience)
    queue = float((p * np.maximum(there - servers, 0)).sum())
    assert exact.queue == pytest.approx(queue, rel=1e-8)
    assert exact.busy == pytest.approx((p * np.minimum(there, servers)).sum(), rel=1e-8)
    assert exact.leaves == pytest.approx(queue / patience / arrivals, rel=1e-8)


def test_endless_patience_is_no_patience() -> None:
    patient = formulas.erlang_a(0.08, 10.0, 1, 1e5)
    assert patient.queue == pytest.approx(formulas.queue_mmc(0.08, 10.0, 1), rel=1e-2)


def test_flows_by_following_the_visits() -> None:
    entering, routes = (
        np.array([0.1, 0.02, 0.0]),
        np.array([[0.2, 0.5, 0.0], [0.0, 0.1, 0.3], [0.1, 0.0, 0.0]]),
    )
    total, step = np.zeros(3), entering.copy()
    for _ in range(400):
        total += step
        step = step @ routes
    assert formulas.flows(entering, routes) == pytest.approx(total, rel=1e-12)


def test_tandem_by_chain_of_both_stations() -> None:
    """Product form: the second station's queue is that of an M/M/c, seen in the chain of both together."""
    arrivals, passing, most = 0.06, 0.6, 50
    hours, servers = (8.0, 20.0), (1, 2)
    rates: dict[tuple[int, int], float] = {}
    size = most + 1
    for a in range(size):
        for b in range(size):
            here = a * size + b
            if a < most:
                rates[here, here + size] = arrivals
            done = min(a, servers[0]) / hours[0]
            if a and b < most:
                rates[here, here - size + 1] = done * passing
            if a:
                rates[here, here - size] = done * (1.0 - passing) if b < most else done
            if b:
                rates[here, here - 1] = min(b, servers[1]) / hours[1]
    p = chains.stationary(rates, size * size).reshape(size, size)
    second = (p.sum(axis=0) * np.maximum(np.arange(size) - servers[1], 0)).sum()
    rate = formulas.flows(np.array([arrivals, 0.0]), np.array([[0.0, passing], [0.0, 0.0]]))[1]
    assert formulas.queue_mmc(rate, hours[1], servers[1]) == pytest.approx(second, rel=1e-4)


def test_absorbed_by_following_the_paths() -> None:
    inner = np.array([[0.0, 0.4, 0.1], [0.2, 0.1, 0.3], [0.0, 0.0, 0.5]])
    out = np.array([[0.3, 0.2], [0.4, 0.0], [0.25, 0.25]])
    start = np.array([0.7, 0.3, 0.0])
    ends, there = np.zeros(2), start.copy()
    for _ in range(400):
        ends += there @ out
        there = there @ inner
    assert formulas.absorbed(inner, out, start) == pytest.approx(ends, rel=1e-12)
    assert ends.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("arrivals", "hours", "servers"), [(0.06, 10.0, 1), (0.105, 20.0, 3), (0.035, 20.0, 1), (0.048, 30.0, 2)]
)
def test_the_warm_up_is_long_enough(arrivals: float, hours: float, servers: int) -> None:
    """The stations of the tests against theory: 90 days after a start with nobody there, 1 % is missing at most."""
    assert 0.0 <= chains.still_missing(arrivals, hours, servers, 90 * 24) < 0.01
    assert chains.still_missing(arrivals, hours, servers, 24) > 0.3
