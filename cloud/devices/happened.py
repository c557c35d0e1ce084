"""What happened to devices, and what was tried in their name: one line each, never changed; admins read them."""

from pydantic import Field
from sqlmodel import Session, col

from cloud.tables import DeviceEvent
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import TimeMs, View

TEXT_MAX = 400


class DeviceLine(View):
    """One thing that happened."""

    at_ms: TimeMs
    what: str = Field(examples=["enrolled"])
    shop: str = Field(examples=["shop-1"])
    target: str = Field(examples=["gateway gw-1"])
    address: str = Field(description="from where; empty: not over the network", examples=["203.0.113.7"])
    detail: str


class DeviceLines(View):
    """A page of what happened, newest first."""

    lines: list[DeviceLine]
    cursor: str = Field(description="for the next page; empty: this was the last", examples=["42"])


def note(
    session: Session,
    now_ms: int,
    what: str,
    *,
    dealer: str | None,
    shop: str = "",
    target: str = "",
    address: str = "",
    detail: str = "",
) -> None:
    """Say in the open transaction what happened. Never hand in a key or a code's secret."""
    session.add(
        DeviceEvent(
            dealer_id=dealer,
            shop_id=shop,
            at_ms=now_ms,
            what=what,
            target=_kept(target),
            address=_kept(address),
            detail=_kept(detail),
        )
    )


def _kept(text: str) -> str:
    return text.replace("\0", "")[:TEXT_MAX]


def lines(session: Session, tenant: TenantId, *, shop: str = "", cursor: str = "", limit: int = 50) -> DeviceLines:
    """The dealer's lines, newest first (`NotFoundError` for a foreign cursor)."""
    rows = tenant_rows(tenant, DeviceEvent)
    if shop:
        rows = rows.where(col(DeviceEvent.shop_id) == shop)
    if cursor:
        number = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 19 else -1
        if session.exec(rows.where(col(DeviceEvent.id) == number)).one_or_none() is None:
            raise NotFoundError(f"expected a cursor of this list, found {cursor!r}")
        rows = rows.where(col(DeviceEvent.id) < number)
    found = session.exec(rows.order_by(col(DeviceEvent.id).desc()).limit(limit + 1)).all()
    shown = found[:limit]
    return DeviceLines(
        lines=[
            DeviceLine(
                at_ms=row.at_ms,
                what=row.what,
                shop=row.shop_id,
                target=row.target,
                address=row.address,
                detail=row.detail,
            )
            for row in shown
        ],
        cursor=str(shown[-1].id) if len(found) > limit else "",
    )
