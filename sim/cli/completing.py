"""What completes the arguments: names that come with the program, those below ./scenarios, and files.

The shipped names are written into the script; those of the working folder are looked up while somebody types, except in
tcsh, which has no functions.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from sim.model.pools import STAFF_LEVEL
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.shipped import shipped_root

EXPERIMENTS_TOO = ("run", "compare")  # commands whose place may be an experiment
EXPRESSIONS = ("policy", "policies", "baseline")
DESIGNS = ("parallel", "townships", "pairs", "wedge")  # of trials
RESULTS = ("folder", "a", "b", "manifest")


@dataclass(frozen=True)
class Completer:
    """Words that are offered. `local` are folders below ./scenarios whose files are offered by name; `files` is the
    kind of path that is offered, too: empty, `yaml`, `file` or `dir`. `parts` says that words are pieces of one word:
    `list` (separated by commas), `signed` (after + or -), or that a value follows after `=`."""

    words: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    files: str = ""
    parts: str = ""


def shipped(folder: str) -> tuple[str, ...]:
    """Names of the scenario files of a folder that come with the program."""
    return tuple(sorted(path.stem for path in (shipped_root() / folder).glob("*.yaml")))


def completers() -> dict[str, Completer]:
    """By name: what may stand in an argument."""
    places, metrics = shipped("places"), tuple(KNOWN_METRICS)
    experiments, policies = shipped("experiments"), shipped("policies")
    return {
        "place": Completer(places, ("places",), "yaml"),
        "run": Completer((*places, *experiments), ("places", "experiments"), "yaml"),
        "scenario": Completer(
            (*places, *experiments, *policies), ("places", "experiments", "policies"), "yaml"
        ),
        "policy": Completer(("practice", "none", *policies), ("policies",), "", "signed"),
        "choice": Completer((*MECHANISMS, *(f"{staff}:" for staff in STAFF_LEVEL))),
        "metric": Completer(metrics),
        "metrics": Completer(metrics, parts="list"),
        "metric_is": Completer(metrics, parts="="),
        "designs": Completer(DESIGNS, parts="list"),
        "executor": Completer(("serial", "processes", "dask")),
        "posterior": Completer(("auto", "none"), files="file"),
        "file": Completer(files="file"),
        "dir": Completer(files="dir"),
    }


def completer_of(command: str, action: argparse.Action) -> str:
    """The name of the completer of an argument; empty where there is nothing to offer."""
    shown = str(action.metavar or "")
    if action.dest in ("place", "places"):
        return "run" if command in EXPERIMENTS_TOO else "place"
    if action.dest in EXPRESSIONS:
        return "policy"
    if action.dest in RESULTS:
        return "file" if action.dest == "manifest" else "dir"
    if action.dest == "paths":
        return "scenario"
    if command == "optimise" and action.dest == "choices":
        return "choice"
    if action.dest in ("executor", "posterior"):
        return action.dest
    if action.dest == "ledger" or shown in ("FILE", "CSV"):
        return "file"
    by_metavar = {"FOLDER": "dir", "METRIC": "metric", "A,B": "metrics", "LIST": "designs"}
    return "metric_is" if shown.startswith("METRIC=") else by_metavar.get(shown, "")


def equip(parser: argparse.ArgumentParser, shell: str, name: str) -> None:
    """Mark every argument of all commands for shtab. `name` begins the names of the functions in the script."""
    every = completers()
    for command, action in arguments(parser):
        kind = completer_of(command, action)
        if not kind or action.choices is not None:
            continue
        c = every[kind]
        if shell == "tcsh" and c.words:
            action.choices = [*c.words, *(f"+{m}" for m in MECHANISMS if c.parts == "signed")]
        else:
            function = f"_{name}_{kind}"
            by_shell = {"bash": function, "zsh": function, "tcsh": TCSH_PATHS.get(c.files, "")}
            action.complete = by_shell  # type: ignore[attr-defined]


def arguments(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """All arguments of all commands."""
    for group in parser._actions:
        if isinstance(group, argparse._SubParsersAction):
            for command, sub in group.choices.items():
                yield from ((command, action) for action in sub._actions)


def preamble(shell: str, name: str) -> str:
    """The functions of the script of a shell."""
    write = {"bash": _bash, "zsh": _zsh}.get(shell)
    return "\n".join(write(f"_{name}_{kind}", c) for kind, c in completers().items()) if write else ""


def bash_tail(parser: argparse.ArgumentParser, name: str, program: str, inner: str) -> str:
    """Ends a script of bash: `-screening` looks like an option, so that policies are added to what looks so."""
    among = [c for c, a in arguments(parser) if a.dest in EXPRESSIONS and not a.option_strings]
    return f"""
