"""Planning: what a dealer aims at, the policies that come of it, persons' levels, and the runs that compute them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.api.asked import HERE, TIME_MS_MAX, Limit, ShopId
from cloud.identity import SignedIn
from cloud.replenishment import overrides as persons
from cloud.replenishment import planning_runs, policies
from cloud.replenishment.aims import FIELDS, LIMITS, Aims, aims_of, said_by
from cloud.replenishment.policy_views import AimView, FillView, OverrideView, PolicyCard, PolicyView, RunView
from cloud.replenishment.telling import aim_at
from cloud.tenancy import TenantId

router = APIRouter(prefix="/api", tags=["planning"], responses=HERE)

PlanningTenant = Annotated[TenantId, Depends(NeedsTenant("see_planning"))]
Planner = Annotated[SignedIn, Depends(Needs("edit_policy"))]
Name = Annotated[str, Field(min_length=1, max_length=200)]
BinNumber = Annotated[int, Field(ge=1, le=64, examples=[1])]
Level = Annotated[int, Field(ge=0, le=persons.LEVEL_MAX)]


class NewAim(BaseModel):
    """What is aimed at for a shop, a category, both, or (neither) for everything. What is left out, wider rows say."""

    shop: str = Field(default="", max_length=200, description="empty: every shop", examples=["shop-1"])
    category: Literal["", "appearance", "chassis", "engine", "electrical", "wearing"] = ""
    mode: Literal["fill", "cost"] | None = None
    fill_ppm: int | None = Field(default=None, ge=LIMITS["fill_ppm"][0], le=LIMITS["fill_ppm"][1], examples=[960_000])
    shortage_ratio_milli: int | None = Field(
        default=None,
        ge=LIMITS["shortage_ratio_milli"][0],
        le=LIMITS["shortage_ratio_milli"][1],
        description="what a missing piece costs a day, in thousandths of what holding one does",
    )
    lead_days: int | None = Field(default=None, ge=LIMITS["lead_days"][0], le=LIMITS["lead_days"][1])
    review_days: int | None = Field(default=None, ge=LIMITS["review_days"][0], le=LIMITS["review_days"][1])
    holding_ppm: int | None = Field(
        default=None, ge=LIMITS["holding_ppm"][0], le=LIMITS["holding_ppm"][1], description="of the price, a year"
    )
    line_minor: int | None = Field(
        default=None, ge=LIMITS["line_minor"][0], le=LIMITS["line_minor"][1], description="what bringing a line costs"
    )
    by_forecast: bool | None = Field(default=None, description="whether the gateways get the policies")

    def said(self) -> dict[str, str | int]:
        """The fields that were given."""
        found = {name: getattr(self, name) for name in FIELDS}
        return {name: int(value) if name != "mode" else value for name, value in found.items() if value is not None}


class NewOverride(BaseModel):
    """Levels for a part in a bin until a time."""

    cabinet: Annotated[Name, Field(examples=["cab-1"])]
    bin: BinNumber
    part: Annotated[Name, Field(examples=["WK-1060"])]
    reorder_point: Annotated[Level, Field(examples=[3])]
    order_up_to: Annotated[Level, Field(examples=[12])]
    until_ms: int = Field(ge=0, le=TIME_MS_MAX, examples=[1795478400000])
    why: str = Field(default="", max_length=persons.WHY_CHARACTERS_MAX, examples=["旺季"])


@router.get("/planning/aims", summary="What is aimed at, the widest first")
def aims(
    tenant: PlanningTenant,
    services: AllServices,
    *,
    cursor: Annotated[str, Query(max_length=400, description="shop and category of the last, as shop/category")] = "",
    limit: Limit = 50,
) -> list[AimView]:
    """The row of everything is always there; others only where they say something."""
    with services.database.reading_as(tenant) as session:
        found = aims_of(session, tenant.dealer)
    views = [
        _view(found, *key) for key in dict.fromkeys((("", ""), *((row.shop_id, row.category) for row in found.rows())))
    ]
    behind = [view for view in views if not cursor or (view.shop, view.category) > _key(cursor)]
    return behind[:limit]


def _key(cursor: str) -> tuple[str, str]:
    shop, _, category = cursor.rpartition("/")
    return shop, category


def _view(found: Aims, shop: str, category: str) -> AimView:
    row = found.said(shop, category)
    counts = found.of(shop, category)
    return AimView(
        shop=shop,
        category=category,
        said=said_by(row) if row else {},
        counts={name: getattr(counts, name) for name in FIELDS},
    )


@router.put(
    "/planning/aims",
    summary="Say what is aimed at",
    responses=refusals(_404="no such shop, or not yours", _422="it cannot be aimed at so"),
)
def change_aim(wanted: NewAim, person: Planner, services: AllServices) -> AimView:
    """In place of what was said there. Levels follow with the next run; whether gateways get them, at once."""
    with services.database.writing_as(person.tenant) as session:
        aim_at(session, person, (wanted.shop, wanted.category), wanted.said(), services.now_ms())
        return _view(aims_of(session, person.dealer), wanted.shop, wanted.category)


@router.get("/planning/fill", summary="What was promised and what was reached, by class of demand")
def fill(tenant: PlanningTenant, services: AllServices) -> list[FillView]:
    """Of bins whose gateway works by the forecast."""
    with services.database.reading_as(tenant) as session:
        return policies.fills(session, tenant)


@router.get(
    "/planning/runs",
    summary="Planning runs, the last first",
    responses=refusals(_404="the cursor is none of this list"),
)
def runs(
    tenant: PlanningTenant,
    services: AllServices,
    *,
    cursor: Annotated[str, Query(max_length=200, description="the id of the last one of the page before")] = "",
    limit: Limit = 50,
) -> list[RunView]:
    """Each with the methods that were chosen and what their backtest said."""
    with services.database.reading_as(tenant) as session:
        return planning_runs.runs(session, tenant, cursor=cursor, limit=limit)


@router.post(
    "/planning/runs",
    summary="Have the policies computed now",
    status_code=202,
    responses=refusals(_409="a run goes on"),
)
def start_run(person: Planner, services: AllServices) -> RunView:
    """It begins within seconds, or when another one has ended; the list says when it is over."""
    with services.database.writing_as(person.tenant) as session:
        return planning_runs.ask(session, person, services.now_ms())


@router.get(
    "/shops/{shop}/policies",
    summary="The policies of a shop's bins",
    responses=refusals(_404="no such shop, or the cursor is none of this list"),
)
def shop_policies(
    shop: ShopId,
    tenant: PlanningTenant,
    services: AllServices,
    *,
    cabinet: Annotated[str, Query(max_length=200, description="only this one", examples=["cab-1"])] = "",
    cursor: Annotated[str, Query(max_length=500, description="cabinet/bin/part of the last of the page before")] = "",
    limit: Limit = 50,
) -> list[PolicyView]:
    """In order of place; bins for which nothing was computed yet are not among them."""
    with services.database.reading_as(tenant) as session:
        return policies.policies(session, tenant, shop, services.now_ms(), cabinet=cabinet, cursor=cursor, limit=limit)


@router.get(
    "/shops/{shop}/policy",
    summary="The policy of a part in a bin, with its forecast by week and why",
    responses=refusals(_404="no such shop, or no policy was computed for such a bin"),
)
def one_policy(
    shop: ShopId,
    tenant: PlanningTenant,
    services: AllServices,
    *,
    cabinet: Annotated[str, Query(max_length=200, examples=["cab-1"])],
    number: Annotated[int, Query(alias="bin", ge=1, le=64, examples=[1])],
    part: Annotated[str, Query(max_length=200, examples=["WK-1060"])],
) -> PolicyCard:
    """What was asked for lately, what is expected, and what holds."""
    with services.database.reading_as(tenant) as session:
        return policies.policy_card(session, tenant, shop, (cabinet, number, part), services.now_ms())


@router.get(
    "/shops/{shop}/overrides",
    summary="Levels that persons have set in a shop, the last first",
    responses=refusals(_404="no such shop, or the cursor is none of this list"),
)
def all_overrides(
    shop: ShopId,
    tenant: PlanningTenant,
    services: AllServices,
    *,
    open_only: bool = False,
    cursor: Annotated[str, Query(max_length=200, description="the id of the last one of the page before")] = "",
    limit: Limit = 50,
) -> list[OverrideView]:
    """Also those that have ended."""
    with services.database.reading_as(tenant) as session:
        return persons.overrides(
            session, tenant, shop, services.now_ms(), open_only=open_only, cursor=cursor, limit=limit
        )


@router.post(
    "/shops/{shop}/overrides",
    summary="Set levels for a part in a bin until a day",
    status_code=201,
    responses=refusals(_404="no such bin, or not yours", _422="it cannot be set so"),
)
def make_override(shop: ShopId, wanted: NewOverride, person: Planner, services: AllServices) -> OverrideView:
    """It goes before what is computed, and ends by itself."""
    asked = persons.Asked(shop, **wanted.model_dump())
    with services.database.writing_as(person.tenant) as session:
        return persons.make(session, person, asked, services.now_ms())


@router.post(
    "/shops/{shop}/overrides/{override}/end",
    summary="End a person's levels before their day",
    responses=refusals(_404="no such levels, or not yours", _409="they have ended"),
)
def end_override(
    shop: ShopId, override: Annotated[str, Path(max_length=200)], person: Planner, services: AllServices
) -> OverrideView:
    """What is computed holds again when the gateway has heard of it."""
    with services.database.writing_as(person.tenant) as session:
        return persons.end(session, person, shop, override, services.now_ms())
