"""Vehicles of a shop: found by VIN or plate however they were typed, made when nobody knows them, changed on record.

A vehicle belongs to the shop, and every dealer that serves it sees it. A VIN decides before a plate: plates are sold
on. Nothing of a file is ever lost: each change is a row of `vehicle_change`, and two files of one vehicle are joined by
pointing one at the other, which can be taken back.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from cloud.catalogue.vin import plain_vin
from cloud.people.rules import RefusedError
from cloud.tables import Vehicle, VehicleChange, VehicleReading
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.work.plates import shown_plate
from cloud.work.shop_rows import ShopRows
from edge_gateway.part_words import plain_plate

KM_MAX = 10_000_000
TEXT_CHARACTERS_MAX = 200
NOTE_CHARACTERS_MAX = 2000
_ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is read as another
FIELDS = ("plate", "vin", "make", "model", "engine", "year", "owner", "note")
Values = Mapping[str, str | int]


class VehicleError(RefusedError):
    """A change of a vehicle cannot be made; the text says what was expected and what was found."""


def new_id(prefix: str, length: int = 10) -> str:
    """A random id that people can read out."""
    return prefix + "".join(secrets.choice(_ID_LETTERS) for _ in range(length))


def own_vehicle(rows: ShopRows, vehicle: str) -> Vehicle:
    """A vehicle of the shop (`NotFoundError`)."""
    row = rows.named(Vehicle, vehicle)
    if row is None:
        raise NotFoundError(f"expected a vehicle of yours, found {vehicle!r}")
    return row


def standing_for(rows: ShopRows, row: Vehicle) -> Vehicle:
    """The file that a file was joined to, or itself."""
    seen = {row.id}
    while row.merged_into and row.merged_into not in seen:
        seen.add(row.merged_into)
        following = rows.named(Vehicle, row.merged_into)
        if following is None:
            break
        row = following
    return row


def joined_ids(rows: ShopRows, row: Vehicle) -> list[str]:
    """The ids of a vehicle's file and of every file joined to it."""
    found, waiting = [row.id], [row.id]
    while waiting:
        joined = rows.of(Vehicle).where(col(Vehicle.merged_into).in_(waiting))
        waiting = [other.id for other in rows.session.exec(joined) if other.id not in found]
        found += waiting
    return found


def find_or_make(rows: ShopRows, plate: str, vin: str) -> Vehicle | None:
    """The vehicle of a plate or a VIN, its file made or completed; None when neither was told (`VehicleError`)."""
    plate, vin = shown_plate(plate), plain_vin(vin)
    bears_plate = bool(plain_plate(plate))
    if not bears_plate and not vin:
        return None
    rows.lock()  # two who tell of one vehicle at once begin one file
    by_vin = _by_vin(rows, vin) if vin else None
    by_plate = _by_plate(rows, plain_plate(plate)) if bears_plate else None
    if by_vin is not None:
        return change(rows, by_vin, {"plate": plate} if bears_plate else {})
    if by_plate is not None and (not vin or not by_plate.vin):
        return change(rows, by_plate, {"vin": vin} if vin else {})
    return make(rows, {"plate": plate if bears_plate else "", "vin": vin})


def make(rows: ShopRows, values: Values) -> Vehicle:
    """A new file. A plate that another vehicle bore moves to it, on record (`VehicleError`)."""
    rows.check_serves()
    _check(values)
    row = Vehicle(
        shop_id=rows.shop, id=new_id("v-"), dealer_id=rows.dealer, made_ms=rows.now_ms, changed_ms=rows.now_ms
    )
    rows.session.add(row)
    rows.session.flush()
    return change(rows, row, {name: value for name, value in values.items() if value})


def change(rows: ShopRows, row: Vehicle, values: Values) -> Vehicle:
    """Change what a file says, each change on record (`VehicleError`)."""
    _check(values)
    values = _as_kept(values)
    if values.get("vin"):
        _refuse_known_vin(rows, row, str(values["vin"]))
    if values.get("plate"):
        _free_plate(rows, row, plain_plate(str(values["plate"])))
    for name, value in values.items():
        before = getattr(row, name)
        if _differs(name, before, value):
            record(rows, row.id, name, str(before or ""), str(value or ""))
            setattr(row, name, value)
            row.changed_ms = rows.now_ms
    row.plain_plate = plain_plate(row.plate)
    rows.session.flush()
    return row


