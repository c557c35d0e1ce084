"""`partsbay gateway update`: another version in place of this one, and back again by itself when it does not work.

1. The new version is installed beside the old one; a backup is made and checked while the old one works on.
2. The old one ends. Its database is kept as `gateway.db.before-<version>`, exactly as it was left.
3. The new one is started on trial (`trial.py`): it brings the tables up to date and works, but nothing comes about that
   only its database knows. It has to answer, its ledger has to agree, and it has to hear the cabinets.
4. All well: the trial ends. Otherwise it is ended, the old version gets its own database back, and starts. What the
   cabinets had told the new one they still hold; the old one asks for it again by its own cursors, so nothing is lost
   and nothing is booked twice. The new one's database stays aside, for whoever wants to know.
"""

import shutil
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge_gateway import schema
from edge_gateway.lifecycle import backup, trial
from edge_gateway.lifecycle.archive import sync_folder
from edge_gateway.lifecycle.health_check import HealthCheck, heard_lately
from edge_gateway.lifecycle.ownership import give_to_owner_of
from edge_gateway.lifecycle.program_version import in_order
from edge_gateway.lifecycle.supervisor import Supervisor
from edge_gateway.lifecycle.versions import Versions, version_of
from edge_gateway.settings import Settings

WAIT_S = 180.0
_MARGIN_MS = 1_200_000  # the trial ends by itself so long after the wait, should whoever began it be gone
_BACKUPS = "backups"
_LAST = "last-update.json"
Say = Callable[[str], None]


class UpdateError(ValueError):
    """An update or a way back was not begun; the text says what was expected and what was found."""


class LastUpdate(msgspec.Struct, frozen=True):
    """What the newest update did: how to go back."""

    old: str
    new: str
    schema: int  # of the database before
    at_ms: int


@dataclass(frozen=True)
class Machine:
    """One gateway's machine: where its versions are, who starts it, what it is told."""

    versions: Versions
    supervisor: Supervisor
    settings: Settings
    config: Path
    say: Say
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    wait_s: float = WAIT_S

    def check(self, version: str) -> HealthCheck:
        """What has to hold for a version that was started."""
        return HealthCheck(
            self.settings.kiosk, self.config, self.versions.program(version), self.supervisor, self.wait_s
        )


def update(machine: Machine, wanted: str, wheels: Path | None, *, downgrade: bool) -> int:
    """Bring a version into use; 0 when it works, 1 when it did not and the old one is back (`UpdateError`)."""
    old = machine.versions.current()
    _refuse(machine, old, version_of(wanted), downgrade=downgrade)
    new = machine.versions.install(wanted, wheels)
    machine.say(f"version {new} is installed beside {old}")
    _back_up(machine)
    machine.supervisor.stop()
    before = _set_aside_copy(machine, new)
    _note(machine, LastUpdate(old, new, _schema(before), machine.now_ms()))
    wrong = _try(machine, new, heard_lately(before, machine.now_ms()))
    if not wrong:
        trial.end(machine.settings.data_dir)
        machine.say(f"version {new} works: it answers, its ledger agrees, the cabinets are heard")
        return 0
    machine.say(f"version {new} does not work: {wrong}")
    _return(machine, old, before)
    return 1


def roll_back(machine: Machine, *, forget: bool) -> int:
    """The version before the newest update again; 0 when it works.

    With the same tables it goes on with the database as it is. With other tables it needs its own database of before
    the update: what came since is in the cloud or in the cabinets, or it is forgotten, which `forget` has to allow.
    """
    last = _last(machine)
    if machine.versions.current() != last.new:
        raise UpdateError(f"expected version {last.new} in use, found {machine.versions.current() or 'none'}")
    before = _before(machine.settings.database, last.new)
    same_tables = _schema(machine.settings.database) == last.schema
    if not same_tables and not forget:
        _refuse_to_forget(machine, before)
    machine.supervisor.stop()
    if not same_tables:
        _put_back(machine, before)
    machine.versions.switch(last.old)
    machine.supervisor.start()
    machine.say(f"version {last.old} is started again")
    return _say_whether_back(machine, last.old)


def _refuse(machine: Machine, old: str, new: str, *, downgrade: bool) -> None:
    if not old:
        raise UpdateError(
            f"expected a version in use at {machine.versions.root}/current, found none: see docs/running.md"
        )
    if old == new:
        raise UpdateError(f"expected another version than the one in use, found {new}")
    if in_order(new) < in_order(old) and not downgrade:
        raise UpdateError(f"expected a version newer than {old}, found {new}: --downgrade if it is meant")
    if machine.settings.kiosk.port == 0:
        raise UpdateError("expected a fixed port in [kiosk], to see whether the new version answers; found 0")
    size = machine.settings.database.stat().st_size if machine.settings.database.exists() else 0
    free = shutil.disk_usage(machine.settings.data_dir).free
    if free < 4 * size:
        raise UpdateError(f"expected {4 * size // 1_000_000} MB free for the way back, found {free // 1_000_000} MB")


