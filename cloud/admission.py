"""Which items of an upload can be booked, and why not: a checklist, one sentence for each way to be wrong.

Pure: values in, values out. An item that cannot be booked still counts as received; `ingest.py` puts it aside.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any, get_args, get_origin

import msgspec

from cloud.places import BINS_MAX, Scope, account_fault, cabinet_fault
from edge_gateway import ledger
from edge_gateway.upload_format import (
    Content,
    DiscrepancyItem,
    EventItem,
    FeedAnswerItem,
    JobClosedItem,
    JobOpenedItem,
    MovementItem,
    ReadAgainItem,
    RequestEndItem,
    RequestItem,
    ResolutionItem,
    RestockedItem,
    ReZeroItem,
    SessionItem,
    SetAsideItem,
    TaughtMassItem,
    UnreadItem,
    UnreadUpload,
    Upload,
    UploadError,
    VerdictItem,
    decode_content,
    decode_envelope,
    decode_sound_upload,
    encode_content,
)

NAME_CHARS_MAX = 200  # a name is a key, and PostgreSQL's index rows hold 2,704 bytes
DIGEST_BYTES = 16
MASS_MG_MAX = 10**9  # a tonne
QUANTITY_MAX = 10**12  # so that no sum of quantities leaves 64 bits
_INT64_MAX = 2**63 - 1
_NUL = b"\\u0000"
_RECEIVED, _OCCURRED = attrgetter("received_ms"), attrgetter("occurred_ms")
_FREE_TEXT = frozenset(
    {"note", "detail", "missing", "line", "why", "best", "candidates", "levels", "steps", "tags", "ground", "batches"}
)


class Received(msgspec.Struct, frozen=True, gc=False):
    """A numbered item: its content, or None and the reason why it cannot be booked.

    `body`: as it came; None for one of a sound upload, whose bytes are only looked for when they are needed.
    """

    seq: int
    digest: bytes
    content: Content | None
    reason: str
    body: bytes | None


def read_upload(data: bytes) -> Upload | UnreadUpload:
    """An upload: with every content read when all can be, else its envelope alone (`UploadError`)."""
    # An escaped NUL may be in no text, and is told item by item; one inside an escaped text costs time only.
    return (None if _NUL in data else decode_sound_upload(data)) or decode_envelope(data)


def examine_all(data: bytes, upload: Upload | UnreadUpload, scope: Scope) -> list[Received]:
    """The items of an upload that `read_upload` made of `data`, at once when all are sound, else one by one."""
    if isinstance(upload, Upload):
        if _all_sound([item.content for item in upload.items], scope):
            return [
                Received(item.seq, digest_of(encode_content(item.content)), item.content, "", None)
                for item in upload.items
            ]
        upload = decode_envelope(data)
    return [examine(item, scope) for item in upload.items]


def body_of(data: bytes, seq: int) -> bytes:
    """The bytes of one item of an upload, as they came."""
    return next(bytes(item.content) for item in decode_envelope(data).items if item.seq == seq)


def _all_sound(contents: list[Content], scope: Scope) -> bool:
    events = [content for content in contents if type(content) is EventItem]
    others = (content for content in contents if type(content) is not EventItem)
    return (not events or _events_sound(events, scope)) and not any(fault_of(content, scope) for content in others)


def _events_sound(events: list[EventItem], scope: Scope) -> bool:
    """Whether `fault_of` finds none in any of them, asked of each column at once."""
    numbers = [*map(_RECEIVED, events), *map(_OCCURRED, events)]
    seqs = [event.seq for event in events]
    return (
        {event.cabinet for event in events} <= scope.cabinets
        and all(1 <= len(epoch) <= NAME_CHARS_MAX for epoch in {event.epoch for event in events})
        and min(seqs) >= 1
        and min(numbers) >= -_INT64_MAX
        and max(*numbers, *seqs) <= _INT64_MAX
    )


def examine(item: UnreadItem, scope: Scope) -> Received:
    """An item as far as it can be understood by itself."""
    body = bytes(item.content)
    try:
        content = decode_content(body)
    except UploadError as error:
        return Received(item.seq, digest_of(body), None, str(error), body)
    canonical = encode_content(content)
    reason = fault_of(content, scope)
    return Received(item.seq, digest_of(canonical), None if reason else content, reason, body)


def digest_of(data: bytes) -> bytes:
    """What tells a repeat from a contradiction: `DIGEST_BYTES` over an item as this version writes it."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()


