"""One file per vehicle (一车一档): everything that was ever used on it, and what falls due next. Reads only.

The vehicle, its readings, jobs and changes belong to the shop. What was used is shown to each dealer as far as it was
that dealer's; prices only to whoever may see them.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Sequence

from sqlmodel import Session, col

from cloud.catalogue.vehicle_of_vin import vehicle_of_vin
from cloud.shop_plan import ShopPlan, plan_of
from cloud.tables import Job, Shop, Vehicle, VehicleChange, VehicleReading
from cloud.tenancy import TenantId, tenant_rows
from cloud.work import vehicles
from cloud.work.claim_views import claims_of_jobs
from cloud.work.claims import claimable_of
from cloud.work.consumed import Consumed, lines_of_jobs
from cloud.work.due import Reading, km_a_day, sound
from cloud.work.intervals import due_views, km_at
from cloud.work.jobs import job_views
from cloud.work.line_prices import line_prices
from cloud.work.money import amount_text, rate_text
from cloud.work.plates import is_whole_vin
from cloud.work.prices import Price
from cloud.work.shop_rows import ShopRows, own_rows
from cloud.work.shop_time import clock_of, day_of
from cloud.work.sources import source_name
from cloud.work.views import ChangeView, PartSum, ReadingView, UseView, VehicleFile, VehicleView

USES_MAX = 5_000
ALIKE_MAX = 10


def vehicle_file(
    session: Session, tenant: TenantId, shop: str, vehicle: str, now_ms: int, *, with_prices: bool
) -> VehicleFile:
    """The file of a vehicle, or of the one it was joined to (`NotFoundError`)."""
    rows = own_rows(session, tenant, shop, now_ms)
    plan = plan_of(session, tenant, shop)
    row = vehicles.standing_for(rows, vehicles.own_vehicle(rows, vehicle))
    ids = vehicles.joined_ids(rows, row)
    jobs = session.exec(rows.of(Job).where(col(Job.vehicle).in_(ids)).order_by(col(Job.opened_ms).desc())).all()
    readings = _readings(rows, ids)
    uses = _uses(rows, tenant, plan, jobs, readings, with_prices=with_prices)
    names = [job.id for job in jobs]
    known = sound(readings)[-1:]
    newest = {"km": known[0].km, "km_ms": known[0].at_ms} if known else {}
    shown = vehicle_views(session, tenant, [row])[0].model_copy(update=newest)
    return VehicleFile(
        vehicle=_with_vin(session, tenant, shown, now_ms),
        joined=vehicle_views(session, tenant, _by_ids(rows, ids[1:])),
        alike=vehicle_views(session, tenant, _alike(rows, row, ids)),
        km_a_day=km_a_day(readings),
        readings=_reading_views(rows, plan, ids, readings),
        due=due_views(rows, plan, ids, readings, uses),
        uses=uses,
        sums=_sums(uses),
        jobs=job_views(session, tenant, plan, rows, list(jobs)),
        claims=claims_of_jobs(rows, tenant, plan, names, with_prices=with_prices),
        changes=_changes(rows, plan, ids),
    )


def vehicle_views(session: Session, tenant: TenantId, found: Sequence[Vehicle]) -> list[VehicleView]:
    """Vehicles with the newest reading of each."""
    named = session.execute(tenant_rows(tenant, Shop).with_only_columns(col(Shop.id), col(Shop.name)))
    shops: dict[str, str] = {shop: name for shop, name in named}  # noqa: C416 -- rows are no pairs to a type checker
    newest = _newest(session, tenant, found)
    return [
        VehicleView(
            **row.model_dump(
                include={"id", "plate", "vin", "make", "model", "engine", "year", "owner", "note", "made_ms"}
            ),
            changed_ms=row.changed_ms,
            shop=row.shop_id,
            shop_name=shops.get(row.shop_id, row.shop_id),
            km=newest[row.shop_id, row.id].km if (row.shop_id, row.id) in newest else None,
            km_ms=newest[row.shop_id, row.id].at_ms if (row.shop_id, row.id) in newest else 0,
            cursor=vehicles.cursor_of(row),
        )
        for row in found
    ]


def _with_vin(session: Session, tenant: TenantId, vehicle: VehicleView, now_ms: int) -> VehicleView:
    """What nobody told, from the VIN; it is never kept, so that a better table says better tomorrow."""
    missing = [name for name in ("make", "model", "engine", "year") if not getattr(vehicle, name)]
    if not missing or not is_whole_vin(vehicle.vin):
        return vehicle
    told = vehicle_of_vin(session, tenant, vehicle.vin, int(day_of(now_ms, "UTC")[:4])).vehicle
    known = {name: found.value for name in missing if (found := getattr(told, name)) and found.sure != "guess"}
    values = {name: int(value) if name == "year" else value for name, value in known.items()}
    return vehicle.model_copy(update=values | {"from_vin": sorted(values)})


def _newest(session: Session, tenant: TenantId, found: Sequence[Vehicle]) -> dict[tuple[str, str], VehicleReading]:
    ids = sorted({row.id for row in found})
    if not ids:
        return {}
    rows = tenant_rows(tenant, VehicleReading).where(col(VehicleReading.vehicle).in_(ids))
    return {(row.shop_id, row.vehicle): row for row in session.exec(rows.order_by(col(VehicleReading.at_ms)))}


def _by_ids(rows: ShopRows, ids: Sequence[str]) -> list[Vehicle]:
    return list(rows.session.exec(rows.of(Vehicle).where(col(Vehicle.id).in_(ids))).all()) if ids else []


def _alike(rows: ShopRows, row: Vehicle, ids: Sequence[str]) -> list[Vehicle]:
    """Other files that once bore this plate, or whose VIN ends as this one's does, and that say no other VIN."""
    bore = rows.of(VehicleChange).where(
        col(VehicleChange.plain_before) == row.plain_plate, col(VehicleChange.plain_before) != ""
    )
    names = set(rows.session.execute(bore.with_only_columns(col(VehicleChange.vehicle))).scalars())
    wanted = rows.of(Vehicle).where(col(Vehicle.merged_into) == "", ~col(Vehicle.id).in_(ids))
    found = list(rows.session.exec(wanted.where(col(Vehicle.id).in_(sorted(names)))).all()) if names else []
    if len(row.vin) >= 6:
        found += rows.session.exec(wanted.where(col(Vehicle.vin).endswith(row.vin[-6:], autoescape=True))).all()
    unlike = [other for other in found if not (row.vin and other.vin and len(row.vin) == len(other.vin) == 17)]
    return list({other.id: other for other in unlike}.values())[:ALIKE_MAX]


