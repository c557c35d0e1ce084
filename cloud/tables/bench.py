"""What shops' gateways tell from the bench: masses somebody weighed, as proposals to the catalogue, and what became of
them."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class TaughtMass(Table, table=True):
    """What one piece of a part weighs by batches that somebody counted. Append-only; a spread of 0 is not known."""

    __tablename__ = "taught_mass"
    __table_args__ = (Index("taught_mass_by_part", "dealer_id", "part"), {"sqlite_with_rowid": False})

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str
    part: str
    unit_mass_mg: int = Field(sa_type=BigInteger)
    error_mg: int = Field(sa_type=BigInteger)
    spread_mg: int = Field(sa_type=BigInteger)
    spread_max_mg: int = Field(sa_type=BigInteger)
    batches: str
    scale: str
    person: str
    before_unit_mass_mg: int = Field(sa_type=BigInteger)
    before_spread_mg: int = Field(sa_type=BigInteger)
    taught_ms: int = Field(sa_type=BigInteger)
    ingested_ms: int = Field(sa_type=BigInteger)
