"""A code for a shop's gateway, shown large with its minutes until somebody has used it."""

from nicegui import ui
from sqlmodel import Session

from cloud.devices import codes
from cloud.devices.codes import CodeMade
from cloud.identity import SignedIn
from cloud.pages.visit import SignedOutError, Visit
from page_kit.language import Texts
from page_kit.look import box, button, dialog, text

LOOK_EVERY = 3  # ticks of a second
TEXTS: Texts = {
    "code_title": ("{shop} 的入网码", "The code for {shop}"),
    "code_lead": (
        "在店里网关的首次设置页上输入，或者运行下面的命令。只能用一次。",
        "Type it into the first-run page of the shop's gateway, or run the command below. It works once.",
    ),
    "code_left": ("还有 {minutes} 分 {seconds} 秒", "{minutes} min {seconds} s left"),
    "code_over": ("已过期：请另要一个。", "It has expired: make another."),
    "code_used": ("网关已入网。", "The gateway has joined."),
    "code_close": ("关闭", "Close"),
}


def show_code(visit: Visit, made: CodeMade, shop_name: str, address: str) -> None:
    """The dialog; it follows the code until it is shut."""
    say = visit.say
    with dialog(visit.page) as shown, box("pb-stack"):
        text(say("code_title", shop=shop_name), "pb-question")
        text(say("code_lead"), "pb-soft")
        code = text(made.code, "pb-enrol-code")
        left = text("", "pb-center pb-strong").props("role=status")
        text(f"partsbay gateway enrol --cloud {address} --code {made.code} --config gateway.toml", "pb-secret pb-code")
        with box("pb-buttons"):
            button(say("code_close"), shown.close, "is-quiet")
        following = _Following(visit, made, code, left)
        timer = ui.timer(1.0, following.tick)
        shown.on("hide", timer.cancel)


class _Following:
    """How long a code is good, and whether it was used."""

    def __init__(self, visit: Visit, made: CodeMade, code: ui.element, left: ui.element) -> None:
        self._visit, self._made, self._code, self._left = visit, made, code, left
        self._ticks = 0
        self._is_over = False

    async def tick(self) -> None:
        """A second later."""
        if self._is_over:
            return
        left_s = (self._made.expires_ms - self._visit.now_ms()) // 1000
        if left_s <= 0:
            self._end("code_over", "is-wrong")
            return
        self._left.text = self._visit.say("code_left", minutes=left_s // 60, seconds=f"{left_s % 60:02}")  # type: ignore[attr-defined]
        if self._ticks % LOOK_EVERY == 0 and await self._is_used():
            self._end("code_used", "is-good")
        self._ticks += 1

    async def _is_used(self) -> bool:
        def query(session: Session, person: SignedIn) -> bool:
            return codes.is_used(session, person.tenant, self._made.id)

        try:
            return await self._visit.read_own(query)
        except SignedOutError:
            return False

    def _end(self, word: str, kind: str) -> None:
        self._is_over = True
        self._left.text = self._visit.say(word)  # type: ignore[attr-defined]
        self._left.classes(add=kind)
        self._code.classes(add="is-over")
