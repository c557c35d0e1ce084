"""One look at everything of a dealer: facts read in one transaction, judged, and kept in another."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.replenishment.alerts.contact import Span
from cloud.replenishment.alerts.facts import ShopClock, contact_facts, remember_silences, served_shops
from cloud.replenishment.alerts.judging import ShopFacts, judge_bin, judge_contact, judge_loss, judge_sensors
from cloud.replenishment.alerts.keeping import Kept, keep, standing
from cloud.replenishment.alerts.losses import Losses
from cloud.replenishment.alerts.matters import Finding, Kind
from cloud.replenishment.alerts.stock_outs import stock_outs
from cloud.rollouts.alerting import stopped_rollouts
from cloud.tables import Alert, Dealer

QUICK: tuple[Kind, ...] = ("no_contact", "sensor_blind", "rollout_stopped")
SLOW: tuple[Kind, ...] = ("runs_out", "unexplained_loss")


@dataclass
class Judge:
    """Looks at dealers' shops, and keeps what it found."""

    database: Database
    _losses: Losses = field(default_factory=Losses)

    def dealers(self) -> list[str]:
        """Every dealer that nobody has closed."""
        with self.database.reading() as session:
            return sorted(session.exec(select(Dealer.id).where(col(Dealer.closed_ms) == 0)))

    def look(self, dealer: str, kinds: Collection[Kind], away: Sequence[Span], now_ms: int) -> Kept:
        """Judge some kinds of a dealer's matters, all of `QUICK` or of `SLOW` or both."""
        with self.database.reading() as session:
            shops = served_shops(session, dealer, away)
            open_now = standing(session, dealer, kinds)
            hosts = contact_facts(session, dealer, shops.values()) if set(QUICK) <= set(kinds) else []
            found = _contact(hosts, open_now, now_ms) if hosts else []
            if set(QUICK) <= set(kinds):
                found += stopped_rollouts(session, dealer)
            if set(SLOW) <= set(kinds):
                found += _bins(session, dealer, shops, open_now, now_ms)
                found += self._lost(session, dealer, shops, open_now, now_ms)
        with self.database.writing() as session:
            remember_silences(session, dealer, hosts, now_ms)
            return keep(session, dealer, kinds, found, now_ms)

    def _lost(
        self, session: Session, dealer: str, shops: Mapping[str, ShopClock], open_now: Sequence[Alert], now_ms: int
    ) -> list[Finding]:
        stands = _stands(open_now, "unexplained_loss")
        return [
            judge_loss(facts, standing=stands(facts.shop, facts.cabinet, facts.bin, facts.part))
            for facts in self._losses.read(session, dealer, shops, now_ms)
        ]


def _contact(hosts: Sequence[ShopFacts], open_now: Sequence[Alert], now_ms: int) -> list[Finding]:
    found = judge_contact(hosts, now_ms, [(row.shop_id, row.matter) for row in open_now if row.kind == "no_contact"])
    return found + [
        judge_sensors(facts.shop, cabinet, facts.clock, now_ms) for facts in hosts for cabinet in facts.cabinets
    ]


def _bins(
    session: Session, dealer: str, shops: Mapping[str, ShopClock], open_now: Sequence[Alert], now_ms: int
) -> list[Finding]:
    places = {(row.shop_id, row.cabinet, row.bin, row.part) for row in open_now if row.kind == "runs_out"}
    stands = _stands(open_now, "runs_out")
    return [
        judge_bin(facts, now_ms, standing=stands(facts.shop, facts.cabinet, facts.bin, facts.part))
        for facts in stock_outs(session, dealer, shops, places, now_ms)
    ]


def _stands(open_now: Sequence[Alert], kind: Kind) -> Callable[[str, str, int, str], bool]:
    places = {(row.shop_id, row.cabinet, row.bin, row.part) for row in open_now if row.kind == kind}
    return lambda *place: place in places
