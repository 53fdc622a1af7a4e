"""Parameter draws under which staff lack the hours that a policy takes: they count for no policy of the place."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from sim.runs.batch import pairs, run
from sim.runs.case import Case
from sim.runs.executors.local import SerialExecutor
from sim.runs.place_run import PlaceRun
from sim.runs.points import points_of
from sim.runs.search import Changed, LeftOut, Search, in_turn, until_known
from sim.scenario.comparison import Comparison, Design, resolved
from sim.scenario.errors import ScenarioError, UserError
from sim.scenario.load import load_place
from sim.scenario.metrics import Column
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.policies import parse
from sim.scenario.prices import load_prices
from sim.studies.assemble import case_of, place_panel
from sim.studies.compare import PoliciesCompared
from sim.studies.compare.answer import answer, break_evens
from sim.studies.possible import sentences
from sim.studies.posteriors import draws_for, of_design
from tests.cli.terminal import run_cli

DRAWS = 10
HEAVY = "+household_visits:visit_hours=1.5"  # impossible in some five of ten of Daliu's draws


def design_of(policy: str) -> Design:
    comparison = Comparison.model_validate(
        {
            "schema_version": 1,
            "design": "comparison",
            "name": "some",
            "title": {"en": "Some", "zh": "一些"},
            "about": "",
            "places": ["daliu"],
            "policies": {"some": policy, "whistle": "+whistle"},
            "draws": DRAWS,
            "replications": 2,
            "metrics": ["days_in_conflict_per_1000"],
        }
    )
    return of_design(resolved(comparison), [], "auto", "both")


def panel_of(design: Design, folder: Path):  # type: ignore[no-untyped-def]
    cases = [case_of(cell, design.comparison) for cell in design.cells]
    wanted = pairs(design.draws, design.comparison.replications)
    return place_panel(design, run(cases, wanted, folder=folder, executor=SerialExecutor()), "daliu")


def test_such_draws_count_for_no_policy(tmp_path: Path) -> None:
    design = design_of("+household_visits")
    cases = [case_of(cell, design.comparison) for cell in design.cells]
    bad = {d for d in range(1, DRAWS + 1) for case in cases if case.impossible(d)}
    assert 0 < len(bad) <= DRAWS // 4, "the policy was chosen for being impossible in a few draws"
    place = panel_of(design, tmp_path)
    assert place.impossible == {place.labels[1]: len(bad)}
    missing = np.isnan(place.panel.values).all(axis=(0, 1, 3))
    assert set((np.flatnonzero(missing) + 1).tolist()) == bad
    assert not np.isnan(place.panel.values[:, :, ~missing]).any()
    found = answer(place, design.comparison, load_prices(None))
    assert found.decision.draws == DRAWS - len(bad)
    assert np.isfinite(found.effects["difference"]).all()


def test_a_policy_that_is_mostly_impossible_is_left_out(tmp_path: Path) -> None:
    design = design_of(HEAVY)
    place = panel_of(design, tmp_path)
    assert place.labels[1:] == [c.policy for c in place.cells[1:]] and len(place.labels) == 2
    gone = [p for p in place.impossible if p not in place.labels]
    assert len(gone) == 1 and place.impossible[gone[0]] > DRAWS / 4
    assert not np.isnan(place.panel.values).any()
    why = PoliciesCompared(design, (answer(place, design.comparison, load_prices()),)).left_out
    said = f"takes more hours than staff have in {place.impossible[gone[0]]} of {DRAWS} parameter draws"
    assert why == {("daliu", gone[0]): said}


def test_where_nothing_is_left_the_message_says_why(tmp_path: Path) -> None:
    design = design_of(HEAVY)
    only = Design(design.comparison, design.cells[:2])
    with pytest.raises(ScenarioError, match="staff lack the hours that it takes in"):
        panel_of(only, tmp_path)


def test_break_even_looks_at_the_same_draws(tmp_path: Path) -> None:
    """A policy that is possible in all draws is judged on those that count, not on all."""
    design = design_of("+household_visits")
    place = panel_of(design, tmp_path)
    found = answer(place, design.comparison, load_prices(None))
    frame = break_evens(found, design, tmp_path, executor=SerialExecutor()).set_index(["policy", "rival"])
    effects = found.effects.set_index("policy")["mean"]
    for policy in place.labels[1:]:
        assert frame.loc[(policy, place.labels[0]), "at_1"] == pytest.approx(effects[policy], rel=1e-9), (
            policy
        )


def test_sensitivity_looks_at_the_draws_that_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = panel_of(design_of("+household_visits"), tmp_path)
    sensitivity = import_module("sim.studies.sensitivity.plan")  # its package has a function of that name
    scores = np.arange(DRAWS * 3.0).reshape(DRAWS, 3)
    with pytest.raises(UserError, match="8 of 10 parameter draws count"):
        sensitivity._counted(scores, place)
    monkeypatch.setattr(sensitivity, "LEAST", 5)
    left, panel = sensitivity._counted(scores, place)
    assert len(left) == panel.panel.draws == DRAWS - 2 and not np.isnan(panel.panel.values).any()
    assert np.array_equal(left, scores[place.counted])


KEY = Column("days_in_conflict_per_1000")


def cases_of(*policies: str) -> tuple[ParameterDraws, dict[str, Case]]:
    place = load_place("daliu")
    draws = draws_for("daliu", place, [])
    assert draws is not None
    asked = {"points": points_of(draws), "options": (("groups", False),)}
    return draws, {p: Case(place, tuple(parse(p, place)), 1, policy=p, **asked) for p in policies}  # type: ignore[arg-type]


def test_draws_that_are_met_on_the_way_are_dealt_to_nobody(tmp_path: Path) -> None:
    draws, cases = cases_of("practice", "+household_visits")
    search = Search(draws.count, "practice", SerialExecutor(), tmp_path)
    with pytest.raises(Changed):
        search.values(cases["+household_visits"], [KEY], range(10))
    bad = {d for d in range(1, 41) if cases["+household_visits"].impossible(d)}
    assert search.gone == bad and search.counts == {"+household_visits": len(bad)}

    def both() -> list[np.ndarray]:
        return [search.values(case, [KEY], range(30))[0] for case in cases.values()]

    for values in until_known(both):
        assert values.shape == (30,) and np.isfinite(values).all()
    used = {draw for draw, _ in in_turn(draws.count, range(30), search.gone)}
    assert len(used) == 30 and not used & bad
    assert sentences({"a": 3, "b": 30}, ["b"], 40) == [
        "Left out: b, for which staff lack the hours in 30 of 40 parameter draws.",
        "Parameter draws under which staff lack the hours that a policy takes count for none: a (3) of 40.",
    ]


def test_a_policy_that_is_mostly_impossible_leaves_a_race_at_once(tmp_path: Path) -> None:
    policy = "+household_visits+one_village_one_police"
    draws, cases = cases_of(policy)
    search = Search(draws.count, "practice", SerialExecutor(), tmp_path)
    search.impossible["+other"] = {7}
    search.impossible_of = lambda case, looked: [d for d in looked if d % 3 == 0]  # type: ignore[method-assign]
    with pytest.raises(LeftOut):
        search.values(cases[policy], [KEY], range(30))
    with pytest.raises(LeftOut):  # and is not simulated again
        search.values(cases[policy], [KEY], range(60, 90))
    assert search.simulated == 30
    assert search.left_out == [policy] and search.gone == {7}, "draws of who is left out count for the others"


ASK = {
    "select": ("+household_visits", "--budget", "30"),
    "before-after": (
        *("practice+household_visits", "--start", "2021-06-01", "--replications", "8"),
        *("--before", "60", "--after", "60", "--no-figures"),
    ),
    "optimise": (
        *("household_visits", "--hours", "20000", "--replications", "4", "--fresh", "6"),
        *("--objectives", "days_in_conflict_per_1000", "--no-figures"),
    ),
}


@pytest.mark.parametrize("command", ASK)
def test_commands_go_on_and_say_how_many_draws_count_for_none(tmp_path: Path, command: str) -> None:
    done = run_cli(tmp_path, command, "daliu", *ASK[command], "--json")
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    said = " ".join(read["warnings"])
    assert "count for none" in said
    counts = read["answer"]["impossible_draws"]
    number = counts if command == "optimise" else sum(counts.values())
    policy = "+household_visits"
    case = cases_of(policy)[1][policy]
    looked = {"select": 40, "before-after": 8, "optimise": 40}[command]
    assert number == sum(bool(case.impossible(d)) for d in range(1, looked + 1)) > 0


def test_a_run_leaves_them_out_and_is_repeated_as_it_was(tmp_path: Path) -> None:
    policy, replications = "+household_visits", 40
    place = load_place("daliu")
    draws = draws_for("daliu", place, [])
    job = PlaceRun(place, 1, "compiled", tuple(parse(policy, place)), draws)
    job = job.possible(policy, (), replications)
    used = [draw for draw, _ in job.pairs(replications)]
    assert job.left_out and used == sorted(used) and len(set(used)) == replications / job.per_draw
    assert [d for d in range(1, max(used) + 1) if job.case.impossible(d)] == list(job.left_out)
    assert set(used) == set(range(1, max(used) + 1)) - set(job.left_out)

    done = run_cli(
        tmp_path, "run", "daliu", "--policy", policy, "--replications", "40", "--no-figures", "--json"
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)["warnings"]
    assert any("staff lack the hours" in words and str(len(job.left_out)) in words for words in said)
    folder = tmp_path / "results" / "daliu"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["posterior"]["left_out"] == list(job.left_out)
    again = run_cli(tmp_path, "rerun", folder, "--out", tmp_path / "again", "--no-figures")
    assert again.returncode == 0, again.stderr


def test_a_run_that_is_mostly_impossible_is_refused(tmp_path: Path) -> None:
    words = ("--policy", "+household_visits:visit_hours=0.4", "--replications", "20", "--no-figures")
    done = run_cli(tmp_path, "run", "jiang", *words)  # impossible in most draws, not at central values
    assert done.returncode == 2 and "staff lack the hours that it takes in" in done.stderr, done.stderr
    assert not (tmp_path / "results").exists()
