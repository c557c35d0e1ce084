"""Entries of the cloud's feed, as a gateway without a cloud takes them."""

import msgspec

from edge_gateway.feed_format import FeedEntry, Told, told
from edge_gateway.feed_orders import FeedDesk
from tests.gateway.world import Shop


def entry(number: int, what: Told) -> FeedEntry:
    """What the cloud's feed says under a number."""
    kind, body = told(what)
    return FeedEntry(number, kind, number * 1000, msgspec.Raw(body.encode()))


def take(shop: Shop, *entries: FeedEntry) -> int:
    """Entries as the gateway takes them, durable when this returns."""

    def run() -> int:
        desk = FeedDesk(shop.intake.books, shop.store, shop.intake.knows, shop.clock_ms)
        for each in entries:
            for message in desk.take_into(shop.intake.batch, each):
                shop.link.send(message)
        return shop.intake.books.feed_through

    through: int = shop.do(run)
    return through
