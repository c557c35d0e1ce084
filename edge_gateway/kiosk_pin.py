"""The PIN at the kiosk: whoever's badge was at a door that asks for more is asked for it, for a minute, on every page.

What is typed stays in this open page until it is sent, and is never shown. The gateway decides.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from nicegui.elements.mixins.text_element import TextElement

from edge_gateway.kiosk_seam import ChoosePin, EnterPin, PinAsked
from page_kit.language import Texts
from page_kit.look import box, button, face, text

if TYPE_CHECKING:  # whose frame draws this on every page
    from edge_gateway.kiosk_frame import Visit

DIGITS_MAX = 8
DOT, ROOM = "●", "○"
BACK = "⌫"

TEXTS: Texts = {
    "pin_enter": ("{name}，请输密码", "{name}, enter your PIN"),
    "pin_choose": ("{name}，请设一个密码", "{name}, choose a PIN"),
    "pin_again": ("再输一遍", "The same once more"),
    "pin_old": ("{name}，先输现在的密码", "{name}, first the PIN you have"),
    "pin_none": ("{name}，您还没有密码", "{name}, you have no PIN yet"),
    "pin_none_why": (
        "这扇门后是贵重配件，只刷卡开不了。请配件商在“人员与门卡”里允许您设密码，再刷一次卡。",
        "Dear parts lie behind this door, and a badge alone does not open it. Ask the dealer to let you choose a PIN "
        "(People and badges), then badge again.",
    ),
    "pin_where": ("{cabinet} 的贵重配件门", "The door to the dear parts of {cabinet}"),
    "pin_digits": ("4 到 8 位数字", "4 to 8 digits"),
    "pin_wait": ("错了太多次，请等一会儿再刷卡", "Wrong too often: wait a while, then badge again"),
    "pin_open": ("开门", "Open"),
    "pin_next": ("下一步", "Next"),
    "pin_keep": ("就用这个密码", "Use this PIN"),
    "pin_change": ("换密码", "Change PIN"),
    "pin_unlocked": ("已开锁，请拉门", "Unlocked: pull the door"),
    "pin_kept": ("密码已记下，请再刷一次卡开门", "The PIN is kept: badge again to open"),
    "pin_differs": ("两遍不一样，请重新输入", "They differ: begin again"),
    "pin_back": ("删一位", "Delete a digit"),
}


def draw_pins(visit: "Visit", asked: tuple[PinAsked, ...]) -> None:
    """A card for each person who is asked."""
    for found in asked:
        with box("pb-card is-warned pb-pin"):
            _draw_head(visit, found)
            if found.wait_until_ms > visit.gateway.now_ms():
                text(visit.say("pin_wait"), "pb-strong is-wrong")
            elif found.has_pin or found.may_choose:
                _Pad(visit, found)


def _draw_head(visit: "Visit", found: PinAsked) -> None:
    say, name = visit.say, visit.view.person_name(found.person)
    cabinet = next((each for each in visit.view.document.cabinets if each.id == found.cabinet), None)
    key = "pin_enter" if found.has_pin else "pin_choose" if found.may_choose else "pin_none"
    with box("pb-row pb-top"):
        face(name)
        with box("pb-stack pb-tight pb-grow"):
            text(say(key, name=name), "pb-question")
            where = (say.name(cabinet.name_zh, cabinet.name_en) if cabinet else "") or found.cabinet
            text(say("pin_where", cabinet=where), "pb-soft")
            if key == "pin_none":
                text(say("pin_none_why"))


class _Pad:
    """Ten digits, what was typed as dots, and what is done with it: open, or choose in two or three steps."""

    def __init__(self, visit: "Visit", found: PinAsked) -> None:
        self.visit, self.found = visit, found
        self.typed = self.old = self.first = ""
        self.step = "open" if found.has_pin else "new"
        say = visit.say
        self.lead = text("", "pb-soft pb-small")
        self.dots = text("", "pb-huge pb-pin-dots")
        self.dots.props["aria-live"] = "polite"
        with box("pb-pin-keys"):
            for digit in "123456789":
                self._key(digit, partial(self._type, digit))
            self._key(BACK, self._delete).props["aria-label"] = say("pin_back")
            self._key("0", lambda: self._type("0"))
            self.go = button("", self._go, "is-main is-big")
        if found.has_pin:
            button(say("pin_change"), self._begin_change, "is-quiet pb-slim")
        self._show()

    @staticmethod
    def _key(sign: str, press: Callable[[], None]) -> TextElement:
        return button(sign, press, "is-big is-quiet")

    def _type(self, digit: str) -> None:
        self.typed = (self.typed + digit)[:DIGITS_MAX]
        self._show()

    def _delete(self) -> None:
        self.typed = self.typed[:-1]
        self._show()

    def _begin_change(self) -> None:
        self.step, self.typed = "old", ""
        self._show()

    def _show(self) -> None:
        say, name = self.visit.say, self.visit.view.person_name(self.found.person)
        leads = {
            "open": "",
            "old": say("pin_old", name=name),
            "new": say("pin_choose", name=name) + " · " + say("pin_digits"),
            "again": say("pin_again"),
        }
        buttons = {"open": "pin_open", "old": "pin_next", "new": "pin_next", "again": "pin_keep"}
        self.lead.set_text(leads[self.step])
        self.dots.set_text(DOT * len(self.typed) + ROOM * max(0, 4 - len(self.typed)))
        self.go.set_text(say(buttons[self.step]))

    async def _go(self) -> None:
        typed, self.typed = self.typed, ""
        if self.step == "open":
            await self.visit.answer(
                EnterPin(self.found.cabinet, self.found.person, typed), self.visit.say("pin_unlocked")
            )
        elif self.step == "old":
            self.old, self.step = typed, "new"
        elif self.step == "new":
            self.first, self.step = typed, "again"
        else:
            await self._keep(typed)
        self._show()

    async def _keep(self, typed: str) -> None:
        first, self.first = self.first, ""
        self.step = "new"
        if typed != first:
            self.visit.tell(self.visit.say("pin_differs"), "warning")
            return
        action = ChoosePin(self.found.cabinet, self.found.person, typed, self.old)
        if await self.visit.answer(action, self.visit.say("pin_kept")):
            self.step = "open"
