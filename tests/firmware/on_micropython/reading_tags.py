"""The tag reader against a line at byte level: rounds, calls by number, silence, refusals, rubbish."""

import asyncio
import io
from binascii import hexlify, unhexlify

from cabinet import r200
from cabinet.pn532 import ReaderError

EPC = unhexlify("30751feb705c5904e3d50d70")
NOTICE = unhexlify("bb02220011c9340030751feb705c5904e3d50d703a76ef7e")
NO_TAG = unhexlify("bb01ff000115167e")
DONE = {
    "bb00280000287e": unhexlify("bb01280001002a7e"),
    "bb00b6000207d08f7e": unhexlify("bb01b6000100b87e"),
    "bb0012000101147e": unhexlify("bb010c0001000e7e"),  # so the manual has it
    "bb0012000100137e": unhexlify("bb0112000100147e"),  # and so some readers
    "bb000c00130100000020600030751feb705c5904e3d50d70ad7e": unhexlify("bb010c0001000e7e"),
}


class Line(io.IOBase):
    """A serial line; `answers` says what comes back for a command, in pieces of a few bytes."""

    def __init__(self, answers):
        self.answers = dict(DONE)
        self.answers.update(answers)
        self.written = []
        self._received = b""

    def write(self, data):
        command = hexlify(data).decode()
        self.written.append(command)
        self._received += self.answers.get(command, b"")
        return len(data)

    def read(self, count=-1):
        data = self._received[: min(count, 7)]
        self._received = self._received[len(data) :]
        return data

    def ioctl(self, request, argument):
        if request == 3:
            return argument & 1 if self._received else 0
        return 0


def reading(line, work):
    """Run `work(reader)` beside the reader's task."""

    async def both():
        reader = r200.R200(line, 0xBB, 0x7E, 2000)
        listening = asyncio.create_task(reader.run())
        try:
            return await asyncio.wait_for(work(reader), 10)
        finally:
            listening.cancel()

    return asyncio.run(both())


def refused(line, work):
    try:
        reading(line, work)
    except ReaderError as error:
        return str(error)
    return ""


def test_a_start_stops_sets_the_power_and_calls_nobody():
    line = Line({})
    reading(line, lambda reader: reader.start())
    assert line.written == ["bb00280000287e", "bb00b6000207d08f7e", "bb0012000101147e"]


def test_a_round_gives_each_tag_and_ends_with_silence():
    heard = []
    line = Line({"bb00220000227e": NOTICE + NO_TAG + NOTICE})
    reading(line, lambda reader: reader.poll(heard.append))
    assert heard == [EPC, EPC]


def test_a_round_without_tags_is_a_round():
    heard = []
    reading(Line({"bb00220000227e": NO_TAG}), lambda reader: reader.poll(heard.append))
    assert heard == []


def test_a_reader_that_does_not_answer_is_not_an_empty_cabinet():
    assert "silence" in refused(Line({}), lambda reader: reader.poll(lambda epc: None))
    assert "b6" in refused(Line({"bb00b6000207d08f7e": b""}), lambda reader: reader.start())
    assert "silence" in refused(Line({}), lambda reader: reader.ask(EPC, 12))


def test_a_round_that_never_ends_is_given_up():
    class Chatter(Line):
        def read(self, count=-1):
            return NO_TAG

        def ioctl(self, request, argument):
            return argument & 1 if request == 3 else 0

    assert "more" in refused(Chatter({}), lambda reader: reader.poll(lambda epc: None))


def test_a_refused_command_is_said():
    line = Line({"bb00b6000207d08f7e": unhexlify("bb01ff000117187e")})
    assert "to be done" in refused(line, lambda reader: reader.start())


def test_answers_left_of_a_round_are_passed_over():
    reading(Line({"bb00b6000207d08f7e": NOTICE + NO_TAG + DONE["bb00b6000207d08f7e"]}), lambda reader: reader.start())


def test_a_tag_is_called_by_its_number_and_its_answers_are_counted():
    other = bytearray(NOTICE)
    other[10] ^= 1  # its CRC no longer fits
    other[-2] = sum(other[1:-2]) & 0xFF
    line = Line({"bb002700032200045" + "07e": NOTICE + NO_TAG + bytes(other) + NOTICE})
    assert reading(line, lambda reader: reader.ask(EPC, 4)) == (2, 4)
    assert line.written[0] == "bb000c00130100000020600030751feb705c5904e3d50d70ad7e"
    assert line.written[1:] == ["bb0012000100137e", "bb00270003220004507e"]


def test_rounds_that_never_came_do_not_count_as_asked():
    line = Line({"bb00270003220004507e": NOTICE + NO_TAG})
    assert reading(line, lambda reader: reader.ask(EPC, 4)) == (1, 2)
