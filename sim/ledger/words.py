"""What words in a register mean: kinds, outcomes, organisations and sources, as clerks and their platforms write them.

Codes of kinds differ from platform to platform, so none is built in: they go into a mapping file.
"""

from __future__ import annotations

import re
import unicodedata

from sim.export.activities import ENDS, STAGES
from sim.export.register import OFFICIAL
from sim.language import marked
from sim.vocabulary import Channel, End, Tier

# The 18 kinds of the people's mediation statistics, by the groups of the model.
OFFICIAL_KINDS: dict[str, str] = {word: kind for kind, words in OFFICIAL.items() for word in words}
_SPELT: dict[str, str] = {
    **{"婚姻": "family", "家庭": "family", "家庭婚姻": "family", "恋爱婚姻": "family", "赡养": "family"},
    **{
        "继承": "family",
        "抚养": "family",
        "邻里关系": "neighbour",
        "相邻": "neighbour",
        "相邻关系": "neighbour",
    },
    **{
        "房屋": "housing",
        "宅基地": "housing",
        "房屋、宅基地": "housing",
        "赔偿": "damages",
        "侵权": "damages",
    },
    **{
        "土地": "land",
        "山林": "land",
        "山林、土地": "land",
        "土地山林": "land",
        "林地": "land",
        "征地": "land",
    },
    **{"拆迁": "land", "征地、拆迁": "land", "环境保护": "other", "经济": "contract", "债务": "contract"},
    **{
        "民间借贷": "contract",
        "借贷": "contract",
        "消费": "contract",
        "劳动": "labour",
        "劳动争议": "labour",
    },
    **{"劳资": "labour", "欠薪": "labour", "农民工工资": "labour", "交通事故": "damages", "其它": "other"},
    **{"物业管理": "contract", "医患": "damages", "其他类": "other"},
}
_KIND_TAILS = ("纠纷", "类", "矛盾", "争议", "案件")

# Outcomes: an end in the words of event logs, OTHERWISE for an end that is no success and not told, or OPEN_STILL.
OPEN_STILL, OTHERWISE, UNTOLD = marked("open"), marked("closed otherwise"), marked("not said")
SETTLED, WITHDRAWN, SELF_SETTLED = ENDS[End.SETTLED], ENDS[End.WITHDRAWN], ENDS[End.SELF_SETTLED]
OUTCOMES: dict[str, str] = {
    **dict.fromkeys(
        (
            *(
                "是",
                "成功",
                "调解成功",
                "已化解",
                "化解",
                "化解成功",
                "成功化解",
                "已调解成功",
                "达成协议",
                "已达成协议",
            ),
            *(
                "司法确认",
                "已履行",
                "履行完毕",
                "和解",
                "调解达成协议",
                "调成",
                "Y",
                "y",
                "yes",
                "true",
                "√",
                "1",
            ),
        ),
        SETTLED,
    ),
    **dict.fromkeys(
        (
            *(
                "否",
                "失败",
                "不成功",
                "调解不成功",
                "调解失败",
                "未成功",
                "未化解",
                "调解不成",
                "未达成协议",
                "终止",
            ),
            *(
                "调解终止",
                "结束",
                "终结",
                "移送",
                "转办",
                "移交",
                "引导诉讼",
                "已起诉",
                "N",
                "n",
                "no",
                "false",
                "×",
                "0",
            ),
        ),
        OTHERWISE,
    ),
    **dict.fromkeys(("撤回", "撤销", "撤诉", "当事人撤回", "申请人撤回"), WITHDRAWN),
    **dict.fromkeys(("自行和解", "自行化解", "双方自行和解"), SELF_SETTLED),
    **dict.fromkeys(
        (
            *(
                "待受理",
                "调解中",
                "待调解",
                "化解中",
                "正在化解",
                "正在调解",
                "办理中",
                "处理中",
                "未办结",
                "草稿",
                "待办",
            ),
            *("受理", "已受理", "跟踪中", "未结案", "未结", "在办", "受理中"),
        ),
        OPEN_STILL,
    ),
}
# Words of free text, read for their sense only; the first that is found decides. The text itself is never kept.
_IN_TEXT: tuple[tuple[str, str], ...] = (
    (r"正在|调解中|化解中|待调解|跟踪|继续(?:调解|化解)", OPEN_STILL),
    (r"撤回|撤诉", WITHDRAWN),
    (r"自行和解", SELF_SETTLED),
    (r"未(?:能)?达成|不成|失败|未果|终止|起诉|移送|未化解", OTHERWISE),
    (r"达成|协议|化解|履行|成功|和解|握手言和", SETTLED),
)

