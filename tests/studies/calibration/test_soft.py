"""Soft evidence: what a replication gives of it, its likelihood, and that it can be left out."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines.reference import simulate
from sim.model import build
from sim.outcomes.figures import figures
from sim.outcomes.reading import read
from sim.outcomes.realised import behind_name, realised, realised_name
from sim.outcomes.table import outcomes
from sim.outcomes.tally import tally_of
from sim.scenario.errors import ScenarioError
from sim.scenario.evidence import REALISED, Evidence, Likelihood, evidence_problems
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.statistics.proposal import INFLATED, Known, LinearEmulator, gaussian_proposal
from sim.studies.calibrate import plan
from sim.studies.calibration.soft import bearings, conflicts, outlook, source_draws, source_range, weighed
from sim.vocabulary import End, EventKind, Tier

RNG = np.random.default_rng


@pytest.fixture(scope="module")
def daliu() -> Place:
    return load_place("daliu")


def test_what_a_replication_gives_is_what_its_rows_say(daliu: Place) -> None:
    model = build(daliu)
    trace = simulate(model, Draws(1, 3))
    reading = read(trace)
    found = dict(realised(reading, tally_of(reading, model), model))
    began: dict[tuple[int, int], int] = {}
    days: dict[int, list[float]] = defaultdict(list)
    ends: dict[int, list[int]] = defaultdict(list)
    columns = [trace.column(c).tolist() for c in ("minute", "event", "dispute", "tier", "detail")]
    for minute, event, dispute, tier, detail in zip(*columns, strict=True):
        if event in (EventKind.KNOWN, EventKind.REOPEN):
            began[dispute, tier] = minute
        if event in (EventKind.CLIMB, EventKind.END) and tier >= 0:
            if minute >= trace.warm_up:
                ends[tier].append(detail if event == EventKind.END else -1)
                if (tier, ends[tier][-1]) == (Tier.COURT_MEDIATION, End.SETTLED):
                    days[tier].append((minute - began[dispute, tier]) / 1440.0)
            if event == EventKind.CLIMB:
                began[dispute, detail] = minute
    police = ends[Tier.POLICE]
    assert found[behind_name("police_resolved")] == len(police)
    share = 100 * (police.count(End.SETTLED) + 0.5) / (len(police) + 1)
    assert found[realised_name("police_resolved")] == pytest.approx(share)
    settled = days[Tier.COURT_MEDIATION]
    assert found[behind_name("court_mediation_days")] == len(settled)
    if settled:
        assert found[realised_name("court_mediation_days")] == pytest.approx(np.mean(settled))


def test_what_is_left_out_of_outcomes_changes_none_of_the_others(daliu: Place) -> None:
    model, luck = build(daliu), Draws(1, 5)
    reading = read(simulate(model, luck))
    every = {o.metric: o.value for o in outcomes(reading, model, luck) if o.layer == "true" and not o.by}
    fewer = figures(reading, model, luck)
    assert all(fewer[name] == pytest.approx(x, nan_ok=True) for name, x in every.items())


def linear(n: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Replications whose police share has log-odds 0.5 + z0 − z1, without luck."""
    z = RNG(seed).standard_normal((n, 4))
    odds = 0.5 + z[:, 0] - z[:, 1]
    return z, {
        realised_name("police_resolved"): 100 / (1 + np.exp(-odds)),
        behind_name("police_resolved"): np.full(n, 1e9),
    }


def only(daliu: Place, **figures: Evidence) -> Place:
    return daliu.model_copy(update={"evidence": figures})


POLICE = Evidence(
    likelihood=Likelihood.LOGIT_NORMAL,
    value=79,
    sd=0.3,
    between=0.4,
    source="police_reports",
    page="",
    confidence="high",
)


