"""From MQTT messages to rows: which event is the next of its journal, and what is to be said back.

It runs on the writer's thread and gathers into a batch; nothing here is durable, and nothing may be acknowledged,
before the store has written the batch. It never sends: `after_commit` tells what to send. The next `seq` of a
journal is accepted; one below is a duplicate, one above a gap, and then the journal is asked for again. What cannot
be understood goes to the quarantine and blocks nobody.
"""

import hashlib
import logging
from dataclasses import dataclass
from typing import Any, Protocol

from cabinet import wire

from edge_gateway.batch import Batch
from edge_gateway.bin_changes import Ground
from edge_gateway.books import Books, Cursor
from edge_gateway.decision import Cause, Decision, detail
from edge_gateway.hearing import Hearing
from edge_gateway.kiosk_seam import Live
from edge_gateway.planogram import ShopPlan
from edge_gateway.quarantine import count_broken, quarantine
from edge_gateway.received import Outgoing, Received
from edge_gateway.reconcile import KINDS, reconcile, session_id
from edge_gateway.review import review_bins
from edge_gateway.upload_format import DiscrepancyItem, EventItem

log = logging.getLogger(__name__)

PAYLOAD_BYTES_MAX = 65_536  # of a PUBLISH we look into; a larger one is one broken line
IDENTICAL_REFUSALS_MAX = 3
AGAIN_PAUSE_MS = 250  # in-flight publishes behind a gap shall not ask once each


class Stored(Protocol):
    """What is looked up in the database on the rare paths."""

    def stored_line(self, cabinet: str, epoch: str, seq: int) -> bytes | None:
        """The line taken in under an identity."""
        ...

    def session_seen(self, session: str) -> bool:
        """Whether a session of that id was ever recorded."""
        ...

    def discrepancy_seen(self, discrepancy: str) -> bool:
        """Whether a discrepancy of that id was ever opened."""
        ...


@dataclass(slots=True)
class _Refused:
    """The last broken envelope of a cabinet, and how often the very same came at the same place."""

    place: tuple[str, int]
    digest: bytes
    times: int


@dataclass(slots=True)
class _Asked:
    """When a journal was last asked for again, and whether another asking waits for the pause to end."""

    at_ms: int
    waiting: bool


