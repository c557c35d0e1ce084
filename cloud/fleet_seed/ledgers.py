"""The bookings of one shop on their way into the tables, and the balances that follow from them."""

import json
from collections import defaultdict, deque
from dataclasses import dataclass, field

from cloud.fleet_seed.fleets import BinDrawn, ShopDrawn
from cloud.fleet_seed.rows import Row, Rows, Sheet
from cloud.tables import (
    Balance,
    CabinetSession,
    Discrepancy,
    Movement,
    OpenMatter,
    Posting,
    Request,
    RequestEnd,
    Resolution,
    Verdict,
)
from edge_gateway.shop_document import Part

UPLOADED_AFTER_MS = 4_000
VERDICTS_KEPT = 40  # of each cabinet: those of its latest sessions

MOVEMENT = Sheet(
    Movement,
    "shop_id id dealer_id cause cabinet session person job occurred_ms booked_ms confidence_ppm corrects note "
    "ingested_ms",
)
POSTING = Sheet(Posting, "shop_id movement_id line dealer_id account part quantity")
BALANCE = Sheet(Balance, "shop_id account part dealer_id quantity last_occurred_ms")
SESSION = Sheet(
    CabinetSession,
    "shop_id id dealer_id cabinet person opened_by how missing opened_ms closed_ms booked_ms ingested_ms",
)
DISCREPANCY = Sheet(Discrepancy, "shop_id id cabinet bin part session reason opened_ms dealer_id detail ingested_ms")
RESOLUTION = Sheet(Resolution, "shop_id discrepancy dealer_id person note movement resolved_ms ingested_ms")
REQUEST = Sheet(Request, "shop_id id dealer_id cabinet bin part quantity stock raised_ms ingested_ms")
REQUEST_END = Sheet(RequestEnd, "shop_id request dealer_id how ended_ms ingested_ms")
OPEN = Sheet(OpenMatter, "shop_id kind id dealer_id cabinet bin part since_ms")
VERDICT = Sheet(
    Verdict,
    "shop_id id dealer_id cabinet session bin number event decided_ms confidence_ppm best candidates levels steps "
    "tags ground algorithm ingested_ms",
)


class UnbalancedError(AssertionError):
    """A shop's postings of a part do not sum to zero: the seed itself is wrong."""


@dataclass
class Said:
    """What one movement says beside its postings."""

    id: str
    cause: str
    cabinet: str
    dealer: str
    part: str
    occurred_ms: int
    sure_ppm: int
    person: str = ""
    session: str = ""
    job: str = ""
    corrects: str = ""
    note: str = ""


