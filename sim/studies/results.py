"""Result folders: what a run writes, and how it is read again.

`manifest.json` says what was run, and holds all that is needed to run it again. Tables, figures and manifest are the
same bytes for the same scenario, seed and engine, whatever the number of workers; times and host are in `run.json`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim import __version__
from sim.language import Message, english
from sim.runs.atomic_files import read_parquet, write_atomically
from sim.runs.fingerprint import libraries
from sim.runs.outcomes import Outcomes, Pair, numeric, text
from sim.runs.place_run import PlaceRun
from sim.runs.sealed import Damaged, check_digests, digests, document, read_sealed, sealed
from sim.scenario.metrics import LABELS, SERIES
from sim.scenario.parameter_draws import ParameterDraws, unpacked
from sim.scenario.place import Place
from sim.studies.crate import CRATE, crate, text_of
from sim.studies.tables import read_csv

MANIFEST = "manifest.json"
UNFINISHED = "unfinished.json"  # in its place while a folder is written
DRAWS = "posterior.json"
RUN = "run.json"  # times and host
FIGURES = "figures"
CHECKSUMS = "checksums.json"  # of figures; these depend on the language, which the manifest does not
_NUMBERS = (".csv", ".parquet", ".json", "answer.txt", "plan.yaml")
_NOT_LISTED = (MANIFEST, UNFINISHED, RUN, CRATE, CHECKSUMS, "chunks", "replications-*")
FORMAT = 2
WORDS = ("reading", "by", "group", "unit", "exactness", "role")  # columns of the summary that hold text
ROW_GROUP = 64  # replications; the bytes of a table depend on it, and on nothing that varies from run to run
_TYPES = {"replication": pa.int64(), "value": pa.float64(), "x": pa.float64()}  # of the others: text
TABLES = {
    name: pa.schema([(column, _TYPES.get(column, pa.string())) for column in columns])
    for name, columns in (
        ("outcomes.parquet", ("replication", *LABELS, "value")),
        ("series.parquet", ("replication", "metric", "by", "group", "value", "x")),
    )
}
LIBRARIES = ("pandas", "pyarrow", "matplotlib")  # beside those that decide digits


AGAIN = "what it has computed is kept and used again"


class ResultError(Exception):
    """A folder that cannot be used as asked. The message says what to do."""


@dataclass(frozen=True)
class Result:
    """A result folder: its manifest, all numbers as arrays, and their summary."""

    folder: Path
    manifest: dict[str, Any]
    numbers: Outcomes
    summary: pd.DataFrame

    @property
    def place(self) -> Place:
        """The resolved scenario."""
        return Place.model_validate(self.manifest["scenario"])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Outcomes and series as one long table, one row per number, which takes a hundred times the memory."""
        check(self.folder, self.manifest, tuple(TABLES))
        values, series = (
            read_parquet((self.folder / name).read_bytes()).to_pandas(use_threads=False) for name in TABLES
        )
        series["layer"], series["reading"] = SERIES, ""
        frame: pd.DataFrame = pd.concat([values, series], ignore_index=True)
        return frame


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that may decide a result."""
    found = dict(libraries())
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def finish(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Write the manifest, the last file of a folder, with the digests of all tables; returns what it holds."""
    for figures in (path for path in folder.rglob(FIGURES) if path.is_dir()):
        listed = {"files": digests(figures, (".png", ".svg"))}
        write_atomically(figures / CHECKSUMS, json_text(sealed(listed)))
    told = {"village-disputes": __version__, **versions()}
    whole = sealed({"versions": told, **manifest, "files": tables_in(folder)})
    write_atomically(folder / CRATE, text_of(crate(folder, whole, _run_facts(folder))))
    write_atomically(folder / MANIFEST, json_text(whole))
    (folder / UNFINISHED).unlink(missing_ok=True)
    return whole


def _run_facts(folder: Path) -> dict[str, Any] | None:
    """Times and host of a folder that has them."""
    try:
        found = document(folder / RUN)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def tables_in(folder: Path) -> dict[str, str]:
    """Digests of the tables of a folder, as its manifest lists them."""
    return digests(folder, _NUMBERS, _NOT_LISTED)


def check(folder: Path, manifest: dict[str, Any], names: Sequence[str] | None = None) -> None:
    """See that the tables of a folder, or only `names`, are those that were written. Raises ResultError."""
    try:
        check_digests(folder, manifest.get("files", {}), names)
    except Damaged as error:
        raise ResultError(
            Message(
                "{folder}: {error}. Run its command again; {again}.", folder=folder, error=error, again=AGAIN
            )
        ) from None


def json_text(content: dict[str, Any]) -> bytes:
    """The bytes of a JSON file with sorted keys."""
    return (
        json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True, default=english) + "\n"
    ).encode()


