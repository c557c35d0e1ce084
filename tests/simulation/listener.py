"""Stands where the gateway stands: hands out the access list, takes events in order, acknowledges them, keeps them."""

import asyncio
import hashlib
import hmac
import threading
import time
from typing import Any

import paho.mqtt.client as mqtt
from cabinet import wire

from tests.firmware.brokers import GATEWAY, hang_up

MECHANIC = "04A1B2C3"
ACCESS_KEY = "5a" * 32
YEAR_MS = 365 * 86400 * 1000


def access_list(cabinet: str, people: int = 1) -> bytes:
    """A `config` payload; the last of its people is the mechanic."""
    header = {
        "cabinet": cabinet,
        "version": 1,
        "expires_utc_ms": time.time_ns() // 1000000 + YEAR_MS,
        "badge_format": "hex",
        "badge_bits": 80,
        "people": people,
    }
    rows = [wire.encode_access_row(f"{number:014X}", f"person-{number}", "mechanic") for number in range(1, people)]
    rows.append(wire.encode_access_row(MECHANIC, "mechanic-1", "mechanic"))
    text = b"\n".join([wire.encode_config_header(header), *rows, b""])
    return text + hmac.new(bytes.fromhex(ACCESS_KEY), text, hashlib.sha256).hexdigest().encode()


class Listener:
    """Everything one cabinet has said, in order, without repeats."""

    def __init__(self, cabinet: str, port: int, people: int = 1):
        self._cabinet = cabinet
        self._people = people
        self._through: dict[str, int] = {}
        self._events: list[dict[str, Any]] = []
        self._health: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"listener-{cabinet}")
        self._client.username_pw_set(*GATEWAY)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def close(self) -> None:
        """Disconnect."""
        hang_up(self._client)

    def kinds(self) -> list[str]:
        """The kinds of all events so far."""
        with self._lock:
            return [event["kind"] for event in self._events]

    async def health_after(self, up_ms: int, boot: int = 1, timeout_s: float = 120) -> dict[str, Any]:
        """The first health message of a later uptime of a boot; waits for it."""
        deadline = time.monotonic() + timeout_s
        while self.last_health().get("boot") != boot or self.last_health()["up_ms"] <= up_ms:
            assert time.monotonic() < deadline, f"waited {timeout_s} s for health after {up_ms} ms"
            await asyncio.sleep(0.02)
        return self.last_health()

    def last_health(self) -> dict[str, Any]:
        """The last health message, empty before the first."""
        with self._lock:
            return dict(self._health)

    async def event(self, kind: str, after: int = 0, timeout_s: float = 120) -> dict[str, Any]:
        """The first event of a kind with a seq above `after`, with its `epoch` and `seq`; waits for it."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            with self._lock:
                for event in self._events:
                    if event["kind"] == kind and event["seq"] > after:
                        return event
            await asyncio.sleep(0.02)
        raise AssertionError(f"waited {timeout_s} s for {kind} after {after}, found {self.kinds()}")

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe([(f"partsbay/1/{self._cabinet}/{leaf}", 1) for leaf in ("event", "health", "state")])
        client.publish(f"partsbay/1/{self._cabinet}/config", access_list(self._cabinet, self._people), 1, retain=True)

    def _on_message(self, _client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        leaf = message.topic.rsplit("/", 1)[1]
        if leaf != "event":
            told = wire.decode(leaf, message.payload)
            if leaf == "health":
                with self._lock:
                    self._health = told
            self._acknowledge(told["epoch"])
            return
        for line in message.payload.split(b"\n"):
            envelope = wire.decode_envelope(line)
            if envelope.seq == self._through.get(envelope.epoch, 0) + 1:
                self._through[envelope.epoch] = envelope.seq
                with self._lock:
                    self._events.append({**wire.decode_body(envelope), "epoch": envelope.epoch, "seq": envelope.seq})
        self._acknowledge(envelope.epoch)

    def _acknowledge(self, epoch: str) -> None:
        through = self._through.get(epoch, 0)
        message = {"epoch": epoch, "through": through, "in_cloud": through, "again": 0}
        self._client.publish(f"partsbay/1/{self._cabinet}/journal_ack", wire.encode("journal_ack", message), 1)
