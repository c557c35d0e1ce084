"""The reader on the desk: which tag lies before it, and a new number into that tag and no other.

It writes only when exactly one tag answers, in every round, once a round: two blanks with the same number answer twice.
What was written is read back before it counts.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal, NamedTuple

from edge_gateway.serial_devices import r200_frames as r200
from edge_gateway.serial_devices.device_settings import DeviceSettings
from edge_gateway.serial_devices.r200_frames import Frame, SeenTag

ROUNDS: Final = 6
_ANSWER_S: Final = 0.5
_QUIET_S: Final = 0.06  # a round that says nothing for so long is over
_TRIES: Final = 3
_FRAMES_MAX: Final = 500

Trouble = Literal["reader_silent", "no_tag", "two_tags", "another_tag", "not_written", "not_read_back"]


class TagDeskError(ValueError):
    """The tag was not written, or could not be read back: a sentence, and which trouble it is."""

    def __init__(self, trouble: Trouble, sentence: str) -> None:
        super().__init__(sentence)
        self.trouble = trouble


class Field(NamedTuple):
    """What answered: every tag with the rounds it was heard in, and whether one answered twice in a round."""

    tags: tuple[SeenTag, ...]
    rounds: tuple[int, ...]
    doubled: bool

    @property
    def is_one(self) -> bool:
        """Whether exactly one tag lies there."""
        return len(self.tags) == 1 and not self.doubled


class TagDesk:
    """A conversation with the reader, one at a time. `send` writes to its line; its frames come by `hear`."""

    def __init__(self, device: DeviceSettings, send: Callable[[bytes], None]) -> None:
        self.device = device
        self._send_bytes = send
        self._heard: queue.Queue[Frame] = queue.Queue(_FRAMES_MAX)
        self._one_at_a_time = threading.Lock()
        self._asked = threading.Event()  # nobody asks: what it says is let go

    def hear(self, frame: Frame) -> None:
        """From the reading loop."""
        if self._asked.is_set():
            try:
                self._heard.put_nowait(frame)
            except queue.Full:
                self._drain()

    def look(self) -> Field:
        """Which tags lie before the reader (`TagDeskError` when it is silent, `OSError` when it is not there)."""
        with self._conversation():
            self._begin()
            return self._field()

    def write(self, old: str, new: str) -> None:
        """Give the one tag before the reader, `old`, the number `new`, and read it back."""
        with self._conversation():
            self._begin()
            self._check_one(self._field(), old)
            self._command(r200.SELECT, r200.select(old))
            self._command(r200.SELECT_MODE, b"\x00")
            try:
                self._write(new)
            finally:
                self._command(r200.SELECT_MODE, b"\x01")
            found = self._field()
            if not found.is_one or found.tags[0].epc != new:
                heard = ", ".join(tag.epc for tag in found.tags) or "nothing"
                raise TagDeskError("not_read_back", f"expected to read {new} back, found {heard}")

    @contextmanager
    def _conversation(self) -> Iterator[None]:
        with self._one_at_a_time:
            self._asked.set()
            try:
                yield
            finally:
                self._asked.clear()
                self._drain()

    def _begin(self) -> None:
        self._send(r200.STOP)
        while self._next(_QUIET_S) is not None:  # whatever it was doing ends here
            continue
        self._command(r200.POWER, r200.power(self.device.power_cdbm))
        self._command(r200.SELECT_MODE, b"\x01")

    def _field(self) -> Field:
        heard: Counter[str] = Counter()
        newest: dict[str, SeenTag] = {}
        doubled, silent = False, 0
        for _ in range(ROUNDS):
            answers, said = self._round()
            silent += not said
            doubled |= any(count > 1 for count in Counter(tag.epc for tag in answers).values())
            newest |= {tag.epc: tag for tag in answers}
            heard.update({tag.epc for tag in answers})
        if silent == ROUNDS:
            raise TagDeskError("reader_silent", f"expected {self.device.name} to answer, found silence")
        names = sorted(heard)
        return Field(tuple(newest[name] for name in names), tuple(heard[name] for name in names), doubled)

    def _round(self) -> tuple[list[SeenTag], bool]:
        """The tags of one round, and whether the reader said anything."""
        self._send(r200.POLL)
        answers, until = [], time.monotonic() + _ANSWER_S * 4
        frame = self._next(_ANSWER_S)
        said = frame is not None
        while frame is not None and frame.kind == r200.NOTICE and time.monotonic() < until:
            tag = r200.tag_of(frame)
            if tag is not None:
                answers.append(tag)
            frame = self._next(_QUIET_S)
        return answers, said

    def _check_one(self, found: Field, old: str) -> None:
        if not found.tags:
            raise TagDeskError("no_tag", "expected one tag before the reader, found none")
        if not found.is_one:
            count = len(found.tags) + found.doubled
            raise TagDeskError("two_tags", f"expected one tag before the reader, found {count} or more")
        if found.tags[0].epc != old:
            raise TagDeskError("another_tag", f"expected the tag {old}, found {found.tags[0].epc}")

    def _write(self, new: str) -> None:
        why = "nothing"
        for _ in range(_TRIES):
            self._send(r200.WRITE, r200.write_epc(new))
            frame = self._answer(r200.WRITE)
            if frame is not None and frame.code == r200.WRITE and frame.data[-1:] == b"\x00":
                return
            if frame is not None and frame.code == r200.FAILED and frame.data:
                why = f"error {frame.data[0]:02x} ({r200.FAILURES.get(frame.data[0], 'of the tag')})"
        raise TagDeskError("not_written", f"expected the tag to take {new}, found {why}")

    def _command(self, code: int, data: bytes) -> None:
        """Have a command done: answers to SELECT and its mode come under either of their codes."""
        for _ in range(_TRIES):
            self._send(code, data)
            frame = self._answer(code)
            if frame is not None and frame.data == b"\x00":
                return
        raise TagDeskError("reader_silent", f"expected {self.device.name} to do command {code:02x}, found that not")

    def _answer(self, code: int) -> Frame | None:
        codes = (code, r200.FAILED, *((r200.SELECT,) if code == r200.SELECT_MODE else ()))
        until = time.monotonic() + _ANSWER_S
        while (frame := self._next(max(0.01, until - time.monotonic()))) is not None:
            late = frame.code == r200.FAILED and frame.data[:1] == bytes((r200.NO_TAG,))
            if frame.kind == 1 and frame.code in codes and not late:
                return frame
        return None

    def _send(self, code: int, data: bytes = b"") -> None:
        self._drain()
        self._send_bytes(r200.command(code, data, self.device.header, self.device.trailer))

    def _next(self, seconds: float) -> Frame | None:
        try:
            return self._heard.get(timeout=seconds)
        except queue.Empty:
            return None

    def _drain(self) -> None:
        while True:
            try:
                self._heard.get_nowait()
            except queue.Empty:
                return
