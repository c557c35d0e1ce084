"""From MQTT messages to rows: which event is the next of its journal, and what is to be said back.

It runs on the writer's thread and gathers into a batch; nothing here is durable, and nothing may be acknowledged,
before the store has written the batch. It never sends: `after_commit` tells what to send. The next `seq` of a
journal is accepted; one below is a duplicate, one above a gap, and then the journal is asked for again. What cannot
be understood goes to the quarantine and blocks nobody.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from cabinet import wire

from edge_gateway import feed_plans
from edge_gateway.access_list import AccessLists
from edge_gateway.answers import Answers
from edge_gateway.batch import Batch
from edge_gateway.books import Books, Cursor
from edge_gateway.cabinet_updates.handing_over import HandingOver
from edge_gateway.deciding import decide, read_body
from edge_gateway.decision import Cause, Decision
from edge_gateway.hearing import Heard, Hearing
from edge_gateway.journals import Journals
from edge_gateway.kiosk_seam import Live
from edge_gateway.quarantine import count_broken, quarantine
from edge_gateway.received import Outgoing, Received
from edge_gateway.reconcile import KINDS
from edge_gateway.restock_guide import RestockGuide
from edge_gateway.upload_format import EventItem, line_text

log = logging.getLogger(__name__)

PAYLOAD_BYTES_MAX = 65_536  # of a PUBLISH we look into; a larger one is one broken line
IDENTICAL_REFUSALS_MAX = 3


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

    def settled_mg(self, cabinet: str) -> dict[int, int]:
        """The newest settled weight of each bin of a cabinet."""
        ...

    def note_list(self, cabinet: str, refused: str, at_ms: int) -> None:
        """What a cabinet said of the list it was sent."""
        ...

    def last_role(self, person: str) -> str:
        """The role a person had in the newest document that named him; empty when none did."""
        ...


@dataclass(slots=True)
class _Refused:
    """The last broken envelope of a cabinet, and how often the very same came at the same place."""

    place: tuple[str, int]
    digest: bytes
    times: int


class Intake:
    """The state of taking in, between batches. `known` are the cabinets of the settings, `lists` their access lists."""

    def __init__(
        self,
        books: Books,
        known: frozenset[str],
        stored: Stored,
        lists: AccessLists | None = None,
        updates: HandingOver | None = None,
    ) -> None:
        self.books = books
        self.batch = Batch(books)
        self._hearing = Hearing(self.batch)
        self._journals = Journals(self.batch, stored)
        self._lists = lists if lists is not None else AccessLists({})
        self._lists.knows_pins = self.knows_pins
        self._updates = updates
        self.on_device: Callable[[str, dict[str, Any]], bytes] = lambda _cabinet, _word: b""  # a certificate to send
        self.distrust = ""  # why events are to be set aside unread: what they led to could not be written
        self._known = known
        self._stored = stored
        self.on_refused_badge: Callable[[str, dict[str, Any], int], None] = lambda _cabinet, _body, _at_ms: None
        self._refused: dict[str, _Refused] = {}
        self._answers = Answers(books)
        self.guide = RestockGuide(self.knows, stored.settled_mg)
        self._waiting: set[str] = set()  # cabinets whose events wait for a document that names them

    def start_batch(self, books: Books) -> None:
        """Begin anew, with these books: after a commit, or after a failed one with books loaded from the database."""
        self.books = books
        self.batch = self._hearing.batch = self._journals.batch = Batch(books)
        self._answers.start_batch(books)

    @property
    def lives(self) -> dict[str, Live]:
        """The newest live message of each cabinet."""
        return self._hearing.lives

    def knows(self, cabinet: str) -> bool:
        """Whether a cabinet is one of this shop's."""
        plan = self.books.plan
        return cabinet in self._known or (plan is not None and cabinet in plan.cabinets)

    def knows_pins(self, cabinet: str) -> bool:
        """Whether a cabinet's controller knows of doors that ask for a PIN: it says what it is."""
        return cabinet in self.books.devices

    def take(self, message: Received) -> list[Outgoing]:
        """Take one message into the batch. Only what may be said before the commit comes back: the time, and lights."""
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
        if leaf in ("device", "want"):
            return self._take_device(cabinet, leaf, message)
        return self._hear(cabinet, leaf, message)

    def _hear(self, cabinet: str, leaf: str, message: Received) -> list[Outgoing]:
        """A `state`, `health` or `live`."""
        heard = self._hearing.take(cabinet, leaf, message)
        if heard.epoch:
            self._answers.owe((cabinet, heard.epoch))
        if leaf == "live" and cabinet in self.lives:
            return self.guide.hear(cabinet, self.lives[cabinet].message, self.books, message.received_ms)
        if heard.health is not None:
            self._take_health(cabinet, heard.health, message.received_ms)
        return heard.answers + self._newer_list(cabinet, heard, message.received_ms)

    def after_commit(self, now_ms: int) -> list[Outgoing]:
        """The answers due now that the batch is durable."""
        return self._answers.after_commit(now_ms)

    def due(self, now_ms: int) -> list[Outgoing]:
        """What is to be said without being asked, between batches."""
        updates = self._updates.due(self.batch, now_ms) if self._updates is not None else []
        return self._answers.due(now_ms) + updates

    def follow_clock(self, now_ms: int) -> None:
        """Take into the batch what only the clock brings: overrides of policies that have ended."""
        for decision in feed_plans.overrides_due(self.books, now_ms):
            self.batch.add(decision)
        if self._updates is not None:
            self._updates.follow(self.batch, now_ms)

    # ---- what a cabinet says of itself ----

    def _take_health(self, cabinet: str, health: dict[str, Any], now_ms: int) -> None:
        """A cabinet that has forgotten what this database still wants is taken at its word."""
        first, last = health["journal_first"], health["journal_last"]
        if first <= last + 1 and not self._must_wait(cabinet):
            self._journals.pass_over(cabinet, health["epoch"], first, now_ms)

        if self._updates is not None:
            self._updates.health(self.batch, cabinet, health, now_ms)

    def _note_device(self, cabinet: str, message: Received) -> list[Outgoing]:
        """From its first word on a controller gets the list that only one of its kind understands."""
        is_first = not self.knows_pins(cabinet)
        self._hearing.note_device(cabinet, message.payload.decode(), message.received_ms)
        document = self.books.document
        named = is_first and document is not None and self._is_named(cabinet)
        return self._lists.of(cabinet, document, message.received_ms) if named and document is not None else []

    def _take_device(self, cabinet: str, leaf: str, message: Received) -> list[Outgoing]:
        """What a controller says of itself as a device, or wants of a bundle."""
        try:
            word = wire.decode(leaf, message.payload)
        except wire.WireError as error:
            quarantine(self.batch, message, str(error), cabinet=cabinet)
            return []
        if leaf == "want":
            return self._updates.want(cabinet, word) if self._updates is not None else []
        answers = self._note_device(cabinet, message)
        der = self.on_device(cabinet, word)
        answers += [Outgoing(cabinet, "certificate", der)] if der else []
        if self._updates is not None:
            answers += self._updates.device(self.batch, cabinet, word, message.received_ms)
        return answers

    def _newer_list(self, cabinet: str, heard: Heard, now_ms: int) -> list[Outgoing]:
        document = self.books.document
        if heard.health is None or document is None or not self._is_named(cabinet):
            return []
        return self._lists.renew(cabinet, heard.health["config_version"], document, now_ms)

    def access_lists(self, now_ms: int) -> list[Outgoing]:
        """The access list of every cabinet the document names, and of those it once named."""
        document = self.books.document
        if document is None:
            return []
        named = [cabinet for cabinet in sorted(self._known) if self._is_named(cabinet)]
        return [message for cabinet in named for message in self._lists.of(cabinet, document, now_ms)]

    # ---- events ----

    def _take_events(self, cabinet: str, message: Received) -> None:
        if self._must_wait(cabinet):
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
            if cursor is None and not self._journals.may_begin(cabinet, message.received_ms):
                return False
            self._accept(cursor, envelope, message, line)
            return True
        if envelope.seq <= through:
            self._answers.owe(key)
            self._check_repeat(envelope, message, line)
            return True
        self._answers.ask_again(key, message.received_ms)
        return False

    def _accept(self, cursor: Cursor | None, envelope: Any, message: Received, line: bytes) -> None:
        key = (envelope.cabinet, envelope.epoch)
        if cursor is None:
            self._journals.begin(*key, message.received_ms)
        self._answers.accepted(key)
        self._refused.pop(envelope.cabinet, None)
        if self.distrust:
            self._accept_strange(envelope, message, line, self.distrust)
            return
        try:
            body = read_body(envelope)
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
        if body["kind"] in ("config_taken", "config_refused"):
            self._stored.note_list(envelope.cabinet, body.get("reason", ""), occurred_ms)
        if body["kind"] == "badge_refused":
            self.on_refused_badge(envelope.cabinet, body, occurred_ms)
        if self._updates is not None:
            self._updates.event(self.batch, envelope.cabinet, body, occurred_ms)
        if body["kind"] == "journal_created" and body["reason"] == "lost":
            self._journals.lost(*key, message.received_ms)

    def _decide(self, envelope: Any, body: dict[str, Any], occurred_ms: int, received_ms: int) -> Decision:
        cabinet, epoch, seq = envelope.cabinet, envelope.epoch, envelope.seq
        cause = Cause(f"{cabinet}/{epoch}/{seq}", cabinet, epoch, seq, occurred_ms, received_ms)
        return decide(cause, body, self.books, self._stored, ended=self.batch.ended_sessions)

    def _accept_strange(self, envelope: Any, message: Received, line: bytes, reason: str) -> None:
        """Sound envelope, strange body: it counts as received, and waits in the quarantine."""
        cabinet, epoch, seq = envelope.cabinet, envelope.epoch, envelope.seq
        quarantine(self.batch, message, reason, cabinet=cabinet, epoch=epoch, seq=seq, data=line)
        self._take_in(envelope, (message.received_ms, message.received_ms), ("quarantined", reason[:500]), line)

    def _take_in(self, envelope: Any, times_ms: tuple[int, int], kind: tuple[str, str], line: bytes) -> None:
        item = EventItem(envelope.cabinet, envelope.epoch, envelope.seq, *times_ms, line_text(line))
        self.batch.take_in(item, *kind, line)

    def _check_repeat(self, envelope: Any, message: Received, line: bytes) -> None:
        """The same content again is well; different content under one identity is a broken invariant."""
        identity = (envelope.cabinet, envelope.epoch, envelope.seq)
        held = self.batch.lines.get(identity) or self._stored.stored_line(*identity)
        if held == line:
            return
        cabinet, epoch, seq = identity
        reason = "different content under one identity" if held else "came after its loss had been booked"
        if quarantine(self.batch, message, reason, cabinet=cabinet, epoch=epoch, seq=seq, data=line):
            log.error("%s: %s/%s/%s", reason, *identity)
        if held:
            self._journals.alarm(cabinet, "different_content", message.received_ms, epoch=epoch, seq=seq)

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
            self._answers.ask_again((cabinet, epoch), message.received_ms)
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
            if not self._journals.may_begin(cabinet, message.received_ms):
                return
            self._journals.begin(*key, message.received_ms)
        line = line[: wire.EVENT_BYTES_MAX]
        quarantine(self.batch, message, reason, cabinet=cabinet, epoch=epoch, seq=seq, data=line)
        envelope = wire.Envelope(wire.VERSION, cabinet, epoch, seq, b"")
        self._take_in(envelope, (message.received_ms, message.received_ms), ("unreadable", reason[:500]), line)
        self._answers.accepted(key)
        self._refused.pop(cabinet, None)

    def _present_epoch(self, cabinet: str) -> str:
        """The epoch a cabinet says it is in, or the newest it sent events of."""
        status = self.books.statuses.get(cabinet)
        return status.epoch if status is not None and status.epoch else self.books.present.get(cabinet, "")

    # ---- the document ----

    def _is_named(self, cabinet: str) -> bool:
        """Whether the document names a cabinet, or did when its first events came."""
        plan = self.books.plan
        return plan is not None and (cabinet in plan.cabinets or cabinet in self.books.present)

    def _must_wait(self, cabinet: str) -> bool:
        """Nothing can be booked before the planogram is known; the cabinet keeps its journal until then."""
        if self._is_named(cabinet):
            return False
        if cabinet not in self._waiting:
            log.warning("what %s has to say waits there until the shop's document names it", cabinet)
        self._waiting.add(cabinet)
        return True

    def document_came(self, now_ms: int) -> list[Outgoing]:
        """Ask for the events that were not taken in because no document named their cabinet."""
        named = {cabinet for cabinet in self._waiting if self._is_named(cabinet)}
        self._waiting -= named
        told = [(cabinet, status.epoch) for cabinet, status in self.books.statuses.items() if status.epoch]
        return [self._answers.journal_ack(key, True, now_ms) for key in told if key[0] in named]
