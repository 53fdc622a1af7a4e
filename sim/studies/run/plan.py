"""A run that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.engines.choose import choose_engine
from sim.language import Message, tr
from sim.model import build
from sim.runs.batch import Batch, Progress
from sim.runs.estimate import estimate, expected_disputes, refuse_too_large
from sim.runs.place_run import PlaceRun
from sim.runs.precision import Precision, until_precise
from sim.runs.store import Stores
from sim.scenario import terms
from sim.scenario.comparison import is_comparison
from sim.scenario.errors import UserError
from sim.scenario.experiment import is_experiment
from sim.scenario.metrics import KNOWN_METRICS, PRECISE, Column
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.studies import compare, nation
from sim.studies.asked import metrics as metrics_of
from sim.studies.county import County as Loaded
from sim.studies.county import Where, about_place, as_county, named
from sim.studies.dry_run import Cost
from sim.studies.posteriors import PER_DRAW, draws_for
from sim.studies.question import question
from sim.studies.run.found import Ran
from sim.studies.study import Manner, Work

REPLICATIONS = 100


@dataclass(frozen=True)
class Precise:
    """Replications are added until the 95 % half-width of each metric is `target` of its mean, or `most` are done."""

    target: float
    metrics: tuple[str, ...]
    most: int


@dataclass(frozen=True)
class RunPlan:
    """A run that was checked. `asked` is the engine that was asked for, `job` has the one that is taken."""

    county: Loaded
    job: PlaceRun
    replications: int
    asked: str = "auto"
    precise: Precise | None = None

    @property
    def key(self) -> str:
        """Names the answer by all that decides it, but for the number of replications."""
        return self.job.key

    @property
    def folder(self) -> str:
        """By the name of the place."""
        return self.place.name

    @property
    def place(self) -> Place:
        """The place."""
        return self.job.place

    @property
    def manner(self) -> Manner:
        """Replications are kept in the folder of the answer."""
        return Manner(self.job.engine, "chunks")

    @property
    def most(self) -> int:
        """The largest number of replications that there may be."""
        return self.precise.most if self.precise else self.replications

    def opening(self, workers: int) -> str:
        """What will be run."""
        engine = {"reference": tr("SimPy reference engine"), "compiled": tr("compiled engine")}
        return tr(
            "{place}: seed {seed}, {engine}, {workers} worker(s)",
            place=terms.title(self.place.title),
            seed=self.job.seed,
            engine=engine[self.job.engine],
            workers=workers,
        )

    def carry_out(self, work: Work) -> Ran:
        """Run what is missing. Raises TooLarge for what does not fit into memory."""
        job, workers = self.job, 0 if work.remote else work.executor.workers
        refuse_too_large(build(job.place, job.measures), job.engine, self.most, workers)
        replications, remarks, stores = self.replications, [], Stores(work.store)
        with work.progress(tr("replications")) as report:
            if self.precise is not None:
                found = self._until_precise(self.precise, work, stores, report)
                replications = found.replications
                remarks.append(found.words)
            batch = Batch([job.case], [job.pairs(replications)], stores)
            batch.complete(executor=work.executor, progress=report)
        return Ran(self.county, job, replications, batch, self.asked, tuple(remarks))

    def _until_precise(self, asked: Precise, work: Work, stores: Stores, report: Progress) -> Precision:
        try:
            return until_precise(
                self.job,
                {name: Column(name, KNOWN_METRICS[name].layer) for name in asked.metrics},
                asked.target,
                executor=work.executor,
                maximum=asked.most,
                start=min(asked.most, max(2, self.replications)),
                folder=stores,
                progress=report,
            )
        except KeyError as error:  # a metric of parts of a place only, or one that this place does not have
            raise UserError(Message("--metrics: {error}", error=error.args[0])) from None

    def cost(self, workers: int) -> Cost:
        """What it would cost, from a sample of one replication. Raises UserError for what is impossibly large."""
        job, place = self.job, self.place
        try:
            found = estimate(build(place, job.measures), job.engine, self.replications, workers)
        except OverflowError as error:
            raise UserError(Message("{error}; take a smaller place", error=error)) from None
        return Cost(
            place.title,
            job.engine,
            workers,
            self.replications,
            found.disputes,
            found.rows,
            found.seconds,
            found.memory,
            None,
            self.key,
            {"place": about_place(place)},
        )


@question(Ran, nation.NationRan, compare.PoliciesCompared, Cost)
def run(
    place: Where,
    *,
    sets: Mapping[str, object] | Sequence[str] = (),
    policy: str | None = None,
    seed: int = 1,
    engine: str = "auto",
    replications: int | None = None,
    counties: int | None = None,
    posterior: str = "auto",
    reading: str = "both",
    precision: float | None = None,
    metrics: str | Sequence[str] | None = None,
    max_replications: int = 1000,
    dry_run: bool = False,
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> RunPlan | nation.NationPlan | compare.ComparePlan:
    """Simulate a place, or an experiment; nothing is kept. Returns a `Ran`: `summary`, `values`, `figure(name)`.

    Parameters come from the posterior of the place, two replications of each draw (`replications` in all, default 100),
    or are central values. `policy` is what is in force, such as `"none"` or `"practice+whistle"`; `posterior` is auto,
    none or a file; `precision` is a half-width as a share of the mean. An experiment of counties returns what `nation`
    does, one that compares what `compare` does; with `dry_run` nothing is run and a `Cost` comes back.
    Raises UserError and ScenarioError for what cannot be.
    """
    name, changes = named(place, sets)
    of_places = {"precision": precision, "metrics": metrics, "policy": policy}
    if is_comparison(name):
        for option, value in {"counties": counties, **of_places}.items():
            if value:
                raise UserError(Message("--{x} is not for an experiment that compares", x=option))
        return compare.plan(
            name, sets=changes, replications=replications, posterior=posterior, reading=reading
        )
    if is_experiment(name):
        for option, value in of_places.items():
            if value:
                raise UserError(
                    Message(
                        "--{option} is for places; an experiment runs every county --replications times",
                        option=option,
                    )
                )
        return nation.plan(
            name, sets=changes, seed=seed, engine=engine, replications=replications, counties=counties
        )
    if counties:
        raise UserError(Message("--counties is for experiments; a place has none"))
    return _of_place(
        as_county(place, sets),
        policy,
        seed,
        engine,
        replications or REPLICATIONS,
        posterior,
        reading,
        _precise(precision, metrics, max_replications),
    )


def _precise(precision: float | None, metrics: str | Sequence[str] | None, most: int) -> Precise | None:
    """What must be precise. UserError for what cannot be."""
    chosen = tuple(metrics_of(metrics, "--metrics", list(KNOWN_METRICS))) if metrics else PRECISE
    if not chosen:
        raise UserError(Message("--metrics names no metric; leave it out for the main ones"))
    if precision is None:
        return None
    if not 0 < precision < 1:
        raise UserError(Message("--precision is a share between 0 and 1, such as 0.01, not {x}", x=precision))
    if most < 2:
        raise UserError(Message("--max-replications: precision needs at least 2 replications"))
    return Precise(precision, chosen, most)


def _of_place(
    county: Loaded,
    policy: str | None,
    seed: int,
    asked: str,
    replications: int,
    posterior: str,
    reading: str,
    precise: Precise | None,
) -> RunPlan:
    place = county.place
    measures = None if policy is None else tuple(parse(policy, place))
    most = precise.most if precise else replications
    engine = choose_engine(asked, expected_disputes(build(place, measures)) * most)
    draws = draws_for(county.name, place, county.sets, posterior, reading)
    job = PlaceRun(place, seed, engine, measures, draws, 1 if precise else PER_DRAW)
    return RunPlan(county, job.possible(policy, county.sets, most), replications, asked, precise)


plan = run.plan
