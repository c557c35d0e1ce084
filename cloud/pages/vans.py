"""Vans, and when shops take deliveries: what rounds are planned with."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from pydantic import BaseModel
from sqlmodel import Session

from cloud.api.vans import VanFacts
from cloud.identity import SignedIn
from cloud.pages import choosing, form, role_words, round_words, work_parts
from cloud.pages.choosing import choose_shop
from cloud.pages.form import Action, Adding, Form, Said
from cloud.pages.names import shop_names
from cloud.pages.own_part import ask_first
from cloud.pages.round_words import clock, weekdays
from cloud.pages.typed_clock import typed_end
from cloud.pages.typed_numbers import whole
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press
from cloud.replenishment.visits import vans
from cloud.replenishment.visits.views import HoursView, VanView
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.language import Texts
from page_kit.look import box, button, dialog, heading, link_button, text, title
from page_kit.markup import Markup

TEXTS: Texts = {
    "to_rounds": ("‹ 送货安排", "‹ Rounds"),
    "vans": ("车与收货时间", "Vans and hours"),
    "vans_lead": (
        "安排送货时用到的车，和店铺什么时候收货。",
        "The vans that rounds are planned with, and when shops take deliveries.",
    ),
    "no_vans": ("还没有车", "No vans yet"),
    "add_van": ("添加车", "Add a van"),
    "change": ("修改", "Change"),
    "withdraw": ("停用", "Withdraw"),
    "withdraw_sure": ("停用{van}？", "Withdraw {van}?"),
    "name": ("车名", "Name"),
    "restocker": ("谁开（邮箱）", "Who drives it (e-mail)"),
    "latitude": ("起点纬度", "Latitude where it starts"),
    "longitude": ("起点经度", "Longitude where it starts"),
    "max_kg": ("最多装多少公斤", "How many kg it carries"),
    "starts": ("几点出发", "Starts at"),
    "ends": ("几点回来", "Back by"),
    "weekdays": ("星期几出车（1 是星期一）", "Weekdays (1 is Monday)"),
    "km_per_hour": ("平均每小时多少公里", "Mean km an hour"),
    "carries": ("能装", "Carries"),
    "works": ("出车", "Drives"),
    "speed": ("速度", "Speed"),
    "starts_at": ("起点", "Starts from"),
    "hours": ("收货时间", "Hours for deliveries"),
    "hours_lead": (
        "没填的日子不收货；一天都不填，就当每天 8 点到 18 点收货。",
        "A day left empty takes none; a week left empty counts as 8 to 18 on every day.",
    ),
    "opens": ("{day} 从", "{day} from"),
    "closes": ("到", "to"),
    "service": ("一次要多少分钟", "Minutes a visit takes"),
    "wrong_time": ("时间写成 8:30 这样。", "A time is written as 8:30."),
    "wrong_place": ("位置写成 36.65 这样的度数。", "A place is written in degrees, such as 36.65."),
    "wrong_weekdays": ("写 1 到 7 的数字，例如 12345。", "Digits from 1 to 7, such as 12345."),
    "wrong_max_kg": ("写 1 到 100000 的整数。", "A whole number from 1 to 100,000."),
    "wrong_km_per_hour": ("写 1 到 150 的整数。", "A whole number from 1 to 150."),
    "wrong_name": ("名称要 1 到 64 个字符。", "A name has 1 to 64 characters."),
    "wrong_order": ("结束要在开始之后。", "The end comes after the beginning."),
    "wrong_open": (
        "还有已定的送货在这辆车上，先移走或取消。",
        "Accepted visits are on this van: move or cancel them first.",
    ),
}
TABLES = (role_words.TEXTS, work_parts.TEXTS, round_words.TEXTS, choosing.TEXTS, form.TEXTS, TEXTS)
SAID = (
    Said("begins before it ends", "ends_min", "wrong_order"),
    Said("on earth", "latitude_e6", "wrong_place"),
    Said("without accepted visits", "name", "wrong_open"),
)


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    vans: list[VanView]
    shops: list[tuple[str, str]]
    hours: list[HoursView]


def register() -> None:
    """Add the page."""

    @page("/vans")
    async def all_vans(request: Request, shop: str = "") -> Response | None:
        return await show(request, TABLES, lambda visit: _Page(visit, shop).build(), "plan_visits")


def degrees_e6(typed: str) -> int | None:
    """Degrees as millionths of one; None for what is no place."""
    try:
        found = float(typed.strip().replace(",", "."))
    except ValueError:
        return None
    return round(found * 1e6) if -180 <= found <= 180 else None


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, shop: str) -> None:
        self.visit, self.say, self.shop = visit, visit.say, shop
        self.known: dict[str, VanView] = {}

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The vans, and the hours of the shop that was chosen (`NotFoundError`)."""
        shops = shop_names(session, tenant)
        self.shop = self.shop or (shops[0][0] if shops else "")
        hours = vans.hours(session, tenant, self.shop) if self.shop else []
        return Found(vans.vans(session, tenant), shops, hours)

    async def build(self) -> None:
        """The vans, a form for one more, and a shop's week."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(self.say("to_rounds"), "/rounds", "is-quiet pb-back")
            title(self.say("vans"), self.say("vans_lead"))
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("change", self.ask_change)
            self.part.on("withdraw", self.ask_withdraw)
            Adding(
                self.visit, lambda made: self._fields(made, None), lambda made: self._wanted(made, ""),
                self.part.refresh, label=self.say("add_van"), said=SAID,
            )  # fmt: skip
            if found.shops:
                heading(self.say("hours"))
                text(self.say("hours_lead"), "pb-lead", "p")
                choose_shop(self.say, found.shops, self.shop, lambda name: f"/vans?shop={name}")
                self._draw_hours(found.hours)

    # ---- vans ----

    def draw(self, found: Found) -> Markup:
        """A card each."""
        self.known = {van.id: van for van in found.vans}
        if not found.vans:
            return markup.empty(self.say("no_vans"))
        return markup.box("pb-cards", *map(self._card, found.vans))

    def _card(self, van: VanView) -> Markup:
        say = self.say
        facts = [
            (say("carries"), f"{van.max_kg} kg"),
            (say("works"), f"{clock(van.starts_min)}–{clock(van.ends_min)} · {weekdays(say, van.weekdays)}"),
            (say("speed"), f"{van.km_per_hour} km/h"),
            (say("starts_at"), f"{van.latitude_e6 / 1e6:.4f}, {van.longitude_e6 / 1e6:.4f}"),
        ]
        return markup.box(
            "pb-card",
            markup.box("pb-card-title", van.name),
            markup.box("pb-soft pb-small", van.restocker) if van.restocker else Markup(),
            markup.box("pb-facts pb-gap-above", *(work_parts.row(name, value) for name, value in facts)),
            markup.box(
                "pb-actions",
                press(say("change"), "change", van.id, "is-quiet"),
                press(say("withdraw"), "withdraw", van.id, "is-quiet"),
            ),
        )

    def _fields(self, made: Form, van: VanView | None) -> None:
        say = self.say
        made.line("name", say("name"), van.name if van else "")
        made.line("restocker", say("restocker"), van.restocker if van else "", "email")
        made.line("latitude_e6", say("latitude"), f"{van.latitude_e6 / 1e6:.5f}" if van else "", hint="36.65")
        made.line("longitude_e6", say("longitude"), f"{van.longitude_e6 / 1e6:.5f}" if van else "", hint="117.12")
        made.line("max_kg", say("max_kg"), str(van.max_kg) if van else "", "number", hint="800")
        made.line("starts_min", say("starts"), clock(van.starts_min if van else 480))
        made.line("ends_min", say("ends"), clock(van.ends_min if van else 1080))
        made.line("weekdays", say("weekdays"), van.weekdays if van else "12345")
        made.line("km_per_hour", say("km_per_hour"), str(van.km_per_hour if van else 30), "number")

    def _wanted(self, made: Form, van: str) -> Action | None:
        places = {name: made.read(name, degrees_e6, "wrong_place", 0) for name in ("latitude_e6", "longitude_e6")}
        for name in places:
            made.demand(name, "wrong_place")
        times = {name: made.read(name, typed_end, "wrong_time", 0) for name in ("starts_min", "ends_min")}
        numbers = {name: made.read(name, whole, f"wrong_{name}", 0) for name in ("max_kg", "km_per_hour")}
        wanted = made.model(VanFacts, made.texts("name", "restocker", "weekdays") | places | times | numbers)
        if wanted is None:
            return None
        return lambda session, person: vans.keep(session, person, van, wanted.facts(), self.visit.now_ms())

    def ask_change(self, name: str) -> None:
        """The same form in a box."""
        van = self.known[name]
        with dialog(self.visit.page) as asked:
            text(van.name, "pb-question")
            made = Form(self.visit, SAID)
            with box("pb-fields pb-gap-above"):
                self._fields(made, van)

            async def go() -> None:
                act = self._wanted(made, name)
                if act is not None and await made.keep(act):
                    asked.close()
                    await self.part.refresh()

            with box("pb-buttons pb-gap-above"):
                button(self.say("keep"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    def ask_withdraw(self, name: str) -> None:
        """It is asked first."""

        async def go() -> None:
            def act(session: Session, person: SignedIn) -> object:
                return vans.withdraw(session, person, name, self.visit.now_ms())

            await self.part.change(act)

        question = self.say("withdraw_sure", van=self.known[name].name)
        ask_first(self.visit, question, self.say("withdraw"), go, self.say("cancel"))

    # ---- hours ----

    def _draw_hours(self, hours: list[HoursView]) -> None:
        by_day = {each.weekday: each for each in hours}
        made = Form(self.visit, (Said("a visit fits into", "service", "wrong_order"),))
        with box("pb-card pb-gap-above"):
            with box("pb-fields"):
                for day in range(1, 8):
                    self._draw_day(made, day, by_day.get(day))
            with box("pb-fields pb-gap-above"):
                takes = max((each.service_min for each in hours), default=20)
                made.line("service", self.say("service"), str(takes), "number")
            with box("pb-buttons pb-gap-above"):
                button(self.say("keep"), lambda: self._keep_hours(made), "is-main")

    def _draw_day(self, made: Form, day: int, known: HoursView | None) -> None:
        with box("pb-row"):
            made.line(f"from_{day}", self.say("opens", day=self.say(f"weekday_{day}")), _shown(known, "opens_min"))
            made.line(f"to_{day}", self.say("closes"), _shown(known, "closes_min"))

    async def _keep_hours(self, made: Form) -> None:
        takes = made.read("service", whole, "wrong_whole", 20)
        week = [self._day_of(made, day, takes) for day in range(1, 8)]
        if made.model(_Week, {}) is None:
            return
        wanted = [each for each in week if each is not None]
        shop = self.shop

        def act(session: Session, person: SignedIn) -> object:
            return vans.keep_hours(session, person, shop, wanted, self.visit.now_ms())

        if await made.keep(act):
            with self.visit.page:
                ui.notify(self.say("kept"), position="top")

    def _day_of(self, made: Form, day: int, takes: int) -> HoursView | None:
        read: Callable[[str], int] = lambda name: made.read(f"{name}_{day}", typed_end, "wrong_time", -1)  # noqa: E731
        opens, closes = read("from"), read("to")
        if opens < 0 or closes < 0:
            return None
        return HoursView(weekday=day, opens_min=opens, closes_min=closes, service_min=max(1, min(480, takes)))


class _Week(BaseModel):
    """Nothing beside what the fields themselves could read."""


def _shown(known: HoursView | None, name: str) -> str:
    return clock(getattr(known, name)) if known else ""
