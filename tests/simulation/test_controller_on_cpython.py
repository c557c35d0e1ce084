"""The firmware's session and scanner on CPython: what it journals of a session, a break-in, a start."""

from typing import Any

from cabinet import wire

from simulator.controller_on_cpython import ControllerOnCpython
from simulator.physics import STEADY, Cells

BINS = 3
UTC_MS = 1_767_225_600_000
EPOCH = "0123456789abcdef"


class Story:
    """A cabinet of three bins and its journal, each event as the wire takes it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.cells = Cells("c3-10kg", BINS, 3, air=STEADY)
        for bin_ in range(BINS):
            self.cells.rest(bin_, 1_000_000 * (bin_ + 1))
        self.cabinet = self.boot(1, 0)

    def boot(self, boot: int, at_ms: int, **found: Any) -> ControllerOnCpython:
        """The power comes, and the bins are heard."""
        self.cabinet = ControllerOnCpython(self.cells, BINS, (boot, at_ms, UTC_MS), self.heard, **found)
        self.cabinet.run_until(at_ms + 10_000)
        return self.cabinet

    def heard(self, body: dict[str, Any]) -> int:
        """The journal."""
        wire.encode_event("cab-1", EPOCH, len(self.events) + 1, body)
        self.events.append(body)
        return len(self.events)

    def take(self, bin_: int, mg: int) -> None:
        """Badge, open, take, shut, settle."""
        cabinet = self.cabinet
        cabinet.badge("p-1")
        cabinet.run_until(cabinet.at_ms + 500)
        cabinet.open_door()
        cabinet.run_until(cabinet.at_ms + 2000)
        self.cells.place(bin_, 1_000_000 * (bin_ + 1) - mg, cabinet.at_ms * 1000)
        cabinet.run_until(cabinet.at_ms + 4000)
        cabinet.shut_door()
        self.cells.slam(cabinet.at_ms * 1000)
        cabinet.run_until(cabinet.at_ms + 10_000)

    def last(self, kind: str) -> dict[str, Any]:
        """The newest event of a kind."""
        return next(body for body in reversed(self.events) if body["kind"] == kind)


def test_a_session_is_journaled_with_its_weights() -> None:
    story = Story()
    story.take(1, 300_000)
    assert story.cabinet.is_shut
    kinds = [body["kind"] for body in story.events]
    assert kinds == ["booted", "bins_changed", "session_opened", "door_opened", "door_shut", "session_closed"]
    assert story.last("session_opened")["person"] == "p-1"
    closed = story.last("session_closed")
    assert (closed["how"], closed["session"]) == ("shut", 3)
    changes = {row[0]: row[3] - row[1] for row in closed["bins"]}
    assert abs(changes[2] + 300_000) < 2_000
    assert abs(changes[1]) < 1_000
    assert abs(changes[3]) < 1_000
    assert {row[5] for row in closed["bins"]} == {0}


def test_a_door_that_nobody_unlocked_is_forced() -> None:
    story = Story()
    story.cabinet.open_door()
    assert story.last("session_opened")["by"] == "forced"
    assert story.last("door_forced")["door"] == 1


def test_a_step_behind_the_shut_door_is_reported_and_days_at_rest_are_silent() -> None:
    story = Story()
    story.cabinet.run_until(86_400_000)
    before = len(story.events)
    story.cabinet.run_until(3 * 86_400_000)
    assert len(story.events) == before
    story.cells.set_load(0, 950_000, story.cabinet.at_ms * 1000)
    story.cabinet.run_until(story.cabinet.at_ms + 3_600_000)
    ((bin_, before_mg, _noise, after_mg, _after_noise, quality),) = story.last("bins_changed")["bins"]
    assert (bin_, quality) == (1, 0)
    assert abs(after_mg - before_mg + 50_000) < 1_000


def test_a_start_takes_up_the_session_that_was_open() -> None:
    story = Story()
    story.cabinet.badge("p-1")
    story.cabinet.run_until(story.cabinet.at_ms + 500)
    story.cabinet.open_door()
    story.cells.set_load(2, 2_500_000, story.cabinet.at_ms * 1000)
    opened = len(story.events) - 1, story.last("session_opened")
    again = story.boot(2, story.cabinet.at_ms + 60_000, door_open=True, left_open=opened)
    again.shut_door()
    again.run_until(again.at_ms + 12_000)
    closed = story.last("session_closed")
    assert (closed["how"], closed["session"], closed["boot"]) == ("recovered", opened[0], 2)
    assert {row[0] for row in closed["bins"] if abs(row[3] - row[1]) > 100_000} == {3}
