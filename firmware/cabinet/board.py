"""The board file and the settings: read once, checked, and the board's devices made from them.

Pins, buses and chips are named by `board.json` (a file of `hardware/boards/`), who the cabinet is by `settings.json`.
An unknown or missing key refuses to start. Making the devices lets go of every lock coil before anything else.
"""

import json

import machine
import neopixel
import network

from cabinet import wire
from cabinet.door import Door
from cabinet.nau7802 import Nau7802
from cabinet.tca9548a import CHANNELS, Tca9548a

_BOARD = (
    "name",
    "title",
    "micropython",
    "bins",
    "reader",
    "lights",
    "doors",
    "ethernet",
    "watchdog_ms",
    "journal_bytes",
)
_BOARD_MAY = ("tags", "i2c", "mux_first", "rs485")
_SETTINGS = ("cabinet", "broker_host", "broker_port", "username", "password", "access_key")
_SETTINGS_MAY = ("tls", "time_port", "locks")
_TLS = ("ca", "cert", "key", "server_name")  # three files in DER, and what the broker's certificate must be for
LOCKS = ("fail_secure", "fail_safe")  # what a door does without power: stay shut, or open
_READER_TIMEOUT_MS = 0  # a read never waits: asyncio does


class SettingsError(ValueError):
    """A file of settings is not as it should be; the text says what was expected and found."""


def read_board(path: str) -> dict:
    """The board file."""
    board = _read(path, _BOARD, _BOARD_MAY)
    if not 1 <= board["bins"] <= wire.BINS_MAX:
        raise SettingsError("expected 1 to %d bins in %s, found %r" % (wire.BINS_MAX, path, board["bins"]))
    for key, kind in (("reader", "pn532"), ("tags", "r200")):
        if key in board and board[key]["kind"] != kind:
            raise SettingsError("expected a %s as %s in %s, found %r" % (kind, key, path, board[key]["kind"]))
    if ("i2c" in board and "mux_first" in board) == ("rs485" in board):
        raise SettingsError("expected either i2c with mux_first or rs485 in %s, found both or none" % path)
    if board["ethernet"]["phy"] not in _WIRINGS:
        raise SettingsError("expected a phy of %s in %s" % (", ".join(sorted(_WIRINGS)), path))
    return board


def read_settings(path: str) -> dict:
    """The cabinet's settings; the key as bytes, `locks` always there."""
    settings = _read(path, _SETTINGS, _SETTINGS_MAY)
    settings["locks"] = settings.get("locks", LOCKS[0])
    for key in settings:
        expected = int if key.endswith("_port") else dict if key == "tls" else str
        if type(settings[key]) is not expected:
            raise SettingsError("expected %s in %s as %s, found another type" % (key, path, expected.__name__))
    if settings["locks"] not in LOCKS:
        raise SettingsError("expected locks in %s as fail_secure or fail_safe, found %r" % (path, settings["locks"]))
    if "tls" in settings:
        _check_tls(settings["tls"], path)
    wire.check_cabinet(settings["cabinet"])
    try:
        settings["access_key"] = bytes.fromhex(settings["access_key"])
    except ValueError:
        raise SettingsError("expected access_key in %s as hex digits, found something else" % path)
    return settings


def _check_tls(names, path):
    if sorted(names) != sorted(_TLS) or [key for key in _TLS if type(names[key]) is not str]:
        raise SettingsError("expected tls in %s with ca, cert, key and server_name, found %r" % (path, sorted(names)))


def _read(path, keys, may=()):
    with open(path) as file:
        values = json.load(file)
    for key in values:
        if key not in keys and key not in may:
            raise SettingsError("expected only known keys in %s, found %r" % (path, key))
    for key in keys:
        if key not in values:
            raise SettingsError("expected a key %s in %s, found none" % (key, path))
    return values


# ---- devices ----


