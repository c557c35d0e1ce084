"""How each chat signs, hides and shapes what it sends, and what it wants back. Pure: bytes in, a question out.

- WeCom (企业微信) robots and apps: SHA-1 over the sorted token, time, nonce and ciphertext; AES-256-CBC under the
  EncodingAESKey, its first 16 bytes being the IV; 16 random bytes, the length, the message, the receiver's id
  (https://developer.work.weixin.qq.com/document/path/91144). Robots talk JSON, and are answered by a stream that is
  finished at once (https://developer.work.weixin.qq.com/document/path/101031 and 101033); apps talk XML
  (https://developer.work.weixin.qq.com/document/path/96466).
- DingTalk (钉钉) robots: HMAC-SHA256 of "time, line end, app secret" under the app secret, in Base64, in headers; the
  answer is the body of the response (https://open.dingtalk.com/document/orgapp/receive-message).
- Feishu (飞书) apps: SHA-256 over time, nonce, Encrypt Key and body; the body is AES-256-CBC under the SHA-256 of the
  Encrypt Key, the IV in front (https://open.feishu.cn/document/server-docs/event-subscription-guide/overview). The
  answer is a call of their API, not the response.
- Anybody else's program: HMAC-SHA256 over the time, a full stop and the body, in hexadecimal.
"""

import base64
import binascii
import hashlib
import hmac
import json
import struct
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml import ElementTree

WINDOW_MS: Final = 5 * 60 * 1000
_WECOM_BLOCK: Final = 32


class BotError(ValueError):
    """A message that is not from the chat it claims to be from, or that cannot be read."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that was signed rightly. `question` is None for what asks nothing; `reply_to` is what a reply names."""

    question: str | None
    reply_to: str = ""
    event: str = ""  # by which a repeat is known
    receiver: str = ""
    is_xml: bool = False
    echo: str = ""  # what is to be sent back as it is


def check_time(told: str, now_ms: int, *, seconds: bool) -> None:
    """Refuse what was signed too long ago, or is dated ahead (`BotError`)."""
    if not told.isdecimal() or not told.isascii() or len(told) > 16:
        raise BotError("expected the time of the signature as a number, found another text")
    at_ms = int(told) * (1000 if seconds else 1)
    if abs(now_ms - at_ms) > WINDOW_MS:
        raise BotError(f"expected a signature of the last {WINDOW_MS // 60_000} minutes, found an older or a later one")


def _same(expected: str, found: str) -> None:
    if not hmac.compare_digest(expected.encode(), found.encode()):
        raise BotError("expected the signature of this robot, found another")


# ---- a program of one's own ----


def plain_signature(secret: str, timestamp: str, body: bytes) -> str:
    """What a program sends along as `X-Partsbay-Signature`."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def open_plain(secret: str, timestamp: str, signature: str, body: bytes, now_ms: int) -> Opened:
    """`{"text": "…"}` (`BotError`)."""
    check_time(timestamp, now_ms, seconds=False)
    _same(plain_signature(secret, timestamp, body), signature.lower())
    return Opened(_text(_json(body).get("text")))


# ---- DingTalk ----


def dingtalk_signature(secret: str, timestamp: str) -> str:
    """What DingTalk sends in the header `sign`."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def open_dingtalk(secret: str, timestamp: str, signature: str, body: bytes, now_ms: int) -> Opened:
    """A message to the robot (`BotError`)."""
    check_time(timestamp, now_ms, seconds=False)
    _same(dingtalk_signature(secret, timestamp), signature)
    message = _json(body)
    text = message.get("text")
    asked = _text(text.get("content")) if isinstance(text, dict) else ""
    return Opened(asked, event=_text(message.get("msgId")))


# ---- WeCom ----


def wecom_signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """What WeCom sends as `msg_signature`."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def wecom_decrypted(aes_key: str, encrypted: str) -> tuple[str, str]:
    """The message and the receiver's id (`BotError`)."""
    key = _wecom_key(aes_key)
    plain = _unpadded(_decrypted(key, key[:16], _base64(encrypted)), _WECOM_BLOCK)
    if len(plain) < 20:
        raise BotError("expected a message of WeCom, found too few bytes")
    (length,) = struct.unpack(">I", plain[16:20])
    return _utf8(plain[20 : 20 + length]), _utf8(plain[20 + length :])


def wecom_encrypted(aes_key: str, message: str, receiver: str, noise: bytes) -> str:
    """A message as WeCom wants it; `noise` are 16 random bytes."""
    key, text = _wecom_key(aes_key), message.encode()
    plain = noise + struct.pack(">I", len(text)) + text + receiver.encode()
    pad = _WECOM_BLOCK - len(plain) % _WECOM_BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def open_wecom(secrets: dict[str, str], query: dict[str, str], body: bytes, now_ms: int) -> Opened:
    """A message to a robot (JSON) or an app (XML), or the check of an address, which wants its echo (`BotError`)."""
    is_xml = body.lstrip().startswith(b"<")
    encrypted = query.get("echostr") or _wecom_encrypted_of(body, is_xml=is_xml)
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    check_time(timestamp, now_ms, seconds=True)
    _same(wecom_signature(secrets["token"], timestamp, nonce, encrypted), query.get("msg_signature", ""))
    message, receiver = wecom_decrypted(secrets["aes_key"], encrypted)
    if query.get("echostr"):
        return Opened(None, echo=message)
    return _wecom_xml(message, receiver) if is_xml else _wecom_json(message, receiver)


