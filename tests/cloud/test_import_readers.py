"""Files read before anything is compared: formats, encodings, numbers, and what makes a whole file be refused."""

import codecs
import gzip
from decimal import Decimal

import pytest

from cloud.catalogue.imports.encodings import decode
from cloud.catalogue.imports.fields import CellError, Reading, day, gtin, part_number
from cloud.catalogue.imports.file_error import FileError
from cloud.catalogue.imports.kinds import SHAPES, columns_of, kind_of
from cloud.catalogue.imports.numbers import NumberError, is_ambiguous, mass_mg, money_minor, number, tax_ppm
from cloud.catalogue.imports.opened_file import OpenedFile, open_file
from cloud.catalogue.imports.report import Choices
from cloud.catalogue.imports.xlsx_table import plain_number
from tests.cloud import import_files as files


def opened(data: bytes, name: str = "file", **choices: object) -> OpenedFile:
    """A file opened and read to its end."""
    found = open_file(data, name, Choices(**choices))  # type: ignore[arg-type]
    list(found.lines())
    return found


def cells(data: bytes, **choices: object) -> list[tuple[str, ...]]:
    """Every line behind the header."""
    return [line.cells for line in open_file(data, "file", Choices(**choices)).lines()]  # type: ignore[arg-type]


SHEET = [["配件编号", "中文名称", "单件质量(g)"], ["FK-1", "滤清器", 850.5]]
BROKEN = {
    "empty": (b"", "file_empty"),
    "blank": (b"\n \n\n", "file_empty"),
    "header only": (files.PARTS.splitlines()[0].encode(), "lines_none"),
    "a program": (b"MZ\x90\x00" + bytes(200), "file_foreign"),
    "an old xls": (b"\xd0\xcf\x11\xe0" + bytes(600), "file_foreign"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "file_foreign"),
    "binary": (b"a,b\n\x00\x01\x02,3\n", "file_binary"),
    "no header": (b"12\n13\n14\n", "header_missing"),
    "open quote": ('配件编号,名称\nA,"x\nB,y\n'.encode(), "quote_open"),
    "text behind a quote": ('配件编号,名称\nA,"x" y\n'.encode(), "quote_open"),
    "mixed encodings": (files.PARTS.encode() * 8 + "FK-9,滤".encode("gbk"), "bytes_unreadable"),
    "a gzip bomb": (files.gzip_bomb(), "file_bomb"),
    "a cut gzip": (gzip.compress(files.PARTS.encode() * 40)[:-9], "file_cut"),
    "a damaged gzip": (gzip.compress(b"a")[:12] + b"\xff" * 9, "file_damaged"),
    "a gzip in a gzip": (gzip.compress(gzip.compress(b"a,b")), "file_nested"),
    "a cut zip": (files.zipped({"a.csv": files.PARTS.encode()})[:-30], "file_cut"),
    "two files": (files.zipped({"a.csv": b"a", "b.csv": b"b"}), "zip_of_several"),
    "a program in a zip": (files.zipped({"parts.csv": b"MZ" + bytes(99)}), "file_foreign"),
    "a cut xlsx": (files.xlsx(SHEET)[:-60], "file_cut"),
    "an xlsx without a workbook": (files.zipped({"[Content_Types].xml": b"<x/>", "xl/a": b""}), "table_damaged"),
    "laughs in an xlsx": (
        files.changed_member(files.xlsx(SHEET), "xl/worksheets/sheet1.xml", b"<worksheet", b"<!DOCTYPE a><worksheet"),
        "table_entities",
    ),
    "a row far below": (
        files.changed_member(files.xlsx(SHEET), "xl/worksheets/sheet1.xml", b'<row r="2"', b'<row r="999999999999"'),
        "table_rows",
    ),
    "other XML": (b"<?xml version='1.0'?><html><p/></html>", "aces_not"),
    "ACES 2": (files.aces(version="2.0"), "aces_version"),
    "a cut ACES": (files.aces()[:-40], "xml_broken"),
    "an ACES with another count": (files.aces(count=4), "aces_count"),
    "an ACES without a footer": (b'<ACES version="3.1"></ACES>', "aces_footer"),
    "laughs": (files.aces(head=files.LAUGHS), "xml_entities"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_refused_with_the_reason(what: str) -> None:
    data, key = BROKEN[what]
    with pytest.raises(FileError) as found:
        opened(data)
    assert found.value.key == key, str(found.value)


def test_a_zip_bomb_is_not_unpacked() -> None:
    """Megabytes in kilobytes: what comes out is counted, and no more than the first of it ever comes out."""
    with pytest.raises(FileError, match="packed less than 200 times"):
        opened(files.zip_bomb())
    sheet = files.changed_member(files.xlsx(SHEET), "xl/worksheets/sheet1.xml", b"</sheetData>", b" " * (12 << 20))
    with pytest.raises(FileError, match="packed less than 200 times"):
        opened(sheet)


def test_a_file_of_too_many_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloud.catalogue.imports.opened_file.LINES_MAX", 2)
    with pytest.raises(FileError, match="at most 2 lines"):
        opened(files.PARTS.encode())


@pytest.mark.parametrize(
    ("data", "encoding", "how"),
    [
        (files.PARTS.encode(), "utf-8", "valid"),
        (codecs.BOM_UTF8 + files.PARTS.encode(), "utf-8", "bom"),
        (files.PARTS.encode("gbk"), "gb18030", "common"),
        (files.PARTS.encode("gb18030"), "gb18030", "common"),
        (files.PARTS.encode("utf-16"), "utf-16", "bom"),
        (b"\xfe\xff" + files.PARTS.encode("utf-16-be"), "utf-16", "bom"),
        ("Part number,Name\nA,B\n".encode("utf-16-le"), "utf-16", "valid"),
        (b"Part number,Name\nA,B\n", "utf-8", "ascii"),
    ],
)
def test_encodings_are_found(data: bytes, encoding: str, how: str) -> None:
    found = decode(data)
    assert (found.encoding, found.how, found.others) == (encoding, how, ())
    assert "\ufeff" not in found.text
    assert ("滤清器" in found.text) == ("Part" not in found.text)


def test_an_encoding_that_is_not_sure_is_asked_about() -> None:
    accents = decode("Nummer,Name\nA,Ölfilter für Lüfter\n".encode("cp1252"))
    assert (accents.encoding, accents.how, accents.others) == ("windows-1252", "guessed", ("gb18030",))
    asked = opened("配件编号,名称\nA,龘靐齉爩麤灪龗\n".encode("gb18030"))
    assert [question.about for question in asked.questions] == ["encoding"]
    chosen = opened("配件编号,名称\nA,龘靐齉爩麤灪龗\n".encode("gb18030"), encoding="gb18030")
    assert chosen.questions == []
    with pytest.raises(FileError, match="expected UTF-8, found the bytes"):
        opened(files.PARTS.encode("gbk"), encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1,234.56", "", "1234.56"),
        ("1.234,56", "", "1234.56"),
        ("１２３４．５", "", "1234.5"),
        ("1 234,5", "", "1234.5"),
        ("1,234,567", "", "1234567"),
        ("0.850", "", "0.850"),
        ("1,234", ",", "1.234"),
        ("1,234", ".", "1234"),
        ("12.5", ".", "12.5"),
        ("1234567", ",", "1234567"),
    ],
)
def test_numbers_are_read(text: str, mark: str, value: str) -> None:
    assert number(text, mark) == Decimal(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "mark", "key"),
    [
        ("1,234", "", "a_number_that_is_one"),
        ("1.234,56", ".", "number_with_point"),
        ("1,234.56", ",", "number_with_comma"),
        ("1,23,4.5", "", "a_number"),
        ("12abc", "", "a_number"),
        ("", "", "a_number"),
        ("1" * 40, "", "a_number"),
    ],
)
def test_numbers_that_are_none_or_two_are_refused(text: str, mark: str, key: str) -> None:
    with pytest.raises(NumberError, match=f"^{key}$"):
        number(text, mark)  # type: ignore[arg-type]


