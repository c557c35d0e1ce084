"""What the cloud tells a shop's gateway, entry by entry in order: jobs, and orders that the gateway carries out.

Pure; imported by both sides, and the only definition. The cloud appends an entry by `shop_feed.tell(session, shop,
*told(Count(...)), now_ms)`; the gateway fetches what lies behind the last number it has
(`GET /api/gateway/feed?after=N`, a `FeedPage`), carries each number out once, and answers orders by a
`FeedAnswerItem` of its upload (`upload_format.py`). Fetching a number again does no harm.

A gateway passes over fields it does not know, and refuses a kind it does not know: what an older gateway must not pass
over gets a kind of its own. Times are milliseconds since 1970-01-01 UTC, quantities whole pieces or grams.
"""

import re

import msgspec

from edge_gateway.shop_document import NAME_CHARACTERS_MAX

FEED_ENTRIES_MAX = 200
BODY_CHARACTERS_MAX = 20_000
QUANTITY_MAX = 10**9
VERSION_CHARACTERS_MAX = 32  # as firmware on the wire
BUNDLE_BYTES_MAX = 4 * 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


class FeedError(ValueError):
    """An entry or a page cannot be understood; the text says what was expected and what was found."""


class JobTold(msgspec.Struct, tag_field="kind", tag="job", frozen=True, omit_defaults=True):
    """A repair order (工单) that can be charged: opened, or told anew because something of it changed. No order."""

    id: str
    title: str
    plate: str = ""
    vin: str = ""
    opened_ms: int = 0
    opened_by: str = ""


class JobClosed(msgspec.Struct, tag_field="kind", tag="job_closed", frozen=True, omit_defaults=True):
    """A job that nothing is charged to any more. No order."""

    id: str
    closed_ms: int = 0


class Found(msgspec.Struct, array_like=True, frozen=True):
    """So much of a part lies in a bin: [part, quantity]."""

    part: str
    quantity: int


class Resolve(msgspec.Struct, tag_field="kind", tag="resolve", frozen=True, omit_defaults=True):
    """Close a discrepancy: by a note alone, or (`found` not empty) by what somebody counted in its bin.

    `by`: who at the dealer's asked for it, as it shall be shown; it becomes the person of what is booked.
    """

    discrepancy: str
    by: str
    note: str = ""
    found: list[Found] = []


class Count(msgspec.Struct, tag_field="kind", tag="count", frozen=True, omit_defaults=True):
    """Somebody shall count a part in a bin. It stands at the kiosk until a person counted it there, or it is withdrawn.

    Its answer says what the ledger held (`expected`) and what the person found (`counted`).
    """

    cabinet: str
    bin: int
    part: str
    by: str = ""
    note: str = ""


class Withdraw(msgspec.Struct, tag_field="kind", tag="withdraw", frozen=True, omit_defaults=True):
    """An order that was not carried out yet shall not be any more: its own answer is `withdrawn`."""

    number: int
    by: str = ""


class Light(msgspec.Struct, tag_field="kind", tag="light", frozen=True, omit_defaults=True):
    """Light a bin, green, for `for_ms`. Refused when it is taken up only after `until_ms`: nobody waits any more."""

    cabinet: str
    bin: int
    until_ms: int
    for_ms: int = 20_000
    by: str = ""


class Levels(msgspec.Struct, array_like=True, frozen=True):
    """The policy of a part in a bin: [cabinet, bin, part, reorder_point, order_up_to]. Both -1: the planogram's own."""

    cabinet: str
    bin: int
    part: str
    reorder_point: int
    order_up_to: int


class Policy(msgspec.Struct, tag_field="kind", tag="policy", frozen=True, omit_defaults=True):
    """Policies (补货策略) of some parts in bins: they stand before the planogram's typed-in levels until told anew.

    `until_ms` not 0: a person's override, which ends then by itself by the gateway's clock; the newest levels that were
    told without an end, before it or meanwhile, hold again. An override of -1 and -1 takes the one before it back at
    once. What the planogram does not have is kept, and holds when it comes. The order-up-to level is never taken to be
    more than the capacity. Answered `done` when it is in force.
    """

    levels: list[Levels]
    until_ms: int = 0


