"""Who signs in for the dealer: members, open invitations, tokens; invite, change, end."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request
from fastapi.responses import Response
from nicegui import run, ui
from sqlmodel import Session, col

from cloud.api.members import invite
from cloud.identity import SignedIn
from cloud.pages import role_words
from cloud.pages.own_part import OwnPart, ask_first, attempt, show_secret
from cloud.pages.role_words import role_name
from cloud.pages.tokens_part import TEXTS as TOKEN_TEXTS
from cloud.pages.tokens_part import draw_tokens
from cloud.pages.visit import Visit, show
from cloud.people import delivery, invitations, members, passwords, tokens
from cloud.people.rules import Place
from cloud.people.views import Invitations, InvitationView, LinkMade, Members, MemberView, Tokens
from cloud.rights import SHOP_ROLES, Role
from cloud.tables import Shop
from cloud.tenancy import tenant_rows
from page_kit.address import page
from page_kit.age import age
from page_kit.fields import Checks, Choice, Field
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, dialog, empty, face, heading, link_button, text, title

MEMBERS_SHOWN = 50
TEXTS: Texts = {
    "people": ("人员", "People"),
    "lead": (
        "谁能替你们登录、能看什么。改动立即生效。",
        "Who signs in for you, and what they see. Changes count at once.",
    ),
    "invite": ("邀请", "Invite"),
    "email": ("邮箱", "Email"),
    "role": ("角色", "Role"),
    "shops": ("店铺", "Shops"),
    "brand": ("品牌", "Brand"),
    "send": ("发出邀请", "Send the invitation"),
    "cancel": ("取消", "Cancel"),
    "close": ("关闭", "Close"),
    "mailed": ("邮件已发出。", "The mail is on its way."),
    "link": ("邀请链接", "The invitation's link"),
    "link_lead": ("请自己转给对方。只能用一次，7 天内有效。", "Pass it on yourself. It works once, within 7 days."),
    "reset_link": ("重设密码的链接", "Link to a new password"),
    "reset_lead": ("请转给本人。只能用一次，30 分钟内有效。", "Pass it on to them. It works once, within 30 minutes."),
    "copy": ("复制", "Copy"),
    "copied": ("已复制", "Copied"),
    "you": ("你", "You"),
    "locked": ("登录已锁定", "Locked out"),
    "seen": ("上次使用", "Last seen"),
    "change": ("修改", "Change"),
    "keep": ("保存", "Save"),
    "make_link": ("重设密码", "New password"),
    "unlock": ("解除锁定", "Lift the lock-out"),
    "end": ("移除", "Remove"),
    "end_sure": ("移除 {name}？登录和令牌立即失效。", "Remove {name}? Their sign-ins and tokens end at once."),
    "invitations": ("等待接受的邀请", "Invitations not accepted yet"),
    "no_invitations": ("没有等待接受的邀请", "No open invitations"),
    "made": ("{who} · {age}", "{who} · {age}"),
    "withdraw": ("撤回", "Withdraw"),
    "tokens": ("API 令牌", "API tokens of your programs"),
    "older": ("更早的", "Older ones"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    members: Members
    invitations: Invitations
    tokens: Tokens
    shops: dict[str, str]


def register() -> None:
    """Add the page."""

    @page("/people")
    async def people(request: Request, cursor: str = "") -> Response | None:
        tables = (role_words.TEXTS, TOKEN_TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _build(visit, cursor), "manage_people")


async def _build(visit: Visit, cursor: str) -> None:
    def query(session: Session, person: SignedIn) -> Found:
        now_ms = visit.now_ms()
        return Found(
            members.members(session, person, now_ms, cursor=cursor, limit=MEMBERS_SHOWN),
            invitations.invitations(session, person, now_ms, limit=MEMBERS_SHOWN),
            tokens.tokens(session, person, now_ms, limit=MEMBERS_SHOWN),
            shop_names(session, person),
        )

    with visit.frame():
        page = _Page(visit, query)
        with box("pb-row pb-between pb-top"):
            with box():
                title(visit.say("people"), visit.say("lead"))
            button(visit.say("invite"), page.ask_whom, "is-main")
        await page.part.start()


def shop_names(session: Session, person: SignedIn) -> dict[str, str]:
    """The dealer's shops by id, in order of their names."""
    rows = tenant_rows(person.tenant, Shop).order_by(col(Shop.name)).with_only_columns(col(Shop.id), col(Shop.name))
    return {str(shop): str(name) for shop, name in session.execute(rows)}


