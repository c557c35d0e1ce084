"""The node's side of the line: bytes become frames by silence, frames for this node get an answer.

A node hears everything on the line, its neighbours' answers too; a frame is what lies between two silences. What is
not whole is counted and left unanswered: the controller asks again.
"""

import time

from cabinet import modbus
from cabinet import shelf_registers as at


class Registers:
    """The node's registers over its shelf."""

    def __init__(self, shelf, address: int):
        self.refused = 0  # frames that were not whole
        self._shelf = shelf
        self._address = address
        self._started_ms = time.ticks_ms()
        self._up_s = 0

    def read(self, function: int, first: int, count: int):
        """The values of registers, or None where there are none."""
        if function != modbus.READ_INPUT:
            return None
        if first >= at.IDENTITY:
            numbers = self._identity()
            first -= at.IDENTITY
        else:
            numbers = self._shelf.data()
        return numbers[first : first + count] if first + count <= len(numbers) else None

    def write(self, first: int, value: int):
        """Take a value; None where there is no such register, False when the value means nothing."""
        if first != at.START:
            return None
        if not 0 < value < 1 << at.BINS:
            return False
        self._shelf.start(value)
        return True

    def tick(self) -> None:
        """Count the seconds; call it more often than ticks wrap."""
        now_ms = time.ticks_ms()
        while time.ticks_diff(now_ms, self._started_ms) >= 1000:
            self._started_ms = time.ticks_add(self._started_ms, 1000)
            self._up_s += 1

    def _identity(self):
        seconds = min(0xFFFF, self._up_s)
        return [
            at.MAGIC,
            at.MAP_VERSION,
            at.BINS,
            self._address,
            seconds,
            self.refused & 0xFFFF,
            self._shelf.errors & 0xFFFF,
        ]


class Server:
    """Frames of one node; `take` is given bytes as they come, `answer` is asked when the line has fallen silent."""

    def __init__(self, address: int, registers):
        self.address = address
        self._registers = registers
        self._frame = bytearray()

    def take(self, data) -> None:
        """Bytes that belong to the frame under way."""
        self._frame += data
        if len(self._frame) > modbus.FRAME_BYTES_MAX:
            self._frame = self._frame[: modbus.FRAME_BYTES_MAX + 1]

    def answer(self):
        """What to say to the frame that has ended, or None."""
        frame = bytes(self._frame)
        self._frame = bytearray()
        if not frame:
            return None
        if not modbus.is_whole(frame):
            self._registers.refused += 1
            return None
        if frame[0] != self.address:
            return None
        return modbus.answer(frame, self._registers)
