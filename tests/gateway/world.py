"""A small shop for the gateway's tests: a document, a controller's journal, and the real store behind the real writer.

The link is a fake at the seam `mqtt_client.Link`: it records what was acknowledged and what was sent.
"""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cabinet import wire

from edge_gateway.intake import Intake
from edge_gateway.opening import put_into_force
from edge_gateway.people_actions import decide
from edge_gateway.received import Outgoing, Received
from edge_gateway.shop_document import ShopDocument, decode_document, encode_document
from edge_gateway.store import Store
from edge_gateway.writer import Writer

NOW_MS = 1_790_000_000_000  # 2026-09-21
EPOCH = "0123456789abcdef"
NOISE_MG = 150

# Masses as a parts list gives them; spreads of one to three per mille.
PARTS: list[dict[str, Any]] = [
    {"number": "OF-1", "name_zh": "机油滤清器", "name_en": "oil filter", "unit_mass_mg": 600_000, "spread_mg": 900},
    {"number": "BLT-8", "name_zh": "螺栓", "name_en": "bolts", "unit": "gram", "unit_mass_mg": 0},
    {"number": "BULB", "name_zh": "灯泡", "name_en": "bulb", "unit_mass_mg": 21_000, "spread_mg": 60, "pack_size": 10},
    {"number": "NOMASS", "name_zh": "未知", "name_en": "no mass yet"},
]


def document(version: int = 1, cabinets: tuple[str, ...] = ("cab-1", "cab-2"), **changes: Any) -> ShopDocument:
    """A document of a small shop; `bins` replaces the bins of every cabinet."""
    bins = changes.pop("bins", default_bins())
    table: dict[str, Any] = {
        "version": version,
        "shop": "shop-1",
        "shop_name": "Shop",
        "dealer": "dealer-1",
        "dealer_name": "Dealer",
        "parts": PARTS,
        "cabinets": [{"id": name, "name_zh": name, "name_en": name, "bins": bins} for name in cabinets],
        "people": [
            {"id": "wang", "name": "王师傅", "role": "mechanic", "badges": ["04A1B2C3"]},
            {"id": "driver", "name": "Driver", "role": "restocker", "badges": ["04D1D2D3"]},
        ],
        "jobs": [{"id": "job-7", "title": "brakes"}, {"id": "job-8", "title": "service"}],
        **changes,
    }
    return decode_document(encode_document_table(table))


def encode_document_table(table: dict[str, Any]) -> bytes:
    """A document's JSON from a plain table."""
    return encode_document(table)


def default_bins() -> list[dict[str, Any]]:
    """Bin 1 counted, 2 in grams, 3 small pieces, 4 without a part, 5 without a unit mass."""
    return [
        {"bin": 1, "part": "OF-1", "capacity": 20, "opening": 10, "reorder_point": 4, "order_up_to": 12},
        {"bin": 2, "part": "BLT-8", "capacity": 8000, "opening": 5000, "dead_band": 5},
        {"bin": 3, "part": "BULB", "capacity": 60, "opening": 40},
        {"bin": 4},
        {"bin": 5, "part": "NOMASS", "capacity": 10},
    ]


class Journal:
    """What a controller writes: numbered event lines of one epoch."""

    def __init__(self, cabinet: str = "cab-1", epoch: str = EPOCH) -> None:
        self.cabinet = cabinet
        self.epoch = epoch
        self.lines: list[bytes] = []

    @property
    def topic(self) -> str:
        """Where its events go."""
        return f"partsbay/1/{self.cabinet}/event"

    def add(self, kind: str, **fields: Any) -> bytes:
        """The next event."""
        seq = len(self.lines) + 1
        body = {"kind": kind, "boot": 1, "up_ms": seq * 1000, "utc_ms": NOW_MS + seq * 1000, **fields}
        if body["utc_ms"] is None:
            del body["utc_ms"]
        line: bytes = wire.encode_event(self.cabinet, self.epoch, seq, body)
        self.lines.append(line)
        return line

    def created(self, reason: str = "first") -> bytes:
        """The first event of a journal."""
        return self.add("journal_created", reason=reason)

    def session(self, rows: list[list[int | None]], person: str = "wang", **closing: Any) -> str:
        """A whole session; its id. `rows` are bins with weights before and after (see `row`)."""
        by = closing.pop("by", "badge" if person else "forced")
        badge = "04A1B2C3" if person else ""
        opened = len(self.lines) + 1
        self.add("session_opened", by=by, badge=badge, person=person, door=1, bins=[])
        self.add("door_opened", session=opened, door=1)
        self.add("door_shut", session=opened, door=1)
        closing = {"session": opened, "how": "shut", "missing": "", "open_ms": 9000, **closing}
        self.add("session_closed", bins=rows, **closing)
        return f"{self.cabinet}/{self.epoch}/{opened}"


