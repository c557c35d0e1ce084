"""A dealer's vans, and when its shops take deliveries."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.api.asked import HERE, NO_SHOP, ShopId
from cloud.identity import SignedIn
from cloud.people.rules import NAME_CHARACTERS_MAX
from cloud.replenishment.visits import vans
from cloud.replenishment.visits.views import HoursView, VanView
from cloud.shop_edit import LATITUDE_E6_MAX, LONGITUDE_E6_MAX
from cloud.tenancy import TenantId

router = APIRouter(prefix="/api", tags=["rounds"], responses=HERE)

Planner = Annotated[SignedIn, Depends(Needs("plan_visits"))]
Reader = Annotated[TenantId, Depends(NeedsTenant("load_visits"))]
VanId = Annotated[str, Path(max_length=200, examples=["van-1"])]
NO_VAN = refusals(_404="no such van, or not yours", _422="it is not possible")


class VanFacts(BaseModel):
    """What is said of a van. Minutes are of the local day, places millionths of a degree."""

    name: str = Field(min_length=1, max_length=NAME_CHARACTERS_MAX, examples=["一号车"])
    latitude_e6: int = Field(ge=-LATITUDE_E6_MAX, le=LATITUDE_E6_MAX, examples=[36650000])
    longitude_e6: int = Field(ge=-LONGITUDE_E6_MAX, le=LONGITUDE_E6_MAX, examples=[117120000])
    max_kg: int = Field(ge=1, le=vans.KG_MAX, examples=[800])
    restocker: str = Field(default="", max_length=254, examples=["song@dealer.example"])
    starts_min: int = Field(default=480, ge=0, le=1440, examples=[480])
    ends_min: int = Field(default=1080, ge=0, le=1440, examples=[1080])
    weekdays: str = Field(default="12345", pattern="^[1-7]{1,7}$", examples=["12345"])
    km_per_hour: int = Field(default=30, ge=1, le=150, examples=[30])

    def facts(self) -> vans.Facts:
        """The same as the planning takes it."""
        return vans.Facts(**self.model_dump())


@router.get("/vans", summary="The vans")
def all_vans(tenant: Reader, services: AllServices, *, withdrawn: bool = False) -> list[VanView]:
    """By name; at most 200. `withdrawn`: also those that drive no more."""
    with services.database.reading_as(tenant) as session:
        return vans.vans(session, tenant, withdrawn=withdrawn)


@router.post("/vans", summary="Add a van", status_code=201, responses=refusals(_422="it is not possible"))
def add_van(said: VanFacts, person: Planner, services: AllServices) -> VanView:
    """It is planned with from the next proposal on."""
    with services.database.writing_as(person.tenant) as session:
        return vans.keep(session, person, "", said.facts(), services.now_ms())


@router.put("/vans/{van}", summary="Say something else of a van", responses=NO_VAN)
def change_van(van: VanId, said: VanFacts, person: Planner, services: AllServices) -> VanView:
    """A van that was withdrawn drives again."""
    with services.database.writing_as(person.tenant) as session:
        return vans.keep(session, person, van, said.facts(), services.now_ms())


@router.delete("/vans/{van}", summary="Withdraw a van", responses=NO_VAN)
def withdraw_van(van: VanId, person: Planner, services: AllServices) -> VanView:
    """Only while no accepted visit is on it."""
    with services.database.writing_as(person.tenant) as session:
        return vans.withdraw(session, person, van, services.now_ms())


@router.get("/shops/{shop}/hours", summary="When a shop takes deliveries", responses=NO_SHOP)
def shop_hours(shop: ShopId, tenant: Reader, services: AllServices) -> list[HoursView]:
    """A weekday without a row: closed. None at all: 8 to 18 on every day."""
    with services.database.reading_as(tenant) as session:
        return vans.hours(session, tenant, shop)


@router.put(
    "/shops/{shop}/hours",
    summary="Say when a shop takes deliveries",
    responses=refusals(_404="no such shop, or not yours", _422="a day twice, or hours that no visit fits into"),
)
def change_hours(
    shop: ShopId,
    said: Annotated[list[HoursView], Field(max_length=7)],
    person: Planner,
    services: AllServices,
) -> list[HoursView]:
    """The whole week in place of what was said before."""
    with services.database.writing_as(person.tenant) as session:
        return vans.keep_hours(session, person, shop, said, services.now_ms())
