"""The NAU7802 converters of all bins: their registers, conversions timed by the virtual clock, and their faults.

Register numbers and bits are those of the Nuvoton datasheet, revision 1.7. A conversion is worked out when somebody
looks, from the counts its cell would have given at the moment it ended. One object keeps all converters in arrays.
"""

from array import array

import traces
import virtual_time

_PU_CTRL = 0x00
_CTRL1 = 0x01
_CTRL2 = 0x02
_ADC_OUT = 0x12
_REVISION = 0x1F

_RR = 0x01
_PUD = 0x02
_PUA = 0x04
_PUR = 0x08
_CS = 0x10
_CR = 0x20
_CALS = 0x04

_WELL = 0
_STUCK = 1
_NACK = 2
_SATURATED = 3
_OPEN_RAIL = 4  # a signal wire is off, and the input is pulled to the lower rail
_OPEN_WANDER = 5  # the same, and it floats
_SWAPPED = 6  # the cells of this bin and the next are plugged into each other's converters
_REVERSED = 7  # S+ and S- are exchanged
_NOISY = 8  # a screen that is off, a motor nearby
_LOOSE = 9  # a tray that rests on something once it was pressed down
FAULTS = {
    "well": _WELL,
    "stuck": _STUCK,
    "nack": _NACK,
    "saturated": _SATURATED,
    "open_rail": _OPEN_RAIL,
    "open_wander": _OPEN_WANDER,
    "swapped": _SWAPPED,
    "reversed": _REVERSED,
    "noisy": _NOISY,
    "loose": _LOOSE,
}
_NOISY_COUNTS = 3000  # either way: forty times a C3 cell's own
_LOOSE_SHARE = 50  # of the most it was pressed by, that it never comes back by
_LOOSE_COUNTS = 10000  # less than that does not move it
_WANDER_COUNTS = 400000  # from one conversion to the next, at most

_REGISTERS = 32
_RATES_SPS = (10, 20, 40, 80, 10, 10, 10, 320)  # CTRL2 bits 6:4
_POWER_UP_US = 200
_SETTLING = 4  # conversions the digital filter needs after a start
_CALIBRATION = 5  # conversion periods the offset calibration takes; drivers poll CALS, up to a second
_OFFSET_COUNTS = 9000  # of an uncalibrated front end at gain 128
_HIGH = 0x7FFFFF
_LOW = -0x800000
_NEVER = -1


