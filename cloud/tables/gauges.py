"""The dealer's gauges, shop by shop and day by day: sums that any span can be added up from."""

from sqlalchemy import BigInteger, Float
from sqlmodel import Field

from cloud.tables.base import Table


class GaugeDay(Table, table=True):
    """What 全 准 快 省 are made of, of a shop and one of its days. Made anew when late bookings of the day come."""

    __tablename__ = "gauge_day"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    day: str = Field(primary_key=True)  # as 2026-11-22, the shop's
    taken: int = Field(default=0, sa_type=BigInteger)  # net pieces of parts kept in pieces
    missing: float = Field(default=0.0, sa_type=Float)  # pieces estimated to have been wanted while a bin was empty
    counts: int = 0  # verdicts of bins
    counts_right: int = 0  # of them never corrected
    restocks: int = 0  # requests filled that day
    restock_ms: int = Field(default=0, sa_type=BigInteger)  # from raised to filled, all of them together
    visits: int = 0  # restock visits
    stock_value_minor: int = Field(default=0, sa_type=BigInteger)  # at the end of the day
    made_ms: int = Field(default=0, sa_type=BigInteger)