def _wecom_encrypted_of(body: bytes, *, is_xml: bool) -> str:
    found = _xml(body.decode(errors="replace")).get("Encrypt") if is_xml else _json(body).get("encrypt")
    if not isinstance(found, str) or not found:
        raise BotError("expected an encrypted message of WeCom, found none")
    return found


def _wecom_json(message: str, receiver: str) -> Opened:
    told = _json(message.encode())
    text = told.get("text")
    asked = _text(text.get("content")) if told.get("msgtype") == "text" and isinstance(text, dict) else None
    return Opened(asked, event=_text(told.get("msgid")), receiver=receiver)


def _wecom_xml(message: str, receiver: str) -> Opened:
    told = _xml(message)
    asked = told.get("Content", "") if told.get("MsgType") == "text" else None
    sender = f"{told.get('FromUserName', '')}\n{told.get('ToUserName', '')}"
    return Opened(asked, reply_to=sender, event=told.get("MsgId", ""), receiver=receiver, is_xml=True)


def _wecom_key(aes_key: str) -> bytes:
    key = _base64(aes_key + "=")
    if len(key) != 32:
        raise BotError("expected an EncodingAESKey of 43 characters, found another")
    return key


# ---- Feishu ----


def feishu_signature(encrypt_key: str, timestamp: str, nonce: str, body: bytes) -> str:
    """What Feishu sends as `X-Lark-Signature` where an Encrypt Key is set."""
    return hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode() + body).hexdigest()


def feishu_decrypted(encrypt_key: str, encrypted: str) -> str:
    """The event in the body (`BotError`)."""
    stored = _base64(encrypted)
    key = hashlib.sha256(encrypt_key.encode()).digest()
    return _utf8(_unpadded(_decrypted(key, stored[:16], stored[16:]), 16))


def open_feishu(secrets: dict[str, str], headers: dict[str, str], body: bytes, now_ms: int) -> Opened:
    """A message to the app, or the check of an address, which wants its challenge back (`BotError`)."""
    encrypt_key, is_signed = secrets["encrypt_key"], "x-lark-signature" in headers
    if is_signed:
        _check_feishu(encrypt_key, headers, body, now_ms)
    told = _json(feishu_decrypted(encrypt_key, _text(_json(body).get("encrypt"))).encode())
    if not is_signed and told.get("type") != "url_verification":
        raise BotError("expected a signed event, found one without a signature")
    found = told.get("header")
    header: dict[str, Any] = found if isinstance(found, dict) else {}
    _same(secrets["verification_token"], _text(told.get("token") or header.get("token")))
    if told.get("type") == "url_verification":
        return Opened(None, echo=_text(told.get("challenge")))
    return _feishu_event(header, told.get("event"))


def _check_feishu(encrypt_key: str, headers: dict[str, str], body: bytes, now_ms: int) -> None:
    timestamp, nonce = headers.get("x-lark-request-timestamp", ""), headers.get("x-lark-request-nonce", "")
    check_time(timestamp, now_ms, seconds=True)
    _same(feishu_signature(encrypt_key, timestamp, nonce, body), headers["x-lark-signature"])


def _feishu_event(header: dict[str, Any], event: object) -> Opened:
    message = event.get("message") if isinstance(event, dict) else None
    name = _text(header.get("event_id"))
    if header.get("event_type") != "im.message.receive_v1" or not isinstance(message, dict):
        return Opened(None, event=name)
    is_text = message.get("message_type") == "text"
    asked = _text(_json(_text(message.get("content")).encode()).get("text")) if is_text else None
    return Opened(asked, reply_to=_text(message.get("message_id")), event=name)


# ---- bytes ----


def _decrypted(key: bytes, iv: bytes, encrypted: bytes) -> bytes:
    if len(iv) != 16 or not encrypted or len(encrypted) % 16:
        raise BotError("expected whole blocks of AES, found another number of bytes")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(encrypted) + decryptor.finalize()


def _unpadded(plain: bytes, block: int) -> bytes:
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= block or pad > len(plain):
        raise BotError("expected a message under this robot's key, found another")
    return plain[:-pad]


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BotError("expected Base64, found another text") from None


def _utf8(stored: bytes) -> str:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        raise BotError("expected a message under this robot's key, found another") from None


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        raise BotError("expected a JSON object, found another text") from None
    if not isinstance(told, dict):
        raise BotError("expected a JSON object, found another value")
    return told


def _xml(text: str) -> dict[str, str]:
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        raise BotError("expected XML, found another text") from None
    return {str(child.tag): child.text or "" for child in root}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
