"""The converters of one shelf: started when they are asked for, read ten times a second, and what to say of each.

`visit` looks at one converter and waits for nothing, so that a request is answered between two visits. A converter
gives its code or is silent; what a code is worth (stuck, at a rail, adrift) is the controller's to judge.
"""

import time
from array import array

from cabinet import shelf_registers as at

_POWERING = 0  # steps of a start
_WARMING = 1
_CALIBRATING = 2
_WARM_MS = 200  # for the excitation to settle
_START_MS_MAX = 2000
_STRIKES = 3  # bad readings in a row
_AGE_MS_MAX = 65535


class Shelf:
    """Eight converters behind one multiplexer; bins are numbered from 1."""

    def __init__(self, mux, adc):
        self.errors = 0
        self._mux = mux
        self._adc = adc
        self._state = bytearray(at.BINS)
        self._step = bytearray(at.BINS)
        self._strikes = bytearray(at.BINS)
        self._since_ms = [time.ticks_ms()] * at.BINS
        self._sequence = array("H", [0] * at.BINS)
        self._code = array("l", [0] * at.BINS)
        self._next = 0
        self._scans = 0
        self._scanned_ms = time.ticks_ms()

    def start(self, mask: int) -> None:
        """Start the converters of a mask anew; bit 0 is bin 1."""
        for i in range(at.BINS):
            if mask >> i & 1:
                self._begin(i)

    def visit(self) -> None:
        """Look at the next converter."""
        i = self._next
        if self._state[i] in (at.STARTING, at.CONVERTING):
            self._look(i)
        self._next = (i + 1) % at.BINS
        if self._next == 0:
            self._scans = self._scans + 1 & 0xFFFF
            self._scanned_ms = time.ticks_ms()

    def data(self) -> list:
        """The input registers from DATA on."""
        age_ms = min(_AGE_MS_MAX, max(0, time.ticks_diff(time.ticks_ms(), self._scanned_ms)))
        numbers = [self._scans, age_ms, 0, 0]
        for i in range(at.BINS):
            numbers[at.STATES + i // 4] |= self._state[i] << 4 * (i % 4)
            code = self._code[i]
            numbers += [self._sequence[i], code >> 16 & 0xFFFF, code & 0xFFFF]
        return numbers

    def _look(self, i):
        try:
            self._mux.select(i + 1)
            self._adc.bin = i + 1
            if self._state[i] == at.CONVERTING:
                self._read(i)
            else:
                self._go_on(i)
        except OSError:
            self._strike(i)

    def _begin(self, i):
        self._state[i] = at.STARTING
        self._step[i] = _POWERING
        self._strikes[i] = 0
        self._since_ms[i] = time.ticks_ms()
        try:
            self._mux.select(i + 1)
            self._adc.reset()
        except OSError:
            self._silence(i)

    def _go_on(self, i):
        """One step towards a converter that converts."""
        adc = self._adc
        step = self._step[i]
        waited_ms = time.ticks_diff(time.ticks_ms(), self._since_ms[i])
        if step == _POWERING and adc.powered():
            adc.configure()
            self._go(i, _WARMING)
        elif step == _WARMING and waited_ms >= _WARM_MS:
            adc.calibrate()
            self._go(i, _CALIBRATING)
        elif step == _CALIBRATING and adc.calibrated():
            adc.convert()
            self._state[i] = at.CONVERTING
        elif waited_ms > _START_MS_MAX:
            self._silence(i)

    def _go(self, i, step):
        self._step[i] = step
        self._since_ms[i] = time.ticks_ms()

    def _read(self, i):
        code = self._adc.read()
        self._strikes[i] = 0
        if code is not None:
            self._code[i] = code
            self._sequence[i] = self._sequence[i] + 1 & 0xFFFF

    def _strike(self, i):
        self.errors += 1
        self._strikes[i] += 1
        if self._strikes[i] >= _STRIKES:
            self._silence(i)

    def _silence(self, i):
        self._state[i] = at.SILENT
