"""What unexplained losses are judged from: what was booked to nobody in a week, less what somebody explained since.

A shop's bookings are read again only when something more was booked to nobody. The cloud's own work: every query says
by `dealer` whose rows it means.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from cloud.places import bin_of
from cloud.replenishment.alerts.facts import ShopClock
from cloud.replenishment.alerts.judging import LOSS_DAYS, LossFacts
from cloud.replenishment.alerts.matters import DAY_MS
from cloud.replenishment.outlook import open_discrepancies
from cloud.tables import (
    Balance,
    CataloguePart,
    Discrepancy,
    Movement,
    OpenMatter,
    PartPrice,
    PlannedBin,
    Posting,
    Resolution,
)
from cloud.work.prices import Price, PriceBook
from cloud.work.shop_time import day_of
from edge_gateway.ledger import unexplained_account

PPM = 1_000_000
_SHOPS_AT_ONCE = 25
Place = tuple[str, int, str]  # cabinet, bin, part


@dataclass(frozen=True, slots=True)
class Booked:
    """So much of a part left a bin for nobody, or (negative) came back. `id`: of the movement or the discrepancy."""

    id: str
    place: Place
    quantity: int
    at_ms: int
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class _ShopBooked:
    booked: tuple[Booked, ...]
    doubts: Mapping[Place, float]


_Mark = tuple[tuple[str, str, int], ...]


@dataclass
class Losses:
    """Reads losses, and keeps what it has read for as long as nothing was booked since."""

    _kept: dict[tuple[str, str], tuple[_Mark, _ShopBooked]] = field(default_factory=dict)

    def read(self, session: Session, dealer: str, shops: Mapping[str, ShopClock], now_ms: int) -> list[LossFacts]:
        """Every bin of a dealer from which something is missing in the last days."""
        start_ms = now_ms - LOSS_DAYS * DAY_MS
        marks = _marks(session, dealer, list(shops), start_ms)
        weighed = _open_balances(session, dealer, shops)
        facts: list[LossFacts] = []
        for shop in sorted(marks.keys() | weighed.keys()):
            booked = self._booked(session, (dealer, shop), marks.get(shop, ()), start_ms)
            own = [each for each in (*booked.booked, *weighed.get(shop, ())) if each.at_ms >= start_ms]
            explained = _explained(session, dealer, shop, start_ms) if own else frozenset()
            facts += _of_shop(shop, own, booked.doubts, explained)
        return _priced(session, dealer, shops, facts, now_ms)

    def _booked(self, session: Session, whose: tuple[str, str], mark: _Mark, start_ms: int) -> _ShopBooked:
        known = self._kept.get(whose)
        if known is None or known[0] != mark:
            read = _read(session, *whose, mark, start_ms) if mark else _ShopBooked((), {})
            known = self._kept[whose] = (mark, read)
        return known[1]


def _marks(session: Session, dealer: str, shops: list[str], start_ms: int) -> dict[str, _Mark]:
    """By shop, which of its accounts of the unexplained moved in the last days: found by name, not searched for."""
    marks: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for at in range(0, len(shops), _SHOPS_AT_ONCE):
        some = shops[at : at + _SHOPS_AT_ONCE]
        cabinets = session.scalars(
            select(PlannedBin.cabinet)
            .where(col(PlannedBin.shop_id).in_(some), col(PlannedBin.dealer_id) == dealer)
            .distinct()
        )
        rows = select(Balance).where(
            col(Balance.shop_id).in_(some),
            col(Balance.account).in_([unexplained_account(cabinet, dealer) for cabinet in cabinets]),
            col(Balance.dealer_id) == dealer,
            col(Balance.last_occurred_ms) >= start_ms,
        )
        for row in session.exec(rows.order_by(col(Balance.account), col(Balance.part))):
            marks[row.shop_id].append((row.account, row.part, row.quantity))
    return {shop: tuple(found) for shop, found in marks.items()}


def _read(session: Session, dealer: str, shop: str, mark: _Mark, start_ms: int) -> _ShopBooked:
    """What a shop booked of these parts since, by movement: to nobody, and how sure the other counts were."""
    accounts, parts = {account for account, _, _ in mark}, {part for _, part, _ in mark}
    rows = (
        select(Movement, Posting)
        .join(
            Posting,
            (col(Posting.shop_id) == col(Movement.shop_id))
            & (col(Posting.movement_id) == col(Movement.id))
            & (col(Posting.dealer_id) == col(Movement.dealer_id)),
        )
        .where(
            col(Movement.shop_id) == shop,
            col(Movement.dealer_id) == dealer,
            col(Movement.occurred_ms) >= start_ms,
            col(Posting.part).in_(sorted(parts)),
        )
    )
    movements: dict[str, Movement] = {}
    lines: dict[str, list[Posting]] = defaultdict(list)
    for movement, posting in session.execute(rows):
        movements[movement.id] = movement
        lines[movement.id].append(posting)
    return _sorted_out(movements, lines, accounts)


def _sorted_out(
    movements: Mapping[str, Movement], lines: Mapping[str, list[Posting]], accounts: Collection[str]
) -> _ShopBooked:
    booked: list[Booked] = []
    doubts: dict[Place, float] = defaultdict(float)
    for name, movement in movements.items():
        bins = [line for line in lines[name] if bin_of(line.account) is not None]
        is_lost = any(line.account in accounts for line in lines[name])
        if is_lost and movement.corrects and movement.corrects not in movements:
            continue  # it puts right what is older than the days that count
        for line in bins:
            cabinet, number = bin_of(line.account) or ("", 0)
            place = cabinet, number, line.part
            if is_lost:
                booked.append(Booked(name, place, -line.quantity, movement.occurred_ms, movement.corrects))
            else:
                doubts[place] += 1 - movement.confidence_ppm / PPM
    return _ShopBooked(tuple(booked), dict(doubts))


def _open_balances(session: Session, dealer: str, shops: Collection[str]) -> dict[str, list[Booked]]:
    """What settled weights lack against the books, and nothing is booked of yet."""
    rows = session.exec(
        open_discrepancies().where(col(OpenMatter.dealer_id) == dealer, col(Discrepancy.reason) == "balance")
    ).all()
    lacking = {row: found for row in rows if row.shop_id in shops and (found := _lacking(row.part, row.detail))}
    masses = _unit_masses(session, dealer, {part for part, _ in lacking.values()})
    missing: dict[str, list[Booked]] = defaultdict(list)
    for row, (part, lacks_mg) in lacking.items():
        pieces = round(lacks_mg / masses[part]) if masses.get(part) else 0
        if pieces > 0:
            missing[row.shop_id].append(Booked(row.id, (row.cabinet, row.bin, part), pieces, row.opened_ms))
    return missing


def _lacking(part: str, detail: str) -> tuple[str, int] | None:
    """The one part a weight is about, and by how many milligrams it is too light; None when it says no such thing."""
    try:
        told = json.loads(detail)
        lacks_mg = int(told["expected_mg"]) - int(told["found_mg"])
        stock = told["stock"]
        part = part or (stock[0][0] if len(stock) == 1 else "")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None
    return (part, lacks_mg) if part and lacks_mg > 0 else None


def _unit_masses(session: Session, dealer: str, parts: Collection[str]) -> dict[str, int]:
    rows = select(CataloguePart).where(
        col(CataloguePart.dealer_id) == dealer, col(CataloguePart.number).in_(list(parts))
    )
    return {row.number: row.unit_mass_mg for row in session.exec(rows) if row.unit == "piece"}


def _explained(session: Session, dealer: str, shop: str, start_ms: int) -> frozenset[str]:
    """Movements whose discrepancy a person has answered, and those discrepancies themselves."""
    rows = session.execute(
        select(Discrepancy.id, Discrepancy.detail)
        .join(
            Resolution,
            (col(Resolution.shop_id) == col(Discrepancy.shop_id))
            & (col(Resolution.discrepancy) == col(Discrepancy.id))
            & (col(Resolution.dealer_id) == col(Discrepancy.dealer_id)),
        )
        .where(
            col(Discrepancy.shop_id) == shop,
            col(Discrepancy.dealer_id) == dealer,
            col(Discrepancy.opened_ms) >= start_ms,
            col(Resolution.person) != "",
        )
    )
    found: set[str] = set()
    for name, detail in rows:
        found |= {name, _movement_of(detail)}
    return frozenset(found - {""})


def _movement_of(detail: str) -> str:
    try:
        return str(json.loads(detail).get("movement", ""))
    except (ValueError, AttributeError):
        return ""


def _of_shop(
    shop: str, booked: Iterable[Booked], doubts: Mapping[Place, float], explained: Collection[str]
) -> list[LossFacts]:
    by_place: dict[Place, list[Booked]] = defaultdict(list)
    answered: set[Place] = set()
    for each in booked:
        if each.id in explained or each.id.rpartition("/")[0] in explained:
            answered.add(each.place)
        else:
            by_place[each.place].append(each)
    return [
        _facts(shop, place, by_place.get(place, []), doubts.get(place, 0.0), explained=place in answered)
        for place in sorted(by_place.keys() | answered)
    ]


def _facts(shop: str, place: Place, booked: list[Booked], doubt: float, *, explained: bool) -> LossFacts:
    losing = [each for each in booked if each.quantity > 0]
    return LossFacts(
        shop,
        *place,
        lost=max(0, sum(each.quantity for each in booked)),
        times=len(losing),
        since_ms=min((each.at_ms for each in losing), default=0),
        doubt=doubt,
        explained=explained and not losing,
    )


def _priced(
    session: Session, dealer: str, shops: Mapping[str, ShopClock], facts: list[LossFacts], now_ms: int
) -> list[LossFacts]:
    """With what each is worth, and whether it is counted in grams."""
    parts = sorted({each.part for each in facts})
    known = select(CataloguePart).where(col(CataloguePart.dealer_id) == dealer, col(CataloguePart.number).in_(parts))
    units = {row.number: row.unit for row in session.exec(known)}
    books: dict[str, PriceBook] = {}
    rows = select(PartPrice).where(col(PartPrice.dealer_id) == dealer, col(PartPrice.part).in_(parts))
    prices = session.exec(rows.order_by(col(PartPrice.part), col(PartPrice.from_day))).all()
    for shop in {each.shop for each in facts}:
        book = books[shop] = PriceBook()
        for row in prices:
            if row.shop_id in {"", shop}:
                book.add(row.part, Price(row.price_minor, row.currency, row.tax_ppm, row.shop_id, row.from_day))
    capacities = _capacities(session, dealer, facts)
    return [
        _with_price(each, units, capacities, books[each.shop].price(each.part, _day(shops, each.shop, now_ms)))
        for each in facts
    ]


def _day(shops: Mapping[str, ShopClock], shop: str, now_ms: int) -> str:
    return day_of(now_ms, shops[shop].clock.zone)


def _capacities(session: Session, dealer: str, facts: list[LossFacts]) -> dict[tuple[str, Place], int]:
    rows = select(PlannedBin).where(
        col(PlannedBin.dealer_id) == dealer,
        col(PlannedBin.shop_id).in_({each.shop for each in facts}),
        col(PlannedBin.part).in_({each.part for each in facts}),
    )
    return {(row.shop_id, (row.cabinet, row.bin, row.part)): row.capacity for row in session.exec(rows)}


def _with_price(
    each: LossFacts,
    units: Mapping[str, str],
    capacities: Mapping[tuple[str, Place], int],
    price: Price | None,
) -> LossFacts:
    return LossFacts(
        each.shop,
        each.cabinet,
        each.bin,
        each.part,
        each.lost,
        each.times,
        each.since_ms,
        each.doubt,
        is_grams=units.get(each.part) == "gram",
        capacity=capacities.get((each.shop, (each.cabinet, each.bin, each.part)), 0),
        price_minor=price.price_minor if price else None,
        currency=price.currency if price else "",
        explained=each.explained,
    )
