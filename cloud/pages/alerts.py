"""Alerts: what holds now, by shop, the most urgent first, with what to do next; and what ended in the last days."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session, col

from cloud.pages import choosing, role_words, work_parts
from cloud.pages.addresses import shop_path
from cloud.pages.alert_cards import alert_card, kind_badge
from cloud.pages.alert_count import forget_count
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part
from cloud.replenishment.alerts import listing, taking, words
from cloud.replenishment.alerts.sentences import about, place, place_path
from cloud.replenishment.alerts.views import AlertView
from cloud.tables import Shop
from cloud.tenancy import TenantId, tenant_rows
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, button, dialog, link_button, text, title
from page_kit.markup import Markup, joined

TEXTS: Texts = {
    "lead": (
        "要人处理的事，最急的在前面；好了会自己消失。",
        "What somebody has to see to, the most urgent first. What is over goes by itself.",
    ),
    "none": ("没有要处理的事", "Nothing needs anybody"),
    "none_why": (
        "有货位快断货、传感器失灵、没有消息或少了东西时，会出现在这里。",
        "Bins that run out, blind sensors, silence and losses appear here.",
    ),
    "ways": ("通知方式", "How they are told"),
    "take_on": ("我来处理", "Take it on"),
    "give_back": ("不处理了", "Give it back"),
    "take_question": ("处理：{what}", "Take on: {what}"),
    "take_why": (
        "大家会看到是你在处理，不再通知别人。",
        "Everybody sees that you have it, and nobody is told of it any more.",
    ),
    "note": ("备注（可不填）", "Note, if you like"),
    "cancel": ("取消", "Cancel"),
    "lately": ("最近三天好了的", "Over in the last three days"),
    "more_open": ("还有更多，先处理这些。", "There are more: begin with these."),
}
_TO_HASH = (
    "setTimeout(() => { const made = location.hash && document.getElementById(location.hash.slice(1));"
    " if (made) { made.scrollIntoView({block: 'center'}); made.classList.add('is-live'); } }, 50)"
)


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    holding: list[AlertView]
    ended: list[AlertView]
    zones: dict[str, str]


def register() -> None:
    """Add the page."""

    @page("/alerts")
    async def alerts(request: Request, shop: str = "") -> Response | None:
        tables = (role_words.TEXTS, work_parts.TEXTS, choosing.TEXTS, words.TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _Page(visit, shop).build(), "see_alerts")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, shop: str) -> None:
        self.visit, self.say, self.shop = visit, visit.say, shop
        self.rows: list[AlertView] = []

    def query(self, session: Session, tenant: TenantId) -> Found:
        """What holds, and what has ended."""
        prices = self.visit.may("see_prices")
        holding = listing.open_by_urgency(session, tenant, shop=self.shop, prices=prices)
        ended = listing.lately_ended(session, tenant, self.visit.now_ms(), prices=prices)
        own = [alert for alert in ended if not self.shop or alert.shop == self.shop]
        return Found(holding, own, zones_of(session, tenant, holding))

    async def build(self) -> None:
        """The frame and the list."""
        say = self.say
        found = await self.visit.read(self.query)
        with self.visit.frame():
            with box("pb-row pb-between pb-top pb-gap-below"):
                with box("pb-grow"):
                    title(say("alerts"), say("lead"))
                if self.visit.may("manage_alerts"):
                    link_button(say("ways"), "/alerts/ways", "is-quiet")
            if self.shop:
                with box("pb-below"):
                    link_button(say("every_shop"), "/alerts", "is-quiet")
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("take", lambda at: self.ask(int(at)))
            self.part.on("back", lambda at: self.give_back(int(at)))
            ui.timer(0.2, lambda: ui.run_javascript(_TO_HASH), once=True)

    def draw(self, found: Found) -> Markup:
        """Shops with what holds there, then what is over."""
        self.rows = [alert for alerts in _by_shop(found.holding) for alert in alerts]
        numbers = {alert.id: at for at, alert in enumerate(self.rows)}
        drawn = [self._shop(alerts, found, numbers) for alerts in _by_shop(found.holding)]
        drawn = [markup.box("pb-cards pb-wide-cards", *drawn)] if drawn else [self._nothing()]
        if len(found.holding) == listing.OPEN_SHOWN:
            drawn.append(markup.box("pb-soft pb-gap-above", self.say("more_open")))
        return joined(*drawn, self._ended(found.ended))

    def _nothing(self) -> Markup:
        return markup.empty(self.say("none"), self.say("none_why"))

    def _shop(self, alerts: Sequence[AlertView], found: Found, numbers: dict[str, int]) -> Markup:
        first = alerts[0]
        name = markup.link("pb-plain-link", shop_path(first.shop), first.shop_name) if first.shop else Markup()
        head = markup.tag("h2", name or self.say("several_shops"), class_="pb-h2")
        cards = [alert_card(self.say, alert, found.zones.get(alert.shop, "UTC"), numbers[alert.id]) for alert in alerts]
        return markup.box("pb-alerts-of-shop", head, *cards)

    def _ended(self, ended: Sequence[AlertView]) -> Markup:
        if not ended:
            return Markup()
        lines = [self._line(alert) for alert in ended]
        return joined(markup.heading(self.say("lately")), markup.box("pb-card", *lines))

    def _line(self, alert: AlertView) -> Markup:
        say = self.say
        where = " · ".join(filter(None, (alert.shop_name, place(say, alert))))
        why = say(f"ended_{alert.ended_why}") if f"ended_{alert.ended_why}" in words.TEXTS else ""
        taken = f" · {alert.seen_by}" if alert.seen_by else ""
        return markup.link(
            "pb-line pb-plain-link",
            place_path(alert),
            markup.box(
                "pb-grow",
                markup.box(
                    "pb-row pb-wrap pb-tight", markup.box("pb-strong", about(say, alert)), kind_badge(say, alert)
                ),
                markup.box("pb-soft pb-small", f"{where}{taken}"),
            ),
            markup.box("pb-line-end", markup.box("", why), markup.age(say, alert.ended_ms or 0, "pb-soft pb-small")),
        )

    def ask(self, at: int) -> None:
        """Take one on, with a note."""
        alert, say = self.rows[at], self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("take_question", what=about(say, alert)), "pb-question")
            text(say("take_why"), "pb-soft pb-small")
            note = Field(say("note"))

            async def take() -> None:
                now_ms = self.visit.now_ms()
                if await self.part.change(
                    lambda session, person: taking.take_on(session, person, alert.id, note.value, now_ms)
                ):
                    self._count_anew()
                    asked.close()

            with box("pb-buttons"):
                button(say("take_on"), take, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    async def give_back(self, at: int) -> None:
        """It is nobody's again."""
        alert, now_ms = self.rows[at], self.visit.now_ms()
        await self.part.change(lambda session, person: taking.give_back(session, person, alert.id, now_ms))
        self._count_anew()

    def _count_anew(self) -> None:
        """The mark in the menu follows what was just done here."""
        forget_count(self.visit.services, self.visit.person.dealer)
        self.visit.count_alerts_soon()


def zones_of(session: Session, tenant: TenantId, alerts: Sequence[AlertView]) -> dict[str, str]:
    """The time zones of the shops that some alerts are about."""
    wanted = {alert.shop for alert in alerts if alert.shop}
    rows = tenant_rows(tenant, Shop).where(col(Shop.id).in_(wanted))
    return {shop.id: shop.time_zone for shop in session.exec(rows)}


def _by_shop(alerts: Sequence[AlertView]) -> list[list[AlertView]]:
    """By shop, in the order in which the shops' most urgent ones come."""
    found: dict[str, list[AlertView]] = {}
    for alert in alerts:
        found.setdefault(alert.shop, []).append(alert)
    return list(found.values())
