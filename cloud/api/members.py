"""Who may sign in for the dealer: members, invitations, and the audit trail of what they changed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from cloud import audit
from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.audit import AuditTrail
from cloud.identity import SignedIn
from cloud.people import delivery, invitations, members, passwords
from cloud.people.own_rows import ROWS_MAX
from cloud.people.rules import SHOPS_MAX, Place
from cloud.people.views import Invitations, LinkMade, Members
from cloud.rights import Role
from cloud.services import Services
from cloud.tenancy import TenantId

router = APIRouter(
    prefix="/api",
    tags=["people"],
    responses=refusals(_401="nobody is signed in", _403="your role does not allow it"),
)
TIME_MS_MAX = 2**53
Manager = Annotated[SignedIn, Depends(Needs("manage_people"))]
Auditor = Annotated[TenantId, Depends(NeedsTenant("see_audit"))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[7])]
Cursor = Annotated[str, Query(max_length=40, description="of the page before", examples=["42"])]
Limit = Annotated[int, Query(ge=1, le=ROWS_MAX)]
TimeMs = Annotated[int | None, Query(ge=0, le=TIME_MS_MAX, description="milliseconds since 1970-01-01 UTC")]
Words = Annotated[str, Query(max_length=200)]
NO_CURSOR = refusals(_404="the cursor is none of this list")
NO_MEMBER = refusals(_404="no such member of yours")


class Standing(BaseModel):
    """What somebody is to be."""

    role: Role
    shops: list[Annotated[str, Field(max_length=200)]] = Field(
        default=[], max_length=SHOPS_MAX, description="for a shop owner or a mechanic", examples=[["shop-1"]]
    )
    brand: str = Field(default="", max_length=64, description="for the role brand alone", examples=[""])

    def place(self) -> Place:
        """The same as the rules know it."""
        return Place(self.role, tuple(dict.fromkeys(self.shops)), self.brand.strip())


class Guest(Standing):
    """Whom to invite."""

    email: str = Field(max_length=254, examples=["wang@dealer.example"])
    by_mail: bool = Field(default=True, description="false: show the link even where mail could be sent")


@router.get("/people/members", summary="Who may sign in for the dealer", responses=NO_CURSOR)
def list_members(person: Manager, services: AllServices, *, cursor: Cursor = "", limit: Limit = 50) -> Members:
    """Members, the newest first."""
    with services.database.reading() as session:
        return members.members(session, person, services.now_ms(), cursor=cursor, limit=limit)


@router.patch(
    "/people/members/{member}",
    summary="Make a member something else, from the next request on",
    status_code=204,
    responses={**NO_MEMBER, **refusals(_409="the last admin has to stay one", _422="such a member cannot be")},
)
def change_member(member: Number, standing: Standing, person: Manager, services: AllServices) -> None:
    """Change role, shops and brand. Nobody gives more rights than they have."""
    with services.database.writing() as session:
        members.change(session, person, member, standing.place(), services.now_ms())


@router.delete(
    "/people/members/{member}",
    summary="End a membership: its sign-ins and tokens are refused from the next request on",
    status_code=204,
    responses={**NO_MEMBER, **refusals(_409="the last admin has to stay")},
)
def end_member(member: Number, person: Manager, services: AllServices) -> None:
    """End a membership."""
    with services.database.writing() as session:
        members.end(session, person, member, services.now_ms())


@router.delete(
    "/people/members/{member}/lock-out",
    summary="Let a member try again at once who mistyped the password too often",
    status_code=204,
    responses=NO_MEMBER,
)
def lift_lock_out(member: Number, person: Manager, services: AllServices) -> None:
    """Lift a lock-out."""
    with services.database.writing() as session:
        members.let_try_again(session, person, member, services.now_ms())


@router.post(
    "/people/members/{member}/reset-link",
    summary="A link to a new password for a member; it goes out by mail where that is possible",
    responses={**NO_MEMBER, **refusals(_422="the member belongs to another dealer, too")},
)
def make_reset_link(
    member: Number, request: Request, person: Manager, services: AllServices, *, by_mail: bool = True
) -> LinkMade:
    """Make a link that works once, for 30 minutes."""
    with services.database.writing() as session:
        made = passwords.make_for(session, person, member, services.now_ms())
    return delivery.deliver_reset(services, str(request.base_url), made, by_mail=by_mail)


@router.get("/people/invitations", summary="Invitations that nobody has accepted yet", responses=NO_CURSOR)
def list_invitations(person: Manager, services: AllServices, *, cursor: Cursor = "", limit: Limit = 50) -> Invitations:
    """Open invitations, the newest first."""
    with services.database.reading() as session:
        return invitations.invitations(session, person, services.now_ms(), cursor=cursor, limit=limit)


@router.post(
    "/people/invitations",
    summary="Invite somebody; the link works once, for 7 days, and takes the place of one of before",
    status_code=201,
    responses=refusals(_422="such a member cannot be, or is one already"),
)
def make_invitation(guest: Guest, request: Request, person: Manager, services: AllServices) -> LinkMade:
    """Invite somebody by mail, or show the link."""
    return invite(services, str(request.base_url), person, guest.email, guest.place(), by_mail=guest.by_mail)


def invite(services: Services, base: str, person: SignedIn, email: str, place: Place, *, by_mail: bool) -> LinkMade:
    """Invite and deliver (`RefusedError`, `NotYoursToGiveError`)."""
    with services.database.writing() as session:
        made = invitations.invite(session, person, email, place, services.now_ms())
    return delivery.deliver_invitation(services, base, made, person.dealer_name, person.name, by_mail=by_mail)


@router.delete(
    "/people/invitations/{invitation}",
    summary="Withdraw an invitation: its link is good for nothing",
    status_code=204,
    responses=refusals(_404="no such invitation of yours that is open"),
)
def withdraw_invitation(invitation: Number, person: Manager, services: AllServices) -> None:
    """Withdraw an invitation."""
    with services.database.writing() as session:
        invitations.withdraw(session, person, invitation, services.now_ms())


@router.get("/audit", summary="Who changed what, newest first", responses=NO_CURSOR)
def list_audit(
    tenant: Auditor,
    services: AllServices,
    *,
    action: Annotated[str, Query(max_length=100, description="what it begins with", examples=["member."])] = "",
    person: Words = "",
    target: Words = "",
    from_ms: TimeMs = None,
    to_ms: TimeMs = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> AuditTrail:
    """The dealer's audit trail."""
    with services.database.reading_as(tenant) as session:
        return audit.trail(
            session,
            tenant,
            action=action,
            person=person,
            target=target,
            from_ms=from_ms or 0,
            to_ms=to_ms,
            cursor=cursor,
            limit=limit,
        )
