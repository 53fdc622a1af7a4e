"""The mechanisms that places may name: what counties do about disputes, as their articles report it.

Data only so far: a place says which are in force, with the reported figures. See docs/figures.md for the sources.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mechanism:
    """`acts_at` names the tiers where it acts, `about` what it is."""

    name: str
    zh: str
    acts_at: str
    about: str


_MECHANISMS = (
    Mechanism(
        "rule_321", "三二一", "all tiers", "3 attempts in the village, 2 in the township, 1 in the county"
    ),
    Mechanism(
        "case_meetings", "包案督办", "township, county", "case meetings, a named official, supervision"
    ),
    Mechanism(
        "stationed_officers",
        "三官一律",
        "village, township",
        "judges, prosecutors, police, lawyers on visits",
    ),
    Mechanism("law_aware_villagers", "法律明白人", "village", "trained residents who explain the law"),
    Mechanism("law_publicity", "普法", "village", "night schools, loudspeakers, leaflets"),
    Mechanism("grid", "网格", "hamlet", "small areas with a worker or street head of their own"),
    Mechanism("screening", "排查", "village", "periodic searches for disputes"),
    Mechanism("household_visits", "下访夜访", "village", "officials visit households"),
    Mechanism("follow_up_visits", "回访", "village", "visits after an agreement"),
    Mechanism(
        "deliberation_councils", "议事机构", "village", "common matters settled before they are disputes"
    ),
    Mechanism(
        "township_joint_mediation", "联合调处", "township", "centre, justice station, police and village"
    ),
    Mechanism(
        "golden_mediation_room", "金牌调解室", "township", "a mediation room with experienced mediators"
    ),
    Mechanism(
        "four_source_station", "四源治理工作站", "township", "township, court, justice bureau under one roof"
    ),
    Mechanism("law_stations", "法治工作站", "village", "village law stations that meet monthly"),
    Mechanism(
        "judge_liaison", "法官联络", "township, village", "teams of judges for townships; costs bench hours"
    ),
    Mechanism("circuit_court", "巡回法庭", "village", "a court that sits in the village"),
    Mechanism("miao_language_team", "苗语专班", "county", "prosecutors who speak Miao"),
    Mechanism("one_village_one_police", "一村一警", "village", "a police officer assigned to each village"),
    Mechanism("merged_police_station", "派出所加挂消防中队", "township", "a police station with fire duties"),
    Mechanism("quick_police_points", "快警点", "township", "posts from which police arrive within minutes"),
    Mechanism(
        "two_committees_one_patrol", "两会一队", "village", "security and mediation committees, patrols"
    ),
    Mechanism("village_fund", "村级组织运转经费", "village", "money set aside for committees and patrols"),
    Mechanism("whistle", "吹哨报到", "township, county", "the township calls, departments come within hours"),
    Mechanism("campaign", "有乱必治", "county", "a campaign of many departments against a backlog"),
)
KNOWN_MECHANISMS: dict[str, Mechanism] = {m.name: m for m in _MECHANISMS}