def _readings(rows: ShopRows, ids: Sequence[str]) -> list[Reading]:
    wanted = rows.of(VehicleReading).where(col(VehicleReading.vehicle).in_(ids)).order_by(col(VehicleReading.at_ms))
    return [Reading(row.at_ms, row.km) for row in rows.session.exec(wanted)]


def _reading_views(
    rows: ShopRows, plan: ShopPlan, ids: Sequence[str], readings: Sequence[Reading]
) -> list[ReadingView]:
    in_row = set(sound(readings))
    wanted = rows.of(VehicleReading).where(col(VehicleReading.vehicle).in_(ids))
    return [
        ReadingView(
            at_ms=row.at_ms,
            km=row.km,
            told_by=source_name(row.told_by, plan),
            falls=Reading(row.at_ms, row.km) not in in_row,
        )
        for row in rows.session.exec(wanted.order_by(col(VehicleReading.at_ms).desc()))
    ]


def _uses(
    rows: ShopRows,
    tenant: TenantId,
    plan: ShopPlan,
    jobs: Sequence[Job],
    readings: Sequence[Reading],
    *,
    with_prices: bool,
) -> list[UseView]:
    """Every line of the ledger on the vehicle's jobs, newest first."""
    titles = {job.id: job.title for job in jobs}
    lines = lines_of_jobs(rows.session, tenant, rows.shop, titles)[-USES_MAX:]
    prices = line_prices(rows.session, tenant, rows.shop, rows.time_zone, lines) if with_prices else {}
    left = claimable_of(rows, tenant, lines, "return") if lines else {}
    row = sound(readings)
    return [
        _use(
            plan, line, titles[line.job], km=km_at(row, line.origin_ms), price=prices.get(line.ref), left=left[line.ref]
        )
        for line in reversed(lines)
    ]


