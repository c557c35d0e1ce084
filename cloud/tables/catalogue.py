"""The catalogue (电子目录): parts, prices with dates, cross-references, fitment, and a dealer's own model table.

Rows of a dealer. Every change of a part, its references or its fitment gives the part the dealer's next `revision`,
by which gateways fetch what is new.
"""

from sqlalchemy import BigInteger, Index, LargeBinary, String, text
from sqlmodel import Field

from cloud.tables.base import Table

# Compared by its bytes on both databases, so that an index finds what begins with something.
_PLAIN = String().with_variant(String(collation="C"), "postgresql")

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
    __table_args__ = (
        Index("part_by_revision", "dealer_id", "revision"),
        Index("part_by_plain", "dealer_id", "plain"),
        Index(
            "part_by_gtin", "dealer_id", "gtin", postgresql_where=text("gtin <> ''"), sqlite_where=text("gtin <> ''")
        ),
        Index(
            "part_by_successor",
            "dealer_id",
            "superseded_by",
            postgresql_where=text("superseded_by <> ''"),
            sqlite_where=text("superseded_by <> ''"),
        ),
        {"sqlite_with_rowid": False},
    )

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    number: str = Field(primary_key=True)
    plain: str = Field(default="", sa_type=_PLAIN)  # `part_words.plain_number` of the number
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
    plain: str = Field(default="", sa_type=_PLAIN)  # `part_words.plain_number` of the number


class Fitment(Table, table=True):
    """That a part fits a vehicle: what is "" or 0 is not restricted. `base_vehicle`: its ACES id, 0: none.

    The keys are how make, model and engine are compared (`part_words.make_key`, `model_key`).
    """

    __tablename__ = "fitment"
    __table_args__ = (
        Index("fitment_by_part", "dealer_id", "part"),
        Index("fitment_by_model", "dealer_id", "make_key", "model_key"),
        Index("fitment_by_base_vehicle", "dealer_id", "base_vehicle"),
        Index("fitment_by_engine", "dealer_id", "engine_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id")
    part: str
    make: str = ""
    model: str = ""
    engine: str = ""
    make_key: str = Field(default="", sa_type=_PLAIN)
    model_key: str = Field(default="", sa_type=_PLAIN)
    engine_key: str = Field(default="", sa_type=_PLAIN)
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


class SearchPart(Table, table=True):
    """A part's place in the search index: its ordinal, counted up within the dealer, and the terms it stands under."""

    __tablename__ = "search_part"
    __table_args__ = (Index("search_part_by_part", "dealer_id", "part", unique=True), {"sqlite_with_rowid": False})

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    ordinal: int = Field(primary_key=True)
    part: str
    terms: str = ""  # joined by blanks, in order


class SearchTerm(Table, table=True):
    """Which parts stand under a term, as a set of ordinals, block by block (`catalogue/ordinals.py`)."""

    __tablename__ = "search_term"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    term: str = Field(primary_key=True, sa_type=_PLAIN)
    block: int = Field(primary_key=True)
    count: int = 0
    ordinals: bytes = Field(default=b"", sa_type=LargeBinary)


class BotHook(Table, table=True):
    """A chat robot that may ask for parts. `sealed` are its secrets, unreadable without the cloud's own."""

    __tablename__ = "bot_hook"

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    name: str
    kind: str  # plain | wecom | dingtalk | feishu
    shops: str = ""  # whose stock it tells, joined by line ends; "" of all
    sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    made_by: int | None = Field(default=None, foreign_key="dealer_user.id")
    made_ms: int = Field(sa_type=BigInteger)
    last_asked_ms: int = Field(default=0, sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)  # 0: it may ask


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
