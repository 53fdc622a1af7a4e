"""The page in NiceGUI: knobs on the left, what follows from them on the right."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from nicegui import ui

from sim.lab import results
from sim.lab.computing import Board, Seen, board, drawn, flowed, seen, taken_away
from sim.lab.crew import CalledOff, Crew, Lost
from sim.lab.further import replayed
from sim.lab.knobs import Knobs
from sim.lab.questions import Questions
from sim.lab.register_page import add_register_page
from sim.lab.replay_view import ReplayView
from sim.lab.state import State, from_query
from sim.language import LANGUAGES, tr, use
from sim.scenario.errors import ScenarioError, UserError
from sim.show.figures.typeface import FONT_FILE

STEPS = (6, 16, 40, 100)  # parameter draws: first numbers soon, then narrower
REPLICATIONS = 2  # of each draw
SETTLE = 0.15  # seconds without another turn before work begins
KINDS = {  # what can be taken away: name of the file, media type
    "scenario": ("place.yaml", "application/yaml"),
    "policy": ("policy.yaml", "application/yaml"),
    "workbook": ("comparison.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "report": ("report.html", "text/html; charset=utf-8"),
}
LABELS = {"en": "English", "zh": "中文"}


def add_pages(app: FastAPI, crew: Crew, home: Path, language: str) -> None:
    """Add the page and what can be taken away from it."""

    @ui.page("/", title="disputes lab", language="zh-CN" if language == "zh" else "en-US")
    async def page(request: Request) -> None:
        chosen = request.query_params.get("lang", language)
        chosen = chosen if chosen in LANGUAGES else language
        pairs = [p for p in parse_qsl(request.url.query) if p[0] not in ("token", "lang")]
        with use(chosen):
            try:
                state = from_query(pairs)
                trouble = ""
            except ValueError as error:
                state, trouble = (
                    State(),
                    tr("The address says something that is not understood: {text}", text=error),
                )
            wait = ui.label(tr("One moment: the county is being read.")).props("role=status")
            await ui.context.client.connected(timeout=60)  # the page is there; the rest of it follows
            await Desk(crew, home, chosen, state).build(trouble)
            wait.delete()

    add_register_page(app, crew, home, language)

    @app.get("/font.otf")
    async def font() -> FileResponse:
        return FileResponse(FONT_FILE, media_type="font/otf")

    @app.get("/take/{kind}")
    async def take(kind: str, request: Request) -> Response:
        if kind not in KINDS:
            return Response(status_code=404)
        pairs = [p for p in parse_qsl(request.url.query) if p[0] not in ("token", "lang", "draws")]
        chosen = request.query_params.get("lang", language)
        try:
            draws = min(max(STEPS), int(request.query_params.get("draws", STEPS[0])))
            state = from_query(pairs)
            content = await crew.ask(taken_away, kind, state, draws, REPLICATIONS, chosen, home)
        except (ValueError, UserError, ScenarioError, Lost) as error:
            return Response(str(error), status_code=422, media_type="text/plain")
        name, media = KINDS[kind]
        how = "inline" if kind == "report" else f'attachment; filename="{name}"'
        return Response(content, media_type=media, headers={"content-disposition": how})


@dataclass
class Shown:
    """Parts of the page that change with an answer."""

    status: Any
    decision: Any
    effects: Any
    costs: Any
    load: Any
    study: Any
    figure: Any
    paths: Any
    replay: ReplayView
    questions: Questions
    take: Any


def _part(more: str = "") -> Any:
    """A part of the page that is written anew with each answer."""
    return ui.html("", sanitize=False).classes(f"w-full {more}")


class Desk:
    """One open page: its state, and the work that goes on for it."""

    def __init__(self, crew: Crew, home: Path, language: str, state: State) -> None:
        self.crew, self.home, self.language, self.state = crew, home, language, state
        self.seat = crew.seat()
        self.work: asyncio.Task[None] | None = None
        self.draws = STEPS[0]
        self.now = 0
        self.shown: Shown

    async def build(self, trouble: str) -> None:
        """Make the page. What a file or an address names wrongly is said, and the first place is shown."""
        try:
            knobs = await self.crew.ask(board, self.state, self.language, self.home)
        except (UserError, ScenarioError, Lost) as error:
            trouble = f"{trouble} {error}".strip()
            self.state = State()
            knobs = await self.crew.ask(board, self.state, self.language, self.home)
        with use(self.language):
            ui.add_css(results.STYLE)
            ui.query("html").props(f"lang={'zh-CN' if self.language == 'zh' else 'en'}")
            with ui.element("div").classes("w-full max-w-screen-xl mx-auto p-4"):
                self._head(knobs)
                if trouble:
                    ui.label(trouble).props("role=alert").classes("text-red-900")
                with ui.row().classes("w-full items-start gap-8"):
                    with (
                        ui.element("section")
                        .props(results.labelled(tr("what is asked")))
                        .classes("w-full md:w-80")
                    ):
                        Knobs(self).build(knobs)
                    with (
                        ui.element("section")
                        .props(results.labelled(tr("what follows")))
                        .classes("flex-1 min-w-0 w-full")
                    ):
                        self._results()
        ui.context.client.on_disconnect(lambda: self.crew.turn(self.seat))
        self.turned()

    def _head(self, knobs: Board) -> None:
        with ui.row().classes("w-full items-baseline justify-between"):
            ui.html(f"<h1>{escape(knobs.title)}</h1>", sanitize=False).classes("text-2xl font-semibold")
            other = next(one for one in LANGUAGES if one != self.language)
            ui.button(LABELS[other], on_click=lambda: self.go(lang=other)).props(
                f"flat dense no-caps color=black lang={other}"
            )
        ui.html(results.lines([knobs.window]), sanitize=False)

    def go(self, lang: str = "", state: State | None = None) -> None:
        """Open the page anew: in another language, in another state."""
        query = (state or self.state).query()
        ui.navigate.to(f"/?{query}&lang={lang or self.language}")

    # results

    def _results(self) -> None:
        ui.html(results.heading(tr("What follows")), sanitize=False)
        status = ui.label().props("role=status").classes("text-sm lab-note")
        decision = _part()
        questions = Questions(self)
        effects, costs, load, study = (_part() for _ in range(4))
        figure = _part("lab-figure")
        replay = ReplayView(self.language)
        paths = _part("lab-figure")
        take = ui.column().classes("w-full")
        self.shown = Shown(
            status, decision, effects, costs, load, study, figure, paths, replay, questions, take
        )

    def turn(self, state: State) -> None:
        """A knob was turned."""
        if state != self.state:
            self.state = state
            self.turned()

    def turned(self) -> None:
        """Begin again with what is asked now; what was asked before is called off."""
        turn = self.now = self.crew.turn(self.seat)
        if self.work is not None:
            self.work.cancel()
        with self.shown.status:
            self.work = asyncio.create_task(self._follow(turn))

    async def _follow(self, turn: int) -> None:
        await asyncio.sleep(SETTLE)
        state = self.state
        with use(self.language), self.shown.status:
            self.shown.status.set_text(tr("working …"))
            try:
                for draws in STEPS:
                    arguments = (draws, REPLICATIONS, self.language, self.home, self.seat, turn)
                    found = await self.crew.ask(seen, state, *arguments)
                    if not self.crew.current(self.seat, turn):
                        return
                    self._show(found, draws == STEPS[-1])
                    self.draws = draws
                    if draws == STEPS[0]:
                        self.shown.replay.show(
                            await self.crew.ask(replayed, state, self.language, self.home, self.seat, turn)
                        )
                    if draws == STEPS[1] or draws == STEPS[-1]:
                        self.shown.figure.set_content(await self.crew.ask(drawn, state, *arguments))
                self.shown.paths.set_content(await self.crew.ask(flowed, state, *arguments))
            except (CalledOff, asyncio.CancelledError):
                return
            except Lost:
                self.shown.status.set_text(
                    tr(
                        "The work was lost twice: a process of it was ended from outside. Turn a knob to try again."
                    )
                )
            except (UserError, ScenarioError) as error:
                self.shown.status.set_text(str(error))

    def _show(self, found: Seen, last: bool) -> None:
        more = "" if last else tr("; more are being worked out")
        said = tr(
            "{draws} parameter draws, {n} replications of each", draws=found.draws, n=found.replications
        )
        self.shown.status.set_text(said + more)
        self.shown.decision.set_content(results.decision(found))
        self.shown.effects.set_content(results.effects(found))
        self.shown.costs.set_content(results.costs(found))
        self.shown.load.set_content(results.load(found))
        self.shown.study.set_content(results.to_study(found))
        self.shown.questions.show(found)
        self._take(found.draws)

    def _take(self, draws: int) -> None:
        query = f"{self.state.query()}&lang={self.language}&draws={draws}"
        self.shown.take.clear()
        with self.shown.take:
            ui.html(results.heading(tr("To take away")), sanitize=False)
            with ui.row():
                for kind, label in (
                    ("report", tr("report, with both worlds day by day")),
                    ("workbook", tr("workbook (Excel)")),
                    ("scenario", tr("scenario (YAML)")),
                    ("policy", tr("policy (YAML)")),
                ):
                    ui.link(label, f"/take/{kind}?{query}", new_tab=kind == "report")
            command = self.state.command("place.yaml" if self.state.text else "")
            command += f" --draws {draws} --replications {REPLICATIONS}"
            ui.label(tr("The command that gives the same:"))
            self._text(command, tr("the command"))
            ui.label(
                tr(
                    "The whole of what is asked, as text to share; open it after the address of your own page:"
                )
            )
            self._text("?" + self.state.query(), tr("what is asked"))

    def _text(self, text: str, label: str) -> None:
        """A text to copy, as it is."""
        ui.html(results.code(text, label), sanitize=False).classes("w-full")
        ui.button(tr("copy"), on_click=lambda: ui.clipboard.write(text)).props(
            "flat dense no-caps color=black"
        )
