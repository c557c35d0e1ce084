"""Books items of a shop with bins of several dealers: each dealer's piece as its own row.

As `Booking`, and with the same answers. Whose an item is that came before stands: a repeat is compared with what is
there and moves nothing to another dealer. What the pieces no longer say is kept whole in `as_sent`.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from cloud.booking import KINDS, Booking, Owner
from cloud.bulk_rows import Row
from cloud.owners import Owners
from cloud.sharing import ORDER, Name, Piece, Sharing, bases_of
from cloud.tables import AsSent
from edge_gateway.upload_format import (
    Content,
    DiscrepancyItem,
    EventItem,
    FeedAnswerItem,
    MovementItem,
    RequestEndItem,
    RequestItem,
    ResolutionItem,
    decode_content,
    encode_content,
)

_AS_SENT_COLUMNS = ("shop_id", "kind", "id", "dealer_id", "body")
_ENDS = (ResolutionItem, RequestEndItem)  # what they end may come in the same upload


class SharedBooking(Booking):
    """One open write transaction of a shop with several dealers."""

    def __init__(self, connection: Connection, owner: Owner, owners: Owners) -> None:
        super().__init__(connection, owner)
        self._connection = connection
        self._owners = owners

    def book(self, contents: Iterable[object]) -> list[str]:
        """As `Booking.book`."""
        ordered: list[Any] = list(contents)
        known = self._known(ordered)
        reasons: dict[int, str] = {}
        pieces: dict[str, list[tuple[int, Content]]] = defaultdict(list)
        for index, content in sorted(enumerate(ordered), key=lambda numbered: type(numbered[1]) in _ENDS):
            if _name(content) not in known:
                self._share(index, content, known, pieces)
        for dealer in sorted(pieces):
            found = self._booking_of(dealer).book([piece for _, piece in pieces[dealer]])
            for (index, _), reason in zip(pieces[dealer], found, strict=True):
                reasons[index] = reasons.get(index) or reason
        return [
            reasons[index] if index in reasons else self._compare(content, known[_name(content)])
            for index, content in enumerate(ordered)
        ]

    def _share(
        self, index: int, content: Any, known: dict[Name, str], pieces: dict[str, list[tuple[int, Content]]]
    ) -> None:
        """Give each dealer its piece of what is new; `known` learns whose it is."""
        found = Sharing(self._owners, known).share(content)
        known[_name(content)] = found[0][0]
        for dealer, piece in found:
            pieces[dealer].append((index, piece))
        self._keep_whole(content, found)

    def _booking_of(self, dealer: str) -> Booking:
        return Booking(self._connection, Owner(dealer, self.owner.shop, self.owner.now_ms))

    def _keep_whole(self, content: Any, found: list[Piece]) -> None:
        if any(piece != content for _, piece in found):
            row = (self.owner.shop, kind_of(content), content.id, self.owner.dealer, encode_content(content))
            self.rows.insert(AsSent, _AS_SENT_COLUMNS, [row])

    # ---- what is there already ----

    def _known(self, ordered: list[Any]) -> dict[Name, str]:
        """Whose the items are that are there already, and those that these speak of."""
        wanted: dict[type | str, set[object]] = defaultdict(set)
        for content in ordered:
            for type_, name in (_name(content), *_spoken_of(content)):
                wanted[type_].add(name)
        wanted.pop(EventItem, None)  # always the host's, and compared by `Booking`
        return {(type_, name): dealer for type_, names in wanted.items() for name, dealer in self._whose(type_, names)}

    def _whose(self, type_: type | str, names: set[object]) -> list[Row]:
        table, key = ("shop_feed", "number")
        if isinstance(type_, type):
            table, key = str(KINDS[type_].table.__tablename__), KINDS[type_].key[0]
        marks = ", ".join("?" * len(names))
        return self.rows.select(
            f"SELECT {key}, min(dealer_id) FROM {table} WHERE shop_id = ? AND {key} IN ({marks}) GROUP BY {key}",  # noqa: S608
            (self.owner.shop, *names),
        )

    def _compare(self, content: Any, dealer: str) -> str:
        """Why a repeat is none, "" when it is one."""
        stored = self._stored_whole(content)
        if stored is None:
            return self._booking_of(dealer).book([content])[0]
        kind = KINDS[type(content)]
        same = kind.same(kind.row(stored, self.owner), kind.row(content, self.owner))
        same = same and getattr(stored, "postings", None) == getattr(content, "postings", None)
        return (
            "" if same else f"expected {kind.table.__tablename__} {content.id} as it is stored, found another content"
        )

    def _stored_whole(self, content: Any) -> Content | None:
        rows = self.rows.select(
            "SELECT body FROM as_sent WHERE shop_id = ? AND kind = ? AND id = ?",
            (self.owner.shop, kind_of(content), str(getattr(content, "id", ""))),
        )
        return decode_content(bytes(rows[0][0])) if rows else None


def kind_of(content: Any) -> str:
    """The kind of an item, as it is called on the way."""
    return str(type(content).__struct_config__.tag)


def _name(content: Any) -> Name:
    return type(content), KINDS[type(content)].identity(content)


def _spoken_of(content: Any) -> list[Name]:
    """Items that an item ends, answers or corrects: it belongs to whom they belong."""
    match content:
        case ResolutionItem():
            return [(DiscrepancyItem, content.discrepancy)]
        case RequestEndItem():
            return [(RequestItem, content.request)]
        case FeedAnswerItem():
            return [(ORDER, content.number)]
        case MovementItem():
            return [(MovementItem, base) for base in bases_of(content)]
    return []
