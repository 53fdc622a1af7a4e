"""What one change leaves as it was: two policies are compared on the same disputes with the same luck."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines import compiled, reference
from sim.engines.reference import machine
from sim.model import Model, build
from sim.outcomes import outcomes
from sim.population import slots_of, village_counts
from sim.traces import Trace, first_difference
from sim.vocabulary import Channel, Clock, DecisionPoint, End, EventKind, Job, Tier
from tests.pairing.follow import becoming_known, lives, luck, natures
from tests.places import MANY, STAFF, ample_place, quantity, rich_place, with_tables

SIZE = {"population": {"persons": 20_000}, "villages": {"count": 12}, "townships": {"count": 3}}
SCARCE = {
    **SIZE,
    "villages": {"count": 12, "mediators": 1, "grid_heads": 1},
    "incidence": {"latent_rate": 60},
}
DRAWS = Draws(17, 0)


@pytest.fixture(scope="module")
def ample() -> Model:
    """Nobody ever queues, so that disputes have nothing to do with each other."""
    return build(ample_place(population={"persons": 20_000}))


@pytest.fixture(scope="module")
def scarce() -> Model:
    """Everybody queues."""
    return build(rich_place(**SCARCE))


def superset(model: Model) -> np.ndarray:
    return slots_of(village_counts(model, DRAWS))


def run(model: Model, slots: np.ndarray | None = None) -> Trace:
    return compiled.simulate(model, DRAWS, slots)


def one_more(slots: np.ndarray) -> tuple[np.ndarray, int]:
    """The slots with one more dispute in the middle of the county, at the end of its village; and its slot."""
    villages = slots >> 16
    middle = int(villages[len(villages) // 2])
    new = int(slots[villages == middle].max()) + 1
    return np.sort(np.append(slots, new)), new


def test_in_the_ample_place_nobody_queues_and_in_the_scarce_one_they_do(ample: Model, scarce: Model) -> None:
    def waiting(model: Model) -> float:
        trace = run(model)
        enter, start = (trace.column("event") == e for e in (EventKind.ENTER, EventKind.START))
        job = trace.column("dispute") * 8 + trace.column("job")
        entered = {
            (j, m) for j, m in zip(job[enter].tolist(), trace.column("minute")[enter].tolist(), strict=True)
        }
        at_once = [
            (j, m) in entered
            for j, m in zip(job[start].tolist(), trace.column("minute")[start].tolist(), strict=True)
        ]
        return 1 - float(np.mean(at_once))

    assert waiting(ample) == 0
    assert waiting(scarce) > 0.3


def test_one_more_dispute_leaves_every_row_of_the_others_where_nobody_queues(ample: Model) -> None:
    slots = superset(ample)
    more, new = one_more(slots)
    before, after = run(ample, slots), run(ample, more)
    number = int(np.flatnonzero(more == new)[0])
    assert after.dispute_column("exists")[number] == 1 and number < len(slots) - 1
    rows = after.rows[after.column("dispute") != number].copy()
    assert len(rows) < len(after.rows)
    rows[rows[:, 2] > number, 2] -= 1  # those behind it move up by one in the list
    assert rows.tobytes() == before.rows.tobytes()
    assert np.delete(after.disputes, number, axis=0).tobytes() == before.disputes.tobytes()


def test_more_disputes_leave_the_luck_of_the_others_where_they_queue(scarce: Model) -> None:
    slots = superset(scarce)
    last = np.flatnonzero(np.diff(slots >> 16, append=-1))  # of each village
    more = np.sort(np.concatenate([slots, slots[last] + 1, slots[last] + 2]))
    before, after = run(scarce, slots), run(scarce, more)
    same_luck(before, after, at_least=2000)
    a, b = lives(before), lives(after)
    assert any(a[slot] != b[slot] for slot in a)  # they do take other people's time


def same_luck(a: Trace, b: Trace, at_least: int) -> None:
    """All that is drawn in both runs is drawn alike."""
    assert natures(a).items() <= natures(b).items()
    known_a, known_b = becoming_known(a), becoming_known(b)
    assert known_a == {slot: known_b[slot] for slot in known_a}
    luck_a, luck_b = luck(a), luck(b)
    common = luck_a.keys() & luck_b.keys()
    assert len(common) >= at_least
    assert [key for key in common if luck_a[key] != luck_b[key]] == []


def doubled(model: Model, staff: str) -> Model:
    pools = model.pools
    mine = pools.group == pools.groups.index(staff)
    return with_tables(
        model, pool_servers=np.where(mine, 2 * model.tables.pool_servers, model.tables.pool_servers)
    )


@pytest.mark.parametrize("staff", STAFF)
def test_twice_the_staff_change_nothing_where_there_were_enough(ample: Model, staff: str) -> None:
    before, after = run(ample), run(doubled(ample, staff))
    assert before.digest() == after.digest()
    assert MANY in ample.tables.pool_servers


@pytest.mark.parametrize("staff", ["village_mediators", "police", "judges"])
def test_twice_the_staff_leave_all_luck_where_there_were_too_few(scarce: Model, staff: str) -> None:
    before, after = run(scarce), run(doubled(scarce, staff))
    assert before.digest() != after.digest()
    assert (before.disputes == after.disputes).all()
    same_luck(before, after, at_least=2000)


def test_what_is_thinned_out_leaves_numbers_and_rows_of_the_rest(ample: Model) -> None:
    """A higher share that exists adds disputes to the run, takes none away and renumbers none."""
    traces = [run(with_tables(ample, keep=np.full(8, share))) for share in (0.0, 0.3, 0.5, 0.8, 1.0)]
    for fewer, more in pairwise(traces):
        assert fewer.dispute_column("slot").tolist() == more.dispute_column("slot").tolist()
        exist = [trace.dispute_column("exists") == 1 for trace in (fewer, more)]
        assert (exist[1] | ~exist[0]).all() and exist[1].sum() > exist[0].sum()
        a, b = lives(fewer), lives(more)
        assert a.items() <= b.items()
        kept = np.flatnonzero(exist[0])
        assert np.isin(more.rows[:, 2], kept).sum() == len(fewer.rows)
        assert more.rows[np.isin(more.rows[:, 2], kept)].tobytes() == fewer.rows.tobytes()
    assert traces[-1].dispute_column("exists").all() and not traces[0].dispute_column("exists").any()


def test_thinning_one_kind_leaves_the_other_kinds(ample: Model) -> None:
    keep = np.full(8, 1.0)
    keep[3] = 0.4
    a, b = run(with_tables(ample, keep=keep)), run(with_tables(ample, keep=np.full(8, 1.0)))
    gone = (a.dispute_column("exists") == 0) & (b.dispute_column("exists") == 1)
    assert set(b.dispute_column("kind")[gone].tolist()) == {3}
    assert lives(a).items() <= lives(b).items()


def test_a_larger_superset_thinned_more_is_the_same_number_of_grievances() -> None:
    found = []
    for size in (1.0, 1.5, 3.0):
        model = build(rich_place(incidence={"superset": size, "village_dispersion": 100}))
        found += [run(model).dispute_column("exists").sum()]
        assert model.tables.keep == pytest.approx(1 / size)
        assert len(superset(model)) == pytest.approx(size * found[-1], rel=0.06)
    # 100,000 persons, 20 per 1,000 and year, 545 days: 2,986 with a standard deviation of about 60.
    assert found == pytest.approx([2986] * 3, abs=240)


MONTHLY = {
    "channel": "household_visit",
    "every": quantity(30, "days"),
    "irregularity": quantity(0.5, "share"),
    "detects": quantity(0.3, "probability"),
    "coverage": quantity(1.0, "share"),
    "enters": "village",
}


@pytest.mark.parametrize("name", ["a_first", "z_last"])
def test_a_further_round_changes_only_what_it_finds(ample: Model, name: str) -> None:
    """Wherever its name puts it among the others, their luck stays theirs."""
    place = ample_place(population={"persons": 20_000}, detection={"rounds": {name: MONTHLY}})
    assert set(place.detection.rounds) == {"weekly", name}
    before, after = run(ample), run(build(place))
    a, b = lives(before), lives(after)
    known_a, known_b = becoming_known(before), becoming_known(after)
    found = [slot for slot in b if known_b.get(slot) != known_a.get(slot)]
    assert len(found) > 50
    assert {known_b[slot][1:] for slot in found} == {(EventKind.KNOWN, Channel.HOUSEHOLD_VISIT)}
    assert all(known_b[slot][0] <= known_a.get(slot, (before.horizon,))[0] for slot in found)
    unfound = a.keys() - set(found)
    assert len(unfound) > 50
    assert {slot: a[slot] for slot in unfound} == {slot: b[slot] for slot in unfound}


def with_success(model: Model, tier: Tier, shift: float) -> Model:
    logit = model.tables.success_logit.copy()
    logit[tier * 8 : tier * 8 + 8] += shift
    return with_tables(model, success_logit=logit)


@pytest.mark.parametrize("tier", [Tier.VILLAGE, Tier.TOWNSHIP, Tier.COURT_MEDIATION])
def test_the_odds_of_one_tier_touch_only_those_who_failed_or_succeed_there(ample: Model, tier: Tier) -> None:
    before, after = run(ample), run(with_success(ample, tier, 1.5))
    a, b = lives(before), lives(after)
    assert a.keys() == b.keys()
    changed = [slot for slot in a if a[slot] != b[slot]]
    touched = [slot for slot in a if any(row[3] == tier for row in a[slot])]
    assert set(changed) <= set(touched) and len(changed) > 10
    assert len(touched) < len(a) * 0.9
    for slot in changed:
        i = next(i for i, (x, y) in enumerate(zip(a[slot], b[slot], strict=False)) if x != y)
        # Up to the first attempt that now succeeds, all is as it was; the attempt itself took place in both.
        assert a[slot][i][1] == EventKind.FAILED and a[slot][i][3] == tier
        assert b[slot][i][1] == EventKind.END and b[slot][i][7] == End.SETTLED
        assert a[slot][i][0] == b[slot][i][0]
    same_luck(before, after, at_least=1000)


def test_better_odds_never_lose_a_success_of_the_same_attempt(scarce: Model) -> None:
    """Also where disputes queue: the odds fall with delay, so only what stays the same is compared."""
    flat = with_tables(scarce, delay_on_success=0.0)
    before, after = run(flat), run(with_success(flat, Tier.VILLAGE, 1.0))

    def ends(trace: Trace, event: EventKind) -> set[tuple[int, int]]:
        chosen = (trace.column("event") == event) & (trace.column("tier") == Tier.VILLAGE)
        if event == EventKind.END:
            chosen &= trace.column("detail") == End.SETTLED
        slot = trace.dispute_column("slot")[trace.column("dispute")[chosen]]
        return set(zip(slot.tolist(), trace.column("visit")[chosen].tolist(), strict=True))

    settled, failed = ends(before, EventKind.END), ends(after, EventKind.FAILED)
    assert len(settled) > 100 and len(failed) > 100
    assert not settled & failed


def test_asking_for_further_luck_moves_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new decision point, asked for before every other draw, again and again: the trace stays as it is."""
    model = build(rich_place(**SIZE))
    before = reference.simulate(model, DRAWS)
    asked: set[tuple[int, int]] = set()
    new = max(DecisionPoint) + 1

    class Curious(machine.Table):
        def u(self, point: int, visit: int, dispute: int) -> float:
            value = super().u(new, visit, dispute)
            asked.add((int(point), visit))
            assert super().u(new, visit, dispute) == value
            return super().u(point, visit, dispute)

        def place(self, point: int, visit: int, slot: int) -> float:
            super().place(new, visit, slot)
            return super().place(point, visit, slot)

    monkeypatch.setattr(machine, "Table", Curious)
    after = reference.simulate(model, DRAWS)
    assert first_difference(before, after) is None
    assert len({point for point, _ in asked}) > 35


