"""A gateway that lost its disk is rebuilt from the cloud and the cabinets: everything equal, nothing twice."""

import asyncio
import sqlite3
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from edge_gateway import ledger_check
from edge_gateway.kiosk_seam import ChargeSession, ContestSession
from edge_gateway.restore import Report, cloud_client, restore
from edge_gateway.settings import CloudSettings, Settings
from tests.gateway.real_cloud import KEY, RealCloud
from tests.gateway.test_restored import linked, wait_for_cloud
from tests.gateway.world import Journal, Shop, document, row

pytestmark = pytest.mark.usefixtures("impatient")

# What both databases must hold alike. When a version of the document came is known only to the lost one.
SAME = {
    "inbox": "*",
    "weighing": "*",
    "bin_weight": "*",
    "movement": "*",
    "posting": "*",
    "balance": "*",
    "session": "*",
    "session_person": "*",
    "discrepancy": "*",
    "resolution": "*",
    "request": "*",
    "request_end": "*",
    "cursor": "cabinet, epoch, through, digest, begun_ms",
    "document": "version, bytes",
    "open_discrepancy": "*",
    "open_request": "*",
}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RealCloud]:
    """A cloud at work that knows this shop."""
    cloud = RealCloud(tmp_path / "cloud", document())
    cloud.start()
    yield cloud
    cloud.close()


def settings(folder: Path, cloud: RealCloud, gateway: str = "gw-1") -> Settings:
    """The settings of the gateway with a new disk."""
    return Settings(gateway, folder, CloudSettings(cloud.url, KEY))


def restored(folder: Path, cloud: RealCloud, **changes: Any) -> Report:
    """Restore into a folder."""

    async def run() -> Report:
        found = settings(folder, cloud, **changes)
        async with cloud_client(found.cloud) as client:
            return await restore(client, found, lambda: 1_790_009_999_000)

    return asyncio.run(run())


def rows_of(database: Path, tables: dict[str, str] = SAME) -> dict[str, list[Any]]:
    """Everything that must be the same, by table."""
    db = sqlite3.connect(database)
    try:
        return {
            name: db.execute(f"select {columns} from {name} order by 1, 2").fetchall()
            for name, columns in tables.items()
        }
    finally:
        db.close()


def sorted_rows(database: Path) -> dict[str, list[Any]]:
    return {name: sorted(rows, key=repr) for name, rows in rows_of(database).items()}


def work(shop: Shop, journal: Journal) -> None:
    """Something of everything: takes, doubt, questions asked and answered, requests, people, clockless events."""
    first = journal.session([row(1, 6_000_000, 5_400_000), row(2, 5_000_000, 4_800_000)])
    journal.session([row(3, 840_000, 829_000)])
    journal.session([row(1, 5_400_000, 7_200_000)], person="driver")
    journal.add("bins_changed", bins=[row(4, 0, 90_000)])
    journal.add("session_opened", by="badge", badge="04A1B2C3", person="wang", door=1, bins=[[1, 7_200_000, 150, 0]])
    opened = len(journal.lines)
    journal.add("person_joined", session=opened, badge="04D1D2D3", person="driver")
    bins = [row(1, 7_200_000, 1_200_000)]
    journal.add("session_closed", session=opened, how="shut", missing="", open_ms=9000, bins=bins, utc_ms=None)
    journal.add("bin_well", bin=3, utc_ms=None)
    shop.take_journal(journal, 1)
    shop.act(ChargeSession(session=first, person="wang", job="job-7"))
    shop.act(ContestSession(session=first, person="wang", bin=1, note="not me"))
    journal.add("session_opened", by="badge", badge="04A1B2C3", person="wang", door=1, bins=[])
    shop.take_journal(journal, len(journal.lines) - 1)


def test_a_gateway_is_rebuilt_from_the_cloud_alone(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path
) -> None:
    shop.take_journal(journal)
    work(shop, journal)
    link = linked(shop, cloud)
    wait_for_cloud(shop)
    link.close()
    report = restored(tmp_path / "new", cloud)
    shop.close()
    assert sorted_rows(tmp_path / "new" / "gateway.db") == sorted_rows(shop.path)
    assert report.lines()[0] == "restored gw-1: 19 events, 12 movements, 5 sessions, 1 documents"
    again = Shop(tmp_path / "new")
    assert again.store.epoch != shop.store.epoch
    again.close()
    out = StringIO()
    assert ledger_check.verify(again.path, out) == 0, out.getvalue()
