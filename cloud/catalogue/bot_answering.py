"""Answers what chat robots ask: opens what was sent, searches as the robot's dealer, and says it as the chat wants it.

Nothing is told before the signature is right; a robot that is unknown, withdrawn or signed wrongly gets the same
refusal. Each robot may ask so often a minute. A repeat of an event (Feishu sends again what was answered late) is
answered once.
"""

import json
import logging
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import httpx

from cloud.catalogue.bot_hooks import RobotError, Seal
from cloud.catalogue.bot_signatures import (
    BotError,
    Opened,
    open_dingtalk,
    open_feishu,
    open_plain,
    open_wecom,
    wecom_encrypted,
    wecom_signature,
)
from cloud.catalogue.bot_text import answer_text, language_of, question_of
from cloud.catalogue.search import TYPED_MAX, Search
from cloud.catalogue.search_views import SearchAnswer
from cloud.database import Database
from cloud.identity import Identity
from cloud.tables import BotHook
from cloud.tenancy import TenantId

log = logging.getLogger(__name__)

ASKED_A_MINUTE_MAX = 60
BODY_BYTES_MAX = 64 * 1024
FEISHU_URL = "https://open.feishu.cn"
_MINUTE_MS = 60_000
_EVENTS_KEPT = 2000
_HITS = 20
_UNKNOWN = "expected a robot that is known and its signature, found none"


class TooOftenError(PermissionError):
    """A robot asks more often than it may."""


