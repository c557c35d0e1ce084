"""Rows on the hot path: many in one statement, without the ORM.

A `Booking` is one open write transaction of one gateway. What an item says is a row of its table, keyed by the
item's own identity; an identity that is there already is compared and never overwritten. Balances move only by
the movements really inserted. This module decides nothing about gaps or repeats (`ingest.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection

from cloud.bulk_rows import BulkRows, Row
from cloud.open_matters import keep
from cloud.tables import (
    Balance,
    CabinetSession,
    Discrepancy,
    Event,
    FeedAnswer,
    KioskJob,
    KioskJobEnd,
    Movement,
    Posting,
    ReadAgain,
    Request,
    RequestEnd,
    Resolution,
    RestockedBin,
    ReZero,
    SetAside,
    Table,
    TaughtMass,
    Verdict,
)
from edge_gateway.upload_format import (
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
)


@dataclass(frozen=True)
class Owner:
    """Whose rows are written, and when they arrived."""

    dealer: str
    shop: str
    now_ms: int


@dataclass(frozen=True)
class Kind:
    """How one kind of content becomes a row: its table, its identity, and what may differ in a repeat.

    A gateway that was rebuilt sends again what it held, dated anew: times are not part of what must be equal. Neither
    is whose it is, which no gateway says.
    """

    table: type[Table]
    columns: tuple[str, ...]
    key: tuple[str, ...]
    may_differ: frozenset[str]
    said: Callable[[object], Row]  # the content's values, in the order of `columns` after the owner's
    identity: Callable[[object], object]  # what no two contents of one shop may share
    row_identity: Callable[[Row], object]  # the same, of a row

    def row(self, content: object, owner: Owner) -> Row:
        """The content's row, in the order of `columns`."""
        return (owner.shop, owner.dealer, owner.now_ms, *self.said(content))

    def same(self, stored: Row, row: Row) -> bool:
        """Whether two rows of one identity say the same."""
        pairs = zip(self.columns, stored, row, strict=True)
        return all(old == new for column, old, new in pairs if column not in self.may_differ)


def _kind(table: type[Table], key: str, said: str, may_differ: str) -> Kind:
    columns = ("shop_id", "dealer_id", "ingested_ms", *said.split())
    keys = tuple(key.split())
    return Kind(
        table,
        columns,
        keys,
        frozenset(("ingested_ms", "dealer_id", *may_differ.split())),
        attrgetter(*said.split()),
        attrgetter(*keys),
        itemgetter(*(columns.index(column) for column in keys)),
    )


KINDS: dict[type, Kind] = {
    EventItem: _kind(
        Event, "cabinet epoch seq", "cabinet epoch seq received_ms occurred_ms line", "received_ms occurred_ms"
    ),
    MovementItem: _kind(
        Movement,
        "id",
        "id cause cabinet session person job occurred_ms booked_ms confidence_ppm corrects note",
        "occurred_ms booked_ms confidence_ppm note",
    ),
    SessionItem: _kind(
        CabinetSession,
        "id",
        "id cabinet person opened_by how missing opened_ms closed_ms booked_ms",
        "opened_ms closed_ms booked_ms",
    ),
    DiscrepancyItem: _kind(Discrepancy, "id", "id cabinet bin part session reason opened_ms detail", "opened_ms"),
    ResolutionItem: _kind(Resolution, "discrepancy", "discrepancy person note movement resolved_ms", "resolved_ms"),
    RequestItem: _kind(Request, "id", "id cabinet bin part quantity stock raised_ms", "raised_ms"),
    RequestEndItem: _kind(RequestEnd, "request", "request how ended_ms", "ended_ms"),
    SetAsideItem: _kind(SetAside, "event", "event cabinet why booked_ms", "why booked_ms"),
    ReadAgainItem: _kind(ReadAgain, "event", "event cabinet occurred_ms booked_ms", "occurred_ms booked_ms"),
    VerdictItem: _kind(
        Verdict,
        "id",
        "id cabinet session bin number event decided_ms confidence_ppm "
        "best candidates levels steps tags ground algorithm",
        "decided_ms",
    ),
    ReZeroItem: _kind(ReZero, "id", "id cabinet bin event from_mg to_mg sum_mg rezeroed_ms", "rezeroed_ms"),
    FeedAnswerItem: _kind(
        FeedAnswer,
        "number",
        "number outcome why movement answered_ms person expected counted",
        "why answered_ms",
    ),
    JobOpenedItem: _kind(KioskJob, "id", "id title plate vin km opened_by opened_ms", "opened_ms"),
    JobClosedItem: _kind(KioskJobEnd, "id", "id closed_by closed_ms", "closed_by closed_ms"),
    RestockedItem: _kind(
        RestockedBin,
        "id",
        "id visit cabinet bin part session person expected counted movement restocked_ms",
        "restocked_ms",
    ),
    TaughtMassItem: _kind(
        TaughtMass,
        "id",
        "id part unit_mass_mg error_mg spread_mg spread_max_mg batches scale person "
        "before_unit_mass_mg before_spread_mg taught_ms",
        "taught_ms",
    ),
}
_POSTING_COLUMNS = ("shop_id", "dealer_id", "movement_id", "line", "account", "part", "quantity")
_BALANCE_COLUMNS = ("shop_id", "dealer_id", "account", "part", "quantity", "last_occurred_ms")
_BALANCE_MOVES = (
    "ON CONFLICT (shop_id, account, part, dealer_id) DO UPDATE SET quantity = balance.quantity + excluded.quantity, "
    "last_occurred_ms = CASE WHEN excluded.last_occurred_ms > balance.last_occurred_ms "
    "THEN excluded.last_occurred_ms ELSE balance.last_occurred_ms END"
)