class Intake:
    """The state of taking in, between batches. `known` are the cabinets of the settings."""

    def __init__(self, books: Books, known: frozenset[str], stored: Stored) -> None:
        self.books = books
        self.batch = Batch(books)
        self._hearing = Hearing(self.batch)
        self.distrust = ""  # why events are to be set aside unread: what they led to could not be written
        self._known = known
        self._stored = stored
        self._refused: dict[str, _Refused] = {}
        self._asked: dict[tuple[str, str], _Asked] = {}
        self._answers: dict[tuple[str, str], bool] = {}  # (cabinet, epoch): ask again
        self._waiting_for_document = False

    def start_batch(self, books: Books) -> None:
        """Begin anew, with these books: after a commit, or after a failed one with books loaded from the database."""
        self.books = books
        self.batch = self._hearing.batch = Batch(books)
        self._answers = {}

    @property
    def lives(self) -> dict[str, Live]:
        """The newest live message of each cabinet."""
        return self._hearing.lives

    def knows(self, cabinet: str) -> bool:
        """Whether a cabinet is one of this shop's."""
        plan = self.books.plan
        return cabinet in self._known or (plan is not None and cabinet in plan.cabinets)

    def take(self, message: Received) -> list[Outgoing]:
        """Take one message into the batch. Only what may be said before the commit comes back: the time."""
        try:
            cabinet, leaf = wire.split_topic(message.topic)
        except wire.WireError as error:
            quarantine(self.batch, message, str(error))
            return []
        if not self.knows(cabinet):
            quarantine(self.batch, message, f"expected a cabinet of this shop, found {cabinet!r}")
            return []
        if leaf == "event":
            self._take_events(cabinet, message)
            self._hearing.heard(cabinet, message.received_ms)
            return []
        if leaf not in wire.FROM_CONTROLLER:
            quarantine(self.batch, message, f"expected a message from a controller, found {leaf}", cabinet=cabinet)
            return []
        answers, epoch = self._hearing.take(cabinet, leaf, message)
        if epoch:
            self._answers.setdefault((cabinet, epoch), False)
        return answers

    def after_commit(self, now_ms: int) -> list[Outgoing]:
        """The answers due now that the batch is durable."""
        answers = [self._journal_ack(key, again, now_ms) for key, again in self._answers.items()]
        self._answers = {}
        return answers

    def due(self, now_ms: int) -> list[Outgoing]:
        """Askings that waited for their pause."""
        ready = [key for key, asked in self._asked.items() if asked.waiting and now_ms - asked.at_ms >= AGAIN_PAUSE_MS]
        return [self._journal_ack(key, True, now_ms) for key in ready]

    # ---- events ----

    def _take_events(self, cabinet: str, message: Received) -> None:
        if self.books.plan is None:
            self._wait_for_document()
            return
        if len(message.payload) > PAYLOAD_BYTES_MAX:
            self._broken(cabinet, message, message.payload, "expected a PUBLISH of at most 65536 bytes")
            return
        for line in message.payload.split(b"\n"):
            if not self._take_line(cabinet, message, line):
                return

    def _take_line(self, cabinet: str, message: Received, line: bytes) -> bool:
        """One event line; False when the lines after it cannot be taken in either."""
        try:
            envelope = wire.decode_envelope(line)
        except wire.EnvelopeError as error:
            return self._broken(cabinet, message, line, str(error))
        if envelope.cabinet != cabinet:
            reason = f"expected an event of {cabinet} on its topic, found one of {envelope.cabinet}"
            quarantine(self.batch, message, reason, cabinet=cabinet, data=line)
            return True
        key = (cabinet, envelope.epoch)
        cursor = self.books.cursors.get(key)
        through = 0 if cursor is None else cursor.through
        if envelope.seq == through + 1:
            self._accept(cursor, envelope, message, line)
            return True
        if envelope.seq <= through:
            self._answers.setdefault(key, False)
            self._check_repeat(envelope, message, line)
            return True
        self._ask_again(key, message.received_ms)
        return False

    def _accept(self, cursor: Cursor | None, envelope: Any, message: Received, line: bytes) -> None:
        key = (envelope.cabinet, envelope.epoch)
        if cursor is None:
            self._begin_journal(key, message.received_ms)
        self._answers[key] = False
        self._refused.pop(envelope.cabinet, None)
        if key in self._asked:
            self._asked[key].waiting = False
        if self.distrust:
            self._accept_strange(envelope, message, line, self.distrust)
            return
        try:
            body = wire.decode_body(envelope)
        except wire.BodyError as error:
            self._accept_strange(envelope, message, line, str(error))
            return
        try:
            occurred_ms = self._hearing.date(envelope.cabinet, envelope.epoch, body, message.received_ms)
            if body["kind"] in KINDS:
                self.batch.add(self._decide(envelope, body, occurred_ms, message.received_ms))
        except Exception as error:  # one event must never stop the others
            log.exception("event %s/%s/%s could not be booked", *key, envelope.seq)
            self._accept_strange(envelope, message, line, f"could not be booked: {type(error).__name__}: {error}")
            return
        self._take_in(envelope, (message.received_ms, occurred_ms), (body["kind"], ""), line)
        self._note_body(envelope, body)

    def _decide(self, envelope: Any, body: dict[str, Any], occurred_ms: int, received_ms: int) -> Decision:
        cabinet, epoch = envelope.cabinet, envelope.epoch
        cause = Cause(
            id=f"{cabinet}/{epoch}/{envelope.seq}",
            cabinet=cabinet,
            epoch=epoch,
            seq=envelope.seq,
            occurred_ms=occurred_ms,
            booked_ms=received_ms,
        )
        plan = self._plan().cabinet(cabinet)
        session, seen = self._session(cabinet, epoch, body)
        ground = Ground(plan, self.books.balances, self.books.open_in(cabinet), session, seen)
        decision = reconcile(cause, body, ground)
        if decision.touched:
            review_bins(decision, plan, self.books)
        return decision

    def _plan(self) -> ShopPlan:
        if self.books.plan is None:
            raise RuntimeError("expected the shop's document before any event is booked")
        return self.books.plan

    def _session(self, cabinet: str, epoch: str, body: dict[str, Any]) -> tuple[Any, bool]:
        if "session" not in body:
            return None, False
        identity = session_id(cabinet, epoch, body["session"])
        session = self.books.sessions.get(identity)
        if session is None and body["kind"] == "session_closed":
            return None, self._stored.session_seen(identity)
        return session, False

    def _accept_strange(self, envelope: Any, message: Received, line: bytes, reason: str) -> None:
        """Sound envelope, strange body: it counts as received, and waits in the quarantine."""
        cabinet, epoch, seq = envelope.cabinet, envelope.epoch, envelope.seq
        quarantine(self.batch, message, reason, cabinet=cabinet, epoch=epoch, seq=seq, data=line)
        self._take_in(envelope, (message.received_ms, message.received_ms), ("quarantined", reason[:500]), line)

    def _take_in(self, envelope: Any, times_ms: tuple[int, int], kind: tuple[str, str], line: bytes) -> None:
        text = line.decode("utf-8", "backslashreplace")
        item = EventItem(envelope.cabinet, envelope.epoch, envelope.seq, *times_ms, text)
        self.batch.take_in(item, *kind, line)

    def _check_repeat(self, envelope: Any, message: Received, line: bytes) -> None:
        """The same content again is well; different content under one identity is a broken invariant."""
        identity = (envelope.cabinet, envelope.epoch, envelope.seq)
        held = self.batch.lines.get(identity) or self._stored.stored_line(*identity)
        if held == line:
            return
        cabinet, epoch, seq = identity
        reason = "different content under one identity"
        log.error("%s: %s/%s/%s", reason, *identity)
        quarantine(self.batch, message, reason, cabinet=cabinet, epoch=epoch, seq=seq, data=line)
        self._alarm(cabinet, "different_content", message.received_ms, epoch=epoch, seq=seq)

    # ---- broken envelopes ----

    def _broken(self, cabinet: str, message: Received, line: bytes, reason: str) -> bool:
        """Ask for it again; after three identical refusals book it as unreadable. Whether the lines after it count."""
        epoch = self._present_epoch(cabinet)
        if not epoch:
            quarantine(self.batch, message, reason, cabinet=cabinet, data=line)
            return False
        cursor = self.books.cursors.get((cabinet, epoch))
        place = (epoch, 1 if cursor is None else cursor.through + 1)
        if self._refuse(cabinet, place, line) < IDENTICAL_REFUSALS_MAX:
            count_broken(self.batch, cabinet, message.received_ms)
            self._ask_again((cabinet, epoch), message.received_ms)
            return False
        self._book_unreadable(cabinet, place, message, line, reason)
        return True

    def _refuse(self, cabinet: str, place: tuple[str, int], line: bytes) -> int:
        """How often these very bytes have been refused at this place now."""
        digest = hashlib.sha256(line).digest()
        before = self._refused.get(cabinet)
        same = before is not None and before.place == place and before.digest == digest
        times = before.times + 1 if before is not None and same else 1
        self._refused[cabinet] = _Refused(place, digest, times)
        return times

    def _book_unreadable(
        self, cabinet: str, place: tuple[str, int], message: Received, line: bytes, reason: str
    ) -> None:
        epoch, seq = place
        key = (cabinet, epoch)
        if key not in self.books.cursors:
            self._begin_journal(key, message.received_ms)
        line = line[: wire.EVENT_BYTES_MAX]
        quarantine(self.batch, message, reason, cabinet=cabinet, epoch=epoch, seq=seq, data=line)
        envelope = wire.Envelope(wire.VERSION, cabinet, epoch, seq, b"")
        self._take_in(envelope, (message.received_ms, message.received_ms), ("unreadable", reason[:500]), line)
        self._answers[key] = False
        self._refused.pop(cabinet, None)

    def _present_epoch(self, cabinet: str) -> str:
        """The epoch a cabinet says it is in, or the newest it sent events of."""
        status = self.books.statuses.get(cabinet)
        return status.epoch if status is not None and status.epoch else self.books.present.get(cabinet, "")

    # ---- journals ----

    def _begin_journal(self, key: tuple[str, str], now_ms: int) -> None:
        cabinet, epoch = key
        before = self.books.present.get(cabinet)
        self.books.begin_journal(cabinet, epoch, now_ms)
        if before is None:
            return
        through = self.books.cursors[cabinet, before].through
        status = self.books.statuses.get(cabinet)
        last = status.journal_last if status is not None and status.epoch == before else through
        if last > through:
            self._alarm(cabinet, "journal_unfinished", now_ms, epoch=before, through=through, journal_last=last)

    def _note_body(self, envelope: Any, body: dict[str, Any]) -> None:
        if body["kind"] == "journal_created" and body["reason"] == "lost":
            self._alarm(envelope.cabinet, "journal_lost", self.batch.inbox[-1][3], epoch=envelope.epoch)

    def _alarm(self, cabinet: str, reason: str, now_ms: int, **facts: object) -> None:
        """A discrepancy of the cabinet as a whole; one per reason and journal is enough."""
        epoch = str(facts["epoch"])
        identity = f"{cabinet}/{epoch}/{reason}"
        if identity in self.books.open_in(cabinet).get(0, {}) or self._stored.discrepancy_seen(identity):
            return
        decision = Decision(Cause(identity, cabinet, "", 0, now_ms, now_ms))
        decision.discrepancies.append(DiscrepancyItem(identity, cabinet, 0, "", "", reason, now_ms, detail(**facts)))
        self.batch.add(decision)

    def _ask_again(self, key: tuple[str, str], now_ms: int) -> None:
        asked = self._asked.get(key)
        if asked is None or now_ms - asked.at_ms >= AGAIN_PAUSE_MS:
            self._answers[key] = True
        else:
            asked.waiting = True

    def _journal_ack(self, key: tuple[str, str], again: bool, now_ms: int) -> Outgoing:
        cabinet, epoch = key
        if again:
            self._asked[key] = _Asked(now_ms, False)
        cursor = self.books.cursors.get(key)
        message = {
            "epoch": epoch,
            "through": 0 if cursor is None else cursor.through,
            "in_cloud": 0 if cursor is None else cursor.in_cloud,
            "again": int(again),
        }
        return Outgoing(cabinet, "journal_ack", wire.encode("journal_ack", message))

    def _wait_for_document(self) -> None:
        """Nothing can be booked before the planogram is known; the controllers keep their journals."""
        if not self._waiting_for_document:
            log.warning("events wait in the cabinets until the shop's document has come")
        self._waiting_for_document = True

    def document_came(self, now_ms: int) -> list[Outgoing]:
        """Ask for the events that were not taken in while there was no document."""
        if not self._waiting_for_document:
            return []
        self._waiting_for_document = False
        told = [(cabinet, status.epoch) for cabinet, status in self.books.statuses.items() if status.epoch]
        return [self._journal_ack(key, True, now_ms) for key in told]
