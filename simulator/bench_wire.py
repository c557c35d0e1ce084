"""Listens in on the wire between a controller and its broker, and keeps the last messages that passed.

Only looks: it never changes a byte. What it shows is what a broker would have to be asked for with every right.
"""

import contextlib
import time
from collections import deque
from dataclasses import dataclass

from cabinet import wire

MESSAGES_KEPT = 80
PAYLOAD_SHOWN = 600
PLOT_SECONDS = 120
_PUBLISH = 3
_LENGTH_BYTES_MAX = 4


@dataclass(frozen=True, slots=True)
class Passed:
    """One message: when, from the controller or to it, the last level of its topic, its payload as text."""

    number: int
    at_ms: int
    from_controller: bool
    leaf: str
    payload: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a bin's cell said: `mg` None when it gave no weight."""

    at_ms: int
    mg: int | None
    quality: int


class PacketReader:
    """MQTT 3.1.1 packets out of a stream of bytes, one direction of one connection."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[tuple[str, bytes]]:
        """The (topic, payload) of every PUBLISH that is complete now."""
        self._held += data
        found = []
        while (packet := self._next_packet()) is not None:
            kind, body = packet
            if kind >> 4 == _PUBLISH:
                found.append(_publish(kind, body))
        return found

    def _next_packet(self) -> tuple[int, bytes] | None:
        length, shift = 0, 0
        for at in range(1, 1 + _LENGTH_BYTES_MAX):
            if at >= len(self._held):
                return None
            length |= (self._held[at] & 0x7F) << shift
            shift += 7
            if self._held[at] < 0x80:
                break
        end = at + 1 + length
        if len(self._held) < end:
            return None
        packet = self._held[0], bytes(self._held[at + 1 : end])
        del self._held[:end]
        return packet


def _publish(kind: int, body: bytes) -> tuple[str, bytes]:
    size = int.from_bytes(body[:2], "big")
    after = 2 + size + (2 if kind & 0x06 else 0)  # a packet id follows the topic above QoS 0
    return body[2 : 2 + size].decode(errors="replace"), body[after:]


class Tap:
    """The messages and weights of one cabinet, newest last; `changes` grows with each."""

    def __init__(self) -> None:
        self.changes = 0
        self.messages: deque[Passed] = deque(maxlen=MESSAGES_KEPT)
        self.weights: dict[int, deque[Weighed]] = {}
        self._readers: dict[tuple[int, bool], PacketReader] = {}

    def listen(self, connection: int, from_controller: bool, data: bytes) -> None:
        """A `network.Listener`."""
        reader = self._readers.setdefault((connection, from_controller), PacketReader())
        for topic, payload in reader.feed(data):
            self._note(from_controller, topic.rsplit("/", 1)[-1], payload)
        for old in [key for key in self._readers if key[0] < connection]:
            del self._readers[old]

    def _note(self, from_controller: bool, leaf: str, payload: bytes) -> None:
        self.changes += 1
        at_ms = time.time_ns() // 1_000_000
        shown = payload[:PAYLOAD_SHOWN].decode(errors="replace")
        self.messages.append(Passed(self.changes, at_ms, from_controller, leaf, shown))
        if leaf == "live":
            with contextlib.suppress(wire.WireError):  # it is shown as it came, understood or not
                self._weigh(at_ms, wire.decode("live", payload)["bins"])

    def _weigh(self, at_ms: int, rows: list[list[int | None]]) -> None:
        for bin_, mg, quality in rows:
            kept = self.weights.setdefault(int(bin_ or 0), deque(maxlen=PLOT_SECONDS * 20))
            kept.append(Weighed(at_ms, mg, int(quality or 0)))