def fault_of(content: Content, scope: Scope) -> str:
    """Why a content cannot be booked; empty when it can."""
    return _value_fault(content) or _CHECKS[type(content)](content, scope)


def _value_fault(content: Content) -> str:
    names, numbers, texts = _VALUES[type(content)]
    if (
        max(map(len, names(content))) <= NAME_CHARS_MAX
        and min(numbers(content)) >= -_INT64_MAX
        and max(numbers(content)) <= _INT64_MAX
        and "\0" not in "".join(texts(content))
    ):
        return ""
    return _first_value_fault(content)


def _first_value_fault(content: Content) -> str:
    for field, value in zip(content.__struct_fields__, msgspec.structs.astuple(content), strict=True):
        if type(value) is str:
            if "\0" in value:
                return f"expected text in {field}, found a NUL"
            if len(value) > NAME_CHARS_MAX and field not in _FREE_TEXT:
                return f"expected at most {NAME_CHARS_MAX} characters in {field}, found {len(value)}"
        elif type(value) is int and not -_INT64_MAX <= value <= _INT64_MAX:
            return f"expected a 64-bit number in {field}, found {value}"
    raise AssertionError(f"expected a fault in {content!r}, found none")


def _getter(fields: list[str]) -> Callable[[object], tuple[Any, ...]]:
    get = attrgetter(*fields)
    return get if len(fields) > 1 else lambda content: (get(content),)


def _values(type_: type[msgspec.Struct]) -> tuple[Callable[[object], tuple[Any, ...]], ...]:
    """Getters of a content's names, its numbers and all its texts."""
    fields = {field.name: field.type for field in msgspec.structs.fields(type_)}
    numbers = [name for name, kind in fields.items() if kind is int]
    texts = [name for name, kind in fields.items() if kind is not int and get_origin(kind) is not list]
    return _getter([name for name in texts if name not in _FREE_TEXT]), _getter(numbers), _getter(texts)


def _event_fault(content: EventItem, scope: Scope) -> str:
    if content.seq < 1 or not content.epoch:
        return f"expected an event's epoch and a seq from 1, found {content.epoch!r} and {content.seq}"
    return cabinet_fault(content.cabinet, scope)


def _movement_fault(content: MovementItem, scope: Scope) -> str:
    if not content.id:
        return "expected a movement's id, found none"
    if content.cabinet and (fault := cabinet_fault(content.cabinet, scope)):
        return fault
    for posting in content.postings:
        if fault := _posting_fault(posting.account, posting.part, posting.quantity, scope):
            return fault
    try:
        ledger.check(content.cause, (ledger.Posting(p.account, p.part, p.quantity) for p in content.postings))
    except ledger.LedgerError as error:
        return str(error)
    return ""


def _posting_fault(account: str, part: str, quantity: int, scope: Scope) -> str:
    if not -QUANTITY_MAX <= quantity <= QUANTITY_MAX:
        return f"expected a quantity within {QUANTITY_MAX}, found {quantity}"
    return _name_pair_fault(account, part) or _known_account_fault(account, scope)


@lru_cache(maxsize=8192)
def _name_pair_fault(account: str, part: str) -> str:
    for name in (account, part):
        if len(name) > NAME_CHARS_MAX or "\0" in name:
            return f"expected an account and a part of at most {NAME_CHARS_MAX} characters, found {name[:60]!r}"
    return ""


@lru_cache(maxsize=8192)
def _known_account_fault(account: str, scope: Scope) -> str:
    return account_fault(account, scope)


