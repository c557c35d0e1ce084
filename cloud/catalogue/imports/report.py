"""What an import's preview says, as it is kept with the run: values and keys of `words.py`, no sentences."""

from typing import Literal

import msgspec

REFUSALS_MAX = 10_000  # further ones are counted
NOTICES_MAX = 1_000
PREVIEWED_LINES = 40
CELL_SHOWN_MAX = 120

Outcome = Literal["new", "changed", "same", "removed", "refused"]


class Choices(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person chose; "" and None: as the file says itself.

    `columns`: for each column of the file which one it is, "" for none. `new_parts`: parts that the catalogue does not
    have are added by their number. `replace`: what a part has and the file does not is removed.
    """

    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_line: int = 0
    columns: list[str] | None = None
    decimal: str = ""
    mass_unit: str = ""
    money_unit: str = ""
    reference_kind: str = ""
    from_day: str = ""
    shop: str = ""
    all_or_nothing: bool = False
    new_parts: bool | None = None
    replace: bool = False


class Told(msgspec.Struct, frozen=True):
    """A sentence, by its key and values."""

    key: str
    values: dict[str, str] = {}


class Refusal(msgspec.Struct, frozen=True):
    """Why a line was refused, or what was noticed about it: `column` is a column's key, "" for the whole line."""

    line: int
    column: str
    key: str
    values: dict[str, str]
    found: str


class PreviewLine(msgspec.Struct, frozen=True):
    """A line as it will be taken: its values as text by the report's columns, and what a changed one was before."""

    line: int
    outcome: Outcome
    values: list[str]
    before: dict[str, str] = {}


class Question(msgspec.Struct, frozen=True):
    """What the file leaves open and a person must say; `guess` is what it would be."""

    about: str  # a field of Choices
    guess: str
    options: list[str]


class Report(msgspec.Struct, omit_defaults=True):
    """The preview of a file, or how far it came."""

    choices: Choices
    format: str = ""
    kind: str = ""
    problem: Told | None = None
    said: list[Told] = []
    questions: list[Question] = []
    sheets: list[str] = []
    headers: list[str] = []
    columns: list[str] = []  # of the file's columns, which one it is
    shown: list[str] = []  # the columns of `preview`
    preview: list[PreviewLine] = []
    counts: dict[str, int] = {}
    lines: int = 0
    refusals: list[Refusal] = []
    refusals_more: int = 0
    notices: list[Refusal] = []
    notices_more: int = 0
    parts_made: int = 0
    digest: str = ""
    revision: int = 0
    changed_since: bool = False
    took_ms: int = 0

    @property
    def accepted(self) -> int:
        """How many lines would be, or were, taken."""
        return sum(self.counts.get(outcome, 0) for outcome in ("new", "changed", "same"))

    @property
    def refused(self) -> int:
        """How many lines were refused."""
        return self.counts.get("refused", 0)


encode_report = msgspec.json.Encoder().encode
decode_report = msgspec.json.Decoder(Report).decode


def shown(value: object) -> str:
    """What was found in a cell, no longer than a report has room for."""
    text = str(value)
    return text if len(text) <= CELL_SHOWN_MAX else text[: CELL_SHOWN_MAX - 1] + "…"
