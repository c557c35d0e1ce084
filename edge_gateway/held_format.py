"""What a gateway that lost its database is given back: pages of all that the cloud holds of its shop.

Pure; imported by both sides, and the only definition. What they carry is what went up (`upload_format.py`).
"""

import msgspec

from edge_gateway.feed_format import FeedEntry
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
    UploadError,
    VerdictItem,
)

HELD_KINDS = (
    MovementItem,
    SessionItem,
    DiscrepancyItem,
    ResolutionItem,
    RequestItem,
    RequestEndItem,
    SetAsideItem,
    ReadAgainItem,
    VerdictItem,
    ReZeroItem,
    FeedAnswerItem,
    JobOpenedItem,
    JobClosedItem,
    RestockedItem,
    TaughtMassItem,
    EventItem,
)


class HeldDocument(msgspec.Struct, frozen=True):
    """A version of the shop's document as the cloud keeps it."""

    version: int
    stored_ms: int
    body: msgspec.Raw


class Held(msgspec.Struct, frozen=True):
    """`GET /api/gateway/held`: a page of all the cloud holds of a shop, for a gateway that lost its database.

    Items of one kind follow each other, in the order of `HELD_KINDS` and of their names, an event after everything it
    led to, the events of a journal in order. `next` is the `after` of the next page, "" on the last. `mark` is the same
    on every page unless something was booked in between. `plans` are the policies and visits of the shop's feed that
    its gateway had taken up (`feed_format.PLANNED`), in order of their numbers, before all items.
    """

    gateway: str
    documents: list[HeldDocument]
    items: list[Content]
    next: str
    mark: str
    plans: list[FeedEntry] = []


encode_held = msgspec.json.Encoder().encode
_decode_held = msgspec.json.Decoder(Held).decode


def decode_held(data: bytes) -> Held:
    """A page of what the cloud holds; `UploadError` when it is not one."""
    try:
        return _decode_held(data)
    except msgspec.DecodeError as error:
        raise UploadError(f"expected a page of what the cloud holds, found {data[:60]!r} ({error})") from error
