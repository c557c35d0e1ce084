"""NAU7802 behind TCA9548A against a bus at byte level; registers as in Nuvoton's datasheet; runs on both runtimes."""

from cabinet.nau7802 import Nau7802
from cabinet.tca9548a import Tca9548a

ENODEV = 19


class Bus:
    """Multiplexers and one NAU7802 a channel; every transaction is noted in `log`."""

    def __init__(self, muxes=3):
        self.log = []
        self.channels = [0] * muxes
        self.stuck_mux = None
        self.registers = {}  # (mux, channel): bytearray
        self.silent = []

    def chip(self):
        """Registers of the converter on the bus."""
        open_ = [(mux, bits) for mux, bits in enumerate(self.channels) if bits]
        if len(open_) != 1 or open_[0] in self.silent:
            raise OSError(ENODEV)
        return self.registers.setdefault(open_[0], bytearray(32))

    def writeto(self, address, data):
        self.log.append(("w", address, bytes(data)))
        mux = address - 0x70
        if not 0 <= mux < len(self.channels):
            raise OSError(ENODEV)
        if mux != self.stuck_mux:
            self.channels[mux] = data[0]

    def readfrom_into(self, address, buffer):
        for i in range(len(buffer)):
            buffer[i] = self.channels[address - 0x70]

    def writeto_mem(self, address, register, data):
        assert address == 0x2A
        self.log.append((register, bytes(data)))
        self.chip()[register] = data[0]

    def readfrom_mem_into(self, address, register, buffer):
        assert address == 0x2A
        chip = self.chip()
        for i in range(len(buffer)):
            buffer[i] = chip[register + i]


def selected():
    """A converter on the bus, and the registers behind it."""
    bus = Bus()
    Tca9548a(bus, 0x70).select(1)
    bus.log.clear()
    return bus, Nau7802(bus), bus.chip()


def expect_oserror(call):
    try:
        call()
    except OSError as error:
        return str(error)
    raise AssertionError("expected an OSError, found none")


def test_bins_are_eight_to_a_multiplexer():
    bus = Bus()
    mux = Tca9548a(bus, 0x70)
    for bin_, expected in ((1, [1, 0, 0]), (8, [0x80, 0, 0]), (9, [0, 1, 0]), (24, [0, 0, 0x80]), (2, [2, 0, 0])):
        mux.select(bin_)
        assert bus.channels == expected


def test_the_multiplexer_left_behind_is_closed_first():
    bus = Bus()
    mux = Tca9548a(bus, 0x70)
    mux.select(8)
    mux.select(9)
    assert bus.log == [("w", 0x70, b"\x80"), ("w", 0x70, b"\x00"), ("w", 0x71, b"\x01")]


def test_a_multiplexer_that_keeps_its_channel_is_an_error():
    bus = Bus()
    mux = Tca9548a(bus, 0x70)
    mux.select(3)
    bus.stuck_mux = 0
    assert "expected channels 08" in expect_oserror(lambda: mux.select(4))


def test_a_missing_multiplexer_is_an_error_for_its_bins_only():
    bus = Bus(muxes=2)
    mux = Tca9548a(bus, 0x70)
    mux.close(3)
    mux.select(16)
    assert bus.channels == [0, 0x80]
    expect_oserror(lambda: mux.select(17))


def test_the_bytes_of_a_start():
    bus, adc, chip = selected()
    adc.reset()
    assert bus.log == [(0x00, b"\x01"), (0x00, b"\x02")]  # RR; PUD
    assert not adc.powered()
    chip[0x00] |= 0x08  # PUR
    assert adc.powered()
    bus.log.clear()
    adc.configure()
    # CTRL1: VLDO 101 = 3.0 V, gain 111 = 128. CTRL2: channel 1, CRS 000 = 10 SPS. PU_CTRL: AVDDS, PUA, PUD.
    assert (0x01, b"\x2f") in bus.log
    assert (0x02, b"\x00") in bus.log
    assert bus.log[-1] == (0x00, b"\x86")
    bus.log.clear()
    adc.calibrate()
    assert bus.log == [(0x02, b"\x04")]  # CALS, offset calibration, channel unchanged
    assert not adc.calibrated()
    chip[0x02] = 0x00
    assert adc.calibrated()
    adc.convert()
    assert bus.log[-1] == (0x00, b"\x96")  # the same with CS


def test_a_failed_calibration_is_an_error():
    _, adc, chip = selected()
    chip[0x02] = 0x08  # CAL_ERR
    assert "found CTRL2 08" in expect_oserror(adc.calibrated)


def test_a_converter_is_marked_with_its_bin_and_another_ones_code_is_an_error():
    _, adc, chip = selected()
    adc.bin = 7
    adc.configure()
    assert chip[0x10] == 7
    chip[0x00] = 0x20
    assert adc.read() == 0
    adc.bin = 8
    assert expect_oserror(adc.read) == "expected the converter of bin 8, found 7"
    chip[0x10] = 0  # it has lost its settings
    assert expect_oserror(adc.read) == "expected the converter of bin 8, found 0"


def test_a_code_is_read_once_it_is_new():
    _, adc, chip = selected()
    chip[0x12:0x15] = b"\x01\x02\x03"
    assert adc.read() is None
    chip[0x00] = 0x20  # CR
    assert adc.read() == 0x010203


def test_codes_are_signed():
    _, adc, chip = selected()
    chip[0x00] = 0x20
    for data, code in (
        (b"\xff\xff\xff", -1),
        (b"\x80\x00\x00", -0x800000),
        (b"\x7f\xff\xff", 0x7FFFFF),
        (b"\x00\x00\x00", 0),
    ):
        chip[0x12:0x15] = data
        assert adc.read() == code


def test_a_converter_that_does_not_answer_is_an_error():
    bus, adc, _ = selected()
    bus.silent.append((0, 1))
    expect_oserror(adc.read)
