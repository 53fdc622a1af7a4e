"""Result folders: what a run writes, and how it is read again.

`manifest.json` says what was run, and holds all that is needed to run it again. Tables, figures and manifest are the
same bytes for the same scenario, seed and engine, whatever the number of workers; times and host are in `run.json`.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim import __version__
from sim.experiments.job import DIGEST_LAYER, PlaceJob, run_digest
from sim.experiments.store import read_parquet, write_atomically
from sim.experiments.summary import summarise
from sim.scenario.place import Place

MANIFEST = "manifest.json"
FORMAT = 1
LIBRARIES = ("numpy", "scipy", "simpy", "pandas", "pyarrow", "matplotlib", "chinesecalendar")


class ResultError(Exception):
    """A folder that cannot be used as asked. The message says what to do."""


@dataclass(frozen=True)
class Result:
    """A result folder, read: `frame` holds outcomes and series, one row per number."""

    folder: Path
    manifest: dict[str, Any]
    frame: pd.DataFrame
    summary: pd.DataFrame

    @property
    def place(self) -> Place:
        """The resolved scenario."""
        return Place.model_validate(self.manifest["scenario"])


def manifest_of(job: PlaceJob, replications: int, table: pa.Table, engine: str) -> dict[str, Any]:
    """What was run: scenario, seed, engine as asked for (the one taken is in `run.json`), versions, digest."""
    return {
        "format": FORMAT,
        "command": "run",
        "key": job.key,
        "place": job.place.name,
        "seed": job.seed,
        "engine": engine,
        "replications": replications,
        "trace_digest": run_digest(table),
        "versions": {"village-disputes": __version__, **versions()},
        "scenario": job.place.model_dump(mode="json"),
    }


def versions() -> dict[str, str]:
    """Versions of the libraries that may decide a result."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def free_folder(wanted: Path, key: str, *, named_by_user: bool, overwrite: bool = False) -> Path:
    """The folder to write to: never one that holds another run, unless the user says so."""
    if wanted.exists() and not wanted.is_dir():
        raise ResultError(f"{wanted} is a file; name a folder with --out")
    candidate, number = wanted, 1
    while True:
        held = _held(candidate)
        if held in ("", key) or overwrite:
            return candidate
        if named_by_user:
            raise ResultError(
                f"{candidate} holds {'other files' if held == '?' else 'the results of another run'}; "
                "choose another folder with --out, or replace it with --overwrite"
            )
        number += 1
        candidate = wanted.with_name(f"{wanted.name}-{number}")


def _held(folder: Path) -> str:
    """Key of the run that a folder belongs to; empty if the folder is free, `?` if it holds something else."""
    if not folder.exists() or not any(folder.iterdir()):
        return ""
    for name in (MANIFEST, "unfinished.json"):
        try:
            return str(json.loads((folder / name).read_text("utf-8"))["key"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return "?"


class Claimant(Protocol):
    """A job that can have a folder of its own."""

    @property
    def key(self) -> str: ...

    @property
    def seed(self) -> int: ...

    @property
    def place(self) -> Place: ...


def claim(folder: Path, job: Claimant) -> None:
    """Mark a folder as ours before the first replication is done."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / MANIFEST).exists():
        text = json.dumps({"key": job.key, "place": job.place.name, "seed": job.seed}, indent=2)
        write_atomically(folder / "unfinished.json", (text + "\n").encode())


def write_result(
    folder: Path,
    job: PlaceJob,
    replications: int,
    table: pa.Table,
    run: dict[str, Any],
    engine: str = "auto",
    *,
    figures: bool = True,
) -> Result:
    """Write all files of a run; the manifest last, so that a folder with a manifest is whole."""
    layer = table["layer"]
    frame = table.filter(pc.not_equal(layer, DIGEST_LAYER)).to_pandas(use_threads=False)
    summary = summarise(frame, job.place)
    (folder / MANIFEST).unlink(missing_ok=True)
    claim(folder, job)
    # One after the other, and not by pandas: each is as large as the outcomes themselves.
    values = pc.is_in(layer, pa.array(["true", "recorded"], layer.type))
    _write_parquet(folder / "outcomes.parquet", table.filter(values).drop_columns(["x"]))
    series = table.filter(pc.equal(layer, "series"))
    _write_parquet(folder / "series.parquet", series.drop_columns(["layer", "kind"]))
    del series
    csv = io.StringIO()
    summary.to_csv(csv, index=False, float_format="%.10g", lineterminator="\n")
    write_atomically(folder / "summary.csv", csv.getvalue().encode())
    if figures:
        from sim.plots.save import save_figures

        save_figures(frame, job.place, folder / "figures", seed=job.seed)
    write_atomically(folder / "run.json", json_text(run))
    manifest = manifest_of(job, replications, table, engine)
    write_atomically(folder / MANIFEST, json_text(manifest))
    (folder / "unfinished.json").unlink(missing_ok=True)
    return Result(folder, manifest, frame, summary)


def json_text(content: dict[str, Any]) -> bytes:
    """The bytes of a JSON file with sorted keys."""
    return (json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table; what is not defined is null, as pandas would write it."""
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table[field.name]
            table = table.set_column(place, field, pc.if_else(pc.is_nan(column), None, column))
    table = table.replace_schema_metadata(None)
    write_atomically(path, lambda file: pq.write_table(table, file, compression="zstd"))


def _read(path: Path) -> pd.DataFrame:
    """A table, read in one thread: Arrow's pools can abort a process that ends soon after."""
    frame: pd.DataFrame = read_parquet(path.read_bytes()).to_pandas(use_threads=False)
    return frame


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a result folder, or a manifest file."""
    file = path / MANIFEST if path.is_dir() else path
    try:
        manifest = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ResultError(f"{file} does not exist; name a result folder or its manifest.json") from None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ResultError(
            f"{file} is not a manifest ({error}); name a manifest.json that `run` wrote"
        ) from None
    wanted = {"key", "seed", "replications"}
    if not isinstance(manifest, dict) or not (
        wanted | {"scenario"} <= manifest.keys() or wanted | {"experiment", "county"} <= manifest.keys()
    ):
        raise ResultError(f"{file} is not the manifest of a run; name a manifest.json that `run` wrote")
    if manifest.get("format") != FORMAT:
        raise ResultError(
            f"{file} has format {manifest.get('format')}, this version reads {FORMAT}; run it anew"
        )
    return manifest


def read_result(folder: Path) -> Result:
    """Read the result folder of a place."""
    manifest = read_manifest(folder)
    if "scenario" not in manifest:
        raise ResultError(f"{folder} holds a nation; its tables are read as docs/nation.md says")
    folder = folder if folder.is_dir() else folder.parent
    try:
        values = _read(folder / "outcomes.parquet")
        series = _read(folder / "series.parquet")
        summary = pd.read_csv(folder / "summary.csv", keep_default_na=True)
    except (OSError, ValueError) as error:
        raise ResultError(f"{folder} is incomplete ({error}); run it anew with `rerun`") from None
    for column in ("tier", "kind", "unit", "exactness", "role"):
        summary[column] = summary[column].fillna("")
    series["layer"], series["kind"] = "series", ""
    return Result(folder, manifest, pd.concat([values, series], ignore_index=True), summary)
