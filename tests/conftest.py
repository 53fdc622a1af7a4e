"""What all tests need of the process that they run in, and what a session makes once for many of them."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.kept import Kept

# A shell that starts us in the background has us ignore Ctrl-C, and programs that tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests start some hundred processes. Where Python is told to keep no bytecode, each would compile all that it imports,
# which takes longer than most of them work: here it is kept, also by the workers of this session, which begin later.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


# Matrices here are small: two threads each, in two processes on two cores, mostly wait for one another, and take twenty
# times as long. Asked for before numpy is loaded; processes that tests start inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


# Texts and numbers that hypothesis makes up are the same in every run: a test that fails, fails again.
settings.register_profile("fixed", derandomize=True, database=None, deadline=None)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """What commands made, once a session."""
    from tests.kept import Kept, shared_root

    return Kept(shared_root(tmp_path_factory.getbasetemp()))


@pytest.fixture
def little_effort() -> Iterator[None]:
    """A calibration takes one wave and one round, as that of `kept` does; how well it fits is not the point."""
    from tests.kept import little_effort

    with little_effort():
        yield


@pytest.fixture(scope="session")
def pm4py() -> Any:
    """The library that reads event logs back. Few tests need it, and it takes two seconds to load."""
    return importlib.import_module("pm4py")


@pytest.fixture
def few_shuffles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sensitivity with a tenth of its shuffled outcomes and bootstrap samples, where its limits are not the point."""
    from SALib.analyze import rbd_fast

    from sim.statistics import sensitivity

    analyze = rbd_fast.analyze
    monkeypatch.setattr(rbd_fast, "analyze", lambda *a, **o: analyze(*a, **{**o, "num_resamples": 10}))
    monkeypatch.setattr(sensitivity, "SHUFFLES", 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of what is made once come first: one worker does them, so that none waits for another, and short ones last.

    A worker that has nothing left takes over half of what waits for another, from the end.
    """
    items.sort(key=lambda item: "kept" not in getattr(item, "fixturenames", ()))
