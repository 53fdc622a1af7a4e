"""How a reader calls what the program names: metrics, units, staff, mechanisms, policies, places.

In English most names are shown as the program writes them, so that they can be typed; in Chinese each has the term of
the field. Terms are in the catalogue (sim/language.py), Chinese names of mechanisms where these are described.
"""

from __future__ import annotations

import re

from sim.language import current, tr, tr_as, translated
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Title


def title(of: Title) -> str:
    """The name of a place or policy: in English with the Chinese name behind it, in Chinese that one alone."""
    return of.zh if current() == "zh" and of.zh else f"{of.en} {of.zh}"


def short_title(of: Title) -> str:
    """The name in the language in use only."""
    return of.zh if current() == "zh" and of.zh else of.en


def words(name: str) -> str:
    """A name of the program as words: `court_mediators` becomes `court mediators`, or its Chinese term."""
    return metric(name).replace("_", " ")


def metric(name: str) -> str:
    """A metric, or one under a reading of the record, such as `success_rate (proportional)`."""
    base, _, reading = name.partition(" (")
    if not reading or not reading.endswith(")"):
        return tr(name)
    return tr("{metric} ({reading})", metric=tr(base), reading=tr(reading.removesuffix(")")))


def unit(name: str, of: str = "") -> str:
    """A unit. `of` names the metric that it belongs to: disputes, villages and hours are counted by other words."""
    if name == "count" and of:
        base = of.partition(" (")[0]
        return tr_as("villages" if base.startswith("villages_") else "disputes", name)
    return tr(name)


def unit_of(name: str) -> str:
    """The unit of a metric, without its reading; empty where it is not known."""
    known = KNOWN_METRICS.get(name.partition(" (")[0])
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
            said.append(f"{sign.replace('-', '−')}{_in_chinese(name, settings)}")
            continue
        text = f"{sign.replace('-', '−')} {words(name)}".strip()
        if settings:
            text += f" ({words(settings).replace('=', ' ').replace(' -', ' −').replace(',', ', ')})"
        said.append(text)
    return " ".join(said)


def _in_chinese(name: str, settings: str) -> str:
    text = mechanism(name) if name in MECHANISMS else tr(name)
    if not settings:
        return text
    said = []
    for one in re.split("[:,]", settings):
        key, equals, value = one.partition("=")
        said.append(
            f"{tr(key)} {value.replace('-', '−', 1) if value[:1] == '-' else value}" if equals else tr(key)
        )
    return f"{text}（{'，'.join(said)}）"


def told(sentence: str) -> str:
    """A sentence that was made in English, in the language in use; names within it become terms."""
    return sentence if current() == "en" else _inner(sentence)


def _inner(text: str) -> str:
    known = translated(text, _inner)
    if known != text or not re.search("[a-z]", text):
        return known
    if ", " in text:  # a list, if all of it is known
        parts = text.split(", ")
        chinese = [_inner(part) for part in parts]
        known_all = all(x != y or not re.search("[A-Za-z]", x) for x, y in zip(parts, chinese, strict=True))
        return tr(", ").join(chinese) if known_all else text
    counted = re.fullmatch(r"(\S+) \((\d+)\)", text)
    if counted:
        return tr("{name} ({n})", name=_inner(counted[1]), n=counted[2])
    step = re.fullmatch(r"([\w -]+?)( ?> ?)([\w -]+)", text)
    if step:
        return f"{tr(step[1])}{step[2]}{tr(step[3])}"
    return metric(text) if re.fullmatch(r"\w+ \([\w-]+\)", text) else _maybe_policy(text)


def _maybe_policy(text: str) -> str:
    """A policy if it looks like one, all of whose parts are known; the text itself otherwise."""
    names = re.findall(r"(?:^|(?<=[+-]))([a-z][\w]*)", text)
    known = bool(names) and all(n in MECHANISMS or tr(n) != n for n in names)
    return policy(text) if known and re.fullmatch(r"[+-]?[\w+:=.,-]+", text) else text
