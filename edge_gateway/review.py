"""After a decision: which parts of its bins need stock brought now, which requests are over, and what strayed.

It reads the books as they were before the decision and adds to the decision; it writes nothing.
"""

from edge_gateway import replenishment
from edge_gateway.books import Books
from edge_gateway.decision import Decision, detail, may_have_taken
from edge_gateway.planogram import BinPlan, CabinetPlan, PartPlan
from edge_gateway.upload_format import DiscrepancyItem, RequestEndItem, RequestItem, ResolutionItem

MISPLACED = "misplaced"
GONE = "it lies there no more"
BELONGS = "it belongs there now"


def review_bins(decision: Decision, plan: CabinetPlan, books: Books) -> None:
    """Raise or end the replenishment requests of the bins a decision touches, and tell what strayed into them."""
    for number in sorted(decision.touched):
        _review_strays(decision, plan.bin(number), plan, books)
        bin_plan = plan.bins.get(number)
        for request in books.requests.get((plan.cabinet, number), {}).values():
            if bin_plan is None or bin_plan.part(request.part) is None:
                _end(decision, request, "withdrawn")
        if bin_plan is not None:
            for part in bin_plan.parts:
                _review_part(decision, bin_plan, part, books)


def _review_part(decision: Decision, plan: BinPlan, part: PartPlan, books: Books) -> None:
    cause, place = decision.cause, plan.parts.index(part)
    stock, at_risk = _after(decision, plan, part.number, books)
    open_request = books.requests.get((cause.cabinet, plan.bin), {}).get(part.number)
    if open_request is not None:
        if replenishment.is_enough(part, stock, at_risk):
            _end(decision, open_request, "filled" if _restocked(decision, plan, part.number) else "withdrawn")
        return
    quantity = replenishment.quantity_to_bring(part, stock, at_risk)
    if quantity > 0:
        request = f"{cause.id}/{plan.bin}/request" + (f"-{place + 1}" if place else "")
        decision.requests.append(
            RequestItem(request, cause.cabinet, plan.bin, part.number, quantity, stock, cause.occurred_ms)
        )


def _review_strays(decision: Decision, plan: BinPlan, cabinet: CabinetPlan, books: Books) -> None:
    """Pieces that came where they do not belong are an open matter until they are gone: somebody brings them home.

    Nobody is asked, and no session is blamed; but the count that put them there may have been mistaken, too.
    """
    told = _told_strays(decision, plan, books)
    for part in sorted({*_strayed(decision, plan), *told}):
        stock, _at_risk = _after(decision, plan, part, books)
        planned = plan.part(part) is not None
        if part in told and (planned or stock <= 0):
            note = BELONGS if planned else GONE
            decision.resolutions.append(ResolutionItem(told[part], "", note, "", decision.cause.booked_ms))
        elif part not in told and stock > 0:
            facts = detail(quantity=stock, belongs_to=cabinet.belongs_to(part))
            decision.discrepancies.append(_stray(decision, plan, part, facts))


def _strayed(decision: Decision, plan: BinPlan) -> set[str]:
    """Parts that an event brought into a bin that is not theirs. What a person says of a bin is no news to people."""
    if not decision.cause.epoch:
        return set()
    postings = (posting for booking in decision.bookings for posting in booking.item.postings)
    came = {posting.part for posting in postings if posting.account == plan.account and posting.quantity > 0}
    return {part for part in came if plan.part(part) is None}


def _told_strays(decision: Decision, plan: BinPlan, books: Books) -> dict[str, str]:
    """The open discrepancies of strays by part."""
    ended = {resolution.discrepancy for resolution in decision.resolutions}
    open_here = books.open_in(decision.cause.cabinet).get(plan.bin, {}).values()
    return {found.part: found.id for found in open_here if found.reason == MISPLACED and found.id not in ended}


def _stray(decision: Decision, plan: BinPlan, part: str, facts: str) -> DiscrepancyItem:
    cause = decision.cause
    name = f"{cause.id}/{plan.bin}/{MISPLACED}:{part}"
    return DiscrepancyItem(name, cause.cabinet, plan.bin, part, "", MISPLACED, cause.occurred_ms, facts)


def _after(decision: Decision, plan: BinPlan, part: str, books: Books) -> tuple[int, int]:
    """Stock of a part in a bin, and what may be missing of it, once the decision is booked."""
    stock = books.balances.get((plan.account, part), 0)
    for booking in decision.bookings:
        stock += sum(p.quantity for p in booking.item.postings if p.account == plan.account and p.part == part)
    resolved = {resolution.discrepancy for resolution in decision.resolutions}
    at_risk = books.at_risk(decision.cause.cabinet, plan.bin, part, without=resolved)
    opened = (item for item in decision.discrepancies if item.bin == plan.bin)
    return stock, at_risk + sum(may_have_taken(item).get(part, 0) for item in opened)


def _restocked(decision: Decision, plan: BinPlan, part: str) -> bool:
    return any(
        posting.account == plan.account and posting.part == part
        for booking in decision.bookings
        if booking.item.cause == "restock"
        for posting in booking.item.postings
    )


def _end(decision: Decision, request: RequestItem, how: str) -> None:
    end = RequestEndItem(request.id, "filled" if how == "filled" else "withdrawn", decision.cause.booked_ms)
    decision.request_ends.append(end)
