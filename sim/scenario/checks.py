"""What the schema of single fields cannot see: whether the parts of a place fit together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sim import clock
from sim.language import Message, Phrase
from sim.scenario.checks_window import MAX_DAYS, Problem, window_problems
from sim.scenario.errors import listed, nearest, shown
from sim.scenario.evidence import evidence_problems
from sim.scenario.fields import PathKeys, quantities
from sim.scenario.place import KindSpec, Place, TierSpec
from sim.scenario.quantity import Quantity
from sim.scenario.terms import Term
from sim.vocabulary import Kind

COMMAND_LINE = "command line"
MAX_VILLAGES = 50_000
MAX_EXPECTED = clock.MAX_DISPUTES // 8  # leaves room for luck and for villages far above the mean
TOLERANCE = 0.001


@dataclass(frozen=True)
class StaffGroup:
    """Where a staff group is counted, and per what."""

    section: str
    field: str

    @property
    def path(self) -> PathKeys:
        """Path of the number of persons."""
        return (self.section, self.field)


DESK = Message("the petition desk")
STAFF = {
    "grid_heads": StaffGroup("villages", "grid_heads"),
    "village_mediators": StaffGroup("villages", "mediators"),
    "police": StaffGroup("townships", "police"),
    "township_mediators": StaffGroup("townships", "mediators"),
    "petition_officers": StaffGroup("county", "petition_officers"),
    "departments": StaffGroup("county", "departments"),
    "decision_officers": StaffGroup("county", "decision_officers"),
    "court_mediators": StaffGroup("county", "court_mediators"),
    "judges": StaffGroup("county", "judges"),
}


def check(place: Place) -> list[Problem]:
    """Everything that does not fit together, in no particular order."""
    return [
        *_sources(place),
        *_kinds(place),
        *_shares(place),
        *_units(place),
        *_staff(place),
        *_working(place),
        *window_problems(place),
        *_tiers(place),
        *_lists(place),
        *(Problem(*found) for found in evidence_problems(place.evidence)),
    ]


def check_numbers(place: Place) -> list[Problem]:
    """What a change of numbers alone can break: shares that add up, staff everywhere, hours within a day."""
    return [*_kinds(place), *_shares(place), *_staff(place), *_working(place)]


def tiers(place: Place) -> dict[str, TierSpec]:
    """Tiers that the place has."""
    found = {name: getattr(place.tiers, name) for name in type(place.tiers).model_fields}
    return {name: spec for name, spec in found.items() if spec is not None}


def _sources(place: Place) -> Iterator[Problem]:
    unwritten = KindSpec.model_fields["arises"].default  # what no file says needs no source in it
    used: list[tuple[PathKeys, str]] = [
        ((*path, "source"), q.source) for path, q in quantities(place) if q != unwritten
    ]
    used.append((("window", "source"), place.window.source))
    used += [(("targets", i, "source"), t.source) for i, t in enumerate(place.targets)]
    used += [(("facts", i, "source"), f.source) for i, f in enumerate(place.facts)]
    used += [(("evidence", name, "source"), e.source) for name, e in place.evidence.items()]
    unknown: dict[str, list[PathKeys]] = {}
    for path, key in used:
        if key != COMMAND_LINE and key not in place.sources:
            unknown.setdefault(key, []).append(path)
    for key, paths in unknown.items():
        near = nearest(key, place.sources)
        remedy = (
            Message("Did you mean {near}?", near=near)
            if near
            else Message("Add it there: {key}: {{title: …, date: …}}.", key=key or Message("a key"))
        )
        more = Message(" (also in {n} other places)", n=len(paths) - 1) if len(paths) > 1 else ""
        yield Problem(
            paths[0],
            Message("the source {key} is not a key of sources{more}", key=shown(key), more=more),
            remedy,
        )


def _kind_names(given: Iterable[str], wanted: Iterable[str]) -> Iterator[Problem]:
    """Kinds must be exactly the wanted ones; a misspelt one is one problem, not two."""
    given, wanted = list(given), list(wanted)
    missing = [w for w in wanted if w not in given]
    for name in given:
        if name not in wanted:
            near = nearest(name, missing)
            if near:
                missing.remove(near)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("Remove it; the kinds of dispute are {list}.", list=listed(wanted))
            )
            yield Problem(("kinds", name), Message("{name} is no kind of dispute", name=shown(name)), remedy)
    if missing:
        problem = (
            Message("the kinds of dispute are missing: {list}", list=listed(missing))
            if len(missing) > 1
            else Message("the kind of dispute is missing: {list}", list=listed(missing))
        )
        yield Problem(
            ("kinds",), problem, Message("Add {list} below {path}.", list=listed(missing), path="kinds")
        )


def _kinds(place: Place) -> Iterator[Problem]:
    wanted = [k.name.lower() for k in Kind]
    yield from _kind_names(place.kinds, wanted)
    if set(place.kinds) == set(wanted):
        yield from _adds_up(
            ("kinds",), [k.share for k in place.kinds.values()], Message("the shares of the kinds")
        )
    for name, kind in place.kinds.items():
        yield from _one_of(("kinds", name), {"suit": kind.suit, "filed": kind.filed})


def _one_of(path: PathKeys, given: dict[str, Quantity | None]) -> Iterator[Problem]:
    """A number, or what it is solved for from, must be there."""
    first, second = given
    if given[first] is None and given[second] is None:
        problem = Message("neither {first} nor {second} is given", first=first, second=second)
        remedy = Message(
            "Give one of them; {first} is solved for if only {second} is there.", first=first, second=second
        )
        yield Problem((*path, first), problem, remedy)


def _adds_up(path: PathKeys, shares: list[Quantity], what: Phrase) -> Iterator[Problem]:
    total = sum(float(s.value) for s in shares)
    if abs(total - 1.0) > TOLERANCE:
        remedy = Message("Change them by {x:+.4g} in all, so that they add up to 1.", x=1 - total)
        yield Problem(path, Message("{what} add up to {total:.4g}", what=what, total=total), remedy)


def _shares(place: Place) -> Iterator[Problem]:
    choice = place.detection.party_choice
    shares: list[Quantity] = [getattr(choice, name) for name in type(choice).model_fields]
    yield from _adds_up(("detection", "party_choice"), shares, Message("the shares"))
    going = place.going
    ends = float(going.trial_settles.value) + float(going.trial_withdraws.value)
    if ends > 1.0 + TOLERANCE:
        problem = Message(
            "trial_settles and trial_withdraws add up to {ends:.4g}, more than all suits", ends=ends
        )
        yield Problem(
            ("going", "trial_settles"), problem, Message("Lower one of the two; what is left is judged.")
        )
    if float(place.incidence.superset.value) < 1.0:
        problem = Message("value {superset:g} is below 1", superset=float(place.incidence.superset.value))
        remedy = Message(
            "Write at least 1: 1 for no room, 1.5 if a policy may bring half as many grievances again."
        )
        yield Problem(("incidence", "superset"), problem, remedy)


def _units(place: Place) -> Iterator[Problem]:
    villages, townships = int(place.villages.count.value), int(place.townships.count.value)
    if townships > villages:
        problem = Message(
            "{townships} townships but only {villages} villages, so that a township has no village",
            townships=townships,
            villages=villages,
        )
        yield Problem(
            ("townships", "count"),
            problem,
            Message("Write at most {villages}, or raise villages.count.", villages=villages),
        )
    if villages > MAX_VILLAGES:
        problem = Message(
            "{villages} villages are more than the program takes ({max_villages})",
            villages=villages,
            max_villages=MAX_VILLAGES,
        )
        yield Problem(("villages", "count"), problem, Message("Model one county or city at a time."))
    window = place.window
    years = ((window.end - window.start).days + 1 + float(window.warm_up.value)) / 365.0
    rate = float(place.incidence.latent_rate.value) / 1000.0 * float(place.incidence.superset.value)
    expected = float(place.population.persons.value) * rate * years
    if years <= MAX_DAYS / 365.0 and expected > MAX_EXPECTED:
        problem = Message(
            "some {expected:.3g} grievances would arise, more than the program takes ({max_expected:.3g})",
            expected=expected,
            max_expected=MAX_EXPECTED,
        )
        remedy = Message(
            "Check population.persons and the rate (per 1,000 persons per year), or model a smaller place."
        )
        yield Problem(("incidence", "latent_rate"), problem, remedy)


def _users(place: Place) -> dict[str, Phrase]:
    """Staff groups that something needs, and what needs them."""
    users: dict[str, Phrase] = {
        spec.staff: Message("the tier {tier}", tier=Message(name))
        for name, spec in reversed(tiers(place).items())
    }
    users.setdefault(place.petition.desk, DESK)
    return users


def _staff(place: Place) -> Iterator[Problem]:
    units = {
        "villages": int(place.villages.count.value),
        "townships": int(place.townships.count.value),
        "county": 1,
    }
    for staff, user in _users(place).items():
        group = STAFF[staff]
        if place.county.outside and group.section == "county":
            continue
        number = getattr(getattr(place, group.section), group.field)
        total = math.floor(units[group.section] * float(number.value) + 0.5 + 1e-9)
        empty = units[group.section] - total
        if total >= 1 and empty > 0:
            problem = Message(
                "{user} has staff in {total} of {units} {section} only: {number:g} {unit}",
                user=user,
                total=total,
                units=units[group.section],
                section=Message(group.section),
                number=float(number.value),
                unit=Term("unit", number.unit),
            )
            yield Problem(
                group.path, problem, Message("Write at least 1, so that no dispute waits for nobody.")
            )
        if total < 1:
            exits = Message(", say county.outside: true") if group.section == "county" else ""
            remedy = Message("Write at least 1 person in all, or set the tier to null{exits}.", exits=exits)
            if user == DESK:
                remedy = Message(
                    "Write at least 1 person in all, or another petition.desk{exits}.", exits=exits
                )
            problem = Message(
                "{user} has no staff: {number:g} {unit} make 0 persons",
                user=user,
                number=float(number.value),
                unit=Term("unit", number.unit),
            )
            yield Problem(group.path, problem, remedy)


def _working(place: Place) -> Iterator[Problem]:
    for name in place.working:
        if name not in STAFF:
            near = nearest(name, STAFF)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("Staff groups are {staff}.", staff=listed(STAFF))
            )
            yield Problem(("working", name), Message("{name} is no staff group", name=shown(name)), remedy)
    unknown = [name for name in place.working if name not in STAFF]
    for staff, user in _users(place).items():
        if staff not in place.working and not nearest(staff, unknown):
            remedy = Message("Add below working: {staff}: {{calendar: …, hours: …, share: …}}.", staff=staff)
            yield Problem(
                ("working",),
                Message("{staff} have no working hours, but {user} needs them", staff=staff, user=user),
                remedy,
            )
    yield from _one_of(
        ("petition",), {"repeats": place.petition.repeats, "repeat_share": place.petition.repeat_share}
    )
    for staff, working in place.working.items():
        path: PathKeys = ("working", staff)
        yield from _one_of(path, {"share": working.share, "busy": working.busy})
        if working.daily_hours * 60 < 1:
            problem = Message(
                "{hours:g} hours times share {share:g} leave less than a minute per day",
                hours=float(working.hours.value),
                share=working.part,
            )
            remedy = Message("Raise the share: at least one minute a day must be left for disputes.")
            yield Problem(
                (*path, "share"),
                problem,
                remedy,
            )
        if working.calendar not in place.calendars:
            near = nearest(working.calendar, place.calendars)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message(
                    "Calendars are {calendars}.", calendars=listed(place.calendars) or Message("none yet")
                )
            )
            yield Problem(
                (*path, "calendar"),
                Message("there is no calendar {calendar}", calendar=shown(working.calendar)),
                remedy,
            )
        elif float(place.calendars[working.calendar].opens.value) + float(working.hours.value) > 24:
            opens = float(place.calendars[working.calendar].opens.value)
            problem = Message(
                "{hours:g} working hours from {opens:g} o'clock on pass midnight",
                hours=float(working.hours.value),
                opens=opens,
            )
            remedy = Message(
                "Lower hours, or let the calendar {calendar} open earlier.", calendar=working.calendar
            )
            yield Problem((*path, "hours"), problem, remedy)


def _tiers(place: Place) -> Iterator[Problem]:
    present = tiers(place)
    if not {"village", "township"} & present.keys():
        problem = Message("a place needs a village tier or a township tier, and both are null")
        yield Problem(("tiers",), problem, Message("Describe tiers.village or tiers.township."))
    for name, spec in present.items():
        yield from _one_of(("tiers", name), {"success": spec.success, "resolves": spec.resolves})
    for name, round_ in place.detection.rounds.items():
        if round_.enters not in present:
            problem = Message(
                "disputes found enter at the tier {enters}, which the place does not have",
                enters=round_.enters,
            )
            usable = [t for t in ("hamlet", "village", "township") if t in present]
            remedy = (
                Message("Write one of {usable}.", usable=listed(usable))
                if usable
                else Message("Describe that tier.")
            )
            yield Problem(("detection", "rounds", name, "enters"), problem, remedy)


def _lists(place: Place) -> Iterator[Problem]:
    from sim.scenario.measures import measure_problems
    from sim.scenario.metrics import KNOWN_METRICS

    seen: dict[str, int] = {}
    for i, mechanism in enumerate(place.mechanisms):
        for where, problem, remedy in measure_problems(mechanism, ()):
            yield Problem(("mechanisms", i, *where), problem, remedy)
        if mechanism.name in seen:
            problem = Message(
                "the mechanism {mechanism} is listed twice (also as mechanisms.{seen})",
                mechanism=mechanism.name,
                seen=seen[mechanism.name],
            )
            yield Problem(
                ("mechanisms", i, "name"), problem, Message("Keep one entry and put all its figures there.")
            )
        seen.setdefault(mechanism.name, i)
    for i, target in enumerate(place.targets):
        if target.metric not in KNOWN_METRICS:
            near = nearest(target.metric, KNOWN_METRICS)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("The command `list metrics` shows all of them.")
            )
            yield Problem(
                ("targets", i, "metric"),
                Message("there is no outcome {metric}", metric=shown(target.metric)),
                remedy,
            )
        if not 0 <= target.decimals <= 12:
            problem = Message("{decimals} decimals", decimals=shown(target.decimals))
            yield Problem(("targets", i, "decimals"), problem, Message("Write a whole number from 0 to 12."))
