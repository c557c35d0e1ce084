"""What the API shows of imports. Sentences are in the language that was asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import Field
from sqlmodel import Session, col

from cloud.catalogue.imports.exporting import csv_bytes, defused
from cloud.catalogue.imports.kinds import ACES, SHAPES, Shape
from cloud.catalogue.imports.report import Choices, Refusal, Report, Told
from cloud.catalogue.imports.runs import WITHOUT_FILE, Progress, found_run, report_of
from cloud.catalogue.imports.words import SAYS
from cloud.rights import Right
from cloud.tables import ImportRun
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import Count, TimeMs, View
from page_kit.language import Language

KindName = Literal["parts", "references", "fitment", "prices", "models", "vehicles"]
State = Literal["previewed", "taken", "refused", "dropped"]


class ImportRunView(View):
    """One import of a file."""

    id: str = Field(examples=["i-5f2c9a1e0b7d4c33"])
    file_name: str = Field(examples=["parts.csv"])
    kind: str = Field(description="empty while it is not known", examples=["parts"])
    state: State
    made_ms: TimeMs
    made_by: int | None = Field(description="the id of whoever sent it", examples=[1])
    ended_ms: int = Field(description="0: it is open", examples=[0])
    lines: Count
    accepted: Count
    refused: Count


class ImportProgress(View):
    """What is being done about an import at this moment."""

    stage: Literal["waiting", "reading", "writing"]
    lines: Count
    wanted: Count = Field(description="of how many; 0: not known")


class ImportRefusal(View):
    """A line that was refused, or about which something was noticed."""

    line: Count
    column: str = Field(description="empty for the whole line", examples=["单件质量"])
    expected: str = Field(examples=["数字"])
    found: str = Field(examples=["十二"])


class ImportQuestion(View):
    """What the file leaves open: the choice to make, what it most likely is, and what it may be."""

    about: str = Field(examples=["mass_unit"])
    guess: str = Field(examples=["g"])
    options: list[str] = Field(examples=[["mg", "g", "kg"]])


class ImportLine(View):
    """A line as it will be taken: values in the order of `shown`, and what changed ones were before."""

    line: Count
    outcome: Literal["new", "changed", "same", "removed", "refused"]
    values: list[str]
    before: dict[str, str]


class ImportChoices(View):
    """What a person may choose about a file. Empty: as the file says itself."""

    kind: Literal["", "parts", "references", "fitment", "prices", "models", "vehicles"] = ""
    encoding: Literal["", "utf-8", "gb18030", "utf-16", "big5", "windows-1252"] = ""
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    sheet: str = Field(default="", max_length=200)
    header_line: int = Field(default=0, ge=0, le=1_048_576)
    columns: list[str] | None = Field(
        default=None, max_length=200, description="of each column of the file, which one it is; empty: not taken"
    )
    decimal: Literal["", ".", ","] = ""
    mass_unit: Literal["", "mg", "g", "kg"] = ""
    money_unit: Literal["", "major", "minor"] = ""
    reference_kind: Literal["", "oe", "competitor", "old"] = ""
    from_day: str = Field(default="", max_length=20, examples=["2026-11-22"])
    shop: str = Field(default="", max_length=200)
    all_or_nothing: bool = Field(default=False, description="take nothing over while a line is refused")
    new_parts: bool | None = Field(default=None, description="add parts that the catalogue does not have")
    replace: bool = Field(default=False, description="remove what the named parts have and the file does not")


class ImportDetail(ImportRunView):
    """An import with its preview."""

    progress: ImportProgress | None = Field(description="null: nothing is being done")
    problem: str = Field(description="why the file cannot be taken as a whole; empty: it can")
    said: list[str] = Field(description="what was found of the file", examples=[["编码：GB18030（都是常用汉字）"]])
    questions: list[ImportQuestion] = Field(description="to be answered by choices before it can be taken over")
    sheets: list[str]
    headers: list[str]
    columns: list[str] = Field(description="of each of the headers, which column it is")
    shown: list[str]
    preview: list[ImportLine]
    counts: dict[str, int] = Field(examples=[{"new": 12, "changed": 3, "same": 200, "refused": 1}])
    parts_made: Count = Field(description="parts that the file names and the catalogue does not have")
    refusals: list[ImportRefusal] = Field(description="the first; all of them under refusals.csv")
    notices: list[ImportRefusal]
    changed_since: bool = Field(description="the catalogue changed after the preview that was to be taken over")
    choices: ImportChoices


class ImportMade(View):
    """An import that is being read."""

    id: str = Field(examples=["i-5f2c9a1e0b7d4c33"])


REFUSALS_SHOWN = 200
RIGHT_TO_SEE: Final[Mapping[str, Right]] = {"prices": "see_prices", "vehicles": "see_vehicles"}  # by kind of rows


def run_view(row: ImportRun) -> ImportRunView:
    """A run without its report."""
    return ImportRunView(**_run_fields(row))


def _run_fields(row: ImportRun) -> dict[str, Any]:
    names = ("id", "file_name", "kind", "state", "made_ms", "made_by", "ended_ms", "lines", "accepted", "refused")
    return {name: getattr(row, name) for name in names}


def runs(session: Session, tenant: TenantId, after: str, limit: int) -> list[ImportRunView]:
    """The tenant's imports, newest first, behind the run `after` (`NotFoundError`)."""
    wanted = tenant_rows(tenant, ImportRun).options(*WITHOUT_FILE)
    if after:
        last = found_run(session, tenant, after)
        newer = col(ImportRun.made_ms) > last.made_ms
        same = (col(ImportRun.made_ms) == last.made_ms) & (col(ImportRun.id) >= last.id)
        wanted = wanted.where(~(newer | same))
    wanted = wanted.order_by(col(ImportRun.made_ms).desc(), col(ImportRun.id).desc()).limit(limit)
    return [run_view(row) for row in session.exec(wanted)]


