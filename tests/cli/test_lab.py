"""The command `lab` without a browser: what it says, and how it ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.cli.terminal import run_cli

ROOT = Path(__file__).resolve().parents[2]


def test_it_lets_in_who_has_the_token_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "run_sim.py"), "lab", "--no-browser", "--workers", "1"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = re.search(r"(http://127\.0\.0\.1:\d+/)\?token=\S+", process.stderr.readline())
    assert said
    with urllib.request.urlopen(said[0], timeout=60) as page:
        assert b"disputes lab" in page.read()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(said[1], timeout=60)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) in (0, 130)
    assert "Traceback" not in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_one_message(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found = run_cli(tmp_path, "lab", "--no-browser", "--port", str(taken.getsockname()[1]))
    assert found.returncode == 2
    assert "cannot be had" in found.stderr
    assert "Traceback" not in found.stderr
