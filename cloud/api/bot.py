"""Chat robots: what WeCom, DingTalk, Feishu or a program of one's own asks, and the robots an admin keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from cloud.api.access import AllServices, Needs, refusals
from cloud.catalogue import bot_hooks
from cloud.catalogue.bot_answering import BODY_BYTES_MAX, NotYourRobotError, Sent, TooOftenError
from cloud.catalogue.bot_hooks import NewRobot, RobotError, RobotMade, RobotView, Seal
from cloud.identity import SignedIn
from cloud.services import Services

router = APIRouter(prefix="/api", tags=["chat robots"])
RobotId = Annotated[str, Path(max_length=40, pattern=r"^[^\x00]*$", examples=["r-4kq2m7xw3pbd8s6h"])]
Manager = Annotated[SignedIn, Depends(Needs("manage_people"))]
SIGNED_IN = refusals(_401="nobody is signed in", _403="your role does not allow it")
ASKED = refusals(
    _401="the robot is unknown or the signature is not its own",
    _413="the message is too long",
    _429="too many questions; see Retry-After",
)
ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the answer as the chat wants it",
        "content": {"application/json": {"schema": {}}, "application/xml": {}, "text/plain": {}},
    }
}


async def _answered(robot: str, request: Request, services: Services, later: BackgroundTasks) -> Response:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise HTTPException(413, f"expected at most {BODY_BYTES_MAX} bytes, found more")
    sent = Sent(dict(request.query_params), {k.lower(): v for k, v in request.headers.items()}, bytes(body))
    try:
        reply = await run_in_threadpool(services.robots.answer, robot, sent)
    except NotYourRobotError as error:
        raise HTTPException(401, str(error), {"WWW-Authenticate": "Signature"}) from error
    except TooOftenError as error:
        raise HTTPException(429, str(error), {"Retry-After": "60"}) from error
    if reply.afterwards:
        later.add_task(reply.afterwards)
    return Response(reply.body, media_type=reply.media_type)


@router.post(
    "/bot/{robot}",
    summary="What somebody asks in a chat, signed by it; the answer is text with parts, stock and place",
    response_class=Response,
    responses={**ANSWERED, **ASKED},
)
async def ask(robot: RobotId, request: Request, services: AllServices, later: BackgroundTasks) -> Response:
    """A message of a chat. Programs send `{"text": "…"}`, the time in `X-Partsbay-Timestamp` (milliseconds) and in
    `X-Partsbay-Signature` the HMAC-SHA256 of time, full stop and body under the robot's secret, in hexadecimal."""
    return await _answered(robot, request, services, later)


@router.get(
    "/bot/{robot}",
    summary="WeCom's check of the address: its signed echo is sent back",
    response_class=Response,
    responses={**ANSWERED, **ASKED},
)
async def check(robot: RobotId, request: Request, services: AllServices, later: BackgroundTasks) -> Response:
    """The check of an address when it is set up in WeCom."""
    return await _answered(robot, request, services, later)


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except RobotError as error:
        raise HTTPException(409, str(error)) from error


@router.get("/robots", summary="The chat robots that may ask for your parts", responses=SIGNED_IN)
def robots(person: Manager, services: AllServices) -> list[RobotView]:
    """Every robot that may ask."""
    with services.database.reading() as session:
        return bot_hooks.robots(session, person.tenant, services.now_ms())


@router.post(
    "/robots",
    summary="Make a chat robot; its secrets are in this answer alone",
    status_code=201,
    responses={**SIGNED_IN, **refusals(_404="a shop is not yours", _409="such a robot cannot be")},
)
def make(wanted: NewRobot, person: Manager, services: AllServices) -> RobotMade:
    """A new robot."""
    with _refused(), services.database.writing() as session:
        return bot_hooks.make(session, person, wanted, Seal(services.settings.secret), services.now_ms())


@router.delete(
    "/robots/{robot}",
    summary="Let a chat robot ask no longer",
    status_code=204,
    responses={**SIGNED_IN, **refusals(_404="no such robot of yours")},
)
def withdraw(robot: RobotId, person: Manager, services: AllServices) -> Response:
    """Withdraw a robot, from the next question on."""
    with services.database.writing() as session:
        bot_hooks.withdraw(session, person, robot, services.now_ms())
    return Response(status_code=204)
