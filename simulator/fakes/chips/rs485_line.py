"""An RS-485 line with shelf nodes on it: bytes in time, one speaker at once, silence between frames.

The nodes run the node's own firmware (its shelf, registers and server) over converters of the virtual world. Of that
only classes and their methods can be asked for by name here: functions and constants have short ones on a board. A node
here goes through its converters when it is asked, not all the time: whoever asks is told the same, and a cabinet at
rest costs nothing. What the controller sends while its driver is not let talk is lost, and what comes while it is
talking is not heard.
"""

import time

import virtual_time
from cabinet.nau7802 import Nau7802
from cabinet.tca9548a import Tca9548a
from shelf_node.server import Registers, Server
from shelf_node.shelf import Shelf

from chips.i2c_bus import I2cBus

_MUX = 0x70
_BINS = 8
_SILENCE_US = 1750  # between frames: "MODBUS over Serial Line", 2.5.1.1, above 19200 baud
_BYTE_BITS = 10
_LATE_US = 45000  # a late answer comes when its bin's next bins are being asked for
_OTHER_ADDRESS = 100
_LOOK_MS = 90  # a conversion lasts a little longer


def _seal(body):
    """A frame with its CRC, bit by bit: the firmware's own has another way."""
    value = 0xFFFF
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return body + bytes((value & 0xFF, value >> 8))


class _ShelfScales:
    """Eight of the cabinet's converters, as one node's bus sees them."""

    def __init__(self, scales, first):
        self._scales = scales
        self._first = first

    def answers(self, place):
        return self._scales.answers(self._first + place)

    def write(self, place, register, data):
        self._scales.write(self._first + place, register, data)

    def read(self, place, register, buffer):
        return self._scales.read(self._first + place, register, buffer)


class ShelfNode:
    """One node: its firmware over its own bus. `fault` is one of NODE_FAULTS of `physical_cabinet.py`."""

    def __init__(self, address, scales):
        self.fault = "well"
        self.bus = I2cBus(_MUX, _BINS, _ShelfScales(scales, (address - 1) * _BINS))
        mux = Tca9548a(self.bus, _MUX)
        mux.close(1)
        self._shelf = Shelf(mux, Nau7802(self.bus))
        self._server = Server(address, Registers(self._shelf, address))
        self._looked_ms = time.ticks_ms() - 1000

    def take(self, data):
        self._server.take(data)

    def answer(self):
        """(what it says when the line has fallen silent or None, how many us later than it should)."""
        now_ms = time.ticks_ms()
        if self.fault != "hung" and time.ticks_diff(now_ms, self._looked_ms) >= _LOOK_MS:
            self._looked_ms = now_ms
            for _ in range(_BINS):
                self._shelf.visit()
        frame = self._server.answer()
        if frame is None or self.fault == "silent":
            return None, 0
        if self.fault == "corrupt":
            frame = frame[:5] + bytes((frame[5] ^ 0x10,)) + frame[6:] if len(frame) > 6 else frame[:-1] + b"\x00"
        elif self.fault == "wrong_address":
            frame = _seal(bytes((_OTHER_ADDRESS,)) + frame[1:-2])
        return frame, _LATE_US if self.fault == "late" else 0


class Rs485Line:
    """The line as the controller's UART sees it; `de` is the net of the pin that lets its driver talk."""

    def __init__(self, nodes, de, baud):
        self.nodes = nodes
        self.wire_bytes = 0
        self._de = de
        self._baud = baud
        self._arrive = None
        self._sent_us = 0

    def connect(self, arrive):
        self._arrive = arrive

    def stick(self, bin_, stuck):
        """Have a bin's multiplexer hang on that bin's channel, or no longer; bins count from 0."""
        self.nodes[bin_ // _BINS].bus.stick(bin_ % _BINS, stuck)

    def receive(self, data, baudrate):
        """What the controller sends; at another speed than the nodes' it is noise."""
        now_us = virtual_time.clock.now_us()
        self._sent_us = max(now_us, self._sent_us) + self._lasts_us(len(data))
        self.wire_bytes += len(data)
        if baudrate == self._baud:
            virtual_time.agenda.at(self._sent_us, self._sent, bytes(data))

    def _sent(self, data):
        """The last bit is out: unless the driver was let go of before, the nodes have heard it all."""
        if self._de.level():
            virtual_time.agenda.at(self._sent_us + _SILENCE_US, self._silent, data)

    def _silent(self, data):
        """The controller's frame has ended: every node has heard it, and who is meant answers."""
        said = []
        for node in self.nodes:
            node.take(data)
            frame, late_us = node.answer()
            if frame is not None:
                said.append((frame, late_us))
        if len(said) > 1:  # two drivers against each other
            said = [(bytes([byte & 0x55 for byte in said[0][0]]), 0)]
        for frame, late_us in said:
            begins_us = virtual_time.clock.now_us() + late_us
            half = len(frame) // 2
            for end, part in ((half, frame[:half]), (len(frame), frame[half:])):
                virtual_time.agenda.at(begins_us + self._lasts_us(end), self._hear, part)

    def _hear(self, data):
        self.wire_bytes += len(data)
        if self._arrive is not None and not self._de.level():
            self._arrive(data)

    def _lasts_us(self, count):
        return count * _BYTE_BITS * 1000000 // self._baud
