"""Rollouts as people see them: the list, one with its cabinets and its history, and what runs where. Reads only.

One query a table, whatever the number of cabinets.
"""

import json
from collections.abc import Sequence
from typing import cast

from sqlalchemy import and_, or_
from sqlmodel import Session, col

from cloud.fleet import age_ms
from cloud.rollouts.deciding import own_rollout
from cloud.rollouts.facts import World, knows_updates, patient
from cloud.rollouts.health import sign
from cloud.rollouts.judging import OUT, THROUGH, UNDER_WAY
from cloud.rollouts.reports import DAY_MS
from cloud.rollouts.resuming import leaves_some
from cloud.rollouts.versions import order
from cloud.rollouts.views import (
    CabinetLine,
    CabinetState,
    Cause,
    Fleet,
    RolloutLine,
    RolloutView,
    StageView,
    State,
    StepLine,
    VersionShare,
)
from cloud.shop_plan import own_shop
from cloud.tables import (
    Cabinet,
    CabinetFirmware,
    CabinetStatus,
    FeedAnswer,
    FirmwareRelease,
    Gateway,
    Rollout,
    RolloutCabinet,
    RolloutStep,
    Shop,
    Table,
)
from cloud.tenancy import TenantId, tenant_rows

STEPS_SHOWN = 200
UNFINISHED = ("running", "paused", "stopped")  # it may go on, or be told to
SILENT_MS = DAY_MS


def rollouts(
    session: Session, tenant: TenantId, now_ms: int, *, cursor: str = "", limit: int = 50
) -> list[RolloutLine]:
    """The dealer's rollouts, the last begun first, behind the one named `cursor` (`NotFoundError`)."""
    rows = tenant_rows(tenant, Rollout)
    if cursor:
        last = own_rollout(session, tenant, cursor)
        same_time = and_(col(Rollout.made_ms) == last.made_ms, col(Rollout.id) < last.id)
        rows = rows.where(or_(col(Rollout.made_ms) < last.made_ms, same_time))
    by = col(Rollout.made_ms).desc(), col(Rollout.id).desc()
    found = session.exec(rows.order_by(*by).limit(limit)).all()
    own = tenant_rows(tenant, RolloutCabinet).where(col(RolloutCabinet.rollout).in_([row.id for row in found]))
    members = session.exec(own).all()
    known = world(session, tenant, members)
    return [_line(row, [each for each in members if each.rollout == row.id], known, now_ms) for row in found]


def one_rollout(session: Session, tenant: TenantId, name: str, now_ms: int) -> RolloutView:
    """A rollout with everything about it (`NotFoundError`)."""
    row = own_rollout(session, tenant, name)
    rows = tenant_rows(tenant, RolloutCabinet).where(col(RolloutCabinet.rollout) == name)
    by = col(RolloutCabinet.stage), col(RolloutCabinet.turn), col(RolloutCabinet.shop_id), col(RolloutCabinet.cabinet)
    members = session.exec(rows.order_by(*by)).all()
    known = world(session, tenant, members)
    line = _line(row, members, known, now_ms)
    confirmed = [each for each in members if each.state == "confirmed"]
    return RolloutView(
        **line.model_dump(),
        digest=row.digest,
        soak_min=json.loads(row.soak_min),
        pace=row.pace,
        from_min=None if row.from_min < 0 else row.from_min,
        to_min=None if row.to_min < 0 else row.to_min,
        bad_percent=row.bad_percent,
        takes_back=row.takes_back,
        downgrade=row.downgrade,
        of_stages=[_stage(row, members, known, now_ms, number) for number in range(line.stages)],
        of_cabinets=_cabinets(session, tenant, members, known, now_ms),
        steps=_steps(session, tenant, row),
        confirmed=len(confirmed),
        can_go_back=_kept(session, tenant, {each.before for each in confirmed}),
        goes_on=row.state in UNFINISHED or _goes_on(session, tenant, name),
    )


def _goes_on(session: Session, tenant: TenantId, name: str) -> bool:
    """Whether one that is done comes to cabinets that it left."""
    rows = tenant_rows(tenant, Rollout).where(col(Rollout.id) == name, leaves_some())
    return session.exec(rows).one_or_none() is not None


def _kept(session: Session, tenant: TenantId, versions: set[str]) -> bool:
    """Whether there is a release of each version."""
    rows = tenant_rows(tenant, FirmwareRelease).where(col(FirmwareRelease.version).in_(versions))
    return versions <= {row.version for row in session.exec(rows)}


