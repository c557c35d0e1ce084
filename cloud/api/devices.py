"""A dealer's devices: codes that let gateways in, certificates and their end, and what happened to them."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from cloud.api.access import AllServices, CallingGateway, Needs, NotAllowedError, refusals
from cloud.api.members import Limit
from cloud.api.people import address_of
from cloud.devices import codes, deposits, happened, listing
from cloud.devices.codes import CodeMade, Codes
from cloud.devices.happened import DeviceLines
from cloud.devices.listing import WHY_MAX
from cloud.devices.listing import Devices as DevicePage
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError
from edge_gateway.enrolment_format import DEPOSIT_BYTES_MAX, Answered, Joined, Told, decode_told, encode

router = APIRouter(
    prefix="/api",
    tags=["devices"],
    responses=refusals(_401="nobody is signed in", _403="your role does not allow it"),
)
gateway_router = APIRouter(
    prefix="/api/gateway", tags=["gateways"], responses=refusals(_401="no gateway has this key or certificate")
)
Installer = Annotated[SignedIn, Depends(Needs("manage_gateways"))]
CodeId = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[7])]
Serial = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]*$", examples=["4f0c21d95f0c21d94f0c21d95f0c21d9"])]
Shop = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="of this shop alone")]
Cursor = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="of the page before")]
NO_CURSOR = refusals(_404="the cursor is none of this list")
_JSON = "application/json"
_REF = "#/components/schemas/{name}"


class ShopOf(BaseModel):
    """The shop a gateway is to be for."""

    shop: str = Field(max_length=200, examples=["shop-1"])


class Revoked(BaseModel):
    """Why a certificate ends."""

    why: str = Field(default="", max_length=WHY_MAX, pattern=r"^[^\x00]*$", examples=["stolen"])


@router.get("/enrolment-codes", summary="Codes that are still good; of a code only its name can be shown again")
def list_codes(person: Installer, services: AllServices) -> Codes:
    """Codes, the newest first."""
    with services.database.reading() as session:
        return codes.standing(session, person.tenant, services.now_ms())


@router.post(
    "/enrolment-codes",
    summary="Make a code for a shop's gateway, its first or one in place of another; shown this once, good for minutes",
    status_code=201,
    responses=refusals(_404="no such shop, or not your own", _409="too many codes are good at this time"),
)
def make_code(wanted: ShopOf, person: Installer, services: AllServices) -> CodeMade:
    """Make a code."""
    with services.database.writing() as session:
        return codes.make(session, person, wanted.shop, services.devices.vault.pepper, services.now_ms())


@router.delete(
    "/enrolment-codes/{enrolment_code}",
    summary="Withdraw a code: it lets nobody in any more",
    status_code=204,
    responses=refusals(_404="no such code of yours that is still good"),
)
def withdraw_code(enrolment_code: CodeId, person: Installer, services: AllServices) -> None:
    """Withdraw a code."""
    with services.database.writing() as session:
        codes.withdraw(session, person, enrolment_code, services.now_ms())


@router.get("/devices", summary="Certificates of gateways and cabinets", responses=NO_CURSOR)
def list_devices(
    person: Installer, services: AllServices, *, shop: Shop = "", cursor: Cursor = "", limit: Limit = 50
) -> DevicePage:
    """Gateways' first, then cabinets'."""
    with services.database.reading_as(person.tenant) as session:
        return listing.devices(session, person.tenant, shop=shop, cursor=cursor, limit=limit)


@router.get(
    "/devices/happened", summary="What happened to devices, and what was tried in their name", responses=NO_CURSOR
)
def list_happened(
    person: Installer, services: AllServices, *, shop: Shop = "", cursor: Cursor = "", limit: Limit = 50
) -> DeviceLines:
    """The newest first."""
    with services.database.reading_as(person.tenant) as session:
        return happened.lines(session, person.tenant, shop=shop, cursor=cursor, limit=limit)


@router.post(
    "/devices/{serial}/revoke",
    summary="Revoke a certificate: a gateway's is refused from its next request on, a cabinet's once its gateway heard",
    status_code=204,
    responses=refusals(_404="no device of yours has this certificate", _409="it is revoked already"),
)
def revoke(serial: Serial, why: Revoked, person: Installer, services: AllServices) -> None:
    """Revoke a certificate."""
    with services.database.writing() as session:
        listing.revoke(session, person, serial, why.why, services.now_ms())


# ---- gateways ----


def shapes() -> dict[str, Any]:
    """Components for OpenAPI of what gateways and the cloud exchange here."""
    _, components = msgspec.json.schema_components((Told, Answered, Joined), ref_template=_REF)
    return components


def _content(shape: type, example: object) -> dict[str, Any]:
    return {_JSON: {"schema": {"$ref": _REF.format(name=shape.__name__)}, "example": example}}


_JOINED: dict[str, Any] = {
    "gateway": "gw-1",
    "shop": "shop-1",
    "shop_name": "老王汽修",
    "dealer": "北方配件",
    "deposit": None,
    "certificates": [],
    "has_books": True,
}
_ANSWERED: dict[str, Any] = {"deposit_sha256": "", "revoked": []}


@gateway_router.get(
    "/joined",
    summary="Who a gateway is that has just enrolled, and what its shop's last gateway left for it",
    response_model=None,
    responses={
        200: {"description": "only within an hour after a code let it in", "content": _content(Joined, _JOINED)},
        **refusals(_403="no code let this gateway in within the last hour"),
    },
)
def joined(request: Request, gateway: CallingGateway, services: AllServices) -> Response:
    """Asking again within the hour gives it again; each time is written down."""
    vault, address = services.devices.vault, address_of(request)
    try:
        with services.database.writing() as session:
            found = deposits.joined(session, vault, gateway, address, services.now_ms())
    except PermissionError as error:
        raise NotAllowedError(str(error)) from error
    return Response(encode(found), media_type=_JSON)


@gateway_router.put(
    "/devices",
    summary="What a gateway tells of its cabinets' certificates, and its deposit; the answer says what is revoked here",
    response_model=None,
    openapi_extra={"requestBody": {"required": True, "content": _content(Told, {"certificates": []})}},
    responses={
        200: {"description": "kept", "content": _content(Answered, _ANSWERED)},
        **refusals(_413="the body is too large", _422="that cannot be kept"),
    },
)
async def take(request: Request, gateway: CallingGateway, services: AllServices) -> Response:
    """Telling it again changes nothing."""
    body = await _body(request)
    try:
        told = decode_told(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusedError(f"expected what a gateway tells of its devices, found {error}") from error

    def keep() -> Answered:
        with services.database.writing() as session:
            return deposits.take(session, services.devices.vault, gateway, told, services.now_ms())

    return Response(encode(await run_in_threadpool(keep)), media_type=_JSON)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > 10 * DEPOSIT_BYTES_MAX:
            raise HTTPException(413, f"expected at most {10 * DEPOSIT_BYTES_MAX} bytes, found more")
    return bytes(body)
