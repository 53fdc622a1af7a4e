"""fit(ledger) -> everything it identifies, and a place file that has been loaded once before anybody sees it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from sim.language import Message, Phrase, Text
from sim.ledger.arrivals import Arrivals, arrivals
from sim.ledger.closings import closings, of_closings
from sim.ledger.derived import derived, moves, notes_failures
from sim.ledger.durations import durations
from sim.ledger.estimate import Estimate
from sim.ledger.known import known, known_range
from sim.ledger.ledger import Ledger
from sim.ledger.parameters import parameters
from sim.ledger.place_file import About, listed_paths, place_text
from sim.ledger.routing import routing
from sim.ledger.spans import stays
from sim.ledger.unidentified import unidentified
from sim.model import build
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.scenario.terms import Term

LATENT = "incidence.latent_rate"
SURVEY = (
    14.0,
    28.0,
)  # grievances per 1,000 persons a year in one survey's reading (scenarios/national/priors.yaml)
_RESTS_ON: dict[str, tuple[str, ...]] = {
    "arrivals": ("received",),
    "season": ("received",),
    "townships": ("received", "town"),
    "villages": ("received", "town", "site"),
    "kinds": ("kind",),
    "closings": ("outcome", "organisation", "received", "closed"),
    "durations": ("received", "closed"),
    "parameters": ("received", "kind", "site"),
}
_OF_EVENTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("arrivals", "season", "durations", "routing", "closings"), ("time", "activity")),
    **{"townships": ("time", "town"), "villages": ("time", "site"), "kinds": ("kind",)},
    "parameters": ("time", "activity", "kind", "site"),
}


@dataclass(frozen=True)
class Sizes:
    """Persons by site, and the file that says so."""

    file: str
    persons: Mapping[str, float]


@dataclass(frozen=True)
class Told:
    """What the user knows beside the ledger; None is what nobody told.

    `written_down` is the share of known disputes that the ledger holds, `written_range` the range it may lie in, and
    `written_told` whether anybody said so: without that a register of two dates does not tell how many are known.
    `mediated` and `succeeded` are what the place reported of the same window.
    """

    name: str
    villages: int | None = None
    persons: int | None = None
    townships: int | None = None
    sizes: Sizes | None = None
    written_down: float = 1.0
    written_range: tuple[float, float] | None = None
    written_told: bool = True
    mediated: int | None = None
    succeeded: int | None = None


@dataclass(frozen=True)
class Fitted:
    """What a ledger says: `estimates` of all groups; `text` of a place file, and the `place` that it makes.

    `missing` has (what, why, paths) of what keeps its prior.
    """

    about: About
    arrivals: Arrivals
    estimates: tuple[Estimate, ...]
    missing: tuple[tuple[Phrase, Phrase, list[str]], ...]
    remarks: tuple[Text, ...]
    text: str
    place: Place


def fit(ledger: Ledger, told: Told) -> Fitted:
    """All estimates of a ledger and the place file. Raises ScenarioError if the two do not make a place."""
    sizes = told.sizes.persons if told.sizes else None
    found = arrivals(ledger, told.villages, sizes)
    about = _about(ledger, told, found)
    at_stages = stays(ledger) if ledger.words and not ledger.two_dates else []
    ended = closings(ledger) if ledger.two_dates else []
    measured = parameters(ledger, at_stages)
    place = loaded(place_text(about, measured), about)
    by_prior = derived(ledger, at_stages, found, place, known(place))
    # The mix of kinds changes which share becomes known: once more with the ledger's own mix.
    kinds = [e for e in by_prior if e.path.startswith("kinds.")]
    place = loaded(place_text(about, [*measured, *kinds]), about)
    shares = known(place)
    by_prior = derived(ledger, at_stages, found, place, shares)
    direct = [*measured, *by_prior]
    if not _tells_how_many(direct, ledger, told):
        direct = [e for e in direct if e.path != LATENT]
    fitted = [_widened(e, told, shares.share, place) for e in direct]
    of_stays = (
        of_closings(ledger, ended)
        if ledger.two_dates
        else [*durations(ledger, at_stages), *routing(ledger, at_stages)]
    )
    listed = tuple(resting_on(e, ledger) for e in (*found.estimates, *of_stays, *direct))
    missing = tuple(unidentified(place, {e.path for e in fitted}))
    remarks = tuple(_remarks(ledger, told, found, fitted, shares.share))
    text = place_text(about, fitted, comments(listed, missing, remarks))
    return Fitted(about, found, listed, missing, remarks, text, loaded(text, about))


def _tells_how_many(estimates: Sequence[Estimate], ledger: Ledger, told: Told) -> bool:
    """Whether the number of rows says how many disputes there are.

    A register holds a part of the known ones, and nobody said which: then the survey's rate stands, unless the rows
    alone are more than it allows, or the people whom it counts by are assumed themselves.
    """
    if told.written_told or not ledger.two_dates or (told.persons is None and told.sizes is None):
        return True
    rate = next((e for e in estimates if e.path == LATENT), None)
    return rate is not None and rate.low > SURVEY[1]


def resting_on(estimate: Estimate, ledger: Ledger) -> Estimate:
    """The estimate with the columns of the file that it was counted from."""
    columns = ledger.facts.columns
    known = _RESTS_ON if "received" in columns else _OF_EVENTS
    names = [columns[c] for c in known.get(estimate.group, ()) if columns.get(c)]
    return replace(estimate, rests_on=Message("{list}", list=names) if names else "")


def loaded(text: str, about: About) -> Place:
    """The place that a text makes; it is built, too, so that nothing is wrong with it.

    Raises ScenarioError, which names the ledger and not the text, where people, villages and ledger make no place.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{about.name}.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            place = load_place(path)
            build(place)
        except ScenarioError as error:
            said = [f"{f.path}: {f.problem}" for f in error.faults]
            remedy = Message("Check --persons, --villages, --townships and the window.")
            problem = Message("the place would not be valid: {said}", said="; ".join(said))
            raise ScenarioError([Fault(about.file, 0, "", problem, remedy)]) from None
    return place


