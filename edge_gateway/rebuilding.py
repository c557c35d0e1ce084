"""From what went up back to the rows it came from: a gateway's database, made anew from the items the cloud holds.

What goes up does not say everything that stood here: the rest (doors, badges, who joined, what bins weighed, the bin of
a movement) is read from the event lines and the names. An event that was booked is not decided again. Every row goes
into the outbox as well: the new epoch holds all there is, so that a cloud that is itself restored later can be told.

The cloud's feed is fetched again from its first number; what was answered is not carried out again. Policies and visits
that were taken up come with the pages, so that bins are reviewed by the levels that were in force.

What only the lost database knew does not come back: answers at the kiosk that had not gone up, what each cabinet last
said of itself, messages in quarantine that were no events, how often a broken message was asked for again, and when a
version of the document had come.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from cabinet import wire

from edge_gateway import counting_again, dating, feed_plans
from edge_gateway.batch import Batch, event_id
from edge_gateway.deciding import read_body
from edge_gateway.decision import Booking, Cause, Decision, OpenSession, ShopJob
from edge_gateway.evidence_rows import plateaus, session_id, tag_read, weighed
from edge_gateway.feed_format import PLANNED, FeedEntry, read_entry
from edge_gateway.held_format import Held, HeldDocument
from edge_gateway.journals import Journals, forgotten
from edge_gateway.movement_names import movement_bin, movement_cause
from edge_gateway.opening import put_into_force
from edge_gateway.quarantine import BYTES_KEPT_MAX
from edge_gateway.shop_document import decode_document
from edge_gateway.store import Store
from edge_gateway.upload_format import (
    Content,
    DiscrepancyItem,
    EventItem,
    FeedAnswerItem,
    JobClosedItem,
    JobOpenedItem,
    MovementItem,
    ReadAgainItem,
    RequestEndItem,
    RequestItem,
    ResolutionItem,
    RestockedItem,
    ReZeroItem,
    SessionItem,
    SetAsideItem,
    TaughtMassItem,
    VerdictItem,
    line_bytes,
)

Key = tuple[str, str]  # cabinet, epoch
# The newest settled weight of each bin, by the order of the cabinets' journals and their events.
_NEWEST_WEIGHTS = """
select cabinet, bin, mg, noise_mg, occurred_ms from (
    select w.*, row_number() over (partition by w.cabinet, w.bin order by c.begun_ms desc, w.seq desc) as place
    from weighing w join cursor c on c.cabinet = w.cabinet and c.epoch = w.epoch
    where w.quality = 0 and w.mg is not null
) where place = 1
"""
_UNENDED = """
select d.opened_ms, s.id from discrepancy d join session s on s.id = d.session
where d.reason = 'session_unended' and s.closed_ms is null
"""


# Of the open requests for one part of a bin, all but the newest: a second database had raised its own.
_RAISED_TWICE = """
select id from (
    select id, row_number() over (partition by cabinet, bin, part order by raised_ms desc, id desc) as place
    from open_request
) where place > 1
"""
HERE = "the events are here after all"


class RebuildError(ValueError):
    """What the cloud holds cannot be understood here; the text says what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class _Forgotten:
    """A stretch of a journal, behind `through` up to `last`, that a gateway could not have any more."""

    discrepancy: str
    through: int
    last: int
    found_ms: int

    @property
    def reason(self) -> str:
        """As it stood in the inbox."""
        return forgotten(self.through, self.last + 1)


