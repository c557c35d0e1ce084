"""After a decision: which parts of its bins need stock brought now, and which requests are over.

It reads the books as they were before the decision and adds to the decision; it writes nothing.
"""

from edge_gateway import replenishment
from edge_gateway.books import Books
from edge_gateway.decision import Decision, may_have_taken
from edge_gateway.planogram import BinPlan, CabinetPlan, PartPlan
from edge_gateway.upload_format import RequestEndItem, RequestItem


def review_bins(decision: Decision, plan: CabinetPlan, books: Books) -> None:
    """Raise or end the replenishment requests of the bins a decision touches."""
    for number in sorted(decision.touched):
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
