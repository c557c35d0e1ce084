"""The access list of one cabinet: the payload of its retained `config` message.

No I/O: a document, the cabinet's key and the time go in. The lines and the HMAC are described in `docs/mqtt.md`.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping

from cabinet import wire

from edge_gateway.received import Outgoing
from edge_gateway.shop_document import ShopDocument

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
BADGE_FORMAT = "hex"
BADGE_BITS = 80
AGAIN_MS = 60_000  # a cabinet that goes on holding an older list is not sent the newest more often


class AccessListError(ValueError):
    """The people of a document do not fit into an access list; the text says what was expected and found."""


def access_list(
    document: ShopDocument, cabinet: str, access_key: str, now_ms: int, *, knows_pins: bool = False
) -> bytes:
    """The signed list. It is the same all day long, so that sending it again changes nothing.

    A controller of before does not know of doors that ask for a PIN, and would open them to a badge: while its cabinet
    has such doors nobody's badge is on its list, and the kiosk opens every door.
    """
    asking = pin_mask(document, cabinet)
    rows = [
        wire.encode_access_row(badge, person.id, person.role)
        for person in document.people
        for badge in person.badges
        if knows_pins or not asking
    ]
    header: dict[str, object] = {
        "cabinet": cabinet,
        "version": document.version,
        "expires_utc_ms": expires_ms(document, now_ms),
        "badge_format": BADGE_FORMAT,
        "badge_bits": BADGE_BITS,
        "people": len(rows),
    }
    if asking and knows_pins:
        header["pin_doors"] = asking
    try:
        lines = [wire.encode_config_header(header), *rows]
    except wire.WireError as error:
        raise AccessListError(f"the access list of {cabinet} cannot be made: {error}") from error
    body = b"".join(line + b"\n" for line in lines)
    payload = body + hmac.new(bytes.fromhex(access_key), body, hashlib.sha256).hexdigest().encode()
    if len(payload) > wire.CONFIG_BYTES_MAX:
        raise AccessListError(
            f"expected an access list of at most {wire.CONFIG_BYTES_MAX} bytes for {cabinet}, found {len(payload)}"
        )
    return payload


def pin_mask(document: ShopDocument, cabinet: str) -> int:
    """The doors of a cabinet that ask for a PIN: bit 0 is door 1."""
    doors = (found.pin_doors for found in document.cabinets if found.id == cabinet)
    return sum(1 << (door - 1) for door in next(doors, []))


def expires_ms(document: ShopDocument, now_ms: int) -> int:
    """The end of the day that is `access_days` from now."""
    return (now_ms // DAY_MS + 1 + document.access_days) * DAY_MS


class AccessLists:
    """The `config` messages of the cabinets whose access keys are known here."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys
        self.knows_pins: Callable[[str], bool] = lambda _cabinet: False  # whether a controller knows of such doors
        self._sent_ms: dict[str, int] = {}

    def of(self, cabinet: str, document: ShopDocument, now_ms: int) -> list[Outgoing]:
        """A cabinet's list as a message; none when its key is not known or the people do not fit."""
        if cabinet not in self._keys:
            return []
        self._sent_ms[cabinet] = now_ms
        try:
            knows = self.knows_pins(cabinet)
            payload = access_list(document, cabinet, self._keys[cabinet], now_ms, knows_pins=knows)
        except AccessListError:
            log.exception("the old access list of %s stays", cabinet)
            return []
        return [Outgoing(cabinet, "config", payload)]

    def renew(self, cabinet: str, held: int, document: ShopDocument, now_ms: int) -> list[Outgoing]:
        """The same for a cabinet that says it holds the list of version `held`: only when that is an older one."""
        if held >= document.version or now_ms - self._sent_ms.get(cabinet, 0) < AGAIN_MS:
            return []
        return self.of(cabinet, document, now_ms)
