"""Claims as pages and the API show them: with their steps, their take, and what may follow. Reads only."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col

from cloud.shop_plan import ShopPlan
from cloud.tables import Claim, ClaimStep, Job
from cloud.tenancy import TenantId, tenant_rows
from cloud.work.claims import NEXT, ClaimError, prices_of, steps_of
from cloud.work.consumed import lines_of_movement
from cloud.work.shop_rows import ShopRows
from cloud.work.sources import source_name
from cloud.work.vehicles import vehicles_named
from cloud.work.views import ClaimState, ClaimStepView, ClaimView


def list_claims(
    rows: ShopRows,
    tenant: TenantId,
    plan: ShopPlan,
    *,
    state: str = "all",
    after: str = "",
    limit: int = 50,
    with_prices: bool = True,
) -> list[ClaimView]:
    """A shop's claims, the last made first; `state` "open": those that nobody decided."""
    wanted = tenant_rows(tenant, Claim).where(col(Claim.shop_id) == rows.shop)
    if state != "all":
        wanted = wanted.where(_in_state(tenant, state))
    if after:
        wanted = wanted.where(_behind(after))
    newest = wanted.order_by(col(Claim.made_ms).desc(), col(Claim.id))
    return claim_views(rows, tenant, plan, rows.session.exec(newest.limit(limit)).all(), with_prices=with_prices)


def _in_state(tenant: TenantId, state: str) -> ColumnElement[bool]:
    of_claim = tenant_rows(tenant, ClaimStep).where(
        col(ClaimStep.shop_id) == col(Claim.shop_id), col(ClaimStep.claim) == col(Claim.id)
    )
    last = of_claim.with_only_columns(func.max(col(ClaimStep.number))).correlate(Claim).scalar_subquery()
    states = ("opened", "received") if state == "open" else (state,)
    return of_claim.where(col(ClaimStep.number) == last, col(ClaimStep.state).in_(states)).correlate(Claim).exists()


def claims_of_jobs(
    rows: ShopRows, tenant: TenantId, plan: ShopPlan, jobs: Sequence[str], *, with_prices: bool
) -> list[ClaimView]:
    """The claims about what some jobs used."""
    wanted = (
        tenant_rows(tenant, Claim)
        .where(col(Claim.shop_id) == rows.shop, col(Claim.job).in_(jobs))
        .order_by(col(Claim.made_ms).desc(), col(Claim.id))
    )
    return claim_views(rows, tenant, plan, rows.session.exec(wanted).all() if jobs else [], with_prices=with_prices)


def claim_views(
    rows: ShopRows, tenant: TenantId, plan: ShopPlan, claims: Sequence[Claim], *, with_prices: bool = True
) -> list[ClaimView]:
    """Claims with their steps."""
    if not claims:
        return []
    steps = steps_of(rows, tenant, claims)
    jobs = {row.id: row for row in rows.session.exec(rows.of(Job).where(col(Job.id).in_({c.job for c in claims})))}
    vehicles = vehicles_named(rows, (claim.vehicle for claim in claims))
    prices = prices_of(rows, tenant, claims) if with_prices else {}
    taken = {c.movement: _taken_ms(rows, tenant, c) for c in claims}
    views = []
    for claim in claims:
        job, vehicle, price = jobs.get(claim.job), vehicles.get(claim.vehicle), prices.get(claim.id)
        own = steps[claim.id]
        views.append(
            ClaimView(
                **claim.model_dump(include={"id", "kind", "quantity", "movement", "line", "reason", "made_ms", "job"}),
                shop=claim.shop_id,
                state=cast(ClaimState, own[-1].state),
                part=plan.part_name(claim.part),
                taken_ms=taken[claim.movement],
                job_title=job.title if job else "",
                vehicle=vehicle.id if vehicle else "",
                plate=vehicle.plate if vehicle else (job.plate if job else ""),
                made_by=source_name(claim.made_by, plan),
                credit_minor=own[-1].credit_minor if with_prices and own[-1].state == "accepted" else None,
                currency=price.currency if price else "",
                usual_credit_minor=price.price_minor * claim.quantity if price else None,
                steps=[_step_view(plan, step, with_prices=with_prices) for step in own],
                next_states=list(NEXT[own[-1].state]),
                cursor=f"{claim.made_ms}.{claim.id}",
            )
        )
    return views


def _step_view(plan: ShopPlan, step: ClaimStep, *, with_prices: bool) -> ClaimStepView:
    return ClaimStepView(
        number=step.number,
        state=cast(ClaimState, step.state),
        at_ms=step.made_ms,
        by=source_name(step.made_by, plan),
        note=step.note,
        credit_minor=step.credit_minor if with_prices else 0,
    )


def _taken_ms(rows: ShopRows, tenant: TenantId, claim: Claim) -> int:
    found = lines_of_movement(rows.session, tenant, rows.shop, claim.movement)
    return found[0].origin_ms if found else claim.made_ms


def _behind(after: str) -> ColumnElement[bool]:
    number, _, name = after.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 17 and name) or "\0" in after:
        raise ClaimError(f"expected the end of a page as after, found {after[:60]!r}")
    made_ms = int(number)
    return or_(col(Claim.made_ms) < made_ms, (col(Claim.made_ms) == made_ms) & (col(Claim.id) > name))
