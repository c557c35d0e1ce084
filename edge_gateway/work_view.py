"""The shop's jobs and what the cloud asks people to count, read for the kiosk.

Reads only, by a connection that cannot write.
"""

import json
import sqlite3
from dataclasses import dataclass

from edge_gateway import ledger
from edge_gateway.decision import ShopJob
from edge_gateway.feed_format import Count, FeedError, read_entry
from edge_gateway.part_words import plain_plate
from edge_gateway.shop_document import Cabinet, Job, Part, ShopDocument

# Open ones, and those of the document whatever became of them: what stands there may have been closed.
_JOBS = """
select * from job where closed_ms = 0
union all select * from job where closed_ms != 0 and id in (select value from json_each(?))
"""
_COUNTS = """
select e.number, e.body, e.made_ms from feed_entry e where e.kind = 'count'
and not exists (select 1 from feed_answer a where a.number = e.number) order by e.number
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part in a bin that the dealer wants counted: order `number` of the feed. `stock` is what the books say."""

    number: int
    cabinet: Cabinet
    bin: int
    part: Part
    stock: int
    by: str
    note: str
    made_ms: int


class WorkView:
    """By one document and one connection."""

    def __init__(self, database: sqlite3.Connection, document: ShopDocument) -> None:
        self._database = database
        self._document = document

    def jobs(self) -> tuple[ShopJob, ...]:
        """The open jobs, the newest first; those of the document, which have no date, at the end."""
        told = json.dumps([job.id for job in self._document.jobs])
        rows = self._database.execute(_JOBS, (told,)).fetchall()
        known = {job.id: ShopJob(job.id, job.title, job.plate, job.vin) for job in self._document.jobs}
        known |= {row[0]: ShopJob(*row) for row in rows}
        open_ones = [job for job in known.values() if not job.closed_ms]
        return tuple(sorted(open_ones, key=lambda job: (-job.opened_ms, job.plate, job.id)))

    def jobs_like(self, asked: str) -> tuple[ShopJob, ...]:
        """Open jobs whose plate, VIN, number or title has what was asked for in it."""
        plain = plain_plate(asked)
        if not plain:
            return ()
        return tuple(job for job in self.jobs() if any(plain in plain_plate(text) for text in _texts(job)))

    def counts(self) -> tuple[Wanted, ...]:
        """What waits to be counted, the oldest first."""
        found = (self._wanted(*row) for row in self._database.execute(_COUNTS).fetchall())
        return tuple(each for each in found if each)

    def _wanted(self, number: int, body: str, made_ms: int) -> Wanted | None:
        try:
            order = read_entry("count", body)
        except FeedError:  # answered as refused
            return None
        if not isinstance(order, Count):
            return None
        cabinets = (each for each in self._document.cabinets if each.id == order.cabinet)
        parts = (each for each in self._document.parts if each.number == order.part)
        cabinet = next(cabinets, Cabinet(order.cabinet, "", "", []))
        part = next(parts, Part(order.part, "", ""))
        account = ledger.bin_account(order.cabinet, order.bin)
        row = self._database.execute(
            "select quantity from balance where account = ? and part = ?", (account, order.part)
        ).fetchone()
        return Wanted(number, cabinet, order.bin, part, row[0] if row else 0, order.by, order.note, made_ms)


def job_named(database: sqlite3.Connection, document: ShopDocument, job: str) -> Job:
    """A job as pages show it, open or not; its id where nothing more is known of it."""
    row = database.execute("select id, title, plate, vin from job where id = ?", (job,)).fetchone()
    if row is not None:
        return Job(*row)
    return next((known for known in document.jobs if known.id == job), Job(job, job))


def _texts(job: ShopJob) -> tuple[str, ...]:
    return job.plate, job.vin, job.id, job.title
