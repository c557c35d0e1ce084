"""A cabinet drawn as it looks: its doors, three bins wide, with a stock bar in every bin.

Draws what it is handed; it never reads data. The kiosk, the dealer's pages and the testers' bench share it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from page_kit.language import Say, Texts
from page_kit.look import box, press_card, text
from page_kit.quantity import amount_and_unit

TEXTS: Texts = {
    "bin_low": ("低于补货点", "Below the reorder point"),
    "bin_open_question": ("有未解决的差异", "An open discrepancy"),
    "bin_no_part": ("空位", "No part"),
    "bin_place": ("货位 {bin}", "Bin {bin}"),
    "key_stock": ("库存占容量", "Stock of capacity"),
    "key_point": ("补货点", "Reorder point"),
    "key_low": ("该补货", "Low"),
    "key_question": ("数目存疑", "Count in doubt"),
    "door": ("{door} 号门", "Door {door}"),
}


@dataclass(frozen=True, slots=True)
class BinFace:
    """What one bin shows. `stock` is what the ledger says; `in_doubt` counts its open discrepancies."""

    bin: int
    part: str = ""
    name: str = ""
    unit: str = "piece"
    stock: int = 0
    capacity: int = 0
    reorder_point: int = 0
    in_doubt: int = 0

    @property
    def low(self) -> bool:
        """Whether the stock has reached the point at which the dealer should bring more."""
        return bool(self.part) and self.reorder_point > 0 and self.stock <= self.reorder_point


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
    tile = press_card(lambda: press(face), classes) if press and face.part else box(classes)
    tile.props["aria-label"] = f"{say('bin_place', bin=face.bin)} {face.name}"
    with tile:
        _draw_head(say, face)
        text(face.name if face.part else say("bin_no_part"), "pb-bin-name" if face.part else "pb-bin-name pb-soft")
        if face.part:
            _draw_stock(say, face)


def _state(face: BinFace) -> str:
    if face.in_doubt:
        return "is-wrong"
    if not face.part:
        return "is-empty"
    return "is-low" if face.low else ""


def _draw_head(say: Say, face: BinFace) -> None:
    with box("pb-bin-head"):
        text(str(face.bin), "pb-bin-place")
        if face.in_doubt:
            text("?", "pb-bin-mark").props["title"] = say("bin_open_question")
        elif face.low:
            text("!", "pb-bin-mark is-low").props["title"] = say("bin_low")


def _draw_stock(say: Say, face: BinFace) -> None:
    number, unit = amount_and_unit(face.stock, face.unit, say.language)
    with box("pb-bin-stock"):
        text(number, "pb-number")
        text(unit, "pb-unit")
    stock_bar(face.stock, face.capacity, face.reorder_point, face.low)
