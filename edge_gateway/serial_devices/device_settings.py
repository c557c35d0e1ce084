"""The `[devices.<name>]` tables of the gateway's settings: what hangs on which port, and how it speaks.

Pure. What a kind of device does not know is refused, with a sentence, as everywhere in the settings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any, Final

from edge_gateway.serial_devices.scale_protocols import SCALES

KINDS: Final = ("scale", "scanner", "label_printer", "tag_writer")
PROTOCOLS: Final[Mapping[str, tuple[str, ...]]] = {
    "scale": tuple(SCALES),
    "scanner": ("lines",),
    "label_printer": ("zpl", "tspl"),
    "tag_writer": ("r200",),
}
BAUD: Final[Mapping[str, int]] = {"scanner": 9600, "label_printer": 9600, "tag_writer": 115_200}
DPI: Final = (203, 300, 600)
FLOWS: Final = ("none", "xonxoff", "rtscts")
_BAUDS: Final = (
    300,
    600,
    1200,
    2400,
    4800,
    9600,
    14400,
    19200,
    28800,
    38400,
    57600,
    115_200,
    230_400,
    460_800,
    921_600,
)
_NAME: Final = re.compile(r"[a-z0-9-]{1,32}")
_FRAMING: Final = re.compile(r"[78][NEO][12]")
_TCP: Final = re.compile(r"tcp://[A-Za-z0-9.:\[\]_-]+:[0-9]{1,5}")
_OF_KIND: Final[Mapping[str, frozenset[str]]] = {
    "scale": frozenset({"framing"}),
    "scanner": frozenset({"framing", "prefix", "suffix"}),
    "label_printer": frozenset({"framing", "flow", "dpi", "width_mm", "height_mm", "gap_mm", "font", "printer_font"}),
    "tag_writer": frozenset({"power_cdbm", "header", "trailer", "company_digits"}),
}


class DeviceSettingsError(ValueError):
    """A device's settings cannot be used; the text says where, what was expected and what was found."""


@dataclass(frozen=True)
class DeviceSettings:
    """One device. What is of another kind than its own has its default and means nothing.

    `port`: a serial port (best by its stable name, /dev/serial/by-id/...) or `tcp://host:port`. `baud` 0 and `framing`
    "": as is usual for its kind. `prefix` and `suffix`: what a scanner puts around what it read.
    """

    name: str
    kind: str
    protocol: str
    port: str
    baud: int = 0
    framing: str = ""
    prefix: str = ""
    suffix: str = ""
    flow: str = "none"
    dpi: int = 203
    width_mm: int = 60
    height_mm: int = 40
    gap_mm: int = 2
    font: str = ""  # a file with Chinese characters; "": the first that is found
    printer_font: str = ""  # the printer's own font that has Chinese; "": text goes as a picture
    power_cdbm: int = 1500  # of the desk reader, in hundredths of dBm: it shall hear the tag before it and no other
    header: int = 0xBB
    trailer: int = 0x7E
    company_digits: int = 7  # of the GTIN's company prefix, in the tags that are written

    @property
    def speed(self) -> int:
        """The speed it is opened with first."""
        usual = SCALES[self.protocol].bauds[0] if self.kind == "scale" else BAUD[self.kind]
        return self.baud or usual

    @property
    def bits(self) -> str:
        """Bits, parity and stop bits it is opened with."""
        return self.framing or (SCALES[self.protocol].framing if self.kind == "scale" else "8N1")

    @property
    def is_tcp(self) -> bool:
        """Whether it is reached over the network."""
        return self.port.startswith("tcp://")

    @property
    def has_stable_name(self) -> bool:
        """Whether its port's name stays with the device, whatever is plugged in before it."""
        return self.is_tcp or PurePosixPath(self.port).parts[:4] in (
            ("/", "dev", "serial", "by-id"),
            ("/", "dev", "serial", "by-path"),
        )


