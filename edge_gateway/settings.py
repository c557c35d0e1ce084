"""The gateway's settings: one TOML file, read once into frozen objects.

An unknown key, a missing one or a value of the wrong type refuses to start (`SettingsError`, a sentence).
Secrets never appear in the printed form.
"""

import re
import tomllib
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from cabinet import wire

from edge_gateway.serial_devices.device_settings import DeviceSettings, DeviceSettingsError, parse_devices

TLS = ("off", "both", "required")
POLL_S_MAX = 600  # the cloud lets nobody wait longer
_NAME = re.compile(r"[a-z0-9-]{1,32}")
_PASSWORD = re.compile(r"(?!\$)[!#-\[\]-~]{8,128}")  # goes into a NATS file: no quotes, no backslash, no leading $
_ACCESS_KEY = re.compile(r"[0-9a-f]{64}")


class SettingsError(ValueError):
    """The settings cannot be used; the text says where, what was expected and what was found."""


def _secret(default: Any = MISSING) -> Any:
    return field(repr=False) if default is MISSING else field(default=default, repr=False)


@dataclass(frozen=True)
class CloudSettings:
    """Where the cloud is. Without a url the gateway works alone; without a key it has joined by code (`identity/`).

    `poll_s` is how long one question for a newer document may wait for its answer; what is between may cut it short.
    """

    url: str = ""
    key: str = _secret("")
    poll_s: int = 25
    catalogue: str = "whole"  # or "bins": only the parts that lie in this shop's cabinets


@dataclass(frozen=True)
class KioskSettings:
    """Where the kiosk's pages are served. Port 0: any free one."""

    host: str = "127.0.0.1"
    port: int = 8080


@dataclass(frozen=True)
class BrokerSettings:
    """The MQTT broker: `embedded` is started and ended here, `external` is somebody else's.

    `tls`: whether cabinets sign in by certificate: `off`: by password only, at `port`; `both`: while a shop changes
    over; `required`. With certificates they come to `tls_port`, and ask at `time_port` what the date is.
    """

    kind: str = "embedded"
    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: str = _secret("")
    tls: str = "off"
    tls_port: int = 8883
    time_port: int = 8884


@dataclass(frozen=True)
class EnrolmentSettings:
    """Where cabinets enrol while a code for one is good. Host "": where the broker listens."""

    host: str = ""
    port: int = 8443


@dataclass(frozen=True)
class CabinetSettings:
    """A cabinet's secrets: its MQTT password (its user name is its id) and the key that signs its access list."""

    password: str = _secret()
    access_key: str = _secret()


@dataclass(frozen=True)
class Settings:
    """Everything the gateway is told from outside."""

    gateway: str
    data_dir: Path
    cloud: CloudSettings = CloudSettings()
    kiosk: KioskSettings = KioskSettings()
    broker: BrokerSettings = BrokerSettings()
    enrolment: EnrolmentSettings = EnrolmentSettings()
    cabinets: dict[str, CabinetSettings] = field(default_factory=dict)
    devices: dict[str, DeviceSettings] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """The gateway's one database."""
        return self.data_dir / "gateway.db"

    @property
    def catalogue(self) -> Path:
        """The dealer's catalogue as far as it has been fetched: beside the books, for it can be fetched again."""
        return self.data_dir / "catalogue.db"


