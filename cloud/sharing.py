"""What each dealer gets of an item of a shop with bins of several dealers. Pure.

Each dealer gets what concerns its own bins and nothing of the others', so that a session, a movement or a verdict can
be shown to one without a word about another. A movement out of one dealer's bin into another's is split into a
movement of each, both balanced: what left one's own bins for another's, or came from there, stands in the account
`across:<cabinet>:<dealer>`, which no gateway may name.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from cloud.owners import Owners
from cloud.places import bin_of
from edge_gateway.upload_format import (
    Content,
    DiscrepancyItem,
    FeedAnswerItem,
    MovementItem,
    PostingItem,
    RequestEndItem,
    RequestItem,
    ResolutionItem,
    RestockedItem,
    ReZeroItem,
    SessionItem,
    VerdictItem,
)

Piece = tuple[str, Content]  # a dealer, and what it gets
Name = tuple[type | str, object]  # an item's type and its id; or ORDER and its number in the shop's feed
ORDER = "order"
_NAMED = frozenset({"dealer", "unexplained", "scrap"})  # accounts that end with a dealer's id
_DERIVED = ("/charge-", "/correction-")


def across_account(cabinet: str, dealer: str) -> str:
    """`across:<cabinet>:<dealer>`: what of one's own went into another dealer's bins of a cabinet."""
    return f"across:{cabinet}:{dealer}"


def bases_of(movement: MovementItem) -> tuple[str, ...]:
    """The movements that a movement corrects or charges on, the nearest first; () when it stands by itself."""
    found = [movement.corrects] if movement.corrects else []
    for mark in _DERIVED:
        base, is_derived, _ = movement.id.rpartition(mark)
        if is_derived and base not in found:
            found.append(base)
    return tuple(found)


@dataclass(frozen=True)
class Sharing:
    """Splits items; `known` says whose an item is that is there already, by its type and id."""

    owners: Owners
    known: Mapping[Name, str]

    def share(self, content: Content) -> list[Piece]:
        """Each dealer's piece of an item, in order of the dealers."""
        if isinstance(content, MovementItem):
            return self._movement(content)
        if isinstance(content, SessionItem):
            return [(dealer, content) for dealer in self.owners.within(content.cabinet, content.booked_ms)]
        if isinstance(content, DiscrepancyItem):
            return [self._discrepancy(content)]
        if isinstance(content, VerdictItem):
            return [self._verdict(content)]
        return [(self._sole(content), content)]

    def _sole(self, content: Content) -> str:
        """Whose an item is that is shown as it came."""
        match content:
            case RequestItem() | ReZeroItem() | RestockedItem():
                return self.owners.of(content.cabinet, content.bin, _at_ms(content))
            case ResolutionItem():
                return self._known(DiscrepancyItem, content.discrepancy)
            case RequestEndItem():
                return self._known(RequestItem, content.request)
            case FeedAnswerItem():
                return self._known(ORDER, content.number)
        return self.owners.host

    def _known(self, type_: type | str, name: object) -> str:
        return self.known.get((type_, name), self.owners.host)

    # ---- movements ----

    def _movement(self, item: MovementItem) -> list[Piece]:
        owners = [self._owner_of_line(item, line) for line in item.postings]
        sole = self._sole_owner(item, owners)
        if sole:
            return [(sole, item)]
        return [
            (dealer, structs.replace(item, postings=lines)) for dealer, lines in sorted(_split(item, owners).items())
        ]

    def _owner_of_line(self, item: MovementItem, line: PostingItem) -> str:
        """The dealer that an account speaks of; "" for the shop's and a job's."""
        kind, _, name = line.account.partition(":")
        if kind in _NAMED:
            return name.rpartition(":")[2]
        place = bin_of(line.account)
        return self.owners.of(*place, item.booked_ms) if place else ""

    def _sole_owner(self, item: MovementItem, owners: Sequence[str]) -> str:
        """Whose a movement is as a whole; "" when it is of several."""
        named = {
            owner for owner, line in zip(owners, item.postings, strict=True) if line.account.split(":")[0] in _NAMED
        }
        if len(named) == 1:  # the gateway said whose stock it is
            return named.pop()
        for base in bases_of(item):
            if (MovementItem, base) in self.known:
                return self.known[MovementItem, base]
        found = set(owners) - {""}
        if len(found) == 1:
            return found.pop()
        return "" if found else self.owners.host

    # ---- what is told of one bin ----

    def _discrepancy(self, item: DiscrepancyItem) -> Piece:
        if not item.bin:
            return self.owners.host, item
        dealer = self.owners.of(item.cabinet, item.bin, item.opened_ms)
        facts = _object(item.detail)
        places = facts.get("belongs_to")
        if not isinstance(places, list):
            return dealer, item
        own = [number for number in places if self._is_own(dealer, item.cabinet, number, item.opened_ms)]
        if own == places:
            return dealer, item
        return dealer, structs.replace(item, detail=_text({**facts, "belongs_to": own}))

    def _is_own(self, dealer: str, cabinet: str, number: object, at_ms: int) -> bool:
        return isinstance(number, int) and self.owners.of(cabinet, number, at_ms) == dealer

    def _verdict(self, item: VerdictItem) -> Piece:
        """Without its ground, which has all that people hold and other bins weighed, and without others' tags."""
        dealer = self.owners.of(item.cabinet, item.bin, item.decided_ms)
        told = _list(item.tags)
        own = [row for row in told if isinstance(row, list) and row and self.owners.has_part(dealer, str(row[0]))]
        return dealer, structs.replace(item, ground="{}", tags=item.tags if own == told else _text(own))


def _at_ms(item: RequestItem | ReZeroItem | RestockedItem) -> int:
    """When what is told of a bin happened."""
    match item:
        case RequestItem():
            return item.raised_ms
        case ReZeroItem():
            return item.rezeroed_ms
        case RestockedItem():
            return item.restocked_ms


def _split(item: MovementItem, owners: Sequence[str]) -> dict[str, list[PostingItem]]:
    """Each dealer's lines, with what balances them."""
    lines: dict[str, list[PostingItem]] = defaultdict(list)
    for owner, line in zip(owners, item.postings, strict=True):
        if owner:
            lines[owner].append(line)
    for owner, line in zip(owners, item.postings, strict=True):
        if not owner:  # the shop's or a job's: with whoever lacks just that
            lines[_lacking(lines, line)].append(line)
    for dealer, own in lines.items():
        for part, rest in sorted(_sums(own).items()):
            if rest:
                own.append(PostingItem(across_account(item.cabinet, dealer), part, -rest))
    return lines


def _lacking(lines: Mapping[str, list[PostingItem]], line: PostingItem) -> str:
    def misfit(dealer: str) -> tuple[int, str]:
        return abs(_sums(lines[dealer]).get(line.part, 0) + line.quantity), dealer

    return min(lines, key=misfit)


def _sums(lines: Sequence[PostingItem]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.part] += line.quantity
    return sums


def _object(text: str) -> dict[str, Any]:
    found = _read(text)
    return found if isinstance(found, dict) else {}


def _list(text: str) -> list[Any]:
    found = _read(text)
    return found if isinstance(found, list) else []


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