def _about(ledger: Ledger, told: Told, found: Arrivals) -> About:
    persons = told.persons
    if persons is None and told.sizes is not None:
        persons = max(1, round(float(found.persons.sum())))
    spread = float(np.std(found.persons) / np.mean(found.persons)) if found.sized else None
    return About(
        name=told.name,
        file=ledger.file,
        sha256=ledger.sha256,
        cases=len(ledger.cases),
        start=ledger.start.date(),
        end=(ledger.end - timedelta(minutes=1)).date(),
        guessed=ledger.guessed,
        villages=len(found.counts),
        villages_told=told.villages is not None or told.sizes is not None,
        persons=persons,
        townships=told.townships or _townships(ledger, len(found.counts)),
        townships_told=told.townships is not None,
        written_down=told.written_down,
        written_range=told.written_range,
        mediated=told.mediated,
        succeeded=told.succeeded,
        size_cv=spread,
        sizes_file=told.sizes.file if told.sizes else "",
    )


def _townships(ledger: Ledger, villages: int) -> int | None:
    """Townships that the ledger names, at most as many as villages; None where it names none."""
    return min(villages, len({c.town for c in ledger.cases if c.town})) or None


def _widened(estimate: Estimate, told: Told, share: float, place: Place) -> Estimate:
    """The rate of grievances with the range that the priors of detection leave: only its product is identified.

    What else is known of the rate still holds: the range is no wider than the survey's where the two overlap.
    """
    if estimate.path != LATENT:
        return estimate
    least, most = known_range(place)
    written_down = told.written_down
    fewest, all_but = told.written_range or (written_down, written_down)
    value = estimate.value / written_down
    low = estimate.low * share / max(most, share) / all_but
    high = estimate.high * share / max(1e-3, min(least, share)) / fewest
    if low <= SURVEY[1] and high >= SURVEY[0]:
        low, high = min(value, max(low, SURVEY[0])), max(value, min(high, SURVEY[1]))
    about = {"share": share, "least": least, "most": most}
    note = (
        Message(
            "reproduces the known disputes when {share:.0%} become known ({least:.0%} to {most:.0%} by the priors)",
            **about,
        )
        if written_down == 1.0
        else Message(
            "reproduces the known disputes when {share:.0%} become known ({least:.0%} to {most:.0%} by the priors); "
            "{x:g} of the known are taken to be in the ledger",
            **about,
            x=written_down,
        )
    )
    return replace(estimate, value=value, low=low, high=high, given="", note=note)