class Booking:
    """One open write transaction, on either database. `careful`: events may be there already."""

    def __init__(self, connection: Connection, owner: Owner, *, careful: bool = True) -> None:
        self.rows = BulkRows(connection)
        self.owner = owner
        self._copies = self.rows.copies and not careful

    def book(self, contents: Iterable[object]) -> list[str]:
        """Book contents in order; for each the reason why it contradicts what is stored, empty when it is booked.

        Not `careful`: `RepeatedRowError` when an event is there already, and the transaction is lost.
        """
        ordered = list(contents)
        by_type: dict[type, list[int]] = defaultdict(list)
        for index, content in enumerate(ordered):
            by_type[type(content)].append(index)
        reasons = [""] * len(ordered)
        for type_, indexes in by_type.items():
            found = self._book_kind(KINDS[type_], [ordered[index] for index in indexes])
            for index, reason in zip(indexes, found, strict=True):
                reasons[index] = reason
        keep(self.rows.write_many, self.owner.shop, ordered)
        return reasons

    def _book_kind(self, kind: Kind, contents: list[Any]) -> list[str]:
        rows = [kind.row(content, self.owner) for content in contents]
        if kind.table is Event and self._copies:
            self.rows.copy(kind.table, kind.columns, rows)
            return [""] * len(contents)
        first: dict[object, int] = {}  # where each identity is said first: that one is booked
        for index, content in enumerate(contents):
            first.setdefault(kind.identity(content), index)
        fresh = list(first.values())
        written = self._write_new(kind, [contents[index] for index in fresh], [rows[index] for index in fresh])
        if written == len(contents):
            return [""] * len(contents)
        stored = self._stored(kind, contents)
        return [
            self._contradiction(kind, content, stored[kind.identity(content)], row)
            for content, row in zip(contents, rows, strict=True)
        ]

    def _write_new(self, kind: Kind, contents: list[Any], rows: list[Row]) -> int:
        """Write what is not there yet; how many rows that was. Balances move by no other movement."""
        if kind.table is not Movement:
            return self.rows.insert_new(kind.table, kind.columns, rows)
        written = self.rows.insert_new_ids(kind.table, kind.columns, rows)
        self._post([movement for movement in contents if movement.id in written])
        return len(written)

    def _contradiction(self, kind: Kind, content: Any, known: Row, row: Row) -> str:
        same = kind.same(known, row)
        if same and kind.table is Movement:
            same = self._postings_of(content.id) == [(p.account, p.part, p.quantity) for p in content.postings]
        name = "/".join(str(getattr(content, column)) for column in kind.key)
        return "" if same else f"expected {kind.table.__tablename__} {name} as it is stored, found another content"

    def _stored(self, kind: Kind, contents: list[Any]) -> dict[object, Row]:
        found = self._stored_events(contents) if kind.table is Event else self._stored_by_id(kind, contents)
        return {kind.row_identity(row): row for row in found}

    def _stored_by_id(self, kind: Kind, contents: list[Any]) -> Iterator[Row]:
        ids = [kind.identity(content) for content in contents]
        marks = ", ".join("?" * len(ids))
        yield from self.rows.select(
            f"SELECT {', '.join(kind.columns)} FROM {kind.table.__tablename__} "  # noqa: S608
            f"WHERE shop_id = ? AND {kind.key[0]} IN ({marks})",
            (self.owner.shop, *ids),
        )

    def _stored_events(self, contents: list[EventItem]) -> Iterator[Row]:
        seqs: dict[tuple[str, str], list[int]] = defaultdict(list)
        for content in contents:
            seqs[content.cabinet, content.epoch].append(content.seq)
        columns = ", ".join(KINDS[EventItem].columns)
        for (cabinet, epoch), numbers in seqs.items():
            marks = ", ".join("?" * len(numbers))
            yield from self.rows.select(
                f"SELECT {columns} FROM event "  # noqa: S608
                f"WHERE shop_id = ? AND cabinet = ? AND epoch = ? AND seq IN ({marks})",
                (self.owner.shop, cabinet, epoch, *numbers),
            )

    def _postings_of(self, movement: str) -> list[Row]:
        return self.rows.select(
            "SELECT account, part, quantity FROM posting WHERE shop_id = ? AND movement_id = ? ORDER BY line",
            (self.owner.shop, movement),
        )

    def _post(self, movements: list[MovementItem]) -> None:
        owner = self.owner
        rows = [
            (owner.shop, owner.dealer, movement.id, line, posting.account, posting.part, posting.quantity)
            for movement in movements
            for line, posting in enumerate(movement.postings)
        ]
        self.rows.insert(Posting, _POSTING_COLUMNS, rows)
        deltas, last_ms = balance_changes(movements)
        # In order of key, so that two gateways of one shop cannot wait for each other.
        moved = [
            (owner.shop, owner.dealer, account, part, deltas[account, part], last_ms[account, part])
            for account, part in sorted(deltas)
        ]
        self.rows.insert(Balance, _BALANCE_COLUMNS, moved, _BALANCE_MOVES)


def balance_changes(
    movements: Iterable[MovementItem],
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    """By (account, part): how much movements change it, and when it was last moved."""
    deltas: dict[tuple[str, str], int] = defaultdict(int)
    last_ms: dict[tuple[str, str], int] = defaultdict(int)
    for movement in movements:
        for posting in movement.postings:
            key = (posting.account, posting.part)
            deltas[key] += posting.quantity
            last_ms[key] = max(last_ms[key], movement.occurred_ms)
    return deltas, last_ms
