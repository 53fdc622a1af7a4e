"""What tests share: made once a session by whoever asks first, in whichever worker, and copied by whoever writes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

from sim.studies.calibration.fit import LEAST_REPEATED, Effort
from tests.cli.terminal import run_cli

CALIBRATION = ("calibrate", "daliu", "--effort", "0.04", "--draws", "20", "--repeats", "4", "--no-figures")
# As small as a calibration can be: all of its steps, each once.
LITTLE = Effort(prior=60, wave=40, particles=40, last=40, waves=1, rounds=1, repeated=LEAST_REPEATED)


@contextlib.contextmanager
def little_effort() -> Iterator[None]:
    """Every calibration of this process takes `LITTLE`, whatever `--effort` says."""
    with mock.patch.object(Effort, "scaled", return_value=LITTLE):
        yield


class Kept:
    """Folders by name, shared by the workers of one session.

    `root` is a folder that all workers see and that is another one in the next session, so that nothing is kept of
    another state of the sources.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def made(self, name: str, make: Callable[[Path], list[str]]) -> tuple[Path, list[str]]:
        """The folder of this name, to be read only, and what `make` said when it filled it.

        Others wait meanwhile. If it fails, the next one who asks tries again.
        """
        folder, said = self.root / name, self.root / f"{name}.json"
        with _alone(self.root / f"{name}.lock"):
            if not said.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                said.write_text(json.dumps(make(folder)), "utf-8")
        return folder, json.loads(said.read_text("utf-8"))

    def finished(self, *words: object) -> tuple[Path, subprocess.CompletedProcess[str]]:
        """The working folder, to be read only, of a command that succeeded there, and what it said."""
        given = [str(word) for word in words]

        def run(folder: Path) -> list[str]:
            with little_effort():
                found = run_cli(folder, *given)
            assert found.returncode == 0, found.stdout + found.stderr
            return [found.stdout, found.stderr]

        folder, said = self.made(hashlib.sha256(json.dumps(given).encode()).hexdigest()[:16], run)
        return folder, subprocess.CompletedProcess(given, 0, *said)

    def copied(self, to: Path, *words: object) -> subprocess.CompletedProcess[str]:
        """Put what a command made into a folder, and give what it said."""
        folder, said = self.finished(*words)
        shutil.copytree(folder, to, dirs_exist_ok=True)
        return said


def shared_root(base: Path) -> Path:
    """The folder of a session, from the temporary folder of one of its workers."""
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "kept"


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock among processes; it goes with a process that dies."""
    import fcntl

    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
