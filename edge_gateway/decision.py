"""What an event or an action changes: values that the store writes in one transaction.

Only definitions. What also goes up is held as the items of `upload_format`, so that there is one shape for it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from edge_gateway.balance import Reference
from edge_gateway.feed_format import Count, FeedEntry
from edge_gateway.gain import Gain
from edge_gateway.learned import Learned
from edge_gateway.policies import Place, PlacePolicy
from edge_gateway.upload_format import (
    DiscrepancyItem,
    FeedAnswerItem,
    JobClosedItem,
    JobOpenedItem,
    MovementItem,
    PostingItem,
    RequestEndItem,
    RequestItem,
    ResolutionItem,
    RestockedItem,
    ReZeroItem,
    SessionItem,
    TaughtMassItem,
    VerdictItem,
)
from edge_gateway.visits import Visit

AT_RISK_PPM = 1_000  # what is less likely to have been taken is not missing


@dataclass(frozen=True, slots=True)
class Cause:
    """What a decision rests on: an event of a controller, or (epoch "", seq 0) somebody's word at the kiosk."""

    id: str
    cabinet: str
    epoch: str
    seq: int
    occurred_ms: int
    booked_ms: int


@dataclass(frozen=True, slots=True)
class Booking:
    """A movement with the bin it is about (0: none). `hand`: of a correction, the person who had what it corrects."""

    item: MovementItem
    bin: int
    hand: str = ""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that has begun. `unended`: another one began although its end never came."""

    id: str
    cabinet: str
    door: int
    opened_by: str
    person: str
    badge: str
    opened_ms: int
    unended: bool = False


@dataclass(frozen=True, slots=True)
class OpenDiscrepancy:
    """An open discrepancy of a bin, as far as it matters to later decisions.

    `may_have_taken`: how many pieces of which part it may be hiding. `session`: the session it is about, or the event
    that told of the change. `foreign_mg`: of an object that is none of the parts.
    """

    id: str
    reason: str
    part: str
    may_have_taken: Mapping[str, int]
    session: str = ""
    foreign_mg: int = 0


class Weighed(NamedTuple):
    """One bin in one event: evidence. `before_mg` None: only one weighing was made, or it was blind."""

    bin: int
    before_mg: int | None
    before_noise_mg: int
    mg: int | None
    noise_mg: int
    quality: int


@dataclass(frozen=True, slots=True)
class Mover:
    """On whose account changes go, and what more and less are called. `reason`: why somebody must explain them."""

    account: str  # dealer, shop or unexplained
    brings: str
    takes: str
    role: str  # as counting has it: mechanic, restocker, or "" when nobody answers for it
    reason: str
    session: str
    person: str


def nobody(reason: str, session: str) -> Mover:
    """Changes that no person answers for."""
    return Mover("unexplained", "unexplained", "unexplained", "", reason, session, "")


class Moved(NamedTuple):
    """The last event by which a bin was moved: a session's end (`session`) or a change behind shut doors ("").

    `mg` and `settled`: what the bin weighed then. `movement`: what was booked of it in grams, "" for nothing; `mover`:
    on whose account. `counted`: a person has counted the bin since, so that this is over.
    """

    session: str
    event: str
    occurred_ms: int
    mg: int
    settled: bool
    mover: Mover
    movement: str = ""
    counted: bool = False

    @property
    def occurrence(self) -> str:
        """What its verdicts are kept under."""
        return self.session or self.event


class Plateau(NamedTuple):
    """A weight of one bin that stood still while a session lasted: evidence. `number`: in order of time, from 1."""

    bin: int
    number: int
    at_ms: int
    mg: int
    noise_mg: int


@dataclass(frozen=True, slots=True)
class TagRead:
    """One event of an inventory of tags: evidence. `found` are (EPC, "missing" or "came")."""

    session: str
    number: int  # of the pass
    rounds: int
    seen: int
    more: int
    found: tuple[tuple[str, str], ...]


class ShopJob(NamedTuple):
    """A repair order as this gateway knows it: opened here (`kiosk`) or told by the cloud. `closed_ms` 0: open."""

    id: str
    title: str
    plate: str = ""
    vin: str = ""
    km: int = -1
    opened_by: str = ""
    opened_ms: int = 0
    source: str = "cloud"
    closed_ms: int = 0


class CountFound(NamedTuple):
    """A person counted a part in a bin."""

    bin: int
    part: str
    expected: int  # what the ledger held
    counted: int
    person: str
    movement: str  # what was booked for it, "" when it was right


class TagGiven(NamedTuple):
    """A number given to the tag of one piece; `was`: the number it had."""

    gtin: str
    serial: int
    epc: str
    part: str
    was: str
    person: str
    given_ms: int


@dataclass(slots=True)
class Decision:
    """Everything one event or action changes."""

    cause: Cause
    weighings: list[Weighed] = field(default_factory=list)
    plateaus: list[Plateau] = field(default_factory=list)
    tag_read: TagRead | None = None
    verdicts: list[VerdictItem] = field(default_factory=list)
    rezeros: list[ReZeroItem] = field(default_factory=list)
    references: dict[int, Reference | None] = field(default_factory=dict)  # by bin: what to compare weights with now
    gains: dict[int, Gain] = field(default_factory=dict)  # by bin: what its cell reads too much since a start
    moved: dict[int, Moved] = field(default_factory=dict)  # by bin
    masses: dict[str, Learned] = field(default_factory=dict)  # by part: what is known of it now
    opened: OpenSession | None = None
    joined: list[tuple[str, str, str]] = field(default_factory=list)  # session, person, badge
    closed: SessionItem | None = None
    unended: list[OpenSession] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    discrepancies: list[DiscrepancyItem] = field(default_factory=list)
    resolutions: list[ResolutionItem] = field(default_factory=list)
    requests: list[RequestItem] = field(default_factory=list)
    request_ends: list[RequestEndItem] = field(default_factory=list)
    read_late: bool = False  # long after it came: its tags are evidence, and no news
    counted: set[int] = field(default_factory=set)  # bins that a person has counted
    found: list[CountFound] = field(default_factory=list)  # what a person counted there
    told: list[FeedEntry] = field(default_factory=list)  # numbers of the cloud's feed
    waits: dict[int, Count] = field(default_factory=dict)  # orders to count, by their number
    answers: list[FeedAnswerItem] = field(default_factory=list)
    jobs: list[ShopJob] = field(default_factory=list)  # as they are now
    job_news: list[JobOpenedItem | JobClosedItem] = field(default_factory=list)  # what the cloud is told of them
    policies: dict[Place, PlacePolicy] = field(default_factory=dict)  # as they are now
    visits: list[Visit] = field(default_factory=list)  # as they were told last
    restocked: list[RestockedItem] = field(default_factory=list)  # bins of visits that a session answers
    taught: list[TaughtMassItem] = field(default_factory=list)  # at the bench
    tags_given: list[TagGiven] = field(default_factory=list)
    tags_written: list[tuple[str, int]] = field(default_factory=list)  # EPC, when it was read back
    touched: set[int] = field(default_factory=set)  # bins whose stock or certainty changed


def postings(source: str, target: str, part: str, quantity: int) -> list[PostingItem]:
    """The postings that move `quantity` (positive) of `part`."""
    return [PostingItem(source, part, -quantity), PostingItem(target, part, quantity)]


def detail(**facts: object) -> str:
    """The JSON of a discrepancy's detail, in the order given."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def about(discrepancy: str, session: str) -> str:
    """What a discrepancy of a bin is about: its session, or the event outside of any that its name begins with."""
    return session or discrepancy.rsplit("/", 2)[0]


def may_have_taken(item: DiscrepancyItem) -> dict[str, int]:
    """How many pieces of each part an open discrepancy may be hiding, for the lower bound of stock.

    A candidate is [[[part, change], ...], foreign_mg, ppm]; in a discrepancy of an older gateway [change, ppm], of the
    part it names.
    """
    most: dict[str, int] = {}
    for candidate in json.loads(item.detail).get("candidates", []):
        changes = candidate[0] if isinstance(candidate[0], list) else [[item.part, candidate[0]]]
        if changes is candidate[0] and 0 < candidate[-1] < AT_RISK_PPM:
            continue
        for part, change in changes:
            if change < 0:
                most[part] = max(most.get(part, 0), -int(change))
    return most
