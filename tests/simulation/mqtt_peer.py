"""A client of the modelled broker that knows MQTT 3.1.1 from the standard only, and somebody in the gateway's place.

Packets are written here byte by byte after OASIS MQTT 3.1.1, section 3; nothing of the product or of the model is
used for that.
"""

import asyncio
from random import Random
from typing import Any

from simulator.modelled_broker import Broker, Client, Message

CLEAN, WILL, WILL_QOS1, WILL_RETAINED = 0x02, 0x04, 0x08, 0x20
CONNACK = bytes.fromhex("20020000")
PINGREQ, PINGRESP = bytes.fromhex("c000"), bytes.fromhex("d000")
DISCONNECT = bytes.fromhex("e000")


def text(value: str) -> bytes:
    """Section 1.5.3: two bytes of length, then UTF-8."""
    data = value.encode()
    return bytes([len(data) >> 8, len(data) & 255]) + data


def packet(head: int, body: bytes) -> bytes:
    """Sections 2.2 and 2.2.3, for bodies of less than 16,384 bytes."""
    if len(body) < 128:
        return bytes([head, len(body)]) + body
    return bytes([head, len(body) % 128 | 0x80, len(body) // 128]) + body


def connect(name: str, keepalive_s: int = 0, will: tuple[str, bytes] | None = None) -> bytes:
    """Section 3.1; a will is retained, at QoS 1."""
    flags, after = CLEAN, b""
    if will is not None:
        flags |= WILL | WILL_QOS1 | WILL_RETAINED
        after = text(will[0]) + bytes([len(will[1]) >> 8, len(will[1]) & 255]) + will[1]
    head = b"\x00\x04MQTT\x04" + bytes([flags, keepalive_s >> 8, keepalive_s & 255])
    return packet(0x10, head + text(name) + after)


def publish(topic: str, payload: bytes, packet_id: int = 0, *, retain: bool = False) -> bytes:
    """Section 3.3; at QoS 1 when there is a packet id."""
    number = bytes([packet_id >> 8, packet_id & 255]) if packet_id else b""
    return packet(0x30 | (2 if packet_id else 0) | retain, text(topic) + number + payload)


def subscribe(packet_id: int, *topics: str) -> bytes:
    """Section 3.8; each topic at QoS 1."""
    return packet(0x82, bytes([packet_id >> 8, packet_id & 255]) + b"".join(text(topic) + b"\x01" for topic in topics))


class Peer:
    """One connection to the broker, and every byte that came over it."""

    def __init__(self, broker: Broker, *packets: bytes):
        self.heard = b""
        self.closed = False
        self._broker = broker
        self._client: Client = broker.accept(self)
        for one in packets:
            self.say(one)

    def send(self, data: bytes) -> None:
        """From the broker."""
        self.heard += data

    def close(self) -> None:
        """The broker closes."""
        self.closed = True

    def say(self, data: bytes) -> None:
        """To the broker."""
        self._broker.receive(self._client, data)

    def break_off(self) -> None:
        """The connection breaks."""
        self._broker.lost(self._client)

    def take(self) -> bytes:
        """What has come since the last time."""
        heard, self.heard = self.heard, b""
        return heard


class Gateway:
    """Whoever subscribes to everything, and when each message came."""

    def __init__(self, broker: Broker, loop: asyncio.AbstractEventLoop):
        self.messages: list[Message] = []
        self.at_s: list[float] = []
        self.losses = 0
        self._broker = broker
        self._loop = loop

    def connect(self) -> bool:
        """Connect to the broker; False when it is down."""
        return self._broker.connect_gateway(self._came, self._lost)

    def payloads(self) -> list[bytes]:
        """What came, in order."""
        return [message.payload for message in self.messages]

    def _came(self, message: Message) -> None:
        self.messages.append(message)
        self.at_s.append(self._loop.time())

    def _lost(self) -> None:
        self.losses += 1


def broker_and_gateway(loop: asyncio.AbstractEventLoop, *seed: Any) -> tuple[Broker, Gateway]:
    """A well-behaved broker with a gateway on it."""
    broker = Broker(Random(repr(seed)), loop)
    gateway = Gateway(broker, loop)
    assert gateway.connect()
    return broker, gateway
