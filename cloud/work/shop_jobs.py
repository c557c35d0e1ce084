"""Jobs that come from the shop itself: opened at the kiosk, or named by the shop's document.

The cloud's own work, inside the transaction that takes them in. What a kiosk said stands in `kiosk_job` for ever;
`job` is what became of it. Doing it again changes nothing.
"""

from collections.abc import Iterable

from sqlmodel import Session, col

from cloud.catalogue.vin import plain_vin
from cloud.tables import Job, KioskJob
from cloud.work.jobs import TITLE_CHARACTERS_MAX, set_vehicle
from cloud.work.plates import PLATE_CHARACTERS_MAX, VIN_CHARACTERS_MAX, shown_plate
from cloud.work.shop_rows import ShopRows, service_rows
from cloud.work.sources import DOCUMENT, person_source
from cloud.work.vehicles import KM_MAX
from edge_gateway.feed_format import JobClosed, JobTold
from edge_gateway.shop_document import Job as PlannedJob
from edge_gateway.shop_document import ShopDocument
from edge_gateway.upload_format import JobClosedItem, JobOpenedItem


def keep_kiosk_jobs(session: Session, shop: str, now_ms: int, said: Iterable[object]) -> None:
    """Make jobs of what a kiosk opened, and close what it closed: of contents that were just taken in."""
    words = [item for item in said if isinstance(item, JobOpenedItem | JobClosedItem)]
    if not words:
        return
    rows = service_rows(session, shop, "", now_ms)
    for item in words:
        job = rows.named(Job, item.id)
        if isinstance(item, JobClosedItem):
            _close(rows, job, item)
        elif job is None and (told := rows.named(KioskJob, item.id)) is not None:
            _open(rows, told)


def _close(rows: ShopRows, job: Job | None, item: JobClosedItem) -> None:
    """Unless it was opened again since: an old word that is said again closes nothing."""
    if job is not None and not job.closed_ms and item.closed_ms >= job.changed_ms:
        job.closed_ms, job.closed_by, job.changed_ms = item.closed_ms, person_source(item.closed_by), rows.now_ms
        rows.session.flush()
        rows.tell(JobClosed(job.id, job.closed_ms))


def _open(rows: ShopRows, told: KioskJob) -> None:
    """What a kiosk opened it has already; told back, so that a gateway that lost its database has it again."""
    rows = ShopRows(
        rows.session, rows.shop, rows.dealer, person_source(told.opened_by), told.opened_ms, rows.time_zone, rows.tenant
    )
    row = Job(
        shop_id=rows.shop,
        id=told.id,
        dealer_id=rows.dealer,
        title=told.title[:TITLE_CHARACTERS_MAX],
        plate=shown_plate(told.plate)[:PLATE_CHARACTERS_MAX],
        vin=plain_vin(told.vin)[:VIN_CHARACTERS_MAX],
        opened_ms=told.opened_ms,
        opened_by=rows.source,
        changed_ms=told.opened_ms,
        source="kiosk",
    )
    rows.session.add(row)
    rows.session.flush()
    set_vehicle(rows, row, told.km if told.km <= KM_MAX else -1)
    rows.tell(JobTold(row.id, row.title, row.plate, row.vin, row.opened_ms, told.opened_by))


def keep_document_jobs(session: Session, document: ShopDocument, now_ms: int) -> None:
    """The document's jobs are jobs too; one that it names no more is closed. Gateways have them by the document."""
    rows = service_rows(session, document.shop, DOCUMENT, now_ms)
    planned = {job.id: job for job in document.jobs}
    known = {row.id: row for row in session.exec(rows.of(Job).where(col(Job.source) == DOCUMENT))}
    for name, job in planned.items():
        if name in known:
            _change(rows, known[name], job)
        elif rows.named(Job, name) is None:
            _plan(rows, job)
    for name, row in known.items():
        if name not in planned and not row.closed_ms:
            row.closed_ms, row.closed_by, row.changed_ms = now_ms, DOCUMENT, now_ms
    session.flush()


def _plan(rows: ShopRows, job: PlannedJob) -> None:
    row = Job(
        shop_id=rows.shop,
        id=job.id,
        dealer_id=rows.dealer,
        title=job.title[:TITLE_CHARACTERS_MAX],
        plate=shown_plate(job.plate)[:PLATE_CHARACTERS_MAX],
        vin=plain_vin(job.vin)[:VIN_CHARACTERS_MAX],
        opened_ms=rows.now_ms,
        opened_by=DOCUMENT,
        changed_ms=rows.now_ms,
        source=DOCUMENT,
    )
    rows.session.add(row)
    rows.session.flush()
    set_vehicle(rows, row)


def _change(rows: ShopRows, row: Job, job: PlannedJob) -> None:
    title = job.title[:TITLE_CHARACTERS_MAX]
    if row.title != title and row.changed_ms == row.opened_ms:  # nobody named it meanwhile
        row.title = title
    if (job.plate or job.vin) and not row.vehicle:
        row.plate, row.vin = shown_plate(job.plate)[:PLATE_CHARACTERS_MAX], plain_vin(job.vin)[:VIN_CHARACTERS_MAX]
        set_vehicle(rows, row)