class Rebuilding:
    """Takes pages in order, then `finish`. The database is whole and sound only after that."""

    def __init__(self, store: Store, now_ms: int) -> None:
        self.store = store
        self.books = store.load(now_ms)
        self.batch = Batch(self.books)
        self._now_ms = now_ms
        self._journals = Journals(self.batch, store)
        self._kind: type | None = None
        self._documents: list[HeldDocument] = []
        self._forgotten: dict[Key, list[_Forgotten]] = defaultdict(list)
        self._set_aside: dict[str, str] = {}
        self._read_again: dict[str, ReadAgainItem] = {}
        self._open: dict[str, int] = {}  # sessions that have begun, and since when that was known
        self._balances: set[tuple[str, str]] = set()

    def take(self, page: Held) -> None:
        """One page; durable when this returns."""
        self._documents += page.documents
        for entry in page.plans:
            self._remember(entry)
        for item in page.items:
            if type(item) is not self._kind:  # later kinds look at the rows of those before
                self._write()
                self._kind = type(item)
            self._take(item)
        self._write()

    def finish(self) -> None:
        """What is known only when everything is there: the ends of journals, newest weights, the document in force."""
        for key, marks in self._forgotten.items():
            self._pass_over_forgotten(key, max(mark.last for mark in marks) + 1)
        for key, cursor in self.books.cursors.items():
            cursor.in_cloud = cursor.through
            self.batch.touched_cursors.add(key)
        self._write()
        self.batch.touched_balances |= self._balances
        self.batch.session_unended += self.store.all(_UNENDED)
        for row in self.store.all(_NEWEST_WEIGHTS):
            self.batch.bin_weight[row[0], row[1]] = row
        self._keep_read_again()
        self._store()
        self._settle_second_database()
        self._put_documents()
        counting_again.learn_again(self.batch, self.store)
        counting_again.refer_again(self.batch, self.store)
        counting_again.gain_again(self.batch, self.store)
        counting_again.remember_again(self.batch, self.store, self._now_ms)
        self._store()

    def _write(self) -> None:
        # Movements come by their names: in the middle of them a bin may hold less than nothing.
        self._balances |= self.batch.touched_balances
        self.batch.touched_balances = set()
        self._store()

    def _store(self) -> None:
        if self.batch:
            self.store.write(self.batch)
        self.batch = self._journals.batch = Batch(self.books)

    # ---- what was booked ----

    def _take(self, item: Content) -> None:
        match item:
            case EventItem():
                self._take_event(item)
            case SetAsideItem():
                self._set_aside[item.event] = item.why
            case ReadAgainItem():
                self._read_again[item.event] = item
            case _:
                self.batch.add(self._decision(item))

    def _decision(self, item: Any) -> Decision:
        decision = Decision(Cause("", getattr(item, "cabinet", ""), "", 0, 0, 0))
        match item:
            case MovementItem():
                decision.cause = movement_cause(item)
                decision.bookings.append(Booking(item, movement_bin(item)))
            case SessionItem():
                decision.opened = OpenSession(item.id, item.cabinet, 0, item.opened_by, item.person, "", item.opened_ms)
                decision.closed = item
            case DiscrepancyItem():
                decision.discrepancies.append(item)
                self._note_forgotten(item)
            case ResolutionItem():
                decision.resolutions.append(item)
            case RequestItem():
                decision.requests.append(item)
            case RequestEndItem():
                decision.request_ends.append(item)
            case VerdictItem():
                decision.verdicts.append(item)
            case ReZeroItem():
                decision.rezeros.append(item)
            case FeedAnswerItem():
                decision.answers.append(item)
            case RestockedItem():
                decision.restocked.append(item)
            case TaughtMassItem():
                decision.taught.append(item)
            case JobOpenedItem() | JobClosedItem():
                decision.job_news.append(item)
                decision.jobs.append(self._job(item))
        return decision

    def _job(self, item: JobOpenedItem | JobClosedItem) -> ShopJob:
        """As far as the kiosk said it; what the cloud says of jobs comes again with its feed."""
        if isinstance(item, JobOpenedItem):
            opened = item.km, item.opened_by, item.opened_ms
            return ShopJob(item.id, item.title, item.plate, item.vin, *opened, source="kiosk")
        known = self.books.jobs.get(item.id, ShopJob(item.id, item.id))
        return known._replace(closed_ms=item.closed_ms)

    def _remember(self, entry: FeedEntry) -> None:
        """A policy or a visit: in force again before anything is reviewed. Its number comes with the feed once more."""
        told = read_entry(entry.kind, bytes(entry.body))
        if isinstance(told, PLANNED):
            self.batch.add(feed_plans.remembered(self.books, told, entry.number, self._now_ms))

    # ---- journals ----

    def _note_forgotten(self, item: DiscrepancyItem) -> None:
        if item.reason == "journal_forgotten":
            facts = json.loads(item.detail)
            mark = _Forgotten(item.id, facts["through"], facts["journal_first"] - 1, item.opened_ms)
            self._forgotten[item.cabinet, facts["epoch"]].append(mark)

    def _through(self, key: Key) -> int:
        cursor = self.books.cursors.get(key)
        return 0 if cursor is None else cursor.through

    def _pass_over_forgotten(self, key: Key, before: int) -> None:
        """What was passed over between the last event and `before`, as often as it was."""
        for mark in sorted(self._forgotten.get(key, []), key=lambda mark: mark.last):
            if self._through(key) < mark.last < before:
                self._begin(key, mark.found_ms)
                self.batch.pass_over((*key, mark.last), mark.found_ms, mark.reason)

    def _begin(self, key: Key, begun_ms: int) -> None:
        if key not in self.books.cursors:
            self.books.begin_journal(*key, begun_ms)

    def _take_event(self, item: EventItem) -> None:
        key = (item.cabinet, item.epoch)
        self._pass_over_forgotten(key, item.seq)
        self._begin(key, item.received_ms)
        if item.seq > self._through(key) + 1:  # the cloud could not book it: a loss, and seen as one
            self._journals.pass_over(*key, item.seq, self._now_ms)
        line = line_bytes(item.line)
        why = self._set_aside.get(event_id(item), "")
        if why:
            self._take_set_aside(item, line, why)
            return
        body = _body(line)
        self.batch.take_in(item, body["kind"], "", line)
        if "utc_ms" not in body:
            self._learn_boot((*key, body["boot"]), body["up_ms"], item.received_ms)
        self._add_evidence(_cause(item, item.occurred_ms, item.received_ms), body, is_late=False)

    def _take_set_aside(self, item: EventItem, line: bytes, why: str) -> None:
        kind = "quarantined" if _is_sound(line) else "unreadable"
        self.batch.take_in(item, kind, why, line)
        topic = wire.topic(item.cabinet, "event")
        kept = line[:BYTES_KEPT_MAX]
        place = (item.cabinet, item.epoch, item.seq)
        self.batch.quarantine.append((topic, kept, len(line), why, item.received_ms, *place))
        read = self._read_again.get(event_id(item))
        if read is not None:
            self._add_evidence(_cause(item, read.occurred_ms, read.booked_ms), _body(line), is_late=True)

    def _keep_read_again(self) -> None:
        for event, item in self._read_again.items():
            _cabinet, epoch, seq = event.rsplit("/", 2)
            row = self.store.one(
                "select id from quarantine where cabinet = ? and epoch = ? and seq = ?", (item.cabinet, epoch, int(seq))
            )
            self.batch.read_again(item, epoch, int(seq), 0 if row is None else row[0])

    def _learn_boot(self, key: tuple[str, str, int], up_ms: int, received_ms: int) -> None:
        self.books.boots[key] = dating.boot_began_ms(self.books.boots.get(key), up_ms, received_ms)
        self.batch.touched_boots.add(key)

    # ---- what an event tells beside what was booked ----

    def _add_evidence(self, cause: Cause, body: dict[str, Any], *, is_late: bool) -> None:
        decision = Decision(cause, weighings=list(weighed(body)), plateaus=list(plateaus(body)))
        decision.tag_read = tag_read(cause.cabinet, cause.epoch, body)
        match body["kind"]:
            case "session_opened":
                self._open[cause.id] = cause.booked_ms
                self._add_opened(decision, body)
            case "person_joined":
                session = session_id(cause.cabinet, cause.epoch, body["session"])
                was_open = session in self._open and self._open[session] <= cause.booked_ms
                if was_open or (is_late and self.store.session_seen(session)):
                    decision.joined.append((session, body["person"], body["badge"]))
            case "session_closed":
                self._open.pop(session_id(cause.cabinet, cause.epoch, body["session"]), None)
        self.batch.add(decision)

    def _add_opened(self, decision: Decision, body: dict[str, Any]) -> None:
        cause = decision.cause
        person, badge = body["person"], body["badge"]
        if self.store.session_seen(cause.id):
            self.batch.session_told.append((body["door"], badge, cause.id))
        else:
            decision.opened = OpenSession(
                cause.id, cause.cabinet, body["door"], body["by"], person, badge, cause.occurred_ms
            )
        if person:
            decision.joined.append((cause.id, person, badge))

    # ---- what a second database said, begun anew in the place of the lost one before it was restored ----

    def _settle_second_database(self) -> None:
        """It missed events that are here, and raised requests that were open already."""
        decision = Decision(Cause("", "", "", 0, self._now_ms, self._now_ms))
        for key, marks in self._forgotten.items():
            for mark in marks:
                if self._is_here(key, mark):
                    decision.resolutions.append(ResolutionItem(mark.discrepancy, "", HERE, "", self._now_ms))
        for (request,) in self.store.all(_RAISED_TWICE):
            decision.request_ends.append(RequestEndItem(request, "withdrawn", self._now_ms))
        self.batch.add(decision)
        self._store()

    def _is_here(self, key: Key, mark: _Forgotten) -> bool:
        """Whether a stretch that was missed came from the cloud as a whole, and nobody has said so yet."""
        (held,) = self.store.one(
            "select count(*) from inbox where cabinet = ? and epoch = ? and seq > ? and seq <= ? "
            "and kind != 'forgotten'",
            (*key, mark.through, mark.last),
        )
        is_open = self.store.one("select 1 from open_discrepancy where id = ?", (mark.discrepancy,)) is not None
        return is_open and held == mark.last - mark.through

    # ---- the document ----

    def _put_documents(self) -> None:
        """The newest is put into force as if it came now: what it opens is booked already, or is booked now."""
        self.books = self.store.load(self._now_ms)
        self._store()
        for document in self._documents[:-1]:
            self.batch.add_document(document.version, bytes(document.body), document.stored_ms)
        for document in self._documents[-1:]:
            data = bytes(document.body)
            before = decode_document(bytes(self._documents[-2:][0].body))  # itself, when it is the only one
            self.books.plan = self.books.arranged(before)
            put_into_force(decode_document(data), data, self.batch, self._now_ms)
        self._store()


def _cause(item: EventItem, occurred_ms: int, booked_ms: int) -> Cause:
    return Cause(event_id(item), item.cabinet, item.epoch, item.seq, occurred_ms, booked_ms)


def _is_sound(line: bytes) -> bool:
    try:
        wire.decode_envelope(line)
    except wire.EnvelopeError:
        return False
    return True


def _body(line: bytes) -> dict[str, Any]:
    try:
        return read_body(wire.decode_envelope(line))
    except wire.WireError as error:
        raise RebuildError(
            f"expected events this version understands, found one that a later version booked: {error}"
        ) from error
