"""The figures show the numbers of the frame, and nothing where there are none."""

from __future__ import annotations

import warnings
from datetime import date

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from sim.outcomes import COLUMNS
from sim.scenario.place import Place
from sim.show.figures import flow, load, spread
from sim.show.figures.cells import Cells
from sim.show.figures.load import Holiday, date_marks, long_holidays
from sim.show.figures.page import Drawing, Run
from sim.show.figures.save import FIGURES
from sim.show.figures.style import number, style
from tests.show.figures.frames import by_hand, courtless, small_frame, small_place


def drawn(name: str, place: Place, frame: pd.DataFrame) -> Drawing | None:
    with warnings.catch_warnings(), style():
        warnings.simplefilter("error")
        drawing = FIGURES[name](Run(place, Cells(frame)))
        if drawing is not None:
            drawing.figure.draw_without_rendering()
    return drawing


def texts_of(drawing: Drawing, gid: str) -> list[str]:
    return [t.get_text() for t in drawing.figure.findobj(Text) if t.get_gid() == gid]


def heads_of(drawing: Drawing) -> list[str]:
    return [text.replace("\n", " ") for text in texts_of(drawing, "head")]


def test_the_flow_shows_means_of_all_replications() -> None:
    frame = by_hand(
        [
            (0, "entered", "village", 40),
            (1, "entered", "village", 50),
            (0, "passed_up", "village>township", 8),  # in replication 1 nobody went: the mean is 4
            (0, "ended_settled", "village", 30),
            (1, "ended_settled", "village", 52),
            (0, "ended_lumped", "township", 1),
            (1, "ended_lumped", "township", 0),
        ]
    )
    with style():
        drawing = flow.draw(Run(small_place(), Cells(frame)))
    assert heads_of(drawing) == ["village committee", "township centre"]
    assert texts_of(drawing, "arc") == ["4.0"]
    cells = texts_of(drawing, "cell")
    rows = dict(zip(texts_of(drawing, "row"), zip(cells[::2], cells[1::2], strict=True), strict=True))
    assert rows["enter from outside"] == ("45", "0")
    assert rows["passed up to here"] == ("0", "4.0")
    assert rows["passed up from here"] == ("4.0", "0")
    assert rows["settled by mediation"] == ("41", "0")
    assert rows["given up"] == ("0", "0.5")
    assert rows["judged"] == ("0", "0")


def test_what_flows_in_flows_out_or_stays() -> None:
    """Entered and passed up to a tier = ended there + passed up from there + rise in open disputes."""
    frame = small_frame()
    cells = Cells(frame)
    steps = {name: cells.values("passed_up", name) for name in cells.groups("passed_up")}
    for tier in flow._tiers(cells):
        arrived = cells.values("entered", tier).copy()
        left = sum(
            (cells.values(f"ended_{end.name.lower()}", tier) for end in (*flow.SETTLING, *flow.UNSETTLED)),
            np.zeros(cells.replications),
        )
        for step, n in steps.items():
            arrived += np.nan_to_num(n) if step.endswith(f">{tier}") else 0
            left += np.nan_to_num(n) if step.startswith(f"{tier}>") else 0
        series = frame[(frame["metric"] == "open_disputes") & (frame["group"] == tier) & (frame["x"] == 0)]
        first = series.set_index("replication")["value"].reindex(range(cells.replications), fill_value=0.0)
        rise = cells.values("backlog", tier) - first.to_numpy(dtype=float)
        assert arrived - left == pytest.approx(
            rise, abs=1.01
        )  # the series counts a minute later than the window


def test_a_replication_without_trials_counts_as_none() -> None:
    frame = small_frame()
    gone = (frame["replication"] == 1) & frame["group"].str.contains("trial")
    for name in FIGURES:
        assert drawn(name, small_place(), frame[~gone]) is not None
    whole, part = Cells(frame), Cells(frame[~gone])
    assert part.counted("ended_adjudicated", "trial") == pytest.approx(
        whole.counted("ended_adjudicated", "trial") - whole.values("ended_adjudicated", "trial")[1] / 4
    )
    curve = part.curve("open_disputes", "trial", absent=0.0)
    assert len(curve.x) == len(whole.curve("open_disputes", "trial").x)
    assert (curve.mean <= whole.curve("open_disputes", "trial").mean).all()


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("layers", [["true", "recorded"], ["series"], ["true", "recorded", "series"]])
def test_numbers_that_are_not_defined_do_not_stop_a_figure(name: str, layers: list[str]) -> None:
    frame = small_frame().copy()
    frame.loc[frame["layer"].isin(layers), "value"] = np.nan
    assert drawn(name, small_place(), frame) is not None


