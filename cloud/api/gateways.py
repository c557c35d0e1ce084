"""What gateways say and ask: uploads, their status, their shop's document, its feed and its dealer's catalogue, and
all of it back after a loss.

JSON by msgspec, not pydantic.
"""

import gzip
import re
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, HTTPException, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from cloud.api.access import AllServices, CallingGateway, refusals
from cloud.document import NEVER, WAIT_S_MAX, News, store_status
from cloud.gateway_catalogue import catalogue_page, parts_in_bins
from cloud.gateway_feed import feed_page
from cloud.ingest import WrongGatewayError
from cloud.restore import held_page
from cloud.rollouts.bundles import bundle
from edge_gateway.catalogue_format import PAGE_PARTS_MAX, CataloguePage, CataloguePart
from edge_gateway.feed_format import FEED_ENTRIES_MAX, FeedPage
from edge_gateway.held_format import Held
from edge_gateway.shop_document import ShopDocument
from edge_gateway.upload_format import (
    UPLOAD_BYTES_MAX,
    GatewayStatus,
    Receipt,
    Upload,
    UploadError,
    encode_receipt,
)

JSON = "application/json"
BYTES = "application/octet-stream"
_BINARY = {"type": "string", "format": "binary"}
_RANGE = re.compile(r"bytes=(\d{1,12})-")
PACK_FROM_BYTES = 1000
_REF = "#/components/schemas/{name}"
_SHAPES = (Upload, Receipt, GatewayStatus, ShopDocument, Held, FeedPage, CataloguePage, CataloguePart)
_encode = msgspec.json.Encoder().encode
_decode_status: Callable[[bytes], GatewayStatus] = msgspec.json.Decoder(GatewayStatus).decode

router = APIRouter(prefix="/api/gateway", tags=["gateways"], responses=refusals(_401="no gateway has this key"))


def shapes() -> dict[str, Any]:
    """Components for OpenAPI of everything that gateways and the cloud exchange."""
    _, components = msgspec.json.schema_components(_SHAPES, ref_template=_REF)
    return components


