"""MQTT 3.1.1 packets of a client: encoders, and a parser that takes bytes as they come and gives packets.

A PUBLISH too large to be held comes as `PublishBegin`, then its payload as `PublishPiece` after `PublishPiece` as it
arrives, then `PublishEnd`. Every other packet comes whole.

    MqttError   the broker sent what MQTT 3.1.1 or this client's limits do not allow: the connection is of no more use

Pure: no socket, no clock, no memory of what was sent. Knows QoS 0 and 1 only, and is never asked for more.
"""

import struct
from collections import namedtuple

Connack = namedtuple("Connack", ("code",))
Publish = namedtuple("Publish", ("topic", "payload", "qos", "packet_id"))
Puback = namedtuple("Puback", ("packet_id",))
Suback = namedtuple("Suback", ("packet_id", "codes"))
Pingresp = namedtuple("Pingresp", ())
PublishBegin = namedtuple("PublishBegin", ("topic", "length"))
PublishPiece = namedtuple("PublishPiece", ("data",))
PublishEnd = namedtuple("PublishEnd", ("qos", "packet_id"))

PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"
SUBSCRIPTION_REFUSED = 0x80

_LENGTH_BYTES_MAX = 4
_PUBLISH = 3


class MqttError(ValueError):
    """The broker sent what it must not send; the text says what was expected and what was found."""


# ---- encoding ----


def connect(client_id, keepalive_s, username, password, will_topic, will_payload):
    """CONNECT with a clean session; the will is retained, at QoS 1. Without a user (None) a certificate says who."""
    body = b"".join(
        (
            b"\x00\x04MQTT\x04",
            b"\x2e" if username is None else b"\xee",  # (user, password,) will retained at QoS 1, clean session
            struct.pack(">H", keepalive_s),
            _text(client_id),
            _text(will_topic),
            struct.pack(">H", len(will_payload)),
            will_payload,
            b"" if username is None else _text(username) + _text(password),
        )
    )
    return b"\x10" + _length(len(body)) + body


def publish(topic, payload, qos=0, packet_id=0, retain=False):
    """PUBLISH in one piece: two small writes would wait for each other."""
    name = _text(topic)
    number = struct.pack(">H", packet_id) if qos else b""
    head = bytes([0x30 | qos << 1 | (1 if retain else 0)])
    return b"".join((head, _length(len(name) + len(number) + len(payload)), name, number, payload))


def subscribe(packet_id, topics):
    """SUBSCRIBE to each topic at QoS 1."""
    body = struct.pack(">H", packet_id) + b"".join([_text(topic) + b"\x01" for topic in topics])
    return b"\x82" + _length(len(body)) + body


def puback(packet_id):
    """PUBACK of a PUBLISH that came at QoS 1."""
    return struct.pack(">BBH", 0x40, 2, packet_id)


def _text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def _length(length):
    out = bytearray()
    while True:
        digit = length & 0x7F
        length >>= 7
        out.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(out)


# ---- parsing ----


