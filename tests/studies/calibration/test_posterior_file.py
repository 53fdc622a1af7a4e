"""Posterior files: what is written comes back, and what does not belong is refused with the command that renews it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from sim.runs.fingerprint import model_digest
from sim.runs.posterior import Posterior, ReadingDraws, fresh, load, scenario_digest
from sim.runs.sealed import sealed
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place
from sim.scenario.parameter_draws import SCALE, unpacked
from sim.scenario.policy import practice
from sim.scenario.prior import luck, place_at

PLACE = load_place("daliu")
MEASURES = tuple(practice(PLACE))
NAMES = ("incidence.latent_rate", "tiers.village.success", "recording.proportional.recorded")


def posterior(seed: int = 1) -> Posterior:
    rng = np.random.default_rng(seed)
    readings = {
        "proportional": ReadingDraws.of(NAMES, rng.standard_normal((6, 3)), {"ess": 300.0}),
        "target_driven": ReadingDraws.of(NAMES[:2], rng.standard_normal((6, 2)), {}),
    }
    return Posterior("daliu", scenario_digest(PLACE, MEASURES), model_digest(), readings, {"seed": 1})


def test_a_file_comes_back(tmp_path: Path) -> None:
    one = posterior()
    one.save(tmp_path / "daliu.json")
    two = load(tmp_path / "daliu.json")
    assert two.text() == one.text()
    assert (two.readings["proportional"].scores == one.readings["proportional"].scores).all()
    assert fresh(PLACE, MEASURES, tmp_path / "daliu.json") is not None


def test_draws_alternate_between_readings_and_are_kept_to_a_24th() -> None:
    one = posterior()
    draws = one.draws()
    assert draws.count == 12
    assert [draws.reading(d) for d in (1, 2, 3)] == ["proportional", "target_driven", "proportional"]
    exact = np.random.default_rng(1).standard_normal((6, 3))
    assert np.abs(one.readings["proportional"].normal - exact).max() <= 0.5 / SCALE + 1e-12
    assert set(draws.chances(2)) == set(NAMES)
    assert draws.chances(2)[NAMES[2]] == draws.chances(1)[NAMES[2]]  # how the other reading records
    assert draws.chances(2)[NAMES[0]] != draws.chances(1)[NAMES[0]]
    assert draws.chance(7, 2, "kinds.land.success") == luck(
        7, 2, "kinds.land.success"
    )  # no figure speaks of it
    assert unpacked(draws.packed()) == draws
    with pytest.raises(IndexError, match="12 parameter draws"):
        draws.chances(13)


def test_a_draw_sets_its_numbers_and_no_other() -> None:
    draws = posterior().draws("proportional")
    place, _ = draws.model(PLACE, MEASURES, 1, 2)
    chances = draws.chances(2)
    same = place_at(PLACE, lambda name: chances[name] if name in chances else luck(1, 2, name))
    assert place.recording.reading == "proportional"
    assert place == same
    less = draws.without({NAMES[0]})
    assert less.parts[0][1] == NAMES[1:]
    assert less.chances(2) == {n: chances[n] for n in NAMES[1:]}


def test_a_remark_does_not_make_it_stale_and_a_number_does() -> None:
    one = posterior()
    remarked = PLACE.model_copy(update={"title": PLACE.title.model_copy(update={"en": "another name"})})
    assert not one.stale(remarked, MEASURES)
    rate = PLACE.incidence.latent_rate
    changed = PLACE.model_copy(
        update={
            "incidence": PLACE.incidence.model_copy(
                update={"latent_rate": rate.model_copy(update={"high": 99.0})}
            )
        }
    )
    assert "scenario" in one.stale(changed, MEASURES)
    assert "scenario" in one.stale(PLACE, MEASURES[1:])
    older = Posterior(one.place, one.scenario, "0" * 16, one.readings)
    assert "model" in older.stale(PLACE, MEASURES)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema_version": 2}', "not json"])
def test_something_else_is_refused_with_the_command_that_makes_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "daliu.json"
    path.write_text(content)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert "calibrate daliu" in str(caught.value)


def test_a_stale_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "daliu.json"
    posterior().save(path)
    whole = json.loads(path.read_text())
    whole["scenario"] = "0" * 16
    path.write_text(json.dumps(sealed(whole)))
    with pytest.raises(ScenarioError) as caught:
        fresh(PLACE, MEASURES, path)
    assert "stale" in str(caught.value) and "run_sim.py calibrate daliu" in str(caught.value)


def used(path: Path) -> Posterior | None:
    try:
        return load(path)
    except ScenarioError:
        return None


def test_no_edited_or_damaged_file_is_used(tmp_path: Path) -> None:
    path = tmp_path / "daliu.json"
    one = posterior()
    one.save(path)
    content = path.read_bytes()
    for place in range(len(content)):
        for damaged in (
            content[:place],
            bytes([*content[:place], content[place] ^ 1, *content[place + 1 :]]),
        ):
            path.write_bytes(damaged)
            found = used(path)
            assert found is None or (found.text() == one.text() and damaged.split() == content.split())
    path.write_bytes(content.replace(b"\n", b"\r\n"))
    assert load(path).text() == one.text()
    whole = json.loads(content)
    whole["readings"]["proportional"]["about"]["ess"] = 301.0
    path.write_text(json.dumps(whole))
    with pytest.raises(ScenarioError, match="checksum does not fit"):
        load(path)
    del whole["checksum"]
    path.write_text(json.dumps(whole))
    with pytest.raises(ScenarioError, match="has no checksum"):
        load(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"draws": -1}, "has -1 draws"),
        ({"draws": True}, "has True draws"),
        ({"draws": 7}, "18 scores for 7 draws"),
        ({"names": [NAMES[0]] * 3}, "latent_rate twice"),
        ({"names": []}, "no list of texts"),
        ({"names": [1, 2, 3]}, "no list of texts"),
        ({"scores": base64.b85encode(bytes([128] * 18)).decode()}, "a score of -128"),
        ({"scores": "~~~~~"}, "no posterior"),
        ({"about": None}, "no posterior"),
        ({"about": {"pinned": {"filings": {"mean": "3", "sd": 1.0, "n": 9}}}}, "pinned mean of filings"),
        ({"about": {"pinned": {"filings": {"mean": 3.0, "sd": 1.0, "n": 0}}}}, "pinned mean of filings"),
        ({"about": {"pinned": {"filings": {"mean": 3.0}}}}, "no posterior"),
        ({"about": {"pinned": [3]}}, "no posterior"),
    ],
)
def test_what_does_not_fit_together_is_refused_whatever_its_checksum(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    path = tmp_path / "daliu.json"
    whole = json.loads(posterior().text())
    whole["readings"]["proportional"] |= change
    path.write_text(json.dumps(sealed(whole)))
    with pytest.raises(ScenarioError, match=said):
        load(path)


@pytest.mark.parametrize("parts", [0, -1, "x", 2.5, None, True])
def test_a_number_of_parts_that_is_none_is_refused(tmp_path: Path, parts: object) -> None:
    path = tmp_path / "daliu.json"
    whole = json.loads(posterior().text())
    whole["about"]["parts"] = parts
    path.write_text(json.dumps(sealed(whole)))
    with pytest.raises(ScenarioError, match="parts"):
        load(path)


def test_a_name_that_the_place_does_not_have_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "daliu.json"
    whole = json.loads(posterior().text())
    whole["readings"]["proportional"]["names"][1] = "tiers.village.sucess"
    path.write_text(json.dumps(sealed(whole)))
    assert load(path)
    with pytest.raises(ScenarioError, match=r"daliu has no unknown number .*tiers\.village\.sucess"):
        fresh(PLACE, MEASURES, path)


@pytest.mark.parametrize("name", ["baojing", "daliu", "fengcheng", "jiang", "liucheng"])
def test_posteriors_that_come_with_the_program_are_whole_and_fresh(name: str) -> None:
    place = load_place(name)
    assert fresh(place, tuple(practice(place))) is not None
