"""The firmware's session, scanner and weighing on CPython: an attended cabinet as fast as this interpreter goes.

The firmware's own files decide everything; here are its pins, its bus and its clock, and a journal that hands each
event to whoever listens. What only MicroPython has (`asyncio.ThreadSafeFlag`, `time.ticks_ms`) is lent to the
modules that ask for it: nobody waits here, time goes on when `run_until` is called. No link, no flash, no lights.
"""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Protocol

from cabinet import attendant, door, scanner, session
from cabinet.attendant import Attendant
from cabinet.scanner import Scanner
from cabinet.weighing import Weighing

LOCK_MS_MAX = 5000
_POLL_MS = 20
_AS_EVER_MS = 900_000
OnEvent = Callable[[dict[str, Any]], int]  # an event's body as it is journaled; its seq


class Sensed(Protocol):
    """What converters see: `physics.Cells`."""

    def counts(self, bin_: int, at_us: int) -> int:
        """The code of bin 0, 1, ... at a time."""
        ...

    def calibration(self, bin_: int) -> tuple[int, int]:
        """(zero_counts, ng_per_count)."""
        ...


class _Flag:
    """Takes the place of a flag that a task would wait for."""

    def set(self) -> None:
        """Somebody stirs."""


class _Door:
    """A door that opens and shuts when it is told to."""

    number = 1
    lock_ms_max = LOCK_MS_MAX
    moving = restless = False

    def __init__(self, is_open: bool) -> None:
        self.open = is_open
        self.unlocked = False
        self._news: list[str] = []

    def move(self, is_open: bool) -> None:
        """Somebody pulls or shuts it."""
        self.open = is_open
        self._news.append((door.OPENED if self.unlocked else door.FORCED) if is_open else door.SHUT)

    def poll(self, now_ms: int) -> str | None:
        """What happened since the last call."""
        return self._news.pop(0) if self._news else None

    def unlock(self, clock: object) -> bool:
        """The coil draws."""
        self.unlocked = True
        return True

    def release(self) -> None:
        """The coil lets go."""
        self.unlocked = False

    def watch(self, on_change: object) -> None:
        """Nothing interrupts here."""


class _Lights:
    lit = False

    def signal(self, colour: str, blinking: bool, now_ms: int, for_ms: int) -> None:
        """Nobody looks."""

    def tick(self, now_ms: int) -> None:
        """Nobody looks."""


class _Access:
    """Everybody's badge is his name."""

    pin_doors = 0

    def text(self, uid: bytes) -> str:
        """The badge as it is journaled."""
        return uid.decode()

    def find(self, badge: str) -> tuple[str, str]:
        """The person of a badge, and why there is none."""
        return badge, ""


class _Recorder:
    """A journal that never fills up."""

    def __init__(self, clock: "_Clock", on_event: OnEvent) -> None:
        self._clock = clock
        self._on_event = on_event

    def has_room(self) -> bool:
        """Whether a session can be opened."""
        return True

    def record(self, kind: str, **fields: Any) -> int:
        """Stamp an event and hand it on; its seq."""
        clock = self._clock
        stamps = {"boot": clock.boot, "up_ms": clock.up_ms(), "utc_ms": clock.utc_ms()}
        return self._on_event({"kind": kind, **stamps, **fields})

    record_now = record_minor = record

    def flush(self) -> None:
        """Nothing waits."""


class _Clock:
    """`at_ms` moves on when the cabinet is told to; `zero_utc_ms` is its beginning."""

    def __init__(self, boot: int, began_ms: int, zero_utc_ms: int) -> None:
        self.boot = boot
        self.at_ms = began_ms
        self._began_ms = began_ms
        self._zero_utc_ms = zero_utc_ms

    def up_ms(self) -> int:
        """Since this boot."""
        return self.at_ms - self._began_ms

    def utc_ms(self) -> int:
        """Since 1970."""
        return self._zero_utc_ms + self.at_ms


class _Bus:
    """Multiplexer and converter in one: every conversion is what the selected bin's cell sees now."""

    def __init__(self, cells: Sensed, clock: _Clock) -> None:
        self._cells = cells
        self._clock = clock
        self._bin = 0
        self.bin = 0  # the mark a converter carries

    def select(self, bin_: int) -> None:
        """Talk to this bin from now on."""
        self._bin = bin_ - 1

    def read(self) -> int:
        """The newest conversion."""
        return max(-0x800000, min(0x7FFFFF, self._cells.counts(self._bin, self._clock.at_ms * 1000)))

    def reset(self) -> None:
        """Registers to their defaults."""

    configure = calibrate = convert = reset

    def powered(self) -> bool:
        """It is up."""
        return True

    calibrated = powered


