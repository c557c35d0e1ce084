"""One cabinet's time at work, day by day: who took what, what was brought, and what nobody could explain.

Pure: draws from a seed and writes into a `Ledger`, which keeps the balances beside the movements.
"""

from collections import deque
from dataclasses import dataclass, field
from math import cos, exp, pi
from random import Random

from cloud.fleet_seed.asked import DAY_MS, HOUR_MS, SESSIONS_A_DAY, Asked
from cloud.fleet_seed.fleets import BinDrawn, ShopDrawn
from cloud.fleet_seed.ledgers import Ledger, Said
from cloud.fleet_seed.shop_words import NOTES
from cloud.fleet_seed.work import Work

MINUTE_MS = 60_000
WEEKDAYS = (1.15, 1.05, 1.0, 1.0, 1.1, 0.8, 0.25)  # from Monday
HOURS = (1, 4, 6, 6, 3, 2, 5, 6, 5, 4, 2, 1)  # from seven in the morning
ASKED_WITHIN_MS = 20 * DAY_MS  # what is older has long been answered


@dataclass
class _Place:
    """A bin at work."""

    plan: BinDrawn
    stock: int
    request: str = ""
    wanted: int = 0


@dataclass
class CabinetYear:
    """A cabinet from its first filling until now."""

    asked: Asked
    shop: ShopDrawn
    cabinet: str
    work: Work
    ledger: Ledger
    draw: Random
    _seq: int = 0
    _epoch: str = ""
    _places: list[_Place] = field(default_factory=list)
    _given: deque[tuple[_Place, str]] = field(default_factory=lambda: deque(maxlen=20))

    def live(self) -> None:
        """All of it, into the ledger."""
        draw = self.draw
        self._epoch = f"{draw.getrandbits(64):016x}"
        self._fill()
        round_days, round_day = draw.choice((3, 4, 5, 7)), draw.randrange(3)
        weights = [place.plan.offer.need for place in self._places]
        for day in range(self.asked.days):
            midnight_ms = self.asked.from_ms + day * DAY_MS
            if (day + round_day) % round_days == 0:
                self._bring(midnight_ms + 7 * HOUR_MS + draw.randrange(2 * HOUR_MS))
            summer = -cos(2 * pi * (midnight_ms / DAY_MS / 365.25 - 0.04))  # 1 in the middle of July
            busy = WEEKDAYS[((midnight_ms + 8 * HOUR_MS) // DAY_MS + 3) % 7]
            reach = _cumulated(
                [
                    weight * _season(place.plan.offer.kind.season, summer)
                    for weight, place in zip(weights, self._places, strict=True)
                ]
            )
            for at_ms in self._moments(midnight_ms, SESSIONS_A_DAY * self.asked.scale * busy):
                if at_ms < self._until_ms:
                    self._visit(at_ms, reach)
            if draw.random() < 0.02 * min(1, self.asked.scale * 4):
                self._lose(midnight_ms + draw.randrange(DAY_MS))

    @property
    def _until_ms(self) -> int:
        """Nobody comes who would not be gone by now."""
        return self.asked.until_ms - 2 * MINUTE_MS

    def _fill(self) -> None:
        at_ms = self.asked.from_ms - 6 * HOUR_MS
        for bin_ in self.shop.bins[self.cabinet]:
            place = _Place(bin_, bin_.order_up_to)
            self._places.append(place)
            said = self._said(f"opening/{self.cabinet}/{bin_.number}", "opening", place, at_ms, person="p-1")
            self.ledger.book(said, self._account(place), bin_.order_up_to, f"dealer:{bin_.dealer}")

    def _moments(self, midnight_ms: int, expected: float) -> list[int]:
        draw = self.draw
        hours = draw.choices(range(7, 19), HOURS, k=_poisson(draw, expected))
        return sorted(midnight_ms + hour * HOUR_MS + draw.randrange(HOUR_MS) for hour in hours)

    def _visit(self, at_ms: int, reach: list[float]) -> None:
        """A mechanic at the cabinet: takes from one bin or a few, sometimes brings something back."""
        draw = self.draw
        session, closed_ms = self._open(at_ms, self.work.mechanic(draw))
        account, job = self.work.account(draw, at_ms)
        taken: set[int] = set()
        for _ in range(1 + (draw.random() < 0.62) + (draw.random() < 0.34) + (draw.random() < 0.14)):
            place = draw.choices(self._places, cum_weights=reach)[0]
            if place.plan.number not in taken and place.stock:
                taken.add(place.plan.number)
                self._take(session, place, closed_ms, (account, job))
        if self._given and draw.random() < 0.04:
            self._give_back(session, closed_ms, taken)
        self.ledger.session(session, self.cabinet, self._person, at_ms, closed_ms)

    def _open(self, at_ms: int, person: str) -> tuple[str, int]:
        self._seq += 1 + (self.draw.random() < 0.2)
        session = f"{self.cabinet}/{self._epoch}/{self._seq}"
        self._seq += 1
        self._person = person
        return session, at_ms + self.draw.randint(9_000, 95_000)

    def _take(self, session: str, place: _Place, at_ms: int, to: tuple[str, str]) -> None:
        draw = self.draw
        is_bulk = place.plan.offer.part.unit == "gram"
        amount = draw.randint(40, 280) if is_bulk else 1 + (draw.random() < 0.26) + (draw.random() < 0.07) * 2
        amount = min(amount, place.stock)
        doubtful = draw.random() < 0.003
        sure_ppm = draw.randint(720_000, 940_000) if doubtful else 1_000_000 - int(draw.expovariate(1 / 3_000))
        said = self._said(f"{self._end(session)}/{place.plan.number}/session", "take", place, at_ms, sure_ppm=sure_ppm)
        said.session, said.person, said.job = session, self._person, to[1]
        before = place.stock
        self.ledger.book(said, self._account(place), -amount, to[0])
        place.stock -= amount
        self._given.append((place, to[0]))
        self.ledger.verdict(said, place.plan.number, place.plan.offer.part, before, -amount)
        if doubtful:
            self._question(f"{session}/{place.plan.number}", place, ("uncertain_count", session), at_ms, amount)
        elif draw.random() < 0.004:
            self._correct(said, place, at_ms, to[0])
        elif not to[1] and draw.random() < 0.1:
            self._charge(said, place, at_ms, amount)
        self._ask_for_more(place, said)

    def _give_back(self, session: str, at_ms: int, taken: set[int]) -> None:
        place, account = self.draw.choice(self._given)
        part = place.plan.offer.part
        if place.plan.number in taken or self.ledger.held(account, part.number) < 1 or part.unit == "gram":
            return
        said = self._said(f"{self._end(session)}/{place.plan.number}/session", "return", place, at_ms)
        said.session, said.person = session, self._person
        said.job = account.removeprefix("job:") if account.startswith("job:") else ""
        self.ledger.book(said, self._account(place), 1, account)
        self.ledger.verdict(said, place.plan.number, part, place.stock, 1)
        place.stock += 1

    def _correct(self, wrong: Said, place: _Place, at_ms: int, account: str) -> None:
        """Somebody took one fewer than was booked."""
        name = f"{self.cabinet}/correction-{at_ms}-{self.draw.getrandbits(32):08x}"
        later_ms = at_ms + self.draw.randint(2, 300) * MINUTE_MS
        if later_ms >= self._until_ms:
            return
        said = self._said(name, "correction", place, later_ms, person=wrong.person)
        said.session, said.corrects, said.job = wrong.session, wrong.id, wrong.job
        said.note = self.draw.choice(NOTES)
        self.ledger.book(said, self._account(place), 1, account)
        place.stock += 1

    def _charge(self, taken: Said, place: _Place, at_ms: int, amount: int) -> None:
        """A job is named afterwards."""
        account, job = self.work.job(self.draw, at_ms)
        later_ms = at_ms + self.draw.randint(1, 90) * MINUTE_MS
        if later_ms >= self._until_ms:
            return
        name = f"{self.cabinet}/charge-{at_ms}-{self.draw.getrandbits(32):08x}"
        said = self._said(name, "charge", place, later_ms, person=taken.person)
        said.session, said.job = taken.session, job
        self.ledger.book(said, account, amount, f"shop:{self.shop.id}", place.plan.offer.part.number)

    def _lose(self, at_ms: int) -> None:
        """One piece is gone and nobody knows where."""
        place = self.draw.choice(self._places)
        if place.stock < 2 or at_ms >= self._until_ms:
            return
        self._seq += 1
        event = f"{self.cabinet}/{self._epoch}/{self._seq}"
        amount = 60 if place.plan.offer.part.unit == "gram" else 1
        said = self._said(f"{event}/{place.plan.number}/level", "unexplained", place, at_ms)
        self.ledger.book(said, self._account(place), -amount, f"unexplained:{self.cabinet}:{place.plan.dealer}")
        place.stock -= amount
        self._question(f"{event}/{place.plan.number}", place, ("balance", ""), at_ms, amount)
        self._ask_for_more(place, said)

    def _question(self, name: str, place: _Place, why: tuple[str, str], at_ms: int, amount: int) -> None:
        draw, (reason, session) = self.draw, why
        answered_ms = at_ms + int(draw.expovariate(1 / (1.2 * DAY_MS)))
        if draw.random() < 0.04:  # somebody has to ask after it
            answered_ms = at_ms + ASKED_WITHIN_MS
        answer = (f"p-{draw.randint(2, 6)}", draw.choice(NOTES), answered_ms)
        self.ledger.discrepancy(
            (name, self.cabinet, place.plan.number, place.plan.offer.part.number, session, reason, at_ms),
            place.plan.dealer,
            amount,
            answer if answered_ms < self.asked.until_ms else None,
        )

    def _ask_for_more(self, place: _Place, said: Said) -> None:
        if place.request or place.stock > place.plan.reorder_point:
            return
        place.request = f"{self.cabinet}/{place.plan.number}/{said.occurred_ms}"
        place.wanted = place.plan.order_up_to - place.stock
        self.ledger.request(place.request, self.cabinet, place.plan, (place.wanted, place.stock), said.occurred_ms)

    def _bring(self, at_ms: int) -> None:
        """The dealer's driver fills what was asked for."""
        waiting = [place for place in self._places if place.request]
        if not waiting or at_ms >= self._until_ms:
            return
        session, closed_ms = self._open(at_ms, "p-1")
        for place in waiting:
            said = self._said(f"{self._end(session)}/{place.plan.number}/session", "restock", place, closed_ms)
            said.session, said.person = session, "p-1"
            self.ledger.book(said, self._account(place), place.wanted, f"dealer:{place.plan.dealer}")
            place.stock += place.wanted
            self.ledger.request_end(place.request, place.plan.dealer, closed_ms)
            place.request = ""
        self.ledger.session(session, self.cabinet, "p-1", at_ms, closed_ms)

    def _said(
        self, name: str, cause: str, place: _Place, at_ms: int, *, sure_ppm: int = 999_500, person: str = ""
    ) -> Said:
        plan = place.plan
        return Said(name, cause, self.cabinet, plan.dealer, plan.offer.part.number, at_ms, sure_ppm, person)

    def _account(self, place: _Place) -> str:
        return f"bin:{self.cabinet}/{place.plan.number}"

    def _end(self, session: str) -> str:
        """The event that ends a session: the one after its first."""
        return f"{self.cabinet}/{self._epoch}/{self._seq}"


def _season(season: str, summer: float) -> float:
    return {"summer": 1 + 0.7 * summer, "winter": 1 - 0.7 * summer}.get(season, 1.0)


def _cumulated(weights: list[float]) -> list[float]:
    total, found = 0.0, []
    for weight in weights:
        total += weight
        found.append(total)
    return found


def _poisson(draw: Random, mean: float) -> int:
    """How many events when so many are expected."""
    limit, count, product = exp(-mean), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count
