"""Every command is a function of `import sim`, with the same name and the same options."""

from __future__ import annotations

import inspect

import pytest

import sim
from sim.cli.commands import COMMANDS, Command

# Commands whose function does not have all of their options yet; each that is done leaves this list.
NOT_YET: set[str] = set()
ASKED = [c for c in COMMANDS if c.function]
WITH_FUNCTION = [c for c in ASKED if c.function not in NOT_YET]
# How the command line writes that nothing was given, and how Python does.
NOTHING: tuple[object, ...] = (None, [], ())


def same(a: object, b: object) -> bool:
    return a == b or (a in NOTHING and b in NOTHING)


def test_the_list_of_what_is_missing_is_not_too_long() -> None:
    for command in ASKED:
        if command.function in NOT_YET and callable(getattr(sim, command.function, None)):
            names = {option.parameter for option in command.asked}
            have = set(inspect.signature(getattr(sim, command.function)).parameters)
            assert names - have, f"{command.function} has all its options: take it off the list"


@pytest.mark.parametrize("command", WITH_FUNCTION, ids=lambda c: c.name)
def test_a_command_and_its_function_have_the_same_options(command: Command) -> None:
    function = getattr(sim, command.function)
    parameters = dict(inspect.signature(function).parameters)
    if command.name == "new":  # the file is where the command writes, `--out`
        parameters.pop("file")
    options = {option.parameter: option for option in command.asked}
    assert set(parameters) == set(options)
    for name, option in options.items():
        parameter = parameters[name]
        if parameter.default is inspect.Parameter.empty:
            assert option.positional or option.required
            continue
        default = False if option.switch else option.default
        assert same(default, parameter.default) or (not default and option.repeat), name


@pytest.mark.parametrize("command", WITH_FUNCTION, ids=lambda c: c.name)
def test_a_function_says_what_it_does(command: Command) -> None:
    assert inspect.getdoc(getattr(sim, command.function))
