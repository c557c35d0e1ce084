"""The certificates of a dealer's gateways and cabinets, and how one is revoked.

With a gateway's all that it has end, for a renewed one has two; it is refused from its next request on. A cabinet's is
revoked by its shop's gateway, which is told by the feed: within seconds while it has internet. The cloud keeps its own
word meanwhile, and gives it to the next gateway.
"""

from typing import Literal

from pydantic import Field
from sqlmodel import Session, col

from cloud import shop_feed
from cloud.audit import record
from cloud.devices.enrolling import revoke_all
from cloud.devices.happened import note
from cloud.identity import SignedIn
from cloud.people.rules import TakenError
from cloud.tables import CabinetCertificate, Gateway, GatewayCertificate
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import TimeMs, View
from edge_gateway.feed_format import RevokeCabinet, told

WHY_MAX = 120


class DeviceView(View):
    """A certificate of a device."""

    kind: Literal["gateway", "cabinet"]
    device: str = Field(examples=["cab-1"])
    shop: str = Field(examples=["shop-1"])
    serial: str = Field(examples=["4f0c21d95f0c21d94f0c21d95f0c21d9"])
    issued_ms: TimeMs
    not_after_ms: TimeMs
    revoked_ms: int = Field(description="0: it is in force", examples=[0])
    why: str


class Devices(View):
    """A page of certificates: gateways' first, then cabinets', each by serial."""

    devices: list[DeviceView]
    cursor: str = Field(description="for the next page; empty: this was the last", examples=[""])


def devices(session: Session, tenant: TenantId, *, shop: str = "", cursor: str = "", limit: int = 50) -> Devices:
    """The dealer's certificates (`NotFoundError` for a foreign cursor)."""
    kind, _, serial = cursor.partition(" ")
    if cursor and (kind not in {"gateway", "cabinet"} or not serial):
        raise NotFoundError(f"expected a cursor of this list, found {cursor!r}")
    found: list[DeviceView] = []
    if kind != "cabinet":
        found += _gateways(session, tenant, shop, serial if kind == "gateway" else "", limit + 1)
    if len(found) <= limit:
        behind = serial if kind == "cabinet" else ""
        found += _cabinets(session, tenant, shop, behind, limit + 1 - len(found))
    shown = found[:limit]
    onward = f"{shown[-1].kind} {shown[-1].serial}" if len(found) > limit else ""
    return Devices(devices=shown, cursor=onward)


def of_shops(session: Session, tenant: TenantId, shops: list[str]) -> list[DeviceView]:
    """Every certificate of some shops, for a page."""
    gateways = tenant_rows(tenant, GatewayCertificate).where(col(GatewayCertificate.shop_id).in_(shops))
    cabinets = tenant_rows(tenant, CabinetCertificate).where(col(CabinetCertificate.shop_id).in_(shops))
    of_gateways = col(GatewayCertificate.issued_ms), col(GatewayCertificate.serial)
    of_cabinets = col(CabinetCertificate.cabinet), col(CabinetCertificate.issued_ms), col(CabinetCertificate.serial)
    ours, theirs = session.exec(gateways.order_by(*of_gateways)), session.exec(cabinets.order_by(*of_cabinets))
    return [*map(_gateway, ours), *map(_cabinet, theirs)]


def _gateways(session: Session, tenant: TenantId, shop: str, behind: str, limit: int) -> list[DeviceView]:
    rows = tenant_rows(tenant, GatewayCertificate).where(col(GatewayCertificate.serial) > behind)
    if shop:
        rows = rows.where(col(GatewayCertificate.shop_id) == shop)
    return [_gateway(row) for row in session.exec(rows.order_by(col(GatewayCertificate.serial)).limit(limit))]


def _cabinets(session: Session, tenant: TenantId, shop: str, behind: str, limit: int) -> list[DeviceView]:
    rows = tenant_rows(tenant, CabinetCertificate).where(col(CabinetCertificate.serial) > behind)
    if shop:
        rows = rows.where(col(CabinetCertificate.shop_id) == shop)
    return [_cabinet(row) for row in session.exec(rows.order_by(col(CabinetCertificate.serial)).limit(limit))]


def _gateway(row: GatewayCertificate) -> DeviceView:
    return _view("gateway", row.gateway_id, row)


def _cabinet(row: CabinetCertificate) -> DeviceView:
    return _view("cabinet", row.cabinet, row)


def _view(kind: Literal["gateway", "cabinet"], device: str, row: GatewayCertificate | CabinetCertificate) -> DeviceView:
    return DeviceView(
        kind=kind,
        device=device,
        shop=row.shop_id,
        serial=row.serial,
        issued_ms=row.issued_ms,
        not_after_ms=row.not_after_ms,
        revoked_ms=row.revoked_ms,
        why=row.why,
    )


def revoke(session: Session, person: SignedIn, serial: str, why: str, now_ms: int) -> None:
    """End a gateway's certificates, or one of a cabinet (`NotFoundError`, `TakenError` when it is revoked already)."""
    why = why.strip()[:WHY_MAX]
    gateway = tenant_rows(person.tenant, GatewayCertificate).where(col(GatewayCertificate.serial) == serial)
    cabinet = tenant_rows(person.tenant, CabinetCertificate).where(col(CabinetCertificate.serial) == serial)
    row = session.exec(gateway).one_or_none() or session.exec(cabinet.with_for_update()).first()
    if isinstance(row, GatewayCertificate):  # no renewal goes on meanwhile
        session.get_one(Gateway, row.gateway_id, with_for_update=True)
        session.refresh(row)
    if row is None:
        raise NotFoundError(f"expected a certificate of a device of yours, found {serial!r}")
    if row.revoked_ms:
        raise TakenError(f"expected a certificate in force, found {serial}, revoked already")
    row.revoked_ms, row.why = now_ms, why
    name = row.gateway_id if isinstance(row, GatewayCertificate) else row.cabinet
    kind = "gateway" if isinstance(row, GatewayCertificate) else "cabinet"
    if isinstance(row, GatewayCertificate):
        revoke_all(session, row.gateway_id, now_ms, why)
    else:
        told_by = RevokeCabinet(row.cabinet, serial, by=person.name, note=why)
        shop_feed.tell(session, row.shop_id, *told(told_by), now_ms)
    target = f"{kind} {name}"
    record(
        session, person, now_ms, action="device.revoked", target=f"{target} of {row.shop_id}", before=serial, after=why
    )
    note(session, now_ms, "revoked", dealer=row.dealer_id, shop=row.shop_id, target=target, detail=why or person.name)
