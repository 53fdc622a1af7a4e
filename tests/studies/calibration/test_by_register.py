"""`calibrate --ledger`: from a file and a place to what is compared, and what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.ledger.ledger import digest
from sim.runs.points import Scores
from sim.runs.posterior import scenario_digest
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.studies.calibrate import plan
from sim.studies.calibrate.by_register import national_rate
from sim.studies.calibration.register import Register
from sim.studies.calibration.waves import case_at
from sim.studies.fit import Fit, fit
from tests.cli.terminal import run_cli
from tests.ledger.registers import rows, write_csv

TOLD = {"persons": 2_500, "villages": 6, "mediated": 50, "succeeded": 48}


@pytest.fixture(scope="module")
def register_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("register") / "register.csv", rows(60))


@pytest.fixture(scope="module")
def fitted(register_file: Path) -> Fit:
    return fit(register_file, name="of_register", **TOLD)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def place_file(fitted: Fit, register_file: Path) -> Path:
    return fitted.write_place(register_file.parent / "of_register.yaml")


def _register(place: Path | str, file: Path, **more: object) -> Register:
    found = plan([str(place)], ledger=file, **more).register  # type: ignore[arg-type]
    assert found is not None
    return found


def test_what_fit_took_from_the_register_is_not_compared_again(register_file: Path, tmp_path: Path) -> None:
    study = fit(register_file, name="of_register", written_down=(0.5, 0.8), **TOLD)  # type: ignore[arg-type]
    path = study.write_place(tmp_path / "of_register.yaml")
    found = _register(path, register_file)
    assert found.about == {"file": "register.csv", "sha256": digest(register_file)}
    assert "kind" not in {s.by for s in found.form.splits}
    assert found.wide == national_rate() and found.wide.low == 14.0 and found.wide.high == 28.0
    # The range that was told to fit is that of the share written down.
    assert min(found.form.written) == pytest.approx(0.5, rel=0.02)
    assert max(found.form.written) == pytest.approx(0.8, rel=0.02)
    # A register of another county, or of another year, says more.
    other = write_csv(tmp_path / "other.csv", rows(59))
    assert _register(path, other).wide is None
    assert "kind" in {s.by for s in _register(path, other).form.splits}


def test_without_a_share_the_rows_set_no_rate_and_the_record_is_left_open(
    register_file: Path, fitted: Fit, place_file: Path
) -> None:
    place = load_place(place_file)
    assert place.incidence.latent_rate == national_rate()
    assert [t.metric for t in place.targets] == ["mediated", "succeeded"]
    assert "Nobody said which share" in " ".join(map(str, fitted.messages()))
    found = _register(place_file, register_file)
    prior = place.recording.proportional.recorded
    assert min(found.form.written) < 1.2 * prior.low and max(found.form.written) > 0.9 * prior.high
    told = _register(place_file, register_file, written_down=0.9)
    assert told.form.written == (0.9,)
    more = fit(register_file, name="x", **{**TOLD, "persons": 300})  # type: ignore[arg-type]
    assert more.fitted.place.incidence.latent_rate.value > 28.0  # more rows than the survey allows


def test_a_calibration_is_known_by_its_register(register_file: Path, place_file: Path) -> None:
    path = place_file
    place = load_place(path)
    keys = set()
    for more in ({}, {"ledger": register_file}, {"ledger": register_file, "written_down": (0.7, 0.9)}):
        chosen = plan([str(path)], **more)  # type: ignore[arg-type]
        keys.add(chosen.key(0))
        # The posterior belongs to the place as its file has it, so that other commands take it.
        assert scenario_digest(chosen.counties[0][0], ()) == scenario_digest(place, ())
    assert len(keys) == 3
    form = _register(path, register_file).form
    case = case_at(place, (), ("incidence.latent_rate",), [[0.0]], 1)  # type: ignore[arg-type]
    assert isinstance(case.points, Scores) and case.options == (("record", ""),)
    assert case_at(place, (), ("x",), [[0.0]], 1, register=form).options[1] == ("register", form)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("daliu", "liucheng", "--ledger", "register.csv"), "--ledger is the register of one place"),
        (("daliu", "--written-down", "0.5:0.9"), "options of how a register is read need one"),
        (("daliu", "--mapping", "words.csv"), "options of how a register is read need one"),
        (("daliu", "--ledger", "register.csv"), "need 60 days in common"),
        (("daliu", "--ledger", "missing.csv"), "missing.csv"),
        (("daliu", "--ledger", "log.csv"), "is a log of events, not a register"),
    ],
)
def test_what_cannot_be_is_one_message(
    register_file: Path, tmp_path: Path, words: tuple[str, ...], expected: str
) -> None:
    (tmp_path / "register.csv").write_bytes(register_file.read_bytes())
    log = ["case,activity,time,site"]
    for i in range(40):
        log += [f"{i},known at village,2021-03-01,東村", f"{i},attempt failed at village,2021-03-05,東村"]
    (tmp_path / "log.csv").write_text("\n".join(log), encoding="utf-8")
    found = run_cli(tmp_path, "calibrate", *words)
    assert found.returncode == 2 and expected in " ".join(found.stderr.split())
    assert "Traceback" not in found.stderr


def test_a_share_out_of_range_is_refused_in_python_too(register_file: Path, place_file: Path) -> None:
    with pytest.raises(UserError, match="--written-down"):
        plan([str(place_file)], ledger=register_file, written_down=(0.9, 0.2))
