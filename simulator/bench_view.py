"""The bench page as it is drawn: the cabinet as it really is, what to do to it, its weights and its messages.

Draws what the virtual cabinet and the tap say; what a press does is in `bench_visit.py` and nowhere else.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from page_kit.frame import frame
from page_kit.live_part import live_part
from page_kit.look import badge, box, button, heading, text
from page_kit.quantity import mass
from page_kit.tabs import Tab
from simulator.bench_hands import part_of
from simulator.bench_visit import BenchVisit, BinSeen, CabinetSeen, InReach
from simulator.bench_wire import PLOT_SECONDS, Passed
from simulator.physical_cabinet import SENSOR_FAULTS
from simulator.scenario import ScenarioPart

PLOT_EVERY_S = 1.0
LOOK_EVERY_S = 0.3
MESSAGES_SHOWN = 40
DARK = (0, 0, 0)
LEAN_MG = 1_500_000


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
    heading(say("sensor", bin=visit.selected))
    with box("pb-buttons"):
        for kind in SENSOR_FAULTS:
            button(say(kind), _later(visit.fault, kind), "is-main" if kind == found.fault else "is-quiet")
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
        button(say("lean", mass=mass(LEAN_MG, say.language)), _later(visit.lean, LEAN_MG), "is-quiet")
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
