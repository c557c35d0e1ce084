"""Whose night and midnight a dealer has: those of most of its shops."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from cloud.tables import PlannedBin, Shop
from cloud.work.shop_time import zone_of

_USUAL = "Asia/Shanghai"


def zone_of_dealer(session: Session, dealer: str) -> str:
    """The time zone of most shops that a dealer has bins in, the first by name of several."""
    shops = select(PlannedBin.shop_id).where(col(PlannedBin.dealer_id) == dealer).distinct()
    zones = list(session.exec(select(Shop.time_zone).where(col(Shop.id).in_(shops)))) or [_USUAL]
    return max(sorted(set(zones)), key=zones.count)


def midnight_ms(now_ms: int, zone: str, hour: int = 0) -> int:
    """The last time it was midnight, or that hour of the day."""
    now = datetime.fromtimestamp(now_ms / 1000, zone_of(zone))
    start = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if start > now:
        start = (now - timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return round(start.timestamp()) * 1000
