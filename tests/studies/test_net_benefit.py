"""Net benefits at stated values, what studies are worth, and the sentences about both."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.metrics import CONFLICT, Column
from sim.scenario.prices import load_prices
from sim.scenario.prior import unknowns
from sim.studies.call_back import answers, settled_among_recorded
from sim.studies.drawn_numbers import (
    AFTERWARDS,
    DELAYS,
    FORWARD,
    GROUPS,
    MECHANISMS,
    RECORDS,
    REST,
    ROUTES,
    STAFF,
    SUCCESS,
    UNREST,
    group_of,
)
from sim.studies.net_benefit import YUAN, Values, benefits_of, over_multiples, table, values_of
from sim.studies.study_value import CALL_BACK, EVERYTHING, READING, SURVEY
from sim.studies.study_words import learnt, paying_study, valued
from tests.studies.test_worth_table import LABELS, Found, place

COSTS = pd.DataFrame(
    {
        "policy": ["+a", "+b"],
        "yuan": [1000.0, 0.0],
        "hours": [25.0, 0.0],
        "yuan_low": [500.0, 0.0],
        "yuan_high": [2000.0, 0.0],
    }
)


def counted(suits: tuple[float, float, float]) -> Any:
    """A place with so many suits under each policy, and nothing else that has a value."""
    rng = np.random.default_rng(3)
    base = 50 + rng.normal(0, 3, (40, 4))
    held = {
        (Column("filings"), i): base + x + (i > 0) * rng.normal(0, 0.2, (40, 4)) for i, x in enumerate(suits)
    }
    one = place(np.zeros((2, 2)), Found(held))
    one.cells = (SimpleNamespace(place=load_place("daliu")),)
    return one


def test_values_are_read_and_what_is_wrong_is_said() -> None:
    assert values_of(["settled=800,suit=3000", "in=hours"]) == Values(
        {"settled": 800.0, "suit": 3000.0}, "hours"
    )
    assert values_of({"suit": 3}) == Values({"suit": 3.0}, YUAN) and not values_of([])
    for wrong, said in (
        ("suits=3", "Did you mean 'suit'"),
        ("suit=-1", "at least 0"),
        ("suit=x", "at least 0"),
    ):
        with pytest.raises(UserError, match=said):
            values_of([wrong])
    with pytest.raises(UserError, match="neither in=yuan nor in=hours"):
        values_of(["suit=3,in=days"])
    with pytest.raises(UserError, match="names no outcome"):
        values_of(["in=hours"])


def test_a_net_benefit_is_what_is_gained_at_its_value_less_the_cost() -> None:
    one = counted((0.0, -2.0, -0.1))
    found = benefits_of(one, values_of(["suit=800"]), COSTS)
    frame = table(one, found, COSTS, YUAN).set_index("policy")
    assert frame.loc["+a", "from_suit"] == pytest.approx(1600, abs=60)
    assert frame.loc["+a", "net_benefit"] == pytest.approx(600, abs=60)
    assert frame.loc["+a", "net_at_high_prices"] == pytest.approx(-400, abs=60)
    assert frame.loc["practice", "net_benefit"] == 0.0 and frame["p_highest"].sum() == pytest.approx(1.0)
    assert list(frame.index[frame["frontier"]]) == ["+a"]
    assert frame["expected_loss"].min() == pytest.approx(found.known, abs=1e-9)
    hours = benefits_of(one, values_of(["suit=10,in=hours"]), COSTS)
    assert hours.flat[1].mean() == pytest.approx(20 - 25, abs=1)
    curve = over_multiples(found).query("frontier").set_index("times_the_values")["policy"]
    assert (
        curve[0.0] in ("practice", "+b") and curve[0.5] != "+a" and curve[1.0] == "+a" and curve[10.0] == "+a"
    )


def test_days_of_a_county_are_all_days() -> None:
    one = counted((0.0, 0.0, 0.0))
    base = np.full((40, 4), 600.0)
    one.found = Found({(Column(CONFLICT), i): base - i for i in range(3)})
    found = benefits_of(one, values_of(["unresolved_day=2"]), COSTS.assign(yuan=0.0))
    where = one.cells[0].place
    years = ((where.window.end - where.window.start).days + 1) / 365
    assert found.flat[1].mean() == pytest.approx(2 * float(where.population.persons.value) / 1000 * years)


def test_the_sentence_names_what_the_table_has_highest() -> None:
    values = values_of(["suit=800"])
    for suits, said in (((0.0, -3.0, 0.0), "+a has the highest"), ((0.0, 0.0, 0.5), "no policy is expected")):
        one = counted(suits)
        frame = table(one, benefits_of(one, values, COSTS), COSTS, YUAN)
        ((part, text),) = valued(frame, values)
        assert part == "value" and said in str(text) and "a suit 800" in str(text)
    assert "+b comes nearest" not in str(text) or frame["net_benefit"].idxmax() == LABELS.index("practice")


def rows(**worth: float) -> pd.DataFrame:
    names = {"reading": READING, "forward": FORWARD, "all": EVERYTHING}
    return pd.DataFrame(
        [
            {"objective": CONFLICT, "known": names[k], "worth": x, "told": x > 0, "unit": "days"}
            for k, x in worth.items()
        ]
    )


def studied(net: float, told: bool = True, worth: float = 900.0) -> pd.DataFrame:
    one = {"study": CALL_BACK, "size": 100, "worth": worth, "told": told, "cost": 700.0, "net_benefit": net}
    other = {
        "study": SURVEY,
        "size": 400,
        "worth": 10.0,
        "told": told,
        "cost": 26_000.0,
        "net_benefit": -25_990.0,
    }
    return pd.DataFrame([one, other]).assign(best=True, cost_unit="yuan", unit="yuan")


@pytest.mark.parametrize(
    ("known", "studies", "priced", "said"),
    [
        (rows(reading=0.0, all=0.0), studied(-700, worth=0.0), False, "Nothing that could be learnt"),
        (rows(reading=0.0, forward=0.0, all=2.0), studied(np.nan, told=False), False, "of no group of them alone"),
        (rows(reading=0.4, forward=1.2, all=2.0), studied(np.nan), False, "most worth knowing is whether and how"),
        (rows(reading=0.4, all=2.0), studied(np.nan), False, "To ring the parties of 100 closed files would be worth"),
        (rows(reading=0.4, all=2.0), studied(200.0), True, "it pays to ring the parties of 100 closed files"),
        (rows(reading=0.4, all=2.0), studied(-200.0), True, "No study in the table"),
        (rows(reading=0.4, all=2.0), studied(200.0, told=False), True, "No study in the table"),
    ],
)  # fmt: skip
def test_every_branch_of_the_sentence_about_studies(
    known: pd.DataFrame, studies: pd.DataFrame, priced: bool, said: str
) -> None:
    assert said in " ".join(str(text) for _, text in learnt(known, studies, priced))
    assert bool(paying_study(studies)) == bool((studies["told"] & (studies["net_benefit"] > 0)).any())


def test_a_target_driven_record_has_files_that_nobody_settled() -> None:
    recording = load_place("daliu").recording
    assert settled_among_recorded(recording, "proportional", 0.7, 0.9) == 0.9
    driven = recording.target_driven
    real = 0.7 * float(driven.recorded.value)
    relabelled = 0.3 * float(driven.failures.value) * float(driven.relabelled.value)
    invented = real * float(driven.invented.value)
    found = settled_among_recorded(recording, "target_driven", 0.7, 0.9)
    assert found == pytest.approx(0.9 * real / (real + relabelled + invented)) and found < 0.9
    price = load_prices().studies
    assert price is not None
    heard = answers(np.array([1.0, 0.0]), price.call_back)
    assert 0.85 < heard[0] < 1.0 and 0.0 < heard[1] < 0.15


def test_numbers_belong_to_groups() -> None:
    wanted = {
        "recording.target_driven.failures": RECORDS,
        "detection.party_days": FORWARD,
        "kinds.land.comes_forward": FORWARD,
        "tiers.village.success": SUCCESS,
        "working.judges.hours": STAFF,
        "mechanism.whistle.success": MECHANISMS,
        "agreement.breach": AFTERWARDS,
        "kinds.land.petition": UNREST,
        "tiers.trial.delay_days": DELAYS,
        "going.suit_rate": ROUTES,
        "a_new_section.number": REST,
    }
    assert {path: group_of(path) for path in wanted} == wanted


@pytest.mark.parametrize("name", names("places"))
def test_no_number_that_is_drawn_falls_among_the_others(name: str) -> None:
    """A section that is new to a place needs a group that a reader understands."""
    place = load_place(name)
    drawn = unknowns(place, ())
    assert len(drawn) > 100
    assert [path for path in drawn if group_of(path) == REST] == []
    assert not set(GROUPS) - {group_of(path) for path in drawn} - {MECHANISMS, REST}
