"""What day it is at a dealer: by the clocks of most of its shops, for what is of no shop alone.

The machine the cloud runs on stands anywhere, and its clock is usually set to UTC: no page tells a time by it.
"""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from cloud.tables import Shop, ShopDealer
from cloud.tenancy import TenantId, tenant_rows
from cloud.work.shop_time import day_of

USUAL_ZONE = "Asia/Shanghai"  # of a dealer that has no shops yet


def zone_of_most(zones: Iterable[str]) -> str:
    """The time zone that most shops have, the first by name of several."""
    each = list(zones)
    return max(sorted(set(each)), key=each.count, default=USUAL_ZONE)


def own_zone(session: Session, tenant: TenantId) -> str:
    """The time zone of most shops that a tenant may see."""
    return zone_of_most(session.scalars(tenant_rows(tenant, Shop).with_only_columns(col(Shop.time_zone))))


def own_day(session: Session, tenant: TenantId, now_ms: int) -> str:
    """The day it is in most shops that a tenant may see, as 2026-11-22."""
    return day_of(now_ms, own_zone(session, tenant))


def zone_of_dealer(session: Session, dealer: str) -> str:
    """The time zone of most shops that a dealer serves or served, for the cloud's own work."""
    shops = select(ShopDealer.shop_id).where(col(ShopDealer.dealer_id) == dealer)
    return zone_of_most(session.exec(select(Shop.time_zone).where(col(Shop.id).in_(shops))))