def make_doors(board: dict, locks: str) -> list:
    """The doors, their coils off; of `fail_safe` locks on, for these are open without."""
    kind = Door
    if locks == LOCKS[1]:
        from cabinet.fail_safe import FailSafeDoor  # noqa: PLC0415 - few cabinets have such locks

        kind = FailSafeDoor
    pin = machine.Pin
    doors = []
    for row in board["doors"]:
        lock = pin(row["lock"], pin.OUT, value=0)
        contact = pin(row["contact"], pin.IN, pin.PULL_UP)
        bolt = pin(row["bolt"], pin.IN, pin.PULL_UP)
        doors.append(kind(row["door"], lock, contact, bolt, row["lock_ms_max"]))
    return doors


def make_converters(board: dict):
    """(What puts a bin's converter at hand, the converter): on this board's own bus, or behind shelf nodes."""
    if "rs485" in board:
        from cabinet.shelves import make_shelves  # noqa: PLC0415 - only for a board that has some

        shelves = make_shelves(board["rs485"], _make_uart, machine.Pin)
        return shelves, shelves
    row = board["i2c"]
    i2c = machine.I2C(row["id"], scl=machine.Pin(row["scl"]), sda=machine.Pin(row["sda"]), freq=row["freq_hz"])
    mux = Tca9548a(i2c, board["mux_first"])
    mux.close((board["bins"] + CHANNELS - 1) // CHANNELS)
    return mux, Nau7802(i2c)


def make_reader_uart(board: dict):
    """The serial line of the badge reader."""
    return _make_uart(board["reader"], 256)


def make_tag_reader(board: dict):
    """The tag reader."""
    from cabinet.r200 import R200  # noqa: PLC0415 - only for a board that has one

    row = board["tags"]
    return R200(_make_uart(row, 1024), row["header"], row["trailer"], row["power_cdbm"])


def _make_uart(row, rxbuf):
    return machine.UART(
        row["uart"], baudrate=row["baud"], tx=row["tx"], rx=row["rx"], timeout=_READER_TIMEOUT_MS, rxbuf=rxbuf
    )


def make_pixels(board: dict):
    """The bins' lights."""
    return neopixel.NeoPixel(machine.Pin(board["lights"]["pin"], machine.Pin.OUT), board["bins"])


def make_network(board: dict):
    """The Ethernet, brought up; its address comes by DHCP while everything else goes on."""
    row = board["ethernet"]
    phy = getattr(network, "PHY_" + row["phy"])
    lan = network.LAN(0, phy_type=phy, phy_addr=row.get("addr", 0), **_WIRINGS[row["phy"]](row, machine.Pin))
    lan.active(True)
    return lan


def _wire_spi(row, pin):
    """A controller chip of its own on SPI."""
    spi = machine.SPI(row["spi"], sck=pin(row["sck"]), mosi=pin(row["mosi"]), miso=pin(row["miso"]))
    return {"spi": spi, "cs": pin(row["cs"], pin.OUT), "int": pin(row["int"], pin.IN)}


def _wire_rmii(row, pin):
    """The ESP32's own MAC and a PHY that it gives the clock; RMII's data pins are fixed in the chip."""
    wiring = {key: pin(row[key]) for key in ("mdc", "mdio", "power", "ref_clk")}
    wiring["ref_clk_mode"] = pin.OUT
    return wiring


_WIRINGS = {"W5500": _wire_spi, "LAN8720": _wire_rmii}  # what a PHY's driver is told of the board


def find_slots():
    """(partition, slot that runs) of the flash for firmware; None for firmware that does not run from a slot."""
    if __file__[:3] not in ("/a/", "/b/"):  # where `boot/starter.py` mounts them
        return None
    import esp32  # noqa: PLC0415 - only boards of that family have the partition

    found = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="romfs")
    return (found[0], __file__[1]) if found else None


def make_watchdog(board: dict):
    """The watchdog; from now on it must be fed."""
    return machine.WDT(timeout=board["watchdog_ms"])


def reset_cause() -> str:
    """Why the controller started, as the wire says it."""
    causes = {
        machine.PWRON_RESET: "power_on",
        machine.WDT_RESET: "watchdog",
        machine.HARD_RESET: "hard",
        machine.SOFT_RESET: "soft",
    }
    return causes.get(machine.reset_cause(), "unknown")