class NotYourRobotError(PermissionError):
    """The robot is unknown, withdrawn, or not who signed."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came over HTTP: query and headers in lower case, and the body."""

    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: a body with its type, and what is to be done after it was sent."""

    body: bytes
    media_type: str = "application/json"
    afterwards: Callable[[], None] | None = None


@dataclass
class Robots:
    """The robots of every dealer, as their chats see them."""

    database: Database
    identity: Identity
    seal: Seal
    now_ms: Callable[[], int]
    feishu_url: str = FEISHU_URL
    _asked: dict[str, deque[int]] = field(default_factory=dict)
    _events: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, robot: str, sent: Sent) -> Reply:
        """Answer what was sent to a robot's address (`NotYourRobotError`, `TooOftenError`)."""
        row = self._row(robot)
        if row is None:
            raise NotYourRobotError(_UNKNOWN)
        try:
            kept = self.seal.opened(bytes(row.sealed))
            opened = _open(row.kind, kept, sent, self.now_ms())
        except (BotError, RobotError) as error:
            log.info("robot %s: %s", robot, error)
            raise NotYourRobotError(_UNKNOWN) from error
        return self._reply(row, kept, opened)

    def _row(self, robot: str) -> BotHook | None:
        with self.database.reading() as session:
            row = session.get(BotHook, robot)
        return row if row is not None and not row.ended_ms else None

    def _reply(self, row: BotHook, kept: dict[str, str], opened: Opened) -> Reply:
        if opened.echo:
            return _echo(row.kind, opened)
        if opened.question is None or self._is_repeat(row, opened.event):
            return Reply(b"" if row.kind == "wecom" else b"{}")
        tenant = self.identity.robot_tenant(row)
        if tenant is None:
            raise NotYourRobotError(_UNKNOWN)
        self._count(row)
        question = question_of(opened.question)[:TYPED_MAX]
        found = self._search(tenant, question)
        text = answer_text(found, language_of(question))
        return self._said(row.kind, kept, opened, text, found)

    def _count(self, row: BotHook) -> None:
        """Count a question (`TooOftenError`); when the robot was last asked is written once a minute."""
        now_ms = self.now_ms()
        with self._lock:
            times = self._asked.setdefault(row.id, deque())
            while times and times[0] <= now_ms - _MINUTE_MS:
                times.popleft()
            if len(times) >= ASKED_A_MINUTE_MAX:
                raise TooOftenError(f"expected at most {ASKED_A_MINUTE_MAX} questions a minute, found more: ask later")
            times.append(now_ms)
        if row.last_asked_ms <= now_ms - _MINUTE_MS:
            with self.database.writing() as session:
                session.get_one(BotHook, row.id).last_asked_ms = now_ms

    def _is_repeat(self, row: BotHook, event: str) -> bool:
        if not event:
            return False
        key = f"{row.id}\n{event}"
        with self._lock:
            known = key in self._events
            self._events[key] = None
            while len(self._events) > _EVENTS_KEPT:
                self._events.popitem(last=False)
        return known

    def _search(self, tenant: TenantId, question: str) -> SearchAnswer:
        with self.database.reading_as(tenant) as session:
            return Search(session, tenant, self.now_ms()).answer(question, _HITS)

    def _said(self, kind: str, kept: dict[str, str], opened: Opened, text: str, found: SearchAnswer) -> Reply:
        if kind == "dingtalk":
            return _json({"msgtype": "text", "text": {"content": text}})
        if kind == "wecom":
            return self._said_in_wecom(kept, opened, text)
        if kind == "feishu":
            return Reply(b"{}", afterwards=lambda: self._say_in_feishu(kept, opened.reply_to, text))
        return _json({"text": text, "parts": [_fact(found, at) for at in range(len(found.hits))]})

    def _said_in_wecom(self, kept: dict[str, str], opened: Opened, text: str) -> Reply:
        timestamp, nonce = str(self.now_ms() // 1000), secrets.token_hex(8)
        if opened.is_xml:
            sender, _, receiver = opened.reply_to.partition("\n")
            message = (
                f"<xml><ToUserName>{escape(sender)}</ToUserName><FromUserName>{escape(receiver)}</FromUserName>"
                f"<CreateTime>{timestamp}</CreateTime><MsgType>text</MsgType><Content>{escape(text)}</Content></xml>"
            )
        else:
            stream = {"id": secrets.token_hex(8), "finish": True, "content": text}
            message = json.dumps({"msgtype": "stream", "stream": stream}, ensure_ascii=False)
        encrypted = wecom_encrypted(kept["aes_key"], message, opened.receiver, secrets.token_bytes(16))
        signature = wecom_signature(kept["token"], timestamp, nonce, encrypted)
        if not opened.is_xml:
            told = {"encrypt": encrypted, "msgsignature": signature, "timestamp": int(timestamp), "nonce": nonce}
            return _json(told)
        body = (
            f"<xml><Encrypt>{encrypted}</Encrypt><MsgSignature>{signature}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{nonce}</Nonce></xml>"
        )
        return Reply(body.encode(), "application/xml")

    def _say_in_feishu(self, kept: dict[str, str], message: str, text: str) -> None:
        """Reply by Feishu's API; what fails is logged, and the person asks again."""
        try:
            with httpx.Client(base_url=self.feishu_url, timeout=10) as client:
                key = client.post(
                    "/open-apis/auth/v3/tenant_access_token/internal",
                    json={"app_id": kept["app_id"], "app_secret": kept["app_secret"]},
                )
                token = key.raise_for_status().json().get("tenant_access_token", "")
                answer = client.post(
                    f"/open-apis/im/v1/messages/{message}/reply",
                    headers={"Authorization": f"Bearer {token}"},
                    json={"msg_type": "text", "content": json.dumps({"text": text}, ensure_ascii=False)},
                )
                answer.raise_for_status()
        except (httpx.HTTPError, ValueError) as error:
            log.warning("a reply to Feishu was lost: %s", error)


def _open(kind: str, kept: dict[str, str], sent: Sent, now_ms: int) -> Opened:
    headers, query = dict(sent.headers), dict(sent.query)
    if kind == "wecom":
        return open_wecom(kept, query, sent.body, now_ms)
    if kind == "feishu":
        return open_feishu(kept, headers, sent.body, now_ms)
    if kind == "dingtalk":
        return open_dingtalk(
            kept["app_secret"], headers.get("timestamp", ""), headers.get("sign", ""), sent.body, now_ms
        )
    timestamp, signature = headers.get("x-partsbay-timestamp", ""), headers.get("x-partsbay-signature", "")
    return open_plain(kept["secret"], timestamp, signature, sent.body, now_ms)


def _echo(kind: str, opened: Opened) -> Reply:
    """What a chat wants back when its address is set up."""
    return _json({"challenge": opened.echo}) if kind == "feishu" else Reply(opened.echo.encode(), "text/plain")


def _json(value: object) -> Reply:
    return Reply(json.dumps(value, ensure_ascii=False).encode())


def _fact(found: SearchAnswer, at: int) -> dict[str, object]:
    return found.hits[at].model_dump(mode="json")
