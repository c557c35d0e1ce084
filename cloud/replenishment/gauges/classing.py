"""A dealer's parts and shops in their classes, as pages and the API show them. Reads only."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from pydantic import Field
from sqlmodel import Session, col

from cloud.many_rows import among
from cloud.replenishment.gauges.part_classes import Abc, Bcg, Classed, PartUse, Thresholds, Xyz, classed
from cloud.replenishment.gauges.reading import days_before, newest_day
from cloud.replenishment.gauges.service_levels import part_name_of
from cloud.replenishment.gauges.shop_grades import Grade, Graded, ShopUse, graded
from cloud.tables import CataloguePart, GaugeDay, PartYear, Shop
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import PartName, View
from cloud.work.money import amount_text
from cloud.work.vehicle_file import safe_cell

WEEKS = 52
HALF_DAYS = 182
COLUMNS = (
    "part", "name_zh", "name_en", "brand", "category", "unit", "used_half_year", "used_half_year_before", "growth",
    "value", "currency", "share", "variation", "abc", "xyz", "bcg", "shops",
)  # fmt: skip


class PartClass(View):
    """A part with its classes; null where it cannot be said."""

    part: PartName
    category: str = Field(examples=["wearing"])
    used: int = Field(description="in the last 26 weeks, all shops", examples=[412])
    before: int = Field(description="in the 26 weeks before them", examples=[380])
    value_minor: int | None = Field(description="of what was used; null: no price", examples=[2801600])
    currency: str = Field(examples=["CNY"])
    share: float = Field(description="of all value", examples=[0.031])
    growth: float | None = Field(examples=[0.08])
    variation: float | None = Field(description="of a week's use: standard deviation by mean", examples=[0.42])
    abc: Abc | None
    xyz: Xyz | None
    bcg: Bcg | None
    shops: int = Field(description="that used it in the year", examples=[17])


class PartClasses(View):
    """All parts that were used in a year, the one of most value first."""

    until_day: str = Field(description="the Monday behind the last week; empty: nothing is known yet")
    parts: list[PartClass]


class ShopGrade(View):
    """A shop's grade, and whether what it uses is fading."""

    shop: str = Field(examples=["shop-1"])
    shop_name: str = Field(examples=["城东卡车维修"])
    grade: Grade
    value_minor: int = Field(description="used in the last 26 weeks", examples=[1796155])
    currency: str = Field(examples=["CNY"])
    fading: bool = Field(description="less than its past and the other shops' season say, by more than noise")
    recent: int = Field(description="pieces of the last 8 weeks", examples=[120])
    expected: float | None = Field(description="of them, by its past; null: too little is known", examples=[188.5])
    chance: float | None = Field(description="of so little if nothing had changed", examples=[0.002])
    weeks: list[int | None] = Field(description="pieces of 52 weeks, the last one last; null before it began")
    expected_weeks: list[float | None]


def part_classes(session: Session, tenant: TenantId, limits: Thresholds) -> PartClasses:
    """Every part that was used."""
    rows = {row.part: row for row in session.exec(tenant_rows(tenant, PartYear))}
    known: dict[str, CataloguePart] = {}
    for some in among(rows):
        own = tenant_rows(tenant, CataloguePart).where(col(CataloguePart.number).in_(some))
        known |= {row.number: row for row in session.exec(own)}
    currency = next(iter(Counter(row.currency for row in rows.values() if row.currency).most_common(1)), ("",))[0]
    uses = [
        PartUse(
            row.part,
            tuple(map(int, row.weeks.split(","))),
            row.price_minor if row.currency == currency else -1,  # amounts of two currencies are never added
            known[row.part].unit if row.part in known else "piece",
        )
        for row in rows.values()
    ]
    return PartClasses(
        until_day=max((row.until_day for row in rows.values()), default=""),
        parts=[_part(each, rows[each.use.part], known.get(each.use.part)) for each in classed(uses, limits)],
    )


def _part(found: Classed, row: PartYear, known: CataloguePart | None) -> PartClass:
    use = found.use
    name = part_name_of(known) if known else PartName(number=use.part, name_zh=use.part, name_en=use.part)
    return PartClass(
        part=name,
        category=known.category if known else "",
        used=use.used,
        before=use.before,
        value_minor=use.value_minor,
        currency=row.currency,
        share=round(found.share, 6),
        growth=None if found.growth is None else round(found.growth, 4),
        variation=None if found.variation is None else round(found.variation, 4),
        abc=found.abc,
        xyz=found.xyz,
        bcg=found.bcg,
        shops=row.shops,
    )


def shop_grades(session: Session, tenant: TenantId) -> list[ShopGrade]:
    """Shops that fade first, then by value; by the whole weeks before the newest day."""
    today = newest_day(session, tenant)
    if today is None:
        return []
    monday = days_before(today, date.fromisoformat(today).weekday())
    begin = days_before(monday, 7 * WEEKS)
    named = ("shop_id", "day", "taken", "taken_value_minor", "currency")
    columns = [col(getattr(GaugeDay, name)) for name in named]
    rows = tenant_rows(tenant, GaugeDay).where(col(GaugeDay.day) >= begin, col(GaugeDay.day) < monday)
    weeks: dict[str, list[int | None]] = defaultdict(lambda: [None] * WEEKS)
    value: dict[str, int] = defaultdict(int)
    currency = ""
    first, half = date.fromisoformat(begin), days_before(monday, HALF_DAYS)
    for shop, day, taken, worth, said in session.execute(rows.with_only_columns(*columns)):
        at = (date.fromisoformat(day) - first).days // 7
        weeks[shop][at] = (weeks[shop][at] or 0) + taken
        value[shop] += worth if day >= half else 0
        currency = said or currency
    names = {row.id: row.name for row in session.exec(tenant_rows(tenant, Shop))}
    uses = [ShopUse(shop, tuple(used), value[shop]) for shop, used in sorted(weeks.items()) if shop in names]
    return [_shop(each, names[each.use.shop], currency) for each in graded(uses)]


def _shop(found: Graded, name: str, currency: str) -> ShopGrade:
    return ShopGrade(
        shop=found.use.shop,
        shop_name=name,
        grade=found.grade,
        value_minor=found.use.value_minor,
        currency=currency,
        fading=found.fading,
        recent=found.recent,
        expected=None if found.expected is None else round(found.expected, 1),
        chance=None if found.chance is None else round(found.chance, 6),
        weeks=list(found.use.weeks),
        expected_weeks=[None if each is None else round(each, 2) for each in found.expected_weeks],
    )


def classes_csv(parts: Sequence[PartClass]) -> str:
    """A row a part. Read by spreadsheets as UTF-8 by its first sign."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in parts:
        writer.writerow(_cells(each))
    return out.getvalue()


def _cells(each: PartClass) -> tuple[object, ...]:
    texts = (each.part.number, each.part.name_zh, each.part.name_en, each.part.brand, each.category)
    return (
        *map(safe_cell, texts),
        each.part.unit,
        each.used,
        each.before,
        "" if each.growth is None else each.growth,
        "" if each.value_minor is None else amount_text(each.value_minor, each.currency),
        each.currency,
        each.share,
        "" if each.variation is None else each.variation,
        each.abc or "",
        each.xyz or "",
        each.bcg or "",
        each.shops,
    )
