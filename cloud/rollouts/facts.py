"""What rollouts are judged from: what gateways said of cabinets, and when they were heard. One query a table.

The cloud's own work: every query says by `dealer` whose rows it means.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from cloud.rollouts.health import Patient
from cloud.rollouts.judging import Course, Member
from cloud.rollouts.learning import Known, Seen
from cloud.rollouts.reports import Day, rates_ppm, totals
from cloud.tables import CabinetFirmware, CabinetStatus, FeedAnswer, Gateway, Rollout, RolloutCabinet, Shop
from cloud.work.shop_time import moment_of

Place = tuple[str, str]
HEARD_MS: Final = 30 * 60_000  # whose gateway was silent for longer is not begun
MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class World:
    """A dealer's cabinets as their gateways say they are."""

    firmware: Mapping[Place, CabinetFirmware]
    status: Mapping[Place, CabinetStatus]
    heard_ms: Mapping[str, int]  # by shop: its gateway
    zones: Mapping[str, str]
    refused: Mapping[tuple[str, int], str]  # by shop and number of the feed


def world(session: Session, dealer: str, rows: Sequence[RolloutCabinet]) -> World:
    """What is known about the cabinets of a rollout."""
    shops = sorted({row.shop_id for row in rows})
    numbers = [row.number for row in rows if row.number]
    firmware = select(CabinetFirmware).where(
        col(CabinetFirmware.dealer_id) == dealer, col(CabinetFirmware.shop_id).in_(shops)
    )
    status = select(CabinetStatus).where(col(CabinetStatus.dealer_id) == dealer, col(CabinetStatus.shop_id).in_(shops))
    gateways = select(Gateway).where(col(Gateway.dealer_id) == dealer, col(Gateway.withdrawn_ms) == 0)
    answers = select(FeedAnswer).where(
        col(FeedAnswer.dealer_id) == dealer,
        col(FeedAnswer.shop_id).in_(shops),
        col(FeedAnswer.number).in_(numbers),
        col(FeedAnswer.outcome) == "refused",
    )
    heard: dict[str, int] = {}
    for gateway in session.exec(gateways):
        heard[gateway.shop_id] = max(heard.get(gateway.shop_id, 0), gateway.last_contact_ms)
    return World(
        {(row.shop_id, row.cabinet): row for row in session.exec(firmware)},
        {(row.shop_id, row.cabinet): row for row in session.exec(status)},
        heard,
        {row.id: row.time_zone for row in session.exec(select(Shop).where(col(Shop.id).in_(shops)))},
        {(row.shop_id, row.number): row.why for row in session.exec(answers)},
    )


def course_of(rollout: Rollout) -> Course:
    """A rollout as it is judged."""
    soaks = tuple(minutes * MINUTE_MS for minutes in json.loads(rollout.soak_min)) or (0,)
    return Course(rollout.stage, rollout.stage_ms, rollout.soak_ms, soaks, rollout.pace, rollout.bad_percent)


def member(rollout: Rollout, row: RolloutCabinet, known: World, now_ms: int) -> Member:
    """A cabinet as the plan sees it."""
    place = row.shop_id, row.cabinet
    status = known.status.get(place)
    is_here = (
        place in known.firmware
        and now_ms - known.heard_ms.get(row.shop_id, 0) < HEARD_MS
        and status is not None
        and status.online
    )
    hour = is_hour(rollout, known.zones.get(row.shop_id, "UTC"), now_ms)
    return Member(*place, row.stage, row.turn, row.state, row.told_ms, is_here, hour)


def is_hour(rollout: Rollout, zone: str, now_ms: int) -> bool:
    """Whether cabinets of a shop in that time zone may be begun at this time of their day."""
    if rollout.from_min < 0 or rollout.to_min < 0 or rollout.from_min == rollout.to_min:
        return True
    local = moment_of(now_ms, zone)
    minute = local.hour * 60 + local.minute
    if rollout.from_min < rollout.to_min:
        return rollout.from_min <= minute < rollout.to_min
    return minute >= rollout.from_min or minute < rollout.to_min  # over midnight


def known_and_seen(row: RolloutCabinet, world_: World) -> tuple[Known, Seen]:
    """A cabinet as `learning` sees it."""
    firmware = world_.firmware.get((row.shop_id, row.cabinet))
    status = world_.status.get((row.shop_id, row.cabinet))
    refused = world_.refused.get((row.shop_id, row.number), "")
    known = Known(row.state, row.reason, row.number, row.before, row.told_ms > 0)
    if firmware is None or not knows_updates(firmware, status):
        return known, Seen(knows=False, version=status.firmware if status else "", refused=refused)
    return known, Seen(
        True,
        firmware.version,
        firmware.trial,
        firmware.state,
        firmware.reason,
        firmware.number,
        refused,
    )


def knows_updates(firmware: CabinetFirmware | None, status: CabinetStatus | None) -> bool:
    """Whether a cabinet's gateway can update it: its newest report says what firmware runs, as older ones do not."""
    return firmware is not None and (status is None or firmware.reported_ms >= status.reported_ms)


def patient(row: RolloutCabinet, known: World) -> Patient:
    """A cabinet as its health is judged."""
    place = row.shop_id, row.cabinet
    firmware, status = known.firmware.get(place), known.status.get(place)
    starts, watchdogs, errors = totals(_days(firmware))
    return Patient(
        row.state,
        is_updated=row.told_ms > 0,
        marked_ms=row.marked_ms,
        told_ms=row.told_ms,
        heard_ms=status.last_heard_ms if status else 0,
        gateway_ms=min(known.heard_ms.get(row.shop_id, 0), status.reported_ms if status else 0),
        blind=status.bins_blind if status else 0,
        blind_before=row.blind,
        starts=max(0, starts - row.starts),
        watchdogs=max(0, watchdogs - row.watchdogs),
        errors=max(0, errors - row.errors),
        starts_ppm=row.starts_ppm,
        errors_ppm=row.errors_ppm,
    )


def mark(row: RolloutCabinet, known: World, now_ms: int, *, with_rates: bool) -> None:
    """Note how a cabinet is now: what it is compared with from now on."""
    place = row.shop_id, row.cabinet
    firmware, status = known.firmware.get(place), known.status.get(place)
    days = _days(firmware)
    row.marked_ms = now_ms
    row.starts, row.watchdogs, row.errors = totals(days)
    if with_rates:
        row.starts_ppm, row.errors_ppm = rates_ppm(days)
        row.blind = status.bins_blind if status else 0


def _days(firmware: CabinetFirmware | None) -> list[Day]:
    found: list[Day] = json.loads(firmware.days) if firmware else []
    return found
