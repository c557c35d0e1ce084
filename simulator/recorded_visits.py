"""Recorded visits to weighing bins: who, which bin, mass before and after. Reads CSV, refuses what cannot be. Pure but
for opening the file.

Columns: visitor, tag, bin, start, end (local time, `YYYY-MM-DD HH:MM:SS`), before_g, after_g.
"""

import csv
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

COLUMNS = ("visitor", "tag", "bin", "start", "end", "before_g", "after_g")
MASS_G_MAX = 150_000  # the cells of the replay


class VisitError(ValueError):
    """A recorded visit cannot be driven; the text says what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class RecordedVisit:
    """One visit of the recording; masses in grams."""

    line: int
    visitor: str
    badge: str
    bin: int
    start: str
    before_g: int
    after_g: int


def read(path: Path, count: int) -> tuple[list[RecordedVisit], list[str]]:
    """The first `count` visits in order of start, and the reasons for those refused."""
    accepted: list[RecordedVisit] = []
    refused: list[str] = []
    for line, row in enumerate(islice(_rows(path), count), start=2):
        try:
            accepted.append(_visit(line, row))
        except VisitError as error:
            refused.append(f"line {line}: {error}")
    return sorted(accepted, key=lambda visit: (visit.start, visit.line)), refused


def _rows(path: Path) -> Iterator[dict[str, str | None]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(_without_blank(lines))
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise VisitError(f"expected columns {', '.join(COLUMNS)}, missing {', '.join(sorted(missing))}")
        yield from reader


def _without_blank(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line.strip())


def _visit(line: int, row: dict[str, str | None]) -> RecordedVisit:
    start, end = _moment(row, "start"), _moment(row, "end")
    if end < start:
        raise VisitError(f"expected an end after the start {start}, found {end}")
    visitor = (row["visitor"] or "").strip()
    if not 1 <= len(visitor) <= 24:
        raise VisitError(f"expected a visitor of 1 to 24 characters, found {visitor!r}")
    return RecordedVisit(
        line=line,
        visitor=visitor,
        badge=_badge(_integer(row, "tag", 0, 2**56 - 1)),
        bin=_integer(row, "bin", 1, 9999),
        start=start.isoformat(),
        before_g=_integer(row, "before_g", 0, MASS_G_MAX),
        after_g=_integer(row, "after_g", 0, MASS_G_MAX),
    )


def _badge(tag: int) -> str:
    """A tag's number as the UID of a card of four bytes, or of seven where it needs them."""
    return f"{tag:08X}" if tag < 2**32 else f"{tag:014X}"


def _integer(row: dict[str, str | None], column: str, low: int, high: int) -> int:
    text = (row[column] or "").strip()
    try:
        value = int(text)
    except ValueError as error:
        raise VisitError(f"expected {column} as an integer, found {text!r}") from error
    if not low <= value <= high:
        raise VisitError(f"expected {column} from {low} to {high}, found {value}")
    return value


def _moment(row: dict[str, str | None], column: str) -> datetime:
    text = (row[column] or "").strip()
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - local time, only compared with itself
    except ValueError as error:
        raise VisitError(f"expected {column} as YYYY-MM-DD HH:MM:SS, found {text!r}") from error
