"""`partsbay gateway reread`: events that were set aside are read again, after an upgrade, and booked if they can be.

It runs while the gateway does not, when somebody asks for it: it books what happened long ago into a ledger that people
may have put right since, so it is not done by itself at every start. Each event is booked once, in a transaction of its
own, under its own name and with its own time. Weights that came later judge the ledger: where they agree with it
without what an event says, that is asked and not booked. What still cannot be understood stays as it is.
"""

import logging
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cabinet import wire

from edge_gateway import dating
from edge_gateway.batch import Batch
from edge_gateway.deciding import decide, read_body
from edge_gateway.decision import Cause
from edge_gateway.ground import LaterWeight
from edge_gateway.journals import Journals
from edge_gateway.level_check import to_grams
from edge_gateway.planogram import BinPlan
from edge_gateway.reconcile import KINDS
from edge_gateway.settings import Settings
from edge_gateway.store import Connect, Store, connect
from edge_gateway.upload_format import ReadAgainItem

log = logging.getLogger(__name__)

LISTED_MAX = 50
_WAITING = """
select i.cabinet, i.epoch, i.seq, i.received_ms, i.line, coalesce(min(q.id), 0)
from inbox i
join cursor c on c.cabinet = i.cabinet and c.epoch = i.epoch
left join quarantine q on q.cabinet = i.cabinet and q.epoch = i.epoch and q.seq = i.seq
where i.kind = 'quarantined' and not exists (
    select 1 from quarantine_read r where r.cabinet = i.cabinet and r.epoch = i.epoch and r.seq = i.seq
)
group by i.cabinet, i.epoch, i.seq order by i.cabinet, c.begun_ms, i.seq
"""
# The newest settled weights of a cabinet's bins, of those behind a place in its journals.
_NEWER = """
select bin, mg, noise_mg from (
    select w.*, row_number() over (partition by w.bin order by c.begun_ms desc, w.seq desc) as place
    from cursor c join weighing w on w.cabinet = c.cabinet and w.epoch = c.epoch
    where c.cabinet = ? and (c.begun_ms > ? or (c.epoch = ? and w.seq > ?)) and w.quality = 0 and w.mg is not null
) where place = 1
"""


class RereadError(ValueError):
    """Nothing can be read again; the text says what was expected and what was found."""


class Waiting(NamedTuple):
    """An event that was set aside; `quarantine` is its row there, 0 for none."""

    cabinet: str
    epoch: str
    seq: int
    received_ms: int
    line: bytes
    quarantine: int

    @property
    def id(self) -> str:
        """Its name."""
        return f"{self.cabinet}/{self.epoch}/{self.seq}"


@dataclass(frozen=True)
class Read:
    """An event that could be read, and what it led to."""

    event: str
    kind: str
    movements: int
    questions: int


@dataclass(frozen=True)
class Report:
    """What was read, and what waits still: (event, why)."""

    read: tuple[Read, ...]
    waiting: tuple[tuple[str, str], ...]

    def lines(self) -> list[str]:
        """The report for a person."""
        read, waiting = len(self.read), len(self.waiting)
        head = f"events that were set aside: {read + waiting}; read and booked now: {read}; waiting on: {waiting}"
        told = [
            f"read {one.event}, {one.kind}: movements booked {one.movements}, questions opened {one.questions}"
            for one in self.read
        ]
        told += [f"waits {event}: {why}" for event, why in self.waiting]
        rest = [f"and {len(told) - LISTED_MAX} more"] if len(told) > LISTED_MAX else []
        return [head, *told[:LISTED_MAX], *rest]


def reread(settings: Settings, now_ms: Callable[[], int], connect: Connect = connect) -> Report:
    """Read everything again that was set aside and waits (`RereadError`); durable when this returns."""
    if not settings.database.exists():
        raise RereadError(f"expected a database at {settings.database}, found none: was the gateway ever started?")
    store = Store(settings.database, settings.gateway, now_ms(), _alone(connect))
    try:
        return _Rereading(store, now_ms()).run()
    finally:
        store.close()