def test_the_numbers_of_the_vocabulary_are_only_ever_added_to() -> None:
    """A renumbered decision point is other luck for all; a renumbered event is another trace."""
    frozen = {
        DecisionPoint: (52, "13cb3c1ede50"),
        EventKind: (25, "20efece7b6b8"),
        Clock: (13, "60dec1170134"),
        Job: (6, "257e2f9b7560"),
        Tier: (9, "8d773932707f"),
        End: (7, "d0a4b29b110c"),
    }
    for enumeration, (first, digest) in frozen.items():
        text = " ".join(f"{member.name}={int(member)}" for member in list(enumeration)[:first])
        assert hashlib.sha256(text.encode()).hexdigest()[:12] == digest, enumeration.__name__


def test_some_draws_of_today_are_the_draws_of_tomorrow() -> None:
    assert Draws(1, 0).key == (1641411168, 1963192212)
    found = [
        Draws(1, 0).u(point, visit, slot)
        for point, visit, slot in ((0, 0, 0), (28, 0x110, 65_537), (46, 0, 3))
    ]
    assert found == [0.9916212673997506, 0.6023464190075174, 0.5446816013427451]


@pytest.mark.parametrize("engine", [reference, compiled], ids=["reference", "compiled"])
def test_one_seed_one_trace_another_replication_another(engine: object) -> None:
    model = build(rich_place(**SIZE))
    simulate = engine.simulate  # type: ignore[attr-defined]
    first, again, other, seed = (
        simulate(model, draws).digest() for draws in (Draws(17, 0), Draws(17, 0), Draws(17, 1), Draws(18, 0))
    )
    assert first == again
    assert len({first, other, seed}) == 3


