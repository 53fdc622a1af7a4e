"""Registers as clerks write them, small enough to count by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

HEADER = (
    *("序号", "纠纷名称", "发生日期", "乡镇", "村（社区）", "纠纷类别", "当事人", "化解组织", "负责人"),
    *("是否化解成功", "化解日期"),
)
KINDS = ("邻里纠纷", "婚姻家庭纠纷", "山林土地", "物业纠纷")
Row = list[object]


def rows(n: int = 60, first: date = date(2023, 1, 4)) -> list[Row]:
    """`n` disputes, one every five days, in two townships with a village 东村 each; every tenth is open."""
    out: list[Row] = []
    for i in range(n):
        begun = first + timedelta(days=5 * i)
        town, village = (("城关镇", "东村"), ("白石镇", "东村"), ("白石镇", "西村"))[i % 3]
        organisation = f"{village}人民调解委员会" if i % 2 else f"{town}人民调解委员会"
        ended = begun + timedelta(days=2 + i % 7)
        outcome, closing = ("化解中", "") if i % 10 == 9 else ("否" if i % 4 == 0 else "是", ended)
        out.append(
            [
                *(i + 1, f"张某与李某{KINDS[i % 4]}", begun, town, village, KINDS[i % 4], "张某、李某"),
                *(organisation, "王志强", outcome, closing),
            ]
        )
    return out


def write_csv(
    path: Path,
    table: Sequence[Row],
    header: Sequence[str] = HEADER,
    *,
    say: Callable[[date], object] = str,
    encoding: str = "utf-8",
    separator: str = ",",
    above: Sequence[str] = (),
    below: Sequence[str] = (),
) -> Path:
    """A CSV; `say` writes dates, `above` and `below` are rows of one cell."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    for line in above:
        writer.writerow([line, *([""] * (len(header) - 1))])
    writer.writerow(header)
    for row in table:
        writer.writerow([say(c) if isinstance(c, date) else c for c in row])
    for line in below:
        writer.writerow([line, *([""] * (len(header) - 1))])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_workbook(path: Path, sheets: dict[str, Sequence[Row]]) -> Path:
    """A workbook with a title, a row of who filled it in, a header of two rows with merged cells, and totals."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy/m/d"}) as book:
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.merge_range(0, 0, 0, len(HEADER) - 1, "南坪县2023年矛盾纠纷排查化解台账")
            sheet.write(1, 0, "填报单位：南坪县综治中心    填报日期：2024年1月5日")
            sheet.write_row(2, 0, [h if h not in ("乡镇", "村（社区）") else "" for h in HEADER])
            sheet.merge_range(2, 3, 2, 4, "发生地点")
            sheet.write_row(3, 3, ["乡镇", "村（社区）"])
            for i, row in enumerate(table):
                for j, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(4 + i, j, cell)  # type: ignore[arg-type]
                    else:
                        sheet.write(4 + i, j, cell)
            sheet.write_row(5 + len(table), 0, ["合计", "", "", "", "", "", "", "", "", 12])
    return path
