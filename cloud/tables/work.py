"""The shop's work: vehicles and their files (一车一档), jobs, people of the shop, and what a dealer does about stock.

Vehicles, jobs and people belong to the shop: every dealer that serves it sees them. Claims, transfers, counts and
orders belong to the dealer.
"""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class Vehicle(Table, table=True):
    """A vehicle that a shop looks after. `plate` and `vin` as they are told, `plain_plate` for finding."""

    __tablename__ = "vehicle"
    __table_args__ = (
        Index("vehicle_by_plate", "shop_id", "plain_plate"),
        Index("vehicle_by_vin", "shop_id", "vin"),
        {"sqlite_with_rowid": False},
    )

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    plate: str = ""
    plain_plate: str = ""
    vin: str = ""
    make: str = ""
    model: str = ""
    engine: str = ""
    year: int = 0
    owner: str = ""
    note: str = ""
    made_ms: int = Field(sa_type=BigInteger)
    changed_ms: int = Field(default=0, sa_type=BigInteger)
    merged_into: str = ""  # the file it was joined to


class VehicleReading(Table, table=True):
    """What an odometer showed. Append-only."""

    __tablename__ = "vehicle_reading"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    vehicle: str = Field(primary_key=True)
    at_ms: int = Field(primary_key=True, sa_type=BigInteger)
    dealer_id: str
    km: int
    told_by: str = ""


class ServiceInterval(Table, table=True):
    """What falls due on a vehicle every so many kilometres or months; `last_*` is when it was done."""

    __tablename__ = "service_interval"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    vehicle: str = Field(primary_key=True)
    title: str = Field(primary_key=True)
    dealer_id: str
    part: str = ""
    every_km: int = 0
    every_months: int = 0
    last_km: int = 0
    last_ms: int = Field(default=0, sa_type=BigInteger)


class Job(Table, table=True):
    """A repair order (工单) of a shop. `source`: kiosk, cloud, api, or document."""

    __tablename__ = "job"
    __table_args__ = (Index("job_by_vehicle", "shop_id", "vehicle"), {"sqlite_with_rowid": False})

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    title: str
    vehicle: str = ""
    plate: str = ""
    vin: str = ""
    opened_ms: int = Field(sa_type=BigInteger)
    opened_by: str = ""
    closed_ms: int = Field(default=0, sa_type=BigInteger)  # 0: open
    closed_by: str = ""
    changed_ms: int = Field(default=0, sa_type=BigInteger)
    source: str = "cloud"


class ShopFeed(Table, table=True):
    """What the cloud tells a shop's gateway, in order: jobs and orders. Append-only; fetched by number."""

    __tablename__ = "shop_feed"
    __table_args__ = (Index("feed_by_kind", "dealer_id", "kind", "made_ms"), {"sqlite_with_rowid": False})

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    dealer_id: str
    kind: str
    body: str  # JSON, as edge_gateway/feed_format.py says
    made_ms: int = Field(sa_type=BigInteger)


class FeedAnswer(Table, table=True):
    """What a gateway answered to a number of its feed: done, or refused and why. Append-only."""

    __tablename__ = "feed_answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    dealer_id: str
    outcome: str  # done | refused | withdrawn
    why: str = ""
    movement: str = ""
    person: str = ""  # who counted
    expected: int = Field(default=-1, sa_type=BigInteger)  # of a count: what the ledger held, and
    counted: int = Field(default=-1, sa_type=BigInteger)  # what was found; -1: not said
    answered_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class KioskJob(Table, table=True):
    """A job as it was opened at the kiosk; `job` has what became of it. Append-only. `km` -1: nobody read it."""

    __tablename__ = "kiosk_job"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    title: str
    plate: str
    vin: str
    km: int = Field(sa_type=BigInteger)
    opened_by: str
    opened_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class KioskJobEnd(Table, table=True):
    """A job that was closed at the kiosk. Append-only."""

    __tablename__ = "kiosk_job_end"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    closed_by: str
    closed_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)


class Claim(Table, table=True):
    """A return, a core (旧件) or a warranty case, tied to a line of the take it comes from. Its steps are rows of
    their own."""

    __tablename__ = "claim"
    __table_args__ = (Index("claim_by_movement", "shop_id", "movement"), {"sqlite_with_rowid": False})

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    kind: str  # return | core | warranty
    movement: str
    line: int = 0  # of the movement: the posting to a shop or a job
    part: str
    quantity: int = Field(sa_type=BigInteger)
    job: str = ""
    vehicle: str = ""
    reason: str = ""
    made_by: str = ""
    made_ms: int = Field(sa_type=BigInteger)


class ClaimStep(Table, table=True):
    """What became of a claim: received, accepted (with a credit), refused, withdrawn. Append-only; the last counts."""

    __tablename__ = "claim_step"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    claim: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    dealer_id: str
    state: str
    credit_minor: int = Field(default=0, sa_type=BigInteger)
    note: str = ""
    made_by: str = ""
    made_ms: int = Field(sa_type=BigInteger)


class Transfer(Table, table=True):
    """Stock that is to go from one bin to another: taken and put by the restocker, followed by their movements."""

    __tablename__ = "transfer"
    __table_args__ = (Index("transfer_by_time", "dealer_id", "made_ms"), {"sqlite_with_rowid": False})

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    id: str = Field(primary_key=True)
    part: str
    quantity: int = Field(sa_type=BigInteger)
    from_shop: str
    from_cabinet: str
    from_bin: int
    to_shop: str
    to_cabinet: str
    to_bin: int
    made_by: str = ""
    made_ms: int = Field(sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)
    how: str = ""  # arrived | withdrawn
    note: str = ""


class CycleCount(Table, table=True):
    """A bin that is to be counted by a person: what came of it is the answer to `feed_number`."""

    __tablename__ = "cycle_count"
    __table_args__ = (Index("count_by_time", "dealer_id", "made_ms"), {"sqlite_with_rowid": False})

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    cabinet: str
    bin: int
    part: str
    feed_number: int = Field(default=0, sa_type=BigInteger)
    made_by: str = ""
    made_ms: int = Field(sa_type=BigInteger)
    note: str = ""
