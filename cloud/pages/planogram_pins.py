"""The doors of a cabinet that ask for a PIN, in the planogram editor: pressed one by one, or proposed by price."""

from collections.abc import Awaitable, Callable
from itertools import groupby

from sqlmodel import Session

from cloud.dear_parts import DearPart, DearParts, dear_parts
from cloud.pages.planogram_draft_state import DraftState
from cloud.pages.typed_numbers import whole
from cloud.pages.visit import Visit
from cloud.tenancy import TenantId
from cloud.work.money import money_text
from page_kit.cabinet_face import split_doors
from page_kit.fields import Field
from page_kit.look import badge, box, button, text

USUAL_ABOVE = "500"
NAMED_MAX = 6  # parts named of one door


class PinDoors:
    """Stays while the page is open; what was found goes when another cabinet is shown."""

    def __init__(
        self,
        visit: Visit,
        shop: str,
        state: Callable[[], DraftState],
        part_name: Callable[[str], str],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self.visit, self.say, self.shop = visit, visit.say, shop
        self._state, self._part_name, self._changed = state, part_name, changed
        self._cabinet, self._doors, self._above = "", 0, USUAL_ABOVE
        self._found: DearParts | None = None

    def draw(self, cabinet: str, doors: int) -> None:
        """A button a door: those that stand out ask for a PIN. Below, what prices propose."""
        if (cabinet, doors) != (self._cabinet, self._doors):
            self._cabinet, self._doors, self._found = cabinet, doors, None
        asking = self._state().pin_doors(cabinet)
        with box("pb-card pb-gap-above"):
            text(self.say("pin_doors"), "pb-strong")
            text(self.say("pin_doors_why"), "pb-soft pb-small")
            with box("pb-buttons pb-gap-above"):
                for door in range(1, doors + 1):
                    self._draw_door(door, is_asking=door in asking)
            if self.visit.may("see_prices"):
                self._draw_search()
                self._proposal = box("pb-gap-above")
                self._draw_proposal()

    def _draw_door(self, door: int, *, is_asking: bool) -> None:
        turn = button(self.say("door", door=door), lambda: self._turn(door), "is-main" if is_asking else "is-quiet")
        turn.props["aria-pressed"] = "true" if is_asking else "false"

    async def _turn(self, door: int) -> None:
        self._state().turn_pin_door(self._cabinet, door)
        await self._changed()

    # ---- proposed by price ----

    def _draw_search(self) -> None:
        with box("pb-fields pb-gap-above"):
            typed = Field(self.say("dear_above"), self._above, "number")
        with box("pb-buttons pb-gap-above"):
            button(self.say("dear_find"), lambda: self._find(typed), "is-quiet")

    async def _find(self, typed: Field) -> None:
        above = whole(typed.value)
        typed.refuse("" if above is not None else self.say("whole_number"))
        if above is None:
            return
        self._above, cabinet, doors = typed.value.strip(), self._cabinet, self._doors
        state, now_ms = self._state(), self.visit.now_ms()
        held = [(place[1], [placed.part for placed in state.bin(place).parts]) for place in state.places(cabinet)]

        def query(session: Session, tenant: TenantId) -> DearParts:
            return dear_parts(session, tenant, self.shop, split_doors(held, doors), above=above, now_ms=now_ms)

        self._found = await self.visit.read_again(query)
        self._draw_proposal()

    def _draw_proposal(self) -> None:
        self._proposal.clear()
        if self._found is None:
            return
        with self._proposal:
            for door, parts in groupby(self._found.found, lambda each: each.door):
                self._draw_dear(door, list(parts))
            if not self._found.found:
                text(self.say("dear_none"), "pb-soft pb-gap-above")
            if self._found.unpriced:
                text(self.say("dear_unpriced", count=len(self._found.unpriced)), "pb-soft pb-small pb-gap-above")
            self._draw_taking(self._found)

    def _draw_dear(self, door: int, parts: list[DearPart]) -> None:
        with box("pb-line"):
            with box("pb-grow"):
                for each in parts[:NAMED_MAX]:
                    text(f"{self.say('bin', bin=each.bin)} · {self._part_name(each.part)} · {_money(each)}")
                if len(parts) > NAMED_MAX:
                    text(self.say("dear_more", count=len(parts) - NAMED_MAX), "pb-soft pb-small")
            is_asking = door in self._state().pin_doors(self._cabinet)
            badge(self.say("door", door=door), "is-good" if is_asking else "is-low")

    def _draw_taking(self, found: DearParts) -> None:
        """One press for all the doors that do not ask yet."""
        new = [door for door in found.doors if door not in self._state().pin_doors(self._cabinet)]
        if not new:
            if found.doors:
                text(self.say("dear_all_ask"), "is-good pb-gap-above")
            return
        comma = "、" if self.say.language == "zh" else ", "
        with box("pb-buttons pb-gap-above"):
            label = self.say("dear_take", doors=comma.join(self.say("door", door=door) for door in new))
            button(label, lambda: self._take(new), "is-main")

    async def _take(self, doors: list[int]) -> None:
        self._state().ask_for_pins(self._cabinet, doors)
        await self._changed()


def _money(each: DearPart) -> str:
    return money_text(each.price.price_minor, each.price.currency)
