"""Uploads of gateways, booked once each: one transaction an upload, and a cursor for each gateway's epoch.

The next number only is accepted. A number below the cursor is compared with what was received under it: the same
is ignored, another is put in quarantine beside the untouched first. A number above leaves a gap: the gateway gets
the cursor back and starts again from there. What cannot be booked is put in quarantine too, counts as received,
and blocks nobody. Answering late or twice does no harm.
"""

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from cloud.admission import DIGEST_BYTES, Received, body_of, examine_all, read_upload
from cloud.booking import Booking, Owner
from cloud.bulk_rows import BulkRows, RepeatedRowError, Row
from cloud.database import Database
from cloud.owners import Owners
from cloud.places import Scope
from cloud.shared_booking import SharedBooking
from cloud.tables import IngestQuarantine, UploadBatch
from cloud.work.shop_jobs import keep_kiosk_jobs
from edge_gateway.shop_document import decode_document
from edge_gateway.upload_format import Receipt, UnreadUpload, Upload, UploadError

log = logging.getLogger(__name__)

_EPOCH = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_BATCH_COLUMNS = ("gateway_id", "epoch", "first", "last", "dealer_id", "digests")
_QUARANTINE_COLUMNS = (
    "gateway_id", "epoch", "seq", "digest", "dealer_id", "shop_id", "received_ms", "reason", "body",
)  # fmt: skip
_ANOTHER_CONTENT = "expected the content that was received under this number before, found another"


@dataclass(frozen=True)
class GatewayIdentity:
    """A gateway whose key or certificate was right: which it is, and whose."""

    gateway: str
    shop: str
    dealer: str
    document_version: int | None = None  # of its shop when the key was looked up
    certificate: str = ""  # the serial by which it was recognised; "": by a random key


class GapError(ValueError):
    """An upload begins after numbers that are missing; `receipt` says from where it is wanted."""

    def __init__(self, receipt: Receipt, found: int) -> None:
        super().__init__(f"expected item {receipt.through + 1} of epoch {receipt.epoch}, found {found}")
        self.receipt = receipt


class WrongGatewayError(PermissionError):
    """An upload names another gateway than its key."""


@dataclass
class Ingest:
    """Books uploads into one database. Uploads of one gateway queue; `receive` blocks, so call it in a thread."""

    database: Database
    now_ms: Callable[[], int]
    _known: dict[str, "_Known"] = field(default_factory=dict)
    _known_lock: threading.Lock = field(default_factory=threading.Lock)
    _said_again: set[tuple[str, str]] = field(default_factory=set)  # epochs whose events were there already

    def receive(self, gateway: GatewayIdentity, body: bytes) -> Receipt:
        """Book an upload (`UploadError`, `WrongGatewayError`, `GapError`); committed when this returns."""
        upload = read_upload(body)
        _check_envelope(gateway, upload)
        received = examine_all(body, upload, self._scope(gateway))
        reception = self._take(gateway, upload.epoch, received, body)
        for seq, reason in reception.put_aside:
            log.error("gateway %s, epoch %s: item %d put aside: %s", gateway.gateway, upload.epoch, seq, reason)
        return reception.receipt

    def _take(self, gateway: GatewayIdentity, epoch: str, received: list[Received], body: bytes) -> "_Reception":
        """In one transaction; in a second one when events are there already, as a rebuilt gateway's are."""
        if (gateway.gateway, epoch) not in self._said_again:
            try:
                return self._take_once(gateway, epoch, received, body, careful=False)
            except RepeatedRowError:
                self._said_again.add((gateway.gateway, epoch))
        return self._take_once(gateway, epoch, received, body, careful=True)

    def _take_once(
        self, gateway: GatewayIdentity, epoch: str, received: list[Received], body: bytes, *, careful: bool
    ) -> "_Reception":
        owner, owners = Owner(gateway.dealer, gateway.shop, self.now_ms()), self._known[gateway.shop].owners
        with self.database.writing() as session:
            connection = session.connection()
            shared = SharedBooking(connection, owner, owners) if owners.is_shared else None
            reception = _Reception(shared or Booking(connection, owner, careful=careful), gateway, epoch, body)
            reception.take(received)
            keep_kiosk_jobs(session, gateway.shop, owner.now_ms, (item.content for item in received))
        return reception

    def _scope(self, gateway: GatewayIdentity) -> Scope:
        """What the gateway's uploads may name, read on when its shop's document has a new version."""
        known = self._known.get(gateway.shop)
        if known is not None and known.owners.through == gateway.document_version:
            return known.scope
        with self.database.reading() as session:
            rows = BulkRows(session.connection())
            [(version,)] = rows.select("SELECT document_version FROM shop WHERE id = ?", (gateway.shop,))
            with self._known_lock:
                known = self._known.get(gateway.shop)
                if known is None or known.owners.through != version:
                    known = self._known[gateway.shop] = _read_on(rows, gateway, known)
        return known.scope


@dataclass(frozen=True)
class _Known:
    """What is known of a shop from its documents: what its uploads may name, and whose its bins are."""

    scope: Scope
    owners: Owners


