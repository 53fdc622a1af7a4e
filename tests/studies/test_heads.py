"""The decisions at the head of select, optimise, sensitivity and before-after: a case for every rule."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.language import Message
from sim.scenario.metrics import CONFLICT
from sim.statistics.pareto import Budget, Variable
from sim.statistics.selection import kn, ocba
from sim.studies.before_after.words import sentences_of as of_change
from sim.studies.optimise import best_mixes
from sim.studies.optimise.decided import decided as of_search
from sim.studies.select.decided import decided as of_race
from sim.studies.sensitivity.indices import ValueOfKnowing
from sim.studies.sensitivity.words import sentences_of as of_sensitivity
from tests.statistics.optimise_problems import Village
from tests.statistics.selection_worlds import luck, world


def joined(said: object) -> str:
    return " ".join(map(str, said))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("ahead", "drawn", "words"),
    [
        (2.0, True, "Keep practice"),
        (-2.0, True, "Look at +whistle next"),
        (-2.0, False, "Wait before adopting it: parameters stand at their central values"),
    ],
)
def test_a_race_says_what_to_do(ahead: float, drawn: bool, words: str) -> None:
    x = luck(2, 2, 3000, 0.0) + np.array([0.0, ahead])[:, None]
    found = kn(world(x), ["practice", "+whistle"], delta=1.0)
    said = joined(of_race(found, CONFLICT, drawn=drawn))
    assert words in said and ("Costs are not in this" in said) == (ahead < 0)


def test_what_was_not_decided_is_waited_for() -> None:
    same = luck(2, 2, 3000, 0.0)
    assert "Wait: it was not decided" in joined(
        of_race(kn(world(same), ["practice", "+a"], delta=0.01, most=60), CONFLICT, drawn=True)
    )
    shared = np.repeat(luck(5, 1, 400, 0.0), 2, axis=0) + luck(6, 2, 400, 0.0)
    found = ocba(world(shared), ["practice", "+a"], budget=24)
    assert ("Wait" in joined(of_race(found, CONFLICT, drawn=True))) == (found.probability < 0.8)


def search(effect: float, spread: float) -> object:
    place = Village([Variable("lawyers", 0, 1, {"yuan": 100_000.0})], [[[0.0, effect]]], own=spread)
    problem = place.problem(Budget(200_000))
    return best_mixes(problem, replications=range(10), fresh=range(100, 130), evaluations=10, seed=1)


def test_a_search_says_what_to_look_at_next() -> None:
    said = joined(of_search(search(-50.0, 0.5), drawn=False))  # type: ignore[arg-type]
    assert "look at lawyers next: it costs 100,000 yuan a year and lowers it by 49.9" in said
    assert "only Monte Carlo error is accounted for" in said
    assert "only Monte Carlo error" not in joined(of_search(search(-50.0, 0.5), drawn=True))  # type: ignore[arg-type]
    assert joined(of_search(search(50.0, 0.5), drawn=True)).startswith("Buy nothing")  # type: ignore[arg-type]


def indices(above: bool) -> pd.DataFrame:
    names = ["tiers.village.success", "whistle.reply_days"]
    return pd.DataFrame(
        {"parameter": names, "index": [0.5, 0.2], "above": [above, above], "metric": CONFLICT, "reading": ""}
    )


def knowing(perfect: float, above: bool) -> ValueOfKnowing:
    frame = pd.DataFrame({"parameter": ["whistle.reply_days"], "value": [perfect / 2], "above": [above]})
    return ValueOfKnowing(frame, perfect, "+whistle")


@pytest.mark.parametrize(
    ("moved", "known", "words"),
    [
        (indices(True), None, "whistle.reply_days: together they explain about 70"),
        (indices(False), None, "No single parameter moves"),
        (indices(False), knowing(0.0, False), "+whistle is best in every draw"),
        (indices(False), knowing(2.0, False), "no parameter alone is shown to turn that"),
        (indices(False), knowing(2.0, True), "what turns that is whistle.reply_days"),
        (indices(True), None, "Assumed, with no source: whistle.reply_days"),
    ],
)  # fmt: skip
def test_a_sensitivity_says_what_it_hangs_on(
    moved: pd.DataFrame, known: ValueOfKnowing | None, words: str
) -> None:
    status = {"tiers.village.success": "reported", "whistle.reply_days": "assumed"}
    assert words in joined(of_sensitivity(moved, known, status, CONFLICT))
    sourced = dict.fromkeys(status, "external")
    assert "Assumed" not in joined(of_sensitivity(moved, known, sourced, CONFLICT))


def change(effect: tuple[float, float], anyway: float, claimed: float, chosen: bool) -> pd.DataFrame:
    row: dict[str, object] = {
        "villages": Message("{n} with most {metric}", n=9, metric="crimes") if chosen else "all"
    }
    row |= {"metric": "crimes", "claimed": claimed, "seen_median": anyway + sum(effect) / 2}
    row |= {"anyway_low": anyway - 20, "anyway_median": anyway, "anyway_high": anyway + 20}
    row |= {"effect_low": effect[0], "effect_median": sum(effect) / 2, "effect_high": effect[1]}
    return pd.DataFrame([row])


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (change((-30, -10), 0, np.nan, False), "the policy changes it by −20.0 % (90 % −30.0 to −10.0), as assumed"),
        (change((-30, 10), 0, np.nan, False), "Do not judge the policy by before and after"),
        (change((-30, 10), -40, np.nan, True), "regression to the mean"),
        (change((-30, 10), -40, -50.0, True), "it is no evidence for it"),
        (change((-30, 10), 0, -68.0, False), "is not what would be seen without the policy"),
    ],
)  # fmt: skip
def test_before_and_after_say_what_to_conclude(frame: pd.DataFrame, words: str) -> None:
    asked = SimpleNamespace(policy="+one_village_one_police", by="crimes", earlier=0)
    said = joined(of_change(frame, pd.DataFrame(), asked))  # type: ignore[arg-type]
    assert words in said
    assert ("not shown" in said) == (frame["effect_high"].iloc[0] > 0)
    assert ("regression" in said) == (not isinstance(frame["villages"].iloc[0], str))
