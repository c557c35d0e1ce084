"""What pages and the API show of the catalogue, and what they are given to change it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cloud.catalogue.search_views import StockPlace
from cloud.views import PartName, Quantity, TimeMs, View

Category = Literal["", "appearance", "chassis", "engine", "electrical", "wearing"]
ReferenceKind = Literal["oe", "competitor", "old"]
NO_NUL = r"^[^\x00]*$"  # PostgreSQL has no text with one
Number = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[^\s\x00]([^\x00\n]*[^\s\x00])?$", examples=["WK-1060"])
]
Brand = Annotated[str, Field(max_length=64, pattern=NO_NUL, examples=["MANN"])]
Name = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Image = Annotated[
    str,
    Field(
        max_length=500,
        pattern=r"^$|^https?://[^\s\x00]+$|^/[^/\s\x00][^\s\x00]*$",
        description="the address of a picture",
        examples=["https://images.dealer.example/wk-1060.jpg"],
    ),
]
Gtin = Annotated[
    str, Field(pattern=r"^$|^\d{8}(\d{4}(\d{1,2})?)?$", description="8, 12, 13 or 14 digits", examples=[""])
]
MassMg = Annotated[int, Field(ge=0, le=10**10, description="milligrams; 0: not known", examples=[850_000])]
Pack = Annotated[int, Field(ge=1, le=1_000_000, examples=[6])]
Days = Annotated[int, Field(ge=0, le=36_500, description="0: keeps for ever", examples=[0])]
Year = Annotated[int, Field(ge=0, le=2100, description="0: not restricted", examples=[2015])]
Word = Annotated[str, Field(max_length=100, pattern=NO_NUL)]
Minor = Annotated[int, Field(ge=0, le=10**12, description="net, of one unit, in minor units", examples=[12850])]
Day = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", examples=["2026-11-22"])]


class Asked(BaseModel):
    """Something that is asked for: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid")


class NewPart(Asked):
    """A part to make."""

    number: Number
    name_zh: Name = Field(default="", examples=["柴油滤清器"])
    name_en: Name = Field(default="", examples=["Diesel filter"])
    brand: Brand = ""
    category: Category = ""
    unit: Literal["piece", "gram"] = "piece"
    unit_mass_mg: MassMg = 0
    spread_mg: MassMg = 0
    pack_size: Pack = 1
    gtin: Gtin = ""
    image: Image = ""
    superseded_by: str = Field(
        default="", max_length=64, pattern=NO_NUL, description="the part that replaces it", examples=[""]
    )
    shelf_life_days: Days = 0


class PartChange(Asked):
    """What is to be otherwise; what is left out stays."""

    name_zh: Name | None = None
    name_en: Name | None = Field(default=None, examples=["Fuel filter"])
    brand: Brand | None = None
    category: Category | None = None
    unit: Literal["piece", "gram"] | None = None
    unit_mass_mg: MassMg | None = None
    spread_mg: MassMg | None = None
    pack_size: Pack | None = None
    gtin: Gtin | None = None
    image: Image | None = None
    superseded_by: str | None = Field(default=None, max_length=64, pattern=NO_NUL)
    withdrawn: bool | None = None
    shelf_life_days: Days | None = None


class PartView(View):
    """A part of the catalogue."""

    number: str = Field(examples=["WK-1060"])
    name_zh: str = Field(examples=["柴油滤清器"])
    name_en: str = Field(examples=["Diesel filter"])
    brand: str
    category: str
    unit: Literal["piece", "gram"]
    unit_mass_mg: int
    spread_mg: int
    pack_size: int
    gtin: str
    image: str
    superseded_by: str
    replaced_by: list[str] = Field(description="the chain of parts that replace it, the newest last")
    replaces: list[str] = Field(description="parts that it replaces directly")
    withdrawn: bool
    shelf_life_days: int
    revision: int = Field(description="counts up by every change in the dealer's catalogue", examples=[4711])


class PartsPage(View):
    """A page of the catalogue in order of number."""

    parts: list[PartView]
    next: str = Field(description="`after` of the page behind it, empty at the end", examples=["WK-1060"])


class ReferenceView(Asked):
    """Another number of a part."""

    kind: ReferenceKind = Field(description="of the vehicle's maker, a competitor's, or an old one", examples=["oe"])
    brand: Brand = ""
    number: Number


class NewFitment(Asked):
    """That a part fits; what is left empty is not restricted."""

    make: Word = Field(default="", examples=["解放"])
    model: Word = Field(default="", examples=["J6P"])
    engine: Word = Field(default="", examples=["CA6DM3"])
    from_year: Year = 0
    to_year: Year = 0
    base_vehicle: int = Field(default=0, ge=0, le=2**31 - 1, description="its ACES id, 0: none", examples=[0])
    position: Word = ""
    quantity: int = Field(default=0, ge=0, le=10_000, description="that one vehicle needs, 0: not said", examples=[1])
    note: str = Field(default="", max_length=500, pattern=NO_NUL)


class FitmentView(View):
    """That a part fits a vehicle."""

    id: int = Field(examples=[7])
    make: str
    model: str
    engine: str
    from_year: int
    to_year: int
    base_vehicle: int
    position: str
    quantity: int
    note: str


class FitmentPage(View):
    """Vehicles that a part fits, in order of id."""

    fitment: list[FitmentView]
    next: int = Field(description="`after` of the page behind it, 0 at the end", examples=[0])


class PriceView(Asked):
    """What a part costs from a day on, in one shop or ("") in all."""

    shop: str = Field(default="", max_length=200, pattern=NO_NUL, examples=[""])
    from_day: Day
    price_minor: Minor
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$", examples=["CNY"])
    tax_ppm: int = Field(default=0, ge=0, le=1_000_000, description="added to the net price", examples=[130_000])


class NewModel(Asked):
    """Which vehicles begin their VIN so."""

    wmi: str = Field(pattern=r"^[A-HJ-NPR-Z0-9]{3}$", examples=["LFW"])
    pattern: str = Field(
        default="",
        pattern=r"^[A-HJ-NPR-Z0-9?]{0,14}$",
        description="of the characters behind that, ? for any",
        examples=["SRX??"],
    )
    make: str = Field(min_length=1, max_length=100, pattern=NO_NUL, examples=["解放"])
    model: Word = Field(default="", examples=["J6P"])
    engine: Word = Field(default="", examples=["CA6DM3"])
    from_year: Year = 0
    to_year: Year = 0


class ModelView(View):
    """A row of the dealer's own table of models."""

    id: int = Field(examples=[7])
    wmi: str
    pattern: str
    make: str
    model: str
    engine: str
    from_year: int
    to_year: int


class ModelsPage(View):
    """Rows of the table of models, in order of id."""

    models: list[ModelView]
    next: int = Field(description="`after` of the page behind it, 0 at the end", examples=[0])


class PartAtShop(View):
    """What one shop has of a part, bin by bin."""

    shop: str = Field(examples=["shop-1"])
    shop_name: str = Field(examples=["老王汽修"])
    stock: Quantity
    bins: list[StockPlace]


class PartUse(View):
    """Where a part is kept."""

    part: PartName
    stock: Quantity
    shops: list[PartAtShop] = Field(description="the ones with the most first")
    as_of_ms: TimeMs
