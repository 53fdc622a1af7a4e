"""Completion in the shell: names of places, policies, experiments and metrics, and files, as bash itself gives them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.cli.completing import arguments, completer_of, completers
from sim.cli.completion import script
from sim.cli.parser import build_parser
from sim.scenario.mechanisms import MECHANISMS
from tests.cli.terminal import run_cli

ASK = """
source "$1"
name=$(complete -p disputes | sed -n 's/.*-F \\([^ ]*\\) .*/\\1/p')
COMP_WORDS=(disputes "${@:2}"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$name" disputes "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""
Asked = Callable[..., set[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with scenarios, results and files of its own, and the script."""
    where = tmp_path_factory.mktemp("completion")
    for file in ("places/nanping", "policies/mine", "experiments/ours"):
        path = where / "scenarios" / f"{file}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (where / "results" / "liucheng").mkdir(parents=True)
    (where / "results" / "liucheng" / "manifest.json").touch()
    for name in ("county.yaml", "other.yml", "prices.yaml", "ledger.csv", "two words.yaml"):
        (where / name).touch()
    (where / "disputes.bash").write_text(run_cli(where, "completion", "bash").stdout, "utf-8")
    return where


@pytest.fixture(scope="module")
def asked(folder: Path) -> Asked:
    """What bash offers after `disputes` and these words, of which the last is being typed."""
    bash = shutil.which("bash")
    assert bash, "this test needs bash"

    def offers(*words: str) -> set[str]:
        command = [bash, "-c", ASK, "ask", str(folder / "disputes.bash"), *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return set(done.stdout.splitlines()) - {""}

    return offers


def test_commands_options_and_choices(asked: Asked) -> None:
    assert asked("cal") == {"calibrate"}
    assert asked("run", "daliu", "--repl") == {"--replications"}
    assert asked("run", "daliu", "--engine", "comp") == {"compiled"}
    assert asked("list", "m") == {"mechanisms", "metrics"}


@pytest.mark.parametrize("command", ["run", "compare", "select", "calibrate", "explain", "trace"])
def test_places_of_the_program_and_of_the_folder(asked: Asked, command: str) -> None:
    assert asked(command, "li") == {"liucheng"}
    assert asked(command, "nan") == {"nanping"}
    assert asked(command, "cou") == {"county.yaml"}
    assert asked(command, "oth") == {"other.yml"} and asked(command, "led") == set()


def test_experiments_where_they_may_stand(asked: Asked) -> None:
    assert asked("run", "exch") == asked("compare", "exch") == {"exchange"}
    assert asked("run", "ou") == {"ours"} and asked("select", "ou") == set()
    assert asked("validate", "exch") == {"exchange"} and asked("validate", "scen") == {"scenarios"}


@pytest.mark.parametrize("command", ["compare", "select", "sensitivity", "before-after"])
def test_policies_with_their_signs(asked: Asked, command: str) -> None:
    assert asked(command, "daliu", "+whis") == {"+whistle"}
    assert asked(command, "daliu", "-scr") == {"-screening"}
    assert asked(command, "daliu", "court") == {"courts_go_out"} and asked(command, "daliu", "min") == {
        "mine"
    }
    assert asked(command, "daliu", "practice-screening+whi") == {"practice-screening+whistle"}
    everything = asked(command, "daliu", "")
    assert {f"{sign}{m}" for sign in "+-" for m in MECHANISMS} <= everything and "none" in everything
    assert "--seed" in asked(command, "daliu", "--") and "-screening" not in asked(command, "daliu", "--")


def test_policies_of_options(asked: Asked) -> None:
    assert asked("run", "daliu", "--policy", "none+whi") == {"none+whistle"}
    assert asked("compare", "daliu", "--baseline", "prac") == {"practice"}
    assert asked("compare", "daliu", "+grid", "+whi") == {"+whistle"}
    assert asked("optimise", "daliu", "whi") == {"whistle"} and asked("optimise", "daliu", "jud") == {
        "judge_liaison",
        "judges:",
    }


def test_metrics_alone_in_lists_and_with_a_value(asked: Asked) -> None:
    assert asked("compare", "daliu", "--objective", "filings") == {"filings", "filings_per_10000"}
    assert asked("compare", "daliu", "--metrics", "erup") == {"eruptions"}
    assert asked("compare", "daliu", "--metrics", "filings,erup") == {"filings,eruptions"}
    assert asked("compare", "daliu", "--margin", "erup") == {"eruptions="}


def test_folders_and_files(asked: Asked) -> None:
    assert asked("report", "results/li") == {"results/liucheng"}
    assert asked("diff", "results/liucheng", "resu") == {"results"}
    assert asked("rerun", "results/liucheng/ma") == {"results/liucheng/manifest.json"}
    assert asked("compare", "daliu", "--prices", "pri") == {"prices.yaml"}
    assert asked("fit", "led") == {"ledger.csv"}
    assert (
        asked("run", "daliu", "--out", "resu") == {"results"}
        and asked("run", "daliu", "--out", "led") == set()
    )
    assert asked("run", "daliu", "--posterior", "no") == {"none"}
    assert asked("run", "two") == {"two words.yaml"}


def test_every_argument_with_a_name_in_it_is_completed() -> None:
    """A new option with such a value word is in the list, or says here that nothing is to be offered."""
    nothing = {
        "N",
        "N,N",
        "OUTCOME=X",
        "X",
        "DATE",
        "NAME",
        "TEXT",
        "URL",
        "DAYS",
        "P%",
        "PERCENT",
        "SHARE",
        "ADDRESS",
        "PATH=VALUE",
    }
    nothing |= {"WORD=KIND", "WORD=ACTIVITY", "COLUMN=HEADER", "OUTCOME=X", "YES/ASKED", "STUDY=RESULT"}
    known = completers()
    for command, action in arguments(build_parser()):
        kind = completer_of(command, action)
        assert not kind or kind in known
        free = action.nargs == 0 or action.choices is not None or action.type is not None
        assert kind or free or action.metavar in nothing or action.dest == "name", (command, action.dest)


def test_other_shells_get_the_names_and_another_program_its_own_functions() -> None:
    for shell in ("zsh", "tcsh"):
        text = script(shell)
        for word in ("liucheng", "exchange", "courts_go_out", "days_in_conflict_per_1000"):
            assert word in text, (shell, word)
    assert "scenarios/places/*.yaml(N:t:r)" in script("zsh")
    other = script("bash", "village-disputes")
    assert (
        "_village_disputes_all village-disputes" in other
        and "_disputes_all disputes" not in other.replace("_village_disputes_all", "")
    )


def test_designs_of_trials_are_all_offered() -> None:
    from sim.studies.pilot.grid import KINDS

    assert completers()["designs"].words == KINDS
