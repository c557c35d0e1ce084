"""The year's cabinet: cells, the firmware on them, and the hands, doors and power that happen to both.

Times are milliseconds since the story's beginning. It knows loads and no parts, and hears every event it journals.
"""

from collections.abc import Callable, Sequence
from typing import Any

from simulator.controller_on_cpython import ControllerOnCpython
from simulator.count_bench.hands import Action, Script
from simulator.count_bench.weighed_session import HAND, LEAN, PLACE
from simulator.physics import Cells

BADGE_MS = 700  # from the badge to the hand on the door
START_MS_MAX = 60_000
_SHUT_MS_MAX = 60_000
_LOOK_MS = 1_800_000  # at rest: of a wandering cell's daily drift not a tenth
OnEvent = Callable[[dict[str, Any]], int]


class CabinetError(RuntimeError):
    """The firmware did not do what it always does; the text says what was waited for."""


class YearCabinet:
    """One cabinet with one door. `on_event` is told an event's body and answers its seq."""

    def __init__(self, cells: Cells, bins: int, utc_ms: int, on_event: OnEvent):
        self.cells = cells
        self.boots = 0
        self._bins = bins
        self._utc_ms = utc_ms
        self._on_event = on_event
        self._at_ms = 0
        self._left_open: tuple[int, dict[str, Any]] | None = None
        self._controller: ControllerOnCpython | None = None

    @property
    def now_ms(self) -> int:
        """The time it is."""
        return self._at_ms if self._controller is None else self._controller.at_ms

    # ---- power ----

    def power_on(self, at_ms: int, *, door_open: bool = False) -> None:
        """The power comes, and everything is heard. The first time, the cells have just been calibrated."""
        if self.boots:
            for bin_ in range(self._bins):
                self.cells.restart(bin_, at_ms * 1000)
        self.boots += 1
        clock = (self.boots, at_ms, self._utc_ms)
        self._controller = ControllerOnCpython(
            self.cells, self._bins, clock, self._heard, door_open=door_open, left_open=self._left_open
        )
        if not door_open:
            self._until("the bins to be heard", lambda it: it.started and it.is_shut, START_MS_MAX)

    def power_off(self) -> None:
        """The power goes."""
        self._at_ms = self.now_ms
        self._controller = None

    # ---- time ----

    def rest_until(self, at_ms: int) -> None:
        """Nobody is there."""
        if self._controller is None:
            self._at_ms = max(self._at_ms, at_ms)
        else:
            self._controller.rest_until(at_ms, _LOOK_MS)

    # ---- people ----

    def visit(self, person: str, script: Script) -> None:
        """Badge, pull, do what the script says, shut, and wait until the session is closed."""
        unlocked_ms = self._let_in(person, script)
        self._play(script.actions, unlocked_ms)
        self._shut(unlocked_ms + script.shut_ms)

    def visit_with_power_cut(self, person: str, script: Script, cut_ms: int, off_ms: int) -> None:
        """The same, but so long after the unlock the power goes; hands go on, and the door is shut when it is back."""
        unlocked_ms = self._let_in(person, script)
        before = [action for action in script.actions if action[0] < cut_ms]
        self._play(before, unlocked_ms)
        self._running.run_until(unlocked_ms + cut_ms)
        self.power_off()
        self._play(script.actions[len(before) :], unlocked_ms)
        self.power_on(max(self._at_ms, unlocked_ms + cut_ms + off_ms), door_open=True)
        self._until("the bins to be heard", lambda it: it.started, START_MS_MAX)
        self.cells.slam(self.now_ms * 1000)
        self._shut(self.now_ms)

    def slip(self, bin_: int, load_mg: int) -> None:
        """A load changes without a session: behind a shut door, or while there is no power."""
        self.cells.set_load(bin_, load_mg, self.now_ms * 1000)

    def _let_in(self, person: str, script: Script) -> int:
        """Badge and pull; when it unlocked."""
        unlocked_ms = self.now_ms
        self._running.badge(person)
        self._running.run_until(unlocked_ms + script.opened_ms)
        self._running.open_door()
        return unlocked_ms

    def _play(self, actions: Sequence[Action], unlocked_ms: int) -> None:
        for after_ms, what, bin_, for_ms, mg in actions:
            self.rest_until(unlocked_ms + after_ms)
            at_us = (unlocked_ms + after_ms) * 1000
            if what == PLACE:
                self.cells.place(bin_, mg, at_us)
            elif what == HAND:
                self.cells.hand(bin_, at_us, at_us + for_ms * 1000)
            elif what == LEAN:
                self.cells.lean(bin_, at_us, at_us + for_ms * 1000, mg)
            else:
                self.cells.slam(at_us)

    def _shut(self, at_ms: int) -> None:
        self._running.run_until(at_ms)
        self._running.shut_door()
        self._until("the session to be closed", lambda it: it.is_shut, _SHUT_MS_MAX)

    # ---- the firmware ----

    @property
    def _running(self) -> ControllerOnCpython:
        if self._controller is None:
            raise CabinetError("expected a controller with power, found none")
        return self._controller

    def _until(self, what: str, happened: Callable[[ControllerOnCpython], bool], ms_max: int) -> None:
        deadline_ms = self.now_ms + ms_max
        while not happened(self._running):
            if self.now_ms > deadline_ms:
                raise CabinetError(f"expected {what} within {ms_max} ms, found the cabinet still waiting")
            self._running.run_until(self.now_ms + 100)

    def _heard(self, body: dict[str, Any]) -> int:
        """What of the journal a controller needs when it starts: the session that is open."""
        seq = self._on_event(body)
        if body["kind"] == "session_opened":
            self._left_open = seq, body
        elif body["kind"] == "session_closed":
            self._left_open = None
        return seq
