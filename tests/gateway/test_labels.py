"""Labels in ZPL and TSPL: golden outputs, and a reader of both languages that sees whether all lies on the paper."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edge_gateway.serial_devices.device_settings import parse_devices
from edge_gateway.serial_devices.label import Label, Paper, PartWords, bin_label, part_label, qr_modules
from edge_gateway.serial_devices.label_fonts import FontError, LabelFont, label_font
from edge_gateway.serial_devices.label_picture import picture
from edge_gateway.serial_devices.printer import PrintError, print_label
from edge_gateway.serial_devices.tspl import FONTS, tspl
from edge_gateway.serial_devices.zpl import zpl

FILTER = PartWords("OF-1012", "机油滤清器", "Oil filter", "Mann", "6901234567892")
NASTY = PartWords('A^B~"C\\_>,\r\n', '名"^~', 'x"^~\\', "B^", "")
PAPERS = [Paper(width, height, dpi) for width, height in ((60, 40), (40, 30)) for dpi in (203, 300)]
Print = Callable[[Label, LabelFont], bytes]


class Box(NamedTuple):
    """What something on a label covers, and what it says."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    says: str


@pytest.fixture(scope="module")
def font() -> LabelFont:
    found = label_font()
    if not found.has_chinese:
        pytest.skip("no font with Chinese characters on this machine")
    return found


def read_zpl(data: bytes) -> tuple[int, int, list[Box]]:
    """Width, height and boxes; refuses whatever is not known: a carets' reader, not a search for what was meant."""
    text = data.decode("ascii")
    assert text.startswith("^XA") and text.rstrip().endswith("^XZ") and text.count("^XA") == 1
    size = {name: int(value) for name, value in re.findall(r"\^(PW|LL)(\d+)", text)}
    boxes = []
    for field in re.findall(r"\^FO(.*?)\^FS", text, re.DOTALL):
        place, *commands = field.split("^")
        x, y = map(int, place.split(","))
        boxes.append(_zpl_box(x, y, commands))
    return size["PW"], size["LL"], boxes


