"""Returns, cores (旧件) and warranty cases: opened by the shop or the dealer, decided by the dealer."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from cloud.api.access import AllServices, Needs, refusals
from cloud.api.asked import HERE, NO_SHOP, After, Limit, ShopId
from cloud.audit import record
from cloud.identity import SignedIn
from cloud.shop_plan import plan_of
from cloud.tables import Claim
from cloud.work import claims
from cloud.work.claim_views import claim_views, list_claims
from cloud.work.claims import Asked
from cloud.work.shop_rows import ShopRows, own_rows
from cloud.work.views import ClaimKind, ClaimView

router = APIRouter(prefix="/api/shops/{shop}/claims", tags=["work"], responses=HERE)

Reader = Annotated[SignedIn, Depends(Needs("see_vehicles"))]
Opener = Annotated[SignedIn, Depends(Needs("edit_jobs"))]
Decider = Annotated[SignedIn, Depends(Needs("resolve"))]
ClaimId = Annotated[str, Path(max_length=200, examples=["k-8kq2m7xw3p"])]
Listed = Literal["all", "open", "opened", "received", "accepted", "refused", "withdrawn"]
NO_CLAIM = refusals(_404="no such claim or shop, or not yours")
STEP = NO_CLAIM | refusals(_409="the claim is in another state", _422="the step cannot be made so")


class NewClaim(BaseModel):
    """What comes back, and of which take: a movement of the shop's ledger and the part of it."""

    kind: ClaimKind
    movement: str = Field(max_length=200, examples=["cab-1/6f1c20aa/17/3/session"])
    part: str = Field(max_length=200, examples=["OF-1012"])
    quantity: int = Field(ge=1, le=2**53, examples=[1])
    line: int | None = Field(default=None, ge=0, le=2**31 - 1, description="of the movement; null: the first that fits")
    reason: str = Field(default="", max_length=2000, examples=["漏油"])


class Note(BaseModel):
    """What is said with a step."""

    note: str = Field(default="", max_length=2000)


class Accepted(Note):
    """What is given for a claim."""

    credit_minor: int | None = Field(
        default=None, ge=0, le=2**53, description="net, in minor units; null: what it cost", examples=[12850]
    )


@router.get("", summary="The claims of a shop, the last made first", responses=NO_SHOP | refusals(_422="no such page"))
def all_claims(
    shop: ShopId,
    person: Reader,
    services: AllServices,
    *,
    state: Annotated[Listed, Query(description="open: nobody decided yet")] = "all",
    after: After = "",
    limit: Limit = 50,
) -> list[ClaimView]:
    """With their steps."""
    with services.database.reading_as(person.tenant) as session:
        rows = own_rows(session, person.tenant, shop, services.now_ms())
        plan = plan_of(session, person.tenant, shop)
        return list_claims(
            rows,
            person.tenant,
            plan,
            state=state,
            after=after,
            limit=limit,
            with_prices=person.may("see_prices"),
        )


@router.post(
    "",
    summary="Open a claim about something that was taken",
    status_code=201,
    responses=refusals(
        _404="no such take, or not yours", _409="there is not as much left to claim", _422="it cannot be claimed so"
    ),
)
def open_claim(shop: ShopId, wanted: NewClaim, person: Opener, services: AllServices) -> ClaimView:
    """Never more than was taken, less what came back and what is claimed already."""
    with services.database.writing_as(person.tenant) as session:
        rows = own_rows(session, person.tenant, shop, services.now_ms(), person)
        row = claims.open_claim(rows, person.tenant, Asked(**wanted.model_dump()))
        said = f"{row.kind} {row.quantity} {row.part} of {row.movement}"
        record(session, person, rows.now_ms, action="claim.opened", target=_target(row), after=said)
        return _view(rows, person, row)


@router.post("/{claim}/withdraw", summary="Withdraw a claim that nobody decided", responses=STEP)
def withdraw(shop: ShopId, claim: ClaimId, told: Note, person: Opener, services: AllServices) -> ClaimView:
    """What it held can be claimed again."""
    return _go_on(services, person, (shop, claim), "withdrawn", told)


@router.post("/{claim}/receive", summary="Say that the part is here", responses=STEP)
def receive(shop: ShopId, claim: ClaimId, told: Note, person: Decider, services: AllServices) -> ClaimView:
    """The dealer has it in hand."""
    return _go_on(services, person, (shop, claim), "received", told)


@router.post("/{claim}/accept", summary="Accept a claim: its credit stands on the month's statement", responses=STEP)
def accept(shop: ShopId, claim: ClaimId, told: Accepted, person: Decider, services: AllServices) -> ClaimView:
    """What it cost is credited, or less where that is said."""
    return _go_on(services, person, (shop, claim), "accepted", told)


@router.post("/{claim}/refuse", summary="Refuse a claim", responses=STEP)
def refuse(shop: ShopId, claim: ClaimId, told: Note, person: Decider, services: AllServices) -> ClaimView:
    """With a note that says why."""
    return _go_on(services, person, (shop, claim), "refused", told)


def _go_on(services: AllServices, person: SignedIn, place: tuple[str, str], state: str, told: Note) -> ClaimView:
    shop, claim = place
    with services.database.writing_as(person.tenant) as session:
        rows = own_rows(session, person.tenant, shop, services.now_ms(), person)
        row = claims.own_claim(rows, person.tenant, claim)
        credit = told.credit_minor if isinstance(told, Accepted) else None
        claims.go_on(rows, person.tenant, row, state, credit_minor=credit, note=told.note)
        record(session, person, rows.now_ms, action=f"claim.{state}", target=_target(row), after=told.note)
        return _view(rows, person, row)


def _view(rows: ShopRows, person: SignedIn, row: Claim) -> ClaimView:
    plan = plan_of(rows.session, person.tenant, rows.shop)
    return claim_views(rows, person.tenant, plan, [row], with_prices=person.may("see_prices"))[0]


def _target(row: Claim) -> str:
    return f"claim {row.id} of {row.shop_id}"
