"""`pilot` end to end on a small place, and its pieces on numbers that can be followed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.language import shown, use
from sim.outcomes.cases import recorded
from sim.outcomes.reading import Reading
from sim.outcomes.tally import tally_of
from sim.runs.executors.local import SerialExecutor
from sim.runs.impossible import Dealt
from sim.runs.readouts.trial import recorded_as
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.policies import load_policy
from sim.statistics.cluster_trials import Number, Tested
from sim.statistics.trial_designs import Design
from sim.studies.before_after import periods
from sim.studies.before_after import plan as before_after_plan
from sim.studies.pilot import Piloted, plan
from sim.studies.pilot.choice import Recommended, recommended
from sim.studies.pilot.grid import Trial, grid, sizes
from sim.studies.pilot.trials import Looked, Sample, contamination
from sim.studies.pilot.words import Verdict, sentences, verdict
from sim.studies.pilot.worlds import COUNTED, Simulated, cases, level_of, worlds_of
from sim.studies.pilot.worth import Stakes, worth

SMALL = {"posterior": "none", "draws": 4, "replications": 1, "months": [4], "steps": [3], "workers": 1}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Piloted:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("pilot"))
        return sim.pilot("daliu", "+whistle", villages=[6, 8], value="suit=1000", **SMALL)  # type: ignore[arg-type]


def test_every_design_is_looked_at_under_both_readings(study: Piloted) -> None:
    rows = study.designs
    assert set(rows["reading"]) == {"proportional", "target_driven"}
    assert set(rows["design"]) == {"parallel", "pairs", "wedge"}, "one township makes no trial of townships"
    assert set(rows["chosen"]) == {"lot", "earlier", "base"}
    numbers = rows[["power", "false_alarms", "bias", "seems_without", "detectable"]]
    assert np.isfinite(numbers.to_numpy()).all() and len(rows) == 2 * 7 * 3 * (2 + 1 + 1)
    same = rows[rows["metric"] == "filings"]
    halves = [own.drop(columns="reading").reset_index(drop=True) for _, own in same.groupby("reading")]
    pd.testing.assert_frame_equal(*halves)  # without a posterior what happens is the same
    assert set(study.worth["chosen"]) == {"lot"} and (study.worth["value"] >= 0).all()
    assert any("Uncalibrated" in str(said) for said in study.messages())


def test_the_plan_is_a_policy_that_before_after_evaluates(study: Piloted, tmp_path: Path) -> None:
    folder = study.save(tmp_path / "out", figures=False)
    policy = load_policy(folder / "plan.yaml")
    table = study.allotment.table() if study.allotment else pd.DataFrame()
    for measure in policy.measures:
        mine = table[table["start"] == str(measure.start)]
        assert measure.coverage.villages == mine["village"].tolist() and measure.mechanism == "whistle"
    with_it = sum(len(m.coverage.villages or []) for m in policy.measures)
    assert (
        0 < with_it == int((table["start"] != "").sum()) <= len(table) == study.recommended.number("villages")
    )  # type: ignore[union-attr]
    head = (folder / "plan.yaml").read_text("utf-8").splitlines()[2]
    assert "before-after daliu +plan.yaml" in head
    asked = before_after_plan(
        "daliu", f"+{folder}/plan.yaml", start="2021-01-01", before=30, after=60, posterior="none"
    )
    found = periods(
        asked.place, asked.asked.measures, asked.asked.without, asked.asked.start, before=30, after=60, seed=1,
        replications=2, executor=SerialExecutor(),
    )  # fmt: skip
    assert found.counts["filings"].shape == (2, 2, 2, 8)


def test_steps_of_a_trial_keep_their_days_in_before_after() -> None:
    place = load_place("daliu")
    asked = plan("daliu", "+whistle", posterior="none").asked
    (whistle,) = asked.new
    late = whistle.model_copy(update={"start": date(2021, 8, 1)})
    found = periods(
        place, (*asked.without, late), asked.without, date(2021, 2, 1), before=30, after=60, seed=1,
        replications=3, executor=SerialExecutor(),
    )  # fmt: skip
    for counts in found.counts.values():
        assert (counts[:, 0] == counts[:, 1]).all(), "it begins after all that is looked at"


def test_a_policy_that_does_nothing_changes_nothing_and_is_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = sim.pilot("daliu", "+whistle:strength=0", villages=[8], designs="parallel", **SMALL)  # type: ignore[arg-type]
    own = found.designs
    assert (own["true_effect"] == 0).all() and (own["power"] == own["false_alarms"]).all()
    assert (found.contamination[["effect", "seen", "spill"]] == 0).all().all()
    assert "nothing to try out" in str(found.sentences()[-1])


def test_the_readout_counts_what_the_whole_counts() -> None:
    asked = plan("daliu", "+whistle", posterior="none", months=[6]).asked
    case = cases(asked.place, asked.measures, asked.without, asked.start, 6, 1, None)[0]
    whole = replace(case, readout="trial", options=(("months", (0, 12, 24, 31)),))
    rows = {n: whole.measure(0, 0).rows[n].to_numpy() for n in ("filings", "days_in_conflict", "persons")}
    model, trace = case.model(0), case.trace(0, 0)
    old = replace(case, readout="periods", options=(("before", 365),)).measure(0, 0).rows
    for metric in ("filings", "days_in_conflict"):
        mine = np.array([m == metric for m in old["metric"].to_pylist()])
        assert rows[metric].sum() == pytest.approx(old["value"].to_numpy()[mine].sum())
    closed = tally_of(Reading(trace), model).record_of(model)
    table = whole.measure(0, 0).rows
    for reading in ("proportional", "target_driven"):
        record = recorded(closed, trace, model, case.luck(0, 0), reading=reading)
        for name, number in (("mediated", record.mediated), ("succeeded", record.succeeded)):
            assert (
                abs(table[recorded_as(name, reading)].to_numpy().sum() - number) < 1.0
            )  # invented files are whole
    assert rows["persons"].reshape(-1, 3)[:, 0].sum() == pytest.approx(float(asked.place.population.persons))


def test_worlds_share_their_luck_until_the_policy_begins(study: Piloted) -> None:
    for cells in study.found.cells.values():
        assert (cells[0][..., :2] == cells[1][..., :2]).all() and cells.shape[-1] == 2 + 4
    assert (study.found.cells["days_in_conflict"][0] != study.found.cells["days_in_conflict"][1]).any()


@pytest.mark.parametrize(
    ("policy", "options", "said"),
    [
        ("practice-screening", {}, "takes away screening"),
        ("practice", {}, "adds nothing"),
        ("+whistle:share=0.5", {}, "what a trial decides"),
        ("+whistle", {"villages": "9"}, "from 4 to 8"),
        ("+whistle", {"months": "6,x"}, "--months: 'x'"),
        ("+whistle", {"designs": "circle"}, "no design 'circle'"),
        ("+whistle", {"designs": "townships"}, "no trial can be made"),
        ("+whistle", {"outcome": "success_rate"}, "--outcome"),
        ("+whistle", {"start": "0001-01-01"}, "calendar"),
        ("+whistle", {"value": "settled=3"}, "not counted village by village"),
        ("+whistle", {"value": "suit=3,in=hours"}, "weighed in yuan"),
    ],
)
def test_what_is_no_trial_is_refused(policy: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        plan("daliu", policy, posterior="none", **options)  # type: ignore[arg-type]


def test_the_grid() -> None:
    assert sizes(8) == (4, 6, 8) and sizes(189) == (22, 46, 94, 188)
    found = grid(("townships", "wedge"), (22, 94, 188), (4, 12), (3, 5), 10, 189)
    townships = {(t.design.clusters, t.villages) for t in found if t.design.kind == "townships"}
    assert townships == {(5, 94), (10, 189)}
    wedges = [t for t in found if t.design.kind == "wedge"]
    assert {(t.design.months, t.design.steps) for t in wedges} == {(4, 3), (12, 3), (12, 5)}
    assert {t.villages for t in wedges if t.design.chosen == "base"} == {188}


def made_up(effect: float, spill: float, draws: int = 6) -> tuple[Simulated, Sample]:
    """Eight villages of 1,000 people and 12 suits a month without the policy; half of a world spills over."""
    shape = (3, draws, 8, 2 + 3)
    cells = {column: np.full(shape, 12.0, dtype=np.float32) for column in COUNTED}
    even = np.arange(8) % 2 == 0
    cells["filings"][1, :, :, 2:] += effect
    cells["filings"][2][:, even, 2:] += effect
    cells["filings"][2][:, ~even, 2:] += spill
    for name in ("mediated", "succeeded"):
        cells[recorded_as(name, "proportional")][:] = 20.0 if name == "mediated" else 15.0
    draw = np.arange(1, draws + 1)
    found = Simulated(
        cells, np.full((draws, 8), 1000.0), np.zeros((draws, 8), dtype=np.int64), draw,
        ("without", "with", "villages"), Dealt(tuple(draw.tolist()), (), {}, draws), {"villages": 8, "townships": 1},
    )  # fmt: skip
    return found, Sample("proportional", np.ones(draws, dtype=bool), draw)


def test_contamination_by_hand() -> None:
    found, sample = made_up(-4.0, -1.0)
    rows = contamination(found, [sample], 3).set_index("metric")
    own = rows.loc["filings"]
    assert own["effect"] == pytest.approx(-48.0) and own["spill"] == pytest.approx(-12.0)
    assert own["seen"] == pytest.approx(-36.0) and own["contamination"] == pytest.approx(12.0)
    assert (rows.drop("filings")[["effect", "seen", "spill"]] == 0).all().all()


def test_recorded_success_is_a_share_of_cases() -> None:
    found, sample = made_up(0.0, 0.0)
    better = recorded_as("succeeded", "proportional")
    found.cells[better][1, :, :, 2:] += 2.0
    worlds = worlds_of(found, "success_rate", "proportional", sample.taken)
    assert worlds.effect(3) == pytest.approx(10.0) and worlds.worse == -1.0  # 85 % against 75 %
    assert level_of(found, "success_rate", "proportional", sample.taken, worlds) == pytest.approx(75.0)


def test_what_a_trial_is_worth_by_hand() -> None:
    """In half of the draws the policy saves 4 suits a month and village, else it adds 4; the trial tells which."""
    found, sample = made_up(0.0, 0.0, 40)
    sign = np.where(np.arange(40) % 2, 1.0, -1.0)
    found.cells["filings"][1, :, :, 2:] += (4.0 * sign)[:, None, None]
    tested = Tested(np.repeat(48.0 * sign, 5), np.ones(200), np.zeros(200))
    looked = Looked(
        Trial(Design("parallel", 4, 12), 4), "filings", "proportional", tested, np.repeat(sample.draw, 5)
    )
    gain = 10.0 * 4 * 8 * 12  # yuan a year: 10 a suit, 8 villages
    rows = worth([looked], found, [sample], Stakes({"filings": 10.0}, 0.0, 5.0), 3)
    assert rows["value"].item() == pytest.approx(5.0 * gain / 2)
    assert rows["net"].item() == pytest.approx(
        4.0 * gain / 2
    )  # the year of the trial gains nothing on average
    dear = worth([looked], found, [sample], Stakes({"filings": 10.0}, 3 * gain, 5.0), 3)
    assert dear["value"].item() == 0.0 and dear["net"].item() == pytest.approx(-3 * gain / 4)
    blind = replace(
        looked, tested=Tested(np.tile([1.0, -1.0, 0.5, -0.5, 0.0], 40), np.ones(200), np.ones(200))
    )
    assert (
        worth([blind], found, [sample], Stakes({"filings": 10.0}, 0.0, 5.0), 3)["value"].item() < 0.02 * gain
    )


OTHERS = [("earlier", 40, 0.3), ("base", 40, 0.9)]


def designs(power: float, *, alarms: float = 0.05, effect: float = -3.0) -> pd.DataFrame:
    """Two parallel trials and what the choice of villages does, under both readings."""
    rows = []
    for reading, worse in (("proportional", 0.0), ("target_driven", 0.02)):
        for metric in ("filings", "success_rate"):
            for chosen, villages, p in (
                ("lot", 20, power),
                ("lot", 40, power + 0.1),
                ("earlier", 40, 0.3),
                ("base", 40, 0.9),
            ):
                rows.append(
                    {
                        "reading": reading, "metric": metric, "design": "parallel", "villages": villages,
                        "clusters": villages, "months": 12, "steps": 0, "chosen": chosen, "power": p - worse,
                        "power_se": 0.02, "false_alarms": 0.5 if chosen == "base" else alarms,
                        "false_alarms_se": 0.005,
                        "true_effect": effect, "bias": 0.0, "bias_se": 0.1, "seems_without": -2.0,
                        "seems_without_se": 0.1,
                        "exaggerates": 1.5 if effect else np.nan, "reverses": 0.01, "detectable": 200.0 / villages,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


TOUCHED = pd.DataFrame(
    [
        {"reading": r, "metric": "filings", "cluster": "villages", "effect": -3.0, "seen": -1.5, "spill": -1.5,
         "contamination": 1.5, "contamination_se": 0.1}
        for r in ("proportional", "target_driven")
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("power", "options", "net", "expected", "villages"),
    [
        (0.85, {}, None, Verdict.HOLD, 20),
        (0.75, {}, None, Verdict.HOLD, 40),  # the larger one has 0.85
        (0.50, {}, None, Verdict.HOLD_WEAK, 40),
        (0.20, {}, None, Verdict.DO_NOT, 40),
        (0.20, {}, Number(1e5, 1e4), Verdict.HOLD_WORTH, 40),
        (0.85, {}, Number(-1e5, 1e4), Verdict.NOT_WORTH, 20),
        (0.85, {}, Number(-1e5, 1e5), Verdict.HOLD, 20),  # not known well enough
        (0.85, {"alarms": 0.2}, None, Verdict.NONE, 0),
        (0.05, {"effect": 0.0}, None, Verdict.NOTHING, 40),
    ],
)
def test_the_advice(
    power: float, options: dict[str, float], net: Number | None, expected: Verdict, villages: int
) -> None:
    frame = designs(power, **options)
    chosen = recommended(frame, "filings")
    assert (chosen.number("villages") if chosen else 0) == villages
    assert verdict(chosen, options.get("effect") == 0.0, net) is expected
    said = [str(s) for s in sentences("Here", "+whistle", "filings", frame, TOUCHED, chosen, net)]
    assert expected.value in said
    whole = " ".join(said)
    if expected in (Verdict.NOTHING, Verdict.NONE):
        assert len(said) == 2 and "−" not in whole.replace("−3", "")
        return
    assert "half of the villages the difference between them is −1.50, not −3.00" in whole
    assert (
        "without any policy, a false alarm in 50 %. Chosen by an earlier year, they would by −2.00" in whole
    )
    assert "Recorded success is no measure of it" in whole and f"{villages} villages by lot" in whole
    assert ("What would change that" in whole) is (expected is not Verdict.HOLD)
    with use("zh"):
        for one in sentences("此地", "+whistle", "filings", frame, TOUCHED, chosen, net):
            assert not any(
                word.isascii() and word.isalpha() and len(word) > 3 for word in shown(one).split()
            ), one


def test_a_weak_trial_under_one_reading_is_weak() -> None:
    frame = designs(0.85)
    frame.loc[(frame["reading"] == "target_driven") & (frame["chosen"] == "lot"), "power"] = 0.3
    chosen = recommended(frame, "filings")
    assert isinstance(chosen, Recommended) and not chosen.enough and chosen.weak and chosen.power == 0.3


def test_answers_for_programs_and_a_second_time(
    study: Piloted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = study.answer()
    assert (
        answer["recommended"]["in_words"] and answer["plan"] == study.plan and answer["calibrated"] is False
    )
    assert answer["recommended"]["net_benefit_yuan"] == study.net.value  # type: ignore[union-attr]
    folder = study.save(tmp_path / "first", figures=False)
    assert sim.rerun(folder, workers=1).passed
    assert study.figure("power").axes
