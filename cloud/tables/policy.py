"""Replenishment: what a dealer aims at, what was forecast of each bin, and the policy (补货策略) that came of it.

Estimates are floats; what is told to a gateway or booked is whole pieces or grams.
"""

from sqlalchemy import BigInteger, Float, Index
from sqlmodel import Field

from cloud.tables.base import Table


class PolicyAim(Table, table=True):
    """What a dealer aims at: everywhere, in a shop, for a category, or both; the narrowest row that says it counts.

    Category before shop. A number of -1, or a text of "", says nothing: the wider row's holds.
    """

    __tablename__ = "policy_aim"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    shop_id: str = Field(default="", primary_key=True)  # "": every shop
    category: str = Field(default="", primary_key=True)  # "": every category
    mode: str = ""  # fill | cost
    fill_ppm: int = -1  # share of what is asked for that lies in the bin at once
    shortage_ratio_milli: int = -1  # what a missing piece costs a day, in thousandths of what holding one does
    lead_days: int = -1  # from the request to the van at the door
    review_days: int = -1  # from one visit to the next
    holding_ppm: int = -1  # of a part's price, that holding it a year costs
    line_minor: int = -1  # what bringing one line costs, however much it brings, in minor units of the currency
    by_forecast: int = -1  # 1: the gateways get the policies; 0: the planogram's typed-in figures stay in force
    changed_ms: int = Field(default=0, sa_type=BigInteger)


class BinPolicy(Table, table=True):
    """The policy of a part in a bin as it was last computed, what it rests on, and what its gateway was last told."""

    __tablename__ = "bin_policy"
    __table_args__ = (Index("bin_policy_by_part", "dealer_id", "part"), {"sqlite_with_rowid": False})

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    cabinet: str = Field(primary_key=True)
    bin: int = Field(primary_key=True)
    part: str = Field(primary_key=True)
    dealer_id: str
    computed_ms: int = Field(sa_type=BigInteger)
    reorder_point: int = Field(sa_type=BigInteger)
    order_up_to: int = Field(sa_type=BigInteger)
    aim_ppm: int  # the fill rate aimed at, after correction by what was reached
    fill_ppm: int  # expected with these levels
    on_hand: float = Field(sa_type=Float)  # expected mean stock
    mean_day: float = Field(sa_type=Float)  # forecast demand of a day
    spread_day: float = Field(sa_type=Float)  # variance of a day's demand
    forecast: str = ""  # JSON: the forecast as `forecasting` writes and reads it
    method: str = ""  # how it was forecast
    demand_class: str = ""  # smooth | erratic | intermittent | lumpy | new
    limited_by: str = ""  # capacity | weight | shelf_life | pack, "" when nothing held the levels down
    lead_days: int = 0
    review_days: int = 0
    told_reorder_point: int = Field(default=-1, sa_type=BigInteger)  # -1: nothing was told
    told_order_up_to: int = Field(default=-1, sa_type=BigInteger)
    told_number: int = Field(default=0, sa_type=BigInteger)  # of the shop's feed


class PolicyOverride(Table, table=True):
    """A person's levels for a part in a bin, until a day: they go before what is computed, and end by themselves."""

    __tablename__ = "policy_override"
    __table_args__ = (Index("override_by_place", "shop_id", "cabinet", "bin", "part"),)

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id")
    shop_id: str = Field(foreign_key="shop.id")
    cabinet: str
    bin: int
    part: str
    reorder_point: int = Field(sa_type=BigInteger)
    order_up_to: int = Field(sa_type=BigInteger)
    until_ms: int = Field(sa_type=BigInteger)
    why: str = ""
    made_by: str
    made_ms: int = Field(sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)  # 0: nobody ended it before its day
    ended_by: str = ""


class FillCorrection(Table, table=True):
    """How far the fill rate that was reached lies from the one aimed at, by class, and how the aim is corrected."""

    __tablename__ = "fill_correction"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    demand_class: str = Field(primary_key=True)
    aim_ppm: int
    reached_ppm: int
    corrected_ppm: int  # what is computed with instead of the aim
    demand: int = Field(sa_type=BigInteger)  # pieces that it rests on
    through_ms: int = Field(sa_type=BigInteger)


class PlanningRun(Table, table=True):
    """One run over a dealer's bins: how it went."""

    __tablename__ = "planning_run"
    __table_args__ = (Index("planning_run_by_time", "dealer_id", "started_ms"),)

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id")
    started_ms: int = Field(sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)  # 0: it runs, or was cut off
    bins: int = 0
    told: int = 0  # bins whose gateway was told new levels
    error: str = ""
    note: str = ""  # JSON: methods chosen by class with what their backtest said
