"""A nation that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.engines.choose import choose_engine
from sim.language import tr
from sim.model import build
from sim.runs.batch import run as run_cases
from sim.runs.estimate import expected_disputes, refuse_too_large
from sim.runs.nation import NationRun, counties_of, county_place, draw_counties
from sim.scenario import terms
from sim.scenario.experiment import Nation, load_experiment
from sim.scenario.place import Place
from sim.studies.county import Where, named
from sim.studies.dry_run import Cost
from sim.studies.nation.found import NationRan
from sim.studies.question import question
from sim.studies.study import Manner, Work

CHUNK = 16  # counties that are stored together, and that an interruption may cost each worker
# Measured on one core of a small server (docs/nation.md): counties differ in size, so costs go by disputes.
SECONDS_PER_DISPUTE = {"compiled": 4.5e-6, "reference": 4.0e-4}
COUNTIES_PER_REPLICATION = 2  # whose outcomes take as much memory as those of one replication of a place
PROCESS_BYTES, DISPUTE_BYTES = 250e6, 2500.0


@dataclass(frozen=True)
class NationPlan:
    """Counties that were checked: the first `counties`, each `replications` times. `asked` is the engine asked for."""

    job: NationRun
    counties: int
    replications: int
    asked: str = "auto"

    @property
    def key(self) -> str:
        """Names the answer by all that decides it, but for how many counties and replications there are."""
        return self.job.key

    @property
    def folder(self) -> str:
        """By the name of the experiment."""
        return self.place.name

    @property
    def place(self) -> Place:
        """The typical county, under the name of the experiment."""
        return self.job.place

    @property
    def manner(self) -> Manner:
        """Counties are kept in the folder of the answer."""
        return Manner(self.job.engine, "chunks", "counties")

    def opening(self, workers: int) -> str:
        """What will be run."""
        return tr(
            "{title}: {n:,} of {total:,} counties, seed {seed}, {engine} engine, {workers} worker(s)",
            title=terms.title(self.job.nation.experiment.title),
            n=self.counties,
            total=int(self.job.nation.experiment.totals.counties),
            seed=self.job.seed,
            engine=tr(self.job.engine),
            workers=workers,
        )

    def carry_out(self, work: Work) -> NationRan:
        """Run what is missing. Raises TooLarge for what does not fit into memory."""
        self._refuse_too_large(0 if work.remote else work.executor.workers)
        wanted = counties_of(self.counties, self.replications)
        with work.progress(tr("counties")) as report:
            outcomes = run_cases(
                [self.job.case],
                wanted,
                executor=work.executor,
                folder=work.store,
                chunk=CHUNK,
                progress=report,
            )
        return NationRan(self.job, self.counties, self.replications, outcomes, self.asked)

    def _refuse_too_large(self, workers: int) -> None:
        """Raise `TooLarge` if the largest county on every worker, and the outcomes of all, do not fit into memory."""
        job = self.job
        drawn = draw_counties(job.nation, job.seed)
        largest = build(county_place(job.nation, drawn, int(drawn.persons[: self.counties].argmax())))
        rows = 1 + self.counties * self.replications // COUNTIES_PER_REPLICATION
        refuse_too_large(largest, job.engine, rows, workers)

    def cost(self, workers: int) -> Cost:
        """What it would cost, from what was measured."""
        job, nation = self.job, self.job.nation
        drawn = draw_counties(nation, job.seed)
        share = drawn.persons[: self.counties].sum() / drawn.persons.sum()
        disputes = expected(nation) * share * self.replications
        largest = expected(nation) * drawn.persons[: self.counties].max() / drawn.persons.sum()
        memory = (workers + 1) * PROCESS_BYTES + workers * largest * DISPUTE_BYTES
        experiment = nation.experiment
        return Cost(
            experiment.title,
            job.engine,
            workers,
            self.replications,
            disputes,
            None,
            disputes * SECONDS_PER_DISPUTE[job.engine] / workers,
            memory,
            self.counties,
            self.key,
            {"experiment": {"name": experiment.name, "title": experiment.title}},
        )


def expected(nation: Nation) -> float:
    """Expected grievances of the whole nation in one replication, warm-up included."""
    persons = float(nation.experiment.totals.persons) / float(nation.county.population.persons)
    return expected_disputes(build(nation.county)) * persons


def engine_for(asked: str, nation: Nation, counties: int, replications: int) -> str:
    """The engine that is worth its start-up."""
    share = counties / int(nation.experiment.totals.counties)
    return choose_engine(asked, expected(nation) * share * replications)


@question(NationRan, Cost)
def nation(
    experiment: Where,
    *,
    sets: Mapping[str, object] | Sequence[str] = (),
    seed: int = 1,
    engine: str = "auto",
    replications: int | None = None,
    counties: int | None = None,
    dry_run: bool = False,
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> NationPlan:
    """Simulate the counties of an experiment, all or the first `counties`, each `replications` times (default 1).

    Nothing is kept. With `dry_run` nothing is run and a `Cost` comes back. Raises ScenarioError for what cannot be.
    """
    name, changes = named(experiment, sets)
    loaded = load_experiment(name, changes)
    total = int(loaded.experiment.totals.counties)
    many, times = min(counties or total, total), replications or 1
    job = NationRun(loaded, seed, engine_for(engine, loaded, many, times))
    return NationPlan(job, many, times, engine)


plan = nation.plan
