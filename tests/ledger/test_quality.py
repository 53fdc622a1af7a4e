"""The quality page: a register with habits is told from one without, and nobody is named unasked."""

from __future__ import annotations

import math
import random
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from sim.ledger.quality import Finding
from sim.studies.quality import Quality, quality
from tests.cli.terminal import done
from tests.ledger.registers import rows, write_csv

HEADER = (
    "案件编号",
    "受理日期",
    "录入日期",
    "乡镇",
    "村",
    "纠纷类别",
    "调解组织",
    "案件状态",
    "结案日期",
    "化解时限",
)


def register(path: Path, n: int, *, habits: bool, seed: int = 1) -> Path:
    """`n` disputes of twelve committees; with habits: closings at ends of months, one committee without failure."""
    luck = random.Random(seed)
    table: list[list[object]] = []
    for i in range(n):
        received = date(2023, 1, 1) + timedelta(days=luck.randrange(330))
        closed = received + timedelta(days=luck.randrange(1, 25))
        village = luck.randrange(12)
        settled = luck.random() < 0.7
        if habits:
            settled = settled or village == 0
            if luck.random() < 0.5:
                closed = (closed.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        entered = received + timedelta(days=luck.randrange(10))
        open_ = closed > date(2023, 12, 20)
        table.append(
            [
                *(
                    f"N{i}",
                    received,
                    entered,
                    "城关镇",
                    f"{village}号村",
                    "邻里",
                    f"{village}号村人民调解委员会",
                ),
                *("调解中" if open_ else "成功" if settled else "终止", "" if open_ else closed),
                received + timedelta(days=30),
            ]
        )
    return write_csv(path, table, HEADER)


def by_name(study: Quality) -> dict[str, Finding]:
    return {str(f.name): f for f in study.findings}


def test_habits_are_told_from_chance(tmp_path: Path) -> None:
    good = quality(register(tmp_path / "good.csv", 1200, habits=False))
    bad = quality(register(tmp_path / "bad.csv", 1200, habits=True), names=True)
    ends, odd = (
        "closed in the last 3 days of a month",
        "committees whose share of settled ends no chance explains",
    )
    assert by_name(good)[ends].p > 0.001
    assert by_name(bad)[ends].p < 1e-9
    assert by_name(good)[odd].value == 0
    assert by_name(bad)[odd].value == 1
    assert [c.organisation for c in bad.committees] == ["0号村人民调解委员会"]
    assert by_name(bad)["committees with 10 closed disputes or more that are all settled"].value == 1
    batched = "closed with 4 others or more of the same organisation on the same day"
    assert by_name(bad)[batched].share > 0.1 > 5 * by_name(good)[batched].share


def test_what_is_open_how_old_and_past_its_limit(tmp_path: Path) -> None:
    table: list[list[object]] = [
        *[
            [
                f"N{i}",
                date(2023, 3, 1),
                date(2023, 3, 1 + i),
                "城关镇",
                "东村",
                "邻里",
                "东村调委会",
                "调解中",
                "",
                date(2023, 4, 1),
            ]
            for i in range(3)
        ],
        *[
            [
                f"M{i}",
                date(2023, 6, 1),
                "",
                "城关镇",
                "东村",
                "",
                "东村调委会",
                "成功",
                date(2023, 6, 9 + i),
                date(2023, 6, 10),
            ]
            for i in range(4)
        ],
    ]
    study = quality(
        write_csv(tmp_path / "a.csv", table, HEADER), first=date(2023, 1, 1), last=date(2023, 6, 30)
    )
    found = by_name(study)
    assert found["open at the end of the window"].value == 3
    assert found["their age in days, median"].value == 122
    assert found["older than 90 days"].value == 3
    assert found["past their own time limit"].value == 3
    assert (
        found["closed after their own time limit"].value,
        found["closed after their own time limit"].n,
    ) == (2, 4)
    assert found["days from receipt to entry, median"].value == 1
    assert found["empty: 录入日期"].value == 4
    assert found["empty: 纠纷类别"].value == 4
    assert study.tables()["months"].set_index("month").loc["2023-06"].tolist() == [4, 4, 3]


def test_the_page_names_nobody_unasked(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", rows(200))
    text = done(tmp_path, "quality", "a.csv", "--out", "page", "--lang", "zh")
    assert "不对村或调解组织评优劣" in text
    assert (tmp_path / "page" / "figures" / "quality.png").stat().st_size > 10_000
    written = text + "".join(p.read_text("utf-8") for p in (tmp_path / "page").glob("*.csv"))
    for private in ("张某", "王志强", "人民调解委员会"):
        assert private not in written


@pytest.mark.slow
def test_a_hundred_thousand_rows_in_twenty_seconds(tmp_path: Path) -> None:
    path = register(tmp_path / "large.csv", 100_000, habits=True)
    begun = time.perf_counter()
    study = quality(path)
    assert not math.isnan(by_name(study)["rows with a dispute or an event"].value)
    assert time.perf_counter() - begun < 20.0
