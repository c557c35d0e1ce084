"""Vehicles of the shops and their files (一车一档): found, kept, joined, and what falls due on them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.api.asked import HERE, NO_SHOP, TIME_MS_MAX, After, Limit, ShopId, Words, gives_file, saved_file
from cloud.audit import record
from cloud.identity import SignedIn
from cloud.services import Services
from cloud.tables import ServiceInterval, Vehicle
from cloud.tenancy import TenantId
from cloud.work import intervals, vehicles
from cloud.work.shop_rows import ShopRows, own_rows
from cloud.work.vehicle_file import csv_of, file_name, vehicle_file, vehicle_views
from cloud.work.views import VehicleFile, VehicleView

router = APIRouter(prefix="/api", tags=["work"], responses=HERE)

Reader = Annotated[SignedIn, Depends(Needs("see_vehicles"))]
ReadingTenant = Annotated[TenantId, Depends(NeedsTenant("see_vehicles"))]
Editor = Annotated[SignedIn, Depends(Needs("edit_jobs"))]
VehicleId = Annotated[str, Path(max_length=200, examples=["v-8kq2m7xw3p"])]
Text = Annotated[str | None, Field(max_length=400)]
NO_VEHICLE = refusals(_404="no such vehicle or shop, or not yours")
UNSOUND = refusals(_422="it cannot be kept so")


class VehicleFacts(BaseModel):
    """What is told of a vehicle; what is left out stays."""

    plate: Text = Field(default=None, examples=["鲁B12345"])
    vin: Text = Field(default=None, examples=["LFWSRXSJ8M1F12345"])
    make: Text = Field(default=None, examples=["解放"])
    model: Text = Field(default=None, examples=["J6P"])
    engine: Text = Field(default=None, examples=["CA6DM3"])
    year: int | None = Field(default=None, ge=0, le=2100, examples=[2021])
    owner: Text = Field(default=None, examples=["青岛通达运输"])
    note: str | None = Field(default=None, max_length=4000)

    def values(self) -> dict[str, str | int]:
        """What was told."""
        return self.model_dump(exclude_none=True)


class Odometer(BaseModel):
    """What an odometer shows."""

    km: int = Field(ge=0, le=10_000_000, examples=[128450])
    at_ms: int | None = Field(default=None, ge=0, le=TIME_MS_MAX, description="when it was read; null: now")


class IntervalFacts(BaseModel):
    """What is done every so many kilometres or months. A use of `part` counts as done."""

    title: str = Field(max_length=200, examples=["机油"])
    part: str = Field(default="", max_length=200, examples=["OF-1012"])
    every_km: int = Field(default=0, ge=0, le=10_000_000, examples=[40000])
    every_months: int = Field(default=0, ge=0, le=240, examples=[12])
    last_km: int = Field(default=0, ge=0, le=10_000_000, examples=[120000])
    last_ms: int = Field(default=0, ge=0, le=TIME_MS_MAX)


class Other(BaseModel):
    """Another file of the same vehicle."""

    other: str = Field(max_length=200, examples=["v-3m7xw8kq2p"])


@router.get(
    "/vehicles",
    summary="Vehicles by plate, VIN or owner, the last changed first",
    responses=refusals(_422="no such page"),
)
def find_vehicles(
    tenant: ReadingTenant,
    services: AllServices,
    *,
    words: Words = "",
    shop: Annotated[str, Query(max_length=200, description="only this shop", examples=["shop-1"])] = "",
    after: After = "",
    limit: Limit = 50,
) -> list[VehicleView]:
    """Old plates find a vehicle, too."""
    with services.database.reading_as(tenant) as session:
        found = vehicles.search(session, tenant, words, shop=shop, after=after, limit=limit)
        return vehicle_views(session, tenant, found)


@router.post("/shops/{shop}/vehicles", summary="Begin a vehicle's file", status_code=201, responses=NO_SHOP | UNSOUND)
def add_vehicle(shop: ShopId, told: VehicleFacts, person: Editor, services: AllServices) -> VehicleView:
    """A plate or VIN that is known already completes that file."""
    with services.database.writing_as(person.tenant) as session:
        rows = own_rows(session, person.tenant, shop, services.now_ms(), person)
        row = vehicles.find_or_make(rows, told.plate or "", told.vin or "")
        if row is None:
            raise vehicles.VehicleError("expected a plate or a VIN, found neither")
        vehicles.change(rows, row, {k: v for k, v in told.values().items() if k not in {"plate", "vin"} and v})
        record(session, person, rows.now_ms, action="vehicle.added", target=_target(row), after=row.plate or row.vin)
        return vehicle_views(session, person.tenant, [row])[0]


@router.get("/shops/{shop}/vehicles/{vehicle}", summary="Everything about one vehicle", responses=NO_VEHICLE)
def one_file(shop: ShopId, vehicle: VehicleId, person: Reader, services: AllServices) -> VehicleFile:
    """The file: parts of yours that were used on it, what falls due, and what belongs to the shop."""
    return _file(services, person, shop, vehicle)


@router.get(
    "/shops/{shop}/vehicles/{vehicle}/csv",
    summary="What was used on a vehicle, as CSV",
    response_class=Response,
    responses=gives_file("text/csv", "a row a use") | NO_VEHICLE,
)
def file_as_csv(shop: ShopId, vehicle: VehicleId, person: Reader, services: AllServices) -> Response:
    """The same as a table."""
    file = _file(services, person, shop, vehicle)
    with services.database.reading_as(person.tenant) as session:
        zone = own_rows(session, person.tenant, shop, services.now_ms()).time_zone
    content = "\ufeff" + csv_of(file, zone)
    return saved_file(content.encode(), "text/csv; charset=utf-8", file_name(file, services.now_ms(), zone))


def _file(services: Services, person: SignedIn, shop: str, vehicle: str) -> VehicleFile:
    with services.database.reading_as(person.tenant) as session:
        return vehicle_file(
            session, person.tenant, shop, vehicle, services.now_ms(), with_prices=person.may("see_prices")
        )


@router.patch("/shops/{shop}/vehicles/{vehicle}", summary="Change a file, on record", responses=NO_VEHICLE | UNSOUND)
def change_vehicle(
    shop: ShopId, vehicle: VehicleId, told: VehicleFacts, person: Editor, services: AllServices
) -> VehicleView:
    """What is left out stays; every change is on record."""
    with services.database.writing_as(person.tenant) as session:
        rows, row = _own(services, session, person, shop, vehicle)
        vehicles.change(rows, row, told.values())
        record(session, person, rows.now_ms, action="vehicle.changed", target=_target(row), after=_said(told))
        return vehicle_views(session, person.tenant, [row])[0]


@router.post(
    "/shops/{shop}/vehicles/{vehicle}/readings",
    summary="Tell what the odometer shows",
    status_code=201,
    responses=NO_VEHICLE | UNSOUND,
)
def read_odometer(
    shop: ShopId, vehicle: VehicleId, told: Odometer, person: Editor, services: AllServices
) -> VehicleView:
    """A reading is kept for ever; one that falls behind others is marked, and believed by nobody."""
    with services.database.writing_as(person.tenant) as session:
        rows, row = _own(services, session, person, shop, vehicle)
        at_ms = rows.now_ms if told.at_ms is None else told.at_ms
        if at_ms > rows.now_ms:
            raise vehicles.VehicleError(f"expected a time that is over, found {at_ms}")
        vehicles.read_odometer(rows, row.id, told.km, at_ms)
        record(session, person, rows.now_ms, action="vehicle.read", target=_target(row), after=f"{told.km} km")
        return vehicle_views(session, person.tenant, [row])[0]


@router.put(
    "/shops/{shop}/vehicles/{vehicle}/intervals",
    summary="Follow what falls due by kilometres or months, under its title",
    status_code=204,
    responses=NO_VEHICLE | UNSOUND,
)
def set_interval(shop: ShopId, vehicle: VehicleId, told: IntervalFacts, person: Editor, services: AllServices) -> None:
    """The same title again changes it."""
    with services.database.writing_as(person.tenant) as session:
        rows, row = _own(services, session, person, shop, vehicle)
        wanted = ServiceInterval(shop_id=shop, vehicle=row.id, dealer_id=rows.dealer, **told.model_dump())
        wanted.title = told.title.strip()
        intervals.set_interval(rows, row, wanted)
        record(session, person, rows.now_ms, action="interval.set", target=_target(row), after=told.title)


@router.delete(
    "/shops/{shop}/vehicles/{vehicle}/intervals",
    summary="Follow an interval no more",
    status_code=204,
    responses=NO_VEHICLE,
)
def end_interval(
    shop: ShopId,
    vehicle: VehicleId,
    person: Editor,
    services: AllServices,
    title: Annotated[str, Query(max_length=200, examples=["机油"])],
) -> None:
    """It stays in the file's record."""
    with services.database.writing_as(person.tenant) as session:
        rows, row = _own(services, session, person, shop, vehicle)
        intervals.end_interval(rows, row, title)
        record(session, person, rows.now_ms, action="interval.ended", target=_target(row), before=title)


