"""A nation: its counties, that they do not depend on each other, and its totals."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cli import main
from sim.draws import Draws
from sim.outcomes.cases import closed_cases
from sim.outcomes.minutes import available_minutes, busy_minutes
from sim.outcomes.tally import tally_of
from sim.runs.batch import Interrupted, run
from sim.runs.case import stream
from sim.runs.executors.local import Executor, ProcessExecutor, SerialExecutor
from sim.runs.nation import (
    Counties,
    NationRun,
    apportion,
    counties_of,
    county_place,
    draw_counties,
    lognormal,
)
from sim.runs.outcomes import Outcomes
from sim.scenario.checks import check
from sim.scenario.experiment import Nation, load_experiment
from sim.scenario.fields import quantity_at
from sim.scenario.metrics import KNOWN_METRICS, LABELS
from sim.studies.nation import NationRan
from sim.studies.nation import counties as national
from sim.studies.nation.counties import CountyOutcomes, summarise_nation
from sim.vocabulary import End, EventKind, Tier

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "data" / "small_nation.yaml"
COUNTIES = 12


@pytest.fixture(scope="module")
def nation() -> Nation:
    return load_experiment(SMALL)


@pytest.fixture(scope="module")
def job(nation: Nation) -> NationRun:
    return NationRun(nation, 3, "reference")


@pytest.fixture(scope="module")
def ran(job: NationRun) -> CountyOutcomes:
    outcomes = run([job.case], counties_of(COUNTIES, 1), executor=SerialExecutor())
    return CountyOutcomes.of(outcomes, job.counties)


def whole(name: str = "national_year", seed: int = 1) -> tuple[Nation, Counties]:
    found = load_experiment(name)
    return found, draw_counties(found, seed)


# --- drawing ---------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    weights=st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=60),
    least=st.integers(0, 3),
    free=st.integers(0, 10**9),
)
def test_what_is_shared_out_adds_up(weights: list[float], least: int, free: int) -> None:
    total = free + least * len(weights)
    shares = apportion(total, np.array(weights), least)
    assert shares.sum() == total
    assert shares.min() >= least
    exact = least + free * np.array(weights) / sum(weights)
    assert np.abs(shares - exact).max() <= 1 + 1e-6 * free


@pytest.mark.parametrize("seed", [0, 1, 20261123])
@pytest.mark.parametrize("name", ["national_year", str(SMALL)])
def test_totals_are_met_to_the_last_person_village_and_mediator(name: str, seed: int) -> None:
    nation, counties = whole(name, seed)
    totals = nation.experiment.totals
    assert len(counties) == int(totals.counties)
    assert counties.persons.sum() == int(totals.persons)
    assert counties.villages.sum() == int(totals.villages)
    assert counties.townships.sum() == int(totals.townships)
    mediators = counties.village_mediators + counties.township_mediators + counties.departments
    assert mediators.sum() == int(totals.mediators)
    assert (counties.townships >= 1).all() and (counties.townships <= counties.villages).all()
    assert (counties.village_mediators >= counties.villages).all()
    assert (counties.township_mediators >= counties.townships).all()
    assert (counties.departments >= 1).all()


def test_counties_differ_as_much_as_the_experiment_says() -> None:
    nation, counties = whole()
    n, cv = len(counties), float(nation.experiment.spread.persons)
    sigma = np.log1p(cv**2) ** 0.5
    found = np.log(counties.persons).std()
    assert abs(found - sigma) < 4 * sigma / np.sqrt(2 * n)
    per_village = counties.persons / counties.villages
    sigma = np.log1p(float(nation.experiment.spread.persons_per_village) ** 2) ** 0.5
    assert abs(np.log(per_village).std() - sigma) < 4 * sigma / np.sqrt(2 * n) + 0.01  # whole villages
    factors = np.log(np.array([*counties.varied.values(), counties.persons]))
    correlation = np.corrcoef(factors) - np.eye(len(factors))
    assert np.abs(correlation).max() < 4 / np.sqrt(n), "each difference has luck of its own"


def test_factors_have_mean_one_and_the_stated_variation() -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    for cv in (0.0, 0.2, 0.7):
        x = lognormal(u, cv)
        assert x.mean() == pytest.approx(1, abs=0.002)
        assert x.std() == pytest.approx(cv, rel=0.02)


def test_every_county_is_a_valid_place_within_the_ranges_of_the_typical_one() -> None:
    nation, counties = whole()
    for k in range(0, len(counties), 300):
        place = county_place(nation, counties, k)
        assert check(place) == []
        assert int(place.population.persons) == counties.persons[k]
        assert round(float(place.villages.mediators) * counties.villages[k]) == counties.village_mediators[k]
        for varied in nation.experiment.vary:
            base, own = quantity_at(nation.county, varied.path), quantity_at(place, varied.path)
            assert base is not None and own is not None
            if not varied.path.startswith("county."):
                assert base.low <= float(own) <= base.high
        staff = quantity_at(place, "county.petition_officers")
        per_head = float(nation.county.county.petition_officers) / float(nation.county.population.persons)
        assert staff is not None and abs(float(staff) - max(1, per_head * counties.persons[k])) <= 0.5


def test_the_typical_county_is_the_mean_of_the_nation() -> None:
    nation, _ = whole()
    totals, county = nation.experiment.totals, nation.county
    n = float(totals.counties)
    assert float(county.population.persons) == pytest.approx(float(totals.persons) / n, abs=1)
    assert int(county.villages.count) == round(float(totals.villages) / n)
    assert int(county.townships.count) == round(float(totals.townships) / n)
    per_committee = float(totals.mediators) / float(totals.committees)
    assert float(county.villages.mediators) == pytest.approx(per_committee, abs=0.001)
    rest = float(totals.committees) - float(totals.villages) - float(totals.townships)
    assert float(county.county.departments) == pytest.approx(rest * per_committee / n, abs=0.5)


def test_the_nation_has_28_million_grievances_a_year_and_half_a_year_of_warm_up() -> None:
    nation, counties = whole()
    rate = quantity_at(nation.county, "incidence.latent_rate")
    assert rate is not None
    rates = np.clip(float(rate) * counties.varied["incidence.latent_rate"], float(rate.low), float(rate.high))
    assert (rates * counties.persons / 1000).sum() == pytest.approx(28e6, rel=0.01)
    assert float(nation.county.window.warm_up) >= 182
    assert float(nation.county.incidence.superset) == 1


# --- running ---------------------------------------------------------------------------------------------------------


def test_a_county_is_the_same_alone_and_among_others(job: NationRun, ran: CountyOutcomes) -> None:
    alone = run([job.case], [(7, 0)], executor=SerialExecutor())
    assert all(alone[key][0].tobytes() == ran.outcomes[key][7].tobytes() for key in ran.keys)
    assert alone.digests[0] == ran.outcomes.digests[7]
    assert len(set(ran.outcomes.digests)) == COUNTIES


def test_replications_of_a_county_share_its_numbers_but_not_its_luck(
    job: NationRun, ran: CountyOutcomes
) -> None:
    assert job.case.model(7).place == county_place(job.nation, job.counties, 7)
    assert job.case.measure(7, 1).digest != ran.outcomes.digests[7]


def test_engines_agree(job: NationRun, ran: CountyOutcomes) -> None:
    compiled = NationRun(job.nation, job.seed, "compiled")
    assert compiled.key == job.key
    assert compiled.case.measure(4, 0).digest == ran.outcomes.digests[4]


def written(job: NationRun, folder: Path, outcomes: Outcomes) -> dict[str, str]:
    NationRan(job, COUNTIES, 1, outcomes).keep(folder, job.key, figures=False)
    files = [
        p
        for p in sorted(folder.iterdir())
        if p.is_file() and p.name not in ("run.json", "ro-crate-metadata.json")
    ]
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_workers_chunks_and_interruptions_change_nothing(job: NationRun, tmp_path: Path) -> None:
    def ran_in(name: str, executor: Executor, chunk: int, stop_at: int = 99) -> dict[str, str]:
        def stop(done: int, total: int) -> None:
            assert total == COUNTIES
            if stop_at <= done:
                raise KeyboardInterrupt

        found = run(
            [job.case],
            counties_of(COUNTIES, 1),
            executor=executor,
            folder=tmp_path / name / "chunks",
            chunk=chunk,
            progress=stop,
        )
        return written(job, tmp_path / name, found)

    serial = ran_in("serial", SerialExecutor(), 5)
    assert {"outcomes.parquet", "counties.csv", "summary.csv", "outside.csv", "manifest.json"} == set(serial)
    assert ran_in("two", ProcessExecutor(2), 1) == serial
    with pytest.raises(Interrupted, match="6 of 12"):
        ran_in("stopped", SerialExecutor(), 3, stop_at=6)
    assert not (tmp_path / "stopped" / "manifest.json").exists()
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "stopped").rglob("*.parquet")}
    assert len(kept) == 2
    assert ran_in("stopped", SerialExecutor(), 4) == serial
    assert all(p.stat().st_mtime_ns == time for p, time in kept.items()), "a finished chunk was run again"


# --- totals ----------------------------------------------------------------------------------------------------------


def test_every_metric_has_a_rule_for_its_total() -> None:
    for metric in KNOWN_METRICS.values():
        weighted = metric.total in ("ratio of sums", "weighted mean")
        assert weighted == bool(metric.per)
        assert not weighted or metric.per in KNOWN_METRICS or metric.per in national.DENOMINATORS
        assert metric.summed == (metric.unit in ("count", "hours", "disputes"))
    assert KNOWN_METRICS["utilisation_busiest"].total == "largest"
    assert {m.per for m in KNOWN_METRICS.values()} >= set(national.DENOMINATORS)


def test_totals_are_those_of_all_disputes_together(job: NationRun, ran: CountyOutcomes) -> None:
    """Counted anew from the traces, as if the nation were one place."""
    known = unseen = successes = cases = settled = closings = late = 0
    judges = np.zeros(2)
    for k in range(COUNTIES):
        model, trace = job.case.model(k), job.case.trace(k, 0)
        event, tier, detail = trace.column("event"), trace.column("tier"), trace.column("detail")
        now = trace.column("minute") >= trace.warm_up
        ends = now & (event == EventKind.END)
        known += int((now & (event == EventKind.KNOWN)).sum())
        unseen += int((ends & (tier < 0)).sum())
        closings += int((ends & (tier >= 0)).sum())
        settled += int((ends & (tier == Tier.VILLAGE) & (detail == End.SETTLED)).sum())
        late += int((now & (event == EventKind.DEADLINE)).sum())
        found = closed_cases(trace)
        successes, cases = successes + int(found.success.sum()), cases + len(found)
        mine = model.pools.group == model.pools.groups.index("judges")
        judges += [
            busy_minutes(trace, model)[mine].sum(),
            available_minutes(trace, tally_of(trace, model).capacity, model)[mine].sum(),
        ]
    summary = summarise_nation(ran).set_index(["metric", "group"])["nation"]
    assert known > 200 and cases > 50 and late > 0 and judges[0] > 0
    assert summary["known_disputes", ""] == known
    assert summary["deadline_breaches", ""] == late
    assert summary["known_share", ""] == pytest.approx(100 * known / (known + unseen), rel=1e-12)
    assert summary["true_success_rate", ""] == pytest.approx(100 * successes / cases, rel=1e-12)
    assert summary["settled_share", "village"] == pytest.approx(100 * settled / closings, rel=1e-12)
    assert summary["utilisation", "judges"] == pytest.approx(100 * judges[0] / judges[1], rel=1e-12)
    persons = float(job.nation.experiment.totals.persons)
    filings = summary["filings", ""]
    years = 184 / 365
    assert summary["filings_per_10000", ""] == pytest.approx(filings / persons * 1e4 / years, rel=1e-12)
    (beside,) = national.beside_outside(ran, job).to_dict("records")
    assert beside["nation"] == pytest.approx(filings / persons * 1e4 / years, rel=1e-12)
    assert (beside["outside_low"], beside["outside_high"]) == (80, 100)


def test_the_long_table_holds_every_county_in_blocks(
    ran: CountyOutcomes, job: NationRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(national, "BLOCK", 5)
    NationRan(job, COUNTIES, 1, ran.outcomes).write(tmp_path)
    path = tmp_path / "outcomes.parquet"
    with pq.ParquetFile(path) as file:
        assert file.num_row_groups == 3
        frame = file.read(use_threads=False).to_pandas()
    assert len(frame) == COUNTIES * len(ran.keys)
    found = frame[(frame["metric"] == "known_disputes") & (frame["by"] == "")]
    assert found["county"].tolist() == list(range(COUNTIES))
    assert found["value"].tolist() == ran.column("known_disputes").tolist()
    assert not frame.duplicated(["county", *LABELS]).any()


# --- the command line ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_run_and_rerun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["run", str(SMALL), "--seed", "3", "--engine", "reference", "--executor", "serial"]
    assert main([*words, "--counties", "4"]) == 0
    text = capsys.readouterr().out
    assert "the first 4 of 12 counties" in text
    assert "80 to 100" in text and "Uncalibrated" in text
    out = tmp_path / "results" / "small_nation"
    assert {p.name for p in (out / "figures").iterdir()} == {
        "checksums.json",
        "nation.png",
        "nation.svg",
    }
    assert main([*words, "--no-figures"]) == 0, "the same folder is taken up, with more counties"
    assert "all 12 counties, 40,000 people" in capsys.readouterr().out
    assert main(["rerun", str(out), "--workers", "1", "--no-figures"]) == 0
    assert "The traces are identical" in capsys.readouterr().out
    for name in ("outcomes.parquet", "summary.csv", "counties.csv", "manifest.json"):
        assert (out / name).read_bytes() == (tmp_path / "results" / "small_nation-rerun" / name).read_bytes()
    assert main(["diff", str(out), str(out)]) == 2
    assert "holds a nation" in capsys.readouterr().err


def test_dry_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "national_year", "--dry-run", "--workers", "2"]) == 0
    text = capsys.readouterr().out
    assert "2,844 counties" in text and "nothing is run" in text
    (disputes,) = [line for line in text.splitlines() if "disputes" in line]
    assert 41e6 < float(disputes.split()[2].replace(",", "")) < 43e6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "liucheng", "--counties", "3"], "--counties is for experiments"),
        (["run", "national_year", "--precision", "1%"], "--precision is for places"),
    ],
)
def test_options_that_do_not_apply(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_the_luck_of_the_composition_is_no_replication_of_a_county() -> None:
    assert stream("per county", 65_534, 2**15 - 1) < 0xFFFFFFFF
    assert Draws(1, 0xFFFFFFFF).key != Draws(1, 0).key
