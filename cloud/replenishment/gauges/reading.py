"""The gauges of a dealer or of a shop, of one span or of many one behind the other, added up from days. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func
from sqlmodel import Session, col

from cloud.people.rules import RefusedError
from cloud.replenishment.gauges.views import Complete, Exact, Fast, Frugal, Gauges, KnownBy, ShopGauges, Span
from cloud.shop_plan import own_shop
from cloud.tables import GaugeDay, Shop
from cloud.tenancy import NotFoundError, TenantId, tenant_rows

PPM = 1_000_000
SPAN_DAYS = 28  # what is shown when nobody asks for another span: as many of each weekday
DAYS_MAX = 800
LAST_DAYS = 7
SUMS = (
    "taken", "missing", "missing_forecast", "kept_days", "empty_days", "unknown_days", "counts", "counts_right",
    "sure_ppm", "checks", "checks_right", "checks_off", "restocks", "visits",
)  # fmt: skip


@dataclass
class _Sums:
    """Days added up; `stock…` are of the last of them."""

    days: set[str] = field(default_factory=set)
    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SUMS, 0))
    minutes: list[int] = field(default_factory=list)
    taken_value_minor: int = 0
    last_day: str = ""
    stock: int = 0
    stock_value_minor: int = 0
    unpriced: int = 0

    def add(self, row: Any) -> None:
        """One day of the shops together; days go up."""
        self.days.add(row.day)
        for name in SUMS:
            self.sums[name] += float(getattr(row, name) or 0)
        if row.minutes:
            self.minutes += map(int, row.minutes.split(","))
        self.taken_value_minor += int(row.taken_value_minor or 0)
        self.last_day = row.day
        self.stock, self.stock_value_minor = int(row.stock or 0), int(row.stock_value_minor or 0)
        self.unpriced = int(row.unpriced or 0)


def dealer_gauges(session: Session, tenant: TenantId, from_day: str, to_day: str, shop: str = "") -> Gauges:
    """One span of all shops, or of one (`NotFoundError`), its first and last day with it."""
    [found] = _spans(session, tenant, [(from_day, to_day)], shop)
    return found


def gauges_over_time(
    session: Session, tenant: TenantId, days: tuple[str, str], by: Span, shop: str = ""
) -> list[Gauges]:
    """Days, weeks or months one behind the other, those cut off by the ends of `days` too."""
    return _spans(session, tenant, spans_of(*days, by), shop)


def shop_gauges(session: Session, tenant: TenantId, from_day: str, to_day: str) -> list[ShopGauges]:
    """Every shop with days in a span, by name."""
    _days_between(from_day, to_day)
    currency = _currency(session, tenant)
    found: dict[str, _Sums] = {}
    rows = _summed(tenant, (from_day, to_day), currency, by_shop=True)
    for row in session.execute(rows):
        found.setdefault(row.shop_id, _Sums()).add(row)
    shops = session.exec(tenant_rows(tenant, Shop).order_by(col(Shop.name), col(Shop.id)))
    return [
        ShopGauges(shop=row.id, shop_name=row.name, **_facts(found[row.id], from_day, to_day, currency))
        for row in shops
        if row.id in found
    ]


def newest_day(session: Session, tenant: TenantId, shop: str = "") -> str | None:
    """The newest day there are gauges of; None when there are none."""
    rows = tenant_rows(tenant, GaugeDay)
    rows = rows.where(col(GaugeDay.shop_id) == shop) if shop else rows
    found: str | None = session.scalar(rows.with_only_columns(func.max(GaugeDay.day)))
    return found


def spans_of(from_day: str, to_day: str, by: Span) -> list[tuple[str, str]]:
    """A span of days in days, weeks from Monday, or months (`RefusedError`)."""
    starts: list[date] = []
    for day in _days_between(from_day, to_day):
        if not starts or by == "day" or (day.weekday() == 0 if by == "week" else day.day == 1):
            starts.append(day)
    ends = [*(start - timedelta(days=1) for start in starts[1:]), date.fromisoformat(to_day)]
    return [(start.isoformat(), end.isoformat()) for start, end in zip(starts, ends, strict=True)]


def days_before(day: str, days: int) -> str:
    """The day so many days before another."""
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


def first_of(last: str, days: int) -> str:
    """The first of so many days that end with `last` (`RefusedError`)."""
    try:
        return days_before(last, days - 1)
    except (ValueError, OverflowError) as error:
        raise RefusedError(f"expected a day such as 2026-11-22, found {last!r}") from error


def _days_between(from_day: str, to_day: str) -> list[date]:
    try:
        first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    except ValueError as error:
        raise RefusedError(f"expected days such as 2026-11-22, found {from_day!r} and {to_day!r}") from error
    if not 0 <= (last - first).days < DAYS_MAX:
        raise RefusedError(f"expected at most {DAYS_MAX} days one behind the other, found {from_day} to {to_day}")
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def _spans(session: Session, tenant: TenantId, spans: Sequence[tuple[str, str]], shop: str) -> list[Gauges]:
    _days_between(spans[0][0], spans[-1][1])
    if shop:
        own_shop(session, tenant, shop)
    currency = _currency(session, tenant)
    rows = _summed(tenant, (spans[0][0], spans[-1][1]), currency, shop=shop)
    sums = [_Sums() for _ in spans]
    at = 0
    for row in session.execute(rows):
        while row.day > spans[at][1]:
            at += 1
        sums[at].add(row)
    _take_last_stock(session, tenant, sums[-1], spans[-1], currency, shop)
    return [
        Gauges(**_facts(each, from_day, to_day, currency)) for each, (from_day, to_day) in zip(sums, spans, strict=True)
    ]


def _take_last_stock(  # noqa: PLR0917
    session: Session, tenant: TenantId, last: _Sums, span: tuple[str, str], currency: str, shop: str
) -> None:
    """The stock of each shop's own last day: that of today comes at one shop sooner than at another."""
    days = max(span[0], days_before(span[1], LAST_DAYS)), span[1]
    newest = {row.shop_id: row for row in session.execute(_summed(tenant, days, currency, shop=shop, by_shop=True))}
    if newest:
        last.stock = sum(int(row.stock) for row in newest.values())
        last.stock_value_minor = sum(int(row.stock_value_minor) for row in newest.values())
        last.unpriced = max(int(row.unpriced) for row in newest.values())


