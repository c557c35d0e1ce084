"""For whoever runs the cloud: dealers, how many gateways they have, and what may be done with them."""

from collections.abc import Callable
from typing import cast

from fastapi import Request
from fastapi.responses import Response
from nicegui import run, ui
from sqlmodel import Session

from cloud.api.operator import invite
from cloud.identity import SignedIn
from cloud.pages import role_words
from cloud.pages.own_part import OwnPart, ask_first, attempt, show_secret
from cloud.pages.visit import Visit, show
from cloud.people import dealers
from cloud.people.views import Dealers, DealerView, LinkMade
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, dialog, empty, link_button, text, title

ROWS_SHOWN = 50
TEXTS: Texts = {
    "dealers": ("配件商", "Dealers"),
    "dealers_lead": (
        "这里只看得到名称和网关数量。",
        "Names and counts of gateways: nothing else of theirs is seen here.",
    ),
    "dealers_none": ("还没有配件商", "No dealers yet"),
    "dealers_more": ("后面的", "Next ones"),
    "dealers_audit": ("操作记录", "Audit trail"),
    "dealers_schema": ("数据库版本 {version}", "Schema version {version}"),
    "dealer_new": ("新建配件商", "New dealer"),
    "dealer_id": ("编号（a-z、0-9 和 -）", "Id (a-z, 0-9 and -)"),
    "dealer_name": ("名称", "Name"),
    "dealer_make": ("新建", "Make it"),
    "dealer_rename": ("改名", "Rename"),
    "dealer_keep": ("保存", "Save"),
    "dealer_closed": ("已关闭", "Closed"),
    "dealer_no_admin": ("还没有管理员", "No admin yet"),
    "dealer_gateways": ("网关 {count} 个", "Gateways: {count}"),
    "dealer_heard": ("上次联系", "Last contact"),
    "dealer_invite": ("邀请管理员", "Invite its first admin"),
    "dealer_email": ("邮箱", "Email"),
    "dealer_send": ("发出邀请", "Send the invitation"),
    "dealer_mailed": ("邮件已发出。", "The mail is on its way."),
    "dealer_link": ("邀请链接", "The invitation's link"),
    "dealer_link_lead": (
        "请自己转给对方。只能用一次，7 天内有效。",
        "Pass it on yourself. It works once, within 7 days.",
    ),
    "dealer_copy": ("复制", "Copy"),
    "dealer_copied": ("已复制", "Copied"),
    "dealer_close_box": ("关闭窗口", "Close this box"),
    "dealer_close": ("关闭", "Close it"),
    "dealer_close_sure": (
        "关闭 {name}？它的人员立即退出登录，令牌失效。网关仍可上传。",
        "Close {name}? Its people are signed out at once and its tokens end. Its gateways are still heard.",
    ),
    "dealer_reopen": ("重新开通", "Open it again"),
    "dealer_cancel": ("取消", "Cancel"),
}


def register() -> None:
    """Add the page."""

    @page("/dealers")
    async def all_dealers(request: Request, cursor: str = "") -> Response | None:
        return await show(request, (role_words.TEXTS, TEXTS), lambda visit: _build(visit, cursor), "operate")


async def _build(visit: Visit, cursor: str) -> None:
    def query(session: Session, _person: SignedIn) -> Dealers:
        return dealers.dealers(session, visit.now_ms(), cursor=cursor, limit=ROWS_SHOWN)

    with visit.frame():
        page = _Page(visit, query)
        with box("pb-row pb-between pb-top"):
            with box():
                title(visit.say("dealers"), visit.say("dealers_lead"))
            button(visit.say("dealer_new"), page.ask_dealer, "is-main")
        await page.part.start()


