"""The command line on bad files: one message each, exit code 2, no traceback, nothing written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import ROOT, run_cli

FOLDER = ROOT / "tests" / "bad_input"
FILES = sorted(FOLDER.glob("*.yaml"))


def validate(folder: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    """Run `validate` in an empty folder."""
    return run_cli(folder, "validate", *files)


def test_all_files_at_once(tmp_path: Path) -> None:
    done = validate(tmp_path, *FILES)
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    messages = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(messages) == len(FILES)
    for path in FILES:
        assert any(path.name in line for line in messages), path.name
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["wrong_unit.yaml", "alias_bomb.yaml", "a_directory.yaml"])
def test_one_file(tmp_path: Path, name: str) -> None:
    done = validate(tmp_path, FOLDER / name)
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    (message,) = [line for line in done.stderr.splitlines() if line.strip()]
    assert name in message
    assert list(tmp_path.iterdir()) == []


def test_a_good_file(tmp_path: Path) -> None:
    done = validate(tmp_path, ROOT / "tests" / "data" / "village_pair.yaml")
    assert done.returncode == 0, done.stderr
