"""Statements: what a dealer billed a shop for a month, closed once and never changed.

Rows of a dealer. A line of the ledger, or a step of a claim, is billed by one statement only: `billed_line` says by
which, at which price, and by which row of `part_price`.
"""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class Statement(Table, table=True):
    """A closed statement of one shop and month, as it was. `body`: JSON of `work/statement_views.py`. Append-only."""

    __tablename__ = "statement"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    month: str = Field(primary_key=True)  # as 2026-11, in the shop's time zone
    closed_ms: int = Field(sa_type=BigInteger)
    closed_by: str = ""
    digest: str = ""  # SHA-256 of the body, hexadecimal
    body: str = ""


class BilledLine(Table, table=True):
    """One line of the ledger (`m:<movement>/<line>`) or of a claim (`c:<claim>/<step>`) that a statement bills.

    `price_shop` and `price_day` name the row of `part_price` it rests on. Append-only.
    """

    __tablename__ = "billed_line"
    __table_args__ = (
        Index("billed_by_price", "dealer_id", "part", "price_day"),
        {"sqlite_with_rowid": False},
    )

    shop_id: str = Field(primary_key=True)
    dealer_id: str = Field(primary_key=True)
    ref: str = Field(primary_key=True)
    month: str
    part: str
    quantity: int = Field(sa_type=BigInteger)
    price_minor: int = Field(sa_type=BigInteger)
    currency: str
    tax_ppm: int = Field(sa_type=BigInteger)
    price_shop: str
    price_day: str
