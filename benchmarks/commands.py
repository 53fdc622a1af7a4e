"""What a user waits for: (c) the national year, (e) the start of `run`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.measure import ROOT, Peak, Row, absent, row

NATION, START = "c", "e"
RUN = [sys.executable, str(ROOT / "run_sim.py"), "run"]
GIB = 1024**3


def _environment(**more: str) -> Mapping[str, str]:
    return {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | more


def nation(quick: bool = False) -> Iterator[Row]:
    """A year of all counties with two workers, as the command does it: from its start until its files are written."""
    bars = {"national year, wall time": ("s", 120.0), "national year, peak memory": ("GiB", 1.0)}
    if not (ROOT / "scenarios" / "experiments" / "national_year.yaml").exists():
        for name, (unit, bar) in bars.items():
            yield absent(NATION, name, unit, "not there yet", bar=("<=", bar))
        return
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [*RUN, "national_year", "--workers", "2", "--engine", "compiled", "--out", str(out)]
        command += ["--counties", "40"] if quick else []
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment()
        )
        with Peak(process.pid) as peak:
            _, errors = process.communicate()
        spent = time.perf_counter() - begun
        if process.returncode:
            last = errors.decode(errors="replace").strip().splitlines()[-1:]
            for name, (unit, bar) in bars.items():
                yield absent(NATION, name, unit, f"failed: {' '.join(last)}", bar=("<=", bar))
            return
        facts = _facts(out)
    if quick:
        bars = {name: (unit, None) for name, (unit, _) in bars.items()}
    for (name, (unit, bar)), value in zip(bars.items(), (spent, peak.bytes / GIB), strict=True):
        yield Row(NATION, name, value, unit, bar=None if bar is None else ("<=", bar), note=_NOTES[unit])
    if facts.get("disputes"):
        per = facts["disputes"] / facts["seconds"]
        yield Row(
            NATION, "national year, latent disputes", facts["disputes"] / 1e6, "million", note="with warm-up"
        )
        yield Row(
            NATION,
            "national year, disputes per second",
            per,
            "disputes/s",
            note="two workers, start-up apart",
        )


_NOTES = {
    "s": "the whole command with two workers: start, counties, tables, figures, files; machine code loaded",
    "GiB": "resident memory of all processes added up, what they share counted in each; looked at 20 times a second",
}


def _facts(out: Path) -> dict[str, float]:
    """What the command has noted down about its run."""
    found: dict[str, float] = {}
    for path in out.glob("*.json"):
        tree = json.loads(path.read_text(encoding="utf-8"))
        for part in (
            (tree, *(x for x in tree.values() if isinstance(x, dict))) if isinstance(tree, dict) else ()
        ):
            for key in ("seconds", "disputes"):
                if isinstance(part.get(key), int | float):
                    found[key] = float(part[key])
    return found


_COMPILE = """
import time
start = time.perf_counter()
from sim.engines import compiled
from sim.model import build
from sim.outcomes import tally
from sim.scenario.load import load_place
model = build(load_place("liucheng"))
middle = time.perf_counter()
compiled.make_machine_code(model)
tally.make_machine_code(model)
print(middle - start, time.perf_counter() - middle)
"""


def start(quick: bool = False) -> Iterator[Row]:
    """Machine code made in an empty cache; then `run` until its first replication is stored."""
    cold, cached, reference = [], [], []
    note = "empty cache directory; beside the import of the libraries"
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(1 if quick else 3):
            cache = Path(folder) / f"cache{turn}"
            cold.append(_compile(XDG_CACHE_HOME=str(cache)))
            if not any(cache.rglob("*.nbc")):  # then code of another place was loaded, not made
                cold[-1] = _compile(NUMBA_CACHE_DIR=str(cache / "again"))
                note = (
                    "THE PROGRAM'S CACHE DIRECTORY WAS NOT USED; measured with a directory forced upon numba"
                )
        warm = _environment(XDG_CACHE_HOME=str(cache))
        _first_replication(Path(folder) / "discarded", "compiled", warm)
        for turn in range(2 if quick else 7):
            cached.append(_first_replication(Path(folder) / f"out{turn}", "compiled", warm))
            reference.append(_first_replication(Path(folder) / f"ref{turn}", "reference", warm))
    yield row(START, "machine code made anew", cold, "s", bar=("<=", 30.0), note=note)
    note = "from the start of the command until the first replication of Liucheng is stored; one replication, serial"
    yield row(START, "cached start of run to first replication", cached, "s", bar=("<=", 2.5), note=note)
    yield row(
        START, "the same with the reference engine", reference, "s", note="its replication takes longer"
    )


def _compile(**environment: str) -> float:
    """Seconds to make, or load, all machine code."""
    done = subprocess.run(
        [sys.executable, "-c", _COMPILE],
        cwd=ROOT,
        env=_environment(**environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def _first_replication(out: Path, engine: str, environment: Mapping[str, str]) -> float:
    """Seconds until the first file of results is there."""
    command = [*RUN, "liucheng", "--replications", "1", "--executor", "serial", "--engine", engine]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--no-figures", "--out", str(out)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    chunks = out / "chunks"
    while process.poll() is None and not any(chunks.glob("*.parquet")):
        time.sleep(0.002)
    spent = time.perf_counter() - begun
    if process.wait():
        raise RuntimeError(f"run ended with {process.returncode}")
    return spent