@dataclass
class Ledger:
    """One shop's books."""

    shop: ShopDrawn
    rows: Rows
    _balances: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    _requests: dict[str, Row] = field(default_factory=dict)
    _verdicts: dict[str, deque[Row]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=VERDICTS_KEPT)))

    def book(self, said: Said, account: str, quantity: int, other: str, part: str = "") -> None:
        """One movement of two lines: `quantity` more in an account, as much less in the other."""
        shop, dealer, part = self.shop.id, said.dealer, part or said.part
        at_ms = said.occurred_ms
        self.rows.add(MOVEMENT, ((
            shop, said.id, dealer, said.cause, said.cabinet, said.session, said.person, said.job, at_ms, at_ms + 900,
            said.sure_ppm, said.corrects, said.note, at_ms + UPLOADED_AFTER_MS,
        ),))  # fmt: skip
        self.rows.add(POSTING, (
            (shop, said.id, 0, dealer, account, part, quantity), (shop, said.id, 1, dealer, other, part, -quantity),
        ))  # fmt: skip
        self._move(account, part, dealer, quantity, at_ms)
        self._move(other, part, dealer, -quantity, at_ms)

    def _move(self, account: str, part: str, dealer: str, quantity: int, at_ms: int) -> None:
        balance = self._balances.get((account, part, dealer))
        if balance is None:
            self._balances[account, part, dealer] = [quantity, at_ms]
        else:
            balance[0] += quantity
            balance[1] = max(balance[1], at_ms)

    def held(self, account: str, part: str) -> int:
        """What an account holds of a part, over all dealers."""
        return sum(
            self._balances.get((account, part, whose.id), (0,))[0]
            for whose in (self.shop.dealer, self.shop.guest)
            if whose is not None
        )

    def session(self, name: str, cabinet: str, person: str, opened_ms: int, closed_ms: int) -> None:
        """A finished session: a row for the host, and one for a guest with bins in the cabinet."""
        owners = {self.shop.dealer.id} | {place.dealer for place in self.shop.bins[cabinet]}
        self.rows.add(SESSION, [
            (self.shop.id, name, owner, cabinet, person, "badge" if person else "key", "shut", "", opened_ms,
             closed_ms, closed_ms + 900, closed_ms + UPLOADED_AFTER_MS)
            for owner in sorted(owners)
        ])  # fmt: skip

    def discrepancy(self, said: Row, dealer: str, amount: int, answer: tuple[str, str, int] | None) -> None:
        """What nobody could explain, with its answer when there is one already."""
        name, at_ms = said[0], said[6]
        detail = json.dumps({"stock": amount, "delta_mg": -1000 * amount})
        self.rows.add(DISCREPANCY, [(self.shop.id, *said, dealer, detail, at_ms + UPLOADED_AFTER_MS)])
        if answer is None:
            self.rows.add(OPEN, [(self.shop.id, "discrepancy", name, dealer, *said[1:4], at_ms)])
            return
        person, note, then_ms = answer
        self.rows.add(
            RESOLUTION, [(self.shop.id, name, dealer, person, note, "", then_ms, then_ms + UPLOADED_AFTER_MS)]
        )

    def request(self, name: str, cabinet: str, plan: BinDrawn, amounts: tuple[int, int], at_ms: int) -> None:
        """More is wanted in a bin."""
        part, wanted, stock = plan.offer.part.number, *amounts
        self.rows.add(REQUEST, [(
            self.shop.id, name, plan.dealer, cabinet, plan.number, part, wanted, stock, at_ms,
            at_ms + UPLOADED_AFTER_MS,
        )])  # fmt: skip
        self._requests[name] = (self.shop.id, "request", name, plan.dealer, cabinet, plan.number, part, at_ms)

    def request_end(self, name: str, dealer: str, at_ms: int) -> None:
        """It came."""
        del self._requests[name]
        self.rows.add(REQUEST_END, [(self.shop.id, name, dealer, "filled", at_ms, at_ms + UPLOADED_AFTER_MS)])

    def verdict(self, said: Said, number: int, part: Part, before: int, change: int) -> None:
        """What counting said of it; kept for a cabinet's latest sessions."""
        self._verdicts[said.cabinet].append((said, number, part, before, change))

    def end(self) -> None:
        """Write the balances, what is still open, and the verdicts (`UnbalancedError`)."""
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for (_, part, dealer), (quantity, _) in self._balances.items():
            sums[part, dealer] += quantity
        if wrong := [key for key, quantity in sums.items() if quantity]:
            raise UnbalancedError(f"expected postings of {self.shop.id} to sum to zero, found {wrong[:3]}")
        self.rows.add(BALANCE, [
            (self.shop.id, account, part, dealer, quantity, at_ms)
            for (account, part, dealer), (quantity, at_ms) in self._balances.items()
        ])  # fmt: skip
        self.rows.add(OPEN, list(self._requests.values()))
        self.rows.add(VERDICT, [self._verdict(*said) for kept in self._verdicts.values() for said in kept])

    def _verdict(self, said: Said, number: int, part: Part, before: int, change: int) -> Row:
        mass = 1000 if part.unit == "gram" else part.unit_mass_mg
        level, after = 400_000 + before * mass, 400_000 + (before + change) * mass
        best, other = [[part.number, change]], [[part.number, change - 1]]
        event = said.id.rsplit("/", 2)[0]
        return (
            self.shop.id, f"{event}/{number}/1", said.dealer, said.cabinet, said.session, number, 1, event,
            said.occurred_ms, said.sure_ppm, json.dumps([best, 0]),
            json.dumps([[best, 0, said.sure_ppm], [other, 0, 1_000_000 - said.sure_ppm]]),
            json.dumps([[0, level, 150], [6_000, after, 150]]),
            json.dumps([[1, best, 0, after - level, 210]]), "[]", "{}", 1, said.occurred_ms + UPLOADED_AFTER_MS,
        )  # fmt: skip
