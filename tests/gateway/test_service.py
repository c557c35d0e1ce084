"""The service of a gateway: units that systemd takes, and its installation into a folder that is another machine's /.

Without root, or without systemd, what is said in its place.
"""

import configparser
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

import partsbay
from edge_gateway import access_key, settings
from edge_gateway.lifecycle import service, service_install

CONFIG = Path("/etc/partsbay/gateway.toml")
DATA = Path("/var/lib/partsbay")
ROOT = Path("/opt/partsbay")
UNITS = ("partsbay-gateway.service", "partsbay-backup.service", "partsbay-backup.timer")
SETTINGS = f"""\
gateway = "gw-1"
data_dir = "{DATA}"
[kiosk]
port = 80
[cabinets.cab-1]
password = "cab-1-password"
access_key = "{"5c" * 32}"
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The root of another machine, with settings, a database that root has made, and a first version."""
    into = tmp_path / "machine"
    for folder in (CONFIG.parent, DATA, ROOT / "versions" / "0.2.0" / "bin"):
        service_install.inside(into, folder).mkdir(parents=True)
    service_install.inside(into, CONFIG).write_text(SETTINGS)
    service_install.inside(into, DATA / "gateway.db").write_text("a database")
    program = service_install.inside(into, ROOT / "versions" / "0.2.0" / "bin" / "partsbay")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    service_install.inside(into, ROOT / "current").symlink_to("versions/0.2.0")
    return into


def place(text: str = SETTINGS) -> service.Place:
    """Where everything of that machine's gateway is."""
    return service.place_of(ROOT, CONFIG, settings.parse(settings.tomllib.loads(text)))


def _section(name: str, text: str = SETTINGS) -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(service.units(place(text))[name])
    return unit["Service"]


def test_a_unit_may_write_its_own_folders_and_no_more() -> None:
    gateway, backup = _section(UNITS[0]), _section(UNITS[1])
    assert gateway["ReadWritePaths"] == str(DATA)
    assert backup["ReadWritePaths"] == f"{DATA} {DATA}-backups"
    for section in (gateway, backup):
        assert (section["ProtectSystem"], section["NoNewPrivileges"], section["UMask"]) == ("strict", "yes", "0077")
    assert backup["CapabilityBoundingSet"] == ""


@pytest.mark.parametrize(
    ("lines", "needed"),
    [
        ("", False),
        ("[kiosk]\nport = 80", True),
        ("[enrolment]\nport = 443", True),
        ('[broker]\ntls = "both"\ntls_port = 883', True),
        ('[broker]\nkind = "external"\nport = 883', False),  # somebody else listens there
    ],
)
def test_a_port_below_1024_takes_the_one_capability_it_needs(lines: str, needed: bool) -> None:
    gateway = _section(UNITS[0], f'gateway = "gw-1"\ndata_dir = "{DATA}"\n{lines}\n')
    capability = "CAP_NET_BIND_SERVICE" if needed else ""
    assert (gateway["CapabilityBoundingSet"], gateway.get("AmbientCapabilities", "")) == (capability, capability)


@pytest.mark.parametrize(
    ("path", "said"), [("/srv/p b", "without spaces"), ("/home/li/partsbay", "the service sees none; found /home/li")]
)
def test_a_path_that_the_service_would_not_find_is_refused(path: str, said: str) -> None:
    with pytest.raises(service.ServiceError, match=said):
        service.units(place(SETTINGS.replace(str(DATA), path)))


def test_it_is_installed_into_a_machine_once(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _state(machine)
    if os.geteuid() != 0 or shutil.which("systemctl") is None or shutil.which("systemd-sysusers") is None:
        with pytest.raises(service.ServiceError, match=r"expected root to install|expected systemd, found no"):
            service_install.run(place(), machine)
        assert _state(machine) == before
        return
    assert partsbay.main(["gateway", "service", "--config", str(CONFIG), "--install", "--into", str(machine)]) == 0
    said = capsys.readouterr().out
    for name in UNITS:
        path = machine / "etc/systemd/system" / name
        assert path.read_text() == service.units(place())[name]
        assert (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode)) == (0, 0o644)
        assert str(path) in said
    wanted = machine / "etc/systemd/system"
    assert (wanted / "multi-user.target.wants" / UNITS[0]).readlink() == Path("/etc/systemd/system") / UNITS[0]
    assert (wanted / "timers.target.wants" / UNITS[2]).is_symlink()
    user = _entry(machine / "etc/passwd", "partsbay")
    assert user[4:] == ["Partsbay gateway", str(DATA), shutil.which("nologin") or user[6]]
    for group in ("dialout", "lp"):
        assert _entry(machine / "etc/group", group)[3] == "partsbay"
    owner = int(user[2])
    for path, mode in (
        (DATA, 0o700), (DATA / "gateway.db", 0o644), (Path(f"{DATA}-backups"), 0o700), (CONFIG, 0o600),
    ):  # fmt: skip
        found = service_install.inside(machine, path).stat()
        assert (path, found.st_uid, oct(stat.S_IMODE(found.st_mode))) == (path, owner, oct(mode))
    verified = _verify(machine)
    assert verified.returncode == 0 and not verified.stderr, verified.stderr

    once = _state(machine)
    assert service_install.run(place(), machine) == 0
    assert _state(machine) == once
    assert "everything was as it should be" in capsys.readouterr().out

    # Another key is written by root, and the gateway's user still reads it.
    access_key.replace(service_install.inside(machine, CONFIG), "cab-1")
    found = service_install.inside(machine, CONFIG).stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (owner, 0o600)


def test_a_machine_without_systemd_is_told_what_to_do(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(machine))
    before = _state(machine)
    with pytest.raises(service.ServiceError) as refused:
        service_install.run(place(), machine)
    assert "expected systemd, found no systemctl here" in str(refused.value)
    assert f"start `{ROOT}/current/bin/partsbay gateway run --config {CONFIG}` as the user" in str(refused.value)
    assert "--no-systemd" in str(refused.value)
    assert _state(machine) == before


def _verify(machine: Path) -> subprocess.CompletedProcess[str]:
    """What systemd itself says of the units, as they lie in that machine."""
    command = ["systemd-analyze", "verify", f"--root={machine}", "--recursive-errors=no", *UNITS]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _entry(path: Path, name: str) -> list[str]:
    return next(line.split(":") for line in path.read_text().splitlines() if line.startswith(f"{name}:"))


def _state(machine: Path) -> dict[str, tuple[int, ...]]:
    """Everything there is, with owner and rights; of files also the moment of the last change to anything of them."""
    return {str(path): _seen(path) for path in machine.rglob("*")}


def _seen(path: Path) -> tuple[int, ...]:
    found = path.lstat()
    changed = 0 if path.is_dir() else found.st_ctime_ns  # systemd-sysusers makes a lock beside /etc/passwd, and ends it
    return found.st_uid, found.st_gid, found.st_mode, changed
