"""Orders to gateways: run this firmware, or let that be. One entry of a shop's feed for all its cabinets at once.

Shops are told in the order of their names, so that two who tell never wait for each other.
"""

from collections import defaultdict
from collections.abc import Iterable

from sqlmodel import Session

from cloud.rollouts.steps import change
from cloud.shop_feed import tell
from cloud.tables import FirmwareRelease, Rollout, RolloutCabinet
from edge_gateway.feed_format import Firmware, told


def begin(session: Session, rollout: Rollout, rows: Iterable[RolloutCabinet], now_ms: int) -> None:
    """Have cabinets run the release."""
    order = Firmware([], rollout.version, rollout.digest, rollout.bytes, rollout.downgrade, rollout.made_by)
    _tell(session, rollout, rows, order, now_ms)
    for row in rows:
        row.told_ms = now_ms
        change(session, rollout, row, "told", now_ms)


def call_off(session: Session, rollout: Rollout, rows: Iterable[RolloutCabinet], now_ms: int) -> None:
    """Have cabinets that do not run the release yet keep what they run; they wait again."""
    _tell(session, rollout, rows, Firmware([], by=rollout.made_by), now_ms)
    for row in rows:
        change(session, rollout, row, "waiting", now_ms)


def call_back(
    session: Session, rollout: Rollout, rows: Iterable[RolloutCabinet], before: FirmwareRelease, now_ms: int
) -> None:
    """Have cabinets run an older release again: ordered by a person, now or when the rollout began."""
    order = Firmware([], before.version, before.digest, before.bytes, True, rollout.made_by)
    _tell(session, rollout, rows, order, now_ms)
    for row in rows:
        change(session, rollout, row, "calling_back", now_ms)


def _tell(session: Session, rollout: Rollout, rows: Iterable[RolloutCabinet], order: Firmware, now_ms: int) -> None:
    by_shop: dict[str, list[RolloutCabinet]] = defaultdict(list)
    for row in rows:
        by_shop[row.shop_id].append(row)
    for shop, own in sorted(by_shop.items()):
        entry = Firmware(
            sorted(row.cabinet for row in own), order.version, order.digest, order.bytes, order.downgrade, order.by
        )
        number = tell(session, shop, *told(entry), now_ms, dealer=rollout.dealer_id)
        for row in own:
            row.number = number
