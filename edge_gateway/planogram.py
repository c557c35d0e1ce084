"""What the shop's document says, arranged for looking up: bins, parts, roles, jobs.

Pure: made from a document once, read on every event, never changed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from edge_gateway import balance, ledger
from edge_gateway.counting.cells import CELLS
from edge_gateway.shop_document import Bin, BinPart, Cabinet, Part, ShopDocument

InForce = Mapping[tuple[str, int, str], tuple[int, int]]  # by cabinet, bin, part: reorder point and order-up-to level
_TYPED_IN: InForce = {}


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A part in a bin: what it is, and how much of it shall lie there.

    `planned` False: the planogram does not put it there, so it has neither capacity nor policy. `reorder_point` and
    `order_up_to` are those in force: a policy the cloud told, else the typed-in ones.
    """

    number: str
    unit: str
    unit_mass_mg: int
    spread_mg: int
    pack_size: int
    gtin: str
    capacity: int
    reorder_point: int
    order_up_to: int
    dead_band: int
    opening: int | None
    counted: bool  # kept in pieces, by a known unit mass
    bulk: bool  # kept in grams
    planned: bool = True


@dataclass(frozen=True, slots=True)
class BinPlan:
    """One bin of a planogram: the class of its cell, its parts in the planogram's order, and its accounts."""

    bin: int
    cell: str
    parts: tuple[PartPlan, ...]
    account: str
    dealer_account: str
    shop_account: str
    unexplained_account: str
    lightest_mg: int  # one piece of the lightest part that can be counted; 0: there is none
    quiet_mg: int  # a weight so near to its reference is not looked at any further

    @property
    def bulk(self) -> bool:
        """Whether it holds a part kept in grams, which never shares a bin."""
        return bool(self.parts) and self.parts[0].bulk

    def part(self, number: str) -> PartPlan | None:
        """The plan of a part in this bin; None when the planogram does not put it here."""
        return next((part for part in self.parts if part.number == number), None)


@dataclass(frozen=True, slots=True)
class CabinetPlan:
    """A cabinet's bins by number, and what is needed to name a bin the planogram does not know.

    `catalogue`: every part of the shop by number, also those that this cabinet has no bin for.
    """

    cabinet: str
    dealer: str
    shop: str
    bins: dict[int, BinPlan]
    roles: dict[str, str]
    catalogue: Mapping[str, Part]

    def bin(self, number: int) -> BinPlan:
        """The plan of a bin; one without a part when the planogram does not know it."""
        plan = self.bins.get(number)
        return plan if plan is not None else _unplanned(self.cabinet, self.dealer, self.shop, number)

    def part(self, number: int, part: str) -> PartPlan:
        """A part in a bin as the planogram has it; one without capacity or policy when the part strayed there."""
        found = self.bin(number).part(part)
        return found if found is not None else _strayed(self.catalogue.get(part) or Part(part, "", ""))

    def belongs_to(self, part: str) -> tuple[int, ...]:
        """The bins of this cabinet that the planogram puts a part into."""
        return tuple(number for number, plan in self.bins.items() if plan.part(part) is not None)


@dataclass(frozen=True)
class ShopPlan:
    """A whole document, arranged."""

    version: int
    cabinets: dict[str, CabinetPlan]
    roles: dict[str, str]
    jobs: frozenset[str]
    dealer: str
    shop: str
    catalogue: Mapping[str, Part]
    parts_by_gtin: Mapping[str, str]

    def cabinet(self, cabinet: str) -> CabinetPlan:
        """The plan of a cabinet; one without bins when the document does not know it."""
        plan = self.cabinets.get(cabinet)
        return (
            plan if plan is not None else CabinetPlan(cabinet, self.dealer, self.shop, {}, self.roles, self.catalogue)
        )


def arrange(document: ShopDocument, levels: InForce = _TYPED_IN) -> ShopPlan:
    """A document arranged for looking up, with the levels that stand before its own."""
    catalogue = {part.number: part for part in document.parts}
    roles: dict[str, str] = {person.id: person.role for person in document.people}
    jobs = frozenset(job.id for job in document.jobs)
    gtins = {part.gtin: part.number for part in document.parts if part.gtin}
    plan = ShopPlan(document.version, {}, roles, jobs, document.dealer, document.shop, catalogue, gtins)
    for cabinet in document.cabinets:
        plan.cabinets[cabinet.id] = _cabinet_plan(plan, cabinet, levels)
    return plan


def with_levels(plan: ShopPlan, document: ShopDocument, levels: InForce, cabinets: Collection[str]) -> ShopPlan:
    """The plan of a document with these levels, arranged anew as far as these cabinets go."""
    anew = {cabinet.id: _cabinet_plan(plan, cabinet, levels) for cabinet in document.cabinets if cabinet.id in cabinets}
    return replace(plan, cabinets=plan.cabinets | anew)


def _cabinet_plan(plan: ShopPlan, cabinet: Cabinet, levels: InForce) -> CabinetPlan:
    found = CabinetPlan(cabinet.id, plan.dealer, plan.shop, {}, plan.roles, plan.catalogue)
    for bin_ in cabinet.bins:
        found.bins[bin_.bin] = _bin_plan(found, bin_, levels)
    return found


@lru_cache(maxsize=1024)
def _unplanned(cabinet: str, dealer: str, shop: str, number: int) -> BinPlan:
    return _bin_plan(CabinetPlan(cabinet, dealer, shop, {}, {}, {}), Bin(bin=number))


@lru_cache(maxsize=1024)
def _strayed(part: Part) -> PartPlan:
    return _part_plan(part, BinPart(part.number), planned=False)


def _bin_plan(cabinet: CabinetPlan, bin_: Bin, levels: InForce = _TYPED_IN) -> BinPlan:
    dealer = bin_.dealer or cabinet.dealer
    parts = tuple(
        _part_plan(cabinet.catalogue[placed.part], placed, levels.get((cabinet.cabinet, bin_.bin, placed.part)))
        for placed in bin_.parts
    )
    lightest_mg = min((part.unit_mass_mg for part in parts if part.counted), default=0)
    return BinPlan(
        bin=bin_.bin,
        cell=bin_.cell,
        parts=parts,
        account=ledger.bin_account(cabinet.cabinet, bin_.bin),
        dealer_account=ledger.dealer_account(dealer),
        shop_account=ledger.shop_account(cabinet.shop),
        unexplained_account=ledger.unexplained_account(cabinet.cabinet, dealer),
        lightest_mg=lightest_mg,
        quiet_mg=balance.quiet_mg(lightest_mg, CELLS[bin_.cell]) if all(part.counted for part in parts) else 0,
    )


def _part_plan(part: Part, placed: BinPart, told: tuple[int, int] | None = None, *, planned: bool = True) -> PartPlan:
    reorder_point, order_up_to = told or (placed.reorder_point, placed.order_up_to)
    return PartPlan(
        number=part.number,
        unit=part.unit,
        unit_mass_mg=part.unit_mass_mg,
        spread_mg=part.spread_mg,
        pack_size=max(part.pack_size, 1),
        gtin=part.gtin,
        capacity=placed.capacity,
        reorder_point=reorder_point,
        order_up_to=order_up_to,
        dead_band=placed.dead_band,
        opening=placed.opening,
        counted=part.unit == "piece" and part.unit_mass_mg > 0,
        bulk=part.unit == "gram",
        planned=planned,
    )