def _currency(session: Session, tenant: TenantId) -> str:
    """The currency of the newest day with one."""
    rows = tenant_rows(tenant, GaugeDay).where(col(GaugeDay.currency) != "").order_by(col(GaugeDay.day).desc())
    return session.scalar(rows.with_only_columns(col(GaugeDay.currency)).limit(1)) or ""


def _summed(tenant: TenantId, days: tuple[str, str], currency: str, *, shop: str = "", by_shop: bool = False) -> Any:
    rows = tenant_rows(tenant, GaugeDay).where(col(GaugeDay.day) >= days[0], col(GaugeDay.day) <= days[1])
    if shop:
        rows = rows.where(col(GaugeDay.shop_id) == shop)
    in_currency = col(GaugeDay.currency) == currency
    by = (col(GaugeDay.shop_id), col(GaugeDay.day)) if by_shop else (col(GaugeDay.day),)
    columns = (
        *by,
        *(func.sum(getattr(GaugeDay, name)).label(name) for name in SUMS),
        func.aggregate_strings(case((col(GaugeDay.restock_minutes) != "", GaugeDay.restock_minutes)), ",").label(
            "minutes"
        ),
        func.sum(case((in_currency, GaugeDay.taken_value_minor), else_=0)).label("taken_value_minor"),
        func.sum(case((in_currency, GaugeDay.stock_value_minor), else_=0)).label("stock_value_minor"),
        func.sum(GaugeDay.stock).label("stock"),
        func.max(GaugeDay.unpriced).label("unpriced"),
    )
    return rows.with_only_columns(*columns).group_by(*by).order_by(*reversed(by))


