"""Errors that are the user's to mend, of all floors: their message is printed without a traceback."""

from __future__ import annotations


def user_errors() -> tuple[type[Exception], ...]:
    """Exception classes whose text is meant for the user."""
    from sim.cli import UserError
    from sim.experiments.cluster import ClusterUnavailable
    from sim.experiments.estimate import TooLarge
    from sim.experiments.results import ResultError
    from sim.export.story import NoSuchDispute
    from sim.scenario.errors import ScenarioError

    return UserError, ResultError, ClusterUnavailable, TooLarge, NoSuchDispute, ScenarioError
