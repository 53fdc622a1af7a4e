"""A field for a file that keyboards and screen readers know: the browser's own, its content sent in one piece."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from nicegui import ui


def file_field(label: str, address: str, accept: str, brought: Callable[[str], Awaitable[None]]) -> None:
    """A labelled field for one file. It is posted to an address, with `name` in the query; `brought` hears the answer.

    The answer is empty where all is well, else it says what is wrong.
    """
    _field(
        label,
        accept,
        brought,
        f"""const where = "{address}" + "&name=" + encodeURIComponent(file.name);
            const answer = await fetch(where, {{method: "POST", body: file}});
            emit(await answer.text());""",
    )


def text_field(label: str, most: int, accept: str, brought: Callable[[str], Awaitable[None]]) -> None:
    """A labelled field for a small text file; `brought` hears its text, empty where it has more than `most` bytes."""
    _field(label, accept, brought, f'emit(file.size > {most} ? "" : await file.text());')


def _field(label: str, accept: str, brought: Callable[[str], Awaitable[None]], what: str) -> None:
    async def told(event: Any) -> None:
        await brought(str(event.args))

    with ui.column().classes("w-full gap-1"):
        ui.html(f'<span aria-hidden="true">{escape(label)}</span>', sanitize=False)
        field = ui.element("input").props(f'type="file" accept="{accept}" aria-label="{escape(label)}"')
    handler = f"""async (event) => {{
        const file = event.target.files[0];
        if (!file) return;
        {what}
    }}"""
    field.classes("w-full").on("change", told, js_handler=handler)


async def received(stream: Any, most: int) -> bytes | None:
    """What is posted, or None where it is more than `most` bytes."""
    held = bytearray()
    async for part in stream:
        held += part
        if len(held) > most:
            return None
    return bytes(held)
