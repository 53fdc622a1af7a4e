"""Figures of policies: the forest of differences and the matrix of an exchange."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text

from sim.scenario.mechanisms import MECHANISMS
from sim.show.figures import exchange as matrix
from sim.show.figures import forest as forests
from sim.show.figures.exchange import exchange, name, save_exchange
from sim.show.figures.forest import MARKS, forest, percent, save_forest, shortened, spelled
from sim.show.figures.page import Compared, Drawing, lay_out
from sim.show.figures.style import style
from tests.show.figures.frames import NAMES, small_place
from tests.show.figures.test_layout import inside, texts

METRICS = {
    "petitions_per_1000": "per 1000 persons",
    "settled_at_village_share": "%",
    "staff_hours": "hours per year",
    "days_to_settlement": "days",
    "suits": "count",
    "crimes_out_of_disputes": "count",
    "unsettled": "%",
    "cost": "yuan per year",
    "utilisation_busiest": "%",
}
LONG = "practice+judge_liaison:share=0.5+more_staff:township_mediators=1"
VERDICTS = list(MARKS)


def differences(policies: int, metrics: int = 9, seed: int = 1) -> pd.DataFrame:
    """Effects of mechanisms, the second with a long name; costs are large numbers."""
    rng = np.random.default_rng(seed)
    names = [*(f"practice+{m}" for m in MECHANISMS), "practice-grid", "practice-screening"][:policies]
    names[1:2] = [LONG][: len(names[1:2])]
    rows = []
    for metric, unit in list(METRICS.items())[:metrics]:
        scale = {"cost": 2e5, "staff_hours": 900.0}.get(metric, 3.0)
        for i, policy in enumerate(names):
            effect, half = rng.normal(0, scale), rng.uniform(0.2, 0.8) * scale
            verdict = "lower" if effect + half < 0 else "higher" if effect - half > 0 else VERDICTS[2 + i % 2]
            margin = 0.5 * scale if metric == "petitions_per_1000" else np.nan
            rows.append((policy, metric, unit, effect, effect - half, effect + half,
                         12 * effect / scale, verdict, margin))  # fmt: skip
    columns = ["policy", "metric", "unit", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "relative", "verdict", "margin"])


def exchanged(places: int = 5, mechanisms: int = 27, seed: int = 1) -> pd.DataFrame:
    """Effects in percent, some of taking away, a few impossible."""
    rng = np.random.default_rng(seed)
    rows = []
    for (i, mechanism), (j, (en, zh)) in itertools.product(
        enumerate([*MECHANISMS, "more_staff:judges=1", "grid:households_per_head=20"][:mechanisms]),
        enumerate(list(NAMES.items())[:places]),
    ):
        effect, half = rng.normal(0, 9 if i % 4 == 0 else 1.5), rng.uniform(0.5, 4)
        verdict = "lower" if effect + half < 0 else "higher" if effect - half > 0 else "no difference shown"
        if verdict == "no difference shown" and (i + j) % 7 == 0:
            verdict = "equivalent"
        way, why = ("out" if (i * 3 + j) % 5 == 0 else "in"), ""
        if (i, j) in {(3, 2), (8, 4), (9, 4)}:
            way, why = (
                "cannot",
                "it takes more hours of village mediators than there are" if j > 2 else "no court",
            )
            effect = half = np.nan
        rows.append((mechanism, f"{en} {zh}", way, why, effect, effect - half, effect + half,
                     "" if why else verdict))  # fmt: skip
    return pd.DataFrame(
        rows, columns=["mechanism", "place", "direction", "reason", "shown", "low", "high", "verdict"]
    )


def forest_of(frame: pd.DataFrame) -> Drawing:
    with warnings.catch_warnings(), style():
        warnings.simplefilter("error")
        return forest(frame, title="What policies change 政策", note="20 replications, seed 1.")


def matrix_of(frame: pd.DataFrame, better: str | None = None) -> Drawing:
    with warnings.catch_warnings(), style():
        warnings.simplefilter("error")
        return exchange(frame, metric="petitions_per_1000", unit="% of the baseline", title="An exchange 交换",
                        note="20 replications, seed 1.", better=better)  # fmt: skip


def marked(figure: Figure, gid: str) -> list[str]:
    return [t.get_text() for t in figure.findobj(Text) if t.get_gid() == gid]


def lines(figure: Figure, panel: int, gid: str) -> list[tuple[float, list[float], Line2D]]:
    """Row, ends and artist of what is drawn in a panel."""
    found = [line for line in figure.axes[panel].lines if line.get_gid() == gid]
    return [
        (float(np.ravel(f.get_ydata())[0]), [float(x) for x in np.ravel(f.get_xdata())], f) for f in found
    ]


def check_that_all_can_be_read(drawing: Drawing) -> None:
    with warnings.catch_warnings(), style():
        warnings.simplefilter("error")  # matplotlib warns of characters that no font has
        lay_out(drawing.figure)
        found = texts(drawing.figure)
    assert len(found) > 6
    for text, box in found:
        assert inside(box, drawing.figure.bbox), f"{text!r} leaves the figure"
    for (a, box), (b, other) in itertools.combinations(found, 2):
        assert not box.padded(-1).overlaps(other.padded(-1)), f"{a!r} lies over {b!r}"


@pytest.mark.parametrize(("policies", "metrics"), [(1, 1), (5, 4), (27, 9)])
def test_a_forest_can_be_read(policies: int, metrics: int) -> None:
    check_that_all_can_be_read(forest_of(differences(policies, metrics)))


@pytest.mark.parametrize(("places", "mechanisms"), [(1, 1), (2, 5), (5, 27)])
def test_a_matrix_can_be_read(places: int, mechanisms: int) -> None:
    check_that_all_can_be_read(matrix_of(exchanged(places, mechanisms)))


def test_the_forest_shows_the_numbers_of_the_frame() -> None:
    frame = differences(6, 3)
    figure = forest_of(frame).figure
    for panel, metric in enumerate(list(METRICS)[:3]):
        rows = frame[frame["metric"] == metric].set_index("policy")
        order = frame[frame["metric"] == frame["metric"].iloc[0]].sort_values("difference")["policy"]
        rows = rows.loc[order]
        points = sorted(lines(figure, panel, "difference"), key=lambda p: p[0])
        assert [x for _, (x,), _ in points] == rows["difference"].tolist()
        for (_, _, artist), verdict in zip(points, rows["verdict"], strict=True):
            assert artist.get_marker() == MARKS[verdict].marker
            assert artist.get_color() == MARKS[verdict].colour
        ends = {y: x for y, x, _ in lines(figure, panel, "interval")}
        assert [ends[y] for y in range(len(rows))] == rows[["low", "high"]].to_numpy().tolist()
        axes = figure.axes[panel]
        assert METRICS[metric] in axes.get_xlabel().replace("\n", " ")
        least, most = axes.get_xlim()
        assert least < min(0, rows["low"].min()) and most > max(0, rows["high"].max())
        relative = [t.get_text() for t in axes.texts if t.get_gid() == "relative"]
        assert sorted(relative) == sorted(f"{percent(x)} %" for x in rows["relative"])


def test_rows_are_sorted_by_the_first_metric_in_every_panel() -> None:
    frame = differences(9, 2)
    frame = frame.drop(
        frame[(frame["metric"] == "petitions_per_1000")].index[:1]
    )  # known of the second metric only
    figure = forest_of(frame).figure
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    first = frame[frame["metric"] == "petitions_per_1000"].sort_values("difference")["policy"].tolist()
    with style():
        assert labels == shortened([*first, f"practice+{next(iter(MECHANISMS))}"])
    assert len(lines(figure, 0, "difference")) == 8
    assert len(lines(figure, 1, "difference")) == 9


def test_the_margin_is_a_band_around_zero_where_there_is_one() -> None:
    figure = forest_of(differences(4, 2)).figure
    bands = [[p for p in axes.patches if isinstance(p, Rectangle)] for axes in figure.axes]
    assert [(b.get_x(), b.get_width()) for b in bands[0]] == [(-1.5, 3.0)] * 4
    assert bands[1] == []


def test_what_is_not_known_is_not_drawn() -> None:
    frame = differences(3, 2)
    frame["margin"] = np.nan
    frame.loc[0, ["difference", "low", "high", "relative"]] = np.nan
    drawing = forest_of(frame)
    assert len(lines(drawing.figure, 0, "difference")) == 2
    assert "not defined" in marked(drawing.figure, "relative")
    bare = frame.drop(columns=["margin", "relative"])
    check_that_all_can_be_read(forest_of(bare))


def test_more_metrics_than_panels_are_counted() -> None:
    more = [differences(2, 1).assign(metric=f"metric_{i}") for i in range(11)]
    drawing = forest_of(pd.concat(more, ignore_index=True))
    assert len(drawing.figure.axes) == 9
    assert "2 further metrics not shown" in drawing.caption


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ("practice", "practice"),
        ("-law_stations", "− law stations"),
        (LONG, "+ judge liaison (share 0.5) + more staff (township mediators 1)"),
        (
            "practice-screening+more_staff:judges=-1,police=2",
            "− screening + more staff (judges −1, police 2)",
        ),
        ("nothing+grid", "nothing + grid"),
    ],
)
def test_policies_are_spelled_for_readers(policy: str, text: str) -> None:
    assert spelled(policy) == text


def test_names_are_cut_unless_that_makes_them_the_same() -> None:
    with style():
        long = "practice" + "".join(f"+{m}" for m in list(MECHANISMS)[:8])
        (one,) = shortened([long])
        assert one.endswith("…") and one.count("\n") == 1
        a, b = shortened([f"{long}+whistle", f"{long}+grid"])
    assert a != b and "…" not in a + b


def test_the_matrix_shows_the_numbers_of_the_frame() -> None:
    frame = exchanged(3, 7)
    figure = matrix_of(frame).figure
    axes = figure.axes[0]
    size = frame["shown"].abs().groupby(frame["mechanism"]).mean().sort_values(ascending=False)
    mechanisms, places = list(size.index), list(dict.fromkeys(frame["place"]))
    labels = [t.get_text().replace("\n", " ") for t in axes.get_yticklabels()]
    assert labels == [name(m) for m in mechanisms]
    assert all(MECHANISMS[m].zh in label for m, label in zip(mechanisms, labels, strict=True))
    assert [t.get_text().replace("\n", " ") for t in axes.get_xticklabels()] == places
    written = {(int(x), int(y), t.get_gid()): t.get_text() for t in axes.texts for x, y in [t.get_position()]}
    for row in frame.itertuples():
        at = (places.index(row.place), mechanisms.index(row.mechanism))
        if row.direction == "cannot":
            assert (*at, "cannot") in written and (*at, "effect") not in written
            continue
        assert written[(*at, "effect")].removeprefix("≈ ") == percent(row.shown)
        assert written[(*at, "effect")].startswith("≈") == (row.verdict == "equivalent")
        assert written[(*at, "interval")] == f"{percent(row.low)} to {percent(row.high)}"
    out = {(int(v[0]), int(v[1])) for p in axes.patches if isinstance(p, Polygon) for v in [p.get_xy()[0]]}
    taken = frame[frame["direction"] == "out"]
    assert out == {(places.index(r.place), mechanisms.index(r.mechanism)) for r in taken.itertuples()}


def shade(figure: Figure) -> str:
    (found,) = [p for p in figure.axes[0].patches if p.get_gid() == "shade"]
    return to_hex(found.get_facecolor())


def test_colours_tell_the_side_and_pale_ones_that_none_is_shown() -> None:
    one = exchanged(1, 1).assign(shown=-5.0, low=-6.0, high=-4.0, verdict="lower")
    blue = shade(matrix_of(one).figure)
    assert blue == matrix.BLUE
    assert shade(matrix_of(one, better="higher").figure) == matrix.ORANGE
    pale = shade(matrix_of(one.assign(verdict="no difference shown")).figure)
    assert sum(to_rgb(pale)) > sum(to_rgb(blue)) + 1


def test_one_large_effect_does_not_bleach_the_others() -> None:
    many = pd.Series([1.0, -2.0] * 20)
    assert matrix._limit(many) == (2.0, False)
    assert matrix._limit(pd.concat([many, pd.Series([400.0])])) == (2.0, True)
    assert matrix._limit(pd.Series([0.0, np.nan])) == (1.0, False)


def test_reasons_are_told_once_each() -> None:
    drawing = matrix_of(exchanged())
    assert sorted(marked(drawing.figure, "cannot")) == ["(a)", "(b)", "(b)"]
    assert drawing.caption.count("more hours of village mediators") == 1


def test_a_matrix_of_what_cannot_be() -> None:
    nothing = exchanged(1, 1).assign(
        direction="cannot", reason="no court", shown=np.nan, low=np.nan, high=np.nan, verdict=""
    )
    check_that_all_can_be_read(matrix_of(nothing))


def test_an_empty_frame_is_an_error() -> None:
    with pytest.raises(ValueError, match="no differences"):
        forest_of(differences(1).iloc[:0])
    with pytest.raises(ValueError, match="no effects"):
        matrix_of(exchanged(1, 1).iloc[:0])


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    content = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        paths = save_forest(differences(2, 1), folder, title="What 什么", note="Seed 1.")
        paths += save_exchange(exchanged(1, 2), folder, metric="suits", unit="%", title="T", note="Seed 1.")
        assert paths == [folder / f"{n}.{e}" for n in ("forest", "exchange") for e in ("png", "svg")]
        content.append([path.read_bytes() for path in paths])
    assert content[0] == content[1]


def test_a_place_gives_title_and_source() -> None:
    place = small_place()
    said = forests.captioned("", "", Compared(place, "20 replications."), "what changes")
    assert said == {"title": f"{place.title.en} {place.title.zh}: what changes", "note": "20 replications."}


@pytest.mark.parametrize("scale", [1e5, 1e9, 1e40, 1e80])
def test_huge_changes_and_intervals_leave_room_for_the_drawing(scale: float) -> None:
    """Two replications give intervals of any width: the layout must not collapse, nor cells run into each other."""
    effects = differences(12)
    effects[["low", "high", "relative"]] *= scale
    places = [f"Place {letter}" for letter in "ABCDE"]
    cells = pd.DataFrame(
        [
            {"mechanism": m, "place": p, "direction": "in", "shown": 3.0 * scale, "low": -5.0 * scale,
             "high": 7.0 * scale, "verdict": "no difference shown", "reason": ""}
            for m in ("grid", "whistle") for p in places
        ]
    )  # fmt: skip
    with style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        forested = forest(effects, title="Huge", note="")
        lay_out(forested.figure)
        crossed = exchange(cells, metric="filings", unit="%", title="Huge", note="")
        lay_out(crossed.figure)
    panels = [axes for axes in forested.figure.axes if axes.axison]
    assert min(axes.get_position().width for axes in panels) > 0.15
    axes = next(a for a in crossed.figure.axes if a.get_label() != "colours")
    column = axes.get_window_extent().width / len(places)
    said = [t for t in axes.texts if t.get_gid() in ("effect", "interval")]
    assert len(said) == 20 and max(t.get_window_extent().width for t in said) < column
    for value, text in ((999_999.0, "+999,999"), (-7.04e9, "−7.0e9"), (1e6, "+1.0e6"), (3.2e12, "+3.2e12")):
        assert percent(value) == text
