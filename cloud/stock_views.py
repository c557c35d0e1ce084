"""What pages and the API show of stock over all shops, of transfers, of counts, and of answers to discrepancies."""

from typing import Literal

from pydantic import Field

from cloud.views import PartName, Quantity, TimeMs, View

WhenMs = int | None


class PartPlace(View):
    """A bin that holds a part, or should by the planogram."""

    shop: str = Field(examples=["shop-1"])
    shop_name: str
    cabinet: str = Field(examples=["cab-1"])
    bin: int = Field(examples=[4])
    stock: Quantity
    capacity: Quantity
    reorder_point: Quantity
    order_up_to: Quantity
    is_planned: bool = Field(description="false: it lies there although the planogram puts it elsewhere")
    last_movement_ms: WhenMs = Field(description="null: it has never moved")


class Sent(View):
    """An order that went down to a shop's gateway. Its answer shows when the gateway has carried it out."""

    shop: str = Field(examples=["shop-1"])
    number: int = Field(description="of the shop's feed", examples=[17])


class OrderView(Sent):
    """What became of an order: `waiting` until the gateway answers."""

    state: Literal["waiting", "done", "refused", "withdrawn"]
    why: str = Field(default="", description="why it was refused")
    movement: str = Field(default="", description="what was booked for it")
    told_ms: TimeMs
    answered_ms: WhenMs = None


class CountView(View):
    """A bin that is to be counted: what the ledger expected and what somebody counted."""

    id: str = Field(examples=["shop-1-17"])
    shop: str = Field(examples=["shop-1"])
    shop_name: str
    cabinet: str = Field(examples=["cab-1"])
    bin: int = Field(examples=[4])
    part: PartName
    state: Literal["waiting", "counted", "refused", "withdrawn"]
    made_by: str
    made_ms: TimeMs
    ended_ms: WhenMs = None
    expected: int | None = Field(description="what the ledger held; null: nobody has counted yet", examples=[12])
    counted: int | None = Field(examples=[11])
    counted_by: str = ""
    why: str = Field(default="", description="why the gateway refused it")
    note: str = ""


class End(View):
    """One end of a transfer."""

    shop: str = Field(examples=["shop-1"])
    cabinet: str = Field(examples=["cab-1"])
    bin: int = Field(ge=1, le=64, examples=[4])


class TransferView(View):
    """Stock on its way from one bin to another, followed by what the restocker's sessions booked at both."""

    id: str
    part: PartName
    quantity: Quantity
    source: End
    target: End
    source_shop_name: str
    target_shop_name: str
    state: Literal["proposed", "on_the_way", "arrived", "withdrawn"]
    taken: Quantity = Field(description="taken out of the first bin since it was proposed")
    put: Quantity = Field(description="put into the second bin since then")
    on_the_way: Quantity = Field(description="taken and not yet put: it is in neither bin's stock")
    made_by: str
    made_ms: TimeMs
    ended_ms: WhenMs = None
    note: str = ""


class OpenDiscrepancy(View):
    """An open discrepancy of any shop, with the order that was last given about it."""

    shop: str = Field(examples=["shop-1"])
    shop_name: str
    id: str
    cabinet: str
    bin: int
    part: PartName | None
    session: str
    reason: str = Field(examples=["balance"])
    opened_ms: TimeMs
    order: OrderView | None = None
