"""`partsbay gateway restore`: a gateway that lost its database gets it back from the cloud, into an empty data_dir.

It fetches everything the cloud holds of the shop, builds the database beside, checks it as `verify-ledger` does, and
only then gives it its name: broken off anywhere, it is started again. What the cabinets acknowledged but the cloud does
not hold they send again when the gateway runs: they keep it until they hear that it is in the cloud.

It never writes over a database, and never runs beside a gateway: the cloud's books must stand still meanwhile.
"""

import asyncio
import io
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from edge_gateway import ledger_check
from edge_gateway.held_format import Held, decode_held
from edge_gateway.identity.own import KeyAuth, auth_of
from edge_gateway.rebuilding import Rebuilding
from edge_gateway.settings import CloudSettings, Settings
from edge_gateway.store import Connect, Store, connect
from edge_gateway.upload import backoff_s

TIMEOUT_S = 60.0
TRIES = 6  # for each page, before it gives up


class RestoreError(ValueError):
    """A gateway cannot be restored; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Journal:
    """How far one journal of a cabinet is restored."""

    cabinet: str
    epoch: str
    through: int


@dataclass(frozen=True)
class Report:
    """What was restored."""

    gateway: str
    counts: dict[str, int]
    journals: tuple[Journal, ...]
    silent: tuple[str, ...]  # cabinets of the document of which the cloud holds nothing

    def lines(self) -> list[str]:
        """The report for a person."""
        counts = {name: f"{count:,}" for name, count in self.counts.items()}
        return [
            f"restored {self.gateway}: "
            "events {inbox}, movements {movement}, sessions {session}, document versions {document}".format(**counts),
            "open: discrepancies {open_discrepancy}, requests {open_request}, sessions {open}; "
            "set aside until they can be understood: {waiting_quarantine}".format(**counts),
            *(
                f"{journal.cabinet}: everything up to event {journal.through} of journal {journal.epoch}; "
                "what came after it the cabinet sends when the gateway runs"
                for journal in self.journals
            ),
            *(f"{cabinet}: nothing; the cabinet sends its journal when the gateway runs" for cabinet in self.silent),
            "not restored: answers at the kiosk that had not reached the cloud",
        ]


def cloud_client(
    settings: CloudSettings, transport: httpx.AsyncBaseTransport | None = None, auth: httpx.Auth | None = None
) -> httpx.AsyncClient:
    """A client with the gateway's key, or `auth`; through `transport`, when another than the network is wanted."""
    if not settings.url:
        raise RestoreError("expected [cloud] with url and key in the settings, found none: there is nothing to ask")
    shown = auth if auth is not None else KeyAuth(settings.key)
    return httpx.AsyncClient(base_url=settings.url, auth=shown, timeout=TIMEOUT_S, transport=transport)


async def restore(
    client: httpx.AsyncClient, settings: Settings, now_ms: Callable[[], int], connect: Connect = connect
) -> Report:
    """Rebuild the database from the cloud (`RestoreError`); in place and sound when this returns."""
    _refuse_used(settings.database)
    beside = settings.database.with_name(settings.database.name + ".restoring")
    _remove(beside)
    store = Store(beside, settings.gateway, now_ms(), connect)
    try:
        rebuilding = Rebuilding(store, now_ms())
        async for page in _pages(client, settings):
            rebuilding.take(page)
        rebuilding.finish()
        report = _report(store, settings.gateway)
    except BaseException:
        store.close()
        raise
    store.close_whole()
    _check(beside)
    put_in_place(beside, settings.database)
    return report


def wall_clock_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def run(settings: Settings) -> int:
    """The command: restore, and say what was restored."""

    async def ask() -> Report:
        async with cloud_client(settings.cloud, auth=auth_of(settings, wall_clock_ms)) as client:
            return await restore(client, settings, wall_clock_ms)

    for line in asyncio.run(ask()).lines():
        print(line)  # noqa: T201 - what a person called it for
    return 0


# ---- the pages ----


async def _pages(client: httpx.AsyncClient, settings: Settings) -> AsyncIterator[Held]:
    """Every page, of books that stand still."""
    after, mark = "", ""
    while True:
        page = await _page(client, after)
        if page.gateway != settings.gateway:
            raise RestoreError(f"expected the key of {settings.gateway}, found that of {page.gateway}")
        if after and page.mark != mark:
            raise RestoreError(
                f"expected the cloud's books of {settings.gateway} to stand still, found that something was booked: "
                "end whatever still runs as this gateway, and start again"
            )
        yield page
        if not page.next:
            return
        after, mark = page.next, page.mark


async def _page(client: httpx.AsyncClient, after: str) -> Held:
    for failures in range(1, TRIES + 1):
        try:
            answer = await client.get("/api/gateway/held", params={"after": after})
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return _read(answer)
            found = f"{answer.status_code} {answer.reason_phrase}"
        except httpx.HTTPError as error:
            found = str(error) or type(error).__name__
        if failures < TRIES:
            await asyncio.sleep(backoff_s(failures))
    raise RestoreError(f"expected the cloud at {client.base_url} to answer, found: {found}; start again when it does")


def _read(answer: httpx.Response) -> Held:
    if answer.status_code != httpx.codes.OK:
        raise RestoreError(f"expected what the cloud holds, found {answer.status_code}: {answer.text[:200]}")
    return decode_held(answer.content)


# ---- the file ----


def _refuse_used(database: Path) -> None:
    if database.exists():
        raise RestoreError(
            f"expected no database at {database}, found one: end the gateway and put the file away first, "
            "together with the -wal and -shm files beside it"
        )


def _remove(database: Path) -> None:
    """What an earlier try left."""
    for ending in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _check(database: Path) -> None:
    found = io.StringIO()
    if ledger_check.verify(database, found):
        raise RestoreError(f"expected a sound ledger, found one in {database} that is not:\n{found.getvalue()}")


def put_in_place(beside: Path, database: Path) -> None:
    """Give a whole and sound database its name, for good."""
    _refuse_used(database)
    _remove_logs(database)
    beside.rename(database)
    folder = os.open(database.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove_logs(database: Path) -> None:
    """Logs of a database that is gone must not be read into this one."""
    for ending in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


# ---- the report ----

_COUNTED = ("inbox", "movement", "session", "document", "open_discrepancy", "open_request", "waiting_quarantine")


def _report(store: Store, gateway: str) -> Report:
    counts = {name: store.one(f"select count(*) from {name}")[0] for name in _COUNTED}  # noqa: S608
    counts["open"] = store.one("select count(*) from session where closed_ms is null")[0]
    books = store.load(0)
    journals = [Journal(*key, books.cursors[key].through) for key in sorted(books.present.items())]
    named = set() if books.plan is None else set(books.plan.cabinets)
    return Report(gateway, counts, tuple(journals), tuple(sorted(named - set(books.present))))
