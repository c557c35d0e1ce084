"""A cabinet drawn as it looks: its doors, three bins wide, with a stock bar for every part of a bin.

Draws what it is handed; it never reads data. The kiosk, the dealer's pages and the testers' bench share it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from page_kit.language import Say, Texts
from page_kit.look import box, press_card, text
from page_kit.quantity import amount_and_unit, quantity

TEXTS: Texts = {
    "bin_low": ("低于补货点", "Below the reorder point"),
    "bin_open_question": ("有未解决的差异", "An open discrepancy"),
    "bin_no_part": ("空位", "No part"),
    "bin_place": ("货位 {bin}", "Bin {bin}"),
    "astray_here": ("放错货位，应在 {bin} 号货位", "Belongs to bin {bin}"),
    "astray_elsewhere": ("放错货柜，应在{cabinet} {bin} 号货位", "Belongs to {cabinet}, bin {bin}"),
    "astray_nowhere": ("这里没有它的货位", "Has no bin in this shop"),
    "key_stock": ("库存占容量", "Stock of capacity"),
    "key_point": ("补货点", "Reorder point"),
    "key_low": ("该补货", "Low"),
    "key_question": ("数目存疑", "Count in doubt"),
    "door": ("{door} 号门", "Door {door}"),
}


@dataclass(frozen=True, slots=True)
class PartFace:
    """What a bin shows of one part. `stock` is what the ledger says; `astray` says where it belongs, if not here."""

    part: str
    name: str = ""
    unit: str = "piece"
    stock: int = 0
    capacity: int = 0
    reorder_point: int = 0
    astray: str = ""

    @property
    def low(self) -> bool:
        """Whether the stock has reached the point at which the dealer should bring more."""
        return self.reorder_point > 0 and self.stock <= self.reorder_point


@dataclass(frozen=True, slots=True)
class BinFace:
    """What one bin shows; `in_doubt` counts its open discrepancies."""

    bin: int
    parts: tuple[PartFace, ...] = ()
    in_doubt: int = 0

    @property
    def low(self) -> bool:
        """Whether the dealer should bring more of any of its parts."""
        return any(part.low for part in self.parts)


def astray(say: Say, here: str, places: Sequence[tuple[str, int]], cabinet_name: Callable[[str], str]) -> str:
    """Where a part belongs that lies in a bin of cabinet `here`: `places` are (cabinet, bin), the nearest first."""
    if not places:
        return say("astray_nowhere")
    cabinet, number = places[0]
    if cabinet == here:
        return say("astray_here", bin=number)
    return say("astray_elsewhere", cabinet=cabinet_name(cabinet), bin=number)


def split_doors(bins: Sequence[BinFace], doors: int) -> list[Sequence[BinFace]]:
    """The bins behind each door: in order, evenly, the first doors taking what is left over."""
    doors = max(1, doors)
    size, rest = divmod(len(bins), doors)
    shares: list[Sequence[BinFace]] = []
    at = 0
    for door in range(doors):
        end = at + size + (1 if door < rest else 0)
        shares.append(bins[at:end])
        at = end
    return [share for share in shares if share]


def draw_cabinet(say: Say, bins: Sequence[BinFace], doors: int, press: Callable[[BinFace], Any] | None = None) -> None:
    """All bins of a cabinet, door by door; `press` is called with the bin that is pressed."""
    with box("pb-doors"):
        for share in split_doors(bins, doors):
            with box("pb-door"), box("pb-bins"):
                for face in share:
                    _draw_bin(say, face, press)


def draw_key(say: Say) -> None:
    """What the marks in a bin mean."""
    with box("pb-key"):
        with box("pb-row"):
            stock_bar(6, 10, 0, low=False)
            text(say("key_stock"))
        with box("pb-row"):
            stock_bar(2, 10, 4, low=True)
            text(f"{say('key_low')} · {say('key_point')}")
        with box("pb-row"):
            text("?", "pb-bin-mark")
            text(say("key_question"))


def stock_bar(stock: int, capacity: int, reorder_point: int, low: bool) -> None:
    """How full something is, with a stroke where more should be ordered."""
    with box("pb-bar"):
        box("pb-bar-fill is-low" if low else "pb-bar-fill").style(f"width:{_percent(stock, capacity)}%")
        if 0 < reorder_point < capacity:
            box("pb-bar-point").style(f"left:{_percent(reorder_point, capacity)}%")


def _percent(part: int, whole: int) -> int:
    return min(100, max(0, 100 * part // whole)) if whole > 0 else 0


def _draw_bin(say: Say, face: BinFace, press: Callable[[BinFace], Any] | None) -> None:
    classes = f"pb-bin {_state(face)}"
    tile = press_card(lambda: press(face), classes) if press and face.parts else box(classes)
    tile.props["aria-label"] = " ".join([say("bin_place", bin=face.bin), *(part.name for part in face.parts)])
    with tile:
        _draw_head(say, face)
        if not face.parts:
            text(say("bin_no_part"), "pb-bin-name pb-soft")
        elif len(face.parts) == 1 and not face.parts[0].astray:
            text(face.parts[0].name, "pb-bin-name")
            _draw_stock(say, face.parts[0])
        else:
            for part in face.parts:
                _draw_part(say, part)


def _state(face: BinFace) -> str:
    if face.in_doubt:
        return "is-wrong"
    if not face.parts:
        return "is-empty"
    return "is-low" if face.low else ""


def _draw_head(say: Say, face: BinFace) -> None:
    with box("pb-bin-head"):
        text(str(face.bin), "pb-bin-place")
        if face.in_doubt:
            text("?", "pb-bin-mark").props["title"] = say("bin_open_question")
        elif face.low:
            text("!", "pb-bin-mark is-low").props["title"] = say("bin_low")


def _draw_stock(say: Say, part: PartFace) -> None:
    number, unit = amount_and_unit(part.stock, part.unit, say.language)
    with box("pb-bin-stock"):
        text(number, "pb-number")
        text(unit, "pb-unit")
    stock_bar(part.stock, part.capacity, part.reorder_point, part.low)


def _draw_part(say: Say, part: PartFace) -> None:
    """One of several parts, in two lines."""
    with box("pb-bin-part"):
        text(part.name, "pb-bin-name")
        text(quantity(part.stock, part.unit, say.language), "pb-strong pb-small is-low" if part.low else "pb-small")
        if part.astray:
            text(part.astray, "is-wrong pb-small")
        else:
            stock_bar(part.stock, part.capacity, part.reorder_point, part.low)
