"""Everything the cloud holds of a shop, page by page, for a gateway that lost its database.

Rows become again the items they came as (`edge_gateway/upload_format.py`): what led to what comes in the order in
which it can be booked. Each page is bounded and read in one moment; `after` says where the one before ended. It writes
nothing and knows no gateway but the one that asks.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from cloud.booking import KINDS, Booking, Kind, Owner
from cloud.bulk_rows import Row
from cloud.database import Database
from cloud.ingest import GatewayIdentity
from edge_gateway.feed_format import PLANNED, FeedEntry
from edge_gateway.held_format import HELD_KINDS, Held, HeldDocument, encode_held
from edge_gateway.upload_format import (
    Content,
    MovementItem,
    PostingItem,
    UploadError,
    decode_content,
    encode_content,
)

PAGE_ITEMS_MAX = 1000
PAGE_BYTES_MAX = 1024 * 1024
_ROWS_AT_ONCE = 250
_OWNERS_COLUMNS = 3  # shop, dealer and the time of arrival
_DOCUMENT = "document"
_PLAN = "plan"
_PLANS = tuple(str(kind.__struct_config__.tag) for kind in PLANNED)
_NAMES = {str(kind.__struct_config__.tag): kind for kind in HELD_KINDS}
_KEY_TYPES: dict[str, list[type]] = {name: [str] for name in _NAMES}
_KEY_TYPES |= {_DOCUMENT: [int], _PLAN: [int], "event": [str, str, int], "feed_answer": [int]}
_Key = str | Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_decode_after = msgspec.json.Decoder(list[_Key]).decode


def held_page(database: Database, gateway: GatewayIdentity, after: str) -> bytes:
    """The page behind `after` ("" for the first), encoded (`UploadError` when `after` is no page's end)."""
    stage, key = _read_after(after)
    with database.reading() as session:
        shelf = _Shelf(Booking(session.connection(), Owner(gateway.dealer, gateway.shop, 0)), gateway)
        return encode_held(shelf.page(stage, key))


def _read_after(after: str) -> tuple[str, Row]:
    if not after:
        return _DOCUMENT, ()
    try:
        stage, *key = _decode_after(after.encode())
    except (msgspec.DecodeError, ValueError):
        stage, key = "", []
    if [type(value) for value in key] != _KEY_TYPES.get(str(stage)) or "\0" in "".join(map(str, key)):
        raise UploadError(f"expected the end of a page as after, found {after[:60]!r}")
    return str(stage), tuple(key)


@dataclass(frozen=True)
class _Shelf:
    """One shop's rows in one moment."""

    booking: Booking
    gateway: GatewayIdentity

    def page(self, stage: str, key: Row) -> Held:
        """As much behind (stage, key) as a page takes, of one stage after the other."""
        documents: list[HeldDocument] = []
        plans: list[FeedEntry] = []
        items: list[Content] = []
        size = 0
        for place, found in self._behind(stage, key):
            if isinstance(found, HeldDocument):
                documents.append(found)
                size += len(bytes(found.body))
            elif isinstance(found, FeedEntry):
                plans.append(found)
                size += len(bytes(found.body))
            else:
                items.append(found)
                size += len(encode_content(found))
            if size >= PAGE_BYTES_MAX or len(items) >= PAGE_ITEMS_MAX:
                return self._held(documents, plans, items, msgspec.json.encode(place).decode())
        return self._held(documents, plans, items, "")

    def _behind(self, stage: str, key: Row) -> Iterator[tuple[Row, HeldDocument | FeedEntry | Content]]:
        """Everything behind a place, each with its own."""
        stages = [_DOCUMENT, _PLAN, *_NAMES]
        for name in stages[stages.index(stage) :]:
            if name == _DOCUMENT:
                yield from self._documents(key)
            elif name == _PLAN:
                yield from self._plans(key)
            else:
                yield from self._items(name, key)
            key = ()

    def _documents(self, key: Row) -> Iterator[tuple[Row, HeldDocument]]:
        version = key[0] if key else -1
        while rows := self.booking.rows.select(
            "SELECT version, stored_ms, body FROM document WHERE shop_id = ? AND version > ? ORDER BY version LIMIT 1",
            (self.gateway.shop, version),
        ):
            ((version, stored_ms, body),) = rows
            yield (_DOCUMENT, version), HeldDocument(version, stored_ms, msgspec.Raw(bytes(body)))

    def _plans(self, key: Row) -> Iterator[tuple[Row, FeedEntry]]:
        """Policies and visits that the gateway had taken up, by its answers."""
        number = key[0] if key else 0
        marks = ", ".join("?" * len(_PLANS))
        while rows := self.booking.rows.select(
            f"SELECT number, kind, made_ms, body FROM shop_feed WHERE shop_id = ? AND number > ? "  # noqa: S608
            f"AND kind IN ({marks}) AND number IN (SELECT number FROM feed_answer WHERE shop_id = ? "
            f"AND outcome = 'done') ORDER BY number LIMIT {_ROWS_AT_ONCE}",
            (self.gateway.shop, number, *_PLANS, self.gateway.shop),
        ):
            for number, kind, made_ms, body in rows:
                yield (_PLAN, number), FeedEntry(number, kind, made_ms, msgspec.Raw(body.encode()))

    def _items(self, name: str, key: Row) -> Iterator[tuple[Row, Content]]:
        type_ = _NAMES[name]
        kind = KINDS[type_]
        said = kind.columns[_OWNERS_COLUMNS:]
        while rows := self._rows(kind, said, key):
            postings = self._postings(rows) if type_ is MovementItem else {}
            whole = self._as_sent(name, kind, rows)
            for row in rows:
                fields: dict[str, Any] = dict(zip(said, row, strict=True))
                found = tuple(fields[column] for column in kind.key)
                if found == key:
                    continue  # the same as another dealer has it
                key = found
                if type_ is MovementItem:
                    fields["postings"] = postings[fields["id"]]
                yield (name, *key), whole.get(str(key[0])) or type_(**fields)

    def _as_sent(self, name: str, kind: Kind, rows: list[Row]) -> dict[str, Content]:
        """By id, the items that were split or shortened for the dealers, as they came."""
        at = kind.columns.index(kind.key[0]) - _OWNERS_COLUMNS
        marks = ", ".join("?" * len(rows))
        found = self.booking.rows.select(
            f"SELECT id, body FROM as_sent WHERE shop_id = ? AND kind = ? AND id IN ({marks})",  # noqa: S608
            (self.gateway.shop, name, *(str(row[at]) for row in rows)),
        )
        return {id_: decode_content(bytes(body)) for id_, body in found}

    def _rows(self, kind: Kind, said: Row, key: Row) -> list[Row]:
        names = ", ".join(kind.key)
        marks = ", ".join("?" * len(kind.key))
        behind = f"AND ({names}) > ({marks})" if key else ""
        return self.booking.rows.select(
            f"SELECT {', '.join(said)} FROM {kind.table.__tablename__} "  # noqa: S608
            f"WHERE shop_id = ? {behind} ORDER BY {names} LIMIT {_ROWS_AT_ONCE}",
            (self.gateway.shop, *key),
        )

    def _postings(self, movements: list[Row]) -> dict[str, list[PostingItem]]:
        """By movement, in order: those of rows whose first column is the movement's id."""
        ids = [row[0] for row in movements]
        marks = ", ".join("?" * len(ids))
        rows = self.booking.rows.select(
            "SELECT movement_id, account, part, quantity FROM posting "  # noqa: S608
            f"WHERE shop_id = ? AND movement_id IN ({marks}) ORDER BY movement_id, line",
            (self.gateway.shop, *ids),
        )
        found: dict[str, list[PostingItem]] = defaultdict(list)
        for movement, *posting in rows:
            found[movement].append(PostingItem(*posting))
        return found

    def _held(self, documents: list[HeldDocument], plans: list[FeedEntry], items: list[Content], after: str) -> Held:
        ((received,),) = self.booking.rows.select(
            "SELECT coalesce(sum(through), 0) FROM gateway_epoch WHERE gateway_id = ?", (self.gateway.gateway,)
        )
        return Held(self.gateway.gateway, documents, items, after, str(received), plans)
