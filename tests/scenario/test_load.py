"""Includes, replacements, clashes, values from the command line, and lines that survive all of that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.explain import explain
from sim.scenario.load import load_place, load_tree
from sim.scenario.place import Place
from sim.scenario.yaml_tree import parse

PAIR = Path(__file__).resolve().parents[1] / "data" / "village_pair.yaml"
LINES = PAIR.read_text(encoding="utf-8").splitlines()
Write = Callable[[str, str], Path]
FIVE = "{value: 5, unit: persons per village, low: 4, high: 6, source: made_up, status: derived}"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a YAML file into a folder of its own, with the good place beside it as pair.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pair.yaml").write_bytes(PAIR.read_bytes())

    def _write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def faults(path: Path | str, *sets: str) -> list[Fault]:
    """The faults of a place that must not load."""
    with pytest.raises(ScenarioError) as caught:
        load_place(path, sets)
    return caught.value.faults


def test_the_good_place_loads() -> None:
    place = load_place(PAIR)
    assert int(place.villages.count) == 2
    assert place.window.start.isoformat() == "2022-03-01"
    assert place.tiers.trial is not None and place.tiers.trial.patience_days is None


def test_a_byte_order_mark_is_no_fault(write: Write) -> None:
    write("bom.yaml", "\ufeffinclude: [pair.yaml]\n")
    assert load_place("bom.yaml") == load_place(PAIR)


def test_include_is_the_same_as_writing_it_all(write: Write) -> None:
    assert load_place(write("a.yaml", "include: [pair.yaml]\n")) == load_place(PAIR)


def test_a_file_included_by_two_routes_counts_once(write: Write) -> None:
    write("left.yaml", "include: [pair.yaml]\n")
    write("right.yaml", "include: [pair.yaml]\n")
    assert load_place(write("top.yaml", "include: [left.yaml, right.yaml, pair.yaml]\n")) == load_place(PAIR)


def test_replace_changes_a_quantity_as_a_whole(write: Write) -> None:
    path = write("a.yaml", f"include: [pair.yaml]\nreplace:\n  villages:\n    mediators: {FIVE}\n")
    mediators = load_place(path).villages.mediators
    assert (mediators.value, mediators.low, mediators.status) == (5, 4, "derived")
    part = "include: [pair.yaml]\nreplace:\n  villages:\n    mediators: {value: 5}\n"
    (fault,) = faults(write("b.yaml", part))
    assert fault.line == 4 and str(fault.problem).startswith("unit, low, high, source and status are missing")


def test_replace_can_take_a_tier_away_and_give_a_quantity_where_there_was_none(write: Write) -> None:
    text = "include: [pair.yaml]\nreplace:\n  tiers:\n    decision: null\n    trial:\n      patience_days: "
    path = write(
        "a.yaml", text + "{value: 90, unit: days, low: 30, high: 120, source: made_up, status: assumed}\n"
    )
    place = load_place(path)
    assert place.tiers.decision is None
    assert place.tiers.trial is not None and place.tiers.trial.patience_days is not None


def test_two_setters_clash_and_both_places_are_named(write: Write) -> None:
    (fault,) = faults(write("a.yaml", f"include: [pair.yaml]\nvillages:\n  mediators: {FIVE}\n"))
    line = 1 + next(i for i, text in enumerate(LINES) if text.startswith("  mediators: "))
    assert (fault.file, fault.line, fault.path) == ("a.yaml", 3, "villages.mediators")
    assert f"pair.yaml:{line}" in fault.problem and "replace" in fault.remedy


def test_two_includes_clash_unless_the_file_decides(write: Write) -> None:
    write("more.yaml", f"villages:\n  mediators: {FIVE}\n")
    top = "include: [pair.yaml, more.yaml]\n"
    (fault,) = faults(write("top.yaml", top))
    assert (fault.file, fault.line) == ("more.yaml", 2)
    assert "pair.yaml:" in fault.problem and "top.yaml" in fault.remedy
    place = load_place(write("top.yaml", top + f"replace:\n  villages:\n    mediators: {FIVE}\n"))
    assert place.villages.mediators.value == 5


def test_all_clashes_come_at_once(write: Write) -> None:
    found = faults(write("a.yaml", "include: [pair.yaml]\nname: b\nabout: c\ntargets: []\n"))
    assert [f.path for f in found] == ["name", "about", "targets"]


def test_sources_merge_by_key_and_equal_ones_are_no_clash(write: Write) -> None:
    same = "sources:\n  made_up: " + LINES[6].removeprefix("  made_up: ") + "\n"
    other = "  census: {title: Census, date: '2020'}\n"
    place = load_place(write("a.yaml", "include: [pair.yaml]\nschema_version: 1\n" + same + other))
    assert list(place.sources) == ["made_up", "census"]
    (fault,) = faults(write("a.yaml", "include: [pair.yaml]\n" + same.replace("nobody", "somebody")))
    assert fault.path == "sources.made_up.publisher"


def test_entries_are_added_to_named_collections(write: Write) -> None:
    calendar = "{weekends: true, holidays: false, opens: "
    opens = "{value: 8, unit: hour of day, low: 8, high: 8, source: made_up, status: assumed}}"
    place = load_place(
        write("a.yaml", f"include: [pair.yaml]\ncalendars:\n  market_days: {calendar}{opens}\n")
    )
    assert set(place.calendars) == {"office", "every_day", "market_days"}


def test_faults_in_an_included_file_are_reported_there(write: Write) -> None:
    text = PAIR.read_text(encoding="utf-8").replace("unit: ratio", "unit: rato", 1)
    line = 1 + next(i for i, row in enumerate(text.splitlines()) if "rato" in row)
    write("deep/pair.yaml", text)
    (fault,) = faults(write("a.yaml", "include: [deep/pair.yaml]\n"))
    assert (fault.file, fault.line) == ("deep/pair.yaml", line)


def test_faults_of_different_files_come_at_once_sorted(write: Write) -> None:
    write("b.yaml", "wether: 1\n")
    found = faults(
        write("a.yaml", "include: [pair.yaml, b.yaml]\nvillages:\n  mediator: 1\npetition:\n  rat: 2\n")
    )
    assert [(f.file, f.line) for f in found] == [("a.yaml", 3), ("a.yaml", 5), ("b.yaml", 1)]


def test_a_chain_of_includes_has_an_end(write: Write) -> None:
    for i in range(30):
        write(f"f{i}.yaml", f"include: [f{i + 1}.yaml]\n")
    write("f30.yaml", "include: [pair.yaml]\n")
    (fault,) = faults("f0.yaml")
    assert "in a row" in fault.problem


def test_shipped_files_can_be_included_from_anywhere(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = write("elsewhere/national/pair.yaml", PAIR.read_text(encoding="utf-8"))
    monkeypatch.setattr("sim.scenario.include.shipped_root", lambda: shared.parents[1])
    assert load_place(write("a.yaml", "include: [national/pair.yaml]\n")) == load_place(PAIR)


def test_a_file_that_includes_itself(write: Write) -> None:
    (fault,) = faults(write("a.yaml", "include: [a.yaml]\n"))
    assert "a.yaml -> a.yaml" in fault.problem


def test_a_misspelt_required_key_is_one_fault(write: Write) -> None:
    write("pair.yaml", PAIR.read_text(encoding="utf-8").replace("  grid_heads: {", "  grid_head: {", 1))
    (fault,) = faults("pair.yaml")
    assert fault.problem == "unknown key 'grid_head'" and fault.remedy == "Did you mean grid_heads?"


def test_set_marks_the_value_and_widens_the_range() -> None:
    mediators = load_place(PAIR, ["villages.mediators=9"]).villages.mediators
    assert (mediators.value, mediators.low, mediators.high) == (9, 2, 9)
    assert (mediators.source, mediators.status, mediators.note) == ("command line", "assumed", "was 3")
    assert mediators.unit == "persons per village"
    assert load_place(PAIR, ["villages.mediators=1"]).villages.mediators.low == 1


def test_set_changes_words_switches_and_nulls() -> None:
    sets = [
        "county.outside=true",
        "recording.reading=target_driven",
        "tiers.decision=null",
        "tiers.trial.patience_days=45",
        "tiers.village.patience_days=null",
        "window.end=2022-09-15",
        "about='a: colon'",
        "mechanisms.0.figures.meetings=30",
    ]
    place = load_place(PAIR, sets)
    assert place.county.outside and place.recording.reading == "target_driven"
    assert place.tiers.decision is None and place.about == "a: colon"
    assert place.tiers.trial is not None and place.tiers.village is not None
    patience = place.tiers.trial.patience_days
    assert patience is not None and (patience.value, patience.unit, patience.note) == (45, "days", "was null")
    assert place.tiers.village.patience_days is None
    assert place.window.end.isoformat() == "2022-09-15"
    assert place.mechanisms[0].figures["meetings"].value == 30


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("villages.mediator=3", "there is no 'mediator' in villages", "villages.mediators?"),
        ("vilages.mediators=3", "there is no 'vilages'", "villages.mediators?"),
        ("breach_days=3", "there is no 'breach_days' in the scenario", "agreement.breach_days?"),
        ("villages.mediators", "expected path=value", "villages.mediators=3"),
        ("villages.mediators=three", "'three' is not a number", "villages.mediators=<number>"),
        ("villages.mediators=1,000", "'1,000' is not a number", "villages.mediators=1000"),
        ("villages.mediators.low=3", "set as a whole", "villages.mediators=<number>"),
        ("villages=3", "is a section", "villages.mediators"),
        ("county.outside=yes", "expected true or false", "Write true."),
        ("eruption.crime=.nan", "not a finite number", "Write a number"),
        ("eruption.crime=1.5", "out of bounds", "from 0 to 1"),
        ("targets.9.value=1", "2 entries", "targets.0"),
        ("name.first=x", "has no keys", "name=<value>"),
        ("about=\udcff", "not text", "Write"),
    ],
)
def test_set_refuses_with_a_suggestion(text: str, problem: str, remedy: str) -> None:
    (fault,) = faults(PAIR, text)
    assert fault.file == "--set" and problem in fault.problem and remedy in fault.remedy
    assert str(fault).startswith("--set: ")


def test_set_twice_is_a_clash() -> None:
    (fault,) = faults(PAIR, "villages.mediators=3", "villages.mediators=4")
    assert "twice" in fault.problem


def test_explain_lists_every_quantity_and_its_paths_can_be_set() -> None:
    rows = explain(load_place(PAIR))
    unwritten = [row for row in rows if row.path.endswith(".arises")]  # 1, unless a file says otherwise
    assert len(rows) - len(unwritten) == PAIR.read_text(encoding="utf-8").count("{value: ")
    assert len(unwritten) == 8
    assert rows[0].path == "window.warm_up" and rows[0].unit == "days"
    load_tree(PAIR, [f"{row.path}={row.value}" for row in rows], Place)


def test_words_keep_their_meaning() -> None:
    text = "no: no\non: [yes, ~, null, 1e3, .5, -7, 2022-03-01, 1_000, 1:30]\n"
    assert parse(text, "x").plain() == {
        "no": "no",
        "on": ["yes", None, None, 1000.0, 0.5, -7, "2022-03-01", "1_000", "1:30"],
    }


SIGNS = [
    " ",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "#",
    "&a ",
    "*a",
    "!!x ",
    "|",
    ">",
    "?",
    "%",
    "@",
    "",
    "{}",
]
SCALARS = [
    "null",
    "true",
    "yes",
    "-1",
    "0",
    "1e999",
    ".nan",
    "9" * 30,
    "0x1F",
    "1:30",
    "1.5",
    "ab",
    "长",
    "2022-13-01",
]
KEYS = ["replace:\n", "include: [x.yaml]\n", "include: 3\n", "value", "share", "<<: ", "[]"]
INVISIBLE = ["\t", "\n", "\x00", "\ud7ff", "\x85", "\ufeff"]
WORDS = st.sampled_from([*SIGNS, *SCALARS, *KEYS, *INVISIBLE])


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    edits=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 40), WORDS), min_size=1, max_size=3),
    whole_word=st.booleans(),
)
def test_mutated_files_raise_nothing_but_faults(
    tmp_path: Path, edits: list[tuple[int, int, str]], whole_word: bool
) -> None:
    text = PAIR.read_text(encoding="utf-8")
    for at, length, word in edits:
        at %= len(text)
        if whole_word:  # replace a value, so that the file mostly stays YAML
            at = text.find(": ", at) + 2 if ": " in text[at:] else at
            length = len(text[at:].split(",")[0].split("\n")[0].split("}")[0])
        text = text[:at] + word + text[at + length :]
    path = tmp_path / "mutated.yaml"
    path.write_bytes(text.encode("utf-8"))
    _loads_or_says_why(path)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    raw=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda t: t.encode("utf-8", "replace")))
)
def test_any_bytes_raise_nothing_but_faults(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "noise.yaml"
    path.write_bytes(raw)
    _loads_or_says_why(path)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    path=st.sampled_from([r.path for r in explain(load_place(PAIR))]),
    value=st.one_of(st.text(max_size=8), WORDS),
)
def test_any_set_raises_nothing_but_faults(path: str, value: str) -> None:
    _loads_or_says_why(PAIR, f"{path}={value}")


def _loads_or_says_why(path: Path, *sets: str) -> None:
    try:
        load_place(path, sets)
    except ScenarioError as error:
        for fault in error.faults:
            assert fault.file and fault.problem and fault.remedy
            assert "\n" not in str(fault)
