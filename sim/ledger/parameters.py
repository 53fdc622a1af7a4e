"""Parameters of a place that a ledger in our words identifies by themselves, whatever the others are.

Each rests on a choice or a clock that the model has independent of everything else, so that a count among those who
faced it, or the time at risk, is all the data say about it. What needs a prior to be turned into a parameter is in
derived.py.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from sim.export.activities import (
    ADJOURNED,
    BYPASSED,
    CHANNELS,
    ENDED,
    ENDS,
    FAILED,
    KNOWN,
    PASSED,
    PROCEDURE,
    QUEUED,
    REFUSED,
    RENEGED,
    REOPENED,
    REST,
)
from sim.language import Message, Text
from sim.ledger.estimate import Estimate
from sim.ledger.ledger import MINUTES_PER_DAY, Event, Ledger
from sim.ledger.spans import END_WORDS, STAGE_NAMES, Stay, spans
from sim.statistics.rates import mean_interval, share_interval
from sim.vocabulary import Channel, End, Tier

TRIALS = 20  # fewer than that and the parameter keeps its prior
ENDINGS = 5  # clocks seen to ring, likewise
# From these there is always a stage above, so that an end right after a failure can only be the parties' own.
LOW = ("hamlet", "village", "police")
TRIAL = Tier.TRIAL.name.lower()
GIVEN_UP, WITHDRAWN = ENDS[End.LUMPED], ENDS[End.WITHDRAWN]
SELF_SETTLED = ENDS[End.SELF_SETTLED]
_CHANNELS = frozenset(CHANNELS.values())
PARTY = {
    Channel.PARTY_VILLAGE: "village",
    Channel.PARTY_TOWNSHIP: "township",
    Channel.PARTY_POLICE: "police",
    Channel.PARTY_COURT: "court",
    Channel.PARTY_PETITION: "petition",
}


def parameters(ledger: Ledger, stays: Sequence[Stay]) -> list[Estimate]:
    """All of them that the ledger shows often enough; none in a ledger of other words."""
    if not ledger.words:
        return []
    if ledger.two_dates:  # two dates show no attempt, pause or way between stages
        return list(_channels(ledger))
    seen = {e.what for c in ledger.cases for e in c.events}
    out: list[Estimate] = []
    for stage in STAGE_NAMES:
        here = [s for s in stays if s.stage == stage]
        out += _consent(stage, here, seen)
        out += _sessions(stage, ledger)
        out += _patience(stage, here, seen)
        if stage in LOW:
            out += _after(stage, here, FAILED, (GIVEN_UP, WITHDRAWN), "dropout")
            out += _after(stage, here, RENEGED, (PASSED.strip(),), "patience_climbs")
    out += _pauses(ledger)
    out += _drops(stays)
    out += _withdrawal(stays)
    out += _judgments(stays)
    out += _channels(ledger)
    return out


def path_of(stage: str, name: str) -> str:
    """The path of a parameter of a tier."""
    return f"tiers.{stage.replace(' ', '_')}.{name}"


def share(path: str, hits: int, trials: int, note: Text, *, least: int = TRIALS) -> Iterator[Estimate]:
    """A share as an estimate of a parameter, if there were enough trials."""
    if trials >= least:
        low, high = share_interval(hits, trials)
        value = hits / trials
        yield Estimate(
            "parameters", path, value, low, high, "share", trials, Message("Jeffreys"), path, note=note
        )


def _consent(stage: str, stays: Sequence[Stay], seen: set[str]) -> Iterator[Estimate]:
    """The first visit of each stay begins with a refusal, a bypass, or neither. At trial nobody is asked."""
    if stage == TRIAL:
        return
    first = Counter(
        e.what
        for s in stays
        if (e := next((x for x in s.events if x.what in (REFUSED, BYPASSED, QUEUED, PROCEDURE)), None))
    )
    for what, name in ((REFUSED, "refuses"), (BYPASSED, "bypasses")):
        if what in seen:  # a ledger that never notes it says nothing about it
            yield from share(
                path_of(stage, name), first[what], first.total(), Message("first visits of stays")
            )


def _sessions(stage: str, ledger: Ledger) -> Iterator[Estimate]:
    """After each session the matter is adjourned, or the attempt is over."""
    more, last = 0, 0
    for case in ledger.cases:
        own = [e for e in case.events if e.own]
        for event, after in itertools.pairwise(own):
            if event.what == ENDED and event.stage == stage and after.minute == event.minute:
                if after.what in (ADJOURNED, QUEUED):
                    more += 1
                elif after.what == FAILED or after.what in END_WORDS:
                    last += 1
    if more + last >= TRIALS:
        low, high = share_interval(more, more + last)
        low, value, high = (1.0 / (1.0 - min(p, 0.93)) for p in (low, more / (more + last), high))
        path = path_of(stage, "sessions")
        note = Message("1 / (1 - share of sessions after which there is another)")
        yield Estimate(
            "parameters", path, value, low, high, "count", more + last, Message("Jeffreys"), path, note=note
        )


def _pauses(ledger: Ledger) -> Iterator[Estimate]:
    """Gaps between sessions and rests between attempts are exponential clocks; what breaks them off is independent."""
    total: Counter[tuple[str, str]] = Counter()
    ends: Counter[tuple[str, str]] = Counter()
    for span in spans(ledger):
        if span.what in ("adjournment", "rest"):
            total[span.stage, span.what] += span.minutes  # type: ignore[assignment]
            ends[span.stage, span.what] += span.seen
    for (stage, what), n in sorted(ends.items()):
        yield from _mean(
            path_of(stage, "gap_days" if what == "adjournment" else "rest_days"),
            float(total[stage, what]),
            n,
            Message("exponential, time at risk"),
        )


def _mean(path: str, minutes: float, ends: int, note: Text) -> Iterator[Estimate]:
    if ends >= ENDINGS:
        days = minutes / MINUTES_PER_DAY
        low, high = mean_interval(days, ends)
        method = Message("exponential (Cox)")
        yield Estimate("parameters", path, days / ends, low, high, "days", ends, method, path, note=note)


def _patience(stage: str, stays: Sequence[Stay], seen: set[str]) -> Iterator[Estimate]:
    """Time at risk is the first visit of each stay, from the arrival to the first failure, or to leaving."""
    if RENEGED not in seen:
        return
    total, ends = 0.0, 0
    for stay in stays:
        first = next((x.what for x in stay.events if x.what in (REFUSED, BYPASSED, QUEUED, PROCEDURE)), None)
        if first in (None, REFUSED, BYPASSED):
            continue
        over = next((x for x in stay.events if x.what in (FAILED, RENEGED)), None)
        total += (over.minute if over else stay.end) - stay.start
        ends += over is not None and over.what == RENEGED
    yield from _mean(path_of(stage, "patience_days"), total, ends, Message("first visits of stays"))


def _after(
    stage: str, stays: Sequence[Stay], what: str, hits: tuple[str, ...], name: str
) -> Iterator[Estimate]:
    """How often one of `hits` follows at once on an event."""
    trials, followed = 0, 0
    for stay in stays:
        for i, event in enumerate(stay.events):
            if event.what == what:
                trials += 1
                followed += _at_once(stay.events[i + 1 :], event, hits)
    yield from share(path_of(stage, name), followed, trials, Message("right after: {what}", what=what))


def _at_once(rest: Sequence[Event], event: Event, hits: tuple[str, ...]) -> bool:
    """Whether one of `hits` comes in the same minute, before a rest begins."""
    for other in rest:
        if other.minute != event.minute or other.what == REST:
            return False
        if other.what in hits:
            return True
    return False


def own_reason(stay: Stay) -> str:
    """What a stay's end followed from, in the same minute: a failure, lost patience, a session, or nothing of these."""
    last = [e.what for e in stay.events if e.minute == stay.end]
    return next((w for w in (FAILED, RENEGED, ENDED) if w in last), "")


