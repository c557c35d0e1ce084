"""The gateway's own program in the year's time: events go in as a controller's journal would send them.

Its writer takes its turns when it is told to; nothing of what it decides or writes is here. Who compares reads the
database, as anybody could.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cabinet import wire

from edge_gateway import people_actions
from edge_gateway.intake import Intake
from edge_gateway.kiosk_seam import Action, ActionError
from edge_gateway.opening import put_into_force
from edge_gateway.received import Outgoing, Received
from edge_gateway.shop_document import decode_document
from edge_gateway.store import Store
from edge_gateway.writer import Writer

CABINET = "cab-1"
EPOCH = "0123456789abcdef"


class YearGatewayError(RuntimeError):
    """The gateway did not take what it must take; the text says what."""


class _NobodyListens:
    """Where answers to the controller go: its journal is this program's memory, and forgets nothing."""

    def acknowledge(self, message: Received) -> None:
        """It is durable."""

    def send(self, message: Outgoing) -> bool:
        """There is no connection."""
        return False


class ShopGateway:
    """One shop's gateway with one cabinet. `now_ms` is its clock; the caller moves it on."""

    def __init__(self, folder: Path, now_ms: int):
        self.now_ms = now_ms
        database = folder / "gateway.db"
        self._store = Store(database, "gw-year", now_ms)
        self._intake = Intake(self._store.load(now_ms), frozenset({CABINET}), self._store)
        self._writer = Writer(self._store, self._intake, lambda: self.now_ms)
        self._writer.answer_by(_NobodyListens())
        self._seq = 0
        self._reading = sqlite3.connect(f"file:{database}?mode=ro", uri=True)

    def close(self) -> None:
        """End the program."""
        self._reading.close()
        self._store.close()

    def take_document(self, document: dict[str, Any]) -> None:
        """Put the shop's document into force."""
        data = json.dumps(document).encode()
        found = decode_document(data)
        self._do(lambda: put_into_force(found, data, self._intake.batch, self.now_ms))

    def take_event(self, body: dict[str, Any]) -> int:
        """Journal an event and have it booked; its `seq`. Times later than this clock move it on."""
        self._seq += 1
        line = wire.encode_event(CABINET, EPOCH, self._seq, body)
        self.now_ms = max(self.now_ms, body["utc_ms"])
        self._writer.put(Received(wire.topic(CABINET, "event"), line, self.now_ms))
        self._writer.turn(0)
        through = self._intake.books.cursors[CABINET, EPOCH].through
        if through != self._seq:
            raise YearGatewayError(f"expected event {self._seq} to be taken in, found the cursor at {through}")
        return self._seq

    def act(self, action: Action) -> str:
        """Have somebody at the kiosk ask for something; "" when it was done, otherwise why not."""
        try:
            self._do(lambda: self._book(action))
        except ActionError as error:
            return str(error)
        return ""

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """Rows of its database."""
        return self._reading.execute(query, values).fetchall()

    def _book(self, action: Action) -> None:
        decision, _made = people_actions.decide(action, self._intake.books, self._store, self.now_ms)
        self._intake.batch.add(decision)

    def _do(self, job: Callable[[], None]) -> None:
        waiting = self._writer.submit(job)
        self._writer.turn(0)
        waiting.result(0)
