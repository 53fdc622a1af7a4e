"""A replication as the register that a clerk would have kept of it: one row a dispute, in Chinese.

Two forms: `zongzhi`, of the centres for social governance, and `sifa`, of the offices of justice. Villages,
organisations and parties are made up. Some cells are empty, as in real registers; which ones follows from the
replication.
"""

from __future__ import annotations

import csv
import functools
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import BinaryIO

from sim.export.activities import ENDS, KNOWN, REOPENED, STAGES, parts
from sim.export.log import Case, EventLog
from sim.vocabulary import Channel, End, Tier

# The 18 kinds of the people's mediation statistics, by the kinds of the model.
OFFICIAL: dict[str, tuple[str, ...]] = {
    "family": ("婚姻家庭",),
    "neighbour": ("邻里",),
    "housing": ("房屋宅基地",),
    "damages": ("损害赔偿", "医疗", "道路交通事故"),
    "land": ("山林土地", "征地拆迁"),
    "contract": ("合同", "生产经营", "旅游", "电子商务", "其他消费", "物业"),
    "labour": ("拖欠农民工工资", "其他劳动争议"),
    "other": ("环境污染", "其他"),
}
ZONGZHI = (
    *(
        "序号",
        "纠纷名称",
        "发生日期",
        "乡镇",
        "村（社区）",
        "纠纷类别",
        "当事人",
        "化解时限",
        "化解组织",
        "负责人",
    ),
    *("是否化解成功", "化解日期"),
)
SIFA = (
    *(
        "案件编号",
        "案件来源",
        "纠纷类型",
        "受理日期",
        "调解组织",
        "调解员",
        "案件状态",
        "协议形式",
        "结案日期",
        "履行日期",
    ),
)
LIMIT = 30  # days that a register allows
EMPTY = 0.02  # share of cells of kinds and villages that stay empty
ENDINGS = frozenset(ENDS.values())
_ORGANISATIONS: dict[Tier, str] = {
    Tier.HAMLET: "{village}网格",
    Tier.VILLAGE: "{village}人民调解委员会",
    Tier.POLICE: "{town}派出所",
    Tier.TOWNSHIP: "{town}人民调解委员会",
    Tier.COUNTY: "县矛盾纠纷调解中心",
    Tier.DECISION: "县裁决仲裁机构",
    Tier.COURT_MEDIATION: "县法院诉前调解",
    Tier.TRIAL: "县人民法院",
}
_STATES = {
    "": "调解中",
    ENDS[End.SETTLED]: "成功",
    ENDS[End.SELF_SETTLED]: "自行和解",
    ENDS[End.WITHDRAWN]: "撤回",
    ENDS[End.LUMPED]: "终止",
}
_SOURCES = {
    Channel.PARTY_COURT.name.lower(): "移送（法院）",
    Channel.PARTY_POLICE.name.lower(): "移送（公安）",
    Channel.PARTY_PETITION.name.lower(): "移送（信访）",
    Channel.PARTY_VILLAGE.name.lower(): "依申请",
    Channel.PARTY_TOWNSHIP.name.lower(): "依申请",
}


@dataclass
class Line:
    """A dispute from its receipt, or its return, to its end: `how` is empty while it is open."""

    case: Case
    received: date
    channel: str
    stage: str
    closed: date | None = None
    how: str = ""


def lines(log: EventLog) -> list[Line]:
    """The rows of the register in the order of receipt; what became known before the log begins is not among them."""
    out: list[Line] = []
    for i, case in enumerate(log.cases):
        now: Line | None = None
        for event in log.events(i):
            what, stage = parts(event.activity) or ("", "")
            day = log.moment(event.minute).date()
            if what in (KNOWN, REOPENED):
                now = Line(case, day, event.channel, stage)
                out.append(now)
            elif now is not None and now.closed is None:
                now.stage = stage if stage in _OF_STAGE else now.stage
                if what in ENDINGS:
                    now.closed, now.how = day, what
    return sorted(out, key=lambda line: (line.received, line.case.number))


_OF_STAGE = {name: tier for tier, name in STAGES.items()}


def _place(name: str, sign: str) -> str:
    """A made-up Chinese name for `village 3` or `township 1`."""
    return f"第{name.rpartition(' ')[2]}{sign}"


def table(log: EventLog, form: str) -> Iterator[list[object]]:
    """Header and rows of a form, dates as dates."""
    luck = random.Random(f"{form} {log.origin}")
    zongzhi = form == "zongzhi"
    yield list(ZONGZHI if zongzhi else SIFA)
    for i, line in enumerate(lines(log), start=1):
        village, town = _place(line.case.site, "村"), _place(line.case.township, "镇")
        organisation = _ORGANISATIONS[_OF_STAGE[line.stage]].format(village=village, town=town)
        kind = luck.choice(OFFICIAL[line.case.kind]) + "纠纷"
        no_kind, no_village = luck.random() < EMPTY, luck.random() < EMPTY
        settled = line.how == ENDS[End.SETTLED]
        closed: object = line.closed or ""
        if zongzhi:
            outcome = "化解中" if not line.how else "是" if settled else "否"
            yield [
                *(i, f"{line.received.year}年第{i}号", line.received, town, "" if no_village else village),
                *("" if no_kind else kind, "甲、乙", line.received + timedelta(days=LIMIT), organisation),
                *("调解员", outcome, closed),
            ]
        else:
            yield [
                *(f"N{line.received.year}{i:05d}", _SOURCES.get(line.channel, "主动调解")),
                *(
                    "" if no_kind else kind,
                    line.received,
                    organisation,
                    "调解员",
                    _STATES.get(line.how, "结束"),
                ),
                *(luck.choice(("口头", "书面")) if settled else "", closed, closed if settled else ""),
            ]


def write_workbook(log: EventLog, file: BinaryIO, *, form: str) -> None:
    """Write a register as .xlsx, with a title above the header."""
    import xlsxwriter

    rows = list(table(log, form))
    options = {"in_memory": True, "default_date_format": "yyyy/m/d"}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"created": log.window[0].replace(tzinfo=None)})
        sheet = book.add_worksheet("台账")
        sheet.write(0, 0, "矛盾纠纷排查化解台账" if form == "zongzhi" else "人民调解案件登记表")
        for i, row in enumerate(rows, start=1):
            for j, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(i, j, cell)
                elif cell != "":
                    sheet.write(i, j, cell)


def write_csv(log: EventLog, file: BinaryIO, *, form: str) -> None:
    """Write a register as Excel saves a CSV in China: GB18030, dates as 2023/5/1."""
    text = io.TextIOWrapper(file, encoding="gb18030", newline="", write_through=True)
    writer = csv.writer(text)
    for row in table(log, form):
        writer.writerow([f"{c.year}/{c.month}/{c.day}" if isinstance(c, date) else c for c in row])
    text.detach()


WRITERS: dict[str, Callable[[EventLog, BinaryIO], None]] = {
    **{form: functools.partial(write_workbook, form=form) for form in ("zongzhi", "sifa")},
    **{f"{form} csv": functools.partial(write_csv, form=form) for form in ("zongzhi", "sifa")},
}
FORMS = ("zongzhi", "sifa")
