"""A table of what was asked for: a CSV with a line for each part, its name first, then a column for each period.

An empty cell is a period of which nothing is known (the part was not kept yet, or had run out); it is not zero. Bytes
and the sign between columns are found out as in imports (`cloud.catalogue.imports`).
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cloud.catalogue.imports.csv_table import delimiter_of
from cloud.catalogue.imports.encodings import decode
from cloud.replenishment.forecasting.values import Demand

MOST = 1_000_000  # of one part in one period
_SHOWN = 40  # letters of a cell in a sentence

Row = tuple[int, list[str]]  # the line it begins on, and its cells


@dataclass(frozen=True)
class DemandTable:
    """Parts, the names of the periods (oldest first), and what was asked for."""

    parts: tuple[str, ...]
    periods: tuple[str, ...]
    demand: Demand


def read(path: Path) -> DemandTable:
    """The table of a file; `ValueError` with line and column when it is none."""
    rows = list(_rows(decode(path.read_bytes()).text))
    if not rows:
        raise ValueError(f"{path}: expected a line of headings and a line for each part, found an empty file")
    (line, heading), *lines = rows
    periods = _periods(path, line, heading)
    if not lines:
        raise ValueError(f"{path}: expected a line for each part below the headings, found none")
    parts, cells = _parts(path, lines, len(periods))
    known = ~np.isnan(cells)
    demand = Demand(np.where(known, cells, 0.0), known.astype(float), np.zeros(len(parts), np.int64))
    return DemandTable(parts, periods, demand)


def _rows(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    before = 0
    for cells in reader:
        begins, before = before + 1, reader.line_num
        if any(cell.strip() for cell in cells) and not (begins == 1 and cells[0].lower().startswith("sep=")):
            yield begins, [cell.strip() for cell in cells]


def _periods(path: Path, line: int, heading: list[str]) -> tuple[str, ...]:
    names = heading[1:]
    while names and not names[-1]:
        names = names[:-1]
    if not names:
        raise ValueError(
            f"{path}, line {line}: expected the part's column and one for each period, found {len(heading)}"
        )
    for column, name in enumerate(names, start=2):
        if not name:
            raise ValueError(f"{path}, line {line}, column {column}: expected the period's name, found nothing")
        if name in names[: column - 2]:
            raise ValueError(f"{path}, line {line}, column {column}: expected each period once, found {name!r} again")
    return tuple(names)


def _parts(path: Path, lines: list[Row], periods: int) -> tuple[tuple[str, ...], np.ndarray]:
    seen: dict[str, int] = {}
    cells = np.full((len(lines), periods), np.nan)
    for at, (line, row) in enumerate(lines):
        where = f"{path}, line {line}"
        part, values = row[0], row[1:]
        if not part:
            raise ValueError(f"{where}, column 1: expected the part, found nothing")
        if part in seen:
            raise ValueError(
                f"{where}, column 1: expected each part once, found {part!r} again, as on line {seen[part]}"
            )
        if len(values) < periods or any(values[periods:]):
            raise ValueError(f"{where}: expected {periods + 1} columns, found {len(row)}")
        seen[part] = line
        cells[at] = [_cell(f"{where}, column {at + 2}", cell) for at, cell in enumerate(values[:periods])]
    return tuple(seen), cells


def _cell(where: str, text: str) -> float:
    """What was asked for, nan where nothing is known."""
    if not text:
        return np.nan
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if not (0 <= number <= MOST) or number != int(number):
        raise ValueError(
            f"{where}: expected a whole number from 0 to {MOST:,}, or nothing where it is not known, "
            f"found {text[:_SHOWN]!r}"
        )
    return number
