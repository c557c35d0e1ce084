"""A PN532 badge reader on a serial line: frames as in the NXP manual (UM0701), one card in the field at a time.

After power-up it sleeps until it sees 0x55. It acknowledges a command, then answers; InListPassiveTarget stays silent
until a card comes. An ACK or a new command from the host ends what it was doing.
"""

import virtual_time

ACK = b"\x00\x00\xff\x00\xff\x00"
ERROR = b"\x00\x00\xff\x01\xff\x7f\x81\x00"
_FIRMWARE_VERSION = b"\x03\x32\x01\x06\x07"
_GET_FIRMWARE_VERSION = 0x02
_SAM_CONFIGURATION = 0x14
_RF_CONFIGURATION = 0x32
_IN_LIST_PASSIVE_TARGET = 0x4A
_IN_DESELECT = 0x44
_IN_RELEASE = 0x52
_ANSWER_MS = 2
_LISTING_MS = 30
_INPUT_BYTES_MAX = 300
_ATS = b"\x10\x78\x80\x90\x02\x80\x90\x00\x00\x00\x00\x00\x00\x00\x00\x00"


def answer_frame(data):
    """A frame from the chip around command code + 1 and its data."""
    total = 0xD5
    for byte in data:
        total += byte
    length = len(data) + 1
    return b"\x00\x00\xff%c%c\xd5%s%c\x00" % (length, -length & 0xFF, data, -total & 0xFF)


def target_data(uid, iso14443_4):
    """What InListPassiveTarget answers: SENS_RES and SEL_RES by the length of the UID, an ATS for ISO 14443-4."""
    if iso14443_4:
        sens, sel = (b"\x00\x04" if len(uid) == 4 else b"\x03\x44"), 0x28 if len(uid) == 4 else 0x20
    else:
        sens, sel = (b"\x00\x04", 0x08) if len(uid) == 4 else (b"\x00\x44", 0x00)
    return b"\x4b\x01\x01%s%c%c%s%s" % (sens, sel, len(uid), uid, _ATS if iso14443_4 else b"")


class Pn532:
    """The chip; `receive` takes the host's bytes, `connect` says where its own go."""

    def __init__(self):
        self._arrive = None
        self._input = b""
        self._awake = False
        self._listing = False
        self._answer = None  # entry in the agenda
        self._card = None
        self.on_read = None  # called when a card has been handed to the host

    def connect(self, arrive):
        self._arrive = arrive

    def present(self, uid, iso14443_4=False):
        """Hold a card into the field."""
        self._card = (uid, iso14443_4)
        if self._listing:
            self._list()

    def take_away(self):
        self._card = None

    def receive(self, data, baudrate):
        if not self._awake:
            if b"\x55" not in data:
                return
            self._awake = True
        self._input += bytes(data)
        while self._step():
            pass
        if len(self._input) > _INPUT_BYTES_MAX:
            self._input = b""

    def _step(self):
        """Take one frame off the input; False when it is not complete."""
        data = self._input
        start = data.find(b"\x00\xff")
        if start < 0:
            self._input = data[-1:]
            return False
        data = self._input = data[start:]
        if len(data) < 4:
            return False
        length = data[2]
        if length == 0 and data[3] == 0xFF:
            self._input = data[4:]
            self._stop()
            return True
        if (length + data[3]) & 0xFF or not length:
            self._input = data[4:]
            return True
        if len(data) < 5 + length:
            return False
        body = data[4 : 5 + length]
        self._input = data[5 + length :]
        self._stop()
        if sum(body) & 0xFF or body[0] != 0xD4 or length < 2:
            self._send(ERROR, _ANSWER_MS)
        else:
            self._command(body[1], body[2:-1])
        return True

    def _stop(self):
        self._listing = False
        if self._answer is not None:
            virtual_time.agenda.drop(self._answer)
            self._answer = None

    def _command(self, code, _parameters):
        self._arrive(ACK)
        if code == _GET_FIRMWARE_VERSION:
            self._send(answer_frame(_FIRMWARE_VERSION), _ANSWER_MS)
        elif code == _IN_LIST_PASSIVE_TARGET:
            self._listing = True
            if self._card is not None:
                self._list()
        elif code in (_SAM_CONFIGURATION, _RF_CONFIGURATION):
            self._send(answer_frame(b"%c" % (code + 1)), _ANSWER_MS)
        elif code in (_IN_DESELECT, _IN_RELEASE):
            self._send(answer_frame(b"%c\x00" % (code + 1)), _ANSWER_MS)
        else:
            self._send(ERROR, _ANSWER_MS)

    def _list(self):
        self._answer = virtual_time.after_ms(_LISTING_MS, self._listed)

    def _listed(self):
        self._answer = None
        if self._card is None:  # gone before it was read
            return
        self._listing = False
        self._arrive(answer_frame(target_data(*self._card)))
        if self.on_read is not None:
            self.on_read()

    def _send(self, frame, ms):
        self._answer = virtual_time.after_ms(ms, self._sent, frame)

    def _sent(self, frame):
        self._answer = None
        self._arrive(frame)
