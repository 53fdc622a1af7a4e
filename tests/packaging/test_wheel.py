"""The built wheel: it carries scenarios, schema and font, and runs from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an installation puts into site-packages."""
    made, unpacked = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("unpacked")
    # The back end itself, without a fresh environment for it: nothing is downloaded.
    code = f"import hatchling.build; hatchling.build.build_wheel({str(made)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = made.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    return unpacked


def installed(unpacked: Path, folder: Path, *words: str) -> str:
    """Run the console script's function as if installed, in `folder`."""
    code = "import sys; from sim.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_carries_what_is_not_code(unpacked: Path) -> None:
    scenarios = unpacked / "sim" / "_scenarios"
    shipped = {p.relative_to(scenarios) for p in scenarios.rglob("*") if p.is_file()}
    assert shipped == {
        p.relative_to(ROOT / "scenarios") for p in (ROOT / "scenarios").rglob("*") if p.is_file()
    }
    fonts = unpacked / "sim" / "show" / "figures" / "fonts"
    assert list(fonts.glob("*.[ot]tf"))
    assert (fonts / "LICENSE-OFL.txt").is_file()
    assert (unpacked / "sim" / "py.typed").is_file()
    for name in ("sim.po", "sim.mo"):
        catalogue = Path("sim") / "locale" / "zh" / "LC_MESSAGES" / name
        assert (unpacked / catalogue).read_bytes() == (ROOT / catalogue).read_bytes()
    assert not [p for p in unpacked.rglob("*") if "tests" in p.parts]


def test_has_the_console_script(unpacked: Path) -> None:
    (entry_points,) = unpacked.glob("*.dist-info/entry_points.txt")
    parser = ConfigParser()
    parser.read_string(entry_points.read_text("utf-8"))
    assert parser["console_scripts"]["disputes"] == "sim.cli:main"


def test_runs_from_an_empty_folder(unpacked: Path, tmp_path: Path) -> None:
    assert "liucheng" in installed(unpacked, tmp_path, "list", "places")
    text = installed(unpacked, tmp_path, "run", "daliu", "--replications", "2", "--executor", "serial")
    assert "Daliu" in text
    assert (tmp_path / "results" / "daliu" / "manifest.json").is_file()
