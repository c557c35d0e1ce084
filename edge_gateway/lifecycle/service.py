"""`partsbay gateway service`: the units by which systemd runs a gateway, printed or installed.

It runs as a user of its own that can write its data_dir and nothing else, is started again whatever ends it, and is
ended and started anew when it stops saying that it is alive. `partsbay-backup.timer` makes a backup every night.
"""

from dataclasses import dataclass
from pathlib import Path

from edge_gateway.lifecycle.supervisor import UNIT
from edge_gateway.settings import Settings

USER = "partsbay"
GROUPS = ("dialout", "lp")  # whose serial ports and label printers are
TIMER = "partsbay-backup.timer"
UNITS = Path("/etc/systemd/system")
# What ProtectHome and PrivateTmp hide from the service.
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - refused, never used
# Below 1024 a port needs a capability that nothing else of this service needs.
_LOW_PORT = "AmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE"
_NO_CAPABILITY = "CapabilityBoundingSet="
_SHUT_IN = """\
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""

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
SupplementaryGroups={groups}
ExecStart={program} gateway run --config {config}
Restart=always
RestartSec=2
TimeoutStartSec=15min
TimeoutStopSec=60
WatchdogSec=60
LimitNOFILE=16384

ReadWritePaths={data_dir}
{shut_in}RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RemoveIPC=yes
DevicePolicy=closed
DeviceAllow=char-ttyUSB rw
DeviceAllow=char-ttyACM rw
DeviceAllow=char-ttyS rw
DeviceAllow=char-ttyAMA rw
DeviceAllow=char-usb rw
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
Nice=10
IOSchedulingClass=idle

ReadWritePaths={data_dir} {backups}
{shut_in}RestrictAddressFamilies=AF_UNIX
PrivateNetwork=yes
PrivateDevices=yes
CapabilityBoundingSet=
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
    """Where everything of a gateway is on its machine, by whole paths, and the ports that it listens at."""

    root: Path
    config: Path
    data_dir: Path
    ports: tuple[int, ...]

    @property
    def program(self) -> Path:
        """The command, of whichever version is the present one."""
        return self.root / "current" / "bin" / "partsbay"

    @property
    def backups(self) -> Path:
        """Where backups are made every night."""
        return self.data_dir.with_name(f"{self.data_dir.name}-backups")


def place_of(root: Path, config: Path, settings: Settings) -> Place:
    """Where everything is, by whole paths: systemd knows no other."""
    broker = settings.broker
    ports = [settings.kiosk.port, settings.enrolment.port]
    if broker.kind == "embedded":
        ports.append(broker.port)
    if broker.tls != "off":
        ports += [broker.tls_port, broker.time_port]
    return Place(root.absolute(), config.absolute(), settings.data_dir.absolute(), tuple(ports))


def units(place: Place) -> dict[str, str]:
    """The units by file name (`ServiceError` when systemd would not find its way with these paths)."""
    _refuse_odd(place)
    words = {
        "user": USER,
        "groups": " ".join(GROUPS),
        "program": place.program,
        "config": place.config,
        "data_dir": place.data_dir,
        "backups": place.backups,
        "shut_in": _SHUT_IN,
        "capabilities": _LOW_PORT if any(0 < port < 1024 for port in place.ports) else _NO_CAPABILITY,
    }
    return {
        f"{UNIT}.service": _GATEWAY.format(**words),
        "partsbay-backup.service": _BACKUP.format(**words),
        TIMER: _TIMER,
    }


def print_units(place: Place) -> int:
    """What `--install` would write, for people to read."""
    for name, content in units(place).items():
        print(f"# {UNITS / name}\n{content}")  # noqa: T201 - what a person called it for
    return 0


def _refuse_odd(place: Place) -> None:
    for path in (place.root, place.config, place.data_dir):
        if any(character in " \t\n\"'\\%$" for character in str(path)):
            raise ServiceError(f"expected paths without spaces, quotes, % and $ in a unit, found {path}")
        if any(path.is_relative_to(hidden) for hidden in _HIDDEN):
            raise ServiceError(f"expected no path below {', '.join(_HIDDEN)}: the service sees none; found {path}")
