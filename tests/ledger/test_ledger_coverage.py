"""Whether intervals that `fit` states cover the truth as often as they say: 200 ledgers of a known county."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest
from scipy import stats

from sim.ledger.estimate import Estimate
from tests.ledger.ledger_county import Truth, county, fitted, simulated

LEDGERS, OTHERS = 200, 1500
NOMINAL, ERROR = 0.95, 0.001  # of the whole family of parameters, two-sided, by Holm's method
OFTEN = 0.95  # a parameter is judged if so many of the ledgers show it often enough to be estimated


def key_of(estimate: Estimate) -> str:
    """The name under which its truth is known."""
    return f"{estimate.group}: {estimate.name}"


def covers(estimate: Estimate, truth: float, shrunk: float = 1.0) -> bool:
    """Whether the interval, drawn towards its value, contains the truth."""
    low = estimate.value - shrunk * (estimate.value - estimate.low)
    high = estimate.value + shrunk * (estimate.high - estimate.value)
    return low <= truth <= high


def probability(hits: int, n: int, *, exact: bool) -> float:
    """Of a count of covering intervals at least as unlikely, if each covers with the nominal probability.

    An exact interval for a count covers more often than it says, by as much as counts are small; it is only asked
    whether it covers too seldom.
    """
    side = "less" if exact else "two-sided"
    return float(stats.binomtest(hits, n, NOMINAL, alternative=side).pvalue)


def rejected(found: Mapping[str, tuple[int, int, bool]]) -> dict[str, tuple[int, int]]:
    """Those whose coverage is not the nominal one, by Holm's method."""
    ordered = sorted((probability(h, n, exact=e), name) for name, (h, n, e) in found.items())
    out = {}
    for rank, (p, name) in enumerate(ordered):
        if p > ERROR / (len(ordered) - rank):
            break
        out[name] = found[name][:2]
    return out


@pytest.mark.slow
def test_stated_intervals_cover_the_truth_at_the_nominal_rate(tmp_path: Path) -> None:
    model = county(tmp_path)
    truth = Truth(model, [simulated(model, 2, r) for r in range(OTHERS)])
    lasting = truth.lasting()
    seen: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for r in range(LEDGERS):
        known = {**lasting, **truth.of_replication(1, r)}
        for estimate in fitted(model, simulated(model, 1, r), tmp_path).estimates:
            true = truth.of_path(estimate.path) if estimate.path else known.get(key_of(estimate))
            if true:  # an interval for a share of zero is closed there and covers it always
                hit, half = covers(estimate, true), covers(estimate, true, 0.5)
                seen[key_of(estimate)].append((hit, half, estimate.method.startswith("exact")))
    judged = {name: hits for name, hits in seen.items() if len(hits) >= OFTEN * LEDGERS}
    full = {name: (sum(h for h, _, _ in x), len(x), x[0][2]) for name, x in judged.items()}
    half = {name: (sum(h for _, h, _ in x), len(x), x[0][2]) for name, x in judged.items()}
    for name, (hits, n, _) in sorted(full.items(), key=lambda x: x[1][0] / x[1][1]):
        print(f"{hits / n:6.1%} of {n}  {name}")
    print(f"{len(full)} parameters; not judged: {sorted(set(seen) - set(judged))}")
    assert len(full) > 100
    assert {name.split(":")[0] for name in full} == {
        *("arrivals", "villages", "season", "kinds", "durations", "routing", "parameters")
    }
    assert rejected(full) == {}
    # The same intervals at half their width are caught, so that the band is narrow enough to mean something.
    assert len(rejected(half)) > 0.9 * len(half)
