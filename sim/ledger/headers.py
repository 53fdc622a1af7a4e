"""Which row is the header, whether it has two rows, and what its columns are in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sim.ledger.files import Cell, Sheet
from sim.ledger.words import plain

EVENT_COLUMNS = ("case", "activity", "time", "site")  # one row an event
OPTIONAL_COLUMNS = ("kind", "channel", "town", "lifecycle")
# One row a dispute. What is private is found so that it is never mistaken for anything else, and never read.
REGISTER_COLUMNS: dict[str, tuple[str, ...]] = {
    "serial": ("序号", "编号序号", "no", "no.", "№"),
    "case": ("案件编号", "案号", "编号", "登记编号", "纠纷编号", "案件号", "受理编号", "事件编号", "case"),
    "received": (
        *("受理日期", "受理时间", "发生日期", "发生时间", "登记日期", "登记时间", "申请日期", "申请时间"),
        *("排查日期", "排查时间", "接待日期", "上报日期", "上报时间", "来访日期", "received", "known"),
    ),
    "entered": ("录入日期", "录入时间", "填表日期", "创建时间", "入库时间", "录入系统时间", "entered"),
    "closed": (
        *("结案日期", "结案时间", "化解日期", "化解时间", "办结日期", "办结时间", "调解日期", "调解成功日期"),
        *("调结日期", "调结时间", "化解完成日期", "调解时间", "closed", "end"),
    ),
    "performed": ("履行日期", "履行时间", "协议履行日期", "performed"),
    "town": (
        "乡镇",
        "乡镇街道",
        "乡镇(街道)",
        "所属乡镇",
        "镇街",
        "镇乡街道",
        "街镇",
        "乡(镇)",
        "镇",
        "town",
    ),
    "site": (
        *("村", "村(社区)", "村社区", "村居", "村(居)", "所属村", "社区", "行政村", "村名", "村/社区"),
        *("发生地点", "发生地", "纠纷发生地", "发生地址", "事发地", "site", "village"),
    ),
    "kind": (
        "纠纷类别",
        "纠纷类型",
        "矛盾类型",
        "矛盾纠纷类型",
        "案件类型",
        "类别",
        "类型",
        "案由",
        "纠纷种类",
        "kind",
    ),
    "organisation": (
        *("化解组织", "调解组织", "调解委员会", "调委会", "受理单位", "调解机构", "承办单位", "化解单位"),
        *("责任单位", "受理组织", "调解组织名称", "organisation", "org"),
    ),
    "stage": ("层级", "调解层级", "化解层级", "stage"),
    "outcome": (
        *(
            "是否化解成功",
            "案件状态",
            "是否化解",
            "是否调解成功",
            "调解结果",
            "化解结果",
            "化解情况",
            "办理状态",
        ),
        *("处理结果", "状态", "是否成功", "结案方式", "化解状态", "调解情况", "outcome", "ok"),
    ),
    "channel": ("案件来源", "纠纷来源", "来源", "受理方式", "来源渠道", "事件来源", "channel", "source"),
    "limit": ("化解时限", "办结时限", "调解期限", "限办日期", "化解期限", "limit"),
    "persons": ("涉及人数", "涉及人次", "人数", "persons"),
    "private": (
        *("纠纷名称", "当事人", "当事人姓名", "申请人", "被申请人", "负责人", "调解员", "联系电话", "电话"),
        *(
            "身份证号",
            "纠纷简要情况",
            "案情",
            "纠纷简况",
            "责任人",
            "承办人",
            "包案领导",
            "主持人",
            "协议内容",
        ),
    ),
}
_FIELDS = {word: field for field, words in REGISTER_COLUMNS.items() for word in words}
SEARCHED = 30  # rows at the top among which the header is looked for
_UNITS = re.compile(r"填报单位|填报人|填报日期|制表|单位[:：]|报表")


@dataclass(frozen=True)
class Header:
    """Names of columns as the file has them, where each of ours is, the row after it, and the rows above it."""

    names: tuple[str, ...]
    position: Mapping[str, int]
    line: int
    first: int  # index of the first row of data in the sheet
    above: tuple[str, ...]

    @property
    def wide(self) -> bool:
        """Whether a row is a dispute and not an event."""
        return "activity" not in self.position and "received" in self.position


def header_of(sheet: Sheet, columns: Mapping[str, str]) -> Header | None:
    """The header of a sheet; `columns` are the user's names by ours. None where no row looks like one.

    Of the first rows it is the one that has most names of columns; below a row with gaps a second one, which fills
    them and has no date, belongs to it (merged cells).
    """
    best: tuple[int, int] | None = None
    for i, (_, cells) in enumerate(sheet.rows[:SEARCHED]):
        hits = len(_positions([plain(c) for c in cells], columns))
        if hits >= 2 and (best is None or hits > best[0]):
            best = (hits, i)
    if best is None:
        return None
    at = best[1]
    line, cells = sheet.rows[at]
    names, first = [plain(c) for c in cells], at + 1
    if at + 1 < len(sheet.rows):
        below = [plain(c) for c in sheet.rows[at + 1][1]]
        if _second_row(names, below, columns):
            names, first = _merged(names, below), at + 2
    above = tuple(" ".join(str(c).strip() for c in row if str(c).strip()) for _, row in sheet.rows[:at])
    return Header(tuple(names), _positions(names, columns), line, first, above)


def _second_row(names: list[str], below: list[str], columns: Mapping[str, str]) -> bool:
    """Whether a row completes the header above it: it names columns where that one has gaps, and has little else."""
    filled = [i for i, word in enumerate(below) if word]
    if not filled or all(names[i] for i in range(len(names))):
        return False
    known = [i for i in filled if _FIELDS.get(below[i].lower()) or below[i] in columns.values()]
    no_digits = not any(re.search(r"\d", below[i]) for i in filled)
    return bool(known) and len(filled) < max(3, len(names) // 2 + 1) and no_digits


def _merged(names: list[str], below: list[str]) -> list[str]:
    width = max(len(names), len(below))
    names, below = names + [""] * (width - len(names)), below + [""] * (width - len(below))
    return [b or n for n, b in zip(names, below, strict=True)]


def _positions(names: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Where each of our columns is. The user's names come first; of several words for one, the first of its list."""
    found: dict[str, int] = {}
    named = {plain(theirs): ours for ours, theirs in columns.items()}
    for i, name in enumerate(names):
        if name in named and named[name] not in found:
            found[named[name]] = i
    for ours in (*EVENT_COLUMNS, *OPTIONAL_COLUMNS):
        if ours not in found and ours not in columns and ours in names:
            found[ours] = names.index(ours)
    if "activity" in found:
        if "town" not in found and "township" in names:
            found["town"] = names.index("township")
        return found
    taken = set(found.values())
    for field, words in REGISTER_COLUMNS.items():
        if field in found or field == "private":
            continue
        low = [n.lower() for n in names]
        at = next((low.index(w) for w in words if w in low and low.index(w) not in taken), None)
        if at is not None:
            found[field] = at
            taken.add(at)
    return found


def is_total(cells: list[Cell]) -> bool:
    """Whether a row is a sum of others or a line below the table."""
    first = next((plain(c) for c in cells if plain(c)), "")
    return bool(
        re.match(r"^(?:合计|小计|总计|累计|共计|总数|本页合计|备注[:：]|说明[:：]|注[:：]|制表|填报)", first)
    )


def is_heading(cells: list[Cell], header: Header) -> bool:
    """Whether a row repeats the header, as at the top of each printed page."""
    names = [plain(c) for c in cells]
    same = sum(a == b != "" for a, b in zip(names, header.names, strict=False))
    return same >= 3 and same >= sum(n != "" for n in names) - 1


def is_note(cells: list[Cell]) -> bool:
    """Whether a row above or among the others says who filled the table in."""
    filled = [str(c) for c in cells if str(c).strip()]
    return len(filled) == 1 and bool(_UNITS.search(filled[0]))
