"""A dealer's gateways: registered with a key that is shown once, given another, withdrawn.

A shop has one gateway: two would each keep a ledger of their own. A withdrawn one is refused from its next request on;
what it sent stays. Only the dealer whose cabinets they are may do so, not a guest with bins in them.
"""

import secrets
from collections.abc import Sequence

from pydantic import Field
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from cloud.audit import record
from cloud.devices.enrolling import revoke_all
from cloud.fleet import age_ms
from cloud.identity import SignedIn, key_digest
from cloud.people.rules import TakenError
from cloud.tables import Gateway, Shop
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import AgeMs, Count, View

KEY_MARK = "pbg_"
ROWS_MAX = 200


class GatewayView(View):
    """A shop's gateway; its key nobody can be shown again."""

    id: str = Field(examples=["gw-1"])
    shop: str = Field(examples=["shop-1"])
    shop_name: str = Field(examples=["老王汽修"])
    last_contact_age_ms: AgeMs
    backlog: Count = Field(description="items it has still to send, by its newest word")


class Gateways(View):
    """A page of gateways, by id."""

    gateways: list[GatewayView]
    cursor: str = Field(description="for the next page; empty: this was the last", examples=["gw-1"])


class GatewayKey(View):
    """A gateway's key, shown this once: it goes into `gateway.toml`."""

    gateway: str = Field(examples=["gw-5f0c21d9"])
    shop: str = Field(examples=["shop-1"])
    key: str = Field(examples=["pbg_8Kq…"])


def gateways(session: Session, tenant: TenantId, now_ms: int, *, cursor: str = "", limit: int = 50) -> Gateways:
    """The dealer's gateways (`NotFoundError` for a foreign cursor)."""
    rows = _own(tenant)
    if cursor:
        if session.exec(rows.where(col(Gateway.id) == cursor)).one_or_none() is None:
            raise NotFoundError(f"expected a cursor of this list, found {cursor!r}")
        rows = rows.where(col(Gateway.id) > cursor)
    found = session.exec(rows.order_by(col(Gateway.id)).limit(limit + 1)).all()
    shown = found[:limit]
    return Gateways(gateways=_views(session, tenant, shown, now_ms), cursor=shown[-1].id if len(found) > limit else "")


def all_gateways(session: Session, tenant: TenantId, now_ms: int) -> list[GatewayView]:
    """Every gateway of the dealer: one a shop."""
    return _views(session, tenant, session.exec(_own(tenant)).all(), now_ms)


def _views(session: Session, tenant: TenantId, rows: Sequence[Gateway], now_ms: int) -> list[GatewayView]:
    names = {row.id: row.name for row in session.exec(tenant_rows(tenant, Shop))}
    return [
        GatewayView(
            id=row.id,
            shop=row.shop_id,
            shop_name=names.get(row.shop_id, row.shop_id),
            last_contact_age_ms=age_ms(now_ms, row.last_contact_ms),
            backlog=row.outbox_backlog,
        )
        for row in rows
    ]


def _own(tenant: TenantId) -> SelectOfScalar[Gateway]:
    return tenant_rows(tenant, Gateway).where(col(Gateway.dealer_id) == tenant.dealer, col(Gateway.withdrawn_ms) == 0)


def register(session: Session, person: SignedIn, shop: str, now_ms: int) -> GatewayKey:
    """Give a shop its gateway (`NotFoundError`, `TakenError` when it has one)."""
    own_host_shop(session, person.tenant, shop)
    if session.exec(_own(person.tenant).where(col(Gateway.shop_id) == shop)).first() is not None:
        raise TakenError(f"expected a shop without a gateway, found {shop!r} with one: replace its key, or withdraw it")
    made = GatewayKey(gateway=f"gw-{secrets.token_hex(4)}", shop=shop, key=_new_key())
    row = Gateway(id=made.gateway, dealer_id=person.tenant.dealer, shop_id=shop, key_sha256=key_digest(made.key))
    session.add(row)
    session.flush()
    record(session, person, now_ms, action="gateway.registered", target=f"gateway {made.gateway}", after=shop)
    return made


def replace_key(session: Session, person: SignedIn, gateway: str, now_ms: int) -> GatewayKey:
    """Another key; the one before is refused from the next request on (`NotFoundError`)."""
    row = _own_gateway(session, person.tenant, gateway)
    key = _new_key()
    row.key_sha256 = key_digest(key)
    record(session, person, now_ms, action="gateway.key_replaced", target=f"gateway {gateway}")
    return GatewayKey(gateway=row.id, shop=row.shop_id, key=key)


def withdraw(session: Session, person: SignedIn, gateway: str, now_ms: int) -> None:
    """Hear a gateway no more (`NotFoundError`)."""
    row = _own_gateway(session, person.tenant, gateway)
    row.withdrawn_ms = now_ms
    revoke_all(session, gateway, now_ms, "the gateway was withdrawn")
    record(session, person, now_ms, action="gateway.withdrawn", target=f"gateway {gateway}", before=row.shop_id)


def _new_key() -> str:
    return KEY_MARK + secrets.token_urlsafe(32)


def own_host_shop(session: Session, tenant: TenantId, shop: str) -> Shop:
    """The tenant's own shop, not one where it is a guest (`NotFoundError`)."""
    rows = tenant_rows(tenant, Shop).where(col(Shop.id) == shop, col(Shop.dealer_id) == tenant.dealer)
    row = session.exec(rows.with_for_update(of=Shop)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a shop of yours, found {shop!r}")
    return row


def _own_gateway(session: Session, tenant: TenantId, gateway: str) -> Gateway:
    row = session.exec(_own(tenant).where(col(Gateway.id) == gateway).with_for_update(of=Gateway)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a gateway of yours, found {gateway!r}")
    return row
