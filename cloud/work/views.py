"""What pages and the API show of a shop's work: jobs, vehicles and their files, claims, and people. Values only.

Times are milliseconds since 1970-01-01 UTC, quantities whole pieces or grams, money whole minor units.
"""

from typing import Annotated, Literal

from pydantic import Field

from cloud.views import PartName, Quantity, TimeMs, View

ClaimKind = Literal["return", "core", "warranty"]
ClaimState = Literal["opened", "received", "accepted", "refused", "withdrawn"]
Minor = Annotated[int, Field(description="minor units of the currency", examples=[12850])]
Km = Annotated[int | None, Field(description="kilometres; null: not known", examples=[128450])]
When = Annotated[int, Field(ge=0, description="milliseconds since 1970-01-01 UTC; 0: not yet", examples=[0])]


class JobView(View):
    """A job of a shop."""

    id: str = Field(examples=["C261122-7KQ2"])
    shop: str = Field(examples=["shop-1"])
    title: str = Field(examples=["保养"])
    vehicle: str = Field(description="its file's id, empty for none", examples=["v-8kq2m7xw3p"])
    plate: str = Field(examples=["鲁B12345"])
    vin: str = Field(examples=["LFWSRXSJ8M1F12345"])
    model: str = Field(examples=["解放 J6P"])
    opened_ms: TimeMs
    opened_by: str = Field(examples=["张师傅"])
    closed_ms: When
    closed_by: str
    source: str = Field(description="kiosk, cloud, api, or document", examples=["cloud"])
    parts: int = Field(ge=0, description="how many different parts of yours are charged to it", examples=[3])
    cursor: str = Field(description="`after` of the page behind it", examples=["1794873600000.C261122-7KQ2"])


class VehicleView(View):
    """A vehicle in a list, and at the head of its file."""

    id: str = Field(examples=["v-8kq2m7xw3p"])
    shop: str = Field(examples=["shop-1"])
    shop_name: str = Field(examples=["老王汽修"])
    plate: str = Field(examples=["鲁B12345"])
    vin: str = Field(examples=["LFWSRXSJ8M1F12345"])
    make: str = Field(examples=["解放"])
    model: str = Field(examples=["J6P"])
    engine: str = Field(examples=["CA6DM3"])
    year: int = Field(description="0: not known", examples=[2021])
    owner: str
    note: str
    made_ms: TimeMs
    changed_ms: TimeMs
    km: Km = Field(default=None, description="what the odometer showed last")
    km_ms: When = 0
    from_vin: list[str] = Field(
        default=[], description="what nobody told and the VIN says, as far as it is known", examples=[["make", "year"]]
    )
    cursor: str = Field(description="`after` of the page behind it", examples=["1794873600000.shop-1.v-8kq2m7xw3p"])


class ReadingView(View):
    """What an odometer showed. `falls`: it is less than one before, so one of them was misread."""

    at_ms: TimeMs
    km: int = Field(examples=[128450])
    told_by: str
    falls: bool = False


class ChangeView(View):
    """One change of a file, as it is on record."""

    at_ms: TimeMs
    field: str = Field(examples=["plate"])
    before: str = Field(examples=["鲁B12345"])
    after: str = Field(examples=["鲁B67890"])
    told_by: str


class UseView(View):
    """A part used on the vehicle, or given back, or corrected; price and amounts are null for who may not see them."""

    at_ms: TimeMs
    job: str
    job_title: str
    part: PartName
    quantity: Quantity
    cause: str = Field(description="take, return, charge or correction", examples=["take"])
    person_name: str
    km: Km = None
    price_minor: int | None = Field(default=None, description="net, of one, of the day of the take", examples=[12850])
    currency: str = ""
    tax_ppm: int = 0
    net_minor: int | None = None
    movement: str
    line: int
    corrects: str = ""
    claimable: Quantity = Field(default=0, description="how many can still be returned or claimed")


class PartSum(View):
    """All of one part on the vehicle: used, given back or corrected, and what is left."""

    part: PartName
    used: Quantity
    back: Quantity
    left: Quantity
    last_ms: TimeMs


class DueView(View):
    """What falls due next. `due_day` is an estimate where `by` is km: from how the odometer went so far."""

    title: str = Field(examples=["机油"])
    part: PartName | None
    every_km: int
    every_months: int
    last_km: int
    last_ms: When
    due_km: Km = Field(description="the odometer at which it falls due")
    due_ms: int | None = Field(description="when it falls due, whichever comes first; null: cannot be said")
    by: Literal["km", "months", "none"] = Field(description="what falls due first")
    is_estimate: bool = Field(description="the day follows from the odometer's trend")
    state: Literal["done", "soon", "due", "unknown"]
    km_left: Km = None


class ClaimStepView(View):
    """A step of a claim."""

    number: int
    state: ClaimState
    at_ms: TimeMs
    by: str
    note: str
    credit_minor: int = 0


class ClaimView(View):
    """A return, a core or a warranty case, and how it stands."""

    id: str = Field(examples=["k-8kq2m7xw3p"])
    shop: str = Field(examples=["shop-1"])
    kind: ClaimKind
    state: ClaimState
    part: PartName
    quantity: Quantity
    movement: str
    line: int
    taken_ms: TimeMs
    job: str
    job_title: str
    vehicle: str
    plate: str
    reason: str
    made_by: str
    made_ms: TimeMs
    credit_minor: int | None = Field(default=None, description="net; null for who may not see prices, or none given")
    currency: str = ""
    usual_credit_minor: int | None = Field(default=None, description="what it cost, net; null: no price is known")
    steps: list[ClaimStepView]
    next_states: list[ClaimState] = Field(description="what may follow")
    cursor: str = Field(examples=["1794873600000.k-8kq2m7xw3p"])


class VehicleFile(View):
    """Everything about one vehicle (一车一档), as far as it is the caller's to see."""

    vehicle: VehicleView
    joined: list[VehicleView] = Field(description="files of the same vehicle that were joined to this one")
    alike: list[VehicleView] = Field(description="files that may be of the same vehicle")
    km_a_day: float | None = Field(description="how far it goes, by its odometer's trend; null: cannot be said")
    readings: list[ReadingView]
    due: list[DueView]
    uses: list[UseView]
    sums: list[PartSum]
    jobs: list[JobView]
    claims: list[ClaimView]
    changes: list[ChangeView]


class PersonView(View):
    """Somebody of a shop: who may open its cabinets."""

    id: str = Field(examples=["p-zhang"])
    name: str = Field(examples=["张师傅"])
    role: Literal["mechanic", "restocker", "shop_owner"]
    badges: list[str] = Field(examples=[["04A1B2C3"]])
    pin_reset_ms: TimeMs = Field(
        default=0, description="a PIN chosen before counts no more; 0: the person was never let choose one"
    )
    left_ms: When
    forget_ms: int | None = Field(description="when the name will be forgotten; null: not while working there")
    forgotten_ms: When


class ShopPeople(View):
    """The people of a shop, and how long the names of those who left are kept."""

    shop: str
    version: int = Field(description="of the shop's document; send it back with a change", examples=[3])
    names_days: int = Field(examples=[730])
    list_days: int = Field(
        default=0,
        description="how long a cabinet that cannot be reached lets people in by its last list",
        examples=[30],
    )
    people: list[PersonView]
