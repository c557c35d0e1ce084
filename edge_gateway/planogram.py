"""What the shop's document says, arranged for looking up: bins, parts, roles, jobs.

Pure: made from a document once, read on every event, never changed.
"""

from dataclasses import dataclass
from functools import lru_cache

from edge_gateway import ledger
from edge_gateway.counting.one_part import Piece
from edge_gateway.shop_document import Bin, Part, ShopDocument


@dataclass(frozen=True, slots=True)
class BinPlan:
    """One bin of a planogram, with what matters of its part (`number` "": it has none) and its accounts."""

    bin: int
    number: str
    unit: str
    unit_mass_mg: int
    spread_mg: int
    pack_size: int
    capacity: int
    reorder_point: int
    order_up_to: int
    dead_band: int
    opening: int | None
    account: str
    dealer_account: str
    shop_account: str
    unexplained_account: str
    counted: bool  # kept in pieces, by a known unit mass
    bulk: bool  # kept in grams
    piece: Piece


@dataclass(frozen=True, slots=True)
class CabinetPlan:
    """A cabinet's bins by number, and what is needed to name a bin the planogram does not know."""

    cabinet: str
    dealer: str
    shop: str
    bins: dict[int, BinPlan]
    roles: dict[str, str]

    def bin(self, number: int) -> BinPlan:
        """The plan of a bin; one without a part when the planogram does not know it."""
        plan = self.bins.get(number)
        return plan if plan is not None else _unplanned(self.cabinet, self.dealer, self.shop, number)


@dataclass(frozen=True)
class ShopPlan:
    """A whole document, arranged."""

    version: int
    cabinets: dict[str, CabinetPlan]
    roles: dict[str, str]
    jobs: frozenset[str]
    dealer: str
    shop: str

    def cabinet(self, cabinet: str) -> CabinetPlan:
        """The plan of a cabinet; one without bins when the document does not know it."""
        plan = self.cabinets.get(cabinet)
        return plan if plan is not None else CabinetPlan(cabinet, self.dealer, self.shop, {}, self.roles)


_NO_PART = Part(number="", name_zh="", name_en="")


def arrange(document: ShopDocument) -> ShopPlan:
    """A document arranged for looking up."""
    parts = {part.number: part for part in document.parts}
    roles: dict[str, str] = {person.id: person.role for person in document.people}
    jobs = frozenset(job.id for job in document.jobs)
    plan = ShopPlan(document.version, {}, roles, jobs, document.dealer, document.shop)
    for cabinet in document.cabinets:
        found = plan.cabinets[cabinet.id] = plan.cabinet(cabinet.id)
        for bin_ in cabinet.bins:
            found.bins[bin_.bin] = _bin_plan(found, bin_, parts.get(bin_.part, _NO_PART))
    return plan


@lru_cache(maxsize=1024)
def _unplanned(cabinet: str, dealer: str, shop: str, number: int) -> BinPlan:
    return _bin_plan(CabinetPlan(cabinet, dealer, shop, {}, {}), Bin(bin=number), _NO_PART)


def _bin_plan(cabinet: CabinetPlan, bin_: Bin, part: Part) -> BinPlan:
    dealer = bin_.dealer or cabinet.dealer
    return BinPlan(
        bin=bin_.bin,
        number=part.number,
        unit=part.unit,
        unit_mass_mg=part.unit_mass_mg,
        spread_mg=part.spread_mg,
        pack_size=max(part.pack_size, 1),
        capacity=bin_.capacity,
        reorder_point=bin_.reorder_point,
        order_up_to=bin_.order_up_to,
        dead_band=bin_.dead_band,
        opening=bin_.opening,
        account=ledger.bin_account(cabinet.cabinet, bin_.bin),
        dealer_account=ledger.dealer_account(dealer),
        shop_account=ledger.shop_account(cabinet.shop),
        unexplained_account=ledger.unexplained_account(cabinet.cabinet, dealer),
        counted=part.number != "" and part.unit == "piece" and part.unit_mass_mg > 0,
        bulk=part.number != "" and part.unit == "gram",
        piece=Piece(part.unit_mass_mg, part.spread_mg),
    )
