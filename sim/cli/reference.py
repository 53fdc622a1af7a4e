"""docs/commands.md, from the parser: `python -m sim.cli.reference > docs/commands.md`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from sim.cli.parser import EXIT_CODES, build_parser

HEAD = """# Commands

Made from the parser by `python -m sim.cli.reference`; a test fails when it is stale. The option `--help` of a command
says the same. After an installation the program is called `disputes`.

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
