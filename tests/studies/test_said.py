"""Options that mean what they say, and words beside numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.runs.place_run import PlaceRun
from sim.scenario.errors import ScenarioError, UserError
from sim.scenario.load import load_place
from sim.scenario.metrics import Column
from sim.scenario.policies import parse
from sim.studies.before_after import plan
from sim.studies.explain import explain
from sim.studies.multiplier import has_effect
from sim.studies.posteriors import PER_DRAW, draws_for
from sim.studies.summary import Full, full_staff
from tests.cli.terminal import PAIR, done, run_cli


def test_trace_shows_the_replication_of_run_with_its_parameters() -> None:
    place = load_place("daliu")
    drawn = draws_for("daliu", place, [])
    assert drawn is not None
    job = PlaceRun(place, 1, "compiled", None, drawn, PER_DRAW)
    draw, replication = job.pairs(4)[3]
    shown = sim.trace("daliu", posterior="auto", replication=3)
    assert shown.draw == draw == 2 and shown.trace.digest() == job.case.measure(draw, replication).digest
    central = sim.trace("daliu", replication=3)
    assert central.draw == 0 and central.trace.digest() != shown.trace.digest()
    one = sim.trace("daliu", posterior="auto", reading="proportional", replication=3)
    assert one.answer()["reading"] == "proportional" and shown.answer()["reading"] == "target_driven"


@pytest.mark.parametrize(
    ("given", "in_all"),
    [((None, None), 200), ((50, None), 50), ((4, 20), 80), ((None, 40), 200), ((7, 1), 7)],
)
def test_replications_are_of_each_draw_where_draws_are_asked_for(
    given: tuple[int | None, int | None], in_all: int
) -> None:
    replications, draws = given
    asked = plan(
        "daliu", "+whistle", start="2021-06-01", replications=replications, draws=draws, posterior="none"
    ).asked
    assert asked.replications == in_all and asked.draws == (draws or 1)


def test_a_claim_is_not_judged_from_a_handful_without_a_word(tmp_path: Path) -> None:
    words = (
        "before-after",
        "daliu",
        "+whistle",
        "--start",
        "2021-06-01",
        "--posterior",
        "none",
        "--no-figures",
    )
    said = done(
        tmp_path, *words, "--replications", "4", "--claim", "crimes=-50", "--before", "60", "--after", "60"
    )
    assert "judged here from 4 replications" in " ".join(said.split())


def test_a_policy_outside_of_all_that_is_simulated_is_refused() -> None:
    place = load_place("daliu")
    for wrong in ("+whistle:start=2099-01-01", "+whistle:stop=1999-01-01"):
        with pytest.raises(ScenarioError, match="would change nothing"):
            parse(wrong, place)
    assert parse(f"+whistle:start={place.window.end}", place)
    with pytest.raises(UserError, match="calendar"):
        plan("daliu", "+whistle", start="9999-12-31")


def test_what_has_no_assumed_effect_has_no_break_even(tmp_path: Path) -> None:
    place = load_place("daliu")
    rules = ("rule_321", "follow_up_visits", "confirmation_drive", "more_staff:judges=2")
    for name in rules:
        (measure,) = parse(f"none+{name}", place)
        assert not has_effect(measure, place), name
    assert has_effect(parse("none+whistle", place)[0], place)
    found = explain("daliu", policy="none+whistle+rule_321").answer()["effects"]
    assert found["rule_321"] == [] and "whistle:success" in found["whistle"]
    said = done(
        tmp_path,
        *("compare", PAIR, "+rule_321", "+whistle", "--break-even", "--replications", "4", "--no-figures"),
    )
    rule, whistle = (
        next(line for line in said.splitlines() if line.startswith(f"  {name}: ") and "assumed" in line)
        for name in ("+rule_321", "+whistle")
    )
    assert "no assumed effect" in rule
    assert "no assumed effect" not in whistle and "times" in whistle


def test_saturation_is_said_as_idleness_is() -> None:
    busy = np.array([50.0, 96.0, 99.0, np.nan, 80.0])
    numbers = {
        Column("utilisation_busiest", by="staff", group="judges"): busy,
        Column("utilisation_busiest", by="staff", group="police"): np.full(5, 94.0),
        Column("utilisation", by="staff", group="police"): np.full(5, 99.0),
    }
    assert full_staff(numbers) == [Full("judges", 0.5)]  # type: ignore[arg-type]
    under = np.array(["a", "a", "a", "b", "b"], dtype=object)
    assert full_staff(numbers, under) == [Full("judges", 2 / 3)]  # type: ignore[arg-type]


def test_a_posterior_of_one_reading_says_which(tmp_path: Path) -> None:
    from dataclasses import replace

    from sim.runs.posterior import load, path_of

    both = load(path_of("daliu"))
    one = replace(both, readings={"proportional": both.readings["proportional"]})
    one.save(tmp_path / "one.json")
    found = run_cli(tmp_path, "run", "daliu", "--posterior", "one.json", "--dry-run")
    assert found.returncode == 2 and "--reading proportional" in found.stderr
    again = run_cli(
        tmp_path, "run", "daliu", "--posterior", "one.json", "--reading", "proportional", "--dry-run"
    )
    assert again.returncode == 0, again.stderr
