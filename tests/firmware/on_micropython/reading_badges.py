"""The badge reader against a chip at byte level: waiting, reading, giving up, coming back."""

import asyncio
import io
import time
from binascii import unhexlify

from cabinet import pn532

ACK = b"\x00\x00\xff\x00\xff\x00"
WAKE = b"\x55\x55" + bytes(14)
SAM = unhexlify("0000ff05fbd4140114010200")
SAM_DONE = unhexlify("0000ff02fed5151600")
LIST = unhexlify("0000ff04fcd44a0100e100")
CARD4 = unhexlify("0000ff0cf4d54b010100040804") + b"\x04\xa1\xb2\xc3"
CARD4 += bytes((-sum(CARD4[5:]) & 0xFF, 0))
CARD7 = unhexlify("0000ff0ff1d54b010100440007") + b"\x04\x11\x22\x33\x44\x55\x66"
CARD7 += bytes((-sum(CARD7[5:]) & 0xFF, 0))
UID4 = b"\x04\xa1\xb2\xc3"
UID7 = b"\x04\x11\x22\x33\x44\x55\x66"


class Clock:
    def up_ms(self):
        return time.ticks_ms()


class Line(io.IOBase):
    """A serial line with a chip at its end; `answers` says what it sends for a command, b"" for nothing."""

    def __init__(self, answers):
        self.answers = answers
        self.written = []
        self._received = b""

    def write(self, data):
        self.written.append(bytes(data))
        for command, answer in self.answers.items():
            if data.endswith(command):
                self.send(answer() if callable(answer) else answer)
        return len(data)

    def send(self, data):
        self._received += data

    def read(self, count=-1):
        data = self._received[:count]
        self._received = self._received[count:]
        return data

    def ioctl(self, request, argument):
        if request == 3:
            return argument & 1 if self._received else 0
        return 0


async def until(condition):
    """Wait for a condition; the test's own deadline ends it."""
    while not condition():
        await asyncio.sleep_ms(5)


def start(answers):
    line = Line(answers)
    seen = []
    reader = pn532.Pn532(line, Clock())
    task = asyncio.create_task(reader.run(seen.append))
    return line, seen, reader, task


def normal(card=b""):
    return {SAM: ACK + SAM_DONE, LIST: ACK + card}


async def test_it_wakes_the_chip_and_waits_for_a_card():
    line, seen, reader, task = start(normal())
    await until(lambda: LIST in line.written)
    assert line.written == [WAKE + SAM, LIST]
    assert seen == []
    line.send(CARD4)
    await until(lambda: seen)
    assert seen == [UID4]
    assert reader.alive
    assert reader.errors == 0
    task.cancel()


async def test_a_card_that_stays_is_told_once_and_another_at_once():
    cards = [CARD4, CARD4, CARD4, CARD7]
    _, seen, _, task = start(normal() | {LIST: lambda: ACK + (cards.pop(0) if cards else b"")})
    await until(lambda: not cards and len(seen) == 2)
    assert seen == [UID4, UID7]
    task.cancel()


async def test_a_card_that_was_away_is_told_again():
    line, seen, _, task = start(normal())
    await until(lambda: LIST in line.written)
    line.send(CARD4)
    await until(lambda: len(seen) == 1)
    gone_ms = time.ticks_ms()
    await until(lambda: time.ticks_diff(time.ticks_ms(), gone_ms) > pn532._GONE_MS + 100)
    line.send(CARD4)
    await until(lambda: len(seen) == 2)
    task.cancel()


async def test_without_a_card_it_gives_up_in_time_and_asks_again():
    card_ms = pn532._CARD_MS
    pn532._CARD_MS = 50
    try:
        line, seen, reader, task = start(normal())
        await until(lambda: line.written.count(LIST) >= 3)
    finally:
        pn532._CARD_MS = card_ms
    assert line.written[1:4] == [LIST, ACK, LIST]
    assert reader.errors == 0
    assert seen == []
    task.cancel()


async def test_a_reader_that_does_not_answer_is_started_again():
    lost_ms, reply_ms = pn532._LOST_MS, pn532._REPLY_MS
    pn532._LOST_MS = pn532._REPLY_MS = 30
    try:
        line, seen, reader, task = start({})
        await until(lambda: reader.errors >= 2)
        assert not reader.alive
        line.answers = normal(CARD7)
        await until(lambda: seen)
    finally:
        pn532._LOST_MS, pn532._REPLY_MS = lost_ms, reply_ms
    assert seen == [UID7]
    assert reader.alive
    task.cancel()


async def test_rubbish_on_the_line_costs_no_card():
    line, seen, _, task = start(normal())
    await until(lambda: LIST in line.written)
    line.send(b"\x00\x00\xff\x05\x00" + b"\xaa" * 7)
    line.send(CARD4[:9])
    await asyncio.sleep_ms(20)  # the frame comes in two pieces
    line.send(CARD4[9:])
    await until(lambda: seen)
    assert seen == [UID4]
    task.cancel()


async def test_a_frame_in_two_pieces_is_waited_for():
    line, seen, reader, task = start(normal())
    await until(lambda: LIST in line.written)
    await asyncio.sleep_ms(20)  # the acknowledgement has been read: the halves come by themselves
    line.send(CARD7[:5])
    await asyncio.sleep_ms(20)
    assert not task.done()
    line.send(CARD7[5:])
    await until(lambda: seen)
    assert (seen, reader.errors) == ([UID7], 0)
    task.cancel()


async def test_an_acknowledgement_out_of_place_costs_a_start_of_the_reader_only():
    lost_ms = pn532._LOST_MS
    pn532._LOST_MS = 30
    try:
        line, seen, reader, task = start(normal())
        await until(lambda: LIST in line.written)
        await asyncio.sleep_ms(20)
        line.send(ACK)
        await until(lambda: reader.errors == 1 and line.written.count(LIST) == 2)
        line.send(CARD4)
        await until(lambda: seen)
    finally:
        pn532._LOST_MS = lost_ms
    assert seen == [UID4]
    task.cancel()


async def test_rubbish_that_promises_a_long_frame_is_forgotten_with_the_next_start():
    lost_ms, reply_ms = pn532._LOST_MS, pn532._REPLY_MS
    pn532._LOST_MS = pn532._REPLY_MS = 30
    try:
        line, seen, reader, task = start({})
        await until(lambda: line.written)
        line.send(b"\x00\xff\xfe\x02")  # 254 bytes to come, says its length
        await until(lambda: reader.errors)
        line.answers = normal(CARD7)
        await until(lambda: seen)
    finally:
        pn532._LOST_MS, pn532._REPLY_MS = lost_ms, reply_ms
    assert (seen, reader.errors) == ([UID7], 1)
    task.cancel()
