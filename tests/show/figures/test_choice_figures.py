"""Figures of changed paths, of before and after a date, and of the front of mixes can be read, and are right."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from sim.scenario.metrics import FOLLOWED
from sim.show.figures import before_after, pareto, paths
from sim.show.figures.page import Compared, Drawing, lay_out
from sim.show.figures.save import write_drawing
from sim.show.figures.style import style
from sim.statistics.pareto import Budget, Problem, Variable
from sim.studies.before_after import Periods
from sim.studies.changed import FATES, Changed
from sim.studies.optimise import best_mixes
from tests.show.figures.frames import small_place
from tests.show.figures.test_layout import inside, texts

SHOWN = Compared(small_place("A county", "某县"), "20 replications, seed 1.")


def flows(pairs: dict[tuple[str, str], int], replications: int = 10) -> Changed:
    counts = np.zeros((len(FATES), len(FATES)), dtype=np.int64)
    for (a, b), n in pairs.items():
        counts[FATES.index(a), FATES.index(b)] = n
    return Changed(counts, counts * -3.0, 5000, 400, replications)


EVERYTHING = flows(dict.fromkeys(itertools.permutations(FATES, 2), 20))
FEW = flows(
    {("judged", "settled in township"): 120, ("given up", "judged"): 30, ("withdrawn", "given up"): 1}
)


def periods(seed: int = 1) -> Periods:
    rng = np.random.default_rng(seed)
    return Periods(
        {m: rng.poisson(3.0, (40, 2, 2, 30)).astype(float) for m in FOLLOWED}, (365, 200), date(2019, 6, 1)
    )


def mixes() -> pareto.Answer:
    rng = np.random.default_rng(2)
    luck = rng.normal(0, 1, (2, 200))

    def evaluate(mix: tuple[int, ...], replications: object) -> np.ndarray:
        at = list(replications)  # type: ignore[call-overload]
        gains = np.array([[2.0, 0.5, 1.0], [0.1, 0.9, 0.4]]) @ np.array(mix)
        return np.stack([50 - gains[0] + luck[0, at], 12 - gains[1] + luck[1, at]])

    variables = (
        Variable("judge_liaison", 0, 1, {"yuan": 80_000}),
        Variable("whistle", 0, 1, {"yuan": 9_000}),
        Variable("township_mediators", 0, 4, {"yuan": 70_000}),
    )
    problem = Problem(
        variables, Budget(yuan=400_000), ("yuan", "days_in_conflict_per_1000", "filings"), evaluate
    )
    return best_mixes(problem, replications=range(20), fresh=range(20, 60), evaluations=50, seed=1)


CASES: dict[str, Callable[[], Drawing]] = {
    "few paths": lambda: paths.draw(FEW, SHOWN, "paths changed by +whistle"),
    "all paths": lambda: paths.draw(EVERYTHING, SHOWN, "paths changed by none"),
    "no path": lambda: paths.draw(flows({}), SHOWN, "paths changed by nothing"),
    "all villages": lambda: before_after.draw(periods(), SHOWN, "a policy", {}, None, "crimes"),
    "chosen villages": lambda: before_after.draw(
        periods(), SHOWN, "a policy", {"crimes": -68.0, "filings": -20.26}, 5, "crimes"
    ),
    "mixes": lambda: pareto.draw(mixes(), SHOWN, "mixes under a budget"),
}


@pytest.mark.parametrize("name", CASES)
def test_all_text_can_be_read(name: str) -> None:
    with warnings.catch_warnings(), style():
        warnings.simplefilter("error")
        drawing = CASES[name]()
        lay_out(drawing.figure)
        found = texts(drawing.figure)
    assert "某县" in drawing.title and "seed 1." in drawing.caption
    for text, box in found:
        assert inside(box, drawing.figure.bbox), f"{text!r} leaves the figure"
    for (a, box), (b, other) in itertools.combinations(found, 2):
        assert not box.padded(-1).overlaps(other.padded(-1)), f"{a!r} lies over {b!r}"


@pytest.mark.parametrize("name", CASES)
def test_the_same_bytes_twice(name: str, tmp_path: Path) -> None:
    with style():
        first, second = (write_drawing(CASES[name](), tmp_path / x, "figure") for x in "ab")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_flows_carry_their_numbers() -> None:
    with style():
        drawing = paths.draw(FEW, SHOWN, "x")
        axes = drawing.figure.axes[0]
    labels = {t.get_text() for t in axes.texts if t.get_gid() == "fate"}
    assert labels == {"judged  12", "given up  3.0", "settled in township  12", "judged  3.0"}
    nodes = [p for p in axes.patches if isinstance(p, Rectangle)]
    left = sorted(p.get_height() for p in nodes if p.get_x() < 0.5)
    assert left[1] == pytest.approx(4 * left[0], rel=0.01)
    said = " ".join(t.get_text() for t in drawing.figure.texts).replace("\u00a0", " ")
    assert "8.0 % took another course" in said


def test_medians_and_claims_stand_where_they_belong() -> None:
    found = periods()
    with style():
        axes = before_after.draw(found, SHOWN, "x", {"crimes": -68.0}, None, "crimes").figure.axes[0]
    from sim.studies.before_after import change

    row = FOLLOWED.index("crimes")
    dots = {round(float(line.get_ydata()[0]) - row, 2): float(line.get_xdata()[0]) for line in axes.lines
            if line.get_marker() == "o" and abs(float(line.get_ydata()[0]) - row) < 0.4}  # fmt: skip
    one = change(found, "crimes")
    assert dots == {
        -0.22: pytest.approx(np.median(one.anyway)),
        0.0: pytest.approx(np.median(one.seen)),
        0.22: pytest.approx(np.median(one.effect)),
    }
    diamonds = [line for line in axes.lines if line.get_marker() == "D"]
    assert [(d.get_xdata()[0], d.get_ydata()[0]) for d in diamonds] == [(-68.0, row)]


def test_points_of_the_front_are_differences_to_doing_nothing() -> None:
    answer = mixes()
    with style():
        axes = pareto.draw(answer, SHOWN, "x").figure.axes[0]
    ours = {tuple(np.round(c.lines[0].get_xydata()[0], 6)) for c in axes.containers}
    samples, problem = answer.fresh.samples, answer.problem
    nothing = samples.of(problem.nothing)[0]
    expected = {
        (
            round(problem.spending(c.after.mix)["yuan"], 6),
            round(float((samples.of(c.after.mix)[0] - nothing).mean()), 6),
        )
        for c in answer.fresh.checked
    }
    assert ours == expected and len(expected) > 3
