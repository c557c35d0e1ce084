"""What a new document changes in the ledger: opening stock, and bins that were given to another part.

It adds to a batch and does no I/O. Opening stock is booked once ever for a part in a bin, and only where the ledger
knows nothing of it yet. A bin that still holds another part needs a person: a discrepancy, never a silent rewriting.
"""

from edge_gateway import planogram
from edge_gateway.batch import Batch
from edge_gateway.books import Books
from edge_gateway.decision import Booking, Cause, Decision, detail, postings
from edge_gateway.planogram import BinPlan, CabinetPlan
from edge_gateway.review import review_bins
from edge_gateway.shop_document import ShopDocument
from edge_gateway.upload_format import DiscrepancyItem, MovementItem


def put_into_force(document: ShopDocument, data: bytes, batch: Batch, now_ms: int) -> None:
    """Work from this document from now on, in every cabinet."""
    books = batch.books
    books.document, books.plan = document, planogram.arrange(document)
    batch.add_document(document.version, data, now_ms)
    for plan in books.plan.cabinets.values():
        decision = open_cabinet(plan, books, document.version, now_ms)
        review_bins(decision, plan, books)
        batch.add(decision)


def open_cabinet(plan: CabinetPlan, books: Books, version: int, now_ms: int) -> Decision:
    """What a document's version changes in one cabinet; all of its bins count as touched."""
    cause = Cause(f"{books.epoch}/document/{version}/{plan.cabinet}", plan.cabinet, "", 0, now_ms, now_ms)
    decision = Decision(cause)
    for bin_plan in plan.bins.values():
        decision.touched.add(bin_plan.bin)
        before = [(part, held) for (account, part), held in books.balances.items() if account == bin_plan.account]
        others = [(part, held) for part, held in before if part != bin_plan.number and held != 0]
        if others:
            _part_changed(decision, plan.cabinet, bin_plan, others, books)
        elif bin_plan.opening and bin_plan.number and all(part != bin_plan.number for part, _held in before):
            decision.bookings.append(Booking(_opening(cause, bin_plan, bin_plan.opening), bin_plan.bin))
    decision.touched |= {number for cabinet, number in books.requests if cabinet == plan.cabinet}
    return decision


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
    part, held = others[0]
    facts = detail(part_before=part, stock=held)
    identity = f"{decision.cause.id}/{plan.bin}/part_changed"
    decision.discrepancies.append(
        DiscrepancyItem(identity, cabinet, plan.bin, plan.number, "", "part_changed", decision.cause.occurred_ms, facts)
    )