def test_units_of_mass_money_and_tax() -> None:
    assert (mass_mg("850.5", "g", "."), mass_mg("0.85 kg", "", "."), mass_mg("1.5克", "kg", ".")) == (
        850_500,
        850_000,
        1500,
    )
    assert (money_minor("¥12.50", "major", "."), money_minor("1250", "minor", "."), money_minor("12元", "", ".")) == (
        1250,
        1250,
        1200,
    )
    assert (tax_ppm("13%", "."), tax_ppm("13", "."), tax_ppm("0.5 %", ".")) == (130_000, 130_000, 5000)
    for call, key in (
        (lambda: mass_mg("850", "", "."), "a_mass_with_unit"),
        (lambda: money_minor("12.5", "", "."), "money_with_unit"),
        (lambda: money_minor("12.345", "major", "."), "money_to_the_cent"),
        (lambda: tax_ppm("0.13", "."), "tax_in_percent"),
    ):
        with pytest.raises(NumberError, match=key):
            call()
    assert is_ambiguous("1,234")
    assert not is_ambiguous("1,234.5")


def test_what_excel_does_to_numbers_is_seen() -> None:
    """A number in scientific notation is refused, a date too; zeros come back where the format or the sum tells."""
    rows = [
        ["配件编号", "名称"],
        [files.A_DAY, "date"],
        ["1.23E+12", "shortened"],
        [123, "padded"],
        [1234567890123.0, "long"],
        ["=1+1", "formula"],
        [True, "flag"],
    ]
    found = open_file(files.xlsx(rows, formats={"A4": "00000"}), "x", Choices())
    numbers = [line.cells[0] for line in found.lines()]
    assert numbers == ["2024-10-12", "1.23E+12", "00123", "1234567890123", "", "yes"]
    assert "said_formulas" in [said.key for said in found.said]
    read, reading = part_number("number"), Reading()
    for cell, key in ((numbers[0], "number_not_date"), (numbers[1], "number_not_scientific")):
        with pytest.raises(CellError, match=key):
            read(cell, reading)
    assert read("2024/10/12", reading) == "2024/10/12"
    assert [key for _, key, _ in reading.noticed] == ["looks_like_date"]
    assert (plain_number(0.1 + 0.2), plain_number(1e21), plain_number(-2.50)) == ("0.3", "1" + "0" * 21, "-2.5")
    assert gtin("0012345678905", Reading()) == "0012345678905"
    assert gtin("12345670", Reading()) == "12345670"
    with pytest.raises(CellError, match="a_gtin"):
        gtin("6901234567893", Reading())
    assert day("2026年1月2日", Reading()) == "2026-01-02"
    for wrong in ("01/02/2026", "2026-13-01", "46348"):
        with pytest.raises(CellError, match="a_day"):
            day(wrong, Reading())


