"""How gateways get and renew certificates: the endpoints of EST (RFC 7030), as far as they go here.

Whoever enrols shows a code as the password of HTTP Basic; whoever renews shows a token of the certificate it has. Both
send PKCS#10 in base64 and get PKCS#7 in base64.
"""

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from cloud.api.access import AllServices, CallingGateway, NoGatewayError, refusals
from cloud.api.people import address_of
from cloud.services import Services
from edge_gateway import certificates
from edge_gateway.certificates import REQUEST_BYTES_MAX, Certificate
from edge_gateway.enrolment_format import (
    ANSWER_TYPE,
    PATH,
    REQUEST_TYPE,
    CodeRefusedError,
    TokenError,
    basic_password,
)

router = APIRouter(prefix=PATH, tags=["devices"])
_TEXT = {"schema": {"type": "string", "format": "base64"}}
_EXAMPLE = base64.b64encode(b"a PKCS#10 request").decode()
_TAKES = {"requestBody": {"required": True, "content": {REQUEST_TYPE: {**_TEXT, "example": _EXAMPLE}}}}
_GIVES: dict[int | str, dict[str, Any]] = {
    200: {"description": "certificates as PKCS#7 in base64", "content": {"application/pkcs7-mime": _TEXT}}
}
_BAD = refusals(_413="the request is too large", _422="that is no certificate request")
_BODY_MAX = 2 * REQUEST_BYTES_MAX


@router.get("/cacerts", summary="Who signs gateways' certificates", response_model=None, responses=_GIVES)
def authorities(services: AllServices) -> Response:
    """The cloud's authority."""
    return _packed(services.devices.vault.authority(services.now_ms()).certificate)


@router.post(
    "/simpleenroll",
    summary="Join with a code: once, within minutes; the same request again gets the same certificate",
    response_model=None,
    openapi_extra=_TAKES,
    responses={
        **_GIVES,
        **_BAD,
        **refusals(_401="the code lets nobody in", _429="too many tries; see Retry-After"),
    },
)
async def enrol(
    request: Request,
    services: AllServices,
    authorization: Annotated[str, Header(description="Basic, the code as its password")] = "",
) -> Response:
    """A certificate for a new gateway, or for one in place of another."""
    body = await _body(request)
    return await run_in_threadpool(_enrol, services, basic_password(authorization), body, address_of(request))


def _enrol(services: Services, code: str, body: bytes, address: str) -> Response:
    try:
        made = services.devices.enrolling.enrol(code, body, address, services.now_ms())
    except CodeRefusedError as error:
        asked = {"WWW-Authenticate": 'Basic realm="Partsbay enrolment"'}
        return JSONResponse({"detail": str(error), "reason": error.reason}, 401, asked)
    return _packed(made)


@router.post(
    "/simplereenroll",
    summary="Renew, showing a token of the certificate one has",
    response_model=None,
    openapi_extra=_TAKES,
    responses={**_GIVES, **_BAD, **refusals(_401="no gateway has this certificate")},
)
async def renew(request: Request, gateway: CallingGateway, services: AllServices) -> Response:
    """Another certificate for the same gateway."""
    if not gateway.certificate:
        raise NoGatewayError("expected a token of a gateway's certificate, found a key: enrol with a code first")
    body = await _body(request)

    def made() -> Response:
        now_ms = services.now_ms()
        try:
            return _packed(services.devices.enrolling.renew(gateway, body, address_of(request), now_ms))
        except TokenError as error:
            raise NoGatewayError(str(error)) from error

    return await run_in_threadpool(made)


def _packed(*found: Certificate) -> Response:
    headers = {"Content-Transfer-Encoding": "base64"}
    return Response(certificates.packed(found), media_type=ANSWER_TYPE, headers=headers)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_MAX:
            raise HTTPException(413, f"expected a request of at most {_BODY_MAX} bytes, found more")
    return bytes(body)
