"""Vehicles that are meant by a text: a VIN, the last 8 of one, a plate. Reads only."""

import re

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col

from cloud.catalogue.part_stock import shop_names
from cloud.catalogue.search_views import VehicleHit
from cloud.catalogue.vin import LENGTH, plain_vin
from cloud.tables import Vehicle
from cloud.tenancy import TenantId, tenant_rows
from edge_gateway.part_words import is_chinese_plate, plain_plate

VEHICLES_MAX = 10
TAIL = 8
_CODE = re.compile(r"[A-Z0-9]+")
_SERIAL_AT = LENGTH - TAIL + 1


def looks_like_vin(text: str) -> bool:
    """Whether a text is as long as a VIN and made of its characters, those mistaken for others too."""
    plain = plain_vin(text)
    return len(plain) == LENGTH and _CODE.fullmatch(plain) is not None and any(each.isdigit() for each in plain)


def looks_like_plate(text: str) -> bool:
    """Whether a text may be a plate of any country."""
    plain = plain_plate(text)
    short = 4 <= len(plain) <= 10 and plain.isalnum() and any(each.isdigit() for each in plain)
    return is_chinese_plate(plain) or short


def by_vin(session: Session, tenant: TenantId, vin: str) -> list[VehicleHit]:
    """Vehicles with this VIN."""
    return _vehicles(session, tenant, col(Vehicle.vin) == vin)


def by_plate_or_tail(session: Session, tenant: TenantId, text: str) -> list[VehicleHit]:
    """Vehicles with this plate, or whose VIN ends with these 8 characters."""
    conditions: list[ColumnElement[bool]] = []
    if looks_like_plate(text):
        conditions.append(col(Vehicle.plain_plate).in_(sorted(_plates(plain_plate(text)))))
    plain = plain_vin(text)
    if len(plain) == TAIL and _CODE.fullmatch(plain):
        conditions.append(func.substr(col(Vehicle.vin), _SERIAL_AT) == plain)
    return _vehicles(session, tenant, or_(*conditions)) if conditions else []


def _plates(plain: str) -> set[str]:
    """No Chinese plate has I or O behind its first two characters: 1 and 0 are meant."""
    meant = plain[:2] + plain[2:].replace("O", "0").replace("I", "1") if is_chinese_plate(plain) else plain
    return {plain, meant}


def _vehicles(session: Session, tenant: TenantId, condition: ColumnElement[bool]) -> list[VehicleHit]:
    rows = session.exec(
        tenant_rows(tenant, Vehicle)
        .where(condition, col(Vehicle.merged_into) == "")
        .order_by(col(Vehicle.changed_ms).desc(), col(Vehicle.id))
        .limit(VEHICLES_MAX)
    ).all()
    names = shop_names(session, tenant, {row.shop_id for row in rows})
    return [
        VehicleHit(
            shop=row.shop_id,
            shop_name=names.get(row.shop_id, row.shop_id),
            id=row.id,
            plate=row.plate,
            vin=row.vin,
            make=row.make,
            model=row.model,
            engine=row.engine,
            year=row.year,
        )
        for row in rows
    ]