def test_prior_and_evidence_together_are_normal_so_that_weights_are_equal(daliu: Place) -> None:
    z, found = linear(4000, 1)
    soft = outlook(only(daliu, police_resolved=POLICE), z, found)
    assert soft is not None
    known = Known(soft.emulator.slopes, soft.values - soft.emulator.intercept, soft.covariance)
    nothing = LinearEmulator(np.zeros(0), np.zeros((0, 4)), np.zeros((0, 0)))
    proposal = gaussian_proposal(nothing, np.zeros(0), np.zeros(0), known)
    points = proposal.draw(5000, RNG(2))
    log = soft.log(points) - proposal.log_ratio(points)
    assert np.ptp(log) < 1e-8
    # The posterior of the log-odds: prior N(0.5, 2), figure N(logit 0.79, 0.25).
    precision = 1 / 2 + 1 / 0.25
    mean = (0.5 / 2 + math.log(0.79 / 0.21) / 0.25) / precision
    odds = points @ soft.emulator.slopes[0] + soft.emulator.intercept[0]
    assert odds.mean() == pytest.approx(mean, abs=0.06)
    assert odds.std() == pytest.approx(precision**-0.5, abs=0.05)


def test_a_proposal_is_wider_along_the_summaries_only() -> None:
    slopes = np.array([[1.0, 0.5, 0.0]])
    emulator = LinearEmulator(np.zeros(1), slopes, np.array([[0.3]]))
    known = Known(np.array([[0.0, 1.0, 1.0]]), np.array([1.0]), np.array([[0.2]]))
    with_it = gaussian_proposal(emulator, np.array([2.0]), np.array([0.1]), known)
    exact = np.linalg.inv(np.eye(3) + slopes.T @ slopes / 0.4 + known.slopes.T @ known.slopes / 0.2)
    rows = with_it.basis
    wide = rows.T @ with_it.cov @ rows
    assert slopes @ wide @ slopes.T == pytest.approx(INFLATED * slopes @ exact @ slopes.T)
    across = np.cross(slopes[0], exact @ slopes[0])  # uncorrelated with the summary
    inside = rows.T @ rows @ across
    if np.allclose(inside, across):
        assert across @ wide @ across == pytest.approx(across @ exact @ across)


def test_a_split_has_the_covariance_of_its_shares(daliu: Place) -> None:
    figure = daliu.evidence["family_suit_ends"]
    p = np.array(list(figure.shares.values())) / 100
    draws = RNG(4).dirichlet(400 * p, 40_000)
    found = {
        realised_name("family_suit_ends", part): 100 * x
        for part, x in zip(figure.shares, draws.T, strict=True)
    }
    found[behind_name("family_suit_ends")] = np.full(len(draws), 1e9)
    large = figure.model_copy(update={"size": 400.0})
    ((split, covariance),) = bearings(only(daliu, family_suit_ends=large), found)
    assert np.cov(np.stack([one.summary for one in split])) == pytest.approx(covariance, rel=0.1)


def test_a_conflict_is_named_and_agreement_is_not(daliu: Place) -> None:
    place = only(daliu, police_resolved=POLICE)
    agreed = {realised_name("police_resolved"): source_draws(POLICE, "", 3000, RNG(5))}
    low = {realised_name("police_resolved"): RNG(6).uniform(10, 30, 3000)}
    (one,) = weighed(place, low, agreed, 1)
    assert one.p_posterior > 0.8 and one.p_prior < 0.05 and not list(conflicts([one]))
    low_end, high_end = source_range(POLICE)
    assert one.inside_posterior == pytest.approx(0.9, abs=0.02) and low_end < 79 < high_end
    (other,) = weighed(place, agreed, low, 1)
    assert other.conflict and "police" in str(next(conflicts([other])))


def test_faults_of_evidence_are_named() -> None:
    odd = {
        "police_resolvd": POLICE,
        "petitions_per_1000": POLICE,
        "court_mediation_settled": POLICE.model_copy(update={"value": 120.0}),
        "petition_repeat_share": POLICE.model_copy(update={"sd": 0.0, "between": 0.0}),
        "family_suit_ends": Evidence(
            likelihood=Likelihood.DIRICHLET,
            shares={"judged": 50.0},
            size=3,
            source="x",
            page="",
            confidence="low",
        ),
    }
    said = [str(problem) + str(remedy) for _, problem, remedy in evidence_problems(odd)]
    assert len(said) == 5 and "police_resolved" in said[0]


def test_a_source_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(ScenarioError, match="source"):
        load_place("daliu", ["evidence.police_resolved.source=nobody"])


def test_every_figure_has_a_unit_and_enters_unless_left_out(daliu: Place) -> None:
    assert set(daliu.evidence) <= set(REALISED)
    assert plan(["daliu"]).counties[0][0].evidence
    assert not plan(["daliu"], evidence="none").counties[0][0].evidence
