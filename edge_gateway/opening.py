"""What a new document changes in the ledger: opening stock, and bins that were given to another part.

It adds to a batch and does no I/O. Opening stock is booked once ever for a part in a bin, and only where the ledger
knows nothing of it yet. A bin that still holds another part, or any although it shall hold none, needs a person: a
discrepancy, never a silent rewriting.
"""

from collections import defaultdict

from edge_gateway import ledger, planogram
from edge_gateway.batch import Batch
from edge_gateway.books import Books
from edge_gateway.decision import Booking, Cause, Decision, detail, postings
from edge_gateway.planogram import BinPlan, CabinetPlan
from edge_gateway.review import review_bins
from edge_gateway.shop_document import DocumentError, ShopDocument, check_units
from edge_gateway.upload_format import DiscrepancyItem, MovementItem


def put_into_force(document: ShopDocument, data: bytes, batch: Batch, now_ms: int) -> None:
    """Work from this document from now on, in every cabinet (`DocumentError` when it is not newer than the present)."""
    books = batch.books
    if books.document is not None and document.version <= books.document.version:
        raise DocumentError(
            f"expected a document newer than version {books.document.version}, found {document.version}"
        )
    if books.document is not None:
        check_units(document, books.document)
    books.document, books.plan = document, planogram.arrange(document)
    batch.add_document(document.version, data, now_ms)
    for plan in books.plan.cabinets.values():
        decision = open_cabinet(plan, books, document.version, now_ms)
        review_bins(decision, plan, books)
        batch.add(decision)
    for cabinet in {cabinet for cabinet, _bin in books.requests} - set(books.plan.cabinets):
        batch.add(_close_cabinet(books.plan.cabinet(cabinet), books, document.version, now_ms))


def open_cabinet(plan: CabinetPlan, books: Books, version: int, now_ms: int) -> Decision:
    """What a document's version changes in one cabinet; all of its bins count as touched."""
    decision = _from_document(plan, books, version, now_ms)
    before = _held(plan.cabinet, books)
    for number in sorted({*plan.bins, *before}):
        bin_plan = plan.bin(number)
        decision.touched.add(number)
        others = [(part, held) for part, held in before[number].items() if part != bin_plan.number and held != 0]
        if others:
            _part_changed(decision, plan.cabinet, bin_plan, others, books)
        elif bin_plan.opening and bin_plan.number and bin_plan.number not in before[number]:
            decision.bookings.append(Booking(_opening(decision.cause, bin_plan, bin_plan.opening), number))
    return decision


def _close_cabinet(plan: CabinetPlan, books: Books, version: int, now_ms: int) -> Decision:
    """A cabinet the document names no more: nothing shall be brought there. What it holds is not asked about."""
    decision = _from_document(plan, books, version, now_ms)
    review_bins(decision, plan, books)
    return decision


def _from_document(plan: CabinetPlan, books: Books, version: int, now_ms: int) -> Decision:
    """An empty decision of a document; bins with an open request are reviewed in any case."""
    cause = Cause(f"{books.epoch}/document/{version}/{plan.cabinet}", plan.cabinet, "", 0, now_ms, now_ms)
    return Decision(cause, touched={number for cabinet, number in books.requests if cabinet == plan.cabinet})


def _held(cabinet: str, books: Books) -> dict[int, dict[str, int]]:
    """What the ledger knows of each bin of a cabinet, by part; zero where it once held something."""
    held: dict[int, dict[str, int]] = defaultdict(dict)
    prefix = ledger.bin_account(cabinet, 0).removesuffix("0")
    for (account, part), quantity in books.balances.items():
        if account.startswith(prefix):
            held[int(account.removeprefix(prefix))][part] = quantity
    return held


def _opening(cause: Cause, plan: BinPlan, quantity: int) -> MovementItem:
    return MovementItem(
        id=f"opening/{cause.cabinet}/{plan.bin}/{plan.number}",
        cause="opening",
        cabinet=cause.cabinet,
        session="",
        person="",
        job="",
        occurred_ms=cause.occurred_ms,
        booked_ms=cause.booked_ms,
        confidence_ppm=1_000_000,
        corrects="",
        note="",
        postings=postings(plan.dealer_account, plan.account, plan.number, quantity),
    )


def _part_changed(decision: Decision, cabinet: str, plan: BinPlan, others: list[tuple[str, int]], books: Books) -> None:
    open_here = books.open_in(cabinet).get(plan.bin, {}).values()
    if any(found.reason == "part_changed" for found in open_here):
        return
    part, held = max(others, key=lambda other: other[1])
    facts = detail(part_before=part, stock=held)
    identity = f"{decision.cause.id}/{plan.bin}/part_changed"
    decision.discrepancies.append(
        DiscrepancyItem(
            identity, cabinet, plan.bin, plan.number or part, "", "part_changed", decision.cause.occurred_ms, facts
        )
    )
