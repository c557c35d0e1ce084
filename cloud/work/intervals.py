"""Intervals of a vehicle: what is done every so many kilometres or months, and when it was done last.

A part that was used on the vehicle and is the interval's part counts as done: on the day it was taken, at what the
odometer showed then. So nobody has to tell the file what the cabinet knows.
"""

from collections.abc import Sequence

from sqlmodel import col

from cloud.shop_plan import ShopPlan
from cloud.tables import ServiceInterval, Vehicle
from cloud.tenancy import NotFoundError
from cloud.work.due import Interval, Reading, next_due, sound
from cloud.work.shop_rows import ShopRows
from cloud.work.vehicles import KM_MAX, TEXT_CHARACTERS_MAX, VehicleError, record
from cloud.work.views import DueView, UseView

MONTHS_MAX = 240
NEAR_MS = 45 * 86_400_000  # a reading so long before or after a use still says about where the odometer was


def set_interval(rows: ShopRows, vehicle: Vehicle, wanted: ServiceInterval) -> ServiceInterval:
    """Keep an interval of a vehicle under its title, on record (`VehicleError`)."""
    _check(wanted)
    row = _known(rows, vehicle.id, wanted.title)
    before = _said(row) if row else ""
    if row is None:
        row = ServiceInterval(shop_id=rows.shop, vehicle=vehicle.id, title=wanted.title, dealer_id=rows.dealer)
        rows.session.add(row)
    for name in ("part", "every_km", "every_months", "last_km", "last_ms"):
        setattr(row, name, getattr(wanted, name))
    rows.session.flush()
    if before != _said(row):
        record(rows, vehicle.id, "interval", before, _said(row))
    return row


def end_interval(rows: ShopRows, vehicle: Vehicle, title: str) -> None:
    """Follow an interval no more, on record (`NotFoundError`)."""
    row = _known(rows, vehicle.id, title)
    if row is None:
        raise NotFoundError(f"expected an interval of this vehicle, found {title[:60]!r}")
    record(rows, vehicle.id, "interval", _said(row), "")
    rows.session.delete(row)
    rows.session.flush()


def _known(rows: ShopRows, vehicle: str, title: str) -> ServiceInterval | None:
    return rows.session.exec(
        rows.of(ServiceInterval).where(col(ServiceInterval.vehicle) == vehicle, col(ServiceInterval.title) == title)
    ).one_or_none()


def _said(row: ServiceInterval) -> str:
    every = "; ".join(
        text for number, text in ((row.every_km, f"{row.every_km} km"), (row.every_months, f"{row.every_months} m"))
        if number
    )  # fmt: skip
    return f"{row.title}: {every}"


def _check(wanted: ServiceInterval) -> None:
    if not 1 <= len(wanted.title.strip()) <= TEXT_CHARACTERS_MAX or "\0" in wanted.title + wanted.part:
        raise VehicleError(f"expected a title of 1 to {TEXT_CHARACTERS_MAX} characters, found {wanted.title[:60]!r}")
    if not (wanted.every_km or wanted.every_months):
        raise VehicleError("expected kilometres or months after which it falls due, found neither")
    if not (0 <= wanted.every_km <= KM_MAX and 0 <= wanted.last_km <= KM_MAX):
        raise VehicleError(f"expected 0 to {KM_MAX} km, found {wanted.every_km} and {wanted.last_km}")
    if not 0 <= wanted.every_months <= MONTHS_MAX:
        raise VehicleError(f"expected 0 to {MONTHS_MAX} months, found {wanted.every_months}")


def due_views(
    rows: ShopRows, plan: ShopPlan, vehicles: Sequence[str], readings: Sequence[Reading], uses: Sequence[UseView]
) -> list[DueView]:
    """What falls due on a vehicle, the first due first."""
    found = rows.session.exec(
        rows.of(ServiceInterval).where(col(ServiceInterval.vehicle).in_(vehicles)).order_by(col(ServiceInterval.title))
    )
    views = [_view(rows, plan, row, readings, uses) for row in found]
    return sorted(views, key=lambda view: (view.due_ms is None, view.due_ms or 0, view.title))


def _view(
    rows: ShopRows, plan: ShopPlan, row: ServiceInterval, readings: Sequence[Reading], uses: Sequence[UseView]
) -> DueView:
    last_km, last_ms = _last_done(row, readings, uses)
    due = next_due(Interval(row.every_km, row.every_months, last_km, last_ms), readings, rows.now_ms)
    return DueView(
        title=row.title,
        part=plan.part_name(row.part) if row.part else None,
        every_km=row.every_km,
        every_months=row.every_months,
        last_km=last_km,
        last_ms=last_ms,
        due_km=due.due_km,
        due_ms=due.due_ms,
        by=due.by,
        is_estimate=due.is_estimate,
        state=due.state,
        km_left=due.km_left,
    )


def _last_done(row: ServiceInterval, readings: Sequence[Reading], uses: Sequence[UseView]) -> tuple[int, int]:
    """When it was done last: as somebody said, or as the part was used since."""
    last_km, last_ms = row.last_km, row.last_ms
    for use in still_there(uses, row.part) if row.part else ():
        if use.at_ms > last_ms:
            last_ms, last_km = use.at_ms, km_at(sound(readings), use.at_ms) or 0
    return last_km, last_ms


def still_there(uses: Sequence[UseView], part: str) -> list[UseView]:
    """The uses of a part of which something stayed on the vehicle: what came back is taken from the latest."""
    of_part = [use for use in uses if use.part.number == part]
    back = -sum(use.quantity for use in of_part if use.quantity < 0)
    kept = []
    for use in sorted((use for use in of_part if use.quantity > 0), key=lambda use: use.at_ms, reverse=True):
        if back >= use.quantity:
            back -= use.quantity
        else:
            back = 0
            kept.append(use)
    return kept[::-1]


def km_at(row: Sequence[Reading], at_ms: int) -> int | None:
    """About what the odometer showed at a time: the nearest sound reading, none when all are far off."""
    nearest = min(row, key=lambda reading: abs(reading.at_ms - at_ms), default=None)
    return nearest.km if nearest is not None and abs(nearest.at_ms - at_ms) <= NEAR_MS else None
