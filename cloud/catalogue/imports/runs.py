"""Imports from upload to the end: received, examined in a thread, shown, chosen about, taken over or dropped.

A run is `previewed` from the moment its file is kept until it is taken over in one transaction with everything that it
writes, so that a program that ends in between leaves the catalogue as it was and the run as it was. What a thread is
doing just now is known to this program alone; that is the progress a page shows.
"""

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Literal

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from cloud.audit import record
from cloud.catalogue.imports.examining import Examined, Subject, examine, marks_of
from cloud.catalogue.imports.report import Choices, Report, Told, decode_report, encode_report
from cloud.catalogue.imports.taking_over import Writer
from cloud.catalogue.imports.unpacking import shown_name
from cloud.catalogue.writing import CatalogueError
from cloud.database import Database
from cloud.identity import SignedIn
from cloud.people.rules import NotYoursToGiveError, TakenError
from cloud.tables import CatalogueRevision, ImportRun
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.work.vehicles import VehicleError

log = logging.getLogger(__name__)

THREADS = 2
RUNS_KEPT_DAYS = 7  # a preview that nobody takes over is dropped
DAY_MS = 86_400_000
_ATTEMPTS = 3
_BODY: Any = col(ImportRun.body)
_REPORT: Any = col(ImportRun.report)
WITHOUT_FILE = (defer(_BODY), defer(_REPORT))  # of rows whose file and report nobody asks for
_OPEN = ("previewed", "refused")


class ImportRefusedError(TakenError):
    """A run cannot do what was asked of it now; the text says what was expected and what was found."""


class ChangedMeanwhileError(RuntimeError):
    """The catalogue is not as it was when the rows to be written were found."""


@dataclass(slots=True)
class Progress:
    """What a thread is doing: reading or writing, and how many lines it has done."""

    stage: Literal["waiting", "reading", "writing"] = "waiting"
    lines: int = 0
    wanted: int = 0


