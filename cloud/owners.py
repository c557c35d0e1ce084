"""Whose bins a shop has, and had. Pure.

A bin belongs to one dealer at a time. At a moment it belongs to whom the newest document stored until then says; one
of before any document to whom the first says. A bin that no document names is the host's, whose cabinet it is.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field

from edge_gateway.shop_document import ShopDocument

Place = tuple[str, int]  # cabinet, bin


@dataclass
class Owners:
    """The owners of a shop's bins over time."""

    host: str
    through: int = 0  # the newest version of the document that was read
    _since: dict[Place, list[int]] = field(default_factory=lambda: defaultdict(list))
    _parts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _dealers: dict[Place, list[str]] = field(default_factory=lambda: defaultdict(list))

    def read_on(self, documents: Iterable[tuple[int, ShopDocument]]) -> "Owners":
        """The same with further documents, each with the time when it was stored, the oldest first."""
        found = deepcopy(self)
        for stored_ms, document in documents:
            found._read(document, stored_ms)
        return found

    def _read(self, document: ShopDocument, stored_ms: int) -> None:
        self.through = max(self.through, document.version)
        for cabinet in document.cabinets:
            for bin_ in cabinet.bins:
                dealer = bin_.dealer or document.dealer
                self._note((cabinet.id, bin_.bin), dealer, stored_ms)
                self._parts[dealer].update(placed.part for placed in bin_.parts)

    def _note(self, place: Place, dealer: str, stored_ms: int) -> None:
        if not self._dealers[place] or self._dealers[place][-1] != dealer:
            self._since[place].append(stored_ms)
            self._dealers[place].append(dealer)

    @property
    def dealers(self) -> frozenset[str]:
        """Everybody who has or had a bin, and the host."""
        return frozenset({self.host}.union(*self._dealers.values()))

    @property
    def is_shared(self) -> bool:
        """Whether anybody but the host has or had a bin."""
        return any(dealer != self.host for dealers in self._dealers.values() for dealer in dealers)

    def has_part(self, dealer: str, part: str) -> bool:
        """Whether a part is or was in a bin of a dealer's by any planogram."""
        return part in self._parts.get(dealer, ())

    def of(self, cabinet: str, number: int, at_ms: int) -> str:
        """The dealer whose bin it was."""
        place = (cabinet, number)
        if place not in self._dealers:
            return self.host
        return self._dealers[place][max(0, bisect_right(self._since[place], at_ms) - 1)]

    def within(self, cabinet: str, at_ms: int) -> tuple[str, ...]:
        """Every dealer with a bin in a cabinet, in order; the host when nobody has one."""
        found = {self.of(*place, at_ms) for place in self._dealers if place[0] == cabinet}
        return tuple(sorted(found)) or (self.host,)
