"""What the schema of single fields cannot see: whether the parts of a place fit together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sim import clock
from sim.scenario.errors import listed, nearest, shown
from sim.scenario.fields import PathKeys, dotted, quantities
from sim.scenario.place import KindSpec, Place, TierSpec
from sim.scenario.quantity import Quantity
from sim.vocabulary import Kind

COMMAND_LINE = "command line"
MAX_DAYS = 7305  # 20 years; the packed event key would hold 255, but calendars and memory would not
MAX_VILLAGES = 50_000
MAX_EXPECTED = clock.MAX_DISPUTES // 8  # leaves room for luck and for villages far above the mean
TOLERANCE = 0.001


@dataclass(frozen=True)
class Problem:
    """A fault without its line; `path` is where the remedy applies."""

    path: PathKeys
    problem: str
    remedy: str


@dataclass(frozen=True)
class StaffGroup:
    """Where a staff group is counted, and per what."""

    section: str
    field: str

    @property
    def path(self) -> PathKeys:
        """Path of the number of persons."""
        return (self.section, self.field)


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
        *_window(place),
        *_tiers(place),
        *_lists(place),
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
    unknown: dict[str, list[PathKeys]] = {}
    for path, key in used:
        if key != COMMAND_LINE and key not in place.sources:
            unknown.setdefault(key, []).append(path)
    for key, paths in unknown.items():
        near = nearest(key, place.sources)
        remedy = (
            f"Did you mean {near}?" if near else f"Add it there: {key or 'a key'}: {{title: …, date: …}}."
        )
        more = f" (also in {len(paths) - 1} other places)" if len(paths) > 1 else ""
        yield Problem(paths[0], f"the source {shown(key)} is not a key of sources{more}", remedy)


def _names(path: PathKeys, given: Iterable[str], wanted: Iterable[str], what: str) -> Iterator[Problem]:
    """Keys that must be exactly the wanted ones; a misspelt one is one problem, not two."""
    given, wanted = list(given), list(wanted)
    missing = [w for w in wanted if w not in given]
    for name in given:
        if name not in wanted:
            near = nearest(name, missing)
            if near:
                missing.remove(near)
            remedy = f"Did you mean {near}?" if near else f"Remove it; the {what}s are {listed(wanted)}."
            yield Problem((*path, name), f"{shown(name)} is no {what}", remedy)
    if missing:
        plural = "s are" if len(missing) > 1 else " is"
        yield Problem(
            path,
            f"the {what}{plural} missing: {listed(missing)}",
            f"Add {listed(missing)} below {dotted(path)}.",
        )


def _kinds(place: Place) -> Iterator[Problem]:
    wanted = [k.name.lower() for k in Kind]
    yield from _names(("kinds",), place.kinds, wanted, "kind of dispute")
    if set(place.kinds) == set(wanted):
        yield from _adds_up(("kinds",), [k.share for k in place.kinds.values()], "the shares of the kinds")


def _adds_up(path: PathKeys, shares: list[Quantity], what: str) -> Iterator[Problem]:
    total = sum(float(s.value) for s in shares)
    if abs(total - 1.0) > TOLERANCE:
        remedy = f"Change them by {1 - total:+.4g} in all, so that they add up to 1."
        yield Problem(path, f"{what} add up to {total:.4g}", remedy)


def _shares(place: Place) -> Iterator[Problem]:
    choice = place.detection.party_choice
    shares: list[Quantity] = [getattr(choice, name) for name in type(choice).model_fields]
    yield from _adds_up(("detection", "party_choice"), shares, "the shares")
    going = place.going
    ends = float(going.trial_settles.value) + float(going.trial_withdraws.value)
    if ends > 1.0 + TOLERANCE:
        problem = f"trial_settles and trial_withdraws add up to {ends:.4g}, more than all suits"
        yield Problem(("going", "trial_settles"), problem, "Lower one of the two; what is left is judged.")
    if float(place.incidence.superset.value) < 1.0:
        problem = f"value {float(place.incidence.superset.value):g} is below 1"
        remedy = "Write at least 1: 1 for no room, 1.5 if a policy may bring half as many grievances again."
        yield Problem(("incidence", "superset"), problem, remedy)


def _units(place: Place) -> Iterator[Problem]:
    villages, townships = int(place.villages.count.value), int(place.townships.count.value)
    if townships > villages:
        problem = f"{townships} townships but only {villages} villages, so that a township has no village"
        yield Problem(("townships", "count"), problem, f"Write at most {villages}, or raise villages.count.")
    if villages > MAX_VILLAGES:
        problem = f"{villages} villages are more than the program takes ({MAX_VILLAGES})"
        yield Problem(("villages", "count"), problem, "Model one county or city at a time.")
    window = place.window
    years = ((window.end - window.start).days + 1 + float(window.warm_up.value)) / 365.0
    rate = float(place.incidence.latent_rate.value) / 1000.0 * float(place.incidence.superset.value)
    expected = float(place.population.persons.value) * rate * years
    if years <= MAX_DAYS / 365.0 and expected > MAX_EXPECTED:
        problem = (
            f"some {expected:.3g} grievances would arise, more than the program takes ({MAX_EXPECTED:.3g})"
        )
        remedy = (
            "Check population.persons and the rate (per 1,000 persons per year), or model a smaller place."
        )
        yield Problem(("incidence", "latent_rate"), problem, remedy)


def _users(place: Place) -> dict[str, str]:
    """Staff groups that something needs, and what needs them."""
    users: dict[str, str] = {spec.staff: f"the tier {name}" for name, spec in reversed(tiers(place).items())}
    users.setdefault(place.petition.desk, "the petition desk")
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
            problem = (
                f"{user} has staff in {total} of {units[group.section]} {group.section} only: "
                f"{float(number.value):g} {number.unit}"
            )
            yield Problem(group.path, problem, "Write at least 1, so that no dispute waits for nobody.")
        if total < 1:
            exits = {"county": ", say county.outside: true"}.get(group.section, "")
            remedy = f"Write at least 1 person in all, or set the tier to null{exits}."
            if user == "the petition desk":
                remedy = f"Write at least 1 person in all, or another petition.desk{exits}."
            problem = f"{user} has no staff: {float(number.value):g} {number.unit} make 0 persons"
            yield Problem(group.path, problem, remedy)


def _working(place: Place) -> Iterator[Problem]:
    for name in place.working:
        if name not in STAFF:
            near = nearest(name, STAFF)
            remedy = f"Did you mean {near}?" if near else f"Staff groups are {listed(STAFF)}."
            yield Problem(("working", name), f"{shown(name)} is no staff group", remedy)
    unknown = [name for name in place.working if name not in STAFF]
    for staff, user in _users(place).items():
        if staff not in place.working and not nearest(staff, unknown):
            remedy = f"Add below working: {staff}: {{calendar: …, hours: …, share: …}}."
            yield Problem(("working",), f"{staff} have no working hours, but {user} needs them", remedy)
    for staff, working in place.working.items():
        path: PathKeys = ("working", staff)
        hours = float(working.hours.value) * float(working.share.value)
        if hours * 60 < 1:
            problem = f"{float(working.hours.value):g} hours times share {float(working.share.value):g}"
            remedy = "Raise the share: at least one minute a day must be left for disputes."
            yield Problem((*path, "share"), f"{problem} leave less than a minute per day", remedy)
        if working.calendar not in place.calendars:
            near = nearest(working.calendar, place.calendars)
            remedy = (
                f"Did you mean {near}?" if near else f"Calendars are {listed(place.calendars) or 'none yet'}."
            )
            yield Problem((*path, "calendar"), f"there is no calendar {shown(working.calendar)}", remedy)
        elif float(place.calendars[working.calendar].opens.value) + hours > 24:
            opens = float(place.calendars[working.calendar].opens.value)
            problem = f"{hours:g} working hours from {opens:g} o'clock on pass midnight"
            remedy = f"Lower hours, or let the calendar {working.calendar} open earlier."
            yield Problem((*path, "hours"), problem, remedy)


def _window(place: Place) -> Iterator[Problem]:
    window = place.window
    first, last = window.start, window.end
    if not 1949 <= first.year <= 2100:
        problem = f"the year {first.year} is outside 1949 to 2100"
        yield Problem(("window", "start"), problem, "Write the date as YYYY-MM-DD.")
        return
    if last <= first:
        problem = f"the window has no length: it ends on {last} and starts on {first}"
        yield Problem(("window", "end"), problem, "Write an end after the start.")
        return
    if window.end_earliest <= first:
        problem = f"{window.end_earliest} is not after the start of the window, {first}"
        yield Problem(
            ("window", "end_earliest"), problem, "Write the earliest day on which the figures may end."
        )
    elif window.end_earliest > last:
        problem = f"{window.end_earliest} is after end, {last}"
        yield Problem(("window", "end_earliest"), problem, f"Write {last} or earlier.")
    if window.end_latest < last:
        problem = f"{window.end_latest} is before end, {last}"
        yield Problem(("window", "end_latest"), problem, f"Write {last} or later.")
    days = (max(last, window.end_latest) - first).days + 1 + math.ceil(float(window.warm_up.value))
    if days > MAX_DAYS:
        long_warm_up = float(window.warm_up.value) > MAX_DAYS / 2
        path: PathKeys = ("window", "warm_up" if long_warm_up else "end")
        problem = f"window and warm-up last {days} days, which overflows the clock of {MAX_DAYS} (20 years)"
        yield Problem(path, problem, "Shorten the window or the warm-up.")
        return
    yield from _open_days(place, (last - first).days + 1)


def _open_days(place: Place, days: int) -> Iterator[Problem]:
    first = place.window.start
    days = min(days, 400)  # no calendar is closed for a year
    for name in dict.fromkeys(w.calendar for w in place.working.values()):
        calendar = place.calendars.get(name)
        if calendar is None:
            continue
        if not clock.open_days(first, days, weekends=calendar.weekends, holidays=calendar.holidays).any():
            problem = f"no day is open between {first} and {first + timedelta(days=days - 1)}"
            yield Problem(
                ("calendars", name), problem, "Write weekends: true, holidays: true or a longer window."
            )


def _tiers(place: Place) -> Iterator[Problem]:
    present = tiers(place)
    if not {"village", "township"} & present.keys():
        problem = "a place needs a village tier or a township tier, and both are null"
        yield Problem(("tiers",), problem, "Describe tiers.village or tiers.township.")
    for name, round_ in place.detection.rounds.items():
        if round_.enters not in present:
            problem = f"disputes found enter at the tier {round_.enters}, which the place does not have"
            usable = [t for t in ("hamlet", "village", "township") if t in present]
            remedy = f"Write one of {listed(usable)}." if usable else "Describe that tier."
            yield Problem(("detection", "rounds", name, "enters"), problem, remedy)


def _lists(place: Place) -> Iterator[Problem]:
    from sim.scenario.measures import measure_problems
    from sim.scenario.metrics import KNOWN_METRICS

    seen: dict[str, int] = {}
    for i, mechanism in enumerate(place.mechanisms):
        for where, problem, remedy in measure_problems(mechanism, ()):
            yield Problem(("mechanisms", i, *where), problem, remedy)
        if mechanism.name in seen:
            problem = (
                f"the mechanism {mechanism.name} is listed twice (also as mechanisms.{seen[mechanism.name]})"
            )
            yield Problem(("mechanisms", i, "name"), problem, "Keep one entry and put all its figures there.")
        seen.setdefault(mechanism.name, i)
    for i, target in enumerate(place.targets):
        if target.metric not in KNOWN_METRICS:
            near = nearest(target.metric, KNOWN_METRICS)
            remedy = f"Did you mean {near}?" if near else "The command `list metrics` shows all of them."
            yield Problem(("targets", i, "metric"), f"there is no outcome {shown(target.metric)}", remedy)
        if not 0 <= target.decimals <= 12:
            problem = f"{shown(target.decimals)} decimals"
            yield Problem(("targets", i, "decimals"), problem, "Write a whole number from 0 to 12.")
