"""What every answer of the program is: tables, figures, messages, a manifest, and a folder that it is kept in.

A question goes through three steps. A function such as `sim.studies.compare.plan` checks what was asked, without
simulating, and returns a `Plan`; the plan is carried out and gives a `Study`; whoever shows the study (a terminal,
JSON, a report, a notebook) reads nothing else. `sim.compare(...)` does all of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from sim.language import kept
from sim.runs.atomic_files import write_atomically
from sim.runs.batch import Progress, quiet
from sim.runs.executors.choose import executor_by_name
from sim.runs.executors.local import Executor, cores, warm
from sim.runs.guard import allowed
from sim.runs.sealed import sealed
from sim.studies.folders import claimed, rewritten
from sim.studies.results import ResultError, finish, json_text
from sim.studies.tables import write_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.scenario.place import Place

RESULTS = Path("results")
WORDS = "words"  # of a manifest: what the study says
COMMAND_LINE = "command_line"  # of `run.json`: the words that ask the same
STORE = RESULTS / "policies"  # replications by content, shared by all studies


@dataclass(frozen=True)
class Sketch:
    """What a figure shows: the name of a drawing of `sim.show.figures`, and what it is made of."""

    drawing: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Painter(Protocol):
    """Draws sketches; it lives on a floor above this one."""

    def draw(self, sketch: Sketch) -> Figure | None:
        """The figure, ready to be shown; None where there is nothing to show."""
        ...

    def save(self, sketches: Mapping[str, Sketch], folder: Path) -> list[Path]:
        """Write every sketch as PNG and SVG."""
        ...


_painter: list[Painter] = []


def paint_with(painter: Painter) -> None:
    """Say who draws figures. The public interface does so when it is loaded."""
    _painter[:] = [painter]


@contextlib.contextmanager
def silent(title: str) -> Iterator[Progress]:
    """No progress."""
    yield quiet


@dataclass(frozen=True)
class Work:
    """Where the replications of a study run and are kept, and who hears of their progress.

    `store` is the folder of finished replications, None where they are kept in memory. `progress(title)` is a context
    that yields a function of (done, total). `remote` are workers on other computers.
    """

    executor: Executor
    store: Path | None = STORE
    progress: Callable[[str], contextlib.AbstractContextManager[Progress]] = silent
    remote: bool = False


@contextlib.contextmanager
def working(
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
    *,
    store: Path | None = STORE,
    progress: Callable[[str], contextlib.AbstractContextManager[Progress]] = silent,
    script: bool = True,
) -> Iterator[Work]:
    """Workers for one or more studies; they end with the context.

    `script` minds scripts without a main guard, which have one worker. Raises ValueError for options that do not fit.
    """
    if executor == "processes" and script:
        many = allowed(cores() if workers is None else workers)
        chosen = executor_by_name("serial") if many == 1 else executor_by_name("processes", many)
    else:
        chosen = executor_by_name(executor, workers, scheduler)
    with contextlib.closing(warm(chosen)) as crew:
        yield Work(crew, store, progress, remote=scheduler is not None)


class Study(ABC):
    """The answer to one question. Subclasses are frozen dataclasses of what was found."""

    command: ClassVar[str]
    digits: ClassVar[str] = "%.8g"  # of numbers in tables that are kept

    @abstractmethod
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by the name of their file, those with rows only."""

    def figures(self) -> dict[str, Sketch]:
        """What can be drawn, by the name of its file."""
        return {}

    def sentences(self) -> list[Any]:
        """The answer in words, as `Message`s: what a report begins with."""
        return []

    def messages(self) -> list[Any]:
        """What a reader must know beside the tables: warnings first, as `Message`s."""
        return []

    @abstractmethod
    def manifest(self) -> dict[str, Any]:
        """What was asked and what decides the answer: enough to ask again. Has `command` and `key`."""

    @abstractmethod
    def answer(self) -> dict[str, Any]:
        """The answer for programs, see docs/json.md: mappings, lists, frames, numbers, texts."""

    @property
    def passed(self) -> bool:
        """False where the question was a check that failed."""
        return True

    @property
    def facts(self) -> dict[str, Any]:
        """What `run.json` says beside times and host."""
        return {}

    def figure(self, name: str | None = None) -> Figure:
        """One of `figures()`, drawn; the first by default. KeyError for a name that is not among them."""
        sketches = self.figures()
        chosen = next(iter(sketches)) if name is None else name
        drawn = _painter[0].draw(sketches[chosen]) if _painter else None
        if drawn is None:
            raise KeyError(f"{self.command} has nothing to show in the figure {chosen}")
        return drawn

    def save(
        self, folder: str | Path, *, figures: bool = True, overwrite: bool = False, run: Any = None
    ) -> Path:
        """Write tables, figures and manifest into a folder, the manifest last; returns the folder.

        `run` are times and host, for `run.json`. Raises ResultError for a folder that holds another answer.
        """
        key = self.manifest()["key"]
        with claimed(Path(folder), key, named_by_user=True, overwrite=overwrite) as path:
            self.keep(path, key, figures=figures, run=run)
        return path

    def keep(self, folder: Path, key: str, *, figures: bool = True, run: Any = None) -> None:
        """The same for a folder that is claimed already, for the `key` of this answer."""
        with rewritten(folder, key):
            self.write(folder)
            if figures and _painter:
                _painter[0].save(self.figures(), folder / "figures")
            if run is not None:
                write_atomically(folder / "run.json", json_text(sealed(run)))
            finish(folder, {**self.manifest(), WORDS: self.words()})

    def words(self) -> dict[str, Any]:
        """Sentences and messages in English, and what they are made of, for other languages."""
        said = {"sentences": self.sentences(), "messages": self.messages()}
        texts = {name: [str(one) for one in every] for name, every in said.items()}
        return {**texts, "phrases": kept(one for every in said.values() for one in every)}

    def write(self, folder: Path) -> None:
        """Write the tables as CSV. Machines read them: English, `digits`."""
        for name, frame in self.tables().items():
            write_table(folder / f"{name}.csv", frame, self.digits)


