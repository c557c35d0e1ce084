"""What every page of the kiosk starts from: the visit, the person at the kiosk, and how an action is asked for.

The person is the one whose badge opened a cabinet last; without one the kiosk only shows, and books nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Literal, TypeVar
from urllib.parse import quote

from fastapi import Request
from nicegui import run, ui

from edge_gateway import kiosk_pin, kiosk_refusals
from edge_gateway.counting.session_count import SURE_PPM
from edge_gateway.kiosk_pin import draw_pins
from edge_gateway.kiosk_refusals import refusal_text
from edge_gateway.kiosk_scan import TakeScan, listen_for_scans
from edge_gateway.kiosk_seam import Action, ActionError, GatewaySeam, PointTo, SendCommand
from edge_gateway.shop_document import Cabinet, Part
from edge_gateway.shop_rows import AtKiosk
from edge_gateway.shop_view import LOOK_AGAIN_MS, ShopView
from edge_gateway.upload_format import CabinetStatus, GatewayStatus
from page_kit import trouble
from page_kit.age import stale
from page_kit.frame import frame, speak
from page_kit.language import Say, Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import badge, box, face, link_button, text
from page_kit.quantity import confidence
from page_kit.tabs import Tab
from page_kit.trouble import (
    CabinetFacts,
    GatewayFacts,
    Trouble,
    cabinet_troubles,
    draw_troubles,
    gateway_troubles,
)

LIVE_MS = 15_000  # a live message older than this says nothing about now
SIGNED_OFF = "signed_off"  # the cookie that holds the session whose person has left this kiosk
STATUS_PATH = "/status"
CERTIFICATES_PATH = "/certificates"
BENCH_PATH = "/bench"
LOST_MS = 60_000  # the broker said that a cabinet's connection ended; it may be back in a moment
SILENT_MS = 15 * 60_000  # connected, and even so nothing for so long
URGENT = ("cannot_write",)

TEXTS: Texts = {
    "kiosk": ("配件柜", "Parts cabinets"),
    "tab_now": ("刚才", "Just now"),
    "tab_find": ("查找", "Find"),
    "tab_stock": ("库存", "Stock"),
    "tab_jobs": ("工单", "Jobs"),
    "tab_questions": ("差异", "Discrepancies"),
    "tab_status": ("状态", "Status"),
    "tab_bench": ("工作台", "Bench"),
    "not_me": ("不是我", "Not me"),
    "nobody": ("现在没有人", "Nobody at the kiosk"),
    "badge_first": ("刷卡开一次柜，就能在这里记账", "Badge at a cabinet to book things here"),
    "badged": ("刷卡", "Badged"),
    "need_person": ("请先在货柜上刷卡", "Please badge at a cabinet first"),
    "refused": ("没有办成：{why}", "Not done: {why}"),
    "someone": ("未知人员", "Unknown person"),
    "confidence": ("把握 {value}", "{value} sure"),
}


Facts = TypeVar("Facts", GatewayFacts, CabinetFacts)


@dataclass(frozen=True, slots=True)
class Kiosk:
    """What the pages of one kiosk share: the gateway behind it and its read-only view."""

    gateway: GatewaySeam
    view: ShopView


class Visit:
    """One open page: its language, what it reads, and the person it shows."""

    def __init__(self, request: Request, *tables: Texts) -> None:
        kiosk: Kiosk = request.app.state.kiosk
        self.request = request
        self.gateway, self.view = kiosk.gateway, kiosk.view
        self.say = speak(request, TEXTS, kiosk_pin.TEXTS, kiosk_refusals.TEXTS, trouble.TEXTS, *tables)
        self.page = ui.context.client
        self.on_scan: TakeScan | None = None  # what this page does with a scan, before it leads elsewhere
        self.person: AtKiosk | None = self._find_person()

    def changes(self) -> object:
        """A mark that differs whenever the page may have to be drawn again."""
        return self.gateway.changes(), self.gateway.now_ms() // LOOK_AGAIN_MS

    def look_for_person(self) -> AtKiosk | None:
        """The person at the kiosk now; what is shown is who an action is booked under."""
        self.person = self._find_person()
        return self.person

    def _find_person(self) -> AtKiosk | None:
        found = self.view.at_kiosk()
        return None if found and found.session == self.request.cookies.get(SIGNED_OFF) else found

    def tabs(self) -> Sequence[Tab]:
        """The pages of the kiosk."""
        say = self.say
        return (
            Tab("/", say("tab_now")),
            Tab("/find", say("tab_find")),
            Tab("/stock", say("tab_stock"), under=("/bin",)),
            Tab("/jobs", say("tab_jobs")),
            Tab("/questions", say("tab_questions"), self.view.question_count() + len(self.view.counts())),
            *self._bench_tab(),
            Tab(STATUS_PATH, say("tab_status"), self._trouble_count(), under=(CERTIFICATES_PATH,)),
        )

    def _bench_tab(self) -> Sequence[Tab]:
        """Only where there are devices on it."""
        devices = self.gateway.devices
        under = ("/teach", "/labels", "/tags")
        return (Tab(BENCH_PATH, self.say("tab_bench"), devices.troubles(), under=under),) if devices.settings else ()

    def _trouble_count(self) -> int:
        found, now_ms = [each.status for each in self.view.now().cabinets], self.gateway.now_ms()
        silent = sum(is_silent(status, now_ms) for status in found)
        return len(self.troubles()) + silent + sum(len(troubles_of_cabinet(status)) for status in found)

    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong with the gateway."""
        return troubles_of_gateway(self.view.now().status, self.gateway.now_ms())

    def urgent(self) -> tuple[Trouble, ...]:
        """What everybody at the kiosk should know, on whichever page."""
        return tuple(each for each in self.troubles() if each.key in URGENT)

    async def ask(self, make: Callable[[str], Action], done: str) -> bool:
        """Ask the gateway for an action of the person shown, and say how it ended."""
        return bool(await self.make(make, done))

    async def make(self, make: Callable[[str], Action], done: str) -> str:
        """As `ask`; the id of what was made, "" when it was refused."""
        if self.person is None:
            self.tell(self.say("need_person"), "warning")
            return ""
        return await self._act(make(self.person.person), done)

    async def show(self, command: SendCommand, done: str) -> bool:
        """A light for anybody who looks for something: nobody needs to have badged, nothing is booked."""
        return bool(await self._act(command, done))

    async def answer(self, action: Action, done: str) -> bool:
        """What somebody who was asked by name answers; nobody needs to be at the kiosk."""
        return bool(await self._act(action, done))

    async def point(self, action: PointTo, done: str) -> bool:
        """Another bin is lit next, for whoever restocks an open cabinet."""
        return bool(await self._act(action, done))

    async def _act(self, action: Action, done: str) -> str:
        try:
            made = await run.io_bound(self.gateway.act, action)
        except ActionError as error:
            self.tell(self.say("refused", why=refusal_text(self.say, error)), "negative")
            return ""
        if done:
            self.tell(done, "positive")
        return made or ""

    def go(self, path: str) -> None:
        """Lead to another page."""
        with self.page:
            ui.navigate.to(path)

    def tell(self, content: str, kind: Literal["positive", "negative", "warning"]) -> None:
        """A short message on the page; the button that was pressed may be gone by now."""
        with self.page:
            ui.notify(content, type=kind, position="top", timeout=8000 if kind == "negative" else 4000)


