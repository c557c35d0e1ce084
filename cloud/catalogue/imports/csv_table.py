"""The lines of a CSV text: which sign parts its columns, and where each line stands in the file. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import Final

from cloud.catalogue.imports.cells import Line
from cloud.catalogue.imports.file_error import FileError

DELIMITERS: Final = (",", ";", "\t", "|")
CELL_CHARACTERS_MAX = 100_000
COLUMNS_MAX = 200
_LOOKED_AT = 20


def delimiter_of(text: str) -> str:
    """The sign between columns: as the file says itself (`sep=;`), or that which gives most lines the same columns."""
    first = text[:10].splitlines()[0] if text[:10].splitlines() else ""
    if first.lower().startswith("sep=") and first[4:5] in DELIMITERS:
        return first[4]
    return max(DELIMITERS, key=lambda sign: _regularity(text, sign))


def _regularity(text: str, delimiter: str) -> tuple[int, int]:
    """How many of the first lines have the most usual number of columns, and how many that is."""
    widths: Counter[int] = Counter()
    try:
        for at, cells in enumerate(csv.reader(io.StringIO(_head(text), newline=""), delimiter=delimiter)):
            if at >= _LOOKED_AT:
                break
            if len(cells) > 1:
                widths[len(cells)] += 1
    except csv.Error:
        return 0, 0
    return (widths.most_common(1)[0][1], widths.most_common(1)[0][0]) if widths else (0, 0)


def _head(text: str) -> str:
    return text[: _LOOKED_AT * 2000]


def csv_lines(text: str, delimiter: str) -> Iterator[Line]:
    """Every line that is not blank, with the number of the line on which it begins (`FileError`)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            begins, before = before + 1, reader.line_num
            if begins == 1 and len(cells) <= 2 and "".join(cells).lower().startswith("sep="):
                continue
            if any(cell.strip() for cell in cells):
                _refuse_wide(cells, begins)
                yield Line(begins, tuple(cells))
    except csv.Error as error:
        if "field larger" in str(error):
            raise FileError("cell_long", line=before + 1, most=CELL_CHARACTERS_MAX) from error
        raise FileError("quote_open", line=before + 1) from error


def _refuse_wide(cells: list[str], line: int) -> None:
    if len(cells) > COLUMNS_MAX:
        raise FileError("columns_many", most=COLUMNS_MAX)
    if max(map(len, cells)) > CELL_CHARACTERS_MAX:
        raise FileError("cell_long", line=line, most=CELL_CHARACTERS_MAX)
