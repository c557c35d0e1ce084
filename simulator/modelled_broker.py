"""An MQTT 3.1.1 broker as far as a shop needs one, in virtual time, that can be as bad as brokers are.

Controllers speak to it in bytes (OASIS MQTT 3.1.1, sections 3.1 to 3.14); the gateway through `GatewaySide`, where it
has its MQTT client otherwise. It keeps retained messages and last wills, and takes a connection over when its client
id comes again. It sees no production code. What it does to messages on the way to the gateway is drawn from `Manners`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

CONNECT, PUBLISH, PUBACK, SUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 4, 8, 12, 14
_CONNACK = b"\x20\x02\x00"
_PINGRESP = b"\xd0\x00"


class Far(Protocol):
    """The other end of a TCP connection, as the broker sees it."""

    def send(self, data: bytes) -> None:
        """Bytes to the client."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


@dataclass
class Manners:
    """How often, in a million messages, one is doubled, held back by seconds, or let past by the next."""

    duplicate_ppm: int = 0
    delay_ppm: int = 0
    reorder_ppm: int = 0


@dataclass(frozen=True)
class Message:
    """A message on its way; `mid` is the broker's number for it on this connection."""

    topic: str
    payload: bytes
    qos: int
    mid: int = 0


@dataclass
class Client:
    """One connected controller."""

    far: Far
    name: str = ""
    keepalive_s: int = 0
    will: Message | None = None
    topics: set[str] = field(default_factory=set)
    heard_at: float = 0.0
    packet_id: int = 0
    unread: bytes = b""