def test_a_model_built_twice_gives_the_same_trace() -> None:
    a, b = (build(rich_place(**SIZE)) for _ in range(2))
    assert run(a).digest() == run(b).digest()


def test_pairing_makes_a_difference_precise() -> None:
    """What it is for: the spread of the paired difference against that of two independent runs."""
    base = build(rich_place(**SCARCE))
    better = with_success(base, Tier.VILLAGE, 0.3)

    def settled(model: Model, seed: int, replication: int) -> float:
        draws = Draws(seed, replication)
        found = outcomes(compiled.simulate(model, draws), model, draws)
        return next(x.value for x in found if (x.metric, x.group) == ("ended_settled", "village"))

    runs = 16
    a = np.array([settled(base, 5, r) for r in range(runs)])
    b = np.array([settled(better, 5, r) for r in range(runs)])
    other = np.array([settled(better, 6, r) for r in range(runs)])
    assert b.mean() > a.mean()
    paired, independent = (b - a).var(ddof=1), (other - a).var(ddof=1)
    assert paired < independent / 10  # 34 against 3121 when this was written


def conserved(trace: Trace) -> None:
    """At every moment, at every tier: those who came are those who left and those who are there."""
    at: dict[int, int] = {}  # where each open dispute is
    here = dict.fromkeys(Tier, 0)
    came, left = dict.fromkeys(Tier, 0), dict.fromkeys(Tier, 0)
    arisen, unseen, known, ended = set[int](), set[int](), set[int](), set[int]()
    for _, event, d, job, tier, _, _, _, detail in trace.rows.tolist():
        if d < 0 or job:
            continue
        if event == EventKind.ARISE:
            assert d not in arisen
            arisen.add(d)
        elif event in (EventKind.KNOWN, EventKind.REOPEN):
            assert (d in ended) == (event == EventKind.REOPEN) and d in arisen and d not in at
            assert (d in known) == (event == EventKind.REOPEN)
            unseen.discard(d)
            known.add(d)
            ended.discard(d)
            at[d], came[tier], here[tier] = tier, came[tier] + 1, here[tier] + 1
        elif event == EventKind.CLIMB:
            assert at[d] == tier
            left[tier], here[tier] = left[tier] + 1, here[tier] - 1
            at[d], came[detail], here[detail] = detail, came[detail] + 1, here[detail] + 1
        elif event == EventKind.END and d not in known:
            unseen.add(d)
        elif event == EventKind.END:
            assert at.pop(d) == tier
            left[tier], here[tier] = left[tier] + 1, here[tier] - 1
            ended.add(d)
        elif event in (EventKind.UNRESOLVED, EventKind.RESOLVED, EventKind.REVIVED) or (
            event == EventKind.PETITION and d not in at
        ):
            assert d in ended | unseen and d not in at
        elif event not in (EventKind.CONFIRMED, EventKind.REPAIRED, EventKind.BREACH, EventKind.ENFORCED):
            assert at[d] == tier, EventKind(event).name  # only an open dispute does anything, and where it is
        else:
            assert d in ended
        assert len(known) == len(ended) + len(at)
    assert {t: came[t] - left[t] for t in Tier} == here
    assert here == {t: list(at.values()).count(t) for t in Tier}
    assert len(known) > 300 and len(ended) > 100 and len(at) > 5


def test_nobody_is_lost(ample: Model, scarce: Model) -> None:
    for model in (ample, scarce, with_tables(scarce, return_limit=1, breach=0.9)):
        conserved(run(model))
