"""What contact and sensors are judged from: gateways, cabinets, shops' hours, and how long each is usually silent.

The cloud's own work: every query says by `dealer` whose rows it means. Contact and sensors are the host's matter; a
guest hears of its own bins.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session, col, select

from cloud.replenishment.alerts.contact import ALWAYS, Clock, Hours, Rhythm, Span, next_rhythm
from cloud.replenishment.alerts.judging import CabinetFacts, ShopFacts
from cloud.tables import CabinetStatus, ContactRhythm, Gateway, Shop, ShopDealer, ShopHours

_RHYTHM = text(
    "INSERT INTO contact_rhythm (shop_id, source, dealer_id, quiet_since_ms, gaps) "
    "VALUES (:shop, :source, :dealer, :since_ms, :gaps) "
    "ON CONFLICT (shop_id, source) DO UPDATE SET quiet_since_ms = excluded.quiet_since_ms, gaps = excluded.gaps"
)


@dataclass(frozen=True, slots=True)
class ShopClock:
    """A shop that a dealer serves: its name, and when somebody would notice."""

    id: str
    name: str
    is_host: bool
    clock: Clock


def served_shops(session: Session, dealer: str, away: Sequence[Span] = ()) -> dict[str, ShopClock]:
    """The shops a dealer serves, by id."""
    rows = session.execute(
        select(Shop, ShopDealer.is_host)
        .join(ShopDealer, col(ShopDealer.shop_id) == col(Shop.id))
        .where(col(ShopDealer.dealer_id) == dealer, col(ShopDealer.has_left).is_(False))
        .order_by(col(Shop.id))
    )
    hours = _hours(session, dealer)
    return {
        shop.id: ShopClock(shop.id, shop.name, bool(is_host), Clock(shop.time_zone, hours.get(shop.id, ALWAYS), away))
        for shop, is_host in rows
    }


def _hours(session: Session, dealer: str) -> dict[str, Hours]:
    found: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in session.exec(select(ShopHours).where(col(ShopHours.dealer_id) == dealer)):
        found[row.shop_id][row.weekday] = (row.opens_min, row.closes_min)
    return dict(found)


def contact_facts(session: Session, dealer: str, shops: Collection[ShopClock]) -> list[ShopFacts]:
    """What is known of the gateways and cabinets of a dealer's own shops; one query a table."""
    heard: dict[str, int] = {}
    for gateway in session.exec(
        select(Gateway).where(col(Gateway.dealer_id) == dealer, col(Gateway.withdrawn_ms) == 0)
    ):
        heard[gateway.shop_id] = max(heard.get(gateway.shop_id, 0), gateway.last_contact_ms)
    rhythms = _rhythms(session, dealer)
    cabinets: dict[str, list[CabinetFacts]] = defaultdict(list)
    for row in session.exec(select(CabinetStatus).where(col(CabinetStatus.dealer_id) == dealer)):
        known = rhythms.get((row.shop_id, row.cabinet), Rhythm())
        facts = CabinetFacts(row.cabinet, row.bins_blind, row.last_heard_ms, row.reported_ms, known.gaps)
        cabinets[row.shop_id].append(facts)
    return [
        ShopFacts(
            shop.id,
            heard[shop.id],
            shop.clock,
            sorted(cabinets[shop.id], key=lambda facts: facts.cabinet),
            rhythms.get((shop.id, ""), Rhythm()).gaps,
        )
        for shop in shops
        if shop.is_host and shop.id in heard
    ]


def _rhythms(session: Session, dealer: str) -> dict[tuple[str, str], Rhythm]:
    rows = session.exec(select(ContactRhythm).where(col(ContactRhythm.dealer_id) == dealer))
    return {(row.shop_id, row.source): _rhythm(row) for row in rows}


def _rhythm(row: ContactRhythm) -> Rhythm:
    return Rhythm(row.quiet_since_ms, tuple((began, ended) for began, ended in json.loads(row.gaps)))


def remember_silences(session: Session, dealer: str, shops: Sequence[ShopFacts], now_ms: int) -> None:
    """Learn how long each is silent: a row is written when a silence begins or ends, and not otherwise."""
    known = {
        (row.shop_id, row.source): row
        for row in session.exec(select(ContactRhythm).where(col(ContactRhythm.dealer_id) == dealer))
    }
    for facts in shops:
        if facts.last_contact_ms:
            _remember(session, known, (dealer, facts.shop, ""), (facts.last_contact_ms, now_ms), facts.clock.away)
        for cabinet in facts.cabinets:
            if cabinet.last_heard_ms:  # what its gateway says, as of when it said so
                times_ms = cabinet.last_heard_ms, cabinet.reported_ms
                _remember(session, known, (dealer, facts.shop, cabinet.cabinet), times_ms, ())


def _remember(
    session: Session,
    known: dict[tuple[str, str], ContactRhythm],
    whose: tuple[str, str, str],
    times_ms: tuple[int, int],
    away: Sequence[Span],
) -> None:
    dealer, shop, source = whose
    row = known.get((shop, source))
    before = _rhythm(row) if row else Rhythm()
    after = next_rhythm(before, *times_ms, away)
    if after == before:
        return
    told = {"shop": shop, "source": source, "dealer": dealer, "since_ms": after.quiet_since_ms}
    session.execute(_RHYTHM, {**told, "gaps": json.dumps(after.gaps)})
