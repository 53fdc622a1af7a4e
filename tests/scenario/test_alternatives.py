"""What an article leaves open is another reading of its place, loaded by the same name and a sign."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.draws import Draws
from sim.engines import reference
from sim.model import build
from sim.outcomes import outcomes
from sim.outcomes.tally import tally_of
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place
from sim.vocabulary import End, EventKind, Tier
from tests.places import plain_place

SHIPPED = [("fengcheng", "village_115"), ("daliu", "town_among_eight")]


@pytest.mark.parametrize(("name", "alternative"), SHIPPED)
def test_an_alternative_differs_in_what_it_says_alone(name: str, alternative: str) -> None:
    first, other = load_place(name), load_place(f"{name}@{alternative}")
    assert other.name == f"{name}_{alternative}" and other.title.en.startswith(first.title.en)
    assert alternative in first.alternatives and not other.alternatives
    replaced = first.alternatives[alternative].replace
    for section, spec in type(first).model_fields.items():
        if section not in ("name", "title", "alternatives"):
            same = getattr(first, section) == getattr(other, section)
            assert same == (section not in replaced), (section, spec)
    build(other)


def test_mediators_of_daliu_are_as_many_in_both_readings() -> None:
    """47 in all: 8 committees of villages, or 7 of them and the town's."""
    for place in (load_place("daliu"), load_place("daliu@town_among_eight")):
        town = 47 / 8 if place.name != "daliu" else 0.0
        assert float(place.villages.mediators) * 8 + town == pytest.approx(47)


def test_values_are_set_on_an_alternative() -> None:
    place = load_place("daliu@town_among_eight", ["villages.mediators=3"])
    assert float(place.villages.mediators) == 3


def test_a_file_may_have_alternatives(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = Path("scenarios/places/daliu.yaml").read_text("utf-8").replace("../national", "national")
    file.write_text(text, "utf-8")
    assert load_place(f"{file}@town_among_eight").name == "daliu_town_among_eight"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("daliu@town_among", "Did you mean town_among_eight?"),
        ("jiang@anything", "Leave out what follows the sign @."),
    ],
)
def test_an_unknown_alternative_is_one_clear_message(name: str, says: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_place(name)
    assert len(error.value.faults) == 1 and says in str(error.value.faults[0].remedy)


def test_in_the_record_of_villages_what_climbs_has_failed() -> None:
    """Half is settled in the village and all of the rest in the township: 100 % of the place, 50 % of the villages."""
    tiers = {"village": {"success": 0.5}, "township": {"success": 1.0}}
    rates = {}
    for basis in ("dispute", "village"):
        place = plain_place(
            tiers,
            {"village": 1.0},
            recording={"basis": basis, "reading": "proportional", "proportional": {"recorded": 1.0}},
            incidence={"latent_rate": 100},
        )
        model = build(place)
        trace = reference.simulate(model, Draws(1, 1))
        found = {(o.metric, o.reading): o.value for o in outcomes(trace, model, Draws(1, 1)) if not o.by}
        rates[basis] = next(v for (m, _), v in found.items() if m == "success_rate")
    assert rates["dispute"] == 100.0 and 45 < rates["village"] < 55


def test_what_the_district_settles_is_not_in_the_record_of_its_town() -> None:
    """Daliu's 52 are of town and villages."""
    place = load_place("daliu", ["incidence.latent_rate=60", "tiers.township.success=0.01"])
    model = build(place)
    trace = reference.simulate(model, Draws(1, 1))
    tally = tally_of(trace, model)
    at_county = int(tally.counts[EventKind.END, Tier.COUNTY, End.SETTLED])
    own, every = tally.record_of(model), tally.closed()
    assert at_county > 0 and (every.tier == Tier.COUNTY).any()
    assert (own.tier < Tier.COUNTY).all() and len(own) < len(every)
