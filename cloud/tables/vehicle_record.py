"""What is kept beside a vehicle and a shop's people: changes on record, and when somebody left."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from cloud.tables.base import Table


class VehicleChange(Table, table=True):
    """One change of a vehicle's file: a plate, a VIN, an owner, or that another file was joined to it. Append-only."""

    __tablename__ = "vehicle_change"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(primary_key=True)
    vehicle: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    dealer_id: str
    at_ms: int = Field(sa_type=BigInteger)
    field: str  # a column of `vehicle`, or joined | parted
    before: str = ""
    after: str = ""
    plain_before: str = ""  # of a plate, for finding
    told_by: str = ""


class ShopPerson(Table, table=True):
    """When somebody of a shop left, and when the name was forgotten. Never holds a name; 0: not yet."""

    __tablename__ = "shop_person"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    person: str = Field(primary_key=True)
    dealer_id: str
    left_ms: int = Field(default=0, sa_type=BigInteger)
    forgotten_ms: int = Field(default=0, sa_type=BigInteger)
