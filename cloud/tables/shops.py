"""Shops, their documents, gateways and cabinets: what the cloud owns, and how far each gateway has come."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class Shop(Table, table=True):
    """A repair shop with a dealer's cabinets. `document_version` is the newest row of `document`, 0 when none."""

    __tablename__ = "shop"

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    name: str
    document_version: int = Field(default=0, sa_type=BigInteger)
    feed_number: int = Field(default=0, sa_type=BigInteger)  # the newest row of `shop_feed`
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    address: str = ""
    names_days: int = 730  # how long mechanics' names are kept after they left
    time_zone: str = "Asia/Shanghai"  # whose midnight a day and a month begin at


class ShopDealer(Table, table=True):
    """A dealer that serves a shop: its host, to whom the cabinets belong, or a guest with bins in them.

    A guest whose last bin is gone has left: it keeps its own history, and of the shop's rows sees the shop's alone.
    """

    __tablename__ = "shop_dealer"

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True, index=True)
    is_host: bool = True
    has_left: bool = False


class ShopView(Table, table=True):
    """A shop's document as one dealer may see it: its own bins and parts, and what belongs to the shop."""

    __tablename__ = "shop_view"

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    version: int = Field(sa_type=BigInteger)
    body: bytes


class Document(Table, table=True):
    """One version of a shop's document, as the bytes every gateway gets. Append-only."""

    __tablename__ = "document"

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    stored_ms: int = Field(sa_type=BigInteger)
    body: bytes


class PlannedBin(Table, table=True):
    """A part in a bin by the newest planogram: what the document says, where a query can join it.

    Written with every version of the document (`planned_bins.py`). `account` is the bin's in the ledger.
    """

    __tablename__ = "planned_bin"
    __table_args__ = (Index("planned_bin_by_part", "dealer_id", "part"), {"sqlite_with_rowid": False})

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    cabinet: str = Field(primary_key=True)
    bin: int = Field(primary_key=True)
    part: str = Field(primary_key=True)
    dealer_id: str
    account: str
    capacity: int = Field(default=0, sa_type=BigInteger)
    reorder_point: int = Field(default=0, sa_type=BigInteger)
    order_up_to: int = Field(default=0, sa_type=BigInteger)


class Cabinet(Table, table=True):
    """A cabinet (货柜) that is or was in a shop: what an upload of that shop may name. Never removed."""

    __tablename__ = "cabinet"

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    name_zh: str
    name_en: str


class CabinetStatus(Table, table=True):
    """How a cabinet is, by its gateway's newest word: outside the ledger, and overwritten.

    The last columns are those of `upload_format.CabinetStatus` that older gateways do not say.
    """

    __tablename__ = "cabinet_status"

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    cabinet: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    reported_ms: int = Field(sa_type=BigInteger)
    last_heard_ms: int = Field(sa_type=BigInteger)  # 0: never
    online: bool
    journal_backlog: int = Field(sa_type=BigInteger)
    bins_blind: int = Field(sa_type=BigInteger)
    firmware: str
    taken_in_ms: int = Field(default=0, sa_type=BigInteger)
    never_came: int = Field(default=0, sa_type=BigInteger)
    never_came_ms: int = Field(default=0, sa_type=BigInteger)
    journal_room_sessions: int = Field(default=-1, sa_type=BigInteger)  # -1: not known
    journal_full: bool = Field(default=False)
    left_out: int = Field(default=0, sa_type=BigInteger)


class CabinetDoors(Table, table=True):
    """What a cabinet's locks do without power, and the key of its access list, by its gateway's newest word.

    The columns are those of `upload_format.CabinetDoors`. No row: its gateway does not say.
    """

    __tablename__ = "cabinet_doors"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    cabinet: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    locks: str = ""
    list_key: str = ""
    list_key_ms: int = Field(default=0, sa_type=BigInteger)
    list_refused: str = ""
    reported_ms: int = Field(sa_type=BigInteger)


class Gateway(Table, table=True):
    """A shop's gateway. Its key is kept as SHA-256 only; the last columns are its newest word about itself."""

    __tablename__ = "gateway"

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    shop_id: str = Field(foreign_key="shop.id", index=True)
    key_sha256: bytes = Field(unique=True)
    last_contact_ms: int = Field(default=0, sa_type=BigInteger)  # 0: never
    outbox_backlog: int = Field(default=0, sa_type=BigInteger)
    quarantined: int = Field(default=0, sa_type=BigInteger)
    document_version: int = Field(default=0, sa_type=BigInteger)
    outbox_oldest_ms: int = Field(default=0, sa_type=BigInteger)
    quarantine_oldest_ms: int = Field(default=0, sa_type=BigInteger)
    broken: int = Field(default=0, sa_type=BigInteger)
    broken_ms: int = Field(default=0, sa_type=BigInteger)
    cannot_write_since_ms: int = Field(default=0, sa_type=BigInteger)
    disk_free_bytes: int = Field(default=-1, sa_type=BigInteger)  # -1: not known
    disk_days: int = Field(default=-1, sa_type=BigInteger)  # -1: not known
    disk_low: bool = Field(default=False)
    document_refused: str = ""  # why its newest document could not be put into force
    uploads: int = Field(default=0, sa_type=BigInteger)  # counts up with each: what was derived before may be old
    withdrawn_ms: int = Field(default=0, sa_type=BigInteger)  # 0: its key is good


class GatewayEpoch(Table, table=True):
    """The cursor of one epoch of a gateway: everything up to `through` is held durably."""

    __tablename__ = "gateway_epoch"

    gateway_id: str = Field(foreign_key="gateway.id", primary_key=True)
    epoch: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    through: int = Field(sa_type=BigInteger)
    started_ms: int = Field(sa_type=BigInteger)
    moved_ms: int = Field(sa_type=BigInteger)
