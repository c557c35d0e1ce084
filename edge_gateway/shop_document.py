"""The shop's document: what the cloud owns and a gateway needs, as one versioned whole.

Pure; imported by both sides, and the only definition. The cloud answers it from `GET /api/gateway/document`
(a long poll); the gateway keeps the newest and works from it for as long as it hears nothing.
Masses are milligrams, quantities whole pieces or grams, money minor units of `currency`. Parts and bins leave out what
has its default, so that a gateway of before reads a document that says nothing new to it.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from edge_gateway.sgtin import check_digit

Unit = Literal["piece", "gram"]
CellName = Literal["c3-10kg", "c3-50kg", "c3-150kg", "cheap-10kg"]  # the classes of load cells: counting/cells.py
DEFAULT_CELL: CellName = "c3-10kg"
Role = Literal["mechanic", "restocker", "shop_owner"]

NAME_CHARACTERS_MAX = 64
OPENING_MAX = 10_000_000
DOORS_MAX = 16


class DocumentError(ValueError):
    """A shop's document cannot be understood; the text says what was expected and what was found."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A catalogue item. `unit_mass_mg` 0: not known, so nothing can be counted by weight.

    `gtin`: the number its tags carry (8, 12, 13 or 14 digits), "" when its pieces have no tags.
    """

    number: str
    name_zh: str
    name_en: str
    unit: Unit = "piece"
    brand: str = ""
    unit_mass_mg: int = 0
    spread_mg: int = 0  # standard deviation of one piece's mass
    pack_size: int = 1
    price_minor: int = 0
    currency: str = "CNY"
    gtin: str = ""


class BinPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part in a bin: how much of it fits, and its policy."""

    part: str
    capacity: int = 0
    reorder_point: int = 0
    order_up_to: int = 0
    dead_band: int = 0  # grams, for bulk: smaller changes are not booked
    opening: int | None = None  # counted when the bin was first filled


class Bin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One bin of a cabinet's planogram, with its first part as a `BinPart` names it. `part` "": the bin has none.

    `also`: further parts that lie in the same bin. `dealer`: whose it is, "" for the document's. `cell`: the class of
    its load cell.
    """

    bin: int
    part: str = ""
    dealer: str = ""
    capacity: int = 0
    reorder_point: int = 0
    order_up_to: int = 0
    dead_band: int = 0
    opening: int | None = None
    also: list[BinPart] = []
    cell: CellName = DEFAULT_CELL

    @property
    def parts(self) -> tuple[BinPart, ...]:
        """Every part of the bin; () when it has none."""
        if not self.part:
            return ()
        first = BinPart(self.part, self.capacity, self.reorder_point, self.order_up_to, self.dead_band, self.opening)
        return (first, *self.also)


class Cabinet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One cabinet and its planogram (陈列图). `pin_doors`: the doors that ask for a PIN beside a badge, dear parts'."""

    id: str
    name_zh: str
    name_en: str
    bins: list[Bin]
    doors: int = 1
    pin_doors: list[int] = []


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody with badges: hexadecimal UIDs in upper case, as `docs/mqtt.md` normalises them.

    `pin_reset_ms`: a PIN chosen before then counts no more, and a new one may be chosen for a day. The PIN itself never
    leaves the shop.
    """

    id: str
    name: str
    role: Role
    badges: list[str]
    pin_reset_ms: int = 0


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A repair order (工单) that can be charged."""

    id: str
    title: str
    plate: str = ""
    vin: str = ""


class ShopDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a gateway needs to know about its shop."""

    version: int
    shop: str
    shop_name: str
    dealer: str
    dealer_name: str
    parts: list[Part]
    cabinets: list[Cabinet]
    people: list[Person]
    jobs: list[Job]
    access_days: int = 30  # how long an access list is good for without a newer one


encode_document = msgspec.json.Encoder().encode
_decode_document = msgspec.json.Decoder(ShopDocument).decode


def decode_document(data: bytes) -> ShopDocument:
    """A document, checked for references that lead nowhere (`DocumentError`)."""
    try:
        document = _decode_document(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DocumentError(f"expected a shop's document, found {data[:60]!r} ({error})") from error
    check_document(document)
    return document


def check_document(document: ShopDocument) -> None:
    """Refuse doubled or unusable names, bins that name an unknown part, and what lies outside its limits."""
    _check_names("shop", [document.shop])
    _check_names("dealer", [document.dealer])
    _check_names("part", [part.number for part in document.parts])
    _check_names("person", [person.id for person in document.people])
    _check_names("job", [job.id for job in document.jobs])
    _refuse_doubles("part", [part.number for part in document.parts])
    _refuse_doubles("cabinet", [cabinet.id for cabinet in document.cabinets])
    _refuse_doubles("person", [person.id for person in document.people])
    _refuse_doubles("badge", [badge for person in document.people for badge in person.badges])
    _refuse_doubles("job", [job.id for job in document.jobs])
    _check_gtins(document.parts)
    parts = {part.number: part for part in document.parts}
    for cabinet in document.cabinets:
        _refuse_doubles(f"bin of {cabinet.id}", [bin_.bin for bin_ in cabinet.bins])
        _check_pin_doors(cabinet)
        for bin_ in cabinet.bins:
            _check_bin(f"bin {bin_.bin} of {cabinet.id}", bin_, parts)


def _check_pin_doors(cabinet: Cabinet) -> None:
    _refuse_doubles(f"door with a PIN of {cabinet.id}", cabinet.pin_doors)
    for door in cabinet.pin_doors:
        if not 1 <= door <= min(cabinet.doors, DOORS_MAX):
            raise DocumentError(f"expected doors 1 to {cabinet.doors} with a PIN in {cabinet.id}, found {door}")


def _check_bin(where: str, bin_: Bin, parts: Mapping[str, Part]) -> None:
    if not 1 <= bin_.bin <= 64:
        raise DocumentError(f"expected bins numbered 1 to 64, found {where}")
    if bin_.also and not bin_.part:
        raise DocumentError(f"expected a first part in {where}, found only others: {bin_.also[0].part!r}")
    for placed in bin_.parts:
        if placed.part not in parts:
            raise DocumentError(f"expected a known part in {where}, found {placed.part!r}")
        if bin_.also and parts[placed.part].unit == "gram":
            raise DocumentError(f"expected loose parts alone in {where}, found {placed.part!r} beside others")
        if not 0 <= (placed.opening or 0) <= OPENING_MAX:
            raise DocumentError(
                f"expected 0 to {OPENING_MAX} counted of {placed.part} in {where}, found {placed.opening}"
            )
    _refuse_doubles(f"part in {where}", [placed.part for placed in bin_.parts])


def _check_gtins(parts: Sequence[Part]) -> None:
    """A tag's number that two parts share, or that was mistyped, would book one part as another."""
    gtins = [part.gtin.zfill(14) for part in parts if part.gtin]
    _refuse_doubles("GTIN", gtins)
    for part in parts:
        if part.gtin and not is_gtin(part.gtin):
            raise DocumentError(
                f"expected {part.number} with a GTIN of 8, 12, 13 or 14 digits and a sound check digit, "
                f"found {part.gtin!r}"
            )


def is_gtin(text: str) -> bool:
    """Whether a text is a GTIN of 8, 12, 13 or 14 digits with a sound check digit."""
    is_number = len(text) in {8, 12, 13, 14} and text.isascii() and text.isdigit()
    return is_number and check_digit(text[:-1]) == text[-1]


def places_of(document: ShopDocument, part: str, near: str) -> tuple[tuple[str, int], ...]:
    """Every (cabinet, bin) that the planogram puts a part into, those of cabinet `near` first."""
    cabinets = sorted(document.cabinets, key=lambda cabinet: cabinet.id != near)
    return tuple(
        (cabinet.id, bin_.bin)
        for cabinet in cabinets
        for bin_ in cabinet.bins
        if any(placed.part == part for placed in bin_.parts)
    )


def _check_names(what: str, names: list[str]) -> None:
    """Names become parts of accounts and of identities, which databases bound."""
    for name in names:
        if not 1 <= len(name) <= NAME_CHARACTERS_MAX or "\0" in name:
            raise DocumentError(
                f"expected a {what} named by 1 to {NAME_CHARACTERS_MAX} characters, found {name[:70]!r}"
            )


def check_units(document: ShopDocument, before: ShopDocument) -> None:
    """Refuse a part whose unit is another than before: its bookings would be read as another quantity."""
    units = {part.number: part.unit for part in before.parts}
    for part in document.parts:
        if units.get(part.number, part.unit) != part.unit:
            unit = units[part.number]
            raise DocumentError(f"expected {part.number} in {unit}s for ever, as it was booked, found {part.unit}s")


def _refuse_doubles(what: str, keys: list[str] | list[int]) -> None:
    seen: set[str | int] = set()
    for key in keys:
        if key in seen:
            raise DocumentError(f"expected each {what} once, found {key!r} twice")
        seen.add(key)
