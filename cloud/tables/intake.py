"""What arrived: a digest of every received number, and the items that could not be booked."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class UploadBatch(Table, table=True):
    """Consecutive numbers of a gateway's epoch that were received together: `first` to `last`.

    `digests`: 16 bytes for each number, in order, which tell a repeat from a contradiction. Append-only.
    """

    __tablename__ = "upload_batch"
    __table_args__ = ({"sqlite_with_rowid": False},)

    gateway_id: str = Field(primary_key=True)
    epoch: str = Field(primary_key=True)
    first: int = Field(primary_key=True, sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)
    dealer_id: str
    digests: bytes


class IngestQuarantine(Table, table=True):
    """An item that was received and not booked: its bytes and the reason, for a person to look at."""

    __tablename__ = "ingest_quarantine"
    __table_args__ = (Index("quarantine_by_shop", "shop_id", "received_ms"),)

    gateway_id: str = Field(primary_key=True)
    epoch: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    digest: bytes = Field(primary_key=True)
    dealer_id: str
    shop_id: str
    received_ms: int = Field(sa_type=BigInteger)
    reason: str
    body: bytes


class AsSent(Table, table=True):
    """An item of a shop with bins of several dealers, as its gateway sent it, where each dealer's row says less.

    Kept for the gateway that wants it back, and to compare a repeat with; no dealer sees it. Append-only.
    """

    __tablename__ = "as_sent"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    body: bytes
