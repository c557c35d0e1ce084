"""Jobs (工单) of a shop: opened in the cloud, by API or at the kiosk, named later, closed, opened again.

Every change goes down to the shop's gateway in the same transaction. A job's id is unique in its shop whoever opens it:
those of the cloud begin with C and a kiosk's with K, each followed by its day and random letters, so that a kiosk
without internet cannot choose one of the cloud's.
"""

import re
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col

from cloud.catalogue.vin import plain_vin
from cloud.people.rules import RefusedError, TakenError
from cloud.shop_plan import ShopPlan
from cloud.tables import Balance, Job, Vehicle
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.work.plates import PLATE_CHARACTERS_MAX, VIN_CHARACTERS_MAX, shown_plate
from cloud.work.shop_rows import ShopRows
from cloud.work.shop_time import day_of
from cloud.work.sources import source_name
from cloud.work.vehicles import find_or_make, new_id, read_odometer, vehicles_named
from cloud.work.views import JobView
from edge_gateway.feed_format import JobClosed, JobTold
from edge_gateway.part_words import plain_plate

TITLE_CHARACTERS_MAX = 200
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_TRIES = 20


class JobError(RefusedError):
    """A job cannot be kept so; the text says what was expected and what was found."""


class JobConflictError(TakenError):
    """Another job has that id, or the job is not in the state the change needs."""


def own_job(rows: ShopRows, job: str) -> Job:
    """A job of the shop (`NotFoundError`)."""
    row = rows.named(Job, job)
    if row is None:
        raise NotFoundError(f"expected a job of yours, found {job!r}")
    return row


@dataclass(frozen=True)
class JobChange:
    """What is told of a job. None leaves as it is; `km` -1: nobody read the odometer."""

    title: str | None = None
    plate: str | None = None
    vin: str | None = None
    km: int = -1


def open_job(rows: ShopRows, told: JobChange, *, name: str = "", source: str = "cloud") -> Job:
    """Open a job and tell the gateway (`JobError`). A job of the same id and content is the same job."""
    title, plate, vin = _checked(told.title or "", told.plate or "", told.vin or "")
    if name and not _ID.fullmatch(name):
        raise JobError(f"expected an id of 1 to 40 letters, digits and ._-, found {name[:60]!r}")
    rows.check_serves()
    rows.lock()
    if name and (known := rows.named(Job, name)) is not None:
        return _same(known, title, plate, vin)
    row = Job(
        shop_id=rows.shop,
        id=name or _free_id(rows),
        dealer_id=rows.dealer,
        title=title,
        plate=plate,
        vin=vin,
        opened_ms=rows.now_ms,
        opened_by=rows.source,
        changed_ms=rows.now_ms,
        source=source,
    )
    rows.session.add(row)
    rows.session.flush()
    set_vehicle(rows, row, told.km)
    _tell(rows, row)
    return row


def change_job(rows: ShopRows, row: Job, told: JobChange) -> Job:
    """Name a job, or its vehicle, and tell the gateway (`JobError`)."""
    plate, vin = _other_vehicle(rows, row, told)
    row.title, row.plate, row.vin = _checked(row.title if told.title is None else told.title, plate, vin)
    if told.plate is not None or told.vin is not None:
        row.vehicle = ""
    row.changed_ms = rows.now_ms
    set_vehicle(rows, row, told.km)
    if not row.closed_ms:
        _tell(rows, row)
    return row


def _other_vehicle(rows: ShopRows, row: Job, told: JobChange) -> tuple[str, str]:
    """Plate and VIN of a changed job: one of them told alone completes its vehicle, or else names another one."""
    vehicle = vehicles_named(rows, [row.vehicle]).get(row.vehicle)
    plate, vin = told.plate, told.vin
    if plate is None:
        plate = row.plate if vin is None or vehicle is None or not vehicle.vin else ""
    if vin is None:
        vin = row.vin if told.plate is None or vehicle is None or not vehicle.plate else ""
    return plate, vin


def close_job(rows: ShopRows, row: Job, km: int = -1) -> Job:
    """Nothing is charged to it any more (`JobConflictError` when it is closed already)."""
    if row.closed_ms:
        raise JobConflictError(f"expected an open job, found {row.id} closed")
    row.closed_ms, row.closed_by, row.changed_ms = rows.now_ms, rows.source, rows.now_ms
    _read_km(rows, row, km)
    rows.session.flush()
    rows.tell(JobClosed(row.id, row.closed_ms))
    return row


def reopen_job(rows: ShopRows, row: Job) -> Job:
    """It can be charged again (`JobConflictError` when it is open)."""
    if not row.closed_ms:
        raise JobConflictError(f"expected a closed job, found {row.id} open")
    row.closed_ms, row.closed_by, row.changed_ms = 0, "", rows.now_ms
    rows.session.flush()
    _tell(rows, row)
    return row


def set_vehicle(rows: ShopRows, row: Job, km: int = -1) -> None:
    """Find or make the job's vehicle, and keep what its odometer showed."""
    if not row.vehicle:
        found = find_or_make(rows, row.plate, row.vin)
        if found is not None:
            row.vehicle = found.id
            row.plate, row.vin = row.plate or found.plate, row.vin or found.vin
    _read_km(rows, row, km)
    rows.session.flush()


def _read_km(rows: ShopRows, row: Job, km: int) -> None:
    if km >= 0 and row.vehicle:
        read_odometer(rows, row.vehicle, km, rows.now_ms)


