"""Tells cabinets without a clock what the date is, before they can judge a certificate by it.

One line up, one line down, over TCP; each ends with an HMAC-SHA256 by the cabinet's own key (docs/time-service.md).
Strangers get no answer. All is bounded: a line's length, how long it may take, how many are served at a time, and how
often one address is. It runs on a thread of its own and knows nothing but the clock and the keys.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping

from edge_gateway.listening import Listening
from edge_gateway.per_hour import PerHour
from edge_gateway.refusals import Refuse

LINE_BYTES_MAX = 160
PATIENCE_S = 3.0
AT_ONCE_MAX = 128
OF_ONE_MAX = 16  # of one address: an answer takes milliseconds
PER_HOUR_MAX = 2000  # of one address: a shop's cabinets behind one, each asking every two minutes
_QUESTION = re.compile(rb"(partsbay-time-question 1 ([a-z0-9-]{1,32}) ([0-9a-f]{32})) ([0-9a-f]{64})\n")


class QuestionError(ValueError):
    """A question is refused; the text says what was expected. `who` claims to ask."""

    def __init__(self, text: str, who: str = "") -> None:
        super().__init__(text)
        self.who = who


def code(key: bytes, said: bytes) -> bytes:
    """The HMAC-SHA256 of a line, in hex."""
    return hmac.new(key, said, hashlib.sha256).hexdigest().encode()


def answer(question: bytes, keys: Mapping[str, bytes], now_ms: int) -> bytes:
    """The line that answers a question (`QuestionError`)."""
    found = _QUESTION.fullmatch(question)
    if found is None:
        raise QuestionError("expected a question for the time, found something else")
    said, cabinet, nonce, given = found.groups()
    key = keys.get(cabinet.decode())
    if key is None or not hmac.compare_digest(code(key, said), given):
        who = "" if key is None else cabinet.decode()  # a stranger's word fills no list
        raise QuestionError("expected a question by a cabinet's own key, found another", who)
    told = b"partsbay-time-answer 1 %s %s %d" % (cabinet, nonce, now_ms)
    return b"%s %s\n" % (told, code(key, told))


class TimeService(Listening):
    """The service, from `start` to `close`. `keys`: the access key of each cabinet."""

    def __init__(
        self, host: str, port: int, keys: Mapping[str, bytes], now_ms: Callable[[], int], refuse: Refuse
    ) -> None:
        super().__init__("time-service", host, port, AT_ONCE_MAX, OF_ONE_MAX)
        self._keys = keys
        self._now_ms = now_ms
        self._refuse = refuse
        self._allowed = PerHour(PER_HOUR_MAX)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        """One connection, one question."""
        if not self._allowed.allows(address, self._now_ms()):
            self.turned_away(address)
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._answer(reader, writer, address)
        except (TimeoutError, ValueError, asyncio.IncompleteReadError):
            self._refuse("time", address, "expected one short line in time, found none")

    def turned_away(self, address: str) -> None:
        """Too many at once, or too often."""
        self._refuse("time", address, "too many questions")

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        question = b""
        while not question.endswith(b"\n"):
            question += await reader.readexactly(1)
            if len(question) > LINE_BYTES_MAX:
                raise QuestionError("expected one short line, found a long one")
        try:
            writer.write(answer(question, self._keys, self._now_ms()))
        except QuestionError as error:
            self._refuse("time", error.who or address, str(error))
            return
        await writer.drain()
