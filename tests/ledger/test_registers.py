"""Registers with one row a dispute: every form that a clerk's program writes gives the same ledger."""

from __future__ import annotations

import gzip
import itertools
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from sim.draws import Draws
from sim.engines.compiled import simulate
from sim.export.formats import WRITERS, format_of
from sim.export.log import EventLog, event_log
from sim.export.register import FORMS, lines
from sim.ledger.dates import moment
from sim.ledger.fit import Told, fit
from sim.ledger.ledger import Ledger, Meanings
from sim.ledger.mapping import UnknownWords
from sim.ledger.read import read_ledger
from sim.ledger.words import channel_of, kind_of, outcome_of, stage_of
from sim.model import build
from sim.scenario.errors import ScenarioError
from sim.studies.sizes import read_sizes
from tests.ledger.registers import HEADER, rows, write_csv, write_workbook
from tests.places import rich_place

SLASHED: Callable[[date], object] = lambda d: f"{d.year}/{d.month}/{d.day}"  # noqa: E731


def seen(ledger: Ledger) -> list[tuple[object, ...]]:
    return [
        (c.site, c.town, c.kind, c.outcome, c.organisation, *((e.what, e.stage, e.minute) for e in c.events))
        for c in ledger.cases
    ]


def noticed(ledger: Ledger) -> dict[str, int]:
    return {n.name: n.n for n in ledger.notices}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return read_ledger(write_csv(tmp_path_factory.mktemp("plain") / "a.csv", rows()), Meanings())


def test_what_is_read_of_a_row(plain: Ledger) -> None:
    first, tenth = plain.cases[0], plain.cases[9]
    assert (first.site, first.town, first.kind, first.outcome) == (
        "城关镇东村",
        "城关镇",
        "neighbour",
        "closed otherwise",
    )
    assert [(e.what, e.stage) for e in first.events] == [
        ("known", "township"),
        ("closed otherwise", "township"),
    ]
    assert [e.what for e in tenth.events] == ["known"]
    assert {c.site for c in plain.cases} == {"城关镇东村", "白石镇东村", "西村"}  # namesakes are kept apart
    assert plain.two_dates
    assert plain.daily
    assert noticed(plain)["namesakes"] == 1


@pytest.mark.parametrize(
    "say",
    [
        SLASHED,
        lambda d: f"{d.year}年{d.month}月{d.day}日",
        lambda d: f"{d.year}.{d.month}.{d.day}",
        lambda d: f"{d.year % 100}/{d.month}/{d.day}",
        lambda d: str(d.toordinal() - date(1899, 12, 30).toordinal()),
        lambda d: f"{d.day}/{d.month}/{d.year}",
        lambda d: f"{d:%Y%m%d}",
        lambda d: f"{d.year}年{d.month}月{d.day}日".translate(
            str.maketrans("0123456789", "０１２３４５６７８９")
        ),
    ],
)
def test_every_way_of_writing_a_date(tmp_path: Path, plain: Ledger, say: Callable[[date], object]) -> None:
    assert seen(read_ledger(write_csv(tmp_path / "b.csv", rows(), say=say), Meanings())) == seen(plain)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator(tmp_path: Path, plain: Ledger, encoding: str, separator: str) -> None:
    path = write_csv(tmp_path / "b.csv", rows(), encoding=encoding, separator=separator)
    assert seen(read_ledger(path, Meanings())) == seen(plain)


def test_a_workbook_with_titles_merged_headers_totals_and_sheets(tmp_path: Path, plain: Ledger) -> None:
    table = rows()
    path = write_workbook(tmp_path / "台账.xlsx", {"一": table[:20], "二": table[20:], "说明": []})
    ledger = read_ledger(path, Meanings())
    assert seen(ledger) == seen(plain)
    assert (ledger.start, ledger.end, ledger.guessed) == (datetime(2023, 1, 1), datetime(2024, 1, 1), False)
    assert noticed(ledger)["totals"] == 3
    assert ledger.facts.sheets[:2] == ("一", "二")
    one = read_ledger(path, Meanings(), sheet="二")
    assert len(one.cases) == 40
    path.rename(tmp_path / "台账.csv")  # what it is called does not matter
    assert seen(read_ledger(tmp_path / "台账.csv", Meanings())) == seen(plain)


