"""`partsbay gateway service`: the unit by which systemd runs a gateway, printed or installed.

It runs as a user of its own that can write its data_dir and nothing else, is started again whatever ends it, and is
ended and started anew when it stops saying that it is alive. `partsbay-backup.timer` makes a backup every night.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from edge_gateway.lifecycle.supervisor import UNIT
from edge_gateway.settings import Settings

USER = "partsbay"
UNITS = Path("/etc/systemd/system")
# Below 1024 a port needs a capability that nothing else of this service needs.
_LOW_PORT = "AmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE\n"
_NO_CAPABILITY = "CapabilityBoundingSet=\n"

_GATEWAY = """\
[Unit]
Description=Partsbay gateway: the shop's parts cabinets
Documentation=https://github.com/partsbay/partsbay
Wants=network-online.target
After=network-online.target time-sync.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
User={user}
Group={user}
ExecStart={program} gateway run --config {config}
Restart=always
RestartSec=2
TimeoutStartSec=15min
TimeoutStopSec=60
WatchdogSec=60
UMask=0077
LimitNOFILE=16384
SupplementaryGroups=dialout

NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={data_dir}
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
DevicePolicy=closed
DeviceAllow=char-ttyUSB rw
DeviceAllow=char-ttyACM rw
DeviceAllow=char-ttyS rw
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
{capabilities}
[Install]
WantedBy=multi-user.target
"""

_BACKUP = """\
[Unit]
Description=Partsbay gateway: a backup while it runs

[Service]
Type=oneshot
User={user}
Group={user}
ExecStart={program} gateway backup --config {config} --to {backups}
UMask=0077
Nice=10
IOSchedulingClass=idle
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={data_dir} {backups}
ProtectHome=yes
PrivateTmp=yes
PrivateNetwork=yes
"""

_TIMER = """\
[Unit]
Description=Partsbay gateway: a backup every night

[Timer]
OnCalendar=*-*-* 03:10
RandomizedDelaySec=20min
Persistent=yes

[Install]
WantedBy=timers.target
"""


class ServiceError(ValueError):
    """The service cannot be installed; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Place:
    """Where everything of a gateway is on a machine."""

    root: Path
    config: Path
    data_dir: Path
    ports: tuple[int, ...]

    @property
    def backups(self) -> Path:
        """Where backups are made every night."""
        return self.data_dir.with_name(f"{self.data_dir.name}-backups")


def place_of(root: Path, config: Path, settings: Settings) -> Place:
    """Where everything is, by whole paths: systemd knows no other."""
    ports = (settings.kiosk.port, settings.broker.port if settings.broker.kind == "embedded" else 0)
    return Place(root.absolute(), config.absolute(), settings.data_dir.absolute(), ports)


def units(place: Place) -> dict[str, str]:
    """The units by file name."""
    _refuse_odd(place)
    words = {
        "user": USER,
        "program": place.root / "current" / "bin" / "partsbay",
        "config": place.config,
        "data_dir": place.data_dir,
        "backups": place.backups,
        "capabilities": _LOW_PORT if any(0 < port < 1024 for port in place.ports) else _NO_CAPABILITY,
    }
    return {
        f"{UNIT}.service": _GATEWAY.format(**words),
        "partsbay-backup.service": _BACKUP.format(**words),
        "partsbay-backup.timer": _TIMER,
    }


def run(place: Place, *, install: bool) -> int:
    """Print the units, or install them: make the user and folders, write the files, enable them."""
    found = units(place)
    if not install:
        for name, content in found.items():
            print(f"# {UNITS / name}\n{content}")  # noqa: T201 - what a person called it for
        return 0
    for command in _steps(place):
        _call(command)
    for name, content in found.items():
        (UNITS / name).write_text(content)
    _call(["systemctl", "daemon-reload"])
    _call(["systemctl", "enable", "--now", f"{UNIT}.service", "partsbay-backup.timer"])
    print(f"{UNIT} runs, and is started with the machine; a backup is made every night in {place.backups}")  # noqa: T201
    return 0


def _steps(place: Place) -> list[list[str]]:
    """What has to be there before the units are."""
    return [
        ["systemd-sysusers", "--inline", f'u {USER} - "Partsbay gateway" {place.data_dir}'],
        *(
            ["install", "-d", "-m", "0700", "-o", USER, "-g", USER, str(folder)]
            for folder in (place.data_dir, place.backups)
        ),
        ["chown", f"{USER}:{USER}", str(place.config)],
        ["chmod", "0600", str(place.config)],
    ]


def _refuse_odd(place: Place) -> None:
    for path in (place.root, place.config, place.data_dir):
        if any(character in " \t\n\"'\\%$" for character in str(path)):
            raise ServiceError(f"expected paths without spaces, quotes, % and $ in a unit, found {path}")


def _call(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if ran.returncode != 0:
        raise ServiceError(f"expected `{' '.join(command)}` to end well, found: {ran.stderr.strip()}")
