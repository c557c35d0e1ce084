"""Alerts: what holds, who takes it on, and the ways by which alerts are told."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from cloud.api.access import AllServices, Needs, refusals
from cloud.api.asked import HERE
from cloud.catalogue.bot_hooks import Seal
from cloud.identity import SignedIn
from cloud.replenishment.alerts import listing, taking, ways
from cloud.replenishment.alerts.matters import Kind
from cloud.replenishment.alerts.taking import NOTE_CHARACTERS_MAX
from cloud.replenishment.alerts.telling import NotToldError
from cloud.replenishment.alerts.views import AlertCount, AlertView, State
from cloud.replenishment.alerts.ways import PURPOSE, NewWay, WayMade, WayView, WhatToTell

router = APIRouter(prefix="/api", tags=["alerts"], responses=HERE)

Seer = Annotated[SignedIn, Depends(Needs("see_alerts"))]
Manager = Annotated[SignedIn, Depends(Needs("manage_alerts"))]
AlertId = Annotated[str, Path(max_length=60, pattern=r"^[^\x00]*$", examples=["a-3f1c20aa9be1d2c4f7a0"])]
WayId = Annotated[str, Path(max_length=60, pattern=r"^[^\x00]*$", examples=["w-4kq2m7xw3pbd8s6h"])]
Limit = Annotated[int, Query(ge=1, le=200, examples=[50])]
NO_ALERT = refusals(_404="no such alert, or not yours", _409="it has ended by itself")
NO_WAY = refusals(_404="no such way, or not yours")


class Taken(BaseModel):
    """What somebody says who takes an alert on."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(default="", max_length=NOTE_CHARACTERS_MAX, examples=["已让小赵下午带过去"])


class Tried(BaseModel):
    """What became of a test."""

    sent: Literal[True] = True


@router.get("/alerts", summary="Alerts, the last begun first", responses=refusals(_404="the cursor is none of yours"))
def alerts(
    person: Seer,
    services: AllServices,
    *,
    state: State = "open",
    shop: Annotated[str, Query(max_length=200, description="only this shop", examples=["shop-1"])] = "",
    kind: Annotated[Kind | None, Query(description="only this kind")] = None,
    cursor: Annotated[str, Query(max_length=60, description="the id of the last one of the page before")] = "",
    limit: Limit = 50,
) -> list[AlertView]:
    """What holds, or what ended by itself; without what it is worth for who may not see prices."""
    with services.database.reading_as(person.tenant) as session:
        return listing.alerts(
            session,
            person.tenant,
            state=state,
            shop=shop,
            kind=kind or "",
            cursor=cursor,
            limit=limit,
            prices=person.may("see_prices"),
        )


@router.get("/alert-count", summary="How many alerts hold, and how many of them nobody has taken on")
def alert_count(person: Seer, services: AllServices) -> AlertCount:
    """For a mark beside a menu."""
    with services.database.reading_as(person.tenant) as session:
        return listing.count(session, person.tenant)


@router.get("/alerts/{alert}", summary="One alert", responses=refusals(_404="no such alert, or not yours"))
def one_alert(alert: AlertId, person: Seer, services: AllServices) -> AlertView:
    """As in the list; also one that has ended."""
    with services.database.reading_as(person.tenant) as session:
        return listing.one_alert(session, person.tenant, alert, prices=person.may("see_prices"))


@router.post("/alerts/{alert}/taken", summary="Take an alert on", responses=NO_ALERT)
def take_on(alert: AlertId, told: Taken, person: Seer, services: AllServices) -> AlertView:
    """Nobody is told of it any more, and everybody sees who has it. It ends by itself when it is over."""
    with services.database.writing_as(person.tenant) as session:
        return taking.take_on(session, person, alert, told.note, services.now_ms())


@router.delete("/alerts/{alert}/taken", summary="Give an alert back", responses=NO_ALERT)
def give_back(alert: AlertId, person: Seer, services: AllServices) -> AlertView:
    """It is nobody's again, and told where it was not told before."""
    with services.database.writing_as(person.tenant) as session:
        return taking.give_back(session, person, alert, services.now_ms())


@router.get("/alert-ways", summary="The ways by which alerts are told, and how well that goes")
def all_ways(person: Manager, services: AllServices) -> list[WayView]:
    """The newest first."""
    with services.database.reading() as session:
        return ways.ways(session, person.tenant)


@router.post(
    "/alert-ways",
    summary="Have alerts sent to an e-mail address, or to a program by signed webhook",
    status_code=201,
    responses=refusals(_404="a shop is not yours", _422="such a way cannot be"),
)
def make_way(wanted: NewWay, person: Manager, services: AllServices) -> WayMade:
    """A webhook's secret is in this answer alone. It is told what begins from now on."""
    seal = Seal(services.settings.secret, PURPOSE)
    with services.database.writing() as session:
        return ways.make(session, person, wanted, seal, services.now_ms(), mails=services.mail is not None)


@router.put(
    "/alert-ways/{way}",
    summary="Choose other alerts, quiet hours or another language",
    responses=refusals(_404="no such way or shop, or not yours", _422="such a way cannot be"),
)
def change_way(way: WayId, wanted: WhatToTell, person: Manager, services: AllServices) -> WayView:
    """Its address and its secret stay: for others make another way."""
    with services.database.writing() as session:
        return ways.change(session, person, way, wanted, services.now_ms())


@router.delete("/alert-ways/{way}", summary="Tell nothing more by a way", status_code=204, responses=NO_WAY)
def withdraw_way(way: WayId, person: Manager, services: AllServices) -> Response:
    """Its secret is forgotten."""
    with services.database.writing() as session:
        ways.withdraw(session, person, way, services.now_ms())
    return Response(status_code=204)


@router.post(
    "/alert-ways/{way}/test",
    summary="Send a test by a way",
    responses={**NO_WAY, **refusals(_502="it could not be told; why is in the answer")},
)
async def try_way(way: WayId, person: Manager, services: AllServices) -> Tried:
    """Also in quiet hours."""
    try:
        await run_in_threadpool(_try_out, way, person, services)
    except NotToldError as error:
        raise HTTPException(502, str(error)) from error
    return Tried()


def _try_out(way: str, person: SignedIn, services: AllServices) -> None:
    with services.database.reading() as session:
        row = ways.own_way(session, person.tenant, way)
    services.alerts.try_out(row, person.dealer_name)
