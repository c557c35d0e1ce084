"""The lines of a sheet of Excel's, read from beginning to end without holding it.

What Excel does to numbers is kept visible (`cells.py`). Formulas are never computed, macros never looked at; DTDs and
entities are refused before any of the XML is parsed.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from math import isfinite
from typing import Any

from cloud.catalogue.imports.cells import DateCell, ErrorCell, Line, NumberCell
from cloud.catalogue.imports.csv_table import CELL_CHARACTERS_MAX, COLUMNS_MAX
from cloud.catalogue.imports.file_error import FileError
from cloud.catalogue.imports.unpacking import TABLE_BYTES_MAX, open_zip, read_member

ROWS_MAX = 1_048_576
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROW = re.compile(rb"<row [^>]*?\br=\"(\d+)\"")
_OVERLAP = 400
_XML_IN_MEMORY_MAX = 96 * 2**20  # of the texts that cells share; sheets are streamed
_WORKBOOK_BYTES_MAX = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Workbook:
    """What a file of Excel's holds, before a sheet of it is read."""

    data: bytes
    sheets: tuple[str, ...]
    hidden: frozenset[str]
    formulas: int
    merged: int
    macros: bool


def look_into(data: bytes) -> Workbook:
    """Check a file and see what sheets it has (`FileError`)."""
    formulas, merged = _check(data)
    with _Opened(data) as book:
        sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]
        names = tuple(sheet.title for sheet in sheets)
        hidden = frozenset(sheet.title for sheet in sheets if sheet.sheet_state != "visible")
    if not names:
        raise FileError("sheets_none")
    with open_zip(data) as archive:
        macros = "xl/vbaProject.bin" in archive.namelist()
    return Workbook(data, names, hidden, formulas, merged, macros)


def sheet_lines(data: bytes, sheet: str) -> Iterator[Line]:
    """Every line of a sheet that is not blank (`FileError`)."""
    with _Opened(data) as book:
        if sheet not in book.sheetnames:
            raise FileError("sheet_missing", sheet=sheet)
        found = book[sheet]
        found.reset_dimensions()
        texts = _Texts()
        try:
            for number, row in enumerate(found.iter_rows(max_col=COLUMNS_MAX), 1):
                cells = [texts.of(cell) for cell in row if cell is not None]
                while cells and not cells[-1]:
                    cells.pop()
                if any(cell.strip() for cell in cells):
                    yield Line(number, tuple(cells))
        except _DAMAGED as error:
            raise FileError("table_damaged", found=_told(error)) from error


_DAMAGED = (  # what openpyxl raises on a file that is not sound
    *(zipfile.BadZipFile, LookupError, ValueError, TypeError, AttributeError),
    *(OSError, EOFError, SyntaxError, ArithmeticError),
)


class _Opened:
    """The workbook of a file, closed afterwards; what openpyxl warns of is no business of the log."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __enter__(self) -> Any:
        from openpyxl import load_workbook  # noqa: PLC0415 -- slow to import: numpy comes with it

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._book = load_workbook(
                    BytesIO(self._data), read_only=True, data_only=True, keep_links=False, keep_vba=False
                )
        except _DAMAGED as error:
            raise FileError("table_damaged", found=_told(error)) from error
        return self._book

    def __exit__(self, *_error: object) -> None:
        self._book.close()


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:120]


# ---- before anything is parsed ----


def _check(data: bytes) -> tuple[int, int]:
    """Read every part once, as bytes; how many formulas and merged cells the sheets have."""
    formulas = merged = total = 0
    with open_zip(data) as archive:
        for info in archive.infolist():
            if not info.filename.endswith((".xml", ".rels")):
                continue
            is_sheet = info.filename.startswith("xl/worksheets/")
            most = TABLE_BYTES_MAX if is_sheet else _most_of(info.filename)
            tail = b""
            for piece in read_member(archive, info, len(data), most):
                total += len(piece)
                if total > TABLE_BYTES_MAX:
                    raise FileError("file_large", most=TABLE_BYTES_MAX // 2**20)
                seen = tail + piece
                _refuse_odd(seen, is_sheet)
                if is_sheet:
                    formulas += piece.count(b"<f>") + piece.count(b"<f ")
                    merged += piece.count(b"<mergeCell ")
                tail = seen[-_OVERLAP:]
    return formulas, merged


def _most_of(name: str) -> int:
    return _XML_IN_MEMORY_MAX if name == "xl/sharedStrings.xml" else _WORKBOOK_BYTES_MAX


def _refuse_odd(xml: bytes, is_sheet: bool) -> None:
    if _ENTITIES.search(xml) or xml.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        raise FileError("table_entities")
    if is_sheet:
        for match in _ROW.finditer(xml):
            if int(match[1]) > ROWS_MAX:
                raise FileError("table_rows", found=match[1].decode())


# ---- cells ----


class _Texts:
    """Cells as text. A format is looked up once for each style."""

    def __init__(self) -> None:
        self._formats: dict[int, str] = {}

    def of(self, cell: Any) -> str:
        value = cell.value
        if value is None:
            return ""
        if isinstance(value, str):
            return self._text(cell, value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int | float):
            return self._number(cell, value)
        if isinstance(value, datetime):
            return DateCell(value.date().isoformat() if value.time() == time() else value.isoformat(" "))
        return DateCell(value.isoformat()) if isinstance(value, date | time) else _odd(value)

    @staticmethod
    def _text(cell: Any, value: str) -> str:
        if len(value) > CELL_CHARACTERS_MAX:
            raise FileError("cell_long", line=cell.row, most=CELL_CHARACTERS_MAX)
        return ErrorCell(value) if cell.data_type == "e" else value

    def _number(self, cell: Any, value: float) -> str:
        written = plain_number(value)
        shape = self._format(cell)
        if "%" in shape:
            return NumberCell(f"{Decimal(written) * 100:f}%")
        if set(shape) == {"0"} and written.isdigit():
            return NumberCell(written.zfill(len(shape)))
        return NumberCell(written)

    def _format(self, cell: Any) -> str:
        style = cell._style_id  # the public property looks the format up anew for each cell
        if style not in self._formats:
            self._formats[style] = str(cell.number_format or "")
        return self._formats[style]


def plain_number(value: float) -> str:
    """A number as Excel shows it: 15 digits, a point, no exponent."""
    if isinstance(value, int):
        return str(value)
    if not isfinite(value):
        return ErrorCell("#NUM!")
    written = f"{Decimal(f'{value:.15g}'):f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _odd(value: object) -> str:
    return NumberCell(str(value.total_seconds())) if isinstance(value, timedelta) else ErrorCell(str(value))
