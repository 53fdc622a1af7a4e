"""Policy files: bundles, the practice of places, and a rollout in stages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines import reference
from sim.model import build
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.policies import load_policy, measures_of, parse
from sim.scenario.policy import names as mechanisms_of
from sim.scenario.policy import practice
from tests.places import rich_place
from tests.twin.compare import same

PLACES = ("liucheng", "baojing", "daliu", "fengcheng", "jiang")
STAGES = """schema_version: 1
name: stages
title: {en: In two stages, zh: 分步推行}
about: Two townships first, the others later.
measures:
  - mechanism: judge_liaison
    coverage: {townships: [1, 2]}
    start: 2023-02-01
  - mechanism: judge_liaison
    coverage: {townships: [3]}
    start: 2023-05-01
"""


@pytest.mark.parametrize("name", names("policies"))
def test_shipped_policies_are_valid_and_can_be_in_force(name: str) -> None:
    policy = load_policy(name)
    assert policy.name == name
    measures = measures_of(policy)
    assert measures and build(load_place("jiang"), measures).variants


@pytest.mark.parametrize("place", PLACES)
def test_the_practice_of_a_place_is_a_bundle(place: str) -> None:
    here = load_place(place)
    assert measures_of(load_policy(f"{place}_practice")) == practice(here)
    assert len(practice(here)) >= 3
    digests = [reference.simulate(build(load_place("daliu"), m), Draws(1, 0)).digest()
               for m in (parse("daliu_practice", here), None)]  # fmt: skip
    assert digests[0] == digests[1]


def test_every_mechanism_of_a_place_can_be_taken_away_and_put_back() -> None:
    for name in PLACES:
        place = load_place(name)
        there = practice(place)
        for mechanism in mechanisms_of(there):
            rest = parse(f"-{mechanism}", place)
            assert mechanism not in mechanisms_of(rest) and len(rest) == len(there) - 1
        assert parse("none", place) == ()
        assert mechanisms_of(parse("practice", place)) == mechanisms_of(there)


def test_a_rollout_in_stages(tmp_path: Path) -> None:
    path = tmp_path / "stages.yaml"
    path.write_text(STAGES, "utf-8")
    place = rich_place(population={"persons": 12_000}, villages={"count": 9}, townships={"count": 3})
    measures = measures_of(load_policy(path))
    model = build(place, measures)
    day = [(m.start - model.first_day).days for m in measures if m.start is not None]
    ends = sorted({v.until // 1440 for v in model.variants if v.until < 1 << 40})
    steps = {d + 60 * k for d in day for k in range(1, 20)}  # while it is learnt
    assert set(day) < set(ends) <= set(day) | steps
    draws = Draws(2, 0)
    dated, plain = same(model, draws), same(build(place, ()), draws)
    early = dated.column("minute") < day[0] * 1440
    assert np.array_equal(dated.rows[early], plain.rows[plain.column("minute") < day[0] * 1440])
    assert dated.digest() != plain.digest()


def test_every_mechanism_says_what_it_is_and_who_pays() -> None:
    place = load_place("jiang")
    assert len(MECHANISMS) == 26
    for name, mechanism in MECHANISMS.items():
        assert (
            mechanism.name == name
            and mechanism.zh
            and mechanism.about
            and mechanism.pays
            and mechanism.acts_at
        )
        for parameter, q in mechanism.parameters().items():
            low, high = mechanism.limits(parameter)
            assert low <= q.low <= q.value <= q.high <= high, (name, parameter)
            assert q.source in place.sources, (name, parameter, q.source)
            assert q.note, (name, parameter)
