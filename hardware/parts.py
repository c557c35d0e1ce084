"""The parts that cabinets are built of: what they are called, draw and cost, and what may stand in for them.

Currents are peaks at the part's own supply, from its datasheet. Prices are of single pieces in USD and say how they are
known: S seen at a named shop, G general knowledge that nobody has checked; all of them as of PRICES_OF.

A lock for continuous duty is one whose coil stays below its highest temperature however long it has its rated voltage;
of any other, `duty_percent` is the share of time that it may have it.
"""

from dataclasses import dataclass

PRICES_OF = "2026-11-20"


@dataclass(frozen=True)
class Coil:
    """A lock's coil. `locks` is what the lock does without power: stay locked (`fail_secure`), or open (`fail_safe`).

    `duty_percent` is how much of the time the coil may be on, 100 always; `on_ms_max` how long at once, 0 without end.
    """

    locks: str
    duty_percent: int
    on_ms_max: int = 0


@dataclass(frozen=True)
class Part:
    """A part; prices in US cents, from and to. Only a lock has a `coil`; `driver` is what switches it."""

    en: str
    zh: str
    cents: tuple[int, int]
    known: str = "G"
    ma: float = 0.0
    coil: Coil | None = None
    driver: str = ""
    substitutes: str = ""


PARTS: dict[str, Part] = {
    "esp32-s3-wroom-1-n16r8": Part(
        "ESP32-S3 board with WROOM-1 N16R8 (16 MB flash, 8 MB PSRAM)",
        "ESP32-S3 开发板，WROOM-1 N16R8（16 MB 闪存，8 MB PSRAM）",
        (800, 1500),
        substitutes="ESP32-S3-DevKitC-1-N16R8; any board with N16R8 that leads out the pins named",
    ),
    "olimex-esp32-poe-wrover": Part(
        "Olimex ESP32-POE-WROVER",
        "Olimex ESP32-POE-WROVER",
        (2500, 3000),
        substitutes="Olimex ESP32-POE-ISO-WROVER (same pins, isolated from the network's supply: better)",
    ),
    "pico-2": Part("Raspberry Pi Pico 2 (RP2350)", "Raspberry Pi Pico 2（RP2350）", (500, 600)),
    "W5500": Part(
        "W5500 Ethernet module, interrupt led out",
        "W5500 以太网模块，须引出中断脚",
        (600, 1000),
        ma=132.0,  # DS W5500, 5.4: 100 Mbit, sending
        substitutes="WIZ850io; USR-ES1",
    ),
    "tca9548a": Part(
        "TCA9548A multiplexer board",
        "TCA9548A 多路复用板",
        (600, 800),
        ma=1.0,
        substitutes="PCA9548A board (same registers)",
    ),
    # DS NAU7802: 2.1 mA; a bridge of 350 ohms at 3.0 V: 8.6 mA
    "nau7802": Part(
        "NAU7802 converter board",
        "NAU7802 称重转换板",
        (595, 1495),
        "S",
        ma=10.7,
        substitutes="Adafruit 4538; SparkFun SEN-15242",
    ),
    "cell-c3": Part(
        "Load cell, single point, OIML C3, 3/5/10/20 kg to match the bin",
        "单点式称重传感器，OIML C3，3/5/10/20 kg 按货位选",
        (1800, 3500),
        substitutes="generic 10 kg bar, 4-6 USD: only for parts of 25 g and more (docs/accuracy.md)",
    ),
    "tray": Part("Tray and mount of one bin", "货位托盘与安装件", (500, 500)),
    "cell-cable": Part("Cable of one bin, four wires, screened", "单货位线缆，四芯屏蔽", (200, 200)),
    "plug-cell": Part(
        "Plug and socket of one cell, four poles",
        "单只传感器插头插座，四芯",
        (20, 60),
        substitutes="JST XH 2.54 mm; M8 where it is dirty",
    ),
    "plug-door": Part(
        "Plug and socket of one door, six poles, 3 A",
        "单门插头插座，六芯，3 A",
        (50, 150),
        substitutes="Molex Mini-Fit Jr.; pluggable terminals 3.81 mm",
    ),
    "plug-line": Part(
        "Pluggable terminal, four poles, 5.08 mm: A, B, ground, 12 V",
        "可插拔端子，四位，5.08 mm：A、B、地、12 V",
        (50, 120),
    ),
    "pn532": Part(
        "PN532 badge reader, HSU mode",
        "PN532 读卡器，HSU 模式",
        (600, 1000),
        ma=150.0,  # DS PN532/C1, table 185
        substitutes="for dear parts: badge and PIN, see docs/security.md",
    ),
    "r200": Part(
        "R200 UHF tag reader",
        "R200 超高频读写器",
        (4000, 6000),
        ma=1000.0,
        substitutes="YRM100; M100 (the same frames)",
    ),
    "uhf-antenna": Part("UHF antenna for inside the cabinet", "柜内超高频天线", (1200, 2500)),
    # DS WS2812B: 20 mA a colour at full; the brightest colour of cabinet/lights.py is 40 of 255 in all three
    "ws2812": Part("WS2812B light, one a bin", "WS2812B 灯，每货位一颗", (20, 50), ma=11.0),
    "level-shifter": Part(
        "Level shifter 3.3 to 5 V (74AHCT125)",
        "3.3 转 5 V 电平转换（74AHCT125）",
        (50, 200),
        ma=5.0,
        substitutes="74AHCT1G125; two gates of a 74HCT14",
    ),
    # Such as Adafruit 1512 (650 mA at 12 V: learn.adafruit.com, "Lock Circuit"; made to be on for 1 to 10 s at once). A
    # quarter of the time is what cabinet/door.py leaves it: it rests three times as long as it was on.
    "lock-12v": Part(
        "Cabinet lock, 12 V, opens when energised, bolt sensor",
        "柜锁，12 V，通电开，带锁舌检测",
        (2000, 6000),
        ma=800.0,
        coil=Coil("fail_secure", duty_percent=25, on_ms_max=10_000),
        driver="lock-driver",
        substitutes="any 12 V cabinet lock up to 1 A that may be energised for 10 s",
    ),
    # 3 W, 250 mA at 12 V: Software House RM-DCM-2 manual, "Magnetic Lock", of most magnets; made to be on always.
    "magnet-12v": Part(
        "Holding magnet, 12 V, locked while energised, continuous duty, with a contact that says it holds",
        "磁力锁，12 V，通电锁、断电开，可连续通电，带锁状态触点",
        (1500, 5000),
        ma=250.0,
        coil=Coil("fail_safe", duty_percent=100),
        driver="magnet-driver",
        substitutes="any 12 V lock up to 250 mA that is open without power and made for continuous duty (100 % ED)",
    ),
    "lock-driver": Part(
        "Lock driver: logic MOSFET (AO3400), 10 kohm from gate to ground, flyback diode (SS34)",
        "锁驱动：逻辑电平 MOSFET（AO3400）、栅极对地 10 kΩ、续流二极管（SS34）",
        (100, 200),
        substitutes="IRLZ44N and 1N5819; a MOSFET board with 3.3 V input",
    ),
    # A diode across a magnet lets its current go on: it holds for a second or two more (Securitron Magnalock, model 34,
    # manual, 3.3). DS SMBJ15A: 15 V stand, and no more than 24.4 V come to a MOSFET of 30 V.
    "magnet-driver": Part(
        "Magnet driver: logic MOSFET (AO3400), 10 kohm from gate to ground, clamp (SMBJ15A) from drain to ground",
        "磁力锁驱动：逻辑电平 MOSFET（AO3400）、栅极对地 10 kΩ、漏极对地钳位管（SMBJ15A）",
        (100, 200),
        substitutes="IRLZ44N with the same clamp; a magnet with a clamp inside needs none",
    ),
    "door-contact": Part("Door contact (reed) and its magnet", "门磁开关", (100, 300)),
    "rs485-3v3": Part(
        "RS-485 transceiver board, 3.3 V, with DE and RE",
        "RS-485 收发板，3.3 V，带 DE 与 RE",
        (100, 300),
        ma=60.0,  # 3.3 V over 60 ohms of two terminations
        substitutes="MAX3485; SP3485; THVD1400",
    ),
    "rs485-cable": Part("Twisted pair with ground and 12 V, per metre", "双绞线带地与 12 V，每米", (80, 150)),
    "terminator": Part("Termination, 120 ohms", "终端电阻，120 Ω", (5, 20)),
    "psu-12v-5a": Part("Supply 12 V 5 A", "12 V 5 A 电源", (1500, 2500), substitutes="24 V with a 12 V converter"),
    "psu-12v-2a": Part("Supply 12 V 2 A, for the lock", "12 V 2 A 电源，供锁", (800, 1500)),
    "poe": Part("PoE port or injector, 802.3af", "PoE 交换机端口或供电器，802.3af", (1500, 2500)),
    "buck-5v-3a": Part("Converter 12 to 5 V, 3 A", "12 转 5 V 降压，3 A", (200, 500), substitutes="any buck of 3 A"),
    "buck-5v-1a": Part("Converter 12 to 5 V, 1 A", "12 转 5 V 降压，1 A", (150, 300), substitutes="any buck of 1 A"),
    "ldo-3v3-800ma": Part(
        "Regulator 3.3 V 800 mA, for the converters (AMS1117-3.3 board)",
        "3.3 V 800 mA 稳压，供转换板（AMS1117-3.3 板）",
        (50, 150),
        substitutes="AP2112K-3.3 is too small for 24; LD1117-3.3",
    ),
    "enclosure": Part("Terminals, wires, enclosure", "端子、线材、机箱", (3000, 3000)),
}
