"""The seam between the kiosk's pages and the gateway: what a page may see and ask.

Only definitions. Pages read the database by their own connection (`schema.open_for_reading`) and ask for changes
with one of the actions below; the gateway carries an action out in one transaction on its writer thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from edge_gateway.identity.shop import Shop
from edge_gateway.lifecycle.health import Health
from edge_gateway.refusals import TurnedAway
from edge_gateway.serial_devices.devices import Devices
from edge_gateway.shop_document import ShopDocument

Refusal = Literal[
    "no_document",
    "unknown_person",
    "unknown_job",
    "nothing_to_charge",
    "same_quantity",
    "more_than_held",
    "already_answered",
    "part_changed",
    "job_without_name",
    "order_gone",
    "nobody_restocks",
    "no_broker",
    "cannot_write",
    "batches_disagree",
    "unknown_part",
    "part_without_gtin",
    "updating",
    "wrong_pin",
    "no_pin",
    "pin_wait",
    "bad_pin",
    "badge_again",
    "other",
]


class ActionError(ValueError):
    """What was asked cannot be done: a sentence (expected, found), and which refusal it is, for pages to say."""

    def __init__(self, sentence: str, refusal: Refusal = "other") -> None:
        super().__init__(sentence)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class ChargeSession:
    """Charge what a session took to a job. `movements` () means all of its takes not charged yet."""

    session: str
    job: str
    person: str
    movements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrectCount:
    """The person says a take or return was really `quantity` (0: it did not happen)."""

    movement: str
    quantity: int
    person: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ContestSession:
    """The person does not agree with what was booked: opens a discrepancy for the session (bin 0: all of it)."""

    session: str
    person: str
    note: str
    bin: int = 0


@dataclass(frozen=True, slots=True)
class ResolveByCount:
    """The person says how much really left (negative) or came into (positive) the bin: books it and resolves.

    `change`: by part, or a number alone where it is clear of which.
    """

    discrepancy: str
    change: int | Mapping[str, int]
    person: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResolveByStock:
    """Somebody counted the bin: `found` is in it now. The difference is booked to unexplained and it is resolved.

    `found`: by part, or a number alone where it is clear of which. Parts it does not name were not counted.
    """

    discrepancy: str
    found: int | Mapping[str, int]
    person: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResolveByNote:
    """Nothing to book: the explanation is enough."""

    discrepancy: str
    person: str
    note: str


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A repair order begins: with a plate, a title, or both. `km` -1: nobody read the odometer."""

    title: str
    plate: str
    person: str
    vin: str = ""
    km: int = -1


@dataclass(frozen=True, slots=True)
class CloseJob:
    """A repair order is done: nothing is charged to it any more."""

    job: str
    person: str


@dataclass(frozen=True, slots=True)
class CountBin:
    """Somebody counted what order `order` of the cloud's feed asks for: so many are there."""

    order: int
    counted: int
    person: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TeachMass:
    """The person weighed counted pieces of a part at the bench. `batches`: (pieces, mass in mg, the scale's step)."""

    part: str
    scale: str
    batches: tuple[tuple[int, int, int], ...]
    person: str


@dataclass(frozen=True, slots=True)
class GiveTag:
    """A number for the tag of one piece of a part; the tag before the reader has the number `was` now."""

    part: str
    was: str
    company_digits: int
    person: str


@dataclass(frozen=True, slots=True)
class TagDone:
    """A tag was read back with the number it was given."""

    epc: str


@dataclass(frozen=True, slots=True)
class SendCommand:
    """A command for a cabinet: `kind` and `fields` as `wire.fields` names them (unlock, light, identify...)."""

    cabinet: str
    kind: str
    fields: dict[str, Any]
    for_ms: int = 10000  # how long it may wait before it is too late


@dataclass(frozen=True, slots=True)
class PointTo:
    """A restocker does this bin next, and not the one that is lit."""

    cabinet: str
    bin: int


@dataclass(frozen=True, slots=True)
class EnterPin:
    """Somebody whose badge was at a door that asks for more: the right PIN unlocks it."""

    cabinet: str
    person: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChoosePin:
    """Another PIN for somebody whose badge was at a door that asks for one. `old` "": there is none yet."""

    cabinet: str
    person: str
    pin: str = field(repr=False)
    old: str = field(default="", repr=False)


Action = (
    ChargeSession
    | CorrectCount
    | ContestSession
    | ResolveByCount
    | ResolveByStock
    | ResolveByNote
    | OpenJob
    | CloseJob
    | CountBin
    | TeachMass
    | GiveTag
    | TagDone
    | PointTo
    | SendCommand
    | EnterPin
    | ChoosePin
)


@dataclass(frozen=True, slots=True)
class Live:
    """The newest `live` message of a cabinet (a dict with the fields of `wire.fields("live")`) and when it came."""

    message: dict[str, Any]
    received_ms: int


class SeenBin(NamedTuple):
    """What the weight of a bin of a visit says now, before anything is booked.

    `amount` came (negative: went): in the part's unit (`counts`), or in grams where several parts are planned.
    """

    bin: int
    amount: int
    counts: bool
    is_done: bool


class Guidance(NamedTuple):
    """How far a restocker at an open cabinet is. `current`: the bin that is lit; 0: all are done."""

    session: int
    person: str
    current: int
    bins: tuple[SeenBin, ...]


@dataclass(frozen=True, slots=True)
class PinAsked:
    """Somebody with a badge in front of a door that asks for more. `may_choose`: there is no PIN yet, one is due."""

    cabinet: str
    person: str
    until_ms: int
    has_pin: bool
    may_choose: bool
    wait_until_ms: int


class CertificateDesk(Protocol):
    """Certificates of the shop's cabinets. `look_now` opens where cabinets enrol when a code was just made."""

    @property
    def shop(self) -> Shop: ...

    def look_now(self) -> None: ...


class GatewaySeam(Protocol):
    """What the composition root hands to `kiosk.serve(gateway, host, port)`.

    `kiosk.serve` starts the pages in threads of its own, returns once they answer, and gives back an object with
    `.port` (the one really bound) and `.close()`.
    """

    gateway: str
    database: Path
    catalogue: Path
    devices: Devices

    @property
    def identity(self) -> CertificateDesk:
        """Certificates of the shop's cabinets."""
        ...

    def document(self) -> ShopDocument | None:
        """The shop's document in force; None before the first came."""
        ...

    def live(self, cabinet: str) -> Live | None:
        """The newest live message of a cabinet; None when none came since the start."""
        ...

    def guidance(self, cabinet: str) -> Guidance | None:
        """How far the restocker at an open cabinet is with its visit; None when there is none."""
        ...

    def changes(self) -> int:
        """A number that grows whenever the database or a live message has changed: poll it, then read."""
        ...

    def now_ms(self) -> int:
        """The gateway's clock."""
        ...

    def cannot_write_since_ms(self) -> int:
        """Since when nothing can be written (a full disk); 0 when all is well."""
        ...

    def document_refused(self) -> str:
        """Why the cloud's newest document could not be put into force; "" when it is."""
        ...

    def turned_away(self) -> Sequence[TurnedAway]:
        """Who was refused at the broker and beside it, the newest first; a few dozen at most."""
        ...

    def pins_asked(self) -> tuple[PinAsked, ...]:
        """Who is asked for a PIN now, and until when."""
        ...

    def health(self) -> Health:
        """Whether all is well, for whoever supervises the gateway."""
        ...

    def act(self, action: Action) -> str:
        """Carry an action out; blocks until it is durable. The id of what was made; `ActionError` when refused."""
        ...