STAGE_NAMES = dict(STAGES)
_ORGANISATIONS: tuple[tuple[str, Tier], ...] = (
    (r"网格|村民小组|\d+组$|[一二三四五六七八九十]+组$|楼栋|街巷|中心户", Tier.HAMLET),
    (r"(?:法院|法庭).*(?:诉前|先行|委派|委托|特邀)|诉前.*调解", Tier.COURT_MEDIATION),
    (r"法院|法庭", Tier.TRIAL),
    (r"派出所|公安|警务|交警|警察", Tier.POLICE),
    (r"仲裁|裁决|复议", Tier.DECISION),
    (r"(?:村|社区|居|嘎查)(?:民)?(?:委|委员)?会?(?:人民)?(?:调解|调委|民调|治保|$|（|\()", Tier.VILLAGE),
    (r"(?:村|社区|居民)(?:民)?委", Tier.VILLAGE),
    (r"司法所|[乡镇]|街道|苏木", Tier.TOWNSHIP),
    (r"村|社区|居委", Tier.VILLAGE),
    (r"[县市区旗州局]|行业|专业|医调|交调|协会|中心|委员会", Tier.COUNTY),
)
STAGE_WORDS: dict[str, str] = {
    **{
        "网格": "hamlet",
        "组": "hamlet",
        "村级": "village",
        "村": "village",
        "社区": "village",
        "派出所": "police",
    },
    **{"镇级": "township", "乡级": "township", "乡镇": "township", "镇": "township", "街道": "township"},
    **{"县级": "county", "县": "county", "区级": "county", "市级": "county", "诉前调解": "court mediation"},
    **{name: name for name in STAGES.values()},
}

# How a dispute came in. "applied" and "sought out" name no channel of the model: who took it in is not in a register.
CHANNEL_WORDS: tuple[tuple[str, str], ...] = (
    (r"移送.*法院|法院.*(?:移送|委派|委托|移交)", Channel.PARTY_COURT.name.lower()),
    (r"移送.*检察|检察", Channel.PARTY_COURT.name.lower()),
    (r"移送.*公安|(?:公安|派出所|110|警).*(?:移送|移交|委托)?", Channel.PARTY_POLICE.name.lower()),
    (r"移送.*信访|信访", Channel.PARTY_PETITION.name.lower()),
    (r"网格", Channel.GRID.name.lower()),
    (r"主动|排查|走访", "sought out"),
    (r"申请", "applied"),
    (r"移送|移交|其他|其它", "referred"),
)


def plain(word: object) -> str:
    """A word without blanks, full-width signs as the usual ones."""
    return "".join(unicodedata.normalize("NFKC", str(word)).split())


def kind_of(word: str) -> str | None:
    """The kind of the model that an official kind belongs to, with or without 纠纷; None for another word."""
    text = plain(word)
    while True:
        found = OFFICIAL_KINDS.get(text) or _SPELT.get(text)
        if found:
            return found
        tail = next((t for t in _KIND_TAILS if text.endswith(t) and text != t), "")
        if not tail:
            return None
        text = text.removesuffix(tail)


def outcome_of(word: str) -> str | None:
    """What became of a dispute, by a state or a sentence of the register; None for a word that says nothing."""
    text = plain(word).rstrip("。.;；")
    if text in OUTCOMES:
        return OUTCOMES[text]
    return next((meant for pattern, meant in _IN_TEXT if re.search(pattern, text)), None)


def stage_of(organisation: str) -> str:
    """The stage that an organisation belongs to, by its name; empty where the name does not say."""
    text = plain(organisation)
    if text in STAGE_WORDS:
        return STAGE_WORDS[text]
    tier = next((t for pattern, t in _ORGANISATIONS if re.search(pattern, text)), None)
    return STAGE_NAMES[tier] if tier is not None else ""


def channel_of(source: str) -> str:
    """How a dispute came in; empty where the word does not say."""
    text = plain(source)
    return next((meant for pattern, meant in CHANNEL_WORDS if re.search(pattern, text)), "")