class _Page:
    """The open page: what is shown, and what may be done with it."""

    def __init__(self, visit: Visit, query: object) -> None:
        self.visit, self.say = visit, visit.say
        self.part: OwnPart[Found] = OwnPart(visit, query, self.draw)  # type: ignore[arg-type]
        self.shops: dict[str, str] = {}

    def draw(self, found: Found, ages: Ages) -> None:
        """Members, invitations, tokens."""
        self.shops = found.shops
        with box("pb-stack"):
            for member in found.members.members:
                self._draw_member(member)
        if found.members.cursor:
            link_button(self.say("older"), f"/people?cursor={found.members.cursor}", "is-quiet pb-gap-above")
        heading(self.say("invitations"))
        if not found.invitations.invitations:
            empty(self.say("no_invitations"))
        with box("pb-stack"):
            for invitation in found.invitations.invitations:
                self._draw_invitation(invitation)
        heading(self.say("tokens"))
        draw_tokens(self.visit, found.tokens, self.part.refresh, ages)

    def _draw_member(self, member: MemberView) -> None:
        say = self.say
        with box("pb-card pb-person"):
            face(member.name)
            with box("pb-grow"):
                with box("pb-row pb-wrap pb-tight"):
                    text(member.name, "pb-card-title")
                    badge(role_name(say, member.role), "is-good")
                    if member.you:
                        badge(say("you"))
                    if member.locked_out:
                        badge(say("locked"), "is-wrong")
                text(member.email, "pb-soft")
                if where := self._where(member.shops, member.brand):
                    text(where)
                seen_ms = self.visit.then_ms(member.last_seen_age_ms)
                text(f"{say('seen')} {age(seen_ms, self.visit.now_ms(), say.language)}", "pb-soft pb-small")
            with box("pb-buttons"):
                if member.locked_out:
                    button(say("unlock"), lambda: self._unlock(member), "is-quiet")
                button(say("change"), lambda: self._ask_change(member), "is-quiet")

    def _where(self, shops: list[str], brand: str) -> str:
        return " · ".join([*(self.shops.get(shop, shop) for shop in shops), *([brand] if brand else [])])

    def _draw_invitation(self, invitation: InvitationView) -> None:
        say = self.say
        with box("pb-card pb-person"):
            with box("pb-grow"):
                with box("pb-row pb-wrap pb-tight"):
                    text(invitation.email, "pb-strong")
                    badge(role_name(say, invitation.role))
                if where := self._where(invitation.shops, invitation.brand):
                    text(where)
                made = age(invitation.made_ms, self.visit.now_ms(), say.language)
                text(say("made", who=invitation.made_by or "–", age=made), "pb-soft pb-small")
            with box("pb-buttons"):
                button(say("withdraw"), lambda: self._withdraw(invitation), "is-quiet")

    # ---- what is done ----

    def ask_whom(self) -> None:
        """Whom to invite, as what."""
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(self.say("invite"), "pb-question")
            email = Field(self.say("email"), kind="email")
            standing = _Standing(self, Place("clerk"))

            async def go() -> None:
                made = await attempt(self.visit, lambda: self._invite(email.value, standing.place()))
                if made is not None:
                    asked.close()
                    self._tell_link(made, "link", "link_lead")
                    await self.part.refresh()

            with box("pb-buttons"):
                button(self.say("send"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    async def _invite(self, email: str, place: Place) -> LinkMade:
        visit = self.visit
        person = await visit.read_own(lambda _session, person: person)
        base = str(visit.request.base_url)
        made = await run.io_bound(lambda: invite(visit.services, base, person, email, place, by_mail=True))
        return cast(LinkMade, made)

    def _tell_link(self, made: LinkMade, title_key: str, lead_key: str) -> None:
        say = self.say
        if made.mailed:
            with self.visit.page:
                ui.notify(say("mailed"), position="top")
            return
        words = {"copy": say("copy"), "copied": say("copied"), "close": say("close")}
        show_secret(self.visit, say(title_key), say(lead_key), made.link, **words)

    def _ask_change(self, member: MemberView) -> None:
        say = self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(f"{member.name} · {member.email}", "pb-question")
            standing = _Standing(self, Place(member.role, tuple(member.shops), member.brand))

            async def keep() -> None:
                place = standing.place()
                if await self._done(
                    lambda session, person, now: members.change(session, person, member.id, place, now)
                ):
                    asked.close()

            async def link() -> None:
                made = await attempt(self.visit, lambda: self._make_link(member))
                if made is not None:
                    asked.close()
                    self._tell_link(made, "reset_link", "reset_lead")

            def end() -> None:
                asked.close()
                sure = say("end_sure", name=member.name)
                ask_first(self.visit, sure, say("end"), lambda: self._end(member), say("cancel"))

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("make_link"), link, "is-quiet")
                button(say("end"), end, "is-danger")
                button(say("cancel"), asked.close, "is-quiet")

    async def _make_link(self, member: MemberView) -> LinkMade:
        visit = self.visit
        now_ms, base = visit.now_ms(), str(visit.request.base_url)
        made = await visit.change(lambda session, person: passwords.make_for(session, person, member.id, now_ms))
        return cast(
            LinkMade, await run.io_bound(lambda: delivery.deliver_reset(visit.services, base, made, by_mail=True))
        )

    async def _end(self, member: MemberView) -> None:
        await self._done(lambda session, person, now: members.end(session, person, member.id, now))

    async def _unlock(self, member: MemberView) -> None:
        await self._done(lambda session, person, now: members.let_try_again(session, person, member.id, now))

    async def _withdraw(self, invitation: InvitationView) -> None:
        await self._done(lambda session, person, now: invitations.withdraw(session, person, invitation.id, now))

    async def _done(self, action: object) -> bool:
        """Change something in one transaction, and show it; False when it was refused."""
        now_ms = self.visit.now_ms()

        def run_it(session: Session, person: SignedIn) -> bool:
            action(session, person, now_ms)  # type: ignore[operator]
            return True

        done = await attempt(self.visit, lambda: self.visit.change(run_it))
        await self.part.refresh()
        return bool(done)


class _Standing:
    """Role, and what belongs to it: shops for a shop's people, a brand for a brand's."""

    def __init__(self, page: _Page, place: Place) -> None:
        say, self._page = page.say, page
        roles = members.may_be_given(page.visit.person)
        options: dict[str, tuple[str, str]] = {role: (role_name(say, role), say(f"role_{role}_what")) for role in roles}
        self._role = Choice(say("role"), options, place.role, self._changed)
        self._shops_box = box("pb-stack")
        with self._shops_box:
            self._shops = Checks(say("shops"), page.shops, place.shops)
        self._brand_box = box()
        with self._brand_box:
            self._brand = Field(say("brand"), place.brand)
        self._changed()

    def _changed(self) -> None:
        self._shops_box.set_visibility(self._role.value in SHOP_ROLES)
        self._brand_box.set_visibility(self._role.value == "brand")

    def place(self) -> Place:
        """What was chosen."""
        role = cast(Role, self._role.value)
        shops = tuple(shop for shop in self._page.shops if shop in self._shops.chosen) if role in SHOP_ROLES else ()
        return Place(role, shops, self._brand.value.strip() if role == "brand" else "")