def world(session: Session, tenant: TenantId, rows: Sequence[RolloutCabinet]) -> World:
    """As `facts.world`, by the tenant's own door."""
    shops = sorted({row.shop_id for row in rows})
    firmware = tenant_rows(tenant, CabinetFirmware).where(col(CabinetFirmware.shop_id).in_(shops))
    status = tenant_rows(tenant, CabinetStatus).where(col(CabinetStatus.shop_id).in_(shops))
    gateways = tenant_rows(tenant, Gateway).where(col(Gateway.shop_id).in_(shops), col(Gateway.withdrawn_ms) == 0)
    numbers = [row.number for row in rows if row.number]
    answers = tenant_rows(tenant, FeedAnswer).where(
        col(FeedAnswer.shop_id).in_(shops), col(FeedAnswer.number).in_(numbers), col(FeedAnswer.outcome) == "refused"
    )
    named = tenant_rows(tenant, Shop).where(col(Shop.id).in_(shops))
    return World(
        {(row.shop_id, row.cabinet): row for row in session.exec(firmware)},
        {(row.shop_id, row.cabinet): row for row in session.exec(status)},
        {row.shop_id: row.last_contact_ms for row in session.exec(gateways)},
        {row.id: row.time_zone for row in session.exec(named)},
        {(row.shop_id, row.number): row.why for row in session.exec(answers)},
    )


def _line(row: Rollout, members: Sequence[RolloutCabinet], known: World, now_ms: int) -> RolloutLine:
    return RolloutLine(
        id=row.id,
        release=row.release,
        version=row.version,
        state=cast(State, row.state),
        stage=row.stage,
        stages=1 + max((each.stage for each in members), default=0),
        cabinets=len(members),
        through=sum(each.state in THROUGH for each in members),
        bad=sum(_is_bad(each, known, now_ms) for each in members),
        out_of_reach=sum(each.state == "gateway_old" for each in members),
        why=Cause(**json.loads(row.why)) if row.why else None,
        made_by=row.made_by,
        made_ms=row.made_ms,
        changed_ms=row.changed_ms,
        ended_ms=row.ended_ms or None,
    )


def _is_bad(row: RolloutCabinet, known: World, now_ms: int) -> bool:
    return row.told_ms > 0 and sign(patient(row, known), now_ms) is not None


def _stage(row: Rollout, members: Sequence[RolloutCabinet], known: World, now_ms: int, number: int) -> StageView:
    own = [each for each in members if each.stage == number]
    soaks = json.loads(row.soak_min)
    soak_min = soaks[min(number, len(soaks) - 1)] if soaks else 0
    is_watched = row.state in {"running", "paused"} and number == row.stage and row.soak_ms > 0
    return StageView(
        stage=number,
        cabinets=len(own),
        through=sum(each.state in THROUGH for each in own),
        under_way=sum(each.state in UNDER_WAY or each.state == "calling_back" for each in own),
        bad=sum(_is_bad(each, known, now_ms) for each in own),
        waiting=sum(each.state == "waiting" for each in own),
        out=sum(each.state in OUT - THROUGH for each in own),
        soak_min=soak_min,
        state=_stage_state(row, number),
        soak_left_ms=max(0, row.soak_ms + soak_min * 60_000 - now_ms) if is_watched else None,
    )


def _stage_state(row: Rollout, number: int):  # type: ignore[no-untyped-def]
    if number > row.stage:
        return "ahead"
    if number < row.stage or row.state == "done":
        return "over"
    return "watched" if row.soak_ms else "under_way"


def _cabinets(
    session: Session, tenant: TenantId, members: Sequence[RolloutCabinet], known: World, now_ms: int
) -> list[CabinetLine]:
    shops = sorted({row.shop_id for row in members})
    names = {row.id: row.name for row in session.exec(tenant_rows(tenant, Shop).where(col(Shop.id).in_(shops)))}
    cabinets = tenant_rows(tenant, Cabinet).where(col(Cabinet.shop_id).in_(shops))
    named = {(row.shop_id, row.id): (row.name_zh, row.name_en) for row in session.exec(cabinets)}
    return [_cabinet(row, known, names, named.get((row.shop_id, row.cabinet), ("", "")), now_ms) for row in members]