class Scales:
    """Converters of bins 0 to `bins` - 1 over `cells`.

    Those have `counts(bin, at_us, rate_sps)` and are told `restart(bin, at_us)` when a front end was calibrated.
    """

    def __init__(self, bins, cells):
        self.bins = bins
        self._cells = cells
        self._registers = bytearray(bins * _REGISTERS)
        self._faults = bytearray(bins)
        self._cell = bytearray(range(bins))  # which cell is plugged into a converter
        self._adrift = array("l", [0] * bins)  # the code of one whose wire is open
        self.traces = {}  # bin: recorded codes in place of its cell's
        self._pressed = {}  # bin: (first, highest) code of one that is loose
        self._chance = 1
        self._calibrated = bytearray(bins)
        self._powered_us = array("l", [_NEVER] * bins)
        self._started_us = array("l", [_NEVER] * bins)  # when the first conversion began
        self._calibrates_us = array("l", [_NEVER] * bins)  # when the calibration ends
        self._seen = array("l", [0] * bins)  # conversions since the start that are in the output register
        self._due_us = array("l", [0] * bins)  # before then there is nothing new to see
        for bin_ in range(bins):
            self._reset(bin_)

    def answers(self, bin_):
        return self._faults[bin_] != _NACK

    def fault(self, bin_, kind):
        if (self._faults[bin_] == _SWAPPED) != (kind == _SWAPPED) and self.bins > 1:
            other = bin_ + 1 if bin_ + 1 < self.bins else 0
            self._cell[bin_], self._cell[other] = self._cell[other], self._cell[bin_]
        self._faults[bin_] = kind
        self._pressed.pop(bin_, None)

    def write(self, bin_, register, data):
        for byte in data:
            self._write(bin_, register, byte)
            register += 1

    def read(self, bin_, register, buffer):
        """Fill `buffer` from `register` on; whether the converter answers at all."""
        if self._faults[bin_] == _NACK:
            return False
        registers = self._registers
        base = bin_ * _REGISTERS
        left = len(buffer)
        at = base + register + left
        if register <= _ADC_OUT + 2:
            now = virtual_time.clock.now_us()
            if now >= self._due_us[bin_]:
                self._look(bin_, now)
        while left:
            left -= 1
            at -= 1
            buffer[left] = registers[at]
        if register <= _ADC_OUT + 2 and register + len(buffer) > _ADC_OUT:
            registers[base] &= ~_CR
        return True

    def _write(self, bin_, register, byte):
        registers = self._registers
        base = bin_ * _REGISTERS
        self._due_us[bin_] = 0
        if register == _PU_CTRL:
            self._power(bin_, byte)
        elif register == _CTRL2:
            registers[base + _CTRL2] = byte
            if byte & _CALS:
                now = virtual_time.clock.now_us()
                self._calibrates_us[bin_] = now + _CALIBRATION * self._period_us(bin_)
            self._restart(bin_)
        elif register < _ADC_OUT or _ADC_OUT + 2 < register < _REVISION:
            registers[base + register] = byte
            if register == _CTRL1:
                self._restart(bin_)

    def _power(self, bin_, byte):
        base = bin_ * _REGISTERS
        if byte & _RR:
            self._reset(bin_)
            self._registers[base] = _RR
            return
        before = self._registers[base]
        if byte & _PUD and self._powered_us[bin_] == _NEVER:
            self._powered_us[bin_] = virtual_time.clock.now_us()
        elif not byte & _PUD:
            self._powered_us[bin_] = _NEVER
            before &= ~_PUR
        self._registers[base] = byte & ~(_PUR | _CR) | before & (_PUR | _CR)
        if (byte ^ before) & (_PUD | _PUA | _CS):
            self._restart(bin_)

    def _reset(self, bin_):
        base = bin_ * _REGISTERS
        for i in range(_REGISTERS):
            self._registers[base + i] = 0
        self._registers[base + 0x07] = self._registers[base + 0x0E] = 0x80  # GCAL1, GCAL2: gain 1
        self._registers[base + _REVISION] = 0x0F
        self._powered_us[bin_] = self._started_us[bin_] = self._calibrates_us[bin_] = _NEVER
        self._calibrated[bin_] = 0

    def _restart(self, bin_):
        """Begin converting anew, if the chip is to convert at all."""
        running = self._registers[bin_ * _REGISTERS] & (_PUD | _PUA | _CS) == _PUD | _PUA | _CS
        begins = max(self._calibrates_us[bin_], virtual_time.clock.now_us())
        self._started_us[bin_] = begins if running else _NEVER
        self._seen[bin_] = _SETTLING - 1

    def _period_us(self, bin_):
        return 1000000 // _RATES_SPS[self._registers[bin_ * _REGISTERS + _CTRL2] >> 4 & 7]

    def _look(self, bin_, now):
        """Bring the registers up to now."""
        registers = self._registers
        base = bin_ * _REGISTERS
        if self._calibrates_us[bin_] != _NEVER and now >= self._calibrates_us[bin_]:
            self._calibrates_us[bin_] = _NEVER
            self._calibrated[bin_] = 1
            self._cells.restart(self._cell[bin_], now)
            registers[base + _CTRL2] &= ~_CALS
        if not registers[base] & _PUR and _NEVER < self._powered_us[bin_] <= now - _POWER_UP_US:
            registers[base] |= _PUR
        started = self._started_us[bin_]
        if started == _NEVER or now < started:
            return
        rate_sps = _RATES_SPS[registers[base + _CTRL2] >> 4 & 7]
        seen = (now - started) * rate_sps // 1000000
        if seen > self._seen[bin_]:
            self._seen[bin_] = seen
            self._latch(bin_, base, started + seen * 1000000 // rate_sps, rate_sps)
        if registers[base] & _PUR and self._calibrates_us[bin_] == _NEVER:  # nearly always
            self._due_us[bin_] = started - -(self._seen[bin_] + 1) * 1000000 // rate_sps

    def _latch(self, bin_, base, at_us, rate_sps):
        registers = self._registers
        registers[base] |= _CR
        fault = self._faults[bin_]
        if fault == _STUCK:
            return
        code = _HIGH
        if fault == _OPEN_RAIL:
            code = _LOW
        elif fault == _OPEN_WANDER:
            code = self._wander(bin_)
        elif bin_ in self.traces:
            code = traces.code_at(self.traces[bin_], self._seen[bin_] - _SETTLING)
        elif fault != _SATURATED:
            code = self._cells.counts(self._cell[bin_], at_us, rate_sps)
            if fault >= _REVERSED:
                code = self._spoilt(bin_, fault, code)
            if not self._calibrated[bin_]:
                code += _OFFSET_COUNTS
            gain = registers[base + _CTRL1] & 7
            if gain != 7:
                code >>= 7 - gain
            code = _LOW if code < _LOW else _HIGH if code > _HIGH else code
        registers[base + _ADC_OUT] = code >> 16 & 0xFF
        registers[base + _ADC_OUT + 1] = code >> 8 & 0xFF
        registers[base + _ADC_OUT + 2] = code & 0xFF

    def _spoilt(self, bin_, fault, code):
        """What a converter sees of a cell that is wired wrongly, disturbed, or held by something."""
        if fault == _REVERSED:
            return -code
        if fault == _NOISY:
            return code + self._any(_NOISY_COUNTS)
        first, highest = self._pressed.get(bin_, (code, code))
        self._pressed[bin_] = (first, max(highest, code))
        pressed = highest - first
        return code + pressed // _LOOSE_SHARE if pressed > _LOOSE_COUNTS and code - first < pressed // 2 else code

    def _any(self, counts):
        """A number by chance, at most so far from zero."""
        x = self._chance
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self._chance = x
        return x % (2 * counts + 1) - counts

    def _wander(self, bin_):
        """An input that hangs in the air: anywhere, and never quiet."""
        code = self._adrift[bin_] + self._any(_WANDER_COUNTS)
        self._adrift[bin_] = code = _LOW if code < _LOW else _HIGH if code > _HIGH else code
        return code
