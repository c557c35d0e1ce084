"""The policy (补货策略) of a part in a bin: how long its stock lasts, when more is asked for and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages import planning_words, role_words, work_parts
from cloud.pages.addresses import cabinet_path
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names
from cloud.pages.planning_words import chance, days, reason, share
from cloud.pages.visit import Visit, part_name, show
from cloud.pages.work_parts import Part, press
from cloud.replenishment import overrides as persons
from cloud.replenishment.overrides import Asked
from cloud.replenishment.policies import policy_card
from cloud.replenishment.policy_views import OverrideView, PolicyCard, PolicyView
from cloud.shop_plan import own_shop
from cloud.tenancy import TenantId
from cloud.work.shop_time import day_of, moment_of, zone_of
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, button, link_button, title
from page_kit.markup import Markup, joined
from page_kit.quantity import quantity
from page_kit.stock_fan import TEXTS as FAN_TEXTS
from page_kit.stock_fan import Ahead, draw_bars, draw_fan

RISK_PPM = 100_000  # from here on a bin that may run out is told in red
USUAL_DAYS = 30

TEXTS: Texts = {
    "policy": ("补货策略", "Policy"),
    "place": ("{shop} · {cabinet} 货位 {bin}", "{shop} · {cabinet} bin {bin}"),
    "lasts": ("大约还够用", "Lasts about"),
    "risk": ("下次补货前断货的可能", "May run out before the next visit"),
    "stock": ("现有", "In the bin"),
    "in_doubt": ("其中存疑", "Of it in doubt"),
    "ask_at": ("剩多少就要货", "Ask for more at"),
    "fill_to": ("补到", "Fill up to"),
    "from_person": ("{who} 设定，到 {day} 为止", "Set by {who} until {day}"),
    "from_forecast": ("由预测算出", "From the forecast"),
    "from_planogram": ("陈列图里填的数", "Typed into the planogram"),
    "suggested": ("预测建议", "What the forecast suggests"),
    "not_in_force": (
        "这家店还没有按预测补货，网关用的是陈列图里的数。可在“补货计划”里打开。",
        "This shop is not supplied by the forecast yet: its gateway works by the planogram. See “Planning”.",
    ),
    "told": ("已告诉网关", "Told to the gateway"),
    "told_waiting": ("已发出，等网关确认", "Sent; the gateway has not confirmed yet"),
    "why": ("为什么是这些数", "Why these levels"),
    "ahead": ("没人来补的话", "If nobody brings any"),
    "ahead_why": (
        "粗线是最可能的库存，深色里有八成把握，浅色到百分之二的最坏情况。",
        "The line is the most likely stock; the dark band holds it four times out of five, the light one all but the "
        "worst two in a hundred.",
    ),
    "before": ("最近每周用量", "Used in each of the last weeks"),
    "before_why": ("虚线是预计的每周用量。", "The dashed line is what is expected of a week."),
    "own": ("自己定", "Set it yourself"),
    "own_why": (
        "到那天为止按你的数补货，之后自动恢复。",
        "Your figures hold until that day, and end by themselves.",
    ),
    "until": ("到哪天为止", "Until the day"),
    "reason": ("原因（可不填）", "Why (may be left out)"),
    "set": ("设定", "Set"),
    "end_now": ("现在就恢复", "End it now"),
    "bad_number": ("数量要写成整数", "A quantity is a whole number"),
    "bad_day": ("日期要写成 2026-11-30 的样子", "A day is written as 2026-11-30"),
    "is_set": ("已设定，网关收到后生效", "Set: it holds when the gateway has heard of it"),
    "not_computed": ("还没有算过", "Nothing was computed yet"),
    "not_computed_why": (
        "每天夜里自动算一次；在“补货计划”里可以现在算。",
        "It is done every night, and in “Planning” at once.",
    ),
    "to_planning": ("去补货计划", "To planning"),
    "facts": ("怎样预测的", "How it was forecast"),
    "kind": ("用量特点", "Kind of demand"),
    "method": ("方法", "Method"),
    "promise": ("预计有货率", "Expected fill rate"),
    "on_hand": ("预计平均库存", "Expected mean stock"),
    "when": ("算于", "Computed"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    card: PolicyCard
    shop_name: str
    zone: str
    names: CabinetNames


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/policy")
    async def one_policy(
        request: Request,
        shop: str,
        cabinet: str = "",
        bin: int = 0,  # noqa: A002 -- as it stands in the address
        part: str = "",
    ) -> Response | None:
        place = cabinet, bin, part
        texts = (role_words.TEXTS, work_parts.TEXTS, planning_words.TEXTS, FAN_TEXTS, TEXTS)
        return await show(request, texts, lambda visit: _Policy(visit, shop, place).build(), "see_planning")


class _Policy:
    """The open page."""

    def __init__(self, visit: Visit, shop: str, place: tuple[str, int, str]) -> None:
        self.visit, self.say, self.shop, self.place = visit, visit.say, shop, place
        self.override = ""

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The policy and what is expected (`NotFoundError`)."""
        card = policy_card(session, tenant, self.shop, self.place, self.visit.now_ms())
        shop = own_shop(session, tenant, self.shop)
        return Found(card, shop.name, shop.time_zone, cabinet_names(session, tenant, [self.shop]))

    async def build(self) -> None:
        """What matters now, then why, then how to change it."""
        say, found = self.say, await self.visit.read(self.query)
        with self.visit.frame():
            cabinet = cabinet_name(say, found.names, self.shop, self.place[0])
            place = say("place", shop=found.shop_name, cabinet=cabinet, bin=self.place[1])
            link_button(f"‹ {cabinet}", cabinet_path(self.shop, self.place[0]), "is-quiet pb-back")
            title(part_name(say, found.card.part), place)
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("end", lambda _: self.end())
            if self.visit.may("edit_policy") and found.card.policy is not None:
                self._draw_form(found, found.card.policy)

    def draw(self, found: Found) -> Markup:
        """Everything but the form."""
        policy = found.card.policy
        self.override = found.card.override.id if found.card.override else ""
        if policy is None:
            way = markup.link("pb-button is-main", "/planning", self.say("to_planning"))
            return joined(
                markup.empty(self.say("not_computed"), self.say("not_computed_why")),
                markup.box("pb-buttons pb-gap-above", way),
            )
        return joined(
            self._head(found, policy), self._why(policy), self._pictures(found.card, policy), self._facts(policy)
        )

    def _head(self, found: Found, policy: PolicyView) -> Markup:
        say = self.say
        low = policy.runs_out_ppm >= RISK_PPM
        unit, language = policy.part.unit, say.language
        figures = [
            markup.figure(say("lasts"), days(say, policy.days_left), "is-low" if low else ""),
            markup.figure(say("risk"), chance(policy.runs_out_ppm), "is-low" if low else ""),
            markup.figure(say("stock"), quantity(policy.stock, unit, language)),
        ]
        if policy.at_risk:
            figures.append(markup.figure(say("in_doubt"), quantity(policy.at_risk, unit, language), "is-low"))
        figures += [
            markup.figure(say("ask_at"), quantity(policy.reorder_point_in_force, unit, language)),
            markup.figure(say("fill_to"), quantity(policy.order_up_to_in_force, unit, language)),
        ]
        return markup.box(
            "pb-card",
            markup.box("pb-row pb-wrap pb-marks", self._from_whom(found, policy), self._told(policy)),
            markup.box("pb-figures pb-gap-above", *figures),
            self._override_buttons(found.card.override),
        )

    def _from_whom(self, found: Found, policy: PolicyView) -> Markup:
        say, override = self.say, found.card.override
        if override is not None:
            day = day_of(override.until_ms - 1, found.zone)
            return markup.badge(say("from_person", who=override.made_by, day=day), "is-low")
        whom = policy.from_whom
        return markup.badge(say(f"from_{whom}"), "is-good" if whom == "forecast" else "")

    def _told(self, policy: PolicyView) -> Markup:
        if policy.told_ms is None or policy.from_whom != "forecast":
            return Markup()
        return markup.badge(self.say("told" if policy.answered else "told_waiting"))

    def _override_buttons(self, override: OverrideView | None) -> Markup:
        if override is None:
            return Markup()
        why = markup.box("pb-soft pb-gap-above", override.why) if override.why else Markup()
        if not self.visit.may("edit_policy"):
            return why
        return joined(why, markup.box("pb-actions", press(self.say("end_now"), "end", "1", "is-quiet")))

    def _why(self, policy: PolicyView) -> Markup:
        say = self.say
        lines = [markup.box("", reason(say, policy))]
        if policy.from_whom == "planogram":
            lines.append(markup.box("pb-soft pb-gap-above", say("not_in_force")))
        name = "why" if policy.from_whom == "forecast" else "suggested"
        return joined(markup.heading(say(name)), markup.box("pb-card", *lines))

    def _pictures(self, card: PolicyCard, policy: PolicyView) -> Markup:
        say = self.say
        sure = max(0, policy.stock - policy.at_risk)
        weeks = _until_empty(card, sure, policy)
        visit_weeks = (policy.lead_days + policy.review_days) / 7
        fan = draw_fan(say, policy.part.unit, (sure, policy.reorder_point_in_force), weeks, visit_weeks)
        bars = draw_bars(say, policy.part.unit, card.asked_by_week, 7 * policy.mean_day)
        return markup.box(
            "pb-two pb-gap-above",
            markup.box("pb-card", markup.box("pb-card-title", say("ahead")), fan, _small(say("ahead_why"))),
            markup.box("pb-card", markup.box("pb-card-title", say("before")), bars, _small(say("before_why"))),
        )

    def _facts(self, policy: PolicyView) -> Markup:
        say = self.say
        on_hand = quantity(round(policy.on_hand), policy.part.unit, say.language)
        facts = [
            (say("kind"), say(f"class_{policy.demand_class}")),
            (say("method"), say(f"method_{policy.method}")),
            (say("promise"), share(policy.fill_ppm, 1)),
            (say("on_hand"), on_hand),
            (say("when"), markup.age(say, policy.computed_ms, "")),
        ]
        rows = [work_parts.row(name, value) for name, value in facts]
        return joined(markup.heading(say("facts")), markup.box("pb-card", markup.box("pb-facts", *rows)))

    def _draw_form(self, found: Found, policy: PolicyView) -> None:
        say = self.say
        markup.show(markup.heading(say("own")), markup.box("pb-lead", say("own_why")))
        now = moment_of(self.visit.now_ms(), found.zone)
        until = (now + timedelta(days=USUAL_DAYS)).date().isoformat()
        with box("pb-card"):
            with box("pb-fields"):
                point = Field(say("ask_at"), str(policy.reorder_point_in_force), kind="number")
                up_to = Field(say("fill_to"), str(policy.order_up_to_in_force), kind="number")
                day = Field(say("until"), until, kind="date")
                why = Field(say("reason"))
            with box("pb-actions"):
                button(say("set"), lambda: self.set((point, up_to, day, why), found.zone), "is-main")

    async def set(self, fields: tuple[Field, Field, Field, Field], zone: str) -> None:
        """Let these levels hold."""
        point, up_to, day, why = fields
        levels = [_whole(field.value) for field in (point, up_to)]
        until_ms = _end_of(day.value, zone)
        for field, value in zip((point, up_to), levels, strict=True):
            field.refuse("" if value is not None else self.say("bad_number"))
        day.refuse("" if until_ms else self.say("bad_day"))
        if levels[0] is None or levels[1] is None or not until_ms:
            return
        asked = Asked(self.shop, *self.place, levels[0], levels[1], until_ms, why.value)

        def act(session: Session, person: SignedIn) -> object:
            return persons.make(session, person, asked, self.visit.now_ms())

        if await self.part.change(act):
            ui.notify(self.say("is_set"), position="top")

    async def end(self) -> None:
        """Let what is computed hold again."""
        name = self.override
        await self.part.change(
            lambda session, person: persons.end(session, person, self.shop, name, self.visit.now_ms())
        )


def _until_empty(card: PolicyCard, stock: int, policy: PolicyView) -> list[Ahead]:
    """The weeks that are worth drawing: until even little demand has emptied the bin, and past the next visit."""
    weeks = [Ahead(each.low, each.middle, each.high, each.very_high) for each in card.weeks]
    empty = next((at for at, each in enumerate(weeks, 1) if each.low >= stock), len(weeks))
    visit = -(-(policy.lead_days + policy.review_days) // 7)
    return weeks[: max(2, empty, min(visit, len(weeks)))]


def _small(content: str) -> Markup:
    return markup.box("pb-soft pb-small", content)


def _whole(typed: str) -> int | None:
    found = typed.strip()
    return int(found) if found.isascii() and found.isdigit() and len(found) < 9 else None


def _end_of(day: str, zone: str) -> int:
    """The first moment behind a day; 0 when it is none."""
    try:
        start = datetime.fromisoformat(day.strip()).replace(tzinfo=zone_of(zone))
    except ValueError:
        return 0
    return round((start + timedelta(days=1)).timestamp()) * 1000
