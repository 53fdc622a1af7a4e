"""Both worlds side by side on the page: a slider over the days of the window, and a button that moves it."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from sim.lab import results
from sim.lab.further import Replay
from sim.language import tr, use

PACE = 0.5  # seconds a day that is shown stays, when they are shown one after another


class ReplayView:
    """The same disputes on one day in both worlds; moves only when somebody asks it to."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.replay: Replay | None = None
        self.part: Any = ui.column().classes("w-full")
        self.part.set_visibility(False)
        with self.part:
            ui.html(results.heading(tr("The same disputes in both worlds")), sanitize=False)
            said = tr(
                "One replication at central values, both worlds with the same disputes and the same random numbers: "
                "who stands elsewhere does so because of the policy. One replication is an example, not the effect."
            )
            ui.html(results.lines([said]), sanitize=False)
            with ui.row().classes("w-full items-center"):
                self.button = ui.button(tr("move the day"), on_click=self._play).props(
                    "flat no-caps color=black"
                )
                self.slider = ui.slider(min=0, max=1, step=1, value=0).classes("flex-1 min-w-40")
                self.slider.props(f'aria-label="{tr("day of the window")}" dense')
            self.table = ui.html("", sanitize=False).classes("w-full")
            self.timer = ui.timer(PACE, self._next, active=False)
        self.slider.on_value_change(lambda e: self._at(int(e.value or 0)))

    def show(self, replay: Replay) -> None:
        """Show a replay at the day that is chosen, the last one at first."""
        first = self.replay is None
        self.replay = replay
        last = len(replay.days) - 1
        self.slider.props(f"max={last}")
        self.part.set_visibility(True)
        if first:
            self.slider.set_value(last)
        self._at(min(last, int(self.slider.value or 0)))

    def _at(self, day: int) -> None:
        if self.replay is None:
            return
        day = min(day, len(self.replay.days) - 1)
        with use(self.language):
            self.table.set_content(results.day(self.replay, day))
        self.slider.props(f'aria-valuetext="{self.replay.days[day].date}"')

    def _play(self) -> None:
        """Begin to move, from the first day if it is at the last one; or stop."""
        if self.replay is None:
            return
        self.timer.active = not self.timer.active
        if self.timer.active and self.slider.value == len(self.replay.days) - 1:
            self.slider.set_value(0)
        self._named()

    def _next(self) -> None:
        if self.replay is None:
            return
        now = min(int(self.slider.value or 0) + 1, len(self.replay.days) - 1)
        self.slider.set_value(now)
        if now == len(self.replay.days) - 1:
            self.timer.active = False
            self._named()

    def _named(self) -> None:
        with use(self.language):
            self.button.set_text(tr("stop") if self.timer.active else tr("move the day"))
