"""What arrived, number by number: the digest of every received item, and those that could not be booked."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class UploadItem(Table, table=True):
    """One received number of a gateway's epoch, with the digest that tells a repeat from a contradiction."""

    __tablename__ = "upload_item"
    __table_args__ = ({"sqlite_with_rowid": False},)

    gateway_id: str = Field(primary_key=True)
    epoch: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    dealer_id: str
    digest: bytes


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
