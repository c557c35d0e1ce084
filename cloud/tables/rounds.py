"""Rounds: vans, shops' hours, visits with what they bring and take back, and what the dealer's own store holds."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class Van(Table, table=True):
    """A van of a dealer: where it starts, what it carries, when its driver works. Minutes are of the local day."""

    __tablename__ = "van"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    restocker: str = ""  # who drives it: the e-mail of a member
    latitude_e6: int
    longitude_e6: int
    max_kg: int
    starts_min: int = 480
    ends_min: int = 1080
    weekdays: str = "12345"  # 1 is Monday
    km_per_hour: int = 30
    withdrawn: bool = False


class ShopHours(Table, table=True):
    """When a shop takes deliveries, and how long one takes. A weekday without a row: closed; without any: 8 to 18."""

    __tablename__ = "shop_hours"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    weekday: int = Field(primary_key=True)  # 1 is Monday
    opens_min: int
    closes_min: int
    service_min: int = 20


class Visit(Table, table=True):
    """A visit to a shop (one stop of a round). `state`: proposed | planned | loaded | done | cancelled."""

    __tablename__ = "visit"
    __table_args__ = (Index("visit_by_day", "dealer_id", "day"), Index("visit_by_shop", "shop_id", "state"))

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id")
    shop_id: str = Field(foreign_key="shop.id")
    day: str  # as 2026-11-23, the shop's
    van: str
    stop: int  # 1 is the first of the round
    arrives_min: int = 0
    travelled_m: int = 0  # from the stop before
    state: str
    why: str = ""  # JSON: why this shop on this day
    told_number: int = Field(default=0, sa_type=BigInteger)  # of the shop's feed; 0: the gateway does not know of it
    made_by: str = ""
    made_ms: int = Field(sa_type=BigInteger)
    loaded_ms: int = Field(default=0, sa_type=BigInteger)
    done_ms: int = Field(default=0, sa_type=BigInteger)


class VisitLine(Table, table=True):
    """What a visit does to a part in a bin. `purpose`: need | worth | take_back | transfer; taken back is negative.

    A request is on one visit that is neither done nor cancelled, at most (`visit_line_of_request`).
    """

    __tablename__ = "visit_line"
    __table_args__ = (
        Index("visit_line_by_place", "shop_id", "cabinet", "bin", "part"),
        {"sqlite_with_rowid": False},
    )

    visit: str = Field(foreign_key="visit.id", primary_key=True)
    line: int = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id")
    shop_id: str
    cabinet: str
    bin: int
    part: str
    purpose: str
    request: str = ""
    from_shop: str = ""  # of a transfer: whose stock it was
    quantity: int = Field(sa_type=BigInteger)
    loaded: int | None = Field(default=None, sa_type=BigInteger)  # what was put on the van; None: not said
    counted: int | None = Field(default=None, sa_type=BigInteger)  # what came, negative what went; None: not yet known
    counted_by: str = ""  # gateway | the name of a person, where no gateway works
    movement: str = ""  # what the gateway booked
    mass_g: int = Field(default=0, sa_type=BigInteger)  # of the quantity; 0: not known
    why: str = ""  # JSON: what it rests on
    left_out: str = ""  # withdrawn: its request ended before; dropped: by a person. It is not brought
    settled_ms: int = Field(default=0, sa_type=BigInteger)  # 0: a difference of it, if any, is nobody's yet
    settled_by: str = ""
    note: str = ""


class OnVisit(Table, table=True):
    """A request that an open visit answers: one row a request, so that no request is on two visits. Goes with it."""

    __tablename__ = "on_visit"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    request: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id")
    visit: str = Field(foreign_key="visit.id", index=True)


class RestockedBin(Table, table=True):
    """What a gateway told of one bin in a restock session. Append-only; the same twice is one row."""

    __tablename__ = "restocked_bin"
    __table_args__ = (Index("restocked_by_visit", "dealer_id", "visit"), {"sqlite_with_rowid": False})

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    visit: str
    cabinet: str
    bin: int
    part: str
    session: str
    person: str
    expected: int = Field(sa_type=BigInteger)
    counted: int = Field(sa_type=BigInteger)
    movement: str
    restocked_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class DealerStock(Table, table=True):
    """What the dealer's own store holds of a part, who supplies it and how: typed in, imported or by API."""

    __tablename__ = "dealer_stock"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    part: str = Field(primary_key=True)
    on_hand: int = Field(default=0, sa_type=BigInteger)
    on_order: int = Field(default=0, sa_type=BigInteger)
    supplier: str = ""
    lead_days: int = 7
    order_pack: int = 1  # bought in multiples of it
    location: str = ""  # where it lies in the store: the picking list is in this order
    changed_ms: int = Field(sa_type=BigInteger)


class RoundPlan(Table, table=True):
    """The newest proposal of a dealer's rounds: when it was made, for which days, and what did not fit and why."""

    __tablename__ = "round_plan"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    made_ms: int = Field(sa_type=BigInteger)
    made_by: str = ""
    first_day: str
    days: int
    left_out: str = ""  # JSON: needs that are on no visit, each with its reason
