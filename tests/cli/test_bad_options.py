"""Options that cannot be: one message, exit code 2, no traceback, and nothing read until memory ends."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.cli.terminal import run_cli

PLAIN = "--posterior none"
BAD = {
    f"run daliu --policy +whistle:village=1e400 {PLAIN} --dry-run": "out of bounds",
    f"run daliu --policy +whistle:arrival_days= {PLAIN} --dry-run": "cannot be read from",
    f"run daliu --metrics , {PLAIN}": "names no metric",
    f"run daliu --precision 5% --max-replications 1 {PLAIN}": "at least 2",
    "run daliu --replications 2000000": "1,048,576",
    "run daliu --replications ²": "whole number",
    "run daliu --replications 99999999999999999999": "too large",
    f"compare daliu +whistle --draws 5000 {PLAIN}": "at most 4000",
    f"compare daliu +whistle --margin filings=nan {PLAIN}": "METRIC=NUMBER",
    f"before-after daliu +whistle --start 0001-01-01 {PLAIN}": "calendar",
    f"before-after daliu +whistle --start 2022-06-01 --before 9999 {PLAIN}": "overflows",
    f"before-after daliu +whistle --start 2022-06-01 --claim crimes=1e400 {PLAIN}": "METRIC=NUMBER",
    "calibrate daliu --effort 1e14": "at most 1000",
    "run daliu --posterior /dev/zero": "no posterior",
    "new --figures /dev/zero": "no ordinary file",
    "new --name a --villages ² --persons 900": "whole number",
    "new --name a --villages 20 --persons 900 --end 0001-01-05": "1949",
    "new --name a --villages 20 --persons 900 --mediated 100 --succeeded 90 --rate 98": "leave one",
    "rerun /dev/zero": "no file",
    "report /dev/zero": "no result folder",
    "fit ledger.csv --sizes /dev/zero": "cannot be read",
    "fit ledger.csv --mapping /dev/zero --out x.yaml": "no ordinary file",
    "quality /dev/zero": "no ordinary file",
    "forecast /dev/zero": "no ordinary file",
    "run daliu --posterior huge.json": "larger than 256 MB",
    "rerun huge": "larger than 256 MB",
    "report huge": "larger than 256 MB",
    "diff huge huge": "larger than 256 MB",
    "fit huge.csv": "larger than 1 GB",
    "quality huge.csv": "larger than 1 GB",
    "forecast ledger.csv --mapping huge.csv": "larger than 1 GB",
    "explain daliu --xlsx ledger.csv/a.xlsx": "it is a file",
    "fit ledger.csv --out b.yaml --xlsx b.xls": "must end in .xlsx",
    "quality ledger.csv --out ledger.csv/x": "name another folder",
    "report bare --out ledger.csv": "is no report",
    "report bare --out secret.conf": "is no report",
    "fit ledger.csv --villages 999999999": "no county has more",
    "fit ledger.csv --written-down 1e-300": "at least 0.001",
    "fit ledger.csv --to 9999-12-31": "longer than",
    "validate leak.yaml": "no YAML file",
    f"run daliu --seed 99999999999999999999 {PLAIN}": "too large",
    f"before-after daliu +whistle --start 2022-06-01 --villages 999999 {PLAIN}": "daliu has 8",
    "new --name a --villages 3 --persons 9,00": "whole number",
    "quality odd.xes": "an encoding that cannot be read",
    "quality wide.xes": "an encoding that cannot be read",
    "quality ledger.csv --sheet a": "has no sheets",
    "forecast ledger.csv --as-of 2031-01-01": "name a day within it",
    "forecast ledger.csv --as-of 1999-01-01": "name a day within it",
    # named twice
    "calibrate daliu daliu --joint": "named twice",
    "check daliu daliu": "named twice",
    f"compare daliu +whistle --metrics filings,filings {PLAIN}": "named twice",
    f"compare daliu +whistle --margin filings=1 --margin filings=2 {PLAIN}": "named twice",
    f"compare daliu +whistle --value suit=1,suit=2 {PLAIN}": "named twice",
    f"before-after daliu +whistle --start 2022-06-01 --claim crimes=1 --claim crimes=2 {PLAIN}": "named twice",
    "fit ledger.csv --kind a=family --kind a=land --out b.yaml": "named twice",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bad")
    rows = (f"{n},known at village,2023-0{1 + n % 6}-11 09:00,village {n % 3}" for n in range(1, 40))
    (made / "ledger.csv").write_text("\n".join(["case,activity,time,site", *rows]) + "\n")
    (made / "secret.conf").write_text("token = [abc village-disputes\n")
    for name, encoding in (("odd", "nope-8"), ("wide", "shift_jis")):
        (made / f"{name}.xes").write_text(f'<?xml version="1.0" encoding="{encoding}"?><log></log>')
    (made / "bare").mkdir()
    (made / "bare" / "a.csv").write_text("a,b\n1,2\n")
    for name in ("huge.json", "huge.csv", "huge/manifest.json"):
        (made / name).parent.mkdir(exist_ok=True)
        with (made / name).open("wb") as file:
            file.truncate(1 << 40)  # takes no room
    (made / "secret.yaml").symlink_to(made / "secret.conf")
    (made / "leak.yaml").write_text("include: [secret.yaml]\nschema_version: 1\n")
    return made


@pytest.mark.parametrize("line", BAD)
def test_it_is_one_message(folder: Path, line: str) -> None:
    found = run_cli(folder, *shlex.split(line))
    assert found.returncode == 2 and "Traceback" not in found.stderr, found.stderr
    assert BAD[line] in " ".join(found.stderr.split()), found.stderr
    assert "abc" not in found.stderr and not (folder / "b.yaml").exists()
