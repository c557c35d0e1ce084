"""A port of this machine, or a socket in its place: opened, and named by what stays the same.

The only file that opens a line. What can go wrong is in `LINE_ERRORS`: pyserial lets errors of termios through.
"""

import stat
from pathlib import Path
from typing import Final

import serial
from serial.tools import list_ports

from edge_gateway.serial_devices.device_settings import DeviceSettings

try:
    from termios import error as _termios_error
except ImportError:  # Windows has no termios, and pyserial raises nothing of it there
    _termios_error = OSError  # type: ignore[assignment,misc]

LINE_ERRORS: Final[tuple[type[Exception], ...]] = (OSError, _termios_error)  # pyserial's own are `OSError`s
LOOK_S = 0.1  # how long a read waits: so soon a thread sees that it shall end
WRITE_S = 2.0
BY_ID = Path("/dev/serial/by-id")


def open_port(device: DeviceSettings, baud: int) -> serial.SerialBase:
    """The open line of a device, for this process alone; `OSError` when there is none."""
    url = device.port.replace("tcp://", "socket://", 1) if device.is_tcp else device.port
    bits = device.bits
    if not device.is_tcp and not _is_line(Path(url)):
        raise FileNotFoundError(f"expected a serial port at {url}, found none")
    opened: serial.SerialBase = serial.serial_for_url(
        url,
        baudrate=baud,
        bytesize=int(bits[0]),
        parity=bits[1],
        stopbits=int(bits[2]),
        timeout=LOOK_S,
        write_timeout=WRITE_S,
        xonxoff=device.flow == "xonxoff",
        rtscts=device.flow == "rtscts",
        **({} if device.is_tcp else {"exclusive": True}),
    )
    return opened


def _is_line(path: Path) -> bool:
    """Whether there is a device at a path: pyserial would otherwise say so less clearly."""
    try:
        return stat.S_ISCHR(path.stat().st_mode)
    except FileNotFoundError:
        return False


def is_there(device: DeviceSettings) -> bool:
    """Whether a device's port has a name on this machine: what cannot be opened then is not unplugged."""
    return not device.is_tcp and Path(device.port).exists()


def known_ports() -> list[tuple[str, str]]:
    """The machine's serial ports: (the name that stays, or else the one of now; what it says of itself)."""
    stable = {str(link.resolve()): str(link) for link in sorted(BY_ID.glob("*"))} if BY_ID.is_dir() else {}
    ports = sorted(list_ports.comports(), key=lambda port: port.device)
    return [(stable.get(port.device, port.device), port.description or "") for port in ports]