@router.post(
    "/shops/{shop}/vehicles/{vehicle}/join",
    summary="Join another file of the same vehicle to this one, on record",
    responses=NO_VEHICLE | UNSOUND,
)
def join_files(shop: ShopId, vehicle: VehicleId, told: Other, person: Editor, services: AllServices) -> VehicleView:
    """Nothing of either is lost, and it can be taken back."""
    with services.database.writing_as(person.tenant) as session:
        rows, row = _own(services, session, person, shop, vehicle)
        kept = vehicles.join(rows, row, vehicles.own_vehicle(rows, told.other))
        record(session, person, rows.now_ms, action="vehicle.joined", target=_target(kept), after=told.other)
        return vehicle_views(session, person.tenant, [kept])[0]


@router.post(
    "/shops/{shop}/vehicles/{vehicle}/part",
    summary="Take the joining of a file back, on record",
    responses=NO_VEHICLE | UNSOUND,
)
def part_files(shop: ShopId, vehicle: VehicleId, person: Editor, services: AllServices) -> VehicleView:
    """`vehicle` is the file that was joined to another."""
    with services.database.writing_as(person.tenant) as session:
        rows = own_rows(session, person.tenant, shop, services.now_ms(), person)
        row = vehicles.own_vehicle(rows, vehicle)
        vehicles.part(rows, row)
        record(session, person, rows.now_ms, action="vehicle.parted", target=_target(row))
        return vehicle_views(session, person.tenant, [row])[0]


def _own(services: Services, session: Session, person: SignedIn, shop: str, vehicle: str) -> tuple[ShopRows, Vehicle]:
    rows = own_rows(session, person.tenant, shop, services.now_ms(), person)
    return rows, vehicles.standing_for(rows, vehicles.own_vehicle(rows, vehicle))


def _target(row: Vehicle) -> str:
    return f"vehicle {row.id} of {row.shop_id}"


def _said(told: VehicleFacts) -> str:
    return "; ".join(f"{name} {value}" for name, value in told.values().items())
