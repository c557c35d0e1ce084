"""How alerts are told: e-mail addresses and webhooks, tried, changed and withdrawn; and how well that goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import run, ui
from sqlmodel import Session

from cloud.catalogue.bot_hooks import Seal
from cloud.identity import SignedIn
from cloud.pages import form
from cloud.pages.form import Form, Said
from cloud.pages.names import shop_names
from cloud.pages.own_part import OwnPart, ask_first, attempt, show_secret
from cloud.pages.typed_clock import clock_text, typed_minute
from cloud.pages.visit import Visit, show
from cloud.replenishment.alerts import ways, words
from cloud.replenishment.alerts.matters import KINDS
from cloud.replenishment.alerts.telling import NotToldError
from cloud.replenishment.alerts.ways import PURPOSE, NewWay, WayMade, WayView, WhatToTell
from page_kit.address import page
from page_kit.fields import Checks, Choice
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, dialog, empty, link_button, text, title

TEXTS: Texts = {
    "back": ("‹ 提醒", "‹ Alerts"),
    "ways": ("通知方式", "How alerts are told"),
    "ways_lead": (
        "每条提醒在每个方式上只通知一次；好了的、有人在处理的不再通知。",
        "An alert is told once on each way; what is over, or what somebody has, is not told any more.",
    ),
    "make": ("添加方式", "Add a way"),
    "make_it": ("添加", "Add"),
    "kind_mail": ("邮件", "E-mail"),
    "kind_webhook": ("程序（Webhook）", "A program (webhook)"),
    "what_mail": ("同时有几条时合成一封", "several at once come in one mail"),
    "what_webhook": ("每条一次签名的 POST", "a signed POST for each"),
    "no_mail": (
        "云端没有设置邮件服务器，所以只能用程序。",
        "This cloud has no server for mails, so only programs can be told.",
    ),
    "which": ("通知到哪里", "Told to"),
    "mail_address": ("邮箱", "E-mail address"),
    "webhook_address": ("地址（URL）", "Address (URL)"),
    "kinds": ("哪些提醒（都不选就是全部）", "Which alerts (none: all of them)"),
    "shops": ("哪些店铺（都不选就是全部）", "Which shops (none: all of them)"),
    "all_kinds": ("全部提醒", "every alert"),
    "all_shops": ("全部店铺", "every shop"),
    "quiet": ("安静时间 {start}–{end}（店铺当地）", "quiet from {start} to {end}, by the shop's clock"),
    "quiet_from": ("安静时间从（可不填）", "Quiet hours from (if any)"),
    "quiet_to": ("到", "to"),
    "quiet_hint": ("例如 20:00", "such as 20:00"),
    "language": ("语言", "Language"),
    "no_ways": ("还没有通知方式", "Nobody is told yet"),
    "no_ways_how": (
        "提醒只在页面上；添加一个邮箱或程序。",
        "Alerts are on the page alone: add an e-mail address or a program.",
    ),
    "told": ("已通知 {count} 条", "Told: {count}"),
    "last_told": ("上次", "last"),
    "waiting": ("等着通知 {count} 条", "Waiting: {count}"),
    "given_up": ("试了一天没有送到 {count} 条", "Could not be told for a day: {count}"),
    "try": ("试发", "Try it"),
    "tried": ("试发成功", "The test arrived"),
    "not_told": ("没有送到：{why}", "It did not arrive: {why}"),
    "change": ("修改", "Change"),
    "keep": ("保存", "Save"),
    "withdraw": ("删除", "Remove"),
    "withdraw_sure": ("不再通知 {address}？", "Tell {address} nothing more?"),
    "cancel": ("取消", "Cancel"),
    "secret": ("签名密钥", "Signing secret"),
    "secret_once": (
        "只显示这一次：把它填到收提醒的程序里，用来核对签名。",
        "Shown this once: the program that takes the alerts checks their signature with it.",
    ),
    "copy": ("复制", "Copy"),
    "copied": ("已复制", "Copied"),
    "close": ("关闭", "Close"),
    "wrong_address": (
        "请填邮箱，或 https:// 开头的地址。",
        "Please enter an e-mail address, or one that begins with https://.",
    ),
    "wrong_hours": (
        "请填两个不同的时间，例如 20:00 和 7:30。",
        "Please enter two different times, such as 20:00 and 7:30.",
    ),
    "wrong_many": ("最多 50 个方式，请先删除一个。", "At most 50 ways: remove one first."),
}
_SAID = (
    Said("an e-mail address", "address", "wrong_address"),
    Said("an address such as", "address", "wrong_address"),
    Said("quiet hours", "quiet_to", "wrong_hours"),
    Said("ways, found as many", "address", "wrong_many"),
)


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    ways: list[WayView]
    shops: dict[str, str]


def register() -> None:
    """Add the page."""

    @page("/alerts/ways")
    async def alert_ways(request: Request) -> Response | None:
        return await show(
            request, (form.TEXTS, words.TEXTS, TEXTS), lambda visit: _Page(visit).build(), "manage_alerts"
        )


class _Page:
    """The open page."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.say = visit, visit.say
        self.part: OwnPart[Found] = OwnPart(visit, self.query, self.draw)
        self.shops: dict[str, str] = {}

    def query(self, session: Session, person: SignedIn) -> Found:
        """The ways that stand."""
        return Found(ways.ways(session, person.tenant), dict(shop_names(session, person.tenant)))

    async def build(self) -> None:
        """The frame and the list."""
        say = self.say
        with self.visit.frame():
            link_button(say("back"), "/alerts", "is-quiet pb-back")
            with box("pb-row pb-between pb-top pb-gap-below"):
                with box("pb-grow"):
                    title(say("ways"), say("ways_lead"))
                button(say("make"), self.ask, "is-main")
            await self.part.start()

    def draw(self, found: Found, ages: Ages) -> None:
        """A card a way."""
        self.shops = found.shops
        if not found.ways:
            empty(self.say("no_ways"), self.say("no_ways_how"))
        with box("pb-stack"):
            for way in found.ways:
                self._draw_way(way, ages)

    def _draw_way(self, way: WayView, ages: Ages) -> None:
        say = self.say
        with box("pb-card pb-person" + (" is-alert" if way.error or way.given_up else "")):
            with box("pb-grow"):
                with box("pb-row pb-wrap pb-tight"):
                    text(way.address, "pb-card-title pb-code")
                    badge(say(f"kind_{way.kind}"), "is-good")
                text(self._what(way), "pb-small")
                with box("pb-row pb-wrap pb-tight pb-soft pb-small"):
                    text(say("told", count=way.told))
                    if way.last_told_ms:
                        text(say("last_told"))
                        ages.show(way.last_told_ms, "")
                    if way.waiting:
                        badge(say("waiting", count=way.waiting), "is-low")
                    if way.given_up:
                        badge(say("given_up", count=way.given_up), "is-wrong")
                if way.error:
                    text(say("not_told", why=way.error), "pb-trouble is-wrong pb-gap-above")
            with box("pb-buttons"):
                button(say("try"), lambda: self.try_out(way), "is-quiet")
                button(say("change"), lambda: self.ask_change(way), "is-quiet")
                button(say("withdraw"), lambda: self._ask_withdraw(way), "is-quiet")

    def _what(self, way: WayView) -> str:
        say = self.say
        comma = "、" if say.language == "zh" else ", "
        kinds = comma.join(say(f"kind_{kind}") for kind in way.kinds) or say("all_kinds")
        shops = comma.join(self.shops.get(shop, shop) for shop in way.shops) or say("all_shops")
        quiet = ""
        if way.quiet_from_min is not None and way.quiet_to_min is not None:
            quiet = say("quiet", start=clock_text(way.quiet_from_min), end=clock_text(way.quiet_to_min))
        return " · ".join(filter(None, (kinds, shops, quiet)))

    # ---- what is done ----

    async def try_out(self, way: WayView) -> None:
        """Send a test now, and say what came of it."""
        services, page = self.visit.services, self.visit.page

        def send() -> str:
            with services.database.reading() as session:
                row = ways.own_way(session, self.visit.person.tenant, way.id)
            try:
                services.alerts.try_out(row, self.visit.person.dealer_name)
            except NotToldError as error:
                return str(error)
            return ""

        why = await attempt(self.visit, lambda: run.io_bound(send))
        with page:
            if why == "":
                ui.notify(self.say("tried"), position="top")
            elif why:
                ui.notify(self.say("not_told", why=why), type="negative", position="top", timeout=8000)

    def ask(self) -> None:
        """A new way."""
        has_mail = self.visit.services.mail is not None
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(self.say("make"), "pb-question")
            wanted = _Wanted(self.visit, self.shops, None, has_mail=has_mail)

            async def go() -> None:
                made = await wanted.make()
                if made is not None:
                    asked.close()
                    self._tell(made)
                    await self.part.refresh()

            self._end(self.say("make_it"), go, asked)

    def ask_change(self, way: WayView) -> None:
        """Other alerts, quiet hours or another language."""
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(way.address, "pb-question")
            wanted = _Wanted(self.visit, self.shops, way, has_mail=True)

            async def go() -> None:
                if await wanted.change(way.id):
                    asked.close()
                    await self.part.refresh()

            self._end(self.say("keep"), go, asked)

    def _end(self, label: str, go: Any, asked: Any) -> None:
        with box("pb-buttons"):
            button(label, go, "is-main")
            button(self.say("cancel"), asked.close, "is-quiet")

    def _tell(self, made: WayMade) -> None:
        say = self.say
        if made.secret:
            show_secret(
                self.visit, say("secret"), say("secret_once"), made.secret,
                copy=say("copy"), copied=say("copied"), close=say("close"),
            )  # fmt: skip

    def _ask_withdraw(self, way: WayView) -> None:
        say, now_ms = self.say, self.visit.now_ms

        async def go() -> None:
            await attempt(
                self.visit, lambda: self.visit.change(lambda s, person: ways.withdraw(s, person, way.id, now_ms()))
            )
            await self.part.refresh()

        ask_first(self.visit, say("withdraw_sure", address=way.address), say("withdraw"), go, say("cancel"))