def detail(row: ImportRun, progress: Progress | None, language: Language, may: Callable[[Right], bool]) -> ImportDetail:
    """A run with its report; what changed lines were before is for those who may see such rows."""
    report = report_of(row)
    sees_rows = row.kind not in RIGHT_TO_SEE or may(RIGHT_TO_SEE[row.kind])
    return ImportDetail(
        **_run_fields(row),
        progress=None
        if progress is None
        else ImportProgress(stage=progress.stage, lines=progress.lines, wanted=progress.wanted),
        problem=told(report.problem, language) if report.problem else "",
        said=[told(said, language) for said in report.said],
        questions=[
            ImportQuestion(about=each.about, guess=each.guess, options=each.options) for each in report.questions
        ],
        sheets=report.sheets,
        headers=report.headers,
        columns=report.columns,
        shown=report.shown,
        preview=[
            ImportLine(
                line=each.line, outcome=each.outcome, values=each.values, before=each.before if sees_rows else {}
            )
            for each in report.preview
        ],
        counts=report.counts,
        parts_made=report.parts_made,
        refusals=refusal_views(report, report.refusals[:REFUSALS_SHOWN], language),
        notices=refusal_views(report, report.notices[:REFUSALS_SHOWN], language),
        changed_since=report.changed_since,
        choices=_choices_view(report.choices),
    )


def _choices_view(choices: Choices) -> ImportChoices:
    return ImportChoices.model_construct(**{name: getattr(choices, name) for name in ImportChoices.model_fields})


def choices_of(view: ImportChoices) -> Choices:
    """Choices as they are kept."""
    return Choices(**view.model_dump())


def told(said: Told, language: Language) -> str:
    """A sentence in a language. A value that is itself a key is said in words."""
    say = SAYS[language]
    values = {name: _word(value, language) for name, value in said.values.items()}
    return say(said.key, **values)


_SAID_KEYS = ("how_", "delimiter_")


def _word(value: str, language: Language) -> str:
    return SAYS[language](value) if value.startswith(_SAID_KEYS) else value


def shape_named(kind: str) -> Shape:
    """The kind of a run, ACES too."""
    return ACES if kind == "aces" else SHAPES.get(kind, SHAPES["parts"])


def column_names(report: Report, language: Language) -> Mapping[str, str]:
    """What the columns of a report are called."""
    return {column.key: column.name(language) for column in shape_named(report.kind).columns}


def refusal_views(report: Report, refusals: Sequence[Refusal], language: Language) -> list[ImportRefusal]:
    """Refusals in words."""
    names, say = column_names(report, language), SAYS[language]
    return [
        ImportRefusal(
            line=each.line,
            column=names.get(each.column, ""),
            expected=say(each.key, **each.values),
            found=each.found,
        )
        for each in refusals
    ]


def refusals_csv(report: Report, language: Language) -> bytes:
    """Every refusal that was kept, as a table to work through."""
    header = ["行", "列", "应为", "实际"] if language == "zh" else ["line", "column", "expected", "found"]
    rows = [
        [str(each.line), each.column, each.expected, defused(each.found)]
        for each in refusal_views(report, report.refusals, language)
    ]
    if report.refusals_more:
        rows.append(["", "", f"… + {report.refusals_more}", ""])
    return csv_bytes([header, *rows])
