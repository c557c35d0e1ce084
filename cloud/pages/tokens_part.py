"""API tokens on a page: shown, made, withdrawn."""

from collections.abc import Awaitable, Callable
from typing import cast

from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages.own_part import ask_first, attempt, show_secret
from cloud.pages.visit import Visit
from cloud.people import tokens
from cloud.people.rules import RefusedError
from cloud.people.views import Tokens, TokenView
from cloud.rights import RIGHTS, Right
from page_kit.age import DAY_MS
from page_kit.fields import Checks, Field
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, dialog, empty, text

TEXTS: Texts = {
    "no_tokens": ("没有令牌", "No tokens"),
    "token_for": ("程序用令牌代替密码登录。", "Programs sign in with a token in place of a password."),
    "token_make": ("新建令牌", "Make a token"),
    "token_name": ("名称", "Name"),
    "token_name_hint": ("例如 ERP", "such as ERP"),
    "token_rights": ("可以做什么", "What it may do"),
    "token_days": ("有效天数（最多 366）", "Good for so many days (366 at most)"),
    "token_made": ("新令牌", "The new token"),
    "token_lead": ("只显示这一次，请现在复制保存。", "It is shown this once: copy it now."),
    "token_copy": ("复制", "Copy"),
    "token_copied": ("已复制", "Copied"),
    "token_close": ("关闭", "Close"),
    "token_cancel": ("取消", "Cancel"),
    "token_withdraw": ("撤回", "Withdraw"),
    "token_sure": (
        "撤回令牌 {name}？用它的程序会立即停止工作。",
        "Withdraw {name}? Programs that use it stop at once.",
    ),
    "token_used": ("上次使用", "Last used"),
    "token_left": ("还有 {days} 天", "{days} days left"),
}

Refresh = Callable[[], Awaitable[None]]


def draw_tokens(visit: Visit, found: Tokens, refresh: Refresh, ages: Ages) -> None:
    """Tokens that are good, and the way to another."""
    say = visit.say
    with box("pb-row pb-between pb-wrap pb-below"):
        text(say("token_for"), "pb-soft pb-grow")
        button(say("token_make"), lambda: _ask(visit, refresh), "is-quiet")
    if not found.tokens:
        empty(say("no_tokens"))
    with box("pb-stack"):
        for token in found.tokens:
            _draw(visit, token, refresh, ages)


def _draw(visit: Visit, token: TokenView, refresh: Refresh, ages: Ages) -> None:
    say = visit.say
    with box("pb-card pb-person"):
        with box("pb-grow"):
            with box("pb-row pb-wrap pb-tight"):
                text(token.name, "pb-strong")
                badge(say("token_left", days=-(-(token.expires_ms - visit.now_ms()) // DAY_MS)))
            text(" · ".join(say(f"right_{right}") for right in token.rights), "pb-small")
            with box("pb-row pb-tight pb-soft pb-small"):
                text(f"{token.maker} · {say('token_used')}")
                ages.show(visit.then_ms(token.last_used_age_ms), "")
        with box("pb-buttons"):
            sure = say("token_sure", name=token.name)

            async def withdraw() -> None:
                await attempt(visit, lambda: visit.change(lambda s, p: tokens.withdraw(s, p, token.id, visit.now_ms())))
                await refresh()

            label, no = say("token_withdraw"), say("token_cancel")
            button(label, lambda: ask_first(visit, sure, label, withdraw, no), "is-quiet")


def _ask(visit: Visit, refresh: Refresh) -> None:
    say = visit.say
    with dialog(visit.page) as asked, box("pb-stack"):
        text(say("token_make"), "pb-question")
        name = Field(say("token_name"), hint=say("token_name_hint"))
        mine = [right for right in RIGHTS if visit.person.may(right)]
        rights = Checks(say("token_rights"), {right: say(f"right_{right}") for right in mine}, ())
        days = Field(say("token_days"), "90", "number")

        async def go() -> None:
            wanted = [right for right in mine if right in rights.chosen]
            made = await attempt(visit, lambda: _make(visit, name.value, wanted, days.value))
            if made is not None:
                asked.close()
                words = {key: say(f"token_{key}") for key in ("copy", "copied", "close")}
                show_secret(visit, say("token_made"), say("token_lead"), made.token, **words)
                await refresh()

        with box("pb-buttons"):
            button(say("token_make"), go, "is-main")
            button(say("token_cancel"), asked.close, "is-quiet")


async def _make(visit: Visit, name: str, rights: list[Right], days: str) -> tokens.Made:
    if not days.strip().isdecimal():
        raise RefusedError(f"expected a number of days, found {days[:20]!r}")

    def make(session: Session, person: SignedIn) -> tokens.Made:
        return tokens.make(session, person, visit.now_ms(), name=name, rights=rights, days=min(int(days[:6]), 9999))

    return cast(tokens.Made, await visit.change(make))
