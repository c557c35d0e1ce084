"""Ways by which a dealer's alerts are told: e-mail addresses, and programs by signed webhook.

What a webhook is signed with is shown once, when it is made; in the database it is unreadable without the cloud's
`secret`. A way is told what begins after it was made. One to the e-mail of somebody who may see certain shops alone
is told of those alone, whatever it says.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import and_, case, func
from sqlmodel import Session, col

from cloud.audit import record
from cloud.catalogue.bot_hooks import Seal
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, checked_email
from cloud.replenishment.alerts.matters import Kind
from cloud.replenishment.alerts.quiet import DAY_MIN, NONE
from cloud.tables import Alert, AlertTold, AlertWay, Shop
from cloud.tenancy import NotFoundError, TenantId, owned, tenant_rows
from cloud.views import TimeMs, View

WAYS_MAX: Final = 50
ADDRESS_CHARACTERS_MAX: Final = 1000
PURPOSE: Final = "alert webhooks"
WayKind = Literal["mail", "webhook"]
_PLAIN = re.compile(r"[\x21-\x7e]+")
ShopName = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Minute = Annotated[int | None, Field(ge=0, lt=DAY_MIN, description="of the shop's day; null: no quiet hours")]


class WhatToTell(BaseModel):
    """Which alerts are told, when, and in which language."""

    model_config = ConfigDict(extra="forbid")

    kinds: list[Kind] = Field(default=[], max_length=5, description="empty: every kind", examples=[["runs_out"]])
    shops: list[ShopName] = Field(default=[], max_length=200, description="empty: every shop", examples=[["shop-1"]])
    quiet_from_min: Minute = Field(default=None, examples=[1200])
    quiet_to_min: Minute = Field(default=None, examples=[450])
    language: Literal["zh", "en"] = "zh"


class NewWay(WhatToTell):
    """A way to make."""

    kind: WayKind = Field(examples=["webhook"])
    address: str = Field(
        min_length=1,
        max_length=ADDRESS_CHARACTERS_MAX,
        description="an e-mail address, or where to POST to",
        examples=["https://erp.dealer.example/partsbay"],
    )


class WayView(View):
    """A way alerts are told."""

    id: str = Field(examples=["w-4kq2m7xw3pbd8s6h"])
    kind: WayKind
    address: str = Field(examples=["https://erp.dealer.example/partsbay"])
    kinds: list[Kind]
    shops: list[str]
    quiet_from_min: int | None
    quiet_to_min: int | None
    language: Literal["zh", "en"]
    made_ms: TimeMs
    told: int = Field(ge=0, description="alerts that were told by it", examples=[12])
    last_told_ms: int | None = Field(description="null: nothing yet")
    waiting: int = Field(ge=0, description="alerts that wait for the end of quiet hours or for another attempt")
    given_up: int = Field(ge=0, description="alerts it could not be told for a day", examples=[0])
    error: str = Field(description="why the last attempt failed of what was not told yet", examples=[""])


class WayMade(WayView):
    """A new way; a webhook's secret is shown here alone."""

    secret: str = Field(description='"": a mail has none', examples=["shown once"])


def make(session: Session, person: SignedIn, wanted: NewWay, seal: Seal, now_ms: int, *, mails: bool) -> WayMade:
    """A new way (`RefusedError`, `NotFoundError`). `mails`: whether this cloud has a server for mails."""
    tenant = person.tenant
    _check(session, tenant, wanted)
    standing = tenant_rows(tenant, AlertWay).where(col(AlertWay.ended_ms) == 0)
    if len(session.exec(standing).all()) >= WAYS_MAX:
        raise RefusedError(f"expected at most {WAYS_MAX} ways, found as many: withdraw one first")
    secret = "" if wanted.kind == "mail" else secrets.token_urlsafe(32)
    row = AlertWay(
        id=f"w-{secrets.token_hex(10)}",
        dealer_id=tenant.dealer,
        kind=wanted.kind,
        address=_address(wanted, mails=mails),
        sealed=seal.closed({"secret": secret}) if secret else b"",
        made_by=person.name,
        made_ms=now_ms,
    )
    _set(row, wanted)
    session.add(row)
    record(session, person, now_ms, action="alert_way.made", target=_target(row), after=_said(row))
    session.flush()
    return WayMade(**_view(row, {}).model_dump(), secret=secret)


def change(session: Session, person: SignedIn, way: str, wanted: WhatToTell, now_ms: int) -> WayView:
    """Another choice of alerts, quiet hours or language (`RefusedError`, `NotFoundError`)."""
    _check(session, person.tenant, wanted)
    row = _own(session, person.tenant, way)
    before = _said(row)
    _set(row, wanted)
    record(session, person, now_ms, action="alert_way.changed", target=_target(row), before=before, after=_said(row))
    session.flush()
    return _view(row, _tellings(session, person.tenant).get(row.id, {}))


def withdraw(session: Session, person: SignedIn, way: str, now_ms: int) -> None:
    """Tell nothing more by it (`NotFoundError`)."""
    row = _own(session, person.tenant, way)
    row.ended_ms, row.sealed = now_ms, b""
    record(session, person, now_ms, action="alert_way.withdrawn", target=_target(row), before=_said(row))