def _facts(found: _Sums, from_day: str, to_day: str, currency: str) -> dict[str, Any]:
    sums = found.sums
    return {
        "from_day": from_day,
        "to_day": to_day,
        "complete": _complete(sums),
        "exact": Exact(
            right_ppm=share_ppm(sums["counts_right"], sums["counts"]),
            counts=int(sums["counts"]),
            sure_ppm=round(sums["sure_ppm"] / sums["counts"]) if sums["counts"] else None,
            checks=int(sums["checks"]),
            checks_right_ppm=share_ppm(sums["checks_right"], sums["checks"]),
            checks_off=int(sums["checks_off"]),
        ),
        "fast": Fast(
            restocks=int(sums["restocks"]),
            median_minutes=quantile(found.minutes, 0.5),
            p90_minutes=quantile(found.minutes, 0.9),
        ),
        "frugal": _frugal(found, currency),
    }


def _complete(sums: dict[str, float]) -> Complete:
    taken, missing = max(0.0, sums["taken"]), sums["missing"]
    return Complete(
        fill_ppm=share_ppm(taken, taken + missing),
        taken=int(sums["taken"]),
        missing=round(missing, 2),
        known_by=_known_by(sums),
        empty_ppm=share_ppm(sums["empty_days"], sums["kept_days"]),
        unknown_ppm=share_ppm(sums["unknown_days"], sums["empty_days"]),
    )


def _known_by(sums: dict[str, float]) -> KnownBy:
    if not sums["empty_days"]:
        return "never_empty"
    by_forecast, by_past = sums["missing_forecast"], sums["missing"] - sums["missing_forecast"]
    if by_forecast > 0 and by_past > 0.005:
        return "both"
    if by_forecast > 0:
        return "forecast"
    return "unknown" if sums["unknown_days"] >= sums["empty_days"] * 0.999 else "past"


def _frugal(found: _Sums, currency: str) -> Frugal:
    taken, visits = found.sums["taken"], int(found.sums["visits"])
    by_value = found.taken_value_minor > 0 and found.stock_value_minor > 0
    stock, used = (found.stock_value_minor, found.taken_value_minor) if by_value else (found.stock, taken)
    return Frugal(
        visits=visits,
        visits_per_100=round(100 * visits / taken, 2) if taken > 0 else None,
        stock=found.stock,
        stock_value_minor=found.stock_value_minor,
        taken_value_minor=found.taken_value_minor,
        currency=currency,
        stock_days=round(stock * len(found.days) / used, 1) if used > 0 else None,
        unpriced=found.unpriced,
    )


def share_ppm(part: float, whole: float) -> int | None:
    """A share in parts per million, rounded down, so that only all is all; None of nothing."""
    return min(PPM, max(0, int(part / whole * PPM))) if whole > 0 else None


def quantile(values: Iterable[int], share: float) -> int | None:
    """The least value that a share of all does not exceed; None of none."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)] if ordered else None


def worst_first(shops: Iterable[ShopGauges], gauge: str) -> list[ShopGauges]:
    """Shops by one of the gauges, those with nothing to tell of last (`NotFoundError`)."""
    if gauge not in WORST:
        raise NotFoundError(f"expected one of {', '.join(WORST)}, found {gauge!r}")
    value = WORST[gauge]
    return sorted(shops, key=lambda shop: (value(shop) is None, -(value(shop) or 0.0)))


def _less(value: int | None) -> float | None:
    return None if value is None else -float(value)


WORST: dict[str, Any] = {  # the greater, the worse
    "complete": lambda shop: _less(shop.complete.fill_ppm),
    "exact": lambda shop: _less(shop.exact.right_ppm),
    "fast": lambda shop: shop.fast.median_minutes,
    "frugal": lambda shop: shop.frugal.stock_days,
}
