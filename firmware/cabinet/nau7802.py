"""The NAU7802 load-cell converter: its registers, one transaction at a time.

Every call talks to the chip the multiplexer has selected and returns at once; waiting between the steps is the
scanner's business. A chip that does not answer raises `OSError`. The input channel is never changed: it would need a
new calibration each time.

A register that channel 1 has no use for holds the number of the bin, and is read with every code: a converter that has
lost its settings, or another bin's behind a hung multiplexer, raises `OSError` instead of a weight.
"""

ADDRESS = 0x2A
CODE_LOW = -0x800000  # the two rails: the bridge is broken, unplugged or overloaded
CODE_HIGH = 0x7FFFFF

_PU_CTRL = 0x00
_CTRL1 = 0x01
_CTRL2 = 0x02
_MARK = 0x10  # the lowest byte of channel 2's gain
_MARKED_OUT = 0x10  # the mark, one register of no interest, and three bytes of code, most significant first
_ADC = 0x15
_POWER = 0x1C

_RESET = b"\x01"
_DIGITAL_ON = b"\x02"
_ANALOG_ON = b"\x86"  # internal regulator, analog and digital part on
_CONVERTING = b"\x96"  # the same, with cycle start
_LDO_3V0_GAIN_128 = b"\x2f"
_RATE_10_SPS = b"\x00"  # channel 1, 10 samples a second
_CALIBRATE = b"\x04"  # offset calibration of the analog front end
_CHOPPER_OFF = b"\x30"
_PGA_CAPACITOR = b"\x80"

_READY = 0x08  # in PU_CTRL: powered up
_CYCLE_READY = 0x20  # in PU_CTRL: a conversion nobody has read yet
_CALIBRATING = 0x04  # in CTRL2
_CALIBRATION_ERROR = 0x08  # in CTRL2


class Nau7802:
    """The selected converter; one object serves all bins."""

    def __init__(self, i2c):
        self._i2c = i2c
        self._byte = bytearray(1)
        self._code = bytearray(5)
        self.bin = 0  # whose converter is meant

    def reset(self) -> None:
        """Put every register to its default and switch the digital part on."""
        self._write(_PU_CTRL, _RESET)
        self._write(_PU_CTRL, _DIGITAL_ON)

    def powered(self) -> bool:
        """Whether the chip is up after `reset`."""
        return bool(self._read(_PU_CTRL) & _READY)

    def configure(self) -> None:
        """Excitation 3.0 V, gain 128, 10 samples a second; the supply needs time to settle afterwards."""
        self._write(_CTRL1, _LDO_3V0_GAIN_128)
        self._write(_CTRL2, _RATE_10_SPS)
        self._write(_ADC, _CHOPPER_OFF)
        self._write(_POWER, _PGA_CAPACITOR)
        self._write(_MARK, bytes((self.bin,)))
        self._write(_PU_CTRL, _ANALOG_ON)

    def calibrate(self) -> None:
        """Start the calibration of the analog front end."""
        self._write(_CTRL2, _CALIBRATE)

    def calibrated(self) -> bool:
        """Whether the calibration is over; `OSError` when the chip says that it failed."""
        control = self._read(_CTRL2)
        if control & _CALIBRATING:
            return False
        if control & _CALIBRATION_ERROR:
            raise OSError("expected a calibrated front end, found CTRL2 %02x" % control)
        return True

    def convert(self) -> None:
        """Start converting."""
        self._write(_PU_CTRL, _CONVERTING)

    def read(self):
        """The newest code as a signed integer, or None when there has been no conversion since the last read."""
        read = self._i2c.readfrom_mem_into
        read(ADDRESS, _PU_CTRL, self._byte)
        if not self._byte[0] & _CYCLE_READY:
            return None
        code = self._code
        read(ADDRESS, _MARKED_OUT, code)
        if code[0] != self.bin:
            raise OSError("expected the converter of bin %d, found %d" % (self.bin, code[0]))
        value = code[2] << 16 | code[3] << 8 | code[4]
        return value - 0x1000000 if value & 0x800000 else value

    def _read(self, register: int) -> int:
        self._i2c.readfrom_mem_into(ADDRESS, register, self._byte)
        return self._byte[0]

    def _write(self, register: int, data: bytes) -> None:
        self._i2c.writeto_mem(ADDRESS, register, data)
