"""The dealer's gauges, shop by shop and day by day: sums that any span can be added up from; and each part's year."""

from sqlalchemy import BigInteger, Float, Index
from sqlmodel import Field

from cloud.tables.base import Table


class GaugeDay(Table, table=True):
    """What 全 准 快 省 are made of, of a shop and one of its days. Made anew when late bookings of the day come."""

    __tablename__ = "gauge_day"
    __table_args__ = (Index("gauge_day_by_day", "dealer_id", "day"), {"sqlite_with_rowid": False})

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    day: str = Field(primary_key=True)  # as 2026-11-22, the shop's
    taken: int = Field(default=0, sa_type=BigInteger)  # net pieces of parts kept in pieces
    missing: float = Field(default=0.0, sa_type=Float)  # pieces estimated to have been wanted while none were there
    missing_forecast: float = Field(default=0.0, sa_type=Float)  # of them, by a forecast; the others by the past
    kept_days: float = Field(default=0.0, sa_type=Float)  # days of parts that should be there, weighed by busy hours
    empty_days: float = Field(default=0.0, sa_type=Float)  # of them, without a piece
    unknown_days: float = Field(default=0.0, sa_type=Float)  # of them, with nothing known of what was wanted
    counts: int = 0  # bins counted in sessions
    counts_right: int = 0  # of them never corrected
    sure_ppm: int = Field(default=0, sa_type=BigInteger)  # how sure counting was of each, all of them together
    checks: int = 0  # times a person counted, or a restock was weighed
    checks_right: int = 0  # of them as the books said
    checks_off: int = Field(default=0, sa_type=BigInteger)  # units by which they were off, all of them together
    restocks: int = 0  # requests filled that day
    restock_ms: int = Field(default=0, sa_type=BigInteger)  # from raised to filled, all of them together
    restock_minutes: str = ""  # of each, joined by commas: what a median is found from
    visits: int = 0  # times the dealer's van came
    stock: int = Field(default=0, sa_type=BigInteger)  # pieces at the end of the day
    stock_value_minor: int = Field(default=0, sa_type=BigInteger)  # at the end of the day
    taken_value_minor: int = Field(default=0, sa_type=BigInteger)
    unpriced: int = 0  # parts with stock or use that day, and no price
    currency: str = ""  # of the values; parts priced in another are unpriced
    made_ms: int = Field(default=0, sa_type=BigInteger)


class PartYear(Table, table=True):
    """What all of a dealer's shops used of a part, week by week: what it is classed by. Made anew every week."""

    __tablename__ = "part_year"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    part: str = Field(primary_key=True)
    until_day: str  # the Monday behind the last week
    weeks: str  # net quantities of 52 weeks joined by commas, the last one last
    shops: int = 0  # that used it
    price_minor: int = Field(default=-1, sa_type=BigInteger)  # of one unit on the last day; -1: nobody said one
    currency: str = ""
    made_ms: int = Field(default=0, sa_type=BigInteger)


class LevelCurve(Table, table=True):
    """What the bins of a category in a shop would hold and cost if all aimed at a fill rate; made by a planning run.

    `aim_ppm` 0: with the levels that the run has computed. Figures a year are expected ones.
    """

    __tablename__ = "level_curve"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    category: str = Field(primary_key=True)  # "" for parts of none
    aim_ppm: int = Field(primary_key=True)
    bins: int
    pieces: float = Field(sa_type=Float)  # mean stock of parts kept in pieces
    value_minor: float = Field(sa_type=Float)  # of all of it
    asked: float = Field(sa_type=Float)  # pieces a year
    short: float = Field(sa_type=Float)  # of them, not there when asked for
    orders: float = Field(sa_type=Float)  # lines brought a year
    cost_minor: float = Field(sa_type=Float)  # of keeping and bringing, a year
    made_ms: int = Field(sa_type=BigInteger)


class PartCurve(Table, table=True):
    """The same of a part in all shops together: which parts a higher aim would gain most by."""

    __tablename__ = "part_curve"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    part: str = Field(primary_key=True)
    category: str = ""
    bins: int
    points: str  # JSON: [[aim_ppm, stock, value_minor, short a year] …], units of the part
    made_ms: int = Field(sa_type=BigInteger)
