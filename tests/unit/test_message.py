"""What is said is a template with values: rendered once, in either language, and never read backwards."""

from __future__ import annotations

import ast
import copy
import json
import math
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim.language
from sim.language import (
    Joined,
    Message,
    Phrase,
    english,
    found,
    kept,
    packed,
    said_by,
    shown,
    tr,
    unpacked,
    use,
)
from sim.scenario import terms
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.terms import Term, policies
from sim.show.report.labels import labelled
from sim.studies.tables import messages_file, read_table, write_table

SOURCES = Path(sim.language.__file__).parents[1]
EVIL = "{0} {n} {x.__class__} %s %(n)s {{ }} }{ [b]x[/b] \\ \n"


def test_english_and_chinese() -> None:
    one = Message("{n} of {m} parameter draws no longer make a county", n=3, m=40)
    assert str(one) == f"{one}" == shown(one) == "3 of 40 parameter draws no longer make a county"
    with use("zh"):
        assert shown(one) == one.rendered() != str(one)
        assert str(one) == "3 of 40 parameter draws no longer make a county"  # for machines
    assert one.template == "{n} of {m} parameter draws no longer make a county" and one.values == {
        "n": 3,
        "m": 40,
    }


def test_numbers_are_written_as_the_template_says() -> None:
    one = Message("{x:g} % of {n}, others open", x=np.float64(12.5), n=np.int64(400))
    assert str(one) == "12.5 % of 400, others open"
    assert {type(value) for value in one.values.values()} == {float, int}


def test_what_is_inside_is_said_in_the_same_language() -> None:
    inner = Message("two runs apart in {name} (standard errors)", name=Message("log evidence"))
    one = Message(
        "{name}: {value:.3g}, should be {bar}", name=inner, value=4.0, bar=Message("below {x}", x=2)
    )
    assert str(one) == "two runs apart in log evidence (standard errors): 4, should be below 2"
    with use("zh"):
        assert shown(one).startswith("两次运行在对数证据上的差距")
        assert shown(Joined(one, "", one)) == shown(one) * 2
    assert str(Joined("One.", "", Message("Nothing was fitted to these figures."))) == (
        "One. Nothing was fitted to these figures."
    )


def test_terms() -> None:
    listed = [Message("{name} ({n})", name=Term("policy", "+grid"), n=3), Term("policy", "whistle")]
    one = Message(
        "Parameter draws under which staff lack the hours that a policy takes count for none: {list} of {draws}.",
        list=listed,
        draws=40,
    )
    assert "+grid (3), whistle of 40" in one
    with use("zh"):
        assert "+网格（3）、吹哨报到" in shown(one)
        assert shown(policies(["+grid", "practice"])) == "+网格、现行做法"
        assert (
            shown(Term("unit", "count", of="filings")) == "件"
            and shown(Term("unit", "count", "villages_x")) == "个"
        )
        assert shown(Term("figure", "recorded success_rate")) == "台账调解成功率"
        assert shown(Term("staff", "police")) == "民警" and shown(Term("word", "police")) == "派出所"
        assert shown(Term("place unit", "township 3")) != "township 3"
    assert str(Term("reading", "target_driven")) == "target-driven"
    with pytest.raises(KeyError):
        Term("nonsense", "x")