def ways(session: Session, tenant: TenantId) -> list[WayView]:
    """The ways that stand, the newest first, and how well they are told."""
    rows = tenant_rows(tenant, AlertWay).where(col(AlertWay.ended_ms) == 0)
    told = _tellings(session, tenant)
    found = session.exec(rows.order_by(col(AlertWay.made_ms).desc(), col(AlertWay.id)))
    return [_view(row, told.get(row.id, {})) for row in found]


def own_way(session: Session, tenant: TenantId, way: str) -> AlertWay:
    """A way of the tenant's that stands (`NotFoundError`)."""
    return _own(session, tenant, way)


def _own(session: Session, tenant: TenantId, way: str) -> AlertWay:
    rows = tenant_rows(tenant, AlertWay).where(col(AlertWay.id) == way, col(AlertWay.ended_ms) == 0)
    row = session.exec(rows).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a way of yours, found {way!r}")
    return row


def _check(session: Session, tenant: TenantId, wanted: WhatToTell) -> None:
    hours = wanted.quiet_from_min, wanted.quiet_to_min
    if (hours[0] is None) != (hours[1] is None) or (hours[0] is not None and hours[0] == hours[1]):
        raise RefusedError("expected quiet hours from one minute of the day to another, or none")
    own = tenant_rows(tenant, Shop).where(col(Shop.id).in_(wanted.shops)).with_only_columns(col(Shop.id))
    unknown = sorted(set(wanted.shops) - set(session.execute(own).scalars()))
    if unknown:
        raise NotFoundError(f"expected shops of yours, found {unknown[0]!r}")


def _address(wanted: NewWay, *, mails: bool) -> str:
    if wanted.kind == "mail":
        if not mails:
            raise RefusedError("expected a mail server in the cloud's settings, found none: make a webhook")
        return checked_email(wanted.address)
    return checked_address(wanted.address)


def checked_address(address: str) -> str:
    """An address to POST to as it is kept (`RefusedError`); where it leads is looked at whenever it is used."""
    found = address.strip()
    try:
        parts = urlsplit(found)
        good = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or not _PLAIN.fullmatch(found) or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise RefusedError(f"expected an address such as https://erp.dealer.example/partsbay, found {found[:80]!r}")
    return parts._replace(fragment="").geturl()


def _set(row: AlertWay, wanted: WhatToTell) -> None:
    row.kinds = " ".join(sorted(set(wanted.kinds)))
    row.shops = "\n".join(sorted(set(wanted.shops)))
    row.quiet_from_min = NONE if wanted.quiet_from_min is None else wanted.quiet_from_min
    row.quiet_to_min = NONE if wanted.quiet_to_min is None else wanted.quiet_to_min
    row.language = wanted.language


def _target(row: AlertWay) -> str:
    return f"alert_way {row.id} {row.address}"


def _said(row: AlertWay) -> str:
    quiet = f"{row.quiet_from_min}-{row.quiet_to_min}" if row.quiet_from_min != NONE else ""
    return " · ".join(filter(None, (row.kind, row.kinds, row.shops.replace("\n", ", "), quiet, row.language)))


def _tellings(session: Session, tenant: TenantId) -> dict[str, dict[str, Any]]:
    """By way, how many alerts were told, wait, and were given up; and the last error of what waits."""
    is_told, is_lost = col(AlertTold.told_ms) > 0, col(AlertTold.given_up_ms) > 0
    waits = and_(~is_told, ~is_lost, col(Alert.ended_ms) == 0, col(Alert.seen_by) == "")
    failed = and_(col(AlertTold.error) != "", ~is_told)
    rows = (
        tenant_rows(tenant, AlertTold)
        .join(Alert, and_(col(Alert.id) == col(AlertTold.alert), owned(tenant, Alert)))
        .with_only_columns(
            col(AlertTold.way),
            func.sum(case((is_told, 1), else_=0)),
            func.max(AlertTold.told_ms),
            func.sum(case((waits, 1), else_=0)),
            func.sum(case((is_lost, 1), else_=0)),
            func.max(case((and_(failed, waits | is_lost), col(AlertTold.error)), else_="")),
        )
        .group_by(col(AlertTold.way))
    )
    names = ("told", "last_told_ms", "waiting", "given_up", "error")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in session.execute(rows)}


def _view(row: AlertWay, told: Mapping[str, Any]) -> WayView:
    return WayView.model_validate(
        {
            "id": row.id,
            "kind": row.kind,
            "address": row.address,
            "kinds": row.kinds.split(),
            "shops": [shop for shop in row.shops.split("\n") if shop],
            "quiet_from_min": None if row.quiet_from_min == NONE else row.quiet_from_min,
            "quiet_to_min": None if row.quiet_to_min == NONE else row.quiet_to_min,
            "language": row.language,
            "made_ms": row.made_ms,
            "told": int(told.get("told") or 0),
            "last_told_ms": int(told.get("last_told_ms") or 0) or None,
            "waiting": int(told.get("waiting") or 0),
            "given_up": int(told.get("given_up") or 0),
            "error": str(told.get("error") or ""),
        }
    )
