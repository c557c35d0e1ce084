"""Min and max: when a part of a bin needs stock brought, and when it no longer does.

Pure. The lower bound of the stock counts: what open discrepancies may have taken is taken off. One request is open
for a part of a bin at most; it ends `filled` when a restock lifts the stock above the reorder point, and `withdrawn`
when anything else does.
"""

from edge_gateway.planogram import PartPlan


def quantity_to_bring(plan: PartPlan, stock: int, at_risk: int) -> int:
    """How much to ask for: 0 when it needs nothing. Whole packs, within the capacity."""
    if plan.order_up_to <= 0 or stock - at_risk > plan.reorder_point:
        return 0
    wanted = _whole_packs(plan.order_up_to - stock, plan.pack_size)
    room = plan.capacity - stock
    if plan.capacity <= 0 or wanted <= room:
        return max(wanted, 0)
    packs = room // plan.pack_size * plan.pack_size
    return max(packs, 0)


def is_enough(plan: PartPlan, stock: int, at_risk: int) -> bool:
    """Whether an open request for it is over."""
    return plan.order_up_to <= 0 or stock - at_risk > plan.reorder_point


def _whole_packs(quantity: int, pack_size: int) -> int:
    return -(-quantity // pack_size) * pack_size