def _cabinet(
    row: RolloutCabinet, known: World, names: dict[str, str], named: tuple[str, str], now_ms: int
) -> CabinetLine:
    firmware = known.firmware.get((row.shop_id, row.cabinet))
    status = known.status.get((row.shop_id, row.cabinet))
    is_loading = row.state in {"told", "loading", "calling_back"} and firmware is not None and firmware.of_bytes > 0
    return CabinetLine(
        shop=row.shop_id,
        shop_name=names.get(row.shop_id, row.shop_id),
        cabinet=row.cabinet,
        name_zh=named[0],
        name_en=named[1],
        stage=row.stage,
        state=cast(CabinetState, row.state),
        reason=row.reason,
        sign=sign(patient(row, known), now_ms) if row.told_ms else None,
        is_forgiven=row.is_forgiven,
        firmware=firmware.version if firmware else (status.firmware if status else ""),
        before=row.before,
        got_bytes=max(0, firmware.got_bytes) if is_loading and firmware else None,
        of_bytes=firmware.of_bytes if is_loading and firmware else None,
        last_heard_age_ms=age_ms(now_ms, status.last_heard_ms if status else 0),
        changed_ms=row.changed_ms or None,
    )


def _steps(session: Session, tenant: TenantId, rollout: Rollout) -> list[StepLine]:
    rows = tenant_rows(tenant, RolloutStep).where(col(RolloutStep.rollout) == rollout.id)
    found = session.exec(rows.order_by(col(RolloutStep.number).desc()).limit(STEPS_SHOWN))
    return [_step(row, rollout.version) for row in found]


def _step(row: RolloutStep, version: str) -> StepLine:
    return StepLine(
        rollout=row.rollout,
        version=version,
        at_ms=row.at_ms,
        what=row.what,
        by=row.by,
        shop=row.shop_id,
        cabinet=row.cabinet,
        detail=row.detail,
    )


def cabinet_steps(session: Session, tenant: TenantId, shop: str, cabinet: str, limit: int = 20) -> list[StepLine]:
    """What happened to one cabinet in all rollouts, the last first (`NotFoundError`)."""
    own_shop(session, tenant, shop)
    rows = tenant_rows(tenant, RolloutStep).where(col(RolloutStep.shop_id) == shop, col(RolloutStep.cabinet) == cabinet)
    by = col(RolloutStep.at_ms).desc(), col(RolloutStep.number).desc()
    found = session.exec(rows.order_by(*by).limit(limit)).all()
    own = tenant_rows(tenant, Rollout).where(col(Rollout.id).in_({row.rollout for row in found}))
    versions = {row.id: row.version for row in session.exec(own)}
    return [_step(row, versions[row.rollout]) for row in found]


# ---- what runs where ----


def fleet(session: Session, tenant: TenantId, now_ms: int) -> Fleet:
    """How many cabinets of the dealer's own shops run which version."""
    statuses = session.exec(_own(tenant, CabinetStatus)).all()
    firmware = {(row.shop_id, row.cabinet): row for row in session.exec(_own(tenant, CabinetFirmware))}
    by_version: dict[str, list[CabinetStatus]] = {}
    for status in statuses:
        known = firmware.get((status.shop_id, status.cabinet))
        by_version.setdefault(known.version if known else status.firmware, []).append(status)
    versions = sorted(by_version, key=order, reverse=True)
    old = [row for row in statuses if not knows_updates(firmware.get((row.shop_id, row.cabinet)), row)]
    return Fleet(
        cabinets=len(statuses),
        versions=[_share(version, by_version[version], now_ms) for version in versions],
        on_trial=sum(row.trial for row in firmware.values()),
        old_gateways=len({row.shop_id for row in old}),
        old_controllers=sum(row.slot in {"", "none"} for row in firmware.values()),
        silent=sum(_is_silent(row, now_ms) for row in statuses),
    )


def _own(tenant: TenantId, table: type[Table]):  # type: ignore[no-untyped-def]
    return tenant_rows(tenant, table).where(col(table.dealer_id) == tenant.dealer)  # type: ignore[attr-defined]


def _share(version: str, rows: Sequence[CabinetStatus], now_ms: int) -> VersionShare:
    return VersionShare(
        version=version,
        cabinets=len(rows),
        shops=len({row.shop_id for row in rows}),
        silent=sum(_is_silent(row, now_ms) for row in rows),
    )


def _is_silent(row: CabinetStatus, now_ms: int) -> bool:
    return now_ms - row.last_heard_ms >= SILENT_MS


def firmware_of(session: Session, tenant: TenantId, shop: str, cabinet: str) -> CabinetFirmware | None:
    """What a cabinet runs, by its gateway's newest word; None when it says nothing of that."""
    rows = tenant_rows(tenant, CabinetFirmware).where(
        col(CabinetFirmware.shop_id) == shop, col(CabinetFirmware.cabinet) == cabinet
    )
    return session.exec(rows).one_or_none()