def _zpl_box(x: int, y: int, commands: list[str]) -> Box:
    first, last = commands[0], commands[-1]
    if first.startswith("GFA"):
        _gf, total, total_again, row, rows = re.fullmatch(r"(GFA),(\d+),(\d+),(\d+),([0-9A-F]+)", first).groups()  # type: ignore[union-attr]
        assert total == total_again and len(rows) == 2 * int(total)
        return Box("picture", x, y, int(row) * 8, int(total) // int(row), "")
    says = bytes.fromhex("".join(_hexes(last.removeprefix("FD")))).decode()
    if found := re.fullmatch(r"A0N,(\d+),(\d+)", first):
        return Box("text", x, y, len(says) * int(found[2]) // 2, int(found[1]), says)
    if found := re.fullmatch(r"BQN,2,(\d+)", first):
        data = re.fullmatch(r"MM,B(\d{4})(.*)", says, re.DOTALL)
        assert data is not None and int(data[1]) == len(data[2].encode())
        modules = len(qr_modules(data[2])) * int(found[1])
        return Box("square", x, y, modules, modules, data[2])
    narrow = re.fullmatch(r"BY(\d+)", first)
    high = re.fullmatch(r"BCN,(\d+),N,N,N", commands[1])
    assert narrow and high and says.startswith(">:"), commands
    says = says[2:].replace(">0", ">")
    return Box("bars", x, y, (11 * (len(says) + 2) + 13) * int(narrow[1]), int(high[1]), says)


def _hexes(field: str) -> Iterator[str]:
    assert "~" not in field
    for piece in re.findall(r"_[0-9A-F]{2}|[^_]", field, re.DOTALL):
        yield piece[1:] if piece.startswith("_") and len(piece) == 3 else f"{ord(piece):02X}"


def read_tspl(data: bytes, dpi: int) -> tuple[int, int, list[Box]]:
    """The same of TSPL; a picture's bytes may be anything."""
    boxes, rest, width, height = [], data, 0, 0
    sizes = {name: (wide, high) for name, wide, high in FONTS}
    while rest:
        line = rest.split(b"\r\n", 1)[0]
        if line.startswith(b"BITMAP"):
            x, y, row, high, _mode = map(int, rest[7:].split(b",", 5)[:5])
            start = len(b",".join(rest.split(b",", 5)[:5])) + 1
            boxes.append(Box("picture", x, y, row * 8, high, ""))
            assert rest[start + row * high : start + row * high + 2] == b"\r\n"
            rest = rest[start + row * high + 2 :]
            continue
        rest = rest[len(line) + 2 :]
        words = line.decode("gb18030")
        if found := re.fullmatch(r"SIZE (\d+) mm,(\d+) mm", words):
            width, height = (int(int(each) * dpi / 25.4) for each in found.groups())
        elif found := re.fullmatch(r'TEXT (\d+),(\d+),"(\d)",0,(\d),(\d),"(.*)"', words):
            says = _unquoted(found[6])
            wide, high = sizes[found[3]]
            times = int(found[4])
            boxes.append(Box("text", int(found[1]), int(found[2]), wide * times * len(says), high * times, says))
        elif found := re.fullmatch(r'QRCODE (\d+),(\d+),M,(\d+),A,0,"(.*)"', words):
            says = _unquoted(found[4])
            modules = len(qr_modules(says)) * int(found[3])
            boxes.append(Box("square", int(found[1]), int(found[2]), modules, modules, says))
        elif found := re.fullmatch(r'BARCODE (\d+),(\d+),"128",(\d+),0,0,(\d+),(\d+),"(.*)"', words):
            says = _unquoted(found[6])
            wide = (11 * (len(says) + 2) + 13) * int(found[4])
            boxes.append(Box("bars", int(found[1]), int(found[2]), wide, int(found[3]), says))
        else:
            assert re.fullmatch(r"GAP \d+ mm,0 mm|DIRECTION 1|CLS|PRINT 1,\d+", words), words
    return width, height, boxes


def _unquoted(text: str) -> str:
    assert '"' not in text.replace('\\["]', "")
    return text.replace('\\["]', '"')


def check_on_paper(width: int, height: int, boxes: list[Box]) -> None:
    for box in boxes:
        slack = 8 if box.kind == "picture" else 0  # a picture's rows are whole bytes; what is beyond it is white
        assert box.x >= 0 and box.y >= 0 and box.x + box.width <= width + slack and box.y + box.height <= height, box
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = one.x + one.width <= other.x + 8 or other.x + other.width <= one.x + 8
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y, (one, other)


@pytest.mark.parametrize("paper", PAPERS, ids=str)
@pytest.mark.parametrize("part", [FILTER, NASTY, PartWords("X" * 64, "很" * 64, "w" * 64, "b" * 64, "96385074"), None])
def test_everything_lies_on_the_paper(paper: Paper, part: PartWords | None, font: LabelFont) -> None:
    labels = [bin_label(paper, font, "cab-1", 48, part)]
    labels += (
        [part_label(paper, font, part), part_label(paper, font, part, "3035A537C8377540009EFDF7", "1")] if part else []
    )
    for label in labels:
        for width, height, boxes in (read_zpl(zpl(label, font)), read_tspl(tspl(label, font), paper.dpi)):
            assert (width, height) == (paper.width, paper.height)
            check_on_paper(width, height, boxes)
            assert [box.kind for box in boxes].count("square") == 1
    said = [box.says for box in read_zpl(zpl(labels[0], font))[2]]
    assert "PB:cab-1/48" in said and "48" in said


def test_golden_outputs(font: LabelFont) -> None:
    paper = Paper(60, 40, 203)
    label = bin_label(paper, font, "cab-1", 7, PartWords("OF-1012", "", 'Oil "filter" ^1~'))
    lines = zpl(label, font, copies=3).decode().splitlines()
    assert lines[:5] == ["^XA", "^CI28", "^PW479", "^LL319", "^LH0,0"] and lines[-2:] == ["^PQ3", "^XZ"]
    assert lines[5].startswith("^FO15,15^A0N,88,") and lines[5].endswith("^FH_^FD7^FS")
    assert any(line.endswith('^FH_^FDOil "filter" _5E1_7E^FS') for line in lines)
    assert "^FO338,15^BQN,2,6^FH_^FDMM,B0010PB:cab-1/7^FS" in lines
    told = tspl(label, font, copies=3).decode().splitlines()
    assert told[:4] == ["SIZE 60 mm,40 mm", "GAP 2 mm,0 mm", "DIRECTION 1", "CLS"] and told[-1] == "PRINT 1,3"
    assert 'QRCODE 338,15,M,6,A,0,"PB:cab-1/7"' in told
    assert any(line.startswith("TEXT 15,") and line.endswith('"Oil \\["]filter\\["] ^1~"') for line in told)
    own = zpl(part_label(paper, font, FILTER), font, printer_font="E:SIMSUN.TTF")
    assert b",E:SIMSUN.TTF^FH_^FD_E6_9C_BA_E6_B2_B9" in own and b"^GFA" not in own
    assert "机油滤清器".encode("gb18030") in tspl(part_label(paper, font, FILTER), font, printer_font="TSS24.BF2")
    for copies in (0, 101):
        with pytest.raises(ValueError, match="1 to 100 copies"):
            zpl(label, font, copies)


def test_the_picture_is_what_is_printed(font: LabelFont) -> None:
    label = part_label(Paper(60, 40, 203), font, FILTER)
    shown = picture(label, font)
    for box, line in zip(read_zpl(zpl(label, font))[2], label.lines, strict=False):
        if box.kind != "picture":
            continue
        field = re.search(rb"\^FO%d,%d\^GFA,\d+,\d+,\d+,([0-9A-F]+)" % (box.x, box.y), zpl(label, font))
        assert field is not None
        printed = Image.frombytes("1", (box.width, box.height), bytes.fromhex(field[1].decode()))
        part = shown.crop((box.x, box.y, box.x + line.width, box.y + box.height))
        dark = [value > 0 for value in printed.crop((0, 0, line.width, box.height)).convert("L").tobytes()]
        assert dark == [value < 128 for value in part.tobytes()] and any(dark)


@given(st.text(max_size=70), st.text(max_size=70), st.sampled_from(PAPERS))
@settings(max_examples=40, deadline=None)
def test_any_words_stay_on_the_label(number: str, name: str, paper: Paper) -> None:
    font = label_font()
    words = PartWords(number or "x", name if font.has_chinese else name.encode("ascii", "ignore").decode(), "", "")
    label = part_label(paper, font, words)
    for width, height, boxes in (read_zpl(zpl(label, font)), read_tspl(tspl(label, font), paper.dpi)):
        check_on_paper(width, height, boxes)


def test_what_is_missing_is_said() -> None:
    plain = LabelFont("")
    assert bin_label(Paper(60, 40, 203), plain, "cab-1", 7, PartWords("OF-1", "", "Oil filter")).lines
    with pytest.raises(FontError, match="fonts-noto-cjk"):
        bin_label(Paper(60, 40, 203), plain, "cab-1", 7, FILTER)
    with pytest.raises(FontError, match=r"expected a font file at /nowhere, found none"):
        label_font("/nowhere")
    table = {"kind": "label_printer", "protocol": "zpl", "port": "tcp://127.0.0.1:9"}
    with pytest.raises(PrintError, match=r"expected printer at tcp://127\.0\.0\.1:9 to print, found: "):
        print_label(parse_devices({"printer": table})["printer"], bin_label(Paper(60, 40, 203), plain, "c", 1, None))