def _as_kept(values: Values) -> Values:
    kept = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    if "vin" in kept:
        kept["vin"] = plain_vin(str(kept["vin"]))
    if "plate" in kept:
        kept["plate"] = shown_plate(str(kept["plate"]))
    return kept


def _differs(name: str, old: object, new: object) -> bool:
    return plain_plate(str(old)) != plain_plate(str(new)) if name == "plate" else old != new


def record(rows: ShopRows, vehicle: str, name: str, before: str, after: str) -> None:
    """Write one change into a vehicle's record."""
    numbers = rows.of(VehicleChange).where(col(VehicleChange.vehicle) == vehicle)
    last = rows.session.execute(numbers.with_only_columns(func.max(VehicleChange.number))).scalar()
    rows.session.add(
        VehicleChange(
            shop_id=rows.shop,
            vehicle=vehicle,
            number=(last or 0) + 1,
            dealer_id=rows.dealer,
            at_ms=rows.now_ms,
            field=name,
            before=before,
            after=after,
            plain_before=plain_plate(before) if name == "plate" else "",
            told_by=rows.source,
        )
    )
    rows.session.flush()


def _free_plate(rows: ShopRows, row: Vehicle, plain: str) -> None:
    """A plate is on one vehicle: whoever bore it before bears it no more, and the file says so."""
    other = _by_plate(rows, plain) if plain else None
    if other is not None and other.id != row.id:
        record(rows, other.id, "plate", other.plate, "")
        other.plate, other.plain_plate, other.changed_ms = "", "", rows.now_ms
        rows.session.flush()


def _refuse_known_vin(rows: ShopRows, row: Vehicle, vin: str) -> None:
    other = _by_vin(rows, vin)
    if other is not None and other.id != row.id:
        raise VehicleError(
            f"expected a VIN that no other vehicle of the shop has, found {vin} with {other.plate or other.id}: "
            "join the two files instead"
        )


def _check(values: Values) -> None:
    for name, value in values.items():
        if name not in FIELDS:
            raise VehicleError(f"expected one of {', '.join(FIELDS)}, found {name!r}")
        if isinstance(value, int):
            if value and not 1900 <= value <= 2100:
                raise VehicleError(f"expected a year from 1900 to 2100, found {value}")
            continue
        most = NOTE_CHARACTERS_MAX if name == "note" else TEXT_CHARACTERS_MAX
        if len(value) > most or "\0" in value:
            raise VehicleError(f"expected at most {most} characters in {name} and no NUL, found {value[:60]!r}")


def _by_vin(rows: ShopRows, vin: str) -> Vehicle | None:
    return _standing(rows, rows.of(Vehicle).where(col(Vehicle.vin) == vin))


def _by_plate(rows: ShopRows, plain: str) -> Vehicle | None:
    return _standing(rows, rows.of(Vehicle).where(col(Vehicle.plain_plate) == plain))


def _standing(rows: ShopRows, wanted: SelectOfScalar[Vehicle]) -> Vehicle | None:
    found = rows.session.exec(wanted.order_by(col(Vehicle.made_ms), col(Vehicle.id))).all()
    standing = [row for row in found if not row.merged_into]
    if standing or not found:
        return standing[0] if standing else None
    return standing_for(rows, found[0])


# ---- odometer ----


def read_odometer(rows: ShopRows, vehicle: str, km: int, at_ms: int) -> None:
    """Keep what an odometer showed; a second reading of the same moment is the same one (`VehicleError`)."""
    if not 0 <= km <= KM_MAX:
        raise VehicleError(f"expected 0 to {KM_MAX} km, found {km}")
    known = rows.of(VehicleReading).where(col(VehicleReading.vehicle) == vehicle, col(VehicleReading.at_ms) == at_ms)
    if rows.session.exec(known).one_or_none() is None:
        rows.session.add(
            VehicleReading(
                shop_id=rows.shop, vehicle=vehicle, at_ms=at_ms, dealer_id=rows.dealer, km=km, told_by=rows.source
            )
        )
        rows.session.flush()


# ---- two files of one vehicle ----