class _Wanted:
    """The fields of a way, for a new one or one that is changed."""

    def __init__(self, visit: Visit, shops: Mapping[str, str], way: WayView | None, *, has_mail: bool) -> None:
        self._visit, self._say = visit, visit.say
        say = self._say
        self._form = Form(visit, _SAID, change=visit.change)
        self._kind: Choice | None = None
        if way is None:
            options = {kind: (say(f"kind_{kind}"), say(f"what_{kind}")) for kind in ("mail", "webhook")}
            if not has_mail:
                del options["mail"]
                text(say("no_mail"), "pb-soft pb-small")
            self._kind = Choice(say("which"), options, next(iter(options)))
            self._form.line(
                "address", say("mail_address") + " / " + say("webhook_address") if has_mail else say("webhook_address")
            )
        self._kinds = Checks(say("kinds"), {kind: say(f"kind_{kind}") for kind in KINDS}, way.kinds if way else ())
        with box("pb-fields"):
            quiet = (way.quiet_from_min, way.quiet_to_min) if way else (None, None)
            for name, minute in zip(("quiet_from", "quiet_to"), quiet, strict=True):
                self._form.line(name, say(name), "" if minute is None else clock_text(minute), hint=say("quiet_hint"))
            self._form.choose(
                "language", say("language"), {"zh": "中文", "en": "English"}, way.language if way else say.language
            )

        self._shops = self._choose_shops(shops, way)

    def _choose_shops(self, shops: Mapping[str, str], way: WayView | None) -> Checks | None:
        """Folded up: there may be hundreds."""
        if len(shops) < 2:
            return None
        with box("pb-card pb-fold", "details") as fold:
            if way and way.shops:
                fold.props("open")
            text(self._say("shops"), "", "summary")
            return Checks("", shops, way.shops if way else ())

    def _values(self) -> dict[str, Any]:
        quiet = {
            f"{name}_min": self._form.read(name, typed_minute, "wrong_hours", None)
            for name in ("quiet_from", "quiet_to")
        }
        shops = sorted(self._shops.chosen) if self._shops else []
        return {"kinds": sorted(self._kinds.chosen), "shops": shops, "language": self._form["language"], **quiet}

    async def make(self) -> WayMade | None:
        """The way with its secret; None when it was refused, and the fields say why."""
        kind = self._kind.value if self._kind else ""
        values = {"kind": kind, "address": self._form["address"], **self._values()}
        wanted = self._form.model(NewWay, values)
        if wanted is None:
            return None
        services, made = self._visit.services, []

        def act(session: Session, person: SignedIn) -> None:
            seal = Seal(services.settings.secret, PURPOSE)
            mails = services.mail is not None
            made.append(ways.make(session, person, wanted, seal, self._visit.now_ms(), mails=mails))

        return made[0] if await self._form.keep(act) else None

    async def change(self, way: str) -> bool:
        """Whether it was changed; the fields say why not."""
        wanted = self._form.model(WhatToTell, self._values())
        if wanted is None:
            return False
        return await self._form.keep(
            lambda session, person: ways.change(session, person, way, wanted, self._visit.now_ms())
        )
