"""Policies as an analyst writes them: files in scenarios/policies, and short expressions such as `practice-whistle`.

An expression begins with `practice` (what the place does; the default), `none`, or the name of a policy file, and goes
on with mechanisms or policies to add and to take away: `+judge_liaison:share=0.5-screening`. A policy file may be given
by its path, `+plans/stages.yaml`; an experiment finds those beside it. After the name of a mechanism, options:
`strength`, `effect`, `share` (of villages), `township` or `village` (one, by number), `start`, `stop` (dates), or a
parameter of the mechanism.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sim.language import Message, Text
from sim.scenario.checks import COMMAND_LINE
from sim.scenario.errors import Fault, ScenarioError, listed, nearest, shown
from sim.scenario.load import load_place, load_tree, located, validated
from sim.scenario.lookup import SUFFIXES, find, names
from sim.scenario.measures import measure_problems
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import Place
from sim.scenario.policy import Coverage, Measure, Policy, practice
from sim.scenario.quantity import Quantity, Status

FOLDER = "policies"
PRACTICE, NONE = "practice", "none"
_WORD = r"[a-z][a-z0-9_]*"
_PATH = r"(?:[\w.~-]*/)+[\w.-]+?\.ya?ml\b|\w[\w.]*\.ya?ml\b"
_NAME = rf"(?:{_PATH}|{_WORD})"
_VALUE = r"\d{4}-\d{2}-\d{2}|-?\d+(?:\.\d*)?(?:[eE]-?\d+)?"
_TERM = re.compile(rf"([+-])({_NAME})((?::{_WORD}=(?:{_VALUE}))*)")
_OPTION = re.compile(rf":({_WORD})=({_VALUE})")
LARGEST = 1e15  # of a number in an expression; no quantity has a larger one
_OPTIONS = ("strength", "effect", "share", "township", "village", "start", "stop")


def load_policy(name_or_path: str | Path) -> Policy:
    """A policy by name or file. Raises ScenarioError with every fault of the file."""
    tree, index = load_tree(find(name_or_path, FOLDER), (), Policy)
    policy = validated(Policy, tree, index)
    faults = [located(path, problem, remedy, index) for path, problem, remedy in _problems(policy)]
    if faults:
        raise ScenarioError(faults)
    return policy


def is_policy(name: str) -> bool:
    """Whether a policy file of this name is known, or it is a file by its path."""
    return name in names(FOLDER) or name.endswith(SUFFIXES)


def measures_of(policy: Policy) -> tuple[Measure, ...]:
    """All measures of a policy, those of the practice that it takes over first."""
    taken = practice(load_place(policy.practice_of)) if policy.practice_of is not None else ()
    return (*taken, *policy.measures)


def _problems(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], Text, Text]]:
    if policy.practice_of is not None and policy.practice_of not in names("places"):
        near = nearest(policy.practice_of, names("places"))
        remedy = (
            Message("Did you mean {near}?", near=near)
            if near
            else Message("Places are {x}.", x=listed(names("places")))
        )
        yield (
            ("practice_of",),
            Message("there is no place {practice_of}", practice_of=shown(policy.practice_of)),
            remedy,
        )
    elif policy.practice_of is None and not policy.measures:
        yield (
            ("measures",),
            Message("the policy has no measure"),
            Message("Name mechanisms below it, or practice_of a place."),
        )
    for i, measure in enumerate(policy.measures):
        for where, said, advice in measure_problems(measure, {*policy.sources, COMMAND_LINE}):
            yield ("measures", i, *where), said, advice


def parse(expression: str, place: Place) -> tuple[Measure, ...]:
    """The measures of an expression for a place. Raises ScenarioError."""
    text = "".join(expression.split())
    head = re.match(_NAME, text)
    base = head.group(0) if head else PRACTICE
    rest = text[len(base) :] if head else text
    measures = list(_base(base, place, expression))
    at = 0
    for term in _TERM.finditer(rest):
        if term.start() != at:
            break
        at = term.end()
        sign, name, options = term.groups()
        if sign == "+":
            measures += _added(name, options, place, measures, expression)
        else:
            measures = _removed(name, options, measures, place, expression)
    if at != len(rest) or not text:
        remedy = Message("Write for example practice, none+whistle, -screening or +judge_liaison:share=0.5.")
        raise _wrong(
            expression, Message("cannot be read from {rest} on", rest=shown(rest[at:] or text)), remedy
        )
    return tuple(measures)


def head(expression: str) -> str:
    """The policy file that an expression, which can be read, begins with to replace the practice; empty for none."""
    found = re.match(_NAME, "".join(expression.split()))
    name = found.group(0) if found else ""
    return "" if name in (PRACTICE, NONE) else name


def _wrong(expression: str, problem: Text, remedy: Text) -> ScenarioError:
    return ScenarioError([Fault(f"policy {expression!r}", 0, "", problem, remedy)])


def _base(name: str, place: Place, expression: str) -> tuple[Measure, ...]:
    if name == PRACTICE:
        return practice(place)
    if name == NONE:
        return ()
    if is_policy(name):
        return measures_of(load_policy(name))
    if name in MECHANISMS:
        raise _wrong(
            expression,
            Message("{name} is a mechanism", name=name),
            Message("Write +{name} to add it, or none+{name}.", name=name),
        )
    near = nearest(name, [PRACTICE, NONE, *names(FOLDER)])
    remedy = (
        Message("Did you mean {near}?", near=near)
        if near
        else Message("Begin with {practice}, {none}, + or -.", practice=PRACTICE, none=NONE)
    )
    raise _wrong(expression, Message("there is no policy {name}", name=shown(name)), remedy)


def _unknown(name: str, expression: str) -> ScenarioError:
    near = nearest(name, [*MECHANISMS, *names(FOLDER)])
    remedy = (
        Message("Did you mean {near}?", near=near)
        if near
        else Message("`list mechanisms` and `list policies` show all.")
    )
    return _wrong(expression, Message("there is no mechanism or policy {name}", name=shown(name)), remedy)


def _added(
    name: str, options: str, place: Place, there: Sequence[Measure], expression: str
) -> tuple[Measure, ...]:
    if name in MECHANISMS:
        new: tuple[Measure, ...] = (_measure(name, options, expression),)
        _acts(new[0], place, expression)
    elif is_policy(name):
        if options:
            raise _wrong(
                expression,
                Message("{name} is a bundle and takes no options", name=name),
                Message("Give them to its mechanisms."),
            )
        new = measures_of(load_policy(name))
    else:
        raise _unknown(name, expression)
    for measure in new:
        if any(m.mechanism == measure.mechanism for m in there):
            remedy = Message(
                "Take it away first: -{mechanism}+{name}{options}.",
                mechanism=measure.mechanism,
                name=name,
                options=options,
            )
            raise _wrong(
                expression, Message("{mechanism} is in force already", mechanism=measure.mechanism), remedy
            )
    return new


def _acts(measure: Measure, place: Place, expression: str) -> None:
    """Raise ScenarioError for a measure that begins after all that is simulated, or has ended before it."""
    window = place.window
    first = window.start - timedelta(days=math.ceil(float(window.warm_up.value)))
    last = max(window.end, window.end_latest)
    late = measure.start is not None and measure.start > last
    if late or (measure.stop is not None and measure.stop <= first):
        problem = Message(
            "{mechanism} would change nothing: {first} to {last} is simulated",
            mechanism=measure.mechanism,
            first=first,
            last=last,
        )
        remedy = Message("Let it start by {last}.", last=last) if late else Message("Let it stop later.")
        raise _wrong(expression, problem, remedy)


def _removed(
    name: str, options: str, there: Sequence[Measure], place: Place, expression: str
) -> list[Measure]:
    if options:
        raise _wrong(
            expression, Message("what is taken away has no options"), Message("Write -{name}.", name=name)
        )
    if name in MECHANISMS:
        gone = {name}
    elif is_policy(name):
        gone = {m.mechanism for m in measures_of(load_policy(name))}
    else:
        raise _unknown(name, expression)
    if not any(m.mechanism in gone for m in there):
        have = listed([m.mechanism for m in there], 30) or "nothing"
        raise _wrong(
            expression,
            Message("{name} is not in force", name=name),
            Message("In force before it: {have}.", have=have),
        )
    return [m for m in there if m.mechanism not in gone]


def _measure(name: str, options: str, expression: str) -> Measure:
    values = dict(_OPTION.findall(options))
    parameters, fields = {}, {}
    known = MECHANISMS[name].parameters()
    for key, text in values.items():
        if key in ("start", "stop"):
            try:
                fields[key] = date.fromisoformat(text)
            except ValueError:
                raise _wrong(
                    expression, Message("{text} is not a date", text=text), Message("Write it as YYYY-MM-DD.")
                ) from None
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise _wrong(
                expression,
                Message("{key} takes a number, not a date", key=key),
                Message("Write :{key}=0.5.", key=key),
            )
        elif abs(float(text)) > LARGEST:
            raise _wrong(
                expression,
                Message("{key} is out of bounds", key=key),
                Message("Write a smaller number.")
                if "-" not in text[:1]
                else Message("Write a larger number."),
            )
        elif key in _OPTIONS:
            fields[key] = float(text)  # type: ignore[assignment]
        elif key in known:
            old, value = known[key], float(text)
            parameters[key] = Quantity(
                value=value,
                unit=old.unit,
                low=min(old.low, value),
                high=max(old.high, value),
                source=COMMAND_LINE,
                status=Status.ASSUMED,
                note=f"was {old.value}",
            )
        else:
            near = nearest(key, [*_OPTIONS, *known])
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("It takes {x}.", x=listed([*_OPTIONS, *known], 30))
            )
            raise _wrong(expression, Message("{name} has no option {key}", name=name, key=shown(key)), remedy)
    share = fields.pop("share", 1.0)
    for key, least, most in (("strength", 0.0, 10.0), ("effect", 0.0, 100.0)):
        if key in fields and not least <= float(fields[key]) <= most:  # type: ignore[arg-type]
            raise _wrong(
                expression,
                Message("{key} is out of bounds", key=key),
                Message("Write a number from {least:g} to {most:g}.", least=least, most=most),
            )
    if not 0.0 <= float(share) <= 1.0:  # type: ignore[arg-type]
        raise _wrong(expression, Message("share is out of bounds"), Message("Write a number from 0 to 1."))
    where: dict[str, Any] = {}
    for key in ("township", "village"):
        if key in fields:
            number = float(fields.pop(key))  # type: ignore[arg-type]
            if number != int(number):
                raise _wrong(
                    expression,
                    Message("{key} {number:g} is no number of one", key=key, number=number),
                    Message("Write :{key}=3.", key=key),
                )
            where[f"{key}s"] = [int(number)]
    if len(where) + (share != 1.0) > 1:
        raise _wrong(
            expression,
            Message("says twice where it acts"),
            Message("Keep one of share, township and village."),
        )
    where = where or {"share": float(share)}  # type: ignore[arg-type]
    made = Measure(mechanism=name, parameters=parameters, coverage=Coverage(**where), **fields)
    for _, said, advice in measure_problems(made, ()):
        raise _wrong(expression, said, advice)
    return made