def _drops(stays: Sequence[Stay]) -> Iterator[Estimate]:
    """Who drops out of mediation bears it or takes the matter back."""
    ends = Counter(
        s.to
        for s in stays
        if s.stage in LOW and s.to in (GIVEN_UP, WITHDRAWN) and own_reason(s) in (FAILED, RENEGED)
    )
    yield from share("going.dropout_lumps", ends[GIVEN_UP], ends.total(), Message("given up among dropouts"))


def openings(stays: Sequence[Stay]) -> Iterator[list[Stay]]:
    """The stays of each case from becoming known, or coming back, to its end or the ledger's."""
    by_case: dict[str, list[Stay]] = {}
    for stay in stays:
        by_case.setdefault(stay.case.name, []).append(stay)
    for own in by_case.values():
        line: list[Stay] = []
        for stay in own:
            if stay.arrival in (KNOWN, REOPENED):
                if line:
                    yield line
                line = [stay]
            elif line:  # a case that was known before the window began has no beginning
                line.append(stay)
        if line:
            yield line


def _withdrawal(stays: Sequence[Stay]) -> Iterator[Estimate]:
    """All the time that a dispute is open, the parties may settle by themselves or take it back."""
    total, ends = 0.0, Counter[str]()
    for line in openings(stays):
        total += line[-1].end - line[0].start
        last = line[-1]
        if last.to in (SELF_SETTLED, WITHDRAWN) and own_reason(last) == "":
            ends[last.to] += 1
    note = Message("time from becoming known to the end")
    yield from _mean("going.withdrawal_days", total, ends.total(), note)
    yield from share(
        "going.withdrawal_settles", ends[SELF_SETTLED], ends.total(), Message("self-settled among them")
    )


def _judgments(stays: Sequence[Stay]) -> Iterator[Estimate]:
    """How suits end that are heard to the end."""
    ends = Counter(s.to for s in stays if s.stage == TRIAL and s.to in END_WORDS and own_reason(s) == ENDED)
    yield from share(
        "going.trial_settles", ends[ENDS[End.SETTLED]], ends.total(), Message("suits heard to the end")
    )
    yield from share(
        "going.trial_withdraws", ends[WITHDRAWN], ends.total(), Message("suits heard to the end")
    )


def _channels(ledger: Ledger) -> Iterator[Estimate]:
    """Where a party turns that comes forward: the ledger has a column for how each dispute became known."""
    chosen = Counter(e.channel for c in ledger.cases for e in c.events if e.what == KNOWN and e.channel)
    if any(channel not in _CHANNELS for channel in chosen):
        return  # a register that says only whether it was applied for or referred does not say to whom
    by_name = {PARTY[c]: chosen[CHANNELS[c]] for c in PARTY}
    total = sum(by_name.values())
    for name, n in by_name.items():
        yield from share(
            f"detection.party_choice.{name}", n, total, Message("parties who come forward"), least=50
        )