@dataclass
class Imports:
    """All imports of a running cloud. `taken` is called after a catalogue was changed, with the dealer."""

    database: Database
    now_ms: Callable[[], int]
    taken: Callable[[str], object] = lambda _dealer: None
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="import")
    )
    _working: dict[str, tuple[Progress, "Future[None]"]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def receive(self, person: SignedIn, name: str, data: bytes, choices: Choices) -> str:
        """Keep a file and begin to examine it; the run's id."""
        run_id, now_ms, tenant = f"i-{secrets.token_hex(8)}", self.now_ms(), person.tenant
        with self.database.writing_as(tenant) as session:
            self._drop_old(session, tenant, now_ms)
            session.add(
                ImportRun(
                    id=run_id,
                    dealer_id=tenant.dealer,
                    made_by=person.user_id,
                    made_ms=now_ms,
                    file_name=shown_name(name),
                    kind=choices.kind,
                    state="previewed",
                    body=data,
                )
            )
        self._begin(run_id, lambda progress: self._preview(person, run_id, choices, progress))
        return run_id

    def _drop_old(self, session: Session, tenant: TenantId, now_ms: int) -> None:
        old = tenant_rows(tenant, ImportRun).where(
            col(ImportRun.state).in_(_OPEN), col(ImportRun.made_ms) < now_ms - RUNS_KEPT_DAYS * DAY_MS
        )
        for row in session.exec(old.options(*WITHOUT_FILE)):
            row.state, row.body, row.ended_ms = "dropped", b"", now_ms

    def choose(self, person: SignedIn, run_id: str, choices: Choices) -> None:
        """Examine a run's file again, as the person chose (`NotFoundError`, `ImportRefusedError`)."""
        self._open_run(person.tenant, run_id)
        self._begin(run_id, lambda progress: self._preview(person, run_id, choices, progress))

    def take(self, person: SignedIn, run_id: str) -> None:
        """Begin to take a run over (`NotFoundError`, `ImportRefusedError`: it is not ready for that)."""
        row = self._open_run(person.tenant, run_id)
        _refuse_unready(row)
        if row.kind == "vehicles" and not person.may("edit_jobs"):  # they belong to the shop's work
            raise NotYoursToGiveError(f"expected somebody who may edit jobs, found a {person.role}")
        self._begin(run_id, lambda progress: self._take(person, run_id, progress))

    def drop(self, person: SignedIn, run_id: str) -> None:
        """Let a run go; its file is deleted (`NotFoundError`, `ImportRefusedError`)."""
        self._open_run(person.tenant, run_id)
        with self.database.writing_as(person.tenant) as session:
            row = locked_run(session, person.tenant, run_id)
            row.state, row.body, row.ended_ms = "dropped", b"", self.now_ms()
            record(session, person, self.now_ms(), action="import.dropped", target=f"import {row.file_name}")

    def progress(self, run_id: str) -> Progress | None:
        """What is being done about a run at this moment; None: nothing."""
        with self._lock:
            working = self._working.get(run_id)
        return working[0] if working is not None and not working[1].done() else None

    def settle(self, run_id: str, wait_s: float) -> None:
        """Wait until nothing is being done about a run (`TimeoutError`)."""
        with self._lock:
            working = self._working.get(run_id)
        if working is not None:
            working[1].result(wait_s)

    def close(self) -> None:
        """Let nothing new begin, and wait for what is being done."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _open_run(self, tenant: TenantId, run_id: str) -> ImportRun:
        with self.database.reading_as(tenant) as session:
            row = found_run(session, tenant, run_id)
        if row.state not in _OPEN:
            raise ImportRefusedError(f"expected an import that is still open, found one that is {row.state}")
        if self.progress(run_id) is not None:
            raise ImportRefusedError("expected an import that nothing is being done about, found it at work")
        return row

    def _begin(self, run_id: str, work: Callable[[Progress], None]) -> None:
        progress = Progress()

        def run() -> None:
            try:
                work(progress)
            except Exception:  # whatever it was, it was undone
                log.exception("import %s: what was begun is undone", run_id)
                raise

        with self._lock:
            working = self._working.get(run_id)
            if working is not None and not working[1].done():
                raise ImportRefusedError("expected an import that nothing is being done about, found it at work")
            self._working = {name: kept for name, kept in self._working.items() if not kept[1].done()}
            self._working[run_id] = progress, self._threads.submit(run)

    # ---- in a thread ----

    def _preview(self, person: SignedIn, run_id: str, choices: Choices, progress: Progress) -> None:
        progress.stage = "reading"
        try:
            report = self._examined(person, run_id, choices, progress, keep_rows=False)[0].report
        except Exception:
            self._keep_report(person.tenant, run_id, Report(choices, problem=Told("file_broken")))
            raise
        self._keep_report(person.tenant, run_id, report)

    def _examined(
        self, person: SignedIn, run_id: str, choices: Choices, progress: Progress, *, keep_rows: bool
    ) -> tuple[Examined, Subject, tuple[object, ...]]:
        """The file examined in one moment of the database, and the marks of that moment."""
        began, tenant = perf_counter(), person.tenant

        def advance(lines: int) -> None:
            progress.lines = lines

        with self.database.reading_as(tenant) as session:
            row = found_run(session, tenant, run_id)
            subject = Subject(bytes(row.body), row.file_name, choices, tenant)
            session.expunge(row)
            marks = marks_of(session, tenant.dealer)
            revision = session.get(CatalogueRevision, tenant.dealer)
            examined = examine(session, subject, advance, keep_rows=keep_rows)
        examined.report.revision = revision.revision if revision else 0
        examined.report.took_ms = round((perf_counter() - began) * 1000)
        return examined, subject, marks

    def _keep_report(self, tenant: TenantId, run_id: str, report: Report) -> None:
        with self.database.writing_as(tenant) as session:
            row = locked_run(session, tenant, run_id)
            if row.state in _OPEN:
                _fill(row, report)
                row.state = "refused" if report.problem else "previewed"

    def _take(self, person: SignedIn, run_id: str, progress: Progress) -> None:
        with self.database.reading_as(person.tenant) as session:
            seen = report_of(found_run(session, person.tenant, run_id))
        for _ in range(_ATTEMPTS):
            progress.stage, progress.lines, progress.wanted = "reading", 0, seen.lines
            examined, subject, marks = self._examined(person, run_id, seen.choices, progress, keep_rows=True)
            if examined.report.digest != seen.digest:
                self._keep_report(person.tenant, run_id, _changed(examined.report))
                return
            try:
                self._write(person, run_id, examined, subject, (marks, progress))
            except ChangedMeanwhileError:
                continue
            except (CatalogueError, VehicleError) as error:
                # Something that examining does not know of: it is said, and nothing was written.
                examined.report.problem = Told("catalogue_refused", {"found": str(error)})
                self._keep_report(person.tenant, run_id, examined.report)
                return
            self.taken(person.tenant.dealer)
            return
        self._keep_report(person.tenant, run_id, _changed(examined.report))

    def _write(
        self,
        person: SignedIn,
        run_id: str,
        examined: Examined,
        subject: Subject,
        at: tuple[tuple[object, ...], Progress],
    ) -> None:
        marks, progress = at
        progress.stage, progress.lines, progress.wanted = "writing", 0, len(examined.rows)
        tenant, now_ms = person.tenant, self.now_ms()

        def advance(lines: int) -> None:
            progress.lines += lines

        with self.database.writing_as(tenant) as session:
            row = locked_run(session, tenant, run_id)
            if row.state != "previewed":
                raise ImportRefusedError(f"expected an import that is still open, found one that is {row.state}")
            _lock_catalogue(session, tenant.dealer)
            if marks_of(session, tenant.dealer) != marks:
                raise ChangedMeanwhileError
            Writer(session, subject, person, now_ms, advance).write(examined)
            row = locked_run(session, tenant, run_id)
            row.state, row.body, row.ended_ms = "taken", b"", now_ms
            _fill(row, examined.report)
            record(
                session,
                person,
                now_ms,
                action="import.taken",
                target=f"import {row.file_name}",
                after=f"{row.kind}: {', '.join(f'{n} {what}' for what, n in sorted(examined.report.counts.items()))}",
            )


def _lock_catalogue(session: Session, dealer: str) -> None:
    """Whoever changes a catalogue waits for this transaction; so what is compared now stays so."""
    session.exec(
        select(CatalogueRevision).where(col(CatalogueRevision.dealer_id) == dealer).with_for_update()
    ).one_or_none()


def _changed(report: Report) -> Report:
    report.changed_since = True
    return report


def _fill(row: ImportRun, report: Report) -> None:
    row.kind = report.kind or row.kind
    row.lines, row.accepted, row.refused = report.lines, report.accepted, report.refused
    row.report = encode_report(report).decode()


def _refuse_unready(row: ImportRun) -> None:
    if not row.report:
        raise ImportRefusedError("expected an import that has been read, found one that was interrupted: read it again")
    report = report_of(row)
    if report.problem is not None:
        raise ImportRefusedError("expected a file that can be read, found one with a problem")
    if report.questions:
        asked = ", ".join(question.about for question in report.questions)
        raise ImportRefusedError(f"expected every question about the file answered, found open: {asked}")
    if report.refused and (report.choices.all_or_nothing or report.choices.replace):
        raise ImportRefusedError(f"expected no refused line, as was chosen, found {report.refused}")
    if not any(report.counts.get(outcome) for outcome in ("new", "changed", "removed")):
        raise ImportRefusedError("expected something to take over, found nothing new")


def report_of(row: ImportRun) -> Report:
    """A run's report; an empty one while it is being read."""
    return decode_report(row.report.encode()) if row.report else Report(Choices(kind=row.kind))


def found_run(session: Session, tenant: TenantId, run_id: str) -> ImportRun:
    """One of the tenant's runs (`NotFoundError`)."""
    row = session.exec(tenant_rows(tenant, ImportRun).where(col(ImportRun.id) == run_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected an import of yours, found {run_id[:60]!r}")
    return row


def locked_run(session: Session, tenant: TenantId, run_id: str) -> ImportRun:
    """As `found_run`, and nobody else changes it until the transaction ends."""
    wanted = tenant_rows(tenant, ImportRun).where(col(ImportRun.id) == run_id).with_for_update()
    row = session.exec(wanted).one_or_none()
    if row is None:
        raise NotFoundError(f"expected an import of yours, found {run_id[:60]!r}")
    return row
