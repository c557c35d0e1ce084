"""Which firmware each cabinet is to run: told by the cloud's feed, or ordered here; the newest word counts."""

import sqlite3
from typing import NamedTuple

from edge_gateway.feed_format import FeedError, Firmware, read_entry

_TOLD = """
select e.number, e.body, e.made_ms from feed_entry e join feed_answer a on a.number = e.number
where e.kind = 'firmware' and a.outcome = 'done' order by e.number
"""
_ORDERED = """
select number, cabinet, version, digest, bytes, downgrade, ordered_ms from firmware_order order by number
"""


class Wanted(NamedTuple):
    """What a cabinet is to run: `digest` the bundle's SHA-256 in hex, `number` of the feed, below 0: ordered here."""

    cabinet: str
    version: str
    digest: str
    bytes: int
    downgrade: bool
    number: int
    made_ms: int


def wanted(database: sqlite3.Connection) -> dict[str, Wanted]:
    """By cabinet, what it is to run; a cabinet of which nothing is wanted, or no more, is not among them."""
    found: dict[str, Wanted] = {}
    for number, body, made_ms in database.execute(_TOLD):
        try:
            told = read_entry("firmware", body)
        except FeedError:  # answered as refused by whoever took it; kept by an older program
            continue
        if isinstance(told, Firmware):
            for cabinet in told.cabinets:
                found[cabinet] = Wanted(cabinet, told.version, told.digest, told.bytes, told.downgrade, number, made_ms)
    for row in database.execute(_ORDERED):
        order = Wanted(row[1], row[2], row[3], row[4], bool(row[5]), -row[0], row[6])
        before = found.get(order.cabinet)
        if before is None or before.made_ms <= order.made_ms:
            found[order.cabinet] = order
    return {cabinet: each for cabinet, each in found.items() if each.digest}
