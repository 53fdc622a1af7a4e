"""The knobs of the page: place, mechanisms, assumptions, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Protocol

from nicegui import ui

from sim.lab import results
from sim.lab.computing import Board, Knob, Switch, board, spaced
from sim.lab.crew import Crew, Lost
from sim.lab.files import text_field
from sim.lab.state import LARGEST, OWN, READINGS, State
from sim.language import tr, use
from sim.scenario import terms
from sim.scenario.errors import ScenarioError, UserError
from sim.scenario.metrics import KNOWN_METRICS


class Desk(Protocol):
    """The page that knobs are on: its state, and what it does when one is turned."""

    crew: Crew
    home: Path
    language: str
    state: State
    seat: int
    now: int  # the turn of what is being worked out

    def turn(self, state: State) -> None:
        """A knob was turned."""
        ...

    def go(self, lang: str = "", state: State | None = None) -> None:
        """Open the page anew in a state."""
        ...


class Knobs:
    """Controls of a page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def build(self, knobs: Board) -> None:
        ui.html(results.heading(tr("What is asked")), sanitize=False)
        places = dict(knobs.places) | ({OWN: knobs.title} if self.desk.state.text else {})
        chosen = OWN if self.desk.state.text else self.desk.state.place
        ui.select(
            places,
            value=chosen,
            label=tr("place"),
            on_change=lambda e: self.desk.go(state=State(place=e.value)),
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
        self.desk.turn(self.desk.state.moved(path, value))

    def _set(self, knob: Knob) -> float:
        found = dict(self.desk.state.sets).get(knob.name)
        return knob.value if found is None else float(found)

    def _own_place(self) -> None:
        with ui.expansion(tr("another county")).classes("w-full"):
            ui.label(tr("From the figures of a news report:"))
            fields: dict[str, Any] = {}
            for name, label in (
                ("name", tr("name (a–z, 0–9, _)")),
                ("title_zh", tr("title")),
                ("title_en", tr("title in English")),
                ("villages", tr("villages")),
                ("persons", tr("persons")),
                ("townships", tr("townships")),
                ("mediators", tr("mediators")),
                ("mediated", tr("disputes mediated")),
                ("succeeded", tr("of these with success")),
                ("rate", tr("success rate, % as printed")),
                ("start", tr("first day (YYYY-MM-DD)")),
                ("end", tr("last day (YYYY-MM-DD)")),
                ("source", tr("where the figures are from")),
                ("url", tr("address of the report")),
            ):
                fields[name] = ui.input(label).classes("w-full").props("dense")
            said = ui.label().props("role=alert").classes("text-red-900")

            async def make() -> None:
                given = {
                    name: field.value.strip() for name, field in fields.items() if (field.value or "").strip()
                }
                try:
                    text = await self.desk.crew.ask(place_of, given, self.desk.language, self.desk.home)
                except (UserError, ScenarioError, ValueError, Lost) as error:
                    said.set_text(str(error))
                    return
                self.desk.go(state=State(place=OWN, text=text))

            ui.button(tr("make this county"), on_click=make).props("no-caps outline color=black")
            ui.link(tr("Or from a register of disputes"), f"/register?lang={self.desk.language}").classes(
                "mt-2"
            )
            text_field(tr("Or a place file (YAML) of your own:"), LARGEST, ".yaml,.yml", self._brought)

    async def _brought(self, text: str) -> None:
        if not text:
            ui.notify(tr("The file is empty, or larger than a place file can be."), type="negative")
            return
        state = State(place=OWN, text=text)
        try:
            await self.desk.crew.ask(board, state, self.desk.language, self.desk.home)
        except (UserError, ScenarioError, Lost) as error:
            ui.notify(str(error), type="negative", multi_line=True, timeout=0, close_button=tr("close"))
        else:
            self.desk.go(state=state)

    def _switch(self, switch: Switch) -> None:
        name, practised = switch.mechanism, switch.practised
        on = (
            name not in self.desk.state.removed
            if practised
            else any(a.mechanism == name for a in self.desk.state.added)
        )
        options = next((dict(a.options) for a in self.desk.state.added if a.mechanism == name), {})
        label = tr("{mechanism} (practised)", mechanism=switch.label) if practised else switch.label
        held = ui.switch(label, value=on or bool(options)).classes("w-full")
        held.tooltip(f"{switch.about}. {switch.pays}")
        if practised:
            held.on_value_change(lambda e: self.desk.turn(self.desk.state.switched(name, e.value, True)))
            return
        details = ui.column().classes("w-full pl-6 gap-1")
        details.bind_visibility_from(held, "value")

        def change(key: str, value: str | None) -> None:
            if value is None:
                options.pop(key, None)
            else:
                options[key] = value
            if held.value:
                self.desk.turn(self.desk.state.switched(name, True, False, options))

        held.on_value_change(
            lambda e: self.desk.turn(self.desk.state.switched(name, e.value, False, options))
        )
        with details, use(self.desk.language):
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
        metrics.setdefault(self.desk.state.objective, spaced(self.desk.state.objective))
        ui.select(
            metrics,
            value=self.desk.state.objective,
            label=tr("what counts most"),
            on_change=lambda e: self.desk.turn(replace(self.desk.state, objective=e.value, margin="")),
        ).classes("w-full")
        margin = ui.number(
            tr("a change that would matter"), value=float(self.desk.state.margin or 0) or None
        ).classes("w-full")
        margin.on(
            "change",
            lambda: self.desk.turn(
                replace(self.desk.state, margin=f"{margin.value:g}" if margin.value else "")
            ),
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
            value=self.desk.state.reading,
            label=tr("reading of the record"),
            on_change=lambda e: self.desk.turn(replace(self.desk.state, reading=e.value)),
        ).classes("w-full")


def _said(knob: Knob, value: float) -> str:
    changed = "" if abs(value - knob.value) < 1e-9 else tr(" (was {value:.3g})", value=knob.value)
    return f"{knob.label}: {value:.3g} {knob.unit}{changed}"


def place_of(given: dict[str, str], language: str, home: Path) -> str:
    """The text of a place from the figures of a news report. Raises UserError and ScenarioError. Runs in a worker."""
    import tempfile

    from sim.studies.new import new

    with use(language), tempfile.TemporaryDirectory(dir=home) as folder:
        return new(Path(folder) / "place.yaml", **given).file.read_text("utf-8")