@dataclass
class _Reception:
    """One upload inside its transaction, and what came of it."""

    booking: Booking
    gateway: GatewayIdentity
    epoch: str
    body: bytes
    receipt: Receipt = field(init=False)
    put_aside: list[tuple[int, str]] = field(default_factory=list)

    def take(self, received: list[Received]) -> None:
        """Book what is new, compare what is not, move the cursor."""
        self._queue_behind_others()
        through = self._through()
        if received and received[0].seq > through + 1:
            raise GapError(Receipt(self.epoch, through), received[0].seq)
        self._compare([item for item in received if item.seq <= through])
        fresh = [item for item in received if item.seq > through]
        self._book(fresh)
        self.receipt = Receipt(self.epoch, fresh[-1].seq if fresh else through)
        self._move_cursor(self.receipt)

    def _queue_behind_others(self) -> None:
        # One upload of a gateway at a time: on PostgreSQL its row is the lock; SQLite has one writer anyway.
        self._write(
            "UPDATE gateway SET last_contact_ms = ?, uploads = uploads + 1 WHERE id = ?",
            self.booking.owner.now_ms,
            self.gateway.gateway,
        )

    def _through(self) -> int:
        found = self.booking.rows.select(
            "SELECT through FROM gateway_epoch WHERE gateway_id = ? AND epoch = ?", (self.gateway.gateway, self.epoch)
        )
        return int(found[0][0]) if found else 0

    def _compare(self, repeats: list[Received]) -> None:
        if not repeats:
            return
        digests = self._digests(repeats[0].seq, repeats[-1].seq)
        others = [item for item in repeats if digests[item.seq] != item.digest]
        self._put_aside([(item, _ANOTHER_CONTENT) for item in others])

    def _digests(self, first: int, last: int) -> dict[int, bytes]:
        """Those of the numbers received before: of the batch that holds `first` and of those behind it."""
        epoch = (self.gateway.gateway, self.epoch)
        found = self.booking.rows.select(
            "SELECT first, digests FROM upload_batch WHERE gateway_id = ? AND epoch = ? AND first <= ? AND first >= "
            "(SELECT max(first) FROM upload_batch WHERE gateway_id = ? AND epoch = ? AND first <= ?)",
            (*epoch, last, *epoch, first),
        )
        return {
            start + at // DIGEST_BYTES: bytes(digests[at : at + DIGEST_BYTES])
            for start, digests in found
            for at in range(0, len(digests), DIGEST_BYTES)
        }

    def _book(self, fresh: list[Received]) -> None:
        if not fresh:
            return
        digests = b"".join(item.digest for item in fresh)
        batch = (self.gateway.gateway, self.epoch, fresh[0].seq, fresh[-1].seq, self.booking.owner.dealer, digests)
        self.booking.rows.insert(UploadBatch, _BATCH_COLUMNS, [batch])
        sound = [item for item in fresh if item.content is not None]
        reasons = self.booking.book([item.content for item in sound])
        contradictions = [(item, reason) for item, reason in zip(sound, reasons, strict=True) if reason]
        self._put_aside(contradictions + [(item, item.reason) for item in fresh if item.content is None])

    def _put_aside(self, items: list[tuple[Received, str]]) -> None:
        gateway, now_ms = self.gateway, self.booking.owner.now_ms
        rows: list[Row] = [
            (
                gateway.gateway,
                self.epoch,
                item.seq,
                item.digest,
                gateway.dealer,
                gateway.shop,
                now_ms,
                _text(reason),
                body_of(self.body, item.seq) if item.body is None else item.body,
            )
            for item, reason in items
        ]
        self.booking.rows.insert_new(IngestQuarantine, _QUARANTINE_COLUMNS, rows)
        self.put_aside.extend((item.seq, _text(reason)) for item, reason in items)

    def _move_cursor(self, receipt: Receipt) -> None:
        now_ms = self.booking.owner.now_ms
        self._write(
            "INSERT INTO gateway_epoch (gateway_id, epoch, dealer_id, through, started_ms, moved_ms) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (gateway_id, epoch) "
            "DO UPDATE SET through = excluded.through, moved_ms = excluded.moved_ms",
            self.gateway.gateway,
            self.epoch,
            self.gateway.dealer,
            receipt.through,
            now_ms,
            now_ms,
        )

    def _write(self, statement: str, *values: str | int) -> None:
        self.booking.rows.write(statement, values)


def _check_envelope(gateway: GatewayIdentity, upload: Upload | UnreadUpload) -> None:
    if upload.gateway != gateway.gateway:
        raise WrongGatewayError(f"expected an upload of {gateway.gateway}, found {upload.gateway[:60]!r}")
    if not _EPOCH.fullmatch(upload.epoch):
        raise UploadError(f"expected an epoch of 1 to 64 letters, digits and _.-, found {upload.epoch[:60]!r}")


def _read_on(rows: BulkRows, gateway: GatewayIdentity, known: _Known | None) -> _Known:
    cabinets = rows.select("SELECT id FROM cabinet WHERE shop_id = ?", (gateway.shop,))
    # All versions: a shop without internet works on with an older document, whose owners are as good.
    before = known.owners if known is not None else Owners(gateway.dealer)
    bodies = rows.select(
        "SELECT stored_ms, body FROM document WHERE shop_id = ? AND version > ? ORDER BY version",
        (gateway.shop, before.through),
    )
    owners = before.read_on((stored_ms, decode_document(bytes(body))) for stored_ms, body in bodies)
    return _Known(Scope(gateway.shop, owners.dealers, frozenset(name for (name,) in cabinets)), owners)


def _text(reason: str) -> str:
    return reason.replace("\0", "\\0")  # PostgreSQL keeps no NUL in text, and a reason may quote one
