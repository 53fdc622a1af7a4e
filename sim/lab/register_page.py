"""The page of a register: bring it, say what its words mean, see how far it can be trusted and what will be open."""

from __future__ import annotations

import secrets
from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from nicegui import ui

from sim.lab import results
from sim.lab.crew import Crew, Lost
from sim.lab.files import file_field, received
from sim.lab.registers import LARGEST, SUFFIXES, Read, Told, book_of, county_of, read
from sim.lab.state import OWN, State
from sim.language import LANGUAGES, tr, use
from sim.scenario.errors import ScenarioError, UserError

BOOKS = ("quality", "forecast")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_register_page(app: FastAPI, crew: Crew, home: Path, language: str) -> None:
    """Add the page `/register` and its workbooks. What was brought is known by a word that only its page has."""
    kept: dict[str, tuple[str, Told]] = {}

    @ui.page("/register", title="disputes lab", language="zh-CN" if language == "zh" else "en-US")
    async def page(request: Request) -> None:
        chosen = request.query_params.get("lang", language)
        chosen = chosen if chosen in LANGUAGES else language
        await ui.context.client.connected(timeout=60)
        with use(chosen):
            Bench(crew, home, chosen, kept).build()

    @app.post("/register")
    async def bring(request: Request) -> Response:
        """Keep a register in the folder of the server, which goes when the page is ended."""
        word, suffix = (
            request.query_params.get("of", ""),
            Path(request.query_params.get("name", "")).suffix.lower(),
        )
        chosen = request.query_params.get("lang", language)
        with use(chosen if chosen in LANGUAGES else language):
            if word not in kept:
                return Response(status_code=404)
            if suffix not in SUFFIXES:
                return _said(tr("The register must be one of {kinds}.", kinds=", ".join(SUFFIXES)))
            content = await received(request.stream(), LARGEST)
            if content is None:
                return _said(tr("The register is larger than {n} million bytes.", n=LARGEST // 1_000_000))
            folder = home / "registers" / word
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"register{suffix}"
            file.write_bytes(content)
            kept[word] = str(file), kept[word][1]
            return _said("")

    @app.get("/book/{kind}")
    async def book(kind: str, request: Request) -> Response:
        held = kept.get(request.query_params.get("of", ""))
        if kind not in BOOKS or held is None or not held[0]:
            return Response(status_code=404)
        chosen = request.query_params.get("lang", language)
        try:
            content = await crew.ask(book_of, kind, *held, chosen if chosen in LANGUAGES else language)
        except (UserError, ScenarioError, Lost) as error:
            return Response(str(error), status_code=422, media_type="text/plain")
        named = {"content-disposition": f'attachment; filename="{kind}.xlsx"'}
        return Response(content, media_type=XLSX, headers=named)


def _said(text: str) -> Response:
    return Response(text, media_type="text/plain; charset=utf-8")


class Bench:
    """One open page of a register."""

    def __init__(self, crew: Crew, home: Path, language: str, kept: dict[str, tuple[str, Told]]) -> None:
        self.crew, self.home, self.language, self.kept = crew, home, language, kept
        self.word = secrets.token_urlsafe(12)
        kept[self.word] = "", Told()
        self.status: Any
        self.words: Any
        self.found: Any

    def build(self) -> None:
        """Make the page."""
        ui.add_css(results.STYLE)
        ui.query("html").props(f"lang={'zh-CN' if self.language == 'zh' else 'en'}")
        title = tr("A register")
        with ui.element("div").classes("w-full max-w-screen-lg mx-auto p-4"):
            ui.html(f"<h1>{escape(title)}</h1>", sanitize=False)
            said = tr(
                "Bring a register of disputes: Excel, CSV or XES, a row a dispute or a row an event. The page says how "
                "far it can be trusted, how many disputes are open and will be, and makes a county of it. The file "
                "stays on this computer, and goes when the page is ended."
            )
            ui.html(results.lines([said]), sanitize=False)
            ui.link(tr("back to the county"), f"/?lang={self.language}")
            address = f"/register?of={self.word}&lang={self.language}"
            file_field(tr("register"), address, ",".join(SUFFIXES), self._brought)
            with ui.expansion(tr("if its columns are not understood")).classes("w-full max-w-md"):
                columns = ui.input(tr("columns, such as received=受理日期, closed=结案日期")).classes(
                    "w-full"
                )
                site = ui.input(tr("the village, if the register names none")).classes("w-full")

                async def again() -> None:
                    pairs = [one.strip() for one in (columns.value or "").replace("，", ",").split(",")]
                    named = tuple(p for p in pairs if p)
                    self._tell(Told(named, self.told.means, (site.value or "").strip()))
                    await self.look()

                ui.button(tr("read it again"), on_click=again).props("no-caps outline color=black")
            self.status = ui.label().props("role=status").classes("lab-note")
            self.words = ui.column().classes("w-full max-w-md")
            self.found = ui.column().classes("w-full")

    @property
    def file(self) -> str:
        """The register that was brought; empty before."""
        return self.kept[self.word][0]

    @property
    def told(self) -> Told:
        """What was said of it."""
        return self.kept[self.word][1]

    def _tell(self, told: Told) -> None:
        self.kept[self.word] = self.file, told

    async def _brought(self, trouble: str) -> None:
        if trouble:
            self.status.set_text(trouble)
            return
        self._tell(Told(self.told.columns, (), self.told.site))
        await self.look()

    async def look(self) -> None:
        """Read the register as it is told, and show what that brings."""
        if not self.file:
            self.status.set_text(tr("Bring a register first."))
            return
        with use(self.language):
            self.status.set_text(tr("reading …"))
            try:
                read_now = await self.crew.ask(read, self.file, self.told, self.language)
            except Lost:
                self.status.set_text(tr("The work was lost twice: a process of it was ended from outside."))
                return
            self.status.set_text(read_now.trouble or read_now.title)
            self.words.clear()
            self.found.clear()
            with self.words:
                self._ask(read_now)
            with self.found:
                if read_now.title:
                    self._show(read_now)

    def _ask(self, read_now: Read) -> None:
        """A choice for each word without a meaning."""
        if not read_now.words:
            return
        fields = {}
        for word in read_now.words:
            label = tr("{column}: {word} ({n} rows)", column=tr(word.column), word=word.word, n=word.rows)
            choice = ui.select(dict(word.choices), label=label).classes("w-full")
            fields[word.column, word.word] = choice

        async def said() -> None:
            new = {key: str(one.value) for key, one in fields.items() if one.value}
            old = {(c, w): m for c, w, m in self.told.means}
            means = tuple((c, w, m) for (c, w), m in (old | new).items())
            self._tell(Told(self.told.columns, means, self.told.site))
            await self.look()

        ui.button(tr("that is what they mean"), on_click=said).props("no-caps outline color=black")

    def _show(self, read_now: Read) -> None:
        """What will be open first, since that is asked first; then how far the register can be trusted."""
        ui.html(results.heading(tr("Open today, and in three months")), sanitize=False)
        if read_now.ahead is not None:
            ui.html(results.ahead(read_now.ahead), sanitize=False).classes("w-full")
            ui.html(read_now.ahead.figure, sanitize=False).classes("w-full lab-figure")
        else:
            ui.html(results.lines([read_now.ahead_trouble]), sanitize=False)
        ui.html(results.heading(tr("How far the register can be trusted")), sanitize=False)
        ui.html(results.quality(read_now), sanitize=False).classes("w-full")
        ui.html(read_now.figure, sanitize=False).classes("w-full lab-figure")
        ui.html(results.heading(tr("To take away")), sanitize=False)
        with ui.row():
            for kind, label in (("quality", tr("workbook: quality")), ("forecast", tr("workbook: forecast"))):
                ui.link(label, f"/book/{kind}?of={self.word}&lang={self.language}")
        self._county()

    def _county(self) -> None:
        """A county of the register, on which the knobs can be turned."""
        ui.html(results.heading(tr("A county of it")), sanitize=False)
        said = tr(
            "What the register identifies is taken from it, the rest from national figures; then all knobs can be "
            "turned. No row of the register is in the address of that page."
        )
        ui.html(results.lines([said]), sanitize=False)
        names = (
            ("persons", tr("persons")),
            ("villages", tr("villages")),
            ("townships", tr("townships")),
        )
        fields = {name: ui.input(label).props("dense").classes("w-full max-w-md") for name, label in names}
        trouble = ui.label().props("role=alert").classes("text-red-900")

        async def make() -> None:
            given = {name: (field.value or "").strip() for name, field in fields.items()}
            try:
                text = await self.crew.ask(county_of, self.file, self.told, given, self.language)
            except (UserError, ScenarioError, Lost) as error:
                trouble.set_text(str(error))
                return
            ui.navigate.to(f"/?{State(place=OWN, text=text).query()}&lang={self.language}")

        ui.button(tr("make this county"), on_click=make).props("no-caps outline color=black")
