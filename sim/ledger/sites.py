"""Where a dispute arose: a township and a village in it, however the two are spelt."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sim.ledger.words import plain

_TOWN_FIRST = re.compile(
    r"^(?:.{1,8}?(?:县|市|区|旗))?(?P<town>[^县市区旗]{1,7}?(?:镇|乡|街道|苏木))(?P<rest>.+)$"
)
_COMMITTEE = re.compile(r"(村|社区|嘎查)(?:村|居)?(?:民)?(?:委员会|委会|委)$")
_MEDIATORS = re.compile(r"(?:人民)?(?:调解委员会|调委会|调解室)$|网格$")


class Site(NamedTuple):
    """A township and a village; the village is empty for a matter of the township, both where nothing is known."""

    town: str
    village: str

    @property
    def full(self) -> str:
        """Both in one."""
        return (
            f"{self.town} {self.village}"
            if self.village.isascii() and self.town
            else self.town + self.village
        )


def _name(text: str) -> str:
    """A name with single blanks between Latin letters and digits, and none beside Chinese ones."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", text)


def site_of(town: str, village: str) -> Site:
    """A place from its two cells: a township before the village goes to the township, a committee is its village."""
    town, village = _name(town), _COMMITTEE.sub(r"\1", _name(village))
    found = _TOWN_FIRST.match(village)
    if found and (not town or found["town"] == town or town.endswith(found["town"])):
        town, village = town or found["town"], found["rest"]
    if village == town or (re.fullmatch(r".{1,7}(?:镇|乡|街道)", village) and not town):
        return Site(town or village, "")
    return Site(town, village)


def site_of_organisation(name: str) -> Site:
    """The place that a mediation committee is of, where a register has no other: its village, else its township."""
    text = _COMMITTEE.sub(r"\1", _MEDIATORS.sub("", plain(name)))
    if re.search(r"(?:村|社区|嘎查)$", text):
        return site_of("", text)
    found = re.match(r"^(?:.{1,8}?(?:县|市|区|旗))?(.{1,7}?(?:镇|乡|街道))", text)
    return Site(found[1], "") if found else Site("", "")


def labels(sites: Iterable[Site]) -> dict[Site, str]:
    """What each site is called: its village, with the township in front where two have a village of the name.

    A matter of the township or the county has no name.
    """
    every = set(sites)
    counts = Counter(s.village for s in every)
    return {s: "" if not s.village else s.village if counts[s.village] == 1 else s.full for s in every}


def townless(sites: Iterable[Site]) -> dict[Site, Site]:
    """Villages written without their township, each with the one site that it can only be."""
    towns: dict[str, set[str]] = defaultdict(set)
    for site in sites:
        if site.town and site.village:
            towns[site.village].add(site.town)
    return {
        Site("", village): Site(min(found), village) for village, found in towns.items() if len(found) == 1
    }


def namesakes(sites: Iterable[Site]) -> int:
    """How many names of villages stand in more than one township."""
    counts = Counter(s.village for s in set(sites) if s.village and s.town)
    return sum(n > 1 for n in counts.values())
