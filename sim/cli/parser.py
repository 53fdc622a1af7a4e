"""Commands and their options. No heavy import here: `--help` must answer at once."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import NoReturn

from sim import __version__
from sim.cli.argument_types import at_least_one, at_least_two, day, percentage, whole
from sim.cli.calibration_options import calibration_commands
from sim.cli.choice_options import OVERWRITE, choice_commands
from sim.cli.log_options import event_log_options, fit_options
from sim.cli.new_options import new_options
from sim.cli.report_options import report_options
from sim.language import LANGUAGES, VARIABLE

COMMANDS = (
    *("run", "rerun", "compare", "select", "optimise", "before-after"),
    *("calibrate", "check", "predict", "sensitivity"),
    *("report", "validate", "explain", "list", "diff", "trace", "fit", "new", "completion"),
)


EXIT_CODES = {
    0: "done",
    1: "a check failed, or a computation could not be finished",
    2: "bad input; one message says what is wrong and what would be right",
    130: "interrupted; what is finished is kept",
}
SCRIPT = "completion"  # its answer is no data
JSON = "print the answer as one JSON document, for programs (docs/json.md)"


class Parser(argparse.ArgumentParser):
    """argparse with the nearest name in its complaints."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, suggest the nearest name, exit with code 2."""
        wrong = re.search(r"invalid choice: '([^']*)'", message)
        named = re.search(r"\(choose from (.*)\)", message)
        words = re.findall(r"[\w-]+", named.group(1)) if named else list(COMMANDS)
        option = re.search(r"unrecognized arguments: (--[\w-]+)", message)
        if option:
            wrong, words = option, sorted(self.options())
        near = difflib.get_close_matches(wrong.group(1), words, 1) if wrong else []
        hint = f" Did you mean '{near[0]}'?" if near else ""
        self.exit(2, f"{self.prog}: {message}.{hint} See: {self.prog} --help\n")

    def parse_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """As argparse has it, but what a command does not know that command complains about."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            parser = self.commands().get(getattr(found, "command", ""), self)
            parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found

    def commands(self) -> dict[str, Parser]:
        """The parsers of the commands of this parser."""
        found: dict[str, Parser] = {}
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                found |= action.choices
        return found

    def options(self) -> set[str]:
        """The long options of this parser."""
        return {o for action in self._actions for o in action.option_strings if o.startswith("--")}


CODES = "exit codes: 0 done, 1 a check failed, 2 bad input, 130 interrupted"


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = Parser(
        prog="run_sim.py",
        formatter_class=raw,
        description="Simulate how the disputes of a Chinese county end: on the doorstep, in mediation, in court.",
        epilog=CODES,
    )
    parser.add_argument("--version", action="version", version=f"village-disputes {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, about: str, example: str, module: str | None = None) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=about, description=about, formatter_class=raw, epilog=f"example: {example}\n{CODES}"
        )
        sub.set_defaults(module=module or name)
        if name != "completion":
            sub.add_argument(
                "--lang", choices=LANGUAGES, help=f"of labels (default: the variable {VARIABLE}, else en)"
            )
        if name != SCRIPT:
            sub.add_argument("--json", action="store_true", help=JSON)
        return sub

    def scenario(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "place", help="a place by name (see `list`) or a scenario file; `run` takes experiments, too"
        )
        sub.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="PATH=VALUE",
            dest="sets",
            help="change a value of the scenario, e.g. villages.mediators=3 (may be repeated)",
        )
        sub.add_argument(
            "--policy",
            metavar="EXPRESSION",
            help="what is in force, such as none or practice-screening+whistle (default: the place's practice)",
        )
        sub.add_argument("--seed", type=whole, default=1, help="seed of all luck (default 1)")
        sub.add_argument(
            "--engine",
            choices=("auto", "reference", "compiled"),
            default="auto",
            help="never changes results",
        )

    def computing(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--workers", type=at_least_one, metavar="N", help="processes (default: all cores)")
        sub.add_argument(
            "--executor", default="processes", metavar="NAME", help="serial, processes (default) or dask"
        )
        sub.add_argument(
            "--scheduler",
            metavar="ADDRESS",
            help="of a Dask cluster, tcp://HOST:PORT (default: one on this computer)",
        )

    def posterior(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--posterior",
            default="auto",
            metavar="auto|none|FILE",
            help="parameter draws of this calibration (default: that of the place, if it has one)",
        )
        sub.add_argument(
            "--reading",
            choices=("both", "proportional", "target_driven"),
            default="both",
            help="the reading of the record that draws are taken from (default: half from each)",
        )

    run = command(
        "run", "simulate a place, or an experiment", "run_sim.py run liucheng --replications 200 --seed 7"
    )
    scenario(run)
    run.add_argument("--replications", type=at_least_one, metavar="N", help="default 100")
    run.add_argument(
        "--counties", type=at_least_one, metavar="N", help="of an experiment: only the first N counties"
    )
    run.add_argument("--out", metavar="FOLDER", help="where results go (default results/PLACE)")
    run.add_argument("--overwrite", action="store_true", help="replace the results of another run in --out")
    posterior(run)
    computing(run)
    run.add_argument(
        "--precision", type=percentage, metavar="P%", help="add replications until this half-width"
    )
    run.add_argument("--metrics", metavar="A,B", help="metrics that --precision looks at")
    run.add_argument(
        "--max-replications", type=at_least_one, default=1000, metavar="N", help="end of --precision"
    )
    run.add_argument("--all", action="store_true", help="print every metric, not the main ones")
    run.add_argument("--no-figures", action="store_true", help="write tables only")
    run.add_argument("--dry-run", action="store_true", help="say what it would cost, and stop")

    rerun = command("rerun", "run a manifest again", "run_sim.py rerun results/liucheng/manifest.json")
    rerun.add_argument("manifest", help="a result folder or its manifest.json")
    rerun.add_argument("--out", metavar="FOLDER", help="where results go (default: beside it, -rerun)")
    computing(rerun)
    rerun.add_argument("--no-figures", action="store_true", help="write tables only")

    def policies(sub: argparse.ArgumentParser, what: str) -> None:
        sub.add_argument("place", help=what)
        sub.add_argument(
            "policies",
            nargs="*",
            metavar="POLICY",
            help="such as +whistle, -screening, none+grid, courts_go_out, +judge_liaison:share=0.5",
        )
        sub.add_argument(
            *("--baseline",), default="practice", metavar="POLICY", help="what others are compared with"
        )
        sub.add_argument(
            *("--set",), action="append", default=[], metavar="PATH=VALUE", dest="sets", help="as in `run`"
        )
        sub.add_argument("--seed", type=whole, default=1, help="seed of all luck (default 1)")
        sub.add_argument("--out", metavar="FOLDER", help="where results go")

    compare = command(
        "compare",
        "policies on the same disputes, or an experiment that compares",
        "run_sim.py compare daliu +whistle -screening --replications 200",
    )
    policies(compare, "a place, or an experiment of the design `comparison`")
    compare.add_argument(
        "--replications",
        type=at_least_two,
        metavar="N",
        help="in all (default 100); with --draws, of each draw",
    )
    compare.add_argument("--draws", type=at_least_one, metavar="N", help="parameter draws; 1: central values")
    compare.add_argument("--metrics", metavar="A,B", help="what is compared (default: the main outcomes)")
    compare.add_argument("--objective", metavar="METRIC", help="what policies are ranked by")
    compare.add_argument(
        "--margin",
        action="append",
        default=[],
        metavar="METRIC=X",
        help="the effect that would matter, in the metric's unit (may be repeated)",
    )
    compare.add_argument(
        "--break-even",
        action="store_true",
        help="how strong each assumed effect must be for the ranking to turn",
    )
    compare.add_argument("--prices", metavar="FILE", help="yuan per hour (default: assumed, see docs)")
    compare.add_argument("--overwrite", action="store_true", help=OVERWRITE)
    compare.add_argument("--no-figures", action="store_true", help="write tables only")
    posterior(compare)
    computing(compare)

    choice_commands(command, policies, posterior)

    sensitivity = command(
        "sensitivity",
        "which parameters move outcomes, and which the choice between policies",
        "run_sim.py sensitivity daliu none +whistle --draws 200",
    )
    policies(sensitivity, "a place")
    sensitivity.add_argument("--objective", default="days_in_conflict_per_1000", metavar="METRIC")
    sensitivity.add_argument("--metrics", metavar="A,B", help="outcomes (default: four main ones)")
    sensitivity.add_argument(
        "--draws", type=at_least_two, default=200, metavar="N", help="parameter draws (200)"
    )
    sensitivity.add_argument(
        "--replications",
        type=at_least_two,
        default=4,
        metavar="N",
        help="of each draw, to average luck out (4)",
    )
    sensitivity.add_argument("--overwrite", action="store_true", help=OVERWRITE)
    sensitivity.add_argument("--no-figures", action="store_true", help="write tables only")
    posterior(sensitivity)
    computing(sensitivity)

    dated = command(
        "before-after",
        "what a county sees when a policy starts on a date, and what it would have seen without",
        "run_sim.py before-after fengcheng practice --baseline practice-one_village_one_police --start 2019-01-01",
        "before_after",
    )
    dated.add_argument("place", help="a place")
    dated.add_argument("policy", help="what is in force from the date on, as in `compare`")
    dated.add_argument("--baseline", default="practice", metavar="POLICY", help="what is in force before it")
    dated.add_argument("--start", required=True, type=day, metavar="DATE", help="YYYY-MM-DD")
    dated.add_argument(
        "--before", type=at_least_one, default=365, metavar="DAYS", help="looked at before (365)"
    )
    dated.add_argument(
        "--after", type=at_least_one, default=365, metavar="DAYS", help="looked at after (365)"
    )
    dated.add_argument(
        "--villages",
        type=at_least_one,
        metavar="N",
        help="follow the N villages with most of --by before, too",
    )
    dated.add_argument(
        "--by", default="crimes", metavar="METRIC", help="what villages are chosen by (crimes)"
    )
    dated.add_argument(
        "--claim", action="append", default=[], metavar="METRIC=PERCENT", help="a reported change to examine"
    )
    dated.add_argument("--replications", type=at_least_two, default=200, metavar="N", help="default 200")
    dated.add_argument("--draws", type=at_least_one, metavar="N", help="parameter draws (1: central values)")
    posterior(dated)
    dated.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="sets")
    dated.add_argument("--seed", type=whole, default=1)
    dated.add_argument("--out", metavar="FOLDER")
    dated.add_argument("--overwrite", action="store_true", help=OVERWRITE)
    dated.add_argument("--no-figures", action="store_true", help="write tables only")

    calibration_commands(command, computing)

    new_options(
        command(
            "new",
            "a place file for another county, from the figures of a news report, and its first run",
            "run_sim.py new --name shiqiao --villages 20 --townships 2 --persons 42000 --mediated 150 --succeeded 147",
        )
    )

    report_options(
        command("report", "one HTML page from a result folder", "run_sim.py report results/compare-daliu")
    )

    validate = command(
        "validate", "check scenario files; all errors at once", "run_sim.py validate scenarios/"
    )
    validate.add_argument("paths", nargs="+", metavar="PATH", help="scenario files, folders or names")

    explain = command("explain", "every parameter of a place with its source", "run_sim.py explain liucheng")
    explain.add_argument("place", help="a place by name or a scenario file")
    explain.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="sets")
    explain.add_argument(
        "--policy",
        default="practice",
        metavar="EXPRESSION",
        help="show the parameters of these mechanisms (default: practice; see `list mechanisms`)",
    )
    explain.add_argument(
        "--only", choices=("reported", "derived", "external", "assumed"), help="one status only"
    )
    explain.add_argument(
        "--stress", action="store_true", help="the STRESS-DES checklist of the place instead"
    )

    listing = command(
        "list", "places, policies, experiments, mechanisms, metrics", "run_sim.py list metrics", "listing"
    )
    listing.add_argument(
        "what", nargs="?", choices=("places", "policies", "experiments", "mechanisms", "metrics")
    )

    diff = command("diff", "compare two results", "run_sim.py diff results/liucheng results/liucheng-2")
    diff.add_argument("a", help="a result folder")
    diff.add_argument("b", help="another")
    diff.add_argument("--all", action="store_true", help="print metrics that do not differ, too")

    trace = command(
        "trace",
        "tell one dispute's story, or write a replication as an event log",
        "run_sim.py trace liucheng --dispute 42",
    )
    scenario(trace)
    trace.add_argument("--replication", type=whole, default=0, metavar="N", help="default 0")
    trace.add_argument("--dispute", type=whole, metavar="N", help="default: the most eventful one")
    event_log_options(trace)
    shell = command(
        SCRIPT, "a script that completes commands, options and names", "run_sim.py completion bash"
    )
    shell.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    shell.add_argument("--program", default="disputes", metavar="NAME", help="what is typed (disputes)")
    fit_options(command("fit", "a place file from a ledger of disputes", "run_sim.py fit ledger.csv"))
    return parser
