"""How well a dealer serves: the four gauges, parts and shops in classes, and what a higher service level costs."""

from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Response

from cloud.api.access import AllServices, NeedsTenant, refusals
from cloud.api.asked import HERE, Limit, ShopId, gives_file, saved_file
from cloud.replenishment.gauges import classing, reading, service_levels
from cloud.replenishment.gauges.classing import PartClasses, ShopGrade
from cloud.replenishment.gauges.part_classes import Thresholds
from cloud.replenishment.gauges.service_levels import PartGain, Scope, ServiceLevels
from cloud.replenishment.gauges.views import Gauges, ShopGauges, Span
from cloud.shop_plan import own_shop
from cloud.tenancy import NotFoundError, TenantId

router = APIRouter(prefix="/api", tags=["gauges"], responses=HERE)
Planning = Annotated[TenantId, Depends(NeedsTenant("see_planning"))]
Day = Annotated[str, Query(max_length=10, description="a shop's day; empty: the newest", examples=["2026-11-16"])]
By = Annotated[Span, Query(description="how long each of them is")]
Days = Annotated[int, Query(ge=1, le=reading.DAYS_MAX, description="how many days, the last one with them")]
Category = Annotated[str | None, Query(max_length=40, description="only this one; left out: all", examples=["wearing"])]
BAD_DAY = refusals(_422="no such day, or too many of them")
OF_SHOP = refusals(_404="no such shop, or not yours", _422="no such day, or too many of them")
NO_CURVE = refusals(_404="no such shop, or not yours", _422="no such category")
T = TypeVar("T")


def thresholds(
    *,
    share: Annotated[float, Query(ge=0, le=100, description="of a large part, times the average")] = 1.0,
    growth: Annotated[float, Query(ge=-1, le=10, description="from which on a part grows")] = 0.10,
    a: Annotated[float, Query(ge=0, le=1, description="of all value, what A parts make")] = 0.80,
    b: Annotated[float, Query(ge=0, le=1, description="what A and B parts make")] = 0.95,
    x: Annotated[float, Query(ge=0, le=100, description="variation up to which a part is X")] = 0.5,
    y: Annotated[float, Query(ge=0, le=100, description="up to which it is Y")] = 1.0,
) -> Thresholds:
    """Where the classes part."""
    return Thresholds(share, growth, a, b, x, y)


Limits = Annotated[Thresholds, Depends(thresholds)]


@router.get("/gauges", summary="The four gauges of all shops together, one span behind the other", responses=BAD_DAY)
def gauges(
    tenant: Planning, services: AllServices, *, by: By = "week", to_day: Day = "", days: Days = 182
) -> list[Gauges]:
    """The newest last. The last one may be cut off, and so may the first."""
    with services.database.reading_as(tenant) as session:
        last = to_day or reading.newest_day(session, tenant)
        if last is None:
            return []
        return reading.gauges_over_time(session, tenant, (reading.first_of(last, days), last), by)


@router.get(
    "/gauges/shops",
    summary="The four gauges of every shop over one span, the worst first",
    responses=refusals(_404="the cursor is none of this list", _422="no such day, or too many of them"),
)
def shops(
    tenant: Planning,
    services: AllServices,
    *,
    by: Annotated[Literal["complete", "exact", "fast", "frugal"], Query(description="worst by which")] = "complete",
    to_day: Day = "",
    days: Days = reading.SPAN_DAYS,
    cursor: Annotated[str, Query(max_length=200, description="the last shop of the page before")] = "",
    limit: Limit = 50,
) -> list[ShopGauges]:
    """Shops with nothing to tell of come last."""
    with services.database.reading_as(tenant) as session:
        last = to_day or reading.newest_day(session, tenant)
        found = reading.shop_gauges(session, tenant, reading.first_of(last, days), last) if last else []
    rows = reading.worst_first(found, by)
    return _behind(rows, [row.shop for row in rows], cursor)[:limit]


