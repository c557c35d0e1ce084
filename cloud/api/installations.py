"""A dealer's shops and their gateways: opened, named, given a key, withdrawn."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from cloud import gateway_keys, shop_edit
from cloud.api.access import AllServices, Needs, refusals
from cloud.api.members import Limit
from cloud.gateway_keys import GatewayKey, Gateways
from cloud.identity import SignedIn
from cloud.shop_edit import Facts
from cloud.views import View

router = APIRouter(
    prefix="/api",
    tags=["installations"],
    responses=refusals(_401="nobody is signed in", _403="your role does not allow it"),
)
Installer = Annotated[SignedIn, Depends(Needs("manage_gateways"))]
ShopId = Annotated[str, Path(max_length=200, examples=["shop-1"])]
GatewayId = Annotated[str, Path(max_length=200, examples=["gw-1"])]
NO_SHOP = refusals(_404="no such shop, or not your own")
NO_GATEWAY = refusals(_404="no such gateway of yours")
E6 = Field(default=None, description="millionths of a degree; null: not known", ge=-180_000_000, le=180_000_000)


class ShopFacts(BaseModel):
    """What is said of a shop."""

    name: str = Field(max_length=200, examples=["老王汽修"])
    address: str = Field(default="", max_length=400, examples=["青岛市港城路 12 号"])
    latitude_e6: Annotated[int | None, E6] = None
    longitude_e6: Annotated[int | None, E6] = None
    time_zone: str = Field(default="Asia/Shanghai", max_length=64, examples=["Asia/Shanghai"])

    def facts(self) -> Facts:
        """The same as it is kept."""
        return Facts(**self.model_dump())


class ShopMade(View):
    """A new shop."""

    id: str = Field(examples=["shop-5f0c21d9"])


class GatewayShop(BaseModel):
    """The shop a gateway is for."""

    shop: str = Field(max_length=200, examples=["shop-1"])


@router.post(
    "/shops", summary="Open a shop", status_code=201, responses=refusals(_422="that is no name, address or place")
)
def open_shop(wanted: ShopFacts, person: Installer, services: AllServices) -> ShopMade:
    """Open a shop without cabinets; the planogram comes later."""
    with services.database.writing() as session:
        return ShopMade(id=shop_edit.create(session, person, wanted.facts(), services.now_ms()))


@router.put(
    "/shops/{shop}/facts",
    summary="Name a shop, say where it is and whose clock it goes by",
    status_code=204,
    responses={**NO_SHOP, **refusals(_422="that is no name, address, place or time zone")},
)
def edit_shop(shop: ShopId, wanted: ShopFacts, person: Installer, services: AllServices) -> None:
    """Say something else of a shop."""
    with services.database.writing() as session:
        shop_edit.edit(session, person, shop, wanted.facts(), services.now_ms())


@router.get("/gateways", summary="The dealer's gateways", responses=refusals(_404="the cursor is none of this list"))
def list_gateways(
    person: Installer,
    services: AllServices,
    *,
    cursor: Annotated[str, Query(max_length=200, description="of the page before")] = "",
    limit: Limit = 50,
) -> Gateways:
    """Gateways, by id."""
    tenant = person.tenant
    with services.database.reading_as(tenant) as session:
        return gateway_keys.gateways(session, tenant, services.now_ms(), cursor=cursor, limit=limit)


@router.post(
    "/gateways",
    summary="Register a shop's gateway; this answer is the only one that shows its key",
    status_code=201,
    responses={**NO_SHOP, **refusals(_409="the shop has a gateway")},
)
def register_gateway(wanted: GatewayShop, person: Installer, services: AllServices) -> GatewayKey:
    """Register a gateway."""
    with services.database.writing() as session:
        return gateway_keys.register(session, person, wanted.shop, services.now_ms())


@router.post(
    "/gateways/{gateway}/key",
    summary="Give a gateway another key; the one before is refused from the next request on",
    responses=NO_GATEWAY,
)
def replace_gateway_key(gateway: GatewayId, person: Installer, services: AllServices) -> GatewayKey:
    """Replace a key."""
    with services.database.writing() as session:
        return gateway_keys.replace_key(session, person, gateway, services.now_ms())


@router.delete(
    "/gateways/{gateway}",
    summary="Withdraw a gateway: it is refused from the next request on, what it sent stays",
    status_code=204,
    responses=NO_GATEWAY,
)
def withdraw_gateway(gateway: GatewayId, person: Installer, services: AllServices) -> None:
    """Withdraw a gateway."""
    with services.database.writing() as session:
        gateway_keys.withdraw(session, person, gateway, services.now_ms())
