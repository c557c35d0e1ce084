"""What a visit should do to each bin: needed now, worth bringing, to be taken back, or spare for a neighbour. Pure.

- **Needed** (`need`): a request is open, or the bin will have run out before the next chance to come with a
  probability of `RISK` or more. Filled up to `order_up_to`.
- **Worth** (`worth`): nobody asked yet, a whole pack is missing to `order_up_to`, and by the forecast the reorder point
  is reached before the next visit. Brought only where the van goes anyway.
- **Taken back** (`take_back`): nobody took any for `QUIET_DAYS`, nothing was put in for `PUT_DAYS`, and it is more than
  the shelf life, or a year, will use. `order_up_to` stays.
- **Spare**: above `order_up_to`, but used: only to be moved to a neighbour that needs it.

Whole packs. A pack that is bigger than the bin is opened: what fits is brought loose.
"""

from math import ceil

from cloud.replenishment.visits.values import BinState, LeftOut, Wish

RISK = 0.2
QUIET_DAYS = 90
PUT_DAYS = 60


def wish_for(state: BinState) -> Wish | LeftOut | None:
    """What should be done to a bin; a need that cannot be met is told with its reason."""
    if state.request or _is_at_risk(state):
        return _need(state)
    return _worth(state) or _taken_back(state)


def _is_at_risk(state: BinState) -> bool:
    """An accepted visit is under way: its bin has had its chance."""
    return state.order_up_to > 0 and state.incoming <= 0 and state.out_by_next >= RISK


def _need(state: BinState) -> Wish | LeftOut | None:
    missing = state.order_up_to - state.held
    if missing <= 0:
        return LeftOut(state.place, 0, "stock_is_back", state.request, state.held) if state.request else None
    quantity = _fitting(state, ceil(missing / state.pack) * state.pack)
    if quantity <= 0:
        return LeftOut(state.place, missing, "no_room", state.request, max(0, state.capacity - state.held))
    why = [("stock", state.held), ("order_up_to", state.order_up_to), ("out_by_next", round(state.out_by_next, 3))]
    if state.request:
        why.append(("waited_days", round(state.waited_days, 1)))
    return _wish(state, "need", quantity, *why)


def _fitting(state: BinState, quantity: int) -> int:
    """So much of it as fits: whole packs, loose pieces only into a bin that no pack ever fits into."""
    if not state.capacity:
        return quantity
    room = max(0, state.capacity - state.held)
    if state.pack > state.capacity:
        return min(room, max(0, state.order_up_to - state.held))
    return min(quantity, room // state.pack * state.pack)


def _worth(state: BinState) -> Wish | None:
    missing = state.order_up_to - state.held
    falls_to = state.held - state.mean_day * state.review_days
    if missing < state.pack or state.mean_day <= 0 or falls_to > state.reorder_point:
        return None
    quantity = _fitting(state, missing // state.pack * state.pack)
    if quantity <= 0:
        return None
    why = (("stock", state.held), ("order_up_to", state.order_up_to), ("falls_to", max(0, round(falls_to))))
    return _wish(state, "worth", quantity, *why)


def _taken_back(state: BinState) -> Wish | None:
    if not _is_at_rest(state):
        return None
    kept = max(state.order_up_to, ceil(state.mean_day * state.keep_days))
    surplus = (state.held - kept) // state.pack * state.pack
    if surplus <= 0:
        return None
    quiet = -1 if state.quiet_days is None else state.quiet_days
    return _wish(state, "take_back", -surplus, ("stock", state.held), ("kept", kept), ("quiet_days", quiet))


def _is_at_rest(state: BinState) -> bool:
    was_put_lately = state.put_days is not None and state.put_days < PUT_DAYS
    was_used_lately = state.quiet_days is not None and state.quiet_days < QUIET_DAYS
    return not (was_put_lately or was_used_lately or state.incoming)


def spare_of(state: BinState) -> Wish | None:
    """What a neighbour could have of a bin without its running short; None for one that is asked for itself."""
    if state.request or _is_at_risk(state) or state.incoming:
        return None
    surplus = state.held - state.order_up_to
    if surplus <= 0 or not state.order_up_to:
        return None
    return _wish(state, "transfer", -surplus, ("stock", state.held), ("kept", state.order_up_to))


def _wish(state: BinState, purpose: str, quantity: int, *why: tuple[str, float | int | str]) -> Wish:
    return Wish(
        place=state.place,
        purpose=purpose,  # type: ignore[arg-type]
        quantity=quantity,
        pack=state.pack,
        unit_mg=state.unit_mg,
        request=state.request if purpose == "need" else "",
        out_by_day=state.out_by_day,
        why=why,
    )