def parse_devices(table: Any) -> dict[str, DeviceSettings]:
    """The devices by name, in the file's order; `DeviceSettingsError` when one cannot be used."""
    if not isinstance(table, dict):
        raise DeviceSettingsError(f"expected [devices.<name>] tables, found {type(table).__name__}")
    found = {name: _device(name, each) for name, each in table.items()}
    taken: dict[str, str] = {}
    for name, device in found.items():
        other = taken.setdefault(device.port, name)
        if other != name and not device.is_tcp:
            raise DeviceSettingsError(f"expected a port for each device, found {device.port} for {other} and {name}")
    return found


def _device(name: str, table: Any) -> DeviceSettings:
    where = f"[devices.{name}]"
    if not _NAME.fullmatch(name):
        raise DeviceSettingsError(f"expected a device's name as 1 to 32 of a-z, 0-9 and -, found {name!r}")
    if not isinstance(table, dict):
        raise DeviceSettingsError(f"expected a table {where}, found {type(table).__name__}")
    table = {"protocol": _only_protocol(table.get("kind")), **table}
    known = {each.name: each.type for each in fields(DeviceSettings) if each.name != "name"}
    for key, value in table.items():
        if key not in known:
            raise DeviceSettingsError(f"expected only known keys in {where}, found {key}")
        if type(value) is not known[key]:
            expected = "text" if known[key] is str else "a whole number"
            raise DeviceSettingsError(f"expected {key} in {where} as {expected}, found {type(value).__name__}")
    for key in ("kind", "port"):
        if not table.get(key):
            raise DeviceSettingsError(f"expected {key} in {where}, found none")
    _check_kind(where, table)
    device = DeviceSettings(name, **table)
    _check_line(where, device)
    _check_numbers(where, device)
    return device


def _only_protocol(kind: object) -> str:
    """What need not be said: a kind with one protocol."""
    known = PROTOCOLS.get(kind, ()) if isinstance(kind, str) else ()
    return known[0] if len(known) == 1 else ""


def _check_kind(where: str, table: dict[str, Any]) -> None:
    kind = table["kind"]
    if kind not in KINDS:
        raise DeviceSettingsError(f"expected kind in {where} as {_one_of(KINDS)}, found {kind!r}")
    if table["protocol"] not in PROTOCOLS[kind]:
        known = _one_of(PROTOCOLS[kind])
        raise DeviceSettingsError(f"expected protocol of a {kind} in {where} as {known}, found {table['protocol']!r}")
    foreign = table.keys() - {"kind", "protocol", "port", "baud"} - _OF_KIND[kind]
    if foreign:
        raise DeviceSettingsError(f"expected only what a {kind} has in {where}, found {', '.join(sorted(foreign))}")


def _check_line(where: str, device: DeviceSettings) -> None:
    if "://" in device.port and not _TCP.fullmatch(device.port):
        raise DeviceSettingsError(f"expected port in {where} as a path or tcp://host:port, found {device.port!r}")
    if device.baud and device.baud not in _BAUDS:
        raise DeviceSettingsError(f"expected baud in {where} as a usual speed, as 9600; found {device.baud}")
    if device.framing and not _FRAMING.fullmatch(device.framing):
        raise DeviceSettingsError(f"expected framing in {where} as 8N1, 7E1 and the like, found {device.framing!r}")
    if device.flow not in FLOWS:
        raise DeviceSettingsError(f"expected flow in {where} as {_one_of(FLOWS)}, found {device.flow!r}")


def _check_numbers(where: str, device: DeviceSettings) -> None:
    if device.dpi not in DPI:
        raise DeviceSettingsError(f"expected dpi in {where} as 203, 300 or 600, found {device.dpi}")
    limits = (
        ("width_mm", 20, 160),
        ("height_mm", 15, 300),
        ("gap_mm", 0, 20),
        ("power_cdbm", 0, 3000),
        ("header", 0, 255),
        ("trailer", 0, 255),
        ("company_digits", 6, 12),
    )
    for key, low, high in limits:
        value = getattr(device, key)
        if not low <= value <= high:
            raise DeviceSettingsError(f"expected {key} in {where} from {low} to {high}, found {value}")


def _one_of(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
