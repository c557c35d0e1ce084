"""For people who are not signed in yet: a forgotten password, a new one, and invitations."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from cloud.api.access import AllServices, AtBrowser, keep_signed_in, refusals
from cloud.api.people import address_of
from cloud.people import delivery, invitations, passwords, sign_ins
from cloud.people.rules import check_password, checked_name
from cloud.people.views import LinkTold
from cloud.services import Services

router = APIRouter(prefix="/api", tags=["people"])
BAD_LINK = refusals(_404="the link is unknown, used, withdrawn or too old")
Code = Annotated[str, Path(max_length=200, description="the end of the link", examples=["0p6rT1…"])]


class Forgetful(BaseModel):
    """Who forgot the password."""

    email: str = Field(max_length=254, examples=["li@dealer.example"])


class Choice(BaseModel):
    """A new password."""

    password: str = Field(max_length=400, examples=["wrong donkey generator clip"])


class Newcomer(Choice):
    """How somebody new wants to be called, and a password."""

    name: str = Field(max_length=200, examples=["王师傅"])


@router.post(
    "/forgotten",
    summary="Ask for a new password by e-mail; the answer is the same whether there is such an account or not",
    status_code=202,
    responses=refusals(_429="asked for too often; see Retry-After"),
)
async def forgotten(who: Forgetful, request: Request, services: AllServices, later: BackgroundTasks) -> None:
    """Mail a link, if there is somebody to mail it to."""
    await ask(services, who.email, address_of(request), later)


async def ask(services: Services, email: str, address: str, later: BackgroundTasks) -> None:
    """Count the question, and answer it when nobody waits any more (`LockedOutError`)."""
    email = email.strip().lower()
    await run_in_threadpool(services.identity.count_question, email, address)
    later.add_task(run_in_threadpool, delivery.mail_forgotten, services, email)


@router.get("/reset/{code}", summary="Whether a link to a new password is good", responses=BAD_LINK)
def look_at_reset(code: Code, services: AllServices) -> LinkTold:
    """For whom it is."""
    with services.database.reading() as session:
        return passwords.told(session, code, services.now_ms())


@router.post(
    "/reset/{code}",
    summary="Choose a new password with a link; every sign-in and token of before ends",
    status_code=204,
    responses={**BAD_LINK, **refusals(_422="that password may not be chosen")},
)
async def reset(code: Code, choice: Choice, services: AllServices) -> None:
    """Choose a new password."""
    await reset_password(services, code, choice.password)


async def reset_password(services: Services, code: str, password: str) -> None:
    """Set the password a link is for (`BadLinkError`, `RefusedError`)."""
    told = await run_in_threadpool(look_at_reset, code, services)
    check_password(password, told.email)
    hashed = await services.identity.hashed(password)

    def keep() -> None:
        with services.database.writing() as session:
            passwords.reset(session, code, hashed, services.now_ms())

    await run_in_threadpool(keep)


@router.get("/invitation/{code}", summary="What an invitation is for", responses=BAD_LINK)
def look_at_invitation(code: Code, services: AllServices) -> LinkTold:
    """For whom it is, and to which dealer."""
    with services.database.reading() as session:
        return invitations.told(session, code, services.now_ms())


@router.post(
    "/invitation/{code}",
    summary="Accept an invitation by choosing a name and a password; the cookie signs in",
    status_code=204,
    responses={
        **BAD_LINK,
        **refusals(_409="the e-mail has an account: sign in and join", _422="no name, or no password to be chosen"),
    },
)
async def accept(code: Code, newcomer: Newcomer, request: Request, response: Response, services: AllServices) -> None:
    """Accept as somebody new."""
    cookie = await accept_invitation(services, request, code, newcomer.name, newcomer.password)
    keep_signed_in(request, response, cookie)


async def accept_invitation(services: Services, request: Request, code: str, name: str, password: str) -> str:
    """An account, a membership, and a cookie (`BadLinkError`, `RefusedError`)."""
    told = await run_in_threadpool(look_at_invitation, code, services)
    name = checked_name(name)
    check_password(password, told.email)
    hashed = await services.identity.hashed(password)

    def keep() -> str:
        with services.database.writing() as session:
            made = invitations.accept_as_new(session, code, name, hashed, services.now_ms())
        browser = request.headers.get("user-agent", "")
        return services.identity.begin(made.user_id, address_of(request), browser, made.id)

    return await run_in_threadpool(keep)


@router.post(
    "/invitation/{code}/join",
    summary="Accept an invitation with the account that is signed in, and act for that dealer from now on",
    status_code=204,
    responses={
        **BAD_LINK,
        **refusals(_401="nobody is signed in", _403="a program's token came along"),
        **refusals(_409="it is for another e-mail, or you are a member already"),
    },
)
def join(code: Code, person: AtBrowser, services: AllServices) -> None:
    """Accept as somebody known."""
    with services.database.writing() as session:
        made = invitations.accept_as(session, code, person, services.now_ms())
        sign_ins.switch(session, person, made.id or 0)
