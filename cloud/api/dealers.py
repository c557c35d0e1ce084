"""What a dealer sees: shops, stock, consumption, history and the next round. Every route asks for a right."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from cloud import consumption, fleet, history, stock, verdicts
from cloud.api.access import AllServices, NeedsTenant, refusals
from cloud.replenishment import requested
from cloud.tenancy import TenantId
from cloud.views import (
    BinStock,
    CabinetOverview,
    Consumption,
    DiscrepancyView,
    LedgerHeld,
    MovementView,
    QuarantinedItem,
    SessionView,
    ShopOverview,
    ShopRound,
    VerdictView,
)

DAY_MS = 86_400_000
TIME_MS_MAX = 2**53

router = APIRouter(
    prefix="/api",
    tags=["dealers"],
    responses=refusals(_401="nobody is signed in", _403="your role does not allow it"),
)
NO_SHOP = refusals(_404="no such shop, or not yours")
NO_PAGE = refusals(_404="no such shop, or the cursor is none of its list")

StockTenant = Annotated[TenantId, Depends(NeedsTenant("see_stock"))]
SessionsTenant = Annotated[TenantId, Depends(NeedsTenant("see_sessions"))]
ConsumptionTenant = Annotated[TenantId, Depends(NeedsTenant("see_consumption"))]
ShopId = Annotated[str, Path(max_length=200, examples=["shop-1"])]
CabinetId = Annotated[str, Path(max_length=200, examples=["cab-1"])]
OneCabinet = Annotated[str, Query(description="only this cabinet", max_length=200, examples=["cab-1"])]
OneSession = Annotated[str, Query(description="the session's id", max_length=200, examples=["cab-1/6f1c20aa/17"])]
Limit = Annotated[int, Query(ge=1, le=history.ROWS_MAX)]
Cursor = Annotated[str, Query(max_length=200, description="the id of the last one of the page before")]
Before = Annotated[int | None, Query(description="only what is older", ge=0, le=TIME_MS_MAX)]
TimeMs = Annotated[int | None, Query(ge=0, le=TIME_MS_MAX, description="milliseconds since 1970-01-01 UTC")]


@router.get("/shops", summary="Every shop of yours, when it was last heard of and what needs somebody")
def shops(tenant: StockTenant, services: AllServices) -> list[ShopOverview]:
    """The dealer's shops."""
    with services.database.reading_as(tenant) as session:
        return fleet.shops(session, tenant, services.now_ms())


@router.get("/shops/{shop}/cabinets", summary="The cabinets of a shop", responses=NO_SHOP)
def cabinets(shop: ShopId, tenant: StockTenant, services: AllServices) -> list[CabinetOverview]:
    """The cabinets of a shop."""
    with services.database.reading_as(tenant) as session:
        return fleet.cabinets(session, tenant, shop, services.now_ms())


@router.get("/shops/{shop}/cabinets/{cabinet}/bins", summary="A cabinet's bins: stock and policy", responses=NO_SHOP)
def bins(shop: ShopId, cabinet: CabinetId, tenant: StockTenant, services: AllServices) -> list[BinStock]:
    """The bins of a cabinet."""
    with services.database.reading_as(tenant) as session:
        return stock.bins(session, tenant, shop, cabinet, services.now_ms())


@router.get(
    "/shops/{shop}/consumption",
    summary="What was consumed over time, less what was given back or corrected",
    responses=NO_SHOP,
)
def consumed(
    shop: ShopId,
    tenant: ConsumptionTenant,
    services: AllServices,
    *,
    from_ms: TimeMs = None,
    to_ms: TimeMs = None,
    bucket: consumption.Bucket = "day",
    utc_offset_min: Annotated[int, Query(ge=-840, le=840, description="whose midnight a day begins at")] = 0,
    cabinet: OneCabinet = "",
) -> Consumption:
    """Consumption of the last 30 days, or of the given time."""
    end_ms = services.now_ms() + 1 if to_ms is None else to_ms
    with services.database.reading_as(tenant) as session:
        return consumption.consumption(
            session,
            tenant,
            shop,
            from_ms=max(0, end_ms - 30 * DAY_MS) if from_ms is None else from_ms,
            to_ms=end_ms,
            bucket=bucket,
            utc_offset_min=utc_offset_min,
            cabinet=cabinet,
        )


@router.get("/shops/{shop}/sessions", summary="Who opened a cabinet and what was booked", responses=NO_PAGE)
def sessions(
    shop: ShopId,
    tenant: SessionsTenant,
    services: AllServices,
    *,
    cabinet: OneCabinet = "",
    before_ms: Before = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> list[SessionView]:
    """Finished sessions, newest first."""
    with services.database.reading_as(tenant) as session:
        return history.sessions(session, tenant, shop, cabinet=cabinet, before_ms=before_ms, cursor=cursor, limit=limit)


@router.get(
    "/shops/{shop}/verdicts", summary="What was counted in a session, how sure that is, and by what", responses=NO_SHOP
)
def counted(shop: ShopId, session: OneSession, tenant: SessionsTenant, services: AllServices) -> list[VerdictView]:
    """The verdicts on one session, bin by bin; a bin that was decided again has several."""
    with services.database.reading_as(tenant) as reading:
        return verdicts.verdicts(reading, tenant, shop, session)


@router.get("/shops/{shop}/movements", summary="The ledger's movements with their postings", responses=NO_PAGE)
def movements(
    shop: ShopId,
    tenant: SessionsTenant,
    services: AllServices,
    *,
    cabinet: OneCabinet = "",
    before_ms: Before = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> list[MovementView]:
    """Movements, newest first."""
    with services.database.reading_as(tenant) as session:
        return history.movements(
            session, tenant, shop, cabinet=cabinet, before_ms=before_ms, cursor=cursor, limit=limit
        )


@router.get("/shops/{shop}/discrepancies", summary="What evidence and ledger cannot agree on", responses=NO_PAGE)
def discrepancies(
    shop: ShopId,
    tenant: SessionsTenant,
    services: AllServices,
    *,
    cabinet: OneCabinet = "",
    open_only: bool = True,
    cursor: Cursor = "",
    limit: Limit = 200,
) -> list[DiscrepancyView]:
    """Discrepancies, newest first; only open ones unless asked."""
    with services.database.reading_as(tenant) as session:
        return history.discrepancies(
            session, tenant, shop, cabinet=cabinet, open_only=open_only, cursor=cursor, limit=limit
        )


@router.get(
    "/shops/{shop}/quarantine", summary="What gateways sent and could not be booked, and why", responses=NO_SHOP
)
def quarantine(
    shop: ShopId, tenant: SessionsTenant, services: AllServices, *, limit: Limit = 100
) -> list[QuarantinedItem]:
    """Quarantined items, newest first."""
    with services.database.reading_as(tenant) as session:
        return history.quarantined(session, tenant, shop, limit=limit)


@router.get("/shops/{shop}/ledger", summary="What the cloud holds of a shop's ledger", responses=NO_SHOP)
def ledger_held(shop: ShopId, tenant: SessionsTenant, services: AllServices) -> LedgerHeld:
    """Counts and balances, to compare with the gateway's own."""
    with services.database.reading_as(tenant) as session:
        return stock.ledger_held(session, tenant, shop)


@router.get("/replenishment", summary="What to bring to each shop on the next round")
def to_bring(tenant: StockTenant, services: AllServices) -> list[ShopRound]:
    """Open requests by shop and part, the longest waiting shop first."""
    with services.database.reading_as(tenant) as session:
        return requested.to_bring(session, tenant, services.now_ms())
