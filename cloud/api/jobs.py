"""Jobs (工单) of a shop: opened, named, closed, opened again. What changes goes down to the shop's gateway."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.api.asked import HERE, NO_SHOP, After, Limit, ShopId, Words
from cloud.audit import record
from cloud.identity import SignedIn
from cloud.services import Services
from cloud.shop_plan import plan_of
from cloud.tables import Job
from cloud.tenancy import TenantId
from cloud.work import jobs
from cloud.work.jobs import JobChange
from cloud.work.shop_rows import ShopRows, own_rows
from cloud.work.views import JobView

router = APIRouter(prefix="/api/shops/{shop}/jobs", tags=["work"], responses=HERE)

Reader = Annotated[TenantId, Depends(NeedsTenant("see_vehicles"))]
Editor = Annotated[SignedIn, Depends(Needs("edit_jobs"))]
JobId = Annotated[str, Path(max_length=200, examples=["C261122-7KQ2"])]
Km = Annotated[int, Field(ge=-1, le=10_000_000, description="the odometer; -1: not read", examples=[128450])]
NO_JOB = refusals(_404="no such job or shop, or not yours")


class NewJob(BaseModel):
    """A job to open: a title, a plate or a VIN. A vehicle that nobody knows gets a file."""

    title: str = Field(default="", max_length=400, examples=["保养"])
    plate: str = Field(default="", max_length=100, examples=["鲁B12345"])
    vin: str = Field(default="", max_length=100, examples=["LFWSRXSJ8M1F12345"])
    km: Km = -1
    id: str = Field(
        default="",
        max_length=100,
        description="your own number; asking again with the same is harmless. Empty: one is made",
        examples=["RO-2611-0042"],
    )


class ChangedJob(BaseModel):
    """What is named later; what is left out stays."""

    title: str | None = Field(default=None, max_length=400, examples=["换机油"])
    plate: str | None = Field(default=None, max_length=100, examples=["鲁B12345"])
    vin: str | None = Field(default=None, max_length=100, examples=["LFWSRXSJ8M1F12345"])
    km: Km = -1


class ClosedJob(BaseModel):
    """What is told as a job is closed."""

    km: Km = -1


@router.get("", summary="The jobs of a shop, the last opened first", responses=NO_SHOP | refusals(_422="no such page"))
def list_jobs(
    shop: ShopId,
    tenant: Reader,
    services: AllServices,
    *,
    state: Annotated[Literal["open", "closed", "all"], Query()] = "open",
    words: Words = "",
    after: After = "",
    limit: Limit = 50,
) -> list[JobView]:
    """Open ones unless asked."""
    with services.database.reading_as(tenant) as session:
        rows = own_rows(session, tenant, shop, services.now_ms())
        plan = plan_of(session, tenant, shop)
        return jobs.list_jobs(session, tenant, plan, rows, state=state, asked=words, after=after, limit=limit)


@router.get("/{job}", summary="One job", responses=NO_JOB)
def one_job(shop: ShopId, job: JobId, tenant: Reader, services: AllServices) -> JobView:
    """A job of the shop."""
    with services.database.reading_as(tenant) as session:
        rows = own_rows(session, tenant, shop, services.now_ms())
        return _view(rows, tenant, jobs.own_job(rows, job))


@router.post(
    "",
    summary="Open a job; the kiosk knows it at once",
    status_code=201,
    responses=NO_SHOP | refusals(_409="another job has that id", _422="the job cannot be opened so"),
)
def open_job(shop: ShopId, wanted: NewJob, person: Editor, services: AllServices) -> JobView:
    """Open a job, for a vehicle or for none yet."""
    with services.database.writing_as(person.tenant) as session:
        rows = own_rows(session, person.tenant, shop, services.now_ms(), person)
        row = jobs.open_job(
            rows,
            JobChange(title=wanted.title, plate=wanted.plate, vin=wanted.vin, km=wanted.km),
            name=wanted.id,
            source="cloud" if person.sign_in_id else "api",
        )
        record(session, person, services.now_ms(), action="job.opened", target=_target(row), after=row.title)
        return _view(rows, person.tenant, row)


@router.patch(
    "/{job}", summary="Name a job or its vehicle", responses=NO_JOB | refusals(_422="the job cannot be named so")
)
def change_job(shop: ShopId, job: JobId, wanted: ChangedJob, person: Editor, services: AllServices) -> JobView:
    """What is left out stays as it is."""
    with services.database.writing_as(person.tenant) as session:
        rows = own_rows(session, person.tenant, shop, services.now_ms(), person)
        row = jobs.own_job(rows, job)
        before = _said(row)
        jobs.change_job(rows, row, JobChange(title=wanted.title, plate=wanted.plate, vin=wanted.vin, km=wanted.km))
        record(session, person, rows.now_ms, action="job.changed", target=_target(row), before=before, after=_said(row))
        return _view(rows, person.tenant, row)


@router.post(
    "/{job}/close",
    summary="Close a job: nothing is charged to it any more",
    responses=NO_JOB | refusals(_409="it is closed already", _422="the odometer cannot be read so"),
)
def close_job(shop: ShopId, job: JobId, told: ClosedJob, person: Editor, services: AllServices) -> JobView:
    """Close a job."""
    return _turn(services, person, shop, job, "job.closed", told.km)


@router.post("/{job}/reopen", summary="Open a closed job again", responses=NO_JOB | refusals(_409="it is open already"))
def reopen_job(shop: ShopId, job: JobId, person: Editor, services: AllServices) -> JobView:
    """Open a job again."""
    return _turn(services, person, shop, job, "job.reopened", -1)


def _turn(services: Services, person: SignedIn, shop: str, job: str, action: str, km: int) -> JobView:  # noqa: PLR0917
    with services.database.writing_as(person.tenant) as session:
        rows = own_rows(session, person.tenant, shop, services.now_ms(), person)
        row = jobs.own_job(rows, job)
        if action == "job.closed":
            jobs.close_job(rows, row, km)
        else:
            jobs.reopen_job(rows, row)
        record(session, person, rows.now_ms, action=action, target=_target(row))
        return _view(rows, person.tenant, row)


def _view(rows: ShopRows, tenant: TenantId, row: Job) -> JobView:
    plan = plan_of(rows.session, tenant, rows.shop)
    return jobs.job_views(rows.session, tenant, plan, rows, [row])[0]


def _target(row: Job) -> str:
    return f"job {row.id} of {row.shop_id}"


def _said(row: Job) -> str:
    return " · ".join(filter(None, (row.title, row.plate, row.vin)))