@contextmanager
def kiosk_page(visit: Visit) -> Iterator[None]:
    """The frame of a kiosk page with the person in it; the caller fills the rest."""
    document = visit.view.document
    brand = document.shop_name or visit.gateway.gateway
    with frame(visit.request, visit.say, brand, visit.say("kiosk"), tabs=visit.tabs):
        live_part(
            visit.say, visit.look_for_person, lambda person, ages: _draw_person(visit, person, ages), visit.changes
        )
        live_part(visit.say, visit.gateway.pins_asked, lambda found, _: draw_pins(visit, found))
        if visit.request.url.path != STATUS_PATH:  # there it is said with all the rest
            live_part(visit.say, visit.urgent, lambda found, ages: _draw_urgent(visit, found, ages), visit.changes)
        yield
        listen_for_scans(visit)


def _draw_urgent(visit: Visit, found: tuple[Trouble, ...], ages: Ages) -> None:
    if found:
        with box("pb-troubles pb-urgent"):
            draw_troubles(visit.say, found, ages)


def troubles_of_gateway(status: GatewayStatus, now_ms: int) -> tuple[Trouble, ...]:
    """What is wrong with the gateway."""
    return gateway_troubles(_facts(GatewayFacts, status), now_ms)


def troubles_of_cabinet(status: CabinetStatus) -> tuple[Trouble, ...]:
    """What is wrong with a cabinet's records."""
    return cabinet_troubles(_facts(CabinetFacts, status))


def is_silent(status: CabinetStatus, now_ms: int) -> bool:
    """Whether a cabinet has been out of reach for so long that somebody should look at it."""
    return stale(status.last_heard_ms, now_ms, SILENT_MS if status.online else LOST_MS)


def _facts(shape: type[Facts], status: object) -> Facts:
    """Those of a report's fields that troubles are told by; they have the same names."""
    return shape(**{field.name: getattr(status, field.name) for field in fields(shape)})


def _draw_person(visit: Visit, person: AtKiosk | None, ages: Ages) -> None:
    say = visit.say
    with box("pb-atkiosk pb-row"):
        face(person.name if person else "")
        with box("pb-stack pb-tight pb-grow"):
            if person is None:
                text(say("nobody"), "pb-strong")
                text(say("badge_first"), "pb-soft pb-small")
                return
            text(person.name, "pb-strong")
            with box("pb-row pb-tight pb-small pb-soft pb-nowrap"):
                text(say("badged"))
                ages.show(person.opened_ms)
        path = f"/sign-off?session={quote(person.session, safe='')}&back={quote(visit.request.url.path, safe='')}"
        link_button(say("not_me"), path, "is-quiet")


def part_name(say: Say, part: Part) -> str:
    """A part's name in the page's language, its number when it has none."""
    return say.name(part.name_zh, part.name_en) or part.number


def cabinet_name(say: Say, cabinet: Cabinet) -> str:
    """A cabinet's name in the page's language, its id when it has none."""
    return say.name(cabinet.name_zh, cabinet.name_en) or cabinet.id


def draw_confidence(say: Say, ppm: int) -> None:
    """How sure a booking is; it stands out when it is not quite."""
    content = say("confidence", value=confidence(ppm))
    if ppm >= SURE_PPM:
        text(content, "pb-soft pb-small")
    else:
        badge(content, "is-low")