def row(number: int, before_mg: int | None, after_mg: int | None, quality: int = wire.SETTLED) -> list[int | None]:
    """A bin that weighed so much before and after."""
    return [number, before_mg, NOISE_MG, after_mg, NOISE_MG, quality]


def received(topic: str, payload: bytes, now_ms: int = NOW_MS + 3_600_000) -> Received:
    """A message as it comes from the broker."""
    return Received(topic, payload, now_ms, mid=1, qos=1, connection=1)


class RecordingLink:
    """A link to controllers that exists on paper only."""

    def __init__(self) -> None:
        self.acknowledged: list[Received] = []
        self.sent: list[Outgoing] = []

    def acknowledge(self, message: Received) -> None:
        """Remember it."""
        self.acknowledged.append(message)

    def send(self, message: Outgoing) -> bool:
        """Remember it."""
        self.sent.append(message)
        return True


class Shop:
    """Store, intake and writer on a real file, with a clock that stands still until it is moved."""

    def __init__(self, folder: Path, cabinets: tuple[str, ...] = ("cab-1", "cab-2")) -> None:
        self.path = folder / "gateway.db"
        self.link = RecordingLink()
        self.clock_ms = NOW_MS + 3_600_000
        self.store = Store(self.path, "gw-1", self.clock_ms)
        self.intake = Intake(self.store.load(self.clock_ms), frozenset(cabinets), self.store)
        self.writer = Writer(self.store, self.intake, lambda: self.clock_ms)
        self.writer.start(self.link)
        self._closed = threading.Event()

    def close(self) -> None:
        """End the writer and the store."""
        if not self._closed.is_set():
            self._closed.set()
            self.writer.close()
            self.store.close()

    def put_document(self, document: ShopDocument) -> None:
        """Put a document into force."""
        data = encode_document(document)
        self.do(lambda: put_into_force(document, data, self.intake.batch, self.clock_ms))

    def do(self, run: Callable[[], Any]) -> Any:
        """Run something on the writer and wait until it is durable; everything queued before it is durable too."""
        return self.writer.submit(run).result(20)

    def act(self, action: Any) -> str:
        """Carry out an action of the kiosk."""

        def run() -> str:
            decision, made = decide(action, self.intake.books, self.store, self.clock_ms)
            self.intake.batch.add(decision)
            return made

        made: str = self.do(run)
        return made

    def take(self, topic: str, *payloads: bytes) -> None:
        """Messages from the broker, taken in and durable when this returns."""
        for payload in payloads:
            self.writer.put(received(topic, payload, self.clock_ms))
        self.do(lambda: None)

    def take_journal(self, journal: Journal, start: int = 0) -> None:
        """A journal's lines from `start` on, one PUBLISH each."""
        self.take(journal.topic, *journal.lines[start:])

    def acks(self, cabinet: str = "cab-1") -> list[dict[str, Any]]:
        """The journal_ack messages sent so far."""
        return [
            wire.decode("journal_ack", m.payload)
            for m in self.link.sent
            if m.leaf == "journal_ack" and m.cabinet == cabinet
        ]

    def query(self, statement: str, *values: Any) -> list[Any]:
        """Rows of the database, read beside the writer."""
        db = sqlite3.connect(self.path)
        try:
            return db.execute(statement, values).fetchall()
        finally:
            db.close()

    def value(self, statement: str, *values: Any) -> Any:
        """The one value of a query."""
        ((value,),) = self.query(statement, *values)
        return value

    def stock(self, number: int, cabinet: str = "cab-1") -> int:
        """What a bin holds by the ledger's postings."""
        account = f"bin:{cabinet}/{number}"
        total: int = self.value("select coalesce(sum(quantity), 0) from posting where account = ?", account)
        return total

    def questions(self) -> list[tuple[int, str]]:
        """(bin, reason) of every open discrepancy."""
        return [tuple(found) for found in self.query("select bin, reason from open_discrepancy order by bin, reason")]