@dataclass(frozen=True)
class Manner:
    """How a plan is carried out, where that is not as most are: on which engine, with its replications kept in a folder
    of that name within the folder of its answer (empty: in the store that all share), and what its progress counts.
    """

    engine: str = "compiled"
    chunks: str = ""
    unit: str = "replications"


def manner_of(plan: object) -> Manner:
    """The `manner` of a plan; most have none of their own."""
    found: Manner = getattr(plan, "manner", Manner())
    return found


S_co = TypeVar("S_co", bound=Study, covariant=True)


class Plan(Protocol[S_co]):
    """A question that was checked and costs nothing yet."""

    @property
    def key(self) -> str:
        """Names the answer: digest of all that decides it."""
        ...

    @property
    def folder(self) -> str | Path:
        """Where the answer goes if nobody says another: a name is one below `results`."""
        ...

    @property
    def place(self) -> Place:
        """A place that will be simulated."""
        ...

    def opening(self, workers: int) -> str:
        """How much will be run, in a sentence."""
        ...

    def carry_out(self, work: Work) -> S_co:
        """Run what is missing and find the answer."""
        ...


def key_of(content: Any) -> str:
    """The key of an answer: a digest of what decides it, as JSON."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass
class Stopwatch:
    """Times and host of a piece of work, for `run.json`."""

    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Since it was started."""
        return time.perf_counter() - self.started

    def facts(self, engine: str, workers: int) -> dict[str, Any]:
        """What `run.json` holds."""
        return {
            "started": self.begun.isoformat(timespec="seconds"),
            "engine": engine,
            "seconds": round(self.seconds, 3),
            "workers": workers,
            "host": platform.node(),
            "platform": platform.platform(),
            "python": platform.python_version(),
        }


__all__ = ["Plan", "ResultError", "Sketch", "Study", "Work", "key_of", "paint_with", "working"]
