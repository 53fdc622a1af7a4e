"""What the knobs say, as text and back."""

from __future__ import annotations

import contextlib
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.lab.state import LARGEST, READINGS, Added, State, from_query, packed, unpacked
from sim.scenario.load import load_place
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.policies import parse

names = st.sampled_from(sorted(MECHANISMS))
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: f"{x:.6g}")
options = st.sampled_from(["share", "effect"])
texts = st.text(min_size=1, max_size=40)
states = st.builds(
    State,
    place=st.sampled_from(["daliu", "jiang", "own"]),
    text=st.text(max_size=300),
    added=st.lists(
        st.builds(
            Added,
            names,
            st.lists(st.tuples(st.sampled_from(["share", "effect"]), numbers), max_size=2).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    removed=st.lists(names, max_size=3).map(tuple),
    sets=st.lists(st.tuples(st.just("villages.mediators"), numbers), max_size=2).map(tuple),
    margin=st.sampled_from(["", "10", "0.5"]),
    reading=st.sampled_from(READINGS),
    seed=st.integers(0, 999_999_999),
)


@given(states)
def test_an_address_holds_the_whole_state(state: State) -> None:
    assert from_query(parse_qsl(state.query(), keep_blank_values=True)) == state


@given(texts, texts)
def test_what_an_address_says_wrongly_is_a_value_error_or_a_state(key: str, value: str) -> None:
    with contextlib.suppress(ValueError):
        from_query([(key, value)])


@given(st.text(max_size=2000))
def test_a_packed_text_comes_back(text: str) -> None:
    assert unpacked(packed(text)) == text


def test_a_text_that_swells_is_refused() -> None:
    with pytest.raises(ValueError, match="file"):
        unpacked(packed("a" * (LARGEST + 1)))


def test_a_text_cut_short_is_refused() -> None:
    with pytest.raises(ValueError, match="file"):
        unpacked(packed("schema_version: 1\n" * 50)[:-6])


def test_switches_make_a_policy_that_can_be_read() -> None:
    place = load_place("daliu")
    state = (
        State("daliu").switched("whistle", True, False, {"success": "0.5"}).switched("screening", False, True)
    )
    assert state.policy == "-screening+whistle:success=0.5"
    here = {m.mechanism for m in parse(state.policy, place)}
    assert "whistle" in here
    assert "screening" not in here
    assert state.switched("whistle", False, False).switched("screening", True, True) == State("daliu")


def test_the_command_says_everything() -> None:
    state = State("daliu", margin="10", reading="proportional", seed=3).switched("whistle", True, False)
    said = state.moved("villages.mediators", "4").command()
    for part in (
        "compare daliu +whistle",
        "villages.mediators=4",
        "days_in_conflict_per_1000=10",
        "proportional",
        "--seed 3",
    ):
        assert part in said
