"""Rounds: proposed, accepted, moved, loaded, brought; picking lists; what waits for the dealer's word."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.api.asked import HERE, Limit, gives_file, saved_file
from cloud.identity import SignedIn
from cloud.replenishment.visits import carrying, picking, proposing, showing
from cloud.replenishment.visits.calendar import DAYS_DEFAULT, DAYS_MAX
from cloud.replenishment.visits.carrying import NOTE_CHARACTERS_MAX, QUANTITY_MAX, Step
from cloud.replenishment.visits.views import DifferenceView, PickingView, RoundsView, State, VisitView
from cloud.services import Services
from cloud.tenancy import TenantId

router = APIRouter(prefix="/api", tags=["rounds"], responses=HERE)

Planner = Annotated[SignedIn, Depends(Needs("plan_visits"))]
Loader = Annotated[SignedIn, Depends(Needs("load_visits"))]
Reader = Annotated[TenantId, Depends(NeedsTenant("load_visits"))]
VisitId = Annotated[str, Path(max_length=200, examples=["v-1a2b3c4d5e6f"])]
LineNumber = Annotated[int, Path(ge=1, le=100_000, examples=[1])]
Day = Annotated[str, Query(max_length=10, description="such as 2026-11-23", examples=["2026-11-23"])]
VanId = Annotated[str, Path(max_length=200, examples=["van-1"])]
NO_VISIT = refusals(_404="no such visit, or not yours")
NO_STEP = refusals(_404="no such visit, line or van, or not yours", _409="it has gone on", _422="it is not possible")


class Wanted(BaseModel):
    """For which days rounds are proposed."""

    first_day: str = Field(default="", max_length=10, description="empty: from now", examples=["2026-11-23"])
    days: int = Field(default=DAYS_DEFAULT, ge=1, le=DAYS_MAX, description="days on which a van works", examples=[5])


class Accepted(BaseModel):
    """Proposals that are taken over."""

    visits: list[Annotated[str, Field(max_length=200)]] = Field(min_length=1, max_length=carrying.VISITS_MAX)


class Elsewhere(BaseModel):
    """Another day or van."""

    van: str = Field(min_length=1, max_length=200, examples=["van-1"])
    day: str = Field(max_length=10, examples=["2026-11-24"])


class Amount(BaseModel):
    """Another quantity; 0 drops the line."""

    quantity: int = Field(ge=-QUANTITY_MAX, le=QUANTITY_MAX, examples=[6])


class LoadedLine(BaseModel):
    """So much of a line was put on the van."""

    line: int = Field(ge=1, le=100_000, examples=[1])
    loaded: int = Field(ge=0, le=QUANTITY_MAX, examples=[6])


class Loaded(BaseModel):
    """What was put on the van. `finished`: that was all; of lines that nobody said, nothing is on it."""

    lines: list[LoadedLine] = Field(default=[], max_length=1000)
    finished: bool = False


class Counted(BaseModel):
    """What came or, below zero, went, as a person says it."""

    counted: int = Field(ge=-QUANTITY_MAX, le=QUANTITY_MAX, examples=[6])
    note: str = Field(default="", max_length=NOTE_CHARACTERS_MAX)


class Explained(BaseModel):
    """Why it is so."""

    note: str = Field(default="", max_length=NOTE_CHARACTERS_MAX, examples=["一件包装破损，带回"])


class Proposed(BaseModel):
    """How many visits a proposal has."""

    visits: int = Field(ge=0, examples=[12])


def _step(person: SignedIn, services: Services) -> Step:
    return Step(person, services.now_ms())


def _view(session: Session, step: Step, visit: str) -> VisitView:
    return showing.visit_of(session, step.tenant, visit, step.now_ms)


@router.get("/rounds", summary="The coming rounds by day and van", responses=refusals(_422="no such day"))
def all_rounds(
    tenant: Reader,
    services: AllServices,
    *,
    first_day: Day = "",
    days: Annotated[int, Query(ge=1, le=31)] = 14,
) -> RoundsView:
    """Proposed and accepted, with what fits on none and why."""
    with services.database.reading_as(tenant) as session:
        return showing.rounds(session, tenant, services.now_ms(), first_day, days)


@router.post(
    "/rounds/propose",
    summary="Propose the rounds of the coming days",
    responses=refusals(_409="rounds changed meanwhile", _422="no such days"),
)
def propose(wanted: Wanted, person: Planner, services: AllServices) -> Proposed:
    """In place of the proposal before; accepted visits stand."""
    asked = proposing.Asked(wanted.first_day, wanted.days)
    return Proposed(visits=proposing.propose(services.database, person, asked, services.now_ms()))


@router.post("/rounds/accept", summary="Take proposed visits over and tell their gateways", responses=NO_STEP)
def accept(wanted: Accepted, person: Planner, services: AllServices) -> list[VisitView]:
    """All of them or none. What was proposed on top of an accepted visit is part of that one from then on."""
    step = _step(person, services)
    with services.database.writing_as(person.tenant) as session:
        return [_view(session, step, name) for name in carrying.accept(session, step, wanted.visits)]


@router.get("/visits", summary="Visits, the last day first", responses=NO_VISIT)
def all_visits(
    tenant: Reader,
    services: AllServices,
    *,
    state: Annotated[State | None, Query()] = None,
    shop: Annotated[str, Query(max_length=200, examples=["shop-1"])] = "",
    cursor: Annotated[str, Query(max_length=200, description="the id of the last one of the page before")] = "",
    limit: Limit = 50,
) -> list[VisitView]:
    """Also those that are over."""
    with services.database.reading_as(tenant) as session:
        return showing.visits(
            session, tenant, services.now_ms(), state=state or "", shop=shop, cursor=cursor, limit=limit
        )


@router.get("/visits/differences", summary="What waits for the dealer's word")
def differences(tenant: Reader, services: AllServices, limit: Limit = 50) -> list[DifferenceView]:
    """Lines of which something else came than was loaded, and those nobody told of for days; the oldest first."""
    with services.database.reading_as(tenant) as session:
        return showing.differences(session, tenant, services.now_ms(), limit=limit)


@router.get("/visits/{visit}", summary="One visit with its lines", responses=NO_VISIT)
def one_visit(visit: VisitId, tenant: Reader, services: AllServices) -> VisitView:
    """What goes into which bin, why, and what became of it."""
    with services.database.reading_as(tenant) as session:
        return showing.visit_of(session, tenant, visit, services.now_ms())


@router.post("/visits/{visit}/move", summary="Move a visit to another day or van", responses=NO_STEP)
def move(visit: VisitId, wanted: Elsewhere, person: Planner, services: AllServices) -> VisitView:
    """Into that round where it makes the way the least longer; refused where it does not fit."""
    step = _step(person, services)
    with services.database.writing_as(person.tenant) as session:
        carrying.move(session, step, visit, wanted.van, wanted.day)
        return _view(session, step, visit)


@router.post("/visits/{visit}/cancel", summary="Cancel a visit", responses=NO_STEP)
def cancel(visit: VisitId, person: Planner, services: AllServices) -> VisitView:
    """What it was to bring may be planned anew."""
    step = _step(person, services)
    with services.database.writing_as(person.tenant) as session:
        carrying.cancel(session, step, visit)
        return _view(session, step, visit)


@router.put("/visits/{visit}/lines/{line}", summary="Another quantity of a line", responses=NO_STEP)
def change_line(visit: VisitId, line: LineNumber, wanted: Amount, person: Planner, services: AllServices) -> VisitView:
    """Until the van is loaded; 0 drops it."""
    step = _step(person, services)
    with services.database.writing_as(person.tenant) as session:
        carrying.change_line(session, step, visit, line, wanted.quantity)
        return _view(session, step, visit)


@router.post("/visits/{visit}/load", summary="Say what was put on the van", responses=NO_STEP)
def load(visit: VisitId, said: Loaded, person: Loader, services: AllServices) -> VisitView:
    """Less than planned is allowed. Said again it replaces what was said."""
    step = _step(person, services)
    with services.database.writing_as(person.tenant) as session:
        lines: dict[int, int | None] = {each.line: each.loaded for each in said.lines}
        carrying.load(session, step, visit, lines, finished=said.finished)
        return _view(session, step, visit)


@router.post("/visits/{visit}/finish", summary="Say that the shop was visited", responses=NO_STEP)
def finish(visit: VisitId, person: Loader, services: AllServices) -> VisitView:
    """What its gateway has not told of yet stays delivered, not confirmed."""
    step = _step(person, services)
    with services.database.writing_as(person.tenant) as session:
        carrying.finish(session, step, visit)
        return _view(session, step, visit)


@router.post("/visits/{visit}/lines/{line}/confirm", summary="Say what came, where no gateway does", responses=NO_STEP)
def confirm(visit: VisitId, line: LineNumber, said: Counted, person: Loader, services: AllServices) -> VisitView:
    """The gateway's own word goes before it, also when it comes later."""
    step = _step(person, services)
    with services.database.writing_as(person.tenant) as session:
        carrying.confirm(session, step, visit, carrying.Said(line, said.counted, said.note))
        return _view(session, step, visit)