def test_tables_of_all_sorts_are_read() -> None:
    assert cells(b"sep=;\nPart number;Name\nA;x;y\n".replace(b";y", b"")) == [("A", "x")]
    assert cells("配件编号\t名称\nA\t甲\n".encode("utf-16")) == [("A", "甲")]
    assert cells('某某公司配件表\n\n配件编号,名称\n\'=A,"两\n行"\n'.encode()) == [("'=A", "两\n行")]
    assert cells(gzip.compress(files.PARTS.encode()))[0][0] == "FK-1"
    assert cells(files.zipped({"__MACOSX/x": b"", "dir/p.csv": files.PARTS.encode()}))[2][1] == "螺栓, M12"
    two = files.xlsx(SHEET, sheets=("一", "二"))
    assert cells(two) == [("FK-1", "滤清器", "850.5")]
    with pytest.raises(FileError, match="sheet named"):
        opened(two, sheet="三")


def test_an_aces_file_keeps_what_narrows_an_application() -> None:
    lines = cells(files.aces())
    assert lines[0] == ("A", "AQ-1", "", "", "", "", "", "19129", "PCdb 22", "1", "carbon version")
    assert lines[1][10] == "SubModel 18; with 3 doors"
    assert lines[2][2:7] == ("VCdb 54", "VCdb 1023", "VCdb 177", "2015", "2020")
    assert cells(files.aces(version="4.2"))[0] == lines[0]


def test_columns_are_found_by_their_names() -> None:
    for headers, kind in (
        (("配件编号", "名称", "单件质量(g)"), "parts"),
        (("SKU", "Description", "Net weight kg"), "parts"),
        (("编号", "OE号", "品牌"), "references"),
        (("Part", "Make", "Model", "Year from"), "fitment"),
        (("件号", "价格", "生效日期"), "prices"),
        (("WMI", "品牌", "车型"), "models"),
        (("车牌号", "VIN", "车主"), "vehicles"),
        (("甲", "乙"), ""),
    ):
        assert kind_of(headers)[0] == kind, headers
    for shape in SHAPES.values():
        for place in (0, 1):
            headers = tuple(column.names[place] for column in shape.columns)
            assert tuple(columns_of(shape, headers).values()) == tuple(column.key for column in shape.columns)