def run(settings: Settings) -> int:
    """The command: read again, and say what could be read."""
    for line in reread(settings, lambda: time.time_ns() // 1_000_000).lines():
        print(line)  # noqa: T201 - what a person called it for
    return 0


def _alone(connect: Connect) -> Connect:
    """The writing connection, refused while any other is open: a gateway that runs has the books in its memory."""

    def connect_alone(path: Path) -> sqlite3.Connection:
        db = connect(path)
        try:
            db.execute("pragma busy_timeout = 0")
            db.execute("pragma locking_mode = exclusive")
            db.execute("begin exclusive")
            db.execute("commit")
        except sqlite3.OperationalError as error:
            db.close()
            raise RereadError(
                f"expected the gateway to be stopped, found {path} in use ({error}): end it, then start again"
            ) from error
        except sqlite3.DatabaseError:
            return db  # no database at all: said when its tables are looked for
        return db

    return connect_alone


class _Rereading:
    """One run over everything that waits."""

    def __init__(self, store: Store, now_ms: int) -> None:
        self._store = store
        self._now_ms = now_ms
        self._books = store.load(now_ms)
        self._read: list[Read] = []
        self._waiting: list[tuple[str, str]] = []

    def run(self) -> Report:
        """Each event in the order of its journal, in a transaction of its own."""
        waiting = [Waiting(*row) for row in self._store.all(_WAITING)]
        balanced = self._balanced(waiting)
        for event in waiting:
            try:
                self._read.append(self._book(event, balanced))
            except wire.BodyError as error:
                self._waiting.append((event.id, str(error)))
            except Exception as error:  # one event must not stop the others; nothing of it was written
                log.exception("event %s could not be booked", event.id)
                self._waiting.append((event.id, f"could not be booked: {type(error).__name__}: {error}"))
                self._books = self._store.load(self._now_ms)
        return Report(tuple(self._read), tuple(self._waiting))

    def _book(self, event: Waiting, balanced: set[tuple[str, int]]) -> Read:
        body = read_body(wire.decode_envelope(event.line))
        boot = self._books.boots.get((event.cabinet, event.epoch, body["boot"]))
        occurred_ms = dating.occurred_ms(body.get("utc_ms"), body["up_ms"], event.received_ms, boot)
        cause = Cause(event.id, event.cabinet, event.epoch, event.seq, occurred_ms, self._now_ms)
        batch = Batch(self._books)
        if body["kind"] in KINDS:
            later = self._later(cause, balanced)
            batch.add(decide(cause, body, self._books, self._store, later=later))
            self._keep_newest(batch, cause)
        if body["kind"] == "journal_created" and body["reason"] == "lost":
            Journals(batch, self._store).lost(event.cabinet, event.epoch, self._now_ms)
        read = ReadAgainItem(event.id, event.cabinet, occurred_ms, self._now_ms)
        batch.read_again(read, event.epoch, event.seq, event.quarantine)
        self._store.write(batch)
        return Read(event.id, body["kind"], len(batch.movement), len(batch.discrepancy))

    # ---- weights that came later ----

    def _newer(self, cause: Cause) -> dict[int, LaterWeight]:
        """By the journal's order, not by time: an event without a clock is dated late."""
        begun_ms = self._books.cursors[cause.cabinet, cause.epoch].begun_ms
        rows = self._store.all(_NEWER, (cause.cabinet, begun_ms, cause.epoch, cause.seq))
        return {row[0]: LaterWeight(row[1], row[2]) for row in rows}

    def _later(self, cause: Cause, balanced: set[tuple[str, int]]) -> dict[int, LaterWeight]:
        """The newer weights that judge an event: not of bins where all that waits makes no difference in the end."""
        return {bin_: at for bin_, at in self._newer(cause).items() if (cause.cabinet, bin_) not in balanced}

    def _keep_newest(self, batch: Batch, cause: Cause) -> None:
        for number in self._newer(cause):
            batch.bin_weight.pop((cause.cabinet, number), None)

    def _balanced(self, waiting: list[Waiting]) -> set[tuple[str, int]]:
        """Bins from which as much was taken as was put back: their weight would agree with the ledger in any case."""
        sums: dict[tuple[str, int], int] = defaultdict(int)
        for event in waiting:
            for number, delta_mg in _changes(event):
                sums[event.cabinet, number] += delta_mg
        return {place for place, total_mg in sums.items() if self._is_nothing(place, total_mg)}

    def _is_nothing(self, place: tuple[str, int], total_mg: int) -> bool:
        if self._books.plan is None:
            return False
        plan: BinPlan = self._books.plan.cabinet(place[0]).bin(place[1])
        if plan.bulk:
            return abs(to_grams(total_mg)) < max(plan.parts[0].dead_band, 1)
        return 2 * abs(total_mg) < min((part.unit_mass_mg for part in plan.parts), default=0)


def _changes(event: Waiting) -> list[tuple[int, int]]:
    """(bin, change in mg) of an event that can be read; none of another."""
    try:
        body: dict[str, Any] = read_body(wire.decode_envelope(event.line))
    except wire.WireError:
        return []
    if body["kind"] not in ("session_closed", "bins_changed"):
        return []
    return [(row[0], row[3] - row[1]) for row in body["bins"] if row[1] is not None and row[3] is not None]
