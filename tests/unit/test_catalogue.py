"""The Chinese catalogue holds what the program says: every text, with its numbers, and in letters that can be drawn."""

from __future__ import annotations

import contextvars
import gettext
import re
import string
import threading
from pathlib import Path

import pandas as pd
import pytest
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

from sim.cli import catalogue
from sim.language import CATALOGUES, FIELD, VARIABLE, current, joined, tr, tr_as, use
from sim.scenario import terms
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.policies import load_policy
from sim.show.figures.typeface import FONT_FILE
from sim.show.report.labels import labelled
from sim.vocabulary import Channel, End, Kind, Tier
from tests.cli.chinese import english, keys

PO = catalogue.po_file("zh")


def fields(text: str) -> set[tuple[str, str | None]]:
    """Names in braces, and how their numbers are written."""
    return {(name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None}


def test_every_text_is_translated_and_no_other() -> None:
    """`python -m sim.cli.catalogue` adds what is new, without a translation, and takes away what is not used."""
    wanted = catalogue.extracted() | set(catalogue.vocabulary())
    assert ("", "Report of a simulation") in wanted, "texts of the report's page belong to it"
    held = {(m.context or "", str(m.id)): str(m.string) for m in catalogue.read("zh") if m.id}
    assert len(wanted) > 1000
    assert sorted(wanted - held.keys()) == []
    assert sorted(held.keys() - wanted) == []
    assert sorted(key for key, text in held.items() if not text.strip()) == []


def test_a_translation_has_the_numbers_of_its_text() -> None:
    wrong = [str(m.id) for m in catalogue.read("zh") if m.id and fields(str(m.id)) != fields(str(m.string))]
    assert wrong == []
    assert fields("{n:,} of {m}") == {("n", ","), ("m", "")}  # what the line above looks for


def test_chinese_labels_are_chinese() -> None:
    held = [re.sub(r"%\(\w+\)", "", FIELD.sub("", str(m.string))) for m in catalogue.read("zh") if m.id]
    assert english("\n".join(held), *keys()) == []
    assert len(english("在 window 内 resolved")) == 1


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    assert PO.with_suffix(".mo").read_bytes() == catalogue.as_mo("zh")
    with PO.open("rb") as source:
        assert catalogue.as_po(catalogue.updated("zh")) == PO.read_bytes(), read_po(source).locale
    with PO.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("success_rate") == "调解成功率"


def test_every_word_of_the_vocabulary_has_a_term() -> None:
    names = [m.name.lower() for enum in (Tier, Kind, Channel, End) for m in enum]
    names += [text for m in KNOWN_METRICS.values() for text in (m.name, m.unit, m.about) if m.unit != "%"]
    names += [text for m in MECHANISMS.values() for text in (m.about, m.acts_at, m.pays, *m.parameters())]
    with use("zh"):
        assert english("\n".join(map(tr, names))) == []
        assert [name for name in MECHANISMS if re.search("[A-Za-z]", terms.policy(f"+{name}"))] == []


def test_every_character_can_be_drawn() -> None:
    held = {chr(code) for code in TTFont(FONT_FILE).getBestCmap()}
    said = "".join(str(m.string) for m in catalogue.read("zh"))
    titles = [load_place(name).title for name in names("places")]
    titles += [load_policy(name).title for name in names("policies")]
    said += "".join(t.zh for t in titles) + "".join(m.zh for m in MECHANISMS.values())
    assert len(set(said)) > 600
    assert sorted(set(said) - held - {"\n"}) == []
    assert "𠮷" not in held  # a character that the font lacks would be found


def test_the_catalogue_stands_where_the_program_looks() -> None:
    files = sorted(path.relative_to(CATALOGUES).as_posix() for path in CATALOGUES.rglob("*.*"))
    assert files == ["zh/LC_MESSAGES/sim.mo", "zh/LC_MESSAGES/sim.po"]


def test_english_is_what_the_program_writes() -> None:
    assert current() == "en"
    assert tr("success_rate") == "success_rate" and terms.words("success_rate") == "success rate"
    assert tr("{n} villages of no catalogue", n=2) == "2 villages of no catalogue"
    assert terms.policy("practice+judge_liaison:share=0.5") == "practice+judge_liaison:share=0.5"
    assert terms.unit("count", "filings") == "count" == tr_as("villages", "count")
    assert joined("One.", "", "Two.") == "One. Two."


def test_a_language_holds_inside_only_and_for_its_thread() -> None:
    found = []
    with use("zh"):
        assert tr("success_rate") == "调解成功率"
        with use("en"):
            assert tr("success_rate") == "success_rate"
        assert current() == "zh"
        plain = threading.Thread(target=lambda: found.append(current()))
        context = contextvars.copy_context()
        copied = threading.Thread(target=lambda: found.append(context.run(current)))
        for thread in (plain, copied):
            thread.start()
            thread.join()
    assert current() == "en" and found == ["en", "zh"]
    with pytest.raises(ValueError, match="unknown language 'fr': there are en, zh"), use("fr"):
        pass


def test_the_environment_sets_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "zh")
    assert tr("filings") == "立案数"
    with use("en"):
        assert tr("filings") == "filings"
    monkeypatch.setenv(VARIABLE, "xx")
    with pytest.raises(ValueError, match=f"{VARIABLE}: unknown language 'xx'"):
        tr("filings")


def test_policies_and_units_in_chinese() -> None:
    with use("zh"):
        assert terms.policy("practice-screening+judge_liaison:share=0.5") == "−排查 +法官联络（比例 0.5）"
        assert terms.policy("practice") == "现行做法" and terms.policy("courts_go_out") == "法庭进村"
        assert terms.metric("success_rate", "target_driven") == "调解成功率（考核导向登记）"
        assert [terms.unit("count", m) for m in ("filings", "villages_without_crime")] == ["件", "个"]
        assert terms.staff("police") == "民警" and tr("police") == "派出所"
        assert joined("一。", "二。") == "一。二。"


def test_a_table_to_be_read() -> None:
    frame = pd.DataFrame(
        {
            "policy": ["+whistle"],
            "metric": ["utilisation"],
            "by": ["staff"],
            "group": ["police"],
            "unit": ["%"],
            "mean": [1.5],
            "verdict": ["lower"],
            "passed": [True],
            "parameter": ["tiers.village.success"],
        }
    )
    assert labelled(frame) is frame
    with use("zh"):
        shown = labelled(frame)
    assert list(shown.columns) == ["方案", "指标", "按", "组别", "单位", "均值", "判断", "通过", "参数"]
    assert shown.iloc[0].tolist() == [
        *("+吹哨报到", "工时利用率", "人员", "民警", "%", 1.5, "降低", "是", "tiers.village.success"),
    ]
    assert frame.columns[0] == "policy"


def test_the_update_changes_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a copy: the files come out as they are kept."""
    here = tmp_path / "zh" / "LC_MESSAGES"
    here.mkdir(parents=True)
    (here / "sim.po").write_bytes(PO.read_bytes())
    monkeypatch.setattr(catalogue, "CATALOGUES", tmp_path)
    catalogue.main()
    for name in ("sim.po", "sim.mo"):
        assert (here / name).read_bytes() == PO.with_name(name).read_bytes()
