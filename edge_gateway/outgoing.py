"""The outbox on its way to the cloud: which items make the next batch, and what a receipt changes.

Reads the outbox by its own connection; the cursor is moved by the writer, and only by a receipt: on, or back when the
cloud was restored from a backup and holds less than it had confirmed. It opens no socket.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from edge_gateway import schema, upload_format
from edge_gateway.batch import Batch
from edge_gateway.books import Books
from edge_gateway.upload_format import Receipt, UnreadItem, UnreadUpload

BATCH_BYTES_MAX = upload_format.UPLOAD_BYTES_MAX // 2

_encode = msgspec.json.Encoder().encode


class ReceiptError(ValueError):
    """The cloud says it holds what cannot be; the text says what was expected and what was found."""


class OlderThanCloudError(ReceiptError):
    """The cloud holds more of this epoch than was ever numbered here: this database was restored from a backup."""


class Journals(Protocol):
    """What the outbox says of the cabinets' journals."""

    def journals_after(self, outbox_seq: int) -> list[tuple[str, str, int]]:
        """(cabinet, epoch, seq): the first event of each journal after a number."""
        ...

    def journals_between(self, after: int, through: int) -> list[tuple[str, str, int]]:
        """(cabinet, epoch, seq): the last event of each journal in a stretch."""
        ...


@dataclass(frozen=True)
class Parcel:
    """One batch ready to be sent: the numbers `first` to `last`. An empty one asks how far the cloud is."""

    body: bytes
    first: int
    last: int


class Outgoing:
    """Reads what is to be sent next. Used by one thread."""

    def __init__(self, database: Path, gateway: str, epoch: str) -> None:
        self._db: sqlite3.Connection = schema.open_for_reading(str(database))
        self.gateway = gateway
        self.epoch = epoch

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def question(self, through: int) -> Parcel:
        """A parcel without items: what the cloud holds is all it asks."""
        return self._parcel([], through + 1)

    def next_parcel(self, through: int) -> Parcel | None:
        """The items after `through`, as many as one upload takes; None when there are none.

        What one event or one action led to is not divided: whatever the cloud holds, it makes sense by itself.
        """
        rows = self._db.execute(
            "select seq, content, event_seq from outbox where seq > ? order by seq limit ?",
            (through, upload_format.UPLOAD_ITEMS_MAX + 1),
        ).fetchall()
        items = [UnreadItem(row["seq"], msgspec.Raw(row["content"])) for row in rows[: _whole(rows)]]
        return self._parcel(items, items[0].seq) if items else None

    def _parcel(self, items: list[UnreadItem], first: int) -> Parcel:
        body = _encode(UnreadUpload(self.gateway, self.epoch, items))
        return Parcel(body, first, first + len(items) - 1)


def _whole(rows: list[sqlite3.Row]) -> int:
    """How many of the rows go up together: up to an event's own item, which comes last of all it led to, or all.

    Only when not even one event's end is among as many as may go up, as many as may.
    """
    size = count = whole = 0
    for row in rows:
        size += len(row["content"]) + 40
        if count == upload_format.UPLOAD_ITEMS_MAX or (count and size > BATCH_BYTES_MAX):
            return whole or count
        count += 1
        whole = count if row["event_seq"] else whole
    return count


def take_receipt(batch: Batch, receipt: Receipt, sent: int, journals: Journals) -> int:
    """Move the cursor to what the cloud holds; where to go on from. Runs on the writer, between batches.

    Beyond `sent`, the last number sent, the cursor does not move: what the cloud has under later numbers it shall
    compare with ours.
    """
    books = batch.books
    if receipt.epoch != books.epoch:
        raise ReceiptError(f"expected a receipt for epoch {books.epoch}, found {receipt.epoch}")
    if receipt.through < 0:
        raise ReceiptError(f"expected the cloud to hold 0 or more, found {receipt.through}")
    if receipt.through > books.outbox_last:
        raise OlderThanCloudError(
            f"expected the cloud to hold at most {books.outbox_last} of epoch {books.epoch}, found {receipt.through}"
        )
    before, through = books.upload_through, min(receipt.through, sent)
    books.upload_through = through
    batch.touched_upload = True
    if through < before:
        _go_back(batch, books, journals)
    else:
        for cabinet, epoch, seq in journals.journals_between(before, through):
            _set_in_cloud(batch, (cabinet, epoch), max(seq, books.cursors[cabinet, epoch].in_cloud))
    return through


def _go_back(batch: Batch, books: Books, journals: Journals) -> None:
    """What the cloud has lost is in it no more. What was forgotten here, too, may be of any journal."""
    if books.upload_through < books.pruned:
        lost = [(*key, 1) for key in books.cursors]
    else:
        lost = journals.journals_after(books.upload_through)
    for cabinet, epoch, seq in lost:
        _set_in_cloud(batch, (cabinet, epoch), min(seq - 1, books.cursors[cabinet, epoch].in_cloud))


def _set_in_cloud(batch: Batch, key: tuple[str, str], seq: int) -> None:
    batch.books.cursors[key].in_cloud = seq
    batch.touched_cursors.add(key)
