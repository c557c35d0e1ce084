"""MQTT packets byte by byte, against MQTT 3.1.1 and against paho's own encoder; and what a broker must not send."""

import socket
import struct

import paho.mqtt.client as paho
import pytest
from cabinet import mqtt

PUBLISH = bytes.fromhex("32 0b 0003 612f62 000a 686579 21")  # QoS 1, topic a/b, packet id 10, "hey!"


def parse(data: bytes, piece: int = 1 << 20) -> list[object]:
    parser = mqtt.Parser(1000)
    found: list[object] = []
    for at in range(0, len(data), piece):
        found += parser.feed(data[at : at + piece])
    return found


def test_publish_is_laid_out_as_the_standard_says() -> None:
    assert mqtt.publish("a/b", b"hey!", 1, 10) == PUBLISH
    assert mqtt.publish("a/b", b"", 1, 10, retain=True) == bytes.fromhex("33 07 0003 612f62 000a")
    assert mqtt.publish("a/b", b"x") == bytes.fromhex("30 06 0003 612f62 78")


@pytest.mark.parametrize(
    ("length", "encoded"),
    [(0, "00"), (127, "7f"), (128, "8001"), (16383, "ff7f"), (16384, "808001"), (2097151, "ffff7f")],
)
def test_a_remaining_length_is_that_of_the_standard(length: int, encoded: str) -> None:
    if length < 3:
        assert bytes.fromhex("c0" + encoded) == mqtt.PINGREQ
        return
    packet = mqtt.publish("a", b"x" * (length - 3))
    assert packet[: 1 + len(encoded) // 2].hex() == "30" + encoded


def test_the_other_packets_are_laid_out_as_the_standard_says() -> None:
    assert mqtt.subscribe(2, ["a", "b/c"]) == bytes.fromhex("82 0c 0002 0001 61 01 0003 622f63 01")
    assert mqtt.puback(0x1234) == bytes.fromhex("40 02 1234")
    assert bytes.fromhex("c000") == mqtt.PINGREQ
    assert bytes.fromhex("e000") == mqtt.DISCONNECT


def test_connect_has_the_bytes_that_paho_sends() -> None:
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="partsbay-cab-1", clean_session=True)
    client.username_pw_set("cab-1", "密码")
    client.will_set("partsbay/1/cab-1/state", b"gone", qos=1, retain=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client.connect_async("127.0.0.1", listener.getsockname()[1], keepalive=30)
        client.loop_start()
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(20)
            expected = connection.recv(1000)
            client.disconnect()
        client.loop_stop()
        client.reinitialise()  # or the sockets by which its thread was woken stay open
    found = mqtt.connect("partsbay-cab-1", 30, "cab-1", "密码", "partsbay/1/cab-1/state", b"gone")
    assert found == expected


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 1000])
def test_packets_come_out_whole_however_the_bytes_arrive(piece: int) -> None:
    stream = bytes.fromhex("20020000") + PUBLISH + bytes.fromhex("d000 4002000a 9004 0002 01 80") + PUBLISH
    found = parse(stream, piece)
    publish = mqtt.Publish("a/b", bytearray(b"hey!"), 1, 10)
    expected = [mqtt.Connack(0), publish, mqtt.Pingresp(), mqtt.Puback(10), mqtt.Suback(2, b"\x01\x80"), publish]
    assert found == expected


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("0000", "expected a packet from a broker, found a first byte of 0x00"),
        ("8000", "expected a packet from a broker"),
        ("30ffffffff7f", "expected a length of at most 4 bytes"),
        ("30e907", "expected a packet of at most 1000 bytes, found 1001"),
        ("30020040", "expected a whole PUBLISH, found 2 of 66"),
        ("300100", "expected a whole PUBLISH"),
        ("3203000161", "expected a whole PUBLISH, found 3 of 5"),
        ("36050001610001", "expected QoS 0 or 1, found 3"),
        ("34050001610001", "expected QoS 0 or 1, found 2"),
        ("3003000 1ff".replace(" ", ""), "expected a topic in UTF-8"),
        ("32050001610000", "expected a packet id from 1, found 0"),
        ("40020000", "expected a packet id from 1, found 0"),
        ("4003000100", "expected 2 bytes in packet 0x40, found 3"),
        ("21020000", "expected no flags in packet 0x21"),
        ("90020001", "expected a SUBACK of 3 bytes or more, found 2"),
        ("d00100", "expected 0 bytes in packet 0xd0, found 1"),
    ],
)
def test_what_a_broker_must_not_send_is_refused_in_a_sentence(data: str, sentence: str) -> None:
    with pytest.raises(mqtt.MqttError) as caught:
        parse(bytes.fromhex(data))
    assert sentence in str(caught.value)


def test_a_packet_of_exactly_the_limit_is_taken() -> None:
    payload = b"x" * 997
    assert parse(mqtt.publish("a", payload)) == [mqtt.Publish("a", bytearray(payload), 0, 0)]
    assert struct.unpack(">H", mqtt.puback(65535)[2:]) == (65535,)


@pytest.mark.parametrize("chunk", [1, 7, 100, 5000])
@pytest.mark.parametrize("qos", [0, 1])
def test_a_large_publish_comes_in_pieces(qos: int, chunk: int) -> None:
    payload = bytes(number % 251 for number in range(3000))
    stream = mqtt.publish("a/b", payload, qos, 7 * qos) + PUBLISH
    parser = mqtt.Parser(4000, 200)
    found = [packet for at in range(0, len(stream), chunk) for packet in parser.feed(stream[at : at + chunk])]
    begin, *pieces, end, small = found
    assert begin == mqtt.PublishBegin("a/b", 3000)
    assert end == mqtt.PublishEnd(qos, 7 * qos)
    assert small == mqtt.Publish("a/b", bytearray(b"hey!"), 1, 10)
    assert all(isinstance(piece, mqtt.PublishPiece) for piece in pieces)
    assert all(len(piece.data) <= max(200, chunk) for piece in pieces)
    assert b"".join(bytes(piece.data) for piece in pieces) == payload


def test_a_publish_of_one_byte_more_than_is_held_comes_in_pieces() -> None:
    whole = mqtt.publish("a", b"x" * 97)
    more = mqtt.publish("a", b"x" * 98)
    assert mqtt.Parser(1000, 100).feed(whole) == [mqtt.Publish("a", bytearray(b"x" * 97), 0, 0)]
    begin, first, last, end = mqtt.Parser(1000, 100).feed(more)
    assert (begin.length, len(first.data), len(last.data), end) == (98, 97, 1, mqtt.PublishEnd(0, 0))


def test_no_other_packet_may_be_larger_than_what_is_held() -> None:
    with pytest.raises(mqtt.MqttError, match="expected a packet of at most 100 bytes, found 101"):
        mqtt.Parser(1000, 100).feed(bytes.fromhex("9065"))
