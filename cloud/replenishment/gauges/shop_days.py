"""The rows of `gauge_day` of a shop, made from what its ledger, its counts and its requests tell. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cloud.replenishment.gauges.busy_hours import busy_hours
from cloud.replenishment.gauges.missing import PAST_DAYS, Rate, missing_days
from cloud.replenishment.gauges.shop_rows import Check, Counted
from cloud.replenishment.gauges.story import Story, stock_at
from cloud.work.prices import PriceBook
from cloud.work.shop_time import midnight_ms, utc_offset_min

DAY_MS = 86_400_000
BULK_OFF = 0.02  # a count of bulk is right within that, and never worse than BULK_OFF_GRAMS
BULK_OFF_GRAMS = 20


@dataclass(frozen=True)
class Days:
    """Consecutive days of a shop's calendar, the last one as far as it has come."""

    names: tuple[str, ...]
    starts_ms: tuple[int, ...]
    now_ms: int

    @property
    def spans_ms(self) -> list[tuple[int, int]]:
        """From when until when each of them is."""
        return list(zip(self.starts_ms, (*self.starts_ms[1:], self.now_ms), strict=True))

    def index(self, at_ms: int) -> int | None:
        """The day of a time; None when it is none of them."""
        return bisect_right(self.starts_ms, at_ms) - 1 if self.starts_ms[0] <= at_ms < self.now_ms else None


def days_until(first: str, now_ms: int, zone: str) -> Days:
    """Every day from `first` until now."""
    names, starts_ms = [], []
    day = date.fromisoformat(first)
    while (start_ms := midnight_ms(day.isoformat(), zone)) < now_ms:
        names.append(day.isoformat())
        starts_ms.append(start_ms)
        day += timedelta(days=1)
    return Days(tuple(names), tuple(starts_ms), now_ms)


@dataclass
class DayRow:
    """A row of `gauge_day` while it is made: its columns, without the cost of a table's object for every sum."""

    dealer_id: str
    shop_id: str
    day: str
    currency: str
    made_ms: int
    taken: int = 0
    missing: float = 0.0
    missing_forecast: float = 0.0
    kept_days: float = 0.0
    empty_days: float = 0.0
    unknown_days: float = 0.0
    counts: int = 0
    counts_right: int = 0
    sure_ppm: int = 0
    checks: int = 0
    checks_right: int = 0
    checks_off: int = 0
    restocks: int = 0
    restock_ms: int = 0
    restock_minutes: str = ""
    visits: int = 0
    stock: int = 0
    stock_value_minor: int = 0
    taken_value_minor: int = 0
    unpriced: int = 0


@dataclass(frozen=True)
class Known:
    """All that the days of a shop are made from."""

    story: Story
    planned: Sequence[str]
    bulk: frozenset[str]
    rates: dict[str, Rate]
    counted: Sequence[Counted]
    checks: Sequence[Check]
    filled: Sequence[tuple[int, int]]
    prices: PriceBook
    currency: str


def gauge_days(dealer: str, shop: str, days: Days, known: Known, zone: str) -> list[DayRow]:
    """A row for each day."""
    rows = [DayRow(dealer, shop, name, known.currency, days.now_ms) for name in days.names]
    _add_missing(rows, days, known, zone)
    _add_counts(rows, days, known)
    _add_checks(rows, days, known)
    _add_restocks(rows, days, known)
    _add_stock(rows, days, known)
    return rows


def _add_missing(rows: list[DayRow], days: Days, known: Known, zone: str) -> None:
    """Month by month, because the busy hours of each are those of the quarter before it."""
    pieces = [part for part in known.planned if part not in known.bulk]
    months: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(days.names):
        months[name[:7]].append(at)
    spans_ms = days.spans_ms
    takes_ms = sorted(at_ms for at_ms, _, quantity in known.story.taken if quantity > 0)
    for wanted in months.values():
        start_ms = midnight_ms(f"{days.names[wanted[0]][:7]}-01", zone)
        before = takes_ms[bisect_right(takes_ms, start_ms - PAST_DAYS * DAY_MS) : bisect_right(takes_ms, start_ms)]
        hours = busy_hours(before, utc_offset_min(start_ms, zone) * 60_000)
        found = missing_days(known.story, pieces, [spans_ms[at] for at in wanted], hours, known.rates)
        for at, day in zip(wanted, found, strict=True):
            row = rows[at]
            row.missing, row.missing_forecast = day.pieces, day.by_forecast
            row.kept_days, row.empty_days, row.unknown_days = day.kept_days, day.empty_days, day.unknown_days


def _add_counts(rows: list[DayRow], days: Days, known: Known) -> None:
    corrected = known.story.corrected
    said = {(each.session, each.account): each for each in known.counted}
    for key, (at_ms, sure_ppm) in known.story.counted.items():
        if key not in said:  # booked by a count whose evidence is not kept
            said[key] = Counted(at_ms, *key, sure_ppm, changed=False)
    for key, each in said.items():
        if (at := days.index(each.at_ms)) is not None:
            rows[at].counts += 1
            rows[at].counts_right += not each.changed and key not in corrected
            rows[at].sure_ppm += each.sure_ppm


def _add_checks(rows: list[DayRow], days: Days, known: Known) -> None:
    for check in known.checks:
        if (at := days.index(check.at_ms)) is not None:
            off = abs(check.found - check.expected)
            allowed = max(BULK_OFF_GRAMS, BULK_OFF * abs(check.expected)) if check.part in known.bulk else 0
            rows[at].checks += 1
            rows[at].checks_right += off <= allowed
            rows[at].checks_off += off if check.part not in known.bulk else 0


def _add_restocks(rows: list[DayRow], days: Days, known: Known) -> None:
    minutes: dict[int, list[int]] = defaultdict(list)
    for ended_ms, took_ms in known.filled:
        if (at := days.index(ended_ms)) is not None:
            rows[at].restock_ms += took_ms
            minutes[at].append(round(took_ms / 60_000))
    for at, found in minutes.items():
        rows[at].restocks = len(found)
        rows[at].restock_minutes = ",".join(map(str, sorted(found)))
    for at_ms in known.story.visits_ms:
        if (at := days.index(at_ms)) is not None:
            rows[at].visits += 1


def _add_stock(rows: list[DayRow], days: Days, known: Known) -> None:
    """Stock at the end of each day and what was taken in it, in pieces and in money."""
    unpriced: dict[int, set[str]] = defaultdict(set)
    ends_ms = [to_ms for _, to_ms in days.spans_ms]
    for part, levels in stock_at(known.story, ends_ms).items():
        for at, stock in enumerate(levels):
            if stock > 0:
                rows[at].stock += stock if part not in known.bulk else 0
                rows[at].stock_value_minor += stock * _price(known, part, days.names[at], unpriced[at])
    for at_ms, part, quantity in known.story.taken:
        if (day := days.index(at_ms)) is not None:
            rows[day].taken += quantity if part not in known.bulk else 0
            rows[day].taken_value_minor += quantity * _price(known, part, days.names[day], unpriced[day])
    for at, parts in unpriced.items():
        rows[at].unpriced = len(parts)


def _price(known: Known, part: str, day: str, unpriced: set[str]) -> int:
    price = known.prices.price(part, day)
    if price is None or price.currency != known.currency:
        unpriced.add(part)
        return 0
    return price.price_minor