class ControllerOnCpython:
    """One boot of a controller with one door; times are milliseconds since the beginning of the story."""

    def __init__(
        self,
        cells: Sensed,
        bins: int,
        clock: tuple[int, int, int],
        on_event: OnEvent,
        *,
        door_open: bool = False,
        left_open: tuple[int, dict[str, Any]] | None = None,
    ) -> None:
        """`clock`: boot, when it began, UTC at the story's beginning. `left_open`: seq and body of a session."""
        attendant.asyncio = SimpleNamespace(ThreadSafeFlag=_Flag)
        scanner.time = SimpleNamespace(ticks_ms=lambda: 0, ticks_diff=lambda a, b: a - b)
        self.weighing = Weighing(bins)
        for bin_ in range(bins):
            self.weighing.calibrate(bin_ + 1, *cells.calibration(bin_))
        self._clock = _Clock(*clock)
        self._door = _Door(door_open)
        self._recorder = _Recorder(self._clock, on_event)
        bus = _Bus(cells, self._clock)
        self._scanner = Scanner(bus, bus, self.weighing, self._clock, self._on_fault)
        parts: Sequence[Any] = (self._scanner, self._recorder, _Access(), _Lights(), self._clock)
        self._attendant = Attendant([self._door], self.weighing, *parts)
        if left_open is not None:
            self._attendant.resume(*left_open, clock[0])
        seq = left_open[0] if left_open else 0
        self._recorder.record(
            "booted", reset_cause="power_on", firmware="0.0.0", board="cpython", bins=bins, doors=1, session=seq
        )

    @property
    def at_ms(self) -> int:
        """The time it is."""
        return int(self._clock.at_ms)

    @property
    def is_shut(self) -> bool:
        """Whether no session is open."""
        return bool(self._attendant.state == session.SHUT)

    @property
    def started(self) -> bool:
        """Whether it has heard its bins."""
        return bool(self._attendant.started)

    def run_until(self, at_ms: int) -> None:
        """Scan when scans are due, up to this time."""
        self._run(at_ms, scanner.RARE)

    def rest_until(self, at_ms: int, look_ms: int) -> None:
        """The same for hours in which nobody comes: a cabinet at rest is looked at every `look_ms`, more rarely than
        the firmware wants it, but as it wants it in the last quarter of an hour. Who hurries thinks of drift.
        """
        self._run(at_ms - _AS_EVER_MS, look_ms)
        self._run(at_ms, scanner.RARE)

    def _run(self, at_ms: int, look_ms: int) -> None:
        clock, scanning, scanned = self._clock, self._scanner, self._attendant.scanned
        began_ms = clock.at_ms - clock.up_ms()
        while (due_ms := max(clock.at_ms, began_ms + scanning.due_ms)) <= at_ms:
            clock.at_ms = due_ms
            scanning.scan()
            scanned()
            pause_ms = began_ms + scanning.due_ms - clock.at_ms
            if pause_ms <= 0:
                clock.at_ms += 1
            elif pause_ms == scanner.RARE:
                scanning.due_ms += max(0, min(look_ms, at_ms - clock.at_ms) - pause_ms)
        clock.at_ms = max(clock.at_ms, at_ms)

    def badge(self, person: str) -> None:
        """Somebody presents a badge."""
        self._attendant.badge(person.encode())

    def open_door(self) -> None:
        """Somebody pulls at the door: it opens if it is unlocked, and by force if it is not."""
        self._move(True)

    def shut_door(self) -> None:
        """Somebody shuts it."""
        self._move(False)

    def _move(self, is_open: bool) -> None:
        self._door.move(is_open)
        self.run_until(self.at_ms + _POLL_MS)
        self._attendant.poll(self._clock.up_ms())

    def _on_fault(self, bin_: int, fault: str | None) -> None:
        if fault is None:
            self._recorder.record("bin_well", bin=bin_)
        else:
            self._recorder.record("bin_fault", bin=bin_, fault=fault)
