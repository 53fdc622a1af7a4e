"""Prints a study of any command."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from sim.studies.study import Study

# By command: module of this package, function, and whether it can show every metric, not the main ones only.
PRINTERS = {
    "run": ("run", "print_run", True),
    "nation": ("nation", "print_nation", True),
    "compare": ("compare", "print_comparison", False),
    "sensitivity": ("sensitivity", "print_sensitivity", False),
    "before-after": ("before_after", "print_changes", False),
    "pilot": ("pilot", "print_trials", False),
    "predict": ("predict", "print_predictions", False),
    "audit": ("audit", "print_audit", False),
    "select": ("select", "print_selection", False),
    "optimise": ("optimise", "print_optimised", False),
    "calibrate": ("calibrate", "print_calibrated", False),
}


def print_study(study: Study, *, show_all: bool = False) -> None:
    """Print what a command would print of its answer."""
    module, name, has_all = PRINTERS[study.command]
    show: Callable[..., None] = getattr(import_module(f"sim.show.text.{module}"), name)
    if has_all:
        show(study, show_all=show_all)
    else:
        show(study)
