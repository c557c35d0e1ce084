"""API tokens: keys for programs, made by somebody at a browser."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from cloud.api.access import AllServices, AtBrowser, NotAllowedError, refusals
from cloud.api.members import Cursor, Limit, Number
from cloud.identity import SignedIn
from cloud.people import tokens
from cloud.people.tokens import DAYS_MAX
from cloud.people.views import TokenMade, Tokens
from cloud.rights import RIGHTS, Right

router = APIRouter(
    prefix="/api",
    tags=["people"],
    responses=refusals(_401="nobody is signed in", _403="not at a browser, not for a dealer, or more than your rights"),
)


class NewToken(BaseModel):
    """What a token is called, what it may do, and for how long."""

    name: str = Field(max_length=200, examples=["ERP"])
    rights: list[Right] = Field(min_length=1, max_length=len(RIGHTS), examples=[["see_stock"]])
    days: int = Field(default=90, ge=1, le=DAYS_MAX, examples=[90])


def _of_dealer(person: SignedIn) -> SignedIn:
    if person.own_tenant is None:
        raise NotAllowedError("expected somebody of a dealer, found an operator: tokens are a dealer's")
    return person


@router.get(
    "/tokens",
    summary="Tokens that are good: one's own, or all of the dealer's for who manages people",
    responses=refusals(_404="the cursor is none of this list"),
)
def list_tokens(person: AtBrowser, services: AllServices, *, cursor: Cursor = "", limit: Limit = 50) -> Tokens:
    """Tokens, the newest first."""
    with services.database.reading() as session:
        return tokens.tokens(session, _of_dealer(person), services.now_ms(), cursor=cursor, limit=limit)


@router.post(
    "/tokens",
    summary="Make a token; this answer is the only one that shows it",
    status_code=201,
    responses=refusals(_409="there are too many of yours", _422="such a token cannot be"),
)
def make_token(wanted: NewToken, person: AtBrowser, services: AllServices) -> TokenMade:
    """Make a token with some of one's own rights."""
    with services.database.writing() as session:
        made = tokens.make(
            session, _of_dealer(person), services.now_ms(), name=wanted.name, rights=wanted.rights, days=wanted.days
        )
    return TokenMade(id=made.id, token=made.token, expires_ms=made.expires_ms)


@router.delete(
    "/tokens/{token}",
    summary="Withdraw a token: it is refused from the next request on",
    status_code=204,
    responses=refusals(_404="no such token of yours that is good"),
)
def withdraw_token(token: Number, person: AtBrowser, services: AllServices) -> None:
    """Withdraw a token."""
    with services.database.writing() as session:
        tokens.withdraw(session, _of_dealer(person), token, services.now_ms())
