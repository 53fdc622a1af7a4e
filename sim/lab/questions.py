"""What officials of a county ask, each with its answer or with the knobs that give it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nicegui import ui

from sim.lab import results
from sim.lab.computing import Seen
from sim.lab.crew import CalledOff, Lost
from sim.lab.further import trial
from sim.lab.knobs import Desk
from sim.lab.state import Added
from sim.language import tr, use
from sim.scenario.errors import ScenarioError, UserError


class Questions:
    """The questions, and the part of the page where a trial is answered."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.part: Any = ui.column().classes("w-full gap-1")
        self.answer: Any = ui.column().classes("w-full")

    def show(self, seen: Seen) -> None:
        """The questions with what is known now."""
        desk = self.desk
        self.part.clear()
        with self.part:
            ui.html(results.heading(tr("What a county asks")), sanitize=False)
            ui.link(
                tr("How many disputes are open today, and in three months? (from a register)"),
                f"/register?lang={desk.language}",
            )
            for question, added in (
                (tr("What would one mediator more save, where hands are shortest?"), seen.mediator),
                (tr("What would a liaison judge save?"), Added("judge_liaison")),
            ):
                state = replace(desk.state, added=(added,), removed=())
                ui.link(question, f"/?{state.query()}&lang={desk.language}")
            ui.html(results.short(seen), sanitize=False)
            ui.button(
                tr("How many villages and months would a trial take to see what is switched on?"),
                on_click=self._trial,
            ).props("flat dense no-caps color=black align=left")

    async def _trial(self) -> None:
        """Look for a trial; a knob that is turned meanwhile calls it off."""
        desk = self.desk
        with use(desk.language):
            self.answer.clear()
            with self.answer:
                said = ui.label(tr("A trial is being looked for; that takes up to a minute …")).props(
                    "role=status"
                )
            try:
                found = await desk.crew.ask(trial, desk.state, desk.language, desk.home, desk.seat, desk.now)
            except CalledOff:
                self.answer.clear()
                return
            except (UserError, ScenarioError, Lost) as error:
                said.set_text(str(error))
                return
            self.answer.clear()
            with self.answer:
                ui.html(results.heading(tr("A trial")), sanitize=False)
                ui.html(results.trial(found), sanitize=False)
                ui.html(found.figure, sanitize=False).classes("w-full lab-figure")
                ui.html(results.code(found.command, tr("the command")), sanitize=False).classes("w-full")
