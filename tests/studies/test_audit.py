"""A call-back of closed files: how many to ring, what answers tell, and that sentences say what tables have."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.scenario.errors import UserError
from sim.scenario.metrics import CONFLICT, Column
from sim.scenario.prices import load_prices
from sim.studies.audit.files import Files
from sim.studies.audit.found import Audit
from sim.studies.audit.plan import answers_of, plan
from tests.studies.test_worth_table import Found, place

DRAWS = 40  # in turn proportional and target-driven, as those of a posterior


def audit(fair: float, driven: float, observed: tuple[int, int] | None = None) -> Audit:
    """Parties say yes with so many percent under each reading; the first policy helps under the first reading only."""
    rng = np.random.default_rng(1)
    number = np.arange(DRAWS) % 2
    chance = np.clip(np.where(number == 0, fair, driven) + rng.normal(0, 0.02, DRAWS), 0.01, 0.99)
    true = np.where(number == 0, 90.0, 60.0)[:, None] + rng.normal(0, 1, (DRAWS, 4))
    base = 100 + rng.normal(0, 5, (DRAWS, 4))
    one: Any = place(
        np.array([[-4.0, 4.0], [-1.0, -1.0]]),
        Found({(Column("true_success_rate"), 0): true, (Column(CONFLICT), 0): base}),
    )
    files = Files(np.arange(DRAWS), number, chance, 150)
    wanted = ((10.0, 0.8), (10.0, 0.9), (20.0, 0.8), (20.0, 0.9))
    design: Any = SimpleNamespace(cells=[SimpleNamespace(posterior=None)])
    return Audit(design, one, files, load_prices(), wanted, observed, "key")  # type: ignore[arg-type]


def said(found: Audit) -> str:
    return " ".join(map(str, found.sentences()))


def test_more_files_are_needed_for_more_odds_and_probability() -> None:
    found = audit(0.9, 0.7)
    needed = found.needed.set_index(["odds", "probability"])["files"]
    assert 5 < needed[10, 0.8] < needed[10, 0.9] <= needed[20, 0.9] < 200
    assert f"Ring {needed[10, 0.8]:.0f} files" in said(found)
    at = found.separation.query("odds == 10").set_index("files").loc[int(needed[10, 0.8])]
    assert min(at["found_proportional"], at["found_target_driven"]) >= 0.8
    cost = found.needed["yuan"].iloc[0]
    assert cost == pytest.approx(40 * (16 + 0.5 * needed[10, 0.8]) + needed[10, 0.8])


def test_a_call_back_needs_no_policy() -> None:
    """It asks of the record; policies are only what an answer is put to."""
    design = plan("daliu", draws=20).design
    assert [cell.policy for cell in design.cells] == ["practice"]


def test_readings_that_sound_alike_are_not_told_apart() -> None:
    found = audit(0.8, 0.79)
    assert found.needed["files"].isna().all()
    assert said(found).count("Not even 300 files") == 2  # once for each odds
    assert "Ring" not in said(found)


@pytest.mark.parametrize(
    ("observed", "words", "then"),
    [
        ((90, 100), "record is proportional", "--reading proportional"),
        ((68, 100), "record is target-driven", "--reading target_driven"),
        ((9, 10), "favours it, and does not tell them apart", "Ring more"),
        ((4, 5), "does not tell the readings apart", "Ring more"),
    ],
)
def test_every_branch_of_what_answers_tell(observed: tuple[int, int], words: str, then: str) -> None:
    found = audit(0.9, 0.7, observed)
    assert words in said(found) and then in said(found)
    assert ("told apart" in said(found)) == (max(found.odds, 1 / found.odds) >= 10)


def test_what_is_believed_moves_to_the_draws_that_fit() -> None:
    found = audit(0.9, 0.7, (92, 100)).updated.set_index(["policy", "metric"])
    true = found.loc["", "true_success_rate"]
    assert true["before_low"] < 63 and true["after_low"] > 85
    first, other = found.loc["+a", CONFLICT], found.loc["+b", CONFLICT]
    assert first["before_p_better"] == pytest.approx(0.5, abs=0.02) and first["after_p_better"] > 0.98
    assert other["before_p_better"] == pytest.approx(other["after_p_better"], abs=0.01)
    assert audit(0.9, 0.7, (92, 100)).effective == pytest.approx(DRAWS / 2, rel=0.5)


def test_draws_without_a_posterior_stand_for_both_readings() -> None:
    files = Files(
        np.tile(np.arange(3), 2), np.repeat([0, 1], 3), np.array([0.9, 0.9, 0.9, 0.6, 0.7, 0.8]), 50
    )
    after, before = files.weights(16, 20)
    assert before == pytest.approx([1 / 3] * 3) and after.sum() == pytest.approx(1.0)
    assert after[2] > after[1] > after[0]


def test_answers_are_read() -> None:
    assert answers_of("83/100") == answers_of((83, 100)) == (83, 100) and answers_of(None) is None
    for wrong in ("83", "83 of 100", "101/100", "0/0", "-1/5"):
        with pytest.raises(UserError, match="--observed"):
            answers_of(wrong)
