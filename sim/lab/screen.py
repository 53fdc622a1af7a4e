"""The page in NiceGUI: knobs on the left, what follows from them on the right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from nicegui import ui

from sim.lab import results
from sim.lab.computing import Board, Knob, Seen, Switch, board, drawn, seen, spaced, taken_away
from sim.lab.crew import CalledOff, Crew, Lost
from sim.lab.state import OWN, READINGS, State, from_query
from sim.language import LANGUAGES, tr, use
from sim.scenario import terms
from sim.scenario.errors import ScenarioError, UserError
from sim.scenario.metrics import KNOWN_METRICS
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
    figure: Any
    take: Any


class Desk:
    """One open page: its state, and the work that goes on for it."""

    def __init__(self, crew: Crew, home: Path, language: str, state: State) -> None:
        self.crew, self.home, self.language, self.state = crew, home, language, state
        self.seat = crew.seat()
        self.work: asyncio.Task[None] | None = None
        self.draws = STEPS[0]
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
                        .props(f'aria-label="{tr("what is asked")}"')
                        .classes("w-full md:w-80")
                    ):
                        self._knobs(knobs)
                    with (
                        ui.element("section")
                        .props(f'aria-label="{tr("what follows")}"')
                        .classes("flex-1 min-w-0 w-full")
                    ):
                        self._results()
        ui.context.client.on_disconnect(lambda: self.crew.turn(self.seat))
        self.turned()

    def _head(self, knobs: Board) -> None:
        with ui.row().classes("w-full items-baseline justify-between"):
            ui.html(f"<h1>{escape(knobs.title)}</h1>", sanitize=False).classes("text-2xl font-semibold")
            other = next(one for one in LANGUAGES if one != self.language)
            ui.button(LABELS[other], on_click=lambda: self._go(lang=other)).props(
                f"flat dense no-caps color=black lang={other}"
            )
        ui.html(results.lines([knobs.window]), sanitize=False)

    def _go(self, lang: str = "", state: State | None = None) -> None:
        query = (state or self.state).query()
        ui.navigate.to(f"/?{query}&lang={lang or self.language}")

    # knobs

    def _knobs(self, knobs: Board) -> None:
        ui.html(f"<h2>{escape(tr('What is asked'))}</h2>", sanitize=False).classes("text-lg font-semibold")
        places = dict(knobs.places) | ({OWN: knobs.title} if self.state.text else {})
        chosen = OWN if self.state.text else self.state.place
        ui.select(
            places, value=chosen, label=tr("place"), on_change=lambda e: self._go(state=State(place=e.value))
        ).classes("w-full")
        self._own_place()
        with ui.expansion(tr("mechanisms"), value=True).classes("w-full"):
            for switch in knobs.switches:
                self._switch(switch)
        with ui.expansion(tr("what is assumed of the place")).classes("w-full"):
            ui.html(
                results.lines([tr("The numbers with the widest ranges. Moving one leaves the calibration.")]),
                sanitize=False,
            )
            for knob in knobs.assumptions:
                self._slider(knob, partial(self._moved, knob.name), self._set(knob))
        with ui.expansion(tr("how it is judged")).classes("w-full"):
            self._judged()

    def _moved(self, path: str, value: str | None) -> None:
        self.turn(self.state.moved(path, value))

    def _set(self, knob: Knob) -> float:
        found = dict(self.state.sets).get(knob.name)
        return knob.value if found is None else float(found)

    def _own_place(self) -> None:
        with ui.expansion(tr("another county")).classes("w-full"):
            ui.label(tr("From the figures of a news report:"))
            fields: dict[str, Any] = {}
            for name, label in (
                ("name", tr("name (a–z, 0–9, _)")),
                ("title_zh", tr("title")),
                ("villages", tr("villages")),
                ("persons", tr("persons")),
                ("townships", tr("townships")),
                ("mediators", tr("mediators")),
                ("mediated", tr("disputes mediated")),
                ("succeeded", tr("of these with success")),
                ("rate", tr("success rate, % as printed")),
                ("start", tr("first day (YYYY-MM-DD)")),
                ("end", tr("last day (YYYY-MM-DD)")),
            ):
                fields[name] = ui.input(label).classes("w-full").props("dense")
            said = ui.label().props("role=alert").classes("text-red-900")

            async def make() -> None:
                given = {
                    name: field.value.strip() for name, field in fields.items() if (field.value or "").strip()
                }
                try:
                    text = await self.crew.ask(place_of, given, self.language, self.home)
                except (UserError, ScenarioError, ValueError, Lost) as error:
                    said.set_text(str(error))
                    return
                self._go(state=State(place=OWN, text=text))

            ui.button(tr("make this county"), on_click=make).props("no-caps")
            ui.label(tr("Or a place file (YAML) of your own:")).classes("mt-2")
            ui.upload(
                on_upload=self._uploaded, auto_upload=True, max_file_size=400_000, label=tr("place file")
            ).props('accept=".yaml,.yml" flat bordered').classes("w-full")

    async def _uploaded(self, event: Any) -> None:
        try:
            text = (await event.file.read()).decode("utf-8")
            state = State(place=OWN, text=text)
            await self.crew.ask(board, state, self.language, self.home)
        except UnicodeDecodeError:
            ui.notify(tr("The file is not UTF-8 text."), type="negative")
        except (UserError, ScenarioError, Lost) as error:
            ui.notify(str(error), type="negative", multi_line=True, timeout=0, close_button=tr("close"))
        else:
            self._go(state=state)

    def _switch(self, switch: Switch) -> None:
        name, practised = switch.mechanism, switch.practised
        on = (
            name not in self.state.removed
            if practised
            else any(a.mechanism == name for a in self.state.added)
        )
        options = next((dict(a.options) for a in self.state.added if a.mechanism == name), {})
        label = tr("{mechanism} (practised)", mechanism=switch.label) if practised else switch.label
        held = ui.switch(label, value=on or bool(options)).classes("w-full")
        held.tooltip(f"{switch.about}. {switch.pays}")
        if practised:
            held.on_value_change(lambda e: self.turn(self.state.switched(name, e.value, True)))
            return
        details = ui.column().classes("w-full pl-6 gap-1")
        details.bind_visibility_from(held, "value")

        def change(key: str, value: str | None) -> None:
            if value is None:
                options.pop(key, None)
            else:
                options[key] = value
            if held.value:
                self.turn(self.state.switched(name, True, False, options))

        held.on_value_change(lambda e: self.turn(self.state.switched(name, e.value, False, options)))
        with details, use(self.language):
            share = Knob("share", tr("share of villages"), 1.0, 0.0, 1.0, "", "")
            self._slider(share, lambda value: change("share", value), float(options.get("share", 1.0)))
            start = (
                ui.input(tr("from (YYYY-MM-DD)"), value=options.get("start", ""))
                .props("dense")
                .classes("w-full")
            )
            start.on("change", lambda: change("start", (start.value or "").strip() or None))
            for knob in switch.knobs:
                value = float(options.get(knob.name, knob.value))
                if knob.high > knob.low:
                    self._slider(knob, partial(change, knob.name), value)
                else:
                    self._number(knob, partial(change, knob.name), value)

    def _slider(self, knob: Knob, changed: Callable[[str | None], None], value: float) -> None:
        """A slider over the range of a number, with the number beside it; `changed` gets None for the value it had."""
        step = (knob.high - knob.low) / 100
        said = ui.label(_said(knob, value)).classes("text-sm")
        slider = ui.slider(min=knob.low, max=knob.high, step=step, value=min(max(value, knob.low), knob.high))
        slider.props(f'aria-label="{escape(knob.label)}" dense').classes("w-full px-2")
        if knob.note:
            slider.tooltip(knob.note)
        slider.on_value_change(lambda e: said.set_text(_said(knob, e.value)))
        slider.on("change", lambda: changed(None if slider.value == knob.value else f"{slider.value:.6g}"))

    def _number(self, knob: Knob, changed: Callable[[str | None], None], value: float) -> None:
        field = ui.number(knob.label, value=value, suffix=knob.unit or None).props("dense").classes("w-full")
        field.on("change", lambda: changed(None if field.value in (None, knob.value) else f"{field.value:g}"))

    def _judged(self) -> None:
        metrics = {
            name: spaced(terms.metric(name)) for name, metric in KNOWN_METRICS.items() if metric.compared
        }
        metrics.setdefault(self.state.objective, spaced(self.state.objective))
        ui.select(
            metrics,
            value=self.state.objective,
            label=tr("what counts most"),
            on_change=lambda e: self.turn(replace(self.state, objective=e.value, margin="")),
        ).classes("w-full")
        margin = ui.number(
            tr("a change that would matter"), value=float(self.state.margin or 0) or None
        ).classes("w-full")
        margin.on(
            "change",
            lambda: self.turn(replace(self.state, margin=f"{margin.value:g}" if margin.value else "")),
        )
        readings = dict(
            zip(
                READINGS,
                (tr("both"), terms.reading("proportional"), terms.reading("target_driven")),
                strict=True,
            )
        )
        ui.select(
            readings,
            value=self.state.reading,
            label=tr("reading of the record"),
            on_change=lambda e: self.turn(replace(self.state, reading=e.value)),
        ).classes("w-full")

    # results

    def _results(self) -> None:
        ui.html(f"<h2>{escape(tr('What follows'))}</h2>", sanitize=False).classes("text-lg font-semibold")
        status = ui.label().props("role=status").classes("text-sm lab-note")
        parts = [ui.html("", sanitize=False).classes("w-full") for _ in range(4)]
        figure = ui.html("", sanitize=False).classes("w-full lab-figure")
        take = ui.column().classes("w-full")
        self.shown = Shown(status, parts[0], parts[1], parts[2], parts[3], figure, take)

    def turn(self, state: State) -> None:
        """A knob was turned."""
        if state != self.state:
            self.state = state
            self.turned()

    def turned(self) -> None:
        """Begin again with what is asked now; what was asked before is called off."""
        turn = self.crew.turn(self.seat)
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
                    if draws == STEPS[1] or draws == STEPS[-1]:
                        self.shown.figure.set_content(await self.crew.ask(drawn, state, *arguments))
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
        self._take(found.draws)

    def _take(self, draws: int) -> None:
        query = f"{self.state.query()}&lang={self.language}&draws={draws}"
        self.shown.take.clear()
        with self.shown.take:
            ui.html(f"<h2>{escape(tr('To take away'))}</h2>", sanitize=False).classes("text-lg font-semibold")
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
            ui.code(command, language="bash").classes("w-full")
            ui.label(
                tr(
                    "The whole of what is asked, as text to share; open it after the address of your own page:"
                )
            )
            ui.code("?" + self.state.query(), language="text").classes("w-full")


def _said(knob: Knob, value: float) -> str:
    changed = "" if abs(value - knob.value) < 1e-9 else tr(" (was {value:.3g})", value=knob.value)
    return f"{knob.label}: {value:.3g} {knob.unit}{changed}"


def place_of(given: dict[str, str], language: str, home: Path) -> str:
    """The text of a place from the figures of a news report. Raises UserError and ScenarioError. Runs in a worker."""
    import tempfile

    from sim.studies.new import new

    with use(language), tempfile.TemporaryDirectory(dir=home) as folder:
        return new(Path(folder) / "place.yaml", **given).file.read_text("utf-8")
