"""What pages and the API show of a tenant's rows: values only, as the queries return them.

Times are milliseconds since 1970-01-01 UTC, ages milliseconds before now, quantities whole pieces or grams.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

AgeMs = Annotated[int | None, Field(description="milliseconds ago; null: never", examples=[4200])]
Known = Annotated[int | None, Field(description="null: not known", examples=[640])]
Count = Annotated[int, Field(ge=0, examples=[2])]
Quantity = Annotated[int, Field(description="pieces, or grams for bulk", examples=[12])]
TimeMs = Annotated[int, Field(description="milliseconds since 1970-01-01 UTC", examples=[1794873600000])]


class View(BaseModel):
    """A value that nobody changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PartName(View):
    """What a part is called and counted in. A number that the catalogue lost is shown by itself."""

    number: str = Field(examples=["WK-1060"])
    name_zh: str = Field(examples=["柴油滤清器"])
    name_en: str = Field(examples=["Diesel filter"])
    unit: Literal["piece", "gram"] = "piece"
    brand: str = ""


class ShopOverview(View):
    """A shop in the dealer's list."""

    id: str = Field(examples=["shop-1"])
    name: str = Field(examples=["老王汽修"])
    last_contact_age_ms: AgeMs
    document_version: int = Field(description="newest version of the shop's document", examples=[3])
    gateway_document_version: int = Field(description="the version its gateway works from", examples=[3])
    cabinets: Count
    cabinets_online: Count
    bins: Count = Field(description="bins that hold a part by the planogram")
    bins_low: Count = Field(description="bins at or below their reorder point")
    bins_blind: Count = Field(description="bins whose cell gives no weight")
    cabinets_full: Count = Field(default=0, description="cabinets that refuse sessions, their journals being full")
    journal_backlog: Count = Field(default=0, description="events in its cabinets that the gateway does not have yet")
    taken_in_age_ms: AgeMs = Field(default=None, description="of the last event it has of such a cabinet")
    never_came: Count = Field(default=0, description="events of its cabinets that will never come")
    never_came_age_ms: AgeMs = Field(default=None, description="when the last of these was found")
    open_discrepancies: Count
    open_requests: Count
    quarantined: Count = Field(description="items the cloud received and could not book")
    quarantined_age_ms: AgeMs = Field(default=None, description="of the oldest of these")
    gateway_quarantined: Count = Field(description="messages the gateway received and could not understand")
    gateway_quarantined_age_ms: AgeMs = Field(default=None, description="of the oldest of these")
    gateway_backlog: Count = Field(description="items the gateway has still to send")
    gateway_backlog_age_ms: AgeMs = Field(default=None, description="of the oldest of these")
    gateway_broken: Count = Field(default=0, description="damaged messages it asked for again in the last days")
    gateway_broken_age_ms: AgeMs = Field(default=None, description="of the last of these")
    gateway_cannot_write_age_ms: AgeMs = Field(
        default=None, description="since when the gateway cannot write to its disk; null: it can"
    )
    gateway_disk_free_bytes: Known = None
    gateway_disk_days: Known = Field(default=None, description="how long that lasts at the present growth")
    gateway_disk_low: bool = Field(default=False, description="somebody should make room before it is full")
    gateway_document_refused: bool = Field(
        default=False, description="the gateway cannot use the shop's newest document and works by the one before"
    )
    latitude_e6: Known = Field(
        default=None, description="millionths of a degree; null: nobody said", examples=[36650000]
    )
    longitude_e6: Known = Field(default=None, examples=[117120000])
    address: str = ""


class CabinetOverview(View):
    """A cabinet in a shop."""

    id: str = Field(examples=["cab-1"])
    name_zh: str
    name_en: str
    last_heard_age_ms: AgeMs
    online: bool
    firmware: str
    journal_backlog: Count = Field(description="events in the cabinet that the gateway does not have yet")
    taken_in_age_ms: AgeMs = Field(default=None, description="of the last event the gateway has")
    never_came: Count = Field(default=0, description="events that will never come")
    never_came_age_ms: AgeMs = Field(default=None, description="when the last of these was found")
    journal_room_sessions: Known = Field(default=None, description="sessions that its journal still has room for")
    journal_full: bool = Field(default=False, description="it refuses new sessions until its journal is taken in")
    left_out: Count = Field(default=0, description="events not recorded since its start, because the journal was full")
    bins: Count
    bins_low: Count
    bins_blind: Count
    open_discrepancies: Count


class Place(View):
    """A bin that the planogram puts a part into."""

    cabinet: str = Field(examples=["cab-1"])
    bin: int = Field(examples=[4])


class Stray(View):
    """A part that lies in a bin by the ledger although the planogram does not put it there."""

    part: PartName
    stock: Quantity
    belongs_to: list[Place] = Field(description="where it should be, the nearest first")


class PartStock(View):
    """A part of a bin with its policy and what the ledger says is there."""

    part: PartName
    stock: Quantity
    capacity: Quantity
    reorder_point: Quantity = Field(description="in force: of a person, of the forecast, or of the planogram")
    order_up_to: Quantity
    low: bool
    requested: Quantity = Field(description="on open replenishment requests")


