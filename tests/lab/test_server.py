"""Who may see the page, and workers that die or are called off."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import MutableMapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sim.lab.crew import CalledOff, Crew, Lost, still_wanted
from sim.lab.server import COOKIE, Guard

TOKEN, PORT = "secret", 8123
HOST = (b"host", b"127.0.0.1:8123")


async def _inside(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"in"})


def asked(
    headers: list[tuple[bytes, bytes]], query: bytes = b"", kind: str = "http"
) -> list[MutableMapping[str, Any]]:
    """What a request to the guard brings back."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {}

    scope = {"type": kind, "headers": headers, "query_string": query, "path": "/"}
    asyncio.run(Guard(_inside, TOKEN, PORT)(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ([HOST], b"", 403),
        ([HOST], b"token=wrong", 403),
        ([HOST], b"token=secret", 200),
        ([HOST, (b"cookie", f"{COOKIE}-{PORT}={TOKEN}".encode())], b"", 200),
        (
            [HOST, (b"cookie", f"{COOKIE}-9999={TOKEN}".encode())],
            b"",
            403,
        ),  # of another page on this computer
        ([(b"host", b"evil.example:8123")], b"token=secret", 403),  # a name that was made to point here
        ([HOST, (b"origin", b"http://evil.example")], b"token=secret", 403),
        ([HOST, (b"origin", b"http://127.0.0.1:8123")], b"token=secret", 200),
    ],
)
def test_only_who_has_the_address_comes_in(
    headers: list[tuple[bytes, bytes]], query: bytes, status: int
) -> None:
    assert asked(headers, query)[0]["status"] == status


def test_a_socket_without_the_token_is_closed() -> None:
    assert asked([HOST], kind="websocket") == [{"type": "websocket.close", "code": 1008}]


def test_the_page_may_load_nothing_from_elsewhere_and_keeps_the_token() -> None:
    headers = dict(asked([HOST], b"token=secret")[0]["headers"])
    policy = headers[b"content-security-policy"].decode()
    assert "http:" not in policy.replace("ws://127.0.0.1:8123", "")
    assert b"HttpOnly; SameSite=Strict" in headers[b"set-cookie"]


def nothing() -> None:
    """For workers that need nothing first."""


def die_once(path: str) -> int:
    """A worker that is killed at its first try."""
    try:
        with Path(path).open("x"):
            os.kill(os.getpid(), signal.SIGKILL)
    except FileExistsError:
        pass
    return 7


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def until_called_off(seat: int, turn: int, begun: str) -> None:
    Path(begun).touch()
    for _ in range(3000):
        still_wanted(seat, turn)
        time.sleep(0.01)


def worker(_: int) -> int:
    return os.getpid()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_work_is_called_off_and_dead_workers_are_replaced(tmp_path: Any) -> None:
    async def all_of_it(crew: Crew) -> None:
        seat = crew.seat()
        turn = crew.turn(seat)
        begun = tmp_path / "begun"
        running = asyncio.create_task(crew.ask(until_called_off, seat, turn, str(begun)))
        while not begun.exists():
            await asyncio.sleep(0.02)
        crew.turn(seat)
        with pytest.raises(CalledOff):
            await running
        assert await crew.ask(die_once, str(tmp_path / "once")) == 7
        assert crew.replaced == 1
        with pytest.raises(Lost):
            await crew.ask(die)
        assert await crew.ask(worker, 0) > 0

    with closing(Crew(1, nothing)) as crew:
        asyncio.run(all_of_it(crew))
