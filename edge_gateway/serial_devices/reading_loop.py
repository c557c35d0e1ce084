"""The one loop that reads a line, whatever hangs on it: opens it, hears it, loses it, finds it again.

A thread of its own per device. It decides nothing about what is said: a parser makes values of bytes, `hear` takes
them.
Each trouble is told once, and its end once. A line on which nothing can be understood is tried at the other usual
speeds; what is found there works, and is told.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, Protocol, TypeVar

from edge_gateway.serial_devices.device_settings import DeviceSettings
from edge_gateway.serial_devices.serial_port import LINE_ERRORS, is_there, open_port

log = logging.getLogger(__name__)

SILENT_S = 2.0
ASK_S = 0.25  # pause between two questions that are answered
AGAIN_S = 1.0  # before a port that is not there is tried again
READ_BYTES_MAX = 4096

Trouble = Literal["", "unplugged", "cannot_open", "silent", "not_understood"]
Item_co = TypeVar("Item_co", covariant=True)
Item = TypeVar("Item")


class Reads(Protocol[Item_co]):
    """Makes values of bytes."""

    def feed(self, data: bytes) -> Sequence[Item_co]:
        """What is complete with these bytes."""
        ...

    def forget(self) -> None:
        """What has come so far ends in nothing."""
        ...


@dataclass(frozen=True, slots=True)
class LineState:
    """How a line is. `since_ms`: of this trouble, or of its being well. `baud`: the speed at which it is read now.

    `why`: the trouble in a sentence; `heard_ms`: the last time something was understood, 0 for never.
    """

    trouble: Trouble = "unplugged"
    why: str = ""
    since_ms: int = 0
    baud: int = 0
    heard_ms: int = 0


@dataclass(frozen=True)
class Talk(Generic[Item]):
    """What one kind of device has to do with its line.

    `is_sound`: whether a value shows that the line is understood. `ask` b"": it talks unasked. `expects`: silence is a
    trouble. `bauds`: speeds to try when nothing is understood, () for none.
    """

    parser: Reads[Item]
    hear: Callable[[Item], None]
    is_sound: Callable[[Item], bool]
    ask: bytes = b""
    expects: bool = True
    bauds: tuple[int, ...] = ()


class ReadingLoop(Generic[Item]):
    """Reads one device until it is closed. `changed` is called whenever its state is another."""

    def __init__(
        self,
        device: DeviceSettings,
        talk: Talk[Item],
        changed: Callable[[], None],
        now_ms: Callable[[], int],
        *,
        silent_s: float = SILENT_S,
        again_s: float = AGAIN_S,
    ) -> None:
        self.device, self.talk = device, talk
        self.state = LineState(since_ms=now_ms(), baud=device.speed)
        self._changed, self._now_ms = changed, now_ms
        self._silent_s, self._again_s = silent_s, again_s
        self._line: Any = None  # pyserial types what all lines share, not what is used of them
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"device-{device.name}", daemon=True)
        self._bauds = tuple(dict.fromkeys((device.speed, *(() if device.is_tcp else talk.bauds))))
        self._place = 0  # in the speeds
        self._told: Trouble = ""  # what the log was told last

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """End, and wait until it has ended; harmless when it never began."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def send(self, data: bytes) -> None:
        """Write to the line; `OSError` when it is not there or takes nothing."""
        with self._writing:
            line = self._line
            if line is None:
                raise OSError(f"expected {self.device.name} to be plugged in, found that it is not")
            line.write(data)

    # ---- the thread ----

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._open()
                self._read()
            except LINE_ERRORS as error:
                trouble: Trouble = "cannot_open" if self._line is None and is_there(self.device) else "unplugged"
                self._set(trouble, f"expected {self.device.name} at {self.device.port}, found: {error}")
                self._let_go()
                self._ended.wait(self._again_s)
        self._let_go()

    def _open(self) -> None:
        opened: Any = open_port(self.device, self._bauds[self._place])
        opened.reset_input_buffer()
        self.talk.parser.forget()
        with self._writing:
            self._line = opened
        if not self.talk.expects:
            self._set("", "")

    def _let_go(self) -> None:
        with self._writing:
            line, self._line = self._line, None
        if line is not None:
            try:
                line.close()
            except LINE_ERRORS as error:  # a line that is gone need not be closed well
                log.debug("closing %s: %s", self.device.name, error)

    def _read(self) -> None:
        """Until the line is lost or it shall end."""
        line = self._line
        heard = asked = time.monotonic()
        asked -= SILENT_S
        came = 0
        while line is not None and not self._ended.is_set():
            now = time.monotonic()
            if self.talk.ask and now - asked >= ASK_S and (heard >= asked or now - asked >= self._silent_s):
                self.send(self.talk.ask)
                asked = now
            data = line.read(min(max(1, line.in_waiting), READ_BYTES_MAX))
            came += len(data)
            now = time.monotonic()
            if self._hear(data):
                heard, came = now, 0
            elif now - heard >= self._silent_s and self.talk.expects:
                self._miss(line, came)
                heard, came = now, 0
                asked = now - SILENT_S

    def _hear(self, data: bytes) -> bool:
        """Whether something was understood."""
        sound = False
        for item in self.talk.parser.feed(data):
            if self.talk.is_sound(item):
                sound = True
                self._well()
            self.talk.hear(item)
        return sound

    def _well(self) -> None:
        baud, found = self._bauds[self._place], self.state
        if found.trouble or found.baud != baud:
            if baud not in (self.device.speed, found.baud):
                log.warning("%s: found at %d baud, not %d", self.device.name, baud, self.device.speed)
            self._set("", "")
        self.state = replace(self.state, heard_ms=self._now_ms())

    def _miss(self, line: Any, came: int) -> None:
        """Nothing was understood for too long: say so, and try the next speed."""
        what = f"found {came} bytes of something else" if came else "found silence"
        expected = f"expected {self.device.protocol} from {self.device.name} at {self._speeds()} baud"
        self._set("not_understood" if came else "silent", f"{expected}, {what}")
        self.talk.parser.forget()
        if len(self._bauds) > 1:
            self._place = (self._place + 1) % len(self._bauds)
            line.baudrate = self._bauds[self._place]
            line.reset_input_buffer()

    def _speeds(self) -> str:
        return " or ".join(str(baud) for baud in self._bauds)

    def _set(self, trouble: Trouble, why: str) -> None:
        """Take a state over, and tell it when it is another one. A guess at another speed is no news."""
        before, baud = self.state, self.device.speed if trouble else self._bauds[self._place]
        if (before.trouble, before.baud) == (trouble, baud) and (before.why or not why):
            return
        if before.trouble == "not_understood" and trouble == "silent":  # while other speeds are tried
            return
        since_ms = before.since_ms if before.trouble == trouble else self._now_ms()
        self.state = LineState(trouble, why, since_ms, baud, before.heard_ms)
        if trouble != self._told:
            log.warning("%s: %s", self.device.name, why or "all is well again")
            self._told = trouble
        self._changed()
