"""Installs the service of a gateway: its user, its folders, its units, and systemd told to start them.

On this machine; or `into` a folder that is to be another machine's `/`, as an SD card's image: then nothing is started.
What is as it should be is left as it is, so that a second time changes nothing.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from edge_gateway.lifecycle.service import GROUPS, TIMER, UNITS, USER, Place, ServiceError, units
from edge_gateway.lifecycle.supervisor import UNIT

HERE = Path("/")
_BOOTED = Path("/run/systemd/system")  # sd_booted(3)
_SERVICE = f"{UNIT}.service"
_Owner = tuple[int, int]  # user and group


def run(place: Place, into: Path = HERE) -> int:
    """Install, and say what was changed."""
    into, found = into.absolute(), units(place)
    _refuse(place, into)
    updated = inside(into, UNITS / _SERVICE).exists()
    _make_user(place, into)
    changed = [*_make_folders(place, into, _owner(into)), *_write_units(found, into)]
    _enable(into)
    for path in changed:
        print(f"written or given its rights: {path}")  # noqa: T201 - what a person called it for
    for line in _conclusion(place, into, changed, updated):
        print(line)  # noqa: T201 - the same
    return 0


def inside(into: Path, path: Path) -> Path:
    """Where a whole path of that machine is on this one."""
    return into / path.relative_to("/")


def _refuse(place: Place, into: Path) -> None:
    if os.geteuid() != 0:
        raise ServiceError(f"expected root to install the service (sudo), found user {os.geteuid()}")
    for program in ("systemctl", "systemd-sysusers"):
        if shutil.which(program) is None:
            raise ServiceError(f"expected systemd, found no {program} here. {_without_systemd(place)}")
    if into == HERE and not _BOOTED.is_dir():
        raise ServiceError(f"expected systemd to run this machine, found that it does not. {_without_systemd(place)}")
    if not inside(into, place.program).exists():
        raise ServiceError(f"expected a first version at {place.program}, found none: see docs/running.md")


def _without_systemd(place: Place) -> str:
    return (
        f"Without it: have the machine start `{place.program} gateway run --config {place.config}` as the user who owns"
        f" {place.data_dir}, and again when it ends; give `update` and `roll-back` --no-systemd"
    )


def _make_user(place: Place, into: Path) -> None:
    """A user that nobody logs in as, in the groups of serial ports and printers; made where it is missing."""
    lines = [f'u {USER} - "Partsbay gateway" {place.data_dir}', *(f"m {USER} {group}" for group in GROUPS)]
    _call(["systemd-sysusers", f"--root={into}", "--inline", *lines])


def _owner(into: Path) -> _Owner:
    """The ids of that user there, which need not be those of this machine."""
    for line in inside(into, Path("/etc/passwd")).read_text(encoding="utf-8").splitlines():
        name, _, uid, gid, *_ = [*line.split(":"), *[""] * 4]
        if name == USER:
            return int(uid), int(gid)
    raise ServiceError(f"expected user {USER} in {into}/etc/passwd, found none")


def _make_folders(place: Place, into: Path, owner: _Owner) -> Iterator[Path]:
    """Folders and settings, with what root has made in them, become the user's own and nobody else's."""
    for path, mode in ((place.data_dir, 0o700), (place.backups, 0o700), (place.config, 0o600)):
        there = inside(into, path)
        if path != place.config:
            there.mkdir(mode=0o700, parents=True, exist_ok=True)
            of_root = [each for each in there.rglob("*") if each.lstat().st_uid == 0]
            yield from (each for each in of_root if _give(each, owner))
        if _give(there, owner, mode):
            yield there


def _give(path: Path, owner: _Owner, mode: int | None = None) -> bool:
    """Have a file belong to somebody, by `mode`; whether it did not before."""
    found = path.lstat()
    right = (found.st_uid, found.st_gid) == owner and mode in (None, found.st_mode & 0o7777)
    if not right:
        os.chown(path, *owner, follow_symlinks=False)
        if mode is not None:
            path.chmod(mode)
    return not right


def _write_units(found: dict[str, str], into: Path) -> Iterator[Path]:
    for name, content in found.items():
        path = inside(into, UNITS / name)
        if path.exists() and path.read_text(encoding="utf-8") == content and path.stat().st_mode & 0o7777 == 0o644:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{name}.new")
        beside.write_text(content, encoding="utf-8")
        beside.chmod(0o644)
        beside.replace(path)
        yield path


def _enable(into: Path) -> None:
    """Started with the machine; and now, if this is the machine: it may take its time and is not waited for."""
    if into != HERE:
        _call(["systemctl", f"--root={into}", "enable", _SERVICE, TIMER])
        return
    _call(["systemctl", "daemon-reload"])
    _call(["systemctl", "enable", "--now", "--no-block", _SERVICE, TIMER])


def _conclusion(place: Place, into: Path, changed: list[Path], updated: bool) -> Iterator[str]:
    if not changed:
        yield "everything was as it should be"
    if into != HERE:
        yield f"{UNIT} will start with that machine; a backup is made every night in {place.backups}"
        return
    yield f"{UNIT} starts now and with the machine (systemctl status {UNIT}); a backup every night: {place.backups}"
    if updated and UNITS / _SERVICE in changed:
        yield f"one that runs goes on as it was until `systemctl restart {UNIT}`"


def _call(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if ran.returncode != 0:
        raise ServiceError(f"expected `{' '.join(command)}` to end well, found: {ran.stderr.strip()}")
