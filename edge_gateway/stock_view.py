"""What lies in the bins, for the kiosk: the planogram and the ledger side by side, part by part.

Reads only. A part that the ledger has in a bin without the planogram putting it there has strayed: it is shown with
the places it belongs to.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from edge_gateway import ledger
from edge_gateway.policies import Place
from edge_gateway.shop_document import Bin, BinPart, Cabinet, Part, ShopDocument, places_of
from edge_gateway.shop_rows import BinRow, CabinetStock, PartRow

Requested = Mapping[tuple[str, int, str], int]  # by cabinet, bin and part


class StockView:
    """The bins of a shop by one document, read by one connection."""

    def __init__(self, database: sqlite3.Connection, document: ShopDocument) -> None:
        self._database = database
        self._document = document
        self._parts = {part.number: part for part in document.parts}
        self._levels: dict[Place, tuple[int, int, int]] = {}  # read for the whole shop only

    def cabinets(self) -> tuple[CabinetStock, ...]:
        """Every cabinet with its bins as the planogram has them."""
        held = self._held("account like 'bin:%'")
        requested = self._requested()
        questions = self._questions()
        self._levels = self._in_force()
        return tuple(
            CabinetStock(
                cabinet,
                tuple(
                    BinRow(
                        place.bin,
                        self._part_rows(cabinet.id, place, held, requested),
                        questions.get((cabinet.id, place.bin), 0),
                    )
                    for place in cabinet.bins
                ),
            )
            for cabinet in self._document.cabinets
        )

    def countable(self, cabinet: Cabinet, number: int, part: str) -> tuple[PartRow, ...]:
        """The parts of a bin that somebody may be asked to count: those it has, and the one in question."""
        return self.countable_in(cabinet, [(number, part)])[0]

    def countable_in(self, cabinet: Cabinet, wanted: Sequence[tuple[int, str]]) -> list[tuple[PartRow, ...]]:
        """As `countable` for several bins of a cabinet, each with the part in question, by one query."""
        accounts = [ledger.bin_account(cabinet.id, number) for number, _ in wanted]
        held = self._held("account in (select value from json_each(?))", (json.dumps(accounts),))
        return [self._countable(cabinet, number, part, held) for number, part in wanted]

    def _countable(
        self, cabinet: Cabinet, number: int, part: str, held: Mapping[str, Mapping[str, int]]
    ) -> tuple[PartRow, ...]:
        if not number:
            return ()
        place = next((place for place in cabinet.bins if place.bin == number), Bin(number))
        rows = self._part_rows(cabinet.id, place, held, {})
        if part and all(row.part.number != part for row in rows):
            rows += (PartRow(self._part(part), 0, places=places_of(self._document, part, cabinet.id)),)
        return rows

    def _part_rows(
        self, cabinet: str, place: Bin, held: Mapping[str, Mapping[str, int]], requested: Requested
    ) -> tuple[PartRow, ...]:
        """The parts of a bin in the planogram's order, then what strayed into it."""
        stock = dict(held.get(ledger.bin_account(cabinet, place.bin), {}))
        planned = [
            self._planned((cabinet, place.bin, placed.part), placed, stock.pop(placed.part, 0), requested)
            for placed in place.parts
        ]
        strays = [
            PartRow(self._part(part), quantity, places=places_of(self._document, part, cabinet))
            for part, quantity in sorted(stock.items())
            if quantity
        ]
        return (*planned, *strays)

    def _planned(self, place: Place, placed: BinPart, stock: int, requested: Requested) -> PartRow:
        """A part in its place, with the levels in force."""
        row = PartRow(self._part(placed.part), stock, placed.capacity, placed.reorder_point, requested.get(place, 0))
        told = self._levels.get(place)
        if told is None:
            return replace(row, order_up_to=placed.order_up_to)
        point, up_to, until_ms = told
        return replace(row, reorder_point=point, order_up_to=up_to, told=True, until_ms=until_ms)

    def _in_force(self) -> dict[Place, tuple[int, int, int]]:
        """Levels that stand before the planogram's: reorder point, order-up-to, and until when (0: until told anew)."""
        rows = self._database.execute(
            "select cabinet, bin, part, reorder_point, order_up_to, until_ms * overridden from level_in_force"
        )
        return {(cabinet, number, part): (point, up_to, ms) for cabinet, number, part, point, up_to, ms in rows}

    def _held(self, where: str, values: Sequence[str] = ()) -> dict[str, dict[str, int]]:
        """What accounts hold, by part."""
        held: dict[str, dict[str, int]] = {}
        rows = self._database.execute(f"select account, part, quantity from balance where {where}", values)  # noqa: S608
        for account, part, quantity in rows:
            held.setdefault(account, {})[part] = quantity
        return held

    def _requested(self) -> Requested:
        rows = self._database.execute("select cabinet, bin, part, quantity from open_request")
        return {(cabinet, number, part): quantity for cabinet, number, part, quantity in rows}

    def _questions(self) -> dict[tuple[str, int], int]:
        rows = self._database.execute("select cabinet, bin, count(*) from open_discrepancy group by cabinet, bin")
        return {(cabinet, number): count for cabinet, number, count in rows}

    def _part(self, number: str) -> Part:
        return self._parts.get(number) or Part(number, "", "")
