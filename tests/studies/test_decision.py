"""The decision in words: every rule on a case made for it, and no sentence that the numbers contradict."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.language import found as read_again
from sim.language import kept, shown, use
from sim.scenario.terms import Called
from sim.studies.decision import (
    Advice,
    Asked,
    Chances,
    Doubt,
    Net,
    Option,
    Price,
    chance,
    figure,
    judge,
)
from sim.studies.decision_words import decide

ASKED = Asked(Called("A county", "某县"), "practice", "days_in_conflict_per_1000", "", 640.0, 6.4, False, 50)
CHEAP = Price(hours=34, yuan=2000, low=1000, high=3700, cheap=75_000)
DEAR = Price(
    people=10, who="+10 mediators in all", hours=15_700, yuan=629_000, low=285_000, high=1.2e6, cheap=75_000
)
SAVES = Price(hours=-100, yuan=-5000, low=-9000, high=-2500, cheap=75_000)
FREE = Price(cheap=75_000)
APART = (("proportional", Chances(0.99, 0.01, 0.9)), ("target_driven", Chances(0.6, 0.4, 0.1)))
ALIKE = (("proportional", Chances(0.93, 0.07, 0.08)), ("target_driven", Chances(0.91, 0.09, 0.04)))
PROBABLY = Option("+whistle", -3.0, -8.0, 0.8, Chances(0.92, 0.08, 0.12), Doubt.POSTERIOR, CHEAP)


def case(better: float, worthwhile: float, price: Price, **more: object) -> Option:
    found = Chances(better, 1 - better, worthwhile)
    return replace(PROBABLY, chances=found, price=price, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("option", "advice", "why"),
    [
        (replace(PROBABLY, chances=Chances(0, 0, 0), null=True), Advice.DO_NOT, "by construction"),
        (replace(PROBABLY, chances=Chances(0, 0, 0)), Advice.DO_NOT, "in any replication"),
        (replace(PROBABLY, doubt=Doubt.MONTE_CARLO), Advice.WAIT, "only Monte Carlo error"),
        (case(0.1, 0.0, DEAR), Advice.DO_NOT, "does harm"),
        (case(0.1, 0.0, SAVES), Advice.DO_NOT, "whatever it saves"),
        (case(0.99, 0.85, DEAR), Advice.ADOPT, "as much as matters"),
        (case(0.99, 0.85, DEAR, assumed=("whistle",)), Advice.TRY_OUT, "as much as matters"),
        (case(0.99, 0.85, DEAR, doubt=Doubt.RANGES), Advice.TRY_OUT, "as much as matters"),
        (case(0.9, 0.02, SAVES), Advice.ADOPT, "costs nothing more"),
        (case(0.9, 0.02, FREE, assumed=("whistle",)), Advice.TRY_OUT, "costs nothing more"),
        (case(0.9, 0.02, CHEAP), Advice.DO_NOT, "hardly changes"),
        (case(0.9, 0.12, CHEAP), Advice.TRY_OUT, "a trial is cheap"),
        (case(0.9, 0.12, DEAR), Advice.DO_NOT, "is dear"),
        (case(0.9, 0.4, DEAR), Advice.WAIT, "more knowledge"),
        (case(0.6, 0.3, CHEAP), Advice.WAIT, "more knowledge"),
        (case(0.6, 0.1, CHEAP), Advice.DO_NOT, "nothing shows"),
        (
            case(0.8, 0.5, DEAR, by_reading=APART),
            Advice.WAIT,
            "adopt if it is proportional, do not adopt if it is target-driven",
        ),
        (case(0.92, 0.06, CHEAP, by_reading=ALIKE), Advice.TRY_OUT, "a trial is cheap"),
        (case(0.9, 0.4, DEAR, net=Net(5000, 0.85, "yuan")), Advice.ADOPT, "probably worth more"),
        (case(0.9, 0.4, DEAR, net=Net(5000, 0.85, "yuan"), assumed=("whistle",)), Advice.TRY_OUT, "probably worth"),
        (case(0.9, 0.9, DEAR, net=Net(-5000, 0.3, "yuan", "ring")), Advice.WAIT, "a study of that"),
        (case(0.9, 0.9, DEAR, net=Net(5000, 0.6, "yuan")), Advice.TRY_OUT, "not sure"),
        (case(0.9, 0.9, DEAR, net=Net(-5000, 0.3, "yuan")), Advice.DO_NOT, "not expected"),
        (case(0.1, 0.0, SAVES, net=Net(5000, 0.9, "yuan")), Advice.DO_NOT, "whatever it saves"),
    ],
)  # fmt: skip
def test_every_rule_has_its_case(option: Option, advice: Advice, why: str) -> None:
    found = judge(option, ASKED)
    assert found.advice is advice and why in found.why


def test_the_paragraph_says_what_is_better_how_sure_at_what_cost_and_what_to_do() -> None:
    people = replace(PROBABLY, name="+more", chances=Chances(0.65, 0.35, 0.04), price=DEAR, best=0.25)
    whistle = replace(PROBABLY, assumed=("whistle",), best=0.74)
    said = " ".join(map(str, decide(ASKED, [whistle, people]).words))
    for part in (
        "A county: days in conflict per 1000 is 640 days under practice",
        "6.40 (1 %) or more counts as worthwhile",
        "+whistle: −3.00 days (90 % credible interval −8.00 to 0.80); P(better) 92 %, P(worthwhile) 12 %",
        "+whistle costs 2,000 yuan (1,000 to 3,700) and 34.0 hours",
        "+more costs 629,000 yuan (285,000 to 1,200,000) and 15,700 hours, with +10 mediators in all",
        "Most probably +whistle is best (74 %)",
        "What whistle achieves was studied elsewhere, not here",
        "Try +whistle out",
        "Do not adopt +more",
        "it pays if one unit of days in conflict per 1000 (days) is worth more than 667 yuan in the window",
    ):
        assert part in said, part


def test_the_paragraph_is_chinese_where_that_is_asked_for() -> None:
    words = decide(
        ASKED, [replace(PROBABLY, assumed=("whistle",)), replace(PROBABLY, name="-screening", price=DEAR)]
    ).words
    with use("zh"):
        said = [shown(one) for one in words]
    assert said[0].startswith("某县") and shown(words[0]).startswith("A county")
    assert read_again(str(words[0]), kept([words[0]])) == words[0]  # as a table keeps it
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in one) for one in said)
    assert not any(
        word in " ".join(said) for word in ("credible", "because", "hours", "practice", "probably")
    )


def test_where_the_baseline_is_best_it_is_said() -> None:
    said = [
        str(w)
        for w in decide(ASKED, [replace(PROBABLY, best=0.2), replace(PROBABLY, name="+b", best=0.1)]).words
    ]
    assert "Most probably practice is best (70 %)." in said


def test_a_policy_that_takes_practice_away_is_told_first() -> None:
    first = decide(ASKED, [replace(PROBABLY, name="doorstep", takes_away=("screening",))]).words[0]
    assert "takes away screening" in first and "+doorstep" in first


def test_probabilities_are_never_certain() -> None:
    assert [chance(p) for p in (0.0, 0.001, 0.5, 0.999, 1.0, math.nan)] == [
        "0 %",
        "< 1 %",
        "50 %",
        "> 99 %",
        "100 %",
        "–",
    ]


SHARES = st.floats(0.0, 1.0)


@settings(deadline=None, max_examples=200)
@given(SHARES, SHARES, st.floats(-100, 100), st.floats(-1e6, 1e6), SHARES, st.booleans())
def test_no_sentence_contradicts_the_numbers(
    better: float, part: float, effect: float, yuan: float, best: float, assumed: bool
) -> None:
    """Words of benefit, harm and saving only where the numbers have them; what is said is what was given."""
    low, high = sorted((yuan * 0.5, yuan * 2))
    option = Option(
        "+x", effect, effect - 5, effect + 5, Chances(better, 1 - better, better * part), Doubt.POSTERIOR,
        Price(hours=yuan / 50, yuan=yuan, low=low, high=high, cheap=75_000),
        assumed=("whistle",) if assumed else (), best=best,
    )  # fmt: skip
    found = decide(ASKED, [option])
    (one,) = found.judged
    said = " ".join(map(str, found.words))
    assert figure(effect) in said and f"{figure(effect - 5)} to {figure(effect + 5)}" in said
    assert f"P(better) {chance(better)}, P(worthwhile) {chance(better * part)}" in said
    assert ("saves" in said.replace("whatever it saves", "")) == (yuan < 0)
    assert ("probably helps" in said) <= (better >= 0.8) and ("does harm" in said) <= (better <= 0.2)
    assert ("is dear" in said) <= (yuan > 75_000) and ("a trial is cheap" in said) <= (yuan <= 75_000)
    if one.advice is Advice.ADOPT:
        assert not assumed and (better * part >= 0.8 or (better >= 0.8 and yuan <= 0))
    if better * part >= 0.8:
        assert one.advice is (Advice.TRY_OUT if assumed else Advice.ADOPT)
    assert found.advised()["advice"].tolist() == [one.advice.value]