def test_nothing_private_is_kept(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", rows())
    fitted = fit(read_ledger(path, Meanings()), Told("private", persons=20_000))
    text = fitted.text + repr(fitted.estimates) + repr(read_ledger(path, Meanings()))
    for name in ("张某", "李某", "王志强"):
        assert name not in text


def test_rows_that_cannot_be_used_are_kept_apart_with_their_lines(tmp_path: Path) -> None:
    table = rows()
    table[3][2], table[8][2], table[20][10] = "去年", "", "以后再说"
    ledger = read_ledger(write_csv(tmp_path / "a.csv", table), Meanings())
    assert [a.line for a in ledger.apart] == [5, 10]
    assert len(ledger.cases) == 58
    assert (noticed(ledger)["apart"], noticed(ledger)["bad_closing"]) == (2, 1)
    assert not next(c for c in ledger.cases if c.line == 22).dated
    for row in table[:41]:
        row[2] = "去年"
    with pytest.raises(ScenarioError, match="41 of 60 rows cannot be used"):
        read_ledger(write_csv(tmp_path / "a.csv", table), Meanings())


def test_all_unknown_words_at_once_and_a_file_that_says_what_they_mean(tmp_path: Path) -> None:
    table = rows()
    for i, word in ((2, "吵架"), (4, "打架"), (5, "吵架")):
        table[i][5] = word
    table[7][9] = "搞定"
    path = write_csv(tmp_path / "a.csv", table)
    with pytest.raises(UnknownWords) as error:
        read_ledger(path, Meanings())
    for said in ("kind '吵架' (2 rows)", "kind '打架' (1 rows)", "outcome '搞定' (1 rows)", "--mapping FILE"):
        assert said in str(error.value)
    mapping = tmp_path / "words.csv"
    mapping.write_text(error.value.text, "utf-8")
    with pytest.raises(UnknownWords):
        read_ledger(path, Meanings(), mapping=mapping)  # not filled in
    filled = error.value.text.replace("吵架,,", "吵架,neighbour,").replace("打架,,", "打架,not said,")
    mapping.write_text(filled.replace("搞定,,", "搞定,settled,"), "utf-8")
    ledger = read_ledger(path, Meanings(), mapping=mapping)
    assert [ledger.cases[i].kind for i in (2, 4, 5)] == ["neighbour", "", "neighbour"]
    assert ledger.cases[7].outcome == "settled"
    mapping.write_text("column,word,means\nkind,吵架,quarrel\n", "utf-8")
    with pytest.raises(ScenarioError, match="'quarrel' means nothing for kind"):
        read_ledger(path, Meanings(), mapping=mapping)


def test_one_blank_kind_does_not_drop_the_others(tmp_path: Path, plain: Ledger) -> None:
    table = rows()
    table[5][5] = ""
    fitted = fit(read_ledger(write_csv(tmp_path / "a.csv", table), Meanings()), Told("blank"))
    kinds = [e for e in fitted.estimates if e.group == "kinds"]
    assert len(kinds) == 8
    assert {e.n for e in kinds} == {59}
    assert any("1 disputes have no kind" in str(r) for r in fitted.remarks)


def test_dates_that_cannot_be(tmp_path: Path) -> None:
    table = rows()
    table[1][10] = table[1][2] - timedelta(days=9)  # type: ignore[operator]
    table[2][2] = date(2032, 1, 3)
    table[3][10] = ""  # over, but when?
    table[9][10] = date(2023, 3, 1)  # open, but closed
    ledger = read_ledger(write_csv(tmp_path / "a.csv", table), Meanings())
    found = noticed(ledger)
    assert (found["reversed"], found["stray"], found["ended_undated"], found["open_but_dated"]) == (
        1,
        1,
        1,
        1,
    )
    assert ledger.end < datetime(2024, 1, 1)  # the wrong year has not stretched the window
    by_line = {c.line: c for c in ledger.cases}
    assert 4 not in by_line
    assert [by_line[line].dated for line in (2, 3, 5, 11)] == [True, False, False, True]


def test_duplicates_blank_lines_repeated_headers_and_totals(tmp_path: Path, plain: Ledger) -> None:
    table: list[list[object]] = rows()
    again = [99, *table[4][1:]]
    table[5:5] = [again, [""] * 11, list(HEADER), ["小计", *[""] * 10]]
    ledger = read_ledger(write_csv(tmp_path / "a.csv", table, below=["合计"]), Meanings())
    assert seen(ledger) == seen(plain)
    assert noticed(ledger) == {
        **{"totals": 2, "headings": 1, "blank": 1, "duplicates": 1},
        "namesakes": 1,
    }


def test_villages_by_committee_blank_villages_and_spellings(tmp_path: Path) -> None:
    table = rows()
    table[0][4] = ""
    table[2][3], table[2][4] = "", "白石镇西村村民委员会"
    ledger = read_ledger(write_csv(tmp_path / "a.csv", table), Meanings())
    assert (ledger.cases[0].site, ledger.cases[0].town) == ("", "城关镇")
    assert ledger.cases[2].site == "西村"
    assert noticed(ledger)["township_matters"] == 1
    fitted = fit(ledger, Told("blank_village"))
    assert fitted.arrivals.total == 60
    assert fitted.arrivals.elsewhere == 1
    towns = {str(e.name): e.n for e in fitted.estimates if e.group == "townships"}
    assert towns == {"城关镇": 20, "白石镇": 40}
    without = [[row[0], row[2], row[5], row[7], row[9], row[10]] for row in rows()]
    header = ("案件编号", "受理日期", "纠纷类型", "调解组织", "案件状态", "结案日期")
    ledger = read_ledger(write_csv(tmp_path / "b.csv", without, header), Meanings())
    assert {c.site for c in ledger.cases} == {"", "东村", "西村"}
    assert noticed(ledger)["from_committee"] == 60
    alone = [[row[0], row[2], row[10]] for row in rows()]
    header = ("案件编号", "受理日期", "结案日期")
    path = write_csv(tmp_path / "c.csv", alone, header)
    with pytest.raises(ScenarioError, match="--site NAME"):
        read_ledger(path, Meanings())
    assert {c.site for c in read_ledger(path, Meanings(), site="东村").cases} == {"东村"}


def test_sizes_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "人口.csv").write_bytes(
        "乡镇,村,人口\n城关镇,东村,2300\n白石镇,东村,1200人\n,西村,900\n".encode("gb18030")
    )
    sizes = read_sizes(tmp_path / "人口.csv", {"城关镇东村", "白石镇东村", "西村"})
    assert dict(sizes.persons) == {"城关镇东村": 2300.0, "白石镇东村": 1200.0, "西村": 900.0}


