"""The bench page as it is drawn: the cabinet as it really is, what to do to it, its weights and its messages.

Draws what the virtual cabinet and the tap say; what a press does is in `BenchVisit` and nowhere else.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from page_kit.frame import Tab, frame, speak
from page_kit.language import Texts
from page_kit.live_part import live_part
from page_kit.look import badge, box, button, heading, text
from page_kit.quantity import mass
from simulator.bench_hands import Hands, Held, part_of
from simulator.bench_wire import PLOT_SECONDS, Passed, Tap
from simulator.controller_process import PowerCutError
from simulator.scenario import ScenarioPart
from simulator.virtual_cabinet import DoorLockedError, VirtualCabinet

PLOT_EVERY_S = 1.0
LOOK_EVERY_S = 0.3
MESSAGES_SHOWN = 40
DARK = (0, 0, 0)

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
        return InReach(self.cabinet.powered, self.bench.cable, self.selected, tuple(self.bench.hands.held))

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


def draw_bench(visit: BenchVisit) -> None:
    """The whole page."""
    tabs = [Tab(f"/cabinets/{name}", name) for name in visit.benches]
    with frame(visit.request, visit.say, visit.name, visit.say("bench"), tabs=lambda: tabs):
        with box("pb-two"):
            live_part(visit.say, visit.look, lambda seen, _: _draw_cabinet(visit, seen), every_s=LOOK_EVERY_S)
            live_part(visit.say, visit.reach, lambda found, _: _draw_controls(visit, found), every_s=LOOK_EVERY_S)
            ui.timer(LOOK_EVERY_S, visit.show_weights)
        with box("pb-two"):
            with box():
                heading(visit.say("weight"))
                _draw_plot(visit)
            with box():
                heading(visit.say("messages"))
                _draw_passing(visit)


# ---- the cabinet ----


def _draw_cabinet(visit: BenchVisit, seen: CabinetSeen) -> None:
    say = visit.say
    with box("pb-row pb-wrap pb-marks pb-bench-state"):
        badge(say("power_on" if seen.powered else "power_off"), "is-good" if seen.powered else "is-wrong")
        badge(say("cable_in" if seen.cable else "cable_out"), "is-good" if seen.cable else "is-wrong")
        badge(say("boots", count=seen.boots))
    with box("pb-doors"):
        for number, is_open, latched, energised in seen.doors:
            with box("pb-door is-open" if is_open else "pb-door"):
                with box("pb-row pb-wrap pb-marks pb-door-state"):
                    text(say("door", door=number), "pb-strong")
                    badge(say("open" if is_open else "shut"), "is-low" if is_open else "")
                    badge(say("latched" if latched else "unlatched"))
                    if energised:
                        badge(say("coil"), "is-good")
                with box("pb-bins"):
                    for found in seen.bins:
                        if visit.door_of(found.bin) == number:
                            _draw_bin(visit, found)
    visit.show_weights()


def _draw_bin(visit: BenchVisit, seen: BinSeen) -> None:
    def select() -> None:
        visit.selected = seen.bin

    classes = "pb-bin pb-bench-bin is-selected" if seen.selected else "pb-bin pb-bench-bin"
    with box(classes, "button").props("type=button").on("click", select):
        with box("pb-bin-head"):
            text(str(seen.bin), "pb-bin-place")
            box("pb-light" if seen.light == DARK else "pb-light is-lit").style(f"--light: rgb{_bright(seen.light)}")
        text(seen.name, "pb-bin-name")
        visit.weights[seen.bin] = text("", "pb-number"), text("", "pb-soft pb-small")


def _bright(light: tuple[int, int, int]) -> tuple[int, ...]:
    """A light's colour at full strength: pixels are driven far below it, and a screen would show them black."""
    most = max(light) or 1
    return tuple(255 * value // most for value in light)


# ---- what to do to it ----


def _draw_controls(visit: BenchVisit, found: InReach) -> None:
    say = visit.say
    text(say("present_badge"), "pb-h2 pb-first", "h2")
    with box("pb-buttons"):
        for uid, name in visit.bench.badges:
            button(say("unknown") if name == "?" else name, _later(visit.badge, uid), "is-quiet")
    for number in sorted(visit.cabinet.doors):
        _draw_door_controls(visit, number)
    _draw_hand(visit, found)
    with box("pb-buttons pb-gap-above"):
        button(say("pull_cable" if found.cable else "plug_cable"), visit.cable, "is-danger")
        button(say("cut_power" if found.powered else "give_power"), visit.power, "is-danger")


def _draw_door_controls(visit: BenchVisit, number: int) -> None:
    say, cabinet = visit.say, visit.cabinet
    heading(say("door", door=number))
    with box("pb-buttons"):
        button(say("pull_door"), lambda: visit.do(cabinet.open_door(number)), "is-main")
        button(say("shut_door"), lambda: visit.do(cabinet.shut_door(number)), "is-main")
        button(say("shut_unlatched"), lambda: visit.do(cabinet.shut_door(number, latches=False)), "is-quiet")
        button(say("force_door"), lambda: visit.do(cabinet.force_door(number)), "is-danger")


def _draw_hand(visit: BenchVisit, found: InReach) -> None:
    say = visit.say
    heading(say("selected", bin=visit.selected, name=visit.part_name(visit.selected)))
    with box("pb-buttons"):
        for pieces in (1, 2, 5):
            amount = _amount(part_of(visit.cabinet.cabinet_id, visit.selected), pieces, say("grams"))
            button(say("take", count=amount), _later(visit.take, pieces))
    with box("pb-stack pb-gap-above"):
        if not found.held:
            text(say("empty_hand"), "pb-soft")
            return
        held = found.held[-1]
        text(say("in_hand", name=visit.part_name(held.bin), mass=mass(held.mass_mg, say.language)), "pb-strong")
        with box("pb-buttons"):
            button(say("put_back", bin=held.bin), _later(visit.put, held.bin), "is-main")
            if visit.selected != held.bin:
                button(say("put_wrong", bin=visit.selected), _later(visit.put, visit.selected), "is-danger")


def _amount(described: ScenarioPart | None, pieces: int, grams: str) -> str:
    return f"{pieces * 100} {grams}" if described and described.unit == "gram" else str(pieces)


def _later(act: Callable[[Any], Awaitable[None]], value: Any) -> Callable[[], Awaitable[None]]:
    return lambda: act(value)


# ---- weights ----


def _draw_plot(visit: BenchVisit) -> None:
    """What the selected bin's cell says over the last two minutes, and what truly lies in it."""
    say = visit.say
    truth: list[list[float]] = []
    with box("pb-card"):
        chart = ui.echart(_plot_options(say("measured"), say("truth"), say("grams"))).classes("pb-chart")
    shown = {"bin": visit.selected}

    def renew() -> None:
        now = time.time() * 1000
        if shown["bin"] != visit.selected:
            shown["bin"] = visit.selected
            truth.clear()
        truth.append([now, visit.cabinet.mass_mg(visit.selected) / 1000])
        since = now - PLOT_SECONDS * 1000
        del truth[: sum(1 for at, _ in truth if at < since)]
        said = [w for w in visit.bench.tap.weights.get(visit.selected, ()) if w.at_ms >= since and w.mg is not None]
        chart.options["xAxis"]["min"], chart.options["xAxis"]["max"] = since, now
        chart.options["series"][0]["data"] = [[w.at_ms, (w.mg or 0) / 1000] for w in said]
        chart.options["series"][1]["data"] = list(truth)
        chart.update()

    renew()
    ui.timer(PLOT_EVERY_S, renew, immediate=False)


def _plot_options(measured: str, truth: str, grams: str) -> dict[str, Any]:
    label = {"fontSize": 13, "color": "#55625f"}
    return {
        "animation": False,
        "color": ["#0b6b5f", "#c06a0a"],
        "legend": {"bottom": 0, "textStyle": {"fontSize": 14}},
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 16, "top": 30, "bottom": 40, "containLabel": True},
        "xAxis": {"type": "time", "axisLabel": {**label, "hideOverlap": True}},
        "yAxis": {"type": "value", "name": grams, "scale": True, "axisLabel": label},
        "series": [
            {"type": "line", "name": measured, "showSymbol": False, "data": []},
            {"type": "line", "name": truth, "showSymbol": False, "lineStyle": {"type": "dashed"}, "data": []},
        ],
    }


# ---- messages ----


def _draw_passing(visit: BenchVisit) -> None:
    tap = visit.bench.tap
    live_part(
        visit.say,
        lambda: tuple(tap.messages)[-MESSAGES_SHOWN:][::-1],
        lambda found, _: _draw_messages(visit, found),
        lambda: tap.changes,
        LOOK_EVERY_S,
    )


def _draw_messages(visit: BenchVisit, messages: tuple[Passed, ...]) -> None:
    with box("pb-card pb-messages"):
        if not messages:
            text(visit.say("no_messages"), "pb-soft")
        for passed in messages:
            with box("pb-line pb-message"):
                text(
                    "↑" if passed.from_controller else "↓",
                    "pb-strong is-good" if passed.from_controller else "pb-strong",
                )
                with box("pb-grow"):
                    with box("pb-row pb-between"):
                        text(passed.leaf, "pb-strong")
                        moment = time.strftime("%H:%M:%S", time.localtime(passed.at_ms / 1000))
                        text(moment, "pb-soft pb-small")
                    text(passed.payload, "pb-code")