_{name}_all() {{
  {inner} "$@"
  local line word="${{COMP_WORDS[COMP_CWORD]}}"
  case "${{COMP_WORDS[1]}}:$word" in
    *:--*) ;;
    {"|".join(f"{command}:-*" for command in among)})
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(_{name}_policy "$word") ;;
  esac
}}
complete -o bashdefault -F _{name}_all {program}
"""


BASH_PATHS = {
    "yaml": ["compgen -f -X '!*.yaml' -- \"$1\"", "compgen -f -X '!*.yml' -- \"$1\"", 'compgen -d -- "$1"'],
    "file": ['compgen -f -- "$1"'],
    "dir": ['compgen -d -- "$1"'],
}
BASH_WORDS = {
    "": ['compgen -W "$known" -- "$1"'],
    "=": ['compgen -S = -W "$known" -- "$1"'],
    "list": ['local last="${1##*,}"', 'compgen -P "${1%"$last"}" -W "$known" -- "$last"'],
    "signed": [
        f'local last="${{1##*[+-]}}" mechanisms="{" ".join(MECHANISMS)}"',
        'local head="${1%"$last"}"',
        '[ -n "$head" ] && { compgen -P "$head" -W "$mechanisms" -- "$last"; return; }',
        'compgen -W "$known" -- "$1"',
        '[ -n "$1" ] || { compgen -P + -W "$mechanisms"; compgen -P - -W "$mechanisms"; }',
    ],
}
TCSH_PATHS = {"file": "f", "dir": "d"}
ZSH_PATHS = {"yaml": ["_files -g '*.(yaml|yml)'"], "file": ["_files"], "dir": ["_files -/"]}
ZSH_WORDS = {
    "": ["compadd -a known"],
    "=": ["compadd -S '=' -a known"],
    "list": ["compset -P '*,'", "compadd -S '' -a known"],
    "signed": [
        f"local -a mechanisms=({' '.join(MECHANISMS)})",
        "compset -P '*[+-]' && { compadd -S '' -a mechanisms; return }",
        "compadd -a known",
        "compadd -S '' -- +${^mechanisms} -${^mechanisms}",
    ],
}


def _bash(function: str, c: Completer) -> str:
    """Prints, a line each, what the word $1 may become."""
    look = 'for file in scenarios/{}/*.yaml; do [ -e "$file" ] && known+=" $(basename "$file" .yaml)"; done'
    words = [f'local file known="{" ".join(c.words)}"', *map(look.format, c.local), *BASH_WORDS[c.parts]]
    return _function(function, [*(words if c.words else []), *BASH_PATHS.get(c.files, [])])


def _zsh(function: str, c: Completer) -> str:
    local = [f"scenarios/{folder}/*.yaml(N:t:r)" for folder in c.local]
    words = [f"local -a known=({' '.join([*c.words, *local])})", *ZSH_WORDS[c.parts]]
    return _function(function, [*(words if c.words else []), *ZSH_PATHS.get(c.files, [])])


def _function(name: str, lines: list[str]) -> str:
    return "\n".join([f"{name}() {{", *(f"  {line}" for line in lines), "}"])