class Parser:
    """Bytes in, packets out. Refuses a packet of more than `bytes_max` after its first bytes, and holds `held_max`."""

    def __init__(self, bytes_max, held_max=1024):
        self._bytes_max = bytes_max
        self._held_max = held_max
        self._head = 0  # the first byte of the packet under way, 0 before it has come
        self._length = 0
        self._length_bytes = 0
        self._body = None
        self._filled = 0
        self._left = 0  # bytes still to come of a payload given in pieces
        self._end = None  # what ends it

    def feed(self, data):
        """The packets that `data` completes, in order; `MqttError` when it cannot be MQTT."""
        packets = []
        at = 0
        while at < len(data):
            if self._left:
                at += self._pass_on(data, at, packets)
            elif self._body is None:
                self._take_head_byte(data[at])
                at += 1
            else:
                at += self._fill(data, at)
            if self._body is not None and self._filled == len(self._body):
                self._finish(packets)
        return packets

    def _take_head_byte(self, byte):
        if not self._head:
            if byte >> 4 not in _DECODERS:
                raise MqttError("expected a packet from a broker, found a first byte of 0x%02x" % byte)
            self._head = byte
            self._length = self._length_bytes = 0
            return
        self._length |= (byte & 0x7F) << (7 * self._length_bytes)
        self._length_bytes += 1
        if byte & 0x80:
            if self._length_bytes == _LENGTH_BYTES_MAX:
                raise MqttError("expected a length of at most 4 bytes, found more")
            return
        self._begin_body()

    def _begin_body(self):
        bytes_max = self._bytes_max if self._head >> 4 == _PUBLISH else self._held_max
        if self._length > bytes_max:
            raise MqttError("expected a packet of at most %d bytes, found %d" % (bytes_max, self._length))
        self._body = bytearray(min(self._length, self._held_max))
        self._filled = 0

    def _fill(self, data, at):
        count = min(len(data) - at, len(self._body) - self._filled)
        self._body[self._filled : self._filled + count] = data[at : at + count]
        self._filled += count
        return count

    def _finish(self, packets):
        """What has been gathered is a packet, or the beginning of a large one."""
        self._left = self._length - len(self._body)
        packet = _decode(self._head, self._body)
        self._head = 0
        self._body = None
        if not self._left:
            packets.append(packet)
            return
        packets.append(PublishBegin(packet.topic, len(packet.payload) + self._left))
        packets.append(PublishPiece(packet.payload))
        self._end = PublishEnd(packet.qos, packet.packet_id)

    def _pass_on(self, data, at, packets):
        count = min(len(data) - at, self._left)
        packets.append(PublishPiece(data[at : at + count]))
        self._left -= count
        if not self._left:
            packets.append(self._end)
        return count


def _decode(head, body):
    decoder, length = _DECODERS[head >> 4]
    if head >> 4 != _PUBLISH and head & 0x0F:
        raise MqttError("expected no flags in packet 0x%02x" % head)
    if length >= 0 and len(body) != length:
        raise MqttError("expected %d bytes in packet 0x%02x, found %d" % (length, head, len(body)))
    return decoder(head, body)


def _decode_connack(head, body):
    return Connack(body[1])


def _decode_publish(head, body):
    qos = head >> 1 & 3
    if qos > 1:
        raise MqttError("expected QoS 0 or 1, found %d" % qos)
    at = 2 + (body[0] << 8 | body[1]) if len(body) >= 2 else 2
    if len(body) < at + 2 * qos:
        raise MqttError("expected a whole PUBLISH, found %d of %d bytes before the payload" % (len(body), at + 2 * qos))
    try:
        topic = str(memoryview(body)[2:at], "utf-8")
    except ValueError:
        raise MqttError("expected a topic in UTF-8, found %r" % bytes(body[2:at]))
    packet_id = _number(body, at) if qos else 0
    body[: at + 2 * qos] = b""  # what is left is the payload, without a second copy of it
    return Publish(topic, body, qos, packet_id)


def _decode_puback(head, body):
    return Puback(_number(body, 0))


def _decode_suback(head, body):
    if len(body) < 3:
        raise MqttError("expected a SUBACK of 3 bytes or more, found %d" % len(body))
    return Suback(_number(body, 0), bytes(body[2:]))


def _decode_pingresp(head, body):
    return Pingresp()


def _number(body, at):
    number = body[at] << 8 | body[at + 1]
    if not number:
        raise MqttError("expected a packet id from 1, found 0")
    return number


_DECODERS = {  # by packet type: the decoder and the length, -1 when it varies
    2: (_decode_connack, 2),
    _PUBLISH: (_decode_publish, -1),
    4: (_decode_puback, 2),
    9: (_decode_suback, -1),
    13: (_decode_pingresp, 0),
}
