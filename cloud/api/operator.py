"""For whoever runs the cloud: dealers, and nothing that is a dealer's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from cloud import audit
from cloud.api.access import AllServices, Needs, refusals
from cloud.api.members import Cursor, Limit
from cloud.audit import AuditTrail
from cloud.identity import SignedIn
from cloud.people import dealers, delivery
from cloud.people.views import Dealers, LinkMade
from cloud.services import Services
from cloud.tables import Dealer

router = APIRouter(
    prefix="/api/operator",
    tags=["operator"],
    responses=refusals(_401="nobody is signed in", _403="your role does not allow it"),
)
Operator = Annotated[SignedIn, Depends(Needs("operate"))]
DealerId = Annotated[str, Path(max_length=200, examples=["dealer-1"])]
NO_DEALER = refusals(_404="no such dealer")


class DealerName(BaseModel):
    """What a dealer is called."""

    name: str = Field(max_length=200, examples=["远程配件"])


class NewDealer(DealerName):
    """A dealer to be."""

    id: str = Field(max_length=200, description="a-z, 0-9 and -", examples=["dealer-1"])


class FirstAdmin(BaseModel):
    """Who is to be a dealer's first admin."""

    email: str = Field(max_length=254, examples=["li@dealer.example"])
    by_mail: bool = True


@router.get("/dealers", summary="Every dealer, and the version of the tables", responses=NO_DEALER)
def list_dealers(
    person: Operator,
    services: AllServices,
    *,
    cursor: Annotated[str, Query(max_length=200, description="of the page before")] = "",
    limit: Limit = 50,
) -> Dealers:
    """Dealers, by id."""
    with services.database.reading() as session:
        return dealers.dealers(session, services.now_ms(), cursor=cursor, limit=limit)


@router.post(
    "/dealers",
    summary="Make a dealer",
    status_code=204,
    responses=refusals(_409="a dealer has this id", _422="that is no id or no name"),
)
def make_dealer(wanted: NewDealer, person: Operator, services: AllServices) -> None:
    """Make a dealer without anybody in it."""
    with services.database.writing() as session:
        dealers.create(session, person, wanted.id, wanted.name, services.now_ms())


@router.patch(
    "/dealers/{dealer}",
    summary="Call a dealer something else",
    status_code=204,
    responses={**NO_DEALER, **refusals(_422="that is no name")},
)
def rename_dealer(dealer: DealerId, wanted: DealerName, person: Operator, services: AllServices) -> None:
    """Rename a dealer."""
    with services.database.writing() as session:
        dealers.rename(session, person, dealer, wanted.name, services.now_ms())


@router.post(
    "/dealers/{dealer}/close",
    summary="Close a dealer: all its sign-ins and tokens end; its gateways are still heard",
    status_code=204,
    responses={**NO_DEALER, **refusals(_409="it is closed")},
)
def close_dealer(dealer: DealerId, person: Operator, services: AllServices) -> None:
    """Close a dealer."""
    with services.database.writing() as session:
        dealers.close(session, person, dealer, services.now_ms())


@router.post(
    "/dealers/{dealer}/reopen",
    summary="Open a closed dealer again",
    status_code=204,
    responses={**NO_DEALER, **refusals(_409="it is open")},
)
def reopen_dealer(dealer: DealerId, person: Operator, services: AllServices) -> None:
    """Reopen a dealer."""
    with services.database.writing() as session:
        dealers.reopen(session, person, dealer, services.now_ms())


@router.post(
    "/dealers/{dealer}/invitation",
    summary="Invite a dealer's first admin; only while it has none",
    status_code=201,
    responses={**NO_DEALER, **refusals(_409="it has an admin, or is closed", _422="that is no e-mail")},
)
def invite_first_admin(
    dealer: DealerId, wanted: FirstAdmin, request: Request, person: Operator, services: AllServices
) -> LinkMade:
    """Invite the first admin by mail, or show the link."""
    return invite(services, str(request.base_url), person, dealer, wanted.email, by_mail=wanted.by_mail)


def invite(services: Services, base: str, person: SignedIn, dealer: str, email: str, *, by_mail: bool) -> LinkMade:
    """Invite and deliver (`NotFoundError`, `TakenError`, `RefusedError`)."""
    with services.database.writing() as session:
        made = dealers.invite_admin(session, person, dealer, email, services.now_ms())
        name = session.get_one(Dealer, dealer).name
    return delivery.deliver_invitation(services, base, made, name, person.name, by_mail=by_mail)


@router.get("/audit", summary="What was done to dealers, newest first", responses=refusals(_404="no such cursor"))
def list_own_audit(person: Operator, services: AllServices, *, cursor: Cursor = "", limit: Limit = 50) -> AuditTrail:
    """The cloud's own trail: no dealer's lines are in it."""
    with services.database.reading() as session:
        return audit.own_trail(session, cursor=cursor, limit=limit)
