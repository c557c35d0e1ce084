"""After a decision: which bins need stock brought now, and which requests are over.

It reads the books as they were before the decision and adds to the decision; it writes nothing.
"""

from edge_gateway import replenishment
from edge_gateway.books import Books
from edge_gateway.decision import Decision, may_have_taken
from edge_gateway.planogram import CabinetPlan
from edge_gateway.upload_format import RequestEndItem, RequestItem


def review_bins(decision: Decision, plan: CabinetPlan, books: Books) -> None:
    """Raise or end the replenishment requests of the bins a decision touches."""
    for number in sorted(decision.touched):
        bin_plan = plan.bins.get(number)
        open_request = books.requests.get((plan.cabinet, number))
        if bin_plan is None or (open_request is not None and open_request.part != bin_plan.number):
            if open_request is not None:
                _end(decision, open_request, "withdrawn")
            open_request = None
        if bin_plan is None:
            continue
        stock, at_risk = _after(decision, number, bin_plan.account, bin_plan.number, books)
        if open_request is not None:
            if replenishment.is_enough(bin_plan, stock, at_risk):
                _end(decision, open_request, "filled" if _restocked(decision, number) else "withdrawn")
            continue
        quantity = replenishment.quantity_to_bring(bin_plan, stock, at_risk)
        if quantity > 0:
            cause = decision.cause
            request = f"{cause.id}/{number}/request"
            decision.requests.append(
                RequestItem(request, plan.cabinet, number, bin_plan.number, quantity, stock, cause.occurred_ms)
            )


def _after(decision: Decision, number: int, account: str, part: str, books: Books) -> tuple[int, int]:
    """Stock of a bin, and what may be missing from it, once the decision is booked."""
    stock = books.balances.get((account, part), 0)
    for booking in decision.bookings:
        stock += sum(p.quantity for p in booking.item.postings if p.account == account and p.part == part)
    resolved = {resolution.discrepancy for resolution in decision.resolutions}
    open_here = books.open_in(decision.cause.cabinet).get(number, {}).values()
    at_risk = sum(found.may_have_taken for found in open_here if found.id not in resolved)
    at_risk += sum(may_have_taken(item.detail) for item in decision.discrepancies if item.bin == number)
    return stock, at_risk


def _restocked(decision: Decision, number: int) -> bool:
    return any(booking.bin == number and booking.item.cause == "restock" for booking in decision.bookings)


def _end(decision: Decision, request: RequestItem, how: str) -> None:
    end = RequestEndItem(request.id, "filled" if how == "filled" else "withdrawn", decision.cause.booked_ms)
    decision.request_ends.append(end)
