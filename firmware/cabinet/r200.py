"""The R200 tag reader (YRM100, M100 and their clones) on a serial line: frames, a few commands, EPCs with a right CRC.

`Frames` turns bytes into frames and never waits; clones differ in the first and last byte of a frame. `R200` has tags
answer, all of them or one by its number, and says nothing of what that means. An EPC whose CRC is wrong is none.
"""

import asyncio
from array import array

from cabinet.pn532 import ReaderError, listen, next_frame

EPC_BYTES = 12  # longer and shorter numbers are not ours
_COMMAND = 0  # types of frames
_NOTICE = 2
_POLL = 0x22  # codes
_POLLS = 0x27
_STOP = 0x28
_SELECT = 0x0C
_SELECT_MODE = 0x12
_POWER = 0xB6
_FAILED = 0xFF
_NO_TAG = 0x15

_NOTICE_BYTES = 21  # type, code, length; RSSI, PC, EPC, CRC
_PARAMETERS_MAX = 64
_REPLY_MS = 200
_QUIET_MS = 100  # a round that says nothing for so long is over
_ROUND_MAX = 1000  # frames of a round
_STOPPED_MAX = 100  # frames it may still say after a stop
_CRC_TABLE = array(
    "H",
    (0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50A5, 0x60C6, 0x70E7)
    + (0x8108, 0x9129, 0xA14A, 0xB16B, 0xC18C, 0xD1AD, 0xE1CE, 0xF1EF),
)


def frame(data: bytes, header: int, trailer: int) -> bytes:
    """A command, `data` its code and parameters, as it goes over the line."""
    body = bytes((_COMMAND, data[0], 0, len(data) - 1)) + data[1:]
    return bytes((header,)) + body + bytes((sum(body) & 0xFF, trailer))


def crc(data) -> int:
    """CRC-16/GENIBUS, as a tag makes it over its PC and EPC: half a byte at a time."""
    value = 0xFFFF
    for byte in data:
        value = (value << 4 & 0xFFFF) ^ _CRC_TABLE[value >> 12 ^ byte >> 4]
        value = (value << 4 & 0xFFFF) ^ _CRC_TABLE[value >> 12 ^ byte & 15]
    return value ^ 0xFFFF


def epc_of(body) -> bytes:
    """The EPC in a notice (type, code, length; RSSI, PC, EPC, CRC); b"" when there is none, or none to be trusted."""
    if len(body) != _NOTICE_BYTES or body[0] != _NOTICE or body[5] >> 3 != EPC_BYTES // 2:
        return b""
    if crc(body[5:19]) != body[19] << 8 | body[20]:
        return b""
    return bytes(body[7:19])


class Frames:
    """Bytes in, frames out: the length says where a frame ends, a broken one is skipped to the next first byte."""

    def __init__(self, header: int, trailer: int):
        self._header = bytes((header,))
        self._tail = trailer
        self._bytes = bytearray()
        self.wanted = True  # or nobody asks
        self.broken = 0

    def feed(self, data: bytes) -> list:
        """The frames completed by `data`: type, code, length and parameters of each."""
        if not self.wanted:
            return []
        self._bytes += data
        found = []
        while True:
            used, item = self._next()
            if not used:
                return found
            self._bytes = self._bytes[used:]
            if item is not None:
                found.append(item)

    def forget(self) -> None:
        """What has come so far ends in nothing."""
        self._bytes = bytearray()

    def _next(self):
        """(bytes used, frame or None); nothing used: more bytes are needed."""
        data = self._bytes
        start = data.find(self._header)
        if start:
            return len(data) if start < 0 else start, None
        if len(data) < 5:
            return 0, None
        end = 5 + (data[3] << 8 | data[4])
        if end > 5 + _PARAMETERS_MAX:
            return self._skip()
        if len(data) < end + 2:
            return 0, None
        if data[end + 1] != self._tail or sum(data[1:end]) & 0xFF != data[end]:
            return self._skip()
        return end + 2, bytes(data[1:end])

    def _skip(self):
        self.broken += 1
        return 1, None


class R200:
    """A reader on a UART. `run` listens for ever; the others have tags answer and raise `ReaderError`."""

    def __init__(self, uart, header: int, trailer: int, power_cdbm: int):
        self._stream = asyncio.StreamReader(uart)
        self._uart = uart
        self._header = header
        self._tail = trailer
        self._power = power_cdbm
        self._frames = Frames(header, trailer)
        self._received = []
        self._arrived = asyncio.Event()

    async def run(self) -> None:
        """Hear what it says, for ever."""
        await listen(self)

    async def start(self) -> None:
        """Have the reader idle, at its power, all tags answering."""
        self._frames.wanted = True
        self._frames.forget()
        self._send(bytes((_STOP,)))
        for _ in range(_STOPPED_MAX):  # whatever it was doing ends here
            if await next_frame(self, _QUIET_MS) is None:
                break
        power = self._power
        await self._command(bytes((_POWER, power >> 8, power & 0xFF)))
        await self._command(bytes((_SELECT_MODE, 1)))

    def rest(self) -> None:
        """Nobody asks until the next start: what it still says of a round would only lie in memory."""
        self._frames.wanted = False
        self._received.clear()

    async def poll(self, on_tag) -> None:
        """One round of all tags: `on_tag(epc)` for each that answers."""
        self._send(bytes((_POLL,)))
        for said in range(_ROUND_MAX):
            body = await next_frame(self, _QUIET_MS if said else _REPLY_MS)
            if body is None:
                if not said:
                    raise ReaderError("expected a round of tags, found silence")
                return
            epc = epc_of(body)
            if epc:
                on_tag(epc)
        raise ReaderError("expected a round to end after %d frames at most, found more" % _ROUND_MAX)

    async def ask(self, epc: bytes, rounds: int):
        """Call one tag by its number: (rounds in which it answered, rounds)."""
        await self._command(bytes((_SELECT, 1, 0, 0, 0, 32, 8 * EPC_BYTES, 0)) + epc)
        await self._command(bytes((_SELECT_MODE, 0)))  # the mask before every round
        self._send(bytes((_POLLS, 0x22, rounds >> 8, rounds & 0xFF)))
        heard = asked = 0
        while asked < rounds:
            body = await next_frame(self, _REPLY_MS)
            if body is None:
                break
            if body[0] == _NOTICE or (body[1] == _FAILED and body[-1] == _NO_TAG):
                asked += 1
                heard += epc_of(body) == epc
        if not asked:
            raise ReaderError("expected %d rounds of one tag, found silence" % rounds)
        return heard, asked

    def _send(self, data):
        self._received.clear()
        self._uart.write(frame(data, self._header, self._tail))

    async def _command(self, data):
        """Have a command done; its answer comes under the command's code, or under that of the mask."""
        self._send(data)
        body = await next_frame(self, _REPLY_MS)
        while body is not None and (body[0] == _NOTICE or body[-1] == _NO_TAG):  # of a round before
            body = await next_frame(self, _REPLY_MS)
        if body is None or body[1] not in (data[0], _SELECT) or body[-1]:
            raise ReaderError("expected command %02x to be done, found %r" % (data[0], body))
