"""Which levels of a part in a bin are in force: what the cloud told, a person's override until a time, or the
planogram's.

Pure. Two things are kept of a place: the levels told without an end, and the newest override. While the override lasts
by the gateway's clock it stands before the other, and both before the planogram's typed-in figures. A number of the
feed older than the one that is held changes nothing, so that the feed may come twice and after a restore.

`overridden` says what the bins were last reviewed by. It changes in the transaction that reviews them, so that neither
a restart nor a clock that jumps, forth or back, leaves a bin judged by levels that no longer hold.
"""

from collections.abc import Mapping
from typing import NamedTuple

from edge_gateway.feed_format import Levels, Policy

OWN = -1  # the planogram's own

Place = tuple[str, int, str]  # cabinet, bin, part


class Terms(NamedTuple):
    """Levels under a number of the feed; `OWN` for none. `until_ms` of an override only."""

    reorder_point: int = OWN
    order_up_to: int = OWN
    number: int = 0
    until_ms: int = 0


class PlacePolicy(NamedTuple):
    """All that is kept of a part in a bin."""

    told: Terms = Terms()
    override: Terms = Terms()
    overridden: bool = False

    @property
    def in_force(self) -> Terms | None:
        """The levels the bin is judged by; None: the planogram's own."""
        found = self.override if self.overridden else self.told
        return None if found.order_up_to == OWN else found

    def at(self, now_ms: int) -> "PlacePolicy":
        """The same, as it is by the clock."""
        return self._replace(overridden=self.override.order_up_to != OWN and now_ms < self.override.until_ms)


def place_of(levels: Levels) -> Place:
    """Where levels hold."""
    return levels.cabinet, levels.bin, levels.part


def with_policy(
    known: Mapping[Place, PlacePolicy], policy: Policy, number: int, now_ms: int
) -> dict[Place, PlacePolicy]:
    """The places that a policy of the feed changes, as they are with it."""
    changed: dict[Place, PlacePolicy] = {}
    for levels in policy.levels:
        place = place_of(levels)
        before = changed.get(place) or known.get(place) or PlacePolicy()
        terms = Terms(levels.reorder_point, levels.order_up_to, number, policy.until_ms)
        after = before._replace(override=terms) if policy.until_ms else before._replace(told=terms)
        is_newer = number >= (before.override if policy.until_ms else before.told).number
        if is_newer and after != before:
            changed[place] = after.at(now_ms)
    return changed


def due(known: Mapping[Place, PlacePolicy], now_ms: int) -> dict[Place, PlacePolicy]:
    """The places where an override has ended, or holds again because the clock was put back."""
    with_override = ((place, policy) for place, policy in known.items() if policy.override.number)
    return {place: policy.at(now_ms) for place, policy in with_override if policy.at(now_ms) != policy}


def levels_in_force(known: Mapping[Place, PlacePolicy]) -> dict[Place, tuple[int, int]]:
    """By place: reorder point and order-up-to level that stand before the planogram's."""
    found = ((place, policy.in_force) for place, policy in known.items())
    return {place: (terms.reorder_point, terms.order_up_to) for place, terms in found if terms is not None}
