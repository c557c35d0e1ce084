"""The outbox on its way to the cloud: which items make the next batch, and what a receipt changes.

Reads the outbox by its own connection; the cursor is moved by the writer, and only by a receipt. It opens no socket.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge_gateway import schema, upload_format
from edge_gateway.batch import Batch
from edge_gateway.upload_format import Receipt, UnreadItem, UnreadUpload

BATCH_BYTES_MAX = upload_format.UPLOAD_BYTES_MAX // 2

_encode = msgspec.json.Encoder().encode


class ReceiptError(ValueError):
    """The cloud says it holds what cannot be; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Parcel:
    """One batch ready to be sent. `journals` tells how far each journal gets with it."""

    body: bytes
    last: int
    marks: tuple[tuple[int, str, str, int], ...]  # outbox seq, cabinet, epoch, event seq


class Outgoing:
    """Reads what is to be sent next. Used by one thread."""

    def __init__(self, database: Path, gateway: str, epoch: str) -> None:
        self._db: sqlite3.Connection = schema.open_for_reading(str(database))
        self.gateway = gateway
        self.epoch = epoch

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def next_parcel(self, through: int) -> Parcel | None:
        """The items after `through`, as many as one upload takes; None when there are none."""
        rows = self._db.execute(
            "select seq, content, cabinet, epoch, event_seq from outbox where seq > ? order by seq limit ?",
            (through, upload_format.UPLOAD_ITEMS_MAX),
        ).fetchall()
        items: list[UnreadItem] = []
        size = 0
        for row in rows:
            size += len(row["content"]) + 40
            if items and size > BATCH_BYTES_MAX:
                break
            items.append(UnreadItem(row["seq"], msgspec.Raw(row["content"])))
        if not items:
            return None
        marks = tuple(
            (r["seq"], r["cabinet"], r["epoch"], r["event_seq"]) for r in rows[: len(items)] if r["event_seq"]
        )
        body = _encode(UnreadUpload(self.gateway, self.epoch, items))
        return Parcel(body, items[-1].seq, marks)


def take_receipt(batch: Batch, receipt: Receipt, parcel: Parcel) -> int:
    """Move the cursor to what the cloud holds; where to go on from. Runs on the writer."""
    books = batch.books
    if receipt.epoch != books.epoch:
        raise ReceiptError(f"expected a receipt for epoch {books.epoch}, found {receipt.epoch}")
    if not books.pruned <= receipt.through <= books.outbox_last:
        raise ReceiptError(
            f"expected the cloud to hold from {books.pruned} to {books.outbox_last}, found {receipt.through}"
        )
    books.upload_through = receipt.through
    batch.touched_upload = True
    for seq, cabinet, epoch, event_seq in parcel.marks:
        cursor = books.cursors[cabinet, epoch]
        if seq <= receipt.through and event_seq > cursor.in_cloud:
            cursor.in_cloud = event_seq
            batch.touched_cursors.add((cabinet, epoch))
    return receipt.through
