"""docs/commands.md, from the parser: `python -m sim.cli.reference > docs/commands.md`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from sim.cli.parser import EXIT_CODES, build_parser

HEAD = """# Commands

Made from the parser by `python -m sim.cli.reference`; a test fails when it is stale. The option `--help` of a command
says the same. After an installation the program is called `disputes`.

## At a glance

```
python run_sim.py run scenarios/places/jiang.yaml --replications 200 --seed 7 --set villages.mediators=4 \
--out results/jiang
python run_sim.py run liucheng --precision 1%      # add replications until means are known to 1 %
python run_sim.py run fengcheng --dry-run          # how many disputes, how long, how much memory
python run_sim.py run exchange                     # every mechanism into and out of five places
python run_sim.py compare liucheng +judge_liaison +more_staff:township_mediators=1 \
--draws 40 --replications 10 --break-even
python run_sim.py select daliu +whistle +judge_liaison -screening --delta 5
python run_sim.py optimise liucheng whistle judge_liaison township_mediators:0:12 --yuan 2000000
python run_sim.py before-after fengcheng practice --baseline practice-one_village_one_police \
--start 2019-01-01 --villages 39 --claim crimes=-68
python run_sim.py pilot jiang +whistle               # which trial could show its effect, and the plan of it
python run_sim.py calibrate daliu                  # parameter draws that agree with what was reported; minutes
python run_sim.py check                            # the gate for CI: do calibrated places still give their figures?
python run_sim.py predict daliu jiang              # figures that no fit has seen, with and without the mechanism
python run_sim.py sensitivity daliu none +whistle --draws 60 --replications 2
python run_sim.py validate scenarios/              # every file, every error at once
python run_sim.py explain liucheng                 # every parameter: value, range, unit, status, source
python run_sim.py explain liucheng --stress        # the STRESS-DES reporting checklist of the place, filled in
python run_sim.py list                             # places, policies, experiments, metrics
python run_sim.py diff results/liucheng results/liucheng-2
python run_sim.py report results/liucheng          # one HTML page: answer, replay on a map, figures, tables, provenance
python run_sim.py trace daliu --export daliu.xes --known-only   # an event log: XES, OCEL 2.0, CSV or Parquet
python run_sim.py rerun results/liucheng/manifest.json
```

A run that is interrupted goes on where it stopped when the same command is given again. The same scenario and seed give
the same bytes, whatever the number of workers and whichever engine.

## Exit codes

| code | meaning |
|---|---|
"""
TAIL = """
## Completion in the shell

```
python run_sim.py completion bash
```

Put what it prints into a file and source it (`bash`, `tcsh`), or into a file `_disputes` on the `fpath` (`zsh`). It
completes commands, options and choices of the installed program `disputes`, and what stands in them: places,
experiments, policies with their signs (`practice-screening+wh`), metrics, also in lists (`filings,erup`), result
folders and files. Names that come with the program are in the script, so make it anew after an update; those in
`./scenarios` are looked up while you type (not in `tcsh`).

## Colours and terminals

Colours are used on a terminal only, and not where `NO_COLOR` is set or `TERM` is `dumb`. Where nobody watches, progress
is a line at each tenth, on the error stream; tables go to standard output.
"""


def commands_page() -> str:
    """The page as Markdown."""
    return "\n".join(_page()) + TAIL


def _page() -> Iterator[str]:
    yield HEAD + "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    parser = build_parser()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield from _command(name, sub)


def _command(name: str, sub: argparse.ArgumentParser) -> Iterator[str]:
    about = sub.description or ""
    yield f"\n## {name}\n\n{about[:1].upper()}{about[1:]}.\n"
    usage = " ".join(sub.format_usage().removeprefix("usage: ").split())
    yield f"`{usage}`\n"
    example = (sub.epilog or "").partition("\n")[0].removeprefix("example: ")
    yield f"Example: `python {example}`\n"
    yield "| argument | meaning |"
    yield "|---|---|"
    for action in sub._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        yield f"| {_name(action)} | {_meaning(action)} |"


def _name(action: argparse.Action) -> str:
    shown = action.metavar or (
        ("{" + ",".join(map(str, action.choices)) + "}") if action.choices else action.dest.upper()
    )
    shown = str(shown[0] if isinstance(shown, tuple) else shown).replace("|", "\\|")
    if not action.option_strings:
        return f"`{shown}`"
    value = "" if action.nargs == 0 else f" {shown}"
    return f"`{', '.join(action.option_strings)}{value}`"


def _meaning(action: argparse.Action) -> str:
    text = (action.help or "").replace("%%", "%").replace("|", "\\|")
    if (
        action.default in (None, False, [], argparse.SUPPRESS)
        or "default" in text
        or not action.option_strings
    ):
        return text
    return f"{text} (default {action.default})".strip()


if __name__ == "__main__":
    print(commands_page(), end="")
