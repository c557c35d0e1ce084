"""Somebody looks into the bins that are asked about, and answers at the kiosk what is really there.

Most questions are answered within days, some never. Nobody looks while a session is open; the answer is the truth.
"""

from random import Random

from edge_gateway.kiosk_seam import ResolveByNote, ResolveByStock
from simulator.count_bench.shelf import FOREIGN, Shelf
from simulator.year.cabinet_plan import LOOKER
from simulator.year.shop_gateway import CABINET, ShopGateway

ANSWERED_AN_EVENING = 0.75
NEVER_ANSWERED = 0.02
FOREIGN_OBJECT = "foreign_object"
MISPLACED = "misplaced"


class Looker:
    """The shop's owner after hours."""

    def __init__(self, gateway: ShopGateway, shelf: Shelf, random: Random):
        self.answered = 0
        self.refused: list[str] = []  # answers the gateway did not take
        self._gateway = gateway
        self._shelf = shelf
        self._random = random
        self._never: dict[str, bool] = {}

    def evening(self) -> None:
        """Answer most of what is asked."""
        for (identity,) in self._gateway.rows("select id from open_discrepancy order by opened_ms, id"):
            if self._will_answer(identity):
                self.answer(identity, LOOKER)

    def answer(self, identity: str, person: str) -> None:
        """Count what the question is about, unless another answer has ended it meanwhile."""
        rows = self._gateway.rows("select bin, reason, part from open_discrepancy where id = ?", (identity,))
        if not rows or self._waits(*rows[0]):
            return
        bin_, reason, _part = rows[0]
        refused = "it is about no bin"
        if bin_:
            refused = self._gateway.act(ResolveByStock(identity, self._found(bin_), person, "counted"))
        if refused:
            refused = self._gateway.act(ResolveByNote(identity, person, "looked at it"))
        if refused:
            self.refused.append(f"{reason} {identity}: {refused}")
        else:
            self.answered += 1

    def _found(self, bin_: int) -> dict[str, int]:
        """Every part that lies there, belongs there, or lies there by the ledger."""
        real = self._shelf.stock(bin_ - 1)
        planned = {place.part.number for place in self._shelf.plan[bin_ - 1]}
        account = f"bin:{CABINET}/{bin_}"
        booked = {part for (part,) in self._gateway.rows("select part from balance where account = ?", (account,))}
        return {part: real[part] for part in sorted({*real, *planned, *booked} - {FOREIGN})}

    def _waits(self, bin_: int, reason: str, part: str) -> bool:
        """What does not belong there stands in the way until somebody clears it."""
        here = self._shelf.stock(bin_ - 1) if bin_ else {}
        return (reason == FOREIGN_OBJECT and here[FOREIGN] > 0) or (reason == MISPLACED and here[part] > 0)

    def _will_answer(self, identity: str) -> bool:
        if identity not in self._never:
            self._never[identity] = self._random.random() < NEVER_ANSWERED
        return not self._never[identity] and self._random.random() < ANSWERED_AN_EVENING
