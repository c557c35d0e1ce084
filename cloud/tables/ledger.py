"""The ledger (台账): movements, their postings, and the balances that follow from them.

Movements and postings are append-only, enforced by the database. A balance is the sum of postings, kept beside
them because pages ask for it; it can be made anew from the postings at any time.
"""

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from cloud.tables.base import Table


class Movement(Table, table=True):
    """A balanced movement (流水). `cause` is one of `ledger.KINDS`; `corrects` names the movement it corrects.

    One that touches bins of two dealers is a row of each, balanced by itself (`sharing.py`).
    """

    __tablename__ = "movement"
    __table_args__ = (
        Index("movement_by_time", "shop_id", "occurred_ms"),
        Index("movement_by_session", "shop_id", "session"),
        Index(
            "movement_by_corrected",
            "shop_id",
            "corrects",
            postgresql_where=text("corrects <> ''"),
            sqlite_where=text("corrects <> ''"),
        ),
        {"sqlite_with_rowid": False},
    )

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str = Field(primary_key=True)
    cause: str
    cabinet: str
    session: str
    person: str
    job: str
    occurred_ms: int = Field(sa_type=BigInteger)
    booked_ms: int = Field(sa_type=BigInteger)
    confidence_ppm: int = Field(sa_type=BigInteger)
    corrects: str
    note: str
    ingested_ms: int = Field(sa_type=BigInteger)


class Posting(Table, table=True):
    """One line (分录) of a movement: `quantity` more of `part` in `account`."""

    __tablename__ = "posting"
    __table_args__ = (
        Index(
            "posting_by_job",  # what a vehicle used is looked up by its jobs; lines of bins and shops cost it nothing
            "shop_id",
            "account",
            postgresql_where=text("substr(account, 1, 4) = 'job:'"),
            sqlite_where=text("substr(account, 1, 4) = 'job:'"),
        ),
        {"sqlite_with_rowid": False},
    )

    shop_id: str = Field(primary_key=True)
    movement_id: str = Field(primary_key=True)
    line: int = Field(primary_key=True)
    dealer_id: str = Field(primary_key=True)
    account: str
    part: str
    quantity: int = Field(sa_type=BigInteger)


class Balance(Table, table=True):
    """What an account of a shop holds of a dealer's part: the sum of its postings."""

    __tablename__ = "balance"
    __table_args__ = (
        Index(
            "balance_by_part",  # where a part is; what jobs have used costs it nothing
            "dealer_id",
            "part",
            postgresql_where=text("substr(account, 1, 4) = 'bin:'"),
            sqlite_where=text("substr(account, 1, 4) = 'bin:'"),
        ),
        {"sqlite_with_rowid": False},
    )

    shop_id: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    dealer_id: str = Field(primary_key=True)
    quantity: int = Field(sa_type=BigInteger)
    last_occurred_ms: int = Field(sa_type=BigInteger)
