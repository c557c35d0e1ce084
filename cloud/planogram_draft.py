"""A changed planogram before it is in force: what a dealer puts where, laid over the shop's whole document.

Pure. A dealer's draft names bins of its own alone; `laid_over` puts them into the document, in which the bins of every
other dealer stay as they are and what they hold is told to nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from msgspec import structs

from cloud.document_parts import parts_of
from cloud.people.rules import RefusedError
from cloud.shop_views import owner_of
from cloud.tenancy import NotFoundError
from edge_gateway.shop_document import (
    DEFAULT_CELL,
    NAME_CHARACTERS_MAX,
    OPENING_MAX,
    Bin,
    BinPart,
    Cabinet,
    CellName,
    Part,
    ShopDocument,
)

CELLS: Final[tuple[str, ...]] = get_args(CellName)
PARTS_MAX = 12  # in one bin
BINS_MAX = 64
CABINETS_MAX = 64
DOORS_MAX = 16


@dataclass(frozen=True)
class BinDraft:
    """What a bin is to hold. `hand_over`: the dealer it is to belong to from now on, "" for the shop's own."""

    cabinet: str
    bin: int
    parts: tuple[BinPart, ...] = ()
    cell: CellName = DEFAULT_CELL
    hand_over: str | None = None


@dataclass(frozen=True)
class CabinetDraft:
    """A cabinet that is new, or is called otherwise. `pin_doors` None: they ask for a PIN as before."""

    id: str
    name_zh: str = ""
    name_en: str = ""
    doors: int = 1
    pin_doors: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Draft:
    """Changed bins and cabinets; `seen` is the version they were changed in."""

    seen: int
    bins: tuple[BinDraft, ...] = ()
    cabinets: tuple[CabinetDraft, ...] = ()


def laid_over(document: ShopDocument, dealer: str, draft: Draft, known: Mapping[str, Part]) -> ShopDocument:
    """The document as the draft wants it (`RefusedError`, `NotFoundError`). `known`: the dealer's catalogue."""
    _check_draft(draft)
    document = _with_cabinets(document, dealer, draft.cabinets)
    for wanted in draft.bins:
        document = _with_bin(document, dealer, wanted)
    return _with_parts(document, dealer, draft, known)


# ---- cabinets ----


def _with_cabinets(document: ShopDocument, dealer: str, wanted: Sequence[CabinetDraft]) -> ShopDocument:
    cabinets = {cabinet.id: cabinet for cabinet in document.cabinets}
    for draft in wanted:
        if dealer != document.dealer:
            raise RefusedError("expected a cabinet of the shop's own dealer to change, found one of another")
        before = cabinets.get(draft.id) or Cabinet(id=draft.id, name_zh="", name_en="", bins=[])
        cabinets[draft.id] = structs.replace(
            before,
            name_zh=draft.name_zh,
            name_en=draft.name_en,
            doors=draft.doors,
            pin_doors=before.pin_doors if draft.pin_doors is None else sorted(draft.pin_doors),
        )
    if len(cabinets) > CABINETS_MAX:
        raise RefusedError(f"expected at most {CABINETS_MAX} cabinets, found {len(cabinets)}")
    return structs.replace(document, cabinets=list(cabinets.values()))


# ---- bins ----


def _with_bin(document: ShopDocument, dealer: str, wanted: BinDraft) -> ShopDocument:
    cabinet = next((found for found in document.cabinets if found.id == wanted.cabinet), None)
    if cabinet is None:
        raise NotFoundError(f"expected a cabinet of yours, found {wanted.cabinet!r}")
    before = next((found for found in cabinet.bins if found.bin == wanted.bin), None)
    if before is None and dealer != document.dealer:
        raise NotFoundError(f"expected a bin of yours, found bin {wanted.bin} of {wanted.cabinet}")
    if before is not None and owner_of(document, before) != dealer:
        if dealer == document.dealer:  # that the bin is there is no secret: it hangs in the host's own cabinet
            raise RefusedError(
                f"expected a bin of yours, found bin {wanted.bin} of {wanted.cabinet} with another dealer"
            )
        raise NotFoundError(f"expected a bin of yours, found bin {wanted.bin} of {wanted.cabinet}")
    made = _bin(wanted, before, document.dealer)
    bins = sorted([made, *(found for found in cabinet.bins if found.bin != wanted.bin)], key=lambda found: found.bin)
    changed = structs.replace(cabinet, bins=bins)
    return structs.replace(
        document, cabinets=[changed if found.id == cabinet.id else found for found in document.cabinets]
    )


def _bin(wanted: BinDraft, before: Bin | None, host: str) -> Bin:
    owner = before.dealer if before is not None else ""
    if wanted.hand_over is not None:
        if wanted.parts:
            raise RefusedError(
                f"expected an empty bin to hand over, found parts in bin {wanted.bin} of {wanted.cabinet}"
            )
        owner = "" if wanted.hand_over == host else wanted.hand_over
    if not wanted.parts:
        return Bin(bin=wanted.bin, dealer=owner, cell=wanted.cell)
    first, *also = wanted.parts
    return Bin(
        bin=wanted.bin,
        part=first.part,
        dealer=owner,
        capacity=first.capacity,
        reorder_point=first.reorder_point,
        order_up_to=first.order_up_to,
        dead_band=first.dead_band,
        opening=first.opening,
        also=also,
        cell=wanted.cell,
    )