def _remarks(
    ledger: Ledger, told: Told, found: Arrivals, fitted: Sequence[Estimate], share: float
) -> list[Text]:
    out: list[Text] = []
    if ledger.guessed:
        out.append(
            Message(
                "The window is that of the first and last event. If the ledger covers more days, say --from and --to."
            )
        )
    if not ledger.words:
        out.append(
            Message(
                "No activity is one of docs/event_logs.md: durations and shares are by the ledger's own activities, "
                "the first event of a case counts as its arrival, and parameters beyond arrivals and kinds keep their "
                "priors. Say what activities mean by --activity."
            )
        )
    elif ledger.foreign:
        most = sorted(ledger.foreign.items(), key=lambda x: -x[1])[:5]
        words = [Message("{name} ({n})", name=name, n=n) for name, n in most]
        out.append(
            Message(
                "{n} activities have no meaning here and were passed over, such as {list}.",
                n=len(ledger.foreign),
                list=words,
            )
        )
    if ledger.words and not ledger.has_intake:
        out.append(
            Message(
                "No activity is `known at` a stage: the first event of a case counts as its arrival, and cases that "
                "were open when the window began count, too."
            )
        )
    out += [notice.text for notice in ledger.notices]
    if ledger.two_dates:
        out.append(
            Message(
                "The ledger has two dates and an outcome of each dispute. It says how long they took and how they "
                "ended, not which attempts failed: success, refusals, pauses and the way between stages keep their "
                "priors, and the share written down as settled is no rate of success."
            )
        )
    elif ledger.words and not notes_failures(ledger):
        with_reason, moved = moves(ledger)
        out.append(
            Message(
                "The log does not tell which attempts failed ({told} of {n} moves to the next stage have a reason): "
                "success keeps its prior.",
                told=with_reason,
                n=moved,
            )
        )
    before = len(ledger.cases) - found.total
    if before:
        out.append(
            Message(
                "{n} cases were known before the window began, or to nobody: they are no arrivals of it.",
                n=before,
            )
        )
    if ledger.outside:
        out.append(Message("{n} events lie outside the window and were left out.", n=ledger.outside))
    if told.villages is None and told.sizes is None:
        out.append(
            Message(
                "Villages without a case are not in the ledger. Say how many there are in all: --villages."
            )
        )
    if told.persons is None and told.sizes is None:
        out.append(
            Message(
                "Rates per head rest on an assumed number of people. Say --persons, or --sizes for each village."
            )
        )
    rate = next((e for e in fitted if e.path == LATENT), None)
    if rate is None and found.total and not told.written_told:
        out.append(
            Message(
                "Nobody said which share of the known disputes the register holds, so the number of its rows sets no "
                "rate of grievances: the survey's stands. If you know it, say --written-down, if only as a range."
            )
        )
    if rate is not None and not SURVEY[0] <= rate.value <= SURVEY[1]:
        out.append(
            Message(
                "{x:.3g} grievances per 1,000 persons a year lie outside a survey's 14 to 28, if {share:.0%} become "
                "known and the ledger holds all of them: see --written-down.",
                x=rate.value,
                share=share,
            )
        )
    return out


def comments(
    estimates: Sequence[Estimate],
    missing: Sequence[tuple[Phrase, Phrase, list[str]]],
    remarks: Sequence[Text],
) -> list[Text]:
    """What the file says beside its numbers: all estimates, and what is not identified."""
    out: list[Text] = ["", Message("What the ledger says: value (95 % interval) unit, n, method.")]
    group = ""
    for e in estimates:
        if e.group == "parameters":
            continue  # these are numbers of the file
        if e.group != group:
            group = e.group
            out.append(Message("-- {group}", group=Message(group)))
        interval = Message(" ({low:.4g} to {high:.4g})", low=e.low, high=e.high) if e.low < e.high else ""
        out.append(
            Message(
                "{name}: {value:.4g}{interval} {unit}, n = {n}, {method}{note}",
                name=e.name,
                value=e.value,
                interval=interval,
                unit=Term("unit", e.unit),
                n=e.n,
                method=e.method,
                note=Message("; {note}", note=e.note) if e.note else "",
            )
        )
    out += ["", Message("Not identified by a ledger: keeps its prior.")]
    out += [
        Message("- {what}: {why}: {paths}", what=what, why=why, paths=listed_paths(paths))
        for what, why, paths in missing
    ]
    return [*out, "", *remarks]