class ToRestock(msgspec.Struct, array_like=True, frozen=True):
    """What a visit does to a part in a bin: [cabinet, bin, part, quantity]; negative is taken back."""

    cabinet: str
    bin: int
    part: str
    quantity: int


class Restock(msgspec.Struct, tag_field="kind", tag="restock", frozen=True, omit_defaults=True):
    """A restocker will come (补货): what to put into which bin, and what to take back. Told again it replaces itself.

    The bins light up in turn when a restocker opens their cabinet, the weight confirms each, and every bin is answered
    by a `RestockedItem` of the upload. It stands until every bin has got what was planned, a session begins only after
    `until_ms`, or it is called off. Answered `done` when it is held, also when it is over by then: the
    gateway's clock may be wrong. A part of a bin that several lines name gets their sum.
    """

    visit: str
    lines: list[ToRestock]
    until_ms: int
    day: str = ""
    by: str = ""


class RestockOff(msgspec.Struct, tag_field="kind", tag="restock_off", frozen=True, omit_defaults=True):
    """A visit that will not come, or is over: its bins light up no more, and nothing is answered for it."""

    visit: str


class Firmware(msgspec.Struct, tag_field="kind", tag="firmware", frozen=True, omit_defaults=True):
    """Cabinets shall run the firmware of a bundle; of what was told of a cabinet the newest number counts.

    The gateway fetches the bundle (`GET /api/gateway/bundles/<digest>`), hands it to each cabinet, and says in its
    status how far that is (`upload_format.CabinetFirmware`). `digest` "": nothing is asked of them any more, they keep
    what they run. `downgrade`: a person wants it although it is older than what runs. Answered `done` when held.
    """

    cabinets: list[str]
    version: str = ""
    digest: str = ""  # SHA-256 of the whole bundle, in hex
    bytes: int = 0  # of the whole bundle
    downgrade: bool = False
    by: str = ""


class RevokeCabinet(msgspec.Struct, tag_field="kind", tag="revoke_cabinet", frozen=True, omit_defaults=True):
    """A cabinet's certificate is good no longer (吊销): it was stolen, or taken away. `serial` "": all it has.

    Carried out at once, and answered `done`, also when the gateway knows of no such certificate.
    """

    cabinet: str
    serial: str = ""
    by: str = ""
    note: str = ""


Order = Resolve | Count | Withdraw | Light
Planned = Policy | Restock | RestockOff
Told = JobTold | JobClosed | Order | Planned | Firmware | RevokeCabinet
ORDERS = (Resolve, Count, Withdraw, Light)
PLANNED = (Policy, Restock, RestockOff)


class FeedEntry(msgspec.Struct, frozen=True):
    """One number of a shop's feed. `body`: the JSON that `told` makes, not looked at yet."""

    number: int
    kind: str
    made_ms: int
    body: msgspec.Raw


class FeedPage(msgspec.Struct, frozen=True):
    """`GET /api/gateway/feed`: entries behind `after`, in order; `newest` is the last number there is."""

    entries: list[FeedEntry]
    newest: int


encode_page = msgspec.json.Encoder().encode
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Told).decode
_decode_page = msgspec.json.Decoder(FeedPage).decode
_KINDS = {str(kind.__struct_config__.tag) for kind in (JobTold, JobClosed, *ORDERS, *PLANNED, Firmware, RevokeCabinet)}


def told(entry: Told) -> tuple[str, str]:
    """(kind, body) of an entry for `shop_feed.tell`; `FeedError` when no gateway could take it."""
    check(entry)
    return str(entry.__struct_config__.tag), _encode(entry).decode()


def read_entry(kind: str, body: bytes | str) -> Told:
    """An entry from its body (`FeedError`: of a kind that a later version knows, or broken)."""
    if kind not in _KINDS:
        raise FeedError(f"expected one of {', '.join(sorted(_KINDS))}, found {kind[:40]!r}: a later version knows it")
    try:
        entry: Told = _decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FeedError(f"expected what a {kind} tells, found {body[:60]!r} ({error})") from error
    if entry.__struct_config__.tag != kind:
        raise FeedError(f"expected what a {kind} tells, found what a {entry.__struct_config__.tag} does")
    check(entry)
    return entry