# ---- parts ----


def _with_parts(document: ShopDocument, dealer: str, draft: Draft, known: Mapping[str, Part]) -> ShopDocument:
    """Bring along what the catalogue says of the parts that the draft puts somewhere."""
    placed = dict.fromkeys(part.part for bin_ in draft.bins for part in bin_.parts)
    there = {part.number: part for part in document.parts}
    owners = {owner_of(document, bin_) for cabinet in document.cabinets for bin_ in cabinet.bins}
    others = {number for other in owners - {dealer} for number in parts_of(document, other)}
    parts = dict(there)
    for number in placed:
        parts[number] = _part(number, there.get(number), known.get(number), number in others)
    return structs.replace(document, parts=list(parts.values()))


def _part(number: str, there: Part | None, known: Part | None, shared: bool) -> Part:
    if known is None:
        if there is None or shared:
            raise RefusedError(f"expected a part of your catalogue, found {number!r}")
        return there
    if there is None:
        return known
    if known.unit != there.unit:
        raise RefusedError(f"expected {number} in {there.unit}s for ever, as it was booked, found {known.unit}s")
    if shared:
        if _counted(known) != _counted(there):
            # Two dealers' parts under one number could not be told apart in the shop's ledger.
            raise RefusedError(
                f"expected a number that means one part in this shop, found {number!r}: give yours another"
            )
        return there
    if not known.unit_mass_mg:
        known = structs.replace(known, unit_mass_mg=there.unit_mass_mg, spread_mg=there.spread_mg)
    return structs.replace(known, price_minor=known.price_minor or there.price_minor)


def _counted(part: Part) -> tuple[int, int, str]:
    return part.unit_mass_mg, part.spread_mg, part.gtin


# ---- what a draft may say ----


def _check_draft(draft: Draft) -> None:
    places = [(bin_.cabinet, bin_.bin) for bin_ in draft.bins]
    if len(set(places)) != len(places):
        raise RefusedError("expected each bin once, found one twice")
    for cabinet in draft.cabinets:
        _check_cabinet(cabinet)
    for bin_ in draft.bins:
        for sentence in _wrong(bin_):
            raise RefusedError(f"{sentence} in bin {bin_.bin} of {bin_.cabinet}")


def _check_cabinet(cabinet: CabinetDraft) -> None:
    letters = set("abcdefghijklmnopqrstuvwxyz0123456789-")
    if not 1 <= len(cabinet.id) <= 32 or not set(cabinet.id) <= letters:
        raise RefusedError(f"expected a cabinet's id of 1 to 32 letters a-z, digits and -, found {cabinet.id[:40]!r}")
    if not 1 <= cabinet.doors <= DOORS_MAX:
        raise RefusedError(f"expected 1 to {DOORS_MAX} doors, found {cabinet.doors}")
    if any(not 1 <= door <= cabinet.doors for door in cabinet.pin_doors or ()):
        raise RefusedError(f"expected doors 1 to {cabinet.doors} that ask for a PIN, found {cabinet.pin_doors}")
    for name in (cabinet.name_zh, cabinet.name_en):
        if len(name) > NAME_CHARACTERS_MAX or any(ord(letter) < 32 for letter in name):
            raise RefusedError(f"expected a name of at most {NAME_CHARACTERS_MAX} characters, found {name[:70]!r}")


def _wrong(bin_: BinDraft) -> Iterator[str]:
    if not 1 <= bin_.bin <= BINS_MAX:
        yield f"expected bins numbered 1 to {BINS_MAX}, found {bin_.bin}"
    if bin_.cell not in CELLS:
        yield f"expected a cell of {', '.join(CELLS)}, found {bin_.cell!r}"
    if len(bin_.parts) > PARTS_MAX:
        yield f"expected at most {PARTS_MAX} parts, found {len(bin_.parts)}"
    if len({placed.part for placed in bin_.parts}) != len(bin_.parts):
        yield "expected each part once, found one twice"
    for placed in bin_.parts:
        yield from _wrong_policy(placed)


def _wrong_policy(placed: BinPart) -> Iterator[str]:
    for name in ("capacity", "reorder_point", "order_up_to", "dead_band", "opening"):
        value = getattr(placed, name) or 0
        if not 0 <= value <= OPENING_MAX:
            yield f"expected 0 to {OPENING_MAX} as {name.replace('_', ' ')} of {placed.part}, found {value}"
    if placed.capacity and placed.order_up_to > placed.capacity:
        yield f"expected {placed.part} filled up to its capacity of {placed.capacity}, found {placed.order_up_to}"
    if placed.order_up_to and placed.reorder_point >= placed.order_up_to:
        yield (
            f"expected a reorder point of {placed.part} below {placed.order_up_to}, to which it is filled up, "
            f"found {placed.reorder_point}"
        )
