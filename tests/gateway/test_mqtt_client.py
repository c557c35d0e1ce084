"""The gateway's connection at a broker that grants not every subscription at once: it asks again for what is left."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from edge_gateway import mqtt_client
from edge_gateway.broker import BrokerAddress
from edge_gateway.mqtt_client import MqttClient
from tests.firmware.brokers import wait_until

CONNACK = bytes.fromhex("20020000")
REFUSED = 0x80


class GrudgingBroker:
    """Speaks as much MQTT 3.1.1 as it takes to sign in and subscribe; refuses two topics of the first SUBSCRIBE."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more; whoever is connected has gone."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as file:
            while first := file.read(1):
                body = file.read(_length(file.read))
                if first[0] == 0x10:
                    connection.sendall(CONNACK)
                elif first[0] == 0x82:
                    connection.sendall(self._answer(body))

    def _answer(self, body: bytes) -> bytes:
        """SUBACK, a code for each topic."""
        topics, at = [], 2
        while at < len(body):
            end = at + 2 + int.from_bytes(body[at : at + 2], "big")
            topics.append((body[at + 2 : end].decode(), body[end]))
            at = end + 1
        codes = bytes(qos if self.asked or number >= 2 else REFUSED for number, (_, qos) in enumerate(topics))
        self.asked.append([topic for topic, _ in topics])
        return bytes([0x90, 2 + len(codes)]) + body[:2] + codes


def _length(read: Callable[[int], bytes]) -> int:
    """The remaining length of a packet: seven bits a byte, the lowest first."""
    total, shift = 0, 0
    while True:
        [byte] = read(1)
        total |= (byte & 0x7F) << shift
        if byte < 0x80:
            return total
        shift += 7


@pytest.fixture
def broker() -> Iterator[GrudgingBroker]:
    with closing(GrudgingBroker()) as one:
        yield one


def test_what_was_not_granted_is_asked_for_again(
    broker: GrudgingBroker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A broker whose disk is full has no room for a subscription; without it the gateway would stay deaf."""
    monkeypatch.setattr(mqtt_client, "SUBSCRIBE_AGAIN_S", 0.05)
    caplog.set_level(logging.INFO)
    client = MqttClient(BrokerAddress("127.0.0.1", broker.port, "", ""), "gw-1", lambda _: None, lambda: None)
    client.start()
    try:
        wait_until(lambda: "granted every" in caplog.text, "all subscriptions")
    finally:
        client.close()
    first, second = broker.asked
    assert len(first) > 2
    assert second == first[:2]
    assert f"the broker refused 2 of {len(first)} subscriptions; trying again" in caplog.text
