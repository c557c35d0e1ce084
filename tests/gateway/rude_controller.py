"""A controller written from the protocol's description alone, and rude: it repeats, skips and shuffles what it sends.

It keeps its journal in memory, moves on only by `journal_ack`, and starts again when nothing moves. Against a right
gateway every event of its journal arrives once, whatever happens to the connection.
"""

import json
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho

WINDOW = 8
STALL_S = 1.0


class RudeController:
    """Sends `lines` (the events of one epoch, in order) until all are acknowledged; each when it `may_send` it."""

    def __init__(
        self,
        port: int,
        cabinet: str,
        password: str,
        lines: list[bytes],
        rude: float = 0.05,
        *,
        may_send: Callable[[int], bool] = lambda _seq: True,
    ) -> None:
        self.cabinet = cabinet
        self.lines = lines
        self.through = 0
        self._next = 0
        self._moved = time.monotonic()
        self._rude = rude
        self._may_send = may_send
        self._draw = random.Random(cabinet)
        self._port = port
        self._lock = threading.Condition()
        self._ended = threading.Event()
        self._epoch = json.loads(lines[0])["epoch"]
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, cabinet, clean_session=True)
        self._client.username_pw_set(cabinet, password)
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._answered
        self._thread = threading.Thread(target=self._stream, daemon=True)

    def start(self) -> None:
        """Begin to send, for as long as it takes."""
        self._thread.start()

    def close(self) -> None:
        """Stop sending and disconnect."""
        self._ended.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()
        self._client.reinitialise()  # or the sockets by which its thread was woken stay open

    @property
    def done(self) -> bool:
        """Whether every line was acknowledged."""
        return self.through >= len(self.lines)

    def _topic(self, leaf: str) -> str:
        return f"partsbay/1/{self.cabinet}/{leaf}"

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe(self._topic("journal_ack"), 1)
        state = {"v": 1, "online": 1, "epoch": self._epoch, "boot": 1, "journal_last": len(self.lines)}
        client.publish(self._topic("state"), json.dumps(state), 1, retain=True)
        with self._lock:
            self._next = self.through
            self._lock.notify()

    def _subscribed(self, client: paho.Client, _data: object, _id: int, reasons: list[Any], _more: object) -> None:
        """A broker whose disk is full refuses: as the firmware does, it asks again a little later."""
        if any(reason.is_failure for reason in reasons) and not self._ended.is_set():
            again = threading.Timer(0.5, client.subscribe, [self._topic("journal_ack"), 1])
            again.daemon = True
            again.start()

    def _answered(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        ack = json.loads(message.payload)
        if ack["epoch"] != self._epoch:
            return
        with self._lock:
            if ack["through"] > self.through:
                self.through = ack["through"]
                self._moved = time.monotonic()
            if ack["again"]:
                self._next = self.through
            self._lock.notify()

    def _stream(self) -> None:
        while not self._connect() and not self._ended.wait(0.1):
            pass
        self._client.loop_start()
        while not self._ended.is_set() and not self.done:
            if not self._client.is_connected() or not self._send():
                with self._lock:  # an answer that came a moment ago is noticed a moment later
                    self._lock.wait(0.02)

    def _connect(self) -> bool:
        self._client.reconnect_delay_set(0.1, 0.3)
        try:
            self._client.connect("127.0.0.1", self._port)
        except OSError:
            return False
        return True

    def _send(self) -> bool:
        """One PUBLISH of one or two lines; False when the window is full."""
        with self._lock:
            if time.monotonic() - self._moved > STALL_S:
                self._next, self._moved = self.through, time.monotonic()
            if self._next - self.through >= WINDOW or self._next >= len(self.lines):
                return False
            if not self._may_send(self._next + 1):
                return False
            at = self._next
            count = self._draw.choice((1, 1, 2, 5))
            self._next = min(at + count, len(self.lines))
        self._client.publish(self._topic("event"), b"\n".join(self.lines[at : at + count]), 1)
        if self._draw.random() < self._rude:
            self._misbehave(at)
        return True

    def _misbehave(self, at: int) -> None:
        """Repeat something old, send something too early, or send nonsense."""
        wrong = self._draw.choice(("repeat", "early", "nonsense"))
        if wrong == "nonsense":
            self._client.publish(self._topic("event"), b"nonsense %d" % at, 1)
            return
        other = self._draw.randrange(at + 1) if wrong == "repeat" else min(at + 30, len(self.lines) - 1)
        self._client.publish(self._topic("event"), self.lines[other], 1)