@pytest.mark.parametrize("name", sorted(set(FIGURES) - {"spread"}))
def test_a_run_without_outcomes_does_not_stop_a_figure(name: str) -> None:
    frame = small_frame()
    assert drawn(name, small_place(), frame[frame["layer"] == "digest"]) is not None


def test_a_place_without_courts_has_no_courts_in_its_figures() -> None:
    drawing = drawn("flow", *courtless())
    assert drawing is not None
    mediators = ["hamlet", "village committee", "police station", "township centre", "county departments"]
    assert heads_of(drawing) == mediators


def test_reported_figures_are_written_as_reported() -> None:
    with style():
        drawing = spread.draw(Run(small_place(), Cells(small_frame())))
    assert drawing is not None
    ends = [text.split("reported ")[1] for text in texts_of(drawing, "numbers")]
    assert ends == ["1,294", "98.2", "≥ 6", "≤ 0.5", "≥ 100"]
    subtitle = [t.get_text() for t in drawing.figure.texts][1]
    assert subtitle.startswith("Uncalibrated")


def test_a_bound_is_an_arrow_on_the_side_where_the_truth_may_lie() -> None:
    with style():
        drawing = spread.draw(Run(small_place(), Cells(small_frame())))
    assert drawing is not None
    ways = []
    for axes in drawing.figure.axes:
        arrows = [t for t in axes.texts if getattr(t, "arrow_patch", None) is not None]
        ways.append([float(np.sign(a.xyann[0] - a.xy[0])) * -1 for a in arrows])
    assert ways == [[], [], [1.0], [-1.0], [1.0]]


def test_the_curve_stops_where_replications_are_undefined() -> None:
    rows = [
        (r, "unsettled", "series", "", "", "", np.nan if (x == 20 and r == 0) else 1 - x / 40, float(x))
        for r in range(10)
        for x in (0, 10, 20)
    ]
    frame = pd.DataFrame(rows, columns=["replication", *COLUMNS])
    curve = Cells(frame).curve("unsettled")
    assert curve.x.tolist() == [0, 10]
    assert curve.mean.tolist() == [1.0, 0.75]


def test_holidays_of_2023() -> None:
    assert long_holidays(date(2023, 1, 1), date(2023, 12, 31)) == [
        Holiday(date(2023, 1, 21), date(2023, 1, 27), True),
        Holiday(date(2023, 4, 29), date(2023, 5, 3), False),
        Holiday(date(2023, 9, 29), date(2023, 10, 6), False),
    ]
    assert long_holidays(date(2023, 1, 25), date(2023, 2, 1)) == [
        Holiday(date(2023, 1, 25), date(2023, 1, 27), True)
    ]
    assert long_holidays(date(2023, 1, 28), date(2023, 2, 10)) == []


def test_dates_on_the_axis() -> None:
    assert list(date_marks(date(2023, 1, 1), date(2023, 12, 31)).values()) == [
        *("2023-01", "2023-03", "2023-05", "2023-07", "2023-09", "2023-11")
    ]
    assert list(date_marks(date(2023, 1, 20), date(2023, 2, 10)).values()) == ["2023-01-20", "2023-02-10"]
    assert len(date_marks(date(2019, 7, 1), date(2023, 6, 30))) <= load.TICKS + 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *(
            (0.0, "0"),
            (0.04, "<0.1"),
            (0.05, "0.1"),
            (3.44, "3.4"),
            (9.94, "9.9"),
            (9.96, "10"),
            (1293.6, "1,294"),
        ),
        *((-2.5, "−2.5"), (np.nan, "–")),
    ],
)
def test_numbers_are_as_long_as_they_need_to_be(value: float, text: str) -> None:
    assert number(value) == text