def _back_up(machine: Machine) -> None:
    folder = machine.settings.data_dir.parent / f"{machine.settings.data_dir.name}-{_BACKUPS}"
    if not folder.exists():
        folder.mkdir(mode=0o700)
        give_to_owner_of(machine.settings.data_dir, folder)
    for line in backup.make(machine.settings, machine.config, folder, backup.KEEP, machine.now_ms).lines():
        machine.say(line)


def _set_aside_copy(machine: Machine, new: str) -> Path:
    """The database exactly as the old version left it."""
    before = _before(machine.settings.database, new)
    before.unlink(missing_ok=True)
    backup.copy_database(machine.settings.database, before, pause_s=0)
    give_to_owner_of(before.parent, before)
    sync_folder(before.parent)
    return before


def _before(database: Path, new: str) -> Path:
    return database.with_name(f"{database.name}.before-{new}")


def _try(machine: Machine, new: str, cabinets: list[str]) -> str:
    """Start the new version on trial; "" when it works, else why not."""
    begun_ms = machine.now_ms()
    trial.begin(machine.settings.data_dir, trial.Trial(new, begun_ms + int(machine.wait_s * 1000) + _MARGIN_MS))
    machine.versions.switch(new)
    try:
        machine.supervisor.start()
        return machine.check(new).wait(cabinets, begun_ms)
    except Exception as error:  # whatever it is, the shop has to work: the old version comes back
        return f"{type(error).__name__}: {error}"


def _return(machine: Machine, old: str, before: Path) -> None:
    machine.supervisor.stop()
    _put_back(machine, before)
    machine.versions.switch(old)
    trial.end(machine.settings.data_dir)
    machine.supervisor.start()
    machine.say(f"version {old} is back, with its own database; what came meanwhile the cabinets send again")
    _say_whether_back(machine, old)


def _put_back(machine: Machine, before: Path) -> None:
    """The old version's database in its place; the new one's stays aside with all that belongs to it."""
    database = machine.settings.database
    aside = database.with_name(f"{database.name}.failed-{machine.now_ms()}")
    for ending in ("-wal", "-shm", "-journal", ""):  # the database last: until then it is whole in its place
        path = database.with_name(database.name + ending)
        if path.exists():
            path.rename(aside.with_name(aside.name + ending))
    beside = database.with_name(database.name + ".part")
    beside.unlink(missing_ok=True)
    backup.copy_database(before, beside, pause_s=0)
    give_to_owner_of(database.parent, beside)
    beside.rename(database)
    sync_folder(database.parent)


def _say_whether_back(machine: Machine, version: str) -> int:
    """Older versions have no /healthz: that it runs and its ledger agrees is what all of them can say."""
    wrong = machine.supervisor.trouble()
    machine.say(f"version {version} does not run: {wrong}" if wrong else f"version {version} runs")
    return 1 if wrong else 0


def _refuse_to_forget(machine: Machine, before: Path) -> None:
    if not before.exists():
        raise UpdateError(f"expected the database of before at {before}, found none: restore from a backup instead")
    with closing(schema.open_for_reading(str(machine.settings.database))) as db:
        (waiting,) = db.execute("select (select max(seq) from outbox) - max(through, pruned) from upload").fetchone()
    if not machine.settings.cloud.url:
        raise UpdateError(
            "expected a cloud that holds what came since the update, found none: cabinets send again what they still "
            "hold, the rest would be forgotten; --forget if that is meant"
        )
    if waiting:
        raise UpdateError(
            f"expected everything to be in the cloud, found {waiting} items that wait: try again when `gateway status` "
            "says 0, or --forget"
        )


def _schema(database: Path) -> int:
    with closing(schema.open_for_reading(str(database))) as db:
        return int(db.execute("pragma user_version").fetchone()[0])


def _note(machine: Machine, last: LastUpdate) -> None:
    path = machine.versions.root / _LAST
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(msgspec.json.encode(last))
    beside.replace(path)


def _last(machine: Machine) -> LastUpdate:
    try:
        return msgspec.json.decode((machine.versions.root / _LAST).read_bytes(), type=LastUpdate)
    except (OSError, msgspec.MsgspecError) as error:
        raise UpdateError(f"expected an update to go back from, found: {error}") from error
