"""An R200 tag reader on a serial line: frames as in the M100's protocol manual, tags from a field around it.

It has tags answer one after the other, a frame each, with the CRC that a tag makes over its PC and EPC. A round in
which nobody answers says so. While it polls, a new command ends the polling.
"""

import virtual_time

HEADER = 0xBB
TRAILER = 0x7E
_INFO = 0x03
_POLL = 0x22
_POLLS = 0x27
_STOP = 0x28
_SELECT = 0x0C
_SELECT_MODE = 0x12
_POWER = 0xB6
_FAILED = 0xFF
_NO_TAG = 0x15
_UNKNOWN = 0x17
_ANSWER_MS = 5
_ROUND_MS = 6  # of a round in which nobody answers
_TAG_MS = 10  # 100 tags a second: between the 35 and 130 of readers of this class
_INVENTORY_MS = 30000  # asked after a longer pause, it is another inventory to the field
_INPUT_BYTES_MAX = 100
_PC = b"\x34\x00"


def answer_frame(kind, code, data, header=HEADER, trailer=TRAILER):
    """A frame from the reader: type 1 an answer, 2 a tag."""
    body = bytes((kind, code, len(data) >> 8, len(data) & 0xFF)) + data
    return bytes((header,)) + body + bytes((sum(body) & 0xFF, trailer))


def genibus(data):
    """CRC-16 with polynomial 0x1021, from 0xFFFF, inverted: bit by bit."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = value << 1 ^ (0x11021 if value & 0x8000 else 0)
    return value ^ 0xFFFF


def tag_data(epc, wrong_bits=0):
    """RSSI, PC, EPC and CRC of a tag; `wrong_bits` turn over on the way, but not in its CRC."""
    crc = genibus(_PC + epc)
    heard = bytes((epc[0] ^ wrong_bits >> 8, epc[1] ^ wrong_bits & 0xFF)) + epc[2:]
    return b"\xc9" + _PC + heard + bytes((crc >> 8, crc & 0xFF))


class R200:
    """The chip over a `field`; `receive` takes the host's bytes, `connect` says where its own go."""

    def __init__(self, field, header=HEADER, trailer=TRAILER):
        self.field = field
        self.dead = False  # without power, or its plug is out
        self._header = header
        self._trailer = trailer
        self._arrive = None
        self._input = b""
        self._entry = None  # in the agenda: what it says next
        self._rounds = 0  # still to be polled
        self._mask = b""
        self._mode = 2
        self._polled_us = -_INVENTORY_MS * 2000

    def connect(self, arrive):
        self._arrive = arrive

    def receive(self, data, baudrate):
        if self.dead:
            return
        self._input += bytes(data)
        while self._step():
            pass
        if len(self._input) > _INPUT_BYTES_MAX:
            self._input = b""

    def _step(self):
        """Take one command off the input; False when it is not complete."""
        data = self._input
        start = data.find(bytes((self._header,)))
        data = self._input = data[start:] if start >= 0 else b""
        if len(data) < 7:
            return False
        end = 5 + (data[3] << 8 | data[4])
        if len(data) < end + 2:
            return False
        if data[end + 1] != self._trailer or sum(data[1:end]) & 0xFF != data[end]:
            self._input = data[1:]
            return True
        self._input = data[end + 2 :]
        self._stop()
        self._command(data[2], data[5:end])
        return True

    def _stop(self):
        self._rounds = 0
        if self._entry is not None:
            virtual_time.agenda.drop(self._entry)
            self._entry = None

    def _command(self, code, data):
        if code == _POLL:
            self._begin(1)
        elif code == _POLLS:
            self._begin(data[1] << 8 | data[2])
        elif code == _SELECT:
            self._mask = data[7:]
            self._mode = 2
            self._say(_ANSWER_MS, 1, _SELECT, b"\x00")
        elif code == _SELECT_MODE:
            self._mode = data[0]
            self._say(_ANSWER_MS, 1, _SELECT, b"\x00")  # so the manual shows it
        elif code in (_STOP, _POWER):
            self._say(_ANSWER_MS, 1, code, b"\x00")
        elif code == _INFO:
            self._say(_ANSWER_MS, 1, code, b"\x00M100 26dBm V1.0")
        else:
            self._say(_ANSWER_MS, 1, _FAILED, bytes((_UNKNOWN,)))

    # ---- polling ----

    def _begin(self, rounds):
        now_us = virtual_time.clock.now_us()
        if now_us - self._polled_us > _INVENTORY_MS * 1000:
            self.field.begin()
        self._rounds = rounds
        self._entry = virtual_time.after_ms(_ROUND_MS, self._round)

    def _round(self):
        """One round: who answers, then each in its turn."""
        self._polled_us = virtual_time.clock.now_us()
        field = self.field
        asked = [self._mask] if self._mode == 0 else list(field.inside) + sorted(field.outside)
        self._rounds -= 1
        self._next([epc for epc in asked if field.answers(epc)], True)

    def _next(self, heard, first):
        """Say one tag; after the last the next round begins."""
        if heard:
            self._say(_TAG_MS, 2, _POLL, tag_data(heard.pop(0), self.field.ghost()), heard)
        elif first:
            self._say(0, 1, _FAILED, bytes((_NO_TAG,)), heard)
        elif self._rounds > 0:
            self._entry = virtual_time.after_ms(_ROUND_MS, self._round)

    def _say(self, ms, kind, code, data, heard=None):
        self._entry = virtual_time.after_ms(ms, self._said, kind, code, data, heard)

    def _said(self, kind, code, data, heard):
        self._entry = None
        if self.dead:
            return
        self._arrive(answer_frame(kind, code, data, self._header, self._trailer))
        if heard is not None:
            self._next(heard, False)
