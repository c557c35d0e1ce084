"""What goes up from a gateway to the cloud: one batch of numbered items, and the cloud's answer.

Pure; imported by both sides, and the only definition. `POST /api/gateway/upload` takes an `Upload` as JSON and
answers a `Receipt`. Items are numbered without gaps within the gateway's epoch; the cloud books each number once.
Times are milliseconds since 1970-01-01 UTC, quantities whole pieces or grams (`ledger.py`), masses milligrams,
confidences parts per million. What comes by the hundred and cannot lead back to itself is `gc=False`: nothing for the
garbage collector to look through.
"""

from base64 import b64decode, b64encode
from itertools import pairwise
from typing import Literal

import msgspec

UPLOAD_ITEMS_MAX = 500
UPLOAD_BYTES_MAX = 4 * 1024 * 1024


class EventItem(msgspec.Struct, tag_field="kind", tag="event", frozen=True, gc=False):
    """An event as the controller wrote it: `line` is the event line of the wire, kept for a rebuild or a dispute.

    `line_text` and `line_bytes` turn the line's bytes into `line` and back.
    """

    cabinet: str
    epoch: str
    seq: int
    received_ms: int
    occurred_ms: int
    line: str


class PostingItem(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One posting: [account, part, quantity]."""

    account: str
    part: str
    quantity: int


class MovementItem(msgspec.Struct, tag_field="kind", tag="movement", frozen=True):
    """A balanced movement of the ledger. `cause` is one of `ledger.KINDS`."""

    id: str
    cause: str
    cabinet: str
    session: str  # "" when it belongs to no session
    person: str
    job: str
    occurred_ms: int
    booked_ms: int
    confidence_ppm: int
    corrects: str  # the movement it corrects, or ""
    note: str
    postings: list[PostingItem]


class SessionItem(msgspec.Struct, tag_field="kind", tag="session", frozen=True):
    """A finished session. `id` is `<cabinet>/<epoch>/<seq of its session_opened>`."""

    id: str
    cabinet: str
    person: str
    opened_by: str
    how: str
    missing: str
    opened_ms: int
    closed_ms: int
    booked_ms: int


class DiscrepancyItem(msgspec.Struct, tag_field="kind", tag="discrepancy", frozen=True):
    """What the evidence and the ledger cannot agree on."""

    id: str
    cabinet: str
    bin: int
    part: str
    session: str
    reason: str
    opened_ms: int
    detail: str


class ResolutionItem(msgspec.Struct, tag_field="kind", tag="resolution", frozen=True):
    """Somebody's explanation of a discrepancy; `movement` is what was booked for it, or ""."""

    discrepancy: str
    person: str
    note: str
    movement: str
    resolved_ms: int


class RequestItem(msgspec.Struct, tag_field="kind", tag="request", frozen=True):
    """A replenishment request raised by the gateway: bring `quantity` of `part` to a bin."""

    id: str
    cabinet: str
    bin: int
    part: str
    quantity: int
    stock: int
    raised_ms: int


class RequestEndItem(msgspec.Struct, tag_field="kind", tag="request_end", frozen=True):
    """A replenishment request is over: `filled` by stock that came, or `withdrawn`."""

    request: str
    how: Literal["filled", "withdrawn"]
    ended_ms: int


class SetAsideItem(msgspec.Struct, tag_field="kind", tag="set_aside", frozen=True):
    """An event that was not booked, and why: goes before the event. `event` is `<cabinet>/<epoch>/<seq>`."""

    event: str
    cabinet: str
    why: str
    booked_ms: int


class ReadAgainItem(msgspec.Struct, tag_field="kind", tag="read_again", frozen=True):
    """An event set aside that could be read later; what it led to has gone up as if it had come then."""

    event: str
    cabinet: str
    occurred_ms: int
    booked_ms: int


class VerdictItem(msgspec.Struct, tag_field="kind", tag="verdict", frozen=True):
    """What counting said of one bin in one session; of several of the same the highest `number` counts.

    JSON texts: `best` [[[part, pieces]...], foreign_mg], negative is taken; `candidates` [[[[part, pieces]...],
    foreign_mg, ppm]...], the likeliest first; `levels` [[at_ms, mg, noise_mg]...], from the weight before to the one
    after; `steps` [[level, [[part, pieces]...], foreign_mg, mg, noise_mg]...], the likeliest way to `best`; `tags`
    [[part, present, missing, came]...]; `ground`: all that the verdict rests on.
    """

    id: str
    cabinet: str
    session: str  # or, outside of any, the event that told of the change
    bin: int
    number: int  # of this session and bin, from 1
    event: str  # what led to it: the session's end, or later evidence
    decided_ms: int
    confidence_ppm: int
    best: str
    candidates: str
    levels: str
    steps: str
    tags: str
    ground: str
    algorithm: int


class ReZeroItem(msgspec.Struct, tag_field="kind", tag="rezero", frozen=True):
    """A drifted cell's weight taken over as what the bin weighs; `sum_mg` since a person counted the bin."""

    id: str
    cabinet: str
    bin: int
    event: str
    from_mg: int
    to_mg: int
    sum_mg: int
    rezeroed_ms: int


class FeedAnswerItem(msgspec.Struct, tag_field="kind", tag="feed_answer", frozen=True):
    """What became of a number of the shop's feed (`feed_format.py`): `done`, `refused` with the reason, or `withdrawn`.

    `movement` is what was booked for it, or "". Of a count, `expected` is what the ledger held and `counted` what
    `person` found; -1: not said.
    """

    number: int
    outcome: Literal["done", "refused", "withdrawn"]
    why: str
    movement: str
    answered_ms: int
    person: str = ""
    expected: int = -1
    counted: int = -1


class JobOpenedItem(msgspec.Struct, tag_field="kind", tag="job_opened", frozen=True):
    """A job opened at the kiosk, with or without internet. `km` -1: nobody read the odometer."""

    id: str
    title: str
    plate: str
    vin: str
    km: int
    opened_by: str
    opened_ms: int


class JobClosedItem(msgspec.Struct, tag_field="kind", tag="job_closed", frozen=True):
    """A job closed at the kiosk."""

    id: str
    closed_by: str
    closed_ms: int


class RestockedItem(msgspec.Struct, tag_field="kind", tag="restocked", frozen=True):
    """What became of one bin of a visit (`feed_format.Restock`) in a restocker's session.

    `expected` is what was to be put in, `counted` what the weight says was (negative: taken out), `movement` what was
    booked for it, or "". `id` is the visit with the cabinet, bin, part and session.
    """

    id: str
    visit: str
    cabinet: str
    bin: int
    part: str
    session: str
    person: str
    expected: int
    counted: int
    movement: str
    restocked_ms: int


class TaughtMassItem(msgspec.Struct, tag_field="kind", tag="taught_mass", frozen=True):
    """What somebody weighed at the bench and said one piece weighs: a proposal to the catalogue.

    `error_mg` of the mean and `spread_max_mg` of the spread are bounds with 95 %; a spread of 0 is not known.
    `batches`: JSON, [[pieces, mg, step_mg]...]. What the catalogue said then is `before_...`.
    """

    id: str
    part: str
    unit_mass_mg: int
    error_mg: int
    spread_mg: int
    spread_max_mg: int
    batches: str
    scale: str
    person: str
    before_unit_mass_mg: int
    before_spread_mg: int
    taught_ms: int


Content = (
    EventItem
    | MovementItem
    | SessionItem
    | DiscrepancyItem
    | ResolutionItem
    | RequestItem
    | RequestEndItem
    | SetAsideItem
    | ReadAgainItem
    | VerdictItem
    | ReZeroItem
    | FeedAnswerItem
    | JobOpenedItem
    | JobClosedItem
    | RestockedItem
    | TaughtMassItem
)


class Item(msgspec.Struct, frozen=True, gc=False):
    """A numbered piece of an upload: `seq` counts from 1 within the gateway's epoch."""

    seq: int
    content: Content


class Upload(msgspec.Struct, frozen=True):
    """One batch, in order of `seq`, without gaps."""

    gateway: str
    epoch: str
    items: list[Item]


class UnreadItem(msgspec.Struct, frozen=True):
    """A numbered piece whose content has not been looked at: one bad content must not block the numbers after it."""

    seq: int
    content: msgspec.Raw


class UnreadUpload(msgspec.Struct, frozen=True):
    """The envelope of an upload, checked apart from what it carries."""

    gateway: str
    epoch: str
    items: list[UnreadItem]


class Receipt(msgspec.Struct, frozen=True):
    """What the cloud holds durably of this gateway's epoch: everything up to and including `through`."""

    epoch: str
    through: int


class CabinetStatus(msgspec.Struct, frozen=True):
    """How a cabinet is, for the dealer's page: not part of the ledger, the newest one counts.

    What has a default was not said by older gateways. A time of 0 means never, a number of -1 not known.
    """

    cabinet: str
    last_heard_ms: int  # 0: never
    online: bool
    journal_backlog: int
    bins_blind: int
    firmware: str
    taken_in_ms: int = 0  # when the last event taken in happened: those of the backlog are newer
    never_came: int = 0  # events of its journals that will never come
    never_came_ms: int = 0  # when that was last found
    journal_room_sessions: int = -1  # how many more its journal can hold
    journal_full: bool = False  # it refuses new sessions until its journal is taken in
    left_out: int = 0  # events not recorded since its start, because the journal was full
    tag_failures: int = 0  # inventories since its start in which its tag reader did not answer as it should


class CabinetFirmware(msgspec.Struct, frozen=True):
    """What a cabinet's controller runs, and how far an update of it is: the newest one counts.

    `state` is "" (nothing was asked for), `waiting` (for its turn, or for the bundle to be fetched), `loading` (pieces
    go over), `installed` (it runs on trial), `confirmed`, `returned` (it went back to what it ran before), `refused`,
    or `too_old` (the controller cannot be updated over the network). `reason`: why it returned or refused.
    `at_ms`: since when it is so. A number of -1 is not known.
    """

    cabinet: str
    firmware: str
    slot: str = ""  # a | b | none
    trial: bool = False
    wanted: str = ""  # the version it is to run, "" when none was asked for
    state: str = ""
    reason: str = ""
    at_ms: int = 0
    number: int = 0  # of the feed: the order that this is about
    board: str = ""
    got_bytes: int = -1  # of the bundle that is going over
    of_bytes: int = -1
    starts: int = -1  # counts up with each start of the controller
    reset_cause: str = ""  # of its last start: power_on | watchdog | hard | soft | unknown
    sensor_errors: int = -1  # since its last start


class CabinetDoors(msgspec.Struct, frozen=True):
    """What a cabinet's locks do without power, and the key that signs its access list: the newest one counts.

    `locks`: fail_secure | fail_safe, "" when its controller never said. `list_key`: the key's fingerprint, in use since
    `list_key_ms`. `list_refused`: why the cabinet refused its newest list, "" when it took it.
    """

    cabinet: str
    locks: str = ""
    list_key: str = ""
    list_key_ms: int = 0
    list_refused: str = ""


class GatewayStatus(msgspec.Struct, frozen=True):
    """`POST /api/gateway/status`: sent with every poll for the shop's document."""

    gateway: str
    outbox_backlog: int
    quarantined: int
    document_version: int
    cabinets: list[CabinetStatus]
    outbox_oldest_ms: int = 0  # of what is not in the cloud yet
    quarantine_oldest_ms: int = 0
    broken: int = 0  # broken envelopes asked for again in the last days
    broken_ms: int = 0  # the hour of the last of them
    cannot_write_since_ms: int = 0  # nothing can be written to its disk since then
    disk_free_bytes: int = -1
    disk_days: int = -1  # how long that lasts at the present growth
    disk_low: bool = False
    document_refused: str = ""  # why the cloud's newest document could not be put into force, "" when it is
    firmware: list[CabinetFirmware] | None = None  # None: a gateway that cannot update its cabinets
    doors: list[CabinetDoors] | None = None  # None: a gateway that does not say


class UploadError(ValueError):
    """An upload cannot be understood; the text says what was expected and what was found."""


encode_upload = msgspec.json.Encoder().encode
encode_content = msgspec.json.Encoder().encode
encode_receipt = msgspec.json.Encoder().encode
_decode_whole = msgspec.json.Decoder(Upload).decode
_decode_envelope = msgspec.json.Decoder(UnreadUpload).decode
_decode_content = msgspec.json.Decoder(Content).decode
_decode_receipt = msgspec.json.Decoder(Receipt).decode


def decode_content(data: bytes) -> Content:
    """One item's content as stored in the gateway's outbox."""
    try:
        content: Content = _decode_content(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UploadError(f"expected an item of an upload, found {data[:60]!r} ({error})") from error
    return content


def decode_upload(data: bytes) -> Upload:
    """A whole upload with every content read; `UploadError` when it is not one."""
    upload = decode_envelope(data)
    items = [Item(item.seq, decode_content(bytes(item.content))) for item in upload.items]
    return Upload(upload.gateway, upload.epoch, items)


def decode_sound_upload(data: bytes) -> Upload | None:
    """A whole upload read at once, several times quicker; None when it holds anything that cannot be read.

    What is wrong, and whether it is a content or the envelope, `decode_envelope` says.
    """
    _check_size(data)
    try:
        upload = _decode_whole(data)
    except (msgspec.DecodeError, RecursionError):
        return None
    _check_numbering([item.seq for item in upload.items])
    return upload


def decode_envelope(data: bytes) -> UnreadUpload:
    """The envelope of an upload, checked: size, order and numbering. Read each content with `decode_content`."""
    _check_size(data)
    try:
        upload = _decode_envelope(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UploadError(f"expected an upload, found {data[:60]!r} ({error})") from error
    _check_numbering([item.seq for item in upload.items])
    return upload


def _check_size(data: bytes) -> None:
    if len(data) > UPLOAD_BYTES_MAX:
        raise UploadError(f"expected an upload of at most {UPLOAD_BYTES_MAX} bytes, found {len(data)}")


def _check_numbering(seqs: list[int]) -> None:
    if len(seqs) > UPLOAD_ITEMS_MAX:
        raise UploadError(f"expected at most {UPLOAD_ITEMS_MAX} items, found {len(seqs)}")
    for before, seq in pairwise(seqs):
        if seq != before + 1:
            raise UploadError(f"expected item {before + 1} after {before}, found {seq}")
    if seqs and seqs[0] < 1:
        raise UploadError(f"expected items numbered from 1, found {seqs[0]}")


def decode_receipt(data: bytes) -> Receipt:
    """The cloud's answer; `UploadError` when it is not one."""
    try:
        return _decode_receipt(data)
    except msgspec.DecodeError as error:
        raise UploadError(f"expected a receipt, found {data[:60]!r} ({error})") from error


_BASE64 = "base64:"


def line_text(line: bytes) -> str:
    """A line as text that a database keeps: itself, or in base64 what is no UTF-8, holds a NUL or looks like base64."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = "\0"
    return _BASE64 + b64encode(line).decode() if "\0" in text or text.startswith(_BASE64) else text


def line_bytes(text: str) -> bytes:
    """The bytes that `line_text` made a text of."""
    if not text.startswith(_BASE64):
        return text.encode()
    try:
        return b64decode(text.removeprefix(_BASE64), validate=True)
    except ValueError as error:
        raise UploadError(f"expected a line in base64, found {text[:60]!r} ({error})") from error
