"""What differs between two planograms of a dealer, and what that means for what lies in the bins. Pure, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge_gateway.shop_document import Bin, BinPart, Cabinet, Part, ShopDocument
from page_kit.language import Language, Say, Texts
from page_kit.quantity import quantity

TEXTS: Texts = {
    "place": ("{cabinet} 货位 {bin}", "{cabinet} bin {bin}"),
    "cabinet_new": ("新货柜 {cabinet}", "new cabinet {cabinet}"),
    "cabinet_changed": (
        "货柜 {cabinet} 改了名称、门数或要密码的门",
        "cabinet {cabinet} is called otherwise, has other doors, or other doors ask for a PIN",
    ),
    "bin_new": ("新货位", "new bin"),
    "bin_gone": ("货位不再属于你", "the bin is no longer yours"),
    "part_new": ("放入 {part}", "{part} comes in"),
    "part_gone": ("撤走 {part}", "{part} goes out"),
    "figure_changed": ("{part}：{figure} {before} → {after}", "{part}: {figure} {before} → {after}"),
    "capacity": ("容量", "capacity"),
    "reorder_point": ("补货点", "reorder point"),
    "order_up_to": ("补到", "fill up to"),
    "dead_band": ("忽略变化（克）", "ignored below (grams)"),
    "opening": ("初始数量", "opening stock"),
    "cell_changed": ("传感器 {before} → {after}", "load cell {before} → {after}"),
    "order_changed": ("配件换了顺序", "parts in another order"),
    "mass_changed": ("{part}：单件质量 {before} → {after} 克", "{part}: unit mass {before} → {after} g"),
    "still_holds": (
        "里面还有 {quantity} {part}：台账不会悄悄改掉，网关会请人清点这个货位（一条差异），点清前不记新的初始数量",
        "it still holds {quantity} of {part}: nothing is rewritten in silence; the gateway asks a person what is in "
        "the bin (a discrepancy), and books no new opening stock before that is answered",
    ),
    "over_capacity": (
        "现有 {quantity} {part}，比新容量多",
        "it holds {quantity} of {part}, more than its new capacity",
    ),
    "low_at_once": (
        "现有 {quantity} {part}，低于新补货点：网关会马上要货",
        "it holds {quantity} of {part}, at or below its new reorder point: the gateway asks for more at once",
    ),
    "opening_ignored": (
        "台账已经记过 {part} 在这个货位，初始数量不会再记",
        "the ledger has booked {part} in this bin before: its opening stock is not booked again",
    ),
    "requested_gone": (
        "{part} 的要货会撤销",
        "the open request for {part} ends",
    ),
}
SAYS: Mapping[Language, Say] = {language: Say(language, TEXTS) for language in ("zh", "en")}
_FIGURES = ("capacity", "reorder_point", "order_up_to", "dead_band", "opening")


@dataclass(frozen=True)
class Told:
    """One thing that differs, or a warning about it, by its key and values; `unit` of quantities among them."""

    cabinet: str
    bin: int
    key: str
    values: Mapping[str, object]
    warns: bool = False

    def sentence(self, language: Language) -> str:
        """In words, without the place."""
        say = SAYS[language]
        values = {name: say(str(value)) if name == "figure" else value for name, value in self.values.items()}
        if "unit" in values:
            values["quantity"] = quantity(int(str(values["quantity"])), str(values.pop("unit")), language)
        return say(self.key, **values)


@dataclass(frozen=True)
class Running:
    """What the ledger says of a dealer's bins: (cabinet, bin, part) to stock, 0 where there once was some."""

    stock: Mapping[tuple[str, int, str], int]
    requested: frozenset[tuple[str, int, str]] = frozenset()


def changes(before: ShopDocument, after: ShopDocument, running: Running | None = None) -> list[Told]:
    """Everything that differs from one view of a dealer's to another, bin by bin."""
    told = list(_cabinets(before, after))
    old, new = _bins(before), _bins(after)
    units = {part.number: part.unit for part in (*before.parts, *after.parts)}
    masses = _masses(before), _masses(after)
    for place in sorted({*old, *new}):
        told += _bin_changes(place, old.get(place), new.get(place), masses)
        if running is not None and old.get(place) != new.get(place):
            told += _warnings(place, old.get(place), new.get(place), running, units)
    return told


