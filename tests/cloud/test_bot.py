"""Chat robots on both databases: made and withdrawn on record, answered in each chat's shape when signed rightly."""

import base64
import hashlib
import hmac
import json
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml import ElementTree

from cloud.catalogue.bot_answering import ASKED_A_MINUTE_MAX
from cloud.catalogue.bot_text import language_of, question_of
from cloud.tables import BotHook
from tests.cloud import people_world, worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import opening, upload

FEISHU = {"app_id": "cli_1", "app_secret": "s", "verification_token": "v-token", "encrypt_key": "e-key"}
DINGTALK = {"app_secret": "this is a secret of DingTalk"}
SECOND = str(worlds.NOW_MS // 1000)


def make(cloud: Cloud, kind: str, **more: Any) -> dict[str, Any]:
    """A new robot of the northern dealer."""
    answer = cloud.browser().post("/api/robots", json={"name": "维修群", "kind": kind, **more})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def ask(cloud: Cloud, robot: dict[str, Any], body: bytes, headers: dict[str, str], query: str = "") -> httpx.Response:
    """What the chat gets."""
    return cloud.client.post(robot["address"] + query, content=body, headers=headers)


def signed(robot: dict[str, Any], body: bytes, at_ms: int = worlds.NOW_MS) -> dict[str, str]:
    """The headers of a program that knows the secret, made by the standard library alone."""
    text = f"{at_ms}.".encode() + body
    key = robot["secrets"]["secret"].encode()
    return {
        "X-Partsbay-Timestamp": str(at_ms),
        "X-Partsbay-Signature": hmac.new(key, text, hashlib.sha256).hexdigest(),
    }


def test_a_program_asks_and_is_answered_in_its_language(cloud: Cloud) -> None:
    """Parts, stock and place; zh for Chinese, en for English."""
    cloud.receipt(upload([opening("m1", 20)]))
    robot = make(cloud, "plain")
    for text, wanted in (("柴滤", "柴油滤清器 WK-1060"), ("diesel filter", "Diesel filter WK-1060")):
        body = json.dumps({"text": f"@partsbay {text}"}).encode()
        answer = ask(cloud, robot, body, signed(robot, body))
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert wanted in told["text"]
        assert [part["part"]["number"] for part in told["parts"]] == ["WK-1060"]
    assert "店 shop-1, Cabinet 1, bin 1: 20 pcs" in told["text"]
    assert cloud.get("/api/robots")[0]["last_asked_age_ms"] == 0
    empty = b'{"text": "  "}'
    assert "VIN" in ask(cloud, robot, empty, signed(robot, empty)).json()["text"]


def test_what_is_not_signed_rightly_gets_one_refusal(cloud: Cloud) -> None:
    """Wrong key, another body, too old, ahead of time, unknown robot, withdrawn robot: the same sentence."""
    robot = make(cloud, "plain")
    body = b'{"text": "WK-1060"}'
    good, old_ms = signed(robot, body), worlds.NOW_MS - 5 * 60_000 - 1
    cases = [
        (robot, body, {}),
        (robot, b'{"text": "another"}', good),
        (robot, body, signed({"secrets": {"secret": "guessed"}}, body)),
        (robot, body, signed(robot, body, old_ms)),
        (robot, body, signed(robot, body, worlds.NOW_MS + 5 * 60_000 + 1)),
        (robot, body, {**good, "X-Partsbay-Timestamp": "12x"}),
        ({**robot, "address": "/api/bot/r-nobody"}, body, good),
        (robot, b"no json", signed(robot, b"no json")),
    ]
    answers = [ask(cloud, *case) for case in cases]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert ask(cloud, robot, b"x" * 70_000, good).status_code == 413
    assert cloud.browser().request("DELETE", f"/api/robots/{robot['id']}").status_code == 204
    assert ask(cloud, robot, body, good).status_code == 401
    assert cloud.get("/api/robots") == []
    assert [line["action"] for line in cloud.get("/api/audit")["lines"]] == ["robot.withdrawn", "robot.made"]


def test_secrets_are_shown_once_and_stored_unreadable(cloud: Cloud) -> None:
    """And another dealer's admin neither sees nor withdraws a robot."""
    robot = make(cloud, "plain", shops=["shop-1"])
    with cloud.services.database.reading() as session:
        row = session.get_one(BotHook, robot["id"])
    assert robot["secrets"]["secret"].encode() not in bytes(row.sealed)
    assert "secrets" not in cloud.get("/api/robots")[0]
    south = cloud.browser("wang@south.example")
    assert (south.get("/api/robots").json(), south.request("DELETE", f"/api/robots/{robot['id']}").status_code) == (
        [],
        404,
    )
    li = cloud.browser()
    assert li.post("/api/robots", json={"name": "x", "kind": "plain", "shops": ["shop-9"]}).status_code == 404
    assert li.post("/api/robots", json={"name": "x", "kind": "dingtalk"}).status_code == 409
    people_world.add_member(cloud, "clerk@north.example", "clerk")
    assert people_world.browser_of(cloud, "clerk@north.example").get("/api/robots").status_code == 403


def test_a_robot_tells_the_stock_of_its_shops_alone(cloud: Cloud) -> None:
    """Bound to shop-2 it does not know what lies in shop-1."""
    cloud.receipt(upload([opening("m1", 20)]))
    robot = make(cloud, "plain", shops=["shop-2"])
    body = b'{"text": "WK-1060"}'
    assert ask(cloud, robot, body, signed(robot, body)).json()["parts"][0]["stock"] == 0


def test_a_robot_may_ask_so_often_a_minute(cloud: Cloud) -> None:
    """Then it waits; a minute later it may again."""
    robot = make(cloud, "plain")
    body = b'{"text": ""}'
    answers = [ask(cloud, robot, body, signed(robot, body)) for _ in range(ASKED_A_MINUTE_MAX + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (429, "60")
    cloud.clock.ms += 60_000
    assert ask(cloud, robot, body, signed(robot, body, cloud.clock.ms)).status_code == 200


def test_dingtalk(cloud: Cloud) -> None:
    """As its page on receiving messages describes them."""
    robot = make(cloud, "dingtalk", told=DINGTALK)
    assert robot["secrets"] == {}
    stamp, secret = str(worlds.NOW_MS), DINGTALK["app_secret"]
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    headers = {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}
    message = {"msgtype": "text", "text": {"content": " 柴滤"}, "msgId": "msg1", "conversationType": "2"}
    answer = ask(cloud, robot, json.dumps(message).encode(), headers).json()
    assert answer["msgtype"] == "text"
    assert "WK-1060" in answer["text"]["content"]
    assert ask(cloud, robot, json.dumps(message).encode(), {**headers, "sign": "x"}).status_code == 401


def wecom(robot: dict[str, Any], message: str, receiver: str = "") -> tuple[str, str]:
    """A message encrypted as WeCom's page describes it, and the query it comes with."""
    key = base64.b64decode(robot["secrets"]["aes_key"] + "=")
    plain = b"0123456789abcdef" + struct.pack(">I", len(message.encode())) + message.encode() + receiver.encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    encrypted = base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()
    return encrypted, f"?msg_signature={_sha(robot, SECOND, 'n1', encrypted)}&timestamp={SECOND}&nonce=n1"


def _sha(robot: dict[str, Any], *words: str) -> str:
    joined = "".join(sorted((robot["secrets"]["token"], *words)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def opened(robot: dict[str, Any], encrypted: str) -> tuple[str, str]:
    """What WeCom reads of an answer."""
    key = base64.b64decode(robot["secrets"]["aes_key"] + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    plain = plain[: -plain[-1]]
    length = struct.unpack(">I", plain[16:20])[0]
    return plain[20 : 20 + length].decode(), plain[20 + length :].decode()


def test_wecom_robots_and_apps(cloud: Cloud) -> None:
    """The check of the address, a robot's JSON and an app's XML, all under the key that was shown once."""
    robot = make(cloud, "wecom")
    echo, query = wecom(robot, "1616140317555161061")
    check = cloud.client.get(robot["address"] + query, params={**dict(httpx.QueryParams(query[1:])), "echostr": echo})
    assert (check.status_code, check.text) == (200, "1616140317555161061")
    question = json.dumps({"msgid": "m1", "msgtype": "text", "text": {"content": "@备件 柴滤"}}, ensure_ascii=False)
    encrypted, query = wecom(robot, question)
    answer = ask(cloud, robot, json.dumps({"encrypt": encrypted}).encode(), {}, query).json()
    assert answer["msgsignature"] == _sha(robot, str(answer["timestamp"]), answer["nonce"], answer["encrypt"])
    stream = json.loads(opened(robot, answer["encrypt"])[0])
    assert (stream["msgtype"], stream["stream"]["finish"], "WK-1060" in stream["stream"]["content"]) == (
        "stream",
        True,
        True,
    )
    assert ask(cloud, robot, json.dumps({"encrypt": encrypted}).encode(), {}, query).content == b""  # a repeat
    message = (
        "<xml><ToUserName>ww1</ToUserName><FromUserName>li</FromUserName><MsgType>text</MsgType>"
        "<Content>WK 1060</Content><MsgId>77</MsgId></xml>"
    )
    encrypted, query = wecom(robot, message, "ww1")
    answer_xml = ask(cloud, robot, f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode(), {}, query)
    told, receiver = opened(robot, ElementTree.fromstring(answer_xml.text).findtext("Encrypt") or "")
    assert (receiver, ElementTree.fromstring(told).findtext("ToUserName")) == ("ww1", "li")
    assert "WK-1060" in (ElementTree.fromstring(told).findtext("Content") or "")
    assert ask(cloud, robot, json.dumps({"encrypt": "AAAA"}).encode(), {}, query).status_code == 401


@contextmanager
def feishu_server() -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """What Feishu's API is to a robot: it gives a token and takes replies."""
    seen: list[tuple[str, str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append((self.path, self.headers.get("authorization", ""), body))
            told = json.dumps({"code": 0, "tenant_access_token": "t-1"}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", seen
        finally:
            server.shutdown()
            thread.join()


def feishu(event: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """An event encrypted and signed as Feishu's page describes it."""
    plain = json.dumps(event).encode()
    pad = 16 - len(plain) % 16
    key = hashlib.sha256(FEISHU["encrypt_key"].encode()).digest()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(b"i" * 16)).encryptor()
    stored = b"i" * 16 + encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
    body = json.dumps({"encrypt": base64.b64encode(stored).decode()}).encode()
    signature = hashlib.sha256(f"{SECOND}n1{FEISHU['encrypt_key']}".encode() + body).hexdigest()
    return body, {
        "X-Lark-Request-Timestamp": SECOND,
        "X-Lark-Request-Nonce": "n1",
        "X-Lark-Signature": signature,
    }


def test_feishu(cloud: Cloud) -> None:
    """The challenge, a message that is answered by a call once, and a forged event."""
    robot = make(cloud, "feishu", told=FEISHU)
    assert robot["secrets"] == {}
    challenge = feishu({"type": "url_verification", "token": "v-token", "challenge": "abc"})
    assert ask(cloud, robot, *challenge).json() == {"challenge": "abc"}
    content = json.dumps({"text": "@_user_1 柴滤"})
    event = {
        "header": {"event_id": "e1", "event_type": "im.message.receive_v1", "token": "v-token"},
        "event": {"message": {"message_id": "om_1", "message_type": "text", "content": content}},
    }
    with feishu_server() as (url, seen):
        cloud.services.robots.feishu_url = url
        assert [ask(cloud, robot, *feishu(event)).json() for _ in range(2)] == [{}, {}]
    (key_path, _, key_body), (path, authorization, body) = seen
    assert (key_path, key_body) == (
        "/open-apis/auth/v3/tenant_access_token/internal", {"app_id": "cli_1", "app_secret": "s"}
    )  # fmt: skip
    assert (path, authorization) == ("/open-apis/im/v1/messages/om_1/reply", "Bearer t-1")
    assert "WK-1060" in json.loads(body["content"])["text"]
    forged, headers = feishu({**event, "header": {**event["header"], "token": "guessed"}})
    assert ask(cloud, robot, forged, headers).status_code == 401
    unsigned, _ = feishu({**event, "header": {**event["header"], "event_id": "e2"}})
    assert ask(cloud, robot, unsigned, {}).status_code == 401


@pytest.mark.parametrize(
    ("text", "question", "language"),
    [("@备件 柴滤", "柴滤", "zh"), ("@bot oil filter", "oil filter", "en"), ("WK-1060", "WK-1060", "zh"),
     ("解放 oil filter", "解放 oil filter", "zh")],
)  # fmt: skip
def test_the_language_is_the_questions(text: str, question: str, language: str) -> None:
    """English where there is a word of it and nothing Chinese."""
    assert question_of(text) == question
    assert language_of(question) == language