def join(rows: ShopRows, kept: Vehicle, other: Vehicle) -> Vehicle:
    """Make `other` a part of `kept`'s file, on record; what `kept` does not say it takes over (`VehicleError`)."""
    kept, other = standing_for(rows, kept), standing_for(rows, other)
    if kept.id == other.id:
        raise VehicleError("expected two files to join, found one")
    if kept.vin and other.vin and kept.vin != other.vin:
        raise VehicleError(f"expected two files of one vehicle, found two VINs: {kept.vin} and {other.vin}")
    missing = {name: getattr(other, name) for name in FIELDS if getattr(other, name) and not getattr(kept, name)}
    old_plate, other.plain_plate = other.plate, ""
    other.merged_into, other.changed_ms = kept.id, rows.now_ms
    rows.session.flush()
    record(rows, kept.id, "joined", "", other.id)
    record(rows, other.id, "joined", kept.id, "")
    change(rows, kept, missing)
    if old_plate and plain_plate(old_plate) != kept.plain_plate:
        record(rows, kept.id, "plate", old_plate, kept.plate)  # so that the other plate leads here, too
    return kept


def part(rows: ShopRows, other: Vehicle) -> None:
    """Take a joining back, on record. What the kept file took over stays there (`VehicleError`)."""
    if not other.merged_into:
        raise VehicleError("expected a file that was joined to another, found one by itself")
    record(rows, other.merged_into, "parted", other.id, "")
    record(rows, other.id, "parted", other.merged_into, "")
    other.merged_into, other.changed_ms = "", rows.now_ms
    if _by_plate(rows, plain_plate(other.plate)) is None:
        other.plain_plate = plain_plate(other.plate)
    rows.session.flush()


# ---- finding ----


def search(
    session: Session, tenant: TenantId, asked: str, *, shop: str = "", after: str = "", limit: int = 50
) -> list[Vehicle]:
    """Vehicles whose plate (now or before), VIN or owner holds what was asked, the last changed first."""
    wanted = tenant_rows(tenant, Vehicle).where(col(Vehicle.merged_into) == "")
    if shop:
        wanted = wanted.where(col(Vehicle.shop_id) == shop)
    if asked.strip():
        wanted = wanted.where(_matches(tenant, asked.strip()))
    if after:
        wanted = wanted.where(_behind(*_cursor(after)))
    newest = wanted.order_by(col(Vehicle.changed_ms).desc(), col(Vehicle.shop_id), col(Vehicle.id))
    return list(session.exec(newest.limit(limit)).all())


def _matches(tenant: TenantId, asked: str) -> ColumnElement[bool]:
    by_owner = col(Vehicle.owner).contains(asked, autoescape=True)
    plain = plain_plate(asked)
    if not plain:
        return by_owner
    bore_before = (
        tenant_rows(tenant, VehicleChange)
        .where(
            col(VehicleChange.shop_id) == col(Vehicle.shop_id),
            col(VehicleChange.vehicle) == col(Vehicle.id),
            col(VehicleChange.plain_before).contains(plain, autoescape=True),
        )
        .correlate(Vehicle)
        .exists()
    )
    return or_(
        by_owner,
        col(Vehicle.plain_plate).contains(plain, autoescape=True),
        col(Vehicle.vin).contains(plain, autoescape=True),
        bore_before,
    )


def cursor_of(row: Vehicle) -> str:
    """Where a list goes on behind a vehicle."""
    return f"{row.changed_ms}.{row.shop_id}.{row.id}"


def _cursor(after: str) -> tuple[int, str, str]:
    number, _, rest = after.partition(".")
    shop, _, name = rest.rpartition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 17 and shop and name) or "\0" in after:
        raise VehicleError(f"expected the end of a page as after, found {after[:60]!r}")
    return int(number), shop, name


def _behind(changed_ms: int, shop: str, name: str) -> ColumnElement[bool]:
    same_time = col(Vehicle.changed_ms) == changed_ms
    return or_(
        col(Vehicle.changed_ms) < changed_ms,
        same_time & (col(Vehicle.shop_id) > shop),
        same_time & (col(Vehicle.shop_id) == shop) & (col(Vehicle.id) > name),
    )


def vehicles_named(rows: ShopRows, names: Iterable[str]) -> dict[str, Vehicle]:
    """Vehicles by id; for a file that was joined to another, that one."""
    wanted: Sequence[str] = sorted(set(names) - {""})
    found = rows.session.exec(rows.of(Vehicle).where(col(Vehicle.id).in_(wanted))).all() if wanted else []
    return {row.id: standing_for(rows, row) for row in found}
