"""A file examined: opened, its columns found, every line read and compared with what the dealer has.

Reads the database and never writes. The outcome is a report and, when asked for, the rows that would be written; the
report's digest says whether a later examination would come to the same.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from cloud.catalogue.imports.comparing import Compared, Comparison, VehicleComparison, comparison, refused
from cloud.catalogue.imports.fields import CellError, Reading, day
from cloud.catalogue.imports.file_error import FileError
from cloud.catalogue.imports.kinds import ACES, Column, Shape
from cloud.catalogue.imports.line_reading import Plan, Row, marks_in, read_lines
from cloud.catalogue.imports.numbers import DecimalMark, mass_unit_in, money_unit_in
from cloud.catalogue.imports.opened_file import OpenedFile, check_places, open_file, places_of, shape_of
from cloud.catalogue.imports.report import (
    NOTICES_MAX,
    PREVIEWED_LINES,
    REFUSALS_MAX,
    Choices,
    Outcome,
    PreviewLine,
    Question,
    Refusal,
    Report,
    Told,
    shown,
)
from cloud.many_rows import read
from cloud.tables import Shop
from cloud.tenancy import TenantId, tenant_rows

VEHICLES_MAX = 20_000  # each is changed on record, one by one
_CHUNK = 4000
Progress = Callable[[int], None]


@dataclass
class Examined:
    """What came of a file. `rows` are the new and changed ones, `gone` those an ACES file deletes."""

    report: Report
    plan: Plan | None = None
    rows: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    kept: list[tuple[Any, ...]] = field(default_factory=list)  # all values, where the file replaces what parts have
    made_parts: frozenset[str] = frozenset()
    brand: str = ""  # of parts that are made by an ACES file
    vehicles: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """The file and on whose behalf it is examined."""

    data: bytes
    name: str
    choices: Choices
    tenant: TenantId


def examine(session: Session, subject: Subject, progress: Progress, *, keep_rows: bool = False) -> Examined:
    """Look at a whole file. What is wrong with it as a whole stands in the report's `problem`."""
    report = Report(subject.choices)
    examined = Examined(report)
    try:
        _Examination(session, subject, progress, examined, keep_rows).run()
    except FileError as error:
        report.problem = Told(error.key, dict(error.values))
        report.counts, report.digest = {}, ""
        examined.rows, examined.gone = [], []
    return examined


