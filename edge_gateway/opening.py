"""What a new document changes in the ledger: opening stock, and bins that a part was taken from.

It adds to a batch and does no I/O. Opening stock is booked once ever for a part in a bin, and only where the ledger
knows nothing of it yet. A bin that still holds a part which the planogram has taken from it needs a person: a
discrepancy, never a silent rewriting, and no opening stock before it is answered. What strayed into a bin is no
matter of the document.
"""

from collections import defaultdict
from collections.abc import Mapping

from edge_gateway import ledger
from edge_gateway.batch import Batch
from edge_gateway.books import Books
from edge_gateway.decision import Booking, Cause, Decision, detail, postings
from edge_gateway.planogram import BinPlan, CabinetPlan, PartPlan, ShopPlan
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
    before, books.document, books.plan = books.plan, document, books.arranged(document)
    batch.add_document(document.version, data, now_ms)
    for plan in books.plan.cabinets.values():
        decision = _open_cabinet(plan, before, books, now_ms)
        review_bins(decision, plan, books)
        batch.add(decision)
    for cabinet in {cabinet for cabinet, _bin in books.requests} - set(books.plan.cabinets):
        batch.add(_close_cabinet(books.plan.cabinet(cabinet), books, now_ms))


def _open_cabinet(plan: CabinetPlan, before: ShopPlan | None, books: Books, now_ms: int) -> Decision:
    """What a document changes in one cabinet; all of its bins count as touched."""
    decision = _from_document(plan, books, now_ms)
    held = _held(plan.cabinet, books)
    known = before.cabinets.get(plan.cabinet) if before else None
    for number in sorted({*plan.bins, *held}):
        bin_plan = plan.bin(number)
        decision.touched.add(number)
        gone = _gone(bin_plan, known.bin(number) if known else None, held[number])
        if gone:
            _part_changed(decision, bin_plan, gone, held[number], books)
        elif not _is_asked(plan.cabinet, number, books):
            _open_bin(decision, bin_plan, held[number])
    return decision


def _gone(plan: BinPlan, before: BinPlan | None, held: Mapping[str, int]) -> dict[str, int]:
    """What a bin still holds of parts that the planogram has taken from it; of all others, in a cabinet that is new."""
    others = {part: quantity for part, quantity in held.items() if quantity != 0 and plan.part(part) is None}
    return others if before is None else {part: n for part, n in others.items() if before.part(part) is not None}


def _open_bin(decision: Decision, plan: BinPlan, held: Mapping[str, int]) -> None:
    for part in plan.parts:
        if part.opening and part.number not in held:
            decision.bookings.append(Booking(_opening(decision.cause, plan, part), plan.bin))


def _close_cabinet(plan: CabinetPlan, books: Books, now_ms: int) -> Decision:
    """A cabinet the document names no more: nothing shall be brought there. What it holds is not asked about."""
    decision = _from_document(plan, books, now_ms)
    review_bins(decision, plan, books)
    return decision


def _from_document(plan: CabinetPlan, books: Books, now_ms: int) -> Decision:
    """An empty decision of the document in force; bins with an open request are reviewed in any case."""
    version = books.plan.version if books.plan else 0
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


def _opening(cause: Cause, plan: BinPlan, part: PartPlan) -> MovementItem:
    return MovementItem(
        id=f"opening/{cause.cabinet}/{plan.bin}/{part.number}",
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
        postings=postings(plan.dealer_account, plan.account, part.number, part.opening or 0),
    )


def _is_asked(cabinet: str, number: int, books: Books) -> bool:
    open_here = books.open_in(cabinet).get(number, {}).values()
    return any(found.reason == "part_changed" for found in open_here)


def _part_changed(
    decision: Decision, plan: BinPlan, gone: Mapping[str, int], held: Mapping[str, int], books: Books
) -> None:
    """Ask what is in a bin: of a part that came instead, or else of the one that was taken from it."""
    cause = decision.cause
    if _is_asked(cause.cabinet, plan.bin, books):
        return
    part_before, stock = max(gone.items(), key=lambda item: item[1])
    part = next((part.number for part in plan.parts if part.number not in held), part_before)
    facts = detail(part_before=part_before, stock=stock)
    identity = f"{cause.id}/{plan.bin}/part_changed"
    decision.discrepancies.append(
        DiscrepancyItem(identity, cause.cabinet, plan.bin, part, "", "part_changed", cause.occurred_ms, facts)
    )
