"""Executors by name."""

from __future__ import annotations

from sim.runs.executors.local import Executor, ProcessExecutor, SerialExecutor, cores


def executor_by_name(name: str, workers: int | None = None, scheduler: str | None = None) -> Executor:
    """The executor called `serial`, `processes` or `dask`; by default a worker for each core at hand.

    `scheduler` is the address of an existing Dask cluster; without it, `dask` starts its own on this computer.
    """
    if scheduler is not None and name != "dask":
        raise ValueError(f"the address of a scheduler goes with the executor 'dask', not {name!r}")
    if scheduler is not None and workers is not None:
        raise ValueError(
            "the number of workers is that of the cluster when the address of its scheduler is given"
        )
    if name == "serial":
        return SerialExecutor()
    if name == "processes":
        return ProcessExecutor(cores() if workers is None else workers)
    if name == "dask":
        from sim.runs.executors.cluster import DaskExecutor

        return DaskExecutor(scheduler, workers)
    raise ValueError(f"there is no executor called {name!r}; there are: serial, processes, dask")
