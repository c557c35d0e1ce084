"""Backups that are kept, versions side by side, and what a trial lets people do."""

import asyncio
import os
import shutil
import socket
import sqlite3
import subprocess
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from edge_gateway import settings
from edge_gateway.gateway import Gateway
from edge_gateway.identity.register import Register, note
from edge_gateway.kiosk_seam import ActionError, OpenJob
from edge_gateway.lifecycle import archive, backup, notify, restore_backup, trial, update
from edge_gateway.lifecycle.supervisor import OwnProcess
from edge_gateway.lifecycle.versions import VersionError, Versions, version_of
from simulator.ports import free_port
from tests.gateway.world import Shop, document

NOON_MS = 1_795_000_000_000
HOUR_MS = 3_600_000


@pytest.fixture
def shop(tmp_path: Path) -> settings.Settings:
    """A gateway's folder with a database, an identity, and a configuration beside it."""
    folder = tmp_path / "data"
    world = Shop(folder)
    world.put_document(document())
    world.close()
    (folder / "identity").mkdir()
    (folder / "identity" / "gateway.key").write_text("a key")
    (folder / "broker").mkdir()
    (folder / "broker" / "nats.conf").write_text("made anew at every start")
    config = tmp_path / "gateway.toml"
    config.write_text(f'gateway = "gw-1"\ndata_dir = "{folder}"\n[kiosk]\nport = 8080\n')
    return settings.load(config)


def test_of_the_backups_in_a_folder_the_newest_stay(shop: settings.Settings, tmp_path: Path) -> None:
    folder, config = tmp_path / "backups", tmp_path / "gateway.toml"
    folder.mkdir()
    stranger = folder / "gw-1-my-own-copy.partsbay-backup"
    stranger.write_text("not made here")
    made = [backup.make(shop, config, folder, 2, lambda at=at: NOON_MS + at * HOUR_MS) for at in range(4)]
    assert [path.name for path in made[3].forgotten] == [made[1].path.name]
    assert sorted(folder.iterdir()) == sorted([stranger, made[2].path, made[3].path])
    assert set(made[3].contents.files) == {"gateway.db", "gateway.toml", "data/identity/gateway.key"}
    with pytest.raises(backup.BackupError, match="1 backup or more"):
        backup.make(shop, config, folder, 0, lambda: NOON_MS)


def test_a_backup_brings_back_database_identity_and_settings(shop: settings.Settings, tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    made = backup.make(shop, config, tmp_path / "b.tar", 1, lambda: NOON_MS)
    with closing(sqlite3.connect(shop.database)) as db:
        (balances,) = db.execute("select count(*) from balance").fetchone()
    shutil.rmtree(shop.data_dir)
    config.unlink()
    told = restore_backup.take_config(made.path, config)
    report = asyncio.run(restore_backup.restore_backup(made.path, told, lambda: NOON_MS))
    assert report.epoch != made.contents.epoch
    assert (shop.data_dir / "identity" / "gateway.key").read_text() == "a key"
    assert config.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in shop.data_dir.iterdir()) == ["gateway.db", "identity"]
    with closing(sqlite3.connect(shop.database)) as db:
        assert db.execute("select count(*) from balance").fetchone() == (balances,)
        assert balances > 0