class BinStock(View):
    """A bin with its parts by the planogram."""

    cabinet: str = Field(examples=["cab-1"])
    bin: int = Field(examples=[1])
    cell: str = Field(description="the class of its load cell", examples=["c3-10kg"])
    dealer: str = Field(examples=["dealer-1"])
    parts: list[PartStock] = Field(description="empty: the planogram leaves this bin empty")
    last_movement_age_ms: AgeMs
    open_discrepancies: Count
    strays: list[Stray] = []
    confidence_ppm: Known = Field(default=None, description="how sure its newest count is", examples=[999000])
    counted_age_ms: AgeMs = Field(default=None, description="of that count")


class BinChange(View):
    """What a session did to one bin: `quantity` is the change of its stock, negative when taken."""

    cabinet: str
    bin: int
    part: PartName
    cause: str = Field(examples=["take"])
    quantity: int = Field(examples=[-2])
    confidence_ppm: int = Field(examples=[999000])


class SessionView(View):
    """A finished session (开柜记录) and what was booked for it."""

    id: str = Field(examples=["cab-1/6f1c20aa/17"])
    cabinet: str
    person: str
    person_name: str
    opened_by: str
    how: str
    missing: str = Field(description="what the evidence lacks; empty when nothing")
    opened_ms: TimeMs
    closed_ms: TimeMs
    ingested_ms: TimeMs
    changes: list[BinChange]


class OutcomeView(View):
    """What may have happened to a bin: pieces by part (negative: taken), and what is none of the parts."""

    changes: dict[str, int] = Field(examples=[{"WK-1060": -2}])
    foreign_mg: int = Field(description="left there that is none of the parts (negative: taken away)", examples=[0])
    ppm: int = Field(description="how likely, parts per million", examples=[997000])


class LevelView(View):
    """A weight at which a bin stood still."""

    at_ms: int = Field(description="since the first", examples=[6400])
    mg: int
    noise_mg: int


class StepView(View):
    """A change of weight and what it was counted as; `level` is the number of the level it led to, from 1."""

    level: int
    changes: dict[str, int] = Field(examples=[{"WK-1060": -1}])
    foreign_mg: int
    mg: int


class TagView(View):
    """What the tag reader heard of a part in the whole cabinet."""

    part: str
    present: Count
    missing: Count
    came: Count


class VerdictView(View):
    """What counting said of one bin in one session, and why; of several the highest `number` counts."""

    id: str
    cabinet: str
    session: str
    bin: int
    number: int
    event: str = Field(description="what led to it: the session's end, or later evidence")
    decided_ms: TimeMs
    best: OutcomeView
    candidates: list[OutcomeView] = Field(description="the likeliest first")
    levels: list[LevelView] = Field(description="from the weight before to the one after")
    steps: list[StepView]
    tags: list[TagView]
    algorithm: int


class PostingView(View):
    """One line of a movement."""

    account: str = Field(examples=["bin:cab-1/3"])
    part: str
    quantity: int = Field(examples=[-2])


class MovementView(View):
    """A movement as it was booked."""

    id: str
    cause: str
    cabinet: str
    session: str
    person: str
    person_name: str
    job: str
    occurred_ms: TimeMs
    booked_ms: TimeMs
    ingested_ms: TimeMs
    confidence_ppm: int
    corrects: str
    note: str
    postings: list[PostingView]


class DiscrepancyView(View):
    """What the evidence and the ledger cannot agree on; open while `resolved_ms` is null."""

    id: str
    cabinet: str
    bin: int
    part: PartName | None
    session: str
    reason: str
    detail: str
    opened_ms: TimeMs
    resolved_ms: int | None
    resolved_by: str
    note: str


class QuarantinedItem(View):
    """Something a gateway sent that the cloud received and did not book."""

    gateway: str
    epoch: str
    seq: int
    received_ms: TimeMs
    reason: str
    body: str = Field(description="the item as it came, as far as it is text")


class ConsumptionBucket(View):
    """What was consumed of one part in one hour or day: taken, less what was given back or corrected."""

    start_ms: TimeMs
    part: PartName
    quantity: int = Field(examples=[7])


class Consumption(View):
    """Consumption over time, and in all by part (most first)."""

    from_ms: TimeMs
    to_ms: TimeMs
    bucket: Literal["hour", "day"]
    buckets: list[ConsumptionBucket]
    totals: list[ConsumptionBucket] = Field(description="one a part over the whole time; `start_ms` is `from_ms`")


class BinToFill(View):
    """One bin on the next round."""

    request: str
    cabinet: str
    bin: int
    quantity: Quantity
    stock_when_raised: Quantity
    stock: Quantity = Field(description="as the ledger says now")
    raised_ms: TimeMs


class PartToBring(View):
    """What to bring of one part."""

    part: PartName
    quantity: Quantity
    pack_size: Quantity
    packs: Count = Field(description="whole packs that cover the quantity")
    bins: list[BinToFill]


class ShopRound(View):
    """What to bring to one shop (下次补货)."""

    shop: str
    shop_name: str
    oldest_request_age_ms: AgeMs
    parts: list[PartToBring]


class LedgerHeld(View):
    """What the cloud holds of a shop's ledger: to compare with the gateway's own."""

    events: Count
    movements: Count
    sessions: Count
    quarantined: Count
    balances: list[PostingView]
