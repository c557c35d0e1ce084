"""Chat robots: who may ask for parts in a chat; made with what has to be pasted where, and withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.catalogue import bot_hooks
from cloud.catalogue.bot_hooks import TOLD, Kind, NewRobot, RobotMade, RobotView, Seal
from cloud.identity import SignedIn
from cloud.pages import form
from cloud.pages.form import Form, Said
from cloud.pages.names import shop_names
from cloud.pages.own_part import OwnPart, ask_first, attempt
from cloud.pages.visit import Visit, show
from page_kit.address import page
from page_kit.fields import Checks, Choice
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, dialog, empty, text, title

KINDS: tuple[Kind, ...] = ("wecom", "dingtalk", "feishu", "plain")
TEXTS: Texts = {
    "robots": ("聊天机器人", "Chat robots"),
    "robots_lead": (
        "在企业微信、钉钉或飞书里问配件：号码、VIN、车牌或几个词，回答有多少、在哪个货位，不报价格。",
        "Ask for parts in WeCom, DingTalk or Feishu: a number, a VIN, a plate, a few words. It tells how many there "
        "are and in which bin, and never a price.",
    ),
    "make": ("新建机器人", "Make a robot"),
    "name": ("名称", "Name"),
    "name_hint": ("例如 维修群", "such as the workshop's group"),
    "kind": ("哪种聊天", "Which chat"),
    "kind_wecom": ("企业微信", "WeCom"),
    "kind_dingtalk": ("钉钉", "DingTalk"),
    "kind_feishu": ("飞书", "Feishu"),
    "kind_plain": ("自己的程序", "A program of your own"),
    "what_wecom": ("智能机器人（API 模式）或自建应用", "a robot in API mode, or an app of your own"),
    "what_dingtalk": ("企业内部机器人，HTTP 模式", "a robot of your company, HTTP mode"),
    "what_feishu": ("自建应用，能发消息", "an app of your own that may send messages"),
    "what_plain": ("用密钥签名的 POST", "a POST signed with a secret"),
    "shops": ("只报这些店的库存（都不选就是全部）", "Tells the stock of these alone (none: of all)"),
    "all_shops": ("所有店铺的库存", "stock of every shop"),
    "no_robots": ("还没有机器人", "No robot yet"),
    "no_robots_how": ("新建一个，把地址填到聊天软件里。", "Make one, and paste its address into the chat."),
    "asked": ("上次提问", "Last asked"),
    "address": ("地址（URL）", "Address (URL)"),
    "secret": ("密钥", "Secret"),
    "made": ("机器人已建好", "The robot is made"),
    "made_once": ("密钥只显示这一次，请现在填好或复制保存。", "Secrets are shown this once: paste or keep them now."),
    "paste_wecom": (
        "企业微信管理后台：机器人设置（API 模式）或自建应用“接收消息 › 设置 API 接收”，填入下面三项。",
        "WeCom's admin pages: the robot's settings in API mode, or how the app receives messages by API: these three.",
    ),
    "paste_dingtalk": (
        "钉钉开放平台：机器人设置，消息接收模式选 HTTP，把地址填到“消息接收地址”。",
        "DingTalk's open platform: the robot's settings, messages received by HTTP, at this address.",
    ),
    "paste_feishu": (
        "飞书开放平台：“事件与回调”，把地址填为请求地址，订阅 im.message.receive_v1，并允许发消息。",
        "Feishu's open platform: events and callbacks, this request address, the event im.message.receive_v1, and the "
        "permission to send.",
    ),
    "paste_plain": (
        "按“请求时间.正文”算 HMAC-SHA256 签名，POST 到这个地址。",
        "POST to this address, signed with HMAC-SHA256 of “time.body”.",
    ),
    "copy": ("复制", "Copy"),
    "copied": ("已复制", "Copied"),
    "close": ("关闭", "Close"),
    "cancel": ("取消", "Cancel"),
    "withdraw": ("撤回", "Withdraw"),
    "withdraw_sure": (
        "撤回 {name}？从下一个问题起它不再回答，不能恢复。",
        "Withdraw {name}? It answers nothing more, from the next question on, and cannot be brought back.",
    ),
    "wrong_name": ("名称要 1 到 80 个字符。", "A name has 1 to 80 characters."),
    "wrong_told": ("请填聊天平台给你的这一项。", "Please enter what the chat's platform gave you."),
    "wrong_many": ("最多 50 个机器人，请先撤回一个。", "At most 50 robots: withdraw one first."),
}
# What the chats call these themselves, in every language
_CALLED = {
    "app_id": "App ID",
    "app_secret": "App Secret",
    "verification_token": "Verification Token",
    "encrypt_key": "Encrypt Key",
    "token": "Token",
    "aes_key": "EncodingAESKey",
}
_SAID = (Said("robots, found as many", "name", "wrong_many"),)


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    robots: list[RobotView]
    shops: dict[str, str]


def register() -> None:
    """Add the page."""

    @page("/robots")
    async def robots(request: Request) -> Response | None:
        return await show(request, (form.TEXTS, TEXTS), lambda visit: _Page(visit).build(), "manage_people")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.say = visit, visit.say
        self.part: OwnPart[Found] = OwnPart(visit, self.query, self.draw)
        self.shops: dict[str, str] = {}

    def query(self, session: Session, person: SignedIn) -> Found:
        """The robots that may ask."""
        found = bot_hooks.robots(session, person.tenant, self.visit.now_ms() // 60_000 * 60_000)
        return Found(found, dict(shop_names(session, person.tenant)))

    async def build(self) -> None:
        """The frame and the list."""
        say = self.say
        with self.visit.frame():
            with box("pb-row pb-between pb-top pb-gap-below"):
                with box("pb-grow"):
                    title(say("robots"), say("robots_lead"))
                button(say("make"), self.ask, "is-main")
            await self.part.start()

    def draw(self, found: Found, ages: Ages) -> None:
        """A card a robot."""
        self.shops = found.shops
        if not found.robots:
            empty(self.say("no_robots"), self.say("no_robots_how"))
        with box("pb-stack"):
            for robot in found.robots:
                self._draw_robot(robot, ages)

    def _draw_robot(self, robot: RobotView, ages: Ages) -> None:
        say = self.say
        with box("pb-card pb-person"):
            with box("pb-grow"):
                with box("pb-row pb-wrap pb-tight"):
                    text(robot.name, "pb-card-title")
                    badge(say(f"kind_{robot.kind}"), "is-good")
                text(" · ".join(self.shops.get(shop, shop) for shop in robot.shops) or say("all_shops"), "pb-small")
                text(self._address(robot), "pb-code")
                with box("pb-row pb-tight pb-soft pb-small"):
                    text(say("asked"))
                    ages.show(self.visit.then_ms(robot.last_asked_age_ms), "")
            with box("pb-buttons"):
                button(say("copy"), lambda: self._copy(self._address(robot)), "is-quiet")
                button(say("withdraw"), lambda: self._ask_withdraw(robot), "is-quiet")

    def _address(self, robot: RobotView) -> str:
        return str(self.visit.request.base_url).rstrip("/") + robot.address

    def _copy(self, content: str) -> None:
        ui.clipboard.write(content)
        ui.notify(self.say("copied"), position="top")

    # ---- what is done ----

    def ask(self) -> None:
        """What robot it is to be."""
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(self.say("make"), "pb-question")
            wanted = _Wanted(self.visit, self.shops)

            async def go() -> None:
                made = await wanted.make()
                if made is not None:
                    asked.close()
                    self._tell(made)
                    await self.part.refresh()

            with box("pb-buttons"):
                button(self.say("make"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    def _tell(self, made: RobotMade) -> None:
        """What to paste where; the secrets are nowhere again."""
        say = self.say
        with dialog(self.visit.page) as shown, box("pb-stack"):
            text(f"{say('made')} · {made.name}", "pb-question")
            text(say(f"paste_{made.kind}"))
            if made.secrets:
                text(say("made_once"), "pb-trouble")
            self._draw_secret(say("address"), self._address(made))
            for name, secret in made.secrets.items():
                self._draw_secret(_CALLED.get(name, say("secret")), secret)
            with box("pb-buttons"):
                button(say("close"), shown.close, "is-main")

    def _draw_secret(self, label: str, content: str) -> None:
        with box():
            text(label, "pb-label")
            with box("pb-row pb-wrap"):
                text(content, "pb-secret pb-code pb-grow")
                button(self.say("copy"), lambda: self._copy(content), "is-quiet")

    def _ask_withdraw(self, robot: RobotView) -> None:
        say, now_ms = self.say, self.visit.now_ms

        async def go() -> None:
            await attempt(
                self.visit,
                lambda: self.visit.change(lambda s, person: bot_hooks.withdraw(s, person, robot.id, now_ms())),
            )
            await self.part.refresh()

        ask_first(self.visit, say("withdraw_sure", name=robot.name), say("withdraw"), go, say("cancel"))


class _Wanted:
    """The fields of a robot to make: what the chat gave one is asked for by its kind."""

    def __init__(self, visit: Visit, shops: Mapping[str, str]) -> None:
        self._visit, self._say = visit, visit.say
        say = self._say
        self._form = Form(visit, _SAID, change=visit.change)
        self._form.line("name", say("name"), hint=say("name_hint"))
        kinds: dict[str, tuple[str, str]] = {kind: (say(f"kind_{kind}"), say(f"what_{kind}")) for kind in KINDS}
        self._kind = Choice(say("kind"), kinds, "wecom", self._changed)
        self._boxes = {kind: box("pb-stack") for kind in KINDS if TOLD[kind]}
        for kind, place in self._boxes.items():
            with place:
                for name in TOLD[kind]:
                    self._form.line(f"{kind} {name}", _CALLED[name])
        self._shops = Checks(say("shops"), shops) if len(shops) > 1 else None
        self._changed()

    def _changed(self) -> None:
        for kind, place in self._boxes.items():
            place.set_visibility(kind == self._kind.value)

    async def make(self) -> RobotMade | None:
        """The robot with its secrets; None when it was refused, and the fields say why."""
        kind = cast(Kind, self._kind.value)
        told = {name: self._form[f"{kind} {name}"] for name in TOLD.get(kind, ())}
        for name in told:
            self._form.demand(f"{kind} {name}", "wrong_told")
        chosen = sorted(self._shops.chosen) if self._shops else []
        values: dict[str, Any] = {"name": self._form["name"], "kind": kind, "shops": chosen, "told": told}
        wanted = self._form.model(NewRobot, values)
        if wanted is None:
            return None
        made: list[RobotMade] = []

        def act(session: Session, person: SignedIn) -> None:
            seal = Seal(self._visit.services.settings.secret)
            made.append(bot_hooks.make(session, person, wanted, seal, self._visit.now_ms()))

        return made[0] if await self._form.keep(act) else None
