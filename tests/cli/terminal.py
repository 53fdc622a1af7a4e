"""Running the program as a user does: in the test's own process, or, where only that shows it, in one of its own."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

from sim.cli import main
from sim.runs.executors import local

ROOT = Path(__file__).resolve().parents[2]
PAIR = ROOT / "tests" / "data" / "village_pair.yaml"


def environment(**changes: str) -> dict[str, str]:
    """The environment of the program: these sources, no colours."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **changes}


def command(*words: object) -> list[str]:
    """The words of a command line."""
    return [sys.executable, str(ROOT / "run_sim.py"), *map(str, words)]


def run_process(folder: Path, *words: object, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, in a process of its own, and wait for it."""
    return subprocess.run(
        command(*words),
        cwd=folder,
        env=environment(**changes),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def run_cli(folder: Path, *words: object, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, in this process: nothing is imported anew, and no worker starts but for `--workers 2`.

    Arguments, working folder, environment, both streams and exit code are as in a process of its own; an exception
    that would end the program ends as a traceback on the error stream and the code 1.
    """
    for name in changes:
        assert not name.startswith("PYTHON"), f"{name} is read when Python starts: use run_process"
    said, complained = _Stream(), _Stream()
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {"NO_COLOR": "1", **changes}))
        stack.enter_context(mock.patch.object(sys, "argv", [str(ROOT / "run_sim.py"), *map(str, words)]))
        stack.enter_context(contextlib.chdir(folder))
        for name, stream in (("stdout", said), ("stderr", complained)):
            stack.enter_context(mock.patch.object(sys, name, stream))
            stack.enter_context(
                mock.patch.object(sys, f"__{name}__", stream)
            )  # asked for the terminal's width
        if _workers(words) < 2:
            stack.enter_context(one_process())
        if "matplotlib" in sys.modules:
            stack.enter_context(sys.modules["matplotlib"].rc_context())
        code = _ended(main)
    return subprocess.CompletedProcess(list(map(str, words)), code, said.text(), complained.text())


class _Stream(io.TextIOWrapper):
    """A stream of the program that keeps what is written, and is no terminal."""

    def __init__(self) -> None:
        self.kept = io.BytesIO()
        super().__init__(self.kept, encoding="utf-8", write_through=True)

    def text(self) -> str:
        """All that was written, with the line ends of a text file."""
        return self.kept.getvalue().decode("utf-8").replace("\r\n", "\n")


def _ended(program: Callable[[], int]) -> int:
    """The exit code of a program, as Python makes it from what it returns or raises."""
    try:
        return program()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
    except Exception:
        traceback.print_exc()
    return 1


def _workers(words: Sequence[object]) -> int:
    """How many workers a command line asks for; 0 if it leaves that open."""
    given = [str(after) for word, after in pairwise(words) if word == "--workers"]
    return int(given[-1]) if given and given[-1].isdigit() else 0


@contextlib.contextmanager
def one_process() -> Iterator[None]:
    """Executors that start processes work here instead, and still refuse what could not be sent to a worker."""

    def here(self: object, job: local.Job[Any, Any]) -> Generator[tuple[int, Any], None, None]:
        fn, initializer, initargs = pickle.loads(job.payload)
        sent = pickle.loads(pickle.dumps(list(job.tasks)))
        for index, result in local.SerialExecutor().map(
            fn, sent, label=job.label, initializer=initializer, initargs=initargs
        ):
            yield index, pickle.loads(pickle.dumps(result))

    with (
        mock.patch.object(local.ProcessExecutor, "run", here),
        mock.patch.object(local.WarmExecutor, "run", here),
    ):
        yield


def done(folder: Path, *words: object, **changes: str) -> str:
    """Run a command that must succeed; its standard output."""
    return succeeded(run_cli(folder, *words, **changes))


def succeeded(finished: subprocess.CompletedProcess[str]) -> str:
    """The standard output of a command that must have succeeded."""
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
    return finished.stdout


OF_THE_RUN = ("run.json", "ro-crate-metadata.json")  # times stand in them


def digests(folder: Path, *, without: tuple[str, ...] = OF_THE_RUN) -> dict[str, str]:
    """Digest of every file of a result folder, stored chunks left out."""
    files = [p for p in folder.rglob("*") if p.is_file() and "chunks" not in p.parts]
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(files)
        if p.name not in without
    }
