"""Files of figures: the same bytes for the same numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from sim.show.figures.cells import Cells
from sim.show.figures.page import Run, lay_out
from sim.show.figures.save import FIGURES, encoded, save_figures
from sim.show.figures.style import style
from tests.show.figures.frames import small_frame, small_place

ROOT = Path(__file__).resolve().parents[3]
ELSEWHERE = """
import sys
from pathlib import Path
import pandas as pd
from sim.show.figures.save import save_figures
from sim.scenario.place import Place
folder = Path(sys.argv[1])
place = Place.model_validate_json((folder / "place.json").read_text("utf-8"))
save_figures(pd.read_parquet(folder / "frame.parquet"), place, folder / "figures", seed=7)
"""


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    paths = save_figures(small_frame(), small_place(), folder, seed=7)
    assert sorted(paths) == sorted(folder.iterdir())
    return folder


def test_every_figure_is_written_twice(saved: Path) -> None:
    assert set(content(saved)) == {f"{name}.{ending}" for name in FIGURES for ending in ("png", "svg")}
    for name, data in content(saved).items():
        assert data.startswith(b"\x89PNG" if name.endswith("png") else b"<?xml")


@pytest.mark.slow
def test_the_same_bytes_again_whatever_the_settings_of_the_user(saved: Path, tmp_path: Path) -> None:
    with matplotlib.rc_context(
        {"font.size": 20, "axes.grid": True, "svg.fonttype": "none", "savefig.dpi": 30}
    ):
        save_figures(small_frame(), small_place(), tmp_path, seed=7)
        assert matplotlib.rcParams["font.size"] == 20
    assert content(tmp_path) == content(saved)


class Noisy(ConstrainedLayoutEngine):
    """The solver of the layout orders constraints by address, which changes last digits; here they change for sure."""

    noise = 0.0

    def execute(self, fig: Figure) -> None:
        super().execute(fig)
        for axes in fig.axes:
            axes.set_position([x + self.noise for x in axes.get_position().bounds])


def test_places_of_axes_do_not_depend_on_addresses_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for noise in (0.0, 3e-14, -2e-13):
        monkeypatch.setattr(Noisy, "noise", noise)
        with style():
            drawing = FIGURES["staff"](Run(small_place(), Cells(small_frame())))
            assert drawing is not None
            drawing.figure.set_layout_engine(Noisy())
            lay_out(drawing.figure)
            found.append(encoded(drawing, "svg"))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("hash_seed", ["0", pytest.param("4711", marks=pytest.mark.slow)])
def test_the_same_bytes_in_another_process(saved: Path, tmp_path: Path, hash_seed: str) -> None:
    (tmp_path / "place.json").write_text(small_place().model_dump_json(), "utf-8")
    small_frame().to_parquet(tmp_path / "frame.parquet")
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT), "TZ": "Asia/Shanghai"}
    subprocess.run(
        [sys.executable, "-W", "error", "-c", ELSEWHERE, str(tmp_path)],
        check=True,
        env=environment,
        timeout=120,
    )
    assert content(tmp_path / "figures") == content(saved)


@pytest.mark.slow
def test_other_numbers_give_other_bytes(saved: Path, tmp_path: Path) -> None:
    frame = small_frame()
    save_figures(frame[frame["replication"] > 0], small_place(), tmp_path, seed=7)
    for name, data in content(tmp_path).items():
        assert data != content(saved)[name]


def test_files_say_neither_when_nor_with_what(saved: Path) -> None:
    for name, data in content(saved).items():
        assert b"dc:date" not in data
        assert b"matplotlib" not in data.lower().replace(b"matplotlib.axis", b""), name


def test_chinese_is_drawn_as_outlines(saved: Path) -> None:
    for name, data in content(saved).items():
        if name.endswith("svg"):
            assert b"<text" not in data


def test_a_figure_without_numbers_takes_its_older_file_along(tmp_path: Path) -> None:
    place = small_place(targets=[])
    for ending in ("png", "svg"):
        (tmp_path / f"spread.{ending}").write_bytes(b"of an older run")
    paths = save_figures(small_frame(), place, tmp_path)
    assert {path.stem for path in paths} == set(FIGURES) - {"spread"}
    assert not list(tmp_path.glob("spread.*"))
