"""One's own account: the dealers one acts for, password, name, where one is signed in, and tokens."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.api.people import address_of
from cloud.identity import SignedIn
from cloud.pages import role_words
from cloud.pages.own_part import OwnPart, attempt
from cloud.pages.role_words import role_name
from cloud.pages.tokens_part import TEXTS as TOKEN_TEXTS
from cloud.pages.tokens_part import draw_tokens
from cloud.pages.visit import Visit, show
from cloud.people import passwords, sign_ins, tokens
from cloud.people.browser_words import browser_name
from cloud.people.own_rows import ROWS_MAX
from cloud.people.rules import check_password
from cloud.people.views import MembershipView, SignInView, Tokens
from page_kit.address import page
from page_kit.age import age
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, dialog, heading, text, title

TEXTS: Texts = {
    "my_account": ("我的账号", "My account"),
    "act_for": ("代表哪一家", "For whom you act"),
    "act_now": ("当前", "Now"),
    "act": ("切换", "Switch"),
    "nobodys": ("平台", "The cloud itself"),
    "where": ("登录的设备", "Where you are signed in"),
    "this_one": ("这台设备", "This one"),
    "used": ("上次使用", "Last used"),
    "sign_in_end": ("退出这台", "Sign it out"),
    "sign_in_end_others": ("退出其他所有设备", "Sign out everywhere else"),
    "rename": ("改姓名", "Change my name"),
    "name": ("姓名", "Name"),
    "password_change": ("改密码", "Change my password"),
    "password_now": ("现在的密码", "Present password"),
    "password_new": ("新密码（至少 10 个字符）", "New password (10 characters or more)"),
    "password_note": ("其他设备会退出登录。", "Every other device is signed out."),
    "password_done": ("密码已更新", "The password is changed"),
    "keep": ("保存", "Save"),
    "cancel": ("取消", "Cancel"),
    "my_tokens": ("API 令牌", "API tokens of mine"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    name: str
    memberships: list[MembershipView]
    sign_ins: list[SignInView]
    tokens: Tokens | None  # None: an operator has none


def register() -> None:
    """Add the page."""

    @page("/account")
    async def account(request: Request) -> Response | None:
        return await show(request, (role_words.TEXTS, TOKEN_TEXTS, TEXTS), _build, None)


async def _build(visit: Visit) -> None:
    with visit.frame():
        await _Page(visit).start()


class _Page:
    """The open page: what is shown, and what may be done with it."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.say = visit, visit.say
        self.part: OwnPart[Found] = OwnPart(visit, self._query, self._draw)

    async def start(self) -> None:
        """Draw everything."""
        title(self.say("my_account"))
        await self.part.start()

    def _query(self, session: Session, person: SignedIn) -> Found:
        now_ms = self.visit.now_ms()
        mine = None
        if person.own_tenant is not None:
            mine = tokens.tokens(session, person, now_ms, limit=ROWS_MAX, mine_only=True)
        return Found(
            person.name,
            sign_ins.memberships(session, person),
            sign_ins.sign_ins(session, person, now_ms),
            mine,
        )

    def _draw(self, found: Found, ages: Ages) -> None:
        self._draw_self(found)
        if len(found.memberships) > 1:
            heading(self.say("act_for"))
            with box("pb-stack"):
                for membership in found.memberships:
                    self._draw_membership(membership)
        heading(self.say("where"))
        with box("pb-stack"):
            for sign_in in found.sign_ins:
                self._draw_sign_in(sign_in)
        if len(found.sign_ins) > 1:
            with box("pb-buttons pb-gap-above"):
                button(self.say("sign_in_end_others"), self._end_others, "is-danger")
        if found.tokens is not None:
            heading(self.say("my_tokens"))
            draw_tokens(self.visit, found.tokens, self.part.refresh, ages)

    def _draw_self(self, found: Found) -> None:
        say, person = self.say, self.visit.person
        with box("pb-card"):
            with box("pb-row pb-wrap pb-tight"):
                text(found.name, "pb-card-title")
                badge(role_name(say, person.role), "is-good")
            text(" · ".join(each for each in (person.email, person.dealer_name) if each), "pb-soft")
            with box("pb-buttons pb-gap-above"):
                button(say("rename"), lambda: self._ask_name(found.name), "is-quiet")
                button(say("password_change"), self._ask_password, "is-quiet")

    def _draw_membership(self, membership: MembershipView) -> None:
        say = self.say
        with box("pb-card pb-person"):
            with box("pb-grow"):
                text(membership.dealer_name or say("nobodys"), "pb-strong")
                text(role_name(say, membership.role), "pb-soft")
            if membership.current:
                badge(say("act_now"), "is-good")
            else:
                with box("pb-buttons"):
                    button(say("act"), lambda: self._switch(membership.id), "is-main")

    def _draw_sign_in(self, sign_in: SignInView) -> None:
        say = self.say
        with box("pb-card pb-person"):
            with box("pb-grow"):
                with box("pb-row pb-wrap pb-tight"):
                    text(browser_name(sign_in.browser) or "–", "pb-strong")
                    if sign_in.current:
                        badge(say("this_one"), "is-good")
                used = age(sign_in.last_seen_ms, self.visit.now_ms(), say.language)
                text(
                    " · ".join(x for x in (sign_in.dealer_name, sign_in.address, f"{say('used')} {used}") if x),
                    "pb-soft",
                )
            if not sign_in.current:
                with box("pb-buttons"):
                    button(say("sign_in_end"), lambda: self._end(sign_in.id), "is-quiet")

    # ---- what is done ----

    async def _switch(self, membership: int) -> None:
        def switch(session: Session, person: SignedIn) -> bool:
            sign_ins.switch(session, person, membership)
            return True

        if await attempt(self.visit, lambda: self.visit.change(switch)):
            with self.visit.page:
                ui.navigate.to("/")

    async def _end(self, sign_in: str) -> None:
        now_ms = self.visit.now_ms()
        await attempt(self.visit, lambda: self.visit.change(lambda s, p: sign_ins.end(s, p, sign_in, now_ms)))
        await self.part.refresh()

    async def _end_others(self) -> None:
        now_ms = self.visit.now_ms()
        await attempt(self.visit, lambda: self.visit.change(lambda s, p: sign_ins.end_all(s, p, now_ms, but_this=True)))
        await self.part.refresh()

    def _ask_name(self, before: str) -> None:
        say = self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("rename"), "pb-question")
            name = Field(say("name"), before, autocomplete="name")

            async def keep() -> None:
                if await attempt(self.visit, lambda: self.visit.change(lambda s, p: self._rename(s, p, name.value))):
                    asked.close()
                    await self.part.refresh()

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def _rename(self, session: Session, person: SignedIn, wanted: str) -> bool:
        sign_ins.rename(session, person, wanted, self.visit.now_ms())
        return True

    def _ask_password(self) -> None:
        say = self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("password_change"), "pb-question")
            now = Field(say("password_now"), kind="password", autocomplete="current-password")
            new = Field(say("password_new"), kind="password", autocomplete="new-password")
            text(say("password_note"), "pb-soft")

            async def keep() -> None:
                if await attempt(self.visit, lambda: self._change_password(now.value, new.value)):
                    asked.close()
                    with self.visit.page:
                        ui.notify(say("password_done"), position="top")
                    await self.part.refresh()

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    async def _change_password(self, now: str, new: str) -> bool:
        visit = self.visit
        identity = visit.services.identity
        check_password(new, visit.person.email)
        await identity.password_owner(visit.person.email, now, address_of(visit.request))
        hashed, now_ms = await identity.hashed(new), visit.now_ms()
        await visit.change(lambda session, person: passwords.change(session, person, hashed, now_ms))
        return True