def test_the_words_of_registers() -> None:
    official = [
        "婚姻家庭",
        "邻里",
        "房屋宅基地",
        "合同",
        "生产经营",
        "损害赔偿",
        "山林土地",
        "征地拆迁",
        "环境污染",
        "拖欠农民工工资",
        "其他劳动争议",
        "旅游",
        "电子商务",
        "其他消费",
        "医疗",
        "道路交通事故",
        "物业",
        "其他",
    ]
    assert len(official) == 18
    assert all(kind_of(k) and kind_of(k) == kind_of(f"{k}纠纷") for k in official)
    assert kind_of("01") is None
    stages = {
        **{"小桥村人民调解委员会": "village", "城关镇人民调解委员会": "township", "西坝村网格": "hamlet"},
        **{"县矛盾纠纷调解中心": "county", "县人民法院": "trial", "县法院诉前调解": "court mediation"},
        **{
            "城关镇派出所": "police",
            "县裁决仲裁机构": "decision",
            "白石镇东村村委会": "village",
            "青龙乡司法所": "township",
        },
    }
    assert {name: stage_of(name) for name in stages} == stages
    outcomes = {
        **{"是": "settled", "未化解": "closed otherwise", "调解中": "open", "撤回": "withdrawn"},
        **{"经调解，双方达成协议，当场履行。": "settled", "未能达成协议": "closed otherwise"},
    }
    assert {word: outcome_of(word) for word in outcomes} == outcomes
    assert outcome_of("见附件") is None
    assert channel_of("移送（法院）") == "party_court"


