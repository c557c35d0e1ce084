"""Min and max: when a part of a bin needs stock brought, and when it no longer does.

Pure. The lower bound of the stock counts: what open discrepancies may have taken is taken off. One request is open
for a part of a bin at most; it ends `filled` when a restock lifts the stock above the reorder point, and `withdrawn`
when anything else does. It is never amended: it says that there is a need, and how much would fill it when it was
raised; the visit brings what then is missing up to the order-up-to level.
"""

from edge_gateway.planogram import PartPlan


def quantity_to_bring(plan: PartPlan, stock: int, at_risk: int) -> int:
    """How much to ask for: 0 when it needs nothing, or nothing fits. Whole packs, within the capacity.

    Where not even one pack fits, as many loose pieces as fit: a need is never silent. Stock that may be gone is asked
    for by one pack where the ledger, were it right, had enough.
    """
    if is_enough(plan, stock, at_risk):
        return 0
    wanted = max(order_up_to(plan) - stock, 1)
    packs = _whole_packs(wanted, plan.pack_size)
    room = plan.capacity - stock
    if plan.capacity <= 0 or packs <= room:
        return packs
    return max(room // plan.pack_size * plan.pack_size or min(wanted, room), 0)


def is_enough(plan: PartPlan, stock: int, at_risk: int) -> bool:
    """Whether nothing has to be brought, and an open request for it is over."""
    return order_up_to(plan) <= 0 or stock - at_risk > reorder_point(plan)


def order_up_to(plan: PartPlan) -> int:
    """The level in force; never more than fits."""
    return min(plan.order_up_to, plan.capacity) if plan.capacity > 0 else plan.order_up_to


def reorder_point(plan: PartPlan) -> int:
    """The point in force: below the level it orders up to, or a bin that is full would go on asking."""
    return min(plan.reorder_point, order_up_to(plan) - 1)


def _whole_packs(quantity: int, pack_size: int) -> int:
    return -(-quantity // pack_size) * pack_size