def check(entry: Told) -> None:
    """Refuse names that no account could bear, and texts without end (`FeedError`)."""
    if isinstance(entry, JobTold | JobClosed) and not 1 <= len(entry.id) <= NAME_CHARACTERS_MAX:
        raise FeedError(f"expected a job named by 1 to {NAME_CHARACTERS_MAX} characters, found {entry.id[:70]!r}")
    if isinstance(entry, Count | Light):
        _check_bin(entry.bin)
    if isinstance(entry, Policy):
        for levels in entry.levels:
            _check_levels(levels)
    if isinstance(entry, Restock | RestockOff) and not 1 <= len(entry.visit) <= NAME_CHARACTERS_MAX:
        raise FeedError(f"expected a visit named by 1 to {NAME_CHARACTERS_MAX} characters, found {entry.visit[:70]!r}")
    if isinstance(entry, Restock):
        for line in entry.lines:
            _check_place(line)
    if isinstance(entry, Firmware):
        _check_firmware(entry)
    body = _encode(entry).decode()
    if len(body) > BODY_CHARACTERS_MAX or "\\u0000" in body:
        raise FeedError(f"expected at most {BODY_CHARACTERS_MAX} characters and no NUL, found {body[:60]!r}")


def _check_firmware(entry: Firmware) -> None:
    for name in entry.cabinets:
        if not 1 <= len(name) <= NAME_CHARACTERS_MAX:
            raise FeedError(f"expected a cabinet named by 1 to {NAME_CHARACTERS_MAX} characters, found {name[:70]!r}")
    if not entry.digest:
        return
    if not _DIGEST.fullmatch(entry.digest):
        raise FeedError(f"expected a SHA-256 in hex, found {entry.digest[:70]!r}")
    if not 1 <= len(entry.version) <= VERSION_CHARACTERS_MAX:
        raise FeedError(f"expected a version of 1 to {VERSION_CHARACTERS_MAX} characters, found {entry.version[:40]!r}")
    if not 1 <= entry.bytes <= BUNDLE_BYTES_MAX:
        raise FeedError(f"expected a bundle of 1 to {BUNDLE_BYTES_MAX} bytes, found {entry.bytes}")


def _check_levels(levels: Levels) -> None:
    _check_place(levels)
    point, up_to = levels.reorder_point, levels.order_up_to
    if (point, up_to) != (-1, -1) and not (0 <= point <= QUANTITY_MAX and 0 <= up_to <= QUANTITY_MAX):
        raise FeedError(f"expected levels of 0 to {QUANTITY_MAX}, or both -1, found {point} and {up_to}")


def _check_place(line: Levels | ToRestock) -> None:
    _check_bin(line.bin)
    for what, name in (("a cabinet", line.cabinet), ("a part", line.part)):
        if not 1 <= len(name) <= NAME_CHARACTERS_MAX:
            raise FeedError(f"expected {what} named by 1 to {NAME_CHARACTERS_MAX} characters, found {name[:70]!r}")
    if isinstance(line, ToRestock) and not -QUANTITY_MAX <= line.quantity <= QUANTITY_MAX:
        raise FeedError(f"expected a quantity within {QUANTITY_MAX}, found {line.quantity}")


def _check_bin(number: int) -> None:
    if not 1 <= number <= 64:
        raise FeedError(f"expected a bin numbered 1 to 64, found {number}")


def decode_page(data: bytes) -> FeedPage:
    """A page of the feed, its numbers in order; `FeedError` when it is not one."""
    try:
        page = _decode_page(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FeedError(f"expected a page of the shop's feed, found {data[:60]!r} ({error})") from error
    numbers = [entry.number for entry in page.entries]
    if numbers != sorted(set(numbers)) or any(number < 1 for number in numbers):
        raise FeedError(f"expected numbers from 1 in order, found {numbers[:20]}")
    return page
