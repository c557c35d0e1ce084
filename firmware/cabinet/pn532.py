"""The PN532 badge reader on a serial line: frames, the few commands needed, and the UID of a card.

`Frames` turns bytes into frames and never waits. `Pn532` asks for a card and waits for it: the chip stays silent
until one comes, so it has a timeout of its own and aborts. It knows nothing of people or doors. `listen` and
`next_frame` are how any reader hears its line (`r200.py`, too).
"""

import asyncio

ACK = b"\x00\x00\xff\x00\xff\x00"
_WAKE = b"\x55\x55" + bytes(14)
_SAM_CONFIGURATION = b"\x14\x01\x14\x01"
_IN_LIST_PASSIVE_TARGET = b"\x4a\x01\x00"  # one card, 106 kbit/s type A
_HOST = 0xD4
_CHIP = 0xD5

_REPLY_MS = 500
_CARD_MS = 300000  # how long to wait for a card before asking again: notices a reader that has died
_LOST_MS = 2000  # pause before a reader that does not answer is started again
_PAUSE_MS = 250  # between two looks at a card that stays
_GONE_MS = 1000  # a card not seen for this long is presented anew
_FRAME_BYTES_MAX = 262
ACKNOWLEDGED = 1  # frames without data
ERROR = 2


class ReaderError(OSError):
    """The reader did not answer, or not as it should."""


def frame(data: bytes) -> bytes:
    """A command as it goes over the line."""
    length = len(data) + 1
    total = _HOST
    for byte in data:
        total += byte
    return b"\x00\x00\xff" + bytes((length, -length & 0xFF, _HOST)) + data + bytes((-total & 0xFF, 0))


def uid_of(reply: bytes) -> bytes:
    """The UID in 4B count target SENS_RES SEL_RES n UID [ATS], the answer to InListPassiveTarget; b"" if none."""
    if len(reply) < 7 or reply[0] != 0x4B or reply[1] != 1:
        return b""
    length = reply[6]
    uid = reply[7 : 7 + length]
    return bytes(uid) if length in (4, 7, 10) and len(uid) == length else b""


class Frames:
    """Bytes in, frames out: the length says where a frame ends, a broken one is skipped to the next start code."""

    def __init__(self):
        self._bytes = bytearray()
        self.broken = 0

    def feed(self, data: bytes) -> list:
        """The frames completed by `data`: ACKNOWLEDGED, ERROR, or the bytes after D5."""
        self._bytes += data
        found = []
        while True:
            used, item = self._next()
            if not used:
                break
            self._bytes = self._bytes[used:]
            if item is not None:
                found.append(item)
        if len(self._bytes) > _FRAME_BYTES_MAX:
            self._bytes = self._bytes[-_FRAME_BYTES_MAX:]
        return found

    def forget(self) -> None:
        """What has come so far ends in nothing: rubbish may have promised a long frame."""
        self._bytes = bytearray()

    def _next(self):
        """(bytes used, frame or None); nothing used: more bytes are needed."""
        data = self._bytes
        start = data.find(b"\x00\xff")
        if start < 0:
            keep = 1 if data[-1:] == b"\x00" else 0
            return len(data) - keep, None
        at = start + 2
        if len(data) < at + 2:
            return start, None
        length = data[at]
        if length == 0 and data[at + 1] == 0xFF:
            return at + 2, ACKNOWLEDGED
        if (length + data[at + 1]) & 0xFF:
            return self._skip(at)
        if len(data) < at + 2 + length + 1:
            return start, None
        body = data[at + 2 : at + 3 + length]
        if sum(body) & 0xFF:
            return self._skip(at)
        return at + 3 + length, self._payload(body[:-1])

    def _skip(self, at: int):
        self.broken += 1
        return at, None

    def _payload(self, body):
        if body == b"\x7f":
            return ERROR
        if len(body) > 1 and body[0] == _CHIP:
            return bytes(body[1:])
        self.broken += 1
        return None


async def listen(reader) -> None:
    """The one task that reads a reader's line, so that a timeout can never lose bytes."""
    while True:
        data = await reader._stream.read(64)
        if not data:
            await asyncio.sleep_ms(10)
            continue
        found = reader._frames.feed(data)
        if found:  # a frame may come in pieces: nobody is to be woken by half of one
            reader._received += found
            reader._arrived.set()


async def next_frame(reader, timeout_ms: int):
    """The next frame that a reader has sent, or None when the time is over."""
    if not reader._received:
        reader._arrived.clear()
        try:
            await asyncio.wait_for_ms(reader._arrived.wait(), timeout_ms)
        except asyncio.TimeoutError:
            return None
    return reader._received.pop(0)


class Pn532:
    """A reader on a UART: `await run(on_badge)` calls back with the UID of every card presented."""

    def __init__(self, uart, clock):
        self._stream = asyncio.StreamReader(uart)
        self._uart = uart
        self._clock = clock
        self._frames = Frames()
        self._received = []
        self._arrived = asyncio.Event()
        self._uid = b""
        self._seen_ms = 0
        self.errors = 0
        self.alive = False

    async def run(self, on_badge) -> None:
        """Read cards for ever."""
        listener = asyncio.create_task(listen(self))
        try:
            while True:
                try:
                    await self._start()
                    await self._read_cards(on_badge)
                except ReaderError:
                    self.errors += 1
                    self.alive = False
                    await asyncio.sleep_ms(_LOST_MS)
        finally:
            listener.cancel()

    async def _start(self) -> None:
        self._frames.forget()
        self._received.clear()
        self._uart.write(_WAKE + frame(_SAM_CONFIGURATION))
        await self._acknowledged()
        await self._reply(0x15, _REPLY_MS)
        self.alive = True

    async def _read_cards(self, on_badge) -> None:
        while True:
            uid = await self._wait_for_card()
            now = self._clock.up_ms()
            if uid and (uid != self._uid or now - self._seen_ms > _GONE_MS):
                on_badge(uid)
            if uid:
                self._uid = uid
                self._seen_ms = now
                await asyncio.sleep_ms(_PAUSE_MS)

    async def _wait_for_card(self) -> bytes:
        """The UID of the next card, b"" when none came in time."""
        self._received.clear()
        self._uart.write(frame(_IN_LIST_PASSIVE_TARGET))
        await self._acknowledged()
        reply = await next_frame(self, _CARD_MS)
        if reply is None:
            self._uart.write(ACK)  # the chip gives up the command
            return b""
        if not isinstance(reply, bytes):
            raise ReaderError("expected a card, found frame %r" % (reply,))
        return uid_of(reply)

    async def _acknowledged(self) -> None:
        found = await next_frame(self, _REPLY_MS)
        if found != ACKNOWLEDGED:
            raise ReaderError("expected an acknowledgement, found %r" % (found,))

    async def _reply(self, code: int, timeout_ms: int) -> bytes:
        found = await next_frame(self, timeout_ms)
        if not isinstance(found, bytes) or found[0] != code:
            raise ReaderError("expected reply %02x, found %r" % (code, found))
        return found