class _Examination:
    """One examination at work."""

    def __init__(
        self, session: Session, subject: Subject, progress: Progress, examined: Examined, keep_rows: bool
    ) -> None:
        self._session, self._subject, self._progress = session, subject, progress
        self._examined, self._report, self._keep = examined, examined.report, keep_rows
        self._choices = subject.choices
        self._digest = hashlib.sha256()
        self._counts: Counter[str] = Counter()
        self._seen: dict[Any, int] = {}
        self._outcomes: dict[int, Outcome] = {}  # of parts, which only the whole file decides
        self._previewed: dict[int, PreviewLine] = {}

    def run(self) -> None:
        opened = open_file(self._subject.data, self._subject.name, self._choices)
        report = self._report
        report.format, report.said, report.questions = opened.format, opened.said, opened.questions
        report.sheets, report.headers = list(opened.sheets), list(opened.headers)
        shape = shape_of(opened, self._choices)
        report.kind = "aces" if shape is ACES else shape.kind
        places = places_of(opened, shape, self._choices)
        report.columns = [places.get(at, "") for at in range(len(opened.headers))]
        given = self._given(shape, places, opened)
        check_places(shape, places, set(given))
        plan = Plan(shape, tuple((at, shape.column(key)) for at, key in places.items()), given, len(opened.headers))
        self._examined.plan = plan
        report.shown = list(plan.keys)
        self._say_unused(opened, places)
        self._read(opened, plan)
        self._say_aces(opened)

    # ---- what is said once for all lines ----

    def _given(self, shape: Shape, places: Mapping[int, str], opened: OpenedFile) -> dict[str, object]:
        given: dict[str, object] = {}
        keys = set(places.values())
        if shape.kind == "references" and "kind" not in keys:
            given["kind"] = self._reference_kind(places, opened)
        if shape.kind == "prices" and "from_day" not in keys:
            given["from_day"] = self._from_day()
        if shape.kind in {"vehicles", "prices"} and "shop_id" not in keys and self._choices.shop:
            given["shop_id"] = self._shops().get(self._choices.shop, "")
        if shape.kind == "vehicles" and not keys & {"shop_id"} and not given.get("shop_id"):
            shops = sorted(set(self._shops().values()))
            self._report.questions.append(Question("shop", shops[0] if len(shops) == 1 else "", shops))
            given["shop_id"] = ""
        return given

    def _reference_kind(self, places: Mapping[int, str], opened: OpenedFile) -> str:
        if self._choices.reference_kind:
            return self._choices.reference_kind
        header = next((opened.headers[at].lower() for at, key in places.items() if key == "number"), "")
        for mark, kind in (
            ("oe", "oe"),
            ("原厂", "oe"),
            ("竞品", "competitor"),
            ("competitor", "competitor"),
            ("旧", "old"),
        ):
            if mark in header:
                return kind
        self._report.questions.append(Question("reference_kind", "oe", ["oe", "competitor", "old"]))
        return "oe"

    def _from_day(self) -> str:
        try:
            return day(self._choices.from_day, Reading())
        except CellError:
            self._report.questions.append(Question("from_day", "", []))
            return "9999-12-31"  # until somebody says from when

    def _shops(self) -> dict[str, str]:
        rows = self._session.exec(tenant_rows(self._subject.tenant, Shop)).all()
        names = Counter(row.name for row in rows)
        return {row.name: row.id for row in rows if names[row.name] == 1} | {row.id: row.id for row in rows}

    def _say_unused(self, opened: OpenedFile, places: Mapping[int, str]) -> None:
        unused = [name for at, name in enumerate(opened.headers) if at not in places and name]
        if unused and opened.aces is None:
            opened.say("said_unused", columns="、".join(unused[:20]))

    def _readings(self, plan: Plan, opened: OpenedFile) -> dict[str, Reading]:
        """How each column is read: its decimal mark and its unit."""
        mark = self._mark(plan, opened)
        shops = self._shops() if any(column.key == "shop_id" for _, column in plan.places) else {}
        readings: dict[str, Reading] = {}
        for at, column in plan.places:
            header = opened.headers[at]
            readings[column.key] = Reading(
                mark, self._mass_unit(column, header), self._money_unit(column, header), shops
            )
        return readings

    def _mark(self, plan: Plan, opened: OpenedFile) -> DecimalMark:
        if self._choices.decimal in {".", ","}:
            return "," if self._choices.decimal == "," else "."
        if opened.aces is not None:
            return "."
        mark = marks_in(opened.lines(), plan.places).mark
        if not mark:
            self._report.questions.append(Question("decimal", ".", [".", ","]))
        return mark

    def _mass_unit(self, column: Column, header: str) -> str:
        if column.measure != "mass":
            return ""
        unit = mass_unit_in(header) or self._choices.mass_unit
        return unit or self._ask("mass_unit", "g", ["mg", "g", "kg"])

    def _money_unit(self, column: Column, header: str) -> str:
        if column.measure != "money":
            return ""
        unit = money_unit_in(header) or self._choices.money_unit
        return unit or self._ask("money_unit", "major", ["major", "minor"])

    def _ask(self, about: str, guess: str, options: list[str]) -> str:
        """Ask, and go on with what it most likely is: nothing is taken over before the question is answered."""
        if all(question.about != about for question in self._report.questions):
            self._report.questions.append(Question(about, guess, options))
        return guess

    def _say_aces(self, opened: OpenedFile) -> None:
        about = opened.aces
        if about is None:
            return
        head = about.header
        opened.say(
            "said_aces",
            version=about.version,
            company=head.get("Company", "–"),
            title=head.get("DocumentTitle", "–"),
            date=head.get("EffectiveDate", "–"),
            submission=head.get("SubmissionType", "–"),
        )
        opened.say("said_aces_ids")
        if head.get("SubmissionType", "").lower() == "full" and not self._choices.replace:
            opened.say("said_aces_full")
        for element, count in about.skipped.items():
            opened.say("said_aces_skipped", element=element, count=count)
        self._examined.brand = head.get("BrandAAIAID", "") or head.get("Company", "")

    # ---- line by line ----

    def _read(self, opened: OpenedFile, plan: Plan) -> None:
        makes_parts = self._choices.new_parts if self._choices.new_parts is not None else opened.aces is not None
        compared = comparison(self._session, self._subject.tenant, plan, makes_parts=makes_parts)
        rows = read_lines(opened.lines(), plan, self._readings(plan, opened), self._refuse, self._notice)
        for chunk in self._chunks(rows, compared):
            for row, found in zip(chunk, compared.chunk(chunk), strict=True):
                self._take(row, found, plan)
            self._progress(self._report.lines)
        self._finish(compared)

    def _chunks(self, rows: Iterator[Row | int], compared: Comparison) -> Iterator[list[Row]]:
        """Rows that can be read and came once, some thousand at a time."""
        chunk: list[Row] = []
        for row in rows:
            self._report.lines += 1
            if isinstance(row, int):
                self._count(row, "refused")
                continue
            if compared.shape.kind == "vehicles" and self._report.lines > VEHICLES_MAX:
                raise FileError("lines_many", most=VEHICLES_MAX)
            first = self._seen.setdefault(compared.key(row), row.line)
            if first != row.line:
                self._refuse_row(row.line, refused(compared.shape.key[0], "once", line=str(first)), compared.key(row))
                self._count(row.line, "refused")
                continue
            chunk.append(row)
            if len(chunk) == _CHUNK:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def _count(self, line: int, outcome: str) -> None:
        self._counts[outcome] += 1
        self._digest.update(f"{line}{outcome[:2]} ".encode())

    def _take(self, row: Row, found: Compared, plan: Plan) -> None:
        self._count(row.line, found.outcome)
        if plan.shape.kind == "parts":
            self._outcomes[row.line] = found.outcome
        if found.warned:
            column, key, said = found.warned
            self._notice(Refusal(row.line, column, key, dict(said), shown(self._found(row, column))))
        if found.outcome == "refused":
            self._refuse_row(row.line, found, self._found(row, found.column))
        elif self._keep and found.outcome in {"new", "changed"}:
            self._examined.rows.append(row)
        if self._keep and self._choices.replace and found.outcome in {"new", "same"}:
            self._examined.kept.append(row.values)
        if self._keep and found.outcome == "removed":
            self._examined.gone.append(row)
        if len(self._previewed) < PREVIEWED_LINES:
            self._previewed[row.line] = self._preview(row, found, plan)

    def _found(self, row: Row, column: str) -> object:
        place = self._examined.plan.at.get(column) if self._examined.plan else None
        return "" if place is None or row.values[place] is None else row.values[place]

    @staticmethod
    def _preview(row: Row, found: Compared, plan: Plan) -> PreviewLine:
        columns = [plan.shape.column(key) for key in plan.keys]
        values = [shown(column.shown(value)) for column, value in zip(columns, row.values, strict=True)]
        before = {key: shown(plan.shape.column(key).shown(old)) for key, old in found.before.items() if key in plan.at}
        return PreviewLine(row.line, found.outcome, values, before)

    def _refuse(self, refusal: Refusal) -> None:
        if len(self._report.refusals) < REFUSALS_MAX:
            self._report.refusals.append(refusal)
        else:
            self._report.refusals_more += 1

    def _refuse_row(self, line: int, found: Compared, what: object) -> None:
        told = "、".join(str(value) for value in what if value not in {"", 0}) if isinstance(what, tuple) else str(what)
        self._refuse(Refusal(line, found.column, found.key, dict(found.said), shown(told)))

    def _notice(self, notice: Refusal) -> None:
        if len(self._report.notices) < NOTICES_MAX:
            self._report.notices.append(notice)
        else:
            self._report.notices_more += 1

    def _finish(self, compared: Comparison) -> None:
        report = self._report
        late = compared.finish()
        if late:
            self._refuse_late(late)
        if self._choices.replace:
            self._counts["removed"] += compared.removed()
        report.counts = dict(self._counts)
        report.preview = list(self._previewed.values())
        report.refusals.sort(key=lambda refusal: refusal.line)
        report.parts_made = len(compared.made_parts)
        self._examined.made_parts = frozenset(compared.made_parts)
        if isinstance(compared, VehicleComparison):
            self._examined.vehicles = compared.ids
        self._digest.update(f"{sorted(self._counts.items())} {report.parts_made}".encode())
        report.digest = self._digest.hexdigest()

    def _refuse_late(self, late: Mapping[int, Compared]) -> None:
        """Lines that only the whole file shows to be wrong are counted again."""
        for line, found in sorted(late.items()):
            self._counts[self._outcomes[line]] -= 1
            self._count(line, "refused")
            self._refuse_row(line, found, found.found)
            if line in self._previewed:
                preview = self._previewed[line]
                self._previewed[line] = PreviewLine(line, "refused", preview.values)
        self._examined.rows = [row for row in self._examined.rows if row.line not in late]


def marks_of(session: Session, dealer: str) -> tuple[Any, ...]:
    """Figures that differ when anything an import compares itself with has changed."""
    return (
        *read(session, "SELECT coalesce(max(revision), 0) FROM catalogue_revision WHERE dealer_id = ?", dealer),
        *read(
            session,
            "SELECT count(*), coalesce(sum(price_minor), 0), coalesce(sum(tax_ppm), 0), max(from_day) FROM part_price "
            "WHERE dealer_id = ?",
            dealer,
        ),
        *read(session, "SELECT count(*), coalesce(max(id), 0) FROM model_pattern WHERE dealer_id = ?", dealer),
        *read(
            session,
            "SELECT count(*), coalesce(max(changed_ms), 0) FROM vehicle WHERE shop_id IN "
            "(SELECT shop_id FROM shop_dealer WHERE dealer_id = ?)",
            dealer,
        ),
    )
