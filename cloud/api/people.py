"""Sign in, sign out, and who am I."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from cloud.api.access import COOKIE, AllServices, Person, keep_signed_in, refusals
from cloud.rights import Right, Role

router = APIRouter(prefix="/api", tags=["people"])


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


@router.post(
    "/sign-in",
    summary="Sign in with email and password; the cookie that comes back is the key to everything else",
    status_code=204,
    responses=refusals(_401="the email or the password is wrong", _429="too many attempts; see Retry-After"),
)
async def sign_in(credentials: Credentials, request: Request, response: Response, services: AllServices) -> None:
    """Sign in."""
    address = request.client.host if request.client else ""
    cookie = await services.identity.sign_in(credentials.email, credentials.password, address)
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
        rights=sorted(person.rights),
        dealer=person.dealer,
        dealer_name=person.dealer_name,
    )
