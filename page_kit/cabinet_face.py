"""A cabinet drawn as it looks: its doors, three bins wide, with a stock bar for every part of a bin.

Draws what it is handed; it never reads data. The kiosk, the dealer's pages and the testers' bench share it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from page_kit.language import Say, Texts
from page_kit.markup import Markup, box, on_press, show, tag
from page_kit.quantity import amount_and_unit, quantity

T = TypeVar("T")

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
    """What one bin shows; `in_doubt` counts its open discrepancies, `sure` says how sure and how old its count is.

    `sought`: it is the one somebody looks for.
    """

    bin: int
    parts: tuple[PartFace, ...] = ()
    in_doubt: int = 0
    sought: bool = False
    sure: str = ""

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


def split_doors(bins: Sequence[T], doors: int) -> list[Sequence[T]]:
    """The bins behind each door: in order, evenly, the first doors taking what is left over."""
    doors = max(1, doors)
    size, rest = divmod(len(bins), doors)
    shares: list[Sequence[T]] = []
    at = 0
    for door in range(doors):
        end = at + size + (1 if door < rest else 0)
        shares.append(bins[at:end])
        at = end
    return [share for share in shares if share]


def draw_cabinet(say: Say, bins: Sequence[BinFace], doors: int, press: Callable[[BinFace], Any] | None = None) -> None:
    """All bins of a cabinet, door by door; `press` is called with the bin that is pressed."""
    shown = show(cabinet_markup(say, bins, doors, can_press=press is not None))
    if press is not None:
        faces = {str(face.bin): face for face in bins}
        on_press(shown, "bin", lambda pressed: press(faces[pressed]) if pressed in faces else None)


def draw_key(say: Say) -> None:
    """What the marks in a bin mean."""
    show(key_markup(say))


def cabinet_markup(say: Say, bins: Sequence[BinFace], doors: int, *, can_press: bool = False) -> Markup:
    """A cabinet for a page that is drawn as text; what is pressed has `data-bin`."""
    shares = [
        box("pb-door", box("pb-bins", *(_bin(say, face, can_press) for face in share)))
        for share in split_doors(bins, doors)
    ]
    return box("pb-doors", *shares)


def key_markup(say: Say) -> Markup:
    """The same as `draw_key` for a page that is drawn as text."""
    return box(
        "pb-key",
        box("pb-row", bar(6, 10, 0, low=False), box("", say("key_stock"))),
        box("pb-row", bar(2, 10, 4, low=True), box("", f"{say('key_low')} · {say('key_point')}")),
        box("pb-row", box("pb-bin-mark", "?"), box("", say("key_question"))),
    )


def bar(stock: int, capacity: int, reorder_point: int, low: bool) -> Markup:
    """How full something is, with a stroke where more should be ordered."""
    fill = box("pb-bar-fill is-low" if low else "pb-bar-fill", style=f"width:{_percent(stock, capacity)}%")
    if 0 < reorder_point < capacity:
        return box("pb-bar", fill, box("pb-bar-point", style=f"left:{_percent(reorder_point, capacity)}%"))
    return box("pb-bar", fill)


def _percent(part: int, whole: int) -> int:
    return min(100, max(0, 100 * part // whole)) if whole > 0 else 0


def _bin(say: Say, face: BinFace, can_press: bool) -> Markup:
    label = " ".join([say("bin_place", bin=face.bin), *(part.name for part in face.parts)])
    return tag(
        "button" if can_press and face.parts else "div",
        _head(say, face),
        *_content(say, face),
        box("pb-bin-sure", face.sure) if face.sure else Markup(),
        class_=" ".join(["pb-bin", *filter(None, (_state(face), "is-sought" if face.sought else ""))]),
        type="button" if can_press and face.parts else None,
        data_bin=face.bin if can_press and face.parts else None,
        aria_label=label,
    )


def _state(face: BinFace) -> str:
    if face.in_doubt:
        return "is-wrong"
    if not face.parts:
        return "is-empty"
    return "is-low" if face.low else ""


def _head(say: Say, face: BinFace) -> Markup:
    mark = Markup()
    if face.in_doubt:
        mark = box("pb-bin-mark", "?", title=say("bin_open_question"))
    elif face.low:
        mark = box("pb-bin-mark is-low", "!", title=say("bin_low"))
    return box("pb-bin-head", box("pb-bin-place", str(face.bin)), mark)


def _content(say: Say, face: BinFace) -> list[Markup]:
    if not face.parts:
        return [box("pb-bin-name pb-soft", say("bin_no_part"))]
    if len(face.parts) == 1 and not face.parts[0].astray:
        part = face.parts[0]
        number, unit = amount_and_unit(part.stock, part.unit, say.language)
        amount = box("pb-bin-stock", box("pb-number", number), box("pb-unit", unit))
        return [box("pb-bin-name", part.name), amount, bar(part.stock, part.capacity, part.reorder_point, part.low)]
    return [_part(say, part) for part in face.parts]


def _part(say: Say, part: PartFace) -> Markup:
    """One of several parts, in two lines."""
    amount = quantity(part.stock, part.unit, say.language)
    return box(
        "pb-bin-part",
        box("pb-bin-name", part.name),
        box("pb-strong pb-small is-low" if part.low else "pb-small", amount),
        box("is-wrong pb-small", part.astray)
        if part.astray
        else bar(part.stock, part.capacity, part.reorder_point, part.low),
    )
