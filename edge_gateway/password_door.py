"""The door for cabinets that still sign in by password, while a shop changes over to certificates.

The broker behind takes nobody without a certificate. This reads a cabinet's CONNECT, compares its password, and from
then on passes bytes between it and the broker, to which it speaks with a certificate of the gateway's own for that very
cabinet: what that may say and hear is the broker's affair, as for everybody. It understands nothing after CONNECT.
"""

import asyncio
import hmac
import ssl
from collections.abc import Container, Mapping
from typing import NamedTuple

from edge_gateway.listening import Listening
from edge_gateway.refusals import Refuse

CONNECT_BYTES_MAX = 4096
PATIENCE_S = 10.0
AT_ONCE_MAX = 200
_REFUSED = b"\x20\x02\x00\x05"  # CONNACK: not authorised
_PIECE_BYTES = 16384
_WILL, _LOGIN = 0x04, 0xC0  # of CONNECT's flags,
_FLAGS_AT = 7  # which stand behind the protocol's name and level


class ConnectError(ValueError):
    """What came is no CONNECT that can be let in; `who` claims to come, when that is a cabinet of ours."""

    def __init__(self, text: str, who: str = "") -> None:
        super().__init__(text)
        self.who = who


class Connect(NamedTuple):
    """Who signs in, and the packet without the two: whoever shows a certificate must not show a password, too."""

    username: str
    password: str
    bare: bytes


class PasswordDoor(Listening):
    """From `start` to `close`; `passwords` and `passes` (what to speak to the broker with) by cabinet."""

    def __init__(
        self,
        outside: tuple[str, int],
        inside: tuple[str, int],
        passwords: Mapping[str, str],
        passes: Mapping[str, ssl.SSLContext],
        refuse: Refuse,
    ) -> None:
        super().__init__("password-door", *outside, AT_ONCE_MAX)
        self._inside = inside
        self._passwords = passwords
        self._passes = passes
        self._refuse = refuse
        self.barred: Container[str] = ()  # cabinets whose passwords count no longer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        """One cabinet, or somebody else."""
        try:
            await self._let_in(reader, writer)
        except ConnectError as error:
            self._refuse("password", error.who or address, str(error))
            writer.write(_REFUSED)

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(PATIENCE_S):
            connect = parse_connect(await _read_connect(reader))
            self._check(connect)
            pass_ = self._passes[connect.username]
            inner, outer = await asyncio.open_connection(*self._inside, ssl=pass_)
        outer.write(connect.bare)
        passing = [asyncio.create_task(_pass(reader, outer)), asyncio.create_task(_pass(inner, writer))]
        try:
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in passing:
                task.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
            outer.transport.abort()

    def _check(self, connect: Connect) -> None:
        """Refuse an unknown name or a wrong password, in the same time."""
        known = self._passwords.get(connect.username, "")
        is_right = hmac.compare_digest(known.encode(), connect.password.encode())
        if not known or not is_right:
            who = connect.username if known else ""
            raise ConnectError("expected the password of a cabinet, found another", who=who)
        if connect.username in self.barred:
            text = "expected a certificate, for one was revoked here, found a password"
            raise ConnectError(text, who=connect.username)


async def _read_connect(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(1)
    if head == b"\x16":
        raise ConnectError("expected MQTT on the port for passwords, found TLS")
    if head != b"\x10":
        raise ConnectError("expected CONNECT first, found something else")
    length, shift = 0, 0
    while shift == 0 or head[-1] & 0x80:
        head += await reader.readexactly(1)
        length |= (head[-1] & 0x7F) << shift
        shift += 7
        if length > CONNECT_BYTES_MAX or shift > 28:
            raise ConnectError(f"expected CONNECT of at most {CONNECT_BYTES_MAX} bytes, found more")
    return head + await reader.readexactly(length)


def parse_connect(packet: bytes) -> Connect:
    """Who signs in by an MQTT 3.1.1 CONNECT (`ConnectError`); section 3.1 of the standard says what stands where."""
    begin = 2
    while packet[begin - 1] & 0x80:
        begin += 1
    fields = _Fields(packet, begin)
    if fields.next() != b"MQTT":
        raise ConnectError("expected MQTT 3.1.1, found another protocol")
    _level, flags = fields.take(2)
    fields.take(2)  # keep-alive
    fields.next()  # client id
    if flags & _WILL:
        fields.next()
        fields.next()
    if flags & _LOGIN != _LOGIN:
        raise ConnectError("expected a user name and a password, found none")
    body = bytearray(packet[begin : fields.at])
    body[_FLAGS_AT] &= ~_LOGIN & 0xFF
    try:
        return Connect(fields.next().decode(), fields.next().decode(), b"\x10" + _length(len(body)) + body)
    except UnicodeDecodeError as error:
        raise ConnectError("expected names in UTF-8, found others") from error


def _length(length: int) -> bytes:
    digits = bytearray()
    while length > 0x7F:
        digits.append(length & 0x7F | 0x80)
        length >>= 7
    digits.append(length)
    return bytes(digits)


class _Fields:
    """The fields of a packet, one after the other."""

    def __init__(self, packet: bytes, at: int) -> None:
        self._packet = packet
        self.at = at

    def take(self, count: int) -> bytes:
        """So many bytes."""
        data = self._packet[self.at : self.at + count]
        if len(data) < count:
            raise ConnectError("expected a whole CONNECT, found a piece")
        self.at += count
        return data

    def next(self) -> bytes:
        """A text or bytes with their length before them."""
        return self.take(int.from_bytes(self.take(2)))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_PIECE_BYTES):
        writer.write(data)
        await writer.drain()
