"""`--lang`: labels in Chinese, and the same bytes for machines."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from sim.cli.parser import COMMANDS, build_parser
from tests.cli.terminal import PAIR, digests, done, run_cli

QUICK = ("--engine", "reference", "--workers", 1)
BARE = ("--workers", 1, "--no-figures")
NATION = PAIR.with_name("small_nation.yaml")
CHANGE = (
    "--start",
    "2022-05-01",
    "--before",
    60,
    "--after",
    60,
    "--replications",
    4,
    "--claim",
    "filings=-10",
)
TRIAL = (
    "--posterior",
    "none",
    "--draws",
    2,
    "--replications",
    1,
    "--months",
    "3",
    "--villages",
    "8",
    "--workers",
    1,
)
# What stays in Latin letters: names that are typed, sources, methods.
LATIN = re.compile(
    r"village_pair|[\w./-]+\.(?:yaml|csv|json|html|xes)|results/\S*|\b[a-z_]+(?:[.:][a-z_*.]+)+|--[a-z-]+"
    r"|run_sim\.py \w+|Made up\b|（calibrate）|\bcalibrate\b"
    r"|\b[0-9a-f]{8,}\b|\b(?:Pearson|Jeffreys|Garwood|Cox|Welch|SimPy|ESS|MB|csv)\b|\bpython\b|docs/\w+\.md"
)


def english(text: str) -> list[str]:
    """Lines with a word in Latin letters that has no business there."""
    return [line for line in text.splitlines() if re.search("[A-Za-z]{2,}", LATIN.sub("", line))]


def data(folder: Path) -> dict[str, str]:
    """Digests of what machines read."""
    found = digests(folder)
    told = "figures/checksums.json"  # of what is drawn, which is for people
    return {k: v for k, v in found.items() if Path(k).suffix in (".csv", ".json", ".parquet") and k != told}


def figures(folder: Path) -> dict[str, str]:
    """Titles of figures by name, as their files tell them."""
    found = {}
    for path in folder.rglob("*.png"):
        with Image.open(path) as image:
            found[path.name] = str(image.info["Title"])
    return found


def both(folder: Path, *words: object, out: bool = True) -> tuple[str, str]:
    """What a command prints in English and in Chinese; results go to `en` and `zh`."""
    told = []
    for language in ("en", "zh"):
        where = ("--out", folder / language) if out else ()
        told.append(done(folder, *words, *where, "--lang", language))
    return told[0], told[1]


def test_a_run_in_both_languages(tmp_path: Path) -> None:
    en, zh = both(tmp_path, "run", PAIR, "--replications", 3, *QUICK)
    assert "known_disputes" in en and "Per tier (means)" in en and not re.search("[\u4e00-\u9fff]{4,}", en)
    assert "已掌握纠纷" in zh and "各层级（均值）" in zh
    assert english(zh) == []
    assert data(tmp_path / "en") == data(tmp_path / "zh") and len(data(tmp_path / "en")) >= 4
    titles = figures(tmp_path / "zh")
    assert set(titles) == set(figures(tmp_path / "en")) and len(titles) >= 4
    assert english("\n".join(titles.values())) == []
    assert "两个村：" in titles["flow.png"]
    assert "Language" in Image.open(tmp_path / "zh" / "figures" / "flow.png").info


def test_a_run_again_verifies_the_data_in_any_language(tmp_path: Path) -> None:
    done(tmp_path, "run", PAIR, "--replications", 2, *QUICK, "--out", "first", "--lang", "en")
    told = done(tmp_path, "rerun", "first", "--lang", "zh", "--out", "again", "--workers", 1)
    assert told.rstrip().endswith("轨迹与清单所记完全相同。\n各表与清单所记逐字节相同。")
    assert data(tmp_path / "first") == data(tmp_path / "again")
    assert figures(tmp_path / "first") != figures(tmp_path / "again")
    same = done(tmp_path, "diff", "first", "again", "--lang", "zh")
    assert "轨迹完全相同。" in same and english(same.split("\n", 1)[1]) == []


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (
            (*("compare", PAIR, "+whistle", "-screening", "--replications", 4), *BARE, "--break-even"),
            True,
        ),
        (("before-after", PAIR, "+whistle", *CHANGE, *BARE), True),
        (("pilot", "daliu", "+whistle", *TRIAL), True),
        (("run", NATION, "--counties", 3, *BARE), True),
        (("select", PAIR, "+whistle", "--budget", 24, "--workers", 1), False),
        (("run", PAIR, "--dry-run", *QUICK), False),
        (("trace", PAIR, "--engine", "reference"), False),
        (("list", "mechanisms"), False),
    ],
    ids=lambda x: str(x[0]) if isinstance(x, tuple) else "",
)
def test_what_a_command_prints_is_chinese(words: tuple[object, ...], out: bool, tmp_path: Path) -> None:
    en, zh = both(tmp_path, *words, out=out)
    assert english(en) != [] or words[0] == "list"
    left = english(zh)
    if words[0] == "list":  # the names that are typed stand first
        left = english("\n".join(re.sub(r"^ *[a-z_0-9]+ ", "", line) for line in zh.splitlines()))
    assert left == []
    if out:
        assert data(tmp_path / "en") == data(tmp_path / "zh") != {}


def test_a_report_redraws_what_it_can_and_says_what_it_cannot(tmp_path: Path) -> None:
    run = ("run", PAIR, "--replications", 2, *QUICK, "--out", "run")
    done(tmp_path, *run)
    done(tmp_path, "before-after", PAIR, "+whistle", *CHANGE, "--out", "change")
    for name in ("run", "change"):
        done(tmp_path, "report", name, "--lang", "zh", "--no-replay")
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert '<html lang="zh-CN">' in page and "两个村：纠纷从何处进入、如何逐级移送、怎样了结" in page
    assert "部分图使用另一种语言" not in page and 'lang="en"' not in page
    heads = re.findall(r"<th [^>]*><button[^>]*>(.*?)</button>", page)
    assert len(heads) > 15 and english("\n".join(heads)) == []
    kept = (tmp_path / "change" / "report.html").read_text("utf-8")
    assert "部分图使用另一种语言" in kept and 'lang="en"' in kept
    assert figures(tmp_path / "run")["flow.png"].startswith("Village pair")  # the folder itself is left alone
    shutil.rmtree(tmp_path / "run")
    done(tmp_path, *run, "--lang", "zh")
    done(tmp_path, "report", "run", "--no-replay")
    back = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "Village pair 两个村: where disputes enter" in back and 'lang="zh-CN"' not in back


def test_the_answer_for_programs_has_no_language(tmp_path: Path) -> None:
    for words in (
        ("run", PAIR, "--replications", 2, *QUICK, "--no-figures", "--overwrite", "--out", "x"),
        ("select", PAIR, "+whistle", "--budget", 24, "--workers", 1),
    ):
        en, zh = both(tmp_path, *words, "--json", out=False)
        assert en == zh and '"answer"' in en


def test_the_environment_sets_the_language_and_the_option_wins(tmp_path: Path) -> None:
    words = ("list", "places")
    assert "地区：" in done(tmp_path, *words, DISPUTES_LANG="zh")
    assert "Places:" in done(tmp_path, *words, "--lang", "en", DISPUTES_LANG="zh")
    assert "Places:" in done(tmp_path, *words)


@pytest.mark.parametrize(
    ("words", "changes"),
    [(("list", "places", "--lang", "fr"), {}), (("list", "places"), {"DISPUTES_LANG": "fr"})],
)
def test_an_unknown_language_is_bad_input(
    words: tuple[str, ...], changes: dict[str, str], tmp_path: Path
) -> None:
    finished = run_cli(tmp_path, *words, **changes)
    assert finished.returncode == 2 and finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert "'fr'" in line and "en" in line and "zh" in line


def test_every_command_that_speaks_has_the_option() -> None:
    parser = build_parser()
    (commands,) = (a.choices for a in parser._actions if a.dest == "command")
    assert isinstance(commands, dict)
    without = {n for n in COMMANDS if "--lang" not in commands[n].format_help()}
    assert without == {"completion"}
