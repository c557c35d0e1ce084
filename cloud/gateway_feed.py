"""A shop's feed for its gateway: what lies behind the number it has (`shop_feed.py` appends to it)."""

import msgspec
from sqlalchemy import update
from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.ingest import GatewayIdentity
from cloud.tables import Shop, ShopFeed
from edge_gateway.feed_format import FeedEntry, FeedPage


def feed_page(database: Database, gateway: GatewayIdentity, after: int, limit: int) -> FeedPage:
    """The entries behind a number. A gateway that has more than there is tells of a cloud put back from a backup."""
    with database.reading() as session:
        newest = _newest(session, gateway.shop)
        rows = session.exec(
            select(ShopFeed)
            .where(col(ShopFeed.shop_id) == gateway.shop, col(ShopFeed.number) > after)
            .order_by(col(ShopFeed.number))
            .limit(limit)
        ).all()
        entries = [FeedEntry(row.number, row.kind, row.made_ms, msgspec.Raw(row.body.encode())) for row in rows]
    if after > newest:
        _go_on_behind(database, gateway.shop, after)
    return FeedPage(entries, max(newest, after))


def _go_on_behind(database: Database, shop: str, number: int) -> None:
    """No number that the gateway has is given away a second time."""
    with database.writing() as session:
        session.execute(
            update(Shop).where(col(Shop.id) == shop, col(Shop.feed_number) < number).values(feed_number=number)
        )


def _newest(session: Session, shop: str) -> int:
    return session.exec(select(Shop.feed_number).where(col(Shop.id) == shop)).one()
