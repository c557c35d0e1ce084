"""A file as a table: its format, encoding, sheet, separator and column names found, or taken as a person chose them.

Reads bytes and knows nothing of the catalogue's rows. What it found is said; what is not sure becomes a question.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from cloud.catalogue.imports import aces
from cloud.catalogue.imports.aces import AcesFile, aces_lines
from cloud.catalogue.imports.cells import Line
from cloud.catalogue.imports.csv_table import DELIMITERS, csv_lines, delimiter_of
from cloud.catalogue.imports.encodings import ENCODINGS, decode
from cloud.catalogue.imports.file_error import FileError
from cloud.catalogue.imports.kinds import ACES, SHAPES, Shape, columns_of, kind_of
from cloud.catalogue.imports.report import Choices, Question, Told
from cloud.catalogue.imports.unpacking import unpack
from cloud.catalogue.imports.xlsx_table import look_into, sheet_lines

LINES_MAX = 500_000
_HEADER_WITHIN = 15
_HEADER_EXAMPLE = "配件编号 / Part number"


@dataclass
class OpenedFile:
    """A file whose lines can be read, more than once. `lines` begins behind the header."""

    format: str
    said: list[Told] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    sheets: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    header_line: int = 0
    all_lines: Callable[[], Iterator[Line]] = lambda: iter(())
    aces: AcesFile | None = None

    def lines(self) -> Iterator[Line]:
        """Every line behind the header (`FileError`)."""
        count = 0
        for line in self.all_lines():
            if line.number > self.header_line or self.aces is not None:
                count += 1
                if count > LINES_MAX:
                    raise FileError("lines_many", most=LINES_MAX)
                yield line
        if not count:
            raise FileError("lines_none")

    def say(self, key: str, **values: object) -> None:
        """Add to what the report says of the file."""
        self.said.append(Told(key, {name: str(value) for name, value in values.items()}))


def open_file(data: bytes, name: str, choices: Choices) -> OpenedFile:
    """The file as a table (`FileError`)."""
    unpacked = unpack(data, name)
    if unpacked.format == "xml":
        return _open_aces(unpacked.data)
    opened = _open_csv(unpacked.data, choices) if unpacked.format == "csv" else _open_xlsx(unpacked.data, choices)
    _find_header(opened, choices)
    opened.say("said_header", line=opened.header_line)
    return opened


def _open_aces(data: bytes) -> OpenedFile:
    about = AcesFile()
    opened = OpenedFile("aces", headers=aces.COLUMNS, aces=about)

    def lines() -> Iterator[Line]:
        about.applications, about.told = 0, None
        about.skipped.clear()
        return aces_lines(data, about)

    opened.all_lines = lines
    return opened


def _open_csv(data: bytes, choices: Choices) -> OpenedFile:
    decoded = decode(data, choices.encoding)
    opened = OpenedFile("csv")
    opened.say("said_encoding", encoding=decoded.encoding.upper(), how=f"how_{decoded.how}")
    if decoded.others:
        opened.questions.append(Question("encoding", decoded.encoding, list(ENCODINGS)))
    delimiter = choices.delimiter if choices.delimiter in DELIMITERS else delimiter_of(decoded.text)
    opened.say("said_delimiter", delimiter=f"delimiter_{delimiter}")
    opened.all_lines = lambda: csv_lines(decoded.text, delimiter)
    return opened


def _open_xlsx(data: bytes, choices: Choices) -> OpenedFile:
    book = look_into(data)
    sheet = choices.sheet or next((name for name in book.sheets if name not in book.hidden), book.sheets[0])
    if sheet not in book.sheets:
        raise FileError("sheet_missing", sheet=sheet)
    opened = OpenedFile("xlsx", sheets=book.sheets)
    opened.say("said_sheet", sheet=sheet, count=len(book.sheets))
    for key, said in (("said_formulas", book.formulas), ("said_merged", book.merged)):
        if said:
            opened.say(key, count=said)
    if book.macros:
        opened.say("said_macros")
    if sheet in book.hidden:
        opened.say("said_hidden", sheet=sheet)
    opened.all_lines = lambda: sheet_lines(data, sheet)
    return opened


# ---- the line of column names ----


def _find_header(opened: OpenedFile, choices: Choices) -> None:
    first = list(islice(opened.all_lines(), _HEADER_WITHIN))
    if not first:
        raise FileError("file_empty")
    line = _chosen_line(first, choices) or _best_line(first, choices)
    if line is None:
        raise FileError("header_missing", looked=_HEADER_WITHIN, example=_HEADER_EXAMPLE)
    opened.headers = tuple(" ".join(cell.split()) for cell in line.cells)
    opened.header_line = line.number


def _chosen_line(first: list[Line], choices: Choices) -> Line | None:
    return next((line for line in first if line.number == choices.header_line), None)


def _best_line(first: list[Line], choices: Choices) -> Line | None:
    """The first line with the most known column names, or else the first with two texts in it."""
    best, most = None, 0
    for line in first:
        known = _known_names(line.cells, choices)
        if known > most:
            best, most = line, known
    if best is None or (most < 2 and len(best.cells) > 1):
        texts = (line for line in first if sum(bool(cell.strip()) for cell in line.cells) > 1)
        best = best or next(texts, None)
    return best


def _known_names(headers: tuple[str, ...], choices: Choices) -> int:
    shapes = [SHAPES[choices.kind]] if choices.kind in SHAPES else SHAPES.values()
    return max(len(columns_of(shape, headers)) for shape in shapes)


def shape_of(opened: OpenedFile, choices: Choices) -> Shape:
    """The kind of a file: as chosen, as its columns say, or the nearest one."""
    if opened.aces is not None:
        return ACES
    if choices.kind in SHAPES:
        return SHAPES[choices.kind]
    kind, _ = kind_of(opened.headers)
    if not kind:
        kind = max(SHAPES, key=lambda name: len(columns_of(SHAPES[name], opened.headers)))
        opened.questions.append(Question("kind", kind, list(SHAPES)))
    return SHAPES[kind]


def places_of(opened: OpenedFile, shape: Shape, choices: Choices) -> dict[int, str]:
    """Which column of the file is which of the kind (`FileError`: one that is needed is missing)."""
    if choices.columns is None:
        places = columns_of(shape, opened.headers)
    else:
        known = {column.key for column in shape.columns}
        places = {at: key for at, key in enumerate(choices.columns) if key in known and at < len(opened.headers)}
    return places


def check_places(shape: Shape, places: dict[int, str], given: set[str]) -> None:
    """Refuse a mapping that lacks a needed column, or has one twice; `given` are said once for all lines."""
    keys = list(places.values())
    for column in shape.columns:
        if keys.count(column.key) > 1:
            raise FileError("column_doubled", column=f"{column.names[0]} / {column.names[1]}")
        if column.required and column.key not in keys and column.key not in given:
            raise FileError("column_missing", column=f"{column.names[0]} / {column.names[1]}")