# --- What two dates cannot say -------------------------------------------------------------------------------------


def two_dates(n: int, settled: float) -> list[str]:
    luck = random.Random(1)
    out = []
    for i in range(n):
        begun = date(2023, 1, 1) + timedelta(days=i % 300)
        stage = "village" if luck.random() < 0.7 else "township"
        end = "settled" if luck.random() < settled else "given up"
        out.append(f"{i},known at {stage},{begun},a{i % 8},family")
        out.append(f"{i},{end} at {stage},{begun + timedelta(days=luck.randrange(40))},a{i % 8},family")
    return out


def long(folder: Path, lines: list[str]) -> Ledger:
    path = folder / "long.csv"
    path.write_text("case,activity,time,site,kind\n" + "\n".join(lines) + "\n", "utf-8")
    return read_ledger(path, Meanings(first=date(2023, 1, 1), last=date(2023, 12, 31)))


def test_a_register_gives_no_rate_of_success(tmp_path: Path) -> None:
    fitted = fit(long(tmp_path, two_dates(600, 0.7)), Told("two_dates"))
    paths = {e.path for e in fitted.estimates if e.path}
    assert not [p for p in paths if p.startswith(("tiers.", "going.", "petition."))]
    assert "tiers.village.success" in {p for _, _, paths in fitted.missing for p in paths}
    share = next(e for e in fitted.estimates if e.name == "end: settled")
    assert share.low < 0.7 < share.high  # what is written down, and called so
    assert any("no rate of success" in str(r) for r in fitted.remarks)


def test_failures_added_where_disputes_are_given_up_are_not_enough(tmp_path: Path) -> None:
    """Who moves on has failed, too: a log that says so only of those who gave up is not taken for complete."""
    lines = []
    for i in range(120):
        day = date(2023, 1, 1) + timedelta(days=2 * i)
        lines.append(f"{i},known at village,{day},a,family")
        if i % 3 == 0:
            lines.append(f"{i},passed to township,{day + timedelta(days=3)},a,family")
            lines.append(f"{i},settled at township,{day + timedelta(days=9)},a,family")
        elif i % 3 == 1:
            lines.append(f"{i},attempt failed at village,{day + timedelta(days=3)},a,family")
            lines.append(f"{i},given up at village,{day + timedelta(days=3)},a,family")
        else:
            lines.append(f"{i},settled at village,{day + timedelta(days=3)},a,family")
    assert not {e.path for e in fit(long(tmp_path, lines), Told("half")).estimates} & {
        "tiers.village.success",
        "tiers.township.success",
    }
    told = [
        x
        for i in range(120)
        for line in (x for x in lines if x.startswith(f"{i},"))
        for x in (
            [line.replace("passed to township", "attempt failed at village"), line]
            if "passed" in line
            else [line]
        )
    ]
    found = {e.path: e for e in fit(long(tmp_path, told), Told("whole")).estimates}
    assert found["tiers.village.success"].n == 120
    assert "40 of 120" in str(found["tiers.village.success"].note)


