"""Help, completion, exit codes: what a newcomer leans on."""

from __future__ import annotations

import contextlib
import os
import pty
import sys
import threading
from pathlib import Path
from unittest import mock

import pytest

from sim.cli import main
from sim.cli.parser import COMMANDS
from sim.cli.reference import commands_page
from tests.cli.terminal import ROOT, run_cli


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


def printed(*, terminal: bool, **environment: str) -> bytes:
    """What `list places` prints where somebody watches, or into a pipe."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    found: list[bytes] = []

    def read() -> None:
        with contextlib.suppress(OSError):  # the other side of a terminal is closed
            while part := os.read(ours, 65536):
                found.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "FORCE_COLOR")} | environment
    with os.fdopen(theirs, "w", encoding="utf-8") as stream, contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, env, clear=True))
        for name in ("stdout", "__stdout__", "stderr", "__stderr__"):
            stack.enter_context(mock.patch.object(sys, name, stream))
        assert main(["list", "places"]) == 0
    reader.join(60)
    os.close(ours)
    return b"".join(found)


def test_colours_only_where_they_are_wanted() -> None:
    assert b"\x1b[" in printed(terminal=True, TERM="xterm-256color")
    quiet = printed(terminal=True, TERM="xterm-256color", NO_COLOR="1")
    assert b"\x1b[3" not in quiet and b"daliu" in quiet
    for plain in (printed(terminal=True, TERM="dumb"), printed(terminal=False, TERM="xterm-256color")):
        assert b"\x1b[" not in plain and b"daliu" in plain
