"""The converters behind shelf nodes on an RS-485 line: to the scanner they are multiplexer and converter in one.

Asking for a bin fetches all eight of its node by one Modbus transaction, some milliseconds of waiting, and what was
fetched serves the node's other bins of the same scan. A node that is silent, late or garbled raises `OSError` for each
of its bins; its answer is then waited for once a scan, not eight times. A code counts once: the node numbers its
conversions, and one it made too long ago is none.
"""

import time
from array import array

from cabinet import modbus
from cabinet import shelf_registers as at

_FETCHED_MS = 40  # what was fetched serves so long: the visits to a node's bins follow each other
_OLD_MS = 1000  # a node that has not looked at its converters for so long has stopped
_SOONEST_MS = 3  # no answer is complete sooner
_LOOK_US = 500
_LOOKS = 24  # 15 ms in all; silence, a node's own work and an answer of 61 bytes take five


def make_shelves(row, make_uart, pin):
    """The shelf nodes of a board file's `rs485`; first of all the line is let go of."""
    de = pin(row["de"], pin.OUT, value=0)
    return Shelves(make_uart(row, 512), de, row["nodes"], row["baud"])


class Shelves:
    """All shelf nodes of a cabinet, addresses from 1, eight bins each; `de` is the pin that lets the driver talk."""

    def __init__(self, uart, de, nodes: int, baud: int):
        self.bin = 0  # set by the scanner, as for a converter; the node marks its own
        self._uart = uart
        self._de = de
        self._baud = baud
        self._node = 0  # whose registers are held: an address
        self._block = None  # its answer; None when there was none
        self._fetched_ms = 0
        self._heard_us = 0
        self._place = 0  # of the selected bin in its node
        self._starts = 0  # a mask of converters of that node that are to be started
        self._sequences = array("l", [-1] * (nodes * at.BINS))

    def select(self, bin_: int) -> None:
        """Have the registers of a bin's node at hand."""
        address = 1 + (bin_ - 1) // at.BINS
        self._place = (bin_ - 1) % at.BINS
        now_ms = time.ticks_ms()
        if address != self._node or time.ticks_diff(now_ms, self._fetched_ms) > _FETCHED_MS:
            self._fetch(address)
        if self._block is None:
            raise OSError("expected an answer of node %d, found none" % address)

    # ---- the steps of a start: the node takes them, the scanner waits for it ----

    def reset(self) -> None:
        """Have the converter started; the node is told together with its neighbours."""
        self._starts |= 1 << self._place
        self._sequences[self._index()] = -1

    def powered(self) -> bool:
        """Whether the node has begun to start the converter."""
        return self._state() in (at.STARTING, at.CONVERTING)

    def configure(self) -> None:
        """The node does it."""

    def calibrate(self) -> None:
        """The node does it."""

    def calibrated(self) -> bool:
        """Whether the converter converts."""
        return self._state() == at.CONVERTING

    def convert(self) -> None:
        """The node does it."""

    def read(self):
        """The newest code as a signed integer, or None when there has been no conversion since the last read."""
        if self._state() != at.CONVERTING:
            raise OSError("expected a converter that converts, found one that was not started")
        block = self._block
        row = at.CODES + 3 * self._place
        sequence = modbus.register(block, row)
        if modbus.register(block, at.AGE_MS) > _OLD_MS or sequence == self._sequences[self._index()]:
            return None
        self._sequences[self._index()] = sequence
        value = modbus.register(block, row + 1) << 16 | modbus.register(block, row + 2)
        return value - 0x100000000 if value & 0x80000000 else value

    def _index(self):
        return (self._node - 1) * at.BINS + self._place

    def _state(self):
        place = self._place
        state = modbus.register(self._block, at.STATES + place // 4) >> 4 * (place % 4) & 15
        if state == at.SILENT:
            raise OSError("expected converter %d of node %d to answer, found it silent" % (place + 1, self._node))
        return state

    # ---- the line ----

    def _fetch(self, address):
        self._tell_starts()
        self._node = address
        self._block = None
        try:
            self._block = self._ask(modbus.request(address, modbus.READ_INPUT, at.DATA, at.DATA_COUNT))
        except OSError:
            pass  # `select` says so for each of its bins
        self._fetched_ms = time.ticks_ms()

    def _tell_starts(self):
        """Tell the node at hand which converters to start; one that does not hear it will be found not to have."""
        starts = self._starts
        self._starts = 0
        if starts:
            try:
                self._ask(modbus.request(self._node, modbus.WRITE_ONE, at.START, starts))
            except OSError:
                pass

    def _ask(self, request):
        """A node's checked answer."""
        self._send(request)
        time.sleep_ms(_SOONEST_MS)
        frame = b""
        for _ in range(_LOOKS):  # counted, not timed: what came while nobody could look has come
            data = self._uart.read()
            if data:
                frame += data
                if len(frame) > 1 and len(frame) >= modbus.answer_bytes(frame, request):
                    break
            else:
                time.sleep_us(_LOOK_US)
        self._heard_us = time.ticks_us()
        modbus.check_answer(frame, request)
        return frame

    def _send(self, request):
        silent_us = time.ticks_diff(time.ticks_us(), self._heard_us)
        if 0 <= silent_us < modbus.SILENCE_US:
            time.sleep_us(modbus.SILENCE_US - silent_us)
        self._uart.read()  # what came too late, from whomever
        modbus.send(self._uart, self._de, request, self._baud)
