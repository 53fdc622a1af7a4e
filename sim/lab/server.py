"""The server of the page: for this computer only, with a token in its address; it leaves no file behind."""

from __future__ import annotations

import contextlib
import hmac
import secrets
import socket
import tempfile
import webbrowser
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from sim.lab.computing import ready
from sim.lab.crew import Crew

HOST = "127.0.0.1"
COOKIE = "disputes-lab"
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
POLICY = (  # what the browser may load: this page's own files, nothing from elsewhere
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws://{host}; frame-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


class Guard:
    """Lets in who knows the token, by the address or the cookie that came of it, and names this computer.

    A page of another site that makes its name point here fails for the name.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], token: str, port: int) -> None:
        self._app, self._token, self._port = app, token, port
        self._hosts = {f"{HOST}:{port}".encode(), f"localhost:{port}".encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 to everybody else."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        foreign = origin is not None and origin.removeprefix(b"http://") not in self._hosts
        by_address = self._known(dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token", ""))
        if headers.get(b"host") not in self._hosts or foreign or not (by_address or self._by_cookie(headers)):
            await _refuse(scope, send)
            return

        async def answered(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                more = [(b"content-security-policy", POLICY.format(host=headers[b"host"].decode()).encode())]
                more += [(b"referrer-policy", b"no-referrer"), (b"x-content-type-options", b"nosniff")]
                if by_address:
                    cookie = f"{COOKIE}-{self._port}={self._token}; HttpOnly; SameSite=Strict; Path=/"
                    more.append((b"set-cookie", cookie.encode()))
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, answered)

    def _by_cookie(self, headers: dict[bytes, bytes]) -> bool:
        held = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
        name = f"{COOKIE}-{self._port}"
        return name in held and self._known(held[name].value)

    def _known(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    text = b"This page opens with the address that the program printed, token included.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": text})


@contextlib.contextmanager
def listening(port: int | None) -> Iterator[socket.socket]:
    """A socket of this computer on a port, a free one by default. Raises OSError for a port that is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port or 0))
        listener.listen()
        yield listener


def serve(
    *, port: int | None, workers: int, browser: bool, language: str, told: Callable[[str], None]
) -> None:
    """Serve the page until Ctrl-C. `told` hears the address. Raises OSError for a port that is taken."""
    import uvicorn
    from fastapi import FastAPI
    from nicegui import ui

    from sim.lab.screen import add_pages

    token = secrets.token_urlsafe(24)
    with listening(port) as listener, tempfile.TemporaryDirectory(prefix="disputes-lab-") as folder:
        number = listener.getsockname()[1]
        with contextlib.closing(Crew(workers, ready)) as crew:
            app = FastAPI(openapi_url=None)
            add_pages(app, crew, Path(folder), language)
            ui.run_with(app, title="disputes", reconnect_timeout=20, show_welcome_message=False)
            address = f"http://{HOST}:{number}/?token={token}"
            told(address)
            if browser:
                webbrowser.open(address)
            guard = Guard(app, token, number)
            config = uvicorn.Config(guard, log_level="error", lifespan="on", ws_max_size=4_000_000)
            uvicorn.Server(config).run(sockets=[listener])