def _cabinets(before: ShopDocument, after: ShopDocument) -> Iterator[Told]:
    known = {cabinet.id: cabinet for cabinet in before.cabinets}
    for cabinet in after.cabinets:
        old = known.get(cabinet.id)
        if old is None:
            yield Told(cabinet.id, 0, "cabinet_new", {"cabinet": cabinet.id})
        elif _said_of(old) != _said_of(cabinet):
            yield Told(cabinet.id, 0, "cabinet_changed", {"cabinet": cabinet.id})


def _said_of(cabinet: Cabinet) -> tuple[object, ...]:
    return cabinet.name_zh, cabinet.name_en, cabinet.doors, cabinet.pin_doors


def _bins(document: ShopDocument) -> dict[tuple[str, int], Bin]:
    return {(cabinet.id, bin_.bin): bin_ for cabinet in document.cabinets for bin_ in cabinet.bins}


def _masses(document: ShopDocument) -> dict[str, Part]:
    return {part.number: part for part in document.parts}


def _bin_changes(
    place: tuple[str, int], old: Bin | None, new: Bin | None, parts: tuple[Mapping[str, Part], Mapping[str, Part]]
) -> Iterator[Told]:
    if old is None:
        yield Told(*place, "bin_new", {})
    if new is None:
        yield Told(*place, "bin_gone", {})
        return
    was = {placed.part: placed for placed in old.parts} if old else {}
    now = {placed.part: placed for placed in new.parts}
    for part in was:
        if part not in now:
            yield Told(*place, "part_gone", {"part": part})
    for part, placed in now.items():
        if part not in was:
            yield Told(*place, "part_new", {"part": part})
        else:
            yield from _figures(place, was[part], placed)
            yield from _mass(place, parts[0].get(part), parts[1].get(part))
    if set(was) == set(now) and list(was) != list(now):
        yield Told(*place, "order_changed", {})
    if old is not None and old.cell != new.cell:
        yield Told(*place, "cell_changed", {"before": old.cell, "after": new.cell})


def _figures(place: tuple[str, int], was: BinPart, now: BinPart) -> Iterator[Told]:
    for name in _FIGURES:
        before, after = getattr(was, name), getattr(now, name)
        if before != after:
            values = {"part": now.part, "figure": name, "before": _shown(before), "after": _shown(after)}
            yield Told(*place, "figure_changed", values)


def _shown(value: int | None) -> str:
    return "–" if value is None else str(value)


def _mass(place: tuple[str, int], was: Part | None, now: Part | None) -> Iterator[Told]:
    if was is not None and now is not None and was.unit_mass_mg != now.unit_mass_mg:
        values = {"part": now.number, "before": was.unit_mass_mg / 1000, "after": now.unit_mass_mg / 1000}
        yield Told(*place, "mass_changed", values)


def _warnings(
    place: tuple[str, int], old: Bin | None, new: Bin | None, running: Running, units: Mapping[str, str]
) -> Iterator[Told]:
    was = {placed.part: placed for placed in old.parts} if old else {}
    now = {placed.part: placed for placed in new.parts} if new else {}
    for part in was:
        if part not in now:
            yield from _gone(place, part, running, units)
    for part, placed in now.items():
        held = running.stock.get((*place, part))
        if part not in was and placed.opening and held is not None:
            yield Told(*place, "opening_ignored", {"part": part}, warns=True)
        if held is not None and placed != was.get(part):
            yield from _held(place, placed, was.get(part), held, units.get(part, "piece"))


def _gone(place: tuple[str, int], part: str, running: Running, units: Mapping[str, str]) -> Iterator[Told]:
    held = running.stock.get((*place, part), 0)
    if held:
        values = {"part": part, "quantity": held, "unit": units.get(part, "piece")}
        yield Told(*place, "still_holds", values, warns=True)
    if (*place, part) in running.requested:
        yield Told(*place, "requested_gone", {"part": part}, warns=True)


def _held(place: tuple[str, int], placed: BinPart, was: BinPart | None, held: int, unit: str) -> Iterator[Told]:
    values = {"part": placed.part, "quantity": held, "unit": unit}
    if placed.capacity and held > placed.capacity and (was is None or was.capacity != placed.capacity):
        yield Told(*place, "over_capacity", values, warns=True)
    was_low = was is not None and was.order_up_to > 0 and held <= was.reorder_point
    if placed.order_up_to and held <= placed.reorder_point and not was_low:
        yield Told(*place, "low_at_once", values, warns=True)