def _use(plan: ShopPlan, line: Consumed, title: str, *, km: int | None, price: Price | None, left: int) -> UseView:
    return UseView(
        at_ms=line.origin_ms if line.cause == "charge" else line.occurred_ms,
        job=line.job,
        job_title=title,
        part=plan.part_name(line.part),
        quantity=line.quantity,
        cause=line.cause,
        person_name=plan.person_name(line.person) if line.person else "",
        km=km,
        price_minor=price.price_minor if price else None,
        currency=price.currency if price else "",
        tax_ppm=price.tax_ppm if price else 0,
        net_minor=price.price_minor * line.quantity if price else None,
        movement=line.movement,
        line=line.line,
        corrects=line.corrects,
        claimable=max(0, left),
    )


def _sums(uses: Sequence[UseView]) -> list[PartSum]:
    """By part, what was used last first; what came back stays in sight."""
    by_part: dict[str, list[UseView]] = defaultdict(list)
    for use in uses:
        by_part[use.part.number].append(use)
    sums = [
        PartSum(
            part=found[0].part,
            used=sum(use.quantity for use in found if use.quantity > 0),
            back=sum(use.quantity for use in found if use.quantity < 0),
            left=sum(use.quantity for use in found),
            last_ms=max(use.at_ms for use in found),
        )
        for found in by_part.values()
    ]
    return sorted(sums, key=lambda total: (-total.last_ms, total.part.number))


def _changes(rows: ShopRows, plan: ShopPlan, ids: Sequence[str]) -> list[ChangeView]:
    wanted = rows.of(VehicleChange).where(col(VehicleChange.vehicle).in_(ids))
    newest = wanted.order_by(col(VehicleChange.at_ms).desc(), col(VehicleChange.number).desc())
    return [
        ChangeView(
            at_ms=row.at_ms, field=row.field, before=row.before, after=row.after, told_by=source_name(row.told_by, plan)
        )
        for row in rows.session.exec(newest)
    ]


# ---- as a file ----

CSV_COLUMNS = (
    "date", "job", "job_title", "part", "name_zh", "name_en", "quantity", "unit", "cause", "mechanic", "km",
    "price_net", "net", "currency", "tax_rate", "movement", "corrects",
)  # fmt: skip


def csv_of(file: VehicleFile, zone: str) -> str:
    """What was used on the vehicle, oldest first, with a heading of what the columns are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("plate", "vin", *CSV_COLUMNS))
    for use in reversed(file.uses):
        writer.writerow((safe_cell(file.vehicle.plate), safe_cell(file.vehicle.vin), *_csv_row(use, zone)))
    return out.getvalue()


def _csv_row(use: UseView, zone: str) -> tuple[object, ...]:
    priced = use.price_minor is not None
    return (
        clock_of(use.at_ms, zone),
        safe_cell(use.job),
        safe_cell(use.job_title),
        safe_cell(use.part.number),
        safe_cell(use.part.name_zh),
        safe_cell(use.part.name_en),
        use.quantity,
        use.part.unit,
        use.cause,
        safe_cell(use.person_name),
        "" if use.km is None else use.km,
        amount_text(use.price_minor, use.currency) if use.price_minor is not None else "",
        amount_text(use.net_minor, use.currency) if use.net_minor is not None else "",
        use.currency,
        rate_text(use.tax_ppm) if priced else "",
        safe_cell(use.movement),
        safe_cell(use.corrects),
    )


def safe_cell(value: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def file_name(file: VehicleFile, now_ms: int, zone: str) -> str:
    """What the file is called when it is saved; ASCII, as headers want it."""
    plain = "".join(sign for sign in file.vehicle.vin or file.vehicle.id if sign.isascii() and sign.isalnum())
    return f"vehicle-{plain}-{day_of(now_ms, zone)}.csv"
