"""A rollout is begun: the cabinets that the release fits are found and put into stages, and nothing is told yet."""

import json
import secrets
from collections.abc import Sequence
from typing import Final

from sqlmodel import Session, col, func

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, TakenError
from cloud.rollouts import facts
from cloud.rollouts.choosing import Candidate, stages
from cloud.rollouts.releases import own_release
from cloud.rollouts.reports import DAY_MS, totals
from cloud.rollouts.resuming import hold_dealer
from cloud.rollouts.steps import note
from cloud.rollouts.versions import is_older
from cloud.rollouts.views import NewRollout
from cloud.tables import CabinetFirmware, CabinetSession, CabinetStatus, FirmwareRelease, Rollout, RolloutCabinet, Shop
from cloud.tenancy import TenantId, tenant_rows

UNDER_WAY: Final = ("running", "paused", "stopped", "taken_back")
FORGOTTEN_MS: Final = 60 * DAY_MS  # a cabinet not heard of for so long is none any more
LOOKED_BACK_DAYS: Final = 14


def begin(session: Session, person: SignedIn, wanted: NewRollout, now_ms: int) -> Rollout:
    """Begin a rollout (`NotFoundError`, `RefusedError`, `TakenError` while another one is under way)."""
    tenant = person.tenant
    release = own_release(session, tenant, wanted.release)
    if release.withdrawn_ms:
        raise RefusedError(f"expected a release that stands, found that {release.version} was withdrawn")
    if (wanted.from_min is None) != (wanted.to_min is None):
        raise RefusedError("expected both ends of the hours, or neither, found one")
    hold_dealer(session, tenant.dealer)
    _check_alone(session, tenant)
    chosen = [
        stage for stage in stages(_candidates(session, tenant, release, frozenset(wanted.leave_out), now_ms)) if stage
    ]
    if not chosen:
        raise RefusedError(f"expected a cabinet that {release.version} fits, found none")
    rollout = _rollout(person, release, wanted, now_ms)
    session.add(rollout)
    session.flush()
    rows = [_member(rollout, each, stage, turn) for stage, of in enumerate(chosen) for turn, each in enumerate(of)]
    _check_order(session, rollout, rows)
    known = facts.world(session, rollout.dealer_id, rows)
    for row in rows:
        _as_it_is(row, known, now_ms)
        session.add(row)
    note(session, rollout, now_ms, "begun", by=person.name, detail={"cabinets": len(rows)})
    after = f"{len(rows)} cabinets"
    record(session, person, now_ms, action="rollout.begun", target=_target(rollout), after=after)
    session.flush()
    return rollout


def _target(rollout: Rollout) -> str:
    return f"rollout {rollout.version}"


def _check_alone(session: Session, tenant: TenantId) -> None:
    """Two at once would order the same cabinets about."""
    rows = tenant_rows(tenant, Rollout).where(col(Rollout.state).in_(UNDER_WAY))
    other = session.exec(rows.limit(1)).first()
    if other is not None:
        raise TakenError(f"expected no rollout under way, found that of {other.version}: end it first")


def _candidates(
    session: Session, tenant: TenantId, release: FirmwareRelease, left_out: frozenset[str], now_ms: int
) -> list[Candidate]:
    """The cabinets of the dealer's own shops that are there, and whose board the release fits as far as is known."""
    firmware = {(row.shop_id, row.cabinet): row for row in session.exec(_own(tenant, CabinetFirmware))}
    used = _days_used(session, tenant, now_ms)
    own = tenant_rows(tenant, Shop).where(col(Shop.dealer_id) == tenant.dealer)
    shops = {row.id for row in session.exec(own)}
    boards = set(release.boards.split())
    found = []
    for status in session.exec(_own(tenant, CabinetStatus)):
        place = status.shop_id, status.cabinet
        known = firmware.get(place)
        is_there = status.shop_id in shops - left_out and now_ms - status.last_heard_ms < FORGOTTEN_MS
        if is_there and not (known and known.board and boards and known.board not in boards):
            found.append(_candidate(status, known, used.get(place, 0), now_ms))
    return found


def _own(tenant: TenantId, table: type[CabinetFirmware] | type[CabinetStatus]):  # type: ignore[no-untyped-def]
    return tenant_rows(tenant, table).where(col(table.dealer_id) == tenant.dealer)


def _candidate(status: CabinetStatus, known: CabinetFirmware | None, days_used: int, now_ms: int) -> Candidate:
    days = json.loads(known.days) if known else []
    lately = [day for day in days if day[0] > now_ms // DAY_MS - LOOKED_BACK_DAYS]
    return Candidate(
        status.shop_id,
        status.cabinet,
        is_online=status.online and known is not None,
        days_heard=len(lately),
        days_used=days_used,
        blind=status.bins_blind,
        restless=totals(lately)[1] - totals(lately[:1])[1],
        backlog=status.journal_backlog,
    )


def _days_used(session: Session, tenant: TenantId, now_ms: int) -> dict[tuple[str, str], int]:
    """By cabinet, on how many of the last days somebody took something from it or looked."""
    shop, cabinet = col(CabinetSession.shop_id), col(CabinetSession.cabinet)
    day = col(CabinetSession.closed_ms) // DAY_MS
    rows = tenant_rows(tenant, CabinetSession).where(col(CabinetSession.closed_ms) > now_ms - LOOKED_BACK_DAYS * DAY_MS)
    counted = rows.with_only_columns(shop, cabinet, func.count(func.distinct(day))).group_by(shop, cabinet)
    return {(row[0], row[1]): row[2] for row in session.execute(counted)}


def _rollout(person: SignedIn, release: FirmwareRelease, wanted: NewRollout, now_ms: int) -> Rollout:
    return Rollout(
        id=f"f-{secrets.token_hex(6)}",
        dealer_id=person.tenant.dealer,
        release=release.id,
        version=release.version,
        digest=release.digest,
        bytes=release.bytes,
        downgrade=wanted.downgrade,
        state="running",
        stage_ms=now_ms,
        soak_min=json.dumps(wanted.soak_min),
        pace=wanted.pace,
        from_min=-1 if wanted.from_min is None else wanted.from_min,
        to_min=-1 if wanted.to_min is None else wanted.to_min,
        bad_percent=wanted.bad_percent,
        takes_back=wanted.takes_back,
        made_by=person.name,
        made_ms=now_ms,
        changed_ms=now_ms,
    )


def _member(rollout: Rollout, each: Candidate, stage: int, turn: int) -> RolloutCabinet:
    return RolloutCabinet(
        rollout=rollout.id,
        shop_id=each.shop,
        cabinet=each.cabinet,
        dealer_id=rollout.dealer_id,
        stage=stage,
        turn=turn,
        state="waiting",
    )


def _check_order(session: Session, rollout: Rollout, rows: Sequence[RolloutCabinet]) -> None:
    known = facts.world(session, rollout.dealer_id, rows)
    newer = sorted({row.version for row in known.firmware.values() if is_older(rollout.version, row.version)})
    if newer and not rollout.downgrade:
        raise RefusedError(
            f"expected cabinets with firmware before {rollout.version}, found {newer[-1]}: say that that is meant"
        )


def _as_it_is(row: RolloutCabinet, known: facts.World, now_ms: int) -> None:
    """How a cabinet is before anything is done to it."""
    place = row.shop_id, row.cabinet
    facts.mark(row, known, now_ms, with_rates=True)
    firmware, status = known.firmware.get(place), known.status.get(place)
    row.before = firmware.version if firmware else (status.firmware if status else "")
    row.changed_ms = now_ms
