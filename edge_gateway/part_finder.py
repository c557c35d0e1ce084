"""What the kiosk's search box answers: parts with where they lie in this shop's cabinets, and open jobs.

Reads only. Parts are found in the catalogue (`catalogue_search.py`), how many lie where is read from the books.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from edge_gateway.catalogue_format import CataloguePart
from edge_gateway.catalogue_search import CatalogueSearch, Hit, Holding
from edge_gateway.decision import ShopJob
from edge_gateway.shop_document import Cabinet, ShopDocument, places_of
from edge_gateway.work_view import WorkView

SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class PartPlace:
    """A bin with a part in it, or one that is for it. `stock` is what the books say."""

    cabinet: Cabinet
    bin: int
    stock: int


@dataclass(frozen=True, slots=True)
class FoundPart:
    """A part with its bins, the nearest first; () when it lies in no cabinet of this shop.

    `instead`: the part that replaces it, as far as it is known, with its own bins.
    """

    hit: Hit
    places: tuple[PartPlace, ...]
    instead: "FoundPart | None" = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is to what was asked; `more` parts fit as well and are not shown."""

    asked: str
    parts: tuple[FoundPart, ...]
    jobs: tuple[ShopJob, ...]
    more: int
    holding: Holding


class PartFinder:
    """By one connection to the books and one to the catalogue."""

    def __init__(self, database: sqlite3.Connection, search: CatalogueSearch) -> None:
        self._database = database
        self._search = search

    def find(self, asked: str, document: ShopDocument, near: str) -> Answer:
        """Parts and jobs for what was typed; the bins of cabinet `near` come first."""
        hits = self._search.find(asked)
        parts = [self._found(hit, document, near) for hit in hits[:SHOWN_MAX]]
        jobs = WorkView(self._database, document).jobs_like(asked)
        more = max(0, len(hits) - SHOWN_MAX)
        return Answer(asked.strip(), tuple(parts), jobs, more, self._search.holding())

    def _found(self, hit: Hit, document: ShopDocument, near: str) -> FoundPart:
        instead = None
        if hit.part.replaced_by:
            known = self._last(hit.part)
            instead = FoundPart(Hit(known, hit.how), self._places(known.number, document, near))
        return FoundPart(hit, self._places(hit.part.number, document, near), instead)

    def _last(self, part: CataloguePart) -> CataloguePart:
        """What replaces it today: replacements are replaced as well, and somebody may have written a circle."""
        seen = {part.number}
        while part.replaced_by and part.replaced_by not in seen:
            seen.add(part.replaced_by)
            part = self._search.part(part.replaced_by) or CataloguePart(part.replaced_by)
        return part

    def _places(self, number: str, document: ShopDocument, near: str) -> tuple[PartPlace, ...]:
        cabinets = {cabinet.id: cabinet for cabinet in document.cabinets}
        held = self._held([number], cabinets)
        planned = dict.fromkeys(places_of(document, number, near), 0)
        found = [PartPlace(cabinets[cabinet], bin_, stock) for (cabinet, bin_), stock in (planned | held).items()]
        return tuple(sorted(found, key=lambda place: (place.stock <= 0, place.cabinet.id != near, place.bin)))

    def _held(self, numbers: Iterable[str], cabinets: dict[str, Cabinet]) -> dict[tuple[str, int], int]:
        rows = self._database.execute(
            "select account, quantity from balance where account like 'bin:%' and quantity > 0 "
            "and part in (select value from json_each(?))",
            (json.dumps(list(numbers)),),
        )
        held: dict[tuple[str, int], int] = {}
        for account, quantity in rows:
            cabinet, _, bin_ = account.removeprefix("bin:").rpartition("/")
            if cabinet in cabinets:
                held[cabinet, int(bin_)] = quantity
        return held
