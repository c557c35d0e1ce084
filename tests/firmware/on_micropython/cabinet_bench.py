"""What the tests put around the firmware's parts: a clock they set, a bus of converters, pins, a journal in memory."""

from cabinet.nau7802 import Nau7802
from cabinet.scanner import Scanner
from cabinet.tca9548a import Tca9548a
from cabinet.weighing import Weighing

ENODEV = 19
NG = 2000000  # 2 mg a code


class Clock:
    """A clock that moves when told to."""

    def __init__(self, boot=1):
        self.boot = boot
        self.now_ms = 0
        self.utc = None

    def up_ms(self):
        return self.now_ms

    def utc_ms(self):
        return self.utc


class Pin:
    """A pin with a level; an input's level is set by the test."""

    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, level=0):
        self.level = level
        self._handler = None

    def irq(self, handler, trigger):
        assert trigger == Pin.IRQ_RISING | Pin.IRQ_FALLING
        self._handler = handler

    def change(self, level):
        """Change the level as the world does: an interrupt tells of it."""
        self.level = level
        self._handler(self)

    def value(self, level=None):
        if level is not None:
            self.level = level
        return self.level


class Converters:
    """A bus with TCA9548As from 0x70 and a NAU7802 behind each channel, converting ten times a second.

    `codes[bin]` is what a bin's cell gives, plus and minus `noise` by turns; `fault[bin]` is "nack", "stuck" (no
    conversions), "frozen" (the same code), "high", "low", "adrift" (a wire is open) or "uncalibrated" (the calibration
    fails). `hung`: the bin whose channel its multiplexer has open, whatever it says.
    """

    def __init__(self, clock, bins):
        self.clock = clock
        self.codes = {bin_: 50000 + 1000 * bin_ for bin_ in range(1, bins + 1)}
        self.fault = {}
        self.noise = 60
        self.resets = 0
        self.hung = None
        self._turns = {}
        self._channels = {}
        self._registers = {bin_: bytearray(32) for bin_ in self.codes}
        self._read_ms = {}
        self._calibrates_ms = {}

    def _bin(self):
        selected = [(address, bits) for address, bits in self._channels.items() if bits]
        if len(selected) != 1:
            raise OSError(ENODEV)
        address, bits = selected[0]
        channel = next(n for n in range(8) if bits == 1 << n)
        bin_ = (address - 0x70) * 8 + channel + 1
        if self.hung and (self.hung - 1) // 8 == (bin_ - 1) // 8:
            bin_ = self.hung
        if self.fault.get(bin_) == "nack":
            raise OSError(ENODEV)
        return bin_

    def writeto(self, address, data):
        self._channels[address] = data[0]

    def readfrom_into(self, address, buffer):
        buffer[0] = self._channels[address]

    def writeto_mem(self, address, register, data):
        bin_ = self._bin()
        self._registers[bin_][register] = data[0]
        if register == 0 and data[0] & 1:
            self.resets += 1
            self._registers[bin_] = bytearray(32)
        elif register == 0 and data[0] & 2:
            self._registers[bin_][0] |= 0x08
        elif register == 2 and data[0] & 4:
            self._calibrates_ms[bin_] = self.clock.now_ms + 300

    def readfrom_mem_into(self, address, register, buffer):
        bin_ = self._bin()
        registers = self._registers[bin_]
        self._convert(bin_, registers)
        for i in range(len(buffer)):
            buffer[i] = registers[register + i]
        if register <= 0x12 < register + len(buffer):
            registers[0] &= ~0x20
            self._read_ms[bin_] = self.clock.now_ms

    def _convert(self, bin_, registers):
        now_ms = self.clock.now_ms
        if registers[2] & 4 and now_ms >= self._calibrates_ms[bin_]:
            registers[2] = 0x08 if self.fault.get(bin_) == "uncalibrated" else 0
        fault = self.fault.get(bin_)
        if registers[0] & 0x36 != 0x16 or fault == "stuck" or now_ms - self._read_ms.get(bin_, -100) < 100:
            return
        registers[0] |= 0x20
        self._turns[bin_] = -self._turns.get(bin_, 1)
        noise = 0 if fault == "frozen" else self.noise * self._turns[bin_]
        code = {"high": 0x7FFFFF, "low": -0x800000}.get(fault, self.codes[bin_] + noise)
        if fault == "adrift":
            code = self._read_ms.get(bin_, 0) * 7919 % 6000000 - 3000000
        registers[0x12] = code >> 16 & 0xFF
        registers[0x13] = code >> 8 & 0xFF
        registers[0x14] = code & 0xFF


class Journal:
    """A journal in memory; `free_bytes` and `failing` are set by the test."""

    def __init__(self):
        self.bodies = []
        self.free_bytes = 1000000
        self.failing = False
        self.on_append = None

    def append(self, body):
        if self.failing:
            raise OSError(28)
        self.bodies.append(body)
        if self.on_append:
            self.on_append(body)
        return len(self.bodies)

    def kinds(self):
        return [body["kind"] for body in self.bodies]

    def last(self, kind):
        """The newest event of a kind."""
        return [body for body in self.bodies if body["kind"] == kind][-1]


def make_sensing(bins, calibrated=True):
    """(clock, converters, weighing, scanner, faults reported)."""
    clock = Clock()
    converters = Converters(clock, bins)
    weighing = Weighing(bins)
    if calibrated:
        for bin_ in range(1, bins + 1):
            weighing.calibrate(bin_, 0, NG)
    faults = []
    mux = Tca9548a(converters, 0x70)
    scanner = Scanner(mux, Nau7802(converters), weighing, clock, lambda bin_, fault: faults.append((bin_, fault)))
    return clock, converters, weighing, scanner, faults