class Broker:
    """`counts` tells how often it misbehaved."""

    def __init__(self, random: Random, loop: asyncio.AbstractEventLoop):
        self.manners = Manners()
        self.counts = {"broker_duplicate": 0, "broker_delay": 0, "broker_reorder": 0}
        self.on_message: Callable[[str, bytes], None] = lambda topic, payload: None
        self._random = random
        self._loop = loop
        self._clients: list[Client] = []
        self._retained: dict[str, Message] = {}
        self._gateway: Callable[[Message], None] | None = None
        self._gateway_lost: Callable[[], None] = lambda: None
        self._mid = 0
        self._held: Message | None = None
        self._up = True

    # ---- life ----

    @property
    def up(self) -> bool:
        """Whether it runs."""
        return self._up

    @property
    def hears_gateway(self) -> bool:
        """Whether somebody gets what is published."""
        return self._up and self._gateway is not None

    def stop(self, *, forget: bool) -> None:
        """Die; with `forget` what was retained is gone as well."""
        self._up = False
        for client in self._clients[:]:
            client.will = None  # a dead broker publishes nothing
            self._drop(client)
        self._held = None
        if forget:
            self._retained.clear()
        lost, self._gateway = self._gateway, None
        if lost is not None:
            self._gateway_lost()

    def start(self) -> None:
        """Run again."""
        self._up = True

    # ---- the gateway's side ----

    def connect_gateway(self, deliver: Callable[[Message], None], lost: Callable[[], None]) -> bool:
        """The gateway subscribes to everything: `deliver` gets it, retained messages first. False when down."""
        if not self._up:
            return False
        self._gateway, self._gateway_lost = deliver, lost
        for topic in sorted(self._retained):
            self._to_gateway(self._retained[topic])
        return True

    def leave_gateway(self) -> None:
        """The gateway is gone."""
        self._gateway = None

    def publish_from_gateway(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """A message to controllers; lost when the broker is down."""
        if self._up:
            self.on_message(topic, payload)
            self._publish(Message(topic, payload, qos), retain=retain)

    def publish_strange(self, topic: str, payload: bytes) -> None:
        """A message of somebody unknown, on its way to the gateway."""
        if self._up:
            self._to_gateway(Message(topic, payload, 1))

    # ---- the controllers' side ----

    def accept(self, far: Far) -> Client:
        """A new connection."""
        client = Client(far, heard_at=self._loop.time())
        self._clients.append(client)
        return client

    def receive(self, client: Client, data: bytes) -> None:
        """Bytes of a client."""
        client.heard_at = self._loop.time()
        client.unread += data
        while client in self._clients and (packet := _take_packet(client)) is not None:
            self._take(client, *packet)

    def lost(self, client: Client) -> None:
        """The connection broke."""
        if client in self._clients:
            self._clients.remove(client)
            self._publish_will(client)

    def _drop(self, client: Client) -> None:
        if client in self._clients:
            self._clients.remove(client)
            client.far.close()
            self._publish_will(client)

    def _publish_will(self, client: Client) -> None:
        if client.will is not None:
            will, client.will = client.will, None
            self._from_controller(will, retain=True)

    def _take(self, client: Client, kind: int, flags: int, body: bytes) -> None:
        if kind == CONNECT:
            self._take_connect(client, body)
        elif kind == PUBLISH:
            self._take_publish(client, flags, body)
        elif kind == SUBSCRIBE:
            self._take_subscribe(client, body)
        elif kind == PINGREQ:
            client.far.send(_PINGRESP)
        elif kind == DISCONNECT:
            client.will = None
            self._drop(client)

    def _take_connect(self, client: Client, body: bytes) -> None:
        flags, client.keepalive_s = body[7], int.from_bytes(body[8:10], "big")
        name, at = _text(body, 10)
        if flags & 4:
            topic, at = _text(body, at)
            length = int.from_bytes(body[at : at + 2], "big")
            client.will = Message(topic, body[at + 2 : at + 2 + length], flags >> 3 & 3)
        for other in self._clients[:]:
            if other.name == name:
                self._drop(other)
        client.name = name
        client.far.send(_CONNACK + b"\x00")
        self._watch(client)

    def _watch(self, client: Client) -> None:
        """Drop a client that has been silent for one and a half times its keepalive."""
        if client not in self._clients or not client.keepalive_s:
            return
        due = client.heard_at + client.keepalive_s * 1.5
        if self._loop.time() >= due:
            self._drop(client)
        else:
            self._loop.call_at(due, self._watch, client)

    def _take_subscribe(self, client: Client, body: bytes) -> None:
        at, codes = 2, b""
        wanted = []
        while at < len(body):
            topic, at = _text(body, at)
            codes += bytes([min(body[at], 1)])
            at += 1
            wanted.append(topic)
        client.topics.update(wanted)
        client.far.send(b"\x90" + bytes([2 + len(codes)]) + body[:2] + codes)
        for topic in wanted:
            if topic in self._retained:
                self._to_client(client, self._retained[topic], retained=True)

    def _take_publish(self, client: Client, flags: int, body: bytes) -> None:
        topic, at = _text(body, 0)
        qos = flags >> 1 & 3
        if qos:
            packet_id = body[at : at + 2]
            at += 2
        self._from_controller(Message(topic, body[at:], qos), retain=bool(flags & 1))
        if qos:
            client.far.send(b"\x40\x02" + packet_id)

    def _from_controller(self, message: Message, *, retain: bool) -> None:
        self.on_message(message.topic, message.payload)
        if retain:
            self._retain(message)
        self._draw(message)

    def _publish(self, message: Message, *, retain: bool) -> None:
        if retain:
            self._retain(message)
        for client in self._clients:
            if message.topic in client.topics:
                self._to_client(client, message)

    def _retain(self, message: Message) -> None:
        if message.payload:
            self._retained[message.topic] = message
        else:
            self._retained.pop(message.topic, None)  # section 3.3.1.3: an empty one takes it away

    def _to_client(self, client: Client, message: Message, *, retained: bool = False) -> None:
        name = message.topic.encode()
        body = len(name).to_bytes(2, "big") + name
        if message.qos:
            client.packet_id = client.packet_id % 65535 + 1
            body += client.packet_id.to_bytes(2, "big")
        head = 0x30 | message.qos << 1 | retained
        client.far.send(bytes([head]) + _length(len(body) + len(message.payload)) + body + message.payload)

    # ---- on the way to the gateway ----

    def _draw(self, message: Message) -> None:
        """Pass a message on, as well or badly as it is drawn."""
        draw, manners = self._random.randrange(1_000_000), self.manners
        held, self._held = self._held, None
        if draw < manners.duplicate_ppm:
            self.counts["broker_duplicate"] += 1
            self._to_gateway(message)
        elif draw < manners.duplicate_ppm + manners.delay_ppm:
            self.counts["broker_delay"] += 1
            self._loop.call_later(self._random.uniform(0.1, 20.0), self._to_gateway, message)
            message = held or message
            if held is None:
                return
            held = None
        elif draw < manners.duplicate_ppm + manners.delay_ppm + manners.reorder_ppm and held is None:
            self.counts["broker_reorder"] += 1
            self._held = message
            self._loop.call_later(5.0, self._let_go, message)  # nobody may ever come to pass it
            return
        self._to_gateway(message)
        if held is not None:
            self._to_gateway(held)

    def _let_go(self, message: Message) -> None:
        if self._held is message:
            self._held = None
            self._to_gateway(message)

    def _to_gateway(self, message: Message) -> None:
        if self._gateway is not None and self._up:
            self._mid = self._mid % 65535 + 1
            self._gateway(Message(message.topic, message.payload, message.qos, self._mid))


def _take_packet(client: Client) -> tuple[int, int, bytes] | None:
    """Kind, flags and body of the next whole packet (MQTT 3.1.1, section 2.2)."""
    data = client.unread
    length, shift, at = 0, 0, 1
    while True:
        if at >= len(data):
            return None
        length |= (data[at] & 0x7F) << shift
        at += 1
        if not data[at - 1] & 0x80:
            break
        shift += 7
    if len(data) < at + length:
        return None
    client.unread = data[at + length :]
    return data[0] >> 4, data[0] & 15, data[at : at + length]


def _text(body: bytes, at: int) -> tuple[str, int]:
    length = int.from_bytes(body[at : at + 2], "big")
    return body[at + 2 : at + 2 + length].decode(), at + 2 + length


def _length(value: int) -> bytes:
    digits = bytearray()
    while True:
        value, digit = divmod(value, 128)
        digits.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(digits)
