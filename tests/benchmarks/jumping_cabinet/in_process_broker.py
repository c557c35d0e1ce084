"""Runs under MicroPython: a TCP connection to a broker with a gateway behind it, both inside the controller's process.

Answers what the firmware's link needs to be at rest: CONNACK, SUBACK, PUBACK, PINGRESP, a `journal_ack` for whatever
was said, and the time for each `health`. Loses and delays nothing.
"""

import json

import virtual_asyncio
import virtual_time

ANSWER_MS = 5
_YEAR_2026_MS = 1767225600000
_ECONNREFUSED = 111


class Connection(virtual_asyncio.InProcessStream):
    """A socket whose other end answers at once; `reachable` False: nobody listens."""

    reachable = True

    def __init__(self):
        self._received = b""
        self._sent = b""
        self._through = 0
        self._closed = False

    def setblocking(self, blocking):
        """It never does."""

    def connect(self, address):
        if not Connection.reachable:
            raise OSError(_ECONNREFUSED)

    def close(self):
        self._closed = True

    def ready(self, events):
        return events if self._received else events & ~1

    def read(self, count):
        data = self._received[:count]
        self._received = self._received[count:]
        return data or None

    def write(self, data):
        self._sent += bytes(data)
        while self._take():
            pass
        return len(data)

    def _take(self):
        """Answer one whole packet; False when there is none."""
        data = self._sent
        length, at = _length(data)
        if at < 0 or len(data) < at + length:
            return False
        self._sent = data[at + length :]
        self._answer(data[0], data[at : at + length])
        return True

    def _answer(self, head, body):
        kind = head >> 4
        if kind == 1:
            self._say(b"\x20\x02\x00\x00")
        elif kind == 8:
            self._say(b"\x90\x06" + body[:2] + b"\x01\x01\x01\x01")
        elif kind == 12:
            self._say(b"\xd0\x00")
        elif kind == 3:
            at = 2 + (body[0] << 8 | body[1])
            leaf = body[2:at].decode().split("/")[-1]
            if head & 6:
                self._say(b"\x40\x02" + body[at : at + 2])
                at += 2
            self._hear(leaf, body[at:])

    def _hear(self, leaf, payload):
        if leaf == "live":
            return
        word = json.loads(payload.split(b"\n")[-1])
        if leaf == "event":
            self._through = max(self._through, word["seq"])
        through = self._through
        self._publish(
            "journal_ack", '"epoch":"%s","through":%d,"in_cloud":%d,"again":0' % (word["epoch"], through, through)
        )
        if leaf == "health":
            at_ms = _YEAR_2026_MS + word["up_ms"]
            self._publish("time", '"boot":%d,"up_ms":%d,"utc_ms":%d' % (word["boot"], word["up_ms"], at_ms))

    def _publish(self, leaf, fields):
        topic = b"partsbay/1/cab-1/" + leaf.encode()
        body = bytes((0, len(topic))) + topic + b'{"v":1,' + fields.encode() + b"}"
        self._say(b"\x30" + bytes((len(body) & 127 | 128, len(body) >> 7)) + body)

    def _say(self, data):
        virtual_time.after_ms(ANSWER_MS, self._arrive, data)

    def _arrive(self, data):
        if not self._closed:
            self._received += data
            self.wake()


def _length(data):
    """The remaining length of a packet and where its body begins; (0, -1) before that is known."""
    length = shift = 0
    for at in range(1, len(data)):
        length |= (data[at] & 127) << shift
        shift += 7
        if data[at] < 128:
            return length, at + 1
    return 0, -1
