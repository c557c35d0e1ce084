"""A person's levels for a part in a bin, until a day: made, seen, ended early, and ending by themselves."""

import secrets
from dataclasses import dataclass

from sqlmodel import Session, col

from cloud.audit import record
from cloud.gate import as_service
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, TakenError
from cloud.replenishment.policy_views import OverrideView
from cloud.replenishment.telling import tell_levels, tell_override_end
from cloud.shop_plan import own_shop
from cloud.tables import PlannedBin, PolicyOverride
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from edge_gateway.feed_format import Levels

WHY_CHARACTERS_MAX = 300
LEVEL_MAX = 10_000_000
DAY_MS = 86_400_000
DAYS_MAX = 366


@dataclass(frozen=True)
class Asked:
    """Which levels, where, until when, and why."""

    shop: str
    cabinet: str
    bin: int
    part: str
    reorder_point: int
    order_up_to: int
    until_ms: int
    why: str = ""

    @property
    def levels(self) -> Levels:
        """As the gateway is told."""
        return Levels(self.cabinet, self.bin, self.part, self.reorder_point, self.order_up_to)


def make(session: Session, person: SignedIn, asked: Asked, now_ms: int) -> OverrideView:
    """Set levels (`RefusedError`, `NotFoundError`); one that stands there already ends."""
    planned = _planned(session, person.tenant, asked)
    _check(asked, planned, now_ms)
    replaced = _open(session, person.tenant, asked, now_ms)
    for before in replaced:
        before.ended_ms, before.ended_by = now_ms, person.name
        session.add(before)
    row = PolicyOverride(
        id=f"o-{secrets.token_hex(6)}",
        dealer_id=person.tenant.dealer,
        shop_id=asked.shop,
        cabinet=asked.cabinet,
        bin=asked.bin,
        part=asked.part,
        reorder_point=asked.reorder_point,
        order_up_to=asked.order_up_to,
        until_ms=asked.until_ms,
        why=asked.why.strip(),
        made_by=person.name,
        made_ms=now_ms,
    )
    session.add(row)
    session.flush()
    with as_service(session):
        tell_levels(session, row.dealer_id, row.shop_id, [asked.levels], now_ms, until_ms=row.until_ms)
    target = f"policy of {asked.part} in {asked.shop} {asked.cabinet}/{asked.bin}"
    before_it = "; ".join(_said(each) for each in replaced)
    record(session, person, now_ms, action="override.made", target=target, before=before_it, after=_said(row))
    return view(row, now_ms)


def end(session: Session, person: SignedIn, shop: str, name: str, now_ms: int) -> OverrideView:
    """End one before its day (`NotFoundError`, `TakenError` when it is over)."""
    rows = tenant_rows(person.tenant, PolicyOverride).where(
        col(PolicyOverride.shop_id) == shop, col(PolicyOverride.id) == name
    )
    row = session.exec(rows.with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"expected levels that a person set, found {name!r}")
    if row.ended_ms or row.until_ms <= now_ms:
        raise TakenError("expected levels that still hold, found that they have ended")
    row.ended_ms, row.ended_by = now_ms, person.name
    session.add(row)
    session.flush()
    with as_service(session):
        tell_override_end(session, row, now_ms)
    target = f"policy of {row.part} in {row.shop_id} {row.cabinet}/{row.bin}"
    record(session, person, now_ms, action="override.ended", target=target, before=_said(row))
    return view(row, now_ms)


def overrides(
    session: Session,
    tenant: TenantId,
    shop: str,
    now_ms: int,
    *,
    open_only: bool = False,
    cursor: str = "",
    limit: int = 50,
) -> list[OverrideView]:
    """A shop's, the last made first, behind the one named `cursor` (`NotFoundError`)."""
    own_shop(session, tenant, shop)
    rows = tenant_rows(tenant, PolicyOverride).where(col(PolicyOverride.shop_id) == shop)
    if cursor:
        last = session.exec(rows.where(col(PolicyOverride.id) == cursor)).one_or_none()
        if last is None:
            raise NotFoundError(f"expected a cursor of this list, found {cursor!r}")
        same = (col(PolicyOverride.made_ms) == last.made_ms) & (col(PolicyOverride.id) < last.id)
        rows = rows.where((col(PolicyOverride.made_ms) < last.made_ms) | same)
    if open_only:
        rows = rows.where(col(PolicyOverride.ended_ms) == 0, col(PolicyOverride.until_ms) > now_ms)
    newest = rows.order_by(col(PolicyOverride.made_ms).desc(), col(PolicyOverride.id).desc())
    return [view(row, now_ms) for row in session.exec(newest.limit(limit))]


def view(row: PolicyOverride, now_ms: int) -> OverrideView:
    """One of them, as it is shown."""
    return OverrideView(
        **row.model_dump(exclude={"dealer_id", "shop_id"}),
        shop=row.shop_id,
        holds=not row.ended_ms and row.until_ms > now_ms,
    )


def _planned(session: Session, tenant: TenantId, asked: Asked) -> PlannedBin:
    rows = tenant_rows(tenant, PlannedBin).where(
        col(PlannedBin.shop_id) == asked.shop,
        col(PlannedBin.cabinet) == asked.cabinet,
        col(PlannedBin.bin) == asked.bin,
        col(PlannedBin.part) == asked.part,
    )
    row = session.exec(rows).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a bin of yours with {asked.part}, found bin {asked.bin} of {asked.cabinet}")
    return row


def _open(session: Session, tenant: TenantId, asked: Asked, now_ms: int) -> list[PolicyOverride]:
    rows = tenant_rows(tenant, PolicyOverride).where(
        col(PolicyOverride.shop_id) == asked.shop,
        col(PolicyOverride.cabinet) == asked.cabinet,
        col(PolicyOverride.bin) == asked.bin,
        col(PolicyOverride.part) == asked.part,
        col(PolicyOverride.ended_ms) == 0,
        col(PolicyOverride.until_ms) > now_ms,  # one whose day is over ended by itself, by nobody
    )
    return list(session.exec(rows))


def _check(asked: Asked, planned: PlannedBin, now_ms: int) -> None:
    most = planned.capacity or LEVEL_MAX
    if not 0 <= asked.order_up_to <= most:
        raise RefusedError(f"expected to fill up to 0 to {most}, what the bin holds, found {asked.order_up_to}")
    if not 0 <= asked.reorder_point < max(asked.order_up_to, 1):
        raise RefusedError(
            f"expected a reorder point of 0 to below {asked.order_up_to}, to which it is filled, "
            f"found {asked.reorder_point}"
        )
    if not now_ms < asked.until_ms <= now_ms + DAYS_MAX * DAY_MS:
        raise RefusedError(f"expected an end within the next {DAYS_MAX} days, found {asked.until_ms} ms")
    if len(asked.why) > WHY_CHARACTERS_MAX or "\0" in asked.why:
        raise RefusedError(f"expected a reason of at most {WHY_CHARACTERS_MAX} characters, found {len(asked.why)}")


def _said(row: PolicyOverride) -> str:
    return f"{row.reorder_point} to {row.order_up_to} until {row.until_ms} ms" + (f": {row.why}" if row.why else "")
