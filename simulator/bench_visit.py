"""What somebody does at the bench page, and what they see of the cabinet there: its texts, its state, its presses."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from page_kit.frame import speak
from page_kit.language import Texts
from page_kit.quantity import mass
from simulator.bench_hands import Hands, Held, part_of
from simulator.bench_wire import Tap
from simulator.questions import PowerCutError
from simulator.virtual_cabinet import DoorLockedError, VirtualCabinet

TEXTS: Texts = {
    "bench": ("测试台", "Test bench"),
    "power_on": ("通电", "Power on"),
    "power_off": ("断电", "Power cut"),
    "give_power": ("接通电源", "Give it power"),
    "cut_power": ("切断电源", "Cut the power"),
    "cable_in": ("网线已插", "Cable in"),
    "cable_out": ("网线已拔", "Cable out"),
    "pull_cable": ("拔掉网线", "Pull the network"),
    "plug_cable": ("插回网线", "Plug it back in"),
    "door": ("{door} 号门", "Door {door}"),
    "open": ("开着", "open"),
    "shut": ("关着", "shut"),
    "latched": ("锁舌锁住", "bolt latched"),
    "unlatched": ("锁舌缩回", "bolt back"),
    "coil": ("线圈通电", "coil energised"),
    "present_badge": ("刷卡", "Present a badge"),
    "unknown": ("陌生卡", "Unknown badge"),
    "pull_door": ("拉开门", "Open"),
    "shut_door": ("关门", "Shut"),
    "shut_unlatched": ("关不严", "Shut, not latched"),
    "force_door": ("撬开门", "Force"),
    "hand": ("手", "Hand"),
    "select": ("先点一个货位", "Press a bin first"),
    "selected": ("货位 {bin}：{name}", "Bin {bin}: {name}"),
    "something": ("未知配件", "some part"),
    "take": ("拿 {count}", "Take {count}"),
    "empty_hand": ("手里没有东西", "The hand is empty"),
    "in_hand": ("手里：{name} {mass}", "In the hand: {name} {mass}"),
    "put_back": ("放回货位 {bin}", "Put back into bin {bin}"),
    "put_wrong": ("错放到货位 {bin}", "Put into the wrong bin {bin}"),
    "not_enough": ("没有那么多", "There are not that many"),
    "door_shut": ("门关着，手伸不进去", "The door is shut: no hand gets in"),
    "locked": ("门锁着", "The door is locked"),
    "lean": ("手压货盘 {mass}", "Lean on the tray: {mass}"),
    "sensor": ("货位 {bin} 的传感器", "Sensor of bin {bin}"),
    "well": ("正常", "well"),
    "stuck": ("读数卡死", "stuck"),
    "nack": ("没有应答", "no answer"),
    "saturated": ("读数顶满", "saturated"),
    "open_rail": ("断线，读数到底", "wire off, at the rail"),
    "open_wander": ("断线，读数乱飘", "wire off, adrift"),
    "mux_stuck": ("多路开关卡死", "multiplexer stuck"),
    "swapped": ("与下一货位接反", "swapped with the next"),
    "reversed": ("信号线接反", "wires exchanged"),
    "noisy": ("噪声大", "noisy"),
    "loose": ("托盘卡住", "tray held"),
    "no_power": ("控制器没有电", "The controller has no power"),
    "badge_read": ("卡已读到", "The badge was read"),
    "badge_unread": ("卡没有读到", "The badge was not read"),
    "weight": ("重量", "Weights"),
    "truth": ("真实", "truth"),
    "measured": ("测得", "measured"),
    "grams": ("克", "g"),
    "messages": ("经过的消息", "Messages as they pass"),
    "no_messages": ("还没有消息", "No messages yet"),
    "boots": ("启动 {count} 次", "Starts: {count}"),
}

LEAN_MS = 3000


@dataclass(frozen=True, slots=True)
class BinSeen:
    """One bin at the bench and its light; its weights change too often to draw it anew for them."""

    bin: int
    name: str
    light: tuple[int, int, int]
    selected: bool


@dataclass(frozen=True, slots=True)
class CabinetSeen:
    """The cabinet at one moment."""

    powered: bool
    cable: bool
    boots: int
    doors: tuple[tuple[int, bool, bool, bool], ...]  # number, open, latched, energised
    bins: tuple[BinSeen, ...]


@dataclass(frozen=True, slots=True)
class InReach:
    """What decides which buttons there are; a button drawn anew would swallow the press on it."""

    powered: bool
    cable: bool
    selected: int
    held: tuple[Held, ...]
    fault: str


@dataclass
class Bench:
    """One cabinet at the bench, shared by everybody who looks."""

    cabinet: VirtualCabinet
    tap: Tap
    hands: Hands
    badges: list[tuple[str, str]]
    cable: bool = True


class BenchVisit:
    """One open page on one cabinet: the bin it has selected, and what its presses do."""

    def __init__(self, request: Request, benches: dict[str, Bench], name: str) -> None:
        self.request, self.benches, self.name = request, benches, name
        self.say = speak(request, TEXTS)
        self.bench = benches[name]
        self.cabinet = self.bench.cabinet
        self.selected = 1
        self.weights: dict[int, tuple[TextElement, TextElement]] = {}
        self.page = ui.context.client

    def part_name(self, bin_: int) -> str:
        """What lies in a bin by the planogram, in the page's language."""
        known = part_of(self.cabinet.cabinet_id, bin_)
        return self.say.name(known.name_zh, known.name_en) if known else self.say("something")

    def door_of(self, bin_: int) -> int:
        """The door in front of a bin: bins are shared out evenly, in order."""
        return 1 + (bin_ - 1) * len(self.cabinet.doors) // self.cabinet.bins

    def look(self) -> CabinetSeen:
        """The cabinet now."""
        cabinet = self.cabinet
        return CabinetSeen(
            cabinet.powered,
            self.bench.cable,
            cabinet.boots,
            tuple((number, door.open, door.latched, door.energised) for number, door in sorted(cabinet.doors.items())),
            tuple(self._look_into(bin_) for bin_ in range(1, cabinet.bins + 1)),
        )

    def _look_into(self, bin_: int) -> BinSeen:
        return BinSeen(bin_, self.part_name(bin_), self.cabinet.lights[bin_], bin_ == self.selected)

    def reach(self) -> InReach:
        """What can be done now."""
        fault = self.cabinet.faults.get(self.selected, "well")
        return InReach(self.cabinet.powered, self.bench.cable, self.selected, tuple(self.bench.hands.held), fault)

    def show_weights(self) -> None:
        """Bring the weights in the drawn bins up to date."""
        for bin_, (true, measured) in self.weights.items():
            said = self.bench.tap.weights.get(bin_)
            true.set_text(mass(self.cabinet.mass_mg(bin_), self.say.language))
            newest = mass(said[-1].mg if said else None, self.say.language)
            measured.set_text(f"{self.say('measured')} {newest}")

    async def do(self, work: Awaitable[Any]) -> Any:
        """Do something to the cabinet, and say why when it cannot be done."""
        try:
            return await work
        except DoorLockedError:
            self._tell("locked")
        except PowerCutError:
            self._tell("no_power")
        return None

    def _tell(self, key: str) -> None:
        """A short message on the page; the button that was pressed may be gone by now."""
        with self.page:
            ui.notify(self.say(key), position="top")

    async def badge(self, uid: str) -> None:
        """Hold a badge to the reader."""
        read = await self.do(self.cabinet.present_badge(uid))
        if read is not None:
            self._tell("badge_read" if read else "badge_unread")

    async def take(self, pieces: int) -> None:
        """Take out of the selected bin."""
        if self._reaches() and await self.do(self.bench.hands.take(self.selected, pieces)) is None:
            self._tell("not_enough")

    async def put(self, bin_: int) -> None:
        """Put what was taken last into a bin."""
        if self._reaches(bin_):
            await self.do(self.bench.hands.put(bin_))

    async def lean(self, mass_mg: int) -> None:
        """Lean on the selected bin's tray for a while."""
        if self._reaches():
            await self.do(self.cabinet.lean(self.selected, mass_mg, LEAN_MS))

    async def fault(self, kind: str) -> None:
        """Break the selected bin's sensor, or mend it."""
        await self.do(self.cabinet.set_fault(self.selected, kind))

    def _reaches(self, bin_: int = 0) -> bool:
        if self.cabinet.doors[self.door_of(bin_ or self.selected)].open:
            return True
        self._tell("door_shut")
        return False

    async def cable(self) -> None:
        """Pull the network cable, or put it back."""
        self.bench.cable = not self.bench.cable
        await self.do(self.cabinet.network_cut(not self.bench.cable))

    async def power(self) -> None:
        """Cut the power, or give it back."""
        if self.cabinet.powered:
            self.cabinet.power_cut()
        else:
            await self.do(self.cabinet.power_on())
