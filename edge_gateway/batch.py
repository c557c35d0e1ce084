"""The rows of one transaction, gathered from decisions in the order in which they are to be written.

It touches no database: `store.py` writes a batch whole or not at all. An event's own outbox item follows the items
it gave rise to, so that an outbox number reached in the cloud tells how far the journal is there too.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec

from edge_gateway import ledger
from edge_gateway.books import Books, Cursor, Refusals
from edge_gateway.decision import Booking, Decision
from edge_gateway.policies import Place, PlacePolicy
from edge_gateway.upload_format import Content, EventItem, ReadAgainItem, SetAsideItem, encode_content
from edge_gateway.visits import Visit

Row = tuple[Any, ...]


class Batch:
    """Rows by table. The books are changed together with it, and loaded anew if it cannot be written."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.inbox: list[Row] = []
        self.weighing: list[Row] = []
        self.plateau: list[Row] = []
        self.tag_read: list[Row] = []
        self.tag_found: list[Row] = []
        self.verdict: list[Row] = []
        self.rezero: list[Row] = []
        self.movement: list[Row] = []
        self.posting: list[Row] = []
        self.session_opened: list[Row] = []
        self.session_closed: list[Row] = []
        self.session_unended: list[Row] = []
        self.session_told: list[Row] = []  # door and badge, for a rebuilt database only
        self.session_person: list[Row] = []
        self.discrepancy: list[Row] = []
        self.resolution: list[Row] = []
        self.request: list[Row] = []
        self.request_end: list[Row] = []
        self.outbox: list[Row] = []
        self.quarantine: list[Row] = []
        self.quarantine_read: list[Row] = []
        self.document: list[Row] = []
        self.feed_entry: list[Row] = []
        self.feed_answer: list[Row] = []
        self.restocked: list[Row] = []
        self.taught_mass: list[Row] = []
        self.tag_serial: list[Row] = []
        self.tag_written: list[Row] = []
        self.job: dict[str, Row] = {}
        self.visit: dict[str, Visit] = {}
        self.policy: dict[Place, PlacePolicy] = {}
        self.bin_weight: dict[tuple[str, int], Row] = {}
        self.touched_balances: set[tuple[str, str]] = set()
        self.touched_cursors: set[tuple[str, str]] = set()
        self.touched_statuses: set[str] = set()
        self.touched_boots: set[tuple[str, str, int]] = set()
        self.touched_refusals: set[tuple[str, int]] = set()
        self.touched_devices: set[str] = set()
        self.touched_upload = False
        self.touched_firmware: set[str] = set()
        self.touched_bins: set[tuple[str, int]] = set()
        self.touched_gains: set[tuple[str, int]] = set()
        self.touched_masses: set[str] = set()
        self.touched_tags: set[str] = set()
        self.touched_hands: set[str] = set()
        self.touched_answers: set[tuple[str, int]] = set()
        self.ended_sessions: set[str] = set()
        self.lines: dict[tuple[str, str, int], bytes] = {}

    def take_in(self, item: EventItem, kind: str, reason: str, line: bytes) -> None:
        """An event line: the next of its journal. Moves the cursor on. `reason`: why it was not booked."""
        key = (item.cabinet, item.epoch)
        cursor: Cursor = self.books.cursors[key]
        digest = chain(cursor.digest, line)
        self.inbox.append(
            (item.cabinet, item.epoch, item.seq, item.received_ms, item.occurred_ms, kind, reason, line, digest)
        )
        self.lines[item.cabinet, item.epoch, item.seq] = line
        cursor.through = item.seq
        cursor.digest = digest
        self.touched_cursors.add(key)
        if reason:
            self._send(SetAsideItem(event_id(item), item.cabinet, reason.replace("\0", "\\0"), item.received_ms))
        self._send(item, item.cabinet, item.epoch, item.seq)

    def pass_over(self, last: tuple[str, str, int], now_ms: int, reason: str) -> None:
        """Move the cursor to `last` (cabinet, epoch, seq) over events that nobody holds any more."""
        cabinet, epoch, seq = last
        cursor: Cursor = self.books.cursors[cabinet, epoch]
        cursor.through = seq
        cursor.digest = chain(cursor.digest, b"")
        self.inbox.append((cabinet, epoch, seq, now_ms, now_ms, "forgotten", reason, b"", cursor.digest))
        self.touched_cursors.add((cabinet, epoch))

    def read_again(self, item: ReadAgainItem, epoch: str, seq: int, quarantine: int) -> None:
        """An event that was set aside, as row `quarantine` there (0: it was not kept), and can be read now."""
        self.quarantine_read.append((item.cabinet, epoch, seq, quarantine, item.occurred_ms, item.booked_ms))
        self._send(item)

    def add(self, decision: Decision) -> None:
        """Everything a decision changes, into the rows and into the books. Refuses an unbalanced movement first."""
        for booking in decision.bookings:
            ledger.check(booking.item.cause, booking.item.postings)
        cause = decision.cause
        self._add_evidence(decision)
        self._add_session(decision)
        for booking in decision.bookings:
            self._add_movement(booking, cause.epoch, cause.seq)
        self._add_questions(decision)
        self._add_verdicts(decision)
        self._add_work(decision, cause.booked_ms)
        self.books.apply(decision)
        self.touch_counting()

    def touch_counting(self) -> None:
        """What counting remembers otherwise now is written too."""
        counting = self.books.counting
        self.touched_bins |= counting.touched_bins
        self.touched_gains |= counting.touched_gains
        self.touched_masses |= counting.touched_masses
        self.touched_tags |= counting.touched_tags
        self.touched_hands |= counting.touched_hands
        counting.touched_gains = set()
        counting.touched_bins, counting.touched_masses = set(), set()
        self.touched_answers |= counting.touched_answers
        counting.touched_tags, counting.touched_hands, counting.touched_answers = set(), set(), set()

    def add_document(self, version: int, data: bytes, received_ms: int) -> None:
        """A version of the shop's document, as it came."""
        self.document.append((version, data, received_ms))

    def refused(self, key: tuple[str, int]) -> Refusals:
        """The counts of refusals of (cabinet, hour), to be changed by the caller."""
        self.touched_refusals.add(key)
        return self.books.refusals.setdefault(key, Refusals())

    def __bool__(self) -> bool:
        return any(bool(value) for name, value in vars(self).items() if name != "books")

    def _add_evidence(self, decision: Decision) -> None:
        cause = decision.cause
        cabinet, event, occurred_ms = cause.cabinet, (cause.cabinet, cause.epoch, cause.seq), cause.occurred_ms
        for weighed in decision.weighings:
            self.weighing.append((*event, *weighed, occurred_ms))
            number, _before_mg, _before_noise_mg, mg, noise_mg, quality = weighed
            if quality == 0 and mg is not None:
                self.bin_weight[cabinet, number] = (cabinet, number, mg, noise_mg, occurred_ms)
        for plateau in decision.plateaus:
            self.plateau.append((*event, *plateau))
        read = decision.tag_read
        if read is not None:
            self.tag_read.append((*event, read.session, read.number, read.rounds, read.seen, read.more, occurred_ms))
            self.tag_found += [(*event, epc, what) for epc, what in read.found]

    def _add_session(self, decision: Decision) -> None:
        opened, closed = decision.opened, decision.closed
        if opened is not None:
            self.session_opened.append(
                (
                    opened.id,
                    opened.cabinet,
                    opened.door,
                    opened.opened_by,
                    opened.person,
                    opened.badge,
                    opened.opened_ms,
                    decision.cause.booked_ms,
                )
            )
        for unended in decision.unended:
            self.session_unended.append((decision.cause.occurred_ms, unended.id))
        for session, person, badge in decision.joined:
            self.session_person.append((session, person, badge, decision.cause.occurred_ms))
        if closed is not None:
            self.session_closed.append((closed.how, closed.missing, closed.closed_ms, closed.booked_ms, closed.id))
            self.ended_sessions.add(closed.id)
            self._send(closed)

    def _add_movement(self, booking: Booking, epoch: str, seq: int) -> None:
        item = booking.item
        self.movement.append(
            (
                item.id,
                item.cause,
                item.cabinet,
                booking.bin,
                item.session,
                item.person,
                item.job,
                item.occurred_ms,
                item.booked_ms,
                item.confidence_ppm,
                item.corrects,
                item.note,
                epoch,
                seq,
            )
        )
        for line, posting in enumerate(item.postings):
            self.posting.append((item.id, line, posting.account, posting.part, posting.quantity))
            self.touched_balances.add((posting.account, posting.part))
        self._send(item)

    def _add_questions(self, decision: Decision) -> None:
        for d in decision.discrepancies:
            self.discrepancy.append((d.id, d.cabinet, d.bin, d.part, d.session, d.reason, d.opened_ms, d.detail))
        for r in decision.resolutions:
            self.resolution.append((r.discrepancy, r.person, r.note, r.movement, r.resolved_ms))
        for q in decision.requests:
            self.request.append((q.id, q.cabinet, q.bin, q.part, q.quantity, q.stock, q.raised_ms))
        for e in decision.request_ends:
            self.request_end.append((e.request, e.how, e.ended_ms))
        groups: tuple[Iterable[Content], ...] = (
            decision.discrepancies,
            decision.resolutions,
            decision.requests,
            decision.request_ends,
        )
        for group in groups:
            for content in group:
                self._send(content)

    def _add_verdicts(self, decision: Decision) -> None:
        for verdict in decision.verdicts:
            self.verdict.append(msgspec.structs.astuple(verdict))
            self._send(verdict)
        for rezero in decision.rezeros:
            self.rezero.append(msgspec.structs.astuple(rezero))
            self._send(rezero)

    def _add_work(self, decision: Decision, now_ms: int) -> None:
        """What the cloud told, what became of it, the shop's jobs, policies and visits."""
        for entry in decision.told:
            self.feed_entry.append(
                (entry.number, entry.kind, bytes(entry.body).decode(errors="replace"), entry.made_ms, now_ms)
            )
        for answer in decision.answers:
            self.feed_answer.append(msgspec.structs.astuple(answer))
            self._send(answer)
        for job in decision.jobs:
            self.job[job.id] = job
        for news in decision.job_news:
            self._send(news)
        self.policy |= decision.policies
        self.visit |= {visit.id: visit for visit in decision.visits}
        for item in decision.restocked:
            self.restocked.append(msgspec.structs.astuple(item))
            self._send(item)
        for taught in decision.taught:
            self.taught_mass.append(msgspec.structs.astuple(taught))
            self._send(taught)
        self.tag_serial += decision.tags_given
        self.tag_written += decision.tags_written

    def _send(self, content: Content, cabinet: str = "", epoch: str = "", event_seq: int = 0) -> None:
        self.books.outbox_last += 1
        self.outbox.append((self.books.outbox_last, encode_content(content), cabinet, epoch, event_seq))


def event_id(item: EventItem) -> str:
    """An event's name in what it led to."""
    return f"{item.cabinet}/{item.epoch}/{item.seq}"


def chain(digest_before: bytes, line: bytes) -> bytes:
    """The digest of an inbox row: it covers the line and, through the digest before it, every line before."""
    return sha256(digest_before + line).digest()
