"""The catalogue (电子目录): parts, prices with dates, cross-references, fitment, and a dealer's own model table.

Rows of a dealer. Every change of a part, its references or its fitment gives the part the dealer's next `revision`,
by which gateways fetch what is new.
"""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table

CATEGORIES = (
    "appearance",
    "chassis",
    "engine",
    "electrical",
    "wearing",
)  # 外观件 底盘件 发动机件 电子电器件 易损易耗件


class CataloguePart(Table, table=True):
    """A part (配件). `superseded_by` names the part that replaces it; `withdrawn` parts are no longer offered."""

    __tablename__ = "part"
    __table_args__ = (Index("part_by_revision", "dealer_id", "revision"), {"sqlite_with_rowid": False})

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    number: str = Field(primary_key=True)
    name_zh: str = ""
    name_en: str = ""
    brand: str = ""
    category: str = ""  # one of CATEGORIES, "" when not said
    unit: str = "piece"
    unit_mass_mg: int = Field(default=0, sa_type=BigInteger)
    spread_mg: int = Field(default=0, sa_type=BigInteger)
    pack_size: int = 1
    gtin: str = ""
    image: str = ""  # the address of a picture
    superseded_by: str = ""
    withdrawn: bool = False
    shelf_life_days: int = 0
    revision: int = Field(default=0, sa_type=BigInteger)


class CatalogueRevision(Table, table=True):
    """A dealer's newest revision of its catalogue: counts up by every changed part."""

    __tablename__ = "catalogue_revision"

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    revision: int = Field(default=0, sa_type=BigInteger)


class PartPrice(Table, table=True):
    """What a part costs from a day on. `shop_id` "": every shop. `tax_ppm`: how much of the net price is added."""

    __tablename__ = "part_price"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    part: str = Field(primary_key=True)
    shop_id: str = Field(default="", primary_key=True)
    from_day: str = Field(primary_key=True)  # as 2026-11-22
    price_minor: int = Field(sa_type=BigInteger)  # net, of one unit, in minor units of the currency
    currency: str = "CNY"
    tax_ppm: int = Field(default=0, sa_type=BigInteger)


class CrossReference(Table, table=True):
    """Another number of a part: its vehicle maker's (`oe`), a competitor's (`competitor`), or an old one (`old`)."""

    __tablename__ = "cross_reference"
    __table_args__ = (Index("cross_reference_by_number", "dealer_id", "plain"), {"sqlite_with_rowid": False})

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    part: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    brand: str = Field(default="", primary_key=True)
    number: str = Field(primary_key=True)
    plain: str = ""  # the number without case, blanks and hyphens


class Fitment(Table, table=True):
    """That a part fits a vehicle: what is "" or 0 is not restricted. `base_vehicle`: its ACES id, 0: none."""

    __tablename__ = "fitment"
    __table_args__ = (
        Index("fitment_by_model", "dealer_id", "make", "model"),
        Index("fitment_by_base_vehicle", "dealer_id", "base_vehicle"),
        Index("fitment_by_engine", "dealer_id", "engine"),
    )

    id: int | None = Field(default=None, primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id")
    part: str = Field(index=True)
    make: str = ""
    model: str = ""
    engine: str = ""
    from_year: int = 0
    to_year: int = 0
    base_vehicle: int = 0
    position: str = ""
    quantity: int = 0  # that one vehicle needs, 0: not said
    note: str = ""


class ModelPattern(Table, table=True):
    """A dealer's own knowledge of VINs: vehicles whose VIN begins with `wmi` and matches `pattern` are this model.

    `pattern` is of the characters behind the WMI, `?` for any.
    """

    __tablename__ = "model_pattern"

    id: int | None = Field(default=None, primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    wmi: str
    pattern: str = ""
    make: str
    model: str = ""
    engine: str = ""
    from_year: int = 0
    to_year: int = 0


class ImportRun(Table, table=True):
    """One import of a file: previewed, then taken over whole or not at all. `report` is JSON, line by line."""

    __tablename__ = "import_run"
    __table_args__ = (Index("import_by_time", "dealer_id", "made_ms"),)

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id")
    made_by: int | None
    made_ms: int = Field(sa_type=BigInteger)
    file_name: str
    kind: str  # parts | references | fitment | prices | models | vehicles | aces
    state: str  # previewed | taken | refused | dropped
    lines: int = 0
    accepted: int = 0
    refused: int = 0
    report: str = ""
    body: bytes = b""  # the file, until it is taken over or dropped
    ended_ms: int = Field(default=0, sa_type=BigInteger)
