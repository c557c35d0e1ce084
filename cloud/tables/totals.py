"""What a brand is told of a month: sums over a dealer's shops, published once and not changed afterwards."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from cloud.tables.base import Table


class TotalsMonth(Table, table=True):
    """A month whose totals have been published, also when there was nothing in it."""

    __tablename__ = "totals_month"

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    month: str = Field(primary_key=True)  # as 2026-10
    published_ms: int = Field(sa_type=BigInteger)


class MonthTotal(Table, table=True):
    """What a dealer's shops used of a part in a month, or (part "") of a brand's other parts together.

    Every row is a sum over at least `cloud.totals.SHOPS_MIN` shops.
    """

    __tablename__ = "month_total"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    month: str = Field(primary_key=True)
    brand: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    name_zh: str = ""
    name_en: str = ""
    quantity: int = Field(sa_type=BigInteger)
    shops: int = 0
