"""The network between one cabinet in lockstep and the modelled broker: TCP in virtual time.

Bytes keep their order and are never changed; they take their time, and the line can be cut, or go silent while both
ends still believe in it. A controller without power closes nothing: the broker finds out by its silence.
"""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from simulator.modelled_broker import Broker, Client

ECONNRESET = 104
ECONNREFUSED = 111
PORT = 1883
_REFUSED_MS = 20.0


class _Connection:
    """One TCP connection; the broker's `Far`."""

    def __init__(self, line: "ModelledNetwork", number: int, boot: int):
        self.number = number
        self.client: Client | None = None
        self._line = line
        self._boot = boot
        self._up_at = self._down_at = 0.0  # when the last bytes sent arrive, each way
        self.dead = False

    def send(self, data: bytes) -> None:
        """From the broker."""
        self._down_at = self._line.later(self._down_at, self._arrive, data)

    def close(self) -> None:
        """The broker closes."""
        self.client = None
        self._down_at = self._line.later(self._down_at, self._closed)

    def up(self, data: bytes) -> None:
        """From the controller."""
        self._up_at = self._line.later(self._up_at, self._to_broker, data)

    def left(self) -> None:
        """The controller closes."""
        self._up_at = self._line.later(self._up_at, self._lost)

    def reset(self) -> None:
        """Both ends see it break."""
        if not self.dead:
            self.dead = True
            self._tell("tcp_failed", ECONNRESET)
            self._leave()

    def forget(self) -> None:
        """The controller's end is gone without a word."""
        self._boot = -1

    def open(self) -> None:
        """Reach the broker, or not."""
        line = self._line
        if self.dead or line.silent:
            return
        if line.is_cut or not line.broker.up:
            self.dead = True
            self._tell("tcp_failed", ECONNREFUSED)
            return
        self.client = line.broker.accept(self)
        self._tell("tcp_opened")

    def _to_broker(self, data: bytes) -> None:
        if self.client is not None and not self._line.silent:
            self._line.broker.receive(self.client, data)

    def _arrive(self, data: bytes) -> None:
        if not self._line.silent and not self.dead:
            self._tell("tcp_data", data.hex())

    def _closed(self) -> None:
        if not self._line.silent and not self.dead:
            self._tell("tcp_closed")

    def _lost(self) -> None:
        if not self._line.silent:
            self.dead = True
            self._leave()

    def _leave(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            self._line.broker.lost(client)

    def _tell(self, name: str, *arguments: Any) -> None:
        if self._boot == self._line.boot:
            self._line.tell(name, self.number, *arguments)


class ModelledNetwork:
    """One cabinet's line. The owner sets `tell`, by which the controller's world hears of its connections."""

    port = PORT

    def __init__(self, broker: Broker, random: Random, loop: asyncio.AbstractEventLoop):
        self.broker = broker
        self.tell: Callable[..., None] = lambda *_: None
        self.on_try: Callable[[], None] = lambda: None  # the controller looks for the broker
        self.slow_ms = 0.0
        self.boot = 0
        self.is_cut = False
        self.silent = False
        self._random = random
        self._loop = loop
        self._base_ms = random.uniform(0.2, 8.0)
        self._connections: dict[int, _Connection] = {}

    async def start(self) -> None:
        """It is there."""

    async def stop(self) -> None:
        """Break every connection."""
        self.cut()

    def cut(self) -> None:
        """Break every connection, and refuse each new one."""
        self.is_cut = True
        self.on_try()  # without a line nobody sees whether it would
        for connection in list(self._connections.values()):
            connection.reset()
        self._connections.clear()

    def go_silent(self) -> None:
        """Half open: connections stay and every byte is swallowed."""
        self.silent = True

    def restore(self) -> None:
        """Work again; what was silent breaks, since its bytes are lost."""
        if self.silent:
            self.silent = False
            self.cut()
        self.is_cut = False

    # ---- the controller's side ----

    def said(self, message: list[Any]) -> None:
        """What the controller does with its connections."""
        name, number, *arguments = message
        if name == "tcp_open":
            self.on_try()
            connection = self._connections[number] = _Connection(self, number, self.boot)
            self.later(0.0, connection.open)
        elif number in self._connections:
            if name == "tcp_data":
                self._connections[number].up(bytes.fromhex(arguments[0]))
            else:
                self._connections.pop(number).left()

    def power_lost(self) -> None:
        """The controller is gone."""
        self.boot += 1
        for connection in self._connections.values():
            connection.forget()
        self._connections.clear()

    def later(self, not_before: float, call: Callable[..., None], *arguments: Any) -> float:
        """Have something happen after the time the line takes, and after what was sent before it; when that is."""
        delay_ms = self._base_ms + self.slow_ms + self._random.expovariate(1.0)
        at = max(not_before + 0.000_001, self._loop.time() + delay_ms / 1000)  # never two at one time: order is kept
        self._loop.call_at(at, call, *arguments)
        return at