@router.post("/visits/{visit}/lines/{line}/settle", summary="Explain a difference", responses=NO_STEP)
def settle(visit: VisitId, line: LineNumber, said: Explained, person: Planner, services: AllServices) -> VisitView:
    """It waits for nobody any more."""
    step = _step(person, services)
    with services.database.writing_as(person.tenant) as session:
        carrying.settle(session, step, visit, line, said.note)
        return _view(session, step, visit)


NO_LIST = refusals(_404="no such van, or not yours", _422="no such day")


@router.get("/vans/{van}/picking", summary="What is put on a van for a day", responses=NO_LIST)
def picking_list(van: VanId, day: Day, tenant: Reader, services: AllServices) -> PickingView:
    """By place in the store, and by shop with the last stop first."""
    with services.database.reading_as(tenant) as session:
        return picking.picking(session, tenant, van, day, services.now_ms())


@router.get(
    "/vans/{van}/picking/csv",
    summary="The same as CSV",
    response_class=Response,
    responses=gives_file("text/csv", "a row a bin") | NO_LIST,
)
def picking_csv(van: VanId, day: Day, tenant: Reader, services: AllServices) -> Response:
    """In the order of the store."""
    with services.database.reading_as(tenant) as session:
        view = picking.picking(session, tenant, van, day, services.now_ms())
    return saved_file(picking.csv_of(view).encode(), "text/csv; charset=utf-8", f"picking-{view.van.name}-{day}.csv")
