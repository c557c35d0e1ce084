"""Each check of a board, with a board that breaks exactly it; and that the boards there are break none."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from hardware import board_checks, board_commands, boards, firmware_build

DOCS = Path(__file__).resolve().parents[2] / "docs"
S3 = "esp32s3-w5500-24"
OLIMEX = "olimex-esp32-poe-12"
SHELVES = "esp32s3-w5500-48-shelves"
MAGNET = "esp32s3-w5500-12-fail-safe"
NODE = "rp2350-shelf-node-8"


def door(**changes: Any) -> dict[str, Any]:
    """The first board's first door, otherwise."""
    return {"door": 1, "lock": 4, "contact": 5, "bolt": 6, "lock_ms_max": 3000, "coil": "lock-12v"} | changes


BROKEN: list[tuple[str, str, dict[str, Any], str]] = [
    ("a pin used twice", S3, {"lights": {"pin": 17}}, "expected one use of pin 17, found 2: reader RX, lights DIN"),
    ("a pin the module has not", S3, {"lights": {"pin": 33}}, "found 33, which it does not lead out"),
    ("a pin of the flash or PSRAM", S3, {"lights": {"pin": 36}}, "found 36: flash and PSRAM"),
    ("a pin of USB", S3, {"lights": {"pin": 19}}, "found 19: USB"),
    ("a clock on the PSRAM", OLIMEX, {"ethernet": {"ref_clk": 17}}, "found 17: PSRAM inside the module"),
    ("a pin of the PHY", OLIMEX, {"lights": {"pin": 21}}, "found 21: Ethernet, fixed in the chip"),
    (
        "an output on an input",
        OLIMEX,
        {"lights": {"pin": 36}, "reader": {"rx": 14}},
        "found 36, which is an input only",
    ),
    (
        "a coil that boots on",
        OLIMEX,
        {"doors": [door(lock=5, contact=32, bolt=15)]},
        "door 1 LOCK on 5, pulled up then",
    ),
    (
        "a coil on a strap",
        S3,
        {"doors": [door(lock=46)]},
        "expected no coil on a strapping pin, found door 1 LOCK on 46",
    ),
    ("a contact on a strap", S3, {"doors": [door(contact=0)]}, "expected nothing that may pull pin 0 while"),
    ("a bus where it cannot go", NODE, {"i2c": {"sda": 6}}, "expected i2c0 sda on one of the pins 0, 4, 8"),
    ("the console's line", S3, {"reader": {"uart": 0}}, "expected a free serial line for reader, found 0"),
    (
        "a serial line used twice",
        S3,
        {"tags": {"uart": 1, "tx": 1, "rx": 2}, "powers": {"tags": "5V"}},
        "found 1 used by",
    ),
    ("multiplexers beyond their addresses", S3, {"mux_first": 118}, "from 0x70 to 0x77, found 0x76 to 0x78"),
    ("nine bins on a multiplexer", S3, {"i2c": {"muxes": 2}}, "at most 8 bins a multiplexer, found 24 bins on 2"),
    (
        "an address clash",
        S3,
        {"i2c": {"devices": [{"part": "a clock", "address": 0x71}]}},
        "expected a clock alone at address 0x71, found a multiplexer there too",
    ),
    (
        "a clash with the converters",
        S3,
        {"i2c": {"devices": [{"part": "a sensor", "address": 0x2A}]}},
        "expected a sensor alone at address 0x2a, found the converters there too",
    ),
    ("a long branch", S3, {"i2c": {"branch_mm": 700}}, "branches of at most 500 mm, found 700"),
    ("a slow edge", S3, {"i2c": {"trunk_mm": 1500}}, "expected edges of the I2C bus within 300 ns, found 381"),
    ("pull-ups too strong", S3, {"i2c": {"pull_up_ohms": 600}}, "at least 967 ohms together, found 600"),
    ("a strange clock", S3, {"i2c": {"freq_hz": 300000}}, "expected an I2C clock of 100000 or 400000 Hz, found 300000"),
    ("too small a supply", S3, {"rails": {"12V": {"max_ma": 2500}}}, "expected 2714 mA on 12V (2171 mA at once"),
    ("a supply that is not there", S3, {"powers": {"reader": "6V"}}, "expected a supply 6V for reader, found 12V"),
    ("no supply at all", S3, {"powers": {"lights": None}}, "expected a supply for lights, found none"),
    ("a coil without a limit", S3, {"doors": [door(lock_ms_max=0)]}, "a limit for the lock coil of door 1, found none"),
    ("a limit the coil is not made for", S3, {"doors": [door(lock_ms_max=5000)]}, "door 1 on for at most 3333 ms"),
    ("a coil nobody knows", S3, {"doors": [door(coil="magnet")]}, "a lock of the parts list on door 1, found magnet"),
    (
        "a coil held that has to rest",
        S3,
        {"locks": "fail_safe", "doors": [door(coil="magnet-12v"), door(door=2, lock=7, contact=15, bolt=16)]},
        "expected a coil for continuous duty on door 2, held while it is shut (fail_safe), found lock-12v, which may be"
        " on for 25 % of the time",
    ),
    (
        "a magnet that is off while its door is shut",
        MAGNET,
        {"locks": "fail_secure"},
        "expected a lock that is fail_secure on door 1, found magnet-12v, which is fail_safe",
    ),
    ("a magnet let go without end", MAGNET, {"doors": [door(coil="magnet-12v", lock_ms_max=0)]}, "door 1 is let go"),
    ("too small a supply of a held coil", MAGNET, {"rails": {"12V": {"max_ma": 800}}}, "expected 867 mA on 12V (693"),
    ("locks of no kind", S3, {"locks": "open"}, "expected locks that are fail_secure or fail_safe, found open"),
    ("no interrupt", S3, {"ethernet": {"int": None}}, "expected the W5500's interrupt on a pin, found none"),
    ("a short watchdog", S3, {"watchdog_ms": 4000}, "a watchdog of at least 4800 ms, found 4000"),
    ("a watchdog the chip has not", NODE, {"watchdog_ms": 9000}, "a watchdog of at most 8388 ms, found 9000"),
    ("one termination", SHELVES, {"rs485": {"terminations": 1}}, "expected two terminations of 120 ohms"),
    ("a long line", SHELVES, {"rs485": {"cable_m": 250, "supply_mm2": 20}}, "at most 200 m at 500000 baud, found 250"),
    ("thin supply wires", SHELVES, {"rs485": {"supply_mm2": 0.14}}, "at most 1.2 V lost in the nodes' supply wires"),
    ("other speeds", SHELVES, {"rs485": {"baud": 460800}}, "expected nodes at 460800 baud, found 500000"),
    ("bins that no node has", SHELVES, {"bins": 40}, "expected 48 bins on 6 nodes, found 40"),
    (
        "a scan that takes too long",
        S3,
        {"bins": 56, "i2c": {"freq_hz": 100000}},
        "scan of all bins within 70 ms, found 110",
    ),
    ("a journal too large", OLIMEX, {"journal_bytes": 1800000}, "journal and files within 1887436 bytes of flash"),
]