def test_a_backup_is_whole_though_cabinets_enrol_meanwhile(shop: settings.Settings, tmp_path: Path) -> None:
    """The register of certificates is a database in use, too: of it as well one moment is kept."""
    register = Register(shop.data_dir / "identity" / "register.db")
    begun, ending = threading.Event(), threading.Event()

    def enrol() -> None:
        at = 0
        while not ending.is_set():
            at += 1
            with register.changing() as opened:
                note(opened, at, "enrolled", detail="x" * 200)
            begun.set()

    with ThreadPoolExecutor(1) as beside:
        enrolling = beside.submit(enrol)
        try:
            assert begun.wait(60)  # or there is nothing to keep
            made = backup.make(shop, tmp_path / "gateway.toml", tmp_path / "b.tar", 1, lambda: NOON_MS)
        finally:
            ending.set()
        enrolling.result()
    names = {name for name in made.contents.files if name.startswith("data/identity/register")}
    assert names == {"data/identity/register.db"}
    found = archive.unpack(made.path, tmp_path / "found").folder / "data" / "identity" / "register.db"
    assert Register(found).happened(1)
    with closing(sqlite3.connect(found)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_damaged_database_is_not_backed_up(shop: settings.Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(shop.database, isolation_level=None)) as db:
        db.execute("update balance set quantity = quantity + 1")
    with pytest.raises(backup.BackupError, match="ledger"):
        backup.make(shop, tmp_path / "gateway.toml", tmp_path / "b.tar", 1, lambda: NOON_MS)
    assert not (tmp_path / "b.tar").exists()
    assert not list(tmp_path.glob(".backup-*"))


def make_wheel(folder: Path, version: str, says: str) -> Path:
    """A wheel with one program that says something."""
    wheel = folder / f"partsbay-{version}-py3-none-any.whl"
    info = f"partsbay-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("partsbay.py", f"def main():\n    print({says!r})\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: partsbay\nVersion: {version}\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/entry_points.txt", "[console_scripts]\npartsbay = partsbay:main\n")
        file.writestr(f"{info}/RECORD", "")
    return wheel


def test_a_wheel_is_installed_beside_the_others_without_a_network(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "opt")
    first = make_wheel(tmp_path, "0.9.0", "the ninth")
    make_wheel(tmp_path, "0.10.0", "the tenth")
    assert versions.install(str(first), tmp_path) == "0.9.0"
    versions.switch("0.9.0")
    assert versions.install("0.10.0", tmp_path) == "0.10.0"
    assert versions.installed() == ["0.9.0", "0.10.0"]
    current = versions.root / "current" / "bin" / "partsbay"
    assert subprocess.run([current], capture_output=True, text=True, check=True).stdout == "the ninth\n"
    versions.switch("0.10.0")
    assert subprocess.run([current], capture_output=True, text=True, check=True).stdout == "the tenth\n"
    with pytest.raises(VersionError, match="expected `-m pip"):
        versions.install("0.11.0", tmp_path)
    assert versions.installed() == ["0.9.0", "0.10.0"]
    for wrong in ("newest", "../0.2.0", "partsbay-0.2.0-cp311-linux.whl"):
        with pytest.raises(VersionError):
            version_of(wrong)


def test_an_update_refuses_what_nobody_meant(shop: settings.Settings, tmp_path: Path) -> None:
    versions = Versions(tmp_path / "opt")
    for version in ("0.1.0", "0.2.0"):
        program = versions.program(version)
        program.parent.mkdir(parents=True)
        program.touch()
    config = tmp_path / "gateway.toml"
    machine = update.Machine(versions, OwnProcess(versions.root, config), shop, config, print)
    for current, wanted, match in (
        ("", "0.2.0", "found none"),
        ("0.2.0", "0.2.0", "another version"),
        ("0.2.0", "0.1.0", "newer than 0.2.0"),
    ):
        if current:
            versions.switch(current)
        with pytest.raises(update.UpdateError, match=match):
            update.update(machine, wanted, None, downgrade=False)
    with pytest.raises(update.UpdateError, match="an update to go back from"):
        update.roll_back(machine, forget=False)


def test_on_trial_people_are_asked_to_wait_and_the_cloud_hears_nothing(shop: settings.Settings) -> None:
    told = settings.parse(
        {
            "gateway": "gw-1",
            "data_dir": str(shop.data_dir),
            "cloud": {"url": "http://127.0.0.1:9", "key": "x" * 16},
            "kiosk": {"port": 0},
            "broker": {"port": free_port()},
        }
    )
    gateway = Gateway(told)
    trial.begin(told.data_dir, trial.Trial("0.2.0", gateway.now_ms() + HOUR_MS))
    try:
        gateway.start()
        assert gateway.health().trial
        assert gateway.cloud is None
        with pytest.raises(ActionError, match="being updated"):
            gateway.act(OpenJob("p-1", "a job", "", "", 0))
        trial.end(told.data_dir)
        gateway.talk_to_cloud()
        assert gateway.cloud is not None
        assert not gateway.health().trial
    finally:
        gateway.close()
    trial.begin(told.data_dir, trial.Trial("0.2.0", gateway.now_ms() - 1))
    assert not gateway.on_trial()  # whoever began it is gone: nobody waits for ever


def test_a_supervisor_is_told_over_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "60000000")
        notify.notify("READY=1")
        assert line.recv(64) == b"READY=1"
        assert notify.watchdog_s() == 30.0
    notify.notify("STOPPING=1")  # nobody listens any more: no reason to fail
    assert os.environ["NOTIFY_SOCKET"]
