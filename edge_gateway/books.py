"""What the gateway's database holds, as far as the next decision needs it: kept in memory by the writer.

Never the truth: loaded from the database at the start, changed only together with a transaction, and loaded anew
when one fails. It does no I/O.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from edge_gateway import planogram
from edge_gateway.counting_memory import CountingMemory
from edge_gateway.decision import Booking, Decision, OpenDiscrepancy, OpenSession, ShopJob, about, may_have_taken
from edge_gateway.feed_format import Count
from edge_gateway.ground import UNSURE
from edge_gateway.planogram import ShopPlan
from edge_gateway.policies import Place, PlacePolicy, levels_in_force
from edge_gateway.shop_document import ShopDocument
from edge_gateway.upload_format import CabinetFirmware, DiscrepancyItem, RequestItem, ResolutionItem, RestockedItem
from edge_gateway.visits import Came, Visit

EMPTY_DIGEST = bytes(32)


@dataclass(slots=True)
class Cursor:
    """How far one journal has been taken in."""

    through: int
    in_cloud: int
    digest: bytes
    begun_ms: int


@dataclass(slots=True)
class Status:
    """The last a controller said of itself."""

    online: bool = False
    heard_ms: int = 0
    epoch: str = ""
    boot: int = 0
    journal_last: int = 0
    health: str = ""


@dataclass(slots=True)
class Refusals:
    """What one cabinet sent in one hour that was not taken in."""

    kept: int = 0
    kept_bytes: int = 0
    dropped: int = 0
    broken: int = 0


class ToldDevice(NamedTuple):
    """What a controller said it is: its `device` message, and when it last came."""

    told: str
    heard_ms: int


@dataclass
class Books:
    """The memory of the writer."""

    gateway: str
    epoch: str
    cursors: dict[tuple[str, str], Cursor] = field(default_factory=dict)
    present: dict[str, str] = field(default_factory=dict)  # cabinet: its newest epoch
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    discrepancies: dict[str, dict[int, dict[str, OpenDiscrepancy]]] = field(default_factory=dict)
    in_bins: dict[str, dict[str, int]] = field(default_factory=dict)  # the balances of bins, by account and part
    counting: CountingMemory = field(default_factory=CountingMemory)
    requests: dict[tuple[str, int], dict[str, RequestItem]] = field(default_factory=dict)  # open ones, by part
    sessions: dict[str, OpenSession] = field(default_factory=dict)  # whose end has not come
    statuses: dict[str, Status] = field(default_factory=dict)
    boots: dict[tuple[str, str, int], int] = field(default_factory=dict)
    refusals: dict[tuple[str, int], Refusals] = field(default_factory=dict)
    outbox_last: int = 0
    upload_through: int = 0
    pruned: int = 0
    feed_through: int = 0  # the last number of the cloud's feed that is held here
    counts: dict[int, Count] = field(default_factory=dict)  # orders to count that wait for a person, by number
    jobs: dict[str, ShopJob] = field(default_factory=dict)  # told by the feed or opened here; closed ones as well
    policies: dict[Place, PlacePolicy] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)  # by their ids, also those that are over
    came: dict[tuple[str, Place], Came] = field(default_factory=dict)  # what came of visits' lines
    firmware: dict[str, tuple[CabinetFirmware, str]] = field(default_factory=dict)  # by cabinet; its bundle's digest
    devices: dict[str, ToldDevice] = field(default_factory=dict)  # what controllers said they are, by cabinet
    document: ShopDocument | None = None
    plan: ShopPlan | None = None

    def begin_journal(self, cabinet: str, epoch: str, now_ms: int) -> Cursor:
        """The cursor of a journal nothing is known of yet."""
        cursor = self.cursors[cabinet, epoch] = Cursor(0, 0, EMPTY_DIGEST, now_ms)
        self.present[cabinet] = epoch
        return cursor

    def open_in(self, cabinet: str) -> dict[int, dict[str, OpenDiscrepancy]]:
        """The open discrepancies of a cabinet by bin (0: the cabinet or a session as a whole)."""
        return self.discrepancies.setdefault(cabinet, {})

    def at_risk(self, cabinet: str, number: int, part: str, without: Collection[str] = ()) -> int:
        """How many pieces of a part the open discrepancies of a bin may be hiding, but for those named."""
        open_here = self.open_in(cabinet).get(number, {}).values()
        return sum(found.may_have_taken.get(part, 0) for found in open_here if found.id not in without)

    def apply(self, decision: Decision) -> None:
        """Take a decision into the memory; the same decision goes into the transaction."""
        if decision.opened is not None:
            self.sessions[decision.opened.id] = decision.opened
        for unended in decision.unended:
            self.sessions[unended.id] = replace(unended, unended=True)
        if decision.closed is not None:
            self.sessions.pop(decision.closed.id, None)
        for booking in decision.bookings:
            self._book(booking)
        for item in decision.discrepancies:
            self.keep_open(item)
        for resolution in decision.resolutions:
            self._settle(decision.cause.cabinet, resolution)
        self.counting.apply(decision)
        if self.counting.is_full:
            self.counting.forget(self.sessions_in_doubt())
        for request in decision.requests:
            self.keep_request(request)
        self._take_work(decision)
        self._take_plans(decision)
        if decision.request_ends:
            self._end_requests({end.request for end in decision.request_ends})

    def _take_work(self, decision: Decision) -> None:
        for entry in decision.told:
            self.feed_through = max(self.feed_through, entry.number)
        self.counts |= decision.waits
        for answer in decision.answers:
            self.counts.pop(answer.number, None)
        self.jobs |= {job.id: job for job in decision.jobs}

    def _take_plans(self, decision: Decision) -> None:
        """Policies come into force with this, and what a session did to a visit's bins is known."""
        if decision.policies:
            self.plan = self.plan_with(decision.policies)
            self.policies |= decision.policies
        self.visits |= {visit.id: visit for visit in decision.visits}
        for item in decision.restocked:
            self.keep_restocked(item)

    def plan_with(self, changed: Mapping[Place, PlacePolicy]) -> ShopPlan | None:
        """The plan as it is with these policies; None before the first document."""
        if self.plan is None or self.document is None:
            return None
        levels = levels_in_force({**self.policies, **changed})
        return planogram.with_levels(self.plan, self.document, levels, {place[0] for place in changed})

    def arranged(self, document: ShopDocument) -> ShopPlan:
        """A document, with the policies in force."""
        return planogram.arrange(document, levels_in_force(self.policies))

    def keep_restocked(self, item: RestockedItem) -> None:
        """Remember what came of a visit's line."""
        key = item.visit, (item.cabinet, item.bin, item.part)
        before = self.came.get(key, Came())
        self.came[key] = Came(before.counted + item.counted, before.sessions + 1)

    def open_jobs(self) -> dict[str, ShopJob]:
        """The jobs that can be charged: the document's, the feed's and those opened here."""
        told = self.document.jobs if self.document is not None else []
        known = {job.id: ShopJob(job.id, job.title, job.plate, job.vin) for job in told} | self.jobs
        return {job.id: job for job in known.values() if not job.closed_ms}

    def keep_open(self, item: DiscrepancyItem) -> None:
        """Remember an open discrepancy."""
        foreign_mg = json.loads(item.detail)["foreign_mg"] if item.reason == "foreign_object" else 0
        found = OpenDiscrepancy(
            item.id, item.reason, item.part, may_have_taken(item), about(item.id, item.session), foreign_mg
        )
        open_here = self.open_in(item.cabinet).get(item.bin, {})
        in_order = sorted([*open_here.items(), (item.id, found)])  # what is looked through finds the same after a start
        self.open_in(item.cabinet)[item.bin] = dict(in_order)

    def keep_request(self, request: RequestItem) -> None:
        """Remember an open replenishment request."""
        self.requests.setdefault((request.cabinet, request.bin), {})[request.part] = request

    def _end_requests(self, ended: Collection[str]) -> None:
        left = {
            place: {part: request for part, request in of_bin.items() if request.id not in ended}
            for place, of_bin in self.requests.items()
        }
        self.requests = {place: of_bin for place, of_bin in left.items() if of_bin}

    def sessions_in_doubt(self) -> set[str]:
        """Sessions (or events outside of any) of which a count is open."""
        return {
            found.session
            for bins in self.discrepancies.values()
            for of_bin in bins.values()
            for found in of_bin.values()
            if found.reason in UNSURE
        }

    def set_balance(self, account: str, part: str, quantity: int) -> None:
        """What an account holds of a part."""
        self.balances[account, part] = quantity
        if account.startswith("bin:"):
            self.in_bins.setdefault(account, {})[part] = quantity

    def _book(self, booking: Booking) -> None:
        for posting in booking.item.postings:
            held = self.balances.get((posting.account, posting.part), 0)
            self.set_balance(posting.account, posting.part, held + posting.quantity)

    def _settle(self, cabinet: str, resolution: ResolutionItem) -> None:
        for number, of_bin in self.open_in(cabinet).items():
            found = of_bin.pop(resolution.discrepancy, None)
            if found is not None and number:
                self.counting.answer(found, cabinet, number, resolution)