def test_the_boards_there_are_can_be_built() -> None:
    assert board_checks.check_all() == []
    assert {S3, OLIMEX, SHELVES, MAGNET, NODE} < set(boards.names())


@pytest.mark.parametrize(("board", "changes", "expected"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_board_that_breaks_one_rule_is_refused_for_it(board: str, changes: dict[str, Any], expected: str) -> None:
    broken = boards.merged(boards.load(board), changes)
    problems = board_checks.check(broken)
    assert len(problems) == 1, problems
    assert expected in problems[0]


def test_a_board_of_ones_own_is_checked_by_its_file(tmp_path: Path) -> None:
    """The one that docs/hardware.md shows for a door that is open without power."""
    shown = re.findall(r"```json\n(.*?)```", (DOCS / "hardware.md").read_text(), re.DOTALL)
    (tmp_path / "mine.json").write_text(shown[0])
    assert board_commands.check(str(tmp_path / "mine.json")) == []
    assert boards.load(tmp_path / "mine.json")["name"] == OLIMEX


def test_too_many_nodes_for_their_jumpers() -> None:
    changes = {"bins": 72, "rs485": {"nodes": 9}}
    problems = board_checks.check(boards.merged(boards.load(SHELVES), changes))
    assert "expected at most 8 nodes by their jumpers, found 9" in problems


def test_the_controller_is_given_what_it_reads_and_no_more() -> None:
    for name in boards.names():
        board = boards.load(name)
        view = boards.firmware_view(board)
        assert boards.firmware_view(view) == view
        assert not {"module", "rails", "powers", "cell", "title_zh", "locks"} & set(view)
        assert len(boards.firmware_json(board)) < 800
    assert boards.firmware_view(boards.load(S3))["i2c"] == {"id": 0, "scl": 9, "sda": 8, "freq_hz": 400000}


def test_a_board_that_is_not_there_is_refused() -> None:
    with pytest.raises(boards.BoardError, match=r"expected a board, one of esp32s3-w5500-12, .* found esp8266"):
        boards.load("esp8266")
    with pytest.raises(ValueError, match=r"expected a module of esp32-s3-wroom-1-n16r8, .* found esp8266"):
        board_checks.check(boards.load(S3) | {"module": "esp8266"})


def test_a_board_without_shelf_nodes_loads_nothing_of_them() -> None:
    """Their modules are imported by each other, and else in functions alone."""
    of_nodes = {"modbus", "shelf_registers", "shelves"}
    for path in (firmware_build.FIRMWARE / "cabinet").glob("*.py"):
        if path.stem not in of_nodes:
            statements = ast.parse(path.read_text()).body
            imports = [each for each in statements if isinstance(each, ast.ImportFrom)]
            named = {part for each in imports for part in str(each.module).split(".")}
            assert not of_nodes & (named | {name.name for each in imports for name in each.names}), path.name
