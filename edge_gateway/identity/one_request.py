"""One HTTP request of a connection, and its answer: bytes by h11, which knows the protocol; an app knows what to say.

Bounded in all it reads; a body counts only when all of it has come. How long anything may take is its caller's affair.
"""

import asyncio
import json
import logging
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

import h11
from starlette.types import ASGIApp, Message

log = logging.getLogger(__name__)

_READ_BYTES = 4096
_HEAD_BYTES_MAX = 16 * 1024


@dataclass(frozen=True)
class Asked:
    """A request that came whole. `line` is the connection as h11 sees it: the answer has to fit its state."""

    line: h11.Connection
    head: h11.Request
    body: bytes


@dataclass(frozen=True)
class Misheard:
    """What came is no request that can be answered: a status for programs, and a sentence."""

    status: int
    sentence: str


async def read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body_bytes_max: int
) -> Asked | Misheard:
    """The request of a connection (`EOFError` when it ends before)."""
    line, head, body = h11.Connection(h11.SERVER, _HEAD_BYTES_MAX), None, bytearray()
    while True:
        try:
            event = line.next_event()
        except h11.RemoteProtocolError as error:
            return Misheard(error.error_status_hint, f"expected a request in HTTP, found: {error}")
        if event is h11.NEED_DATA:
            _invite(line, writer)
            line.receive_data(await reader.read(_READ_BYTES))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > body_bytes_max:
                return Misheard(413, f"expected a request of at most {body_bytes_max} bytes, found more")
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return Asked(line, head, bytes(body))
        else:
            raise EOFError("expected a request, found the end of the connection")


def _invite(line: h11.Connection, writer: asyncio.StreamWriter) -> None:
    """Whoever waits to be told so (`Expect: 100-continue`) may send the body."""
    if line.they_are_waiting_for_100_continue:
        writer.write(line.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")


async def answer(app: ASGIApp, heard: Asked | Misheard, client: tuple[str, int]) -> bytes:
    """What to send: the app's answer to a request, or the sentence that says why there is none."""
    if isinstance(heard, Misheard):
        body = json.dumps({"detail": heard.sentence}).encode()
        headers = [(b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))]
        return _bytes(h11.Connection(h11.SERVER), heard.status, headers, body)
    begin, *parts = await _said(app, heard, client)
    body = b"".join(bytes(part.get("body", b"")) for part in parts)
    return _bytes(heard.line, begin["status"], begin["headers"], b"" if heard.head.method == b"HEAD" else body)


async def _said(app: ASGIApp, asked: Asked, client: tuple[str, int]) -> list[Message]:
    """What the app says: how it begins, then its body in pieces."""
    said: list[Message] = []
    coming: list[Message] = [{"type": "http.request", "body": asked.body, "more_body": False}]

    async def receive() -> Message:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    try:
        await app(_scope(asked.head, client), receive, send)
    except Exception:
        log.exception("a request could not be answered")
    return said or [{"type": "http.response.start", "status": 500, "headers": []}]


def _scope(head: h11.Request, client: tuple[str, int]) -> dict[str, Any]:
    path, _, query = head.target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": head.http_version.decode(),
        "method": head.method.decode(),
        "scheme": "https",
        "path": unquote(path.decode()),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": list(head.headers),
        "client": client,
        "server": None,
    }


def _bytes(line: h11.Connection, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
    always = [(b"Date", formatdate(usegmt=True).encode()), (b"Connection", b"close")]
    begin = h11.Response(status_code=status, headers=[*headers, *always])
    events = (begin, *([h11.Data(data=body)] if body else []), h11.EndOfMessage())
    return b"".join(line.send(event) or b"" for event in events)
