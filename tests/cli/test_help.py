"""Help, completion, exit codes: what a newcomer leans on."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.parser import COMMANDS
from sim.cli.reference import commands_page
from tests.cli.terminal import ROOT, run_cli, run_process


def test_the_page_of_commands_is_that_of_the_parser() -> None:
    """`python -m sim.cli.reference > docs/commands.md` renews it."""
    page = commands_page()
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == page
    for name in COMMANDS:
        assert f"\n## {name}\n" in page


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_and_the_exit_codes(name: str, tmp_path: Path) -> None:
    found = run_cli(tmp_path, name, "--help")
    assert found.returncode == 0
    assert f"example: run_sim.py {name}" in found.stdout and "130 interrupted" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("compair", "daliu"), "'compare'"),
        (("run", "daliu", "--replicatoins", "3"), "'--replications'"),
        (("run", "daliu", "--engine", "compield"), "'compiled'"),
        (("run", "daliuu"), "daliu"),
        (("compare", "daliu", "+whistel"), "whistle"),
        (("explain", "daliu", "--set", "villages.mediatrs=3"), "villages.mediators"),
    ],
)
def test_the_nearest_name_is_suggested(arguments: tuple[str, ...], near: str, tmp_path: Path) -> None:
    found = run_cli(tmp_path, *arguments)
    assert found.returncode == 2
    assert near in found.stderr and "Traceback" not in found.stderr


def at_a_terminal(**environment: str) -> bytes:
    """What `list places` prints where somebody watches."""
    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "FORCE_COLOR")} | environment
    with subprocess.Popen(
        [sys.executable, str(ROOT / "run_sim.py"), "list", "places"], stdout=theirs, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        found = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            found += part
        assert process.wait(60) == 0
    os.close(ours)
    return found


def test_colours_only_where_they_are_wanted(tmp_path: Path) -> None:
    assert b"\x1b[" in at_a_terminal(TERM="xterm-256color")
    quiet = at_a_terminal(TERM="xterm-256color", NO_COLOR="1")
    assert b"\x1b[3" not in quiet and b"daliu" in quiet
    assert b"\x1b[" not in at_a_terminal(TERM="dumb")
    assert "\x1b" not in run_process(tmp_path, "list", "places").stdout
