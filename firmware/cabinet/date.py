"""The date for a controller that has none: asked of the gateway, believed only with a code by the cabinet's own key.

A board without a battery starts in the year 2000, when no certificate was valid yet. One line goes up and one comes
down over TCP, as docs/time-service.md has them, each with an HMAC-SHA256. The nonce is
new with every question and good for one answer and a few seconds: what was said before, or to another, is refused.
"""

import asyncio
import os
import socket
import time
from binascii import hexlify

import machine

from cabinet.access import Hmac

ANSWER_MS = 3000
_BUILT = 2026  # no date before this program was written is one
_EPOCH_2000_S = 946684800
_LINE_BYTES_MAX = 160
_YEAR_2200_MS = 7258118400000


class DateError(OSError):
    """Nobody who may say so has said what the date is; the text says what was expected and what was found."""


async def have(settings: dict, doubtful: bool) -> None:
    """Return with a date in the board's clock. Asks when it has none, or it is `doubtful`; `DateError`, `OSError`.

    An old date that is only doubtful does when nobody answers.
    """
    has_date = machine.RTC().datetime()[0] >= _BUILT
    if has_date and not doubtful:
        return
    try:
        set_clock(await asyncio.wait_for_ms(_ask(settings), ANSWER_MS))
    except (OSError, asyncio.TimeoutError) as error:
        if not has_date:
            raise DateError("expected the date from the gateway, found %r" % error)


def set_clock(utc_ms: int) -> None:
    """Set the board's clock to milliseconds since 1970, UTC."""
    epoch_s = _EPOCH_2000_S if time.gmtime(0)[0] == 2000 else 0
    year, month, day, hour, minute, second, weekday = time.gmtime(utc_ms // 1000 - epoch_s)[:7]
    machine.RTC().datetime((year, month, day, weekday, hour, minute, second, 0))


async def _ask(settings):
    sock = socket.socket()
    try:
        sock.setblocking(False)
        host, port = settings["broker_host"], settings["time_port"]
        try:
            sock.connect(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1])
        except OSError as error:
            if error.errno not in (115, 119, 36):  # EINPROGRESS on Linux, on lwIP, on BSD
                raise
        nonce = hexlify(os.urandom(16))
        return read_answer(settings, nonce, await _exchange(asyncio.StreamReader(sock), question(settings, nonce)))
    finally:
        sock.close()


async def _exchange(stream, line):
    stream.out_buf = line  # to be sent as soon as the socket takes it: then it is connected
    await stream.drain()
    return await _read_line(stream)


async def _read_line(stream):
    line = b""
    while not line.endswith(b"\n"):
        data = await stream.read(_LINE_BYTES_MAX + 1 - len(line))
        line += data
        if not data or len(line) > _LINE_BYTES_MAX:
            raise DateError("expected a line of at most %d bytes, found %d" % (_LINE_BYTES_MAX, len(line)))
    return line


def question(settings: dict, nonce: bytes) -> bytes:
    """What is asked: a line with its code."""
    said = b" ".join((b"partsbay-time-question", b"1", settings["cabinet"].encode(), nonce))
    return b"".join((said, b" ", _code(settings, said), b"\n"))


def read_answer(settings: dict, nonce: bytes, line: bytes) -> int:
    """The UTC milliseconds of an answer to this very question (`DateError`)."""
    said, _, code = line[:-1].rpartition(b" ")
    if code != _code(settings, said):  # one try for each nonce: there is nothing to be learnt from how long this takes
        raise DateError("expected an answer by this cabinet's key, found another")
    words = said.split(b" ")
    if words[:-1] != [b"partsbay-time-answer", b"1", settings["cabinet"].encode(), nonce]:
        raise DateError("expected an answer to this question, found another")
    utc_ms = int(words[-1])
    if utc_ms > _YEAR_2200_MS:
        raise DateError("expected a date, found %d" % utc_ms)
    return utc_ms


def _code(settings, said):
    code = Hmac(settings["access_key"])
    code.update(said)
    return code.hexdigest()
