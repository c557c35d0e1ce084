"""What plans of the cloud's feed change: policies and visits, and overrides that end by the clock.

It runs on the writer's thread between batches and writes nothing. Bins whose levels change are reviewed in the decision
that changes them: requests are raised or withdrawn at once. A number that is older than what is held changes nothing.
"""

from collections import defaultdict
from collections.abc import Mapping

from edge_gateway import policies
from edge_gateway.books import Books
from edge_gateway.decision import Cause, Decision
from edge_gateway.feed_format import Policy, Restock, RestockOff
from edge_gateway.policies import Place, PlacePolicy
from edge_gateway.review import review_bins
from edge_gateway.visits import Visit, visit_of


def take(books: Books, told: Policy | Restock | RestockOff, number: int, now_ms: int) -> list[Decision]:
    """What an entry changes, cabinet by cabinet."""
    if isinstance(told, Policy):
        return _levels_changed(books, policies.with_policy(books.policies, told, number, now_ms), now_ms)
    visit = _visit(books, told, number)
    return [_decision(books, "", now_ms, visits=[visit])] if visit is not None else []


def overrides_due(books: Books, now_ms: int) -> list[Decision]:
    """What changes because an override has ended by the clock, or holds again after the clock was put back."""
    changed = policies.due(books.policies, now_ms)
    return _levels_changed(books, changed, now_ms) if changed else []


def remembered(books: Books, told: Policy | Restock | RestockOff, number: int, now_ms: int) -> Decision:
    """The same for a database that is being rebuilt: what is known again, and nothing is reviewed."""
    if isinstance(told, Policy):
        return _decision(books, "", now_ms, changed=policies.with_policy(books.policies, told, number, now_ms))
    visit = _visit(books, told, number)
    return _decision(books, "", now_ms, visits=[] if visit is None else [visit])


def _levels_changed(books: Books, changed: Mapping[Place, PlacePolicy], now_ms: int) -> list[Decision]:
    plan = books.plan_with(changed)
    by_cabinet: dict[str, dict[Place, PlacePolicy]] = defaultdict(dict)
    for place, policy in changed.items():
        by_cabinet[place[0]][place] = policy
    found = []
    for cabinet, of_cabinet in sorted(by_cabinet.items()):
        decision = _decision(books, cabinet, now_ms, changed=of_cabinet)
        if plan is not None:
            decision.touched = {number for _cabinet, number, _part in of_cabinet}
            review_bins(decision, plan.cabinet(cabinet), books)
        found.append(decision)
    return found


def _decision(
    books: Books,
    cabinet: str,
    now_ms: int,
    *,
    changed: Mapping[Place, PlacePolicy] | None = None,
    visits: list[Visit] | None = None,
) -> Decision:
    # By the outbox's number: an override may end, hold again after the clock was put back, and end once more.
    name = f"{books.epoch}/levels/{books.outbox_last}/{cabinet}"
    cause = Cause(name, cabinet, "", 0, now_ms, now_ms)
    return Decision(cause, policies=dict(changed or {}), visits=visits or [])


def _visit(books: Books, told: Restock | RestockOff, number: int) -> Visit | None:
    """The visit as it is from now on; None when a newer number of the feed has told of it."""
    known = books.visits.get(told.visit)
    if known is not None and known.number >= number:
        return None
    if isinstance(told, RestockOff):
        return (known or Visit(told.visit, number, "", "", 0, ()))._replace(number=number, is_off=True)
    return visit_of(told, number)
