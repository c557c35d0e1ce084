"""What can be done with each pin of the modules that boards are made of, and what their flash and supply hold.

Every fact has its source beside it. DS: the chip's or module's datasheet; TRM: its technical reference manual; MP: the
MicroPython sources of the build that runs on it; OLX: Olimex's schematic, manual and answers.
"""

from dataclasses import dataclass, field

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class Strap:
    """A pin that is looked at while the chip starts. `must_be` low, high or either."""

    must_be: str
    pulled: str  # by the chip itself, meanwhile: up, down or none
    why: str


@dataclass(frozen=True)
class Module:
    """A module or board with its processor."""

    title: str
    chip: str
    pins: frozenset[int]  # that can be reached
    reserved: dict[int, str]  # there, and used by something that cannot be done without
    straps: dict[int, Strap]
    input_only: frozenset[int] = frozenset()  # no output, and no pull-up inside
    functions: dict[str, frozenset[int]] = field(default_factory=dict)  # where a bus cannot go to every pin
    uarts: frozenset[int] = frozenset()
    console_uart: int | None = None  # the prompt that commissioning speaks to
    i2cs: frozenset[int] = frozenset((0, 1))
    peak_ma: int = 0  # at 3.3 V
    ethernet_ma: int = 0  # of a PHY on the board itself
    file_system_bytes: int = 0  # of the stock MicroPython build
    watchdog_ms_max: int = 0


def _every(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


_S3_FLASH = "flash and PSRAM inside the module (DS ESP32-S3-WROOM-1, table 3-1: octal PSRAM takes 35 to 37)"
_S3_USB = "USB (DS ESP32-S3, 2.3.5): the port that is commissioned by"
_ESP32_FLASH = "the flash inside the module (DS ESP32-WROVER-E, table 3)"
_RMII = "Ethernet, fixed in the chip (TRM ESP32, EMAC; OLX ESP32-POE schematic)"

MODULES: dict[str, Module] = {
    "esp32-s3-wroom-1-n16r8": Module(
        title="ESP32-S3-WROOM-1 N16R8",
        chip="ESP32-S3",
        # DS ESP32-S3-WROOM-1, table 3-1; 22 to 25 do not exist, 26 to 34 are not led out
        pins=frozenset({*range(22), *range(35, 49)}),
        reserved={
            **dict.fromkeys((35, 36, 37), _S3_FLASH),
            19: _S3_USB,
            20: _S3_USB,
            43: "the console's TX (DS ESP32-S3, 2.2)",
            44: "the console's RX (DS ESP32-S3, 2.2)",
        },
        # DS ESP32-S3, chapter 3
        straps={
            0: Strap("high", "up", "low while it starts, the chip waits for a download"),
            3: Strap("either", "none", "it may choose where JTAG comes from, if a fuse says so"),
            45: Strap("low", "down", "high while it starts, the flash gets 1.8 V"),
            46: Strap("low", "down", "high while it starts, a download does not begin"),
        },
        uarts=_every(0, 1, 2),
        console_uart=0,
        peak_ma=355,  # DS ESP32-S3, table 5-8: sending by Wi-Fi, which a cabinet does not
        file_system_bytes=6 * MIB,  # MP ports/esp32/partitions-8MiB.csv, the smallest of the S3's
        watchdog_ms_max=60_000,
    ),
    "olimex-esp32-poe-wrover": Module(
        title="Olimex ESP32-POE-WROVER",
        chip="ESP32",
        # OLX ESP32-POE: EXT1, EXT2 and UEXT
        pins=_every(0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33, 34, 35, 36, 39),
        reserved={
            **dict.fromkeys((6, 7, 8, 9, 10, 11), _ESP32_FLASH),
            16: "PSRAM inside the module (DS ESP32-WROVER-E, table 3)",
            17: "PSRAM inside the module (DS ESP32-WROVER-E, table 3)",
            **dict.fromkeys((19, 21, 22, 25, 26, 27), _RMII),
            1: "the console's TX, by the board's USB",
            3: "the console's RX, by the board's USB",
            34: "the board's button, with its own pull-up (OLX)",
            35: "a divider that measures the battery (OLX)",
            39: "a divider that tells of external power (OLX)",
        },
        # DS ESP32, 2.4
        straps={
            0: Strap("high", "up", "low while it starts, the chip waits for a download"),
            2: Strap("low", "down", "high while it starts, a download does not begin"),
            5: Strap("either", "up", "it times an SDIO slave, which is not used"),
            12: Strap("low", "down", "high while it starts, the flash gets 1.8 V and the board does not boot"),
            15: Strap("either", "up", "low while it starts, the ROM prints nothing"),
        },
        input_only=_every(34, 35, 36, 39),  # DS ESP32, 2.2
        uarts=_every(0, 1, 2),
        console_uart=0,
        peak_ma=500,  # DS ESP32, table 5-2 asks for a supply of 500 mA
        ethernet_ma=60,  # DS LAN8720A, table 5-7: 100 Mbit, all supplies
        file_system_bytes=2 * MIB,  # MP ports/esp32/partitions-4MiB.csv
        watchdog_ms_max=60_000,
    ),
    "pico-2": Module(
        title="Raspberry Pi Pico 2",
        chip="RP2350",
        pins=frozenset({*range(23), 26, 27, 28}),  # DS Pico 2, figure 2
        reserved={},
        straps={},
        functions={  # DS RP2350, table 3: functions of GPIO 0 to 29
            "uart0 tx": _every(0, 12, 16, 28),
            "uart0 rx": _every(1, 13, 17),
            "uart1 tx": _every(4, 8, 20),
            "uart1 rx": _every(5, 9, 21),
            "i2c0 sda": _every(0, 4, 8, 12, 16, 20, 28),
            "i2c0 scl": _every(1, 5, 9, 13, 17, 21),
            "i2c1 sda": _every(2, 6, 10, 14, 18, 22, 26),
            "i2c1 scl": _every(3, 7, 11, 15, 19, 27),
        },
        uarts=_every(0, 1),
        peak_ma=50,  # DS Pico 2, chapter 3, both cores at work, with room
        file_system_bytes=3 * MIB,  # MP ports/rp2/boards/RPI_PICO2: 4 MiB of flash less one
        watchdog_ms_max=8388,  # MP documentation, machine.WDT
    ),
}


def module_of(board: dict[str, object]) -> Module:
    """The module of a board; `ValueError` when there is no table of it."""
    name = board.get("module")
    if name not in MODULES:
        raise ValueError(f"expected a module of {', '.join(sorted(MODULES))}, found {name}")
    return MODULES[str(name)]