class _Page:
    """The open page: what is shown, and what may be done with it."""

    def __init__(self, visit: Visit, query: Callable[[Session, SignedIn], Dealers]) -> None:
        self.visit, self.say = visit, visit.say
        self.part: OwnPart[Dealers] = OwnPart(visit, query, self._draw)

    def _draw(self, found: Dealers, ages: Ages) -> None:
        say = self.say
        if not found.dealers:
            empty(say("dealers_none"))
        with box("pb-stack"):
            for dealer in found.dealers:
                self._draw_dealer(dealer, ages)
        with box("pb-row pb-wrap pb-gap-above"):
            if found.cursor:
                link_button(say("dealers_more"), f"/dealers?cursor={found.cursor}", "is-quiet")
            link_button(say("dealers_audit"), "/operator-audit", "is-quiet")
            text(say("dealers_schema", version=found.schema_version), "pb-soft")

    def _draw_dealer(self, dealer: DealerView, ages: Ages) -> None:
        say = self.say
        with box("pb-card pb-person"):
            with box("pb-grow"):
                with box("pb-row pb-wrap pb-tight"):
                    text(dealer.name, "pb-card-title")
                    text(dealer.id, "pb-code")
                    if dealer.closed:
                        badge(say("dealer_closed"), "is-wrong")
                    elif not dealer.has_admin:
                        badge(say("dealer_no_admin"), "is-low")
                with box("pb-row pb-wrap pb-tight pb-soft"):
                    text(say("dealer_gateways", count=dealer.gateways))
                    if dealer.gateways:
                        text(f"· {say('dealer_heard')}")
                        ages.show(self.visit.then_ms(dealer.last_contact_age_ms), "")
            with box("pb-buttons"):
                self._draw_buttons(dealer)

    def _draw_buttons(self, dealer: DealerView) -> None:
        say = self.say
        if dealer.closed:
            button(say("dealer_reopen"), lambda: self._act(dealers.reopen, dealer.id), "is-main")
            return
        if not dealer.has_admin:
            button(say("dealer_invite"), lambda: self._ask_admin(dealer), "is-main")
        button(say("dealer_rename"), lambda: self.ask_dealer(dealer), "is-quiet")
        sure = say("dealer_close_sure", name=dealer.name)

        def close() -> None:
            action = lambda: self._act(dealers.close, dealer.id)  # noqa: E731 -- one line of a page
            ask_first(self.visit, sure, say("dealer_close"), action, say("dealer_cancel"))

        button(say("dealer_close"), close, "is-danger")

    async def _act(self, action: Callable[[Session, SignedIn, str, int], None], dealer: str) -> None:
        now_ms = self.visit.now_ms()
        await attempt(self.visit, lambda: self.visit.change(lambda s, p: action(s, p, dealer, now_ms)))
        await self.part.refresh()

    def ask_dealer(self, dealer: DealerView | None = None) -> None:
        """A new dealer, or another name for one."""
        say, known = self.say, dealer if isinstance(dealer, DealerView) else None
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("dealer_rename" if known else "dealer_new"), "pb-question")
            identity = None if known else Field(say("dealer_id"))
            name = Field(say("dealer_name"), known.name if known else "")

            def keep(session: Session, person: SignedIn) -> bool:
                now_ms = self.visit.now_ms()
                if known:
                    dealers.rename(session, person, known.id, name.value, now_ms)
                elif identity:
                    dealers.create(session, person, identity.value.strip(), name.value, now_ms)
                return True

            async def go() -> None:
                if await attempt(self.visit, lambda: self.visit.change(keep)):
                    asked.close()
                    await self.part.refresh()

            with box("pb-buttons"):
                button(say("dealer_keep" if known else "dealer_make"), go, "is-main")
                button(say("dealer_cancel"), asked.close, "is-quiet")

    def _ask_admin(self, dealer: DealerView) -> None:
        say = self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(f"{say('dealer_invite')} · {dealer.name}", "pb-question")
            email = Field(say("dealer_email"), kind="email")

            async def go() -> None:
                made = await attempt(self.visit, lambda: self._invite(dealer.id, email.value))
                if made is not None:
                    asked.close()
                    self._tell(made)
                    await self.part.refresh()

            with box("pb-buttons"):
                button(say("dealer_send"), go, "is-main")
                button(say("dealer_cancel"), asked.close, "is-quiet")

    async def _invite(self, dealer: str, email: str) -> LinkMade:
        visit, base = self.visit, str(self.visit.request.base_url)
        person = await visit.read_own(lambda _session, person: person)
        made = await run.io_bound(lambda: invite(visit.services, base, person, dealer, email, by_mail=True))
        return cast(LinkMade, made)

    def _tell(self, made: LinkMade) -> None:
        say = self.say
        if made.mailed:
            with self.visit.page:
                ui.notify(say("dealer_mailed"), position="top")
            return
        words = {"copy": say("dealer_copy"), "copied": say("dealer_copied"), "close": say("dealer_close_box")}
        show_secret(self.visit, say("dealer_link"), say("dealer_link_lead"), made.link, **words)