def test_the_order_of_rows_of_one_day_changes_no_median(tmp_path: Path) -> None:
    lines = two_dates(300, 0.7)
    medians = []
    pairs = [lines[i : i + 2] for i in range(0, len(lines), 2)]
    for order in (lines, [x for pair in pairs for x in reversed(pair)], lines[::-1]):
        fitted = fit(long(tmp_path, order), Told("order"))
        medians.append(next(e.value for e in fitted.estimates if e.name == "receipt to end: median"))
    assert medians[1:] == [pytest.approx(medians[0])] * 2


def test_a_median_that_is_not_reached_and_times_that_do_not_differ(tmp_path: Path) -> None:
    few = [x for i, x in enumerate(two_dates(200, 0.9)) if i % 2 == 0 or i % 20 == 1]
    fitted = fit(long(tmp_path, few), Told("few"))
    names = [str(e.name) for e in fitted.estimates if e.group == "durations"]
    assert not [n for n in names if n == "receipt to end: median"]
    assert any(n.startswith("receipt to end: over within") for n in names)
    same = [
        f"{i},{what},{date(2023, 2, 1) + timedelta(days=i)},a,"
        for i in range(60)
        for what in ("known at village", "settled at village")
    ]
    fitted = fit(long(tmp_path, same), Told("same"))
    for e in fitted.estimates:
        if e.group == "durations":
            assert e.low < e.high or e.value == 1.0


# --- Logs of other programs ----------------------------------------------------------------------------------------


def xes(pairs: bool = False, names: tuple[str, ...] = ("0", "1", "2"), head: str = "") -> str:
    events = []
    for i, name in enumerate(names):
        body = f'<trace><string key="concept:name" value="{name}"/><string key="site" value="东村"/>'
        for what, hour in (("known at village", 8), ("settled at village", 15)):
            for turn, add in (("start", 0), ("complete", 3)) if pairs else (("complete", 0),):
                body += (
                    f'<event><string key="concept:name" value="{what}"/><date key="time:timestamp" '
                    f'value="2023-01-{2 + 3 * i:02d}T{hour + add:02d}:00:00.000+08:00"/>'
                    f'<string key="lifecycle:transition" value="{turn}"/></event>'
                )
        events.append(body + "</trace>")
    return f"{head}<log>{''.join(events)}</log>"


def test_lifecycle_pairs_are_one_event_and_repeated_names_are_not_one_dispute(tmp_path: Path) -> None:
    path = tmp_path / "a.xes"
    path.write_text(xes(pairs=True), "utf-8")
    ledger = read_ledger(path, Meanings())
    assert [len(c.events) for c in ledger.cases] == [2, 2, 2]
    assert noticed(ledger)["pairs"] == 6
    minutes = [e.minute % 1440 for e in ledger.cases[0].events]
    assert minutes == [8 * 60, 18 * 60]  # from the start of the first to the end of the last
    path.write_text(xes(names=("0", "0", "1")), "utf-8")
    ledger = read_ledger(path, Meanings())
    assert [c.name for c in ledger.cases] == ["0", "0 (2)", "1"]
    assert noticed(ledger)["same_number"] == 1
    path.with_suffix(".xes.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert len(read_ledger(path.with_suffix(".xes.gz"), Meanings()).cases) == 3
    head = '<?xml version="1.0" encoding="GBK"?>\n'
    path.write_bytes(xes(head=head).encode("gbk"))
    assert {c.site for c in read_ledger(path, Meanings()).cases} == {"东村"}


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["1,known at village,2023-02-01,a,", "1,known at village,2023-02-03,a,"], "known_again"),
        (["1,known at village,2023-02-05,a,", "1,settled at village,2023-02-03,a,"], "reversed"),
        (["1,known at village,2023-02-05 08:00,a,", "1,settled at village,2023-02-05 08:00,a,"], "no_length"),
        (["1,known at village,2023-02-05,a,", "1,known at village,2023-02-05,a,"], "duplicates"),
        (["4.5E+17,known at village,2023-02-05,a,"], "long_numbers"),
        (["1,known at village,2023-02-05,a,", "1,settled at village,2023-02-08,b,"], "other_site"),
    ],
)
def test_what_cannot_be_is_named_with_its_count(tmp_path: Path, lines: list[str], name: str) -> None:
    others = [f"x{i},known at village,2023-03-{i + 1:02d},a," for i in range(20)]
    assert noticed(long(tmp_path, [*others, *lines]))[name] == 1


