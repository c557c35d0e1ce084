"""What pages and the API show of rounds: values only. Quantities below zero are taken back."""

from typing import Literal

from pydantic import Field

from cloud.views import Count, Known, PartName, Quantity, TimeMs, View

State = Literal["proposed", "planned", "loaded", "done", "cancelled"]
Day = str
LineState = Literal["waiting", "left_out", "answered", "different", "delivered", "unclear", "settled"]


class VanView(View):
    """A van, where it starts and when its driver works (minutes of the day)."""

    id: str = Field(examples=["van-1"])
    name: str = Field(examples=["一号车"])
    restocker: str = Field(default="", description="the e-mail of who drives it", examples=["song@dealer.example"])
    latitude_e6: int = Field(examples=[36650000])
    longitude_e6: int = Field(examples=[117120000])
    max_kg: int = Field(examples=[800])
    starts_min: int = Field(examples=[480])
    ends_min: int = Field(examples=[1080])
    weekdays: str = Field(description="1 is Monday", examples=["12345"])
    km_per_hour: int = Field(examples=[30])
    withdrawn: bool = False


class HoursView(View):
    """When a shop takes deliveries on a weekday (1 is Monday), and how long one takes."""

    weekday: int = Field(ge=1, le=7, examples=[1])
    opens_min: int = Field(ge=0, le=1440, examples=[480])
    closes_min: int = Field(ge=0, le=1440, examples=[1080])
    service_min: int = Field(default=20, ge=1, le=480, examples=[20])


class LineView(View):
    """What a visit does to a part in a bin."""

    line: int = Field(examples=[1])
    cabinet: str = Field(examples=["cab-1"])
    bin: int = Field(examples=[4])
    part: PartName
    purpose: Literal["need", "worth", "take_back", "transfer"]
    quantity: Quantity
    loaded: int | None = Field(description="null: nobody said", examples=[6])
    counted: int | None = Field(description="what came; null: not known yet", examples=[6])
    counted_by: str = Field(default="", description="gateway, or a person's name")
    movement: str = ""
    state: LineState
    left_out: str = Field(default="", description="withdrawn: its request ended; dropped: by a person")
    request: str = ""
    from_shop: str = Field(default="", description="of a transfer: whose stock it was")
    from_shop_name: str = ""
    pack: int = Field(default=1, examples=[6])
    mass_g: int = Field(default=0, description="0: not known", examples=[5100])
    why: dict[str, int | float | str] = Field(default={}, examples=[{"stock": 2, "order_up_to": 8}])
    note: str = ""


class VisitView(View):
    """A stop of a round."""

    id: str = Field(examples=["v-1a2b3c4d5e6f"])
    shop: str = Field(examples=["shop-1"])
    shop_name: str
    latitude_e6: Known = None
    longitude_e6: Known = None
    day: Day = Field(examples=["2026-11-23"])
    van: str = Field(examples=["van-1"])
    stop: int = Field(examples=[1])
    arrives_min: int | None = Field(description="minutes of the day; null: nobody knows where the shop is")
    travelled_m: int = Field(description="from the stop before", examples=[4200])
    state: State
    told: bool = Field(description="its gateway has been told")
    overdue: bool = Field(default=False, description="its day is over and it was not done")
    kg: float = Field(description="what is brought", examples=[41.5])
    back_kg: float = Field(description="what is taken back", examples=[3.2])
    unweighed: Count = Field(description="lines of parts whose mass is not known")
    needed: Count
    worth: Count
    taken_back: Count
    transferred: Count
    lines: list[LineView] = Field(default=[])


class TourView(View):
    """A van's round of a day."""

    van: VanView
    day: Day = Field(examples=["2026-11-23"])
    visits: list[VisitView]
    kg: float = Field(description="what the van carries at its heaviest", examples=[320.0])
    km: float = Field(examples=[64.2])
    back_min: int | None = Field(description="when it is back; minutes of the day")


class LeftOutView(View):
    """A need that is on no visit, and why."""

    shop: str
    shop_name: str
    cabinet: str
    bin: int
    part: PartName
    quantity: Quantity
    reason: Literal["no_van", "closed", "too_far", "too_heavy", "no_time", "no_room", "not_in_store", "stock_is_back"]
    found: int | None = Field(default=None, description="what there is: room in the bin, stock in the store")
    request: str = ""


class RoundsView(View):
    """The coming days."""

    tours: list[TourView]
    left_out: list[LeftOutView]
    proposed_ms: int | None = Field(description="when the newest proposal was made; null: never")
    proposed_by: str = ""
    differences: Count = Field(description="lines that wait for the dealer's word")


class DifferenceView(View):
    """A line of which another quantity came than was loaded, or of which nobody knows what came."""

    visit: str
    shop: str
    shop_name: str
    day: Day
    van: str
    line: LineView


class PickView(View):
    """A part on a van's picking list, with where it goes in the order of unloading."""

    part: PartName
    location: str = Field(description="where it lies in the store")
    quantity: Quantity
    pack: int
    packs: Count
    loaded: int | None
    mass_g: int
    lines: list["PickLine"]


class PickLine(View):
    """So much of it for one bin of a stop."""

    visit: str
    line: int
    stop: int
    shop_name: str
    cabinet: str
    bin: int
    quantity: Quantity
    loaded: int | None


class PickingView(View):
    """What is put on a van, the last stop's first: it is unloaded last."""

    van: VanView
    day: Day
    parts: list[PickView]
    visits: list[VisitView] = Field(description="last stop first")
    kg: float
    loaded: bool = Field(description="every visit of it has been loaded")


class StoreView(View):
    """What the dealer's own store holds of a part."""

    part: PartName
    on_hand: int = Field(examples=[120])
    on_order: int = Field(examples=[0])
    supplier: str = Field(examples=["曼牌滤清器"])
    lead_days: int = Field(examples=[7])
    order_pack: int = Field(examples=[12])
    location: str = Field(default="", examples=["A-03-2"])
    changed_ms: TimeMs


class PurchaseView(View):
    """What to buy of a part."""

    part: PartName
    supplier: str
    quantity: int = Field(description="in whole order packs", examples=[48])
    order_pack: int
    on_hand: int
    on_order: int
    on_visits: int = Field(description="accepted visits will load so much")
    shops_ask: int = Field(description="what the shops' bins are below their order-up-to level", examples=[30])
    demand: float = Field(description="of all shops over the lead time and until the next order", examples=[61.5])
    spare: float = Field(description="kept for more demand than is expected", examples=[14.2])
    days_left: float | None = Field(description="until the store cannot give; null: longer than a year")
    order_by: Day = Field(description="the last day on which it still comes in time", examples=["2026-11-26"])
    lead_days: int