def _tell(rows: ShopRows, row: Job) -> None:
    who = row.opened_by.partition(":")[2]
    rows.tell(JobTold(row.id, row.title, row.plate, row.vin, row.opened_ms, who))


def _checked(title: str, plate: str, vin: str) -> tuple[str, str, str]:
    title, plate, vin = title.strip(), shown_plate(plate), plain_vin(vin)
    for what, value, most in (
        ("title", title, TITLE_CHARACTERS_MAX),
        ("plate", plate, PLATE_CHARACTERS_MAX),
        ("vin", vin, VIN_CHARACTERS_MAX),
    ):
        if len(value) > most or "\0" in value:
            raise JobError(f"expected at most {most} characters in {what} and no NUL, found {value[:60]!r}")
    if not (title or plain_plate(plate) or vin):
        raise JobError("expected a title, a plate or a VIN, found none of them")
    return title, plate, vin


def _same(known: Job, title: str, plate: str, vin: str) -> Job:
    said = (title, plain_plate(plate) or plain_plate(known.plate), vin or known.vin)
    if said != (known.title, plain_plate(known.plate), known.vin):
        raise JobConflictError(f"expected an id that no other job has, found {known.id} with another content")
    return known


def _free_id(rows: ShopRows) -> str:
    day = day_of(rows.now_ms, rows.time_zone).replace("-", "")[2:]
    for _ in range(_TRIES):
        name = f"C{day}-{new_id('', 4).upper()}"
        if rows.named(Job, name) is None:
            return name
    return f"C{day}-{secrets.token_hex(8)}"


# ---- listing ----

JobState = str  # open | closed | all


def list_jobs(
    session: Session,
    tenant: TenantId,
    plan: ShopPlan,
    rows: ShopRows,
    *,
    state: JobState = "open",
    asked: str = "",
    after: str = "",
    limit: int = 50,
) -> list[JobView]:
    """Jobs of a shop, the last opened first."""
    wanted = rows.of(Job)
    if state != "all":
        wanted = wanted.where(col(Job.closed_ms) == 0 if state == "open" else col(Job.closed_ms) > 0)
    if asked.strip():
        wanted = wanted.where(_matches(tenant, asked.strip()))
    if after:
        wanted = wanted.where(_behind(after))
    newest = wanted.order_by(col(Job.opened_ms).desc(), col(Job.id))
    return job_views(session, tenant, plan, rows, list(session.exec(newest.limit(limit)).all()))


def job_views(session: Session, tenant: TenantId, plan: ShopPlan, rows: ShopRows, found: list[Job]) -> list[JobView]:
    """Jobs with their vehicles, and how much the tenant's parts were charged to each."""
    vehicles = vehicles_named(rows, (row.vehicle for row in found))
    lines = _charged(session, tenant, rows, found)
    return [_view(plan, row, vehicles.get(row.vehicle), lines.get(f"job:{row.id}", 0)) for row in found]


def _view(plan: ShopPlan, row: Job, vehicle: Vehicle | None, lines: int) -> JobView:
    return JobView(
        **row.model_dump(include={"id", "title", "opened_ms", "closed_ms", "source"}),
        shop=row.shop_id,
        vehicle=vehicle.id if vehicle else "",
        plate=row.plate or (vehicle.plate if vehicle else ""),
        vin=row.vin or (vehicle.vin if vehicle else ""),
        model=" ".join(filter(None, (vehicle.make, vehicle.model))) if vehicle else "",
        opened_by=source_name(row.opened_by, plan),
        closed_by=source_name(row.closed_by, plan),
        parts=lines,
        cursor=f"{row.opened_ms}.{row.id}",
    )


def _charged(session: Session, tenant: TenantId, rows: ShopRows, found: list[Job]) -> dict[str, int]:
    accounts = [f"job:{row.id}" for row in found]
    counted = (
        tenant_rows(tenant, Balance)
        .where(col(Balance.shop_id) == rows.shop, col(Balance.account).in_(accounts), col(Balance.quantity) > 0)
        .with_only_columns(col(Balance.account), func.count())
        .group_by(col(Balance.account))
    )
    return {account: int(count) for account, count in session.execute(counted)} if accounts else {}


def _matches(tenant: TenantId, asked: str) -> ColumnElement[bool]:
    plain = plain_plate(asked)
    by_text = or_(
        col(Job.title).contains(asked, autoescape=True),
        col(Job.id).contains(asked.upper(), autoescape=True),
        col(Job.plate).contains(asked, autoescape=True),
    )
    if not plain:
        return by_text
    by_vehicle = (
        tenant_rows(tenant, Vehicle)
        .where(
            col(Vehicle.shop_id) == col(Job.shop_id),
            col(Vehicle.id) == col(Job.vehicle),
            or_(
                col(Vehicle.plain_plate).contains(plain, autoescape=True),
                col(Vehicle.vin).contains(plain, autoescape=True),
            ),
        )
        .correlate(Job)
        .exists()
    )
    return or_(by_text, col(Job.vin).contains(plain, autoescape=True), by_vehicle)


def _behind(after: str) -> ColumnElement[bool]:
    number, _, name = after.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 17 and name) or "\0" in after:
        raise JobError(f"expected the end of a page as after, found {after[:60]!r}")
    opened_ms = int(number)
    return or_(col(Job.opened_ms) < opened_ms, (col(Job.opened_ms) == opened_ms) & (col(Job.id) > name))
