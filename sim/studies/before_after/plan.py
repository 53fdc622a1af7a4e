"""A before-after comparison that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sim.language import Message, tr
from sim.runs.fingerprint import code_digest
from sim.scenario import terms
from sim.scenario.checks_window import Problem, window_problems
from sim.scenario.errors import UserError
from sim.scenario.metrics import FOLLOWED
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.studies.asked import metric, numbers, ranges
from sim.studies.before_after.found import Asked, BeforeAfter
from sim.studies.before_after.periods import periods, stretched
from sim.studies.county import Where, as_county
from sim.studies.inputs import inputs
from sim.studies.posteriors import draws_for
from sim.studies.question import question
from sim.studies.study import Work, key_of

REPLICATIONS = 200  # in all


@dataclass(frozen=True)
class BeforeAfterPlan:
    """A question that was checked."""

    asked: Asked

    @property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        return self.asked.key

    @property
    def folder(self) -> str:
        """By the name of the place."""
        return f"before-after-{self.asked.place.name}"

    @property
    def place(self) -> Place:
        """The place."""
        return self.asked.place

    def opening(self, workers: int) -> str:
        """How much will be run."""
        return tr(
            "{place}: {policy} from {start} on, {n} replications",
            place=terms.title(self.place.title),
            policy=terms.policy(self.asked.policy),
            start=self.asked.start,
            n=self.asked.replications,
        )

    def carry_out(self, work: Work) -> BeforeAfter:
        """Run what is missing."""
        asked = self.asked
        with work.progress(tr("replications")) as report:
            found = periods(
                asked.place,
                asked.measures,
                asked.without,
                asked.start,
                before=asked.before,
                after=asked.after,
                seed=asked.seed,
                replications=asked.replications,
                executor=work.executor,
                folder=work.store,
                draws=asked.draws,
                posterior=asked.posterior,
                progress=report,
                earlier=asked.earlier,
            )
        return BeforeAfter(asked, found)


@question(BeforeAfter)
def before_after(
    place: Where,
    policy: str,
    *,
    start: date | str,
    baseline: str = "practice",
    before: int = 365,
    after: int = 365,
    villages: int | None = None,
    by: str = "crimes",
    earlier: int = 365,
    trend: Mapping[str, tuple[float, float]] | Sequence[str] = (),
    claim: Mapping[str, float] | Sequence[str] = (),
    replications: int | None = None,
    draws: int | None = None,
    posterior: str = "auto",
    reading: str = "both",
    sets: Mapping[str, object] | Sequence[str] = (),
    seed: int = 1,
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> BeforeAfterPlan:
    """What a county sees when a policy starts on a date (YYYY-MM-DD), and what it would have seen without it.

    `before` and `after` are days; `claim` are reported changes in percent by metric. `villages` many are followed
    beside all, those with most of `by` in the `earlier` days before the base (0: in the base itself, which builds in
    regression to the mean). `trend` is what the province saw anyway, percent a year from LOW to HIGH by metric. Raises
    UserError, ScenarioError.
    """
    asked = inputs(locals())
    county = as_county(place, sets)
    one = county.place
    day = date.fromisoformat(start) if isinstance(start, str) else start
    chosen_on = earlier if villages else 0
    _can_be(one, day, chosen_on + before, after)
    longer = stretched(one, day, before, after)
    without, measures = tuple(parse(baseline, longer)), tuple(parse(policy, longer))
    chosen = metric(by, "--by", FOLLOWED)
    claims = numbers(claim, "--claim", FOLLOWED)
    trends = ranges(trend, "--trend", FOLLOWED)
    _enough(one, villages)
    drawn = draws_for(county.name, one, county.sets, posterior, reading)
    in_all = _in_all(replications, draws)
    many = draws or (min(drawn.count, in_all) if drawn else 1)
    if drawn is not None and many > drawn.count:
        raise UserError(
            Message(
                "a posterior has {count} parameter draws, fewer than --draws {many}",
                count=drawn.count,
                many=many,
            )
        )
    given = {
        "place": county.name, "policy": policy, "baseline": baseline, "start": day, "before": before,
        "after": after, "villages": villages, "by": by, "earlier": chosen_on, "trend": trends, "claim": claims,
        "replications": in_all,
        "draws": draws, "posterior": posterior, "reading": reading, "sets": list(county.sets), "seed": seed,
    }  # fmt: skip
    told = {name: str(value) for name, value in given.items()}
    key = key_of([told, one.model_dump(mode="json"), drawn.key if drawn else None, code_digest()])
    return BeforeAfterPlan(
        Asked(
            one,
            policy,
            baseline,
            measures,
            without,
            day,
            before,
            after,
            villages,
            chosen,
            chosen_on,
            trends,
            claims,
            in_all,
            many,
            drawn,
            seed,
            key,
            told,
            asked,
        )
    )


def _in_all(replications: int | None, draws: int | None) -> int:
    """Replications of all draws together: as in `compare`, those asked for are of each draw where draws are."""
    if draws is None or draws == 1:
        return replications or REPLICATIONS
    return draws * (replications or max(2, -(-REPLICATIONS // draws)))


def _enough(place: Place, villages: int | None) -> None:
    """Raise UserError where more villages are to be followed than there are."""
    there = int(place.villages.count.value)
    if villages is not None and villages > there:
        said = Message(
            "--villages {villages}: {place} has {there}", villages=villages, place=place.name, there=there
        )
        raise UserError(said)


def _can_be(place: Place, start: date, before: int, after: int) -> None:
    """Raise UserError where the two periods are not in the years, or longer than the time, of a simulation."""
    try:
        problems = list(window_problems(stretched(place, start, before, after)))
    except OverflowError:
        problems = [Problem((), Message("the periods leave the calendar"), "")]
    if problems:
        raise UserError(
            Message(
                "--start {start}, --before {before}, --after {after}: {problem}",
                start=start,
                before=before,
                after=after,
                problem=problems[0].problem,
            )
        )


plan = before_after.plan
