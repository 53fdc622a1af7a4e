"""Errors that are the user's to mend, of all floors: their message is printed without a traceback."""

from __future__ import annotations


def user_errors() -> tuple[type[Exception], ...]:
    """Exception classes whose text is meant for the user."""
    from sim.export.story import NoSuchDispute
    from sim.runs.estimate import TooLarge
    from sim.runs.executors.cluster import ClusterUnavailable
    from sim.scenario.errors import ScenarioError, UserError
    from sim.studies.results import ResultError

    return UserError, ResultError, ClusterUnavailable, TooLarge, NoSuchDispute, ScenarioError
