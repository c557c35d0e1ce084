"""A bin of filters over some weeks, told by its gateway: what was taken, brought back, brought, lost and corrected."""

from cloud.replenishment.demand.ledger_days import DAY_MS
from edge_gateway.upload_format import Content
from tests.cloud.worlds import FILTER, NOW_MS, movement

BIN, SHOP, DEALER = "bin:cab-1/1", "shop:shop-1", "dealer:north"
END_MS = NOW_MS  # a midnight, by which weeks end


def moved(days_ago: float, *lines: tuple[str, int], cause: str = "take", corrects: str = "") -> Content:
    """A movement of filters so long ago; its id says when and why."""
    name = f"{cause}-{days_ago}"
    postings = [(account, FILTER.number, quantity) for account, quantity in lines]
    at_ms = END_MS - round(days_ago * DAY_MS)
    return movement(name, *postings, cause=cause, corrects=corrects, occurred_ms=at_ms)


def taken(days_ago: float, quantity: int, to: str = SHOP) -> Content:
    """Filters out of the bin."""
    return moved(days_ago, (BIN, -quantity), (to, quantity))


def brought(days_ago: float, quantity: int) -> Content:
    """Filters into it."""
    return moved(days_ago, (DEALER, -quantity), (BIN, quantity), cause="restock")


def busy_months(weeks: int = 52, *, a_week: int = 3) -> list[Content]:
    """Filled every week, and taken from: `a_week` filters, and one more every third."""
    told: list[Content] = [brought(7 * weeks + 1, 20)]
    for week in range(weeks, 0, -1):
        quantity = a_week + (week % 3 == 0)
        told += [taken(7 * week - 2, quantity - 1), taken(7 * week - 4, 1), brought(7 * week - 6, quantity)]
    return told
