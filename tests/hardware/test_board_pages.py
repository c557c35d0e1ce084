"""What is generated from the board files: that it is not stale, and that it says what the board file says."""

import csv
import io
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hardware import board_commands, boards, budgets, parts_list, wiring_page
from hardware.parts import PARTS
from hardware.pin_uses import pin_uses

SVG = "{http://www.w3.org/2000/svg}"


def test_generated_pages_are_what_the_board_files_make_of_them() -> None:
    assert board_commands.stale() == []


def test_what_is_stale_is_named_and_written_anew(tmp_path: Path) -> None:
    assert len(board_commands.build(tmp_path)) == 5 * len(boards.names())
    page = tmp_path / "wiring" / "olimex-esp32-poe-12.md"
    page.write_text(page.read_text().replace("GPIO 32", "GPIO 2"))
    (tmp_path / "bom" / "esp8266.csv").write_text("of a board that is gone")
    expected = ["hardware/bom/esp8266.csv", "hardware/wiring/olimex-esp32-poe-12.md"]
    assert [line.split(":")[0] for line in board_commands.stale(tmp_path)] == expected
    assert len(board_commands.build(tmp_path)) == 2
    assert board_commands.stale(tmp_path) == []


@pytest.mark.parametrize("name", boards.names())
def test_a_diagram_shows_every_pin_and_nothing_leaves_its_sheet(name: str) -> None:
    board = boards.load(name)
    for language in ("en", "zh"):
        drawn = wiring_page.files(board)[f"wiring/{wiring_page.page_name(board, language, 'svg')}"]
        root = ElementTree.fromstring(drawn)  # noqa: S314 - our own
        texts = [str(element.text) for element in root.iter(SVG + "text")]
        for use in pin_uses(board):
            assert f"GPIO {use.pin}" in texts
            assert use.terminal in texts
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        for box in list(root.iter(SVG + "rect"))[1:]:
            assert float(box.attrib["x"]) >= 0
            assert float(box.attrib["x"]) + float(box.attrib["width"]) <= width
            assert float(box.attrib["y"]) + float(box.attrib["height"]) <= height


def test_parts_are_counted_and_priced() -> None:
    board = boards.load("esp32s3-w5500-48-shelves")
    rows = {row["part"]: row for row in csv.DictReader(io.StringIO(parts_list.csv_text(board)))}
    counted = {
        part: int(rows[part]["quantity"])
        for part in ("nau7802", "tca9548a", "pico-2", "rs485-3v3", "rs485-cable", "plug-line")
    }
    assert counted == {"nau7802": 48, "tca9548a": 6, "pico-2": 6, "rs485-3v3": 7, "rs485-cable": 12, "plug-line": 13}
    assert rows["nau7802"]["price_source"] == "seen at a shop"
    low = sum(int(row["quantity"]) * float(row["unit_usd_from"]) for part, row in rows.items() if part != "total")
    assert float(rows["total"]["unit_usd_from"]) == pytest.approx(low)
    assert all(PARTS[part].zh for part in rows if part != "total")


def test_supplies_add_up_by_hand() -> None:
    """Boards added up from datasheets: converters with bridges of 350 ohms, coils, a buck of 85 %; a magnet held."""
    rails = {rail.name: rail for rail in budgets.rails(boards.load("esp32s3-w5500-24"))}
    assert rails["3V3 cells"].ma == pytest.approx(24 * 10.7 + 3)
    assert rails["5V"].ma == pytest.approx(24 * 10.7 + 3 + 355 + 132 + 150 + 24 * 11 + 5)
    assert rails["12V"].ma == pytest.approx(2 * 800 + rails["5V"].ma * 5 / 12 / 0.85)
    held = {rail.name: rail for rail in budgets.rails(boards.load("esp32s3-w5500-12-fail-safe"))}
    assert held["12V"].ma == pytest.approx(250 + held["5V"].ma * 5 / 12 / 0.85)
    assert [load.what for load in held["12V"].loads] == ["lock coil (held)", "5V"]
    assert budgets.i2c_rise_ns(boards.load("esp32s3-w5500-24")) == pytest.approx(0.8473 * 1.8 * (90 + 50))


def test_a_shelf_node_is_given_its_firmware_and_its_pins(tmp_path: Path) -> None:
    folder = board_commands.shelf_node(tmp_path / "node", "rp2350-shelf-node-8")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"board.json", "main.py", "shelf_node/node.mpy", "cabinet/modbus.mpy"} <= there
    assert "main.mpy" not in there  # no board starts one
    with pytest.raises(boards.BoardError, match="expected the board of a shelf node, found esp32s3-w5500-12"):
        board_commands.shelf_node(tmp_path, "esp32s3-w5500-12")
