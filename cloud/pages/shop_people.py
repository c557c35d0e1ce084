"""The people of a shop: who opens its cabinets by which badge, who left, whose names are forgotten."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from fastapi import Request
from fastapi.responses import Response
from nicegui import run, ui
from sqlmodel import Session

from cloud.api.shop_people import edit_people
from cloud.audit import record
from cloud.identity import SignedIn
from cloud.pages import work_parts
from cloud.pages.addresses import segment, shop_path
from cloud.pages.own_part import ask_first, attempt
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press
from cloud.redaction import FORGOTTEN
from cloud.shop_plan import own_shop
from cloud.tenancy import TenantId
from cloud.work import names, people
from cloud.work.people import Edit, Told
from cloud.work.shop_time import day_of
from cloud.work.views import PersonView, ShopPeople
from edge_gateway.shop_document import Role
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Choice, Field
from page_kit.language import Say, Texts
from page_kit.look import box, button, dialog, link_button, text, title
from page_kit.markup import Markup, joined

TEXTS: Texts = {
    "people": ("人员与门卡", "People and badges"),
    "people_lead": (
        "谁的卡能开柜门。离职后门卡立即失效，姓名按期限忘掉；已记的件不变。",
        "Whose badges open the cabinets. Who leaves opens nothing more, and the name is forgotten in time; what was "
        "booked stays.",
    ),
    "guest_lead": (
        "谁的卡能开柜门。人员和门卡由店铺自己的配件商管理。",
        "Whose badges open the cabinets. The shop's own dealer keeps its people and their badges.",
    ),
    "add": ("添加人员", "Add somebody"),
    "name": ("姓名", "Name"),
    "role": ("角色", "Role"),
    "badges": ("门卡号（多张用空格分开）", "Badges (apart by blanks)"),
    "role_mechanic": ("技师", "Mechanic"),
    "role_restocker": ("补货员", "Restocker"),
    "role_shop_owner": ("店主", "Shop owner"),
    "what_mechanic": ("领件、还件", "takes and gives back"),
    "what_restocker": ("补货、盘点", "fills and counts"),
    "what_shop_owner": ("店里的负责人", "runs the shop"),
    "no_badge": ("没有门卡", "no badge"),
    "badge_one": ("1 张门卡", "1 badge"),
    "badge_count": ("{count} 张门卡", "{count} badges"),
    "change": ("修改", "Change"),
    "leave": ("离职", "Left"),
    "leave_sure": ("{name} 离职了？门卡立即失效。", "Has {name} left? Their badges open nothing from now on."),
    "pin": ("新密码", "New PIN"),
    "pin_sure": (
        "让 {name} 设新密码？旧密码立即失效；24 小时内本人可以在店里刷卡后设新密码。",
        "Let {name} choose a new PIN? The old one counts no more; within 24 hours they may choose one at the shop's "
        "kiosk, with their badge.",
    ),
    "pin_let": ("允许", "Let them"),
    "pin_since": ("{day} 起可设密码", "may choose a PIN since {day}"),
    "left_on": ("{day} 离职", "left {day}"),
    "forgets_on": ("姓名保留到 {day}", "the name is kept until {day}"),
    "forget": ("现在忘掉姓名", "Forget the name now"),
    "forget_sure": (
        "忘掉 {name} 的姓名？所有地方都会改成“已离开”，不能恢复。已记的件不变。",
        "Forget the name of {name}? It is gone everywhere and cannot be brought back. What was booked stays.",
    ),
    "forgotten": ("姓名已忘掉", "the name is forgotten"),
    "export": ("导出本人数据", "All about this person"),
    "keep_days": ("离职后姓名保留 {days} 天", "Names are kept {days} days after somebody left"),
    "list_days": (
        "连不上的货柜按最后的名单开门，最多 {days} 天",
        "A cabinet out of reach goes by its last list for at most {days} days",
    ),
    "days": ("保留多少天", "Days"),
    "nobody_yet": ("还没有人员", "Nobody yet"),
    "bad_days": ("天数要写成数字", "Days are a number"),
}
ROLES: tuple[Role, ...] = ("mechanic", "restocker", "shop_owner")


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    shop_name: str
    zone: str
    people: ShopPeople
    is_own: bool  # a guest sees who opens the cabinets, and changes nobody


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/people")
    async def people_of_shop(request: Request, shop: str) -> Response | None:
        return await show(request, (work_parts.TEXTS, TEXTS), lambda visit: _Page(visit, shop).build(), "edit_people")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, shop: str) -> None:
        self.visit, self.say, self.shop = visit, visit.say, shop
        self.version = 0
        self.names_days = self.list_days = 0
        self.known: dict[str, PersonView] = {}

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The people."""
        row = own_shop(session, tenant, self.shop)
        told = people.people_of(session, tenant, self.shop)
        return Found(row.name, row.time_zone, told, row.dealer_id == tenant.dealer)

    async def build(self) -> None:
        """The frame and the list."""
        say = self.say
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(say("back_to_shop", shop=found.shop_name), shop_path(self.shop), "is-quiet pb-back")
            with box("pb-row pb-between pb-top pb-wrap"):
                with box("pb-grow"):
                    title(say("people"), say("people_lead" if found.is_own else "guest_lead"))
                if found.is_own:
                    button(say("add"), lambda: self.ask_person(""), "is-main")
            self.part = Part(self.visit, self.query, self.draw, found)
            for name, pressed in {
                "change": self.ask_person,
                "leave": self.ask_leave,
                "pin": self.ask_pin,
                "forget": self.ask_forget,
                "days": lambda _: self.ask_days("keep_days", self.names_days, self._keep_names),
                "list_days": lambda _: self.ask_days("list_days", self.list_days, self._keep_lists),
            }.items():
                self.part.on(name, pressed)

    def draw(self, found: Found) -> Markup:
        """A card a person, and how long names are kept."""
        say, told = self.say, found.people
        self.version, self.names_days, self.list_days = told.version, told.names_days, told.list_days
        self.known = {person.id: person for person in told.people}
        cards = [self._card(person, found) for person in told.people]
        return joined(
            markup.box("pb-cards", *cards) if cards else markup.empty(say("nobody_yet")),
            *(
                markup.box(
                    "pb-card pb-gap-above",
                    markup.box(
                        "pb-row pb-between",
                        markup.box("pb-strong", say(key, days=days)),
                        press(say("change"), event, "1", "is-quiet") if found.is_own else Markup(),
                    ),
                )
                for key, days, event in (
                    ("keep_days", told.names_days, "days"),
                    ("list_days", told.list_days, "list_days"),
                )
            ),
        )

    def _card(self, person: PersonView, found: Found) -> Markup:
        say, zone = self.say, found.zone
        is_gone = person.name == FORGOTTEN or person.forgotten_ms > 0
        told = [say(f"role_{person.role}")]
        if person.left_ms:
            told.append(say("left_on", day=day_of(person.left_ms, zone)))
        elif person.badges:
            count = len(person.badges)
            told.append(say("badge_one") if count == 1 else say("badge_count", count=count))
        if person.pin_reset_ms and person.badges:
            told.append(say("pin_since", day=day_of(person.pin_reset_ms, zone)))
        if is_gone:
            told.append(say("forgotten"))
        elif person.forget_ms is not None:
            told.append(say("forgets_on", day=day_of(person.forget_ms, zone)))
        is_without = not person.badges and not person.left_ms
        return markup.box(
            "pb-card pb-person",
            markup.face("" if is_gone else person.name),
            markup.box(
                "pb-grow",
                markup.box("pb-card-title", person.name),
                markup.box("pb-soft pb-small", " · ".join(told)),
                markup.box("pb-code", " ".join(person.badges)) if person.badges else Markup(),
                markup.badge(say("no_badge"), "is-low") if is_without else Markup(),
                markup.box("pb-actions", *self._buttons(person, may_change=found.is_own and not is_gone)),
            ),
        )

    def _buttons(self, person: PersonView, *, may_change: bool) -> list[Markup]:
        say = self.say
        path = f"/api{shop_path(self.shop)}/people/{segment(person.id)}/export.csv"
        export = markup.link("pb-button is-quiet pb-slim", path, say("export"), download=True)
        if not may_change:
            return [export]
        leave = [] if person.left_ms else [press(say("leave"), "leave", person.id, "is-quiet pb-slim")]
        pin = [press(say("pin"), "pin", person.id, "is-quiet pb-slim")] if person.badges else []
        return [
            press(say("change"), "change", person.id, "is-quiet pb-slim"),
            *pin,
            *leave,
            export,
            press(say("forget"), "forget", person.id, "is-danger pb-slim"),
        ]

    # ---- what is done ----

    def ask_person(self, name: str) -> None:
        """Somebody new, or somebody known."""
        say, person = self.say, self.known.get(name)
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(person.name if person else say("add"), "pb-question")
            called = Field(say("name"), person.name if person else "")
            role = Choice(say("role"), _roles(say), person.role if person else "mechanic")
            badges = Field(say("badges"), " ".join(person.badges) if person else "")

            async def keep() -> None:
                told = Told(called.value, cast(Role, role.value), badges.value.replace(",", " ").split())
                if await self._edit(name, told):
                    asked.close()

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    async def _edit(self, name: str, told: Told) -> bool:
        def act(edit: Edit) -> tuple[str, str]:
            if not name:
                return "person.added", people.add(edit, told)
            people.change(edit, name, told)
            return "person.changed", name

        return await self._do(act)

    def ask_leave(self, name: str) -> None:
        """Somebody left."""
        say = self.say

        def act(edit: Edit) -> tuple[str, str]:
            people.leave(edit, name, edit.now_ms)
            return "person.left", name

        async def go() -> None:
            await self._do(act)

        ask_first(self.visit, say("leave_sure", name=self._called(name)), say("leave"), go, say("cancel"))

    def ask_pin(self, name: str) -> None:
        """Somebody may choose a new PIN."""
        say = self.say

        def act(edit: Edit) -> tuple[str, str]:
            people.let_choose_pin(edit, name)
            return "person.pin", name

        async def go() -> None:
            await self._do(act)

        ask_first(self.visit, say("pin_sure", name=self._called(name)), say("pin_let"), go, say("cancel"))

    def ask_forget(self, name: str) -> None:
        """A name is forgotten for ever."""
        say = self.say

        def known(session: Session, person: SignedIn) -> None:
            people.hosted_shop(session, person.tenant, self.shop)
            people.known_person(session, person.tenant, self.shop, name)
            target = f"person {name} of {self.shop}"
            record(session, person, self.visit.now_ms(), action="person.forgotten", target=target)

        async def go() -> None:
            async def forget() -> bool:
                await self.visit.change_as(known)
                now_ms = self.visit.now_ms()
                await run.io_bound(names.forget, self.visit.services.database, self.shop, name, now_ms)
                return True

            await attempt(self.visit, forget)
            await self.part.refresh()

        ask_first(self.visit, say("forget_sure", name=self._called(name)), say("forget"), go, say("cancel"))

    def _keep_names(self, edit: Edit, days: int) -> str:
        people.keep_names(edit.session, edit.tenant, self.shop, days)
        return "names.kept"

    def _keep_lists(self, edit: Edit, days: int) -> str:
        people.keep_lists(edit, days)
        return "lists.kept"

    def ask_days(self, question: str, now: int, keep_days: Callable[[Edit, int], str]) -> None:
        """How long names are kept, or lists are good; `keep_days` answers what it did."""
        say = self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say(question, days=now), "pb-question")
            days = Field(say("days"), str(now), kind="number")

            async def keep() -> None:
                told = days.value.strip()
                if not (told.isascii() and told.isdigit() and len(told) < 6):
                    ui.notify(say("bad_days"), type="negative", position="top")
                    return

                def act(edit: Edit) -> tuple[str, str]:
                    return keep_days(edit, int(told)), told

                if await self._do(act):
                    asked.close()

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def _called(self, name: str) -> str:
        person = self.known.get(name)
        return person.name if person else name

    async def _do(self, action: Callable[[Edit], tuple[str, str]]) -> bool:
        version = self.version

        def act(session: Session, person: SignedIn) -> None:
            def recorded(edit: Edit) -> None:
                what, name = action(edit)
                target = f"person {name} of {self.shop}" if what.startswith("person") else f"shop {self.shop}"
                after = "" if what.startswith("person") else f"{name} days"
                record(session, person, edit.now_ms, action=what, target=target, after=after)

            edit_people(Edit(session, person.tenant, self.shop, self.visit.now_ms(), version), recorded)

        return await self.part.change(act)


def _roles(say: Say) -> dict[str, tuple[str, str]]:
    return {role: (say(f"role_{role}"), say(f"what_{role}")) for role in ROLES}
