"""Signing in and out, one's own account, and for which dealer one acts."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from cloud.api.access import COOKIE, AllServices, AtBrowser, Person, keep_signed_in, refusals
from cloud.people import passwords, sign_ins
from cloud.people.rules import check_password
from cloud.people.views import MembershipView, SignInView
from cloud.rights import RIGHTS, Right, Role

router = APIRouter(prefix="/api", tags=["people"])
AT_BROWSER = refusals(_401="nobody is signed in", _403="a program's token came along, not a browser's cookie")
SignInId = Annotated[str, Path(max_length=64, examples=["9f2c44d81b07aa13"])]


class Credentials(BaseModel):
    """What somebody signs in with."""

    email: str = Field(max_length=254, examples=["li@dealer.example"])
    password: str = Field(max_length=200, examples=["correct horse battery staple"])


class Me(BaseModel):
    """Whoever is signed in."""

    email: str = Field(examples=["li@dealer.example"])
    name: str = Field(examples=["李经理"])
    role: Role
    rights: list[Right]
    dealer: str = Field(description="empty for an operator", examples=["dealer-1"])
    dealer_name: str = Field(examples=["远程配件"])


class NewName(BaseModel):
    """How somebody wants to be called."""

    name: str = Field(max_length=200, examples=["李经理"])


class NewPassword(BaseModel):
    """One's password, and the one to take its place."""

    password: str = Field(max_length=200, examples=["correct horse battery staple"])
    new_password: str = Field(max_length=400, examples=["wrong donkey generator clip"])


class Chosen(BaseModel):
    """The membership to act for."""

    membership: int = Field(ge=1, le=2**53, examples=[7])


class Ended(BaseModel):
    """How many sign-ins have ended."""

    ended: int = Field(ge=0, examples=[3])


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


@router.post(
    "/sign-in",
    summary="Sign in with email and password; the cookie that comes back is the key to everything else",
    status_code=204,
    responses=refusals(_401="the email or the password is wrong", _429="too many attempts; see Retry-After"),
)
async def sign_in(credentials: Credentials, request: Request, response: Response, services: AllServices) -> None:
    """Sign in."""
    browser = request.headers.get("user-agent", "")
    cookie = await services.identity.sign_in(credentials.email, credentials.password, address_of(request), browser)
    keep_signed_in(request, response, cookie)


@router.post("/sign-out", summary="Sign out; the cookie is good for nothing afterwards", status_code=204)
def sign_out(request: Request, response: Response, services: AllServices) -> None:
    """Sign out; harmless for somebody who is not signed in."""
    services.identity.sign_out(request.cookies.get(COOKIE))
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


@router.get("/me", summary="Who is signed in", responses=refusals(_401="nobody is signed in"))
def me(person: Person) -> Me:
    """Who is signed in."""
    return Me(
        email=person.email,
        name=person.name,
        role=person.role,
        rights=[right for right in RIGHTS if right in person.rights],
        dealer=person.dealer,
        dealer_name=person.dealer_name,
    )


@router.patch(
    "/me",
    summary="Be called something else",
    status_code=204,
    responses={**AT_BROWSER, **refusals(_422="that is no name")},
)
def rename(wanted: NewName, person: AtBrowser, services: AllServices) -> None:
    """Change one's own name."""
    with services.database.writing() as session:
        sign_ins.rename(session, person, wanted.name, services.now_ms())


@router.post(
    "/me/password",
    summary="Change one's own password; every other browser has to sign in again",
    status_code=204,
    responses={
        **refusals(_401="nobody is signed in, or the password is wrong", _403="a program's token came along"),
        **refusals(_422="the new one may not be chosen", _429="too many attempts; see Retry-After"),
    },
)
async def change_password(wanted: NewPassword, request: Request, person: AtBrowser, services: AllServices) -> None:
    """Change one's own password."""
    check_password(wanted.new_password, person.email)
    await services.identity.password_owner(person.email, wanted.password, address_of(request))
    hashed = await services.identity.hashed(wanted.new_password)

    def keep() -> None:
        with services.database.writing() as session:
            passwords.change(session, person, hashed, services.now_ms())

    await run_in_threadpool(keep)


@router.get("/me/sign-ins", summary="Where one is signed in", responses=AT_BROWSER)
def own_sign_ins(person: AtBrowser, services: AllServices) -> list[SignInView]:
    """Every browser one is signed in with, this one first."""
    with services.database.reading() as session:
        return sign_ins.sign_ins(session, person, services.now_ms())


@router.delete("/me/sign-ins", summary="Sign out everywhere, or everywhere else", responses=AT_BROWSER)
def end_sign_ins(person: AtBrowser, services: AllServices, *, but_this: bool = True) -> Ended:
    """End one's own sign-ins."""
    with services.database.writing() as session:
        return Ended(ended=sign_ins.end_all(session, person, services.now_ms(), but_this=but_this))


@router.delete(
    "/me/sign-ins/{sign_in}",
    summary="Sign out one browser",
    status_code=204,
    responses={**AT_BROWSER, **refusals(_404="no such sign-in of yours")},
)
def end_sign_in(sign_in: SignInId, person: AtBrowser, services: AllServices) -> None:
    """End one of one's own sign-ins."""
    with services.database.writing() as session:
        sign_ins.end(session, person, sign_in, services.now_ms())


@router.get("/me/memberships", summary="For which dealers one may act", responses=AT_BROWSER)
def own_memberships(person: AtBrowser, services: AllServices) -> list[MembershipView]:
    """One's own memberships."""
    with services.database.reading() as session:
        return sign_ins.memberships(session, person)


@router.post(
    "/me/membership",
    summary="Act for another dealer of one's own, with this browser, from the next request on",
    status_code=204,
    responses={**AT_BROWSER, **refusals(_404="no such membership of yours")},
)
def choose_membership(chosen: Chosen, person: AtBrowser, services: AllServices) -> None:
    """Switch to another membership."""
    with services.database.writing() as session:
        sign_ins.switch(session, person, chosen.membership)
