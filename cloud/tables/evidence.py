"""What the gateways tell about people and evidence: events, sessions, discrepancies, requests. All append-only."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class Event(Table, table=True):
    """An event as the controller wrote it: (cabinet, epoch, seq) is its identity, `line` its line on the wire.

    On PostgreSQL in `partitions.EVENT_PARTITIONS` partitions, a shop's events together in one.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("event_by_time", "shop_id", "occurred_ms"),
        {"sqlite_with_rowid": False, "postgresql_partition_by": "HASH (shop_id)"},
    )

    shop_id: str = Field(primary_key=True)
    cabinet: str = Field(primary_key=True)
    epoch: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    dealer_id: str
    received_ms: int = Field(sa_type=BigInteger)
    occurred_ms: int = Field(sa_type=BigInteger)
    line: str
    ingested_ms: int = Field(sa_type=BigInteger)


class CabinetSession(Table, table=True):
    """A finished session (开柜记录): who opened which cabinet, when, and what its evidence lacks.

    Every dealer with bins in the cabinet has a row of its own, and sees its own bins in it.
    """

    __tablename__ = "cabinet_session"
    __table_args__ = (Index("session_by_time", "shop_id", "closed_ms"), {"sqlite_with_rowid": False})

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str = Field(primary_key=True)
    cabinet: str
    person: str
    opened_by: str
    how: str
    missing: str
    opened_ms: int = Field(sa_type=BigInteger)
    closed_ms: int = Field(sa_type=BigInteger)
    booked_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class Discrepancy(Table, table=True):
    """What the evidence and the ledger cannot agree on (差异): open until a `resolution` names it."""

    __tablename__ = "discrepancy"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    cabinet: str
    bin: int
    part: str
    session: str
    reason: str
    opened_ms: int = Field(sa_type=BigInteger)
    detail: str
    ingested_ms: int = Field(sa_type=BigInteger)


class Resolution(Table, table=True):
    """Somebody's explanation of a discrepancy; the first one closes it."""

    __tablename__ = "resolution"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    discrepancy: str = Field(primary_key=True)
    dealer_id: str
    person: str
    note: str
    movement: str
    resolved_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class Request(Table, table=True):
    """A replenishment request raised by a gateway: open until a `request_end` names it."""

    __tablename__ = "request"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    cabinet: str
    bin: int
    part: str
    quantity: int = Field(sa_type=BigInteger)
    stock: int = Field(sa_type=BigInteger)
    raised_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class RequestEnd(Table, table=True):
    """A replenishment request is over: `filled` or `withdrawn`; the first word counts."""

    __tablename__ = "request_end"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    request: str = Field(primary_key=True)
    dealer_id: str
    how: str
    ended_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class OpenMatter(Table, table=True):
    """A discrepancy or a request that nobody has ended yet: kept by the transaction that books either.

    It can be made anew from what is booked (`open_matters.py`), and spares every page a search through years of it.
    """

    __tablename__ = "open_matter"
    __table_args__ = (Index("open_matter_by_time", "dealer_id", "kind", "since_ms"), {"sqlite_with_rowid": False})

    shop_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)  # discrepancy | request
    id: str = Field(primary_key=True)
    dealer_id: str
    cabinet: str
    bin: int
    part: str
    since_ms: int = Field(sa_type=BigInteger)


class SetAside(Table, table=True):
    """An event its gateway could not book, and why: it waits until a `read_again` names it."""

    __tablename__ = "set_aside"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    dealer_id: str
    cabinet: str
    why: str
    booked_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class ReadAgain(Table, table=True):
    """An event set aside that its gateway could read later, and has booked."""

    __tablename__ = "read_again"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    dealer_id: str
    cabinet: str
    occurred_ms: int = Field(sa_type=BigInteger)
    booked_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class Verdict(Table, table=True):
    """What a gateway's counting said of one bin in one session; the highest `number` counts. See `VerdictItem`."""

    __tablename__ = "verdict"
    __table_args__ = (
        Index("verdict_by_session", "shop_id", "session"),
        Index("verdict_by_bin", "shop_id", "cabinet", "bin", "decided_ms"),
        {"sqlite_with_rowid": False},
    )

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    cabinet: str
    session: str
    bin: int
    number: int
    event: str
    decided_ms: int = Field(sa_type=BigInteger)
    confidence_ppm: int = Field(sa_type=BigInteger)
    best: str
    candidates: str
    levels: str
    steps: str
    tags: str
    ground: str
    algorithm: int
    ingested_ms: int = Field(sa_type=BigInteger)


class ReZero(Table, table=True):
    """A drifted cell's weight that a gateway took over as what the bin weighs."""

    __tablename__ = "rezero"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    cabinet: str
    bin: int
    event: str
    from_mg: int = Field(sa_type=BigInteger)
    to_mg: int = Field(sa_type=BigInteger)
    sum_mg: int = Field(sa_type=BigInteger)
    rezeroed_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)
