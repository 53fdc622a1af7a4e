"""What may stand in Latin letters under `--lang zh`, and what is left when that is taken away."""

from __future__ import annotations

import json
import re
from functools import cache

from sim.cli.commands import COMMANDS
from sim.scenario.lookup import names
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from tests.cli.terminal import ROOT

# Names of formats, methods, programs and people; each is the same in a Chinese text.
PROPER = re.findall(
    r"[\w-]+",
    """CSV XES BOM OCEL YAML JSON JUnit XML HTML PDF Excel WPS Parquet UTF GB MB URL Dask
    ArviZ GitHub NiceGUI SimPy Python pip
    STRESS-DES NSGA-II Welch Pearson Jeffreys Garwood Cox Kaplan Meier ESS Sobol Shapley Ctrl YYYY MM DD tcp""",
)
# Words that are typed as they stand, and told in help and remedies: columns of registers, designs, executors.
TYPED = re.findall(
    r"[^;\s][^;]*",
    """received;closed;site;town;kind;organisation;outcome;case;activity;time;persons;column,word,means;site,persons;
    family、neighbour;parallel、townships、pairs、wedge;serial、processes;dask;judges:-2:10;judges:0:4;shiqiao;
    默认 results;（disputes）;
    为 en;Noto Sans CJK SC;pip install;python run_sim.py;gb18030;practice-screening+whistle""",
)
_SHAPES = (
    r"“[^”]*”|`[^`]*`|'[^']*'",  # quoted
    r"--?[a-z][\w-]*(?:=\S+)?",  # options
    r"[\w./~+-]*/[\w./+-]*|[\w-]+\.(?:yaml|csv|json|html|xes|md|py|xlsx|parquet|po|txt|png)\b",  # files
    r"\b[a-z_]+(?:[.:][a-z_0-9*.]+)+(?![A-Za-z])|\b[a-z]+(?:_[a-z0-9]+)+\b|[+-][a-z]\w+(?::[\w=.]+)*",  # policies
    r"\{[a-z_,-]+\}|[a-z,]+\[,[a-z]+\]",  # choices
    r"run_sim\.py(?: [a-z-]+)?|[0-9a-f]{8,}",
    r"\w+=\S+|\.(?:xlsx|yaml|csv)\b|\b[A-Z]+_LANG\b",  # values as they are typed, suffixes
)


@cache
def _allowed(more: tuple[str, ...]) -> re.Pattern[str]:
    words = {command.name for command in COMMANDS} | {*MECHANISMS, *KNOWN_METRICS, "practice", "none", "auto"}
    words |= {choice for c in COMMANDS for option in c.options for choice in option.choices}
    words |= {name for kind in ("places", "policies", "experiments") for name in names(kind)}
    every = "|".join(sorted(map(re.escape, {*words, *PROPER, *TYPED, *more}), key=len, reverse=True))
    return re.compile("|".join((*_SHAPES, rf"(?<![A-Za-z])(?:{every})(?![A-Za-z])")))


def keys() -> set[str]:
    """What stands before colons in scenario files, and words that are chosen from there."""
    words: set[str] = set()
    for path in (ROOT / "scenarios" / "schema").glob("*.json"):
        _gather(json.loads(path.read_text("utf-8")), words)
    return words


def _gather(node: object, words: set[str]) -> None:
    if isinstance(node, dict):
        words.update(node.get("properties", {}), filter(lambda x: isinstance(x, str), node.get("enum", [])))
        for child in node.values():
            _gather(child, words)
    elif isinstance(node, list):
        for child in node:
            _gather(child, words)


def english(text: str, *names: str) -> list[str]:
    """Lines with a word in Latin letters that is no name, file, option or quoted input, with the words.

    `names` are further words that may stand, such as those of a scenario that the test wrote.
    """
    allowed = _allowed(names)
    found = []
    for line in text.splitlines():
        if left := re.findall("[A-Za-z]{2,}", allowed.sub(" ", line)):
            found.append(f"{' '.join(left)}: {line}")
    return found
