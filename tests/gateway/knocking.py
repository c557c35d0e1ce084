"""Somebody at a broker's door, honest or not: MQTT over a socket of his own, a packet at a time.

He speaks with whatever certificate, password and name he was given, and tells what the broker made of it.
"""

import socket
import ssl
import time
from types import TracebackType
from typing import Any, Self

from cabinet import mqtt

ANSWER_S = 20.0


class Peer:
    """One connection. `code` of CONNACK, None when the broker hung up before: with or without a word about why.

    One that is `silent` says who he is when he is told to.
    """

    def __init__(
        self,
        port: int,
        context: ssl.SSLContext | None,
        cabinet: str,
        login: tuple[str, str] | None = None,
        client_id: str = "",
        *,
        silent: bool = False,
    ) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.code: int | None = None
        self._packet_id = 0
        self._answers: list[Any] = []
        self._parser = mqtt.Parser(1 << 20)
        self._plain = socket.create_connection(("127.0.0.1", port), ANSWER_S)
        self._socket: socket.socket = self._plain
        user, password = login if login is not None else (None, None)
        will = f"partsbay/1/{cabinet}/state"
        self._hello = mqtt.connect(client_id or f"peer-{cabinet}", 60, user, password, will, b"gone")
        try:
            if context is not None:
                self._socket = context.wrap_socket(self._plain, server_hostname="partsbay-gateway")
            if not silent:
                self.introduce()
        except TimeoutError:
            self._plain.close()
            raise
        except OSError:
            pass  # it hung up

    def introduce(self) -> None:
        """Say who he is, and hear what the broker makes of it."""
        self._socket.sendall(self._hello)
        self.code = self._wait(mqtt.Connack).code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()
        self._plain.close()

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish, and wait for the PUBACK, which comes for what is dropped, too."""
        self._packet_id += 1
        self._socket.sendall(mqtt.publish(topic, payload, 1, self._packet_id))
        self._wait(mqtt.Puback)

    def subscribe(self, topic: str) -> bool:
        """Whether the broker says that it grants it."""
        self._packet_id += 1
        self._socket.sendall(mqtt.subscribe(self._packet_id, [topic]))
        codes: bytes = self._wait(mqtt.Suback).codes
        return mqtt.SUBSCRIPTION_REFUSED not in codes

    def hear(self, count: int) -> list[tuple[str, bytes]]:
        """Wait for so many messages."""
        deadline = time.monotonic() + ANSWER_S
        while len(self.heard) < count:
            self._read(deadline)
        return self.heard

    def cut_off_after_s(self) -> float:
        """How long it takes from now until the broker hangs up."""
        began = time.monotonic()
        try:
            while True:
                self._read(began + ANSWER_S)
        except TimeoutError:
            raise
        except OSError:
            return time.monotonic() - began

    def _wait(self, kind: Any) -> Any:
        deadline = time.monotonic() + ANSWER_S
        while True:
            for answer in self._answers:
                if isinstance(answer, kind):
                    self._answers.remove(answer)
                    return answer
            self._read(deadline)

    def _read(self, deadline: float) -> None:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError(f"expected something from the broker within {ANSWER_S} s, found nothing")
        self._socket.settimeout(left_s)
        data = self._socket.recv(4096)
        if not data:
            raise ConnectionResetError("the broker hung up")
        for packet in self._parser.feed(data):
            if isinstance(packet, mqtt.Publish):
                self.heard.append((packet.topic, bytes(packet.payload)))
                if packet.qos:
                    self._socket.sendall(mqtt.puback(packet.packet_id))
            else:
                self._answers.append(packet)