def _session_fault(content: SessionItem, scope: Scope) -> str:
    return _id_fault(content.id) or cabinet_fault(content.cabinet, scope)


def _discrepancy_fault(content: DiscrepancyItem, scope: Scope) -> str:
    if not 0 <= content.bin <= BINS_MAX:
        return f"expected a bin of 0 (none) to {BINS_MAX}, found {content.bin}"
    return _id_fault(content.id) or cabinet_fault(content.cabinet, scope)


def _resolution_fault(content: ResolutionItem, _scope: Scope) -> str:
    return _id_fault(content.discrepancy)


def _request_fault(content: RequestItem, scope: Scope) -> str:
    if not 1 <= content.bin <= BINS_MAX:
        return f"expected a bin of 1 to {BINS_MAX}, found {content.bin}"
    if not 1 <= content.quantity <= QUANTITY_MAX or not content.part:
        return f"expected a part and a quantity from 1, found {content.quantity} of {content.part!r}"
    return _id_fault(content.id) or cabinet_fault(content.cabinet, scope)


def _request_end_fault(content: RequestEndItem, _scope: Scope) -> str:
    return _id_fault(content.request)


def _event_name_fault(content: SetAsideItem | ReadAgainItem, scope: Scope) -> str:
    return _id_fault(content.event) or cabinet_fault(content.cabinet, scope)


def _bin_evidence_fault(content: VerdictItem | ReZeroItem, scope: Scope) -> str:
    if not 1 <= content.bin <= BINS_MAX:
        return f"expected a bin of 1 to {BINS_MAX}, found {content.bin}"
    return _id_fault(content.id) or cabinet_fault(content.cabinet, scope)


def _feed_answer_fault(content: FeedAnswerItem, _scope: Scope) -> str:
    return "" if content.number >= 1 else f"expected a number of the feed from 1, found {content.number}"


def _job_fault(content: JobOpenedItem | JobClosedItem, _scope: Scope) -> str:
    return _id_fault(content.id)


def _restocked_fault(content: RestockedItem, scope: Scope) -> str:
    if not 1 <= content.bin <= BINS_MAX:
        return f"expected a bin of 1 to {BINS_MAX}, found {content.bin}"
    for field in ("visit", "part", "session"):
        if not getattr(content, field):
            return f"expected a {field} that was restocked, found none"
    for quantity in (content.expected, content.counted):
        if not -QUANTITY_MAX <= quantity <= QUANTITY_MAX:
            return f"expected a quantity within {QUANTITY_MAX}, found {quantity}"
    return _id_fault(content.id) or cabinet_fault(content.cabinet, scope)


def _taught_mass_fault(content: TaughtMassItem, _scope: Scope) -> str:
    if not content.part or not 1 <= content.unit_mass_mg <= MASS_MG_MAX:
        return f"expected a part of 1 to {MASS_MG_MAX} mg, found {content.part!r} of {content.unit_mass_mg}"
    return _id_fault(content.id)


def _id_fault(name: str) -> str:
    return "" if name else "expected an id, found none"


_VALUES = {type_: _values(type_) for type_ in get_args(Content)}
_CHECKS: dict[type, Callable[[Any, Scope], str]] = {
    EventItem: _event_fault,
    MovementItem: _movement_fault,
    SessionItem: _session_fault,
    DiscrepancyItem: _discrepancy_fault,
    ResolutionItem: _resolution_fault,
    RequestItem: _request_fault,
    RequestEndItem: _request_end_fault,
    SetAsideItem: _event_name_fault,
    ReadAgainItem: _event_name_fault,
    VerdictItem: _bin_evidence_fault,
    ReZeroItem: _bin_evidence_fault,
    FeedAnswerItem: _feed_answer_fault,
    JobOpenedItem: _job_fault,
    JobClosedItem: _job_fault,
    RestockedItem: _restocked_fault,
    TaughtMassItem: _taught_mass_fault,
}
