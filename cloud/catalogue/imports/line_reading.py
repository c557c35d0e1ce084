"""Lines of a table into values of a kind: each cell read, or the line refused with what was expected and found.

A cell that is empty leaves what the catalogue has; one that is just `-` empties it. Pure.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloud.catalogue.imports.cells import Line, NumberCell
from cloud.catalogue.imports.fields import CellError, Reading
from cloud.catalogue.imports.kinds import Column, Shape
from cloud.catalogue.imports.numbers import DecimalMark, is_ambiguous, narrow, ways
from cloud.catalogue.imports.report import Refusal, shown

EMPTIES = "-"
_LOOKED_AT = 5_000
_KNOWN_MAX = 10_000  # values of a column that are remembered: most columns say the same again and again


@dataclass(frozen=True, slots=True)
class Row:
    """One line that could be read: its values by the plan's keys; None: not said."""

    line: int
    values: tuple[Any, ...]


@dataclass
class Plan:
    """How a line is read: which cell is which column, and what is said once for all lines."""

    shape: Shape
    places: tuple[tuple[int, Column], ...]
    given: Mapping[str, object] = field(default_factory=dict)
    width: int = 0

    def __post_init__(self) -> None:
        self.keys = (*(column.key for _, column in self.places), *self.given)
        self.at = {key: place for place, key in enumerate(self.keys)}

    def value(self, row: Row, key: str) -> Any:
        """A value of a row, or what a new line has in its place."""
        place = self.at.get(key)
        found = row.values[place] if place is not None else None
        return self.shape.column(key).default if found is None else found

    def full(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Every column's value, what is not said as in a new line."""
        said = dict(zip(self.keys, values, strict=True))
        return {
            column.key: column.default if said.get(column.key) is None else said[column.key]
            for column in self.shape.columns
        }

    def said(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The values that the line says."""
        return {key: value for key, value in zip(self.keys, values, strict=True) if value is not None}


Refuse = Callable[[Refusal], None]


def read_lines(
    lines: Iterator[Line], plan: Plan, readings: Mapping[str, Reading], refuse: Refuse, notice: Refuse
) -> Iterator[Row | int]:
    """A row for each line that can be read, its number for one that cannot. `readings`: by column, how it is read."""
    given = tuple(plan.given.values())
    columns = [_ColumnReader(at, column, readings[column.key]) for at, column in plan.places]
    for line in lines:
        values: list[Any] = []
        sound = _refuse_wide(line, plan, refuse)
        width = len(line.cells)
        for column in columns:
            cell = line.cells[column.at] if column.at < width else ""
            try:
                values.append(column.known[cell] if cell in column.known and type(cell) is str else column.value(cell))
            except CellError as error:
                refuse(Refusal(line.number, column.column.key, error.key, dict(error.values), shown(cell)))
                sound = False
            while column.noticed:
                name, key, said = column.noticed.pop()
                notice(Refusal(line.number, name, key, dict(said), shown(cell)))
        yield Row(line.number, (*values, *given)) if sound else line.number


class _ColumnReader:
    """Reads the cells of one column, and remembers what plain ones came to."""

    def __init__(self, at: int, column: Column, reading: Reading) -> None:
        self.at, self.column, self._reading = at, column, reading
        self.noticed = reading.noticed
        self.known: dict[str, Any] = {}

    def value(self, cell: str) -> Any:
        """A cell's value (`CellError`); None: the line says nothing here."""
        value = self._read(cell)
        if type(cell) is str and not self.noticed and len(self.known) < _KNOWN_MAX:
            self.known[cell] = value
        return value

    def _read(self, cell: str) -> Any:
        plain = cell.strip()
        if not plain:
            if self.column.required:
                raise CellError("something")
            return None
        if plain == EMPTIES and not self.column.required:
            return self.column.default
        return self.column.read(cell, self._reading)


def _refuse_wide(line: Line, plan: Plan, refuse: Refuse) -> bool:
    """A line with more cells than the header has come apart, most likely at a sign inside a text."""
    if plan.width and len(line.cells) > plan.width and any(cell.strip() for cell in line.cells[plan.width :]):
        refuse(Refusal(line.number, "", "columns_as_header", {"most": str(plan.width)}, str(len(line.cells))))
        return False
    return True


# ---- which sign is the decimal mark ----


@dataclass(frozen=True, slots=True)
class Marks:
    """How many numbers of a file are written with a point or a comma for certain, and how many could be either."""

    point: int = 0
    comma: int = 0
    either: int = 0

    @property
    def mark(self) -> DecimalMark:
        """The decimal mark; "" when nothing says which."""
        if not self.point and not self.comma:
            return "" if self.either else "."
        return "." if self.point >= self.comma else ","


def marks_in(lines: Iterator[Line], places: tuple[tuple[int, Column], ...]) -> Marks:
    """What the numbers in the first lines say about the decimal mark."""
    numbers = [at for at, column in places if column.is_number]
    point = comma = either = 0
    for count, line in enumerate(lines):
        if count >= _LOOKED_AT or not numbers:
            break
        for at in numbers:
            cell = line.cells[at] if at < len(line.cells) else ""
            if isinstance(cell, NumberCell) or not ("," in cell or "." in cell or "，" in cell or "．" in cell):
                continue
            plain = narrow(cell).strip("%¥$€元克gkGK")
            found = ways(plain)
            if len(found) == 1:
                point, comma = point + ("." in found), comma + ("," in found)
            else:
                either += is_ambiguous(plain)
    return Marks(point, comma, either)
