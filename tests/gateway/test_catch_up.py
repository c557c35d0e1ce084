"""A gateway started on an old backup notices it by asking the cloud, and works on what the cloud has."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from edge_gateway import catch_up, restore, schema
from edge_gateway.settings import CloudSettings, Settings
from edge_gateway.store import Connect, connect
from tests.gateway.real_cloud import KEY, RealCloud
from tests.gateway.test_restore import Troubled, all_in_cloud, assert_same, visits, work
from tests.gateway.world import NOW_MS, Journal, Shop

pytestmark = pytest.mark.usefixtures("impatient")


def caught_up(
    folder: Path, cloud: RealCloud, transport: httpx.AsyncBaseTransport | None = None, connecting: Connect = connect
) -> bool:
    """What the gateway does before it starts."""
    settings = Settings("gw-1", folder, CloudSettings(cloud.url, KEY))

    async def run() -> bool:
        async with restore.cloud_client(settings.cloud, transport) as client:
            return await catch_up.catch_up(client, settings, lambda: NOW_MS + 7_200_000, connecting)

    return asyncio.run(run())


def rows_of(folder: Path) -> list[tuple[object, ...]]:
    """What the inbox of a database holds."""
    with closing(sqlite3.connect(folder / "gateway.db")) as db:
        return db.execute("select cabinet, epoch, seq, digest from inbox order by 1, 2, 3").fetchall()


@pytest.fixture
def backup(shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path) -> Path:
    """The folder of a database of last night; since then the shop has worked on, and all of it is in the cloud."""
    shop.take_journal(journal)
    work(shop, journal)
    all_in_cloud(shop, cloud)
    shop.close()
    folder = tmp_path / "backup"
    folder.mkdir()
    shutil.copy(shop.path, folder / "gateway.db")
    later = Shop(tmp_path)
    start = len(journal.lines)
    visits(journal)
    later.take_journal(journal, start)
    all_in_cloud(later, cloud)
    later.close()
    return folder


def test_an_old_backup_is_put_aside_and_rebuilt(backup: Path, cloud: RealCloud, tmp_path: Path) -> None:
    before = (backup / "gateway.db").read_bytes()
    assert caught_up(backup, cloud)
    assert_same(backup / "gateway.db", tmp_path / "gateway.db")
    (aside,) = backup.glob("gateway.db.old-*")
    assert len(aside.read_bytes()) == len(before)
    assert not caught_up(backup, cloud)  # it is the newest now


def test_the_newest_database_is_left_alone(backup: Path, cloud: RealCloud, tmp_path: Path) -> None:
    before = (tmp_path / "gateway.db").read_bytes()
    assert not caught_up(tmp_path, cloud)
    assert (tmp_path / "gateway.db").read_bytes() == before


def test_a_first_start_has_nothing_to_ask(cloud: RealCloud, tmp_path: Path) -> None:
    assert not caught_up(tmp_path / "new", cloud)
    assert not (tmp_path / "new").exists()


def test_a_shop_whose_cloud_is_away_works_on_what_it_has(
    backup: Path, cloud: RealCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catch_up, "TRIES", 2)
    cloud.close()
    assert not caught_up(backup, cloud)
    assert list(backup.glob("gateway.db.old-*")) == []


def test_a_cloud_that_goes_away_meanwhile_costs_nothing(
    backup: Path, cloud: RealCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The old backup is in its place again; the next start tries again."""
    monkeypatch.setattr(restore, "TRIES", 1)

    def gone() -> None:
        raise httpx.ConnectError("the line is cut")

    assert not caught_up(backup, cloud, Troubled(gone))
    assert list(backup.glob("gateway.db.old-*")) == []
    assert caught_up(backup, cloud)
    assert_same(backup / "gateway.db", tmp_path / "gateway.db")


def test_a_cloud_that_talks_nonsense_is_not_believed(
    backup: Path, cloud: RealCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catch_up, "TRIES", 1)
    before = (backup / "gateway.db").read_bytes()
    for nonsense in (b"", b"<html>", b'{"epoch": "another", "through": 99999}', b'{"epoch": 1}'):
        answers = httpx.MockTransport(lambda _, body=nonsense: httpx.Response(200, content=body))
        assert not caught_up(backup, cloud, answers)
    assert (backup / "gateway.db").read_bytes() == before


def test_a_disk_without_room_for_a_second_database_leaves_the_first(
    backup: Path, cloud: RealCloud, tmp_path: Path
) -> None:
    def without_room(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("pragma max_page_count = 20")
        return connection

    before = rows_of(backup)
    assert not caught_up(backup, cloud, connecting=without_room)
    assert rows_of(backup) == before
    assert caught_up(backup, cloud)
    assert_same(backup / "gateway.db", tmp_path / "gateway.db")


def test_a_reader_that_holds_the_database_only_puts_it_off(
    backup: Path, cloud: RealCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(catch_up, "FREE_S", 0.05)
    with closing(sqlite3.connect(backup / "gateway.db", isolation_level=None)) as reader:
        reader.execute("pragma journal_mode = wal")
        reader.execute("begin")
        reader.execute("select count(*) from inbox").fetchone()
        assert not caught_up(backup, cloud)
    assert caught_up(backup, cloud)
    assert_same(backup / "gateway.db", tmp_path / "gateway.db")


def test_who_was_ended_while_rebuilding_begins_again(backup: Path, cloud: RealCloud, tmp_path: Path) -> None:
    (backup / "gateway.db").rename(backup / "gateway.db.aside")
    assert caught_up(backup, cloud)
    assert_same(backup / "gateway.db", tmp_path / "gateway.db")
    assert not (backup / "gateway.db.aside").exists()


@pytest.mark.parametrize("what", ["another version", "no database", "no identity"])
def test_what_is_wrong_with_a_database_the_gateway_itself_says(backup: Path, cloud: RealCloud, what: str) -> None:
    path = backup / "gateway.db"
    if what == "no database":
        path.write_bytes(b"not a database at all" * 400)
    elif what == "another version":
        with closing(sqlite3.connect(path)) as db:
            db.execute("pragma user_version = 99")
    else:
        path.unlink()
        with closing(sqlite3.connect(path)) as db:
            schema.prepare(db)
    assert not caught_up(backup, cloud)
    assert path.exists()
