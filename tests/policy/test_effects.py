"""What studies found of effects: every mechanism has an entry, and what follows from it holds in the model."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest

from sim.model import build
from sim.scenario.effects_file import effects
from sim.scenario.load import load_place
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.studies.explain import explain
from sim.vocabulary import Kind, Tier
from tests.places import plain_place

OPEN = {"log-odds": 0.0, "ratio": 1.0}  # no effect


def test_every_mechanism_says_what_was_found_or_searched_for() -> None:
    sources = load_place("daliu").sources
    assert effects().keys() == MECHANISMS.keys()
    for name, evidence in effects().items():
        assert bool(evidence.found) != bool(evidence.searched), name
        assert bool(evidence.finding) == bool(evidence.found), name
        assert set(evidence.found) <= sources.keys(), name
        for parameter, prior in evidence.priors.items():
            assert MECHANISMS[name].parameters()[parameter] is prior, (name, parameter)
            assert prior.source in evidence.found or (prior.source == "assumption" and evidence.searched), (
                name
            )
            assert prior.low < prior.value < prior.high, (name, parameter)


def test_priors_of_effects_are_open_to_both_sides() -> None:
    for name, evidence in effects().items():
        for parameter, prior in evidence.priors.items():
            if prior.unit in OPEN:
                assert prior.low < OPEN[prior.unit] < prior.high, (name, parameter)


def test_training_may_bring_more_grievances_and_more_who_come_forward() -> None:
    """Liberia: more disagreements were brought up where people had been trained."""
    trained = MECHANISMS["law_aware_villagers"].parameters()
    assert trained["arises"].high > 1 and trained["coming_forward"].low < 1


def learning_place() -> Place:
    """Everything is a matter of departments and goes to the county."""
    return plain_place(
        {"township": {"success": 0.0}, "county": {"success": 0.5, "joint": 1.0}},
        {"township": 1.0},
        kinds={k.name.lower(): {"departments": 1.0} for k in Kind},
        window={"warm_up": 180},
    )


def odds_at_county(place: Place, measure: Measure) -> list[tuple[int, float]]:
    """Until which minute which log-odds hold at the county."""
    tables = build(place, [measure]).variants
    return [(m.until, float(m.success_logit.reshape(8, 8)[Tier.COUNTY, 0])) for m in tables]


def test_a_whistle_is_learnt_and_no_step() -> None:
    """53 to 89 % over three years: 1 - exp(-t / 365 days) of the effect, in steps of 60 days."""
    place = learning_place()
    whistle = MECHANISMS["whistle"].parameters()
    full, learning = float(whistle["success"]), float(whistle["learning"])
    start = place.window.start + timedelta(days=100)
    found = odds_at_county(place, Measure(mechanism="whistle", start=start))
    assert found[0] == ((180 + 100) * 1440, pytest.approx(0.0))
    shares = np.array([x for _, x in found[1:]]) / full
    middles = 30 + 60 * np.arange(len(shares))
    np.testing.assert_allclose(shares, 1 - np.exp(-middles / learning), atol=1e-6)
    assert len(shares) == math.ceil((365 - 100) / 60) and shares[0] < 0.1 < 0.5 < shares[-1]


def test_what_has_no_date_of_its_start_is_learnt() -> None:
    place = learning_place()
    full = float(MECHANISMS["whistle"].parameters()["success"])
    assert [x for _, x in odds_at_county(place, Measure(mechanism="whistle"))] == [pytest.approx(full)]


def test_without_effect_nothing_changes_while_it_is_learnt() -> None:
    """What changes nothing leaves no trace in the model."""
    place = learning_place()
    start = place.window.start + timedelta(days=100)
    found = odds_at_county(place, Measure(mechanism="whistle", start=start, effect=0.0))
    assert [x for _, x in found] == [0.0]


def test_explain_tells_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    study = explain("daliu", policy="+whistle")
    assert study.studies["whistle"].found == ("beijing_12345",)
    assert study.studies["screening"].searched
    assert study.answer()["studies"]["whistle"]["finding"].startswith("Beijing")
    assert "beijing_12345" in study.answer()["sources"]
    from sim.show.text.explain import print_explanation

    print_explanation(study)
    said = capsys.readouterr().out
    assert "screening: no study found; searched for" in said and "whistle: Beijing" in said.replace("\n", " ")
