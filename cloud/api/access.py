"""Who is calling: the dependencies every route stands on, and how each refusal looks.

`NeedsTenant` is the one dependency that yields a tenant. Every refusal is `{"detail": "<sentence>"}`.
"""

import logging
import sqlite3
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy.exc import DataError, OperationalError

from cloud.identity import SIGNED_IN_MS, LockedOutError, SignedIn, WrongPasswordError
from cloud.ingest import GapError, GatewayIdentity, WrongGatewayError
from cloud.people.rules import NotYoursToGiveError, RefusedError, TakenError
from cloud.rights import Right
from cloud.services import Services
from cloud.tenancy import NotFoundError, TenantId
from edge_gateway.certificates import CertificateError
from edge_gateway.enrolment_format import EnrolmentError, TokenError, is_token
from edge_gateway.upload_format import UploadError

log = logging.getLogger(__name__)

COOKIE = "partsbay"
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="made by POST /api/sign-in")
_bearer = HTTPBearer(auto_error=False, description="a gateway's key, or a token of its certificate")
_token = HTTPBearer(
    scheme_name="APIToken", auto_error=False, description="made by POST /api/tokens, in place of a cookie"
)


class Refusal(BaseModel):
    """Why a request was refused."""

    detail: str


class NotSignedInError(PermissionError):
    """Nobody is signed in, or no longer."""


class NotAllowedError(PermissionError):
    """Somebody is signed in, but the role does not allow it."""


class NoGatewayError(PermissionError):
    """The key is no gateway's, or its certificate is not in force."""


def services_of(request: Request) -> Services:
    """The parts of the running cloud."""
    services: Services = request.app.state.services
    return services


def keep_signed_in(request: Request, response: Response, cookie: str) -> None:
    """Give a browser the key that `identity.sign_in` made: no script can read it, no other site sends it."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=SIGNED_IN_MS // 1000,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def signed_in(
    request: Request,
    cookie: Annotated[str | None, Depends(_cookie)],
    token: Annotated[HTTPAuthorizationCredentials | None, Depends(_token)],
) -> SignedIn:
    """Whoever is signed in at a browser, or whose token came along: then the cookie does not count."""
    identity = services_of(request).identity
    if token is not None:
        person = identity.program(token.credentials)
        if person is None:
            raise NotSignedInError(
                "expected an API token that is good, found one that is unknown, withdrawn or expired"
            )
        return person
    person = identity.signed_in(cookie)
    if person is None:
        raise NotSignedInError("expected somebody signed in, found nobody: POST /api/sign-in first")
    return person


class OwnAccount:
    """The dependency of a route about one's own account: whoever is signed in at a browser, in any role.

    A program's token is refused (`NotAllowedError`): it must not make tokens, end sign-ins or change a password.
    """

    right = "own_account"

    def __call__(self, person: Annotated[SignedIn, Depends(signed_in)]) -> SignedIn:
        if not person.sign_in_id:
            raise NotAllowedError("expected somebody signed in at a browser, found an API token")
        return person


class Needs:
    """The dependency of a route that asks for a right: `Annotated[SignedIn, Depends(Needs("see_stock"))]`.

    Yields whoever is signed in and may (`NotSignedInError`, `NotAllowedError`). `right` is what the test of all
    routes reads.
    """

    def __init__(self, right: Right) -> None:
        self.right = right

    def __call__(self, person: Annotated[SignedIn, Depends(signed_in)]) -> SignedIn:
        if not person.may(self.right):
            raise NotAllowedError(f"expected somebody who may {self.right.replace('_', ' ')}, found a {person.role}")
        return person


class NeedsTenant(Needs):
    """As `Needs`, and yields the tenant: `Annotated[TenantId, Depends(NeedsTenant("see_stock"))]`."""

    def __call__(self, person: Annotated[SignedIn, Depends(signed_in)]) -> TenantId:  # type: ignore[override]
        return super().__call__(person).tenant


def calling_gateway(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> GatewayIdentity:
    """The gateway whose key, or token of its certificate, came along (`NoGatewayError`)."""
    services, shown = services_of(request), credentials.credentials if credentials else ""
    if is_token(shown):
        try:
            return services.devices.tokens.gateway(shown, request.client.host if request.client else "")
        except TokenError as error:
            raise NoGatewayError(str(error)) from error
    gateway = services.identity.gateway(shown) if shown else None
    if gateway is None:
        raise NoGatewayError("expected the key of a gateway as Authorization: Bearer, found none that is known")
    return gateway


AllServices = Annotated[Services, Depends(services_of)]
Person = Annotated[SignedIn, Depends(signed_in)]
AtBrowser = Annotated[SignedIn, Depends(OwnAccount())]
CallingGateway = Annotated[GatewayIdentity, Depends(calling_gateway)]


def refusals(**sentences: str) -> dict[int | str, dict[str, Any]]:
    """For a route's documentation: `refusals(_401="nobody is signed in")`."""
    return {int(code[1:]): {"model": Refusal, "description": text} for code, text in sentences.items()}


def answer_refusals(app: FastAPI) -> None:
    """Turn the refusals of the parts into HTTP answers."""
    for error, status in (
        (NotSignedInError, 401),
        (NoGatewayError, 401),
        (WrongPasswordError, 401),
        (NotAllowedError, 403),
        (NotYoursToGiveError, 403),
        (WrongGatewayError, 403),
        (NotFoundError, 404),
        (TakenError, 409),
        (RefusedError, 422),
        (UploadError, 422),
        (CertificateError, 422),
        (EnrolmentError, 422),
    ):
        app.add_exception_handler(error, _sentence(status))
    app.add_exception_handler(GapError, _gap)
    app.add_exception_handler(LockedOutError, _locked_out)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(DataError, _no_such_text)


def _sentence(status: int) -> Any:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None

    async def answer(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status, headers)

    return answer


async def _gap(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GapError)  # noqa: S101 -- registered for this type alone
    receipt = error.receipt
    return JSONResponse({"epoch": receipt.epoch, "through": receipt.through, "detail": str(error)}, 409)


async def _locked_out(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, LockedOutError)  # noqa: S101 -- registered for this type alone
    wait_s = -(-error.wait_ms // 1000)
    return JSONResponse({"detail": str(error)}, 429, {"Retry-After": str(wait_s)})


async def _no_such_text(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "expected text and numbers that a database can hold, found a NUL or too much"}, 422)


def is_full(error: OperationalError) -> bool:
    """Whether a database has no room on its disk (`disk_full` of PostgreSQL)."""
    code: int = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_FULL or getattr(error.orig, "sqlstate", "") == "53100"


async def _database_away(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OperationalError)  # noqa: S101 -- registered for this type alone
    if is_full(error):
        log.error("%s %s: the disk of the database is full: %s", request.method, request.url.path, error)
        return JSONResponse({"detail": "expected room on the database's disk, found it full: try again"}, 507)
    log.error("%s %s: the database does not answer: %s", request.method, request.url.path, error)
    return JSONResponse({"detail": "expected the database to answer, found it away: try again"}, 503)
