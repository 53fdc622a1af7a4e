"""How a reader calls what the program names: metrics, units, staff, mechanisms, policies, places.

In English most names are shown as the program writes them, so that they can be typed; in Chinese each has the term of
the field. Terms are in the catalogue (sim/language.py), Chinese names of mechanisms where these are described.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Self

from sim.language import Phrase, current, marked, shown, tr, tr_as
from sim.scenario.evidence import REALISED_PREFIX
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.mechanisms.more_staff import GROUPS, MoreStaff
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Title

RECORDED = "recorded "  # in front of a metric: what the record says of it
TOWNSHIP = "township "  # in front of the number of one


def title(of: Title) -> str:
    """The name of a place or policy: in English with the Chinese name behind it, in Chinese that one alone."""
    if (current() == "zh" and of.zh) or of.en == of.zh:
        return of.zh
    return f"{of.en} {of.zh}"


def short_title(of: Title) -> str:
    """The name in the language in use only."""
    return of.zh if current() == "zh" and of.zh else of.en


def words(name: str, under: str = "") -> str:
    """A name of the program as words: `court_mediators` becomes `court mediators`, or its Chinese term."""
    return metric(name, under).replace("_", " ")


def metric(name: str, under: str = "") -> str:
    """A metric, under a reading of the record if one is given: `success_rate (target-driven)`."""
    return tr("{metric} ({reading})", metric=tr(name), reading=reading(under)) if under else tr(name)


def unit(name: str, of: str = "") -> str:
    """A unit. `of` names the metric that it belongs to: disputes, villages and hours are counted by other words."""
    if name == "count" and of:
        return tr_as("villages" if of.startswith("villages_") else "disputes", name)
    return tr(name)


def unit_of(name: str) -> str:
    """The unit of a metric; empty where it is not known."""
    known = KNOWN_METRICS.get(name)
    return unit(known.unit, name) if known else ""


def staff(name: str) -> str:
    """A group of staff: the police as people, not as a station."""
    return tr_as("staff", name)


def reading(name: str) -> str:
    """A reading of the record: `target_driven` becomes `target-driven`."""
    return tr(name.replace("_", "-"))


def mechanism(name: str) -> str:
    """A mechanism as the program writes it, or in Chinese."""
    known = MECHANISMS.get(name)
    return known.zh if known and current() == "zh" else name


def policy(expression: str) -> str:
    """A policy as it was typed, or in Chinese: `+judge_liaison:share=0.5` becomes `+法官联络（比例 0.5）`."""
    return expression if current() == "en" else spelled(expression)


def spelled(expression: str) -> str:
    """`practice+judge_liaison:share=0.5` as a reader says it: `+ judge liaison (share 0.5)`."""
    parts = re.split(r"(?<=[\w.])([+-])(?=[a-z])", expression)
    said = []
    for i, part in enumerate(parts):
        if i % 2:
            continue
        sign = parts[i - 1] if i else part[: len(part) - len(part.lstrip("+-"))]
        name, _, settings = part.lstrip("+-").partition(":")
        if name == "practice" and not settings and len(parts) > 1:
            continue
        if current() == "zh":
            said.append(_in_chinese(sign.replace("-", "−"), name, settings))
            continue
        text = f"{sign.replace('-', '−')} {words(name)}".strip()
        if settings:
            text += f" ({words(settings).replace('=', ' ').replace(' -', ' −').replace(',', ', ')})"
        said.append(text)
    return " ".join(said)


def _in_chinese(sign: str, name: str, settings: str) -> str:
    text = mechanism(name) if name in MECHANISMS else tr(name)
    if not settings:
        return sign + text
    if name == MoreStaff.name and sign == "+":
        persons = [_persons(*one.split("=")) for one in re.split("[:,]", settings) if one.count("=") == 1]
        if all(persons):
            return "，".join(persons)
    said = []
    for one in re.split("[:,]", settings):
        key, equals, value = one.partition("=")
        said.append(
            f"{tr(key)} {value.replace('-', '−', 1) if value[:1] == '-' else value}" if equals else tr(key)
        )
    return f"{sign}{text}（{'，'.join(said)}）"


def _persons(group: str, number: str) -> str:
    """More or fewer persons of a staff group, as a clause; empty for another setting."""
    if group not in GROUPS or not re.fullmatch(r"-?\d+(\.\d+)?", number):
        return ""
    more, fewer = {
        "village": (marked("{n} more {staff} in each village"), marked("{n} fewer {staff} in each village")),
        "township": (
            marked("{n} more {staff} in each township"),
            marked("{n} fewer {staff} in each township"),
        ),
        "county": (marked("{n} more {staff} in the county"), marked("{n} fewer {staff} in the county")),
    }[GROUPS[group]]
    said = fewer if number[0] == "-" else more
    return tr(said, n=number.removeprefix("-"), staff=staff(group))


def figure(name: str) -> str:
    """A figure that is watched: a metric, of the record (`recorded success_rate`) or of evidence (`realised …`)."""
    if name.startswith(REALISED_PREFIX):
        return realised(name.removeprefix(REALISED_PREFIX))
    inside = name.removeprefix(RECORDED)
    return metric(name) if inside == name else tr("recorded {metric}", metric=metric(inside))


def realised(name: str) -> str:
    """An output that evidence speaks of, and which share of a split it is: `family_suit_ends judged`."""
    figure_name, _, part = name.partition(" ")
    text = tr(words(figure_name))
    return tr("{figure}: {part}", figure=text, part=tr(part)) if part else text


def place_unit(name: str) -> str:
    """A unit of staff of a place: `county`, or `township 3`."""
    number = name.removeprefix(TOWNSHIP)
    return tr("township {n}", n=number) if number != name and number.isdecimal() else tr(name)


def named(value: object) -> str:
    """A cell of a table: a phrase, or a name of the program (a word, a metric, a unit of staff, a step `a>b`)."""
    if not isinstance(value, str):
        return shown(value)
    step = re.fullmatch(r"([\w ]+)( ?> ?)([\w -]+)", value)
    if step:
        return f"{tr(step[1])}{step[2]}{tr(step[3])}"
    return figure(value) if value.startswith((RECORDED, REALISED_PREFIX)) else place_unit(metric(value))


RENDERED: dict[str, Callable[[str], str]] = {
    "word": tr,  # of the catalogue, such as the name of a place or a column
    "words": words,
    "metric": metric,
    "staff": staff,
    "reading": reading,
    "mechanism": mechanism,
    "policy": policy,
    "figure": figure,
    "place unit": place_unit,
}


class Term(Phrase):
    """What the program names, as a value of a message: English as the program writes it, Chinese as the field does.

    `kind` is one of `RENDERED`, or `unit`, of the metric `of`. Raises KeyError for another.
    """

    __slots__ = ("kind", "metric", "name")
    kind: str
    name: str
    metric: str

    def __init__(self, kind: str, name: str, of: str = "") -> None:
        self._keep(kind=kind, name=name, metric=of)

    def rendered(self) -> str:
        """In the language in use."""
        return unit(self.name, self.metric) if self.kind == "unit" else RENDERED[self.kind](self.name)

    def parts(self) -> dict[str, object]:
        """Kind and name, and the metric of a unit."""
        return {"kind": self.kind, "name": self.name, **({"of": self.metric} if self.metric else {})}

    @classmethod
    def of(cls, parts: Mapping[str, object]) -> Self:
        """A term from its `parts`."""
        return cls(**{key: str(value) for key, value in parts.items()})


class Called(Phrase):
    """A title that has a name in each language, as a value of a message; English where there is no other."""

    __slots__ = ("en", "zh")
    en: str
    zh: str

    def __init__(self, en: str, zh: str = "") -> None:
        self._keep(en=en, zh=zh)

    def rendered(self) -> str:
        """In the language in use."""
        return self.zh if current() == "zh" and self.zh else self.en

    def parts(self) -> dict[str, object]:
        """Both names."""
        return {"en": self.en, "zh": self.zh}

    @classmethod
    def of(cls, parts: Mapping[str, object]) -> Self:
        """A title from its `parts`."""
        return cls(str(parts["en"]), str(parts["zh"]))


def policies(expressions: Iterable[str]) -> list[Term]:
    """Policies as a message lists them."""
    return [Term("policy", expression) for expression in expressions]
