"""What a search answers: how it understood the text, the vehicles it knows, and the parts, best first."""

from typing import Annotated, Literal

from pydantic import Field

from cloud.catalogue.vin_views import VinAnswer
from cloud.views import PartName, Quantity, View

UnderstoodAs = Literal[
    "vin",
    "vin_tail",
    "plate",
    "part_number",
    "oe_number",
    "competitor_number",
    "old_number",
    "gtin",
    "beginning",
    "thing",
    "make",
    "model",
    "engine",
    "words",
    "nothing",
]
How = Literal["part_number", "oe", "competitor", "old", "gtin", "beginning", "mistyped", "words", "fits"]
Score = Annotated[int, Field(ge=0, le=100, description="of 100", examples=[100])]


class Understood(View):
    """One piece of the text and what it was taken for."""

    text: str = Field(examples=["机滤"])
    kind: UnderstoodAs
    value: str = Field(description="what it stands for", examples=["oil_filter"])
    mistyped: bool = Field(default=False, description="a typing error was put right to find it")
    found: bool = Field(default=True, description="false: nothing has it, and it was left out")


class StockPlace(View):
    """A bin that has some."""

    shop: str = Field(examples=["shop-1"])
    shop_name: str = Field(examples=["老王汽修"])
    cabinet: str = Field(examples=["cab-1"])
    cabinet_zh: str = Field(default="", examples=["一号柜"])
    cabinet_en: str = Field(default="", examples=["Cabinet 1"])
    bin: int = Field(examples=[4])
    stock: Quantity


class PartHit(View):
    """A part that was found, why, and where it lies."""

    part: PartName
    category: str = Field(examples=["engine"])
    image: str = ""
    how: How
    matched: str = Field(description="the number or name that matched", examples=["1117050-29D"])
    matched_brand: str = Field(default="", description="whose number that is", examples=["FAW"])
    score: Score
    stock: Quantity = Field(description="in every bin you see")
    shops: int = Field(ge=0, description="how many shops have some", examples=[3])
    places: list[StockPlace] = Field(description="up to three bins that have some, the fullest first")
    bins: int = Field(ge=0, description="bins that keep it by the planogram: how usual it is", examples=[12])
    replaced_by: str = Field(default="", description="the newest part of the chain that replaces it")
    withdrawn: bool = False


class VehicleHit(View):
    """A vehicle whose file is known."""

    shop: str = Field(examples=["shop-1"])
    shop_name: str = Field(examples=["老王汽修"])
    id: str = Field(examples=["v-8kq2m7xw3p"])
    plate: str = Field(examples=["鲁B12345"])
    vin: str = Field(examples=["LFWSRXSJ8M1F12345"])
    make: str = Field(examples=["解放"])
    model: str = Field(examples=["J6P"])
    engine: str = Field(examples=["CA6DM3"])
    year: int = Field(description="0: not known", examples=[2021])


class SearchAnswer(View):
    """What was found."""

    typed: str
    understood: list[Understood]
    vin: VinAnswer | None = None
    vehicles: list[VehicleHit]
    hits: list[PartHit]
    total: int = Field(ge=0, description="how many parts match", examples=[240])
