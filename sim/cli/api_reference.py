"""docs/api.md, from the docstrings of `import sim`: `python -m sim.cli.api_reference > docs/api.md`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import sim

HEAD = """# The names of `import sim`

Made from the docstrings by `python -m sim.cli.api_reference`; a test fails when it is stale. A function does what the
command of its name does, with the same options (the command of `listing` is `list`): see [commands.md](commands.md).
Every example begins with `import sim`. In a script, put it below `if __name__ == "__main__":`; without that it has one
worker.

What a function returns is a `Study`, but for `load`, `places`, `posterior_of`, `inference_data`, `labelled` and
`use_language`.
"""

# One short example for each name. Those of CHEAP run in a moment and are run by a test; the others simulate, or need
# files, and are only parsed.
EXAMPLES = {
    "County": """
county = sim.load("daliu", {"villages.mediators": 3})
print(county.title)
county.targets  # the reported figures
county.parameters  # every number, with range and source
""",
    "Study": """
study = sim.compare("daliu", ["+whistle"])
study.tables()  # frames by name
study.figure()  # the first of study.figures()
study.save("results/whistle")
""",
    "audit": """
found = sim.audit("daliu", "+whistle", observed="83/100")
found.updated  # what is believed before and after
""",
    "before_after": """
found = sim.before_after("fengcheng", "practice", start="2019-01-01", villages=39, claim={"crimes": -68})
found.figure()
""",
    "calibrate": """
found = sim.calibrate("daliu", effort=0.2)  # minutes
print(*found.messages(), sep="\\n")
""",
    "check": """
assert sim.check(["daliu"]).passed
""",
    "compare": """
found = sim.compare("daliu", ["+whistle", "-screening"], replications=200)
found.tables()
""",
    "diff": """
found = sim.diff("results/liucheng", "results/liucheng-2")
found.differences
""",
    "explain": """
found = sim.explain("daliu", only="assumed")
found.tables()
""",
    "fit": """
found = sim.fit("register.csv", name="shiqiao", persons=42000, villages=20, townships=2)
found.write_place("shiqiao.yaml")
""",
    "forecast": """
found = sim.forecast("register.xlsx")
found.tables()["forecast"]
""",
    "inference_data": """
import arviz

found = sim.inference_data("daliu", "target_driven")
arviz.summary(found, var_names=["detection.party_days"], kind="stats")
""",
    "labelled": """
with sim.use_language("zh"):
    shown = sim.labelled(sim.load("daliu").targets)
""",
    "listing": """
sim.listing("mechanisms").tables()
""",
    "load": """
county = sim.load("daliu", ["villages.mediators=3"])
county.targets
""",
    "nation": """
found = sim.nation("national_year", counties=40)
found.summary  # the nation's number of every metric, and the spread between counties
found.outside  # published figures beside the simulated ones
""",
    "new": """
made = sim.new("nanping.yaml", name="nanping", villages=30, persons=60000, mediated=150, succeeded=147)
""",
    "optimise": """
found = sim.optimise("liucheng", ["whistle", "judges:0:4"], yuan=2_000_000)
found.fresh  # a row per mix that no other beats
""",
    "pilot": """
found = sim.pilot("jiang", "+whistle", months=[12, 24])
print(*found.sentences(), sep="\\n")
found.designs  # power, false alarms and bias of every trial
found.plan  # YAML for before-after
""",
    "places": """
for name in sim.places():
    print(sim.load(name).title)
""",
    "posterior_of": """
posterior = sim.posterior_of("daliu")
""",
    "predict": """
sim.predict(["daliu", "jiang"]).tables()
""",
    "quality": """
found = sim.quality("register.xlsx")
found.tables()
""",
    "report": """
sim.report("results/compare-daliu").save()  # report.html beside the tables
""",
    "rerun": """
assert sim.rerun("results/liucheng").passed  # the same traces and tables
""",
    "run": """
result = sim.run("liucheng", replications=40)
result.summary  # a row per metric under each reading of the record
result.figure("flow_proportional")
sim.run("liucheng", replications=40, reading="target_driven").values["true_success_rate"].hist()
""",
    "select": """
found = sim.select("daliu", ["+whistle", "-screening"], delta=5)
found.selected
""",
    "sensitivity": """
sim.sensitivity("daliu", ["none", "+whistle"], draws=60, replications=2).tables()
""",
    "trace": """
one = sim.trace("daliu", seed=7)
print(*one.story, sep="\\n")
""",
    "use_language": """
with sim.use_language("zh"):
    print(sim.load("daliu").title)
""",
    "validate": """
assert sim.validate(["daliu"]).passed
""",
}
LINE = 100
CHEAP = ("County", "explain", "labelled", "listing", "load", "places", "trace", "use_language", "validate")


def api_page() -> str:
    """The page as Markdown."""
    return "\n".join([HEAD, *(line for name in sim.__all__ for line in _entry(name))])


def _entry(name: str) -> Iterator[str]:
    what = getattr(sim, name)
    yield f"## {name}\n"
    yield f"```python\n{signature(name)}\n```\n"
    yield f"{inspect.getdoc(what)}\n"
    if inspect.isclass(what):
        yield from _members(what)
    yield f"```python\n{EXAMPLES[name].strip()}\n```\n"


def signature(name: str) -> str:
    """How a name is called: a parameter a line where they do not fit into one. Classes are not called by users."""
    what = getattr(sim, name)
    if inspect.isclass(what):
        return f"class sim.{name}"
    found = inspect.signature(what)
    returned = f" -> {found.return_annotation}"
    parameters = []
    for parameter in found.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parameters:
            parameters.append("*")
        parameters.append(_spelt(parameter))
    line = f"sim.{name}({', '.join(parameters)}){returned}"
    return (
        line
        if len(line) <= LINE
        else "\n".join([f"sim.{name}(", *(f"    {p}," for p in parameters), f"){returned}"])
    )


def _spelt(parameter: inspect.Parameter) -> str:
    """A parameter with its type, which is a string where annotations are not evaluated, and its default."""
    text = f"{parameter.name}: {parameter.annotation}"
    return text if parameter.default is parameter.empty else f"{text} = {parameter.default!r}"


def _members(what: type) -> Iterator[str]:
    """What an object of a class has, beside what it was made of."""
    for name, member in vars(what).items():
        if name.startswith("_") or not (isinstance(member, property) or inspect.isfunction(member)):
            continue
        called = name if isinstance(member, property) else f"{name}()"
        about = (inspect.getdoc(member) or "").partition("\n")[0]
        yield f"- `{called}`: {about}"
    yield ""


if __name__ == "__main__":
    print(api_page(), end="")
