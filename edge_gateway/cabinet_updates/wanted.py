"""Which firmware the cloud wants each cabinet to run, read from what its feed told: the newest number counts."""

import sqlite3
from typing import NamedTuple

from edge_gateway.feed_format import FeedError, Firmware, read_entry

_TOLD = """
select e.number, e.body, e.made_ms from feed_entry e join feed_answer a on a.number = e.number
where e.kind = 'firmware' and a.outcome = 'done' order by e.number
"""


class Wanted(NamedTuple):
    """A cabinet's firmware as the cloud wants it: `number` of the feed, `digest` the bundle's SHA-256 in hex."""

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
    return {cabinet: each for cabinet, each in found.items() if each.digest}
