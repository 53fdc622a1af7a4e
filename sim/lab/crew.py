"""Processes that work for the page: a piece of work can be called off, and a process that dies is replaced."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

T = TypeVar("T")
SEATS = 256  # open pages that are told apart

_turns: list[Any] = []  # in a worker: the turn of each seat, shared with the page


class CalledOff(Exception):
    """The knobs were turned while this was being worked out."""


class Lost(Exception):
    """A worker died twice at the same work."""


def _begin(turns: Any, ready: Callable[[], None]) -> None:
    _turns[:] = [turns]
    threading.Thread(target=_end_with_the_page, daemon=True).start()
    ready()


def _end_with_the_page() -> None:
    """A worker whose server was killed ends: nobody else would tell it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def still_wanted(seat: int, turn: int) -> None:
    """In a worker: raises CalledOff when the page of this seat has asked for something else. Turn 0 is for good."""
    if turn > 0 and _turns and _turns[0][seat] != turn:
        raise CalledOff


class Crew:
    """Workers of one server. `ready` is called once in each."""

    def __init__(self, workers: int, ready: Callable[[], None]) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._turns = self._context.Array("Q", SEATS, lock=False)
        self._workers, self._ready = workers, ready
        self._pool = self._fresh()
        self._next = 0
        self.replaced = 0  # how often dead workers were replaced

    def _fresh(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, self._context, _begin, (self._turns, self._ready))

    def seat(self) -> int:
        """A seat for a page."""
        self._next += 1
        return self._next % SEATS

    def turn(self, seat: int) -> int:
        """A new turn for a seat: what was asked before is called off."""
        self._turns[seat] += 1
        return int(self._turns[seat])

    def current(self, seat: int, turn: int) -> bool:
        """Whether nothing was asked since."""
        return bool(self._turns[seat] == turn)

    async def ask(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run a function of a module in a worker. One that dies is replaced and asked again, once; then Lost."""
        for _ in range(2):
            pool = self._pool
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)
            except BrokenProcessPool:
                if self._pool is pool:  # whoever notices first
                    pool.shutdown(wait=False, cancel_futures=True)
                    self._pool = self._fresh()
                    self.replaced += 1
        raise Lost

    def close(self) -> None:
        """End the workers."""
        for seat in range(SEATS):
            self._turns[seat] += 1
        self._pool.shutdown(wait=False, cancel_futures=True)