def load(path: Path) -> Settings:
    """The settings of a TOML file; `SettingsError` when they cannot be used."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"expected settings in TOML at {path}, found: {error}") from error
    return parse(table)


def parse(table: dict[str, Any]) -> Settings:
    """Settings from a parsed TOML table."""
    table = dict(table)
    tables = {
        "cloud": _part(CloudSettings, table.pop("cloud", {}), "cloud"),
        "kiosk": _part(KioskSettings, table.pop("kiosk", {}), "kiosk"),
        "broker": _part(BrokerSettings, table.pop("broker", {}), "broker"),
        "enrolment": _part(EnrolmentSettings, table.pop("enrolment", {}), "enrolment"),
        "cabinets": _cabinets(table.pop("cabinets", {})),
        "devices": _devices(table.pop("devices", {})),
    }
    _refuse_unknown(set(table) - {"gateway", "data_dir"}, "the settings")
    settings = Settings(
        gateway=_text(table, "gateway", "the settings"),
        data_dir=Path(_text(table, "data_dir", "the settings")),
        **tables,
    )
    _check(settings)
    return settings


def _cabinets(table: Any) -> dict[str, CabinetSettings]:
    if not isinstance(table, dict):
        raise SettingsError(f"expected [cabinets.<id>] tables, found {type(table).__name__}")
    return {name: _part(CabinetSettings, part, f"cabinets.{name}") for name, part in table.items()}


def _devices(table: Any) -> dict[str, DeviceSettings]:
    try:
        return parse_devices(table)
    except DeviceSettingsError as error:
        raise SettingsError(str(error)) from error


def _part(shape: Any, table: Any, where: str) -> Any:
    if not isinstance(table, dict):
        raise SettingsError(f"expected a table [{where}], found {type(table).__name__}")
    known = {entry.name: entry for entry in fields(shape)}
    _refuse_unknown(set(table) - set(known), f"[{where}]")
    for name, entry in known.items():
        if name not in table:
            if entry.default is MISSING:
                raise SettingsError(f"expected {name} in [{where}], found none")
        elif type(table[name]) is not entry.type:
            expected = "text" if entry.type is str else "a whole number"
            raise SettingsError(f"expected {name} in [{where}] as {expected}, found {type(table[name]).__name__}")
    return shape(**table)


def _text(table: dict[str, Any], name: str, where: str) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"expected {name} in {where} as text, found {value!r}")
    return value


def _refuse_unknown(names: set[str], where: str) -> None:
    if names:
        raise SettingsError(f"expected only known keys in {where}, found {', '.join(sorted(names))}")


def _check(settings: Settings) -> None:
    if not _NAME.fullmatch(settings.gateway):
        raise SettingsError(f"expected gateway as 1 to 32 of a-z, 0-9 and -, found {settings.gateway!r}")
    if settings.broker.kind not in ("embedded", "external"):
        raise SettingsError(f"expected broker.kind as embedded or external, found {settings.broker.kind!r}")
    if settings.cloud.key and not settings.cloud.url:
        raise SettingsError("expected cloud.url beside cloud.key, found none")
    if settings.cloud.catalogue not in ("whole", "bins"):
        raise SettingsError(f"expected cloud.catalogue as whole or bins, found {settings.cloud.catalogue!r}")
    if not 1 <= settings.cloud.poll_s <= POLL_S_MAX:
        raise SettingsError(f"expected cloud.poll_s from 1 to {POLL_S_MAX}, found {settings.cloud.poll_s}")
    if settings.broker.tls not in TLS:
        raise SettingsError(f"expected broker.tls as one of {', '.join(TLS)}, found {settings.broker.tls!r}")
    broker = settings.broker
    for name, port in (
        ("broker.port", broker.port),
        ("broker.tls_port", broker.tls_port),
        ("broker.time_port", broker.time_port),
        ("kiosk.port", settings.kiosk.port),
        ("enrolment.port", settings.enrolment.port),
    ):
        if not 0 <= port <= 65535:
            raise SettingsError(f"expected {name} from 0 to 65535, found {port}")
    for name, cabinet in settings.cabinets.items():
        _check_cabinet(name, cabinet)


def _check_cabinet(name: str, cabinet: CabinetSettings) -> None:
    try:
        wire.check_cabinet(name)
    except wire.WireError as error:
        raise SettingsError(str(error)) from error
    if not _PASSWORD.fullmatch(cabinet.password):
        raise SettingsError(
            f"expected cabinets.{name}.password as 8 to 128 printable ASCII characters "
            'without spaces, " and \\, not beginning with $; found something else'
        )
    if not _ACCESS_KEY.fullmatch(cabinet.access_key):
        raise SettingsError(f"expected cabinets.{name}.access_key as 64 lower-case hex digits, found something else")