def _read_outcomes(folder: Path, pairs: Sequence[Pair]) -> Outcomes:
    """Both tables, by row groups and in one thread: Arrow's pools can abort a process that ends soon."""
    found, draws = Outcomes([""], [pairs]), np.array([draw for draw, _ in pairs], dtype=np.int64)
    for name in TABLES:
        with (folder / name).open("rb") as source, pq.ParquetFile(source, pre_buffer=False) as file:
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group, use_threads=False)
                if rows.num_rows:
                    found.add(_as_rows(rows, draws))
    return found


def _as_rows(table: pa.Table, draws: NDArray[np.int64]) -> pa.Table:
    """A table of a folder with the columns that it leaves out, since they are the same throughout."""
    n = table.num_rows
    table = table.append_column("draw", numeric(draws[table["replication"].to_numpy()]))
    left_out = {"layer": text([SERIES] * n), "reading": text([""] * n), "x": numeric(np.full(n, np.nan))}
    for name, values in left_out.items():
        if name not in table.column_names:
            table = table.append_column(name, values)
    return table


def _pairs(folder: Path, manifest: dict[str, Any]) -> list[Pair]:
    """The draw of each replication of a folder."""
    draws, per_draw, left_out = read_draws(folder, manifest)
    place = Place.model_validate(manifest["scenario"])
    run = PlaceRun(place, int(manifest["seed"]), "compiled", None, draws, per_draw, left_out)
    return run.pairs(int(manifest["replications"]))


def read_draws(path: Path, manifest: dict[str, Any]) -> tuple[ParameterDraws | None, int, tuple[int, ...]]:
    """The parameter draws that a manifest names, from beside it (None if it took none), replications of each, and the
    numbers of those left out.
    """
    told = manifest.get("posterior")
    if told is None:
        return None, 2, ()
    file = (path if path.is_dir() else path.parent) / DRAWS
    draws = unpacked(document(file)["parts"])
    if draws.key != told["key"]:
        problem = Message("{file} does not hold the parameter draws that the manifest names", file=file)
        raise ResultError(Message("{problem}. Run its command again; {again}.", problem=problem, again=AGAIN))
    return draws, int(told["per_draw"]), tuple(int(n) for n in told.get("left_out", ()))


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a result folder, or a manifest file."""
    file = path / MANIFEST if path.is_dir() else path
    try:
        manifest = read_sealed(file)
    except FileNotFoundError:
        raise ResultError(
            Message("{file} does not exist; name a result folder or its manifest.json", file=file)
        ) from None
    except (OSError, Damaged) as error:
        raise ResultError(
            Message(
                "{file} is not a manifest as `run` wrote it ({error}); run its command again",
                file=file,
                error=error,
            )
        ) from None
    return manifest


@contextlib.contextmanager
def fitting(path: Path) -> Iterator[None]:
    """Around what takes a manifest at its word: one whose checksum was renewed may say what it likes.

    Raises ResultError in place of what becomes of a word that is missing, or is another than was written.
    """
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        why = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        said = Message(
            "{path}: its manifest does not fit this version ({why}); run its command again",
            path=path,
            why=why,
        )
        raise ResultError(said) from error


def of_run(file: Path, manifest: Mapping[str, Any]) -> None:
    """Raise ResultError where a manifest is not that of a run that this version reads."""
    wanted = {"key", "seed", "replications"}
    if not (wanted | {"scenario"} <= manifest.keys() or wanted | {"experiment", "county"} <= manifest.keys()):
        raise ResultError(
            Message("{file} is not the manifest of a run; name a manifest.json that `run` wrote", file=file)
        )
    if manifest.get("format") != FORMAT:
        raise ResultError(
            Message(
                "{file} has format {x}, this version reads {format}; run it anew",
                file=file,
                x=manifest.get("format"),
                format=FORMAT,
            )
        )


def read_result(folder: Path) -> Result:
    """Read the result folder of a place."""
    manifest = read_manifest(folder)
    of_run(folder / MANIFEST if folder.is_dir() else folder, manifest)
    if "scenario" not in manifest:
        raise ResultError(
            Message("{folder} holds a nation; its tables are read as docs/nation.md says", folder=folder)
        )
    folder = folder if folder.is_dir() else folder.parent
    check(folder, manifest, (*TABLES, "summary.csv"))
    try:
        numbers = _read_outcomes(folder, _pairs(folder, manifest))
        summary = read_csv(folder / "summary.csv", dtype=dict.fromkeys(WORDS, str))
    except (OSError, ValueError) as error:
        raise ResultError(
            Message("{folder} is incomplete ({error}); run it anew with `rerun`", folder=folder, error=error)
        ) from None
    summary[list(WORDS)] = summary[list(WORDS)].fillna("")
    return Result(folder, manifest, numbers, summary)