@router.get("/shops/{shop}/gauges", summary="The four gauges of a shop, one span behind the other", responses=OF_SHOP)
def shop_gauges(
    shop: ShopId, tenant: Planning, services: AllServices, *, by: By = "week", to_day: Day = "", days: Days = 182
) -> list[Gauges]:
    """The newest last."""
    with services.database.reading_as(tenant) as session:
        last = to_day or reading.newest_day(session, tenant, shop)
        if last is None:
            own_shop(session, tenant, shop)
            return []
        return reading.gauges_over_time(session, tenant, (reading.first_of(last, days), last), by, shop)


@router.get(
    "/classes/parts",
    summary="Parts in the BCG matrix, in ABC by value and XYZ by variation, the one of most value first",
    responses=refusals(_404="the cursor is none of this list"),
)
def parts(
    tenant: Planning,
    services: AllServices,
    limits: Limits,
    *,
    cursor: Annotated[str, Query(max_length=200, description="the last part of the page before")] = "",
    limit: Limit = 100,
) -> PartClasses:
    """Of the last 52 whole weeks, made anew every week."""
    with services.database.reading_as(tenant) as session:
        found = classing.part_classes(session, tenant, limits)
    wanted = _behind(found.parts, [row.part.number for row in found.parts], cursor)[:limit]
    return found.model_copy(update={"parts": wanted})


@router.get(
    "/classes/parts.csv",
    summary="All parts with their classes, as a file",
    responses=gives_file("text/csv", "a row a part"),
    response_class=Response,
)
def parts_csv(tenant: Planning, services: AllServices, limits: Limits) -> Response:
    """As spreadsheets read it."""
    with services.database.reading_as(tenant) as session:
        found = classing.part_classes(session, tenant, limits)
    name = f"classes-{found.until_day or 'none'}.csv"
    return saved_file(classing.classes_csv(found.parts).encode(), "text/csv; charset=utf-8", name)


@router.get(
    "/classes/shops",
    summary="Shops graded ABC by what they use, those that fade first",
    responses=refusals(_404="the cursor is none of this list"),
)
def shop_grades(
    tenant: Planning,
    services: AllServices,
    *,
    cursor: Annotated[str, Query(max_length=200, description="the last shop of the page before")] = "",
    limit: Limit = 50,
) -> list[ShopGrade]:
    """By whole weeks."""
    with services.database.reading_as(tenant) as session:
        rows = classing.shop_grades(session, tenant)
    return _behind(rows, [row.shop for row in rows], cursor)[:limit]


@router.get("/service-level", summary="What each service level would hold and cost", responses=NO_CURVE)
def service_level(
    tenant: Planning,
    services: AllServices,
    *,
    shop: Annotated[str, Query(max_length=200, description="only this shop", examples=["shop-1"])] = "",
    category: Category = None,
) -> ServiceLevels:
    """By the newest planning run."""
    with services.database.reading_as(tenant) as session:
        return service_levels.service_levels(session, tenant, Scope(shop, category))


@router.get(
    "/service-level/parts",
    summary="The parts whose stock an aim would change most",
    responses=refusals(_422="no such category"),
)
def service_level_parts(
    tenant: Planning,
    services: AllServices,
    *,
    aim_ppm: Annotated[int, Query(ge=0, le=1_000_000, description="of the curve's points", examples=[980_000])],
    category: Category = None,
    limit: Limit = 12,
) -> list[PartGain]:
    """Of all shops; empty for an aim that is none of the curve's points."""
    with services.database.reading_as(tenant) as session:
        service_levels.check(session, tenant, Scope("", category))
        return service_levels.gains(session, tenant, [aim_ppm], category, limit)[aim_ppm]


def _behind(rows: list[T], names: list[str], cursor: str) -> list[T]:
    """What comes behind the one named `cursor` (`NotFoundError`)."""
    if not cursor:
        return rows
    if cursor not in names:
        raise NotFoundError(f"expected the last of a page of this list as cursor, found {cursor!r}")
    return rows[names.index(cursor) + 1 :]
