"""The planogram check: which bins of a shop's document cannot be counted by weight, and why.

Pure. `counting/separability.py` does the sums; here a document's bins are put to it, `planogram_words.py` says what was
found. The cloud asks it before it keeps a document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Cell, Mass
from edge_gateway.counting.separability import WARN_WRONG_PPM, Alike, BinCheck, Finding, PlacedPart, check_bin
from edge_gateway.shop_document import Bin, Part, ShopDocument

What = Literal["alike", "only_tags", "too_light", "no_mass", "no_mass_alone", "overloaded"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong with a bin: two outcomes that are alike, or the parts it is about."""

    what: What
    about: Alike | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedBin:
    """One bin of a planogram and what the check says of it. `full_mg`: what it weighs when it is full."""

    cabinet: str
    bin: int
    cell: Cell
    parts: tuple[Part, ...]
    verdict: Finding
    check: BinCheck
    full_mg: int
    reasons: tuple[Reason, ...]


def check_planogram(document: ShopDocument) -> tuple[CheckedBin, ...]:
    """Every bin that holds something, in the document's order."""
    parts = {part.number: part for part in document.parts}
    return tuple(
        _check(cabinet.id, bin_, parts) for cabinet in document.cabinets for bin_ in cabinet.bins if bin_.parts
    )


def _check(cabinet: str, bin_: Bin, catalogue: Mapping[str, Part]) -> CheckedBin:
    parts = tuple(catalogue[placed.part] for placed in bin_.parts)
    cell = CELLS[bin_.cell]
    check = check_bin(cell, tuple(_placed(bin_, catalogue)))
    verdict, reasons = check.verdict, list(_reasons(check))
    tagged = [part.number for part in parts if part.gtin]
    if verdict == "refused" and tagged and not check.too_light:
        with_tags = check_bin(cell, tuple(_placed(bin_, catalogue)), tagged)
        if with_tags.verdict != "refused":
            verdict = "warned"
            reasons.insert(0, Reason("only_tags", tuple(tagged)))
    if no_mass := tuple(part.number for part in parts if part.unit == "piece" and part.unit_mass_mg <= 0):
        verdict = "refused" if len(parts) > 1 else _at_least_warned(verdict)
        reasons += [Reason("no_mass" if len(parts) > 1 else "no_mass_alone", (part,)) for part in no_mass]
    full_mg = check.full_mg + _bulk_mg(bin_, catalogue)
    if full_mg > cell.capacity_mg:
        verdict = _at_least_warned(verdict)
        reasons.append(Reason("overloaded", ()))
    return CheckedBin(cabinet, bin_.bin, cell, parts, verdict, check, full_mg, tuple(reasons))


def _at_least_warned(verdict: Finding) -> Finding:
    return "warned" if verdict == "fine" else verdict


def _placed(bin_: Bin, catalogue: Mapping[str, Part]) -> Iterator[PlacedPart]:
    """The parts that are counted by weight."""
    for placed in bin_.parts:
        part = catalogue[placed.part]
        if part.unit == "piece" and part.unit_mass_mg > 0:
            yield PlacedPart(part.number, Mass(part.unit_mass_mg, part.spread_mg), placed.capacity)


def _bulk_mg(bin_: Bin, catalogue: Mapping[str, Part]) -> int:
    return sum(placed.capacity * 1000 for placed in bin_.parts if catalogue[placed.part].unit == "gram")


def _reasons(check: BinCheck) -> Iterator[Reason]:
    yield from (Reason("too_light", (part,)) for part in check.too_light)
    if check.wrong_ppm > WARN_WRONG_PPM or check.verdict == "refused":
        yield from (Reason("alike", pair) for pair in check.alike)
