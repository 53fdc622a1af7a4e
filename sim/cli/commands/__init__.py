"""The table of commands: names, options, examples. Everything else about the command line is made from it."""

from sim.cli.commands.counties import CALIBRATE, CHECK, FIT, FORECAST, NEW, PREDICT, QUALITY
from sim.cli.commands.files import COMPLETE, COMPLETION, EXPLAIN, LIST, VALIDATE
from sim.cli.commands.looking import LAB
from sim.cli.commands.option import Command, Option
from sim.cli.commands.policies import AUDIT, BEFORE_AFTER, COMPARE, OPTIMISE, PILOT, SELECT, SENSITIVITY
from sim.cli.commands.simulating import DIFF, REPORT, RERUN, RUN, TRACE

# In the order in which `--help` lists them.
COMMANDS = (
    *(
        RUN,
        RERUN,
        COMPARE,
        SELECT,
        OPTIMISE,
        SENSITIVITY,
        BEFORE_AFTER,
        PILOT,
        AUDIT,
        CALIBRATE,
        CHECK,
        PREDICT,
    ),
    *(NEW, REPORT, VALIDATE, EXPLAIN, LIST, DIFF, TRACE, COMPLETE, QUALITY, FORECAST, FIT, LAB),
)

__all__ = ["COMMANDS", "COMPLETION", "Command", "Option"]