def _takes(shape: type, example: object) -> dict[str, Any]:
    content = {JSON: {"schema": {"$ref": _REF.format(name=shape.__name__)}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def _gives(shape: type, description: str, example: object | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": _REF.format(name=shape.__name__)}}
    if example is not None:
        content["example"] = example
    return {"description": description, "content": {JSON: content}}


_RECEIPT = {"epoch": "5c0d11e9", "through": 41}
_MOVEMENT = {
    "kind": "movement",
    "id": "m-41",
    "cause": "take",
    "cabinet": "cab-1",
    "session": "cab-1/6f1c20aa/17",
    "person": "p-1",
    "job": "",
    "occurred_ms": 1794873600000,
    "booked_ms": 1794873600450,
    "confidence_ppm": 999000,
    "corrects": "",
    "note": "",
    "postings": [["bin:cab-1/3", "WK-1060", -2], ["shop:shop-1", "WK-1060", 2]],
}
_UPLOAD = {"gateway": "gw-1", "epoch": "5c0d11e9", "items": [{"seq": 41, "content": _MOVEMENT}]}
_STATUS = {
    "gateway": "gw-1",
    "outbox_backlog": 0,
    "quarantined": 0,
    "document_version": 3,
    "cabinets": [
        {
            "cabinet": "cab-1",
            "last_heard_ms": 1794873600000,
            "online": True,
            "journal_backlog": 0,
            "bins_blind": 0,
            "firmware": "0.1.0",
        }
    ],
}

_FEED = {
    "entries": [
        {
            "number": 18,
            "kind": "count",
            "made_ms": 1794873600000,
            "body": {"kind": "count", "cabinet": "cab-1", "bin": 7, "part": "WK-1060", "by": "Liu"},
        }
    ],
    "newest": 18,
}
_CATALOGUE = {
    "dealer": "dealer-1",
    "newest": 200000,
    "after": 1,
    "behind": "WK-1060",
    "last": True,
    "held": 1,
    "parts": [
        {
            "number": "WK-1060",
            "name_zh": "柴油滤清器",
            "name_en": "fuel filter",
            "references": [["oe", "Weichai", "612630080087"]],
            "fits": [["Jiefang", "J6P", "CA6DM2", 2012, 2020, ""]],
        }
    ],
}
_PARTS = {"type": "array", "items": {"$ref": _REF.format(name="CataloguePart")}}
_NUMBER = {"schema": {"type": "integer"}}
_NEWS = {
    "Partsbay-Feed": {"description": "the last number of the shop's feed", **_NUMBER},
    "Partsbay-Catalogue": {"description": "the newest revision of the dealer's catalogue", **_NUMBER},
}


@router.post(
    "/upload",
    summary="Book a batch of numbered items, each once; the receipt says what is held durably",
    openapi_extra=_takes(Upload, _UPLOAD),
    response_model=None,
    responses={
        200: _gives(Receipt, "everything up to `through` is held durably", _RECEIPT),
        409: _gives(Receipt, "items are missing before this batch: go on after `through`", _RECEIPT),
        **refusals(_403="the upload names another gateway", _413="the body is too large", _422="the body is no upload"),
    },
)
async def upload(request: Request, gateway: CallingGateway, services: AllServices) -> Response:
    """Book a batch; sending it again, in part or late, changes nothing."""
    body = await _body(request)
    receipt = await run_in_threadpool(services.ingest.receive, gateway, body)
    return Response(encode_receipt(receipt), media_type=JSON)


@router.post(
    "/status",
    summary="How a gateway and its cabinets are; the newest word counts",
    status_code=204,
    openapi_extra=_takes(GatewayStatus, _STATUS),
    response_model=None,
    responses=refusals(
        _403="the status names another gateway", _413="the body is too large", _422="the body is no status"
    ),
)
async def status(request: Request, gateway: CallingGateway, services: AllServices) -> Response:
    """Keep the newest status."""
    body = await _body(request)
    try:
        said = _decode_status(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UploadError(f"expected a gateway's status, found {body[:60]!r} ({error})") from error
    if said.gateway != gateway.gateway:
        raise WrongGatewayError(f"expected the status of {gateway.gateway}, found {said.gateway[:60]!r}")

    def store() -> None:
        with services.database.writing() as session:
            store_status(session, gateway, said, services.now_ms())

    await run_in_threadpool(store)
    return Response(status_code=204)


@router.get(
    "/document",
    summary="The shop's document once it is newer than `version`; waits up to `wait_s` for that, or for other news",
    response_model=None,
    responses={
        200: {**_gives(ShopDocument, "a document newer than `version`"), "headers": _NEWS},
        204: {"description": "none newer, even after waiting", "headers": _NEWS},
    },
)
async def document(
    request: Request,
    gateway: CallingGateway,
    services: AllServices,
    *,
    version: Annotated[int, Query(ge=0, le=2**53, examples=[3])] = 0,
    wait_s: Annotated[float, Query(ge=0, le=WAIT_S_MAX, examples=[25])] = 0,
    feed: Annotated[int, Query(ge=0, le=NEVER, examples=[17])] = NEVER,
    catalogue: Annotated[int, Query(ge=0, le=NEVER, examples=[200000])] = NEVER,
) -> Response:
    """A long poll: neither a thread nor a database connection waits.

    It ends as well when the feed has a number above `feed`, or the catalogue a revision above `catalogue`.
    """
    seen = News(version, feed, catalogue)
    body, newest = await services.documents.wait_newer_than(gateway.shop, seen, wait_s)
    headers = {"Partsbay-Feed": str(newest.feed), "Partsbay-Catalogue": str(newest.catalogue)}
    if body is None:
        return Response(status_code=204, headers=headers)
    return await run_in_threadpool(_packed, request, body, headers)


@router.get(
    "/feed",
    summary="What the cloud tells the shop's gateway behind number `after`: jobs, and orders to be carried out",
    response_model=None,
    responses={200: _gives(FeedPage, "the entries in order; empty when there are none", _FEED)},
)
async def feed(
    request: Request,
    gateway: CallingGateway,
    services: AllServices,
    after: Annotated[int, Query(ge=0, le=2**53, examples=[17])] = 0,
    limit: Annotated[int, Query(ge=1, le=FEED_ENTRIES_MAX, examples=[100])] = 100,
) -> Response:
    """Asking again for a number gives it again."""

    def page() -> Response:
        return _packed(request, _encode(feed_page(services.database, gateway, after, limit)))

    return await run_in_threadpool(page)


@router.get(
    "/catalogue",
    summary="The dealer's catalogue in order of revision, behind revision `after` and part number `behind`",
    response_model=None,
    responses={200: _gives(CataloguePage, "parts, and the place to go on from", _CATALOGUE)},
)
async def catalogue(
    request: Request,
    gateway: CallingGateway,
    services: AllServices,
    *,
    after: Annotated[int, Query(ge=0, le=2**53, examples=[0])] = 0,
    behind: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", examples=["WK-1060"])] = "",
    limit: Annotated[int, Query(ge=1, le=PAGE_PARTS_MAX, examples=[500])] = 500,
) -> Response:
    """Asking again for a page gives it again, with what has changed since."""

    def page() -> Response:
        return _packed(request, _encode(catalogue_page(services.database, gateway, after, behind, limit)))

    return await run_in_threadpool(page)


@router.get(
    "/catalogue/in-bins",
    summary="The parts of the shop's bins as the catalogues of their dealers have them",
    response_model=None,
    responses={200: {"description": "every part once, by number", "content": {JSON: {"schema": _PARTS}}}},
)
async def catalogue_in_bins(request: Request, gateway: CallingGateway, services: AllServices) -> Response:
    """Those of guest dealers too, and nothing else of theirs."""

    def parts() -> Response:
        return _packed(request, _encode(parts_in_bins(services.database, gateway)))

    return await run_in_threadpool(parts)


@router.get(
    "/bundles/{digest}",
    summary="A bundle of firmware for the shop's cabinets, whole or a part of it",
    response_model=None,
    responses={
        200: {"description": "the whole bundle", "content": {BYTES: {"schema": _BINARY}}},
        206: {"description": "the part that was asked for", "content": {BYTES: {"schema": _BINARY}}},
        **refusals(_404="your dealer has no such bundle", _416="it does not have so many bytes"),
    },
)
async def bundles(
    digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$", examples=["0" * 64])],
    gateway: CallingGateway,
    services: AllServices,
    range_: Annotated[str | None, Header(alias="Range", max_length=60, examples=["bytes=4096-"])] = None,
) -> Response:
    """By `Range: bytes=<from>-` it goes on where a connection was cut; any other range gets the whole."""
    body = await run_in_threadpool(bundle, services.database, gateway, digest)
    wanted = _RANGE.fullmatch(range_ or "")
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{digest}"'}
    if wanted is None:
        return Response(body, media_type=BYTES, headers=headers)
    start = int(wanted[1])
    if start >= len(body):
        raise HTTPException(416, f"expected a part from below {len(body)}, found one from {start}")
    headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
    return Response(body[start:], 206, media_type=BYTES, headers=headers)


@router.get(
    "/held",
    summary="Everything held of the gateway's shop, page by page: for a gateway that lost its database",
    response_model=None,
    responses={
        200: _gives(Held, "a page; `next` is the `after` of the page behind it, empty on the last"),
        **refusals(_422="`after` is no page's end"),
    },
)
async def held(
    gateway: CallingGateway,
    services: AllServices,
    after: Annotated[str, Query(max_length=1000, examples=['["session","cab-1/6f1c20aa/17"]'])] = "",
) -> Response:
    """Asking again for a page gives it again; nothing is changed by asking."""
    page = await run_in_threadpool(held_page, services.database, gateway, after)
    return Response(page, media_type=JSON)


def _packed(request: Request, body: bytes, headers: dict[str, str] | None = None) -> Response:
    """JSON, compressed for who can read it: gateways may sit behind a slow line."""
    headers = {**(headers or {}), "Vary": "Accept-Encoding"}
    if len(body) >= PACK_FROM_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = gzip.compress(body, 6, mtime=0), "gzip"
    return Response(body, media_type=JSON, headers=headers)


async def _body(request: Request) -> bytes:
    """The whole body; refused as soon as it is seen to be too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > UPLOAD_BYTES_MAX:
            raise HTTPException(413, f"expected a body of at most {UPLOAD_BYTES_MAX} bytes, found more")
    return bytes(body)
