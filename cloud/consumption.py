"""What a shop consumed, by part and over time.

Consumption is what shop and job accounts gained: taken, less returned. A correction counts at the time of the
movement it corrects, so that yesterday's mistake does not show as today's gain. Reads only.
"""

from collections import defaultdict
from typing import Any, Literal

from sqlalchemy import BigInteger, exists, func, literal_column, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from cloud.history import movement_lines
from cloud.shop_plan import ShopPlan, plan_of
from cloud.tables import Movement, Posting
from cloud.tenancy import TenantId, owned
from cloud.views import Consumption, ConsumptionBucket

Bucket = Literal["hour", "day"]
BUCKET_MS: dict[Bucket, int] = {"hour": 3_600_000, "day": 86_400_000}


def bucket_start_ms(time_ms: int, bucket: Bucket, utc_offset_min: int) -> int:
    """The start of the hour or day of a time, by the wall clock `utc_offset_min` ahead of UTC."""
    width_ms, ahead_ms = BUCKET_MS[bucket], utc_offset_min * 60_000
    return (time_ms + ahead_ms) // width_ms * width_ms - ahead_ms


def consumption(
    session: Session,
    tenant: TenantId,
    shop: str,
    *,
    from_ms: int,
    to_ms: int,
    bucket: Bucket = "day",
    utc_offset_min: int = 0,
    cabinet: str = "",
) -> Consumption:
    """Net consumption of a shop (or one of its cabinets) from `from_ms` until before `to_ms` (`NotFoundError`)."""
    plan = plan_of(session, tenant, shop)
    start_ms = bucket_start_ms(from_ms, bucket, utc_offset_min)
    times_ms = (start_ms, from_ms, to_ms)
    sums = _sums(session, tenant, shop, cabinet=cabinet, times_ms=times_ms, width_ms=BUCKET_MS[bucket])
    return Consumption(
        from_ms=from_ms,
        to_ms=to_ms,
        bucket=bucket,
        buckets=_buckets(plan, sums, start_ms, BUCKET_MS[bucket]),
        totals=_totals(plan, sums, from_ms),
    )


def _sums(
    session: Session, tenant: TenantId, shop: str, *, cabinet: str, times_ms: tuple[int, int, int], width_ms: int
) -> dict[tuple[int, str], int]:
    """Net quantity by (number of the bucket, part)."""
    start_ms, from_ms, to_ms = times_ms
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for rows, when_ms in (_on_their_own(tenant, shop), _corrections(tenant, shop)):
        # Literals, so that PostgreSQL sees one expression in SELECT and GROUP BY; both are integers of ours.
        number = (when_ms - literal_column(str(start_ms), BigInteger)) // literal_column(str(width_ms), BigInteger)
        wanted = rows.where(
            when_ms >= from_ms,
            when_ms < to_ms,
            or_(col(Posting.account).like("shop:%"), col(Posting.account).like("job:%")),
        )
        if cabinet:
            wanted = wanted.where(col(Movement.cabinet) == cabinet)
        summed = wanted.with_only_columns(number, col(Posting.part), func.sum(Posting.quantity))
        for index, part, quantity in session.execute(summed.group_by(number, col(Posting.part))):
            sums[int(index), part] += int(quantity)
    return {key: quantity for key, quantity in sums.items() if quantity}


def _on_their_own(tenant: TenantId, shop: str) -> tuple[SelectOfScalar[Movement], Any]:
    """What counts at its own time: found by it, through an index. So does a correction of what is not held here."""
    corrected = aliased(Movement)
    known = exists().where(
        col(corrected.shop_id) == col(Movement.shop_id),
        col(corrected.id) == col(Movement.corrects),
        owned(tenant, corrected),
    )
    rows = movement_lines(tenant).where(col(Movement.shop_id) == shop, or_(col(Movement.corrects) == "", ~known))
    return rows, col(Movement.occurred_ms)


def _corrections(tenant: TenantId, shop: str) -> tuple[SelectOfScalar[Movement], Any]:
    """What counts at the time of what it corrects: there are few."""
    corrected = aliased(Movement)
    rows = (
        movement_lines(tenant)
        .join(
            corrected,
            (col(corrected.shop_id) == col(Movement.shop_id))
            & (col(corrected.id) == col(Movement.corrects))
            & owned(tenant, corrected),
        )
        .where(col(Movement.shop_id) == shop, col(Movement.corrects) != "")
    )
    return rows, col(corrected.occurred_ms)


def _buckets(plan: ShopPlan, sums: dict[tuple[int, str], int], start_ms: int, width_ms: int) -> list[ConsumptionBucket]:
    return [
        ConsumptionBucket(start_ms=start_ms + index * width_ms, part=plan.part_name(part), quantity=quantity)
        for (index, part), quantity in sorted(sums.items())
    ]


def _totals(plan: ShopPlan, sums: dict[tuple[int, str], int], from_ms: int) -> list[ConsumptionBucket]:
    totals: dict[str, int] = defaultdict(int)
    for (_, part), quantity in sums.items():
        totals[part] += quantity
    most_first = sorted(totals.items(), key=lambda total: (-total[1], total[0]))
    return [
        ConsumptionBucket(start_ms=from_ms, part=plan.part_name(part), quantity=quantity)
        for part, quantity in most_first
        if quantity
    ]