@pytest.mark.parametrize(
    ("name", "chinese"),
    [
        ("village>township", "村>乡镇"),
        ("recorded success_rate", "台账调解成功率"),
        ("no difference shown", "未显示差异"),
        ("", ""),
        ("A sentence that nobody wrote to be kept.", "A sentence that nobody wrote to be kept."),
        ("half of them, some say", "half of them, some say"),
        ("township centre of nowhere", "township centre of nowhere"),
    ],
)
def test_names_in_cells(name: str, chinese: str) -> None:
    assert terms.named(name) == name
    with use("zh"):
        assert terms.named(name) == chinese.replace("未显示差异", tr("no difference shown"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_values_are_never_templates(language: str) -> None:
    with use(language):
        one = Message("{name} ({n})", name=EVIL, n=EVIL)
        assert shown(one).count(EVIL) == 2
        assert shown(Message("{name} ({n})", name=one, n=[EVIL, EVIL])).count(EVIL) == 4
        fault = Fault(
            "f.yaml", 3, "a.b", Message("{name} ({n})", name=EVIL, n=1), Message("below {x}", x=EVIL)
        )
        assert "{0} {n} {x.__class__} %s %(n)s {{ }} }{ [b]x[/b] \\" in ScenarioError([fault]).said()
        assert "\n" not in fault.said()
    assert shown("{n}") == tr("{n}") == "{n}" == str(Message("{n}"))  # without values nothing is filled in


def test_a_wrong_field_is_found_where_it_is_written() -> None:
    with pytest.raises(KeyError):
        Message("{n} of {m}", n=1)


def test_a_message_does_not_change() -> None:
    one = Message("below {x}", x=[1, 2])
    with pytest.raises(AttributeError, match="a Message does not change"):
        one.template = "other"
    with pytest.raises(AttributeError):
        del one.template
    assert one.values["x"] == (1, 2)
    one.values["x"] = 3
    assert str(one) == "below 1, 2"


def test_it_equals_sorts_and_hashes_as_its_english_text() -> None:
    one = Message("below {x}", x=2)
    assert one == "below 2" == one and one == Message("below 2") and one != 2 and hash(one) == hash("below 2")
    assert sorted(["zzz", one, "aaa"]) == ["aaa", one, "zzz"] and max(one, "aaa") is one
    assert {one: 1}["below 2"] == 1 and one and not Message("{list}", list=[])


def test_it_crosses_processes() -> None:
    whole = Joined(
        Message(
            "{name} ({n})", name=Term("unit", "count", "filings"), n=[1, Message("below {x}", x=math.nan)]
        )
    )
    for again in (pickle.loads(pickle.dumps(whole)), copy.deepcopy(whole)):
        assert again == whole and type(again) is Joined
        with use("zh"):
            assert shown(again) == shown(whole) == "件（1、低于 nan）"
    error = pickle.loads(pickle.dumps(ValueError(Message("below {x}", x=1))))
    assert isinstance(said_by(error), Message) and str(error) == "below 1" == said_by(ValueError("below 1"))


def test_a_table_is_written_in_english_and_read_by_people(tmp_path: Path) -> None:
    path = tmp_path / "diagnoses.csv"
    frame = pd.DataFrame(
        {"name": [Message("log evidence"), "x"], "bar": [Message("below {x}", x=2)] * 2, "n": [1.5, 2]}
    )
    with use("zh"):
        write_table(path, frame)
        assert path.read_text() == "name,bar,n\nlog evidence,below 2,1.5\nx,below 2,2\n"
        again = read_table(path)
        for one in (frame, again):
            assert labelled(one)[tr("bar")].tolist() == ["低于 2", "低于 2"]
            assert labelled(one)[tr("name")].tolist() == ["对数证据", "x"]
    assert labelled(again) is again and str(again["bar"][0]) == "below 2"
    assert json.loads(json.dumps({"bar": frame["bar"][0]}, default=english)) == {"bar": "below 2"}
    messages_file(path).unlink()  # as in a folder of an earlier version
    with use("zh"):
        assert labelled(read_table(path))[tr("bar")].tolist() == ["below 2", "below 2"]
    write_table(path, frame[["n"]])
    assert not messages_file(path).exists()


def test_only_our_templates_come_back_from_a_file() -> None:
    one = Message("below {x}", x=Message("{name} ({n})", name="a", n=-math.inf))
    kept_one = json.loads(json.dumps(kept([one, "text", None, 3.0])))
    assert list(kept_one) == [str(one)]
    again = found(str(one), kept_one)
    assert isinstance(again, Message) and again.values == one.values
    assert found("below 3", kept_one) == "below 3" and found(2.0, kept_one) == 2.0
    for template, text in (("{x.__class__}", "<class 'int'>"), ("{x:>99999999}", "1")):
        assert unpacked(text, {"message": {"template": template, "values": {"x": 1}}}) is text
    for parts in (
        packed(Message("below {x}", x=2)),
        None,
        [],
        {},
        {"message": 1},
        {"term": {}},
        {"other": {}},
        {"a": 1, "b": 2},
    ):
        assert unpacked("below 1", parts) == "below 1" and not isinstance(unpacked("below 1", parts), Phrase)


def test_nothing_is_read_backwards() -> None:
    """The functions that matched English sentences are gone; nothing searches the catalogue for a pattern."""
    names = {
        node.name
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    assert "shown" in names and not {"translated", "_templates", "_maybe_policy"} & names
    assert not hasattr(sim.language, "translated") and not hasattr(terms, "told")
    for path in (SOURCES / "language").glob("*.py"):
        assert "re.escape" not in path.read_text("utf-8") and "fullmatch" not in path.read_text("utf-8")
