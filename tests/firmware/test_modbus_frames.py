"""Modbus RTU frames of shelf nodes against frames that others have published; on both runtimes.

Golden frames: the examples of the Modbus pages of Simply Modbus, Control Solutions and the Modbus application protocol
V1.1b3, as they go over the line.
"""

from cabinet import modbus

GOLDEN = (
    "01 03 00 00 00 0A C5 CD",
    "11 03 00 6B 00 03 76 87",
    "11 03 06 AE 41 56 52 43 40 49 AD",
    "11 04 00 08 00 01 B2 98",
    "11 04 02 00 0A F8 F4",
    "11 06 00 01 00 03 9A 9B",
    "0A 81 02 B0 53",
)


def frame(text):
    return bytes.fromhex(text.replace(" ", ""))


class Registers:
    """Ten input registers, and one that takes numbers below 5."""

    def __init__(self):
        self.written = []

    def read(self, function, first, count):
        if function != modbus.READ_INPUT or first + count > 10:
            return None
        return [first + number for number in range(count)]

    def write(self, first, value):
        if first:
            return None
        if value >= 5:
            return False
        self.written.append(value)
        return True


def refused(got, asked):
    try:
        modbus.check_answer(got, asked)
    except OSError as error:
        return str(error)
    raise AssertionError("expected it to be refused")


def test_published_frames_have_the_crc_they_were_published_with():
    for text in GOLDEN:
        golden = frame(text)
        assert modbus.seal(golden[:-2]) == golden, text
        assert modbus.is_whole(golden)


def test_every_turned_bit_is_noticed():
    golden = frame(GOLDEN[2])
    for place in range(len(golden)):
        for bit in range(8):
            turned = bytearray(golden)
            turned[place] ^= 1 << bit
            assert not modbus.is_whole(turned)
    assert not modbus.is_whole(b"\x01\x83\x02")


def test_requests_are_the_published_ones():
    assert modbus.request(0x11, modbus.READ_INPUT, 8, 1) == frame(GOLDEN[3])
    assert modbus.request(0x11, modbus.READ_HOLDING, 0x6B, 3) == frame(GOLDEN[1])
    assert modbus.request(0x11, modbus.WRITE_ONE, 1, 3) == frame(GOLDEN[5])


def test_an_answer_is_the_one_that_was_asked_for():
    asked = frame(GOLDEN[3])
    got = frame(GOLDEN[4])
    assert modbus.answer_bytes(got[:2], asked) == len(got)
    modbus.check_answer(got, asked)
    assert modbus.register(got, 0) == 10
    assert "found one of 18" in refused(modbus.seal(b"\x12" + got[1:-2]), asked)
    assert "right CRC, found 6" in refused(got[:-1], asked)
    assert "found 3" in refused(modbus.seal(b"\x11\x03" + got[2:-2]), asked)
    assert "its exception 2" in refused(modbus.seal(b"\x11\x84\x02"), asked)
    written = frame(GOLDEN[5])
    modbus.check_answer(written, written)
    assert "repeat" in refused(modbus.seal(b"\x11\x06\x00\x01\x00\x04"), written)


def test_a_node_answers_what_it_has_and_names_what_it_has_not():
    registers = Registers()
    asked = modbus.request(7, modbus.READ_INPUT, 2, 3)
    got = modbus.answer(asked, registers)
    modbus.check_answer(got, asked)
    assert [modbus.register(got, number) for number in range(3)] == [2, 3, 4]
    told = modbus.request(7, modbus.WRITE_ONE, 0, 4)
    assert modbus.answer(told, registers) == told
    assert registers.written == [4]
    for request, code in (
        (modbus.request(7, modbus.READ_INPUT, 8, 3), modbus.ILLEGAL_ADDRESS),
        (modbus.request(7, modbus.READ_INPUT, 0, 0), modbus.ILLEGAL_VALUE),
        (modbus.request(7, modbus.READ_INPUT, 0, 126), modbus.ILLEGAL_VALUE),
        (modbus.request(7, modbus.WRITE_ONE, 1, 4), modbus.ILLEGAL_ADDRESS),
        (modbus.request(7, modbus.WRITE_ONE, 0, 5), modbus.ILLEGAL_VALUE),
        (modbus.request(7, 16, 0, 1), modbus.ILLEGAL_FUNCTION),
        (modbus.seal(b"\x07\x04\x00\x00\x00\x01\x00"), modbus.ILLEGAL_FUNCTION),
    ):
        assert modbus.answer(request, registers) == modbus.seal(bytes((7, request[1] | 0x80, code)))
