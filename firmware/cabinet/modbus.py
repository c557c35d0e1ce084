"""Modbus RTU, as far as shelf nodes speak it: requests, answers and exceptions as bytes, sealed by a CRC.

Frames are those of "MODBUS over Serial Line V1.02" (2006) and "MODBUS Application Protocol V1.1b3" (2012). Bytes in,
values out, and one call that puts a frame on the line; a cabinet's controller and its shelf nodes share it.
"""

import time

READ_HOLDING = 3
READ_INPUT = 4
WRITE_ONE = 6

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3

ADDRESS_MAX = 247
REQUEST_BYTES = 8  # of every request a node knows
FRAME_BYTES_MAX = 256
SILENCE_US = 1750  # between frames, above 19200 baud
BYTE_BITS = 10
_EXCEPTION = 0x80
_EXCEPTION_BYTES = 5
_CRC = (
    (0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401)
    + (0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400)
)  # fmt: skip


def crc(data) -> int:
    """CRC-16/MODBUS (polynomial 0x8005 reflected, from 0xFFFF), half a byte at a time."""
    value = 0xFFFF
    for byte in data:
        value = value >> 4 ^ _CRC[(value ^ byte) & 15]
        value = value >> 4 ^ _CRC[(value ^ byte >> 4) & 15]
    return value


def seal(body: bytes) -> bytes:
    """A whole frame: address, function and data, then the CRC, its low byte first."""
    value = crc(body)
    return body + bytes((value & 0xFF, value >> 8))


def is_whole(frame) -> bool:
    """Whether these bytes are one frame as it was sent: the CRC over a frame and its own CRC is zero."""
    return 4 <= len(frame) <= FRAME_BYTES_MAX and crc(frame) == 0


def send(uart, de, frame: bytes, baud: int) -> None:
    """Let the driver talk for as long as a frame takes, and one byte more.

    Not by `flush`: it may come back a tick of the scheduler late, and the other end answers sooner than that.
    """
    de.value(1)
    uart.write(frame)
    time.sleep_us((len(frame) + 1) * BYTE_BITS * 1000000 // baud)
    de.value(0)


# ---- the controller's side ----


def request(address: int, function: int, first: int, value: int) -> bytes:
    """A request: of `value` registers from `first` on, or to write `value` to the register `first`."""
    return seal(bytes((address, function, first >> 8, first & 0xFF, value >> 8, value & 0xFF)))


def answer_bytes(frame, asked) -> int:
    """How long the answer to `asked` is that begins with `frame`, of which two bytes must be there."""
    if frame[1] & _EXCEPTION:
        return _EXCEPTION_BYTES
    return REQUEST_BYTES if asked[1] == WRITE_ONE else 5 + 2 * asked[5]


def check_answer(frame, asked) -> None:
    """`OSError` unless `frame` is the answer to the request `asked`, and not an exception."""
    if not is_whole(frame):
        raise OSError("expected an answer with a right CRC, found %d bytes" % len(frame))
    if frame[0] != asked[0]:
        raise OSError("expected an answer of node %d, found one of %d" % (asked[0], frame[0]))
    if frame[1] == asked[1] | _EXCEPTION:
        raise OSError("expected node %d to answer, found its exception %d" % (frame[0], frame[2]))
    if frame[1] != asked[1] or len(frame) != answer_bytes(frame, asked):
        raise OSError("expected an answer to function %d, found %d" % (asked[1], frame[1]))
    if asked[1] == WRITE_ONE:
        if frame != asked:
            raise OSError("expected node %d to repeat what was written" % asked[0])
    elif frame[2] != 2 * asked[5]:
        raise OSError("expected %d registers, found %d bytes" % (asked[5], frame[2]))


def register(frame, number: int) -> int:
    """A register of a checked answer, counted from the first that was asked for."""
    return frame[3 + 2 * number] << 8 | frame[4 + 2 * number]


# ---- the node's side ----


def answer(frame, registers) -> bytes:
    """A node's answer to a whole request. `registers` has `read(function, first, count)` and `write(first, value)`.

    The first gives a list of numbers or None where there are none, the second whether the value was taken, or None.
    """
    function = frame[1]
    first = frame[2] << 8 | frame[3]
    value = frame[4] << 8 | frame[5]
    if len(frame) != REQUEST_BYTES or function not in (READ_HOLDING, READ_INPUT, WRITE_ONE):
        return _refuse(frame, ILLEGAL_FUNCTION)
    if function == WRITE_ONE:
        taken = registers.write(first, value)
        if taken:
            return bytes(frame)
        return _refuse(frame, ILLEGAL_ADDRESS if taken is None else ILLEGAL_VALUE)
    if not 1 <= value <= 125:
        return _refuse(frame, ILLEGAL_VALUE)
    numbers = registers.read(function, first, value)
    if numbers is None:
        return _refuse(frame, ILLEGAL_ADDRESS)
    body = bytearray((frame[0], function, 2 * value))
    for number in numbers:
        body.append(number >> 8 & 0xFF)
        body.append(number & 0xFF)
    return seal(bytes(body))


def _refuse(frame, code):
    return seal(bytes((frame[0], frame[1] | _EXCEPTION, code)))