def test_midnights_of_another_zone_are_dates(tmp_path: Path) -> None:
    lines = two_dates(60, 0.7)
    plain = long(tmp_path, lines)
    zoned = [",".join([*(c := x.split(","))[:2], f"{c[2]}T00:00:00Z", *c[3:]]) for x in lines]
    ledger = long(tmp_path, zoned)
    assert ledger.daily
    assert [c.events for c in ledger.cases] == [c.events for c in plain.cases]
    assert noticed(ledger)["one_hour"] == 120


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PAR1\x15\x04", "is a Parquet file. Export the log as CSV or XES."),
        (
            b"<html><table><tr><td>1</td></tr></table></html>",
            "is a web page, whatever its name says. Open it in Excel",
        ),
        (b"%PDF-1.4", "is a PDF"),
        (b'{"ocel:global-log": {}}', "is JSON"),
        (b"PK\x03\x04nothing", "is no workbook that can be read"),
        (
            b"figure,value\nname,x\n",
            "no header was found; the fullest of the first rows is 'figure' and 'value'",
        ),
    ],
)
def test_other_containers_are_named(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as error:
        read_ledger(path, Meanings())
    assert expected in str(error.value)


def test_months_and_days_that_may_be_taken_for_each_other() -> None:
    assert moment("3/4/2023") == datetime(2023, 4, 3)
    assert moment("3/4/2023", day_before_month=False) == datetime(2023, 3, 4)
    assert moment("2023年5月1日 下午3时20分") == datetime(2023, 5, 1, 15, 20)
    assert moment("2023年1月8日 上午") == datetime(2023, 1, 8)
    assert (
        list(
            itertools.filterfalse(
                lambda x: moment(x) is None, ("2023-02-30", "2023年5月", "下午", 4.5e17, True)
            )
        )
        == []
    )


# --- Registers that the program writes -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exported() -> EventLog:
    model = build(rich_place(population={"persons": 20_000}, villages={"count": 12}))
    return event_log(simulate(model, Draws(3, 0)), model, known_only=True)


@pytest.mark.parametrize(("form", "suffix"), [(f, s) for f in FORMS for s in (".xlsx", ".csv")])
def test_a_register_that_is_written_is_read(
    tmp_path: Path, exported: EventLog, form: str, suffix: str
) -> None:
    path = tmp_path / f"register{suffix}"
    with path.open("wb") as file:
        WRITERS[format_of(path, form)](exported, file)
    window = tuple(when.date() for when in exported.window)
    ledger = read_ledger(path, Meanings(first=window[0], last=window[1] - timedelta(days=1)))
    written = lines(exported)
    assert len(written) == len(ledger.cases) > 100
    assert not ledger.apart
    assert not ledger.facts.unknown_words
    begun = [e.minute for c in ledger.cases for e in c.events[:1]]
    assert begun == [(line.received - date(1970, 1, 1)).days * 1440 for line in written]
    for case, line in zip(ledger.cases, written, strict=True):
        assert case.kind in ("", line.case.kind)
        assert {e.stage for e in case.events} == {line.stage}
        assert (case.outcome == "settled") == (line.how == "settled")
        assert (case.outcome == "open") == (line.closed is None)
        if line.closed is not None:
            assert case.events[-1].minute == (line.closed - date(1970, 1, 1)).days * 1440
    empty = sum(not c.kind for c in ledger.cases)
    assert 0 < empty < 0.06 * len(ledger.cases)
